"""Generates what GetBackendAPIModels answers: a JavaScript schema and an introspection document.

Both are what ``amplify codegen models`` writes for a JavaScript project with the feature flags
of a new one (transformer 2, custom primary keys respected, timestamps added). The facts are the
generator's (observed: aws-amplify/amplify-codegen, packages/appsync-modelgen-plugin, its
appsync-json-metadata and appsync-model-introspection visitors; docs/evidence.md#models).

:func:`generate` is the one door. Beside plain models it knows enums, non-models, ``@auth``,
``@primaryKey``, ``@index``, ``@key`` and ``@hasMany``, ``@hasOne``, ``@belongsTo``. Not yet
generated, and left plain (the field keeps ``{"model": …}``, without an association):
``@manyToMany``, ``@connection``, ``references:``, and a ``@belongsTo`` that nothing answers. Not
yet generated either: the optional ``queries``, ``mutations``, ``subscriptions`` and ``inputs``.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Any

from pytest_amplifybackend._schema.document import Directive, Type
from pytest_amplifybackend._schema.faults import UNREADABLE, SchemaError
from pytest_amplifybackend._schema.schema import document, uncollected

CODEGEN_VERSION = "3.4.4"
"""The version every generated JavaScript schema names, whatever generated it (observed)."""

OPERATIONS = ["create", "update", "delete", "read"]
"""What an ``@auth`` rule without ``operations`` allows (documented)."""

MOST_IMPLIED = 1_000_000
"""In characters of SDL: what all foreign keys of a schema may come to.

Few relations to models with long composite keys imply any number of them. AppSync takes schemas
of up to 1 MB (documented, its quotas), in which each foreign key is a field of a type, of two
inputs and of two filters (assumed, from what the transformer writes).
"""

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

    Raises SchemaError (see :mod:`~pytest_amplifybackend._schema.schema`) when the schema does not
    check, or when its relations imply more than :data:`MOST_IMPLIED`. ``version`` in ``models`` is
    an MD5 of types, fields and relations, so it changes with them and not with an ``@auth`` rule;
    without relations it is the generator's own (observed).
    """
    made = _outcome(schema)
    if isinstance(made, str):
        raise SchemaError(made)
    return made


@functools.lru_cache(maxsize=4)  # what they keep may be 100 times as large as its schema
@uncollected()
def _outcome(schema: str) -> Artefacts | str:
    """Return the artefacts, or the sentence that says why there are none."""
    try:
        return _Generation(schema).artefacts()
    except SchemaError as error:
        return str(error)
    except RecursionError:
        return UNREADABLE


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

    @functools.cached_property
    def ends(self) -> _Ends:
        """What relations ask for, once the model is complete."""
        return _Ends.of(self)

    def marked(self, directive: str) -> list[tuple[_Field, _Json]]:
        """Return the fields that carry a directive, each with the directive's arguments."""
        return [
            (f, given) for f in self.fields.values() for n, given in f.directives if n == directive
        ]


@dataclass
class _Ends:
    """What the relations of other models ask of a model, found in one walk over its fields.

    ``keyed`` are the fields of its indexes by their names, None standing for the primary key.
    ``back`` are its ``@belongsTo`` fields by the model that they lead to and the first of their
    ``fields:``, "" standing for any; ``owners`` are its ``@hasMany`` and ``@hasOne`` fields by
    model. Where there are several the first counts.
    """

    keyed: dict[str | None, str] = field(default_factory=dict)
    back: dict[tuple[str, str], str] = field(default_factory=dict)
    owners: dict[str, _Field] = field(default_factory=dict)

    @classmethod
    def of(cls, model: _Type) -> _Ends:
        ends = cls()
        for one in model.fields.values():
            for name, given in one.directives:
                if name == "index" and given.get("name") is not None:
                    ends.keyed.setdefault(str(given["name"]), one.name)
                elif name == "primaryKey":
                    ends.keyed.setdefault(None, one.name)
                elif name == "belongsTo":
                    for first in ("", *_strings(given.get("fields"))[:1]):
                        ends.back.setdefault((one.type, first), one.name)
                elif name in ("hasMany", "hasOne"):
                    ends.owners.setdefault(one.type, one)
        return ends


class _Generation:
    """The types of one schema, by what the generator makes of them."""

    def __init__(self, schema: str) -> None:
        self.models: dict[str, _Type] = {}
        self.non_models: dict[str, _Type] = {}
        self.enums: dict[str, _Json] = {}
        self.left_out: set[str] = set()  # unions and interfaces; so are fields of theirs
        for name, given in document(schema).merged.items():
            if given.kind == "enum":
                self.enums[name] = {"name": name, "values": list(given.values)}
            elif given.kind in ("union", "interface"):
                self.left_out.add(name)
            elif given.kind == "object" and name not in _OPERATION_TYPES:
                one = _object_type(given)
                is_model = any(found == "model" for found, _ in one.directives)
                (self.models if is_model else self.non_models)[name] = one
        self._implied = 0
        for model, relation in self._relations():
            other = self.models[relation.type]
            self._spend(model, relation, other)
            _relate(model, relation, other)

    def _relations(self) -> list[tuple[_Type, _Field]]:
        """Complete every model, and return the fields that lead from one to another."""
        found = []
        for model in self.models.values():
            _complete(model)
            for one in [f for f in model.fields.values() if f.type in self.models]:
                if _RELATIONS.isdisjoint(name for name, _ in one.directives):
                    del model.fields[one.name]  # the generator drops it (observed)
                else:
                    found.append((model, one))
        return found

    def _spend(self, model: _Type, one: _Field, other: _Type) -> None:
        """Count the foreign keys of a relation before they are made."""
        keys = model.keys if _relation(one)[0] == "hasMany" else other.keys
        around = len(model.name) + len(one.name) + len("\n: ID!")
        self._implied += 5 * (len(keys) * around + sum(map(len, keys)))
        if self._implied > MOST_IMPLIED:
            raise SchemaError(
                f"The relations imply foreign keys of more than {MOST_IMPLIED:,} characters, "
                "and AppSync takes schemas of up to 1 MB."
            )

    def artefacts(self) -> Artefacts:
        models: _Json = {}
        keyed: _Json = {}
        margin = "\n" + 2 * _INDENT  # of a model in both texts; what they share is written once
        for name, model in self.models.items():
            shared = _members(self._model(model), margin)
            info = _members({"primaryKeyInfo": _primary_key_info(model)}, margin)
            models[name] = _Written(f"{{{shared}{margin}}}")
            keyed[name] = _Written(f"{{{shared},{info}{margin}}}")
        others = {
            "enums": self.enums,
            "nonModels": {name: self._shape(one) for name, one in self.non_models.items()},
        }
        version = {"codegenVersion": CODEGEN_VERSION, "version": self._version()}
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
        }
        if one.array_nullable is not None:
            shape["isArrayNullable"] = one.array_nullable
        if one.read_only:
            shape["isReadOnly"] = True
        if one.association is not None:
            shape["association"] = one.association
        return shape

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


