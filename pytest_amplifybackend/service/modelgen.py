"""Generates what GetBackendAPIModels answers: a JavaScript schema and an introspection document.

Both are what ``amplify codegen models`` writes for a JavaScript project with the feature flags
of a new one (transformer 2, custom primary keys respected, timestamps added). The facts are the
generator's (observed: aws-amplify/amplify-codegen, packages/appsync-modelgen-plugin, its
appsync-json-metadata and appsync-model-introspection visitors; FACTS.md section 2.5).

:func:`generate` is the one door. Beside plain models it knows enums, non-models, ``@auth``,
``@primaryKey``, ``@index``, ``@key`` and ``@hasMany``, ``@hasOne``, ``@belongsTo``. Not yet
generated, and left plain (the field keeps ``{"model": …}``, without an association):
``@manyToMany``, ``@connection``, ``references:``, and a ``@belongsTo`` that nothing answers. Not
yet generated either: the optional ``queries``, ``mutations``, ``subscriptions`` and ``inputs``.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from pytest_amplifybackend.service.schema import UNREADABLE, SchemaError, directives, document

CODEGEN_VERSION = "3.4.4"
"""The version every generated JavaScript schema names, whatever generated it (observed)."""

OPERATIONS = ["create", "update", "delete", "read"]
"""What an ``@auth`` rule without ``operations`` allows (documented)."""

_OPERATION_TYPES = frozenset({"Query", "Mutation", "Subscription"})
_RELATIONS = frozenset({"hasOne", "hasMany", "belongsTo", "manyToMany", "connection"})

_Json = dict[str, Any]


@dataclass(frozen=True)
class Artefacts:
    """The two texts of a model generation, both indented by four spaces.

    ``models`` is JavaScript, ``export const schema = {…};``: cut before the first brace and rid
    of semicolons it is JSON, and clients read it so. ``introspection`` is JSON.
    """

    models: str
    introspection: str


def generate(schema: str) -> Artefacts:
    """Return the artefacts of a transform schema, always the same for the same text.

    Raises SchemaError (see :mod:`~pytest_amplifybackend.service.schema`) when the schema does not
    check. ``version`` in ``models`` is an MD5 of types, fields and relations, so it changes with
    them and not with an ``@auth`` rule; without relations it is the generator's own (observed).
    """
    try:
        return _Generation(schema).artefacts()
    except RecursionError:
        raise SchemaError(UNREADABLE) from None


@dataclass
class _Field:
    name: str
    type: str
    required: bool = False
    array_nullable: bool | None = None  # None for a field that is no array
    read_only: bool = False
    directives: list[tuple[str, _Json]] = field(default_factory=list)
    association: _Json | None = None

    @property
    def is_array(self) -> bool:
        return self.array_nullable is not None


@dataclass
class _Type:
    name: str
    directives: list[tuple[str, _Json]]
    fields: dict[str, _Field]
    attributes: list[_Json] = field(default_factory=list)
    keys: list[str] = field(default_factory=lambda: ["id"])  # the primary key, then its sort keys

    def add(self, *fields: _Field) -> None:
        """Add implied fields; one that the schema spells out stays as it is."""
        for one in fields:
            self.fields.setdefault(one.name, one)

    def marked(self, directive: str) -> list[tuple[_Field, _Json]]:
        """Return the fields that carry a directive, each with the directive's arguments."""
        return [
            (f, given) for f in self.fields.values() for n, given in f.directives if n == directive
        ]


