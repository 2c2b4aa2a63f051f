"""The net that blocks all: what it says, and how the tests ask."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from pytest_amplifybackend import errors

REAL = "amplifybackend.us-east-1.amazonaws.com"
ENDPOINT = "AWS_ENDPOINT_URL_AMPLIFYBACKEND"
TRANSPORTS = ("stubber", "wire")
ONCE = Config(retries={"max_attempts": 0}, connect_timeout=2, read_timeout=2)
WHY = (
    "no FakeAmplifyBackend is active, and amplifybackend_block_network is on. Request the fixture "
    "'amplifybackend' in the test, or use `with FakeAmplifyBackend():`. To reach the real service, "
    "turn amplifybackend_block_network off."
)
CALL = f"GetBackend was not sent to https://{REAL}: {WHY}"
PRINT = f"import os, sys; sys.stdout.write(os.environ.get('{ENDPOINT}', '-'))"


def ask(client: Any) -> Any:
    return client.get_backend(AppId="d1abc")


def is_blocked(client: Any) -> bool:
    with pytest.raises(errors.UnservedRequest) as caught:
        ask(client)
    return str(caught.value) == CALL
