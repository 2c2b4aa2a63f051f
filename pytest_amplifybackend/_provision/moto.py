"""moto in this process: active while somebody needs it, and imported not before."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._provision.aws import AwsProvisioner
from pytest_amplifybackend._provision.siblings import Hermetic

_NEEDED = ("moto", "joserfc", "cryptography", "boto3", "responses")


class Moto:
    """``mock_aws`` for as long as somebody holds it; a test's own nests inside or around it."""

    def __init__(self) -> None:
        self._held: dict[int, Any] = {}

    def start(self, holder: object) -> None:
        """Let calls of this process reach moto; raises MissingExtra without it."""
        mock = mock_aws()
        mock.start()
        self._held[id(holder)] = mock

    def stop(self, holder: object) -> None:
        """Undo the :meth:`start` of the same holder; does nothing when there was none."""
        mock = self._held.pop(id(holder), None)
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
    """The error to raise for a module that was not found: one that says what to install."""
    if error.name is None or error.name.partition(".")[0] not in (*_NEEDED, "flask", "flask_cors"):
        return error
    return errors.MissingExtra(
        "Provisioning in moto needs moto: pip install 'pytest-amplifybackend[moto]'"
    )


def provisioner() -> AwsProvisioner:
    """A provisioner whose calls reach moto, and nothing else, while it is active."""
    return AwsProvisioner(Hermetic())
