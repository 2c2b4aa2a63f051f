"""A client of aiobotocore for the tests, and a way to run a test's coroutine with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiobotocore.session import get_session

from pytest_amplifybackend._api import installed

APP = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
Body = Callable[[Any], Awaitable[None]]


def new_client(**options: Any) -> Any:
    given = {"region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
    session = get_session()
    session.register_component("data_loader", installed.loader())  # reads each file once
    return session.create_client("amplifybackend", **{**given, **options})


def with_client(body: Body, **options: Any) -> None:
    """Run a coroutine function with a client that is there from before to after."""

    async def main() -> None:
        async with new_client(**options) as client:
            await body(client)

    asyncio.run(main())
