"""The directives that Amplify and AppSync define, their arguments, enums, inputs and locations.

The facts are those of @aws-amplify/graphql-directives 2.8.0 and of the transformer's validation.ts
(observed). A directive that neither defines is unknown: a CreateBackendAPI has the schema alone.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCALARS = (
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

OLD = ("connection", "key", "versioned")
"""Directives of the transformer's first version, which have a text of their own (observed)."""

_APPSYNC = """
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
directive @aws_auth(cognito_groups: [String!]!) on FIELD_DEFINITION
directive @aws_api_key on FIELD_DEFINITION | OBJECT
directive @aws_iam on FIELD_DEFINITION | OBJECT
directive @aws_oidc on FIELD_DEFINITION | OBJECT
directive @aws_cognito_user_pools(cognito_groups: [String!]) on FIELD_DEFINITION | OBJECT
directive @aws_lambda on FIELD_DEFINITION | OBJECT
directive @deprecated(reason: String)
  on FIELD_DEFINITION | INPUT_FIELD_DEFINITION | ENUM | ENUM_VALUE
"""

_GRAPHQL = """
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @specifiedBy(url: String!) on SCALAR
"""

_AMPLIFY = """
directive @model(
  queries: ModelQueryMap
  mutations: ModelMutationMap
  subscriptions: ModelSubscriptionMap
  timestamps: TimestampConfiguration
) on OBJECT
input ModelMutationMap { create: String update: String delete: String }
input ModelQueryMap { get: String list: String }
input ModelSubscriptionMap {
  onCreate: [String] onUpdate: [String] onDelete: [String] level: ModelSubscriptionLevel
}
enum ModelSubscriptionLevel { off public on }
input TimestampConfiguration { createdAt: String updatedAt: String }

directive @function(
  name: String! region: String accountId: String invocationType: InvocationType = RequestResponse
) repeatable on FIELD_DEFINITION
enum InvocationType { RequestResponse Event }

directive @http(
  method: HttpMethod = GET url: String! headers: [HttpHeader] = []
) on FIELD_DEFINITION
enum HttpMethod { GET POST PUT DELETE PATCH }
input HttpHeader { key: String value: String }

directive @predictions(actions: [PredictionsActions!]!) on FIELD_DEFINITION
enum PredictionsActions { identifyText identifyLabels convertTextToSpeech translateText }

directive @primaryKey(sortKeyFields: [String]) on FIELD_DEFINITION

directive @index(
  name: String sortKeyFields: [String] queryField: String projection: ProjectionInput
) repeatable on FIELD_DEFINITION
input ProjectionInput { type: ProjectionType nonKeyAttributes: [String] }
enum ProjectionType { ALL KEYS_ONLY INCLUDE }

directive @hasMany(
  indexName: String fields: [String!] references: [String!] limit: Int = 100
) on FIELD_DEFINITION
directive @hasOne(fields: [String!] references: [String!]) on FIELD_DEFINITION
directive @manyToMany(relationName: String! limit: Int = 100) on FIELD_DEFINITION
directive @belongsTo(
  fields: [String!] references: [String!] overrideIndexName: String
) on FIELD_DEFINITION

directive @conversation(
  aiModel: String!
  systemPrompt: String!
  auth: ConversationAuth!
  functionName: String
  handler: ConversationHandlerFunctionConfiguration
  tools: [ToolMap]
  inferenceConfiguration: ConversationInferenceConfiguration
) on FIELD_DEFINITION
input ConversationAuth {
  strategy: ConversationAuthStrategy! provider: ConversationAuthProvider!
}
enum ConversationAuthStrategy { owner }
enum ConversationAuthProvider { userPools }
input ConversationHandlerFunctionConfiguration { functionName: String! eventVersion: String! }
input ToolMap {
  name: String!
  description: String!
  queryName: String
  modelName: String
  modelOperation: ConversationToolModelOperation
}
enum ConversationToolModelOperation { list }
input ConversationInferenceConfiguration { maxTokens: Int temperature: Float topP: Float }

directive @generation(
  aiModel: String!
  systemPrompt: String!
  inferenceConfiguration: GenerationInferenceConfiguration
) on FIELD_DEFINITION
input GenerationInferenceConfiguration { maxTokens: Int temperature: Float topP: Float }

directive @default(value: String) on FIELD_DEFINITION
directive @mapsTo(name: String!) on OBJECT
directive @sql(statement: String reference: String) on FIELD_DEFINITION
directive @refersTo(name: String!) on OBJECT | FIELD_DEFINITION
directive @searchable(queries: SearchableQueryMap) on OBJECT
input SearchableQueryMap { search: String }

directive @validate(
  type: ValidationType! value: String! errorMessage: String
) repeatable on FIELD_DEFINITION
enum ValidationType { gt lt gte lte minLength maxLength startsWith endsWith matches }

directive @auth(rules: [AuthRule!]!) on OBJECT | FIELD_DEFINITION
input AuthRule {
  allow: AuthStrategy!
  provider: AuthProvider
  identityClaim: String
  groupClaim: String
  ownerField: String
  groupsField: String
  groups: [String]
  operations: [ModelOperation]
}
enum AuthStrategy { owner groups private public custom }
enum AuthProvider { apiKey iam identityPool oidc userPools function }
enum ModelOperation { create update delete read list get sync listen search }
"""
"""In the order of the transformers, which is that of their errors."""


