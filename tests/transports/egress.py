"""Tries every way out of a process in which a fake is active, and prints what left as JSON.

Run by ``test_egress.py`` as ``python egress.py TRANSPORT STEP``, in an interpreter of its own: what
it looks with, an audit hook, cannot be taken off again. The hook comes after the guard's own, so
that it sees only what the guard let through; it lets nothing but loopback happen. Of so many ways
as the step says, the first is tried.
"""

from __future__ import annotations

import _socket
import asyncio
import concurrent.futures
import contextlib
import ftplib
import http.client
import json
import multiprocessing
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from socket import getaddrinfo as bound_getaddrinfo
from socket import gethostbyname as bound_gethostbyname
from typing import Any
from unittest import mock

import boto3
import requests
import urllib3
from botocore import UNSIGNED
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.httpsession import URLLib3Session
from botocore.session import Session

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports.blocked import Net

REAL = "amplifybackend.us-east-1.amazonaws.com"
URL = f"https://{REAL}/backend/d1abc/details"
HOSTS = {
    "upper case": REAL.upper(),
    "a dot at the end": f"{REAL}.",
    "a port": f"{REAL}:443",
    "FIPS": "amplifybackend-fips.us-east-1.amazonaws.com",
    "dual stack": "amplifybackend.us-east-1.api.aws",
    "FIPS and dual stack": "amplifybackend-fips.us-gov-west-1.api.aws",
    "China": "amplifybackend.cn-north-1.amazonaws.com.cn",
    "GovCloud": "amplifybackend.us-gov-east-1.amazonaws.com",
    "ISO": "amplifybackend.us-iso-east-1.c2s.ic.gov",
    "ISOB": "amplifybackend.us-isob-east-1.sc2s.sgov.gov",
    "European sovereign": "amplifybackend.eusc-de-east-1.amazonaws.eu",
    "a VPC endpoint": "vpce-0a1b-2c3d.amplifybackend.us-east-1.vpce.amazonaws.com",
    "full-width letters": REAL.replace("amazonaws", "\uff41mazonaws"),
    "ideographic dots": REAL.replace(".", "\u3002"),
}
ONCE = Config(retries={"max_attempts": 0}, connect_timeout=2, read_timeout=2)
ISOLATED = {
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
MODELS = Session().get_component("data_loader")
"""Reads a megabyte of botocore's data once; half of what a trial with a client would take."""

LOOPBACK = ("127.0.0.1", "localhost", "::1", b"127.0.0.1", None, "")

Way = Callable[["Trial"], object]
WAYS: dict[str, Way] = {}
CONTROLS: dict[str, Way] = {}
"""What has to leave: it shows that a way out would be seen."""


class Trial:
    """One way out, tried while a fake is active: the fake, a client from before, and a proxy."""

    def __init__(self, fake: FakeAmplifyBackend, before: Any, proxy: str) -> None:
        self.fake, self.before, self.proxy = fake, before, proxy

    def client(self, **options: Any) -> Any:
        session = Session()
        session.register_component("data_loader", MODELS)
        return session.create_client(
            "amplifybackend", **{"region_name": "us-east-1", "config": ONCE, **options}
        )


def way(name: str) -> Callable[[Way], Way]:
    def register(function: Way) -> Way:
        assert name not in WAYS, name
        WAYS[name] = function
        return function

    return register


def ask(client: Any) -> Any:
    return client.get_backend(AppId="d1abc")


# ---------------------------------------------------------------- clients of botocore

for region in ("us-east-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "us-isob-east-1"):
    WAYS[f"client: in {region}"] = lambda t, region=region: ask(t.client(region_name=region))
for name, options in {
    "FIPS": {"use_fips_endpoint": True},
    "dual stack": {"use_dualstack_endpoint": True},
    "FIPS and dual stack": {"use_fips_endpoint": True, "use_dualstack_endpoint": True},
    "unsigned": {"signature_version": UNSIGNED},
    "legacy retries": {"retries": {"mode": "legacy", "max_attempts": 1}},
    "adaptive retries": {"retries": {"mode": "adaptive", "max_attempts": 1}},
}.items():
    WAYS[f"client: {name}"] = lambda t, options=options: ask(
        t.client(config=ONCE.merge(Config(**options)))
    )
for name, host in HOSTS.items():
    if host.isascii():
        WAYS[f"client: its endpoint has {name}"] = lambda t, host=host: ask(
            t.client(endpoint_url=f"https://{host}")
        )

WAYS |= {
    "client: made before": lambda t: ask(t.before),
    "client: of boto3's default session": lambda t: ask(
        boto3.client("amplifybackend", config=ONCE)
    ),
    "client: of a session of boto3": lambda t: ask(
        boto3.Session(region_name="eu-west-1").client("amplifybackend", config=ONCE)
    ),
    "client: with credentials of its own": lambda t: ask(
        t.client(aws_access_key_id="AKIAOWN", aws_secret_access_key="own")
    ),
    "client: with a proxy": lambda t: ask(
        t.client(config=ONCE.merge(Config(proxies={"https": t.proxy})))
    ),
    "client: verify=False": lambda t: ask(t.client(verify=False)),
    "client: http": lambda t: ask(t.client(use_ssl=False)),
    "client: a paginator": lambda t: list(
        t.client()
        .get_paginator("list_backend_jobs")
        .paginate(AppId="d1abc", BackendEnvironmentName="dev")
    ),
}


@way("client: detached")
def _(t: Trial) -> object:
    client = t.client()
    t.fake.detach(client)
    return ask(client)


@way("client: detached, with a proxy")
def _(t: Trial) -> object:
    client = t.client(config=ONCE.merge(Config(proxies={"https": t.proxy})))
    t.fake.detach(client)
    return ask(client)


@way("client: with the proxy of the environment")
def _(t: Trial) -> object:
    with mock.patch.dict(os.environ, {"HTTPS_PROXY": t.proxy, "https_proxy": t.proxy}):
        return ask(t.client())


@way("client: with AWS_ENDPOINT_URL_AMPLIFYBACKEND on AWS")
def _(t: Trial) -> object:
    with mock.patch.dict(os.environ, {"AWS_ENDPOINT_URL_AMPLIFYBACKEND": f"https://{REAL}"}):
        return ask(t.client())


@way("client: in a thread")
def _(t: Trial) -> object:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return pool.submit(lambda: ask(t.client())).result()


@way("client: one of many in threads")
def _(t: Trial) -> object:
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda _: ask(t.before), range(20)))


