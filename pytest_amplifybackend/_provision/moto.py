"""moto in this process: imported and active only while a fake or a server needs it."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._provision.aws import AwsProvisioner
from pytest_amplifybackend._provision.aws_clients import IsolatedSession
from pytest_amplifybackend._provision.moto_keys import KeptKeys

_NEEDED = ("moto", "joserfc", "cryptography", "boto3", "responses")


class Moto:
    """A ``mock_aws`` for each user; a test's own nests inside or around it."""

    def __init__(self) -> None:
        self._mocks: dict[int, tuple[Any, KeptKeys]] = {}

    def start(self, user: object) -> None:
        """Let calls of this process reach moto; raises MissingExtra without it."""
        mock, keys = mock_aws(), KeptKeys()
        mock.start()
        keys.apply()
        self._mocks[id(user)] = mock, keys

    def stop(self, user: object) -> None:
        """Undo the :meth:`start` of the same user; does nothing if there was none."""
        mock, keys = self._mocks.pop(id(user), (None, None))
        if keys is not None:
            keys.undo()
        if mock is not None:
            mock.stop()


def mock_aws() -> Any:
    """A new ``moto.mock_aws``; raises MissingExtra without moto."""
    try:
        from moto import mock_aws
    except ModuleNotFoundError as error:
        raise missing(error) from error
    return mock_aws()


def missing(error: ModuleNotFoundError) -> Exception:
    """The error for a missing module; for one of the extra it says what to install."""
    if error.name is None or error.name.partition(".")[0] not in (*_NEEDED, "flask", "flask_cors"):
        return error
    return errors.MissingExtra(
        "Provisioning in moto needs moto: pip install 'pytest-amplifybackend[moto]'"
    )


def provisioner() -> AwsProvisioner:
    """A provisioner whose calls reach moto, and nothing else, while it is active."""
    return AwsProvisioner(IsolatedSession())
