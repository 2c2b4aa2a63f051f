"""graphql-core's parser and rules for SDL, with a bound on what a bad document can cost.

Imports graphql, so it is imported where a schema is read and not before. What is bounded here is
all that grew with the square of a document:

- "Did you mean": the edit distance between a wrong name and every name it may have been meant for;
- errors collected: one is told, so the first one ends the validation;
- the places of an error, each found by going through the text from its start;
- the arguments of a directive, looked up in a list.

The errors are graphql-core's own, which the transformer's are like: word for word the same, but
that beyond :data:`MOST_SUGGESTED` and :data:`LONGEST_SUGGESTED` nothing is suggested.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from typing import Any

from graphql import (
    SKIP,
    DirectiveDefinitionNode,
    DocumentNode,
    GraphQLError,
    ParallelVisitor,
    Source,
    introspection_types,
    is_type_definition_node,
    parse,
    specified_directives,
    specified_scalar_types,
    visit,
)
from graphql.language import SourceLocation
from graphql.language.ast import QUERY_DOCUMENT_KEYS
from graphql.validation import SDLValidationContext

# Rules of graphql-core for SDL; internal there, but the same from 3.2.0 on (a test holds their
# names), and the exact counterpart of what the transformer runs.
from graphql.validation.rules.known_argument_names import KnownArgumentNamesOnDirectivesRule
from graphql.validation.rules.known_directives import KnownDirectivesRule
from graphql.validation.rules.known_type_names import KnownTypeNamesRule
from graphql.validation.rules.possible_type_extensions import PossibleTypeExtensionsRule
from graphql.validation.specified_rules import specified_sdl_rules

MOST_SUGGESTED = 200
"""Among how many names of a document another one is suggested for a name that is unknown."""

LONGEST_SUGGESTED = 100
"""In characters: a longer name that is unknown has none suggested."""

_STANDARD_TYPES = frozenset({*specified_scalar_types, *introspection_types})


def read(text: str) -> DocumentNode:
    """Parse a document; raises GraphQLError for what is not one, RecursionError if it is deep.

    Its tokens are no longer linked to each other. Without such circles a document goes with the
    last reference to it; the garbage collector would hold up every thread, for seconds.
    """
    document = parse(_Source(text))
    token = document.loc.start_token if document.loc else None
    while token is not None:
        following = token.next
        token.prev = token.next = None
        token = following
    return document


def first_error(document: DocumentNode) -> GraphQLError | None:
    """Return the first error against the rules for SDL, None for a sound document.

    A directive that nothing defines is let through.
    """
    errors: list[GraphQLError] = []

    def end(error: GraphQLError) -> None:
        errors.append(error)  # not raised: its traceback would keep the document alive
        raise _Ended

    context = SDLValidationContext(document, None, end)
    rules = [rule(context) for rule in _RULES]
    visitor = ParallelVisitor(rules)
    with contextlib.suppress(_Ended):
        visit(document, visitor, _KEYS)
    for one in (context, visitor, *rules):
        vars(one).clear()  # visitors remember methods of theirs: a circle, see read()
    return errors[0] if errors else None


class _Ended(Exception):
    """The first error was found."""


class _Source(Source):
    """A text of which one place is looked up, the first: nothing else of an error is told.

    An argument that is given 100,000 times has an error with as many places.
    """

    _found: SourceLocation | None = None

    def get_location(self, position: int) -> SourceLocation:
        if self._found is None:
            self._found = super().get_location(position)
        return self._found


def _is_cheap(name: str, names: Collection[str]) -> bool:
    """Whether suggestions may be looked for: ``names`` are those that the document defines."""
    return len(name) <= LONGEST_SUGGESTED and len(names) <= MOST_SUGGESTED


def _types(document: DocumentNode) -> frozenset[str]:
    nodes: Any = filter(is_type_definition_node, document.definitions)
    return frozenset(node.name.value for node in nodes)


class _KnownTypeNames(KnownTypeNamesRule):
    def __init__(self, context: SDLValidationContext) -> None:
        super().__init__(context)
        self._defined = _types(context.document)

    def enter_named_type(self, node: Any, *args: Any) -> None:
        name = node.name.value
        if name in self._defined or name in _STANDARD_TYPES:
            return
        if _is_cheap(name, self._defined):
            super().enter_named_type(node, *args)
        else:
            self.report_error(GraphQLError(f"Unknown type '{name}'.", node))


class _PossibleTypeExtensions(PossibleTypeExtensionsRule):
    def __init__(self, context: SDLValidationContext) -> None:
        super().__init__(context)
        self._defined = _types(context.document)

    def check_extension(self, node: Any, *args: Any) -> None:
        name = node.name.value
        if name in self._defined or _is_cheap(name, self._defined):
            super().check_extension(node, *args)
        else:
            sentence = f"Cannot extend type '{name}' because it is not defined."
            self.report_error(GraphQLError(sentence, node.name))

    enter_scalar_type_extension = enter_object_type_extension = check_extension
    enter_interface_type_extension = enter_union_type_extension = check_extension
    enter_enum_type_extension = enter_input_object_type_extension = check_extension


class _KnownArgumentNames(KnownArgumentNamesOnDirectivesRule):
    def __init__(self, context: SDLValidationContext) -> None:
        super().__init__(context)
        self._defined = {one.name: frozenset(one.args) for one in specified_directives}
        for node in context.document.definitions:
            if isinstance(node, DirectiveDefinitionNode):
                names = frozenset(argument.name.value for argument in node.arguments or ())
                self._defined[node.name.value] = names

    def enter_directive(self, directive_node: Any, *args: Any) -> Any:
        directive = directive_node.name.value
        defined = self._defined.get(directive)
        if defined is None:
            return SKIP
        for node in directive_node.arguments or ():
            name = node.name.value
            if name in defined:
                continue
            if _is_cheap(name, defined):
                return super().enter_directive(directive_node, *args)
            sentence = f"Unknown argument '{name}' on directive '@{directive}'."
            self.report_error(GraphQLError(sentence, node))
        return SKIP


_BOUNDED: dict[Any, Any] = {
    KnownTypeNamesRule: _KnownTypeNames,
    PossibleTypeExtensionsRule: _PossibleTypeExtensions,
    KnownArgumentNamesOnDirectivesRule: _KnownArgumentNames,
}
_RULES = [
    _BOUNDED.get(rule, rule) for rule in specified_sdl_rules if rule is not KnownDirectivesRule
]
_KEYS = {
    kind: tuple(key for key in keys if key not in ("name", "description"))
    for kind, keys in QUERY_DOCUMENT_KEYS.items()
}
"""The nodes below a node that are visited: no rule looks at the others, which are half of all."""
