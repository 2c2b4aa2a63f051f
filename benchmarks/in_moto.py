"""What the fake adds to moto: to the set-up of ``mock_aws``, and to the calls that it makes.

Run ``python benchmarks/in_moto.py``; it prints Markdown.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from typing import Any

import boto3
from botocore import xform_name
from measure import HEAD, compare
from moto import mock_aws

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._provision.aws_clients import AwsClients

DEV = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
CREATES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "CreateBackendAuth",
        {
            "ResourceName": "auth",
            "ResourceConfig": {
                "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
                "Service": "COGNITO",
                "UserPoolConfigs": {
                    "PasswordPolicy": {"MinimumLength": 10},
                    "RequiredSignUpAttributes": ["EMAIL"],
                    "SignInMethod": "EMAIL",
                    "UserPoolName": "users",
                },
            },
        },
    ),
    (
        "CreateBackendAPI",
        {
            "ResourceName": "api",
            "ResourceConfig": {
                "ApiName": "api",
                "DefaultAuthType": {"Mode": "API_KEY", "Settings": {"ExpirationTime": 7}},
                "Service": "AppSync",
                "TransformSchema": "type Note @model { id: ID! text: String }",
            },
        },
    ),
    (
        "CreateBackendStorage",
        {
            "ResourceName": "media",
            "ResourceConfig": {
                "BucketName": "pictures",
                "Permissions": {"Authenticated": ["READ"]},
                "ServiceName": "S3",
            },
        },
    ),
)


@contextmanager
def recorded() -> Any:
    """Every call to a sibling service, as (service, operation, params)."""
    calls: list[tuple[str, str, dict[str, Any]]] = []
    original = AwsClients.call

    def call(siblings: Any, region: str, service: str, operation: str, /, **params: Any) -> Any:
        calls.append((service, operation, params))
        return original(siblings, region, service, operation, **params)

    AwsClients.call = call  # type: ignore[method-assign]  # every call is to be recorded
    try:
        yield calls
    finally:
        AwsClients.call = original  # type: ignore[method-assign]  # undoes the recording


def through_the_fake(amplify: Any) -> None:
    """Auth, API and storage, each polled as a program would."""
    for operation, params in CREATES:
        job = getattr(amplify, xform_name(operation))(**DEV, **params)["JobId"]
        ended = amplify.get_backend_job(**DEV, JobId=job)
        assert ended["Status"] == "COMPLETED", ended


def by_hand(calls: list[tuple[str, str, dict[str, Any]]], clients: dict[str, Any]) -> None:
    """The same calls, with the ids that the siblings give this time."""
    old = {
        key: params[key]
        for _, _, params in calls
        for key in ("UserPoolId", "apiId")
        if key in params
    }
    names: dict[str, str] = {}
    for service, operation, params in calls:
        try:
            answer = getattr(clients[service], operation)(**_renamed(params, names))
        except clients[service].exceptions.ClientError:
            assert operation == "head_bucket"
            continue
        if operation == "create_user_pool":
            names[old["UserPoolId"]] = answer["UserPool"]["Id"]
        elif operation == "create_graphql_api":
            names[old["apiId"]] = answer["graphqlApi"]["apiId"]


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def creating(rounds: int = 40) -> tuple[float, float, float, int]:
    """Milliseconds through the fake and by hand, their ratio, and how many sibling calls.

    Both begin with an empty moto and the deployment bucket of an environment, in turn.
    """
    fake = FakeAmplifyBackend(moto=True)
    with fake:
        amplify = fake.client()
        clients = {
            name: boto3.client(name, region_name="us-east-1")
            for name in ("cognito-idp", "cognito-identity", "appsync", "s3")
        }
        fake.add_app("d1shop", name="shop")
        with recorded() as calls:
            through_the_fake(amplify)
    bucket = next(params["Bucket"] for _, name, params in calls if name == "put_object")

    def ours() -> float:
        with fake:
            fake.reset()
            fake.add_app("d1shop", name="shop")
            return _timed(partial(through_the_fake, amplify))

    def hand() -> float:
        with mock_aws():
            clients["s3"].create_bucket(Bucket=bucket)
            return _timed(partial(by_hand, calls, clients))

    ours(), hand()
    pairs = []
    for number in range(rounds):
        if number % 2:
            pairs.append((ours(), hand()))
        else:
            theirs = hand()
            pairs.append((ours(), theirs))
    mine = statistics.median(one for one, _ in pairs)
    other = statistics.median(another for _, another in pairs)
    return mine, other, mine / other, len(calls)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def setting_up() -> Any:
    """The fake in moto against ``mock_aws`` alone."""

    def ours() -> None:
        with FakeAmplifyBackend(moto=True):
            pass

    def theirs() -> None:
        with mock_aws():
            pass

    return compare(
        "set-up and tear-down / `mock_aws`", ours, theirs, goal="at most 1 ms more", calls=5
    )


def main() -> None:
    """Measure both and print the table."""
    row = setting_up()
    ours, hand, ratio, count = creating()
    print(HEAD)
    print(row.row())
    print(
        f"| creating auth, API and storage / the same {count} sibling calls by hand "
        f"| {ours * 1000:,.1f} µs | {hand * 1000:,.1f} µs | {ratio:.2f} | ≤ 1.30 |"
    )
    print(f"\n- The fake adds {row.ours - row.theirs:,.0f} µs to the set-up of `mock_aws`.")


if __name__ == "__main__":
    main()
