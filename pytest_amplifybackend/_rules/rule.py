"""What a parameter rule is: a constraint, where it holds, who refuses, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pytest_amplifybackend._api.provenance import Provenance
from pytest_amplifybackend._rules.constraints import Constraint


class Layer(StrEnum):
    """Who refuses: botocore's client, the service at once, or the worker by failing the job."""

    CLIENT = "client"
    SERVICE = "service"
    PROVISIONING = "provisioning"

    def __str__(self) -> str:
        return self.value


SERVICE, PROVISIONING = Layer.SERVICE, Layer.PROVISIONING


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``constraint`` holds at each of ``paths`` of each of ``operations``.

    Paths are members joined by dots; ``[]`` stands for each element of a list; the empty path
    is the whole request. A value that is not given keeps every rule.
    """

    name: str
    layer: Layer
    operations: tuple[str, ...]
    paths: tuple[str, ...]
    constraint: Constraint
    tag: Provenance
    source: str


class ProvisioningError(Exception):
    """The worker could not do the job; the message ends the job's ``Error``.

    ``rule`` is the name of the rule that the request or the state broke, None where there is none,
    as for an error of a user's own provisioner.
    """

    rule: str | None = None  # for subclasses that do not call __init__

    def __init__(self, *args: object, rule: str | None = None) -> None:
        super().__init__(*args)
        self.rule = rule

    def __repr__(self) -> str:
        rule = "" if self.rule is None else f", rule={self.rule!r}"
        return f"{type(self).__name__}({', '.join(map(repr, self.args))}{rule})"