class _Generation:
    """The types of one schema, by what the generator makes of them."""

    def __init__(self, schema: str) -> None:
        self.models: dict[str, _Type] = {}
        self.non_models: dict[str, _Type] = {}
        self.enums: dict[str, _Json] = {}
        self.left_out: set[str] = set()  # unions and interfaces; so are fields of theirs
        node: Any
        for node in document(schema).definitions:
            name = node.name.value if hasattr(node, "name") else ""
            if node.kind == "enum_type_definition":
                values = [value.name.value for value in node.values or ()]
                self.enums[name] = {"name": name, "values": values}
            elif node.kind in ("union_type_definition", "interface_type_definition"):
                self.left_out.add(name)
            elif node.kind == "object_type_definition" and name not in _OPERATION_TYPES:
                one = _object_type(node)
                is_model = any(found == "model" for found, _ in one.directives)
                (self.models if is_model else self.non_models)[name] = one
        for model in self.models.values():
            _complete(model)
        for model in self.models.values():
            for of_model in [f for f in model.fields.values() if f.type in self.models]:
                if _RELATIONS.isdisjoint(name for name, _ in of_model.directives):
                    del model.fields[of_model.name]  # the generator drops it (observed)
                else:
                    _relate(model, of_model, self.models[of_model.type])

    def artefacts(self) -> Artefacts:
        models = {name: self._model(model) for name, model in self.models.items()}
        others = {
            "enums": self.enums,
            "nonModels": {name: self._shape(one) for name, one in self.non_models.items()},
        }
        version = {"codegenVersion": CODEGEN_VERSION, "version": self._version()}
        keyed = {
            name: {**shape, "primaryKeyInfo": _primary_key_info(self.models[name])}
            for name, shape in models.items()
        }
        return Artefacts(
            models=f"export const schema = {_text({'models': models, **others, **version})};",
            introspection=_text({"version": 1, "models": keyed, **others}),
        )

    def _model(self, model: _Type) -> _Json:
        return {
            **self._shape(model),
            "syncable": True,
            "pluralName": plural(model.name),
            # auth comes last (observed)
            "attributes": sorted(model.attributes, key=lambda one: one["type"] == "auth"),
        }

    def _shape(self, owner: _Type) -> _Json:
        fields = [one for one in owner.fields.values() if one.type not in self.left_out]
        return {"name": owner.name, "fields": {one.name: self._field(one) for one in fields}}

    def _field(self, one: _Field) -> _Json:
        shape: _Json = {
            "name": one.name,
            "isArray": one.is_array,
            "type": self._type(one.type),
            "isRequired": one.required,
            "attributes": [],
            "isArrayNullable": one.array_nullable,
            "isReadOnly": one.read_only or None,
            "association": one.association,
        }
        return {key: value for key, value in shape.items() if value is not None}

    def _type(self, name: str) -> str | dict[str, str]:
        if name in self.enums:
            return {"enum": name}
        if name in self.non_models:
            return {"nonModel": name}
        return {"model": name} if name in self.models else name

    def _version(self) -> str:
        digested = []
        for name, one in sorted({**self.models, **self.non_models}.items()):
            fields = [_digest(one.fields[name]) for name in sorted(one.fields)]
            digested.append({"name": name, "directives": [], "fields": fields})
        text = json.dumps(digested, separators=(",", ":"), ensure_ascii=False)
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _digest(one: _Field) -> _Json:
    """Return what the version takes of a field; only an array has the last member."""
    digest = {
        "name": one.name,
        "directives": [{"name": n, "arguments": g} for n, g in one.directives if n in _RELATIONS],
        "type": one.type,
        "isNullable": not one.required,
        "isList": one.is_array,
    }
    return {**digest, "isListNullable": one.array_nullable} if one.is_array else digest


def _object_type(node: Any) -> _Type:
    fields = {}
    for given in node.fields or ():
        name = given.name.value
        fields[name] = _Field(name, *_unwrap(given.type))
        fields[name].directives.extend(directives(given.directives))
    return _Type(node.name.value, list(directives(node.directives)), fields)


def _unwrap(node: Any) -> tuple[str, bool, bool | None]:
    """Return a type's name, whether its innermost value is required, an array's nullability."""
    if node.kind == "named_type":
        return node.name.value, False, None
    name, required, nullable = _unwrap(node.type)
    if node.kind == "list_type":
        return name, required, True
    return (name, required, False) if node.type.kind == "list_type" else (name, True, nullable)


