"""`shopops-deploy`: creates a backend, updates it, and says why when it cannot."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import boto3
import pytest
from pytest_amplifybackend import FakeAmplifyBackend, errors, progress

from shopops.deploy import main

Deploy: TypeAlias = Callable[..., int]

REGION = "eu-west-1"
DEV = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
EXAMPLES = Path(__file__).parent.parent


@pytest.fixture
def deploy(tmp_path: Path) -> Deploy:
    """Runs the command on the shop's own config, with some sections `changed` or left out."""

    def run(*options: str, without: tuple[str, ...] = (), **changed: dict[str, Any]) -> int:
        config = json.loads((EXAMPLES / "shop.json").read_text())
        for name, values in changed.items():
            config[name] = config[name] | values
        for name in without:
            del config[name]
        (tmp_path / "shop.json").write_text(json.dumps(config))
        (tmp_path / "schema.graphql").write_text((EXAMPLES / "schema.graphql").read_text())
        return main(["--config", str(tmp_path / "shop.json"), "--region", REGION, *options])

    return run


@pytest.fixture
def client(amplifybackend: FakeAmplifyBackend) -> Any:
    """Someone else who works on the same app."""
    return boto3.client("amplifybackend", region_name=REGION)


def held(client: Any) -> dict[str, list[str]]:
    """The names of the resources in dev, by category."""
    meta = json.loads(client.get_backend(**DEV)["AmplifyMetaConfig"])
    return {name: list(meta[name]) for name in ("auth", "api", "storage") if meta.get(name)}


