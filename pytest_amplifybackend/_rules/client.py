"""What clients check before anything is sent, as rules that can be named and explained."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_amplifybackend._rules.rule import Layer, modeled
from pytest_amplifybackend._rules.states import StateRule

_EVIDENCE = modeled("the API model, as botocore's ParamValidator checks it")

CLIENT_RULES: Mapping[str, StateRule] = {
    name: StateRule(name, Layer.CLIENT, _EVIDENCE, text=text)
    for name, text in (
        ("client.required", "a member that the API model requires is missing"),
        ("client.type", "a member has a value of another type"),
        ("client.unknown", "a structure has a member that the API model does not have"),
        ("client.range", "a number is below the smallest one that the API model allows"),
    )
}
"""botocore never looks at the largest number, nor at enums."""