@way("client: whose call a mock forwards")
def _(t: Trial) -> object:
    original = ORIGINAL_CALL

    def forward(self: Any, operation_name: str, kwargs: Any) -> Any:
        return original(self, operation_name, kwargs)

    with mock.patch.object(BaseClient, "_make_api_call", forward):
        return ask(t.client())


ORIGINAL_CALL = BaseClient._make_api_call


@way("client: a presigned URL, opened by urllib")
def _(t: Trial) -> object:
    url = t.client().generate_presigned_url("get_token", {"AppId": "d1abc", "SessionId": "s"})
    return urllib.request.urlopen(url, timeout=2)


@way("client: a presigned URL, opened by requests")
def _(t: Trial) -> object:
    url = t.client().generate_presigned_url("get_token", {"AppId": "d1abc", "SessionId": "s"})
    return requests.get(url, timeout=2)


@way("client: its endpoint's own session")
def _(t: Trial) -> object:
    return t.client()._endpoint.http_session.send(AWSRequest("POST", URL, data=b"{}").prepare())


@way("botocore: a session for HTTP")
def _(t: Trial) -> object:
    return URLLib3Session(timeout=2).send(AWSRequest("POST", URL, data=b"{}").prepare())


@way("botocore: a session for HTTP with a proxy")
def _(t: Trial) -> object:
    session = URLLib3Session(timeout=2, proxies={"https": t.proxy})
    return session.send(AWSRequest("POST", URL, data=b"{}").prepare())


