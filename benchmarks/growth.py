"""How the cost of what parses, validates and searches grows when its input doubles.

Run ``python benchmarks/growth.py``; it prints Markdown, and exits with 1 where a doubling costs
more than 2.5 times as much. ``python benchmarks/growth.py WORD ...`` measures the rows whose names
hold a word. Times are seconds of CPU, the least of three.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._api import embedded
from pytest_amplifybackend._api.catalogue import operations
from pytest_amplifybackend._api.secrets.shapes import redact_request
from pytest_amplifybackend._api.secrets.texts import Scrubber, secrets_of
from pytest_amplifybackend._redaction import Redaction
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.rule import Layer, ProvisioningError
from pytest_amplifybackend._schema import modelgen, schema
from pytest_amplifybackend._transports import codec, sigv4
from pytest_amplifybackend._transports.control import Control
from pytest_amplifybackend._transports.gateway import HTTPRequest

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "service"))
from large_schemas import MODELS, SDL  # the schemas that the tests hold to the same

MOST = 2.5
DOUBLINGS = 3
SHORTEST = 0.005
"""In seconds: what takes less is measured with a longer input, or not at all."""

Work = Callable[[], object]
APP = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
KEY = {"key": "secret"}


@dataclass(frozen=True)
class Subject:
    """``prepare`` makes the work on an input of a size, which may grow to ``most``."""

    name: str
    prepare: Callable[[int], Work]
    size: int = 20_000
    most: int = 1_000_000


def schemas() -> Iterator[Subject]:
    for name, kind in SDL.items():
        yield Subject(f"schema: {name}", _on(schema._verdict.__wrapped__, kind))
    for name, kind in MODELS.items():
        yield Subject(f"models: {name}", _on(modelgen._outcome.__wrapped__, kind))


def _on(work: Callable[[Any], object], made: Callable[[int], Any]) -> Callable[[int], Work]:
    def prepare(size: int) -> Work:
        value = made(size)
        return lambda: work(value)

    return prepare


# What comes over HTTP

AUTH: dict[str, Any] = {
    "authResources": "USER_POOL_ONLY",
    "service": "COGNITO",
    "userPoolConfigs": {
        "requiredSignUpAttributes": ["EMAIL"],
        "signInMethod": "EMAIL",
        "userPoolName": "users",
    },
}


def _auth(**pool: Any) -> dict[str, Any]:
    config = {**AUTH, "userPoolConfigs": {**AUTH["userPoolConfigs"], **pool}}
    return {"backendEnvironmentName": "dev", "resourceName": "auth", "resourceConfig": config}


def _storage(**config: Any) -> dict[str, Any]:
    return {"backendEnvironmentName": "dev", "resourceConfig": config, "resourceName": "files"}


BODIES: Mapping[str, tuple[str, Callable[[int], Any]]] = {
    "one long string": ("auth", lambda n: _auth(userPoolName="a" * n)),
    "escapes in a string": ("auth", lambda n: _auth(userPoolName='"\n' * (n // 2))),
    "a long list": ("auth", lambda n: _auth(requiredSignUpAttributes=["EMAIL"] * (n // 8))),
    "a list of wrong values": ("auth", lambda n: _auth(requiredSignUpAttributes=["X"] * (n // 4))),
    "a list of wrong types": ("auth", lambda n: _auth(requiredSignUpAttributes=[*range(n // 6)])),
    "many wrong addresses": (
        "auth",
        lambda n: _auth(
            oAuth={
                "oAuthGrantType": "CODE",
                "oAuthScopes": ["EMAIL"],
                "redirectSignInURIs": ["https://x"] * (n // 12),
                "redirectSignOutURIs": ["https://x/"],
            }
        ),
    ),
    "many auth modes": (
        "api",
        lambda n: {
            "backendEnvironmentName": "dev",
            "resourceName": "api",
            "resourceConfig": {
                "defaultAuthType": {"mode": "API_KEY"},
                "additionalAuthTypes": [{"mode": "API_KEY"}] * (n // 20),
            },
        },
    ),
    "many unknown members": ("auth", lambda n: {f"member{i}": i for i in range(n // 12)}),
    "a member of a long name": ("auth", lambda n: {"a" * n: 1}),
    "nested lists": ("storage", lambda n: _storage(permissions=[[[[1]]]] * (n // 9))),
    "long numbers": ("storage", lambda n: _storage(permissions=[10**300] * (n // 302))),
    "permissions": (
        "storage",
        lambda n: _storage(serviceName="S3", permissions={"authenticated": ["READ"] * (n // 8)}),
    ),
}


def requests() -> Iterator[Subject]:
    for name, (family, made) in BODIES.items():
        yield Subject(f"body: {name}", _on(_answered, lambda n, f=family, m=made: (f, _body(m(n)))))
    yield Subject("body: open brackets", _on(_answered, lambda n: ("auth", b"[" * n)))
    yield Subject("body: spaces", _on(_answered, lambda n: ("auth", b" " * n)))
    yield Subject("path: a long name", _on(_routed, lambda n: f"/backend/{'a' * n}/details"))
    yield Subject("path: escapes", _on(_routed, lambda n: f"/backend/{'%61' * (n // 3)}/details"))
    yield Subject("path: slashes", _on(_routed, lambda n: "/" * n))
    yield Subject("signature: headers", _on(_signed, _signed_headers), size=4_000, most=64_000)
    yield Subject("signature: a query", _on(_signed, _signed_query))
    yield Subject("signature: a long body", _on(_signed, lambda n: (f"/?{n}", {}, b"a" * n)))
    yield Subject("signature: a long header", _on(_signed, _long_header), most=64_000)
    yield Subject("control: arguments", _on(_controlled, lambda n: ("fail", _arguments(n))))
    yield Subject("control: a long argument", _on(_controlled, lambda n: ("fail", {"a" * n: 1})))
    yield Subject("control: a long action", _on(_controlled, lambda n: ("a" * n, {})))
    yield Subject("control: calls to compare", _on(_controlled, _when))


def _body(value: Any) -> bytes:
    return json.dumps(value).encode()


def _answered(request: tuple[str, bytes]) -> None:
    """Decode a body and hold it to the rules of both layers."""
    family, body = request
    with contextlib.suppress(errors.ServiceError, codec.NoOperation, ProvisioningError):
        path = f"/backend/d1abc/{family}"
        operation, params = codec.route("POST", path)
        codec.add_content(operation, params, path, {}, body)
        for layer in (Layer.SERVICE, Layer.PROVISIONING):
            table.current().violations(operation, layer, params)


def _routed(path: str) -> None:
    with contextlib.suppress(errors.ServiceError, codec.NoOperation):
        operation, params = codec.route("POST", path)
        codec.add_content(operation, params, path, {}, b"")
        table.current().violations(operation, Layer.SERVICE, params)


Signed = tuple[str, dict[str, str], bytes]


def _signed(request: Signed) -> None:
    path, headers, body = request
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    names = ["host", "x-amz-date", *headers]
    credential = f"key/{now[:8]}/us-east-1/amplifybackend/aws4_request"
    given = {
        **headers,
        "host": "localhost",
        "x-amz-date": now,
        "authorization": f"{sigv4.ALGORITHM} Credential={credential}, "
        f"SignedHeaders={';'.join(names)}, Signature=0",
    }
    sigv4.rejection("POST", path, given, body, secrets=KEY, default_region="us-east-1")


def _signed_headers(size: int) -> Signed:
    return "/", {f"x-{number}": "1" for number in range(size // 10)}, b""


def _long_header(size: int) -> Signed:
    return "/", {"x-long": "a " * (size // 2)}, b""


def _signed_query(size: int) -> Signed:
    return f"/?{'&'.join(f'a{number}=1' for number in range(size // 8))}", {}, b""


def _arguments(size: int) -> dict[str, int]:
    return {f"argument{number}": 1 for number in range(size // 16)}


def _when(size: int) -> tuple[str, Any]:
    members = [{"X": [number]} for number in range(size // 16)]
    return "fail", {"operation": "GetBackend", "error": "NotFound", "when": {"X": members}}


def _controlled(request: tuple[str, Any]) -> None:
    action, arguments = request
    headers = {"x-amplifybackend-control": "1"}
    Control(FakeAmplifyBackend()).answer(
        HTTPRequest("POST", f"/_amplifybackend/{action}", headers, _body(arguments))
    )


# The state


def states() -> Iterator[Subject]:
    for name, made in {
        "apps": _apps,
        "environments": _environments,
        "jobs": _jobs,
        "unfinished jobs of an app": _unfinished,
        "a long schema": _long_schema,
    }.items():
        yield Subject(f"load: {name}", _on(_loaded, lambda n, m=made: m(n).dump()), size=100)
        yield Subject(f"dump: {name}", _on(FakeAmplifyBackend.dump, made), size=100)
        yield Subject(f"a page of jobs: {name}", _on(_page, made), size=100, most=10_000)
    yield Subject("a long token", _on(_token, lambda n: "ab" * (n // 2)))
    yield Subject("a token of brackets", _on(_token, lambda n: "W1tb" * (n // 4)))
    yield Subject("a long id", _on(_token_of, lambda n: "a" * n))


def _apps(size: int) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    for number in range(size):
        fake.add_app(f"d{number}abc")
    return fake


def _letters(number: int) -> str:
    return f"e{number:06}".translate({48 + digit: 97 + digit for digit in range(10)})


def _environments(size: int) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc", environments=[_letters(number) for number in range(size)])
    return fake


def _jobs(size: int) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    fake.add_auth("d1abc")
    for _ in range(size):
        fake.call("UpdateBackendAuth", {**APP, "ResourceName": "auth", "ResourceConfig": UPDATED})
    return fake


UPDATED = {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": {}}


def _unfinished(size: int) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.add_app("d1abc")
    for number in range(size):
        name = _letters(number)
        fake.call("CreateBackend", {**APP, "AppName": "a", "BackendEnvironmentName": name})
    return fake


def _long_schema(size: int) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    schema = MODELS["models"](100 * size)
    default = {"Mode": "API_KEY"}
    fake.add_api("d1abc", config={"DefaultAuthType": default, "TransformSchema": schema})
    return fake


def _loaded(dumped: Any) -> None:
    FakeAmplifyBackend().load(dumped)


def _page(fake: FakeAmplifyBackend) -> object:
    return [fake.call("ListBackendJobs", {**APP, "Status": "FAILED"}) for _ in range(20)]


def _token(token: str) -> None:
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc")
    with contextlib.suppress(errors.ServiceError):
        fake.call("ListBackendJobs", {**APP, "NextToken": token})


def _token_of(job: str) -> None:
    with contextlib.suppress(errors.ServiceError):
        FakeAmplifyBackend().call("GetBackendJob", {**APP, "JobId": job})


# Secrets

TEXTS: Mapping[str, Callable[[int], str]] = {
    "words": lambda n: "nothing to see " * (n // 15),
    "passwords": lambda n: "password='abc12345' " * (n // 20),
    "open passwords": lambda n: "password=' " * (n // 11),
    "headers": lambda n: "Authorization: Bearer abc\n" * (n // 26),
    "spaces": lambda n: "password" + " " * n,
    "backslashes": lambda n: "password=" + "\\" * n,
    "braces": lambda n: "{" * n,
    "open objects": lambda n: '{"a":[1,' * (n // 8),
    "objects": lambda n: '{"password":"abc12345"}' * (n // 23),
    "an open string": lambda n: '{"a' + "{" * n,
    "parameters of a wrong type": lambda n: (
        "Invalid type for parameter A.ClientSecret, value: abc, type: <class 'int'>" * (n // 74)
    ),
    "open parameters": lambda n: "Invalid type for parameter A, value: b " * (n // 38),
    "keys": lambda n: "-----BEGIN PRIVATE KEY-----abc-----END PRIVATE KEY-----" * (n // 55),
    "open keys": lambda n: "-----BEGIN PRIVATE KEY-----" * (n // 27),
    "letters of a key": lambda n: "-----BEGIN " + "A " * (n // 2),
    "regions": lambda n: "aa-" * (n // 3),
    "ids": lambda n: "0d1e2f3a-0d1e-2f3a-0d1e-0d1e2f3a4b5c " * (n // 37),
    "digits": lambda n: "1" * n,
    "dates": lambda n: "2026-11-11T11:11:11.1" + "1" * n,
}


def texts() -> Iterator[Subject]:
    for name, made in TEXTS.items():
        yield Subject(f"secrets in text: {name}", _on(_secrets, made))
        yield Subject(f"redaction: {name}", _on(_redacted, made))
        yield Subject(f"scrubbing: {name}", _on(Scrubber(["abc12345", "pass"]), made))
    yield Subject("scrubbing: many secrets", _on(_scrubbed, _with_secrets), size=250, most=8_000)
    yield Subject("scrubbing: a long secret", _on(_scrubbed, lambda n: ["s3" * (n // 2)]))
    yield Subject("redaction: many ids", _on(_redacted, _many_ids), size=250, most=8_000)
    yield Subject("redaction: many jobs", _on(_redacted, _many_jobs), size=250, most=8_000)
    yield Subject("redaction: nested JSON", _on(_redacted, lambda n: '{"a":' * n + "1" + "}" * n))
    yield Subject("redaction: equal names", _on(_redacted, _equal_names), size=250, most=8_000)
    yield Subject("requests without secrets", _on(_request, _many_members))
    yield Subject("models read back", _on(_models, lambda n: f"export const s = {{{' ' * n}}};"))


def _secrets(text: str) -> None:
    list(secrets_of(text))


def _redacted(value: Any) -> None:
    Redaction()(value)


def _with_secrets(size: int) -> list[str]:
    return [f"GOCSPX-{number:08}" for number in range(size)]


def _scrubbed(secrets: list[str]) -> None:
    Scrubber(secrets)(" ".join(secrets))


def _many_ids(size: int) -> list[str]:
    return [f"{number:08x}-0d1e-2f3a-0d1e-0d1e2f3a4b5c" for number in range(size)]


def _many_jobs(size: int) -> list[dict[str, str]]:
    return [{"JobId": text, "Error": f"see {text}"} for text in _many_ids(size)]


def _equal_names(size: int) -> dict[str, int]:
    return dict.fromkeys(_many_ids(size), 1)


def _many_members(size: int) -> dict[str, Any]:
    return {**APP, **{f"member{number}": "text" for number in range(size // 12)}}


def _request(params: dict[str, Any]) -> None:
    redact_request("CreateBackendAuth", params)


def _models(text: str) -> None:
    embedded.content("Models", text)


# Measuring


def seconds(work: Work) -> float:
    """The least of three times, each of one run."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


