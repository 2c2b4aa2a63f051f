"""The rest of AWS behind the server's port: moto's server application, for other services."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from pytest_amplifybackend import errors
from pytest_amplifybackend._transports import other_services, routes
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.gateway import HTTPRequest

ENDPOINT = "AWS_ENDPOINT_URL"
"""Where botocore, the AWS CLI and the SDK for JavaScript look for the endpoint of every service."""

_LOG = logging.getLogger(__name__)
_NEEDED = ("moto", "flask", "flask_cors", "boto3", "werkzeug")
_MISSING = (
    "The rest of AWS behind one endpoint needs moto and flask: "
    "pip install 'pytest-amplifybackend[moto]'"
)


def is_for_the_fake(request: HTTPRequest, served: frozenset[str]) -> bool:
    """Whether a request is for the fake, by its credential scope; unsigned, by its path.

    The neighbor has to be asked with a signature: its paths may be those of buckets.
    """
    service = other_services.service_of(request)
    if service is not None:
        return service in served
    if "x-amz-target" in request.headers:
        return False
    return routes.is_known_path(request.path)


class _NotEmulated(Exception):
    """A request is for a service that moto does not have."""


class RestOfAws:
    """Answers requests for other services, in the thread that calls it.

    moto's own state is shared with everything in this process that moto serves. Raises
    MissingExtra where moto or what its server needs is not installed.
    """

    def __init__(self) -> None:
        try:
            from moto.moto_server.werkzeug_app import (
                DomainDispatcherApplication,
                create_backend_app,
            )
            from werkzeug.test import run_wsgi_app
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in _NEEDED:
                raise
            raise errors.MissingExtra(_MISSING) from error

        def create_app(service: Any) -> Any:
            if service is None:
                raise _NotEmulated
            return create_backend_app(service)

        self._run = run_wsgi_app
        self._application: Callable[..., Any] = DomainDispatcherApplication(create_app)

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """The response of moto; one that says so for what moto cannot do."""
        try:
            chunks, status, headers = self._run(self._application, _environ(request), buffered=True)
            body = b"".join(chunks)
        except _NotEmulated:
            service = f" {other_services.service_of(request) or ''}".rstrip()
            sentence = f"moto does not emulate the service{service} that this request is for."
            return other_services.rejection(request, sentence)
        except Exception as error:  # noqa: BLE001  # moto raises what it does not know
            _LOG.warning("moto: %s %s failed", request.method, request.path[:200], exc_info=error)
            sentence = f"moto could not answer: {type(error).__name__}: {error}"
            return other_services.rejection(request, sentence)
        return HTTPResponse(
            int(status.split(" ", 1)[0]),
            {name.lower(): value for name, value in headers if name.lower() not in _HOP_BY_HOP},
            body,
        )


_HOP_BY_HOP = ("connection", "transfer-encoding", "date", "server")
_METADATA = "x-amz-meta-"
_SPELT = "moto.preserved_header_names"
"""Where moto looks for how headers are spelt whose names WSGI cannot tell apart."""


def _environ(request: HTTPRequest) -> dict[str, Any]:
    """The request as WSGI has it."""
    path, _, query = request.path.partition("?")
    host, _, port = request.headers.get("host", "localhost").rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(_bytes(path)).decode("latin-1"),
        "QUERY_STRING": _bytes(query).decode("latin-1"),
        "RAW_URI": _bytes(request.path).decode("latin-1"),
        "SERVER_NAME": host or port,
        "SERVER_PORT": port if host and port.isdecimal() else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name not in ("content-length", "transfer-encoding") and "_" not in name:
            environ[_key(name)] = value
    spelt = {
        _key(name): name
        for name in request.headers
        if "_" in name and name.startswith(_METADATA) and _key(name) not in environ
    }
    return {**environ, **{key: request.headers[spelt[key]] for key in spelt}, _SPELT: spelt}


def _key(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
