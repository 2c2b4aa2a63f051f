"""What a call, a fixture and a page of jobs cost, next to a canned Stubber and to moto.

Run ``python benchmarks/core.py``; it prints Markdown.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tracemalloc
from typing import Any

import boto3
from botocore.stub import Stubber
from measure import HEAD, Ratio, compare
from moto import mock_aws

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._service.jobs import COMPLETED, JobRecord, JobTable
from pytest_amplifybackend._transports import isolated_client

APP, ENVIRONMENT = "d1abc", "dev"
CODE = "Your code is {####}"
PROVIDER = {"ClientId": "client", "ClientSecret": "secret"}
MESSAGE = {
    "DeliveryMethod": "EMAIL",
    "EmailSettings": {"EmailMessage": CODE, "EmailSubject": "Code"},
    "SmsSettings": {"SmsMessage": CODE},
}
FULL_AUTH: dict[str, Any] = {
    "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
    "IdentityPoolConfigs": {"IdentityPoolName": "identities", "UnauthenticatedLogin": True},
    "Service": "COGNITO",
    "UserPoolConfigs": {
        "ForgotPassword": MESSAGE,
        "Mfa": {"MFAMode": "ON", "Settings": {"MfaTypes": ["SMS", "TOTP"], "SmsMessage": CODE}},
        "OAuth": {
            "DomainPrefix": "shop",
            "OAuthGrantType": "CODE",
            "OAuthScopes": ["PHONE", "EMAIL", "OPENID", "PROFILE"],
            "RedirectSignInURIs": ["https://shop.example/in/"],
            "RedirectSignOutURIs": ["https://shop.example/out/"],
            "SocialProviderSettings": {
                "Facebook": PROVIDER,
                "Google": PROVIDER,
                "LoginWithAmazon": PROVIDER,
                "SignInWithApple": {
                    "ClientId": "client",
                    "KeyId": "key",
                    "PrivateKey": "-----BEGIN PRIVATE KEY-----abc-----END PRIVATE KEY-----",
                    "TeamId": "team",
                },
            },
        },
        "PasswordPolicy": {"AdditionalConstraints": ["REQUIRE_DIGIT"], "MinimumLength": 8},
        "RequiredSignUpAttributes": ["EMAIL", "NAME"],
        "SignInMethod": "EMAIL",
        "UserPoolName": "users",
        "VerificationMessage": MESSAGE,
    },
}


def reading_a_job() -> list[Ratio]:
    """``get_backend_job``, against a canned Stubber and a comparable read of moto's."""
    fake = FakeAmplifyBackend()
    client = fake.client()
    job = client.create_backend(AppId=APP, AppName="shop", BackendEnvironmentName=ENVIRONMENT)
    params = {"AppId": APP, "BackendEnvironmentName": ENVIRONMENT, "JobId": job["JobId"]}
    answer = client.get_backend_job(**params)
    canned = isolated_client("us-east-1")
    stubber = Stubber(canned)
    stubber.activate()

    def theirs() -> None:
        stubber.add_response("get_backend_job", answer)
        canned.get_backend_job(**params)

    def ours() -> None:
        client.get_backend_job(**params)

    rows = [compare("`get_backend_job` / canned Stubber", ours, theirs, goal="≤ 0.50")]
    with mock_aws():
        appsync = boto3.client("appsync", region_name="us-east-1")
        made = appsync.create_graphql_api(name="api", authenticationType="API_KEY")
        api_id = made["graphqlApi"]["apiId"]
        rows.append(
            compare(
                "`get_backend_job` / moto's `get_graphql_api`",
                ours,
                lambda: appsync.get_graphql_api(apiId=api_id),
                goal="≤ 0.17 (6 x faster)",
                calls=20,
                rounds=30,
            )
        )
    return rows


def creating_auth() -> Ratio:
    """``create_backend_auth`` with every member given, its job included."""
    fake = FakeAmplifyBackend()
    client = fake.client()
    params: dict[str, Any] = {
        "ResourceName": "auth",
        "ResourceConfig": FULL_AUTH,
        "AppId": APP,
    }
    names = (f"{a}{b}{c}{d}" for a in LETTERS for b in LETTERS for c in LETTERS for d in LETTERS)
    canned = isolated_client("us-east-1")
    stubber = Stubber(canned)
    stubber.activate()
    fake.add_app(APP, environments=())
    environments = [name for name, _ in zip(names, range(4000), strict=False)]
    fake.add_app(APP, environments=environments)
    waiting = iter(environments)
    answer = client.create_backend_auth(BackendEnvironmentName=next(waiting), **params)

    def ours() -> None:
        client.create_backend_auth(BackendEnvironmentName=next(waiting), **params)

    def theirs() -> None:
        stubber.add_response("create_backend_auth", answer)
        canned.create_backend_auth(BackendEnvironmentName=ENVIRONMENT, **params)

    return compare(
        "`create_backend_auth`, its job included / canned Stubber", ours, theirs, goal="≤ 0.95"
    )