# ---------------------------------------------------------------- libraries

for name, host in HOSTS.items():
    WAYS[f"requests: {name}"] = lambda t, host=host: requests.post(f"https://{host}/", timeout=2)
    WAYS[f"urllib3: {name}"] = lambda t, host=host: urllib3.PoolManager(retries=False).request(
        "POST", f"https://{host}/", timeout=2
    )


def _proxies(proxy: str) -> dict[str, str]:
    return {"http": proxy, "https": proxy}


WAYS |= {
    "requests: a session with a proxy": lambda t: requests.post(
        URL, timeout=2, proxies=_proxies(t.proxy)
    ),
    "requests: http with a proxy": lambda t: requests.post(
        URL.replace("https", "http"), timeout=2, proxies=_proxies(t.proxy)
    ),
    "requests: a prepared request": lambda t: requests.Session().send(
        requests.Request("POST", URL).prepare(), timeout=2
    ),
    "urllib3: a pool of its own": lambda t: urllib3.HTTPSConnectionPool(
        REAL, retries=False, timeout=2
    ).request("POST", "/"),
    "urllib3: a proxy": lambda t: urllib3.ProxyManager(t.proxy, retries=False).request(
        "POST", URL, timeout=2
    ),
    "http.client: https": lambda t: http.client.HTTPSConnection(REAL).request("POST", "/"),
    "http.client: http": lambda t: http.client.HTTPConnection(REAL).request("POST", "/"),
    "urllib.request: a URL": lambda t: urllib.request.urlopen(URL, b"{}", timeout=2),
    "urllib.request: a proxy": lambda t: urllib.request.build_opener(
        urllib.request.ProxyHandler(_proxies(t.proxy))
    ).open(URL, b"{}", timeout=2),
    "urllib.request: http with a proxy": lambda t: urllib.request.build_opener(
        urllib.request.ProxyHandler(_proxies(t.proxy))
    ).open(URL.replace("https", "http"), b"{}", timeout=2),
    "ftplib": lambda t: ftplib.FTP(REAL, timeout=2),
}


@way("http.client: a tunnel")
def _(t: Trial) -> object:
    host, _, port = t.proxy.rpartition("/")[2].partition(":")
    connection = http.client.HTTPSConnection(host, int(port), timeout=2)
    connection.set_tunnel(REAL)
    return connection.request("POST", "/")


if find_spec("httpx"):
    import httpx

    async def _async_httpx(**options: Any) -> object:
        async with httpx.AsyncClient(timeout=2, **options) as client:
            return await client.post(URL)

    WAYS |= {
        "httpx: a call": lambda t: httpx.post(URL, timeout=2),
        "httpx: a proxy": lambda t: httpx.post(URL, timeout=2, proxy=t.proxy),
        "httpx: awaited": lambda t: asyncio.run(_async_httpx()),
        "httpx: awaited, with a proxy": lambda t: asyncio.run(_async_httpx(proxy=t.proxy)),
    }
    import httpcore

    WAYS |= {
        "httpcore: a pool": lambda t: httpcore.ConnectionPool().request("POST", URL),
        "httpcore: a proxy": lambda t: httpcore.HTTPProxy(t.proxy).request("POST", URL),
    }

if find_spec("aiohttp"):
    import aiohttp

    async def _aiohttp(**options: Any) -> object:
        async with aiohttp.ClientSession() as session, session.post(URL, **options) as answer:
            return answer

    WAYS |= {
        "aiohttp: a call": lambda t: asyncio.run(_aiohttp()),
        "aiohttp: a proxy": lambda t: asyncio.run(_aiohttp(proxy=t.proxy)),
    }

if find_spec("aiobotocore"):
    from aiobotocore.session import AioSession

    async def _aiobotocore(**options: Any) -> object:
        made = AioSession().create_client("amplifybackend", "us-east-1", config=None, **options)
        async with made as client:
            return await client.get_backend(AppId="d1abc")

    WAYS["aiobotocore: a call"] = lambda t: asyncio.run(_aiobotocore())


