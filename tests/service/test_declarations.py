"""What is declared of an operation is what it does: a declaration that is wrong shows at once.

The contract suite carries out every declared move on the fake. Here each field of each declaration
is replaced, and some outcome of the operation has to be another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from types import ModuleType
from typing import Any

import pytest
from shop_calls import APP, DEV, run
from states_by_name import REQUESTS, STATES, request, seen

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.provenance import Provenance
from pytest_amplifybackend._service import handlers, reference
from pytest_amplifybackend._service.handlers import OPERATIONS
from pytest_amplifybackend._service.operations import Declaration, DeclarationError

NONSENSE = "nonsense"
SHOWN_IN_DOCS = ("during", "evidence")
"""What the documents are made of; nothing that an operation does depends on it everywhere."""


def nothing(fake: FakeAmplifyBackend) -> None:
    """There is no app."""


def no_environments(fake: FakeAmplifyBackend) -> None:
    fake.add_app(APP)
    run(fake, "DeleteBackend", DEV)


def enabling(fake: FakeAmplifyBackend) -> None:
    fake.add_app(APP)
    fake.call("CreateBackendConfig", {"AppId": APP})


OTHERS = {
    "RemoveAllBackends": no_environments,
    "UpdateBackendConfig": enabling,
    "RemoveBackendConfig": enabling,
    "CreateBackendStorage": STATES["auth", "absent"],
    "ImportBackendStorage": STATES["auth", "absent"],
    "GenerateBackendAPIModels": STATES["api", "absent"],
}
"""States besides those of the entity on which some operations depend."""


def outcomes(declared: Declaration) -> list[Any]:
    """What comes of an operation under a declaration, from every state that it can depend on."""
    original = OPERATIONS[declared.name]
    starts = [STATES[original.entity or "", state] for state in (*original.moves, *original.rules)]
    starts += [
        STATES[other, state] for other, (moves, _) in original.also.items() for state in moves
    ]
    starts += [nothing, OTHERS.get(declared.name, nothing)]
    return [outcome(declared, start, failed=failed) for start in starts for failed in (False, True)]


def outcome(declared: Declaration, start: Callable[..., object], *, failed: bool) -> list[Any]:
    """The answer to one call, its job at work and ended in one of both ways, and what it left."""
    fake = FakeAmplifyBackend(jobs=progress.manual())
    entity = OPERATIONS[declared.name].entity or "environment"
    start(fake)
    name: Any = declared.name
    params = REQUESTS[declared.name] if start is nothing else request(fake, declared.name, entity)
    fake._backend.operations = {**OPERATIONS, declared.name: declared}
    found = [attempt(lambda: fake.call(name, params))]
    for job in fake.jobs:
        found += [job.environment, attempt(lambda: fake.call("GetBackend", DEV))]
        if job.status == "PENDING":
            end = fake.jobs.fail if failed else fake.jobs.finish
            found.append(attempt(lambda end=end, job=job: end(job.id)))
    fake._backend.operations = OPERATIONS
    return [
        *found,
        attempt(lambda: fake.call("GetBackend", DEV)),
        attempt(lambda: seen(fake, entity)),
    ]


def attempt(act: Callable[[], Any]) -> str:
    """What something comes to, an error or a crash included."""
    try:
        return repr(act())
    except Exception as error:  # noqa: BLE001  # a wrong declaration may lead to any
        return repr(error)


def replaced() -> Iterator[Any]:
    """Every field of every declaration with another value than the declared one."""
    for name, declared in OPERATIONS.items():
        for field, value in others(declared):
            label = value if isinstance(value, str) else ""
            yield pytest.param(name, field, value, id=f"{name}-{field}{label and '-'}{label}")


def others(declared: Declaration) -> Iterator[tuple[str, Any]]:
    for field in fields(declared):
        value = getattr(declared, field.name)
        if field.name in ("name", "handler", "rejected_at_once") or value in (
            None,
            {},
            (),
            frozenset(),
        ):
            continue
        yield from ((field.name, other) for other in instead(field.name, value, declared))


def instead(field: str, value: Any, declared: Declaration) -> Iterator[Any]:
    """Values that are wrong in one respect each."""
    if field == "entity":
        yield "token" if value != "token" else "studio"
    elif field == "moves":
        for source in value:
            yield {**value, source: NONSENSE}
            yield {state: target for state, target in value.items() if state != source}
    elif field == "rules":
        for state, rule in value.items():
            other = "studio.enabled" if rule != "studio.enabled" else "auth.exists"
            yield {**value, state: other}
            yield {one: kept for one, kept in value.items() if one != state}
    elif field == "needs":
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
    elif field == "filed_under":
        if declared.makes_job:
            yield lambda params: "elsewhere"
    elif field == "also":
        yield {
            entity: (dict.fromkeys(moves, NONSENSE), tag) for entity, (moves, tag) in value.items()
        }
    elif field == "evidence":
        yield next(tag for tag in Provenance if tag != value)
    elif field in ("requires", "omits"):
        yield type(value)()
    elif field in ("leave", "completed"):
        yield None
    else:
        yield NONSENSE


def test_every_operation_of_the_api_is_declared() -> None:
    assert handlers.compared().keys() == catalogue.operations().keys()


def test_two_declarations_of_one_operation_are_named_with_their_places() -> None:
    modules = [ModuleType("handlers.studio"), ModuleType("handlers.jobs")]
    for module, handler in zip(modules, ("list_tokens", "list_jobs"), strict=True):
        setattr(module, handler, Declaration("ListTokens"))
    with pytest.raises(DeclarationError, match=r"by studio\.list_tokens and by jobs\."):
        handlers.collected(modules)


def test_a_declaration_may_be_imported_by_another_file() -> None:
    modules = [ModuleType("handlers.studio"), ModuleType("handlers.jobs")]
    declared = Declaration("ListTokens")
    for module in modules:
        vars(module)["list_tokens"] = declared
    assert handlers.collected(modules) == {"ListTokens": declared}


def test_a_call_names_what_is_modeled_and_not_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers.compared.cache_clear()
    declared = {name: one for name, one in OPERATIONS.items() if name != "GetToken"}
    monkeypatch.setattr(handlers, "OPERATIONS", declared)
    with pytest.raises(DeclarationError, match=r"model\.json has GetToken, .* add one"):
        FakeAmplifyBackend().call("ListS3Buckets", {})


def test_a_declaration_of_what_is_not_modeled_is_named() -> None:
    with pytest.raises(DeclarationError, match=r"declares GetTokens, which .* correct the name"):
        handlers.compare([*OPERATIONS, "GetTokens"], OPERATIONS)


@pytest.mark.parametrize(("name", "field", "value"), list(replaced()))
def test_another_value_is_noticed(
    name: str, field: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = OPERATIONS[name]
    wrong = replace(declared, **{field: value})
    if field in SHOWN_IN_DOCS:
        before = reference.operations_table(), reference.diagram()
        monkeypatch.setattr(reference, "OPERATIONS", {**OPERATIONS, name: wrong})
        assert (reference.operations_table(), reference.diagram()) != before
    else:
        assert outcomes(wrong) != outcomes(declared)
