"""A service error as clients see it parsed, in either style."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend import errors


def parsed_error(error: errors.ServiceError, style: str) -> dict[str, Any]:
    """What botocore's parser makes of an error, but for ``ResponseMetadata``.

    ``modeled``: the modeled code and message. ``observed``: the code and the message of
    recorded traffic, whose body holds nothing else. The parser puts message and members at the
    top as well when it finds the code in the model.
    """
    code, message = error.code, error.message
    if style == "observed":
        code = error.observed_code
        message = f"{code} - {message}"
    parsed: dict[str, Any] = {"Error": {"Message": message, "Code": code}}
    if code == error.code:
        parsed["Message"] = message
        parsed.update(error.members if style == "modeled" else {})
    return parsed
