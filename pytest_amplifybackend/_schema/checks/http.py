"""Checks of @http."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pytest_amplifybackend._schema.checks.shapes import KNOWN_SCALARS, listed
from pytest_amplifybackend._schema.checks.transformer import UNREADABLE, Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Use
from pytest_amplifybackend._schema.inherited import NAMES

HTTP = Transformer("http", "@aws-amplify/graphql-http-transformer 3.0.23")


@HTTP.on_use(
    "schema.http.url",
    "must have URLs of @http that begin with http:// or https://",
    example='type Query { weather: String @http(url: "www.example.com/weather") }',
)
def url(use: Use) -> Found:
    if not str(use.arguments.get("url")).startswith(("http://", "https://")):
        yield (
            f"@http directive at location {use.directive.node.loc.start} requires a url parameter "
            "that begins with http:// or https://."
        )


@HTTP.on_use(
    "schema.http.input",
    "must not define an input that Amplify generates for @http",
    example="""
    input QueryWeatherParamsInput { at: String }
    type Query { weather: String @http(url: "https://example.com/:at") }""",
)
def generated_input(use: Use) -> Found:
    for name in _inputs(use):
        if name in use.document.types:
            yield f"Conflicting input type '{name}' found."


@HTTP.on_use(
    "schema.http.inherited-name",
    "must not have parameters in a path of @http in a type called as what every JavaScript "
    "object has",
    example='type constructor { at: String @http(url: "https://example.com/:at") }',
)
def inherited_name(use: Use) -> Found:
    if use.type.name in NAMES and _in_path(use):
        yield UNREADABLE.format("filter")


def _in_path(use: Use) -> list[str]:
    """Return the names of the parameters in a path."""
    _, _, path = str(use.arguments["url"]).partition("://")[2].partition("/")
    return re.findall(r":(\w+)", path, re.ASCII)


def _inputs(use: Use) -> Iterator[str]:
    """Yield the inputs for the parameters in a path, for the query and for the body."""
    if use.field is None:
        return
    names = use.type.name, use.field.name
    prefix = "".join(name[:1].upper() + name[1:] for name in names)
    in_path = _in_path(use)
    arguments = use.field.node.arguments or ()
    if in_path:
        yield f"{prefix}ParamsInput"
        arguments = [one for one in arguments if _is_in_query(one, in_path)]
    if arguments:
        yield f"{prefix}QueryInput"
        if use.arguments.get("method") in ("POST", "PUT", "PATCH"):
            yield f"{prefix}BodyInput"


def _is_in_query(argument: Any, in_path: list[str]) -> bool:
    node = argument.type
    while node.kind != "named_type":
        node = node.type
    return node.name.value in KNOWN_SCALARS and argument.name.value not in in_path


@HTTP.during(
    Phase.RESOLVERS,
    "schema.http.header",
    "must not have null among the headers of @http",
    example='type Query { weather: String @http(url: "https://example.com", headers: [null]) }',
    each=HTTP.uses,
)
def header(use: Use) -> Found:
    if None in listed(use.arguments.get("headers")):
        yield "Cannot read properties of null (reading 'key')"