def _complete(model: _Type) -> None:
    """Give a model its key, its id, its timestamps and the attributes of its directives."""
    unnamed = [
        fields
        for name, key in model.directives
        if name == "key" and not key.get("name") and (fields := _strings(key.get("fields")))
    ]
    primary = model.marked("primaryKey")
    if primary:
        model.keys = [primary[0][0].name, *_strings(primary[0][1].get("sortKeyFields"))]
    elif unnamed:
        model.keys = unnamed[0]
    else:
        model.add(_Field("id", "ID"))
        model.fields["id"].required = True
    if "id" in model.fields:  # always first (observed)
        model.fields = {"id": model.fields["id"], **model.fields}
    timestamps = dict(model.directives)["model"].get("timestamps", {})
    if timestamps is not None:
        names = timestamps if isinstance(timestamps, dict) else {}
        for name in ("createdAt", "updatedAt"):
            model.add(_Field(str(names.get(name) or name), "AWSDateTime", read_only=True))

    model.attributes = [_attribute(name, arguments) for name, arguments in model.directives]
    if primary and not unnamed:
        model.attributes.append(_attribute("key", {"fields": model.keys}))
    for one, index in model.marked("index"):
        fields = [one.name, *_strings(index.get("sortKeyFields"))]
        name = index.get("name") or _index_name(model.name, fields)
        query = {"queryField": index["queryField"]} if "queryField" in index else {}
        model.attributes.append(_attribute("key", {"name": name, **query, "fields": fields}))


def _relate(model: _Type, one: _Field, other: _Type) -> None:
    """Give a relation its association, and both sides the keys that it implies (observed)."""
    kind, given = next(found for found in one.directives if found[0] in _RELATIONS)
    back = [(f, arguments) for f, arguments in other.marked("belongsTo") if f.type == model.name]
    if "references" in given:
        return
    if kind == "hasMany":
        if given.get("fields"):
            held_by = [_index_field(given.get("indexName"), other, back)]
        else:
            held_by = [_foreign_key(model, one, key) for key in model.keys]
            other.add(*_key_fields(held_by, model, required=False))
        one.association = {"connectionType": "HAS_MANY", "associatedWith": held_by}
        if not back and not given.get("indexName"):
            key = {"name": f"gsi-{model.name}.{one.name}", "fields": held_by}
            other.attributes.append(_attribute("key", key))
    elif kind == "hasOne":
        targets = _strings(given.get("fields")) or [_foreign_key(model, one, k) for k in other.keys]
        model.add(*_key_fields(targets, other, required=one.required))
        names = {"associatedWith": other.keys, "targetNames": targets}
        one.association = {"connectionType": "HAS_ONE", **names}
    elif kind == "belongsTo":
        ends = [f.name for end in ("hasMany", "hasOne") for f, _ in other.marked(end)]
        owners = [f for f in other.fields.values() if f.name in ends and f.type == model.name]
        if not owners:
            return
        source = (other, owners[0]) if owners[0].is_array else (model, one)
        targets = _strings(given.get("fields")) or [_foreign_key(*source, k) for k in other.keys]
        model.add(*_key_fields(targets, other, required=one.required))
        one.association = {"connectionType": "BELONGS_TO", "targetNames": targets}


def _index_field(index: str | None, other: _Type, back: list[tuple[_Field, _Json]]) -> str:
    """Find the field that a ``@hasMany(fields:)`` is held by: a ``@belongsTo`` if one uses it."""
    keyed = other.marked("index" if index else "primaryKey")
    found = [f.name for f, given in keyed if given.get("name") == index or not index]
    name = [*found, *(f.name for f, _ in back), "id"][0]
    return next((f.name for f, given in back if _strings(given.get("fields"))[:1] == [name]), name)


