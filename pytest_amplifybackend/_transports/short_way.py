"""The short way of a call: botocore's request is not made, since nobody will see it.

The endpoint is found once for a client, and params that are sure to be valid are not serialized.
All events are emitted as ever, but for ``before-endpoint-resolution``. While anybody but botocore
and the fake listens to that one or to ``before-call``, and where anything else is not as it was
when this was written, a call goes the long way. ``AMPLIFYBACKEND_LONG_WAY=1`` makes all do.
"""

# ruff: noqa: SLF001  # what this relies on of botocore is private; test_tripwires.py watches it
from __future__ import annotations

import functools
import os
from typing import Any

from botocore import client as botocore_client
from botocore.validate import ParamValidationDecorator

from pytest_amplifybackend._api.catalogue import SERVICE
from pytest_amplifybackend._transports.activation import SERVED_BY

SWITCH = "AMPLIFYBACKEND_LONG_WAY"
_OWN = {"botocore", __name__.partition(".")[0]}
_TAKEN = "amplifybackend_short_way"
_NAMES = ("_resolve_endpoint_ruleset", "_convert_to_request_dict")
_NUMBER = int, lambda value: value.bit_length() < 64
_TEXT = str, str.isascii  # another text may be none that can be encoded
_USUAL = {"string": _TEXT, "integer": _NUMBER, "double": _NUMBER, "boolean": (bool, _NUMBER[1])}


class ShortWay:
    """The two steps for the calls of one client that are ``served`` by the fake."""

    def __init__(self, client: Any, served: Any) -> None:
        self._client, self._class, self._served = client, type(client), served
        self._steps = [getattr(self._class, name, None) for name in _NAMES]
        self._unheard: dict[str, Any] = {}
        self._endpoint: Any = None
        self._members: dict[str, Any] = {}

    def take(self) -> None:
        """Let calls go this way from now on, if botocore is as this knows it."""
        emitter = getattr(self._client.meta.events, "_emitter", None)
        if (
            SWITCH not in os.environ
            and self._client.meta.service_model.service_name == SERVICE
            and all(getattr(one, "__globals__", 0) is vars(botocore_client) for one in self._steps)
            and isinstance(getattr(emitter, "_lookup_cache", None), dict)
            and hasattr(getattr(emitter, "_handlers", None), "prefix_search")
        ):
            vars(self._client).update(zip(_NAMES, (self._resolve, self._convert), strict=True))

    def leave(self) -> None:
        """Let calls go the long way again."""
        for name in _NAMES:
            vars(self._client).pop(name, None)

    def _resolve(self, model: Any, params: Any, context: Any, **options: Any) -> Any:
        """``_resolve_endpoint_ruleset``, which gives the same for every call of a client."""
        resolve = self._class._resolve_endpoint_ruleset
        if options or type(params) is not dict or not self._applies(model, params, context):
            return resolve(self._client, model, params, context, **options)
        context[_TAKEN] = True
        if self._endpoint is None:
            before, found = dict(context), resolve(self._client, model, params, context)
            if context == before and "signing" not in context:  # there is nothing to be repeated
                self._endpoint = found
            return found
        url, headers, *properties = self._endpoint
        return (url, dict(headers), *properties)

    def _convert(self, *args: Any, **request: Any) -> Any:
        """``_convert_to_request_dict``: a request without a content, for params that are valid."""
        context = request.get("context") or {}
        if args or _TAKEN not in context:
            return self._class._convert_to_request_dict(self._client, *args, **request)
        return {"url": request["endpoint_url"], "headers": {}, "body": b"", "context": context}

    def _applies(self, model: Any, params: dict[str, Any], context: Any) -> bool:
        """Whether the fake answers a call, it is valid, and nobody sees what is passed over."""
        return (
            context.get(SERVED_BY) is self._served
            and model.input_shape is not None
            and [getattr(self._class, name, None) for name in _NAMES] == self._steps
            and type(self._client._serializer) is ParamValidationDecorator
            and self._is_unheard(model.name)
            and self._is_valid(model.input_shape, params)
        )

    def _is_unheard(self, operation: str) -> bool:
        """Whether only botocore and the fake listen; another handler makes another cache."""
        cache = (emitter := self._client.meta.events._emitter)._lookup_cache
        if self._unheard.get(operation) is not cache:
            events = (f"before-endpoint-resolution.{SERVICE}", f"before-call.{SERVICE}.{operation}")
            heard = [each for name in events for each in emitter._handlers.prefix_search(name)]
            if not {str(getattr(one, "__module__", "")).partition(".")[0] for one in heard} <= _OWN:
                return False
            self._unheard[operation] = cache
        return True

    def _is_valid(self, shape: Any, params: dict[str, Any]) -> bool:
        """Whether a structure is sure to be: all that is required, nothing unknown or unusual."""
        if shape.name not in self._members:
            self._members[shape.name] = {n: self._usual(m) for n, m in shape.members.items()}
        members = self._members[shape.name]
        for name, value in params.items():
            usual = members.get(name)
            if usual is None or type(value) is not usual[0] or not usual[1](value):
                return False
        return all(name in params for name in shape.metadata.get("required", ()))

    def _usual(self, shape: Any) -> Any:
        """The type of a shape's values, and which of them are sure to be valid; None for others."""
        if not shape.metadata.keys() <= {"enum", "required", "sensitive"}:
            return None
        if shape.type_name == "structure":
            return dict, functools.partial(self._is_valid, shape)
        if shape.type_name == "list" and self._usual(shape.member) is _TEXT:
            return list, lambda value: all(type(each) is str and each.isascii() for each in value)
        return _USUAL.get(shape.type_name)
