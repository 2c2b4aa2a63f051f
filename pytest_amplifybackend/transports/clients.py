"""botocore clients that depend on nothing of the machine they run on."""

from __future__ import annotations

import os
from typing import Any

from botocore.session import Session

from pytest_amplifybackend.model import catalogue

_NOTHING = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def hermetic_client(region_name: str, **options: Any) -> Any:
    """An ``amplifybackend`` client that reads neither profile nor credentials of the machine.

    ``options`` go to botocore's ``Session.create_client``.
    """
    session = Session(session_vars=_NOTHING)
    session.register_component("data_loader", catalogue.loader())
    return session.create_client(
        catalogue.SERVICE,
        region_name=region_name,
        aws_access_key_id=options.pop("aws_access_key_id", "testing"),
        aws_secret_access_key=options.pop("aws_secret_access_key", "testing"),
        **options,
    )
