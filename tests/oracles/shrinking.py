"""The smallest schema that still shows something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from graphql import GraphQLError, Node, parse

ATTEMPTS = 400
"""How many schemas are tried; it takes a quarter of a minute."""

_OPTIONAL = ("definitions", "fields", "directives", "arguments", "values", "types", "interfaces")


def smallest(schema: str, shows: Callable[[str], bool]) -> str:
    """Take away definitions, fields, directives and arguments as long as the rest shows it too."""
    attempts = ATTEMPTS
    candidates = _smaller(schema)
    while attempts and (smaller := next(candidates, None)) is not None:
        attempts -= 1
        if shows(smaller):
            schema, candidates = smaller, _smaller(smaller)
    return schema


def _smaller(schema: str) -> Iterator[str]:
    """The schema without a part of it, the largest parts first; without a line if it is broken."""
    try:
        spans = sorted(_spans(parse(schema)), key=lambda span: span[0] - span[1])
    except GraphQLError:
        at = 0
        spans = []
        for line in schema.splitlines(keepends=True):
            spans.append((at, at + len(line)))
            at += len(line)
    return (schema[:start] + schema[end:].lstrip(", \n") for start, end in spans)


def _spans(node: Any) -> Iterator[tuple[int, int]]:
    for name in node.keys:
        value = getattr(node, name, None)
        for one in value if isinstance(value, (list, tuple)) else (value,):
            if not isinstance(one, Node):
                continue
            if name in _OPTIONAL and one.loc:
                yield one.loc.start, one.loc.end
            yield from _spans(one)
