"""`shopops-outputs`: finds what a website needs in the metadata of an environment."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from pytest_amplifybackend import FakeAmplifyBackend

from shopops.outputs import main

REGION = "us-east-1"


def outputs(*options: str) -> int:
    """Run the command on the dev environment."""
    return main(["d1shop", "dev", "--region", REGION, *options])


WITH_GUESTS = {
    "Service": "COGNITO",
    "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
    "IdentityPoolConfigs": {"IdentityPoolName": "identities", "UnauthenticatedLogin": True},
    "UserPoolConfigs": {
        "SignInMethod": "EMAIL",
        "RequiredSignUpAttributes": ["EMAIL"],
        "UserPoolName": "users",
    },
}


@pytest.fixture
def shop(amplifybackend: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """An app whose dev environment has everything."""
    amplifybackend.add_app("d1shop", name="shop", environments=("dev",))
    amplifybackend.add_auth("d1shop", "dev", name="shopauth", config=WITH_GUESTS)
    amplifybackend.add_api("d1shop", "dev", name="shopapi")
    amplifybackend.add_storage("d1shop", "dev", name="shopmedia")
    return amplifybackend


@pytest.mark.usefixtures("shop")
class TestFormats:
    def test_json_has_the_names_that_amplify_gives(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert outputs("--format", "json") == 0

        found = json.loads(capsys.readouterr().out)
        assert list(found) == [
            "UserPoolId",
            "AppClientIDWeb",
            "AppClientID",
            "IdentityPoolId",
            "GraphQLAPIEndpointOutput",
            "GraphQLAPIKeyOutput",
            "GraphQLAPIIdOutput",
            "BucketName",
            "Region",
        ]
        assert found["Region"] == REGION
        assert re.fullmatch(rf"{REGION}_\w+", found["UserPoolId"])
        assert re.fullmatch(rf"{REGION}:[0-9a-f-]{{36}}", found["IdentityPoolId"])
        assert re.fullmatch(r"da2-[a-z2-7]{26}", found["GraphQLAPIKeyOutput"])
        assert found["GraphQLAPIEndpointOutput"].endswith(f"{REGION}.amazonaws.com/graphql")
        assert found["BucketName"].endswith("-dev")

    def test_shell_can_be_evaluated(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert outputs() == 0

        lines = [shlex.split(line) for line in capsys.readouterr().out.splitlines()]
        assert all(command == "export" for command, _ in lines)
        variables = dict(assignment.split("=", 1) for _, assignment in lines)
        assert variables["BUCKET_REGION"] == REGION
        assert variables["GRAPHQL_ENDPOINT"].startswith("https://")

    def test_env_takes_the_prefix_of_a_bundler(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert outputs("--format", "env", "--prefix", "VITE_") == 0

        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 9
        assert all(re.match(r"VITE_[A-Z_]+=\S", line) for line in lines)


class TestWhatIsMissing:
    def test_what_the_resources_do_not_have_is_left_out(
        self, amplifybackend: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
    ) -> None:
        amplifybackend.add_app("d1shop", name="shop", environments=("dev",))
        alone = {name: WITH_GUESTS[name] for name in ("Service", "UserPoolConfigs")}
        alone["AuthResources"] = "USER_POOL_ONLY"
        amplifybackend.add_auth("d1shop", "dev", name="shopauth", config=alone)

        assert outputs("--format", "json") == 0

        # No identity pool, no API, no storage.
        found = json.loads(capsys.readouterr().out)
        assert list(found) == ["UserPoolId", "AppClientIDWeb", "AppClientID"]

    def test_an_empty_environment_is_an_error(
        self, amplifybackend: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
    ) -> None:
        amplifybackend.add_app("d1shop", name="shop", environments=("dev",))

        assert outputs() == 1

        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err == "error: d1shop dev has no resources, so no outputs.\n"

    @pytest.mark.usefixtures("amplifybackend")
    def test_an_unknown_app_is_an_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert outputs() == 1

        assert "NotFoundException" in capsys.readouterr().err

    @pytest.mark.usefixtures("shop")
    def test_another_region_has_other_apps(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert outputs("--region", "ap-south-1") == 1

        assert "NotFoundException" in capsys.readouterr().err


class TestMetadataOfOtherOrigin:
    """What a hand-made project may hold, given to the program through an override."""

    def test_resources_of_other_services_are_passed_over(
        self, amplifybackend: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
    ) -> None:
        meta = {
            "providers": {"awscloudformation": {"Region": REGION}},
            "function": {"resize": {"service": "Lambda", "output": {"Name": "resize-dev"}}},
            "api": {
                "orders": {"service": "API Gateway", "output": {"RootUrl": "https://x.test"}},
                "shopapi": {"service": "AppSync", "output": {"GraphQLAPIIdOutput": "a1b2c3"}},
            },
            "storage": {"stock": {"service": "DynamoDB", "output": {"Region": REGION}}},
        }
        amplifybackend.override("GetBackend", {"AmplifyMetaConfig": json.dumps(meta)})

        assert outputs("--format", "env") == 0

        assert capsys.readouterr().out == "GRAPHQL_API_ID=a1b2c3\n"

    def test_text_that_is_not_json_is_an_error(
        self, amplifybackend: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
    ) -> None:
        amplifybackend.override("GetBackend", {"AmplifyMetaConfig": '{"auth": {'})

        assert outputs() == 1

        assert "The metadata of d1shop dev is not JSON" in capsys.readouterr().err
