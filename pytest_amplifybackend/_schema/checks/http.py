"""Checks of @http."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.transformer import Found, Transformer
from pytest_amplifybackend._schema.document import Use

HTTP = Transformer("http", "@aws-amplify/graphql-http-transformer 3.0.17")


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
