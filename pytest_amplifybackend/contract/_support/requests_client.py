"""A client that sends with ``requests``: botocore serialises, signs and parses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from pytest_amplifybackend._api import catalogue


class _Meta:
    """What the tests read of a client's ``meta``."""

    def __init__(self, region: str) -> None:
        self.region_name = region


class RequestsClient:
    """Looks like a botocore client of the service, as far as the suite uses one."""

    def __init__(self, region: str) -> None:
        import requests
        from botocore.auth import SigV4Auth
        from botocore.credentials import Credentials
        from botocore.errorfactory import ClientExceptionsFactory
        from botocore.parsers import create_parser
        from botocore.serialize import create_serializer

        self.meta = _Meta(region)
        model = catalogue.service_model()
        self.exceptions = ClientExceptionsFactory().create_client_exceptions(model)
        self._session = requests.Session()
        self._signer = SigV4Auth(Credentials("testing", "testing"), catalogue.SERVICE, region)
        self._serializer = create_serializer(model.metadata["protocol"])
        self._parser = create_parser(model.metadata["protocol"])
        self._url = f"https://{catalogue.SERVICE}.{region}.amazonaws.com"
        self._operations = {catalogue.method_name(name): name for name in catalogue.operations()}

    def __getattr__(self, method: str) -> Callable[..., Any]:
        operations = self.__dict__.get("_operations", {})
        if method not in operations:
            raise AttributeError(method)
        return functools.partial(self._call, operations[method])

    def _call(self, operation: str, **params: Any) -> Any:
        from botocore.awsrequest import AWSRequest

        model = catalogue.service_model().operation_model(operation)
        message = self._serializer.serialize_to_request(params, model)
        request = AWSRequest(
            method=message["method"],
            url=f"{self._url}{message['url_path']}",
            headers=message["headers"],
            data=message["body"],
        )
        self._signer.add_auth(request)
        answer = self._session.request(
            request.method,
            request.url,
            headers={
                name: value.decode() if isinstance(value, bytes) else value
                for name, value in request.headers.items()
            },
            data=request.data,
            timeout=30,
        )
        return self._parsed(model, answer.status_code, dict(answer.headers), answer.content)

    def _parsed(self, model: Any, status: int, headers: dict[str, str], body: bytes) -> Any:
        """What botocore's endpoint and client make of an HTTP answer."""
        answer = {
            "status_code": status,
            "headers": {name.lower(): value for name, value in headers.items()},
            "body": body,
        }
        parsed = self._parser.parse(answer, model.output_shape)
        if status < 300:
            return parsed
        code = parsed["Error"]["Code"]
        shape = model.service_model.shape_for_error_code(code)
        if shape is not None:
            parsed.update(self._parser.parse(answer, shape))
        raise self.exceptions.from_code(code)(parsed, model.name)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
