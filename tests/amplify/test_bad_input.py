"""Wrong arguments and wrong requests: a sentence for each, on every way to the neighbor."""

from __future__ import annotations

import json
import logging
import re
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from calling import client_of

from pytest_amplifybackend import FakeAmplifyBackend, _cli, errors
from pytest_amplifybackend._amplify.rules import RULES
from pytest_amplifybackend._transports.gateway import Exchange

WRONG: list[tuple[Callable[[FakeAmplifyBackend], Any], str]] = [
    (
        lambda fake: fake.call("CreateApp", {"name": "x", "tags": {"a": 5}}),
        "call('CreateApp'): params.tags.a must be a string, not 5.",
    ),
    (
        lambda fake: fake.call("CreateApp", {"name": "x", "tags": {"a.b[0]": 5}}),
        "call('CreateApp'): params.tags.a.b[0] must be a value of another type, not 5.",
    ),
    (
        lambda fake: fake.call("CreateApp", {"name": ""}),
        "call('CreateApp'): params.name must have a length of at least 1, not 0.",
    ),
    (
        lambda fake: fake.call("CreateApp", {"name": "x", "tags": "a"}),
        "call('CreateApp'): params.tags must be a dict, not 'a'.",
    ),
    (
        lambda fake: fake.call("CreateApp", {"basicAuthCredentials": 5}),
        "call('CreateApp'): params is missing name; params.basicAuthCredentials must be a string, "
        "not <redacted>.",
    ),
    (
        lambda fake: fake.fail("CreateApp", errors.BadRequest(), when={"tags": {"a": 5}}),
        "fail('CreateApp'): when.tags.a must be a string, not 5.",
    ),
    (
        lambda fake: fake.override("ListApps", {"apps": [], "nextToken": 5}),
        "override('ListApps'): response.nextToken must be a string, not 5.",
    ),
    (
        lambda fake: fake.override(
            "GetBackendEnvironment",
            {
                "backendEnvironment": {
                    "backendEnvironmentArn": "a",
                    "environmentName": "b",
                    "createTime": "yesterday",
                    "updateTime": datetime(2024, 1, 1, tzinfo=UTC),
                }
            },
        ),
        "override('GetBackendEnvironment'): response.backendEnvironment.createTime must be a time, "
        "not 'yesterday'.",
    ),
    (
        lambda fake: fake.jobs.fail_next("CreateApp"),
        "jobs.fail_next(): CreateApp starts no job. To make the call itself fail, use "
        "fake.fail('CreateApp', ...).",
    ),
]


@pytest.mark.parametrize(
    ("use", "sentence"), WRONG, ids=lambda value: value[:40] if isinstance(value, str) else ""
)
def test_a_wrong_argument_is_told(
    fake: FakeAmplifyBackend, use: Callable[[FakeAmplifyBackend], Any], sentence: str
) -> None:
    with pytest.raises(errors.UsageError, match=f"^{re.escape(sentence)}$"):
        use(fake)


def test_maps_are_compared_member_by_member(fake: FakeAmplifyBackend) -> None:
    fake.fail("CreateApp", errors.BadRequest("no"), when={"tags": {"a": "b"}})
    with pytest.raises(errors.BadRequest):
        fake.call("CreateApp", {"name": "x", "tags": {"a": "b", "c": "d"}})
    fake.assert_called("CreateApp", tags={"c": "d"})
    with pytest.raises(AssertionError, match=r"tags\.a: expected 'z', was 'b'"):
        fake.assert_called("CreateApp", tags={"a": "z"})


