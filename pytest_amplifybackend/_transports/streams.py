"""Responses that stay open: events for pages that look on, as server-sent events.

A feed says how things are, in one event. One timer of the loop asks each feed, while anybody
listens, and sends what has changed; so an event replaces those before it, a client that reads
slowly misses some and not the newest, and nothing piles up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

Feed = Callable[[], bytes]
"""Gives the event that tells how things are now."""

INTERVAL = 0.25
"""How often a feed is asked, in seconds."""

_SHARE = 20
"""What asking took is at most one part in so many of the loop's time."""

_QUIET = 60
"""After so many times without news a comment is sent, lest a proxy should give up."""


def event(data: str) -> bytes:
    """A server-sent event; the data is one line."""
    return f"data: {data}\n\n".encode()


class Client(Protocol):
    """A connection to which events go; ``is_full`` while it does not read them."""

    @property
    def is_full(self) -> bool: ...
    def send(self, data: bytes) -> None: ...


class Streams:
    """The open streams of a listener; without any, it does nothing."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._open: dict[Client, Feed] = {}
        self._sent: dict[Client, bytes] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._quiet = 0

    def __len__(self) -> int:
        return len(self._open)

    def add(self, client: Client, feed: Feed) -> None:
        """Send a client the events of a feed, the first one at once."""
        self._open[client] = feed
        self._tell(client, feed())
        if self._timer is None:
            self._timer = self._loop.call_later(INTERVAL, self._ask)

    def discard(self, client: Client) -> None:
        """Send a client nothing more."""
        self._open.pop(client, None)
        self._sent.pop(client, None)
        if not self._open and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ask(self) -> None:
        began = self._loop.time()
        try:
            told = self._tell_all()
        finally:
            took = self._loop.time() - began
            self._timer = self._loop.call_later(max(INTERVAL, _SHARE * took), self._ask)
        self._quiet = 0 if told else self._quiet + 1

    def _tell_all(self) -> bool:
        """Whether any client was sent something."""
        events: dict[Feed, bytes] = {}
        told = False
        comment = self._quiet >= _QUIET
        for client, feed in list(self._open.items()):
            if client.is_full:
                continue
            if feed not in events:
                events[feed] = feed()
            told = self._tell(client, events[feed]) or told
            if comment:
                client.send(b":\n\n")
        return told or comment

    def _tell(self, client: Client, data: bytes) -> bool:
        if self._sent.get(client) == data:
            return False
        self._sent[client] = data
        client.send(data)
        return True
