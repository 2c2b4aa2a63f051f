"""All in which transports may differ, in one place."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pytest_amplifybackend._api import catalogue

METADATA = ("HTTPHeaders", "RetryAttempts", "MaxAttemptsReached")
"""Members of ``ResponseMetadata``; the last is what botocore's retries say when they give up."""

SCENARIOS_NOT_CARRIED: Mapping[tuple[str, str], str] = {
    ("responses", "ids_of_dots"): "requests itself resolves /./ and /../ in a path",
}
"""Way in, scenario, and why that library cannot send it."""

IN_PROCESS = ("stubber", "aio")
"""The ways in on which params reach the service without being written as JSON."""


def known(operation: str, response: Any) -> Any:
    """A response without the members that the installed botocore's model does not have.

    In the process they come as they are; over HTTP botocore drops what it does not know.
    """
    members = (*catalogue.operations()[operation].output_shape.members, "ResponseMetadata")
    return {name: value for name, value in response.items() if name in members}


def not_carried(way: str, operation: str, params: Any) -> str:
    """Why a way in cannot carry params as they are; empty if it can.

    botocore's own validation lets all of these pass.
    """
    return _why(params, catalogue.operations()[operation].input_shape, way in IN_PROCESS)


def _why(value: Any, shape: Any, in_process: bool) -> str:
    if shape.type_name == "structure" and isinstance(value, dict):
        known = shape.members
        found = [_why(value[name], known[name], in_process) for name in value if name in known]
        reasons = iter(found)
    elif shape.type_name == "list" and isinstance(value, list):
        reasons = iter([_why(item, shape.member, in_process) for item in value])
    elif isinstance(value, str):
        half = any("\ud800" <= character <= "\udfff" for character in value)
        reasons = iter(["UTF-8 has no halves of characters" if half and not in_process else ""])
    else:
        reasons = iter([_why_number(value, shape.type_name, in_process)])
    return next(filter(None, reasons), "")


def _why_number(value: Any, kind: str, in_process: bool) -> str:
    if kind == "double" and type(value) is int and abs(value) > sys.float_info.max:
        return "botocore 1.43 fails on an integer that no float holds"
    if value != value:
        return "NaN is not equal to itself, so the call cannot be found again"
    if in_process or kind not in ("double", "integer"):
        return ""
    if type(value) is bool:
        return "a boolean for a number is refused before the service: another text, no record"
    return "JSON has no Decimal; it arrives as the number" if isinstance(value, Decimal) else ""
