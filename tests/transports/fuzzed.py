"""A server under fuzz: the command as a process, its connections, and what is held against it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fuzz_material import CONTROL, PLANTED, TOKEN
from fuzzing import Piece, Requests
from http_client import Raw

CONNECTIONS = 6
ROUND = 1000
"""After how many requests the server is put back to the beginning, and looked at."""

_FAULTS = ("GatewayTimeout", "ConnectionReset", "GarbledResponse")
_TELLS = ("GetBackendAuth",)


class Process:
    """``amplifybackend-fake serve``, and what ``/proc`` says of it."""

    def __init__(self, folder: Path, *options: str) -> None:
        token = folder / "token"
        token.write_text(TOKEN)
        code = "import sys; from pytest_amplifybackend._cli import main; sys.exit(main())"
        command = [sys.executable, "-c", code, "serve", "--control-token", f"@{token}", *options]
        # Measured by coverage, it would be several times as slow; other tests cover all this.
        env = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
        self._errors = (folder / "stderr").open("w+b")
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._errors, env=env
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().decode().strip()
        self._proc = Path(f"/proc/{self._process.pid}")

    def memory(self) -> float:
        """What is resident, in MiB; 0 where there is no /proc."""
        if not self._proc.is_dir():
            return 0.0
        pages = int((self._proc / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def descriptors(self) -> int:
        return len(list((self._proc / "fd").iterdir())) if self._proc.is_dir() else 0

    def seconds(self) -> float:
        """What it has had of a processor."""
        if not self._proc.is_dir():
            return 0.0
        fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> bytes:
        """Stop it; gives what it has said on standard error."""
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(20) == 0
        self._errors.seek(0)
        return self._errors.read()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._errors.close()


@contextlib.contextmanager
def serving(folder: Path, *options: str) -> Iterator[Process]:
    process = Process(folder, *options)
    try:
        yield process
    finally:
        process.close()


class Fuzzer:
    """Sends what :class:`Requests` makes, and holds each answer to the promises."""

    def __init__(self, process: Process, seed: int) -> None:
        self.process = process
        self.requests = Requests(seed, process.url.removeprefix("http://"))
        self.sent = 0
        self.statuses: Counter[str] = Counter()
        self.succeeded: set[str] = set()
        self._asked: set[str] = set()
        self._lines: list[Raw | None] = [None] * CONNECTIONS
        self._turn = 0

    def run(self, count: int) -> None:
        """Send so many requests; AssertionError names the first that is not met as promised."""
        end = self.sent + count
        rest = 0
        while self.sent < end:
            if rest <= 0:
                self._begin_again()
                rest = ROUND
            pieces = self.requests.next()
            try:
                self._send(pieces) if pieces[0].whole else self._send_broken(pieces[0])
            except BaseException as error:
                text = b"\n".join(piece.data[:3000] for piece in pieces)
                error.add_note(f"request {self.sent} ({pieces[0].kind}): {text!r}")
                raise
            self.sent += len(pieces)
            rest -= len(pieces)
        self._begin_again()

    def close(self) -> None:
        for line in self._lines:
            if line is not None:
                line.close()

    # ------------------------------------------------------------ connections

    def _line(self) -> tuple[int, Raw]:
        self._turn = (self._turn + 1) % CONNECTIONS
        line = self._lines[self._turn]
        if line is None:
            line = self._lines[self._turn] = Raw(self.process.url)
        return self._turn, line

    def _drop(self, number: int) -> None:
        line = self._lines[number]
        if line is not None:
            line.close()
            self._lines[number] = None

    def _begin_again(self) -> None:
        """Put the server back to the beginning, and see that it still answers."""
        number, line = self._line()
        own = {"X_Amplifybackend_Control": TOKEN}
        assert line.ask("POST", f"{CONTROL}reset", b"{}", **own) == (200, {})
        self._asked.clear()
        assert line.ask("POST", f"{CONTROL}add-app", b'{"app": "d1abc"}', **own)[0] == 200
        status, found = line.ask("POST", "/backend/d1abc/details", b"{}")
        assert (status, found["backendEnvironmentList"]) == (200, ["dev"])
        self._drop(number)

    def _send(self, pieces: list[Piece]) -> None:
        number, line = self._line()
        line.send(b"".join(piece.data for piece in pieces))
        for piece in pieces:
            try:
                status, headers, body = line.answer(head=piece.method == "HEAD")
                if status == 100 and piece.expects:
                    status, headers, body = line.answer(head=piece.method == "HEAD")
            except (EOFError, ConnectionResetError):
                assert "ConnectionReset" in self._asked, "closed without an answer"
                self._drop(number)
                return
            self._check(piece, status, headers, body)
            if headers.get("connection") == "close":
                self._drop(number)
                return

    def _send_broken(self, piece: Piece) -> None:
        """Send bytes on a connection of their own, and read whatever comes."""
        with Raw(self.process.url) as line:
            with contextlib.suppress(OSError):  # it may answer and close before all is sent
                line.send(piece.data)
                line.socket.shutdown(socket.SHUT_WR)
            with contextlib.suppress(EOFError, ConnectionResetError):
                self._check(piece, *line.answer(head=piece.data.lstrip().startswith(b"HEAD ")))
                while True:
                    self._check(piece, *line.answer())

    # ------------------------------------------------------------ promises

    def _check(self, piece: Piece, status: int, headers: dict[str, str], body: bytes) -> None:
        self.statuses[f"{piece.kind} {status}"] += 1
        if status >= 500 and status not in piece.statuses:
            assert (status, "GatewayTimeout" in self._asked) == (504, True), (status, body)
        told = "\n".join(f"{name}: {value}" for name, value in headers.items())
        assert not any(secret in told for secret in PLANTED), told
        tells = status == 200 and (piece.name in _TELLS or piece.action == "dump")
        if not tells:
            assert not any(secret.encode() in body for secret in PLANTED), body
        assert b"Traceback" not in body
        if body and headers.get("content-type") == "application/json":
            try:
                json.loads(body)
            except ValueError:
                assert "GarbledResponse" in self._asked, body
        if status == 200:
            self.succeeded.add(piece.action or piece.name)
            self.requests.learn(piece, body)
            if piece.action:
                self._asked.update(name for name in _FAULTS if name.encode() in piece.body)
