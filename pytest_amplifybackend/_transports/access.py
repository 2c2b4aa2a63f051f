"""Who may ask the server for what: one check for the fake, the control API and the rest of AWS.

A page on the web can make a browser send requests to this machine, and for most of them the
browser sends no preflight. These headers give such a page away:

- ``Host``: the name by which the browser calls, also where that name leads here (DNS
  rebinding);
- ``Origin``: in every POST of a page, and in whatever it sends to read the answer;
- ``Sec-Fetch-Site`` and ``Referer``, where there is no ``Origin``: images, scripts, links.

Programs that are not browsers send none of the last three. Reads are rejected as well: they move
jobs on, use up faults and are recorded. Nothing here knows the HTTP server's library.
"""

from __future__ import annotations

import hmac
import re
import string
from collections.abc import Callable, Iterable

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.secrets.shapes import Secret
from pytest_amplifybackend._transports.codec import HTTPResponse, gateway_error
from pytest_amplifybackend._transports.gateway import HTTPRequest
from pytest_amplifybackend._transports.hosts import (
    OwnHosts,
    is_loopback,
    is_loopback_origin,
    is_origin,
)

CONTROL_HEADER = "x-amplifybackend-control"
"""Every control request has it: no page of another origin can send it without a preflight."""

CONTROL_TOKEN = "AMPLIFYBACKEND_CONTROL_TOKEN"
"""The environment variable with the token, for the server and for the programs that call it."""

_SHORTEST_TOKEN = 8
_VISIBLE = frozenset(string.digits + string.ascii_letters + string.punctuation)


class Access:
    """Rejects requests before anything answers them, and decides who may read the answers.

    ``allowed_hosts`` and ``allowed_origins`` come on top of the server's own names and of the
    pages of this machine. ``unsigned`` returns the 403 for a request without a valid
    signature, and is None if signatures are not checked. ``token`` is the control API's, if it
    has one. Raises UsageError for an origin that no browser sends and for a token that no header
    can hold, or that is easily guessed.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        allowed_hosts: Iterable[str] = (),
        allowed_origins: Iterable[str] = (),
        control_token: str | None = None,
        unsigned: Callable[[HTTPRequest], HTTPResponse | None] | None = None,
    ) -> None:
        self._host = host
        self._names = _listed("allowed_hosts", allowed_hosts)
        self._origins = frozenset(map(_origin, _listed("allowed_origins", allowed_origins)))
        self.token = None if control_token is None else _token(control_token)
        self._unsigned = unsigned
        self.listens_at(port)

    @property
    def control_needs(self) -> str:
        """What control requests need: ``token``, ``signature`` or the ``header``; or ``off``."""
        if self.token is not None:
            return "token"
        if self._unsigned is not None:
            return "signature"
        return "header" if is_loopback(self._host) else "off"

    def listens_at(self, port: int) -> None:
        """Take over the port, which is known only once the server listens."""
        self._own_hosts = OwnHosts(self._host, port, self._names)

    def rejection(self, request: HTTPRequest, *, control: bool) -> HTTPResponse | None:
        """The 403 for a request that may not be answered; None for one that may.

        ``control`` says that it is one for the control API.
        """
        # A target with a host of its own overrules the header; then both have to be right.
        for host in {request.host, request.headers.get("host", "")}:
            if host not in self._own_hosts:
                return gateway_error(403, "ForbiddenException")
        page = _page(request)
        if page is not None and not self._lets_in(page, request):
            return _forbidden(_about_page(page))
        return self._control_rejection(request) if control else None

    def shared(self, request: HTTPRequest, response: HTTPResponse) -> HTTPResponse:
        """The answer, readable by the page that asked for it; other pages were rejected before."""
        origin = request.headers.get("origin")
        if origin is not None:
            response.headers.setdefault("access-control-allow-origin", origin)
        return response

    def _lets_in(self, page: str, request: HTTPRequest) -> bool:
        own = f"http://{request.host}"  # which has been looked at already
        return page == own or page in self._origins or is_loopback_origin(page)

    def _control_rejection(self, request: HTTPRequest) -> HTTPResponse | None:
        value = request.headers.get(CONTROL_HEADER)
        if self.token is not None:
            if value is None or not hmac.compare_digest(value.encode(), self.token.encode()):
                return _forbidden(
                    f"The control API needs the header {CONTROL_HEADER.title()} with the token "
                    "that this server was started with (--control-token)."
                )
            return None
        if value is None:
            return _forbidden(f"The control API needs the header {CONTROL_HEADER.title()}.")
        if self._unsigned is not None:
            if "authorization" not in request.headers:
                return _forbidden(
                    "This server checks signatures: sign control requests as well, for the service "
                    f"{catalogue.SERVICE}, or start it with --control-token."
                )
            return self._unsigned(request)
        if not is_loopback(self._host):
            return _forbidden(
                "The control API is off, because other machines reach this server. To turn it on, "
                "start the server with --control-token or --signatures; in Python, with "
                "serve(control_token=...) or verify_signatures."
            )
        return None


def varying(response: HTTPResponse) -> HTTPResponse:
    """The response with ``Vary: Origin``: requests from another origin may get another one."""
    named = response.headers.get("vary")
    if named is None:
        response.headers["vary"] = "Origin"
        return response
    if "origin" not in (name.strip().lower() for name in named.split(",")):
        response.headers["vary"] = f"{named}, Origin" if named else "Origin"
    return response


def _page(request: HTTPRequest) -> str | None:
    """The origin of the page for which a browser sent a request; None where no page did.

    It is empty where the browser does not say which. No page can choose what these headers say;
    it can only have ``Origin`` say ``null``, and leave out ``Referer``.
    """
    origin = request.headers.get("origin")
    if origin is not None:
        return origin
    if request.headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return None
    referer = request.headers.get("referer", "")
    scheme, separator, rest = referer.partition("://")
    return f"{scheme}{separator}{re.split('[/?#]', rest, maxsplit=1)[0]}"


def _about_page(page: str) -> str:
    if is_origin(page):
        return (
            f"A page of {page} asked for this. To let it in, start the server with --allow-origin "
            f"{page}; in Python, with serve(allowed_origins=[{page!r}])."
        )
    return (
        f"A page of another origin asked for this, and its browser does not say which one: it "
        f"says {page[:_LONGEST_SHOWN]!r}. Serve the page from http://localhost, or from an origin "
        "that this server was started with (--allow-origin), and ask with fetch()."
    )


_LONGEST_SHOWN = 100


def _forbidden(sentence: str) -> HTTPResponse:
    return gateway_error(403, "ForbiddenException", sentence)


def _listed(name: str, texts: Iterable[str]) -> list[str]:
    found = None if isinstance(texts, (str, bytes)) else list(texts)
    if found is None or not all(isinstance(text, str) for text in found):
        raise errors.UsageError(f"{name} must be a list of strings, not {texts!r}.")
    return found


def _origin(text: str) -> str:
    if not is_origin(text):
        raise errors.UsageError(
            f"{text!r} cannot be allowed as an origin. Write it as a browser does: a scheme, a "
            "host in lower case and a port if it is not the default one, such as "
            "'https://app.example' or 'http://10.0.0.5:3000'. ('null' and '*' would let in "
            "every page of the web.)"
        )
    return text


def _token(text: str) -> Secret:
    if not isinstance(text, str) or len(text) < _SHORTEST_TOKEN or not set(text) <= _VISIBLE:
        raise errors.UsageError(
            f"The control token must have at least {_SHORTEST_TOKEN} characters, all of them "
            "visible ASCII: letters, digits and punctuation."
        )
    return Secret(text)
