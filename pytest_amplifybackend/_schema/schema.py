"""Reads an API's transform schema: whether it is sound, and which auth providers it asks for.

A transform schema is GraphQL SDL with Amplify's directives (``@model``, ``@auth``, …). The real
worker hands it to the Amplify GraphQL transformer, which parses it, adds AppSync's scalars and
runs GraphQL's rules for SDL documents over it (observed: amplify-category-api,
amplify-graphql-transformer-core, validation.ts). :func:`document` does the same with graphql-core,
with one difference: a directive it does not know is let through, since a project can bring its own.

``graphql`` is imported inside the functions: the import is slow, and few tests hold a schema.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import math
from dataclasses import dataclass
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

UNREADABLE = "The schema is nested too deeply to be read."


class SchemaError(ValueError):
    """A transform schema that the transformer would refuse; the message is one sentence.

    A syntax error names its place: "Syntax Error: Expected Name, found '}'. (line 3, column 1)".
    """


def check(text: str) -> None:
    """Return None when ``text`` is a sound transform schema; raise :class:`SchemaError` if not.

    Unsound is what does not parse (a blank text does not), holds a query instead of definitions,
    defines a name twice (a type, a field of a type, a value of an enum, an argument) or uses a
    type that nothing defines (observed, the transformer's own rules: see this module). Never
    raises anything else, whatever ``text`` holds, and takes time in proportion to its length.
    """
    _sound(text)


def auth_providers(text: str) -> frozenset[str]:
    """Return the auth providers that the ``@auth`` rules of a schema need, on types and fields.

    Gives a subset of ``apiKey``, ``iam``, ``userPools``, ``oidc`` and ``function``: what a rule
    names as ``provider``, or else the default of its ``allow`` (:data:`DEFAULT_PROVIDERS`,
    documented). Each must be one of the API's auth modes, or the deployment fails (observed,
    docs/evidence.md#apis). ``globalAuthRule`` asks for none: the CLI deploys it without an API key
    too (observed, CLI transform-graphql-schema-v2.ts). Raises :class:`SchemaError` as
    :func:`check` does.
    """
    return _sound(text).providers


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is kept of a schema that was read: why it is unsound, or which providers it needs."""

    fault: str | None
    providers: frozenset[str] = frozenset()


def _sound(text: str) -> _Verdict:
    verdict = _verdict(text)
    if verdict.fault is not None:
        raise SchemaError(verdict.fault)
    return verdict


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Let the garbage collector rest while a schema is read.

    It would find nothing: a document holds no garbage. But it looks again whenever the document
    has grown by a quarter, which takes as long as the reading, and holds up every thread.
    """
    enabled = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if enabled:
            gc.enable()


@functools.lru_cache(maxsize=32)  # the texts are kept, of up to 1 MB each, and no parsed document
@uncollected()
def _verdict(text: str) -> _Verdict:
    found = _examined(text)
    if isinstance(found, str):
        return _Verdict(found)
    return _Verdict(None, frozenset(_providers(found)))


def document(text: str) -> DocumentNode:
    """Return the parsed and checked schema without ``input AMPLIFY``; raise as :func:`check` does.

    ``input AMPLIFY { globalAuthRule: … }`` is the transformer's own setting, of a type that no
    schema defines; it is taken out before the rest is looked at (documented, Amplify docs,
    "Global authorization rule"). Nothing is remembered: a document takes 100 times the memory of
    its text.
    """
    found = _examined(text)
    if isinstance(found, str):
        raise SchemaError(found)
    return found


def _examined(text: str) -> DocumentNode | str:
    """Return the schema, or the sentence that says what is wrong with it."""
    from graphql import DocumentNode, ExecutableDefinitionNode, GraphQLError

    from pytest_amplifybackend._schema import sdl

    try:
        found = [
            node
            for node in sdl.read(text).definitions
            if getattr(getattr(node, "name", None), "value", None) != "AMPLIFY"
        ]
    except GraphQLError as error:
        return _sentence(error)
    except RecursionError:
        return UNREADABLE
    for node in found:
        if isinstance(node, ExecutableDefinitionNode):
            sentence = "A schema has definitions only, no query or fragment."
            return _sentence(GraphQLError(sentence, node))
    # The scalars go last, so that a clash is reported at the user's line.
    scalars = sdl.read(" ".join(f"scalar {name}" for name in APPSYNC_SCALARS)).definitions
    wrong = sdl.first_error(DocumentNode(definitions=(*found, *scalars)))
    return DocumentNode(definitions=tuple(found)) if wrong is None else _sentence(wrong)


def _providers(schema: DocumentNode) -> Iterator[str]:
    for node in schema.definitions:
        for owner in (node, *(getattr(node, "fields", None) or ())):
            for directive in getattr(owner, "directives", None) or ():
                if directive.name.value == "auth":
                    yield from _auth_providers(directive)


def _auth_providers(directive: DirectiveNode) -> Iterator[str]:
    """Yield the provider of each rule; a single one may stand without brackets (coercion)."""
    rules: Any
    for rules in (one.value for one in directive.arguments or () if one.name.value == "rules"):
        for rule in getattr(rules, "values", None) or [rules]:
            words = {
                member.name.value: getattr(member.value, "value", None)
                for member in getattr(rule, "fields", None) or ()
            }
            named = words.get("provider") or DEFAULT_PROVIDERS.get(str(words.get("allow")))
            if isinstance(named, str):
                yield PROVIDER_ALIASES.get(named, named)


def directives(nodes: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and arguments of each directive in ``nodes`` (an AST node's directives, or None).

    Arguments are plain JSON values, as written: enum values are strings, defaults are not added.
    """
    for node in nodes or ():
        yield node.name.value, _arguments(node)


def _arguments(node: DirectiveNode) -> dict[str, Any]:
    try:
        return {one.name.value: _plain(one.value) for one in node.arguments or ()}
    except RecursionError:
        raise SchemaError(UNREADABLE) from None


def _plain(node: Any) -> Any:
    if node.kind == "list_value":
        return [_plain(value) for value in node.values]
    if node.kind == "object_value":
        return {member.name.value: _plain(member.value) for member in node.fields}
    if node.kind in ("int_value", "float_value"):
        return _number(node)
    return None if node.kind == "null_value" else node.value


def _number(node: Any) -> int | float | None:
    """Return a number, or None for one that Python does not read, or JSON does not have."""
    try:
        if node.kind == "int_value":
            return int(node.value)
    except ValueError:  # more than 4,300 digits
        return None
    number = float(node.value)
    return number if math.isfinite(number) else None


def _sentence(error: Any) -> str:
    """Put a GraphQL error on one line, with its place when it has one."""
    message = " ".join(error.message.split())
    if not error.locations:
        return message
    place = error.locations[0]
    return f"{message} (line {place.line}, column {place.column})"