def _object_type(given: Type) -> _Type:
    fields = {}
    for name, one in given.fields.items():
        fields[name] = _Field(name, *_unwrap(one.node.type))
        fields[name].directives.extend(_plain(one.directives))
    return _Type(given.name, list(_plain(given.directives)), fields)


def _plain(directives: Iterable[Directive]) -> Iterator[tuple[str, _Json]]:
    return ((one.name, one.arguments) for one in directives)


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


def _relation(one: _Field) -> tuple[str, _Json]:
    """Return the directive that makes a field a relation, and its arguments."""
    return next(found for found in one.directives if found[0] in _RELATIONS)


def _relate(model: _Type, one: _Field, other: _Type) -> None:
    """Give a relation its association, and both sides the keys that it implies (observed)."""
    kind, given = _relation(one)
    ends = other.ends
    if "references" in given:
        return
    if kind == "hasMany":
        index = given.get("indexName")
        if given.get("fields"):
            held_by = [_index_field(str(index) if index else None, ends, model)]
        else:
            held_by = [_foreign_key(model, one, key) for key in model.keys]
            other.add(*_key_fields(held_by, model, required=False))
        one.association = {"connectionType": "HAS_MANY", "associatedWith": held_by}
        if (model.name, "") not in ends.back and not index:
            key = {"name": f"gsi-{model.name}.{one.name}", "fields": held_by}
            other.attributes.append(_attribute("key", key))
    elif kind == "hasOne":
        targets = _strings(given.get("fields")) or [_foreign_key(model, one, k) for k in other.keys]
        model.add(*_key_fields(targets, other, required=one.required))
        names = {"associatedWith": other.keys, "targetNames": targets}
        one.association = {"connectionType": "HAS_ONE", **names}
    elif kind == "belongsTo" and model.name in ends.owners:
        owner = ends.owners[model.name]
        source = (other, owner) if owner.is_array else (model, one)
        targets = _strings(given.get("fields")) or [_foreign_key(*source, k) for k in other.keys]
        model.add(*_key_fields(targets, other, required=one.required))
        one.association = {"connectionType": "BELONGS_TO", "targetNames": targets}


def _index_field(index: str | None, ends: _Ends, model: _Type) -> str:
    """Find the field that a ``@hasMany(fields:)`` is held by: a ``@belongsTo`` if one uses it."""
    name = ends.keyed.get(index) or ends.back.get((model.name, "")) or "id"
    return ends.back.get((model.name, name), name)


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


_PLURALS = tuple(
    (re.compile(end, re.IGNORECASE), ending)
    for end, ending in (
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
)
"""What is kept of a name's end, and what is put after it; the first row that fits wins."""


def plural(name: str) -> str:
    """Return a model's plural as ``pluralName`` shows it: ``Category`` gives ``Categories``.

    The generator uses the ``pluralize`` package (observed). The table above agrees with it on
    the usual names of models; for a rarer irregular noun it may not (assumed).
    """
    found = ((end.search(name), ending) for end, ending in _PLURALS)
    kept, ending = next((match.end(1), ending) for match, ending in found if match)
    return name[:kept] + (ending.upper() if name[-1].isupper() else ending)


def _lower(word: str) -> str:
    return word[:1].lower() + word[1:]


def _upper(word: str) -> str:
    return word[:1].upper() + word[1:]


def _strings(value: Any) -> list[str]:
    """Return a list of names; a single one may stand without brackets (GraphQL coercion)."""
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one is not None]


_INDENT = "    "


class _Written(str):
    """A part of a text that is written already."""


def _text(value: Any, margin: str = "\n") -> str:
    """Return JSON; ``margin`` is what a line of it begins with, the end of the one before included.

    The same as ``json.dumps`` with ``indent=4`` gives, in a quarter of the time.
    """
    if isinstance(value, str):
        return value if isinstance(value, _Written) else encode_basestring(value)
    if isinstance(value, dict):
        return f"{{{_members(value, margin)}{margin}}}" if value else "{}"
    if isinstance(value, list):
        if not value:
            return "[]"
        deeper = margin + _INDENT
        return f"[{','.join([deeper + _text(one, deeper) for one in value])}{margin}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value)


def _members(value: _Json, margin: str) -> str:
    """Return what stands between the braces of an object."""
    deeper = margin + _INDENT
    written = [
        f"{deeper}{encode_basestring(key)}: {_text(one, deeper)}" for key, one in value.items()
    ]
    return ",".join(written)