@dataclass(frozen=True, slots=True)
class Member:
    """An argument of a directive or a member of an input: its type node and its default."""

    name: str
    type: Any
    default: Any = None

    @property
    def is_required(self) -> bool:
        """Whether it must be given: not nullable and without a default."""
        return self.type.kind == "non_null_type" and self.default is None


@dataclass(frozen=True, slots=True)
class DirectiveDefinition:
    """What a directive may be given, and on what it may stand (``FIELD_DEFINITION``, …)."""

    name: str
    arguments: Mapping[str, Member]
    locations: frozenset[str]
    repeatable: bool

    @classmethod
    def of(cls, node: Any) -> DirectiveDefinition:
        """Take it from an AST node."""
        locations = frozenset(one.value for one in node.locations)
        return cls(node.name.value, members(node.arguments), locations, node.repeatable)


@dataclass(frozen=True, slots=True)
class Definitions:
    """Directives, and the types that their arguments have: inputs by members, enums by values."""

    directives: Mapping[str, DirectiveDefinition]
    inputs: Mapping[str, Mapping[str, Member]]
    enums: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, nodes: Any) -> Definitions:
        """Take them from the definitions of a document, all others left out."""
        directives, inputs, enums = {}, {}, {}
        for node in nodes:
            if node.kind == "directive_definition":
                directives[node.name.value] = DirectiveDefinition.of(node)
            elif node.kind == "input_object_type_definition":
                inputs[node.name.value] = members(node.fields)
            elif node.kind == "enum_type_definition":
                enums[node.name.value] = tuple(one.name.value for one in node.values or ())
        return cls(directives, inputs, enums)

    def and_those_of(self, other: Definitions) -> Definitions:
        """Put others beside these."""
        return Definitions(
            {**other.directives, **self.directives},
            {**other.inputs, **self.inputs},
            {**other.enums, **self.enums},
        )


def members(nodes: Any) -> dict[str, Member]:
    """Return arguments, or the fields of an input, by name."""
    return {
        node.name.value: Member(node.name.value, node.type, node.default_value)
        for node in nodes or ()
    }


def amplify_text() -> str:
    """Return the definitions of what Amplify and AppSync define, but for their scalars."""
    return _APPSYNC + _AMPLIFY


@functools.lru_cache(maxsize=1)
def amplify() -> Definitions:
    """Return all that a schema may use without defining it; imports graphql."""
    return Definitions.of(_parsed(_APPSYNC + _GRAPHQL + _AMPLIFY))


@functools.lru_cache(maxsize=1)
def own() -> Definitions:
    """Return what a schema cannot define again: all but GraphQL's own directives."""
    return Definitions.of(_parsed(amplify_text()))


def _parsed(text: str) -> Any:
    from graphql import parse

    return parse(text, no_location=True).definitions
