"""How an operation is declared, and how a declaration is carried out.

A declaration stands above its handler, as its decorator, and is the only place that says what is
particular to the operation. The functions here apply it, so that no handler checks by itself
from which state it may be called, and a declaration that is wrong cannot go unnoticed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.catalogue import FAMILIES
from pytest_amplifybackend._api.provenance import Provenance
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.checking import BrokenRule
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend._rules.states import STATE_RULES, broken
from pytest_amplifybackend._service.entities import ABSENT, STATES

if TYPE_CHECKING:
    from pytest_amplifybackend._service.context import Context

Params = dict[str, Any]
Handler = Callable[["Context", Params], Any]
Guard = Callable[["Context", Params], object]


class DeclarationError(Exception):
    """An operation does not do what is declared of it: a mistake in this package, not in a test."""


def own_environment(params: Params) -> str | None:
    """The environment that the request names."""
    return params.get("BackendEnvironmentName")


def target_environment(params: Params) -> str | None:
    """The environment that a clone makes (assumed: no recorded answer names another)."""
    return str(params["TargetEnvironmentName"])


def whole_app(params: Params) -> str | None:
    """None: every environment of the app (assumed)."""
    return None


def app_exists(context: Context, params: Params) -> None:
    """Raise the rule ``app.missing``."""
    context.app(params["AppId"])


def environment_exists(context: Context, params: Params) -> None:
    """Raise the rules ``app.missing`` or ``environment.missing``."""
    context.environment(params["AppId"], params["BackendEnvironmentName"])


def _no_handler(context: Context, params: Params) -> Any:
    raise DeclarationError("a declaration without a handler: it is to be its decorator.")


@dataclass(frozen=True, slots=True, eq=False)
class Declaration:
    """One operation: what it needs, what it changes, and the handler that does it.

    It decorates the handler, whose name then stands for the whole.

    An operation with a state ``during`` makes a job, and its handler is what the job does at its
    end; any other answers at once with what the handler returns.

    ``moves`` leads from each state of ``entity`` in which the operation works to the state that it
    ends in; ``rules`` names the rule that is broken in any other. A rule of the layer ``service``
    rejects the call, one of the layer ``provisioning`` lets the job fail. ``evidence`` is that of
    the moves. ``also`` holds moves of other entities that the operation may make, each with its
    evidence.

    ``filed_under`` says by which environment the job is found, and which one the operation is
    about. ``needs`` are checked, in order, before anything else; ``requires`` names the rule that
    lets the job fail where there is no resource of a family. ``completed`` gives the request with
    its defaults, as the job carries it out and as its rules see it. After a failed job the state is
    as before, unless ``leave`` brings about another, ``on_failure``.

    ``command`` is the Amplify CLI's, as a failed job's ``Error`` names it. ``omits`` are members of
    the answer that the real service leaves out although the model has them.
    """

    name: str
    _: KW_ONLY
    entity: str | None = None
    moves: Mapping[str, str] = field(default_factory=dict)
    evidence: Provenance | None = None
    during: str | None = None
    rules: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, tuple[Mapping[str, str], Provenance]] = field(default_factory=dict)
    filed_under: Callable[[Params], str | None] = own_environment
    needs: tuple[Guard, ...] = ()
    requires: Mapping[str, str] = field(default_factory=dict)
    completed: Handler | None = None
    on_failure: str | None = None
    leave: Handler | None = None
    command: str | None = None
    omits: frozenset[str] = frozenset()
    handler: Handler = _no_handler
    rejected_at_once: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        at_once = {
            state: rule
            for state, rule in self.rules.items()
            if STATE_RULES[rule].layer is Layer.SERVICE
        }
        object.__setattr__(self, "rejected_at_once", at_once)

    def __call__(self, handler: Handler) -> Declaration:
        """The declaration together with its handler."""
        return replace(self, handler=handler)

    @property
    def makes_job(self) -> bool:
        """Whether the operation answers with a job."""
        return self.during is not None

    def moved(self) -> Iterator[tuple[str, Mapping[str, str], Provenance]]:
        """Each entity that the operation moves, from which states to which, and the evidence."""
        if self.entity is not None and self.evidence is not None:
            yield self.entity, self.moves, self.evidence
        for entity, (moves, evidence) in self.also.items():
            yield entity, moves, evidence

    def failure_text(self, message: str = "") -> str:
        """A failed job's ``Error``, which begins as the recorded ones do (observed)."""
        command = f"/root/.amplify/bin/amplify {self.command}"
        return f"Command failed with exit code 1: {command}\n{message}".rstrip()