class TestFirstDeployment:
    def test_creates_the_environment_and_then_each_resource(
        self, deploy: Deploy, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert deploy() == 0

        assert capsys.readouterr().out.splitlines() == [
            "dev: created",
            "auth shopauth: created",
            "api shopapi: created",
            "storage shopmedia: created",
        ]
        assert held(client) == {
            "auth": ["shopauth"],
            "api": ["shopapi"],
            "storage": ["shopmedia"],
        }

    def test_starts_a_job_only_when_the_one_before_has_ended(
        self, deploy: Deploy, amplifybackend: FakeAmplifyBackend
    ) -> None:
        deploy()

        mutations_and_polls = [
            call.operation for call in amplifybackend.calls if call.operation != "GetBackend"
        ]
        assert mutations_and_polls == [
            "CreateBackend",
            "GetBackendJob",
            "CreateBackendAuth",
            "GetBackendJob",
            "CreateBackendAPI",
            "GetBackendJob",
            "CreateBackendStorage",
            "GetBackendJob",
        ]

    def test_sends_the_schema_file(self, deploy: Deploy, client: Any) -> None:
        deploy(api={"api_key_days": 90})

        config = client.get_backend_api(**DEV, ResourceName="shopapi")["ResourceConfig"]
        assert config["TransformSchema"] == (EXAMPLES / "schema.graphql").read_text()
        assert config["DefaultAuthType"]["Settings"]["ExpirationTime"] == 90

    def test_takes_another_environment_from_the_command_line(
        self, deploy: Deploy, client: Any
    ) -> None:
        assert deploy("--environment", "staging") == 0

        assert client.get_backend(AppId="d1shop")["BackendEnvironmentList"] == ["staging"]

    def test_a_config_that_cannot_be_read_changes_nothing(
        self,
        deploy: Deploy,
        amplifybackend: FakeAmplifyBackend,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert deploy(api={"schema": "absent.graphql"}) == 1

        assert "shop.json cannot be read" in capsys.readouterr().err
        amplifybackend.assert_no_other_calls()


class TestLaterDeployments:
    def test_update_what_exists(
        self, deploy: Deploy, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        deploy()
        capsys.readouterr()

        assert deploy(auth={"password_minimum": 16}) == 0

        assert capsys.readouterr().out.splitlines() == [
            "auth shopauth: updated",
            "api shopapi: updated",
            "storage shopmedia: updated",
        ]
        auth = client.get_backend_auth(**DEV, ResourceName="shopauth")["ResourceConfig"]
        assert auth["UserPoolConfigs"]["PasswordPolicy"]["MinimumLength"] == 16
        assert auth["UserPoolConfigs"]["SignInMethod"] == "EMAIL"

    def test_take_away_what_the_config_no_longer_names(
        self, deploy: Deploy, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        deploy()
        capsys.readouterr()

        assert deploy("--remove", without=("auth", "storage")) == 0

        assert capsys.readouterr().out.splitlines() == [
            "api shopapi: updated",
            "storage shopmedia: deleted",  # before auth, on which it depends
            "auth shopauth: deleted",
        ]
        assert held(client) == {"api": ["shopapi"]}

    def test_leave_it_without_the_option(self, deploy: Deploy, client: Any) -> None:
        deploy()

        assert deploy(without=("storage",)) == 0

        assert held(client)["storage"] == ["shopmedia"]


class TestSlowJobs:
    @pytest.mark.amplifybackend(jobs=progress.after_reads(2))
    def test_are_polled_until_they_end(
        self, deploy: Deploy, amplifybackend: FakeAmplifyBackend
    ) -> None:
        assert deploy() == 0

        amplifybackend.assert_called("GetBackendJob", times=4 * (2 + 1))

    @pytest.mark.amplifybackend(jobs=progress.after_seconds(240))
    def test_may_take_minutes(self, deploy: Deploy, amplifybackend: FakeAmplifyBackend) -> None:
        began = amplifybackend.clock.now()

        assert deploy() == 0

        assert amplifybackend.clock.now() - began == timedelta(minutes=4 * 4)

    @pytest.mark.amplifybackend(jobs=progress.manual())
    def test_are_given_up_at_the_deadline(
        self,
        deploy: Deploy,
        amplifybackend: FakeAmplifyBackend,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert deploy("--job-timeout", "3") == 1

        assert "is still PENDING after 180 seconds." in capsys.readouterr().err
        amplifybackend.assert_called("GetBackendJob", times=180 // 5 + 1)
        amplifybackend.assert_not_called("CreateBackendAuth")


class TestFailedJobs:
    def test_end_the_deployment_with_their_reason(
        self,
        deploy: Deploy,
        client: Any,
        amplifybackend: FakeAmplifyBackend,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        amplifybackend.jobs.fail_next("CreateBackendAPI", error="Rate exceeded for CreateRole.")

        assert deploy() == 1

        captured = capsys.readouterr()
        assert captured.out.splitlines() == ["dev: created", "auth shopauth: created"]
        assert "error: CreateBackendAPI" in captured.err
        assert captured.err.endswith("failed: Rate exceeded for CreateRole.\n")
        assert held(client) == {"auth": ["shopauth"]}
        amplifybackend.assert_not_called("CreateBackendStorage")

    def test_are_made_up_for_by_the_next_deployment(
        self,
        deploy: Deploy,
        amplifybackend: FakeAmplifyBackend,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        amplifybackend.jobs.fail_next("CreateBackendAPI", error="Rate exceeded for CreateRole.")
        deploy()
        capsys.readouterr()

        assert deploy() == 0

        assert capsys.readouterr().out.splitlines() == [
            "auth shopauth: updated",
            "api shopapi: created",
            "storage shopmedia: created",
        ]

    def test_a_second_auth_is_refused(
        self, deploy: Deploy, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        deploy(without=("api", "storage"))

        assert deploy(without=("api", "storage"), auth={"name": "otherauth"}) == 1

        assert "Auth has already been added" in capsys.readouterr().err
        assert held(client) == {"auth": ["shopauth"]}

    def test_storage_needs_auth(
        self, deploy: Deploy, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert deploy(without=("auth", "api")) == 1

        assert "without an existing auth resource" in capsys.readouterr().err
        assert held(client) == {}

    def test_auth_stays_while_storage_depends_on_it(
        self, deploy: Deploy, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        deploy(without=("api",))

        assert deploy("--remove", without=("auth", "api")) == 1

        error = capsys.readouterr().err
        assert "error: DeleteBackendAuth" in error
        assert "shopmedia" in error
        assert held(client) == {"auth": ["shopauth"], "storage": ["shopmedia"]}

    def test_auth_stays_while_an_api_is_for_its_users(
        self, deploy: Deploy, client: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        schema = "type Order @model @auth(rules: [{ allow: owner }]) { id: ID! }"
        (tmp_path / "orders.graphql").write_text(schema)
        api = {"authorization": "AMAZON_COGNITO_USER_POOLS", "schema": "orders.graphql"}
        deploy(without=("storage",), api=api)

        assert deploy("--remove", without=("auth", "storage"), api=api) == 1

        error = capsys.readouterr().err
        assert "error: DeleteBackendAuth" in error
        assert "shopapi" in error
        assert held(client) == {"auth": ["shopauth"], "api": ["shopapi"]}

    def test_a_schema_may_not_allow_what_the_api_does_not(
        self, deploy: Deploy, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        # The schema is for everyone, which takes an API key.
        by_users = {"authorization": "AMAZON_COGNITO_USER_POOLS"}

        assert deploy(without=("storage",), api=by_users) == 1

        assert "no API Key authentication provider configured" in capsys.readouterr().err
        assert held(client) == {"auth": ["shopauth"]}

    def test_a_schema_that_does_not_parse_is_refused(
        self, deploy: Deploy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "broken.graphql").write_text("type Product @model { id: ID! ")

        assert deploy(api={"schema": "broken.graphql"}) == 1

        assert "error: CreateBackendAPI" in capsys.readouterr().err


class TestThrottling:
    # The default, spelled out: on the wire the retries of botocore would hide the refusals.
    @pytest.mark.amplifybackend(transport="stubber")
    def test_of_a_poll_is_waited_out(
        self, deploy: Deploy, amplifybackend: FakeAmplifyBackend
    ) -> None:
        amplifybackend.fail(
            "GetBackendJob", errors.TooManyRequests(limit_type="RequestsPerSecond"), times=2
        )
        began = amplifybackend.clock.now()

        assert deploy() == 0

        assert amplifybackend.clock.now() - began == timedelta(seconds=1 + 2)
        amplifybackend.assert_called("GetBackendJob", times=2 + 4)

    def test_of_a_change_is_waited_out(
        self, deploy: Deploy, client: Any, amplifybackend: FakeAmplifyBackend
    ) -> None:
        amplifybackend.fail("CreateBackendAuth", errors.TooManyRequests(), times=3)

        assert deploy() == 0

        amplifybackend.assert_called("CreateBackendAuth", times=4)
        assert held(client)["auth"] == ["shopauth"]

    def test_that_does_not_end_is_reported(
        self,
        deploy: Deploy,
        amplifybackend: FakeAmplifyBackend,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        amplifybackend.fail("CreateBackend", errors.TooManyRequests("Slow down."), times=None)
        began = amplifybackend.clock.now()

        assert deploy() == 1

        assert amplifybackend.clock.now() - began < timedelta(minutes=15)
        assert "TooManyRequestsException" in capsys.readouterr().err
        amplifybackend.assert_not_called("GetBackendJob")


class TestOtherTrouble:
    @pytest.mark.amplifybackend(jobs=progress.after_seconds(60))
    def test_the_job_of_a_colleague_is_waited_for(
        self,
        deploy: Deploy,
        client: Any,
        amplifybackend: FakeAmplifyBackend,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        amplifybackend.add_app("d1shop", name="shop", environments=("dev",))
        deploy(without=("api", "storage"))
        capsys.readouterr()
        # The colleague adds the API by hand, a moment before the deployment would.
        config = {
            "ApiName": "shopapi",
            "DefaultAuthType": {"Mode": "API_KEY"},
            "Service": "AppSync",
            "TransformSchema": "type Product @model { id: ID! }",
        }
        client.create_backend_api(**DEV, ResourceName="shopapi", ResourceConfig=config)

        assert deploy(without=("storage",)) == 0

        assert capsys.readouterr().out.splitlines() == [
            "auth shopauth: updated",
            "api shopapi: updated",
        ]
        refused = [call for call in amplifybackend.calls.of("UpdateBackendAuth") if call.error]
        assert len(refused) > 1

    @pytest.mark.amplifybackend(errors="observed", jobs=progress.after_seconds(60))
    def test_the_codes_that_the_sdk_does_not_model_are_understood(
        self, deploy: Deploy, client: Any
    ) -> None:
        # An app that the service does not know yet: ResourceNotFoundException.
        assert deploy(without=("api", "storage")) == 0

        # A job in the way: ValidationException.
        client.delete_backend_auth(**DEV, ResourceName="shopauth")
        assert deploy(without=("api", "storage")) == 0
        assert held(client) == {"auth": ["shopauth"]}

    def test_a_gateway_that_times_out_is_asked_again_about_a_job(
        self, deploy: Deploy, amplifybackend: FakeAmplifyBackend
    ) -> None:
        amplifybackend.fail("GetBackendJob", errors.GatewayTimeout(), times=1)

        assert deploy() == 0

    def test_a_lost_connection_is_reported_in_one_line(
        self,
        deploy: Deploy,
        amplifybackend: FakeAmplifyBackend,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        amplifybackend.fail("GetBackend", errors.ConnectionReset(), times=None)

        assert deploy() == 1

        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith("error: Connection was closed")
