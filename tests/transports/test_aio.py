"""The transport `aio` serves every aiobotocore client of the process, and botocore's as well."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from botocore.client import BaseClient
from botocore.exceptions import (
    ConnectionClosedError,
    ParamValidationError,
    ReadTimeoutError,
)

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress

pytest.importorskip("aiobotocore", minversion="2.8", reason="aiobotocore is not installed")

import aiohttp
from aio_clients import APP, with_client
from aiobotocore.client import AioBaseClient


@pytest.fixture
def fake(session: Any) -> Iterator[FakeAmplifyBackend]:
    """An active fake with one app, on a machine without AWS."""
    with FakeAmplifyBackend(transport="aio") as fake:
        fake.add_app("d1abc", name="shop")
        yield fake


async def served_by(client: Any) -> list[str]:
    answer = await client.get_backend(AppId="d1abc")
    return list(answer["BackendEnvironmentList"])


def test_a_client_made_while_active(fake: FakeAmplifyBackend) -> None:
    async def body(client: Any) -> None:
        answer = await client.get_backend(AppId="d1abc")
        assert answer["AppName"] == "shop"
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200

    with_client(body)
    fake.assert_called("GetBackend", times=1, AppId="d1abc")
    assert fake.calls[0].transport == "aio"


def test_a_client_made_before_the_activation_is_left_as_it_was() -> None:
    async def body(client: Any) -> None:
        emitter = client.meta.events._emitter
        before = dict(emitter._unique_id_handlers)
        with FakeAmplifyBackend(transport="aio") as fake:
            fake.add_app("d1abc", environments=("prod",))
            assert await served_by(client) == ["prod"]
            assert dict(emitter._unique_id_handlers) != before
        assert dict(emitter._unique_id_handlers) == before

    with_client(body)


def test_what_an_active_fake_replaces_is_put_back() -> None:
    def process() -> list[Any]:
        return [
            AioBaseClient.__dict__["_emit_api_params"],
            BaseClient.__dict__["_emit_api_params"],
            aiohttp.BaseConnector.__dict__["connect"],
            socket.getaddrinfo,
        ]

    before = process()
    with FakeAmplifyBackend(transport="aio"):
        assert all(ours is not theirs for ours, theirs in zip(process(), before, strict=True))
    assert process() == before


def test_the_inner_of_two_fakes_serves(fake: FakeAmplifyBackend) -> None:
    async def body(client: Any) -> None:
        assert await served_by(client) == ["dev"]
        with FakeAmplifyBackend(transport="aio") as inner:
            inner.add_app("d1abc", environments=("inner",))
            assert await served_by(client) == ["inner"]
        assert await served_by(client) == ["dev"]

    with_client(body)


def test_an_attached_client_is_served_by_whom_it_was_attached_to(fake: FakeAmplifyBackend) -> None:
    other = FakeAmplifyBackend(transport="aio")
    other.add_app("d1abc", environments=("other",))

    async def body(client: Any) -> None:
        other.attach(client)
        assert await served_by(client) == ["other"]
        other.detach(client)
        assert await served_by(client) == ["dev"]

    with_client(body)


def test_clients_of_botocore_are_served_as_well(fake: FakeAmplifyBackend, session: Any) -> None:
    client = session.create_client(
        "amplifybackend", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    for served in (client, fake.client()):
        assert served.get_backend(AppId="d1abc")["AppName"] == "shop"
    assert {call.transport for call in fake.calls} == {"aio"}


def test_each_client_calls_in_its_own_region(fake: FakeAmplifyBackend) -> None:
    fake.add_app("d1abc", environments=("paris",), region="eu-west-3")

    async def body(client: Any) -> None:
        assert await served_by(client) == ["paris"]

    with_client(body, region_name="eu-west-3")
    assert fake.calls[0].region == "eu-west-3"


def test_calls_at_the_same_time_keep_their_params_apart(fake: FakeAmplifyBackend) -> None:
    names = [f"d1app{number}" for number in range(40)]
    for name in names:
        fake.add_app(name)

    async def body(client: Any) -> None:
        answers = await asyncio.gather(*(client.get_backend(AppId=name) for name in names))
        assert [answer["AppId"] for answer in answers] == names

    with_client(body)


def test_loops_in_other_threads(fake: FakeAmplifyBackend) -> None:
    seen: list[list[str]] = []

    async def body(client: Any) -> None:
        seen.extend([await served_by(client) for _ in range(5)])

    threads = [threading.Thread(target=with_client, args=(body,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [["dev"]] * 20


def test_a_job_from_its_submission_to_its_end(session: Any) -> None:
    async def body(client: Any) -> None:
        with FakeAmplifyBackend(transport="aio", jobs=progress.after_reads(2)) as fake:
            fake.add_app("d1abc", environments=("dev",))
            job = await client.delete_backend(**APP)
            seen = [
                (await client.get_backend_job(JobId=job["JobId"], **APP))["Status"]
                for _ in range(3)
            ]
            assert seen == ["RUNNING", "RUNNING", "COMPLETED"]

    with_client(body)


def test_pages(fake: FakeAmplifyBackend) -> None:
    async def body(client: Any) -> None:
        for _ in range(3):
            await client.delete_backend_auth(ResourceName="users", **APP)
        pages = client.get_paginator("list_backend_jobs").paginate(
            AppId="d1abc", BackendEnvironmentName="dev", PaginationConfig={"PageSize": 2}
        )
        jobs = [[job["JobId"] for job in page["Jobs"]] async for page in pages]
        at_once = await client.list_backend_jobs(**APP)
        assert [job for page in jobs for job in page] == [job["JobId"] for job in at_once["Jobs"]]
        assert len(at_once["Jobs"]) == 3

    with_client(body)


def test_a_modeled_error(fake: FakeAmplifyBackend) -> None:
    async def body(client: Any) -> None:
        with pytest.raises(client.exceptions.NotFoundException) as caught:
            await client.get_backend(AppId="d1other")
        assert caught.value.response["ResourceType"] == "App"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404

    with_client(body)


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (errors.ConnectionReset(), ConnectionClosedError),
        (errors.ReadTimeout(), ReadTimeoutError),
    ],
    ids=["reset", "timeout"],
)
def test_a_fault(
    fake: FakeAmplifyBackend, fault: errors.TransportFault, raised: type[Exception]
) -> None:
    fake.fail("GetBackend", fault)

    async def body(client: Any) -> None:
        with pytest.raises(raised):
            await client.get_backend(AppId="d1abc")

    with_client(body)


def test_a_call_that_the_client_refuses_changes_nothing(fake: FakeAmplifyBackend) -> None:
    async def body(client: Any) -> None:
        for wrong in ({}, {"AppId": 1}, {"AppId": "d1abc", "Nonsense": "x"}):
            with pytest.raises(ParamValidationError):
                await client.get_backend(**wrong)

    with_client(body)
    assert list(fake.calls) == []


def test_a_presigned_url_is_no_call(fake: FakeAmplifyBackend) -> None:
    async def body(client: Any) -> None:
        fake.attach(client)
        url = await client.generate_presigned_url("get_backend", Params={"AppId": "d1abc"})
        assert "/backend/d1abc/details" in url

    with_client(body)
    assert list(fake.calls) == []


def test_handlers_of_the_test_are_heard_whether_they_are_awaited_or_not(
    fake: FakeAmplifyBackend,
) -> None:
    async def awaited(params: Any, **_: Any) -> None:
        params.update(AppId="d1abc")

    def called(params: Any, **_: Any) -> None:
        params.update(AppId="d1abc")

    async def body(client: Any) -> None:
        for handler in (awaited, called):
            client.meta.events.register("before-parameter-build.amplifybackend", handler)
            assert (await client.get_backend(AppId="d1other"))["AppId"] == "d1abc"
            client.meta.events.unregister("before-parameter-build.amplifybackend", handler)

    with_client(body)


def test_a_patch_of_make_api_call_made_after_the_activation(fake: FakeAmplifyBackend) -> None:
    names: list[str] = []
    original = AioBaseClient._make_api_call

    async def watched(client: Any, operation: str, params: Any) -> Any:
        names.append(operation)
        return await original(client, operation, params)

    async def body(client: Any) -> None:
        assert await served_by(client) == ["dev"]

    with mock.patch.object(AioBaseClient, "_make_api_call", watched):
        with_client(body)
    assert names == ["GetBackend"]


def test_a_served_client_is_collected(fake: FakeAmplifyBackend) -> None:
    kept: list[weakref.ref[Any]] = []

    async def body(client: Any) -> None:
        await served_by(client)
        kept.append(weakref.ref(client))

    with_client(body)
    gc.collect()
    assert kept[0]() is None


def test_without_aiobotocore_the_install_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pytest_amplifybackend._transports.aio", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "aiobotocore"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiobotocore", None)
    with pytest.raises(errors.MissingExtra, match=r"pip install 'pytest-amplifybackend\[aio\]'"):
        FakeAmplifyBackend(transport="aio")
