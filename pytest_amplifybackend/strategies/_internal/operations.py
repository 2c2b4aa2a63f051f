"""Strategies for whole requests, for each of the operations of the service model."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._rules import limits, table
from pytest_amplifybackend._rules.constraints import Needs, OneOf
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend._tracebacks import hides_arguments
from pytest_amplifybackend.strategies._internal import names
from pytest_amplifybackend.strategies._internal.api import draw_api_config
from pytest_amplifybackend.strategies._internal.auth import draw_auth_config
from pytest_amplifybackend.strategies._internal.plan import Pick, Plan, enums, warm
from pytest_amplifybackend.strategies._internal.storage import draw_storage_config, login_configs
from pytest_amplifybackend.strategies._internal.values import Request, UnknownOperation

_Config = Callable[[Pick], dict[str, Any]]

CONFIGS: dict[str, _Config] = {
    "CreateBackend": lambda pick: {},
    "CreateBackendAuth": functools.partial(draw_auth_config, update=False),
    "UpdateBackendAuth": functools.partial(draw_auth_config, update=True),
    "CreateBackendAPI": functools.partial(draw_api_config, update=False),
    "UpdateBackendAPI": functools.partial(draw_api_config, update=True),
    "DeleteBackendAPI": functools.partial(draw_api_config, update=False),
    "GetBackendAPI": functools.partial(draw_api_config, update=False),
    "CreateBackendStorage": functools.partial(draw_storage_config, update=False),
    "UpdateBackendStorage": functools.partial(draw_storage_config, update=True),
}
"""How the ``ResourceConfig`` of an operation is drawn."""

_WHOLE = limits.MAX_RESULTS
_RESULTS = st.one_of(
    st.integers(_WHOLE.least, _WHOLE.most), st.sampled_from((_WHOLE.least, _WHOLE.most))
)
_APP_NAMES = st.text(names.WRITING, min_size=1, max_size=30)
_STATUSES = st.sampled_from(limits.JOB_STATUSES)
_TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=40)
_COIN = st.booleans()

NEVER_DRAWN = {("ListBackendJobs", "NextToken")}
"""Members that only an answer can give; an invented one is refused (rule jobs.token)."""

_OPTIONS = {
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
def requests(
    operation: str | None = None, **members: SearchStrategy[Any]
) -> SearchStrategy[Request]:
    """Requests that the service accepts and, with the resources in place, carries out.

    ``operation`` narrows to one operation. Each keyword gives the strategy for one member:
    ``app_ids``, ``app_names``, ``environment_names``, ``target_environment_names``,
    ``resource_names``, ``resource_configs``, ``bucket_names``, ``job_ids``, ``session_ids``
    and ``user_pool_ids``; an optional member for which a strategy is given is always there.
    User pools are those of us-east-1 unless you say otherwise. Raises InvalidArgument for an
    unknown operation or keyword, or a keyword whose member the operation does not have.
    """
    return drawn_requests(operation_names(operation, "requests"), Plan(), members)


def operation_names(operation: str | None, function: str) -> tuple[str, ...]:
    """The operations that are meant; raises UnknownOperation."""
    known = tuple(catalogue.operations())
    if operation is None:
        return known
    if operation not in known:
        raise UnknownOperation(
            f"{function}({operation!r}): unknown operation, {errors.nearest(str(operation), known)}"
        )
    return (operation,)


def drawn_requests(
    operations: tuple[str, ...], steer: Plan, members: dict[str, SearchStrategy[Any]]
) -> SearchStrategy[Request]:
    """Requests of some operations that follow a plan; ``members`` as in requests()."""
    warm()
    given = {}
    for keyword, strategy in members.items():
        if keyword not in _OPTIONS:
            raise InvalidArgument(
                f"requests() has no option {keyword!r}: {errors.nearest(keyword, _OPTIONS)}"
            )
        if not isinstance(strategy, SearchStrategy):
            raise InvalidArgument(
                f"requests(): {keyword} must be a strategy, such as st.just(...), not a value of "
                f"type {type(strategy).__name__}."
            )
        given[_OPTIONS[keyword]] = strategy
        if not any(_OPTIONS[keyword] in _shape(name).members for name in operations):
            raise InvalidArgument(
                f"requests({', '.join(operations)}, {keyword}=...) cannot be: the operation has "
                f"no member {_OPTIONS[keyword]}."
            )
    each = [_of_one(name, steer, tuple(given.items())) for name in operations]
    return each[0] if len(each) == 1 else st.sampled_from(each).flatmap(_itself)


def _itself(strategy: SearchStrategy[Request]) -> SearchStrategy[Request]:
    return strategy


def _shape(operation: str) -> Any:
    return catalogue.operations()[operation].input_shape


@functools.lru_cache(maxsize=512)
def _of_one(
    operation: str, steer: Plan, given: tuple[tuple[str, SearchStrategy[Any]], ...]
) -> SearchStrategy[Request]:
    required = {*catalogue.operations()[operation].required, *_needed(operation)}
    offered = dict(given)
    config_steer = steer.below("ResourceConfig")
    login = login_configs(steer.below("LoginAuthConfig"))
    rows: list[tuple[str, bool, SearchStrategy[Any] | None]] = []
    for name in _shape(operation).members:
        if (operation, name) in NEVER_DRAWN:
            continue
        strategy = login if name == "LoginAuthConfig" else offered.get(name)
        if strategy is None and name != "ResourceConfig":
            strategy = _member(operation, name)
        rows.append((name, name in required or name in offered, strategy))

    @st.composite
    def requests(draw: Callable[..., Any]) -> Request:
        pick = Pick(draw, steer)
        params: dict[str, Any] = {}
        for name, always, strategy in rows:
            if strategy is None:
                if always or pick.mostly(name):
                    params[name] = CONFIGS[operation](Pick(draw, config_steer))
            elif always or pick.has(name):
                params[name] = draw(strategy)
        if operation == "CloneBackend":
            _clone_elsewhere(params, offered)
        return Request(operation, params)

    return requests()


def _needed(operation: str) -> tuple[str, ...]:
    """The members that the model lets a request leave out, but a rule does not."""
    return tuple(
        member
        for rule in table.current().of(operation, Layer.PROVISIONING)
        if isinstance(rule.constraint, Needs) and "" in rule.paths
        for member in rule.constraint.members
    )


def _clone_elsewhere(params: dict[str, Any], offered: dict[str, Any]) -> None:
    """Let a clone's target differ from its source, unless a user's strategy gives it."""
    target, source = params["TargetEnvironmentName"], params["BackendEnvironmentName"]
    if target == source and "TargetEnvironmentName" not in offered:
        params["TargetEnvironmentName"] = ("b" if target[0] == "a" else "a") + target[1:]


def _member(operation: str, name: str) -> SearchStrategy[Any]:
    """The strategy for a member of a request other than its config."""
    if name == "ResourceName":
        return names.resource_names(family="auth" if operation.endswith("Auth") else "api")
    for rule in table.current().of(operation, Layer.SERVICE):
        if name in rule.paths and isinstance(rule.constraint, OneOf):
            return st.sampled_from(rule.constraint.values)
    if name == "Operation":
        return st.sampled_from(tuple(catalogue.operations()))
    shape = _shape(operation).members[name]
    if getattr(shape, "enum", None):
        return enums(shape.name)
    return _MEMBERS[name]


_MEMBERS: dict[str, SearchStrategy[Any]] = {
    "AppId": names.app_ids(),
    "AppName": _APP_NAMES,
    "BackendEnvironmentName": names.environment_names(),
    "BackendManagerAppId": names.app_ids(),
    "BucketName": names.bucket_names(),
    "CleanAmplifyApp": _COIN,
    "IdentityPoolId": names.identity_pool_ids(),
    "JobId": names.job_ids(),
    "MaxResults": _RESULTS,
    "NativeClientId": names.client_ids(),
    "NextToken": _TOKENS,
    "SessionId": names.job_ids(),
    "Status": _STATUSES,
    "TargetEnvironmentName": names.environment_names(),
    "UserPoolId": names.user_pool_ids(),
    "WebClientId": names.client_ids(),
}