# ---------------------------------------------------------------- sockets


@contextlib.contextmanager
def _socket_of(t: Trial) -> Iterator[socket.socket]:
    with socket.socket() as made:
        made.settimeout(2)
        yield made


async def _open(**options: Any) -> object:
    return await asyncio.wait_for(asyncio.open_connection(REAL, 443, **options), 2)


async def _sock_connect() -> object:
    loop = asyncio.get_running_loop()
    with socket.socket() as made:
        made.setblocking(False)
        return await asyncio.wait_for(loop.sock_connect(made, (REAL, 443)), 2)


async def _loop_getaddrinfo() -> object:
    return await asyncio.get_running_loop().getaddrinfo(REAL, 443)


def _on_a_socket(method: str, *arguments: Any) -> Way:
    def run(t: Trial) -> object:
        with _socket_of(t) as made:
            return getattr(made, method)(*arguments)

    return run


WAYS |= {
    "socket: create_connection": lambda t: socket.create_connection((REAL, 443), 2),
    "socket: connect": _on_a_socket("connect", (REAL, 443)),
    "socket: connect_ex": _on_a_socket("connect_ex", (REAL, 443)),
    "socket: getaddrinfo": lambda t: socket.getaddrinfo(REAL, 443),
    "socket: getaddrinfo by keyword": lambda t: socket.getaddrinfo(host=REAL, port=443),
    "socket: getaddrinfo of bytes": lambda t: socket.getaddrinfo(REAL.encode(), 443),
    "socket: gethostbyname": lambda t: socket.gethostbyname(REAL),
    "socket: gethostbyname_ex": lambda t: socket.gethostbyname_ex(REAL),
    "socket: gethostbyaddr": lambda t: socket.gethostbyaddr(REAL),
    "socket: getfqdn": lambda t: socket.gethostbyaddr(REAL.upper()),
    "socket: a getaddrinfo that was bound before": lambda t: bound_getaddrinfo(REAL, 443),
    "socket: a gethostbyname that was bound before": lambda t: bound_gethostbyname(REAL),
    "_socket: getaddrinfo": lambda t: _socket.getaddrinfo(REAL, 443),
    "ssl: get_server_certificate": lambda t: ssl.get_server_certificate((REAL, 443), timeout=2),
    "asyncio: open_connection": lambda t: asyncio.run(_open()),
    "asyncio: open_connection with TLS": lambda t: asyncio.run(_open(ssl=True)),
    "asyncio: sock_connect": lambda t: asyncio.run(_sock_connect()),
    "asyncio: getaddrinfo": lambda t: asyncio.run(_loop_getaddrinfo()),
}


@way("socket: sendto")
def _(t: Trial) -> object:
    with socket.socket(type=socket.SOCK_DGRAM) as made:
        return made.sendto(b"x", (REAL, 443))


@way("ssl: a connection to somewhere else under its name")
def _(t: Trial) -> object:
    host, _, port = t.proxy.rpartition("/")[2].partition(":")
    with socket.create_connection((host, int(port)), 2) as made:
        return ssl.create_default_context().wrap_socket(made, server_hostname=REAL)


@way("ssl: in memory under its name")
def _(t: Trial) -> object:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    return ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=REAL)


# ---------------------------------------------------------------- other processes

CHILD = f"""
import sys
sys.path[:] = {sys.path!r}
def note(event, args):
    if event in ("socket.getaddrinfo", "socket.connect"):
        host = args[0] if event == "socket.getaddrinfo" else args[1][0]
        if host not in ("127.0.0.1", "localhost", "::1"):
            print("LEFT", host)
            raise OSError("nothing leaves")
sys.addaudithook(note)
from botocore.config import Config
from botocore.session import Session
client = Session().create_client("amplifybackend", "us-east-1", config=Config(
    retries={{"max_attempts": 0}}))
client.get_backend(AppId="d1abc")
"""


