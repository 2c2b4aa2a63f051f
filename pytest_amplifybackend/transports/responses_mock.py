"""The transport ``responses``: programs that call the service with the library requests.

``responses`` catches what ``requests`` sends. While this transport is active, whatever mock of
it is on duty, the test's or one of our own, finds the fake for the hosts of the service when
nothing that the test has registered matches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from pytest_amplifybackend import errors
from pytest_amplifybackend.service.backend import Backend
from pytest_amplifybackend.transports import guard
from pytest_amplifybackend.transports.exchange import Exchange
from pytest_amplifybackend.transports.front import Front, HTTPRequest
from pytest_amplifybackend.transports.patching import Patch

_OURS = "amplifybackend"
"""The mark of a match that a fake has made, not a test."""


class ResponsesTransport:
    """Serves ``requests`` for every host of the service, as long as the ``with`` statement lasts.

    Raises MissingExtra without the library ``responses``.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        error_style: str,
        region: str,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        exchange = Exchange(backend, error_style=error_style, transport="responses")
        self._front = Front(exchange, default_region=region, secrets=secrets)
        self._responses = _library()
        self._patches: list[Patch] = []
        self._own: Any = None

    def __enter__(self) -> ResponsesTransport:
        mock = self._responses.RequestsMock
        self._patches = [Patch(mock, "_find_match", self._finding), *guard.patches()]
        for patch in self._patches:
            patch.apply()
        if not _on_duty():
            self._own = mock(assert_all_requests_are_fired=False)
            self._own.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._own is not None:
            self._own.stop(allow_assert=False)
            self._own = None
        for patch in reversed(self._patches):
            patch.undo()

    def _finding(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """``RequestsMock._find_match``, to which the fake comes after all that is registered."""

        def find_match(mock: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            match, reasons = previous(mock, request, *args, **kwargs)
            if (match is None or hasattr(match, _OURS)) and guard.is_real_host(
                urlsplit(request.url).hostname
            ):
                return self._callback(request), []  # before the one of a fake further out
            return match, reasons

        return find_match

    def _callback(self, request: Any) -> Any:
        made = self._responses.CallbackResponse(
            method=request.method, url=request.url, callback=self._answer, content_type=None
        )
        setattr(made, _OURS, True)
        return made

    def _answer(self, request: Any) -> Any:
        """What ``responses`` asks of a callback: (status, headers, body), or an exception."""
        import requests

        try:
            answer = self._front.answer(_request(request))
        except errors.ReadTimeout:
            return requests.exceptions.ReadTimeout(
                "The fake AWS Amplify Backend did not answer in time.", request=request
            )
        except errors.TransportFault:
            return requests.exceptions.ConnectionError(
                "The fake AWS Amplify Backend closed the connection.", request=request
            )
        return answer.status, answer.headers, answer.body


def _library() -> Any:
    try:
        import responses
    except ModuleNotFoundError as error:
        if error.name != "responses":
            raise
        raise errors.MissingExtra(
            "This needs the library responses: pip install 'pytest-amplifybackend[http]'"
        ) from error
    return responses


def _on_duty() -> bool:
    """Whether a mock of ``responses`` catches requests already."""
    from requests.adapters import HTTPAdapter

    return HTTPAdapter.send.__module__ == "responses"


def _request(request: Any) -> HTTPRequest:
    url = urlsplit(request.url)
    headers = {_text(name).lower(): _text(value) for name, value in request.headers.items()}
    headers.setdefault("host", url.netloc.rpartition("@")[2])
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    elif not isinstance(body, (str, bytes, bytearray)):
        body = b"".join(body)
    return HTTPRequest(
        request.method,
        f"{url.path}?{url.query}" if url.query else url.path,
        headers,
        body.encode() if isinstance(body, str) else bytes(body),
    )


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
