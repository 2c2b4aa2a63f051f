"""AWS Signature Version 4, checked with botocore's own signer.

The errors are those of API Gateway, whose texts are public (documented for other APIs of the
gateway, assumed for this one).
"""

from __future__ import annotations

import functools
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPMessage
from typing import Any

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._transports.codec import HTTPResponse, gateway_error

ALGORITHM = "AWS4-HMAC-SHA256"
_MOST_SIGNED = 100
"""Clients sign some ten headers; botocore looks through all of them for each."""

MOST_SKEW = timedelta(minutes=5)
"""How far the time of signing may be from now (documented)."""

_NO_REGION = "Credential should be scoped to a valid region, not '{}'."
_TIME = "%Y%m%dT%H%M%SZ"
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The credential scope of an ``Authorization`` header, with its access key."""

    access_key: str
    date: str
    region: str
    service: str


@functools.lru_cache(maxsize=8)  # a request is asked twice: for its region and its service
def scope_of(authorization: str) -> Scope | None:
    """The credential scope of an ``Authorization`` header, None where there is none."""
    return _scope(_parts(authorization).get("Credential", ""))


def _scope(credential: str) -> Scope | None:
    parts = credential.rsplit("/", 4)  # an access key may hold slashes
    if len(parts) != 5 or parts[4] != "aws4_request" or not all(parts):
        return None
    return Scope(*parts[:4])


def _parts(authorization: str) -> dict[str, str]:
    algorithm, _, rest = authorization.strip().partition(" ")
    if algorithm != ALGORITHM:
        return {}
    pairs = (part.strip().partition("=") for part in rest.split(","))
    return {name: value for name, equals, value in pairs if equals}


def rejection(
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    secrets: Mapping[str, str],
    default_region: str,
    service: str = catalogue.SERVICE,
) -> HTTPResponse | None:
    """The 403 for a request with a missing or invalid signature; None for a valid one.

    Times are real ones: clients sign with the clock of the machine. Requests signed in their
    query are not known to the service's clients and count as unsigned. ``service`` is the one that
    the request is for.
    """
    authorization = headers.get("authorization", "")
    if not authorization.strip():
        return gateway_error(403, "MissingAuthenticationTokenException")
    parts = _parts(authorization)
    incomplete = _incomplete(parts, headers)
    if incomplete:
        return gateway_error(403, "IncompleteSignatureException", incomplete)
    scope = _scope(parts["Credential"])
    if scope is None:
        return gateway_error(
            403,
            "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term.",
        )
    if scope.access_key not in secrets:
        return gateway_error(
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )
    wrong = _wrong_scope(scope, headers["x-amz-date"], default_region, service) or _wrong_time(
        headers["x-amz-date"]
    )
    if wrong is None and not _holds(method, path, headers, body, parts, scope, secrets):
        wrong = _MISMATCH
    return None if wrong is None else gateway_error(403, "InvalidSignatureException", wrong)


def no_region(region: str) -> HTTPResponse:
    """The 403 for a credential scope whose region cannot be one."""
    return gateway_error(403, "InvalidSignatureException", _NO_REGION.format(region[:63]))


def _incomplete(parts: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """What an ``Authorization`` header lacks, in sentences."""
    lacking = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if not parts.get(name)
    ]
    signed = parts.get("SignedHeaders", "").split(";")
    if "x-amz-date" not in headers:
        lacking.append("Authorization header requires existence of an 'X-Amz-Date' header.")
    elif not lacking and not {"host", "x-amz-date"} <= set(signed):
        lacking.append("'Host' and 'X-Amz-Date' must be among the 'SignedHeaders'.")
    return " ".join(lacking)


@functools.cache
def _regions() -> frozenset[str]:
    from botocore.session import Session

    session = Session()
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(catalogue.SERVICE, partition)
    )


def _wrong_scope(scope: Scope, amz_date: str, default_region: str, service: str) -> str | None:
    if scope.service != service:
        return f"Credential should be scoped to correct service: '{service}'."
    if scope.region != default_region and scope.region not in _regions():
        return _NO_REGION.format(scope.region)
    if scope.date != amz_date[:8]:
        return (
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
            f"from HTTP: '{scope.date}' != '{amz_date[:8]}', from '{amz_date}'."
        )
    return None


def _wrong_time(amz_date: str) -> str | None:
    now = datetime.now(UTC)
    try:
        signed = datetime.strptime(amz_date, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return f"Date must be in ISO-8601 'basic format'. Got '{amz_date}'."
    if signed < now - MOST_SKEW:
        return (
            f"Signature expired: {amz_date} is now earlier than "
            f"{now - MOST_SKEW:{_TIME}} ({now:{_TIME}} - 5 min.)"
        )
    if signed > now + MOST_SKEW:
        return (
            f"Signature not yet current: {amz_date} is still later than "
            f"{now + MOST_SKEW:{_TIME}} ({now:{_TIME}} + 5 min.)"
        )
    return None


def _holds(
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    parts: Mapping[str, str],
    scope: Scope,
    secrets: Mapping[str, str],
) -> bool:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    digest = hashlib.sha256(body).hexdigest()
    stated = headers.get("x-amz-content-sha256", digest)
    if stated not in (digest, "UNSIGNED-PAYLOAD"):
        return False
    signed = HTTPMessage()
    names = parts["SignedHeaders"].lower().split(";")
    if len(names) > _MOST_SIGNED:
        return False
    for name in names:
        if name not in headers:
            return False
        signed[name] = headers[name]

    class Signer(SigV4Auth):  # type: ignore[misc]  # botocore has no types
        """botocore's signer, on the headers and the body that the client says it signed."""

        def headers_to_sign(self, request: Any) -> HTTPMessage:
            return signed

        def payload(self, request: Any) -> str:
            return stated

    signer = Signer(
        Credentials(scope.access_key, secrets[scope.access_key]), scope.service, scope.region
    )
    request = AWSRequest(method=method, url=f"http://{headers['host']}{path}", data=body)
    request.context["timestamp"] = headers["x-amz-date"]
    try:
        canonical = signer.canonical_request(request)
        wanted = signer.signature(signer.string_to_sign(request, canonical), request)
    except ValueError:  # a path that is no text: nobody can have signed it
        return False
    return hmac.compare_digest(wanted.encode(), parts["Signature"].encode())
