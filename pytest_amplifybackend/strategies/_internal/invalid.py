"""Strategies for requests and configs that are certainly rejected, and that say why."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend._tracebacks import hides_arguments
from pytest_amplifybackend.strategies._internal.breaking import break_request, broken_rule
from pytest_amplifybackend.strategies._internal.operations import (
    OPTIONS,
    drawn_requests,
    operation_names,
)
from pytest_amplifybackend.strategies._internal.plan import (
    check_choice,
    check_flags,
    check_options,
    check_texts,
    named,
    one_of,
    warm,
)
from pytest_amplifybackend.strategies._internal.targets import Target, targets
from pytest_amplifybackend.strategies._internal.values import (
    InvalidConfig,
    InvalidRequest,
    InvalidTarget,
    JobFailure,
)

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import OperationName

LayerName = Literal["client", "service", "provisioning"]
_CONFIG = "ResourceConfig"


@hides_arguments
@named
def invalid_requests(
    operation: OperationName | None = None,
    layer: LayerName | Layer | None = None,
    *,
    rule: str | None = None,
    path: str | None = None,
    **members: SearchStrategy[Any],
) -> SearchStrategy[InvalidRequest]:
    """Requests that are rejected by one rule at one path, and are valid but for that.

    ``operation``, ``layer`` (client, service or provisioning), ``rule`` and ``path`` narrow
    what is broken; ``members`` are as in requests(). Provisioning failures come to light once
    the resources that the request names exist. Shrinking may move on to a simpler rule: narrow
    by ``rule`` and ``path`` to keep them. Raises InvalidArgument when no rule is left, or for an
    unknown layer or keyword, and UnknownOperation.
    """
    check_options("invalid_requests", members, ("layer", "operation", "path", "rule", *OPTIONS))
    chosen = _chosen("invalid_requests", operation, layer, rule, path)
    for name in {target.operation for target in chosen} if members else ():
        drawn_requests((name,), chosen[0].plan(), members)  # says at once what is wrong
    return _drawn(chosen, tuple(members.items()), _itself)


@named
def invalid_auth_configs(
    *, update: bool = False, layer: LayerName | Layer | None = None, rule: str | None = None
) -> SearchStrategy[InvalidConfig]:
    """Auth configs that CreateBackendAuth rejects, or UpdateBackendAuth with ``update``."""
    check_flags("invalid_auth_configs", update=update)
    operation = "UpdateBackendAuth" if update else "CreateBackendAuth"
    return _configs("invalid_auth_configs", operation, layer, rule)


@named
def invalid_api_configs(
    *, update: bool = False, layer: LayerName | Layer | None = None, rule: str | None = None
) -> SearchStrategy[InvalidConfig]:
    """API configs that CreateBackendAPI rejects, or UpdateBackendAPI with ``update``."""
    check_flags("invalid_api_configs", update=update)
    operation = "UpdateBackendAPI" if update else "CreateBackendAPI"
    return _configs("invalid_api_configs", operation, layer, rule)


@named
def invalid_storage_configs(
    *, update: bool = False, layer: LayerName | Layer | None = None, rule: str | None = None
) -> SearchStrategy[InvalidConfig]:
    """Storage configs that CreateBackendStorage rejects, or UpdateBackendStorage."""
    check_flags("invalid_storage_configs", update=update)
    operation = "UpdateBackendStorage" if update else "CreateBackendStorage"
    return _configs("invalid_storage_configs", operation, layer, rule)


def invalid_targets(operation: str) -> tuple[InvalidTarget, ...]:
    """Everything in which a request of an operation can be wrong, as for ``parametrize``.

    ``invalid_requests(**target._asdict())`` draws the requests of one. In the order client,
    service, provisioning. Raises UnknownOperation.
    """
    (name,) = operation_names(operation, "invalid_targets")
    return tuple(InvalidTarget(name, str(one.layer), one.rule, one.path) for one in targets(name))


def _chosen(
    function: str,
    operation: str | None,
    layer: str | Layer | None,
    rule: str | None,
    path: str | None = None,
) -> tuple[Target, ...]:
    """The targets that the options leave; raises InvalidArgument when there are none."""
    warm()
    check_choice(function, "layer", None if layer is None else str(layer), map(str, Layer))
    check_texts(function, rule=rule, path=path)
    names = operation_names(operation, function)
    asked = {"layer": None if layer is None else str(layer), "rule": rule, "path": path}
    found = [target for name in names for target in targets(name)]
    for option, wanted in asked.items():
        if wanted is None:
            continue
        left = [target for target in found if str(getattr(target, option)) == wanted]
        if not left:
            used = ", ".join(f"{name}={value!r}" for name, value in asked.items() if value)
            why = _no_such(option, wanted, names, found)
            raise InvalidArgument(f"{function}({used}): no such {option} is left to break; {why}")
        found = left
    return tuple(found)


def _no_such(option: str, wanted: str, operations: tuple[str, ...], found: list[Target]) -> str:
    """Why an option leaves nothing: it is misspelled, is elsewhere, or another one excludes it."""
    if wanted.startswith("schema."):
        return f"draw it with invalid_schemas(rule={wanted!r})"
    everywhere = [target for name in catalogue.operations() for target in targets(name)]
    same = [target for target in everywhere if str(getattr(target, option)) == wanted]
    here = [target for target in same if target.operation in operations]
    if here:
        (first, *more), others = here, {str(getattr(target, option)) for target in found}
        example = f"{first.rule} at {first.path!r} in the layer {first.layer}"
        only = f", here only {', '.join(sorted(others))}" if len(others) < 9 else ""
        return f"there is {example}{' and others' if more else ''}{only}"
    if same and option != "layer":
        return f"it is about {', '.join(sorted({target.operation for target in same}))}"
    return errors.nearest(wanted, dict.fromkeys(str(getattr(one, option)) for one in found))


def _configs(
    function: str, operation: str, layer: str | Layer | None, rule: str | None
) -> SearchStrategy[InvalidConfig]:
    inside = tuple(
        target
        for target in _chosen(function, operation, layer, rule)
        if target.path.startswith(f"{_CONFIG}.")
        or (target.path == _CONFIG and target.rule not in ("client.required", "client.type"))
    )
    if not inside:
        raise InvalidArgument(
            f"{function}(layer={layer!r}, rule={rule!r}): the rule is about the request, "
            "not about its config."
        )
    return _drawn(inside, (), _config_of)


def _config_of(request: InvalidRequest) -> InvalidConfig:
    return InvalidConfig(
        config=request.params[_CONFIG],
        path=request.path.removeprefix(_CONFIG).lstrip("."),
        rule=request.rule,
        layer=request.layer,
        expected=request.expected,
        operation=request.operation,
        change=request.change,
    )


@functools.lru_cache(maxsize=256)
def _drawn(
    chosen: tuple[Target, ...],
    members: tuple[tuple[str, SearchStrategy[Any]], ...],
    made: Callable[[InvalidRequest], Any],
) -> SearchStrategy[Any]:
    """What is made of invalid requests; not by map(), which would show in reprs how it is made."""
    kinds = _by_kind(chosen)
    layers = one_of(tuple(kinds))

    @st.composite
    def invalid(draw: Callable[..., Any]) -> Any:
        rules = kinds[draw(layers)]
        target = draw(one_of(rules[draw(one_of(tuple(rules)))]))
        base = draw(_base(target, members))
        params = copy.deepcopy(base.params)
        change = break_request(draw, target, params)
        rule = broken_rule(target, params)
        return made(
            InvalidRequest(
                operation=target.operation,
                params=params,
                path=target.path,
                rule=rule,
                layer=target.layer,
                expected=_expected(target.layer, rule),
                change=change,
            )
        )

    # Within a list of unique elements hypothesis copies no parts of what it drew before: it would
    # break the same rule at the same place, with other values, five times of six.
    alone = st.lists(invalid(), min_size=1, max_size=1, unique_by=id)

    @st.composite
    def only(draw: Callable[..., Any]) -> Any:
        return draw(alone)[0]

    return only()


def _itself(request: InvalidRequest) -> InvalidRequest:
    return request


def _by_kind(chosen: tuple[Target, ...]) -> dict[Layer, dict[str, tuple[Target, ...]]]:
    """Targets by layer and rule: a few rules have many places, and most layers many rules."""
    kinds: dict[Layer, dict[str, tuple[Target, ...]]] = {}
    for target in chosen:
        rules = kinds.setdefault(target.layer, {})
        rules[target.rule] = (*rules.get(target.rule, ()), target)
    return kinds


@functools.lru_cache(maxsize=4096)
def _base(target: Target, members: tuple[tuple[str, SearchStrategy[Any]], ...]) -> Any:
    return drawn_requests((target.operation,), target.plan(), dict(members))


def _expected(layer: Layer, rule: str) -> type[Exception] | JobFailure:
    if layer is Layer.CLIENT:
        from botocore.exceptions import ParamValidationError

        rejected: type[Exception] = ParamValidationError
        return rejected
    if layer is Layer.SERVICE:
        return errors.BadRequest
    return JobFailure(f"(rule {rule})")
