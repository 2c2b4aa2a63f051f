"""Checks of @model: its name, and the operations that Amplify generates for models."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._schema.checks.ai import conversation_models, conversation_operations
from pytest_amplifybackend._schema.checks.index import made_up_name, plural
from pytest_amplifybackend._schema.checks.searchable import search_name
from pytest_amplifybackend._schema.checks.shapes import is_leaf
from pytest_amplifybackend._schema.checks.transformer import UNREADABLE, Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Document, Use
from pytest_amplifybackend._schema.inherited import NAMES

MODEL = Transformer("model", "@aws-amplify/graphql-model-transformer 3.5.0")

_LONGEST_SUBSCRIPTION = 50
_GENERATED = ("id", "createdAt", "updatedAt")
_STAMPS = {name: name for name in _GENERATED[1:]}
_JUNCTIONS = ("and", "or", "not")
"""What Amplify adds to the fields of a filter or a condition; ``not`` to none of subscriptions."""


@MODEL.on_use(
    "schema.model.reserved-name",
    "must not have a model called as the type of queries, mutations or subscriptions",
    example="type Subscription @model { id: ID! }",
)
def reserved_name(use: Use) -> Found:
    if use.type.name in use.document.operation_types.values():
        yield (
            f"'{use.type.name}' is a reserved type name and currently in use within the default "
            "schema element."
        )


@MODEL.during(
    Phase.PREPARE,
    "schema.model.inherited-name",
    "must not have a model called as what every JavaScript object has",
    example="type constructor @model { id: ID! }",
)
def inherited_name(document: Document) -> Found:
    if not NAMES.isdisjoint(document.models):
        yield UNREADABLE.format("name")


@dataclass(frozen=True, slots=True)
class Added:
    """Fields that one step adds to the type of an operation: query, mutation, subscription."""

    operation: str
    names: list[str]
    of_list: bool = False
    """Whether Amplify stops at a list where it expects a value that it generates."""
    clash: tuple[str, str] | None = None
    """What Amplify cannot make for them, and the text: an input that has a name it adds among its
    fields, or a type that there is already."""
    filtered: Collection[str] = ()
    """Which of them have a filter as an argument."""
    model: str = ""


def _upper(word: str) -> str:
    return word[:1].upper() + word[1:]


def _named(verb: str, model: str) -> str:
    return verb + _upper(model)


def _subscription(verb: str, model: str) -> str:
    """The name of a subscription; a long one ends in the beginning of its MD5 (observed)."""
    name = _named(verb, model)
    if len(name) <= _LONGEST_SUBSCRIPTION:
        return name
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return name[: _LONGEST_SUBSCRIPTION - 5] + digest[:5]


def _merged(defaults: Mapping[str, Any], given: Any) -> Mapping[str, Any]:
    """Defaults with what a directive is given; null, and null for all, is kept as that."""
    if given is None:
        return dict.fromkeys(defaults)
    return {**defaults, **given} if isinstance(given, dict) else defaults


def _clash(
    kind: str, model: str, fields: Iterable[str], added: Sequence[str]
) -> tuple[str, str] | None:
    """The text for the first name that an input of a model's fields and of others would repeat."""
    there = set(fields)
    name = kind.format(_upper(model))
    texts = (f"type {name} has already a field with name {one}" for one in added if one in there)
    return next((("input", text) for text in texts), None)


def _connection(document: Document, model: str) -> tuple[str, str] | None:
    """The text for the type of a model's lists, where something else is called so."""
    name = f"Model{_upper(model)}Connection"
    found = document.types.get(name)
    if found is None or found.kind == "object":
        return None
    return "connection", f"Conflicting type '{name}' found."


def _of_model(
    document: Document,
    name: str,
    given: Mapping[str, Any],
    compared: Collection[str] = (),
    stamps: Collection[str] = (),
    *,
    has_list: bool = False,
) -> Iterator[Added]:
    """What a model adds: its queries, its mutations, its subscriptions.

    ``compared`` are its fields that a condition compares, ``stamps`` those that a filter does too.
    """
    filtered = (*compared, *stamps)
    queries = {"get": _named("get", name), "list": _named("list", plural(name))}
    queries = {**_merged(queries, given.get("queries", {}))}
    lists = [str(queries["list"])] if queries["list"] else []
    clash = (_connection(document, name) if lists else None) or (
        _clash("Model{}FilterInput", name, filtered, _JUNCTIONS) if lists else None
    )
    added = [str(one) for one in queries.values() if one]
    yield Added("query", added, clash=clash, filtered=lists, model=name)
    mutations = {verb: _named(verb, name) for verb in ("create", "update", "delete")}
    mutations = {**_merged(mutations, given.get("mutations", {}))}
    of_list = has_list and bool(mutations["create"] or mutations["update"])
    added = [str(one) for one in mutations.values() if one]
    clash = _clash("Model{}ConditionInput", name, compared, _JUNCTIONS) if added else None
    yield Added("mutation", added, of_list, clash)
    verbs = {"onCreate": "create", "onUpdate": "update", "onDelete": "delete"}
    defaults: dict[str, Any] = {verb: [_subscription(verb, name)] for verb in verbs}
    subscriptions = {**_merged({"level": "on", **defaults}, given.get("subscriptions", {}))}
    names: list[str] = []
    for verb, mutation in verbs.items():
        if subscriptions.get("level") != "off" and mutations[mutation]:
            value = subscriptions[verb]
            if not value and value != []:
                continue
            some = value if isinstance(value, list) else [value]
            names += ["" if one is None else str(one) for one in some or defaults[verb]]
    kind = "ModelSubscription{}FilterInput"
    clash = _clash(kind, name, filtered, _JUNCTIONS[:2]) if names else None
    yield Added("subscription", names, clash=clash)


