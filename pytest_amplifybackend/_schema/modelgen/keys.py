"""What makes a model's keys and its implied fields: ``@primaryKey``, ``@index``, timestamps."""

from __future__ import annotations

from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._schema.inherited import PROTOTYPE
from pytest_amplifybackend._schema.modelgen.coercion import appended, is_true
from pytest_amplifybackend._schema.modelgen.types import Directive, Field, Type
from pytest_amplifybackend._schema.modelgen.words import lower_first, plural, upper_first


def complete(model: Type) -> None:
    """Give a model its key and its timestamps, and put its id first (observed)."""
    primary = next((one for one in model.fields if one.marked("primaryKey")), None)
    if primary is None:
        model.add(Field("id", "ID"))
        model["id"].required = True
        model.keys = [model["id"]]
    else:
        model.keys = _key_fields(model, primary)
    timestamps = next(one for one in model.directives if one.name == "model").arguments
    names = timestamps.get("timestamps", {})
    if names is not None:
        names = names if isinstance(names, dict) else {}
        for name in ("createdAt", "updatedAt"):
            model.add(Field(str(names.get(name) or name), "AWSDateTime", read_only=True))
    model.put_first("id")


def _key_fields(model: Type, primary: Field) -> list[Field]:
    model.flatten()
    directive = primary.marked("primaryKey")
    names = directive.arguments.get("sortKeyFields") if directive else None
    if is_true(names) and not isinstance(names, list):
        raise SchemaError("sortKeyFieldNames.map is not a function")
    found = appended(names)
    if PROTOTYPE in found:
        raise SchemaError("Cannot read properties of undefined (reading 'name')")
    return [primary, *(model[name] for name in found if name in model)]


def list_keys(model: Type) -> None:
    """Put the primary key that a model names, then its indexes, among its directives."""
    if model.keys and model.keys[0].marked("primaryKey"):
        model.directives.append(key(fields=[one.name for one in model.keys]))
    for one in model.fields:
        for index in (found for found in one.directives if found.name == "index"):
            model.directives.append(_index_key(model, one, index))


def _index_key(model: Type, one: Field, index: Directive) -> Directive:
    given = index.arguments
    fields = [one.name, *appended(given.get("sortKeyFields"))]
    name = given.get("name")
    if name is None:
        words = "And".join(map(upper_first, fields))
        name = f"{lower_first(plural(model.name))}By{words}"  # ordersByStatusAndDate
    query = {"queryField": given["queryField"]} if "queryField" in given else {}
    return key(name=name, **query, fields=fields)


def key(**arguments: object) -> Directive:
    """Return the directive that stands for a key among a model's attributes."""
    return Directive("key", arguments)
