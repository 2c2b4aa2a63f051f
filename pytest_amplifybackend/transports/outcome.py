"""A service error as clients see it parsed, in either style."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend import errors


def parsed_error(error: errors.ServiceError, style: str) -> dict[str, Any]:
    """What botocore's parser makes of an error, but for ``ResponseMetadata``.

    ``modeled``: the modelled code, with message and members at the top as well. ``observed``:
    the code and the message of recorded traffic, which no SDK models.
    """
    if style == "observed":
        code = error.observed_code
        return {"Error": {"Message": f"{code} - {error.message}", "Code": code}}
    return {
        "Error": {"Message": error.message, "Code": error.code},
        "Message": error.message,
        **error.members,
    }
