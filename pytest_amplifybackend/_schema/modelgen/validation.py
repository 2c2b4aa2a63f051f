"""Where the types of a schema may stand by the generator, which tells more than the transformer.

Everything here is observed.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator

from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._schema.inherited import PROTOTYPE
from pytest_amplifybackend._schema.modelgen import operations
from pytest_amplifybackend._schema.modelgen.shapes import INHERITED, SCALAR, kind
from pytest_amplifybackend._schema.modelgen.types import Field, Json, Types

_SCALARS = "ID String Int Float AWSDate AWSTime AWSDateTime AWSTimestamp AWSEmail AWSURL"
_ALLOWED = [*_SCALARS.split(), "AWSIPAddress", "Boolean", "AWSJSON", "AWSPhone"]
_OUTPUT = ("enum", "model", "nonModel")
_INPUT = ("enum", "input")
_Kinds = tuple[str, ...]


def check_declarations(types: Types) -> None:
    """Raise what the generator says of a field whose type it does not know.

    The declarations that go with the JavaScript come first, and know scalars of the schema.
    """
    for owner in types.models.values():
        if owner.keys and owner.keys[0].name not in owner:  # it was dropped, as a model it is
            raise SchemaError("Cannot read properties of undefined (reading 'primaryKeyInfo')")
    unknown = [
        one
        for owner in (*types.models.values(), *types.others.values())
        for one in owner.fields
        if kind(types, one.type) not in (SCALAR, INHERITED, *_OUTPUT)
    ]
    for one in unknown:
        if one.type not in types.scalars:
            raise SchemaError(
                f"Unknown type {one.type} for field {one.name}. "
                "Did you forget to add the @model directive"
            )
    if unknown:
        raise SchemaError(f"Unknown type {unknown[0].type}")


def check_introspection(types: Types) -> None:
    """Raise what is wrong with the first description of a type, in the order of the JSON Schema.

    The transformer has no rule against an argument that is no input, or an answer that is one.
    """
    for path, one, kinds in _described(types):
        found = kind(types, one.type)
        if one.name == PROTOTYPE:  # a timestamp, whose members the fields then have
            path = path.replace(f"/{PROTOTYPE}/type", "/name")
            raise _unsound([_error(path, "type", "type", {"type": "object"}, "must be object")])
        if found != SCALAR and found not in kinds:
            raise _unsound(list(_errors(path, kinds, is_object=found != INHERITED)))


def _unsound(errors: list[Json]) -> SchemaError:
    text = json.dumps(errors, separators=(",", ":"))
    return SchemaError(
        f"Data did not validate against the supplied schema. Underlying errors were {text}"
    )


def _described(types: Types) -> Iterator[tuple[str, Field, _Kinds]]:
    for part, owners in (("models", types.models), ("nonModels", types.others)):
        for owner in owners.values():
            yield from _of(f"{part}/{owner.name}/fields", owner.fields, _OUTPUT)
    found = operations.parts(types)
    for part in ("queries", "mutations", "subscriptions"):
        yield from _of_operations(part, found[part])
    for name, fields in types.inputs.items():
        yield from _of(f"inputs/{name}/attributes", fields, _INPUT)
    yield from _of_operations("generations", found["generations"])
    for one in found["conversations"]:
        send = f"conversations/{one.name}/message/send"
        yield from _of(f"{send}/arguments", one.arguments, _INPUT)


def _of_operations(part: str, found: Iterable[Field]) -> Iterator[tuple[str, Field, _Kinds]]:
    for one in found:
        yield from _of(part, [one], _OUTPUT)
        yield from _of(f"{part}/{one.name}/arguments", one.arguments, _INPUT)


def _of(path: str, fields: Iterable[Field], kinds: _Kinds) -> Iterator[tuple[str, Field, _Kinds]]:
    return ((f"/{path}/{one.name}/type", one, kinds) for one in fields)


def _errors(path: str, kinds: _Kinds, *, is_object: bool) -> Iterator[Json]:
    error = functools.partial(_error, path)
    scalar = "definitions/ScalarType"
    yield error(f"{scalar}/type", "type", {"type": "string"}, "must be string")
    allowed = {"allowedValues": _ALLOWED}
    yield error(f"{scalar}/enum", "enum", allowed, "must be equal to one of the allowed values")
    for number, name in enumerate(kinds, 1):
        at = f"anyOf/{number}"
        if is_object:
            message = f"must have required property '{name}'"
            yield error(f"{at}/required", "required", {"missingProperty": name}, message)
        else:
            yield error(f"{at}/type", "type", {"type": "object"}, "must be object")
    yield error("anyOf", "anyOf", {}, "must match a schema in anyOf")


def _error(path: str, at: str, keyword: str, params: Json, message: str) -> Json:
    place = {"instancePath": path, "schemaPath": f"#/{at}"}
    return {**place, "keyword": keyword, "params": params, "message": message}
