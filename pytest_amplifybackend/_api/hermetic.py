"""A botocore session that depends on nothing of the machine it runs on."""

from __future__ import annotations

import os
from typing import Any

from pytest_amplifybackend._api import installed

_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def session() -> Any:
    """A session that reads no file and no variable of the environment, but for the endpoints.

    Every setting is botocore's own. It has no credentials, and reads its models as the catalogue
    does. Endpoints are left alone by the clients' ``ignore_configured_endpoint_urls``.
    """
    from botocore.session import Session

    alone = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in Session.SESSION_VARIABLES.items()
    }
    made = Session(session_vars={**alone, **_FILES})
    made.register_component("data_loader", installed.loader())
    return made