REQUESTS: list[tuple[str, str, bytes, int, str]] = [
    ("POST", "/apps", b'{"name":"x","tags":{"a":5}}', 400, "tags.a: 5 must be a string"),
    ("POST", "/apps", b'{"name":"x","tags":[]}', 400, "tags: a list must be an object"),
    ("POST", "/apps", b"[]", 400, "The body must be a JSON object."),
    ("POST", "/apps", b'{"name":null}', 400, "name is missing"),
    ("GET", "/apps?maxResults=abc", b"", 400, 'maxResults: "abc" must be a whole number'),
    ("GET", "/apps?maxResults=99999999999", b"", 400, "must be a whole number"),
    ("GET", "/apps?maxResults=-1", b"", 400, "greater than or equal to 0"),
    ("GET", "/apps?nextToken=%ff", b"", 400, "is not one that ListApps gave"),
    ("GET", "/apps?unknown=1&maxResults=1", b"", 200, '"apps":'),
    ("GET", "/apps/%ff", b"", 400, "The path is not UTF-8."),
    ("GET", "/apps//branches", b"", 400, "length greater than or equal to 1"),
    ("PUT", "/apps", b"", 403, "Missing Authentication Token"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "text"), REQUESTS)
def test_a_wrong_request_is_told(
    fake: FakeAmplifyBackend, method: str, path: str, body: bytes, status: int, text: str
) -> None:
    exchange = Exchange(fake._backend, error_style="observed", transport="test")
    answer = exchange.answer(method, path, {}, body, region="us-east-1")
    told = json.loads(answer.body)
    assert (answer.status, text in answer.body.decode().replace('\\"', '"')) == (status, True)
    assert not str(told.get("message")).startswith("An error occurred while processing")


def test_an_operation_that_is_not_here_is_told_before_its_request_is_read(
    fake: FakeAmplifyBackend,
) -> None:
    exchange = Exchange(fake._backend, error_style="modeled", transport="test")
    with pytest.raises(errors.UnknownOperation, match="'GenerateAccessLogs' of amplify"):
        exchange.answer("POST", "/apps/d1/accesslogs", {}, b'{"startTime": 5}', region="us-east-1")


def test_the_control_api_shows_the_calls(fake: FakeAmplifyBackend) -> None:
    pytest.importorskip("httptools")
    fake.call("CreateApp", {"name": "x", "oauthToken": "a-token-of-theirs"})
    with fake.serve() as server:
        request = urllib.request.Request(f"{server.url}/_amplifybackend/calls")
        request.add_header("X-Amplifybackend-Control", "1")
        with urllib.request.urlopen(request) as answer:
            (call,) = json.load(answer)
    assert call["response"]["app"]["createTime"] == "2024-01-01T00:00:00+00:00"
    assert call["params"]["oauthToken"] == "<redacted>"


def test_the_log_of_botocore_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="botocore")
    with FakeAmplifyBackend(amplify=True, transport="wire"):
        client = client_of()
        client.create_app(name="x", oauthToken="gh-1234567", buildSpec="version: 1 # inside")
    assert "CreateApp" in caplog.text
    for logger in ("botocore.auth", "botocore.endpoint", "botocore.parsers"):
        shown = "\n".join(one.getMessage() for one in caplog.records if one.name == logger)
        assert "gh-1234567" not in shown
        assert "# inside" not in shown


def test_the_command_explains_its_rules(capsys: pytest.CaptureFixture[str]) -> None:
    for name, rule in RULES.items():
        assert _cli.main(["rules", name]) == 0
        told = capsys.readouterr().out
        assert rule.text in told
        assert f"evidence:   {rule.tag}: {rule.source}" in told


@pytest.mark.parametrize(("option", "served"), [("true", True), ("false", False), ("auto", False)])
def test_the_command_serves_it(monkeypatch: pytest.MonkeyPatch, option: str, served: bool) -> None:
    seen = []

    def serve(fake: FakeAmplifyBackend, **_: Any) -> Any:
        seen.append("amplify" in fake._backend.services)
        raise OSError("no port today")

    monkeypatch.setattr(FakeAmplifyBackend, "serve", serve)
    assert _cli.main(["serve", "--amplify", option]) == 2
    assert seen == [served]


def test_the_command_takes_no_other_value(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _cli.main(["serve", "--amplify", "maybe"])
    assert "must be true, false or auto, not 'maybe'." in capsys.readouterr().err
