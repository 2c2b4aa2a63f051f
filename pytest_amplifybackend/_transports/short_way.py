"""The short way of a call: botocore's request is not made, since nobody will see it.

A call that the fake answers inside botocore ends before anything is sent. Of the steps up to then
two are for the request alone: to find the endpoint, and to serialize the params, which is half of
what a short call costs. So the endpoint is found once for a client, and of serialization only the
validation is done. All events are emitted as ever, but for ``before-endpoint-resolution``.

What is passed over could be seen by a handler of that event or of ``before-call``; so with any
that is not botocore's or the fake's own, the call goes the long way, as it does with all else that
is not as it was when this was written. ``AMPLIFYBACKEND_LONG_WAY`` in the environment turns it off.
"""

from __future__ import annotations

import json
import os
from typing import Any

from botocore import client as botocore_client
from botocore.exceptions import ParamValidationError
from botocore.validate import ParamValidationDecorator

from pytest_amplifybackend._api.catalogue import SERVICE
from pytest_amplifybackend._transports.activation import SERVED_BY

_PACKAGE = __name__.partition(".")[0]
SWITCH = "AMPLIFYBACKEND_LONG_WAY"
_TAKEN = "amplifybackend_short_way"
_NAMES = ("_resolve_endpoint_ruleset", "_convert_to_request_dict")
_SIGNING = ("auth_type", "signing")
"""What finding an endpoint leaves in the context of a call."""


class ShortWay:
    """The two steps for the calls of one client that are ``served`` by the fake."""

    def __init__(self, client: Any, served: Any) -> None:
        self._client = client
        self._class = type(client)
        self._served = served
        self._seen: dict[str, Any] = {}
        self._endpoint: tuple[Any, dict[str, Any]] | None = None

    def take(self) -> None:
        """Let calls go this way from now on; does nothing where it is not known to be safe."""
        self._steps = _steps(self._class)
        if SWITCH not in os.environ and self._is_as_known():
            self._client._resolve_endpoint_ruleset = self._resolve  # noqa: SLF001  # see above
            self._client._convert_to_request_dict = self._convert  # noqa: SLF001  # see above

    def leave(self) -> None:
        """Let calls go the long way again."""
        for name in _NAMES:
            vars(self._client).pop(name, None)

    def _resolve(self, model: Any, params: Any, request_context: Any, **options: Any) -> Any:
        """``_resolve_endpoint_ruleset``, which gives the same for every call of a client."""
        resolve, _ = _steps(self._class)
        if options or not self._applies(model, params, request_context):
            return resolve(self._client, model, params, request_context, **options)
        request_context[_TAKEN] = True
        if self._endpoint is None:
            found = resolve(self._client, model, params, request_context)
            left = {name: request_context[name] for name in _SIGNING if name in request_context}
            self._endpoint = found, left
            return found
        (url, headers, properties), left = self._endpoint
        request_context.update(left)
        if "signing" in left:
            request_context["signing"] = dict(left["signing"])
        return url, dict(headers), properties

    def _convert(
        self, api_params: Any, operation_model: Any, endpoint_url: Any, context: Any, **options: Any
    ) -> Any:
        """``_convert_to_request_dict``: the validation, and a request without a content."""
        if _TAKEN not in context:
            _, convert = _steps(self._class)
            return convert(
                self._client, api_params, operation_model, endpoint_url, context, **options
            )
        validator = self._client._serializer._param_validator  # noqa: SLF001  # see above
        report = validator.validate(api_params, operation_model.input_shape)
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())
        return {"url": endpoint_url, "headers": {}, "body": b"", "context": context}

    def _applies(self, model: Any, params: Any, context: Any) -> bool:
        """Whether a call is the fake's to answer, and nobody else sees what is passed over."""
        events = self._client.meta.events._emitter  # noqa: SLF001  # see above
        return (
            context.get(SERVED_BY) is self._served
            and model.input_shape is not None
            and _steps(self._class) == self._steps
            and type(self._client._serializer) is ParamValidationDecorator  # noqa: SLF001  # see above
            and self._is_unheard(events, f"before-endpoint-resolution.{SERVICE}")
            and self._is_unheard(events, f"before-call.{SERVICE}.{model.name}")
            and _is_plain(params)
        )

    def _is_as_known(self) -> bool:
        """Whether botocore has what this relies on, and nobody has replaced the two steps."""
        emitter = getattr(self._client.meta.events, "_emitter", None)
        return (
            self._client.meta.service_model.service_name == SERVICE
            and all(
                getattr(each, "__globals__", None) is vars(botocore_client) for each in self._steps
            )
            and isinstance(getattr(emitter, "_lookup_cache", None), dict)
            and hasattr(getattr(emitter, "_handlers", None), "prefix_search")
            and hasattr(getattr(self._client, "_serializer", None), "_param_validator")
        )

    def _is_unheard(self, emitter: Any, event: str) -> bool:
        """Whether only botocore and the fake listen; a new handler makes emitters look up anew."""
        handlers = emitter._lookup_cache.get(event)  # noqa: SLF001  # see above
        if handlers is None:
            handlers = emitter._handlers.prefix_search(event)  # noqa: SLF001  # see above
        if self._seen.get(event) is not handlers:
            if not all(map(_is_own, handlers)):
                return False
            self._seen[event] = handlers
        return True


def _steps(client_class: Any) -> tuple[Any, ...]:
    return tuple(getattr(client_class, name, None) for name in _NAMES)


def _is_own(handler: Any) -> bool:
    return getattr(handler, "__module__", "").partition(".")[0] in ("botocore", _PACKAGE)


def _is_plain(params: Any) -> bool:
    """Whether botocore could serialize params: a text may be none that can be encoded."""
    try:
        return _ENCODER.encode(params).isascii()
    except (TypeError, ValueError, RecursionError):
        return False


_ENCODER = json.JSONEncoder(ensure_ascii=False)
