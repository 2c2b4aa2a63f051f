"""The server under load: requests a second next to moto's server, latencies, start and memory.

Run ``python benchmarks/load.py [REQUESTS]``; it prints Markdown. The clients are a process of their
own, with plain sockets that stay open, so that they cost the server nothing. REQUESTS are those
of the memory measurement, 100,000 unless given.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import socket
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

CONNECTIONS = (1, 16)
SECONDS = 1.0
ROUNDS = 5


@dataclass(frozen=True)
class Load:
    """What one process of clients saw: requests a second, and milliseconds a request."""

    rate: float
    median: float
    late: float
    """The 99th of a hundred."""


def one_connection(port: int, request: bytes, until: float, took: list[float]) -> None:
    """Ask again and again, over one connection where the server lets it, and note the times."""
    connection = file = None
    while (start := time.perf_counter()) < until:
        if connection is None:
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            file = connection.makefile("rb")
        assert file is not None
        connection.sendall(request)
        status = file.readline()
        assert b" 200 " in status, status
        length, stays = 0, status.startswith(b"HTTP/1.1")
        while (line := file.readline().lower()) not in (b"\r\n", b""):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            stays = stays and line.split() != [b"connection:", b"close"]
        file.read(length)
        took.append(time.perf_counter() - start)
        if not stays:
            file.close()
            connection.close()
            connection = None


def clients(port: int, request: bytes, connections: int, out: multiprocessing.Queue[Load]) -> None:
    """As many connections at once as are asked for, a thread each."""
    took: list[float] = []
    begun = time.perf_counter()
    threads = [
        threading.Thread(target=one_connection, args=(port, request, begun + SECONDS, took))
        for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    out.put(
        Load(
            len(took) / (time.perf_counter() - begun),
            statistics.median(took) * 1000,
            took[int(len(took) * 0.99)] * 1000,
        )
    )


def load(port: int, request: bytes, connections: int) -> Load:
    """Let a process of clients ask for a while."""
    fresh = multiprocessing.get_context("spawn")
    out: multiprocessing.Queue[Load] = fresh.Queue()
    process = fresh.Process(target=clients, args=(port, request, connections, out))
    process.start()
    found = out.get(timeout=30)
    process.join()
    return found


SERVE = """
import sys
from pytest_amplifybackend import FakeAmplifyBackend
fake = FakeAmplifyBackend()
fake.add_app("d1abc")
made = fake.call("DeleteBackend", {"AppId": "d1abc", "BackendEnvironmentName": "dev"})
with fake.serve(keep_calls=10_000) as server:  # as the command does
    print(server.port, made["JobId"], flush=True)
    import resource
    for line in sys.stdin:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
"""

SERVE_MOTO = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
for line in sys.stdin:
    pass
"""


def started(program: str) -> tuple[subprocess.Popen[str], list[str]]:
    """A server in a process of its own, and the words that it prints first."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().split()


def get(path: str, **headers: str) -> bytes:
    """The bytes of a GET."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1:{port}", *map(": ".join, headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def reads() -> dict[str, tuple[subprocess.Popen[str], int, bytes]]:
    """Both servers with a read each: a job of ours, an AppSync API of moto's."""
    import http.client

    mine, (port, job) = started(SERVE)
    ours = get(f"/backend/d1abc/job/dev/{job}").replace(b"{port}", port.encode())
    moto, (moto_port,) = started(SERVE_MOTO)
    scope = "AWS4-HMAC-SHA256 Credential=a/20240101/us-east-1/appsync/aws4_request, Signature=b"
    connection = http.client.HTTPConnection("127.0.0.1", int(moto_port))
    body = json.dumps({"name": "api", "authenticationType": "API_KEY"})
    connection.request("POST", "/v1/apis", body, {"Authorization": scope})
    made = json.load(connection.getresponse())["graphqlApi"]["apiId"]
    theirs = get(f"/v1/apis/{made}", Authorization=scope).replace(b"{port}", moto_port.encode())
    return {"ours": (mine, int(port), ours), "moto's": (moto, int(moto_port), theirs)}


def under_load(servers: dict[str, tuple[subprocess.Popen[str], int, bytes]]) -> None:
    """Requests a second and latencies, both servers in turn."""
    print("| connections | ours | moto's | ratio | goal | our median | our p99 | p99 / median |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for connections in CONNECTIONS:
        rounds = [
            {name: load(port, data, connections) for name, (_, port, data) in servers.items()}
            for _ in range(ROUNDS)
        ]
        rate = {name: statistics.median(found[name].rate for found in rounds) for name in servers}
        ratio = statistics.median(found["ours"].rate / found["moto's"].rate for found in rounds)
        median = statistics.median(found["ours"].median for found in rounds)
        late = statistics.median(found["ours"].late for found in rounds)
        spread = statistics.median(found["ours"].late / found["ours"].median for found in rounds)
        theirs = rate["moto's"]
        print(
            f"| {connections} | {rate['ours']:,.0f}/s | {theirs:,.0f}/s "
            f"| {ratio:.1f} | ≥ 4 | {median:.2f} ms | {late:.2f} ms | {spread:.1f} (≤ 5 with 16) |"
        )


def starting() -> None:
    """From asking a fake for its server to the first answer, in a process that has imported it."""
    import http.client

    from pytest_amplifybackend import FakeAmplifyBackend

    took = []
    for _ in range(21):
        fake = FakeAmplifyBackend()
        begun = time.perf_counter()
        with fake.serve() as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            connection.request("POST", "/s3Buckets")
            assert connection.getresponse().status == 200
            took.append((time.perf_counter() - begun) * 1000)
            connection.close()
    later = statistics.median(took[1:])
    print(f"Start to first answer: {took[0]:.1f} ms with imports, later {later:.1f} ms (≤ 60).\n")


def memory(server: tuple[subprocess.Popen[str], int, bytes], requests: int) -> None:
    """The most memory the server's process has had, before and after many requests."""
    process, port, data = server
    assert process.stdin is not None
    assert process.stdout is not None
    seen = []
    for _ in range(4):
        done = 0
        while done < requests / 4:
            done += round(load(port, data, 4).rate * SECONDS)
        process.stdin.write("say\n")
        process.stdin.flush()
        kilobytes = int(process.stdout.readline())
        seen.append(kilobytes / 1024)
    shown = ", ".join(f"{megabytes:.1f}" for megabytes in seen)
    print(f"\nMost memory after each quarter of {requests:,} requests: {shown} MiB.")


def main() -> None:
    """Measure and print."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    starting()
    servers = reads()
    under_load(servers)
    memory(servers["ours"], int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    for process, _, _ in servers.values():
        assert process.stdin is not None
        process.stdin.close()
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
