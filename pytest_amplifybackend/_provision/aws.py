"""AwsProvisioner: what the service provisions, made by calls to its sibling services."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from pytest_amplifybackend._provision import appsync, identity_pool, pool_import, s3, user_pool
from pytest_amplifybackend._provision.siblings import Siblings
from pytest_amplifybackend._provision.site import Site
from pytest_amplifybackend._provision.work import Work
from pytest_amplifybackend._rules.rule import ProvisioningError
from pytest_amplifybackend._service.provisioning import (
    Outputs,
    Place,
    bucket_name,
    hosted_domain,
    stack_outputs,
)

Config = dict[str, Any]
_TRIES = 10
"""How many names a new stack may take: those of an earlier run, with the same seed, may stand."""


class AwsProvisioner:
    """Makes pools, APIs and buckets by ordinary calls of botocore to their own services.

    ``session_or_endpoint`` is a session of botocore or boto3, whose calls reach moto while
    ``mock_aws`` is active, or the URL of any emulator. There is no default, and a request that
    would leave for a host of AWS is stopped before the socket: a fake never makes anything in a
    real account. A job that fails takes back what it did. Raises UsageError for anything else
    than a session or a URL.
    """

    keeps_files = True

    def __init__(self, session_or_endpoint: Any) -> None:
        self._siblings = Siblings(session_or_endpoint)
        self._current = threading.local()

    def keep_off(self, is_own: Callable[[str], bool]) -> None:
        self._siblings.keep_off(is_own)

    def work(self) -> AbstractContextManager[None]:
        return self._working()

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        outer: Work | None = getattr(self._current, "work", None)
        if outer is not None:  # part of a larger work, which takes everything back
            yield
            return
        work = self._current.work = Work()
        try:
            yield
            work.finish()
        except BaseException as error:
            left = work.take_back()
            if left:
                raise ProvisioningError(
                    f"{error}\nNot everything could be taken back: {'; '.join(left)}"
                ) from error
            raise
        finally:
            self._current.work = None

    @contextlib.contextmanager
    def _at(self, place: Place) -> Iterator[Site]:
        with self._site(place.region, place.environment) as site:
            yield site

    @contextlib.contextmanager
    def _site(self, region: str, environment: str = "") -> Iterator[Site]:
        with self._working():
            yield Site(self._siblings, self._current.work, region, environment)

    def publish(self, place: Place, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        with self._at(place) as site:
            s3.publish(site, place.outputs["DeploymentBucketName"], before, after)

    def create_environment(self, place: Place) -> Outputs:
        with self._at(place) as site:
            for _ in range(_TRIES):
                outputs = stack_outputs(place)
                if not s3.exists(site, outputs["DeploymentBucketName"]):
                    break
            s3.create(site, outputs["DeploymentBucketName"])
            return outputs

    def delete_environment(self, place: Place) -> None:
        with self._at(place) as site:
            s3.delete(site, place.outputs["DeploymentBucketName"])

    def create_auth(self, place: Place, name: str, config: Config) -> Outputs:
        with self._at(place) as site:
            outputs = user_pool.create(site, name, config, hosted_domain(place, config, {}))
            return {**outputs, **identity_pool.ensure(site, name, config, outputs)}

    def update_auth(self, place: Place, name: str, config: Config, outputs: Outputs) -> Outputs:
        with self._at(place) as site:
            domain = hosted_domain(place, config, outputs)
            users = user_pool.update(site, config, outputs, domain)
            users = {k: v for k, v in users.items() if not k.startswith("IdentityPool")}
            return {**users, **identity_pool.ensure(site, name, config, outputs)}

    def import_auth(self, place: Place, params: Config) -> tuple[Config, Outputs]:
        with self._at(place) as site:
            config, outputs = pool_import.imported(site, params)
            config = {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", **config}
            pool = params.get("IdentityPoolId")
            if pool:
                described, more = identity_pool.imported(site, pool, outputs)
                config["AuthResources"] = "IDENTITY_POOL_AND_USER_POOL"
                config["IdentityPoolConfigs"] = described
                outputs.update(more)
            return config, outputs

    def delete_auth(self, place: Place, outputs: Outputs) -> None:
        with self._at(place) as site:
            if "IdentityPoolId" in outputs:
                identity_pool.delete(site, outputs)
            user_pool.delete(site, outputs)

    def create_api(self, place: Place, name: str, config: Config) -> Outputs:
        with self._at(place) as site:
            return appsync.create(site, config, place.user_pool)

    def update_api(
        self, place: Place, name: str, config: Config, outputs: Outputs, before: Config
    ) -> Outputs:
        with self._at(place) as site:
            return appsync.update(site, before, config, outputs, place.user_pool)

    def delete_api(self, place: Place, outputs: Outputs) -> None:
        with self._at(place) as site:
            appsync.delete(site, outputs)

    def create_storage(self, place: Place, name: str, config: Config) -> Outputs:
        with self._at(place) as site:
            bucket = bucket_name(place, config)
            s3.create(site, bucket, cors=True)
            return {"BucketName": bucket, "Region": place.region}

    def update_storage(self, place: Place, name: str, config: Config, outputs: Outputs) -> Outputs:
        with self._at(place) as site:
            s3.check(site, outputs["BucketName"])
            return outputs

    def import_storage(self, place: Place, bucket: str) -> Outputs:
        with self._at(place) as site:
            return {"BucketName": bucket, "Region": s3.region_of(site, bucket)}

    def delete_storage(self, place: Place, outputs: Outputs) -> None:
        with self._at(place) as site:
            s3.delete(site, outputs["BucketName"])

    def create_studio(self, region: str, app_id: str) -> Outputs:
        with self._site(region) as site:
            name = f"amplify_backend_manager_{app_id.upper()}"
            outputs = user_pool.create_studio(site, name)
            sent = {"IdentityPoolName": name, "AllowUnauthenticatedIdentities": False}
            made = identity_pool.create(site, sent, outputs)
            return {
                "aws_user_pools_id": outputs["UserPoolId"],
                "aws_user_pools_web_client_id": outputs["AppClientIDWeb"],
                "aws_cognito_identity_pool_id": made["IdentityPoolId"],
                "aws_cognito_region": region,
            }

    def delete_studio(self, region: str, app_id: str, outputs: Outputs) -> None:
        with self._site(region) as site:
            pools = {
                "IdentityPoolId": outputs["aws_cognito_identity_pool_id"],
                "UserPoolId": outputs["aws_user_pools_id"],
            }
            identity_pool.delete(site, pools)
            user_pool.delete(site, pools)

    def add_bucket(self, region: str, name: str, time: int) -> None:
        with self._site(region) as site:
            s3.create(site, name)

    def buckets(self, region: str) -> list[tuple[str, int]]:
        with self._site(region) as site:
            return s3.buckets(site)