def _child(**options: Any) -> object:
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, check=False, **options
    )
    return _judged(done.stdout)


def _judged(printed: str) -> object:
    if "LEFT" in printed:
        LEFT.append(printed.strip())
    return printed


def _ask_in_a_child(queue: Any) -> None:
    LEFT.clear()
    try:
        ask(Session().create_client("amplifybackend", "us-east-1", config=ONCE))
    except Exception as error:  # noqa: BLE001  # told to the parent
        queue.put(f"{type(error).__name__} {''.join(LEFT)}")
    else:
        queue.put("served")


def _process(method: str) -> object:
    context: Any = multiprocessing.get_context(method)
    queue = context.SimpleQueue()
    child = context.Process(target=_ask_in_a_child, args=(queue,))
    child.start()
    told = queue.get()
    child.join()
    if "amazonaws" in told:
        LEFT.append(told)
    return told


async def _asyncio_child() -> object:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return _judged((await child.communicate())[0].decode())


WAYS |= {
    "child: one that inherits": lambda t: _child(),
    "child: one with a copy of the environment": lambda t: _child(env={**os.environ}),
    "child: one with an environment of its own": lambda t: _child(env={**ISOLATED}),
    "child: one of asyncio": lambda t: asyncio.run(_asyncio_child()),
    "child: spawned": lambda t: _process("spawn"),
    "child: forked": lambda t: _process("fork"),
}

CONTROLS |= {
    "a client of another service": lambda t: boto3.client(
        "sts", region_name="us-east-1", config=ONCE
    ).get_caller_identity(),
    "another host of AWS": lambda t: socket.getaddrinfo("sts.us-east-1.amazonaws.com", 443),
    "another host, by a function that was bound before": lambda t: bound_gethostbyname(
        "sts.us-east-1.amazonaws.com"
    ),
}

# ---------------------------------------------------------------- the run

LEFT: list[str] = []


def _note(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = args[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if host not in LOOPBACK:
        LEFT.append(str(host))
        raise OSError("nothing leaves in this test")


class _Proxy(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        line = self.rfile.readline()
        if b"amplifybackend" in line or b"amazonaws" in line:
            LEFT.append(f"to a proxy: {line!r}")


@contextlib.contextmanager
def active(transport: str) -> Iterator[FakeAmplifyBackend]:
    fake = FakeAmplifyBackend(transport="aio" if transport == "aio" else "stubber")
    if transport == "wire":
        fake = FakeAmplifyBackend(transport="wire")
    fake.add_app("d1abc")
    if transport == "net":  # nothing is active, and all is blocked
        net = Net()
        net.start()
        try:
            yield fake
        finally:
            net.stop()
        return
    served: Any = {"responses": fake.behind_requests, "server": fake.serve}
    entered = served.get(transport, lambda: fake)()
    with entered:
        yield fake


def tried(transport: str, name: str, function: Way, before: Any, proxy: str) -> dict[str, Any]:
    LEFT.clear()
    outcome = "answered"
    with active(transport) as fake:
        try:
            function(Trial(fake, before, proxy))
        except BaseException as error:  # noqa: BLE001  # whatever a library makes of a refusal
            outcome = f"{type(error).__name__}: {error}"[:200]
    return {"outcome": outcome, "left": list(LEFT)}


def main(transport: str, step: int) -> None:
    warnings.simplefilter("ignore")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(ISOLATED)
    with active(transport):
        pass  # the guard's own hook comes first
    sys.addaudithook(_note)
    before = Session().create_client("amplifybackend", "us-east-1", config=ONCE)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Proxy) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        proxy = f"http://127.0.0.1:{listening.server_address[1]}"
        some = {name: WAYS[name] for name in list(WAYS)[::step]}
        report = {
            kind: {name: tried(transport, name, way, before, proxy) for name, way in ways.items()}
            for kind, ways in (("ways", some), ("controls", CONTROLS))
        }
        listening.shutdown()
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
