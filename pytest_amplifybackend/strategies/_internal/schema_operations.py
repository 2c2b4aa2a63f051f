"""The fields of Query, Mutation and Subscription that drawn schemas have, and the types of those.

Each is valid by Amplify's transformer, and needs no more than the API. So @sql and @refersTo are
not among them, which need an SQL database, nor @aws_lambda, whose mode this API does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """A field, the definitions that it needs beside it, and the auth provider, if it needs one."""

    text: str
    beside: str = ""
    provider: str | None = None


SERVICE = {
    "apiKey": "@aws_api_key",
    "iam": "@aws_iam",
    "userPools": '@aws_cognito_user_pools(cognito_groups: ["Admins"])',
    "oidc": "@aws_oidc",
}
"""AppSync's own directives, by provider."""

OPERATIONS: Mapping[str, tuple[Operation, ...]] = {
    "Query": (
        Operation(
            "find(filter: Find!, limit: Int = 10): [{model}!]!",
            "input Find {{\n  words: [String!]\n  least: Float = 0.5\n}}",
        ),
        Operation('total: Int @function(name: "total-${{env}}"){auth}'),
        Operation(
            "write(about: String): String @generation(\n"
            '    aiModel: "anthropic.claude-3-haiku-20240307-v1:0", systemPrompt: "Write a line."\n'
            "  ){auth}"
        ),
        Operation("spoken: String @predictions(actions: [translateText, convertTextToSpeech])"),
        Operation("labels: [String] @predictions(actions: [identifyLabels])"),
        Operation(
            'found(word: String): [Found] @function(name: "find"){service}',
            "union Found = {model} | Page\n\ntype Page{service} {{\n  url: AWSURL\n}}",
        ),
        Operation('members: Int @aws_auth(cognito_groups: ["Admins"])', provider="userPools"),
    ),
    "Mutation": (
        Operation(
            'send(to: AWSEmail!): Sent @http(method: POST, url: "https://example.com/send"){auth}',
            "type Sent {{\n  ok: Boolean!\n}}",
        ),
        Operation(
            'store: String @function(name: "one") @function(name: "two", region: "eu-west-1")'
        ),
        Operation(
            'start: EventInvocationResponse @function(name: "start", invocationType: Event)',
            "type EventInvocationResponse {{\n  success: Boolean!\n}}",
        ),
        Operation(
            "talk(conversationId: ID!): AmplifyAIConversationMessage @conversation(\n"
            '    aiModel: "anthropic.claude-3-haiku-20240307-v1:0", systemPrompt: "Be kind.",\n'
            "    auth: {{strategy: owner, provider: userPools}}\n  ) @aws_cognito_user_pools",
            "interface AmplifyAIConversationMessage {{\n  id: ID!\n  conversationId: ID!\n}}",
            provider="userPools",
        ),
    ),
    "Subscription": (
        Operation('watched(id: ID!): {model} @aws_subscribe(mutations: ["watch"])'),
        Operation('sent: String @aws_subscribe(mutations: ["store"]){service}'),
    ),
}
"""By their type; ``{model}`` is a model, ``{auth}`` and ``{service}`` stand for directives."""


def blocks(root: str, operations: Iterable[Operation]) -> list[str]:
    """Return the type of operations, and what is beside it."""
    chosen = list(operations)
    if not chosen:
        return []
    fields = "".join(f"  {one.text}\n" for one in chosen)
    return [f"type {root} {{{{\n{fields}}}}}", *(one.beside for one in chosen if one.beside)]
