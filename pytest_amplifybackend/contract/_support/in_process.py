"""The targets that the suite starts itself: the one module here that knows the fake."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from pytest_amplifybackend import progress
from pytest_amplifybackend._fake import FakeAmplifyBackend
from pytest_amplifybackend.contract._support.target import Polling, Target, http_client

READS = 2
"""How often a job is found RUNNING: so the suite sees it at work, and needs no clock."""


def start(name: str, region: str, style: str) -> Target:
    """A fake behind one of its transports, whose jobs end by being read."""
    transport = name if name in ("stubber", "wire") else "stubber"
    fake = FakeAmplifyBackend(
        jobs=progress.after_reads(READS), region=region, errors=style, transport=transport
    )
    stack = ExitStack()
    connect: Callable[[str], Any] = fake.client
    if name == "server":
        connect = functools.partial(http_client, url=stack.enter_context(fake.serve()).url)
    elif name == "responses":
        from pytest_amplifybackend.contract._support.requests_client import RequestsClient

        stack.enter_context(fake.behind_requests())
        connect = RequestsClient
    return Target(
        name=name,
        connect=connect,
        region=region,
        polling=Polling(0.0, 60.0),
        style=style,
        progress=f"after_reads:{READS}",
        tidies=False,
        shift=fake.clock.shift,
        end=stack.close,
    )
