"""While a large schema is read for one client of the server, the others are answered."""

from __future__ import annotations

import functools
import json
import select
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("httptools")

from http_client import SECONDS, Raw

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._schema import modelgen, schema
from pytest_amplifybackend._service import ahead
from pytest_amplifybackend._transports.server import Server

SMALL = "type Todo @model { id: ID! }"
LARGE = SMALL.ljust(ahead.LARGE)
NAMED = {"AppId": "d1abc", "BackendEnvironmentName": "dev", "ResourceName": "api"}

KEY = {"DefaultAuthType": {"Mode": "API_KEY"}}

API = "/backend/d1abc/api"
DETAILS = ("POST", "/backend/d1abc/details", b"{}")


def config(text: str) -> dict[str, Any]:
    return {"defaultAuthType": {"mode": "API_KEY"}, "transformSchema": text}


def body(**members: Any) -> bytes:
    return json.dumps({"resourceName": "api", **members}).encode()


CREATE = ("POST", API, body(backendEnvironmentName="dev", resourceConfig=config(LARGE)))
UPDATE = ("POST", f"{API}/dev", body(resourceConfig=config(LARGE)))
RENAME = ("POST", f"{API}/dev", body(resourceConfig={"apiName": "other"}))
GENERATE = ("POST", f"{API}/dev/generateModels", body())
MODELS = ("POST", f"{API}/dev/getModels", body())


