"""What drawn schemas are put together from, each part valid by Amplify's transformer.

``{0}`` stands for the name of a model, so that what it adds to Query is unique.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Provider = Literal["apiKey", "iam", "userPools", "oidc"]
PROVIDERS: tuple[Provider, ...] = get_args(Provider)
"""Auth providers of a schema, each with its mode of the API (docs/evidence.md#apis)."""

MODELS = ("Blog", "Post", "Comment", "Customer", "Order", "Hero")

FIELDS = (
    "title: String",
    "text: String!",
    "count: Int",
    "price: Float!",
    "done: Boolean",
    "day: AWSDate",
    "at: AWSDateTime!",
    "time: AWSTime",
    "stamp: AWSTimestamp",
    "mail: AWSEmail",
    "site: AWSURL",
    "data: AWSJSON",
    "phone: AWSPhone",
    "ip: AWSIPAddress",
    "tags: [String]",
    "scores: [Int!]!",
    'rank: Int @default(value: "3")',
    'label: String @default(value: "new") @validate(type: maxLength, value: "9")',
    'old: String @deprecated(reason: "use title")',
)
STATES = ("DRAFT", "PUBLISHED", "archived", "sentBack")

MODEL_ARGUMENTS = (
    "",
    "(timestamps: null)",
    '(timestamps: {{createdAt: "made", updatedAt: "changed"}})',
    "(subscriptions: {{level: public}})",
    "(queries: null, subscriptions: null)",
    '(queries: {{get: "one{0}", list: "all{0}"}}, mutations: {{create: "new{0}", delete: null}})',
)
MARKS = (
    *("", "", " @searchable"),
    ' @searchable(queries: {{search: "find{0}"}})',
    ' @mapsTo(name: "Old{0}")',
)
INDEXES = (
    "",
    "",
    'code: String! @index(name: "byCode", queryField: "{0}sByCode")',
    'code: String! @index(name: "byCode", sortKeyFields: ["on"])\n  on: AWSDate!',
    "code: ID @index",
    'code: Int! @index(name: "byCode") @index(name: "byOther", sortKeyFields: ["on"])\n  on: Int!',
    'code: ID @index(name: "byCode", projection: {{type: INCLUDE, nonKeyAttributes: ["id"]}})',
)

RULES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "apiKey": (("{allow: public}", "{allow: public, provider: apiKey, operations: [read]}"),),
    "iam": (
        ("{allow: private, provider: iam}", "{allow: private, provider: identityPool}"),
        ("{allow: public, provider: iam}", "{allow: public, provider: iam, operations: [get]}"),
    ),
    "userPools": (
        (
            "{allow: owner}",
            '{allow: owner, ownerField: "author", operations: [create, update, delete, read]}',
            '{allow: owner, identityClaim: "sub"}',
        ),
        ("{allow: private}", "{allow: private, operations: [create, list, sync]}"),
        ('{allow: groups, groups: ["Admins"]}', '{allow: groups, groups: ["Admins", "Staff"]}'),
        ('{allow: groups, groupsField: "teams"}',),
    ),
    "oidc": (
        ("{allow: owner, provider: oidc}",),
        ("{allow: private, provider: oidc}", "{allow: private, provider: oidc, operations: []}"),
        ('{allow: groups, provider: oidc, groups: ["Admins"], groupClaim: "roles"}',),
    ),
}
"""By provider the variants of each role: a role that two rules of a type have is refused."""

ON_OPERATIONS = {
    "apiKey": "{allow: public}",
    "iam": "{allow: private, provider: iam}",
    "userPools": "{allow: private}",
    "oidc": "{allow: private, provider: oidc}",
}
"""By provider a rule for a field of Query or Mutation, where no operations may be named."""

Key = tuple[tuple[str, str], ...]
"""Names and types: the primary key, then its sort keys."""

_ID: Key = (("id", "ID"),)
KEYS: tuple[tuple[str, Key], ...] = (
    ("", _ID),
    ("id: ID!", _ID),
    ("id: ID! @primaryKey", _ID),
    ("slug: String! @primaryKey", (("slug", "String"),)),
    (
        'id: ID! @primaryKey(sortKeyFields: ["createdOn"])\n  createdOn: AWSDateTime!',
        (*_ID, ("createdOn", "AWSDateTime")),
    ),
    (
        'shop: ID! @primaryKey(sortKeyFields: ["year", "number"])\n  year: Int!\n  number: String!',
        (("shop", "ID"), ("year", "Int"), ("number", "String")),
    ),
)


@dataclass
class Model:
    """A model as far as it is drawn."""

    name: str
    key: Key
    lines: list[str] = field(default_factory=list)
    joined: bool = False
    """Whether it is in a @manyToMany relation; with sort keys, @mapsTo is then refused."""
    referenced: bool = False
    """Whether it is in a @hasOne with references; with more relations, @mapsTo is then refused."""

    @property
    def lower(self) -> str:
        return self.name.lower()


