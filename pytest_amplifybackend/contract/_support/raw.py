"""Requests in bytes, for what no client sends: over HTTP, signed as a client would sign them."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.target import credentials

JSON = {"Content-Type": "application/json"}
SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What came back; ``headers`` by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def members(self) -> dict[str, Any]:
        """The JSON object that the body is; AssertionError for another body."""
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        assert isinstance(found, dict), f"status {self.status}: no JSON object: {self.body[:80]!r}"
        return found


class Raw:
    """The endpoint of a target that has one; a test is skipped where there is none.

    No answer may have a status of 500 or more, the only modeled one being that of a service that
    has run out of time, and none may show what signed the request.
    """

    def __init__(self, backend: Backend) -> None:
        target = backend.target
        if target.url is None:
            pytest.skip(f"the target {target.name} takes the calls of clients, and no bytes")
        self._url, self._region = target.url.rstrip("/"), backend.region
        for operation in backend.noted.about:  # bytes count as calls of what the test is about
            if operation in catalogue.operations():
                backend.noted.note(operation)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = JSON,
        *,
        signed: bool = True,
    ) -> Answer:
        """The answer to one request on a connection of its own."""
        __tracebackhide__ = True
        url = f"{self._url}{path}"
        sent = dict(headers)
        if signed:
            sent = _signed(self._region, method, url, body, sent)
        answer = _exchange(method, url, body, sent)
        what = f"{method} {path[:80]}"
        assert answer.status < 500, f"{what}: status {answer.status}"
        shown = f"{dict(answer.headers)}{answer.body.decode('utf-8', 'replace')}"
        secrets = [sent.get("Authorization"), *credentials()[1:]]
        found = any(secret in shown for secret in secrets if secret and secret != "testing")
        assert not found, f"{what}: what signed the request is shown"
        return answer

    def ask(self, operation: str, params: Mapping[str, Any], **changes: Any) -> Answer:
        """The answer to a request as a client would send it, but for ``changes`` of its parts."""
        __tracebackhide__ = True
        method, path, body = wire(operation, params)
        return self.send(
            **{"method": method, "path": path, "body": json.dumps(body).encode(), **changes}
        )


def wire(operation: str, params: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Method, path and the members of the body of a request, by their names on the wire."""
    from botocore.serialize import create_serializer

    serializer = create_serializer("rest-json", include_validation=False)
    model = catalogue.service_model().operation_model(operation)
    request = serializer.serialize_to_request(params, model)
    return request["method"], request["url_path"], json.loads(request["body"] or b"{}")


def _signed(
    region: str, method: str, url: str, body: bytes | None, headers: dict[str, str]
) -> dict[str, str]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method, url, headers=headers, data=body or b"")
    SigV4Auth(Credentials(*credentials()), catalogue.SERVICE, region).add_auth(request)
    return dict(request.headers.items())


def _exchange(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    parts = urlsplit(url)
    secure = parts.scheme.lower() == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(str(parts.hostname), parts.port, timeout=SECONDS)
    try:
        connection.putrequest(method, parts.path or "/", skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        _send_all(connection, body or b"")
        response = connection.getresponse()
        shown = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, shown, response.read())
    except (OSError, http.client.HTTPException) as error:
        raise AssertionError(
            f"{method} {parts.path[:80]}: no answer but {type(error).__name__}: {error}"
        ) from None
    finally:
        connection.close()


def _send_all(connection: http.client.HTTPConnection, body: bytes) -> None:
    # a server may answer, and close, before all has arrived
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.send(body)
