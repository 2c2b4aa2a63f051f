"""What comes from outside and may be long: bodies, paths, signatures, and texts with secrets."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from doubling import Subject, on

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._api import embedded
from pytest_amplifybackend._api.secrets.shapes import redact_request
from pytest_amplifybackend._api.secrets.texts import Scrubber, secrets_of
from pytest_amplifybackend._redaction import Redaction
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.rule import Layer, ProvisioningError
from pytest_amplifybackend._transports import codec, routes, sigv4
from pytest_amplifybackend._transports.control import Control
from pytest_amplifybackend._transports.gateway import HTTPRequest

APP = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
KEY = {"key": "secret"}

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
        yield Subject(f"body: {name}", on(_answered, lambda n, f=family, m=made: (f, _body(m(n)))))
    yield Subject("body: open brackets", on(_answered, lambda n: ("auth", b"[" * n)))
    yield Subject("body: spaces", on(_answered, lambda n: ("auth", b" " * n)))
    yield Subject("path: a long name", on(_routed, lambda n: f"/backend/{'a' * n}/details"))
    yield Subject("path: escapes", on(_routed, lambda n: f"/backend/{'%61' * (n // 3)}/details"))
    yield Subject("path: slashes", on(_routed, lambda n: "/" * n))
    yield Subject("signature: headers", on(_signed, _signed_headers), size=4_000, most=64_000)
    yield Subject("signature: a query", on(_signed, _signed_query))
    yield Subject("signature: a long body", on(_signed, lambda n: (f"/?{n}", {}, b"a" * n)))
    yield Subject("signature: a long header", on(_signed, _long_header), most=64_000)
    yield Subject("control: arguments", on(_controlled, lambda n: ("fail", _arguments(n))))
    yield Subject("control: a long argument", on(_controlled, lambda n: ("fail", {"a" * n: 1})))
    yield Subject("control: a long action", on(_controlled, lambda n: ("a" * n, {})))
    yield Subject("control: calls to compare", on(_controlled, _when))


def _body(value: Any) -> bytes:
    return json.dumps(value).encode()


def _answered(request: tuple[str, bytes]) -> None:
    """Decode a body and hold it to the rules of both layers."""
    family, body = request
    with contextlib.suppress(errors.ServiceError, codec.NoOperation, ProvisioningError):
        path = f"/backend/d1abc/{family}"
        operation, params = routes.route("POST", path)
        codec.add_content(operation, params, path, {}, body)
        for layer in (Layer.SERVICE, Layer.PROVISIONING):
            table.current().violations(operation, layer, params)


def _routed(path: str) -> None:
    with contextlib.suppress(errors.ServiceError, codec.NoOperation):
        operation, params = routes.route("POST", path)
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
        yield Subject(f"secrets in text: {name}", on(_secrets, made))
        yield Subject(f"redaction: {name}", on(_redacted, made))
        yield Subject(f"scrubbing: {name}", on(Scrubber(["abc12345", "pass"]), made))
    yield Subject("scrubbing: many secrets", on(_scrubbed, _with_secrets), size=250, most=8_000)
    yield Subject("scrubbing: a long secret", on(_scrubbed, lambda n: ["s3" * (n // 2)]))
    yield Subject("redaction: many ids", on(_redacted, _many_ids), size=250, most=8_000)
    yield Subject("redaction: many jobs", on(_redacted, _many_jobs), size=250, most=8_000)
    yield Subject("redaction: nested JSON", on(_redacted, lambda n: '{"a":' * n + "1" + "}" * n))
    yield Subject("redaction: equal names", on(_redacted, _equal_names), size=250, most=8_000)
    yield Subject("requests without secrets", on(_request, _many_members))
    yield Subject("models read back", on(_models, lambda n: f"export const s = {{{' ' * n}}};"))


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
