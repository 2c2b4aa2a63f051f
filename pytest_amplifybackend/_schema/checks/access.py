"""@auth: the roles that its rules make, and what they may do with a model and its fields."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from pytest_amplifybackend._schema.checks.auth import AUTH, READ, AuthRule, operations, rules
from pytest_amplifybackend._schema.checks.keys import sort_keys
from pytest_amplifybackend._schema.checks.links import directive_of, links
from pytest_amplifybackend._schema.checks.searchable import aggregates, is_searched
from pytest_amplifybackend._schema.checks.shapes import listed
from pytest_amplifybackend._schema.checks.transformer import UNREADABLE, Found, Phase
from pytest_amplifybackend._schema.document import Document, Field, Type, Use
from pytest_amplifybackend._schema.inherited import NAMES

_READ = frozenset(READ)
_ALL = frozenset({"create", "update", "delete", *READ})
_PUBLIC = "@auth(rules: [{allow: public}])"


def roles(rule: AuthRule) -> Iterator[str]:
    """Yield the roles that a rule is for, as the transformer names them after the model's name."""
    given, provider = rule.given, rule.provider
    if rule.has_groups and not given.get("groupsField"):
        claim = given.get("groupClaim") or "cognito:groups"
        for group in rule.groups or ():
            yield f"{provider}:staticGroup:{'null' if group is None else group}:{claim}"
    elif provider in ("iam", "identityPool"):
        yield f"iam:{rule.allow}"
    elif rule.allow == "groups":
        claim = given.get("groupClaim") or "cognito:groups"
        yield f"{provider}:dynamicGroup:{given.get('groupsField')}:{claim}"
    elif rule.allow == "owner":
        claim = given.get("identityClaim") or "sub::username"
        yield f"{provider}:owner:{given.get('ownerField') or 'owner'}:{claim}"
    else:
        yield f"{provider}:{rule.allow}"


@AUTH.on_use(
    "schema.auth.repeated",
    "must not have two rules of a model for the same role",
    example="type A @model @auth(rules: [{allow: public}, {allow: public}]) { id: ID! }",
)
def repeated(use: Use) -> Found:
    seen = set()
    for rule in rules(use) if use.type.is_model else ():
        for role in roles(rule):
            yield from _known(operations(rule))
            if role in seen and use.field is None:
                name = use.type.name
                yield f"@auth {name}:{role} already exists for {name}"
            seen.add(role)


def _known(found: list[str] | str | None) -> Found:
    if isinstance(found, str):
        yield "input.operations.forEach is not a function"
    if found and None in found:
        yield "Operation: null does not exist in the ACM."
    if found and "read" in found:  # it was there twice
        yield "Operation: read does not exist in the ACM."


def _protected(document: Document) -> dict[str, Type]:
    """Return the models with rules by their names, in order."""
    return {use.type.name: use.type for use in document.uses("auth") if use.type.is_model}


def _protected_models(document: Document) -> Iterator[Type]:
    yield from _protected(document).values()


def _searches(model: Type) -> list[dict[str, str | None] | None]:
    """Return what a searchable model has as ``queries``, one of no names where it has nothing."""
    return [one.arguments.get("queries", {}) for one in model.marked("searchable")]


@AUTH.during(
    Phase.SCHEMA,
    "schema.auth.no-searches",
    "must not have null for the queries of @searchable in a model with rules",
    example=f"type A @model @searchable(queries: null) {_PUBLIC} {{ id: ID! }}",
    each=_protected_models,
)
def no_searches(model: Type) -> Found:
    if None in _searches(model):
        yield "Cannot read properties of null (reading 'search')"


@AUTH.during(
    Phase.SCHEMA,
    "schema.auth.subscriptions",
    "must have names of subscriptions in brackets in a model with rules",
    example=f'type A @model(subscriptions: {{onCreate: "a"}}) {_PUBLIC} {{ id: ID! }}',
    each=_protected_models,
)
def in_brackets(model: Type) -> Found:
    if not _subscribes(model):
        return
    settings = model.marked("model")[0].arguments
    for operation in _mutations(model):
        event = f"on{operation.capitalize()}"
        named = (settings.get("subscriptions") or {}).get(event)
        if named and isinstance(named, str):
            yield f"subscriptions.{event}.forEach is not a function"


