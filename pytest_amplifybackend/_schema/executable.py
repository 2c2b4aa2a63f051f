"""What is wrong with operations and fragments beside the definitions of a schema.

The transformer lets them through if they are right by the definitions (observed, its
validation.ts), as if a schema without queries had one, ``noop``. What they are right by is then
only what the schema says: a schema that defines no mutations has no rules for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_amplifybackend._schema.definitions import SCALARS, amplify_text
from pytest_amplifybackend._schema.document import Document
from pytest_amplifybackend._schema.walk import MOST_ERRORS, Error

_EXECUTABLE = frozenset({"operation_definition", "fragment_definition"})

LONGEST = 2_000
"""In characters: more of operations and fragments is refused, as comparing their fields with each
other takes time by the square of their number."""


def errors(document: Document) -> list[Error]:
    """Return the errors of operations and fragments; the rest of the document is sound."""
    nodes = [node for node in document.ast.definitions if node.kind in _EXECUTABLE]
    if not nodes:
        return []
    if sum(node.loc.end - node.loc.start for node in nodes) > LONGEST:
        return [_error("A schema has definitions only, no query or fragment.", nodes[0])]
    from graphql import DocumentNode, GraphQLError, build_ast_schema, parse, validate

    from pytest_amplifybackend._schema.parsing import said  # which imports graphql

    noop = "type Query { noop: String }" if _has_no_queries(document) else ""
    added = parse(f"{amplify_text()} {noop} {' '.join(f'scalar {one}' for one in SCALARS)}")
    own = [node for node in document.ast.definitions if node.kind not in _EXECUTABLE]
    try:
        schema = build_ast_schema(
            DocumentNode(definitions=(*added.definitions, *own)), assume_valid=True
        )
        found = validate(
            schema, DocumentNode(definitions=tuple(nodes)), _rules(), max_errors=MOST_ERRORS
        )
    except (GraphQLError, TypeError) as error:  # what graphql-core has no schema of
        return [_error(str(error), nodes[0])]
    told = [Error(_RULE, said(one.message), tuple(one.nodes or ())) for one in found]
    return [*_subscriptions(nodes), *told][:MOST_ERRORS]


_RULE = "schema.sdl.executable"


def _error(message: str, node: object) -> Error:
    return Error(_RULE, message, (node,))


def _has_no_queries(document: Document) -> bool:
    name = document.operation_types.get("query", "Query")
    return name not in document.types


def _rules() -> list[type]:
    """Return the rules of the transformer, but that for subscriptions: graphql-core's differs."""
    from graphql.validation import specified_rules

    others = ("KnownOperation", "SingleField", "DeferStream", "StreamDirective", "MaxIntrospection")
    return [one for one in specified_rules if not one.__name__.startswith(others)]


def _subscriptions(nodes: list[Any]) -> Iterator[Error]:
    """Yield an error for each subscription of more than a field, whatever the schema has."""
    for node in nodes:
        if node.kind != "operation_definition" or node.operation.value != "subscription":
            continue
        if len(node.selection_set.selections) > 1:
            what = f'Subscription "{node.name.value}"' if node.name else "Anonymous Subscription"
            yield _error(f"{what} must select only one top level field.", node)
