"""HTTP/1.1 in bytes: httptools parses the requests, and responses are written here."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from http.client import responses

import httptools

from pytest_amplifybackend._transports import codec
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.gateway import HTTPRequest

LARGEST_HEADERS = 64 * 1024
LARGEST_REQUEST = 256 * 1024 * 1024
"""In bytes. The service allows far less; this much is for loading a state."""

_REJECTIONS = {
    400: ("BadRequestException", "Bad Request"),
    413: ("RequestTooLongException", "Request Entity Too Large"),
    431: ("RequestTooLongException", "Request Header Fields Too Large"),
    501: ("BadRequestException", "Not Implemented"),
}
"""Statuses of malformed requests, with the error types and messages of their responses. The names
in ``http.client`` change with the version of Python."""


@dataclass(slots=True)
class Message:
    """A request, or the response to a malformed one, and whether the connection stays open."""

    content: HTTPRequest | HTTPResponse
    is_head: bool
    keep_alive: bool = False


class _Rejected(Exception):
    """Raised by the callbacks of the parser to stop it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Reader:
    """Parses the requests of one connection; httptools calls the methods ``on_...``.

    ``messages`` waits for the connection to take them. ``expects_continue`` is set while the
    client waits for a ``100 Continue`` before it sends its body. ``_size`` counts the bytes of the
    head, then those of the body, of whose known length ``_left`` are still to come.
    """

    _method: bytes
    _target: bytes

    def __init__(self) -> None:
        self.messages: deque[Message] = deque()
        self.expects_continue = False
        self._restart()

    def _restart(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._begin_message()

    def feed(self, data: bytes) -> None:
        """Parse some bytes. A malformed request ends with a response to it in ``messages``."""
        start = 0
        while start < len(data):
            end = self._end_of_piece(data, start)
            if not self._parse(data[start:end]):
                return
            start = end

    def _end_of_piece(self, data: bytes, start: int) -> int:
        """Where to cut, so that no piece has bytes of two messages, or of a head and a body.

        The parser does not tell where a message ends, and buffers an incomplete header itself.
        """
        if self._left:
            return start + self._left
        if self._in_head and self._size == 0:  # it begins; most come in one go
            end = data.find(b"\r\n\r\n", start)
            if end >= 0:
                return end + 4
        return data.find(b"\n", start) + 1 or len(data)  # heads and chunked bodies end with a line

    def _parse(self, piece: bytes) -> bool:
        """Parse a piece of a message; returns whether to go on after it."""
        try:
            if self._in_head:
                self._grow(len(piece), LARGEST_HEADERS, 431)
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            # The offer ends with the head, and so with the piece.
            return self._is_declined() and self._parse_without_offer()
        except httptools.HttpParserError as error:
            rejected = error.__context__
            if isinstance(error, httptools.HttpParserCallbackError) and not isinstance(
                rejected, _Rejected
            ):
                raise
            # The parser tells of no method whose target it could not read.
            if not self._method:
                self._method = piece.lstrip(b"\r\n").partition(b" ")[0]
            self._reject(rejected.status if isinstance(rejected, _Rejected) else 400)
        except _Rejected as rejected:
            self._reject(rejected.status)
        else:
            return True
        return False

    def _is_declined(self) -> bool:
        """Whether the request offers another protocol, unlike CONNECT, which needs a tunnel."""
        return self._parser.should_upgrade() and self._method != b"CONNECT"

    def _parse_without_offer(self) -> bool:
        """Parse the head again, without its offer, in a new parser.

        httptools takes everything after a request with an offer for the other protocol, its body
        included. Clients that speak HTTP/2, such as Java's, offer that with their first request.
        """
        version = self._parser.get_http_version().encode()
        line = b"%b %b HTTP/%b" % (self._method, self._target, version)
        kept = [
            f"{name}: {value}".encode("latin-1")
            for name, value in _without_offer(self._headers).items()
        ]
        self._restart()
        self._size = -LARGEST_HEADERS  # it has been counted
        return self._parse(b"\r\n".join([line, *kept, b"", b""]))

    def _reject(self, status: int) -> None:
        if not self.messages or self.messages[-1].keep_alive:
            answer = codec.gateway_error(status, *_REJECTIONS[status])
            self.messages.append(Message(answer, self._method == b"HEAD"))

    def _grow(self, size: int, most: int, status: int) -> None:
        self._size += size
        if self._size > most:
            raise _Rejected(status)

    def _begin_message(self) -> None:
        self._method = b""
        self._target = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._in_head = True
        self._size = self._left = 0

    def on_url(self, part: bytes) -> None:
        self._method = self._parser.get_method()
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # a trailer, after the chunks
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._size = 0
        length = int(self._headers.get("content-length", "0"))
        coding = self._headers.get("transfer-encoding")
        version = self._parser.get_http_version()
        if coding is not None:
            if coding.lower() != "chunked":
                raise _Rejected(501)
            if version != "1.1":  # a proxy may see the end of the body elsewhere (RFC 9112, 6.1)
                raise _Rejected(400)
        if length > LARGEST_REQUEST:
            raise _Rejected(413)
        self._left = length if coding is None else 0
        if version == "1.1" and (length or coding) and "expect" in self._headers:
            self.expects_continue = self._headers["expect"].lower() == "100-continue"

    def on_body(self, part: bytes) -> None:
        self._grow(len(part), LARGEST_REQUEST, 413)
        self._left = max(self._left - len(part), 0)
        self._body.append(part)

    def on_message_complete(self) -> None:
        self.expects_continue = False
        if self._is_declined():
            return
        request = HTTPRequest(
            self._method.decode("ascii"),
            self._target.decode("utf-8", "surrogateescape"),
            self._headers,
            b"".join(self._body),
            ready=False,
        )
        keep_alive = (
            self._parser.should_keep_alive()
            and self._parser.get_http_version() == "1.1"
            and self._method != b"CONNECT"  # its body has no end
        )
        self.messages.append(Message(request, self._method == b"HEAD", keep_alive))
        self._begin_message()


def _without_offer(headers: dict[str, str]) -> dict[str, str]:
    """The headers without an offer of another protocol, and with all else of ``Connection``."""
    options = [option.strip() for option in headers.get("connection", "").split(",")]
    kept = ", ".join(option for option in options if option and option.lower() != "upgrade")
    others = {k: v for k, v in headers.items() if k not in ("connection", "upgrade")}
    return {**others, "connection": kept} if kept else others


_WITHOUT_BODY = (204, 304)


def written(message: Message, response: HTTPResponse) -> bytes:
    """The bytes of a response; a response to HEAD has headers only."""
    headers, body = dict(response.headers), response.body
    if response.status in _WITHOUT_BODY:
        headers.pop("content-length", None)
    elif response.feed is None and (not message.is_head or "content-length" not in headers):
        headers["content-length"] = str(len(body))
    if not message.keep_alive:
        headers["connection"] = "close"
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    reason = responses.get(response.status, "Unknown")
    head = f"HTTP/1.1 {response.status} {reason}\r\n{lines}\r\n".encode("latin-1", "replace")
    without = message.is_head or response.status in _WITHOUT_BODY
    return head if without else head + body
