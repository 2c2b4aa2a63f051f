"""The targets that the suite starts itself: the one module here that knows the fake."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from pytest_amplifybackend import progress
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._fake import FakeAmplifyBackend
from pytest_amplifybackend.contract._support.target import Polling, Target, client, http_client

if TYPE_CHECKING:
    from pytest_amplifybackend._options import TransportName

READS = 1
"""How often a job is found RUNNING: so the suite sees it at work, and needs no clock."""


def start(name: str, region: str, style: Any, clock: Any) -> Target:
    """A fake behind one of its transports, whose jobs end by being read."""
    transport: TransportName = "wire" if name == "wire" else "stubber"
    fake = FakeAmplifyBackend(
        jobs=progress.after_reads(READS),
        region=region,
        errors=style,
        transport=transport,
        clock=clock,
    )
    stack = ExitStack()
    connect: Callable[[str], Any] = fake.client
    url = None
    if name == "server":
        url = stack.enter_context(fake.serve()).url
        connect = functools.partial(http_client, url=url)
    elif name == "responses":
        stack.enter_context(fake.behind_requests())
        connect = _requests_client
    return Target(
        name=name,
        connect=connect,
        region=region,
        polling=Polling(0.0, 60.0),
        style=style,
        progress=f"after_reads:{READS}",
        tidies=False,
        shift=fake.clock.shift if clock == "virtual" else None,
        url=url,
        end=stack.close,
    )


def _requests_client(region: str) -> Any:
    """A botocore client that sends with the library ``requests``."""
    import requests

    made = client(
        region,
        endpoint_url=f"https://{catalogue.SERVICE}.{region}.amazonaws.com",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    send = functools.partial(_send, requests.Session())
    made.meta.events.register_first(f"before-send.{catalogue.SERVICE}", send)
    return made


def _send(session: Any, request: Any, **_: Any) -> Any:
    from botocore.awsrequest import AWSResponse

    answer = session.request(
        request.method,
        request.url,
        headers={
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        },
        data=request.body,
        timeout=30,
    )
    return AWSResponse(request.url, answer.status_code, answer.headers, _Body(answer.content))


class _Body(io.BytesIO):
    """A body as botocore reads it from urllib3."""

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self.read()
