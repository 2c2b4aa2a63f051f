"""The seam behind which resources are made, and the in-memory provisioner that is the default."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from pytest_amplifybackend._rules.rule import ProvisioningError
from pytest_amplifybackend._rules.states import broken
from pytest_amplifybackend._service.names import (
    ACCOUNT,
    Ids,
    Outputs,
    Place,
    bucket_name,
    hosted_domain,
    stack_outputs,
)
from pytest_amplifybackend._service.state import State

__all__ = ["InMemoryProvisioner", "Place", "Provisioner", "ProvisioningError"]

_NO_WORK = contextlib.nullcontext()


class Provisioner(Protocol):
    """Creates, changes and deletes the resources of jobs.

    A method returns the outputs that AmplifyMetaConfig shows, as JSON-ready data, or raises
    ProvisioningError with the sibling service's message: the job then ends FAILED and the state
    does not change. A resource to delete may not exist any more, because a deletion that failed
    half-way is repeated.

    ``keeps_files`` is whether :meth:`publish` does anything; if not, no files are generated.
    """

    keeps_files: bool

    def keep_off(self, is_own: Callable[[str], bool]) -> None:
        """Never call a URL of the fake's own server, which would wait for itself.

        Raises UsageError if every call would have to go there.
        """
        ...

    def work(self) -> AbstractContextManager[None]:
        """The transaction of one job: an exception that leaves it rolls its changes back."""
        ...

    def publish(self, place: Place, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """Update the files of an environment, by key, from their old text to the new."""
        ...

    def create_environment(self, place: Place) -> Outputs:
        """Create the stack and the deployment bucket of an environment.

        ``place.outputs`` has the names recorded for them, if there are any.
        """
        ...

    def delete_environment(self, place: Place) -> None:
        """Delete what :meth:`create_environment` has created."""
        ...

    def create_auth(self, place: Place, name: str, config: dict[str, Any]) -> Outputs:
        """Create the user pool, its clients and perhaps the identity pool of a ResourceConfig."""
        ...

    def update_auth(
        self, place: Place, name: str, config: dict[str, Any], outputs: Outputs
    ) -> Outputs:
        """Change them to another config; ``outputs`` are those of the last change."""
        ...

    def import_auth(self, place: Place, params: dict[str, Any]) -> tuple[dict[str, Any], Outputs]:
        """The config of an existing pool, and its outputs."""
        ...

    def delete_auth(self, place: Place, outputs: Outputs) -> None:
        """Delete what the outputs name."""
        ...

    def create_api(self, place: Place, name: str, config: dict[str, Any]) -> Outputs:
        """Create the GraphQL API, its schema and its key."""
        ...

    def update_api(
        self,
        place: Place,
        name: str,
        config: dict[str, Any],
        outputs: Outputs,
        before: dict[str, Any],
    ) -> Outputs:
        """Change it; ``before`` is its config so far, since AppSync does not return the schema."""
        ...

    def delete_api(self, place: Place, outputs: Outputs) -> None:
        """Delete the API."""
        ...

    def create_storage(self, place: Place, name: str, config: dict[str, Any]) -> Outputs:
        """Create the bucket."""
        ...

    def update_storage(
        self, place: Place, name: str, config: dict[str, Any], outputs: Outputs
    ) -> Outputs:
        """Change its permissions."""
        ...

    def import_storage(self, place: Place, bucket: str) -> Outputs:
        """The outputs of an existing bucket."""
        ...

    def delete_storage(self, place: Place, outputs: Outputs) -> None:
        """Delete the bucket with its objects."""
        ...

    def create_studio(self, region: str, app_id: str) -> Outputs:
        """Create the pools of Amplify Studio's own users."""
        ...

    def delete_studio(self, region: str, app_id: str, outputs: Outputs) -> None:
        """Delete them."""
        ...

    def add_bucket(self, region: str, name: str, time: int) -> None:
        """Create a bucket that belongs to no environment, for preset state."""
        ...

    def buckets(self, region: str) -> list[tuple[str, int]]:
        """Every bucket of the account as (name, creation in milliseconds since 1970)."""
        ...


