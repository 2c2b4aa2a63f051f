"""ListS3Buckets: every bucket of the account, whatever the region."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._service.clock import iso
from pytest_amplifybackend._service.context import Context


def _list(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    """All of them on one page: the model reserves NextToken for future use (documented).

    The form of CreationDate was never recorded; ISO 8601 is assumed.
    """
    return {
        "Buckets": [
            {"Name": name, "CreationDate": iso(created)}
            for name, created in context.provisioner.buckets(context.region)
        ]
    }


ANSWERS = {"ListS3Buckets": _list}
