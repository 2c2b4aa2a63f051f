"""The transport ``responses``: programs that call the service with the library requests.

``responses`` catches what ``requests`` sends. While this transport is active, whatever mock of
it is on duty, the test's or one of our own, finds the fake for the hosts of the service when
nothing that the test has registered matches.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.regions import is_real_host
from pytest_amplifybackend._patching import Patch
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._tracebacks import transparent
from pytest_amplifybackend._transports import credentials
from pytest_amplifybackend._transports.activation import CURRENT, Activation, caller, ended
from pytest_amplifybackend._transports.gateway import Exchange, Gateway, HTTPRequest
from pytest_amplifybackend._transports.guard import Guard

_OURS = "amplifybackend"
"""The mark of a match that a fake has made, not a test."""


class ResponsesTransport:
    """Serves ``requests`` for every host of the service, as long as the ``with`` statement lasts.

    Raises MissingExtra without the library ``responses``.
    """

    def __init__(
        self,
        backend: Service,
        *,
        error_style: str,
        region: str,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        exchange = Exchange(backend, error_style=error_style, transport="responses")
        self._gateway = Gateway(exchange, default_region=region, secrets=secrets)
        self._services = backend.services
        self._responses = _library()
        self._activation: Activation | None = None
        self._own: Any = None

    def __enter__(self) -> ResponsesTransport:
        try:
            self._start()
            return self
        except BaseException:  # an interrupt as well: all of it, or nothing
            self._stop()
            raise

    def _start(self) -> None:
        from requests.sessions import Session

        mock = self._responses.RequestsMock
        self._activation = activation = Activation(
            caller(),
            stop=self._stop,
            statement="fake.behind_requests()",
            services=self._services,
        )
        finding = functools.partial(self._finding, activation)
        claiming = functools.partial(_claiming, activation)
        claims = [Patch(Session, name, claiming) for name in ("request", "send")]
        activation.begin(
            [
                *Guard(activation).changes(),
                *credentials.changes(activation),
                Patch(mock, "_find_match", finding),
                *claims,
            ]
        )
        if not _on_duty():
            self._own = mock(assert_all_requests_are_fired=False)
            self._own.start()

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        own, self._own = self._own, None
        if self._activation is not None:
            self._activation.end()
        if own is not None:
            own.stop(allow_assert=False)

    def _finding(self, activation: Activation, previous: Callable[..., Any]) -> Callable[..., Any]:
        """``RequestsMock._find_match``, to which the fake comes after all that is registered."""

        def find_match(mock: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            match, reasons = previous(mock, request, *args, **kwargs)
            if (match is None or hasattr(match, _OURS)) and _is_for_us(activation, request.url):
                if activation.active:
                    return self._callback(request), []  # before the one of a fake further out
                claim = CURRENT.get()
                if claim is not None and claim.open and match is None:
                    raise errors.UnservedRequest(ended(f"{request.method} {request.url}"))
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
            answer = self._gateway.answer(_request(request))
        except errors.ReadTimeout:
            return requests.exceptions.ReadTimeout(
                "The fake AWS Amplify Backend did not answer in time.", request=request
            )
        except errors.TransportFault:
            return requests.exceptions.ConnectionError(
                "The fake AWS Amplify Backend closed the connection.", request=request
            )
        return answer.status, answer.headers, answer.body


def _claiming(activation: Activation, previous: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a session of ``requests`` that sends, for requests to the service.

    ``request`` makes what ``send`` sends, and may ask the program for a signature meanwhile.
    """

    @transparent
    def send(session: Any, *args: Any, **kwargs: Any) -> Any:
        url = _url_of(*args, **kwargs)
        outer = CURRENT.get()
        is_claimed = outer is not None and outer.open
        claim = activation.claim() if _is_for_us(activation, url) and not is_claimed else None
        if claim is None:
            return previous(session, *args, **kwargs)
        token = CURRENT.set(claim)
        try:
            return previous(session, *args, **kwargs)
        finally:
            CURRENT.reset(token)
            claim.close()

    return send


def _url_of(*args: Any, url: Any = None, request: Any = None, **_: Any) -> Any:
    """The URL of ``Session.request(method, url)``, or of what ``Session.send(request)`` sends."""
    prepared = request if request is not None else args[0] if args else None
    return getattr(prepared, "url", None) or url or (args[1] if len(args) > 1 else None)


def _is_for_us(activation: Activation, url: Any) -> bool:
    try:
        return is_real_host(urlsplit(_text(url)).hostname, activation.services)
    except ValueError:
        return False


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
