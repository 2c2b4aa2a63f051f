"""What a whole test suite costs, next to the same suite with hand-canned answers, and in moto.

Run ``python benchmarks/suite.py``; it prints Markdown. It writes suites of tests of a deploy tool
that makes its own client, as most programs do, and runs each with pytest: on the fake, with a
``Stubber`` that a test fills with the answers, and with nothing to do. moto has no Amplify Backend;
its tests make as many calls of the services behind. Two sizes of a suite are run, so that start-up
and imports cancel out: what is left is the cost of a test. Where valgrind is there, instructions
are counted too, which gives the same figure on a busy machine.

``--fail-above 0.75`` is the check of CI: it only counts the instructions of the first two.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pytest_amplifybackend import FakeAmplifyBackend

COUNTED, TIMED, TIMED_IN_MOTO = (15, 45), (15, 115), (1, 5)
"""How many tests the two suites have of which instructions are counted, and time is measured."""

PROGRAM = '''
"""A deploy tool: makes its own client, deploys step by step, and polls each job."""

import boto3

APP = "d1abc"
SCHEMA = """
type Blog @model @auth(rules: [{allow: public}]) { id: ID! name: String! posts: [Post] @hasMany }
type Post @model @auth(rules: [{allow: public}]) { id: ID! title: String! blog: Blog @belongsTo }
"""
AUTH = {
    "AuthResources": "USER_POOL_ONLY",
    "Service": "COGNITO",
    "UserPoolConfigs": {
        "RequiredSignUpAttributes": ["EMAIL"],
        "SignInMethod": "EMAIL",
        "UserPoolName": "people",
    },
}
API = {
    "ApiName": "blog",
    "DefaultAuthType": {"Mode": "API_KEY", "Settings": {"ExpirationTime": 7}},
    "Service": "AppSync",
    "TransformSchema": SCHEMA,
}


def deploy(steps):
    """Do so many of the steps; each but the tokens makes a job and waits for it."""
    client = boto3.client("amplifybackend", region_name="us-east-1")
    at = {"AppId": APP, "BackendEnvironmentName": "dev"}

    def wait(job):
        where = {"AppId": APP, "BackendEnvironmentName": job["BackendEnvironmentName"]}
        while True:
            status = client.get_backend_job(**where, JobId=job["JobId"])["Status"]
            if status in ("COMPLETED", "FAILED"):
                assert status == "COMPLETED"
                return

    wait(client.create_backend(AppId=APP, AppName="shop", BackendEnvironmentName="dev"))
    environments = client.get_backend(AppId=APP)["BackendEnvironmentList"]
    assert environments == ["dev"]
    token = client.create_token(AppId=APP)
    client.get_token(AppId=APP, SessionId=token["SessionId"])
    client.delete_token(AppId=APP, SessionId=token["SessionId"])
    if steps > 0:
        wait(client.create_backend_auth(**at, ResourceName="people", ResourceConfig=AUTH))
        client.get_backend_auth(**at, ResourceName="people")
        client.get_backend(**at)
    if steps > 1:
        wait(client.create_backend_api(**at, ResourceName="blog", ResourceConfig=API))
        client.get_backend_api(**at, ResourceName="blog")
        wait(client.generate_backend_api_models(**at, ResourceName="blog"))
        client.get_backend_api_models(**at, ResourceName="blog")
    if steps > 2:
        client.list_backend_jobs(**at)
        wait(client.clone_backend(**at, TargetEnvironmentName="stage"))
        assert client.get_backend(AppId=APP)["BackendEnvironmentList"] == ["dev", "stage"]
    return client
'''

OURS_HEAD = """
import deploying
"""
OURS = """

def test_{number}(amplifybackend):
    deploying.deploy({steps})
    amplifybackend.assert_called("CreateBackend")
"""

CANNED = """
def test_{number}(monkeypatch):
    client = boto3.client("amplifybackend", region_name="us-east-1", **KEYS)
    with Stubber(client) as stubber:
        for method, answer in ANSWERS[{steps}]:
            stubber.add_response(method, answer)
        monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
        deploying.deploy({steps})
        stubber.assert_no_pending_responses()
"""
CANNED_HEAD = """
import json
from pathlib import Path

import boto3
from botocore.stub import Stubber

import deploying

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
ANSWERS = json.loads(Path(__file__).with_name("answers.json").read_text())
ANSWERS = {int(steps): answers for steps, answers in ANSWERS.items()}
"""

CLIENT_HEAD = """
import boto3

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
"""
CLIENT = """

def test_{number}():
    boto3.client("amplifybackend", region_name="us-east-1", **KEYS)
"""

MOTO_HEAD = """
import boto3
from moto import mock_aws

REGION = "us-east-1"


def deploy(steps):
    idp, sync = (boto3.client(name, region_name=REGION) for name in ("cognito-idp", "appsync"))
    pool = idp.create_user_pool(PoolName="people")["UserPool"]["Id"]
    web = idp.create_user_pool_client(UserPoolId=pool, ClientName="web")["UserPoolClient"]
    idp.describe_user_pool(UserPoolId=pool)
    idp.describe_user_pool_client(UserPoolId=pool, ClientId=web["ClientId"])
    api = sync.create_graphql_api(name="blog", authenticationType="API_KEY")["graphqlApi"]
    sync.get_graphql_api(apiId=api["apiId"])
    for _ in range(4 * steps):
        sync.create_api_key(apiId=api["apiId"])
