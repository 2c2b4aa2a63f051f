"""Checks of what Amplify makes for a @conversation, and of the queries that are its tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_amplifybackend._schema import faults
from pytest_amplifybackend._schema.checks.ai import (
    CHAT,
    CONVERSATION,
    GENERATED,
    conversation_models,
    conversation_operations,
)
from pytest_amplifybackend._schema.checks.auth import unconfigured
from pytest_amplifybackend._schema.checks.index import plural
from pytest_amplifybackend._schema.checks.keys import partition, sort_keys
from pytest_amplifybackend._schema.checks.model import Added, steps
from pytest_amplifybackend._schema.checks.shapes import KNOWN_SCALARS, listed, shown
from pytest_amplifybackend._schema.checks.transformer import UNREADABLE, Found, Phase
from pytest_amplifybackend._schema.definitions import SCALARS
from pytest_amplifybackend._schema.document import Document, Use
from pytest_amplifybackend._schema.inherited import NAMES

_ERRORS = "AmplifyAIConversationTurnErrorInput"
"""The input that Amplify makes once for all conversations."""


def _prepared(document: Document) -> Iterator[str | None]:
    """Yield the text of what stands in the way of each conversation, None if nothing does."""
    types = set(document.types)
    fields: dict[str, set[str]] = {}
    for operation, root in document.operation_types.items():
        found = document.merged.get(root)
        fields[operation] = set() if found is None else set(found.fields)
    for number, use in enumerate(document.uses("conversation")):
        yield next(_conflicts(use, types, fields, first=number == 0), None)


def _conflicts(
    use: Use, types: set[str], fields: dict[str, set[str]], *, first: bool
) -> Iterator[str]:
    models = conversation_models(use)
    kinds = ("AssistantInput", "AssistantStreamingInput")
    inputs = [_ERRORS] if first else []
    for name in [*inputs, *(f"Create{models[1]}{kind}" for kind in kinds)]:
        if name in types:
            yield f"Conflicting input type '{name}' found."
        types.add(name)
    for operation, names in conversation_operations(use):
        root = use.document.operation_types.get(operation, operation.capitalize())
        found = use.document.types.get(root)
        if found is not None and found.kind != "object":
            yield "Failure adding object extension"
        for name in names:
            if name in fields.setdefault(operation, set()):
                yield f"Object type extension '{root}' cannot redeclare field {name}"
        fields[operation].update(names)
    for name in models:
        if name in types:
            yield f"Conflicting type '{name}' found."
        types.add(name)


@CONVERSATION.during(
    Phase.PREPARE,
    "schema.conversation.generated",
    "must not define what Amplify generates for a conversation",
    example=CHAT.format("") + " type ConversationChat { id: ID! }",
    each=_prepared,
)
def generated(conflict: str | None) -> Found:
    if conflict is not None:
        yield conflict


@CONVERSATION.during(
    Phase.PREPARE,
    "api.schema.providers",
    "must configure every provider that the schema's @auth rules use",
    example=None,
    each=_prepared,
)
def signed_in(conflict: str | None) -> Found:
    """Find that the models of a conversation have a rule for their owner."""
    yield unconfigured("userPools")


@CONVERSATION.during(
    Phase.RESOLVERS,
    "schema.conversation.tool-query",
    "must have queries of simple values, or of types and lists of models, as tools",
    example=CHAT.format('tools: [{name: "one" description: "d" queryName: "none"}]'),
    each=CONVERSATION.uses,
)
def tool_query(use: Use) -> Found:
    for tool in listed(use.arguments.get("tools")):
        text = _wrong_tool(use.document, tool)
        if text is not None:
            yield text


@CONVERSATION.during(
    Phase.RESOLVERS,
    "schema.conversation.function",
    "must not name a function of a conversation: a project has no map of them",
    example=CHAT.format('functionName: "f"'),
    each=CONVERSATION.uses,
)
def function(use: Use) -> Found:
    if use.arguments.get("handler") or use.arguments.get("functionName"):
        yield "Function name map is not provided"


def _wrong_tool(document: Document, tool: dict[str, Any]) -> str | None:
    """What the package says of a tool that no query is good for, None for a good one."""
    by_model = "modelName" in tool
    listing = _list_query(document, tool["modelName"]) if by_model else None
    if by_model and listing is None:
        return f"Could not find type definition for {shown(tool['modelName'])}"
    name = str(tool["queryName"]) if listing is None else listing
    query = document.merged.get("Query")
    if query is None and document.operation_types.get("query") != "Query":
        return UNREADABLE.format("fields")
    field = None if query is None else query.fields.get(name)
    if field is not None:
        arguments = () if by_model else field.node.arguments or ()
        seen: dict[str, bool] = {}
        texts = (_wrong_input(document, one.type, seen) for one in arguments)
        text = next((one for one in texts if one is not None), None)
        return text or _wrong_result(document, field.type, set())
    added = (one for one in steps(document) if one.operation == "query" and name in one.names)
    found = next(added, None)
    if found is None:
        return (
            f'Tool "{tool["name"]}" defined in @conversation directive has no matching Query field '
            "definition"
        )
    text = None if by_model else _wrong_generated(document, found, name)
    is_own = found.model in document.types
    return text or (_wrong_result(document, found.model, set()) if is_own else None)


def _list_query(document: Document, model: Any) -> str | None:
    """Return the name of a model's list, None where there is no such type."""
    found = document.types.get(model)
    if found is None or found.kind != "object" or model in NAMES:
        return None
    queries = next((one.arguments.get("queries") for one in found.marked("model")), None)
    name = queries.get("list") if isinstance(queries, dict) else None
    return f"list{plural(model[:1].upper() + model[1:])}" if name is None else str(name)


