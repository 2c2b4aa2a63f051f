"""What it costs to keep a state in a file: a change to a large state next to one to a small one.

Run ``python benchmarks/state_file.py [FOLDER]``; it prints Markdown. FOLDER is on the disk that is
measured, the system's temporary folder unless given. The server's own ``answer`` is asked, without
a socket between.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import HEAD, Ratio, compare

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports.gateway import HTTPRequest
from pytest_amplifybackend._transports.server import Server

FEW, MANY = 100, 100_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def name(number: int) -> str:
    """A name that an environment may have."""
    return "".join(LETTERS[number // 26**place % 26] for place in (3, 2, 1, 0))


def with_jobs(count: int) -> FakeAmplifyBackend:
    """A fake with one environment and many jobs, which have ended."""
    fake = FakeAmplifyBackend()
    fake.add_app("d1")
    fake.call("CreateToken", {"AppId": "d1"})
    fake.call("CreateBackend", {"AppId": "d1", "AppName": "a", "BackendEnvironmentName": "test"})
    dumped = fake.dump()
    (job,) = dumped["jobs"]
    dumped["jobs"] = [
        {**job, "number": number, "id": f"{number:08}-0000-4000-8000-000000000000"}
        for number in range(1, count + 1)
    ]
    dumped["counters"]["job"] = count
    fake.load(dumped)
    return fake


def with_environments(apps: int, each: int) -> FakeAmplifyBackend:
    """A fake with many environments, each with an auth resource."""
    fake = FakeAmplifyBackend()
    fake.add_auth("d1", "dev")
    dumped = fake.dump()
    (app,) = dumped["apps"]
    environment = app["environments"]["dev"]
    dumped["apps"] = [
        {
            **app,
            "app_id": f"d{number + 1}",
            "environments": {
                other: {**environment, "name": other} for other in ["test", *map(name, range(each))]
            },
        }
        for number in range(apps)
    ]
    fake.load(dumped)
    return fake


class Asked:
    """A server with a state file, or without one, that listens to nobody."""

    def __init__(self, fake: FakeAmplifyBackend, path: Path | None, sync: str = "FULL") -> None:
        self.server: Server = fake.serve(state_file=path, keep_calls=100)
        started = time.perf_counter()
        self.server.listen()
        self.opened = time.perf_counter() - started
        if path is not None:
            self.sync(sync)

    def sync(self, how: str) -> None:
        """How a change waits for the disk: FULL, NORMAL or OFF, in SQLite's words."""
        file: Any = self.server._file
        file._store._database._connection.execute(f"PRAGMA synchronous = {how}")

    def ask(self, path: str, **body: Any) -> None:
        """One request that must be answered well."""
        headers = {"host": f"127.0.0.1:{self.server.port}", "content-type": "application/json"}
        request = HTTPRequest("POST", path, headers, json.dumps(body).encode())
        answer = self.server.answer(request)
        assert answer.status == 200, answer.body

    def made(self) -> None:
        """A job, which ends; then the environment is there, or is not."""
        self.ask("/backend/d1/environments/test/remove")
        self.ask("/backend", appId="d1", appName="a", backendEnvironmentName="test")

    def token(self) -> None:
        """A token that comes, and one that is read."""
        self.ask("/backend/d1/challenge")

    def end(self) -> None:
        """Close the file."""
        self.server.stop()
        self.server.__exit__(None, None, None)


def changes(big: Asked, small: Asked, what: str) -> list[Ratio]:
    """The same changes to both."""
    kinds: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "two jobs, `DeleteBackend` and `CreateBackend`": (big.made, small.made),
        "`CreateToken`": (big.token, small.token),
    }
    return [
        compare(
            f"{kind}: {what}",
            ours,
            theirs,
            goal="≤ 2",
            calls=2,
            rounds=100,
            clock=time.perf_counter,
        )
        for kind, (ours, theirs) in kinds.items()
    ]


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(dir=sys.argv[1] if len(sys.argv) > 1 else None))
    files = iter(range(100))

    def kept(fake: FakeAmplifyBackend, sync: str = "FULL") -> Asked:
        return Asked(fake, folder / f"{next(files)}.db", sync)

    few, many = kept(with_jobs(FEW)), kept(with_jobs(MANY))
    sparse, dense = kept(with_environments(10, 10)), kept(with_environments(100, 100))
    print(HEAD)
    for sync, where in (("FULL", ""), ("OFF", ", the disk's own time left out")):
        for asked in (few, many, sparse, dense):
            asked.sync(sync)
        for big, small, sizes in (
            (many, few, f"{MANY:,} jobs / {FEW} jobs"),
            (dense, sparse, "100 apps of 100 environments / 10 of 10"),
        ):
            for ratio in changes(big, small, f"{sizes}{where}"):
                print(ratio.row())
    few.sync("FULL")
    normal, plain = kept(with_jobs(FEW), "NORMAL"), Asked(with_jobs(FEW), None)
    for kind, other in (("`synchronous=NORMAL`", normal), ("no state file", plain)):
        ratio = compare(
            f"two jobs: `synchronous=FULL` / {kind}",
            few.made,
            other.made,
            goal="",
            clock=time.perf_counter,
        )
        print(ratio.row())
    many.end()
    again = Asked(FakeAmplifyBackend(), folder / "1.db")
    size = (folder / "1.db").stat().st_size / 2**20
    print(f"\nA file with {MANY:,} jobs has {size:.0f} MiB; it is open after {again.opened:.1f} s.")
    backend, file = again.server._backend, again.server._file
    assert file is not None
    took = []
    for _ in range(3):
        start = time.perf_counter()
        backend.restore(file.dump())
        took.append(time.perf_counter() - start)
    print(
        f"To take back a change that the disk refuses takes {statistics.median(took):.1f} s there."
    )
    for asked in (again, few, sparse, dense, normal, plain):
        asked.end()


if __name__ == "__main__":
    main()
