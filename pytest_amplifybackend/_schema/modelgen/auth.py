"""``@auth`` among a model's attributes, each rule with its defaults written out."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._schema.modelgen.coercion import is_true
from pytest_amplifybackend._schema.modelgen.types import Directive, Json

OPERATIONS = ["create", "update", "delete", "read"]
"""What an ``@auth`` rule without ``operations`` allows (documented)."""


def written_out(directive: Directive) -> Json:
    """Return the arguments of an ``@auth``, in the generator's order (observed)."""
    rules = directive.arguments.get("rules")
    found = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    return {**directive.arguments, "rules": [_rule(rule) for rule in found]}


def _rule(rule: dict[str, Any]) -> Json:
    before: Json = {}
    after: Json = {}
    if rule.get("allow") == "owner":
        before = {"provider": "userPools", "ownerField": "owner"}
        claim = rule.get("identityClaim") or "username"
        after = {"identityClaim": "cognito:username" if claim == "username" else claim}
    elif rule.get("allow") == "groups":
        before = {"groupClaim": "cognito:groups", "provider": "userPools"}
        after = {} if is_true(rule.get("groups")) else {"groupField": "groups"}
    given = rule.get("operations")
    return {**before, **rule, **after, "operations": given if is_true(given) else OPERATIONS}
