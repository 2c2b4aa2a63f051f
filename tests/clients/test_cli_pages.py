"""The manual pages of the AWS CLI, followed: each option and each form that they document.

`create-backend-auth` is the page of version 1, `update-backend-auth` that of version 2.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from clients import AwsCli, command_line
from full_requests import FULL

from pytest_amplifybackend._api import catalogue

PAGES = {"create-backend-auth": "awscli1", "update-backend-auth": "awscli2"}
OPERATIONS = {
    "create-backend-auth": "CreateBackendAuth",
    "update-backend-auth": "UpdateBackendAuth",
}
REFUSED = {"awscli1": (255, 2), "awscli2": (252,)}
"""The exit codes with which a CLI refuses a command by itself."""


def documented(operation: str) -> dict[str, Any]:
    """Every member of the request, and every value of the lists of enums."""
    params = FULL[operation]
    return {**params, "ResourceConfig": _all_values(params["ResourceConfig"], _shape(operation))}


def _shape(operation: str) -> Any:
    return catalogue.operations()[operation].input_shape.members["ResourceConfig"]


def _all_values(value: Any, shape: Any) -> Any:
    if shape.type_name == "structure":
        assert set(value) == set(shape.members), "the page documents more than is sent"
        return {name: _all_values(value[name], shape.members[name]) for name in value}
    if shape.type_name == "list":
        return list(getattr(shape.member, "enum", ())) or value
    return value


@pytest.fixture(params=list(PAGES))
def page(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def cli(page: str, get_client: Any) -> AwsCli:
    """The CLI whose page it is."""
    found: AwsCli = get_client(PAGES[page])
    return found


@pytest.fixture
def ready(page: str, server: Any) -> Any:
    """A server with what the page's command needs."""
    server.fake.add_app("d1shop")
    if page == "update-backend-auth":
        server.fake.add_auth("d1shop", name="users")
    return server


def check(done: Any, server: Any, params: dict[str, Any]) -> Any:
    """The command succeeded, the service was asked for just this, and the job ends well."""
    assert done.returncode == 0, done.stderr
    (call,) = server.fake.calls
    assert call.params == params
    assert server.fake.jobs[call.response["JobId"]].error is None
    return call.response


def test_every_option_of_the_page(page: str, cli: AwsCli, ready: Any, tmp_path: Path) -> None:
    """In a file, as one does with so many; the answer has the members of the page's Output."""
    params = documented(OPERATIONS[page])
    config = tmp_path / "config.json"
    config.write_text(json.dumps(params["ResourceConfig"]))
    arguments = command_line(OPERATIONS[page], {**params, "ResourceConfig": f"file://{config}"})

    done = cli.run(ready, *arguments)

    response = check(done, ready, params)
    assert json.loads(done.stdout) == response
    assert set(response) == {"AppId", "BackendEnvironmentName", "JobId", "Operation", "Status"}


