"""How to call the neighbor over each transport, and what botocore makes of its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.session import Session

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import installed, services

Call = Callable[..., Any]
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def client_of(service: str = "amplify", **options: Any) -> Any:
    """An ordinary client of a program."""
    config = Config(retries={"total_max_attempts": 1})
    session = Session()
    session.register_component("data_loader", installed.loader())
    return session.create_client(
        service, region_name="us-east-1", config=config, **{**KEYS, **options}
    )


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        answer = call()
    except ClientError as error:
        return type(error).__name__, _plain(error.response)
    except errors.UnknownOperation as error:
        return str(error)
    return _plain(answer)


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def by_client(clients: dict[str, Any]) -> Call:
    def call(operation: str, **params: Any) -> Any:
        client = clients[services.service_of(operation)]
        return _outcome(lambda: getattr(client, xform_name(operation))(**params))

    return call


def clients(**options: Any) -> Call:
    return by_client({name: client_of(name, **options) for name in ("amplify", "amplifybackend")})


def by_requests(operation: str, **params: Any) -> Any:
    import requests

    service = services.service_of(operation)
    model = installed.service_model(service).operation_model(operation)
    message = create_serializer("rest-json").serialize_to_request(params, model)
    try:
        made = _sent(requests, service, message)
    except errors.UnknownOperation as error:
        return str(error)
    parser = create_parser("rest-json")
    answer = {"status_code": made.status_code, "headers": made.headers, "body": made.content}
    parsed = parser.parse(answer, model.output_shape)
    if made.status_code < 300:
        return _plain(parsed)
    shape = model.service_model.shape_for_error_code(parsed["Error"]["Code"])
    more = {} if shape is None else parser.parse(answer, shape)
    return parsed["Error"]["Code"] if shape else "ClientError", _plain({**parsed, **more})


def _sent(requests: Any, service: str, message: dict[str, Any]) -> Any:
    return requests.request(
        message["method"],
        f"https://{service}.us-east-1.amazonaws.com{message['url_path']}",
        params=message["query_string"],
        headers=message["headers"],
        data=message["body"],
        timeout=5,
    )


class Awaiting:
    """Clients of aiobotocore, awaited call by call."""

    def __init__(self, loop: asyncio.AbstractEventLoop, client: Any) -> None:
        self._loop, self._client = loop, client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        return lambda **params: self._loop.run_until_complete(method(**params))
