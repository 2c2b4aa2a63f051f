"""Requests for services that nobody here answers: whom they are for, and an error they understand.

A client that gets an error in another protocol than its service's own cannot read it, and tries
again. So the error is written in the protocol that the request itself shows: of the seven that
botocore has, all but two tell by a header, the body or the query.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from pytest_amplifybackend._transports import sigv4
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.gateway import HTTPRequest

CODE = "NotImplemented"
_STATUS = 501
"""No client tries again after it."""

_S3 = ("s3", "s3express", "s3-object-lambda", "s3-outposts")
_REST_XML = (*_S3, "cloudfront", "route53")
"""The services, by the name that they are signed for, whose protocol is rest-xml (modeled; a test
compares them with botocore). Those of rest-json send requests that may look the same."""


def service_of(request: HTTPRequest) -> str | None:
    """The service that a request is signed for, in its headers or its query."""
    scope = sigv4.scope_of(request.headers.get("authorization", ""))
    if scope is None:
        query = parse_qs(request.path.partition("?")[2])
        credential = query.get("X-Amz-Credential", [""])[0]
        scope = sigv4.scope_of(f"{sigv4.ALGORITHM} Credential={credential}")
    return None if scope is None else scope.service


def rejection(request: HTTPRequest, sentence: str) -> HTTPResponse:
    """An error with a sentence, in the protocol of the service that a request is for."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    service = service_of(request)
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        body = b"\xa2" + b"".join(map(_cbor, ("__type", CODE, "message", sentence)))
    elif kind == "application/x-www-form-urlencoded" or "Action=" in request.path:
        headers, body = {"content-type": "text/xml"}, _xml(sentence, _QUERY_FORMS, service)
    elif service in _REST_XML:
        headers, body = {"content-type": "application/xml"}, _xml(sentence, _REST_FORMS, service)
    else:
        headers = {"content-type": "application/json", "x-amzn-errortype": CODE}
        body = json.dumps({"__type": CODE, "message": sentence}).encode()
    if request.method == "HEAD":
        body = b""
    return HTTPResponse(_STATUS, {**headers, "content-length": str(len(body))}, body)


_ERROR = "<Error><Code>{code}</Code><Message>{text}</Message></Error>"
_WRAPPED = f"<ErrorResponse>{_ERROR}<RequestId>0</RequestId></ErrorResponse>"
_QUERY_FORMS = {
    "ec2": f"<Response><Errors>{_ERROR}</Errors><RequestID>0</RequestID></Response>",
    "": _WRAPPED,
}
_REST_FORMS = {**dict.fromkeys(_S3, _ERROR), "": _WRAPPED}
"""The form of an error by service, and of any other."""


def _xml(sentence: str, forms: Mapping[str, str], service: str | None) -> bytes:
    form = forms.get(service or "", forms[""])
    return f'<?xml version="1.0"?>{form.format(code=CODE, text=escape(sentence))}'.encode()


def _cbor(text: str) -> bytes:
    """A text of less than 64 kB in CBOR (RFC 8949)."""
    data = text.encode()
    return b"\x79" + len(data).to_bytes(2, "big") + data