# Relations: one model holds the other, with or without the way back


def _has_many(near: Model, far: Model) -> None:
    near.lines.append(f"{far.lower}s: [{far.name}] @hasMany")


def _has_many_back(near: Model, far: Model) -> None:
    near.lines.append(f"{far.lower}s: [{far.name}] @hasMany(limit: 50)")
    far.lines.append(f"{near.lower}: {near.name} @belongsTo")


def _has_one(near: Model, far: Model) -> None:
    near.lines.append(f"{far.lower}: {far.name} @hasOne")


def _has_one_back(near: Model, far: Model) -> None:
    _has_one(near, far)
    far.lines.append(f"{near.lower}: {near.name} @belongsTo")


def _has_one_by_fields(near: Model, far: Model) -> None:
    held = _held(near, far.key, far)
    near.lines.append(f"{far.lower}: {far.name} @hasOne(fields: [{held}])")


def _has_many_by_fields(near: Model, far: Model) -> None:
    index = f"by{near.name}"
    _index(far, near, index)
    near.lines[0] = near.lines[0] or "id: ID!"  # an implied one cannot be named
    own = _quoted(name for name, _ in near.key)
    near.lines.append(f'{far.lower}s: [{far.name}] @hasMany(indexName: "{index}", fields: [{own}])')


def _has_many_by_fields_back(near: Model, far: Model) -> None:
    _has_many_by_fields(near, far)
    held = _quoted(f"{near.lower}{name.capitalize()}" for name, _ in near.key)
    far.lines.append(f"{near.lower}: {near.name} @belongsTo(fields: [{held}])")


def _has_many_by_references(near: Model, far: Model) -> None:
    held = _held(far, near.key, near)
    near.lines.append(f"{far.lower}s: [{far.name}] @hasMany(references: [{held}])")
    far.lines.append(f"{near.lower}: {near.name} @belongsTo(references: [{held}])")


def _has_one_by_references(near: Model, far: Model) -> None:
    far.referenced = True
    held = _held(far, near.key, near)
    near.lines.append(f"{far.lower}: {far.name} @hasOne(references: [{held}])")
    far.lines.append(f"{near.lower}: {near.name} @belongsTo(references: [{held}])")


def _many_to_many(near: Model, far: Model) -> None:
    near.joined = far.joined = True
    relation = f'@manyToMany(relationName: "{near.name}{far.name}Links")'
    near.lines.append(f"{far.lower}s: [{far.name}] {relation}")
    far.lines.append(f"{near.lower}s: [{near.name}] {relation}")


def _held(holder: Model, key: Key, other: Model) -> str:
    """Give a model the fields of another's key, and return their names in quotes."""
    fields = [(f"{other.lower}{name.capitalize()}", kind) for name, kind in key]
    holder.lines += [f"{name}: {kind}" for name, kind in fields]
    return _quoted(name for name, _ in fields)


def _index(holder: Model, other: Model, index: str) -> None:
    """Give a model an index by another's key."""
    (first, kind), *rest = [(f"{other.lower}{name.capitalize()}", kind) for name, kind in other.key]
    sorts = f", sortKeyFields: [{_quoted(name for name, _ in rest)}]" if rest else ""
    holder.lines.append(f'{first}: {kind}! @index(name: "{index}"{sorts})')
    holder.lines += [f"{name}: {kind}!" for name, kind in rest]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


Relate = Callable[[Model, Model], None]

RELATIONS: tuple[Relate | None, ...] = (
    None,
    _has_many,
    _has_many_back,
    _has_one,
    _has_one_back,
    _has_one_by_fields,
    _has_many_by_fields,
    _has_many_by_fields_back,
    _has_many_by_references,
    _has_one_by_references,
    *(_many_to_many,) * 2,  # needs two models that both allow it, so it is rare
)
OF_ITSELF: tuple[Relate | None, ...] = (None, None, None, _has_many_back, _has_one_by_fields)


# Beside the models


EXTRAS: Mapping[str, str] = {
    "enum": "enum Status {{ {states} }}",
    "address": "type Address{service} {{\n  street: String\n  city: String!\n}}",
    "Query": "",
    "Mutation": "",
    "Subscription": "",
    "extension": "extend type {model} {{\n  added: [Int!]\n}}",
    "interface": "interface Named {{\n  name: String\n}}\n\nscalar Color\n\n"
    "type Person implements Named {{\n  name: String\n}}",
}
"""What may stand beside the models; ``{model}`` is the first of them, and ``{service}`` stands for
AppSync's own directives. The types of operations are put together from their fields."""