def _joins(document: Document) -> Iterator[str]:
    """The models of many-to-many relations."""
    from pytest_amplifybackend._schema.modelgen import words  # its package reads checked schemas

    names = [use.arguments.get("relationName") for use in document.uses("manyToMany")]
    yield from dict.fromkeys(words.graphql_name(str(name)) for name in names)


def _searches(document: Document) -> Iterator[Added]:
    for use in document.uses("searchable"):
        name = search_name(use)
        names = [name] if name else []
        yield Added("query", names, filtered=names, model=use.type.name)


def _indexes(document: Document) -> Iterator[Added]:
    for use in document.uses("index"):
        given = use.arguments.get("queryField", "")
        if given is not None:
            names = [given or made_up_name(use)]
            yield Added("query", names, filtered=names, model=use.type.name)


def steps(document: Document) -> Iterator[Added]:
    """Yield what is added to the types of operations, in order."""
    yield from _searches(document)
    for model in document.models.values():
        directive = model.marked("model")[0]
        fields = document.merged[model.name].fields
        leaves = [one for one in fields.values() if is_leaf(document, one)]
        compared = [one.name for one in leaves if one.type not in NAMES]
        lists = [one for name in _GENERATED if (one := fields.get(name)) and one.is_list]
        has_list = any(one.type not in document.models for one in lists)
        given = directive.arguments
        names = _merged(_STAMPS, given.get("timestamps", {})).values()
        stamps = [str(one) for one in names if one and one not in fields]
        yield from _of_model(document, model.name, given, compared, stamps, has_list=has_list)
    for name in _joins(document):
        yield from _of_model(document, name, {})
    for use in document.uses("conversation"):
        conversation, message = conversation_models(use)
        yield from _of_model(document, conversation, {"subscriptions": {"level": "off"}})
        yield from _of_model(
            document,
            message,
            {"subscriptions": {"onUpdate": None, "onDelete": None}, "mutations": {"update": None}},
        )
    yield from _indexes(document)


def _wrong(document: Document) -> tuple[str, str] | None:
    """The first operation that Amplify cannot generate: why, and the text."""
    if "operations" not in document.derived:
        document.derived["operations"] = _not_generated(document)
    found: tuple[str, str] | None = document.derived["operations"]
    return found


def _not_generated(document: Document) -> tuple[str, str] | None:
    known: dict[str, set[str]] = {}
    for name, root in document.operation_types.items():
        found = document.merged.get(root)
        known[name] = set() if found is None else set(found.fields)
    for use in document.uses("conversation"):
        for name, names in conversation_operations(use):
            known.setdefault(name, set()).update(names)
    roots = {name: document.types.get(root) for name, root in document.operation_types.items()}
    for added in steps(document):
        inherited = NAMES.intersection(added.names)
        if inherited and added.operation == "subscription":
            return "name", (
                "subscriptionToMutationsMap[subscriptionFieldName.fieldName].push is not a function"
            )
        if added.clash is not None:
            return added.clash
        root_type = roots.get(added.operation)
        if root_type is not None and (root_type.kind != "object" or root_type.name in NAMES):
            return "root", "Failure adding object extension"
        if added.of_list:
            return "list", UNREADABLE.format("value")
        there = known.setdefault(added.operation, set())
        for name in added.names:
            if name in there or name in inherited:
                root = document.operation_types.get(added.operation, _upper(added.operation))
                return "name", f"Object type extension '{root}' cannot redeclare field {name}"
        there.update(added.names)
    return None


MODEL.one_of(
    Phase.SCHEMA,
    _wrong,
    (
        "name",
        "schema.model.operation",
        "must not have two operations of a name, those that Amplify generates included",
        "type Query { getNote: ID } type Note @model { id: ID! }",
    ),
    (
        "connection",
        "schema.model.connection",
        "must not have anything but a type called as the type of a model's lists",
        "enum ModelNoteConnection { A } type Note @model { id: ID! }",
    ),
    (
        "input",
        "schema.model.junction",
        "must not have scalars or enums as the fields and, or and not of a model",
        "type Note @model { id: ID! and: Int }",
    ),
    (
        "list",
        "schema.model.list",
        "must not have lists as the fields id, createdAt and updatedAt of a model",
        "type Note @model { id: [ID] }",
    ),
    (
        "root",
        "schema.model.root",
        "must not have anything but a type as Query, Mutation and Subscription",
        "input Query { id: ID } type Note @model { id: ID! }",
    ),
)


@MODEL.during(
    Phase.RESOLVERS,
    "schema.model.resolver",
    "must not give two operations of a model one name, nor none in a list of them",
    example='type Note @model(queries: {get: "note", list: "note"}) { id: ID! }',
)
def resolver(document: Document) -> Found:
    for added in steps(document):
        seen: set[str] = set()
        for name in added.names:
            if not name:
                yield "fieldName is required"
            if name in seen:
                root = _upper(added.operation)
                yield f"A resolver for typeName {root} fieldName: {name} already exists"
            seen.add(name)