@dataclass(frozen=True)
class Growth:
    """What a subject took at each size, twice as large each time."""

    name: str
    size: int
    times: list[float]

    @property
    def factor(self) -> float:
        """How many times as much a doubling took, on average; 0 for what took no time."""
        measured = [taken for taken in self.times if taken >= SHORTEST]
        if len(measured) < 2:
            return 0
        return float((measured[-1] / measured[0]) ** (1 / (len(measured) - 1)))

    def row(self) -> str:
        """The measurement as a row of the table."""
        times = ", ".join(f"{taken * 1e3:,.0f}" for taken in self.times)
        mark = " **too much**" if self.factor > MOST else ""
        return f"| {self.name} | {self.size:,} | {times} | {self.factor:.2f}{mark} |"


def growth(subject: Subject) -> Growth:
    """Find a size that can be measured, then double it."""
    size = subject.size
    while seconds(subject.prepare(size)) < SHORTEST and size * 2 ** (DOUBLINGS + 1) <= subject.most:
        size *= 2
    times: list[float] = []
    for doubling in range(DOUBLINGS + 1):
        times.append(seconds(subject.prepare(size * 2**doubling)))
        if times[-1] > 20:  # it is clear by now
            break
    return Growth(subject.name, size, times)


def subjects(words: Iterable[str]) -> Iterator[Subject]:
    """Those whose names hold one of the words, all without a word."""
    wanted = [*words] or [""]
    for family in (schemas, requests, states, texts):
        for subject in family():
            if any(word in subject.name for word in wanted):
                yield subject


def main(words: Iterable[str]) -> int:
    """Print a table; give the exit status."""
    operations()
    print("| what | size | ms of CPU for it, twice, four and eight times as much | a doubling |")
    print("| --- | --- | --- | --- |")
    found = []
    for subject in subjects(words):
        found.append(growth(subject))
        print(found[-1].row(), flush=True)
    growing = [one.name for one in found if one.factor > MOST]
    print(f"\n{len(growing)} of {len(found)} grow faster than their input: {growing}")
    return bool(growing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
