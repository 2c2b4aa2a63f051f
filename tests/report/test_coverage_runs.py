"""Coverage in runs of pytest: reports, thresholds, processes, and mistakes in the options."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pytest_amplifybackend._cli import main
from pytest_amplifybackend._report.coverage.parts import KINDS, parts

DOCS = Path(__file__).parents[2] / "docs"
TESTS = """
import os
import subprocess
import sys

import pytest

def test_one(amplifybackend, amplifybackend_client):
    amplifybackend.add_app("d1")
    amplifybackend_client.get_backend(AppId="d1", BackendEnvironmentName="dev")

def test_two(amplifybackend_client):
    with pytest.raises(amplifybackend_client.exceptions.NotFoundException):
        amplifybackend_client.get_token(AppId="d1", SessionId="s")

def test_three(amplifybackend_client):
    amplifybackend_client.list_s3_buckets()
"""
OTHER_PROCESSES = '''
import os
import subprocess
import sys

import boto3

CALL = """
import boto3
boto3.client("amplifybackend", region_name="us-east-1").list_s3_buckets()
"""

def test_client_process(amplifybackend_server):
    env = {**os.environ, **amplifybackend_server.env}
    subprocess.run([sys.executable, "-c", CALL], check=True, env=env)

def test_forked(amplifybackend, amplifybackend_client):
    amplifybackend.add_app("d1")
    import multiprocessing
    context = multiprocessing.get_context("fork")
    child = context.Process(target=amplifybackend_client.create_token, kwargs={"AppId": "d1"})
    child.start()
    child.join(60)
    assert child.exitcode == 0

def test_served():
    command = [sys.executable, "-m", "pytest_amplifybackend", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        url = server.stdout.readline().strip()
        client = boto3.client(
            "amplifybackend", region_name="us-east-1", endpoint_url=url,
            aws_access_key_id="a", aws_secret_access_key="b",
        )
        client.create_backend(AppId="d1", AppName="shop", BackendEnvironmentName="dev")
        server.terminate()
'''


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest("-p", "no:randomly", *options)


def report(pytester: pytest.Pytester) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((pytester.path / "report.json").read_text("utf-8"))
    return found


def met(found: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """The names of what was met, with the tests that met it."""
    return {
        f"{operation} {kind}": {part["name"]: part["tests"] for part in kinds[kind] if part["met"]}
        for operation, kinds in found["operations"].items()
        for kind in KINDS
        if any(part["met"] for part in kinds[kind])
    }


def test_json(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=TESTS)
    run(pytester, "--amplifybackend-coverage=json:report.json").assert_outcomes(passed=3)
    found = report(pytester)
    assert list(found["operations"]) == list(parts())
    seen = met(found)
    assert seen["GetBackend operations"] == {"called": ["test_it.py::test_one"]}
    assert seen["GetToken errors"] == {"NotFoundException": ["test_it.py::test_two"]}
    assert seen["ListS3Buckets pages"] == {"one page": ["test_it.py::test_three"]}
    assert found["totals"]["operations"] == {"met": 3, "all": 31, "percent": 9.68}
    assert not (pytester.path / ".amplifybackend_coverage").joinpath("1.part.json").exists()


def test_two_processes_see_what_one_sees(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=TESTS)
    run(pytester, "--amplifybackend-coverage=json:report.json")
    alone = report(pytester)
    run(pytester, "--amplifybackend-coverage=json:report.json", "-n", "2")
    assert report(pytester) == alone


def test_other_processes_count(pytester: pytest.Pytester) -> None:
    pytest.importorskip("httptools")
    pytester.makepyfile(test_it=OTHER_PROCESSES)
    result = pytester.runpytest_subprocess("--amplifybackend-coverage=json:report.json")
    result.assert_outcomes(passed=3)
    seen = met(report(pytester))
    assert seen["ListS3Buckets operations"] == {"called": ["test_it.py::test_client_process"]}
    assert seen["CreateToken operations"] == {"called": ["test_it.py::test_forked"]}
    assert seen["CreateBackend operations"] == {"called": ["amplifybackend-fake serve"]}
    assert seen["CreateBackend outcomes"] == {"completed": ["amplifybackend-fake serve"]}


def test_terminal_markdown_and_thresholds(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=TESTS)
    scope = "--amplifybackend-coverage-scope=GetBackend,get_token,ListS3Buckets"
    outputs = ("--amplifybackend-coverage=term", "--amplifybackend-coverage=md:report.md")
    under = "--amplifybackend-coverage-fail-under=operations:100,errors:50"
    result = run(pytester, *outputs, scope, under)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "operation *operations *members *total",
            "GetBackend * 100% *",
            "TOTAL * 100% *",
            "amplifybackend coverage of errors is *%, below 50 %.".replace("%,", "% (* of *),"),
        ]
    )
    result.stdout.no_fnmatch_line("*CreateBackend*")
    text = (pytester.path / "report.md").read_text("utf-8")
    assert "| GetBackend | 100% |" in text
    assert "- errors: `GatewayTimeoutException`" in text
    result.stdout.fnmatch_lines(["operation *transitions*", "* parts were missed. *--format md*"])
    assert run(pytester, *outputs, scope, under.replace("50", "5")).ret == pytest.ExitCode.OK


def test_a_threshold_needs_no_report(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=TESTS)
    under = "--amplifybackend-coverage-fail-under=operations:9,errors:50"
    result = run(pytester, under)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=3)
    result.stdout.re_match_lines(
        [
            "=+ amplifybackend coverage =+",
            r"amplifybackend coverage of operations is 9\.7 % \(3 of 31\), not below 9 %\.",
            r"amplifybackend coverage of errors is .* % \(.*\), below 50 %\.",
            "=+ 3 passed.*",
        ],
        consecutive=True,
    )
    ignored = pytester.path / ".amplifybackend_coverage" / ".gitignore"
    assert "*" in ignored.read_text("utf-8").splitlines()
    assert run(pytester, under, "--collect-only").ret == pytest.ExitCode.OK


def test_exclusions_from_the_ini_file(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=TESTS)
    pytester.makeini(
        """
        [pytest]
        amplifybackend_coverage = json:report.json
        amplifybackend_coverage_scope = GetBackend
        amplifybackend_coverage_exclude =
            GetBackend errors Gateway*: no gateway in this house
        """
    )
    run(pytester)
    errors = {part["name"]: part for part in report(pytester)["operations"]["GetBackend"]["errors"]}
    assert errors["GatewayTimeoutException"]["excluded"] == "no gateway in this house"
    assert (
        report(pytester)["operations"]["GetBackend"]["summary"]["errors"]["all"] == len(errors) - 1
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["=trm"], "--amplifybackend-coverage: unknown format 'trm': did you mean 'term'?"),
        (["=json"], "--amplifybackend-coverage: json needs a file, as in json:PATH."),
        (["=term:x"], "--amplifybackend-coverage: term takes no file, not 'x'."),
        (["=json:."], "--amplifybackend-coverage: * is not a file."),
        (["=html:test_it.py"], "--amplifybackend-coverage: * is not a folder."),
        (["=json:test_it.py/x"], "--amplifybackend-coverage: * cannot be written*"),
        (["=term", "-scope=CreateBackends"], "*-scope: *'CreateBackends'*did you mean 'CreateBac*"),
        (["=term", "-fail-under=101"], "*-fail-under must be a percentage from 0 to 100, *'101'."),
        (["=term", "-fail-under=x"], "*-fail-under must be a percentage from 0 to 100, *'x'."),
        (["=term", "-fail-under=errrs:5"], "*-fail-under: unknown kind 'errrs': *'errors'?"),
        (["-fail-under=101"], "*-fail-under must be a percentage from 0 to 100, *'101'."),
        (["-scope=CreateBackends"], "*-scope: *'CreateBackends'*did you mean 'CreateBac*"),
    ],
)
def test_mistakes_end_the_run_at_its_start(
    pytester: pytest.Pytester, options: list[str], message: str
) -> None:
    pytester.makepyfile(test_it=TESTS)
    result = run(pytester, *[f"--amplifybackend-coverage{option}" for option in options])
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


@pytest.mark.parametrize("line", ["GetBackend", "GetBackend errors", "GetBackend: ", "Nope: x"])
def test_an_exclusion_needs_a_known_place_and_a_reason(
    pytester: pytest.Pytester, line: str
) -> None:
    pytester.makeini(f"[pytest]\namplifybackend_coverage_exclude = {line}\n")
    for options in (["--amplifybackend-coverage=term"], []):
        result = run(pytester, *options)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["ERROR: amplifybackend_coverage_exclude: *"])


class Links(HTMLParser):
    """The links of a page, and that every element that is begun ends."""

    EMPTY = frozenset({"meta", "link", "input", "path", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            assert self.open.pop() == tag


def test_html(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makepyfile(test_it=TESTS)
    run(pytester, "--amplifybackend-coverage=html:pages")
    pages = sorted((pytester.path / "pages").glob("*.html"))
    assert len(pages) == 32
    for page in pages:
        text = page.read_text("utf-8")
        reader = Links()
        reader.feed(text)
        assert reader.open == []
        for link in reader.links:
            assert link == "data:," or (page.parent / link).is_file()
        assert not re.search(r"https?://", text)
    text = (pytester.path / "pages" / "GetToken.html").read_text("utf-8")
    assert "test_it.py::test_two" in text
    assert 'class="unmet"' in (pytester.path / "pages" / "CreateBackend.html").read_text("utf-8")


def test_the_command(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytester.makepyfile(test_it=TESTS)
    run(pytester, "--amplifybackend-coverage=json:report.json")
    capsys.readouterr()
    data = str(pytester.path / ".amplifybackend_coverage")
    other = str(tmp_path / "all")
    assert main(["coverage", "combine", data, "--data", other]) == 0
    assert main(["coverage", "report", "--data", other, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == report(pytester)
    assert main(["coverage", "report", "--data", other, "--scope", "get_token"]) == 0
    *_, total, advice = capsys.readouterr().out.splitlines()
    assert total.startswith("TOTAL")
    assert re.match(r"\d+ parts were missed\. .*--format md", advice)
    arguments = ["--data", other, "--scope", "get_token", "--format", "md"]
    assert main(["coverage", "report", *arguments]) == 0
    assert "- errors: `GatewayTimeoutException`" in capsys.readouterr().out
    assert main(["coverage", "report", *arguments, "--exclude", "* errors Gateway*: none"]) == 0
    assert "GatewayTimeoutException" not in capsys.readouterr().out
    assert main(["coverage", "html", str(tmp_path / "pages"), "--data", other]) == 0
    assert (tmp_path / "pages" / "index.html").is_file()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "cannot be read"),
        ("[]", "is not coverage data"),
        ('{"format": "amplifybackend-coverage", "version": 9}', "has the version 9, not 1"),
        ('{"format": "amplifybackend-coverage", "version": 1, "facts": 5}', "is damaged"),
    ],
)
def test_files_that_are_no_data_are_named_and_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, problem: str
) -> None:
    folder = tmp_path / "data"
    good = {"GetBackend": {"operations": {"called": ["a"]}}}
    good_text = {"format": "amplifybackend-coverage", "version": 1, "facts": good}
    (tmp_path / "good.json").write_text(json.dumps(good_text), "utf-8")
    bad = tmp_path / "bad.json"
    bad.write_text(text, "utf-8")
    arguments = [str(bad), str(tmp_path / "good.json"), "--data", str(folder)]
    assert main(["coverage", "combine", *arguments]) == 1
    error = capsys.readouterr().err
    assert str(bad) in error
    assert problem in error
    assert main(["coverage", "report", "--data", str(folder)]) == 0
    assert "GetBackend" in capsys.readouterr().out


def test_nothing_to_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", "report", "--data", str(tmp_path)]) == 1
    assert "has no coverage data; run the tests first." in capsys.readouterr().err


def test_the_report_follows_its_schema(pytester: pytest.Pytester) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((DOCS / "coverage.schema.json").read_text("utf-8"))
    assert set(schema["$defs"]["operation"]["properties"]) == {*KINDS, "summary"}
    pytester.makepyfile(test_it=TESTS)
    run(pytester, "--amplifybackend-coverage=json:report.json")
    jsonschema.Draft202012Validator(schema).validate(report(pytester))
