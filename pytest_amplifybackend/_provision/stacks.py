"""The stack of an environment and its roles, in moto: what CloudFormation and IAM show of them.

moto's CloudFormation imports most of moto, which takes seconds, and few programs ask it. So stacks
wait until it is imported, which the first request of any client for CloudFormation does.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

from pytest_amplifybackend._patching import Change, Patch, WhileApplied
from pytest_amplifybackend._provision.aws_clients import AwsClients, unless_missing
from pytest_amplifybackend._provision.transaction import Transaction
from pytest_amplifybackend._rules.rule import ProvisioningError
from pytest_amplifybackend._service.names import Outputs

_LOG = logging.getLogger(__name__)
_STACKS, _IAM = "cloudformation", "iam"

CLOUDFORMATION = "moto.cloudformation.urls"
"""What moto imports last before its CloudFormation answers."""

_MODELS = "moto.cloudformation.models"
_ROLES = ("AuthRoleName", "UnauthRoleName")
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "",
            "Effect": "Deny",
            "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
        }
    ],
}
"""Who may take the roles before there is an identity pool: nobody (documented: the root stack of
the Amplify CLI)."""

_SHOWN = (
    *("Region", "StackName", "StackId", "AuthRoleArn", "AuthRoleName"),
    *("UnauthRoleArn", "UnauthRoleName", "DeploymentBucketName"),
)
"""The outputs of the root stack (documented: the root stack of the Amplify CLI)."""


class Stacks:
    """The stacks of one fake in moto; each has outputs and no resources."""

    def __init__(self, clients: AwsClients) -> None:
        self._clients = clients
        self._ids: dict[str, str] = {}
        self._waiting: dict[str, Outputs] = {}
        self._lock = threading.Lock()

    def create(self, tx: Transaction, outputs: Outputs) -> None:
        """Make the stack of an environment, now or as soon as anybody asks for one."""
        name = outputs["StackName"]
        self._ids[name] = outputs["StackId"]
        with self._lock:
            waits = CLOUDFORMATION not in sys.modules
            if waits:
                self._waiting[name] = outputs
        tx.log.on_rollback(partial(self._delete, tx.region, name))
        if not waits:
            self._make(outputs)

    def delete(self, tx: Transaction, name: str) -> None:
        """Delete the stack of an environment at the commit; it may not exist any more."""
        tx.log.on_commit(partial(self._delete, tx.region, name))

    def forget(self) -> None:
        """Make none of the stacks that wait: moto forgets what belongs to them."""
        with self._lock:
            self._waiting.clear()

    def while_applied(self) -> Change:
        """The change of the process that makes stacks as soon as there are any."""
        return WhileApplied({CLOUDFORMATION: self._changes})

    def _changes(self, _: ModuleType) -> list[Change]:
        return [Patch(sys.modules[_MODELS], "generate_stack_id", self._naming), _Catching(self)]

    def catch_up(self) -> None:
        """Make the stacks that have waited; one that cannot be made is logged."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for name, outputs in waiting.items():
            try:
                self._make(outputs)
            except ProvisioningError as error:
                _LOG.warning("moto has no stack %s: %s", name, error)

    def _naming(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """moto's function that gives stacks their ids; ours have those in AmplifyMetaConfig."""

        def generate_stack_id(stack_name: str, *args: Any, **kwargs: Any) -> Any:
            return self._ids.get(stack_name) or previous(stack_name, *args, **kwargs)

        return generate_stack_id

    def _make(self, outputs: Outputs) -> None:
        shown = {name: {"Value": outputs[name]} for name in _SHOWN}
        self._clients.call(
            outputs["Region"],
            _STACKS,
            "create_stack",
            StackName=outputs["StackName"],
            TemplateBody=json.dumps({"Resources": {}, "Outputs": shown}),
        )

    def _delete(self, region: str, name: str) -> None:
        with self._lock:
            waited = self._waiting.pop(name, None) is not None
        if not waited and CLOUDFORMATION in sys.modules:
            self._clients.call(region, _STACKS, "delete_stack", StackName=name)


class _Catching:
    """A change that makes the stacks that have waited."""

    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks

    def apply(self) -> None:
        """Make them."""
        self._stacks.catch_up()

    def undo(self) -> None:
        """Nothing to do: moto forgets them itself."""


def create_roles(tx: Transaction, outputs: Outputs) -> None:
    """Make the two roles of an environment."""
    for role in _ROLES:
        _make_role(tx, outputs[role], _TRUST)


def ensure_sender(tx: Transaction, role: str, pool: str) -> None:
    """Make the role by which a user pool sends text messages, by its ARN, if it is not there.

    Only Cognito may take it, and only for this pool (documented: the template of category-auth).
    """
    name = _name_of(role)
    if not _existing_role(tx, name):
        _make_role(tx, name, _sender_trust(pool))


def delete_sender(tx: Transaction, role: str) -> None:
    """Delete such a role at the commit; it may not exist any more."""
    _forget_role(tx, _name_of(role))


def _name_of(role: str) -> str:
    return role.rpartition("/")[2]


def _sender_trust(pool: str) -> dict[str, Any]:
    allowed = {
        "Sid": "",
        "Effect": "Allow",
        "Principal": {"Service": "cognito-idp.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": pool}},
    }
    return {"Version": "2012-10-17", "Statement": [allowed]}


def _make_role(tx: Transaction, name: str, trust: dict[str, Any]) -> None:
    tx.make(
        partial(_create_role, tx, name, trust),
        lambda name: tx.call(_IAM, "delete_role", RoleName=name),
        partial(_existing_role, tx, name),
        before=(),
    )


def _existing_role(tx: Transaction, name: str) -> list[str]:
    look = partial(tx.call, _IAM, "get_role", RoleName=name)
    return [name] if unless_missing(look) else []


def _create_role(tx: Transaction, name: str, trust: dict[str, Any]) -> str:
    tx.call(_IAM, "create_role", RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    return name


def delete_roles(tx: Transaction, outputs: Outputs) -> None:
    """Delete the two roles at the commit, with their policies; they may not exist any more."""
    for role in _ROLES:
        _forget_role(tx, outputs[role])


def _forget_role(tx: Transaction, name: str) -> None:
    tx.log.on_commit(partial(unless_missing, partial(_delete_role, tx, name)))


def _delete_role(tx: Transaction, name: str) -> None:
    for policy in tx.call(_IAM, "list_role_policies", RoleName=name)["PolicyNames"]:
        tx.call(_IAM, "delete_role_policy", RoleName=name, PolicyName=policy)
    for one in tx.call(_IAM, "list_attached_role_policies", RoleName=name)["AttachedPolicies"]:
        tx.call(_IAM, "detach_role_policy", RoleName=name, PolicyArn=one["PolicyArn"])
    tx.call(_IAM, "delete_role", RoleName=name)
