"""Requests for a server from a seed: sound ones, nearly sound ones, and bytes that are none.

The same seed gives the same requests, as long as it learns the same ids from the answers.
"""

from __future__ import annotations

import json
import random
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from fuzz_material import (
    APPS,
    AUTHORIZATIONS,
    CONTROL,
    ENVIRONMENTS,
    ERRORS,
    IN_PATHS,
    METHODS,
    NUMBERS,
    ORIGINS,
    SESSION_TOKEN,
    TEXTS,
    TOKEN,
    TYPES,
    WEIGHTS,
    templates,
)

from pytest_amplifybackend._transports.control import ACTIONS


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes for a server, and what may come back.

    ``whole`` says that they are one request, framed as it must be: it is answered, and what
    follows on the connection is the next one. ``action`` is that of the control API.
    """

    kind: str
    data: bytes
    whole: bool = True
    method: str = "POST"
    name: str = ""
    action: str = ""
    body: bytes = b""
    expects: bool = False
    statuses: frozenset[int] = frozenset()
    """Those from 500 on that it asks for."""


@dataclass(frozen=True, slots=True)
class _Request:
    """One request before it is bytes."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]
    name: str = ""
    action: str = ""


class Requests:
    """Makes pieces, one after the other."""

    def __init__(self, seed: int, host: str) -> None:
        self._random = random.Random(seed)
        self._host = host
        self._templates = templates()
        self._names = sorted(self._templates)
        self._weights = [WEIGHTS.get(name, 1.0) for name in self._names]
        self._actions = [
            *(name for name in ACTIONS if name != "reset"),
            *["add-app", "advance"] * 4,
        ]
        self._jobs = deque(["none"], maxlen=12)
        self._sessions = deque(["none"], maxlen=12)
        self._faults = deque(["1"], maxlen=3)
        self._dump: bytes = b"{}"
        self._kinds: list[tuple[float, Callable[[], list[Piece]]]] = [
            (0.42, lambda: [self._piece("sound", self._sound())]),
            (0.22, lambda: [self._piece("near", self._spoilt(self._sound()))]),
            (0.08, lambda: [self._odd_headers()]),
            (0.10, lambda: [self._piece("control", self._control())]),
            (0.04, lambda: [self._piece("near control", self._spoilt(self._control()))]),
            (0.04, lambda: [self._chunked()]),
            (0.05, self._pipelined),
            (0.05, lambda: [self._broken()]),
        ]

    def next(self) -> list[Piece]:
        """What to send next at once, on one connection."""
        weights = [weight for weight, _ in self._kinds]
        (make,) = self._random.choices([make for _, make in self._kinds], weights)
        return make()

    def learn(self, piece: Piece, body: bytes) -> None:
        """Take ids, and now and then a state, from the answer to a piece."""
        if piece.action == "dump":
            self._dump = body
        for pattern, known in ((rb'"jobId":"([^"]+)"', self._jobs),
                               (rb'"fault": ?(\d+)', self._faults),
                               (rb'"sessionId":"([^"]+)"', self._sessions)):  # fmt: skip
            found = re.search(pattern, body)
            if found:
                known.append(found[1].decode())

    # ------------------------------------------------------------ requests

    def _sound(self) -> _Request:
        choose = self._random.choice
        (name,) = self._random.choices(self._names, self._weights)
        method, path, body = choose(self._templates[name])
        for stand_in, value in (
            ("QAppIdQ", choose(APPS)),
            ("QBackendEnvironmentNameQ", choose(ENVIRONMENTS)),
            ("QJobIdQ", self._jobs[-1] if self._random.random() < 0.5 else choose(self._jobs)),
            ("QSessionIdQ", choose(self._sessions)),
        ):
            path, body = path.replace(stand_in, value), body.replace(stand_in, value)
        headers = {"Content-Type": "application/json"} if body else {}
        if self._random.random() < 0.2:
            headers["X-Amz-Security-Token"] = SESSION_TOKEN
        return _Request(method, path, body.encode(), headers, name)

    def _control(self) -> _Request:
        action = self._random.choice(self._actions)
        arguments = getattr(self, f"_for_{action.replace('-', '_')}", dict)()
        body = arguments if isinstance(arguments, bytes) else json.dumps(arguments).encode()
        headers = {"X-Amplifybackend-Control": TOKEN, "Content-Type": "application/json"}
        return _Request("POST", f"{CONTROL}{action}", body, headers, action=action)

    def _for_finish(self) -> dict[str, Any]:
        return {"job": self._random.choice(self._jobs)}

    _for_fail_job = _for_finish

    def _for_fail_next(self) -> dict[str, Any]:
        return {"operation": self._random.choice(self._names), "error": "planned"}

    def _for_fail(self) -> dict[str, Any]:
        error = self._random.choice(ERRORS)
        more = {"times": 1, "after": self._random.randrange(3)}
        return {"operation": self._random.choice(self._names), "error": error, **more}

    def _for_delay(self) -> dict[str, Any]:
        seconds = self._random.choice([0, 1, 0.5, 3600, 10**8])
        return {"operation": self._random.choice(self._names), "seconds": seconds, "times": 2}

    def _for_override(self) -> dict[str, Any]:
        response = self._random.choice([{"Buckets": [], "NextToken": "x"}, {}, {"No": 1}])
        return {"operation": "ListS3Buckets", "response": response, "times": 1}

    def _for_clock(self) -> dict[str, Any]:
        return self._random.choice(
            [{}, {"shift": 60}, {"shift": 1e9}, {"move_to": "2024-01-01T00:00:00Z"},
             {"move_to": "9999-12-31T23:59:59Z"}, {"move_to": "0001-01-01T00:00:00Z"},
             {"move_to": "1969-12-31T00:00:00+14:00"}, {"shift": -60}]
        )  # fmt: skip

    def _for_add_app(self) -> dict[str, Any]:
        return {"app": self._random.choice(APPS), "environments": ["dev", "test"]}

    def _for_add_category(self) -> dict[str, Any]:
        name = self._random.choice(["hook", "worker"])
        entries = {name: {"service": "Lambda", "providerPlugin": "awscloudformation"}}
        place = {"app": self._random.choice(APPS), "environment": "dev"}
        return {"category": "function", "entries": entries, **place}

    def _for_remove_fault(self) -> dict[str, Any]:
        return {"fault": int(self._random.choice(self._faults))}

    def _for_load(self) -> bytes:
        return b'{"state": %b}' % self._dump

    # ------------------------------------------------------------ what is wrong with them

    def _spoilt(self, request: _Request) -> _Request:
        """A request with one to three things wrong, none of them with where it ends."""
        for _ in range(self._random.randint(1, 3)):
            request = self._random.choice(
                [self._other_json, self._other_json, self._other_bytes, self._other_path,
                 self._other_method, self._other_type]
            )(request)  # fmt: skip
        return request

    def _other_json(self, request: _Request) -> _Request:
        try:
            value = json.loads(request.body or b"null")
        except (ValueError, RecursionError):
            return request
        if isinstance(value, dict) and "state" in value and self._random.random() < 0.5:
            value = {"state": self._with_junk(value["state"])}
        else:
            value = self._with_junk(value)
        body = json.dumps(value)
        if self._random.random() < 0.3:  # json writes no number of these kinds
            body = re.sub(r"-?\b\d+\b(?!\")", lambda _: self._random.choice(NUMBERS), body, count=1)
        return replace(request, body=body.encode("utf-8", "surrogatepass"))

    def _with_junk(self, value: Any) -> Any:
        """A JSON value with junk somewhere in it: in place of a member, or beside it."""
        chance = self._random.random()
        if isinstance(value, dict) and value and chance < 0.8:
            name = self._random.choice(list(value))
            if chance < 0.1:
                return {other: item for other, item in value.items() if other != name}
            if chance < 0.2:
                return {**value, self._random.choice(TEXTS): self._junk()}
            return {**value, name: self._with_junk(value[name])}
        if isinstance(value, list) and value and chance < 0.8:
            at = self._random.randrange(len(value))
            return [*value[:at], self._with_junk(value[at]), *value[at + 1 :]]
        return self._junk()

    def _junk(self) -> Any:
        kind = self._random.randrange(9)
        if kind < 3:
            return self._random.choice(TEXTS)
        if kind < 5:
            return self._random.choice([0, 1, -1, 7, 25, 26, 2**31, 2**63, 10**30, 1.5, 1e300])
        if kind == 5:
            return self._random.choice([None, True, False, [], {}, [None], {"a": 1}])
        if kind == 6:
            deep: Any = "x"
            for _ in range(self._random.choice([3, 60, 65, 300])):
                deep = [deep] if self._random.random() < 0.5 else {"a": deep}
            return deep
        if kind == 7:
            return [self._random.choice(TEXTS)] * self._random.choice([1, 30, 300])
        return self._random.choice(["x", "é", "\n"]) * self._random.choice([40, 129, 5000])

    def _other_bytes(self, request: _Request) -> _Request:
        return replace(request, body=self._mutated(request.body))

    def _mutated(self, data: bytes) -> bytes:
        at = self._random.randint(0, len(data))
        some = self._random.randbytes(self._random.randint(0, 6))
        junk = self._random.choice(
            [some, b'"', b"{", b"[" * 99, b"}", b",", b"\xef\xbb\xbf", b"\\u0000", b"\r\n"]
        )
        return data[:at] + junk + data[at + self._random.randint(0, 3) :]

    def _other_path(self, request: _Request) -> _Request:
        at = self._random.randint(0, len(request.path))
        piece = self._random.choice(IN_PATHS)
        cut = at + self._random.choice([0, 0, 1, 5])
        return replace(request, path=f"{request.path[:at]}{piece}{request.path[cut:]}")

    def _other_method(self, request: _Request) -> _Request:
        return replace(request, method=self._random.choice(METHODS))

    def _other_type(self, request: _Request) -> _Request:
        kind = self._random.choice(TYPES)
        return replace(request, headers={**request.headers, "Content-Type": kind})

    # ------------------------------------------------------------ pieces

    def _head(self, request: _Request, length: str | None, version: str = "1.1") -> bytes:
        lines = [f"{request.method} {request.path} HTTP/{version}", f"Host: {self._host}"]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass")

    def _piece(self, kind: str, request: _Request, **more: Any) -> Piece:
        data = self._head(request, str(len(request.body))) + request.body
        return Piece(kind, data, method=request.method, name=request.name,
                     action=request.action, body=request.body, **more)  # fmt: skip

    def _odd_headers(self) -> Piece:
        request = self._sound() if self._random.random() < 0.6 else self._control()
        odd = self._random.choice(
            [
                {"Origin": self._random.choice(ORIGINS)},
                {"Sec-Fetch-Site": self._random.choice(["cross-site", "none", "same-site", "é"])},
                {"Referer": self._random.choice(ORIGINS), "Sec-Fetch-Site": "cross-site"},
                {"Authorization": self._random.choice(AUTHORIZATIONS)},
                {"Authorization": self._random.choice(AUTHORIZATIONS), "X-Amz-Date": "é"},
                {"X-Amplifybackend-Control": self._random.choice(["1", "", TOKEN[1:], "é" * 9])},
                {"X-Amz-Target": "é", "X_Amz_Target": "y"},
                {"Host": self._random.choice(["evil.example", "[::1", "", "127.0.0.1", "é"])},
                {"Connection": self._random.choice(["close", "keep-alive", "Upgrade"])},
                {"Expect": "100-continue"},
                {"Accept-Encoding": "gzip", "Content-Encoding": "gzip"},
                {f"X-{number}": "y" * 50 for number in range(self._random.choice([1, 50, 300]))},
                {"X-Long": "x" * self._random.choice([1, 1000, 30_000])},
            ]
        )
        request = replace(request, headers={**request.headers, **odd})
        return self._piece("odd headers", request, expects="Expect" in odd)

    def _chunked(self) -> Piece:
        request = self._sound() if self._random.random() < 0.7 else self._spoilt(self._sound())
        coding = self._random.choice(["chunked", "chunked", "Chunked", "gzip", "identity"])
        headers = {**request.headers, "Transfer-Encoding": coding}
        at = self._random.randint(0, len(request.body))
        chunks = [part for part in (request.body[:at], request.body[at:]) if part]
        body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in chunks) + b"0\r\n\r\n"
        unknown = coding.lower() != "chunked"
        return Piece(
            "chunked",
            self._head(replace(request, headers=headers), None) + body,
            whole=not unknown,  # the rest is thrown away with the connection
            method=request.method,
            name=request.name,
            statuses=frozenset({501} if unknown else ()),
        )

    def _pipelined(self) -> list[Piece]:
        made = []
        for _ in range(self._random.randint(2, 6)):
            request = self._sound() if self._random.random() < 0.7 else self._spoilt(self._sound())
            made.append(self._piece("pipelined", request))
        return made

    def _broken(self) -> Piece:
        """Bytes that may be no request, or only the beginning of one."""
        request = self._sound() if self._random.random() < 0.8 else self._spoilt(self._sound())
        whole = self._head(request, str(len(request.body))) + request.body
        length = self._random.choice(
            ["-1", "x", "", "1e3", "+5", "9" * 30, "9" * 5000, "5, 5", "0x5", str(2**40), "1"]
        )
        begun = self._head(request, None)[:-2]
        chunked = b"Transfer-Encoding: chunked"
        version = self._random.choice(["1.0", "2.0", "0.9", "9.9"])
        wrong: list[Callable[[], bytes]] = [
            lambda: whole[: self._random.randrange(len(whole))],
            lambda: self._mutated(whole),
            lambda: self._mutated(self._mutated(whole)),
            lambda: self._random.randbytes(self._random.randint(1, 200)),
            lambda: self._head(request, length) + request.body,
            lambda: self._head(request, "5", version) + b"abcde",
            lambda: begun + chunked + b"\r\n\r\n" + self._mutated(b"5\r\nabcde\r\n0\r\n\r\n"),
            lambda: begun + b"Content-Length: 3\r\n" + chunked + b"\r\n\r\n0\r\n\r\n" + whole,
            lambda: begun + chunked + b", chunked\r\n\r\n0\r\n\r\n" + whole,
            lambda: begun + b"X: " + b"y" * 66_000,
            lambda: whole[: len(whole) // 2] + whole,
            lambda: b"\r\n\r\n" + whole + b"\x00" * 9,
            lambda: whole.replace(b"\r\n", b"\n"),
            lambda: whole.replace(b": ", b":\x0b", 1),
            lambda: begun + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
            lambda: begun + b"Content-Length: 99999\r\n\r\n" + b"[" * 99_999,
        ]
        data = self._random.choice(wrong)()
        return Piece("broken", data, whole=False, statuses=frozenset({501}), name=request.name)
