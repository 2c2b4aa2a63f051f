import anyio
import deploy
import pytest


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.mark.anyio
async def test_a_thread(amplifybackend):
    assert await anyio.to_thread.run_sync(deploy.deploy, "d1") == "COMPLETED"
    amplifybackend.assert_called("CreateBackend")
