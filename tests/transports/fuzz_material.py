"""What the fuzzer makes its requests from: sound ones of every operation, and tables of junk."""

from __future__ import annotations

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support import samples

TOKEN = "c0ntrol-t0ken-0f-the-fuzzer"
SESSION_TOKEN = "s3ssi0n-t0ken-0f-a-developer"
PLANTED = (samples.SECRET, "MIGT3am0ngst", TOKEN, SESSION_TOKEN)
"""What the requests bring that no answer may show, but to who asks for it."""

CONTROL = "/_amplifybackend/"
APPS = ["d1abc"] * 6 + ["d2def", "d3ghi"]
ENVIRONMENTS = ["dev"] * 6 + ["test", "copy"]
# fmt: off
METHODS = [
    "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "X-Y",
]
TYPES = [
    "text/plain", "", "a/b;c", "é", "application/x-www-form-urlencoded", "text/json", ";", ",",
    "application/json; charset=latin-1", "multipart/form-data; boundary=x",
]
IN_PATHS = [
    "/", "//", "%", "%2F", "%00", "%ff", "%zz", "%", "?a=b", "#", "..", "/../", ";", "é", "\t",
    "\\", "%C3%28", "%F0%9F%98%80", "//[", "@", ":", "x" * 300,
]
ORIGINS = [
    "http://localhost:3000", "https://evil.example", "null", "", "http://localhost@evil",
    "http://[::1", "é", "http://127.0.0.1:1, https://evil.example", "x" * 5000,
]
NUMBERS = [
    "1e400", "-1e400", "1e-400", "NaN", "Infinity", "9" * 400, "9" * 5000, "-0", "1.0", "0x1",
    "1E2", "01", "1_000", "8.5", "-1", "1e9", "253402300800", "1e18",
]
TEXTS = [
    "", " ", "\x00", "\ud800", "\U0001f600", "a" * 300, "é" * 41, "dev", "d1abc", "../..", "%00",
    "__proto__", "NaN", "GetBackend", "NotFound", "{", "type A {", "\r\nX: y", "\u202e",
]
ERRORS = [
    "NotFound", "BadRequest", "TooManyRequestsException", "GatewayTimeout", "ConnectionReset",
    "GarbledResponse", "NoSuch",
]
# fmt: on
WEIGHTS = {"DeleteBackend": 0.2, "RemoveAllBackends": 0.8, "GetBackendJob": 6.0}
"""How often an operation comes; the others once. What removes everything leaves little to ask."""

AUTHORIZATIONS = [
    "AWS4-HMAC-SHA256 Credential=a/20240101/eu-west-1/amplifybackend/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=0",
    "AWS4-HMAC-SHA256 Credential=a/20240101/../amplifybackend/aws4_request, Signature=0",
    "AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;;, Signature==",
    "AWS4-HMAC-SHA256",
    "Basic é",
    f"AWS4-HMAC-SHA256 Credential=a/20240101/{'r' * 400}/amplifybackend/aws4_request",
]


def templates() -> dict[str, list[tuple[str, str, str]]]:
    """For each operation method, path and body, at least and in full; ids stand as ``Q…Q``."""
    from botocore.serialize import create_serializer

    serializer = create_serializer("rest-json")
    stand_ins = {
        name: f"Q{name}Q" for name in ("AppId", "BackendEnvironmentName", "JobId", "SessionId")
    }
    made: dict[str, list[tuple[str, str, str]]] = {}
    for name in catalogue.operations():
        model = catalogue.service_model().operation_model(name)
        for full in (False, True):
            params = samples.sample(name, stand_ins, full=full)
            request = serializer.serialize_to_request(params, model)
            body = request["body"] or b""
            text = body.decode() if isinstance(body, bytes) else body
            made.setdefault(name, []).append((request["method"], request["url_path"], text))
    return made