def _key_fields(names: list[str], keyed: _Type, *, required: bool) -> list[_Field]:
    """Make foreign keys of those names, each of the type of the key that it points at."""
    keys = [keyed.fields[key] for key in keyed.keys if key in keyed.fields]
    return [_Field(name, key.type, required) for name, key in zip(names, keys, strict=False)]


def _foreign_key(model: _Type, one: _Field, key: str) -> str:
    """``Blog``, ``posts``, ``id`` give ``blogPostsId``."""
    return _lower(model.name) + _upper(one.name) + _upper(key)


def _index_name(model: str, fields: list[str]) -> str:
    """``Order`` with ``status`` and ``date`` gives ``ordersByStatusAndDate`` (observed)."""
    return f"{_lower(plural(model))}By{'And'.join(map(_upper, fields))}"


def _primary_key_info(model: _Type) -> _Json:
    return {
        "isCustomPrimaryKey": model.keys != ["id"],
        "primaryKeyFieldName": model.keys[0],
        "sortKeyFieldNames": model.keys[1:],
    }


def _attribute(name: str, properties: _Json) -> _Json:
    if name == "auth":
        rules = properties.get("rules")
        rules = rules if isinstance(rules, list) else [rules]
        rules = [_rule(rule) for rule in rules if isinstance(rule, dict)]
        properties = {**properties, "rules": rules}
    return {"type": name, "properties": properties}


def _rule(rule: _Json) -> _Json:
    """Write out the defaults of an ``@auth`` rule, in the generator's order (observed)."""
    before: _Json = {}
    after: _Json = {}
    if rule.get("allow") == "owner":
        before = {"provider": "userPools", "ownerField": "owner"}
        claim = rule.get("identityClaim") or rule.get("identityField") or "username"
        after = {"identityClaim": "cognito:username" if claim == "username" else claim}
    elif rule.get("allow") == "groups":
        before = {"groupClaim": "cognito:groups", "provider": "userPools"}
        after = {} if rule.get("groups") else {"groupField": "groups"}
    operations = rule.get("operations") or rule.get("mutations") or OPERATIONS
    return {**before, **rule, **after, "operations": operations}


_PLURALS = (
    (r"(data|media|news|series|species|information|equipment|staff|software)$", ""),
    (r"(pe)rson$", "ople"),
    (r"(child)$", "ren"),
    (r"((?<!hu)m)[ae]n$", "en"),
    (r"(quiz)$", "zes"),
    (r"(ind|vert|append|matr)[ei]x$", "ices"),
    (r"(li|wi|kni|lea|loa|hal|shel)fe?$", "ves"),
    (r"([sx])is$", "es"),
    (r"(x|ch|sh|ss|zz|gas|alias|atlas|[^aou]us|campus)$", "es"),
    (r"([^aeiou])y$", "ies"),
    (r"(s|people|children)$", ""),
    (r"()$", "s"),
)
"""What is kept of a name's end, and what is put after it; the first row that fits wins."""


def plural(name: str) -> str:
    """Return a model's plural as ``pluralName`` shows it: ``Category`` gives ``Categories``.

    The generator uses the ``pluralize`` package (observed). The table above agrees with it on
    the usual names of models; for a rarer irregular noun it may not (assumed).
    """
    found = ((re.search(end, name, re.IGNORECASE), ending) for end, ending in _PLURALS)
    kept, ending = next((match.end(1), ending) for match, ending in found if match)
    return name[:kept] + (ending.upper() if name[-1].isupper() else ending)


def _lower(word: str) -> str:
    return word[:1].lower() + word[1:]


def _upper(word: str) -> str:
    return word[:1].upper() + word[1:]


def _strings(value: Any) -> list[str]:
    """Return a list of names; a single one may stand without brackets (GraphQL coercion)."""
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one is not None]


def _text(value: _Json) -> str:
    return json.dumps(value, indent=4, ensure_ascii=False)
