"""AwsProvisioner: makes the resources of jobs by calls to the sibling services."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from pytest_amplifybackend._provision import appsync, identity_pool, pool_import, s3, user_pool
from pytest_amplifybackend._provision.aws_clients import AwsClients
from pytest_amplifybackend._provision.transaction import Log, Transaction
from pytest_amplifybackend._rules.rule import ProvisioningError
from pytest_amplifybackend._service.names import (
    Outputs,
    Place,
    bucket_name,
    hosted_domain,
    sns_role,
    stack_outputs,
)

Config = dict[str, Any]
_TRIES = 10
"""How many names to try for a stack: buckets of an earlier run with the same seed may exist."""


class AwsProvisioner:
    """Makes pools, APIs and buckets by ordinary calls of botocore to their own services.

    ``session_or_endpoint`` is a session of botocore or boto3, whose calls reach moto while
    ``mock_aws`` is active, or the URL of any emulator. There is no default, and a request that
    would leave for a host of AWS is stopped before the socket: a fake never makes anything in a
    real account. The changes of a job that fails are rolled back. Raises UsageError for anything
    but a session or a URL.
    """

    keeps_files = True

    def __init__(self, session_or_endpoint: Any) -> None:
        self._clients = AwsClients(session_or_endpoint)
        self._current = threading.local()

    def keep_off(self, is_own: Callable[[str], bool]) -> None:
        self._clients.keep_off(is_own)

    def work(self) -> AbstractContextManager[None]:
        return self._working()

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        outer: Log | None = getattr(self._current, "log", None)
        if outer is not None:  # within a larger transaction, which rolls everything back
            yield
            return
        log = self._current.log = Log()
        try:
            yield
            log.commit()
        except BaseException as error:
            left = log.rollback()
            if left:
                raise ProvisioningError(
                    f"{error}\nNot everything could be rolled back: {'; '.join(left)}"
                ) from error
            raise
        finally:
            self._current.log = None

    @contextlib.contextmanager
    def _at(self, place: Place) -> Iterator[Transaction]:
        with self._transaction(place.region, place.environment) as tx:
            yield tx

    @contextlib.contextmanager
    def _transaction(self, region: str, environment: str = "") -> Iterator[Transaction]:
        with self._working():
            yield Transaction(self._clients, self._current.log, region, environment)

    def publish(self, place: Place, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        with self._at(place) as tx:
            s3.publish(tx, place.outputs["DeploymentBucketName"], before, after)

    def create_environment(self, place: Place) -> Outputs:
        with self._at(place) as tx:
            for tried in range(_TRIES):
                outputs = stack_outputs(place, own_bucket=tried > 0)
                if not s3.exists(tx, outputs["DeploymentBucketName"]):
                    break
            s3.create(tx, outputs["DeploymentBucketName"])
            return outputs

    def delete_environment(self, place: Place) -> None:
        with self._at(place) as tx:
            s3.delete(tx, place.outputs["DeploymentBucketName"])

    def create_auth(self, place: Place, name: str, config: Config) -> Outputs:
        with self._at(place) as tx:
            domain = hosted_domain(place, name, config, {})
            outputs = user_pool.create(tx, name, config, domain, sns_role_of(place, name, config))
            return {**outputs, **identity_pool.ensure(tx, name, config, outputs)}

    def update_auth(self, place: Place, name: str, config: Config, outputs: Outputs) -> Outputs:
        with self._at(place) as tx:
            domain = hosted_domain(place, name, config, outputs)
            role = sns_role_of(place, name, config)
            users = user_pool.update(tx, config, outputs, domain, role)
            users = {k: v for k, v in users.items() if not k.startswith("IdentityPool")}
            return {**users, **identity_pool.ensure(tx, name, config, outputs)}

    def import_auth(self, place: Place, params: Config) -> tuple[Config, Outputs]:
        with self._at(place) as tx:
            config, outputs = pool_import.imported(tx, params)
            config = {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", **config}
            pool = params.get("IdentityPoolId")
            if pool:
                described, more = identity_pool.imported(tx, pool, outputs)
                config["AuthResources"] = "IDENTITY_POOL_AND_USER_POOL"
                config["IdentityPoolConfigs"] = described
                outputs.update(more)
            return config, outputs

    def delete_auth(self, place: Place, outputs: Outputs) -> None:
        with self._at(place) as tx:
            if "IdentityPoolId" in outputs:
                identity_pool.delete(tx, outputs)
            user_pool.delete(tx, outputs)

    def create_api(self, place: Place, name: str, config: Config) -> Outputs:
        with self._at(place) as tx:
            return appsync.create(tx, config, place.user_pool)

    def update_api(
        self, place: Place, name: str, config: Config, outputs: Outputs, before: Config
    ) -> Outputs:
        with self._at(place) as tx:
            return appsync.update(tx, before, config, outputs, place.user_pool)

    def delete_api(self, place: Place, outputs: Outputs) -> None:
        with self._at(place) as tx:
            appsync.delete(tx, outputs)

    def create_storage(self, place: Place, name: str, config: Config) -> Outputs:
        with self._at(place) as tx:
            bucket = bucket_name(place, config)
            s3.create(tx, bucket, cors=True)
            return {"BucketName": bucket, "Region": place.region}

    def update_storage(self, place: Place, name: str, config: Config, outputs: Outputs) -> Outputs:
        with self._at(place) as tx:
            s3.check(tx, outputs["BucketName"])
            return outputs

    def import_storage(self, place: Place, bucket: str) -> Outputs:
        with self._at(place) as tx:
            return {"BucketName": bucket, "Region": s3.region_of(tx, bucket)}

    def delete_storage(self, place: Place, outputs: Outputs) -> None:
        with self._at(place) as tx:
            s3.delete(tx, outputs["BucketName"])

    def create_studio(self, region: str, app_id: str) -> Outputs:
        with self._transaction(region) as tx:
            name = f"amplify_backend_manager_{app_id.upper()}"
            outputs = user_pool.create_studio(tx, name)
            sent = {"IdentityPoolName": name, "AllowUnauthenticatedIdentities": False}
            made = identity_pool.create(tx, sent, outputs)
            return {
                "aws_user_pools_id": outputs["UserPoolId"],
                "aws_user_pools_web_client_id": outputs["AppClientIDWeb"],
                "aws_cognito_identity_pool_id": made["IdentityPoolId"],
                "aws_cognito_region": region,
            }

    def delete_studio(self, region: str, app_id: str, outputs: Outputs) -> None:
        with self._transaction(region) as tx:
            pools = {
                "IdentityPoolId": outputs["aws_cognito_identity_pool_id"],
                "UserPoolId": outputs["aws_user_pools_id"],
            }
            identity_pool.delete(tx, pools)
            user_pool.delete(tx, pools)

    def add_bucket(self, region: str, name: str, time: int) -> None:
        with self._transaction(region) as tx:
            s3.create(tx, name)

    def buckets(self, region: str) -> list[tuple[str, int]]:
        with self._transaction(region) as tx:
            return s3.buckets(tx)


def sns_role_of(place: Place, name: str, config: Config) -> str | None:
    """The ARN of the role by which a user pool sends text messages, or None without one."""
    return sns_role(place.outputs, place.environment, name, config)
