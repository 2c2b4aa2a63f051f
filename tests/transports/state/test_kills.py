"""``kill -9`` under load: what was acknowledged is there again, and nothing that nobody asked for.

AMPLIFYBACKEND_TEST_KILLS says how many kills: 3 unless it is set, or 25 in a full run.
``--log-cli-level=INFO`` shows the figures.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import random
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("httptools")

from command import SECONDS, dump, serving
from kept_fake import names
from volume import budget

KILLS = int(os.environ.get("AMPLIFYBACKEND_TEST_KILLS", budget(25, 2)))
CLIENTS = 3
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Client(threading.Thread):
    """Changes things until its connection breaks; keeps what was acknowledged, and what was not."""

    def __init__(self, url: str, app: str, first: int, answered: threading.Semaphore) -> None:
        super().__init__(daemon=True)
        self.acknowledged: set[tuple[str, ...]] = set()
        self.in_flight: tuple[str, ...] = ()
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=SECONDS)
        self._app, self._next, self._answered = app, first, answered

    def run(self) -> None:
        try:
            while True:
                for change in (self._environment, self._token, self._bare_app):
                    change(self._next)
                    self._answered.release()
                self._next += 1
        except (OSError, http.client.HTTPException):
            pass  # killed
        finally:
            self._connection.close()

    def _ask(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "X-Amplifybackend-Control": "1"}
        self._connection.request("POST", path, json.dumps(body), headers)
        answer = self._connection.getresponse()
        assert answer.status == 200, answer.read()
        return json.loads(answer.read())

    def _environment(self, number: int) -> None:
        name = "".join(LETTERS[number // 26**place % 26] for place in (2, 1, 0))
        self.in_flight = ("environment", self._app, name)
        body = {"appId": self._app, "appName": "shop", "backendEnvironmentName": name}
        job = self._ask("/backend", body)["jobId"]
        self.acknowledged |= {self.in_flight, ("job", job)}

    def _token(self, number: int) -> None:
        self.in_flight = ("token", self._app)
        session = self._ask(f"/backend/{self._app}/challenge", {})["sessionId"]
        self.acknowledged.add(("token", self._app, session))

    def _bare_app(self, number: int) -> None:
        app = f"{self._app}x{number}"
        self.in_flight = ("app", app)
        self._ask("/_amplifybackend/add-app", {"app": app, "environments": []})
        self.acknowledged.add(self.in_flight)


def held(dumped: Any) -> set[tuple[str, ...]]:
    """What a state holds, in the words of a client."""
    found: set[tuple[str, ...]] = {("job", job["id"]) for job in dumped["jobs"]}
    for app in dumped["apps"]:
        if "x" in app["app_id"]:
            found.add(("app", app["app_id"]))
        found |= {("environment", app["app_id"], name) for name in app["environments"]}
        found |= {("token", app["app_id"], session) for session in app["tokens"]}
    return found


def killed_at_work(state: Path, number: int, answers: int) -> list[Client]:
    """Let clients work at a server until it has answered so often, and kill it."""
    with serving(state) as (url, process):
        answered = threading.Semaphore(0)
        clients = [Client(url, f"d{name}", number * 100, answered) for name in LETTERS[:CLIENTS]]
        for client in clients:
            client.start()
        for _ in range(answers):
            assert answered.acquire(timeout=SECONDS)
        process.kill()
        process.wait(SECONDS)
    for client in clients:
        client.join(SECONDS)
    return clients


def after_a_start(state: Path) -> set[tuple[str, ...]]:
    """What another server finds, that is killed too."""
    with serving(state) as (url, _):
        return held(dump(url))


@pytest.mark.volume
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    chance = random.Random(0)
    known: set[tuple[str, ...]] = set()
    acknowledged = extra = 0
    for number in range(KILLS):
        clients = killed_at_work(state, number, chance.randint(1, 40))
        for client in clients:
            known |= client.acknowledged
            acknowledged += len(client.acknowledged)
        found = after_a_start(state)
        assert known - found == set()
        # Each client may have had one change under way, which makes a job as well.
        flying = [client.in_flight[:2] for client in clients]
        others = [item for item in found - known if item[0] != "job"]
        assert all(item[:2] in flying for item in others)
        assert len(others) <= CLIENTS
        assert len(found - known) - len(others) <= CLIENTS
        extra += len(others)
        known = found
    logging.getLogger(__name__).info(
        "%d kills, %d acknowledged changes, none lost, %d kept of those under way",
        KILLS,
        acknowledged,
        extra,
    )
    assert acknowledged >= KILLS
    assert set(names(tmp_path)) <= {"state.db", "state.db-wal"}
