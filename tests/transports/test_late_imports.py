"""HTTP libraries that a program imports only after a fake was activated, with a proxy set."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

REAL = "https://amplifybackend.us-east-1.amazonaws.com/backend"

_PROGRAM = """
import asyncio, os, sys
from pytest_amplifybackend import FakeAmplifyBackend, errors
with FakeAmplifyBackend():
    assert {library!r} not in sys.modules
    try:
{use}
    except Exception as error:
        while error is not None and not isinstance(error, errors.UnservedRequest):
            error = error.__cause__ or error.__context__
        print(type(error).__name__)
    assert sys.modules[{library!r}].__spec__.loader.__class__.__name__ == "SourceFileLoader"
assert not [finder for finder in sys.meta_path if "amplify" in type(finder).__module__]
"""
_USES = {
    "aiohttp": """
async def main():
    import aiohttp
    async with aiohttp.ClientSession(trust_env=True) as session:
        await session.post(REAL)
asyncio.run(main())
""",
    "httpx": """
import httpx
httpx.post(REAL)
""",
    "httpx of asyncio": """
async def main():
    import httpx
    async with httpx.AsyncClient() as client:
        await client.post(REAL)
asyncio.run(main())
""",
    "httpcore": """
import httpcore
httpcore.HTTPProxy(os.environ["HTTPS_PROXY"]).request("POST", REAL)
""",
    "httpx2": """
import httpx2
httpx2.post(REAL)
""",
    "aiobotocore": """
async def main():
    from aiobotocore.session import get_session
    async with get_session().create_client("amplifybackend", region_name="us-east-1") as client:
        await client.get_backend(AppId="d1abc")
asyncio.run(main())
""",
}


class _Proxy(StreamRequestHandler):
    def handle(self) -> None:
        self.server.asked.append(self.rfile.readline())  # type: ignore[attr-defined]  # see below


@pytest.fixture
def proxy() -> Iterator[ThreadingTCPServer]:
    """A proxy that answers nothing and keeps what it was asked."""
    with ThreadingTCPServer(("127.0.0.1", 0), _Proxy) as listening:
        listening.asked = []  # type: ignore[attr-defined]  # written above
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


@pytest.mark.parametrize("use", _USES)
def test_a_late_import_is_guarded(proxy: ThreadingTCPServer, tmp_path: Path, use: str) -> None:
    library = use.partition(" ")[0]
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    body = _USES[use].replace("REAL", repr(REAL)).strip().replace("\n", "\n        ")
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM.format(library=library, use=f"        {body}"))
    url = f"http://127.0.0.1:{proxy.server_address[1]}"
    told = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HTTPS_PROXY": url, "https_proxy": url},
    )
    assert (told.stdout, told.stderr) == ("UnservedRequest\n", "")
    assert proxy.asked == []  # type: ignore[attr-defined]  # of this test's server
