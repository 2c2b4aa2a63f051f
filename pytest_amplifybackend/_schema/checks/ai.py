"""Checks of @conversation and @generation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pytest_amplifybackend._schema.checks.shapes import listed, shown
from pytest_amplifybackend._schema.checks.transformer import Found, Phase, Transformer
from pytest_amplifybackend._schema.definitions import SCALARS
from pytest_amplifybackend._schema.document import Document, Use
from pytest_amplifybackend._schema.faults import UNREADABLE
from pytest_amplifybackend._schema.inherited import NAMES

CONVERSATION = Transformer("conversation", "@aws-amplify/graphql-conversation-transformer 1.1.16")
GENERATION = Transformer("generation", "@aws-amplify/graphql-generation-transformer 1.2.8")

_MESSAGE = "AmplifyAIConversationMessage"
_TOOL = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,63}")
_RANGES = (
    ("maxTokens", 1, None, "Minimum value of 1."),
    ("temperature", 0, 1, "Minimum value of 0. Maximum value of 1."),
    ("topP", 0, 1, "Minimum value of 0. Maximum value of 1."),
)
CHAT = """
interface AmplifyAIConversationMessage {{ id: ID! }}
type Mutation {{
  chat: AmplifyAIConversationMessage @conversation(
    aiModel: "m" systemPrompt: "p" auth: {{strategy: owner, provider: userPools}} {}
  )
}}"""
_GENERATE = 'type Query {{ say: String @generation(aiModel: "m" systemPrompt: "p" {}) }}'


def conversation_models(use: Use) -> tuple[str, str]:
    """Return the names of the models that Amplify makes: of conversations, of their messages."""
    name = _upper(use.at.name)
    return f"Conversation{name}", f"ConversationMessage{name}"


def conversation_operations(use: Use) -> Iterator[tuple[str, list[str]]]:
    """Yield what Amplify adds by itself to the types of mutations and of subscriptions."""
    name = _upper(use.at.name)
    kinds = ("createAssistantResponse", "createAssistantResponseStream")
    yield "mutation", [f"{kind}{name}" for kind in kinds]
    yield "subscription", [f"onCreateAssistantResponse{name}"]


def _upper(word: str) -> str:
    return word[:1].upper() + word[1:]


@GENERATION.on_use(
    "schema.generation.type",
    "must have generations on the fields of Query only",
    example=_GENERATE.format("").replace("type Query", "type Note"),
)
def generation_type(use: Use) -> Found:
    if use.type.name != "Query":
        yield "@generation directive must be used on Query field."


@CONVERSATION.on_use(
    "schema.conversation.type",
    "must have conversations on the fields of Mutation only",
    example=CHAT.format("").replace("type Mutation", "type Query"),
)
def conversation_type(use: Use) -> Found:
    if use.type.name != "Mutation":
        yield "@conversation directive must be used on Mutation field."


@CONVERSATION.on_use(
    "schema.conversation.result",
    "must have conversations that give a message of a conversation",
    example=CHAT.format("").replace("chat: AmplifyAIConversationMessage", "chat: String"),
)
def conversation_result(use: Use) -> Found:
    if use.field is not None and use.field.written != _MESSAGE:
        yield f"@conversation return type must be {_MESSAGE}"


@CONVERSATION.on_use(
    "schema.conversation.range",
    "must have settings of a conversation's model in their ranges",
    example=CHAT.format("inferenceConfiguration: {topP: 2}"),
)
@GENERATION.on_use(
    "schema.generation.range",
    "must have settings of a generation's model in their ranges",
    example=_GENERATE.format("inferenceConfiguration: {temperature: 2}"),
)
def in_range(use: Use) -> Found:
    given = use.arguments.get("inferenceConfiguration")
    for name, least, most, says in _RANGES:
        value = given.get(name, least) if isinstance(given, dict) else least
        number = 0 if value is None else value
        if number < least or (most is not None and number > most):
            yield (
                f"@{use.directive.name} directive {name} valid range: {says} "
                f"Provided: {shown(value)}"
            )


@CONVERSATION.on_use(
    "schema.conversation.handlers",
    "must have a function or a handler of a conversation, not both",
    example=CHAT.format('functionName: "f" handler: {functionName: "f" eventVersion: "1.0"}'),
)
def conversation_handlers(use: Use) -> Found:
    if use.arguments.get("handler") and use.arguments.get("functionName"):
        yield "'functionName' and 'handler' are mutually exclusive"


@CONVERSATION.on_use(
    "schema.conversation.event-version",
    "must have handlers of a conversation for events of version 1",
    example=CHAT.format('handler: {functionName: "f" eventVersion: "2.0"}'),
)
def conversation_event_version(use: Use) -> Found:
    handler = use.arguments.get("handler")
    if isinstance(handler, dict):
        version = str(handler.get("eventVersion"))
        first = re.search(r"\d+", version)
        if first is None or int(first[0][:9]) != 1:
            yield (
                "Unsupported custom conversation handler. Expected eventVersion to match 1.x, "
                f"received {version}"
            )


@CONVERSATION.on_use(
    "schema.conversation.tools",
    "must have the tools of a conversation in brackets",
    example=CHAT.format('tools: {name: "one" description: "d" queryName: "q"}'),
)
def conversation_tools(use: Use) -> Found:
    if isinstance(use.arguments.get("tools"), dict):
        yield "tools is not iterable"


@CONVERSATION.on_use(
    "schema.conversation.tool-name",
    "must have names of tools of 1 to 64 letters, digits and '_', the first a letter",
    example=CHAT.format('tools: [{name: "1st" description: "d" queryName: "q"}]'),
)
def conversation_tool_name(use: Use) -> Found:
    for tool in listed(use.arguments.get("tools")):
        if isinstance(tool, dict) and _TOOL.fullmatch(str(tool.get("name"))) is None:
            yield (
                "Tool name must be between 1 and 64 characters, start with a letter, and contain "
                f"only letters, numbers, and underscores. Found: {tool.get('name')}"
            )


@CONVERSATION.on_use(
    "schema.conversation.tool",
    "must have tools that are a query, or an operation of a model",
    example=CHAT.format('tools: [{name: "one" description: "d"}]'),
)
def conversation_tool(use: Use) -> Found:
    tools = [one for one in listed(use.arguments.get("tools")) if isinstance(one, dict)]
    wrong = [str(tool.get("name")) for tool in tools if not _is_tool(tool)]
    if wrong:
        yield (
            "Tool definitions must contain a modelName and modelOperation, or queryName. Invalid "
            f"tools: {', '.join(wrong)}"
        )


def _is_tool(tool: dict[str, Any]) -> bool:
    of_model = {"modelName", "modelOperation"} & tool.keys()
    return len(of_model) == (0 if "queryName" in tool else 2)


@GENERATION.during(
    Phase.RESOLVERS,
    "schema.generation.result",
    "must generate scalars, enums and types of them",
    example=_GENERATE.format("").replace("String", "Any") + "scalar Any",
)
def generation_result(document: Document) -> Found:
    for use in document.uses("generation"):
        text = None if use.field is None else _wrong_result(document, use.field.node.type, {})
        if text is not None:
            yield text


GENERATED = ("Boolean", "Int", "Float", "String", "ID", "AWSJSON")


def _wrong_result(document: Document, node: Any, seen: dict[str, bool]) -> str | None:
    """What the package says of a type that a model cannot generate, None for one that it can.

    ``seen`` are the types on the way there (False) and those that were looked at (True).
    """
    name = node
    while name.kind != "named_type":
        name = name.type
    name = name.name.value
    if _has_required(node) and name in SCALARS and name not in GENERATED:
        return (
            f"Disallowed required field type {name} without a default value.\n      Use one of the "
            f"supported scalar types for generation routes: [{', '.join(GENERATED)}]"
        )
    found = document.types.get(name)
    if found is None or found.kind == "enum" or name in NAMES or seen.get(name):
        return None
    if found.kind != "object":
        kind = "InputObject" if found.kind == "input" else found.kind.capitalize()
        return f"Unsupported type definition: {kind}TypeDefinition"
    if name in seen:
        return UNREADABLE
    seen[name] = False
    texts = (_wrong_result(document, one.node.type, seen) for one in found.fields.values())
    text = next((one for one in texts if one is not None), None)
    seen[name] = True
    return text


def _has_required(node: Any) -> bool:
    while node.kind == "list_type":
        node = node.type
    return bool(node.kind == "non_null_type")