def test_the_shorthand_syntax(page: str, cli: AwsCli, ready: Any) -> None:
    pool = "SignInMethod=EMAIL,UserPoolName=customers,RequiredSignUpAttributes=[EMAIL,NAME]"
    wanted: dict[str, Any] = {
        "SignInMethod": "EMAIL",
        "UserPoolName": "customers",
        "RequiredSignUpAttributes": ["EMAIL", "NAME"],
    }
    if page == "update-backend-auth":
        pool = "PasswordPolicy={AdditionalConstraints=[REQUIRE_DIGIT],MinimumLength=10}"
        wanted = {
            "PasswordPolicy": {"AdditionalConstraints": ["REQUIRE_DIGIT"], "MinimumLength": 10}
        }
    text = f"AuthResources=USER_POOL_ONLY,Service=COGNITO,UserPoolConfigs={{{pool}}}"
    config = {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": wanted}
    params = {**FULL[OPERATIONS[page]], "ResourceConfig": config}

    done = cli.run(ready, *command_line(OPERATIONS[page], {**params, "ResourceConfig": text}))

    check(done, ready, params)


@pytest.mark.parametrize(
    "missing", ["AppId", "BackendEnvironmentName", "ResourceConfig", "ResourceName"]
)
def test_what_the_page_does_not_put_in_brackets_is_required(
    page: str, cli: AwsCli, ready: Any, missing: str
) -> None:
    params = {name: value for name, value in FULL[OPERATIONS[page]].items() if name != missing}

    done = cli.run(ready, *command_line(OPERATIONS[page], params))

    assert done.returncode in REFUSED[PAGES[page]]
    assert list(ready.fake.calls) == []


def test_cli_input_json_under_the_other_options(
    page: str, cli: AwsCli, ready: Any, tmp_path: Path
) -> None:
    params = documented(OPERATIONS[page])
    text = json.dumps({**params, "AppId": "d1other"})
    (tmp_path / "input.json").write_text(text)
    given = text if page == "create-backend-auth" else f"file://{tmp_path / 'input.json'}"

    done = cli.run(ready, page, "--cli-input-json", given, "--app-id", "d1shop")

    check(done, ready, params)


def test_the_skeletons(page: str, cli: AwsCli, ready: Any) -> None:
    arguments = command_line(OPERATIONS[page], FULL[OPERATIONS[page]])
    asked = cli.run(ready, page, "--generate-cli-skeleton")
    answered = cli.run(ready, *arguments, "--generate-cli-skeleton", "output")

    skeleton = json.loads(asked.stdout)
    _all_values(skeleton["ResourceConfig"], _shape(OPERATIONS[page]))
    assert set(skeleton) == set(FULL[OPERATIONS[page]])
    assert set(json.loads(answered.stdout)) >= {"AppId", "JobId", "Operation", "Status"}
    assert list(ready.fake.calls) == []


def test_the_global_options(page: str, cli: AwsCli, ready: Any, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "[profile mine]\nregion = eu-west-3\n"
        "aws_access_key_id = mine\naws_secret_access_key = mine\n"
    )
    params = FULL[OPERATIONS[page]]
    options = ["--debug", "--no-verify-ssl", "--no-paginate", "--color", "off"]
    options += ["--cli-read-timeout", "30", "--cli-connect-timeout", "30", "--profile", "mine"]
    options += ["--region", "us-east-1", "--query", "[Operation,Status]", "--output", "text"]
    if page == "update-backend-auth":
        options += ["--cli-binary-format", "raw-in-base64-out", "--no-cli-pager"]
        options += ["--no-cli-auto-prompt"]

    done = cli.run(
        ready,
        *command_line(OPERATIONS[page], params),
        *options,
        AWS_CONFIG_FILE=str(tmp_path / "config"),
    )

    check(done, ready, params)
    assert done.stdout.split() == [OPERATIONS[page], "PENDING"]
    assert "amplifybackend" in done.stderr  # the log
    assert ready.fake.calls[0].region == "us-east-1"


def test_without_signature_and_with_a_bundle(
    page: str, cli: AwsCli, ready: Any, tmp_path: Path
) -> None:
    (tmp_path / "bundle.pem").touch()
    params = FULL[OPERATIONS[page]]
    options = ["--no-sign-request", "--ca-bundle", str(tmp_path / "bundle.pem")]

    done = cli.run(ready, *command_line(OPERATIONS[page], params), *options, "--output", "table")

    check(done, ready, params)
    assert "PENDING" in done.stdout


class TestYaml:
    """What only the page of version 2 has."""

    @pytest.fixture(params=["update-backend-auth"])
    def page(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    TEXT = """
AppId: d1other
BackendEnvironmentName: dev
ResourceName: users
ResourceConfig:
  AuthResources: USER_POOL_ONLY  # and nothing of the identity pool
  Service: COGNITO
  UserPoolConfigs:
    Mfa: {MFAMode: "OFF"}
    OAuth:
      RedirectSignInURIs: [https://shop.example/in/]
    PasswordPolicy:
      MinimumLength: 10.0
      AdditionalConstraints:
        - REQUIRE_DIGIT
        - REQUIRE_SYMBOL
"""
    PARAMS: dict[str, Any] = {  # noqa: RUF012  # never changed
        "AppId": "d1shop",
        "BackendEnvironmentName": "dev",
        "ResourceName": "users",
        "ResourceConfig": {
            "AuthResources": "USER_POOL_ONLY",
            "Service": "COGNITO",
            "UserPoolConfigs": {
                "Mfa": {"MFAMode": "OFF"},
                "OAuth": {"RedirectSignInURIs": ["https://shop.example/in/"]},
                "PasswordPolicy": {
                    "MinimumLength": 10.0,
                    "AdditionalConstraints": ["REQUIRE_DIGIT", "REQUIRE_SYMBOL"],
                },
            },
        },
    }

    @pytest.mark.parametrize("form", ["text", "file"])
    def test_cli_input_yaml(
        self, page: str, cli: AwsCli, ready: Any, tmp_path: Path, form: str
    ) -> None:
        (tmp_path / "input.yaml").write_text(self.TEXT)
        given = self.TEXT if form == "text" else f"file://{tmp_path / 'input.yaml'}"

        done = cli.run(
            ready, page, "--cli-input-yaml", given, "--app-id", "d1shop", "--output", "yaml"
        )

        assert done.returncode == 0, done.stderr
        assert ready.fake.calls[0].params == self.PARAMS
        assert "Operation: UpdateBackendAuth" in done.stdout

    def test_not_with_json_at_once(self, page: str, cli: AwsCli, ready: Any) -> None:
        done = cli.run(ready, page, "--cli-input-yaml", self.TEXT, "--cli-input-json", "{}")
        assert done.returncode in REFUSED["awscli2"]
        assert list(ready.fake.calls) == []

    def test_the_yaml_skeleton(self, page: str, cli: AwsCli, ready: Any) -> None:
        done = cli.run(ready, page, "--generate-cli-skeleton", "yaml-input")
        assert done.returncode == 0, done.stderr
        assert "AdditionalConstraints:" in done.stdout

    def test_a_stream_of_yaml(self, page: str, cli: AwsCli, ready: Any) -> None:
        params = FULL["UpdateBackendAuth"]
        done = cli.run(ready, *command_line("UpdateBackendAuth", params), "--output", "yaml-stream")
        check(done, ready, params)
        assert done.stdout.startswith("- ")
