"""A client of raw bytes, for tests of what no HTTP library sends."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import urlsplit

SECONDS = 20
"""How long an answer may take on a machine with much to do; nothing waits for that long."""


class Raw:
    """One connection to a server."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=SECONDS)
        self._file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def request(
        self, method: str, target: str, body: bytes | None = None, **headers: str | None
    ) -> None:
        """Send a request; a header that is None is left out, ``_`` stands for ``-``."""
        lines = {"Host": self.host}
        if body is not None:
            lines |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in headers.items():
            lines.pop(name.replace("_", "-"), None)
            if value is not None:
                lines[name.replace("_", "-")] = value
        head = [f"{method} {target} HTTP/1.1", *(f"{name}: {lines[name]}" for name in lines)]
        self.send("\r\n".join([*head, "", ""]).encode("latin-1") + (body or b""))

    def answer(self, *, head: bool = False) -> tuple[int, dict[str, str], bytes]:
        """Status, headers by lower-case names, body; EOFError when the connection is closed."""
        first = self._file.readline()
        if not first:
            raise EOFError
        headers = {}
        while (line := self._file.readline().decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = 0 if head else int(headers.get("content-length", 0))
        return int(first.split()[1]), headers, self._file.read(length)

    def ask(
        self, method: str, target: str, body: bytes | None = None, **headers: str | None
    ) -> tuple[int, Any]:
        """Status and parsed body of one request."""
        self.request(method, target, body, **headers)
        status, _, answer = self.answer()
        return status, json.loads(answer) if answer else None

    def at_end(self) -> bool:
        """Whether the server has closed the connection, with nothing more to read."""
        try:
            return self._file.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def close_client(client: Any) -> None:
    """Close the connections of a boto client; old botocores have no method for it."""
    client._endpoint.http_session._manager.clear()


class Caller:
    """A test in another language, which uses the control API."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw

    def do(self, action: str, status: int = 200, **arguments: Any) -> Any:
        found, answer = self.raw.ask(
            "POST",
            f"/_amplifybackend/{action}",
            json.dumps(arguments).encode(),
            X_Amplifybackend_Control="1",
        )
        assert (found, answer) == (status, answer)
        return answer

    def signed(self, action: str, secrets: dict[str, str]) -> tuple[int, Any]:
        """Status and answer of an action that is signed with the first of some keys."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        ((access_key, secret_key),) = secrets.items()
        path = f"/_amplifybackend/{action}"
        request = AWSRequest("POST", f"http://{self.raw.host}{path}", data=b"{}")
        signer = SigV4Auth(Credentials(access_key, secret_key), "amplifybackend", "us-east-1")
        signer.add_auth(request)
        headers = {name.replace("-", "_"): value for name, value in request.headers.items()}
        return self.raw.ask("POST", path, b"{}", X_Amplifybackend_Control="1", **headers)

    def call(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        return self.raw.ask("POST", path, json.dumps(body or {}).encode())
