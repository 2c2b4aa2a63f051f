"""moto in this process: imported and active only while a fake or a server needs it."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._patching import Change
from pytest_amplifybackend._provision import dynamodb, stacks
from pytest_amplifybackend._provision.aws import AwsProvisioner, Config, sns_role_of
from pytest_amplifybackend._provision.aws_clients import IsolatedSession
from pytest_amplifybackend._provision.moto_keys import KeptKeys
from pytest_amplifybackend._provision.stacks import Stacks
from pytest_amplifybackend._provision.transaction import Transaction
from pytest_amplifybackend._service.names import Outputs, Place

_SENDER = "CreatedSNSRole"
_NEEDED = ("moto", "joserfc", "cryptography", "boto3", "responses")


class MotoProvisioner(AwsProvisioner):
    """An AwsProvisioner whose environments have stack and roles in moto, and APIs tables."""

    def __init__(self) -> None:
        super().__init__(IsolatedSession())
        self.stacks = Stacks(self._clients)

    def create_environment(self, place: Place) -> Outputs:
        with self._at(place) as tx:
            outputs = super().create_environment(place)
            stacks.create_roles(tx, outputs)
            self.stacks.create(tx, outputs)
            return outputs

    def delete_environment(self, place: Place) -> None:
        with self._at(place) as tx:
            self.stacks.delete(tx, place.outputs["StackName"])
            stacks.delete_roles(tx, place.outputs)
            super().delete_environment(place)

    def create_auth(self, place: Place, name: str, config: Config) -> Outputs:
        with self._at(place) as tx:
            outputs = super().create_auth(place, name, config)
            return _with_sender(tx, outputs, sns_role_of(place, name, config))

    def update_auth(self, place: Place, name: str, config: Config, outputs: Outputs) -> Outputs:
        with self._at(place) as tx:
            before = outputs.get(_SENDER)
            own = {key: value for key, value in outputs.items() if key != _SENDER}
            role = sns_role_of(place, name, config)
            if before is not None and before != role:
                stacks.delete_sender(tx, before)
            return _with_sender(tx, super().update_auth(place, name, config, own), role)

    def delete_auth(self, place: Place, outputs: Outputs) -> None:
        with self._at(place) as tx:
            if _SENDER in outputs:
                stacks.delete_sender(tx, outputs[_SENDER])
            super().delete_auth(place, outputs)

    def create_api(self, place: Place, name: str, config: Config) -> Outputs:
        with self._at(place) as tx:
            outputs = super().create_api(place, name, config)
            api = outputs["GraphQLAPIIdOutput"]
            dynamodb.ensure(tx, api, None, config.get("TransformSchema"))
            return outputs

    def update_api(
        self, place: Place, name: str, config: Config, outputs: Outputs, before: Config
    ) -> Outputs:
        with self._at(place) as tx:
            old, new = before.get("TransformSchema"), config.get("TransformSchema")
            dynamodb.ensure(tx, outputs["GraphQLAPIIdOutput"], old, new)
            return super().update_api(place, name, config, outputs, before)

    def delete_api(self, place: Place, outputs: Outputs) -> None:
        with self._at(place) as tx:
            dynamodb.delete_all(tx, outputs["GraphQLAPIIdOutput"])
            super().delete_api(place, outputs)


def _with_sender(tx: Transaction, outputs: Outputs, role: str | None) -> Outputs:
    """The outputs with the role by which the pool sends text messages, once that exists."""
    if role is None:
        return outputs
    stacks.ensure_sender(tx, role, outputs["UserPoolId"])
    return {**outputs, _SENDER: role}


class Moto:
    """A ``mock_aws`` for each user; a test's own nests inside or around it.

    ``provisioner`` is the one that works there.
    """

    def __init__(self) -> None:
        self.provisioner = MotoProvisioner()
        self._mocks: dict[int, tuple[Any, list[Change]]] = {}

    def start(self, user: object) -> None:
        """Let calls of this process reach moto; raises MissingExtra without it."""
        mock, changes = mock_aws(), [KeptKeys(), self.provisioner.stacks.while_applied()]
        mock.start()
        self._mocks[id(user)] = mock, changes
        try:
            for change in changes:
                change.apply()
        except BaseException:  # all of it, or nothing
            self.stop(user)
            raise

    def stop(self, user: object) -> None:
        """Undo the :meth:`start` of the same user; does nothing if there was none."""
        mock, changes = self._mocks.pop(id(user), (None, []))
        for change in reversed(changes):
            change.undo()
        if not self._mocks:
            self.provisioner.stacks.forget()
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