class Gate:
    """Holds up whoever reads a large schema, until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self.threads: list[str] = []

    def before(self, read: Callable[[str], Any]) -> Callable[[str], Any]:
        @functools.lru_cache
        def held(text: str) -> Any:
            if len(text) >= ahead.LARGE:
                self.threads.append(threading.current_thread().name)
                self.reached.set()
                assert self.opened.wait(SECONDS)
            return read(text)

        return held

    def close(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for module, name in ((schema, "_verdict"), (modelgen, "_outcome")):
            monkeypatch.setattr(module, name, self.before(getattr(module, name).__wrapped__))


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.opened.set()


def is_answered(raw: Raw) -> bool:
    return bool(select.select([raw.socket], [], [], 0)[0])


def ask_meanwhile(server: Server, gate: Gate, request: tuple[str, str, bytes]) -> tuple[int, Any]:
    """The answer to a request, which came after the answers to others."""
    with Raw(server.url) as slow, Raw(server.url) as other:
        slow.request(*request, X_Amplifybackend_Control="1")
        assert gate.reached.wait(SECONDS)
        for _ in range(20):
            assert other.ask(*DETAILS)[0] == 200
        assert not is_answered(slow)
        gate.opened.set()
        status, _, answer = slow.answer()
    return status, json.loads(answer)


@pytest.mark.parametrize(
    ("request_", "present"),
    [
        pytest.param(CREATE, None, id="create"),
        pytest.param(UPDATE, SMALL, id="update"),
        pytest.param(RENAME, LARGE, id="an update that keeps its schema"),
        pytest.param(GENERATE, LARGE, id="generate"),
    ],
)
def test_others_are_answered_while_a_schema_is_read(
    request_: tuple[str, str, bytes],
    present: str | None,
    served: FakeAmplifyBackend,
    server: Server,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if present is not None:
        served.add_api("d1abc", config={**KEY, "TransformSchema": present})
    gate.close(monkeypatch)

    status, job = ask_meanwhile(server, gate, request_)

    assert (status, job["status"]) == (200, "PENDING")
    assert [one.status for one in served.jobs] == ["COMPLETED"]
    (thread,) = set(gate.threads)
    assert thread.startswith("amplifybackend-server-ahead"), "it is not read under the lock"


def test_others_are_answered_while_models_of_an_api_to_come_are_generated(
    served: FakeAmplifyBackend, server: Server, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modelgen, "_outcome", gate.before(modelgen._outcome.__wrapped__))
    with Raw(server.url) as raw:
        assert raw.ask(*CREATE)[0] == 200  # its job ends with the next call

    assert ask_meanwhile(server, gate, GENERATE)[0] == 200

    with Raw(server.url) as raw:
        assert "Todo" in raw.ask(*MODELS)[1]["models"]
    assert len(gate.threads) == 1


def test_others_are_answered_while_a_state_is_loaded(
    served: FakeAmplifyBackend, server: Server, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FakeAmplifyBackend()
    other.add_api("d1abc", config={**KEY, "TransformSchema": LARGE})
    load = json.dumps({"state": other.dump()}).encode()
    gate.close(monkeypatch)

    assert ask_meanwhile(server, gate, ("POST", "/_amplifybackend/load", load)) == (200, {})
    assert len(gate.threads) == 1
    assert served.dump() == other.dump()


def test_the_answers_of_a_connection_keep_their_order(
    server: Server, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.close(monkeypatch)
    with Raw(server.url) as raw:
        raw.request(*CREATE)
        raw.request(*DETAILS)
        assert gate.reached.wait(SECONDS)
        gate.opened.set()
        first, second = (json.loads(raw.answer()[2]) for _ in range(2))

    assert first["operation"] == "CreateBackendAPI"
    assert second["appId"] == "d1abc"


def test_several_that_wait_are_answered_one_after_the_other(
    served: FakeAmplifyBackend, server: Server, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.add_app("d2abc")
    gate.close(monkeypatch)
    with Raw(server.url) as one, Raw(server.url) as two:
        one.request(*CREATE)
        two.request("POST", "/backend/d2abc/api", CREATE[2].replace(b"Todo", b"Note"))
        assert gate.reached.wait(SECONDS)
        assert not is_answered(two)
        gate.opened.set()
        assert {one.answer()[0], two.answer()[0]} == {200}

    assert len(gate.threads) == 2
    assert [job.status for job in served.jobs] == ["COMPLETED", "COMPLETED"]


def test_the_state_is_the_same_as_without_a_server(
    served: FakeAmplifyBackend, server: Server
) -> None:
    alone = FakeAmplifyBackend()
    alone.add_app("d1abc")
    schema_ = {**KEY, "TransformSchema": LARGE}
    alone.call("CreateBackendAPI", {**NAMED, "ResourceConfig": schema_})
    alone.call("GenerateBackendAPIModels", NAMED)
    with Raw(server.url) as raw:
        assert raw.ask(*CREATE)[0] == 200
        assert raw.ask(*GENERATE)[0] == 200

    assert [job.status for job in served.jobs] == ["COMPLETED", "COMPLETED"]
    assert served.dump() == alone.dump()


@pytest.mark.parametrize(
    ("target", "status"),
    [
        pytest.param("/backend/d9none/api", 404, id="of no app"),
        pytest.param("/backend/d1abc/nothing", 403, id="of no operation"),
    ],
)
def test_what_is_rejected_anyway_is_not_read(
    target: str, status: int, server: Server, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.close(monkeypatch)
    with Raw(server.url) as raw:
        assert raw.ask("POST", target, CREATE[2])[0] == status

    assert not gate.threads


def test_a_request_without_a_valid_signature_is_not_read(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeAmplifyBackend(verify_signatures={"key": "secret"})
    fake.add_app("d1abc")
    gate.close(monkeypatch)
    with fake.serve() as server, Raw(server.url) as raw:
        assert raw.ask(*CREATE)[0] == 403

    assert not gate.threads


def test_a_small_schema_takes_no_thread(served: FakeAmplifyBackend) -> None:
    with served.serve() as server, Raw(server.url) as raw:
        threads = threading.active_count()
        small = body(backendEnvironmentName="dev", resourceConfig=config(SMALL))
        assert raw.ask("POST", API, small)[0] == 200
        assert threading.active_count() == threads


def test_a_client_that_leaves_does_not_matter(
    server: Server, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.close(monkeypatch)
    with Raw(server.url) as leaving:
        leaving.request(*CREATE)
        assert gate.reached.wait(SECONDS)
    with Raw(server.url) as other:
        gate.opened.set()
        assert other.ask(*DETAILS)[0] == 200


def test_the_server_ends_with_what_it_reads(
    served: FakeAmplifyBackend, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.close(monkeypatch)
    threads = threading.active_count()
    with served.serve() as server, Raw(server.url) as raw:
        raw.request(*CREATE)
        assert gate.reached.wait(SECONDS)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        gate.opened.set()
        stopping.join(SECONDS)
        assert not stopping.is_alive()
        raw.socket.recv(1_000_000)  # an answer, or nothing
        assert raw.at_end()

    assert threading.active_count() == threads
