"""A client asks once for the names of events for all clients, while a fake is active."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore import hooks
from botocore.hooks import EVENT_ALIASES
from botocore.session import Session

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports import event_names

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


class Table(dict[str, str]):
    """A table of other names for events, which notes how often it is gone through."""

    read: int = 0

    def items(self) -> Any:
        Table.read += 1
        return super().items()

    def __copy__(self) -> Table:
        return Table(self)


pytestmark = pytest.mark.usefixtures("nothing_known_yet")


@pytest.fixture
def nothing_known_yet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test, and the ones after it, begin without a name."""
    monkeypatch.setattr(Table, "read", 0)
    event_names._unaliased.cache_clear()
    yield
    event_names._unaliased.cache_clear()


def new_client(service: str = "amplifybackend", more: Any = ()) -> Any:
    session = Session()
    session.get_component("event_emitter")._event_aliases = Table({**EVENT_ALIASES, **dict(more)})
    return session.create_client(service, region_name="us-east-1", **KEYS)


def look_ups(service: str = "amplifybackend") -> int:
    """How often the table is gone through for a second client and a call of it."""
    for _ in range(2):
        client = new_client(service)
        before = Table.read
        client.meta.events.emit(f"made-up.{service}.Any")
        if service == "amplifybackend":
            client.list_s3_buckets()
    return Table.read - before


def test_a_second_client_looks_for_no_name() -> None:
    with FakeAmplifyBackend():
        assert look_ups() == 0


def test_another_fake_knows_what_the_one_before_it_found() -> None:
    with FakeAmplifyBackend():
        look_ups()
    with FakeAmplifyBackend():
        client, before = new_client(), Table.read
        client.list_s3_buckets()
    assert Table.read == before


def test_a_second_session_looks_only_for_names_that_have_others(monkeypatch) -> None:
    logged = []
    monkeypatch.setattr(hooks, "EVENT_ALIASES", table := Table(EVENT_ALIASES))
    monkeypatch.setattr(hooks.logger, "debug", lambda text, *_: logged.append(text))
    Session()
    alone, Table.read = Table.read, 0
    assert alone > 50
    assert table == EVENT_ALIASES
    with FakeAmplifyBackend():
        Session()
        logged.clear()
        Table.read = 0
        Session()
    assert Table.read == len([text for text in logged if text.startswith("Changing event name")])


@pytest.mark.parametrize("service", ["amplifybackend", "sts"])
def test_clients_that_no_fake_serves_look_for_every_name(service: str) -> None:
    with FakeAmplifyBackend():
        look_ups(service)
        if service == "sts":
            assert look_ups(service) > 0
    client, before = new_client(service), Table.read
    client.meta.events.emit(f"made-up.{service}.Any")
    assert Table.read == before + 1


def test_a_table_of_the_program_counts() -> None:
    heard: list[str] = []
    with FakeAmplifyBackend():
        look_ups()
        client = new_client(more={"ListS3Buckets": "Renamed"})
        client.meta.events.register(
            "before-parameter-build.*.Renamed", lambda event_name, **_: heard.append(event_name)
        )
        client.list_s3_buckets()
    assert heard == ["before-parameter-build.amplifybackend.Renamed"]


def test_a_name_that_has_another_is_heard_under_both() -> None:
    old, new = next((old, new) for old, new in EVENT_ALIASES.items() if "." not in old)
    heard: list[str] = []
    with FakeAmplifyBackend():
        for _ in range(2):
            events = new_client().meta.events
            for name in (old, new):
                events.register(f"made-up.{name}", lambda event_name, **_: heard.append(event_name))
            events.emit(f"made-up.{old}")
            events.emit(f"made-up.{new}")
    assert heard == [f"made-up.{new}"] * 8  # two handlers, two events, two clients


def test_names_without_end_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_names, "_MOST", 200)
    heard: list[str] = []
    with FakeAmplifyBackend():
        events = new_client().meta.events
        events.register("made-up", lambda event_name, **_: heard.append(event_name))
        for number in range(300):
            events.emit(f"made-up.{number}")
    assert len(heard) == 300
    assert len(event_names._unaliased()) == 200