"""
MOTO = """

@mock_aws
def test_{number}():
    deploy({steps})
"""

FLOOR = """
def test_{number}():
    pass
"""

SUITES = {
    "ours": (OURS_HEAD, OURS),
    "canned": (CANNED_HEAD, CANNED),
    "client": (CLIENT_HEAD, CLIENT),
    "floor": ("", FLOOR),
    "moto": (MOTO_HEAD, MOTO),
}
TITLES = {
    "ours": "the program on the fake",
    "canned": "the program, its answers canned by hand",
    "client": "making a client",
    "floor": "nothing",
    "moto": "as many calls of Cognito and AppSync in moto",
}


def recorded(folder: Path) -> dict[int, list[tuple[str, Any]]]:
    """The answers to the program's calls, by the number of its steps."""
    sys.path.insert(0, str(folder))
    import deploying  # type: ignore[import-not-found]  # what was just written

    answers = {}
    for steps in range(4):
        with FakeAmplifyBackend() as fake:
            deploying.deploy(steps)
            answers[steps] = [(_method(call.operation), call.response) for call in fake.calls]
    return answers


def _method(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


def write(folder: Path) -> None:
    """Lay down the program and every suite, in all sizes."""
    (folder / "deploying.py").write_text(PROGRAM)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -q -p no:cacheprovider\n")
    (folder / "answers.json").write_text(json.dumps(recorded(folder)))
    for name, (head, test) in SUITES.items():
        for size in {*sizes(name), *COUNTED}:
            tests = (test.format(number=index, steps=index % 4) for index in range(size))
            (folder / f"test_{name}_{size}.py").write_text(head + "".join(tests))


def sizes(name: str) -> tuple[int, int]:
    """How many tests the two suites have whose time is measured."""
    return TIMED_IN_MOTO if name == "moto" else TIMED


def run(folder: Path, name: str, size: int, *, count: bool) -> float:
    """Instructions, or seconds of processor time, of a run of pytest with no other plugin."""
    command = [sys.executable, "-m", "pytest", f"test_{name}_{size}.py"]
    command += ["-p", "pytest_amplifybackend.plugin"] if name == "ours" else []
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else each run compiles what it imports
    environment.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")
    if count:
        command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", _NO_FILE, *command]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise SystemExit(f"{name}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    if count:
        found = re.search(r"I +refs: +([\d,]+)", ran.stderr)
        assert found is not None, ran.stderr
        return float(found[1].replace(",", ""))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


_NO_FILE = "--cachegrind-out-file=/dev/null"


def instructions(folder: Path, names: list[str]) -> dict[str, float]:
    """Millions of instructions a test; nothing where valgrind is missing."""
    if shutil.which("valgrind") is None:
        return {}
    run(folder, "ours", COUNTED[0], count=False)  # compiles what is imported
    asked = {(name, size): (folder, name, size) for name in names for size in COUNTED}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = {key: pool.submit(run, *args, count=True) for key, args in asked.items()}
        found = {key: future.result() for key, future in waiting.items()}
    few, many = COUNTED
    return {name: (found[name, many] - found[name, few]) / (many - few) / 1e6 for name in names}


def milliseconds(folder: Path, name: str, rounds: int = 3) -> float:
    """Processor time a test, the median of rounds."""
    few, many = sizes(name)
    costs = [
        (run(folder, name, many, count=False) - run(folder, name, few, count=False)) / (many - few)
        for _ in range(rounds)
    ]
    return statistics.median(costs) * 1e3


def table(folder: Path) -> None:
    """Print what a test of each suite costs."""
    counted = instructions(folder, [name for name in SUITES if name != "moto"])
    timed = {name: milliseconds(folder, name) for name in SUITES}
    print("| a test of | instructions | to canned | processor time | to canned |")
    print("| --- | --- | --- | --- | --- |")
    for name, took in timed.items():
        figures = ["", ""]
        if name in counted:
            figures = [f"{counted[name]:.1f} M", f"{counted[name] / counted['canned']:.2f}"]
        figures += [f"{took:,.1f} ms", f"{took / timed['canned']:.2f}"]
        print(f"| {TITLES[name]} | {' | '.join(figures)} |")


def check(folder: Path, most: float) -> None:
    """Exit with a message if a test on the fake costs more than this of one with canned answers."""
    counted = instructions(folder, ["ours", "canned"])
    if not counted:
        raise SystemExit("valgrind is not installed, and nothing else counts instructions exactly")
    ratio = counted["ours"] / counted["canned"]
    print(f"{counted['ours']:.1f} M instructions a test, {ratio:.3f} of canned answers")
    if ratio > most:
        raise SystemExit(f"{ratio:.3f} is more than {most}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fail-above", type=float, metavar="RATIO")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        write(Path(name))
        if options.fail_above is None:
            table(Path(name))
        else:
            check(Path(name), options.fail_above)


if __name__ == "__main__":
    main()