def check_at_once(context: Context, declared: Declaration, params: Params) -> None:
    """Raise the service's error for what keeps a job from being accepted, but for another job."""
    for need in declared.needs:
        need(context, params)
    if declared.rejected_at_once and declared.entity is not None:
        state = STATES[declared.entity](context, params, declared.filed_under(params))
        if state in declared.rejected_at_once:
            raise _rejection(context, declared, params, state)


def perform(context: Context, declared: Declaration, params: Params) -> Any:
    """Do what an operation is for; gives what its handler returns.

    Raises the declared rule where the state does not allow it, and DeclarationError where the
    handler leaves another state than the declared one.
    """
    if declared.entity is None:
        return declared.handler(context, params)
    state_of, environment = STATES[declared.entity], declared.filed_under(params)
    state = state_of(context, params, environment)
    target = declared.moves.get(state)
    if target is None:
        raise _rejection(context, declared, params, state)
    if declared.during is not None:
        params = _checked(context, declared, params, state)
    if declared.also:
        answer = _perform_and_compare(context, declared, params)
    else:
        answer = declared.handler(context, params)
    # A token is known by its answer alone.
    after = state_of(context, {**params, **answer} if answer else params, environment)
    if after != target:
        raise DeclarationError(
            f"{declared.name} is declared to leave the {declared.entity} {target}, and left it "
            f"{after}."
        )
    if context.moved is not None:
        context.moved.add((declared.entity, state, target, declared.name))
    return answer


def _checked(context: Context, declared: Declaration, params: Params, state: str) -> Params:
    """The request as the job carries it out, once it keeps the rules of the worker."""
    entity = declared.entity
    if state != ABSENT and entity in FAMILIES:
        resource = context.resources(params)[entity]
        if resource.name != params["ResourceName"]:
            raise broken("resource.not-added", name=params["ResourceName"], category=entity)
    for family, rule in declared.requires.items():
        if family not in context.resources(params):
            raise broken(rule)
    if declared.completed is not None:
        params = declared.completed(context, params)
    for violation in table.current().violations(declared.name, Layer.PROVISIONING, params):
        raise BrokenRule(declared.name, violation)
    return params


def _perform_and_compare(context: Context, declared: Declaration, params: Params) -> Any:
    """Call the handler of an operation that may move other entities, and look how it moves them."""
    where = declared.filed_under(params)
    before = {entity: STATES[entity](context, params, where) for entity in declared.also}
    answer = declared.handler(context, params)
    for entity, (moves, _) in declared.also.items():
        after = STATES[entity](context, params, where)
        if after not in (before[entity], moves.get(before[entity])):
            raise DeclarationError(
                f"{declared.name} is not declared to move {entity} from {before[entity]} to "
                f"{after}."
            )
    return answer


def perform_failure(context: Context, declared: Declaration, params: Params) -> None:
    """Leave behind what a failed job leaves."""
    if declared.leave is None or declared.entity is None:
        return
    declared.leave(context, params)
    after = STATES[declared.entity](context, params, declared.filed_under(params))
    if after != declared.on_failure:
        raise DeclarationError(
            f"a failed {declared.name} is declared to leave the {declared.entity} "
            f"{declared.on_failure}, and left it {after}."
        )


def failed_moves(
    context: Context, declared: Declaration, params: Params
) -> Iterator[tuple[str, str, str, str]]:
    """How a job that is about to fail moves its entity, if it can from the state there is."""
    entity = declared.entity
    if entity is not None:
        with contextlib.suppress(errors.ServiceError):  # such as an app that is gone
            state = STATES[entity](context, params, declared.filed_under(params))
            if state in declared.moves:
                yield entity, state, declared.on_failure or state, f"{declared.name} FAILED"


def _rejection(context: Context, declared: Declaration, params: Params, state: str) -> Exception:
    """The error of the rule that is broken in a state."""
    rule = declared.rules.get(state)
    if rule is None:
        return DeclarationError(
            f"{declared.name} is not declared for a {declared.entity} that is {state}."
        )
    existing = ""
    if declared.entity in FAMILIES and state != ABSENT:
        existing = context.resources(params)[declared.entity].key
    return broken(
        rule,
        app=params["AppId"],
        environment=declared.filed_under(params),
        session=params.get("SessionId"),
        name=params.get("ResourceName", ""),
        existing=existing,
    )
