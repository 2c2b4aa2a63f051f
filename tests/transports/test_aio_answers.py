"""The AioStubber that ``fake.attach`` gives takes one-off answers, as aiobotocore's own does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, StubAssertionError

from pytest_amplifybackend import FakeAmplifyBackend

pytest.importorskip("aiobotocore", minversion="2.8", reason="aiobotocore is not installed")

from aio_clients import APP, with_client
from aiobotocore.stub import AioStubber


@pytest.fixture
def fake(session: Any) -> Iterator[FakeAmplifyBackend]:
    """An active fake with one app, on a machine without AWS."""
    with FakeAmplifyBackend(transport="aio") as fake:
        fake.add_app("d1abc", name="shop")
        yield fake


class TestOneOffAnswers:
    def test_it_is_an_aio_stubber(self, fake: FakeAmplifyBackend) -> None:
        async def body(client: Any) -> None:
            stubber = fake.attach(client)
            assert isinstance(stubber, AioStubber)
            stubber.add_response("get_backend", {"AppId": "d1abc", "AppName": "once"}, APP)
            assert (await client.get_backend(**APP))["AppName"] == "once"
            assert (await client.get_backend(**APP))["AppName"] == "shop"
            stubber.assert_no_pending_responses()

        with_client(body)
        fake.assert_called("GetBackend", times=1)

    def test_an_error_once(self, fake: FakeAmplifyBackend) -> None:
        async def body(client: Any) -> None:
            fake.attach(client).add_client_error("get_backend", "ExpiredToken", "late", 403)
            with pytest.raises(ClientError, match=r"\(ExpiredToken\).*: late"):
                await client.get_backend(**APP)
            assert (await client.get_backend(**APP))["AppName"] == "shop"

        with_client(body)

    def test_other_params_than_expected(self, fake: FakeAmplifyBackend) -> None:
        async def body(client: Any) -> None:
            stubber = fake.attach(client)
            stubber.add_response("get_backend", {"AppName": "once"}, {"AppId": "d1other"})
            with pytest.raises(StubAssertionError, match="Expected parameters"):
                await client.get_backend(**APP)
            with pytest.raises(AssertionError, match="1 responses remaining in queue"):
                stubber.assert_no_pending_responses()

        with_client(body)

    def test_an_app_in_another_region_is_noted(self, fake: FakeAmplifyBackend) -> None:
        async def body(client: Any) -> None:
            with pytest.raises(ClientError) as caught:
                await client.get_backend(**APP)
            (note,) = caught.value.__notes__
            head = "The fake has an app d1abc in us-east-1; this call was for eu-west-1. "
            assert note.startswith(head)
            assert "region_name='us-east-1'" in note
            assert "region='eu-west-1'" in note

        with_client(body, region_name="eu-west-1")
