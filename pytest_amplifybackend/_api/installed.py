"""What the installed botocore knows of the API, where that is more than the shipped model does.

A client has already accepted what its botocore knows. So a member or a value of an enum that only
the installed model has is no error: the fake ignores the one and accepts the other. All of this is
asked only once something is unknown, never in a call of the known API.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from typing import Any

from pytest_amplifybackend._api import catalogue, paths


@functools.cache
def loader() -> Any:
    """A botocore data loader that keeps the files it has read.

    It looks where clients do: in AWS_DATA_PATH, in ``~/.aws/models``, and in botocore itself.
    """
    from botocore.loaders import create_loader

    return create_loader(os.environ.get("AWS_DATA_PATH"))


@functools.cache
def service_model(service: str = catalogue.SERVICE) -> Any:
    """botocore's ServiceModel of the installed model, in the newest version of the API."""
    from botocore.model import ServiceModel

    return ServiceModel(loader().load_service_model(service, "service-2"), service)


def operation_at(method: str, segments: Sequence[str]) -> str | None:
    """The installed operation that is called with a method at the segments of a path."""
    for name in service_model().operation_names:
        http = service_model().operation_model(name).http
        template = http["requestUri"].partition("?")[0].strip("/").split("/")
        if http["method"] == method and len(template) == len(segments):
            pairs = zip(template, segments, strict=True)
            if all(part.startswith("{") or part == segment for part, segment in pairs):
                return str(name)
    return None


def input_shape(operation: str, path: str = "") -> Any:
    """The installed shape at a path of a request; None where the installed model has none."""
    return _shape(operation, "input_shape", path)


def output_shape(operation: str, path: str = "") -> Any:
    """The installed shape at a path of a response; None where the installed model has none."""
    return _shape(operation, "output_shape", path)


def _shape(operation: str, side: str, path: str) -> Any:
    if operation not in service_model().operation_names:
        return None
    return paths.shape_at(getattr(service_model().operation_model(operation), side), path)


_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def isolated_session() -> Any:
    """A session that reads no file and no variable of the environment, but for the endpoints.

    Every setting is botocore's own. It has no credentials, and its models are those of
    :func:`loader`. Endpoints are left alone by the clients' ``ignore_configured_endpoint_urls``.
    """
    from botocore.session import Session

    alone = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in Session.SESSION_VARIABLES.items()
    }
    made = Session(session_vars={**alone, **_FILES})
    made.register_component("data_loader", loader())
    return made
