"""What of the process an active fake may touch, to compare it before and after."""

from __future__ import annotations

import _socket
import ctypes
import http.client
import os
import socket
import ssl
import subprocess
import sys
from typing import Any

from botocore.client import BaseClient
from botocore.session import Session
from botocore.utils import IMDSRegionProvider

from pytest_amplifybackend._transports.activation import ACTIVE

CHILD_VARIABLES = (b"AWS_ENDPOINT_URL_AMPLIFYBACKEND", b"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


def process() -> dict[str, Any]:
    """Everything of it, in a form that can be compared."""
    owners = (
        BaseClient,
        Session,
        IMDSRegionProvider,
        socket,
        _socket,
        socket.socket,
        ssl.SSLContext,
        http.client.HTTPConnection,
        subprocess.Popen,
        os,
    )
    state: dict[str, Any] = {repr(owner): dict(vars(owner)) for owner in owners}
    return {
        **state,
        "environ": dict(os.environ),
        "inherited": [_inherited(name) for name in CHILD_VARIABLES],
        "meta_path": list(sys.meta_path),
        "active": list(ACTIVE),
    }


def _inherited(name: bytes) -> bytes | None:
    """What a child would inherit, which ``os.environ`` need not show."""
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_char_p
    value: bytes | None = getenv(name)
    return value
