import asyncio

import deploy
import pytest
import pytest_asyncio


@pytest_asyncio.fixture
async def app(amplifybackend):
    amplifybackend.add_app("d1")
    return "d1"


@pytest.mark.asyncio
async def test_a_coroutine(amplifybackend, app):
    found = await asyncio.to_thread(deploy.client.get_backend, AppId=app)
    assert found["AppName"] == app
