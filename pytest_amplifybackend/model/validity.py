"""Whether params and responses fit their shapes, by botocore's own validator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend.model import catalogue, sensitive

_REPORTED = re.compile(
    r"(?P<start>parameter (?P<path>\S+), value: ).*?(?P<end>, type: <class )", re.DOTALL
)
"""Where botocore's report quotes a value."""


class InvalidParams(ValueError):
    """Params or a response that the operation's shape does not allow, in botocore's words."""


def check_params(operation: str, params: Any) -> None:
    """Hold request params to their shape as a client does; raises InvalidParams."""
    _check(params, catalogue.operations()[operation].input_shape)


def check_response(operation: str, response: Any) -> None:
    """Hold a response to its shape, as ``Stubber.add_response`` does; raises InvalidParams."""
    _check(response, catalogue.operations()[operation].output_shape)


def check_names(operation: str, part: Mapping[str, Any]) -> None:
    """Hold the names in a part of a request to its shape, at any depth; raises InvalidParams."""
    _check_names(part, catalogue.operations()[operation].input_shape, operation)


def _check_names(part: Any, shape: Any, where: str) -> None:
    if shape.type_name == "structure" and isinstance(part, Mapping):
        for name, value in part.items():
            if name not in shape.members:
                raise InvalidParams(
                    f"{where} has no member {name!r}: {errors.nearest(name, shape.members)}"
                )
            _check_names(value, shape.members[name], f"{where}.{name}")
    elif shape.type_name == "list" and isinstance(part, (list, tuple)):
        for item in part:
            _check_names(item, shape.member, f"{where}[]")


def _check(value: Any, shape: Any) -> None:
    from botocore.validate import ParamValidator

    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        secret = sensitive.secret_paths(shape)

        def shown(found: re.Match[str]) -> str:
            hidden = re.sub(r"\[\d+\]", "[]", found["path"]) in secret
            return f"{found['start']}{sensitive.REDACTED}{found['end']}" if hidden else found[0]

        raise InvalidParams(_REPORTED.sub(shown, report.generate_report()))
