"""A plugin of pytest that counts what clients sent and got, from the bytes of their HTTP alone.

It knows the API by botocore's file of it and shares no code with the package. COUNT_FILE names
the file to write: by operation the members, enum values and errors.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.loaders
import botocore.session
import pytest

MODEL = botocore.loaders.create_loader().load_service_model("amplifybackend", "service-2")
SHAPES = MODEL["shapes"]
COUNTED: dict[str, dict[str, set[str]]] = {}


def operation_of(method: str, path: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The operation of a request line, and what its path holds."""
    for operation in MODEL["operations"].values():
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", operation["http"]["requestUri"])
        match = re.fullmatch(pattern, path)
        if match and operation["http"]["method"] == method:
            return operation, {name: unquote(text) for name, text in match.groupdict().items()}
    raise LookupError(f"{method} {path}")


def seen(shape: dict[str, Any], values: Any, at: str) -> Iterator[tuple[str, str]]:
    """The members and enum values in a structure, a list or a value of JSON."""
    if shape["type"] == "structure":
        for name, member in shape["members"].items():
            there = member.get("locationName", name) in values
            path = f"{at}.{name}".lstrip(".")
            if there:
                yield "members", f"{path} present"
                value = values[member.get("locationName", name)]
                yield from seen(SHAPES[member["shape"]], value, path)
            elif name not in shape.get("required", ()):
                yield "members", f"{path} absent"
    elif shape["type"] == "list":
        for item in values:
            yield from seen(SHAPES[shape["member"]["shape"]], item, f"{at}[]")
    elif "enum" in shape and values in shape["enum"]:
        yield "enums", f"{at} = {values}"


def sent(request: Any, **_: Any) -> None:
    url = urlsplit(request.url)
    operation, values = operation_of(request.method, url.path)
    values |= {name: texts[0] for name, texts in parse_qs(url.query).items()}
    values |= json.loads(request.data or "{}")
    counts = COUNTED.setdefault(operation["name"], {"members": set(), "enums": set()})
    for kind, name in seen(SHAPES[operation["input"]["shape"]], values, ""):
        counts[kind].add(name)


def got(response_dict: dict[str, Any] | None, event_name: str, **_: Any) -> None:
    if response_dict is None:  # a lost connection
        return
    operation = event_name.rpartition(".")[2]
    code = response_dict["headers"].get("x-amzn-ErrorType", "").partition(":")[0]
    if code in {error["shape"] for error in MODEL["operations"][operation]["errors"]}:
        COUNTED[operation].setdefault("errors", set()).add(code)


def pytest_configure(config: pytest.Config) -> None:
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    make = botocore.session.Session.create_client

    def create_client(self: Any, service: str, *args: Any, **kwargs: Any) -> Any:
        client = make(self, service, *args, **kwargs)
        if service == "amplifybackend":
            client.meta.events.register_first("request-created.amplifybackend", sent)
            client.meta.events.register_first("response-received.amplifybackend", got)
        return client

    patch.setattr(botocore.session.Session, "create_client", create_client)


def pytest_unconfigure() -> None:
    found = {
        operation: {kind: sorted(names) for kind, names in kinds.items() if names}
        for operation, kinds in COUNTED.items()
    }
    Path(os.environ["COUNT_FILE"]).write_text(json.dumps(found), encoding="utf-8")
