"""JSON inside strings: which response members contain it, how it is read, and what must be in it.

The service model calls these members plain strings. Their shapes here are written in botocore's
own notation, so that the same walk checks them; each says where it was seen. Members that a shape
does not name are allowed, because the files of the Amplify CLI have members that no document lists.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._api.provenance import OBSERVED, Provenance


@dataclass(frozen=True, slots=True)
class Embedded:
    """One member that contains JSON: the name of the shape of its content, and the evidence."""

    shape: str
    source: str
    tag: Provenance = OBSERVED


EMBEDDED: Mapping[str, Embedded] = {
    "AmplifyMetaConfig": Embedded("Meta", "amplify-meta.json, as found in public repositories"),
    "AmplifyFeatureFlags": Embedded("Flags", "cli.json, as the Amplify CLI writes it"),
    "Models": Embedded("Models", "schema.js, as amplify-codegen writes it"),
    "ModelIntrospectionSchema": Embedded(
        "Introspection", "model-introspection.json, by amplify-codegen's own JSON schema"
    ),
}
"""By member name; no two operations give one of these names to different things."""


def _record(required: str, **members: str) -> dict[str, Any]:
    """A structure; ``members`` are names of shapes."""
    return {
        "type": "structure",
        "required": required.split(),
        "members": {name: {"shape": shape} for name, shape in members.items()},
    }


def _by_name(shape: str) -> dict[str, Any]:
    return {"type": "map", "key": {"shape": "Text"}, "value": {"shape": shape}}


def _list_of(shape: str) -> dict[str, Any]:
    return {"type": "list", "member": {"shape": shape}}


def _texts(names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), "Text")


_STACK = (
    "AuthRoleName UnauthRoleArn AuthRoleArn Region DeploymentBucketName UnauthRoleName StackName "
    "StackId AmplifyAppId"
)
_POOL = (
    "UserPoolId AppClientIDWeb AppClientID IdentityPoolId UserPoolArn IdentityPoolName UserPoolName"
)
_FIELD = {"name": "Text", "isArray": "Flag", "type": "Anything", "isRequired": "Flag"}
_MODEL = {
    "name": "Text",
    "fields": "Fields",
    "syncable": "Flag",
    "pluralName": "Text",
    "attributes": "Attributes",
}
_SCHEMA = {"enums": "Enums", "nonModels": "NonModels"}
_ENTRY = {"service": "Text", "providerPlugin": "Text", "serviceType": "Text"}

_SHAPES: Mapping[str, dict[str, Any]] = {
    "Text": {"type": "string"},
    "Texts": _list_of("Text"),
    "Flag": {"type": "boolean"},
    "Number": {"type": "integer"},
    "Anything": {"type": "structure", "document": True, "members": {}},
    # amplify-meta.json
    "Meta": _record("providers", providers="Providers", auth="Auth", api="API", storage="Storage"),
    "Providers": _record("awscloudformation", awscloudformation="Stack"),
    "Stack": _record(_STACK, **_texts(_STACK)),
    "Auth": _by_name("AuthEntry"),
    "API": _by_name("APIEntry"),
    "Storage": _by_name("StorageEntry"),
    "AuthEntry": _record("service", **_ENTRY, output="Anything"),
    "APIEntry": _record("service", **_ENTRY, output="Anything"),
    "StorageEntry": _record("service", **_ENTRY, output="Anything"),
    "Cognito": _record("service", **_ENTRY, output="CognitoOutput"),
    "CognitoOutput": _record("UserPoolId AppClientIDWeb AppClientID", **_texts(_POOL)),
    "AppSync": _record("service", **_ENTRY, output="AppSyncOutput"),
    "AppSyncOutput": _record(
        "GraphQLAPIIdOutput GraphQLAPIEndpointOutput",
        **_texts("GraphQLAPIIdOutput GraphQLAPIEndpointOutput GraphQLAPIKeyOutput"),
        authConfig="Anything",
    ),
    "S3": _record("service", **_ENTRY, output="S3Output"),
    "S3Output": _record("BucketName Region", **_texts("BucketName Region")),
    # cli.json
    "Flags": _record("features", features="Features", debug="Anything"),
    "Features": _by_name("FeaturesOfOne"),
    "FeaturesOfOne": _by_name("Anything"),
    # schema.js
    "Models": _record(
        "models enums nonModels version",
        models="ModelsByName",
        **_SCHEMA,
        version="Text",
        codegenVersion="Text",
    ),
    "ModelsByName": _by_name("Model"),
    "Model": _record("name fields pluralName", **_MODEL),
    "Fields": _by_name("Field"),
    "Field": _record("name isArray type isRequired", **_FIELD, attributes="Attributes"),
    "Attributes": _list_of("Attribute"),
    "Attribute": _record("type", type="Text", properties="Anything"),
    "Enums": _by_name("Enum"),
    "Enum": _record("name values", name="Text", values="Texts"),
    "NonModels": _by_name("NonModel"),
    "NonModel": _record("name fields", name="Text", fields="Fields"),
    # model-introspection.json
    "Introspection": _record(
        "version models enums nonModels", version="Number", models="KeyedModels", **_SCHEMA
    ),
    "KeyedModels": _by_name("KeyedModel"),
    "KeyedModel": _record("name fields pluralName primaryKeyInfo", **_MODEL, primaryKeyInfo="Key"),
    "Key": _record(
        "isCustomPrimaryKey primaryKeyFieldName sortKeyFieldNames",
        isCustomPrimaryKey="Flag",
        primaryKeyFieldName="Text",
        sortKeyFieldNames="Texts",
    ),
}

_BY_SERVICE: Mapping[tuple[str, str], str] = {
    ("AuthEntry", "Cognito"): "Cognito",
    ("APIEntry", "AppSync"): "AppSync",
    ("StorageEntry", "S3"): "S3",
}
"""The shapes of entries whose ``service`` determines more than their category (observed)."""


@functools.cache
def _resolver() -> Any:
    from botocore.model import ShapeResolver

    return ShapeResolver({name: dict(shape) for name, shape in _SHAPES.items()})


@functools.cache
def _shape(name: str) -> Any:
    return _resolver().get_shape_by_name(name)


def content_shape(member: str) -> Any:
    """The shape of the JSON in a member's string; KeyError for a member without JSON."""
    return _shape(EMBEDDED[member].shape)


def narrowed(shape: Any, value: Any) -> Any:
    """The shape that fits a value best: an entry of ``amplify-meta.json`` by its ``service``."""
    service = value.get("service") if isinstance(value, Mapping) else None
    if not isinstance(service, str) or (shape.name, service) not in _BY_SERVICE:
        return shape
    return _shape(_BY_SERVICE[shape.name, service])


def content(member: str, text: str) -> Any:
    """The data in a member's string; raises ValueError for a string that is not JSON.

    ``Models`` is JavaScript: ``export const schema = {…};``. Clients take what is from the first
    brace on, without the semicolon at the end (observed), and so does this.
    """
    if member == "Models":
        text = text[max(text.find("{"), 0) :].rstrip().removesuffix(";")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
