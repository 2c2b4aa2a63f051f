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
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend._tracebacks import hides_arguments
from pytest_amplifybackend.strategies._internal.breaking import break_request, broken_rule
from pytest_amplifybackend.strategies._internal.operations import drawn_requests, operation_names
from pytest_amplifybackend.strategies._internal.plan import warm
from pytest_amplifybackend.strategies._internal.targets import Target, targets
from pytest_amplifybackend.strategies._internal.values import (
    InvalidConfig,
    InvalidRequest,
    JobFailure,
)

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import OperationName

LayerName = Literal["client", "service", "provisioning"]
_CONFIG = "ResourceConfig"


@hides_arguments
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
    chosen = _chosen("invalid_requests", operation, layer, rule, path)
    for name in {target.operation for target in chosen} if members else ():
        drawn_requests((name,), chosen[0].plan(), members)  # says at once what is wrong
    return _requests(chosen, tuple(members.items()))


def invalid_auth_configs(
    *, update: bool = False, layer: LayerName | Layer | None = None, rule: str | None = None
) -> SearchStrategy[InvalidConfig]:
    """Auth configs that CreateBackendAuth rejects, or UpdateBackendAuth with ``update``."""
    operation = "UpdateBackendAuth" if update else "CreateBackendAuth"
    return _configs("invalid_auth_configs", operation, layer, rule)


def invalid_api_configs(
    *, update: bool = False, layer: LayerName | Layer | None = None, rule: str | None = None
) -> SearchStrategy[InvalidConfig]:
    """API configs that CreateBackendAPI rejects, or UpdateBackendAPI with ``update``."""
    operation = "UpdateBackendAPI" if update else "CreateBackendAPI"
    return _configs("invalid_api_configs", operation, layer, rule)


def invalid_storage_configs(
    *, update: bool = False, layer: LayerName | Layer | None = None, rule: str | None = None
) -> SearchStrategy[InvalidConfig]:
    """Storage configs that CreateBackendStorage rejects, or UpdateBackendStorage."""
    operation = "UpdateBackendStorage" if update else "CreateBackendStorage"
    return _configs("invalid_storage_configs", operation, layer, rule)


def _chosen(
    function: str,
    operation: str | None,
    layer: str | Layer | None,
    rule: str | None,
    path: str | None = None,
) -> tuple[Target, ...]:
    """The targets that the options leave; raises InvalidArgument when there are none."""
    warm()
    layers = [str(known) for known in Layer]
    if layer is not None and str(layer) not in layers:
        raise InvalidArgument(
            f"{function}(layer={layer!r}): unknown layer; {errors.nearest(str(layer), layers)}"
        )
    found = tuple(
        target
        for name in operation_names(operation, function)
        for target in targets(name)
        if (layer is None or str(target.layer) == str(layer))
        and (rule is None or target.rule == rule)
        and (path is None or target.path == path)
    )
    if not found:
        raise InvalidArgument(
            f"{function}(operation={operation!r}, layer={layer!r}, rule={rule!r}, path={path!r}) "
            "leaves no rule: none of that name is about that place in that layer."
        )
    return found


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
    return _requests(inside, ()).map(_config_of)


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
def _requests(
    chosen: tuple[Target, ...], members: tuple[tuple[str, SearchStrategy[Any]], ...]
) -> SearchStrategy[InvalidRequest]:
    which = st.sampled_from(chosen)

    @st.composite
    def invalid_requests(draw: Callable[..., Any]) -> InvalidRequest:
        target = draw(which)
        base = draw(_base(target, members))
        params = copy.deepcopy(base.params)
        change = break_request(draw, target, params)
        rule = broken_rule(target, params)
        return InvalidRequest(
            operation=target.operation,
            params=params,
            path=target.path,
            rule=rule,
            layer=target.layer,
            expected=_expected(target.layer, rule),
            change=change,
        )

    return invalid_requests()


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
