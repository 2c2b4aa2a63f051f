"""``version``: the MD5 that stands for the types, fields and relations of a schema."""

from __future__ import annotations

import hashlib
import json

from pytest_amplifybackend._schema.modelgen.types import RELATIONS, Directive, Field, Json, Types


def version(types: Types) -> str:
    """Return the generator's own version, in hexadecimal digits (observed).

    It changes with a type, a field and a relation, and not with an ``@auth`` rule or an enum.
    """
    digested = []
    for name, one in sorted({**types.models, **types.others}.items()):
        fields = [_field(each) for each in sorted(one.fields, key=lambda each: each.name)]
        digested.append({"name": name, "directives": [], "fields": fields})
    text = json.dumps(digested, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.md5(text.encode(errors="surrogatepass"), usedforsecurity=False)
    return digest.hexdigest()


def _field(one: Field) -> Json:
    digest = {
        "name": one.name,
        "directives": [_directive(each) for each in one.directives if each.name in RELATIONS],
        "type": one.type,
        "isNullable": not one.required,
        "isList": one.is_array,
    }
    return {**digest, "isListNullable": one.array_nullable} if one.is_array else digest


def _directive(one: Directive) -> Json:
    digest: Json = {"name": one.name, "arguments": one.arguments}
    return digest if one.field is None else {**digest, "fieldName": one.field}
