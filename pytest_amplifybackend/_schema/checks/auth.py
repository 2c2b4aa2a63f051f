"""@auth: the rules of each use, for themselves and against the API's authorization modes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._schema.checks.transformer import Found, Transformer, Unconfigured
from pytest_amplifybackend._schema.document import Use

AUTH = Transformer("auth", "@aws-amplify/graphql-auth-transformer 4.2.9")

READ = ("get", "list", "search", "listen", "sync")
"""What the operation ``read`` stands for."""

DEFAULT_PROVIDERS = {
    "public": "apiKey",
    "private": "userPools",
    "owner": "userPools",
    "groups": "userPools",
    "custom": "function",
}
"""The provider of a rule that names none, by its ``allow``."""

MODES = {
    "apiKey": ("API_KEY", "API Key"),
    "oidc": ("OPENID_CONNECT", "OPENID_CONNECT"),
    "userPools": ("AMAZON_COGNITO_USER_POOLS", "Cognito User Pools"),
    "iam": ("AWS_IAM", "IAM"),
    "identityPool": ("AWS_IAM", "IAM"),
    "function": ("AWS_LAMBDA", "Lambda"),
}
"""For each provider the mode that an API needs, and its name in the message."""

_ONLY = {
    "groups": (("userPools", "oidc"), "'userPools' and 'oidc' providers,"),
    "owner": (("userPools", "oidc"), "'userPools' (default) and 'oidc' providers, but"),
    "public": (
        ("apiKey", "iam", "identityPool"),
        "'apiKey' (default) and 'identityPool' providers, but",
    ),
    "private": (
        ("userPools", "iam", "identityPool", "oidc"),
        "'userPools' (default) and 'identityPool' providers, but",
    ),
    "custom": (("function",), "'function' (default) provider, but"),
}
"""For each ``allow`` its providers, and what the message says of them."""


@dataclass(frozen=True, slots=True)
class AuthRule:
    """One rule of an @auth. ``given`` is as written; a null is as good as nothing."""

    use: Use
    given: dict[str, Any]
    allow: str
    provider: str
    """Which is written, or else the default of ``allow``."""

    @property
    def operations(self) -> Any:
        """As written: a list, one without brackets, or None."""
        return self.given.get("operations")

    @property
    def has_groups(self) -> bool:
        """Whether there are groups; an empty list is some."""
        return self.given.get("groups") not in (None, "")

    @property
    def groups(self) -> list[str | None] | None:
        groups = self.given.get("groups")
        return [groups] if groups and isinstance(groups, str) else groups


def rules(use: Use) -> Iterator[AuthRule]:
    """Yield the rules of a use; one without brackets is none to the transformer."""
    written = use.arguments["rules"]
    if isinstance(written, list):
        for one in written:
            allow = one["allow"]
            yield AuthRule(use, one, allow, one.get("provider") or DEFAULT_PROVIDERS[allow])


def rules_of_field(use: Use) -> Iterator[AuthRule]:
    """Yield the rules of a use on a field."""
    return iter(()) if use.field is None else rules(use)


def operations(rule: AuthRule) -> list[str] | None:
    """Return the operations of a rule with ``read`` taken apart; None stands for all."""
    if rule.operations is None or "read" not in rule.operations:
        return rule.operations
    split = list(rule.operations)
    split.remove("read")
    return [*split, *READ]


@AUTH.on_use(
    "schema.auth.model",
    "must have @auth on types that are models",
    example="type A @auth(rules: [{allow: public}]) { id: ID! }",
)
def on_model(use: Use) -> Found:
    if use.field is None and not use.type.is_model:
        yield "Types annotated with @auth must also be annotated with @model."


@AUTH.on_use(
    "schema.auth.interface",
    "must not have @auth on a field of an interface",
    example="interface I { id: ID @auth(rules: [{allow: public}]) }",
)
def on_interface(use: Use) -> Found:
    if use.type.kind == "interface":
        yield f"The @auth directive cannot be placed on an interface's field. See {use.place}"


@AUTH.on_use(
    "schema.auth.field-operations",
    "must name read and no part of it in the operations of a field's rule",
    example="type A @model { id: ID @auth(rules: [{allow: public, operations: [get]}]) }",
    each=rules,
)
def of_field(rule: AuthRule) -> Found:
    if rule.use.field is None or not rule.operations:
        return
    if isinstance(rule.operations, str):
        yield "rule.operations.some is not a function"
    if parts := [one for one in rule.operations if one in READ]:
        yield f"'{','.join(parts)}' operation is not allowed at the field level."


@AUTH.on_use(
    "schema.auth.read",
    "must name read, or parts of it, in the operations of a rule",
    example="type A @model @auth(rules: [{allow: public, operations: [read, get]}]) { id: ID }",
    each=rules,
)
def whole_or_parts(rule: AuthRule) -> Found:
    if not rule.operations or "read" not in rule.operations:
        return
    if isinstance(rule.operations, str):
        yield "operations.some is not a function"
    if parts := ",".join(one for one in rule.operations if one in READ):
        yield (
            f"'{parts}' operations are specified in addition to 'read'. Either remove 'read' to "
            f"limit access only to '{parts}' or only keep 'read' to grant all {','.join(READ)} "
            "access."
        )


@AUTH.on_use(
    "schema.auth.rules",
    "must have rules in each @auth, in brackets",
    example="type A @model @auth(rules: []) { id: ID }",
)
def any_rules(use: Use) -> Found:
    if not any(rules(use)):
        name = use.type.name if use.field is None else use.field.name
        yield f"@auth on {name} does not have any auth rules."


@AUTH.on_use(
    "schema.auth.operations-of-operation",
    "must not name operations in a rule of a field of Query, Mutation or Subscription",
    example="type Query { a: ID @auth(rules: [{allow: public, operations: [create]}]) }",
    each=rules_of_field,
)
def of_operation(rule: AuthRule) -> Found:
    if rule.operations and rule.use.type.name in rule.use.document.operation_types.values():
        yield (
            "@auth rules on fields within Query, Mutation, Subscription cannot specify "
            "'operations' argument as these rules are already on an operation already."
        )


@AUTH.on_use(
    "schema.auth.operations-without-model",
    "must not name operations in a rule of a field of a type that is no model",
    example="type A { a: ID @auth(rules: [{allow: public, operations: [create]}]) }",
    each=rules_of_field,
)
def of_other_type(rule: AuthRule) -> Found:
    if rule.operations and not rule.use.type.is_model:
        yield (
            "@auth rules on fields within types that does not have @model directive cannot "
            "specify 'operations' argument as there are operations will be generated by the CLI."
        )


@AUTH.on_use(
    "schema.auth.provider",
    "must have rules with a provider of their allow",
    example="type A @model @auth(rules: [{allow: public, provider: oidc}]) { id: ID }",
    each=rules,
)
def of_strategy(rule: AuthRule) -> Found:
    providers, named = _ONLY[rule.allow]
    if rule.provider not in providers:
        but = " but" if rule.allow == "groups" else ""
        yield (
            f"@auth directive with '{rule.allow}' strategy only supports {named}{but} found "
            f"'{rule.provider}' assigned."
        )


@AUTH.on_use(
    "schema.auth.groups",
    "must have groups or a groupsField in a rule for groups",
    example="type A @model @auth(rules: [{allow: groups}]) { id: ID }",
    each=rules,
)
def for_groups(rule: AuthRule) -> Found:
    if rule.allow == "groups" and not rule.has_groups and not rule.given.get("groupsField"):
        yield "@auth directive with 'groups' should have a defined groups list or a groupsField."


@AUTH.on_use(
    "api.schema.providers",
    "must configure every provider that the schema's @auth rules use",
    example=None,
    each=rules,
)
def configured(rule: AuthRule) -> Found:
    yield unconfigured(rule.provider)


def unconfigured(provider: str) -> Unconfigured:
    """Return what is found where an API has no mode for a provider."""
    mode, name = MODES[provider]
    return Unconfigured(
        mode,
        f"@auth directive with '{provider}' provider found, but the project has no "
        f"{name} authentication provider configured.",
    )


@AUTH.on_use(
    "schema.auth.identity-claim",
    "must not have an identityClaim in a rule for groups",
    example=(
        'type A @model @auth(rules: [{allow: groups, groups: ["G"], identityClaim: "sub"}]) '
        "{ id: ID }"
    ),
    each=rules,
)
def identity_claim(rule: AuthRule) -> Found:
    if rule.allow == "groups" and rule.given.get("identityClaim"):
        yield "\n          @auth identityClaim can only be used for 'allow: owner'"


@AUTH.on_use(
    "schema.auth.group-claim",
    "must not have a groupClaim in a rule for owners",
    example='type A @model @auth(rules: [{allow: owner, groupClaim: "roles"}]) { id: ID }',
    each=rules,
)
def group_claim(rule: AuthRule) -> Found:
    if rule.allow == "owner" and rule.given.get("groupClaim"):
        yield "\n          @auth groupClaim can only be used 'allow: groups'"


@AUTH.on_use(
    "schema.auth.groups-or-field",
    "must not have both groups and a groupsField in a rule",
    example=(
        'type A @model @auth(rules: [{allow: groups, groups: ["G"], groupsField: "g"}]) { id: ID }'
    ),
    each=rules,
)
def groups_or_field(rule: AuthRule) -> Found:
    if rule.given.get("groupsField") and rule.has_groups:
        yield "This rule has groupsField and groups, please use one or the other"


@AUTH.on_use(
    "schema.auth.no-groups",
    "must not have an empty list of groups in a rule for groups",
    example="type A @model @auth(rules: [{allow: groups, groups: []}]) { id: ID }",
    each=rules,
)
def no_groups(rule: AuthRule) -> Found:
    if rule.allow == "groups" and rule.groups == []:
        yield "@auth rules using groups cannot have an empty list"