def _wrong_generated(document: Document, added: Added, name: str) -> str | None:
    """What is wrong with the arguments of a query that Amplify generates."""
    if name in added.filtered:
        return faults.UNREADABLE  # a filter has filters in it
    model = document.types.get(added.model)
    if model is None:
        return None
    keys = [partition(model), *(model.fields[one] for one in listed(sort_keys(model)))]
    return next((_disallowed(one.type) for one in keys if not _is_allowed(one.type)), None)


def _is_allowed(scalar: str) -> bool:
    return scalar in GENERATED or scalar not in SCALARS


def _disallowed(scalar: str) -> str:
    return (
        f"\n      Disallowed required field type {scalar}.\n      Use one of the supported scalar "
        f"types for generation routes: [{', '.join(GENERATED)}]\n    "
    )


def _wrong_input(document: Document, node: Any, seen: dict[str, bool]) -> str | None:
    """What is wrong with a type of an argument.

    ``seen`` are the inputs on the way there (False) and those that were looked at (True).
    """
    required = False
    while node.kind != "named_type":
        required = required or node.kind == "non_null_type"
        node = node.type
    name = node.name.value
    if required and not _is_allowed(name):
        return _disallowed(name)
    if name in KNOWN_SCALARS or seen.get(name):
        return None
    found = document.types[name]
    if found.kind not in ("enum", "input"):
        return f"Unsupported type definition: {found.kind.capitalize()}TypeDefinition"
    if name in seen:
        return faults.UNREADABLE
    seen[name] = False
    texts = (_wrong_input(document, one.node.type, seen) for one in found.fields.values())
    text = next((one for one in texts if one is not None), None)
    seen[name] = True
    return text


def _wrong_result(document: Document, name: str, seen: set[str]) -> str | None:
    """What is wrong with the type of an answer, or with one that it leads to."""
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name in seen or name in KNOWN_SCALARS or document.enum(name) is not None:
            continue
        found = document.merged.get(name)
        if found is None or found.kind != "object":
            return f"Could not find type definition for {name}"
        seen.add(name)
        waiting += [one.type for one in reversed([*found.fields.values()])]
    return None