@AUTH.during(
    Phase.SCHEMA,
    "schema.auth.aggregates",
    "must not have rules for models with @searchable alone that have no search",
    example=f"type A @model @searchable(queries: {{}}) {_PUBLIC} {{ id: ID! }}",
)
def aggregated(document: Document) -> Found:
    """Amplify adds the providers of all rules to the types of aggregates."""
    if not any(model.marked("searchable") for model in _protected_models(document)):
        return
    for name, is_generated in aggregates(document).items():
        found = document.types.get(name)
        if found is None and not is_generated:
            yield f"Cannot extend nonexistent type '{name}'."
        if found is not None and found.kind != "object":
            yield "Failure adding object extension"


def _subscribes(model: Type) -> bool:
    settings = model.marked("model")[0].arguments.get("subscriptions") or {}
    return (settings.get("level") or "on") == "on"


def _mutations(model: Type) -> list[str]:
    """Return the mutations that a model has."""
    settings = model.marked("model")[0].arguments.get("mutations", {})
    every = ("create", "update", "delete")
    return [] if settings is None else [one for one in every if settings.get(one, True)]


@dataclass(slots=True)
class _Access:
    """What each role may do with a model, and with its fields that have rules of their own."""

    model: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: dict[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    def who_may(self, operation: str, fields: Collection[str]) -> set[str]:
        """Return the roles that have an operation on at least one of the model's fields."""
        model = {} if len(self.fields) == len(fields) else self.model
        everywhere = (model, *self.fields.values())
        return {role for each in everywhere for role, may in each.items() if operation in may}


def _access(document: Document) -> dict[str, _Access]:
    found: dict[str, _Access] = {}
    for use in document.uses("auth"):
        if not use.type.is_model:
            continue
        access = found.setdefault(use.type.name, _Access())
        may = {role: _operations(rule) for rule in rules(use) for role in roles(rule)}
        if use.field is None:
            access.model = may
        else:
            access.fields[use.field.name] = may
    return found


def _operations(rule: AuthRule) -> frozenset[str]:
    some = operations(rule)
    return _ALL if some is None else frozenset(some)


@dataclass(frozen=True, slots=True)
class _Model:
    """A model with rules, in its document."""

    document: Document
    type: Type
    access: _Access
    protected: Collection[str]
    """The names of all models with rules."""


def _models(document: Document) -> Iterator[_Model]:
    found = _access(document)
    for name, access in found.items():
        yield _Model(document, document.types[name], access, found.keys())


@AUTH.during(
    Phase.RESOLVERS,
    "schema.auth.nameless-search",
    "must not have a search without a name in a model with rules",
    example=(
        f"type A @model @searchable(queries: {{search: null}}) {_PUBLIC} {{ id: ID! }} "
        "type B @model @searchable { id: ID! }"
    ),
    each=_models,
)
def nameless_search(model: _Model) -> Found:
    unnamed = [one for one in _searches(model.type) if one and not one.get("search", True)]
    unsearched = model.type.marked("searchable") and not is_searched(model.document)
    if unnamed or unsearched:
        yield UNREADABLE.format("addVtlFunctionToSlot")


@AUTH.during(
    Phase.RESOLVERS,
    "schema.auth.key-size",
    "must have fields of a relation between models with rules in brackets, and sortKeyFields too",
    example=(
        f'type A @model {_PUBLIC} {{ bId: ID b: B @hasOne(fields: "bId") }} '
        f"type B @model {_PUBLIC} {{ id: ID! }}"
    ),
    each=_models,
)
def key_size(model: _Model) -> Found:
    for each in model.type.fields.values():
        directive = directive_of(each, ("hasOne", "belongsTo"))
        if directive is None:
            continue
        yield from _connected(model.document, each)
        if each.type in model.protected:
            fields = directive.arguments.get("fields", [])
            at = f"Invalid @{directive.name} on {model.type.name}:{each.name}."
            yield from _sized(model.document.types[each.type], fields, at)


def _connected(document: Document, each: Field) -> Found:
    """The transformer takes a model of such a name for a list of another model's items."""
    found = re.fullmatch("Model(.*)Connection", each.type)
    if found is not None and found[1] not in document.types:
        yield f"Could not find type: {found[1]}"


def _sized(related: Type, fields: list[str] | str | None, at: str) -> Found:
    """Names without brackets are counted by their letters."""
    more = sort_keys(related)
    if not isinstance(more, list):
        yield UNREADABLE.format("map")
    if fields is None:
        yield "Cannot read properties of null (reading 'length')"
    if isinstance(fields, str) and len(fields) != len(listed(more)) + 1:
        yield f"{at} Provided fields do not match the size of primary key(s) for {related.name}"


@AUTH.during(
    Phase.RESOLVERS,
    "schema.auth.required-fields",
    "must let each role that reads a model read its required fields",
    example=f"type A @model {{ id: ID! name: String {_PUBLIC} }}",
    each=_models,
)
def readable(model: _Model) -> Found:
    hidden = list(_hidden(model.type, model.access))
    if hidden and _subscribes(model.type):
        yield (
            "When using field-level authorization rules you need to add rules to all of the "
            "model's required fields with at least read permissions. "
            f'Found model "{model.type.name}" with required fields '
            f"{json.dumps(hidden, separators=(',', ':'))} missing field-level authorization "
            "rules.\n\nFor more information visit https://docs.amplify.aws/cli/graphql/"
            "authorization-rules/#field-level-authorization-rules"
        )


def _hidden(model: Type, access: _Access) -> Iterator[str]:
    """Yield the required fields that a role may not read, though it may read the model."""
    readers = access.who_may("get", model.fields)
    counts = Counter(role.partition(":")[0] for role in readers)
    for each in model.fields.values():
        is_connection = directive_of(each, ("hasMany", "manyToMany")) is not None
        if each.required and not is_connection:
            may = access.fields.get(each.name, access.model)
            if _is_kept_from_some(may, readers, counts):
                yield each.name


def _is_kept_from_some(
    may: Mapping[str, frozenset[str]], readers: set[str], counts: Counter[str]
) -> bool:
    asked = len(readers)
    open_to_all = set()
    for provider in ("userPools", "oidc"):
        role = f"{provider}:private"
        if role in readers and may.get(role, frozenset()) >= _READ:
            open_to_all.add(provider)  # then the provider's other roles are not asked about
            asked -= counts[provider] - 1
    allowed = sum(
        1
        for role, some in may.items()
        if role in readers
        and not _READ.isdisjoint(some)
        and (role.endswith(":private") or role.partition(":")[0] not in open_to_all)
    )
    return allowed < asked


@AUTH.during(
    Phase.RESOLVERS,
    "schema.auth.added-key",
    "must have sortKeyFields in brackets on a model with a relation that a writer of rules adds to",
    example=(
        'type A @model { id: ID! @primaryKey(sortKeyFields: "s") s: ID! b: [B] @hasMany } '
        f"type B @model {_PUBLIC} {{ id: ID! }}"
    ),
    each=_models,
)
def added_key(model: _Model) -> Found:
    """A role that writes a model may write the fields that relations add to it, by their keys."""
    if not _is_written(model):
        return
    found, name = links(model.document), model.type.name
    if name in found.below_unlisted or (name in found.unlisted and _adds(model)):
        yield UNREADABLE.format("map")


def _is_written(model: _Model) -> bool:
    writes = {"create": ("create",), "update": ("update", "delete"), "delete": ()}
    return any(
        model.access.who_may(operation, model.type.fields)
        for mutation in _mutations(model.type)
        for operation in writes[mutation]
    )


def _adds(model: _Model) -> bool:
    """Whether a relation of the model itself adds fields to it."""
    ways = links(model.document).ways
    return any(
        one.name == "hasOne"
        or (one.name == "belongsTo" and (each.type, model.type.name, ("hasOne",)) in ways)
        for each in model.type.fields.values()
        for one in each.directives
        if "fields" not in one.arguments
    )


@AUTH.during(
    Phase.RESOLVERS,
    "schema.auth.joined-key",
    "must have sortKeyFields in brackets on models with rules that a @manyToMany joins",
    example=(
        f'type A @model {_PUBLIC} {{ id: ID! @primaryKey(sortKeyFields: "s") s: ID! '
        'b: [B] @manyToMany(relationName: "R") } '
        'type B @model { a: [A] @manyToMany(relationName: "R") }'
    ),
)
def joined_key(document: Document) -> Found:
    protected = _protected(document)
    for uses in links(document).joins.values():
        if any(one.arguments["rules"] for use in uses for one in use.type.marked("auth")):
            for use in uses:
                if use.type.name in protected:
                    yield from _sized(use.type, [], "")


@AUTH.during(
    Phase.RESOLVERS,
    "schema.auth.inherited-name",
    "must not have rules in a type called as what every JavaScript object has",
    example=f"type constructor {{ a: ID {_PUBLIC} }}",
    each=AUTH.uses,
)
def inherited_name(use: Use) -> Found:
    if use.type.name in NAMES:
        yield UNREADABLE.format("directives")
