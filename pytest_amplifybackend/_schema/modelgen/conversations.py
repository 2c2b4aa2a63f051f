"""The models that stand behind a mutation with ``@conversation`` (observed: AI routes)."""

from __future__ import annotations

from pytest_amplifybackend._schema.modelgen import auth
from pytest_amplifybackend._schema.modelgen.types import Directive, Json
from pytest_amplifybackend._schema.modelgen.words import pascal_case, plural


def message_model(mutation: str) -> str:
    """Return the name of the model of a conversation's messages."""
    return f"ConversationMessage{pascal_case(mutation)}"


def route(mutation: str, send: Json) -> Json:
    """Return what the introspection says of a conversation; ``send`` describes its mutation."""
    model, message = f"Conversation{pascal_case(mutation)}", message_model(mutation)
    role = "AmplifyAIConversationParticipantRole"
    return {
        "name": mutation,
        "models": {
            model: _model(
                model,
                _conversation(message),
                {"subscriptions": {"level": "off"}, "mutations": {"update": None}},
            ),
            message: _model(message, _message(model, role), {"subscriptions": {}}),
        },
        "nonModels": {},
        "enums": {"ConversationParticipantRole": {"name": role, "values": ["user", "assistant"]}},
        "conversation": {"modelName": model},
        "message": {"modelName": message, "send": send, "subscribe": _subscribe(mutation)},
    }


def _conversation(message: str) -> list[Json]:
    held_by = {"connectionType": "HAS_MANY", "associatedWith": ["conversationId"]}
    messages = {"isArray": True, "isArrayNullable": True, "association": held_by}
    return [
        _field("id", "ID", isRequired=True),
        _field("name", "String"),
        _field("metadata", "AWSJSON"),
        _field("messages", {"model": message}, **messages),
        *_TIMESTAMPS,
        _field("owner", "String"),
    ]


def _message(model: str, role: str) -> list[Json]:
    owner = {"connectionType": "BELONGS_TO", "targetNames": ["conversationId"]}
    tools = {"nonModel": "AmplifyAIToolConfiguration"}
    return [
        _field("id", "ID", isRequired=True),
        _field("conversationId", "ID", isRequired=True),
        _field("conversation", {"model": model}, association=owner),
        _field("role", {"enum": role}),
        _field("content", {"nonModel": "AmplifyAIContentBlock"}, isArray=True),
        _field("aiContext", "AWSJSON"),
        _field("toolConfiguration", tools, isArray=True, isArrayNullable=True),
        *_TIMESTAMPS,
    ]


def _field(name: str, kind: str | Json, **more: object) -> Json:
    plain: Json = {
        "name": name,
        "type": kind,
        "attributes": [],
        "isArray": False,
        "isRequired": False,
    }
    return {**plain, **more}


_TIMESTAMPS = tuple(
    _field(name, "AWSDateTime", isReadOnly=True) for name in ("createdAt", "updatedAt")
)


def _model(name: str, fields: list[Json], properties: Json) -> Json:
    rules = auth.written_out(Directive("auth", {"rules": [{"allow": "owner"}]}))
    return {
        "name": name,
        "fields": {one["name"]: one for one in fields},
        "syncable": True,
        "pluralName": plural(name),
        "attributes": [
            {"type": "model", "properties": properties},
            {"type": "auth", "properties": rules},
        ],
        "primaryKeyInfo": {
            "isCustomPrimaryKey": False,
            "primaryKeyFieldName": "id",
            "sortKeyFieldNames": [],
        },
    }


def _subscribe(mutation: str) -> Json:
    argument = {"name": "conversationId", "isArray": False, "isRequired": True, "type": "ID"}
    return {
        "isArray": False,
        "isRequired": False,
        "name": f"onCreateAssistantResponse{pascal_case(mutation)}",
        "type": {"nonModel": "AmplifyAIConversationMessageStreamPart"},
        "arguments": {"conversationId": argument},
    }
