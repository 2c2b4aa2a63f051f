"""What a whole test suite costs, next to the same suite with hand-canned answers.

Run ``python benchmarks/suite.py``; it prints Markdown. ``--fail-above 0.9`` makes it a check. It
writes suites of tests of a deploy tool that makes its own client, as most programs do, and runs
each with pytest: on the fake, with a ``Stubber`` that a test fills with the answers, and with
nothing to do. Two sizes of a suite are run, so that start-up and imports cancel out: what is left
is the cost of a test. It is counted in instructions where valgrind is there, which gives the same
figure on a busy machine, else measured in processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pytest_amplifybackend import FakeAmplifyBackend

SMALL, LARGE = 15, 45

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

FLOOR = """
def test_{number}():
    pass
"""

SUITES = {
    "ours": (OURS_HEAD, OURS),
    "canned": (CANNED_HEAD, CANNED),
    "client": (CLIENT_HEAD, CLIENT),
    "floor": ("", FLOOR),
}
TITLES = {
    "ours": "the program on the fake",
    "canned": "the program, its answers canned by hand",
    "client": "making a client",
    "floor": "nothing",
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
    """Lay down the program and every suite, in both sizes."""
    (folder / "deploying.py").write_text(PROGRAM)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -q -p no:cacheprovider\n")
    (folder / "answers.json").write_text(json.dumps(recorded(folder)))
    for number in (SMALL, LARGE):
        for name, (head, test) in SUITES.items():
            tests = (test.format(number=index, steps=index % 4) for index in range(number))
            (folder / f"test_{name}_{number}.py").write_text(head + "".join(tests))


def run(folder: Path, name: str, number: int, *, count: bool) -> float:
    """Instructions, or seconds of processor time, of a run of pytest."""
    command = [sys.executable, "-m", "pytest", f"test_{name}_{number}.py", "-p", "no:randomly"]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    if count:
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise SystemExit(f"{name}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    if count:
        found = re.search(r"Collected : (\d+)", ran.stderr)
        assert found is not None, ran.stderr
        return float(found[1])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def per_test(folder: Path, name: str, *, count: bool) -> float:
    """What a test costs: the difference of two sizes, so that only tests are in it."""
    small, large = (run(folder, name, number, count=count) for number in (SMALL, LARGE))
    return (large - small) / (LARGE - SMALL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fail-above", type=float, metavar="RATIO")
    parser.add_argument("--only", nargs="*", choices=SUITES, default=list(SUITES))
    options = parser.parse_args()
    count = shutil.which("valgrind") is not None
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        folder = Path(name)
        write(folder)
        asked = {each: pool.submit(per_test, folder, each, count=count) for each in options.only}
        costs = {each: future.result() for each, future in asked.items()}
    unit = (1e6, "M instructions") if count else (1e-3, "ms")
    print("| a test of | costs | to canned answers |\n| --- | --- | --- |")
    for each, cost in costs.items():
        ratio = f"{cost / costs['canned']:.3f}" if "canned" in costs else ""
        print(f"| {TITLES[each]} | {cost / unit[0]:.1f} {unit[1]} | {ratio} |")
    if options.fail_above is not None:
        measured = costs["ours"] / costs["canned"]
        if measured > options.fail_above:
            raise SystemExit(f"{measured:.3f} is more than {options.fail_above}")


if __name__ == "__main__":
    main()
