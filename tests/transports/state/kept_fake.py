"""A fake behind a server with a state file, asked without a socket between."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from botocore.serialize import create_serializer

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._transports import state_file
from pytest_amplifybackend._transports.gateway import HTTPRequest


def wire_request(operation: str, params: dict[str, Any]) -> tuple[str, str, bytes]:
    """Method, path and body of a request, as botocore serializes it."""
    model = catalogue.service_model().operation_model(operation)
    made = create_serializer("rest-json").serialize_to_request(params, model)
    return made["method"], made["url_path"], made["body"] or b""


class Kept:
    """A server that listens, in a ``with`` statement; requests go to its ``answer`` at once."""

    def __init__(
        self, fake: FakeAmplifyBackend, path: str | os.PathLike[str], **options: Any
    ) -> None:
        self.fake = fake
        self.server = fake.serve(state_file=path, **options)

    @property
    def file(self) -> Any:
        """The server's StateFile."""
        return self.server._file

    def __enter__(self) -> Kept:
        self.server.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self.server.__exit__(*raised)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
        """Status and parsed body."""
        host = self.server.url.removeprefix("http://")
        found = {"host": host, "content-type": "application/json", **headers}
        answer = self.server.answer(HTTPRequest(method, path, found, body))
        return answer.status, json.loads(answer.body) if answer.body else None

    def call(self, operation: str, **params: Any) -> tuple[int, Any]:
        """Status and body, by wire names, of an operation."""
        return self.ask(*wire_request(operation, params))

    def control(self, action: str, **arguments: Any) -> tuple[int, Any]:
        """Status and body of a control request."""
        headers = {"x-amplifybackend-control": "1"}
        body = json.dumps(arguments).encode()
        return self.ask("POST", f"/_amplifybackend/{action}", body, **headers)

    def create(self, app: str, environment: str = "dev") -> tuple[int, Any]:
        """Create an environment."""
        return self.call(
            "CreateBackend", AppId=app, AppName=app, BackendEnvironmentName=environment
        )

    def apps(self) -> list[str]:
        """The ids of the apps that the file holds."""
        return [app["app_id"] for app in self.file.dump()["apps"]]


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(found.name for found in folder.iterdir())


def apps(path: Path) -> list[str]:
    """The ids of the apps in a file that no server has."""
    return [app["app_id"] for app in state_file.read(path)["apps"]]


def refusal(path: str | os.PathLike[str]) -> str:
    """Why a server will not have a file, without the beginning of the sentence."""
    with pytest.raises(errors.UsageError) as caught:
        Kept(FakeAmplifyBackend(), path).__enter__()
    start = f"the state file {Path(path).absolute()} cannot be used: "
    assert str(caught.value).startswith(start)
    return str(caught.value).removeprefix(start)


def old_form(path: Path) -> None:
    """Write a file as the first version did: the JSON of a dump, here with the app d1."""
    fake = FakeAmplifyBackend()
    fake.add_app("d1")
    path.write_text(json.dumps(fake.dump()))