LETTERS = "abcdefgh"


def setting_up() -> Ratio:
    """A fake made, activated and deactivated, against moto's ``mock_aws``."""

    def ours() -> None:
        with FakeAmplifyBackend():
            pass

    def theirs() -> None:
        with mock_aws():
            pass

    return compare("set-up and tear-down / `mock_aws`", ours, theirs, goal="≤ 500 µs", calls=5)


KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def making_clients() -> list[Ratio]:
    """Clients of a fake, next to boto3's own; and those of a new session while a fake is active."""
    session, fake = boto3.Session(region_name="us-east-1", **KEYS), FakeAmplifyBackend()

    def of_a_session() -> None:
        boto3.Session(region_name="us-east-1", **KEYS).client("amplifybackend")

    def of_an_active_fake() -> None:
        with FakeAmplifyBackend():
            of_a_session()

    return [
        compare(
            "`fake.client()` / a client of boto3's default session",
            fake.client,
            lambda: session.client("amplifybackend"),
            goal="≤ 1.05",
            calls=5,
        ),
        compare(
            "`boto3.Session().client()`, with a fake / without one",
            of_an_active_fake,
            of_a_session,
            goal="≤ 0.20",
            calls=1,
            rounds=20,
        ),
    ]


def paging(many: int = 1_000_000, few: int = 100) -> tuple[Ratio, float]:
    """A page of jobs out of a million against one out of a hundred, and the bytes a job takes."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    large = with_jobs(many)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    big, small = large.client(), with_jobs(few).client()
    params: dict[str, Any] = {"AppId": APP, "BackendEnvironmentName": ENVIRONMENT}
    ratio = compare(
        f"a page of `list_backend_jobs`, {many:,} jobs / {few} jobs",
        lambda: big.list_backend_jobs(**params),
        lambda: small.list_backend_jobs(**params),
        goal="≤ 1.50",
        calls=10,
    )
    return ratio, (after - before) / many


def with_jobs(count: int) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    fake.add_app(APP, environments=(ENVIRONMENT,))
    backend = fake._backend
    jobs: JobTable = backend.state.jobs
    for number in range(1, count + 1):
        now = backend.clock.milliseconds() + number
        jobs.add(
            JobRecord(
                number,
                backend.ids.uuid("job"),
                "us-east-1",
                APP,
                (ENVIRONMENT,),
                "UpdateBackendAPI",
                now,
                now,
                COMPLETED,
            )
        )
    return fake


_IMPORTED = r"\|\s*(\d+) \|   ?pytest_amplifybackend(?:\.plugin)?$"


def start_up() -> tuple[float, list[str]]:
    """Milliseconds that importing the plugin takes, and third-party modules that it brings."""
    code = "import sys, pytest; old = set(sys.modules); import pytest_amplifybackend.plugin;"
    code += "print(*sorted({n.split('.')[0] for n in set(sys.modules) - old}))"
    times = []
    for _ in range(7):
        run = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", code],
            capture_output=True,
            text=True,
            check=True,
        )
        found = re.findall(_IMPORTED, run.stderr, re.M)
        times.append(sum(int(micro) for micro in found) / 1000)
    brought = [name for name in run.stdout.split() if name not in sys.stdlib_module_names]
    return min(times), [name for name in brought if name != "pytest_amplifybackend"]


def main() -> None:
    """Measure everything and print the table."""
    rows = [*reading_a_job(), creating_auth(), *making_clients(), setting_up()]
    page, size = paging()
    milliseconds, brought = start_up()
    print(HEAD)
    print("\n".join(ratio.row() for ratio in [*rows, page]))
    print(f"\n- One job takes {size:,.0f} bytes (goal: at most 1,024).")
    print(f"- Importing the plugin takes {milliseconds:.1f} ms (goal: at most 5) and brings")
    print(f"  {json.dumps(brought) if brought else 'no third-party module'}.")


if __name__ == "__main__":
    main()
