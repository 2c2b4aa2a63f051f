"""What is written of a schema's types: the JavaScript schema and the introspection document."""

from __future__ import annotations

from pytest_amplifybackend._schema.modelgen import auth, validation
from pytest_amplifybackend._schema.modelgen.operations import introspected
from pytest_amplifybackend._schema.modelgen.shapes import described, nullable
from pytest_amplifybackend._schema.modelgen.text import Written, members, text
from pytest_amplifybackend._schema.modelgen.types import (
    Directive,
    Field,
    Json,
    Type,
    Types,
)
from pytest_amplifybackend._schema.modelgen.version import version
from pytest_amplifybackend._schema.modelgen.words import plural

CODEGEN_VERSION = "3.4.4"
"""The version every generated JavaScript schema names, whatever generated it (observed)."""

_MARGIN = "\n" + 8 * " "  # of a model in both texts; what they share is written once


def written(types: Types) -> tuple[str, str]:
    """Return ``Models`` and ``ModelIntrospectionSchema``.

    Raises SchemaError for a type in a place that the generator has no such type for.
    """
    validation.check_declarations(types)
    models: Json = {}
    keyed: Json = {}
    for name, model in types.models.items():
        shape = _model(types, model)
        shared = members(shape, _MARGIN)
        models[name] = Written(f"{{{shared}{_MARGIN}}}")
        if _name_no_targets(shape):
            shared = members(shape, _MARGIN)
        info = members({"primaryKeyInfo": _primary_key_info(model)}, _MARGIN)
        keyed[name] = Written(f"{{{shared},{info}{_MARGIN}}}")
    others = {
        "enums": {name: {"name": name, "values": values} for name, values in types.enums.items()},
        "nonModels": {name: _shape(types, one) for name, one in types.others.items()},
    }
    versions = {"codegenVersion": CODEGEN_VERSION, "version": version(types)}
    javascript = text({"models": models, **others, **versions})
    introspection = text({"version": 1, "models": keyed, **others, **introspected(types)})
    validation.check_introspection(types)
    return f"export const schema = {javascript};", introspection


def _model(types: Types, model: Type) -> Json:
    # auth comes last (observed)
    directives = sorted(model.directives, key=lambda one: one.name == "auth")
    return {
        **_shape(types, model),
        "syncable": True,
        "pluralName": plural(model.name),
        "attributes": [_attribute(one) for one in directives],
    }


def _attribute(one: Directive) -> Json:
    arguments = auth.written_out(one) if one.name == "auth" else one.arguments
    return {"type": one.name, "properties": arguments}


def _name_no_targets(shape: Json) -> bool:
    """Give each ``@hasOne(references:)`` empty targets, as only the introspection has them."""
    found = [
        one["association"]
        for one in shape["fields"].values()
        if one.get("association", {}).get("connectionType") == "HAS_ONE"
    ]
    without = [one for one in found if "targetNames" not in one]
    for one in without:
        one["targetNames"] = []
    return bool(without)


def _primary_key_info(model: Type) -> Json:
    names = [one.name for one in model.keys]
    return {
        "isCustomPrimaryKey": names != ["id"],
        "primaryKeyFieldName": names[0],
        "sortKeyFieldNames": names[1:],
    }


def _shape(types: Types, owner: Type) -> Json:
    return {"name": owner.name, "fields": {one.name: _field(types, one) for one in owner.fields}}


def _field(types: Types, one: Field) -> Json:
    shape: Json = {**described(types, one), "attributes": [], **nullable(one)}
    if one.read_only:
        shape["isReadOnly"] = True
    if one.association is not None:
        shape["association"] = one.association
    return shape
