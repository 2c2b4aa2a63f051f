"""Schemas that once took more than their share, or could: each a kind of text of any length."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping

Kind = Callable[[int], str]


def name(number: int) -> str:
    """The shortest names there are, no two the same, and none of them ``id``."""
    letters = string.ascii_letters.replace("d", "")
    made = letters[number % 51]
    while number := number // 51:
        made += letters[number % 51]
    return made


def repeated(unit: str, before: str = "", after: str = "") -> Kind:
    """``unit`` again and again: ``NAME`` in it is another name each time, ``NEXT`` the next one."""

    def text(length: int) -> str:
        parts, left, number = [], length - len(before) - len(after), 0
        while True:
            part = unit.replace("NAME", name(number)).replace("NEXT", name(number + 1))
            left -= len(part)
            if left < 0:
                return f"{before}{''.join(parts)}{after}"
            parts.append(part)
            number += 1

    return text


def joined(*kinds: Kind) -> Kind:
    """Each kind in an equal part of the text."""
    return lambda length: "".join(kind(length // len(kinds)) for kind in kinds)


def keyed(length: int) -> str:
    """The fields of a primary key."""
    names = [name(number) for number in range(length // 12)]
    keys = "".join(f'"{one}"' for one in names)
    return f"_:ID!@primaryKey(sortKeyFields:[{keys}])" + "".join(f" {one}:ID!" for one in names)


def sides(of_a: str, of_b: str, key: Kind = lambda length: "") -> Kind:
    """Two models with as many relations to each other; ``key`` makes fields of the second one."""

    def text(length: int) -> str:
        keys = key(length // 2)
        names = [name(number) for number in range((length - len(keys)) // len(of_a + of_b))]
        a, b = ("".join(side.replace("NAME", one) for one in names) for side in (of_a, of_b))
        return f"type A@model{{{a}}}type B@model{{{keys} {b}}}"

    return text


def nested(opened: str, inner: str, closed: str, before: str, after: str) -> Kind:
    return repeated(f"{opened * 60}{inner}{closed * 60} ", before, after)


chain = repeated("type mNAME0@model{a:[mNEXT0]@hasMany b:mNEXT0@hasOne} ")

ARGUMENT = "type A @a(b:"
RULES = "type A @auth(rules:"
FIELDS = "){c:Int}"
LINE = "    a\n"
QUOTED = r'\"""'

SDL: Mapping[str, Kind] = {
    "unknown types": repeated("type NAME { b: BNAME }\n"),
    "unknown members of a union": repeated("|NAME", "union U="),
    "unknown long names": lambda n: f"type A{'a' * (n // 2)} {{ b: A{'a' * (n // 2)}b }}",
    "similar long names": lambda n: (
        repeated(f"scalar {'a' * 130}NAME\n")(min(n, 25_000))
        + f"type Z {{ b: {'a' * 50}{'b' * 50} }}"
    ),
    "digits in names": lambda n: f"type A{'1' * (n // 2)} {{ a: A{'1' * (n // 2)}1 }}",
    "digits in numbers": lambda n: f"{RULES}{'9' * n}{FIELDS}",
    "many long numbers": repeated("9" * 400 + " ", f"{RULES}[", f"]{FIELDS}"),
    "exponents": repeated("1e999 ", f"{RULES}[", f"]{FIELDS}"),
    "types defined again": repeated("type A{b:Int}\n"),
    "fields defined again": repeated("a:Int ", "type A{", "}"),
    "enum values defined again": repeated("a ", "enum A{", "}"),
    "arguments defined again": repeated("a:Int ", "type A{b(", "):Int}"),
    "arguments given again": repeated("a:1 ", "type A @b(", FIELDS),
    "members given again": repeated("a:1 ", f"{ARGUMENT}{{", f"}}{FIELDS}"),
    "directives defined again": repeated("directive @a on OBJECT "),
    "an argument given again at the end": repeated("NAME:1 ", "type A @b(", "x:1 x:1){c:Int}"),
    "directives on a type": repeated("@a", "type A ", "{c:Int}"),
    "directives on a field": repeated("@auth(rules:{allow:public})", "type A{c:Int ", "}"),
    "known directives again": repeated('@deprecated(reason:"")', "type A{c:Int ", "}"),
    "unknown arguments": repeated("NAME:Int @deprecated(reaNAME:1) ", "type A{", "}"),
    "arguments of a directive": joined(
        repeated("NAME:Int ", "directive @d(", ") on OBJECT "),
        repeated("NAME:1000 ", "type A @d(", FIELDS),
    ),
    "an unknown argument among many": repeated(
        "NAME:Int ", "directive @d(", ") on OBJECT type A @d(aaaaaa:1){c:Int}"
    ),
    "rules": repeated("{allow:owner}", f"{RULES}[", f"]{FIELDS}"),
    "nested rules": nested("[", "", "]", f"{RULES}[", f"]{FIELDS}"),
    "nested objects": nested("{a:", "1", "}", f"{RULES}[", f"]{FIELDS}"),
    "nested lists": lambda n: repeated(f"NAME:{'[' * 60}Int{']' * 60} ", "type A{", "}")(n),
    "too deep a list": lambda n: f"type A {{ a: {'[' * n}",
    "too deep a value": lambda n: f"{ARGUMENT}{'{c:' * (n // 3)}",
    "lines in a block string": lambda n: f'"""{LINE * (n // len(LINE))}"""scalar A',
    "escapes in a block string": lambda n: f'"""{QUOTED * (n // 4)}"""scalar A',
    "one long string": lambda n: f'"{"a" * n}"scalar A',
    "escapes in a string": repeated(r"\n", '"', '"scalar A'),
    "code points in a string": repeated(r"\u{1F600}", '"', '"scalar A'),
    "many strings": repeated('"" ', f"{ARGUMENT}[", f"]{FIELDS}"),
    "many block strings": repeated('""""""scalar NAME '),
    "extensions of unknown types": repeated("extend type NAME{a:Int}\n"),
    "extensions of a known type": repeated("extend type A{NAME:Int}\n", "type A{_:Int}"),
    "members of a union": repeated("|A", "type A{a:Int} union U="),
    "interfaces of a type": repeated("&A", "interface A{a:Int} type B implements ", "{a:Int}"),
    "a cycle of interfaces": repeated("interface NAME implements NEXT{a:Int} "),
    "comments": repeated("#\n", after="scalar A"),
    "only comments": repeated("# nothing\n"),
    "carriage returns": lambda n: "\r" * n,
    "separators in a comment": lambda n: f"# {chr(0x2028) * n}\ntype A{{a:B}}",
    "byte order marks": lambda n: "\ufeff" * n,
    "surrogates": lambda n: f'"{chr(0xD800) * n}"scalar A',
    "pairs of surrogates": lambda n: f'"{(chr(0xD83D) + chr(0xDE00)) * (n // 2)}"scalar A',
    "an error at the end": lambda n: "\n" * n + "}",
    "empty types": repeated("type NAME "),
    "enum values": repeated("NAME ", "enum A{", "}"),
    "fields": repeated("NAME:A ", "type A{", "}"),
    "defaults": repeated("NAME:A={} ", "input A{", "}"),
    "arguments": repeated("NAME:Int ", "type A{a(", "):Int}"),
    "locations of a directive": repeated("|FIELD", "directive @a on "),
    "operations": repeated("query:A ", "type A{a:Int} schema{", "}"),
    "schemas": repeated("schema{query:A} ", "type A{a:Int} "),
    "global settings": repeated("input AMPLIFY{a:B} ", "type A{a:Int} "),
    "a query": repeated("a ", "{", "}"),
    "functions of a field": repeated(
        '@function(name:"f" invocationType:Event)',
        "type EventInvocationResponse{success:Boolean!}type Query{a:EventInvocationResponse ",
        "}",
    ),
}
"""What hits the parser and the rules for SDL."""

MODELS: Mapping[str, Kind] = {
    "models": repeated("type mNAME0@model "),
    "a chain of models": lambda n: chain(n) + f"type m{name(chain(n).count('@hasOne'))}0@model",
    "relations to one model": repeated("NAME:[B]@hasMany ", "type B@model{a:ID}type A@model{", "}"),
    "relations both ways": joined(
        repeated("NAME:[B]@hasMany ", "type A@model{", "}"),
        repeated("NAME:A@belongsTo ", "type B@model{", "}"),
    ),
    "relations of a model to itself": repeated(
        "aNAME:[A]@hasMany bNAME:A@belongsTo ", "type A@model{", "}"
    ),
    "relations by index": joined(
        repeated('NAME:[B]@hasMany(indexName:"byNAME" fields:"_")', "type A@model{_:ID ", "}"),
        repeated('xNAME:ID@index(name:"byNAME")', "type B@model{", "}"),
    ),
    "relations by the key that others use": joined(
        repeated('NAME:[B]@hasMany(fields:"_")', "type A@model{_:ID ", "}"),
        repeated('NAME:A@belongsTo(fields:["_"])', "type B@model{_:ID ", "}"),
    ),
    "models that are no relation": joined(
        repeated('NAME:[B]@hasMany(indexName:"byX" fields:"_")', "type A@model{_:ID ", "}"),
        repeated("NAME:A ", 'type B@model{_:ID@index(name:"byX")', "}"),
    ),
    "a long key in many relations": sides("_NAME:B@hasOne ", "", keyed),
    "relations by references": sides(
        'NAME:[B]@hasMany(references:"NAME")', 'NAME:ID _NAME:A@belongsTo(references:"NAME")'
    ),
    "many to many": sides(
        '_NAME:[B]@manyToMany(relationName:"rNAME")', '_NAME:[A]@manyToMany(relationName:"rNAME")'
    ),
    "a long key in many relations of many to many": sides(
        '_NAME:[B]@manyToMany(relationName:"rNAME")',
        '_NAME:[A]@manyToMany(relationName:"rNAME")',
        keyed,
    ),
    "a long name in many relations": lambda n: repeated(
        "NAME:[B]@hasMany ", f"type B@model{{a:ID}}type {'A' * (n // 2)}@model{{", "}"
    )(n),
    "sort keys": joined(
        repeated('"NAME"    ', "type A@model{_:ID@index(sortKeyFields:[", "])"),
        repeated("NAME:ID ", after="}"),
    ),
    "indexes of a field": repeated(
        '@index(name:"byNAME" queryField:null)', "type A@model{a:ID", "}"
    ),
    "extensions of a model": repeated("extend type A{_NAME:Int}", "type A@model{id:ID!}"),
    "operations": joined(
        repeated("NAME(a:I):[A] ", "type A@model{id:ID!}type Query{", "}"),
        repeated("NAME:Int ", "input I{", "}"),
    ),
    "defaults of inputs": repeated("NAME:I={} ", "type A@model{id:ID!}input I{", "}"),
    "defaults of enums": joined(
        repeated("NAME ", "type A@model{id:ID!}enum E{", "}"),
        repeated("NAME:E=NAME ", "input I{", "}"),
    ),
    "values that differ in case": repeated("NAME ", "type A@model{id:ID!}enum E{", "}"),
    "a long plural": lambda n: f"type {'huma' * (n // 4)}@model",
    "rules of a model": repeated(
        '{allow:owner ownerField:"NAME"}', "type A@model@auth(rules:[", "]){a:ID}"
    ),
    "rules of fields": repeated("NAME:ID@auth(rules:[{allow:owner}])", "type A@model{", "}"),
    "rules of a model and of fields": joined(
        repeated('{allow:groups groups:["NAME"]}', "type A@model@auth(rules:[", "])"),
        repeated("NAME:ID@auth(rules:[{allow:owner}])", "{", "}"),
    ),
    "relations between models with rules": repeated(
        "NAME:A@hasOne ", "type A@model@auth(rules:[{allow:owner}]){", "}"
    ),
    "fields of enums": repeated("NAME:E ", "enum E{A} type A@model{", "}"),
}
"""What hits the model generator."""
