"""What a server cannot answer: told at its end, and kept at a cost that does not grow."""

from __future__ import annotations

import gc
import logging
import weakref
from typing import Any

import pytest

pytest.importorskip("httptools")

from http_client import Raw

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend.provisioning import InMemoryProvisioner, Place

DETAILS = "/backend/d1abc/details"


class Held:
    """Something that a frame holds."""


def failing(served: FakeAmplifyBackend) -> list[weakref.ref[Held]]:
    """Let calls fail with an exception that another has led to; gives what their frames held."""
    held: list[weakref.ref[Held]] = []

    def fail(_: Any) -> Any:
        first = Held()
        held.append(weakref.ref(first))
        try:
            inner()
        except KeyError as error:
            raise ValueError(f"failure {len(held)}") from error

    def inner() -> None:
        second = Held()
        held.append(weakref.ref(second))
        raise KeyError(len(held))

    served.override("GetBackend", fail)
    return held


def asked(url: str, times: int) -> None:
    with Raw(url) as raw:
        for _ in range(times):
            status, answer = raw.ask("POST", DETAILS, b"{}")
            assert (status, answer["message"]) == (
                500,
                "The fake failed: ValueError. Its program shows where.",
            )


def test_the_first_failure_is_raised_and_holds_nothing(served: FakeAmplifyBackend) -> None:
    held = failing(served)
    server = served.serve()
    server.__enter__()
    asked(server.url, 20)
    gc.collect()
    assert len(held) == 40
    assert [reference for reference in held if reference() is not None] == []
    with pytest.raises(ValueError, match=r"^failure 2") as caught:
        server.__exit__(None, None, None)
    where, count = caught.value.__notes__
    assert "in fail\n" in where
    assert "in inner\n" in where
    assert "KeyError: 2" in where
    assert count == "20 requests failed; this is the first failure."


def test_one_failure_is_not_counted(served: FakeAmplifyBackend) -> None:
    failing(served)
    with pytest.raises(ValueError, match="failure 2") as caught, served.serve() as server:
        asked(server.url, 1)
    assert len(caught.value.__notes__) == 1


def test_an_error_of_the_test_comes_first(served: FakeAmplifyBackend) -> None:
    failing(served)
    with pytest.raises(ZeroDivisionError), served.serve() as server:  # noqa: PT012
        asked(server.url, 1)
        raise ZeroDivisionError


def test_every_failure_is_logged(
    served: FakeAmplifyBackend, caplog: pytest.LogCaptureFixture
) -> None:
    failing(served)
    server = served.serve()
    server.__enter__()
    with caplog.at_level(logging.ERROR):
        asked(server.url, 2)
    with pytest.raises(ValueError, match="failure 2"):
        server.__exit__(None, None, None)
    first, second = [record.getMessage() for record in caplog.records]
    assert first.startswith(f"POST {DETAILS} failed: Traceback (most recent call last):")
    assert first.endswith("ValueError: failure 2")
    assert second.endswith("ValueError: failure 4")
    assert all(record.exc_info is None for record in caplog.records)


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt("by a test"), SystemExit("by a test"), GeneratorExit("by a test")]
)
def test_what_ends_programs_does_not_end_the_server(
    served: FakeAmplifyBackend, error: BaseException
) -> None:
    def fail(_: Any) -> Any:
        raise error

    served.override("GetBackend", fail, times=1)
    server = served.serve()
    server.__enter__()
    with Raw(server.url) as raw:
        assert [raw.ask("POST", DETAILS, b"{}")[0] for _ in range(2)] == [500, 200]
    with pytest.raises(type(error), match="by a test"):
        server.__exit__(None, None, None)


class Unwanted(InMemoryProvisioner):
    """Fails the test once, as its author may ask for."""

    asked = 0

    def create_environment(self, place: Place) -> Any:
        self.asked += 1
        if self.asked == 1:
            pytest.fail("no environment was to be made")
        return super().create_environment(place)


def test_a_provisioner_can_fail_the_test(served: FakeAmplifyBackend) -> None:
    inner = served._backend
    inner.provisioner = Unwanted(inner.state, inner.ids)
    body = b'{"appId": "d2abc", "appName": "shop", "backendEnvironmentName": "dev"}'
    server = served.serve()
    server.__enter__()
    with Raw(server.url) as raw:
        assert raw.ask("POST", "/backend", body)[0] == 200  # its job ends in the next call
        assert [raw.ask("POST", DETAILS, b"{}")[0] for _ in range(2)] == [500, 200]
    with pytest.raises(pytest.fail.Exception, match="was to be made"):
        server.__exit__(None, None, None)
