"""Strategies for whole requests, for each of the operations of the service model."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._tracebacks import hides_arguments
from pytest_amplifybackend.strategies._internal.accepting import accepted_but_for
from pytest_amplifybackend.strategies._internal.api import draw_api_config
from pytest_amplifybackend.strategies._internal.auth import draw_auth_config
from pytest_amplifybackend.strategies._internal.plan import Hook, Pick, Plan, named, warm
from pytest_amplifybackend.strategies._internal.storage import draw_login_config
from pytest_amplifybackend.strategies._internal.structures import structure
from pytest_amplifybackend.strategies._internal.values import Request, UnknownOperation

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import OperationName

HOOKS: dict[str, Hook] = {
    "CreateBackendAuth": draw_auth_config,
    "UpdateBackendAuth": draw_auth_config,
    "CreateBackendAPI": draw_api_config,
    "UpdateBackendAPI": draw_api_config,
    "DeleteBackendAPI": draw_api_config,
    "GetBackendAPI": draw_api_config,
}
"""What draws the ``ResourceConfig`` of an operation where its members depend on each other."""

OPTIONS = {
    "app_ids": "AppId",
    "app_names": "AppName",
    "environment_names": "BackendEnvironmentName",
    "target_environment_names": "TargetEnvironmentName",
    "resource_names": "ResourceName",
    "resource_configs": "ResourceConfig",
    "bucket_names": "BucketName",
    "job_ids": "JobId",
    "session_ids": "SessionId",
    "user_pool_ids": "UserPoolId",
}
"""The keyword of requests() that narrows each member."""


@hides_arguments
@named
def requests(
    operation: OperationName | None = None, **members: SearchStrategy[Any]
) -> SearchStrategy[Request]:
    """Requests that the service accepts and, with the resources in place, carries out.

    ``operation`` narrows to one operation. Each keyword gives the strategy for one member:
    ``app_ids``, ``app_names``, ``environment_names``, ``target_environment_names``,
    ``resource_names``, ``resource_configs``, ``bucket_names``, ``job_ids``, ``session_ids``
    and ``user_pool_ids``; an optional member that has a strategy of the caller's is always there.
    User pools are those of us-east-1 unless you say otherwise. Raises InvalidArgument for an
    unknown operation or keyword, or a keyword whose member the operation does not have.
    """
    return drawn_requests(operation_names(operation, "requests"), Plan(), members)


def operation_names(operation: str | None, function: str) -> tuple[str, ...]:
    """The operations that are meant; raises UnknownOperation."""
    known = tuple(catalogue.operations())
    if operation is None:
        return known
    found = catalogue.find(operation) if isinstance(operation, str) else None
    if found is None:
        raise UnknownOperation(
            f"{function}({operation!r}): unknown operation, {errors.nearest(str(operation), known)}"
        )
    return (found,)


def drawn_requests(
    operations: tuple[str, ...], steer: Plan, members: dict[str, SearchStrategy[Any]]
) -> SearchStrategy[Request]:
    """Requests of some operations that follow a plan; ``members`` as in requests()."""
    warm()
    given = {}
    for keyword, strategy in members.items():
        if keyword not in OPTIONS:
            raise InvalidArgument(
                f"requests() has no option {keyword!r}: {errors.nearest(keyword, OPTIONS)}"
            )
        if not isinstance(strategy, SearchStrategy):
            raise InvalidArgument(
                f"requests(): {keyword} must be a strategy, such as st.just(...), not a value of "
                f"type {type(strategy).__name__}."
            )
        given[OPTIONS[keyword]] = strategy
        if not any(OPTIONS[keyword] in _shape(name).members for name in operations):
            raise InvalidArgument(
                f"requests({', '.join(operations)}, {keyword}=...): the operation has "
                f"no member {OPTIONS[keyword]}."
            )
    each = [_of_one(name, steer, tuple(given.items())) for name in operations]
    return each[0] if len(each) == 1 else st.one_of(each)


def never_drawn(operation: str) -> frozenset[str]:
    """The members that only an earlier answer can give: an operation rejects an invented token.

    A NextToken without MaxResults is reserved, and nothing looks at it.
    """
    paging = frozenset({"MaxResults", "NextToken"})
    return frozenset({"NextToken"}) if paging <= _shape(operation).members.keys() else frozenset()


def _shape(operation: str) -> Any:
    return catalogue.operations()[operation].input_shape


@functools.lru_cache(maxsize=512)
def _of_one(
    operation: Any, steer: Plan, given: tuple[tuple[str, SearchStrategy[Any]], ...]
) -> SearchStrategy[Request]:
    offered = dict(given)
    hooks: dict[str, Hook] = {"LoginAuthConfig": draw_login_config}
    hooks["ResourceConfig"] = HOOKS.get(operation, structure)
    steered = replace(steer, avoided=steer.avoided | never_drawn(operation))

    @st.composite
    def requests(draw: Callable[..., Any]) -> Request:
        params = structure(Pick(draw, steered, operation, hooks, offered), "")
        if operation == "CloneBackend" and "TargetEnvironmentName" not in offered:
            _clone_elsewhere(params)
        return Request(operation, params)

    return requests().filter(accepted_but_for(offered))


def _clone_elsewhere(params: dict[str, Any]) -> None:
    """Let a clone's target differ from its source."""
    target, source = params["TargetEnvironmentName"], params["BackendEnvironmentName"]
    if target == source:
        params["TargetEnvironmentName"] = ("b" if target[0] == "a" else "a") + target[1:]
