"""A whole service model as plain data: operations, members, enums and errors.

It says what a client or a fake has to know, and nothing of how botocore keeps it: two descriptions
are equal when two versions of the API are.
"""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.responses import RESPONSE_OBJECTS
from pytest_amplifybackend._api.secrets.shapes import is_sensitive

Description = dict[str, Any]
USUAL = {"status": 200, "request payload": None, "response payload": None, "deprecated": False}
"""What an operation need not say."""
_METADATA = ("min", "max", "pattern", "idempotencyToken", "document")
_SERIALIZATION = ("jsonvalue", "streaming", "timestampFormat")


def describe(model: Any) -> Description:
    """The description of a botocore ServiceModel.

    ``operations`` has a request line, members of request and response by path, and errors, for
    each operation, and what :data:`USUAL` names where it is another; ``errors`` has the HTTP status
    and the members of each error. A member is its type and, where they apply, ``required``,
    ``sensitive``, ``enum``, its name on the wire, and the traits that say more. What is required of
    a response is what its ``*RespObj`` says; where that is no more the response itself, ``only in``
    names the shape that has a member, and ``promised`` the type that the ``*RespObj`` gives it.
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
    given = operation.input_shape, operation.output_shape
    payloads = [shape.serialization.get("payload") if shape else None for shape in given]
    traits = {
        "status": operation.http.get("responseCode", 200),
        "request payload": payloads[0],
        "response payload": payloads[1],
        "deprecated": bool(operation.deprecated),
    }
    return {
        "request line": f"{operation.http['method']} {operation.http['requestUri']}",
        **{name: value for name, value in traits.items() if value != USUAL[name]},
        "request": members(operation.input_shape),
        "response": _response(operation.output_shape, model.shape_for(promised) if known else None),
        "errors": sorted(shape.name for shape in operation.error_shapes),
    }


def _response(given: Any, promised: Any) -> dict[str, Description]:
    """The members of a response, which is what clients are given, with what is promised of them."""
    held, said = members(given), members(promised)
    if promised is None:
        return held
    for path in {*held} - {*said}:
        held[path]["only in"] = given.name
    for path, member in said.items():
        own = held.setdefault(path, {**member, "only in": promised.name})
        traits = {"type": own["type"]}
        if member.get("required"):
            traits["required"] = True
        if own["type"] != member["type"]:
            traits["promised"] = member["type"]
        held[path] = {**traits, **own}
    return {path: held[path] for path in sorted(held)}


def _error(shape: Any) -> Description:
    status = shape.metadata.get("error", {}).get("httpStatusCode")
    return {"status": status, "members": members(shape)}


def members(shape: Any) -> dict[str, Description]:
    """The members below a structure, by path in alphabetical order; elements end in ``[]``."""
    if shape is None:
        return {}
    required = set(_required(shape, ""))
    return {
        path: _member(path.rsplit(".", 1)[-1], member, required=path in required)
        for path, member in sorted(catalogue.members(shape), key=lambda item: item[0])
    }


def _required(shape: Any, prefix: str) -> list[str]:
    found = [f"{prefix}{name}" for name in shape.required_members]
    for path, member in catalogue.members(shape):
        if member.type_name == "structure":
            found += [f"{prefix}{path}.{name}" for name in member.required_members]
    return found


def _member(name: str, shape: Any, *, required: bool) -> Description:
    place = shape.serialization.get("location")
    wire = shape.serialization.get("name", name if place else None)
    said: Description = {"type": shape.type_name}
    if required:
        said["required"] = True
    if is_sensitive(shape):
        said["sensitive"] = True
    if getattr(shape, "enum", None):
        said["enum"] = list(shape.enum)
    for source, names in ((shape.metadata, _METADATA), (shape.serialization, _SERIALIZATION)):
        said.update({name: source[name] for name in names if name in source})
    if wire:
        said["wire"] = f"{wire} in the {place}" if place else wire
    return said
