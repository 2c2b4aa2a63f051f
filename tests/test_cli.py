"""The command ``amplifybackend-fake serve``, as a process of its own."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httptools")

from pytest_amplifybackend import _cli as cli
from pytest_amplifybackend._transports import isolated_client

CONTROL = {"Content-Type": "application/json", "X-Amplifybackend-Control": "1"}


@contextlib.contextmanager
def serving(*options: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A running command and the URL that it printed."""
    with subprocess.Popen(
        [sys.executable, "-m", "pytest_amplifybackend", "serve", *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("http://"), process.communicate(timeout=20)
            yield line.strip(), process
        finally:
            process.kill()


def ask(url: str, body: object | None = None) -> Any:
    request = urllib.request.Request(url, json.dumps(body or {}).encode(), CONTROL)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def create(url: str, app: str = "d1abc") -> Any:
    return ask(f"{url}/backend", {"appId": app, "appName": "shop", "backendEnvironmentName": "dev"})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal_comes(number: signal.Signals) -> None:
    with serving() as (url, process):
        assert url.startswith("http://127.0.0.1:")
        assert create(url)["status"] == "PENDING"
        process.send_signal(number)
        output, errors = process.communicate(timeout=20)
        assert (process.returncode, output, errors) == (0, "", "")


def test_the_options_count() -> None:
    with serving("--jobs", "manual", "--seed", "shop", "--errors", "observed") as (url, _):
        job = create(url)
        assert ask(f"{url}/_amplifybackend/jobs")[0]["status"] == "PENDING"
        with pytest.raises(urllib.error.HTTPError) as caught:
            ask(f"{url}/backend/d9/details")
        with caught.value as answer:
            assert json.load(answer)["code"] == "ResourceNotFoundException"
    with serving("--seed", "shop") as (url, _), serving() as (other, _):
        assert create(url)["jobId"] == job["jobId"] != create(other)["jobId"]


def status_of(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)


def test_signatures_are_checked_against_a_file(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text('{"AKIDEXAMPLE": "secret"}')
    with serving("--signatures", keys) as (url, _):
        with pytest.raises(urllib.error.HTTPError) as caught:
            create(url)
        with caught.value as answer:
            assert answer.code == 403
        client = isolated_client(
            "us-east-1",
            endpoint_url=url,
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="secret",
        )
        assert client.list_s3_buckets()["Buckets"] == []


def test_names_and_origins_that_are_allowed() -> None:
    options = ("--allow-host", "fake.test", "--allow-origin", "https://app.example")
    with serving(*options) as (url, _):
        for headers, status in (
            ({"Host": "fake.test"}, 200),
            ({"Host": "evil.test"}, 403),
            ({"Origin": "https://app.example"}, 200),
            ({"Origin": "https://evil.example"}, 403),
        ):
            request = urllib.request.Request(f"{url}/s3Buckets", b"", headers)
            assert status_of(request) == status


TOKEN = "planted-t0ken"


@pytest.mark.parametrize("way", ["file", "option", "environment"])
def test_the_token_of_the_control_api(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    options = {
        "file": ["--control-token", f"@{tmp_path / 'token'}"],
        "option": ["--control-token", TOKEN],
        "environment": [],
    }
    if way == "environment":
        monkeypatch.setenv("AMPLIFYBACKEND_CONTROL_TOKEN", TOKEN)
    with serving(*options[way], "--host", "0.0.0.0") as (url, process):
        with pytest.raises(urllib.error.HTTPError) as caught:
            ask(f"{url}/_amplifybackend/dump")
        with caught.value as answer:
            assert (answer.code, TOKEN in answer.read().decode()) == (403, False)
        request = urllib.request.Request(
            f"{url}/_amplifybackend/status", b"", {"X-Amplifybackend-Control": TOKEN}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert json.load(answer)["calls"] == 0
        process.terminate()
        assert process.communicate(timeout=20) == ("", "")


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 20, b"plan ted plan ted"])
def test_a_file_that_holds_no_token(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "token").write_bytes(content)
    assert cli.main(["serve", "--control-token", f"@{tmp_path / 'token'}"]) == 2
    said = capsys.readouterr().err
    assert "The control token must have at least 8 characters" in said
    assert "plan" not in said


@pytest.mark.parametrize("content", ["", "[]", '{"AKIDEXAMPLE": 5}', "planted"])
def test_a_file_that_holds_no_keys(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(content)
    assert cli.main(["serve", "--signatures", str(keys)]) == 2
    said = capsys.readouterr().err
    assert "keys.json must contain a JSON object that maps access keys to secret keys." in said
    assert "planted" not in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--port", "99999"], "amplifybackend-fake: "),
        (["--host", "256.1.1.1"], "amplifybackend-fake: "),
        (["--jobs", "sometimes"], "argument --jobs"),
        (["--signatures", "/no/such/file"], "No such file"),
        (["--control-token", "@/no/such/file"], "No such file"),
        (["--allow-origin", "app.example"], "'app.example' cannot be allowed as an origin."),
        (["--allow-origin", "null"], "would let in every page of the web"),
    ],
)
def test_options_that_cannot_be(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = cli.main(["serve", *options])
    except SystemExit as error:
        code = error.code
    assert code == 2
    assert says in capsys.readouterr().err


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as (url, _):
        assert cli.main(["serve", "--port", url.rpartition(":")[2]]) == 2
    assert "in use" in capsys.readouterr().err


def test_the_tables(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("operations", "rules", "diagram"):
        assert cli.main([name]) == 0
    assert "| `CreateBackend` |" in capsys.readouterr().out


def test_one_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rules", "auth.import.client-id"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "auth.import.client-id",
        "  says:       must be an app client id of 1 to 128 letters and digits",
        "  layer:      provisioning: the call is accepted, and its job ends FAILED",
        "  evidence:   documented: cognito-idp ClientIdType",
        "  operations: ImportBackendAuth: WebClientId, NativeClientId",
    ]
    assert cli.main(["rules", "auth.exists"]) == 0
    assert "  operations: CreateBackendAuth\n              Import" in capsys.readouterr().out


def test_what_clients_check_is_explained_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rules", "client.required"]) == 0
    assert "botocore raises ParamValidationError, and nothing is sent" in capsys.readouterr().out


def test_an_unknown_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rules", "auth.exist"]) == 2
    assert capsys.readouterr().err.startswith(
        "amplifybackend-fake: no rule is called 'auth.exist'; the nearest are auth.exists, "
    )


def test_a_policy_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["serve", "--jobs", "after_read:2"])
    assert (
        "argument --jobs: 'after_read:2' is not a progress policy: write immediate, manual, "
        "after_reads:N or after_seconds:S." in capsys.readouterr().err.replace("\n", " ")
    )


def test_a_reader_that_has_read_enough() -> None:
    command = [sys.executable, "-m", "pytest_amplifybackend", "rules"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    version = metadata.version("pytest-amplifybackend")
    assert capsys.readouterr().out == f"amplifybackend-fake {version}\n"


def test_help_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["serve", "--help"])
    shown = capsys.readouterr().out
    for option in (
        *("--host", "--port", "--seed", "--jobs", "--state", "--signatures"),
        *("--allow-host", "--allow-origin", "--control-token"),
    ):
        assert option in shown
