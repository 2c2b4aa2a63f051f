"""Schemas of relations, keys and auth rules, right and wrong, each determined by its number."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

_TYPES = ("String", "ID", "Int", "Float", "AWSDateTime", "AWSDate", "Boolean", "State", "Place")
_NAMES = ("Blog", "Post", "Hero", "Comment_Box", "person", "HTTPLog", "Child", "Box2", "Series")
_ALLOWED = {
    "public": ("apiKey", "iam"),
    "private": ("userPools", "iam", "oidc"),
    "owner": ("userPools", "oidc"),
    "groups": ("userPools", "oidc"),
}
_OPERATIONS = ("create", "read", "update", "delete", "get", "list", "sync", "listen", "search")
_MODES = ("API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT")


@dataclass
class _Model:
    name: str
    auth: str = ""
    fields: list[str] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    """Names and types of the primary key, then of its sort keys."""


class _Fuzzer:
    """Draws a schema; ``faults`` is how likely each decision goes wrong."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(number)
        self._faults = self._random.choice((0, 0, 0.04, 0.12))
        self._relations = 0

    def schema(self) -> str:
        random = self._random
        models = [_Model(name) for name in random.sample(_NAMES, random.choice((1, 2, 2, 2, 3)))]
        for model in models:
            model.auth = self._auth() if random.random() < 0.6 else ""
            self._key(model)
            self._plain_fields(model)
        for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
            self._relate(random.choice(models), random.choice(models))
        blocks = [self._block(model) for model in models]
        text = "\n".join(blocks)
        if "State" in text:
            blocks.append("enum State { NEW Old goneBy }")
        if "Place" in text:
            blocks.append("type Place { street: String! at: AWSDateTime }")
        random.shuffle(blocks)  # the order of types decides which of two errors is told
        return "\n".join(blocks) + "\n"

    def modes(self) -> Sequence[str]:
        """The auth modes: mostly all of them, the default one first."""
        number = 4 if self._random.random() < 0.95 else self._random.randint(1, 3)
        return self._random.sample(_MODES, number)

    def _wrong(self) -> bool:
        return self._random.random() < self._faults

    def _key(self, model: _Model) -> None:
        random = self._random
        kind = random.choice(("none", "id", "id", "own", "composite", "composite"))
        if kind in ("none", "id"):
            model.keys = [("id", "ID")]
            if kind == "id":
                model.fields.append("id: ID" if self._wrong() else "id: ID!")
            return
        name, type_ = random.choice((("id", "ID"), ("slug", "String"), ("code", "ID")))
        model.keys = [(name, type_)]
        sorts = [(f"s{at}", random.choice(_TYPES[:6])) for at in range(random.randint(1, 2))]
        if kind == "composite":
            model.keys += sorts
        given = ", ".join(f'"{one}"' for one, _ in model.keys[1:])
        if self._wrong():
            given += ', "nothing"'
        arguments = f"(sortKeyFields: [{given}])" if given else ""
        required = "" if self._wrong() else "!"
        model.fields.append(f"{name}: {type_}{required} @primaryKey{arguments}")
        model.fields += [
            f"{one}: {kind}{'' if self._wrong() else '!'}" for one, kind in model.keys[1:]
        ]

    def _plain_fields(self, model: _Model) -> None:
        random = self._random
        for at in range(random.randint(0, 3)):
            type_ = random.choice(_TYPES)
            text = f"f{at}: {random.choice((type_, type_ + '!', f'[{type_}]', f'[{type_}!]!'))}"
            if random.random() < 0.1 and (model.auth or self._wrong()):
                text += self._auth()
            model.fields.append(text)
        for at in range(random.choice((0, 0, 1, 2))):
            model.fields.append(self._indexed(model, at))

    def _indexed(self, model: _Model, at: int) -> str:
        random = self._random
        name = f"by{model.name}{0 if self._wrong() else at}"
        arguments = [f'name: "{name}"'] if random.random() < 0.7 else []
        if random.random() < 0.4:
            model.fields.append(f"k{at}: {random.choice(('String', 'Int', 'AWSDateTime'))}!")
            arguments.append(f'sortKeyFields: ["{"missing" if self._wrong() else f"k{at}"}"]')
        if random.random() < 0.4:
            query = "find" if self._wrong() else random.choice((f"find{model.name}{at}", name))
            arguments.append(f'queryField: "{query}"')
        given = f"({', '.join(arguments)})" if arguments else ""
        type_ = random.choice(_TYPES) if self._wrong() else random.choice(("String", "ID", "Int"))
        return f"i{at}: {type_}! @index{given}"

    def _relate(self, near: _Model, far: _Model) -> None:
        self._relations += 1
        kind = self._random.choice(("many", "many", "one", "one", "both", "both", "back"))
        if kind == "both" and (near is not far or self._wrong()):
            self._many_to_many(near, far)
        elif kind == "back" and self._faults:
            self._one_way(near, far, back=True, only_back=True)
        else:
            self._one_way(near, far, many=kind == "many", back=self._random.random() < 0.6)

    def _many_to_many(self, near: _Model, far: _Model) -> None:
        at, name = self._relations, self._random.choice(("Links", "nearFar"))
        relation = f'@manyToMany(relationName: "{name}{at}")'
        near.fields.append(f"m{at}: [{far.name}] {relation}")
        if not self._wrong():
            far.fields.append(f"n{at}: [{near.name}] {relation}")

    def _one_way(
        self, near: _Model, far: _Model, *, many: bool = False, back: bool, only_back: bool = False
    ) -> None:
        """A relation by an implied key, by ``fields:`` or by ``references:``, and the way back."""
        random, at = self._random, self._relations
        way = random.choice(("implied", "implied", "fields", "references"))
        there = back_arguments = ""
        held = [(f"r{at}{name}", kind) for name, kind in near.keys]
        names = ", ".join(f'"{name}"' for name, _ in held)
        own = ", ".join(f'"{name}"' for name, _ in near.keys)
        if self._wrong():
            held = held[1:] or [(f"r{at}other", "Int")]
        if way == "fields" and many:
            index = f"by{far.name}{at}"
            there = f'(indexName: "{"none" if self._wrong() else index}", fields: [{own}])'
            back_arguments = f"(fields: [{names}])"
            for number, (name, kind) in enumerate(held):
                sorts = ", ".join(f'"{other}"' for other, _ in held[1:])
                more = f", sortKeyFields: [{sorts}]" if sorts else ""
                mark = f' @index(name: "{index}"{more})' if number == 0 else ""
                far.fields.append(f"{name}: {kind}!{mark}")
        elif way == "fields":
            keys = [(f"q{at}{name}", kind) for name, kind in far.keys]
            if self._wrong():
                keys = [(name, "Boolean") for name, _ in keys]
            there = "(fields: [{}])".format(", ".join(f'"{name}"' for name, _ in keys))
            near.fields += [f"{name}: {kind}" for name, kind in keys]
        elif way == "references":
            there = back_arguments = f"(references: [{names}])"
            far.fields += [f"{name}: {kind}" for name, kind in held]
        type_ = f"[{far.name}]" if many is not self._wrong() else far.name
        if not only_back:
            directive = "hasMany" if many else "hasOne"
            near.fields.append(f"x{at}: {type_}{'!' if self._wrong() else ''} @{directive}{there}")
        if back:
            far.fields.append(f"y{at}: {near.name} @belongsTo{back_arguments}")

    def _block(self, model: _Model) -> str:
        if not self._faults or self._random.random() < 0.7:
            self._random.shuffle(model.fields)
        fields = "\n".join(f"  {one}" for one in model.fields or ["text: String"])
        mark = "" if self._wrong() else " @model"
        return f"type {model.name}{mark}{model.auth} {{\n{fields}\n}}"

    def _auth(self) -> str:
        allowed = self._random.sample([*_ALLOWED], self._random.choice((1, 1, 2, 3)))
        if self._wrong():
            allowed.append(allowed[0])
        return f" @auth(rules: [{', '.join(map(self._rule, allowed))}])"

    def _rule(self, allow: str) -> str:
        random = self._random
        members = [f"allow: {allow}"]
        if random.random() < 0.5:
            provider = random.choice(_ALLOWED[allow])
            members.append(f"provider: {'iam' if self._wrong() else provider}")
        if allow == "owner" and random.random() < 0.3:
            members.append(f'ownerField: "{random.choice(("writer", "owners", "f0"))}"')
        if allow == "owner" and random.random() < 0.2:
            members.append('identityClaim: "sub"')
        if allow == "groups":
            groups = ('groups: ["Admins", "Staff"]', 'groupsField: "teams"', 'groups: ["Admins"]')
            members += [] if self._wrong() else [random.choice(groups)]
        if random.random() < 0.4:
            known = _OPERATIONS if self._wrong() else _OPERATIONS[:4]
            chosen = random.sample(known, random.randint(0 if self._wrong() else 1, 3))
            members.append(f"operations: [{', '.join(chosen)}]")
        return f"{{{', '.join(members)}}}"


def fuzzed(number: int) -> tuple[str, Sequence[str]]:
    """The schema of a number, and the auth modes of its API."""
    fuzzer = _Fuzzer(number)
    return fuzzer.schema(), fuzzer.modes()
