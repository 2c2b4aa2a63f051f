"""Nested and overlapping fakes, attached clients, and what is left when a fake goes: nothing."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from botocore.exceptions import HTTPClientError
from process_state import process

from pytest_amplifybackend import FakeAmplifyBackend, errors


def _fake(environment: str) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc", environments=(environment,))
    return fake


def _handlers(client: Any) -> dict[str, Any]:
    """A client's event handlers by event, and the ids that botocore keeps for them."""
    emitter = client.meta.events._emitter

    def walk(node: Any, name: str) -> Iterator[tuple[str, Any]]:
        values = node["values"]
        if values is not None and any(values):
            yield name, [list(section) for section in values]
        for chunk, child in node["children"].items():
            yield from walk(child, f"{name}.{chunk}")

    return {**dict(walk(emitter._handlers._root, "")), "ids": dict(emitter._unique_id_handlers)}


def test_the_inner_of_two_fakes_serves(new_client, served_by) -> None:
    client = new_client()
    with _fake("outer"):
        assert served_by(client) == ["outer"]
        with _fake("inner"):
            assert served_by(client) == ["inner"]
            assert served_by(new_client()) == ["inner"]
        assert served_by(client) == ["outer"]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_fakes_can_go_in_any_order(new_client, served_by, order: tuple[int, ...]) -> None:
    before, client = process(), new_client()
    fakes = [_fake(name) for name in ("one", "two", "three")]
    for fake in fakes:
        fake.activate()
    active = [0, 1, 2]
    for index in order:
        assert served_by(client) == [("one", "two", "three")[active[-1]]]
        fakes[index].deactivate()
        active.remove(index)
    assert process() == before


def test_a_fake_that_came_while_others_left_is_still_served(new_client, served_by) -> None:
    before, client = process(), new_client()
    one, two, three = _fake("one"), _fake("two"), _fake("three")
    one.activate()
    two.activate()
    one.deactivate()
    three.activate()
    two.deactivate()
    assert served_by(client) == ["three"]
    three.deactivate()
    assert process() == before


def test_a_fake_can_be_activated_again(new_client, served_by) -> None:
    fake, client = _fake("dev"), new_client()
    for _ in range(2):
        with fake:
            assert served_by(client) == ["dev"]


def test_an_active_fake_refuses_to_be_activated(fake) -> None:
    with pytest.raises(errors.UsageError, match="already active"):
        fake.activate()
    fake.client().get_backend(AppId="d1abc")


def test_deactivating_twice_does_nothing(fake) -> None:
    fake.deactivate()
    before = process()
    fake.deactivate()
    assert process() == before


def test_a_body_that_raises_leaves_nothing_behind() -> None:
    before = process()
    with pytest.raises(ZeroDivisionError), FakeAmplifyBackend():
        raise ZeroDivisionError
    assert process() == before


def test_everything_is_restored(new_client, served_by) -> None:
    client = new_client()
    before, handlers = process(), _handlers(client)
    with _fake("dev"):
        served_by(client)
        assert process()["environ"] == before["environ"]
        assert process() != before
        assert _handlers(client) != handlers
    assert process() == before
    assert _handlers(client) == handlers


def test_a_detached_client_has_its_own_handlers_only(new_client, served_by) -> None:
    client = new_client()
    handlers, fake = _handlers(client), _fake("dev")
    fake.attach(client)
    served_by(client)
    fake.detach(client)
    assert _handlers(client) == handlers


def test_clients_are_not_kept_alive(new_client, served_by) -> None:
    used, attached = new_client(), new_client()
    fake = _fake("dev")
    fake.attach(attached)
    gone = [weakref.ref(used), weakref.ref(attached)]
    with fake:
        served_by(used)
        served_by(attached)
        del used, attached
        gc.collect()
        assert [ref() for ref in gone] == [None, None]
        assert len(fake.calls) == 2


def test_a_fake_that_nobody_holds_is_collected(new_client, served_by) -> None:
    client, fake = new_client(), _fake("dev")
    with fake:
        served_by(client)
    gone = weakref.ref(fake)
    del fake
    gc.collect()
    assert gone() is None


def test_an_attached_client_is_served_without_activation(new_client, served_by) -> None:
    fake, client = _fake("dev"), new_client()
    fake.attach(client)
    assert served_by(client) == ["dev"]
    with fake:
        assert served_by(client) == ["dev"]
    assert served_by(client) == ["dev"]
    fake.assert_called("GetBackend", times=3)


def test_an_attached_client_stays_with_its_fake(new_client, served_by) -> None:
    mine, client = _fake("mine"), new_client()
    mine.attach(client)
    with _fake("other"):
        assert served_by(client) == ["mine"]
        assert served_by(new_client()) == ["other"]


def test_the_last_fake_that_a_client_was_attached_to_serves(new_client, served_by) -> None:
    one, two, client = _fake("one"), _fake("two"), new_client()
    one.attach(client)
    two.attach(client)
    assert served_by(client) == ["two"]
    two.detach(client)
    assert served_by(client) == ["one"]
    two.attach(client)
    one.detach(client)
    assert served_by(client) == ["two"]


def test_attaching_twice_gives_the_same_stubber(new_client) -> None:
    fake, client = _fake("dev"), new_client()
    assert fake.attach(client) is fake.attach(client)


def test_a_client_of_the_fake_is_attached(served_by) -> None:
    fake = _fake("dev")
    client = fake.client()
    with _fake("other"):
        assert served_by(client) == ["dev"]
    assert served_by(client) == ["dev"]


def test_a_client_of_the_fake_has_the_region_it_is_asked_for() -> None:
    fake = FakeAmplifyBackend(region="eu-west-1")
    assert fake.client().meta.region_name == "eu-west-1"
    assert fake.client(region_name="us-west-2").meta.region_name == "us-west-2"


def test_a_detached_client_ends_at_the_guard(new_client, fake, served_by) -> None:
    client = new_client()
    served_by(client)
    fake.detach(client)
    with pytest.raises(HTTPClientError, match="stopped before the socket"):
        served_by(client)
    fake.attach(client)
    assert served_by(client) == ["dev"]
    fake.assert_called("GetBackend", times=2)


def test_a_new_activation_serves_what_was_detached(new_client, served_by) -> None:
    fake, client = _fake("dev"), new_client()
    with fake:
        fake.detach(client)
    with fake:
        assert served_by(client) == ["dev"]


@pytest.mark.parametrize("method", ["attach", "detach"])
def test_only_clients_of_the_service(new_client, method: str) -> None:
    act = getattr(FakeAmplifyBackend(), method)
    with pytest.raises(errors.UsageError, match=r"not a client of sts\.$"):
        act(new_client("sts"))
    with pytest.raises(errors.UsageError, match=r"not 'client'\.$"):
        act("client")
