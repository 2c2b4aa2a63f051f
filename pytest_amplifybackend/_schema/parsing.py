"""graphql-core's parser, with the texts of graphql-js 15, which the transformer parses with.

Imports graphql, so it is imported where a schema is read and not before.
"""

from __future__ import annotations

import json
import re
from typing import Any

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    GraphQLError,
    NameNode,
    SelectionSetNode,
    TokenKind,
    VariableDefinitionNode,
)
from graphql.language.parser import Parser

from pytest_amplifybackend._schema.document import Document, document
from pytest_amplifybackend._schema.faults import UNREADABLE, Fault, located

SYNTAX = "schema.syntax"
DEPTH = "schema.depth"
_TOO_DEEP = "nested too deeply"


_DESCRIBED = frozenset(
    ("schema", "scalar", "type", "interface", "union", "enum", "input", "directive")
)


class _Parser(Parser):
    """Takes what graphql-js 15 takes.

    It reads ``true``, ``false`` and ``null`` as values of an enum. It knows no description of an
    extension, an operation or a variable, no empty selection, no directive on the definition of
    one, and no extension of that.
    """

    def parse_definition(self) -> DefinitionNode:
        if self.peek_description():
            keyword = self._lexer.lookahead()
            if keyword.kind is not TokenKind.NAME or keyword.value not in _DESCRIBED:
                raise self.unexpected(keyword)
        elif self.peek(TokenKind.NAME) and self._lexer.token.value == "extend":
            keyword = self._lexer.lookahead()
            if keyword.value == "directive":
                raise self.unexpected(keyword)
        return super().parse_definition()

    def parse_directive_definition(self) -> DirectiveDefinitionNode:
        start = self._lexer.token
        description = self.parse_description()
        self.expect_keyword("directive")
        self.expect_token(TokenKind.AT)
        name = self.parse_name()
        arguments = self.parse_argument_defs()
        repeatable = self.expect_optional_keyword("repeatable")
        self.expect_keyword("on")
        return DirectiveDefinitionNode(
            description=description,
            name=name,
            arguments=arguments,
            repeatable=repeatable,
            locations=self.parse_directive_locations(),
            loc=self.loc(start),
        )

    def parse_selection_set(self) -> SelectionSetNode:
        if self.peek(TokenKind.BRACE_L) and self._lexer.lookahead().kind is TokenKind.BRACE_R:
            self.expect_token(TokenKind.BRACE_L)
            self.expect_token(TokenKind.NAME)
        return super().parse_selection_set()

    def parse_variable_definition(self) -> VariableDefinitionNode:
        if self.peek_description():
            self.expect_token(TokenKind.DOLLAR)
        return super().parse_variable_definition()

    def parse_enum_value_name(self) -> NameNode:
        return self.parse_name()


def read(text: str) -> Document | Fault:
    """Parse a schema, or say why it does not parse."""
    try:
        return document(unlinked(_Parser(text).parse_document()))
    except GraphQLError as error:
        if _TOO_DEEP in error.message:
            return Fault(DEPTH, UNREADABLE)
        message = " ".join(said(error.message).split())
        if error.source is None or not error.positions:
            return Fault(SYNTAX, message)
        return Fault(SYNTAX, located(message, error.source, next(iter(error.positions))))
    except RecursionError:
        return Fault(DEPTH, UNREADABLE)


def unlinked(ast: Any) -> Any:
    """Unlink the tokens of a document from each other.

    Without such circles a document goes with the last reference to it; the garbage collector would
    hold up every thread, for seconds.
    """
    token = ast.loc.start_token if ast.loc else None
    while token is not None:
        following = token.next
        token.prev = token.next = None
        token = following
    return ast


_QUOTED = re.compile(r"'(\S+?)'(?=[.,;: ]|$)")
_CHARACTER = re.compile(r"(?P<what>Unexpected character|Invalid character): (?P<shown>.+)\.$")
_ESCAPE = re.compile(r"Invalid (Unicode|character) escape sequence: '(?P<escape>.+)'\.$")
_CODE = re.compile(r"U\+([0-9A-F]{4,})")


def said(message: str) -> str:
    """Return a syntax error of graphql-core in the words of graphql-js 15 (observed)."""
    if "Unexpected single quote character" in message:
        return message
    if "Unexpected variable" in message:
        return 'Syntax Error: Unexpected "$".'
    escape = _ESCAPE.search(message)
    if escape is not None:
        return f"Syntax Error: Invalid character escape sequence: {escape['escape'][:6]}."
    found = _CHARACTER.search(message)
    if found is None:
        return _QUOTED.sub(r'"\1"', _CODE.sub(lambda code: f'"\\u{code[1]}"', message))
    character = _character(found["shown"])
    if ord(character[0]) < 0x20:
        return f"Syntax Error: Cannot contain the invalid character {_coded(character)}."
    return f"Syntax Error: Cannot parse the unexpected character {_coded(character)}."


def _character(shown: str) -> str:
    code = _CODE.fullmatch(shown)
    return chr(int(code[1], 16)) if code else shown[1:-1]


def _coded(character: str) -> str:
    """Write a character as graphql-js does: its UTF-16 code unit, the first of two."""
    if " " <= character < "\x7f":
        return json.dumps(character)
    unit = character.encode("utf-16-be", "surrogatepass")[:2]
    return f'"\\u{unit.hex().upper()}"'
