"""Readers of public programs run as they are on the answer of GetBackend.

Source: the programs that docs/evidence.md#callers counts. A reader whose tool is not installed is
skipped.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from drawn import Drawn, drawn

from pytest_amplifybackend import FakeAmplifyBackend

READ = 4
"""How many of the drawn backends are read: each takes a process."""


def whole() -> list[Drawn]:
    """Backends with auth, an API and storage, which the programs expect."""
    found = []
    for number in range(1000):
        backend = drawn(number)
        if {"auth", "api", "storage"} <= backend.configs.keys() and "UserPoolArn" in json.dumps(
            backend.meta
        ):
            found.append(backend)
        if len(found) == READ:
            return found
    raise AssertionError("too few drawn backends are whole")


WHOLE = whole()


def run(*command: str, on: str) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, input=on, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def as_cli(backend: Drawn) -> str:
    """What the AWS CLI prints of the answer as JSON."""
    return json.dumps(backend.answer, indent=4)


JQ = {
    ".auth[(.auth|keys)[0]].output.UserPoolId": ("auth", "UserPoolId"),
    ".auth[(.auth|keys)[0]].output.UserPoolArn": ("auth", "UserPoolArn"),
    ".auth[(.auth|keys)[0]].output.AppClientID": ("auth", "AppClientID"),
    ".api[(.api|keys)[0]].output.GraphQLAPIIdOutput": ("api", "GraphQLAPIIdOutput"),
    ".api.orders.output.GraphQLAPIEndpointOutput": ("api", "GraphQLAPIEndpointOutput"),
    ".storage[(.storage|keys)[0]].output.BucketName": ("storage", "BucketName"),
}


def test_actions_with_jq() -> None:
    paths = ", ".join([*JQ, ".providers.awscloudformation.DeploymentBucketName"])
    for backend in WHOLE:
        found = run("jq", "-r", f".AmplifyMetaConfig | fromjson | {paths}", on=as_cli(backend))
        outputs = [backend.entry(family)["output"][name] for family, name in JQ.values()]
        assert found.splitlines() == [*outputs, f"{backend.stack['StackName']}-deployment"]


def test_a_script_with_grep() -> None:
    for backend in WHOLE:
        text = "\t".join(str(value) for value in backend.answer.values())
        found = run("grep", "-oP", r'"GraphQLAPIIdOutput":"\K[a-z0-9]{26}(?=")', on=text)
        assert found == backend.entry("api")["output"]["GraphQLAPIIdOutput"]


NODE = """
const text = require("node:fs").readFileSync(0, "utf8");
const config = JSON.parse(JSON.parse(text).AmplifyMetaConfig);
console.log(Object.values(config.storage)[0].output.BucketName);
const api = Object.keys(config.api).find((name) => config.api[name].service === "AppSync");
console.log(api);
"""


def test_tools_in_node() -> None:
    for backend in WHOLE[:3]:
        bucket, api = run("node", "-e", NODE, on=as_cli(backend)).splitlines()
        assert bucket == backend.entry("storage")["output"]["BucketName"]
        assert api == backend.name("api")


def test_a_backup_tool_in_python() -> None:
    for backend in WHOLE:
        meta = json.loads(backend.answer["AmplifyMetaConfig"])
        [(_, storage)] = meta["storage"].items()
        assert storage["output"]["Region"] == backend.region
        [(_, auth)] = meta["auth"].items()
        for name in ("UserPoolId", "AppClientIDWeb", "AppClientID"):
            assert auth["output"][name]
        [(_, api)] = [item for item in meta["api"].items() if item[1]["service"] == "AppSync"]
        assert api["output"]["GraphQLAPIIdOutput"] in backend.answer["AmplifyMetaConfig"]
        assert api["output"]["GraphQLAPIEndpointOutput"].startswith("https://")


def test_readers_of_the_first_key_meet_what_others_add() -> None:
    """They are right for most projects; a test shows what they do in the others."""
    fake = FakeAmplifyBackend()
    fake.add_api("d1shop", name="orders")
    fake.add_category("api", {"adminrest": {"service": "API Gateway", "output": {}}})
    place = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
    script = ".AmplifyMetaConfig | fromjson | .api[(.api|keys)[0]].output.GraphQLAPIIdOutput"

    answer = json.dumps(fake.call("GetBackend", place))
    assert run("jq", "-r", script, on=answer) == "null"  # jq sorts, and the REST API is first


@pytest.mark.parametrize(
    "narrow",
    [
        r'"StackName":"amplify-[a-z0-9]+-[a-z]+-\d{6}"',
        r'"AppClientIDWeb":"[a-z0-9]{26}"',
        r'"UserPoolId":"[a-z0-9-]+_[a-z0-9]{9}"',
        r'"UserPoolName":"\w+-[a-z]+"',
    ],
)
def test_patterns_that_are_too_narrow_fail_here_as_they_do_on_aws(
    backends: list[Drawn], narrow: str
) -> None:
    missed = [one for one in backends if not re.search(narrow, one.answer["AmplifyMetaConfig"])]

    assert len(missed) > 10


ACTIONS = (
    ".auth[(.auth|keys)[0]].output.UserPoolId",
    ".auth[(.auth|keys)[0]].output.UserPoolArn",
    ".auth[(.auth|keys)[0]].output.AppClientID",
    ".api[(.api|keys)[0]].output.GraphQLAPIIdOutput",
    ".api.platelet.output.GraphQLAPIEndpointOutput",
    ".storage[(.storage|keys)[0]].output.BucketName",
    ".providers.awscloudformation.StackName",
    ".providers.awscloudformation.DeploymentBucketName",
)


def platelet() -> FakeAmplifyBackend:
    """The project that the actions were written for, with an API of that name."""
    fake = FakeAmplifyBackend()
    fake.add_auth("d1abc", "dev")
    fake.add_api("d1abc", "dev", name="platelet")
    fake.add_storage("d1abc", "dev")
    return fake


def answer(fake: FakeAmplifyBackend) -> dict[str, str]:
    found: dict[str, str] = fake.call(
        "GetBackend", {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
    )
    return found


def test_the_paths_of_the_actions_as_they_are() -> None:
    shown = json.dumps(answer(platelet()))
    paths = ", ".join(ACTIONS)
    found = run("jq", "-r", f".AmplifyMetaConfig | fromjson | {paths}", on=shown).splitlines()
    assert len(found) == len(ACTIONS)
    assert "null" not in found


def test_the_backup_helper_as_it_is() -> None:
    meta = json.loads(answer(platelet())["AmplifyMetaConfig"])
    [(_, storage)] = meta["storage"].items()
    assert storage["output"]["BucketName"]
    assert storage["output"]["Region"] == "us-east-1"
    [(_, auth)] = meta["auth"].items()
    for name in ("UserPoolId", "AppClientIDWeb", "AppClientID", "IdentityPoolId"):
        assert auth["output"][name]
    (api,) = (entry for entry in meta["api"].values() if entry["service"] == "AppSync")
    for name in ("GraphQLAPIEndpointOutput", "GraphQLAPIKeyOutput", "GraphQLAPIIdOutput"):
        assert api["output"][name]
