"""What a rule is: its name, who checks it, and the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pytest_amplifybackend._api.provenance import ASSUMED, DOCUMENTED, MODELED, OBSERVED, Provenance
from pytest_amplifybackend._rules.constraints import Constraint


class Layer(StrEnum):
    """Who rejects: botocore's client, the service at once, or the worker by failing the job."""

    CLIENT = "client"
    SERVICE = "service"
    PROVISIONING = "provisioning"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well a rule is known, and who says so."""

    tag: Provenance
    source: str


def modeled(source: str) -> Evidence:
    """The service model in botocore says so."""
    return Evidence(MODELED, source)


def documented(source: str) -> Evidence:
    """AWS documentation, or the published source of AWS's own tools, says so."""
    return Evidence(DOCUMENTED, source)


def observed(source: str) -> Evidence:
    """Recorded answers of the real service show it."""
    return Evidence(OBSERVED, source)


def assumed(source: str) -> Evidence:
    """No evidence: the choice is this project's; ``source`` says why."""
    return Evidence(ASSUMED, source)


@dataclass(frozen=True, slots=True)
class AnyRule:
    """What rules on the parameters and rules on the state have in common."""

    name: str
    layer: Layer
    evidence: Evidence
    operations: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What is said where the rule is broken."""
        raise NotImplementedError

    @property
    def tag(self) -> Provenance:
        """How well it is known."""
        return self.evidence.tag

    @property
    def source(self) -> str:
        """Who says so."""
        return self.evidence.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(AnyRule):
    """A rule on the parameters: ``constraint`` holds at each path of each of ``operations``.

    Paths are members joined by dots; ``[]`` stands for each element of a list; the empty path
    is the whole request. A value that is left out keeps every rule.
    """

    paths: tuple[str, ...]
    constraint: Constraint

    @property
    def message(self) -> str:
        return self.constraint.message


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