class InMemoryProvisioner:
    """Makes ids and names of the observed forms from the seed, and remembers the buckets.

    Source of the forms: committed amplify-meta.json files and the Amplify CLI (observed).
    """

    keeps_files = False

    def __init__(self, state: State, ids: Ids) -> None:
        self._state, self._ids = state, ids

    def keep_off(self, is_own: Callable[[str], bool]) -> None:
        """Nothing to do: it calls nobody."""

    def work(self) -> AbstractContextManager[None]:
        return _NO_WORK

    def publish(self, place: Place, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """Nothing to do: GetBackend writes the files when it is asked."""

    def create_environment(self, place: Place) -> Outputs:
        outputs = stack_outputs(place)
        while outputs["DeploymentBucketName"] in self._state.buckets:
            outputs = stack_outputs(
                place, own_bucket=True
            )  # the name is taken, as others' are on S3
        self._state.add_bucket(outputs["DeploymentBucketName"], place.time)
        return outputs

    def delete_environment(self, place: Place) -> None:
        self._state.remove_bucket(place.outputs["DeploymentBucketName"])

    def create_auth(self, place: Place, name: str, config: dict[str, Any]) -> Outputs:
        pool = f"{place.region}_{self._ids.pool()}"
        outputs = {
            "UserPoolId": pool,
            "AppClientIDWeb": self._ids.client(),
            "AppClientID": self._ids.client(),
            "UserPoolArn": f"arn:aws:cognito-idp:{place.region}:{ACCOUNT}:userpool/{pool}",
            "UserPoolName": config["UserPoolConfigs"]["UserPoolName"],
        }
        return self._with_identity_pool(outputs, place, name, config)

    def update_auth(
        self, place: Place, name: str, config: dict[str, Any], outputs: Outputs
    ) -> Outputs:
        return self._with_identity_pool(outputs, place, name, config)

    def _with_identity_pool(
        self, outputs: Outputs, place: Place, name: str, config: dict[str, Any]
    ) -> Outputs:
        own = {key: value for key, value in outputs.items() if not key.startswith("IdentityPool")}
        own.pop("HostedUIDomain", None)
        domain = hosted_domain(place, name, config, outputs)
        if domain is not None:
            own["HostedUIDomain"] = domain
        if config["AuthResources"] != "IDENTITY_POOL_AND_USER_POOL":
            return own
        pool_name = config["IdentityPoolConfigs"]["IdentityPoolName"]
        own["IdentityPoolId"] = outputs.get(
            "IdentityPoolId", f"{place.region}:{self._ids.uuid('identity')}"
        )
        own["IdentityPoolName"] = f"{pool_name}__{place.environment}"
        return own

    def import_auth(self, place: Place, params: dict[str, Any]) -> tuple[dict[str, Any], Outputs]:
        pool = params["UserPoolId"]
        if not pool.startswith(f"{place.region}_"):
            raise broken("auth.no-such-pool", pool=pool)
        config: dict[str, Any] = {
            "AuthResources": "USER_POOL_ONLY",
            "Service": "COGNITO",
            "UserPoolConfigs": {
                "RequiredSignUpAttributes": ["EMAIL"],
                "SignInMethod": "EMAIL",
                "UserPoolName": pool,
                "VerificationMessage": {"DeliveryMethod": "EMAIL"},
            },
        }
        outputs = {
            "UserPoolId": pool,
            "AppClientIDWeb": params["WebClientId"],
            "AppClientID": params["NativeClientId"],
            "UserPoolName": pool,
        }
        identities = params.get("IdentityPoolId")
        if identities:
            config["AuthResources"] = "IDENTITY_POOL_AND_USER_POOL"
            outputs["IdentityPoolId"] = identities
            outputs["IdentityPoolName"] = f"identitypool_{identities.rpartition(':')[2][:8]}"
        return config, outputs

    def delete_auth(self, place: Place, outputs: Outputs) -> None:
        """Nothing to do: the pool was never more than its outputs."""

    def create_api(self, place: Place, name: str, config: dict[str, Any]) -> Outputs:
        host = f"{self._ids.base32('host')}.appsync-api.{place.region}.amazonaws.com"
        outputs = {
            "GraphQLAPIIdOutput": self._ids.base32("api"),
            "GraphQLAPIEndpointOutput": f"https://{host}/graphql",
        }
        return self._with_key(outputs, config)

    def update_api(
        self,
        place: Place,
        name: str,
        config: dict[str, Any],
        outputs: Outputs,
        before: dict[str, Any],
    ) -> Outputs:
        return self._with_key(outputs, config)

    def _with_key(self, outputs: Outputs, config: dict[str, Any]) -> Outputs:
        own = dict(outputs)
        key = own.pop("GraphQLAPIKeyOutput", None)
        if "API_KEY" in modes(config):
            own["GraphQLAPIKeyOutput"] = key or f"da2-{self._ids.base32('key')}"
        return own

    def delete_api(self, place: Place, outputs: Outputs) -> None:
        """Nothing to do: the API was never more than its outputs."""

    def create_storage(self, place: Place, name: str, config: dict[str, Any]) -> Outputs:
        bucket = bucket_name(place, config)
        if bucket in self._state.buckets:
            raise broken("storage.bucket-taken", bucket=bucket)
        self._state.add_bucket(bucket, place.time)
        return {"BucketName": bucket, "Region": place.region}

    def update_storage(
        self, place: Place, name: str, config: dict[str, Any], outputs: Outputs
    ) -> Outputs:
        return outputs

    def import_storage(self, place: Place, bucket: str) -> Outputs:
        if bucket not in self._state.buckets:
            raise broken("storage.no-such-bucket", bucket=bucket)
        return {"BucketName": bucket, "Region": place.region}

    def delete_storage(self, place: Place, outputs: Outputs) -> None:
        self._state.remove_bucket(outputs["BucketName"])

    def create_studio(self, region: str, app_id: str) -> Outputs:
        return {
            "aws_user_pools_id": f"{region}_{self._ids.pool()}",
            "aws_user_pools_web_client_id": self._ids.client(),
            "aws_cognito_identity_pool_id": f"{region}:{self._ids.uuid('identity')}",
            "aws_cognito_region": region,
        }

    def delete_studio(self, region: str, app_id: str, outputs: Outputs) -> None:
        """Nothing to do: the pools were never more than their outputs."""

    def add_bucket(self, region: str, name: str, time: int) -> None:
        self._state.add_bucket(name, time)

    def buckets(self, region: str) -> list[tuple[str, int]]:
        return sorted(self._state.buckets.items())


def modes(config: dict[str, Any]) -> set[str]:
    """The authorization modes of an API's config."""
    types = [config.get("DefaultAuthType", {}), *config.get("AdditionalAuthTypes", [])]
    return {mode for kind in types if (mode := kind.get("Mode")) is not None}
