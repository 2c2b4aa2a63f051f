"""The fixtures for other programs: a server, and the fake behind requests."""

from __future__ import annotations

import json
import os
import urllib.request
from typing import Any

import pytest

pytest.importorskip("httptools")

ENDPOINT = "AWS_ENDPOINT_URL_AMPLIFYBACKEND"


def ask(url: str, body: object) -> Any:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def test_it_runs(amplifybackend_server: Any) -> None:
    amplifybackend_server.fake.add_app("d1abc")
    found = ask(f"{amplifybackend_server.url}/backend/d1abc/details", {})
    assert found["backendEnvironmentList"] == ["dev"]
    assert amplifybackend_server.fake.calls[0].transport == "server"
    assert os.environ[ENDPOINT] == amplifybackend_server.url == amplifybackend_server.env[ENDPOINT]


def test_a_boto_client_finds_it(
    amplifybackend_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3 = pytest.importorskip("boto3", "1.28")  # the first that reads the variable
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    client = boto3.client("amplifybackend", region_name="eu-west-1")
    client.list_s3_buckets()
    call = amplifybackend_server.fake.calls[0]
    assert (call.transport, call.region) == ("server", "eu-west-1")
    client.close()


def test_one_fake_for_all_fixtures_of_a_test(
    amplifybackend: Any, amplifybackend_server: Any, amplifybackend_client: Any
) -> None:
    assert amplifybackend_server.fake is amplifybackend
    amplifybackend.add_app("d1abc")
    assert amplifybackend_client.get_backend(AppId="d1abc")["AppId"] == "d1abc"
    assert ask(f"{amplifybackend_server.url}/backend/d1abc/details", {})["appId"] == "d1abc"
    assert [call.transport for call in amplifybackend.calls] == ["stubber", "server"]


def test_responses(amplifybackend_responses: Any, amplifybackend_server: Any) -> None:
    requests = pytest.importorskip("requests")
    assert amplifybackend_responses is amplifybackend_server.fake
    host = "https://amplifybackend.eu-west-1.amazonaws.com"
    assert requests.post(f"{host}/s3Buckets", timeout=5).status_code == 200
    assert amplifybackend_responses.calls[0].region == "eu-west-1"


@pytest.mark.amplifybackend(errors="observed", seed=7, verify_signatures={"key": "secret"})
def test_the_marker_counts(amplifybackend_server: Any) -> None:
    assert amplifybackend_server.env["AWS_ACCESS_KEY_ID"] == "key"
    with pytest.raises(urllib.error.HTTPError, match="403") as caught:
        ask(f"{amplifybackend_server.url}/s3Buckets", {})
    caught.value.close()


def test_the_environment_is_restored_exactly(site: pytest.Pytester) -> None:
    site.makepyfile(
        f"""
        import os, threading

        KEPT = dict(os.environ)
        os.environ["{ENDPOINT}"] = "http://mine"

        def test_one(amplifybackend_server):
            assert os.environ["{ENDPOINT}"] == amplifybackend_server.url != "http://mine"

        def test_two():
            assert os.environ.pop("{ENDPOINT}") == "http://mine"
            assert not [t for t in threading.enumerate() if "amplifybackend" in t.name]

        def test_three(amplifybackend_server):
            pass

        def test_four():
            assert "{ENDPOINT}" not in os.environ
            changed = {{n for n in KEPT.keys() | os.environ if KEPT.get(n) != os.environ.get(n)}}
            assert changed <= {{"PYTEST_CURRENT_TEST"}}
        """
    )
    site.runpytest("-p", "no:randomly", "-W", "error").assert_outcomes(passed=4)


def test_what_an_override_raises_fails_the_test(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import urllib.error, urllib.request
        import pytest

        def test_it(amplifybackend_server):
            amplifybackend_server.fake.override("ListS3Buckets", lambda params: 1 / 0)
            with pytest.raises(urllib.error.HTTPError, match="500") as caught:
                urllib.request.urlopen(f"{amplifybackend_server.url}/s3Buckets", b"")
            caught.value.close()
        """
    )
    result = site.runpytest("-p", "no:randomly")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ZeroDivisionError*"])


def test_an_override_can_fail_the_test(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import urllib.error, urllib.request
        import pytest

        def test_it(amplifybackend_server):
            def fail(params):
                pytest.fail("nobody was to ask")

            amplifybackend_server.fake.override("ListS3Buckets", fail, times=1)
            for status in (500, 200):
                try:
                    urllib.request.urlopen(f"{amplifybackend_server.url}/s3Buckets", b"").close()
                except urllib.error.HTTPError as error:
                    assert error.code == status
                    error.close()
        """
    )
    result = site.runpytest("-p", "no:randomly")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*nobody was to ask*"])


def test_without_the_extra(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import sys

        sys.modules["httptools"] = sys.modules["responses"] = None

        def test_server(amplifybackend_server):
            pass

        def test_responses(amplifybackend_responses):
            pass
        """
    )
    result = site.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        [
            "*MissingExtra: The server needs httptools: pip install 'pytest-*[[]http]'",
            "*MissingExtra: This needs the library responses: pip install 'pytest-*[[]http]'",
        ]
    )
