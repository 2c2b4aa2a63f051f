"""Reads an API's transform schema: whether it is sound, and which auth providers it asks for.

A transform schema is GraphQL SDL with Amplify's directives (``@model``, ``@auth``, …). The real
worker hands it to the Amplify GraphQL transformer, which parses it, adds AppSync's scalars and
runs GraphQL's rules for SDL documents over it (observed: amplify-category-api,
amplify-graphql-transformer-core, validation.ts). :func:`document` does the same with graphql-core,
with one difference: a directive it does not know is let through, since a project can bring its own.

``graphql`` is imported inside the functions: the import is slow, and few tests hold a schema.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import DirectiveNode, DocumentNode

APPSYNC_SCALARS = (
    "AWSDate",
    "AWSTime",
    "AWSDateTime",
    "AWSTimestamp",
    "AWSEmail",
    "AWSJSON",
    "AWSURL",
    "AWSPhone",
    "AWSIPAddress",
    "BigInt",
    "Double",
)
"""What a schema may use without defining it, besides GraphQL's own five scalars.

The AWS scalars are documented (AppSync); the transformer adds the last two (observed,
validation.ts).
"""

DEFAULT_PROVIDERS = {
    "public": "apiKey",
    "private": "userPools",
    "owner": "userPools",
    "groups": "userPools",
    "custom": "function",
}
"""The provider of an ``@auth`` rule that names none, by its ``allow`` (documented, Amplify docs,
"Customize authorization rules")."""

PROVIDER_ALIASES = {"identityPool": "iam"}
"""Newer spellings: for both the transformer wants the IAM mode (observed, its validations.ts)."""

UNREADABLE = "The schema is nested too deeply, or a name in it is too long, to be read."


class SchemaError(ValueError):
    """A transform schema that the transformer would refuse; the message is one sentence.

    A syntax error names its place: "Syntax Error: Expected Name, found '}'. (line 3, column 1)".
    """


def check(text: str) -> None:
    """Return None when ``text`` is a sound transform schema; raise :class:`SchemaError` if not.

    Unsound is what does not parse (a blank text does not), holds a query instead of definitions,
    defines a name twice (a type, a field of a type, a value of an enum, an argument) or uses a
    type that nothing defines (observed, the transformer's own rules: see this module). Never
    raises anything else, whatever ``text`` holds.
    """
    document(text)


def document(text: str) -> DocumentNode:
    """Return the parsed and checked schema without ``input AMPLIFY``; raise as :func:`check` does.

    ``input AMPLIFY { globalAuthRule: … }`` is the transformer's own setting, of a type that no
    schema defines; it is taken out before the rest is looked at (documented, Amplify docs,
    "Global authorization rule").
    """
    from graphql import DocumentNode, ExecutableDefinitionNode, GraphQLError, parse

    # Rules of graphql-core for SDL; internal there, but stable from 3.2 on, and the exact
    # counterpart of what the transformer runs.
    from graphql.validation.rules.known_directives import KnownDirectivesRule
    from graphql.validation.specified_rules import specified_sdl_rules
    from graphql.validation.validate import validate_sdl

    try:
        found = [
            node
            for node in parse(text).definitions
            if getattr(getattr(node, "name", None), "value", None) != "AMPLIFY"
        ]
        for node in found:
            if isinstance(node, ExecutableDefinitionNode):
                raise GraphQLError("A schema has definitions only, no query or fragment.", node)
        # The scalars go last, so that a clash is reported at the user's line.
        scalars = parse(" ".join(f"scalar {name}" for name in APPSYNC_SCALARS)).definitions
        errors = validate_sdl(
            DocumentNode(definitions=(*found, *scalars)),
            rules=[rule for rule in specified_sdl_rules if rule is not KnownDirectivesRule],
        )
        if errors:
            raise errors[0]
    except GraphQLError as error:
        raise SchemaError(_sentence(error)) from None
    except (RecursionError, ValueError):
        # ValueError: graphql-core, looking for a similar name, reads a name's digits as a number.
        raise SchemaError(UNREADABLE) from None
    return DocumentNode(definitions=tuple(found))


def auth_providers(text: str) -> frozenset[str]:
    """Return the auth providers that the ``@auth`` rules of a schema need, on types and fields.

    Gives a subset of ``apiKey``, ``iam``, ``userPools``, ``oidc`` and ``function``: what a rule
    names as ``provider``, or else the default of its ``allow`` (:data:`DEFAULT_PROVIDERS`,
    documented). Each must be one of the API's auth modes, or the deployment fails (observed,
    FACTS.md section 3.3). ``globalAuthRule`` asks for none: the CLI deploys it without an API key
    too (observed, CLI transform-graphql-schema-v2.ts). Raises :class:`SchemaError` as
    :func:`check` does.
    """
    providers: set[str] = set()
    for node in document(text).definitions:
        for owner in (node, *(getattr(node, "fields", None) or ())):
            for name, arguments in directives(getattr(owner, "directives", None)):
                if name == "auth":
                    providers.update(_rule_providers(arguments.get("rules")))
    return frozenset(providers)


def directives(nodes: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and arguments of each directive in ``nodes`` (an AST node's directives, or None).

    Arguments are plain JSON values, as written: enum values are strings, defaults are not added.
    """
    for node in nodes or ():
        yield node.name.value, _arguments(node)


def _arguments(node: DirectiveNode) -> dict[str, Any]:
    from graphql import value_from_ast_untyped

    try:
        given = node.arguments or ()
        plain = {item.name.value: value_from_ast_untyped(item.value) for item in given}
        # A number that is too large comes out as NaN or infinity, which JSON does not have.
        values: dict[str, Any] = json.loads(json.dumps(plain), parse_constant=lambda _: None)
    except RecursionError:
        raise SchemaError(UNREADABLE) from None
    return values


def _rule_providers(rules: Any) -> Iterator[str]:
    """Yield the provider of each rule; a single one may stand without brackets (coercion)."""
    for rule in rules if isinstance(rules, list) else [rules]:
        if isinstance(rule, dict):
            named = rule.get("provider") or DEFAULT_PROVIDERS.get(str(rule.get("allow")))
            if isinstance(named, str):
                yield PROVIDER_ALIASES.get(named, named)


def _sentence(error: Any) -> str:
    """Put a GraphQL error on one line, with its place when it has one."""
    message = " ".join(error.message.split())
    if not error.locations:
        return message
    place = error.locations[0]
    return f"{message} (line {place.line}, column {place.column})"
