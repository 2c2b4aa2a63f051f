import asyncio

import deploy


async def test_a_coroutine(amplifybackend):
    assert await asyncio.to_thread(deploy.deploy, "d1") == "COMPLETED"
    amplifybackend.assert_called("CreateBackend")
