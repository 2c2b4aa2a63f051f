"""A whole service model as plain data: operations, members, enums and errors.

It says what a client or a fake has to know, and nothing of how botocore keeps it: two descriptions
are equal when two versions of the API are. A recorded one is shipped beside this file.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any

from pytest_amplifybackend.model import catalogue
from pytest_amplifybackend.model.responses import RESPONSE_OBJECTS
from pytest_amplifybackend.model.sensitive import is_sensitive

Description = dict[str, Any]
_RECORDED = "recorded.json"


def describe(model: Any) -> Description:
    """The description of a botocore ServiceModel.

    ``operations`` has a request line, members of request and response by path, and errors, for
    each operation; ``errors`` has the HTTP status and the members of each error. A member is its
    type and, where they apply, ``required``, ``sensitive``, ``enum``, ``min``, ``max`` and its name
    on the wire.
    """
    names = sorted(model.operation_names)
    operations = {name: _operation(model, model.operation_model(name)) for name in names}
    errors = sorted({error for said in operations.values() for error in said["errors"]})
    return {
        "operations": operations,
        "errors": {name: _error(model.shape_for(name)) for name in errors},
    }


def _operation(model: Any, operation: Any) -> Description:
    promised = RESPONSE_OBJECTS.get(operation.name)
    known = promised is not None and promised in model.shape_names
    response = model.shape_for(promised) if known else operation.output_shape
    return {
        "request line": f"{operation.http['method']} {operation.http['requestUri']}",
        "request": members(operation.input_shape),
        "response": members(response),
        "errors": sorted(shape.name for shape in operation.error_shapes),
    }


def _error(shape: Any) -> Description:
    return {"status": shape.metadata["error"]["httpStatusCode"], "members": members(shape)}


def members(shape: Any) -> dict[str, Description]:
    """The members below a structure, by path in alphabetical order; elements end in ``[]``."""
    if shape is None:
        return {}
    required = set(_required(shape, ""))
    return {
        path: _member(member, required=path in required)
        for path, member in sorted(catalogue.members(shape), key=lambda item: item[0])
    }


def _required(shape: Any, prefix: str) -> list[str]:
    found = [f"{prefix}{name}" for name in shape.required_members]
    for path, member in catalogue.members(shape):
        if member.type_name == "structure":
            found += [f"{prefix}{path}.{name}" for name in member.required_members]
    return found


def _member(shape: Any, *, required: bool) -> Description:
    wire = shape.serialization.get("name")
    place = shape.serialization.get("location")
    said: Description = {"type": shape.type_name}
    if required:
        said["required"] = True
    if is_sensitive(shape):
        said["sensitive"] = True
    if getattr(shape, "enum", None):
        said["enum"] = list(shape.enum)
    said.update({name: shape.metadata[name] for name in ("min", "max") if name in shape.metadata})
    if wire:
        said["wire"] = f"{wire} in the {place}" if place else wire
    return said


@functools.cache
def installed() -> Description:
    """The description of the installed botocore's model."""
    return describe(catalogue.service_model())


def recorded() -> tuple[str, Description]:
    """The botocore version that the recorded description was made with, and the description."""
    file = resources.files("pytest_amplifybackend.model").joinpath(_RECORDED)
    data = json.loads(file.read_text(encoding="utf-8"))
    return data["botocore"], {name: data[name] for name in ("operations", "errors")}


def recording() -> str:
    """The text of a recording of the installed botocore's model, for ``recorded.json``."""
    import botocore

    return json.dumps({"botocore": botocore.__version__, **installed()}, indent=1) + "\n"
