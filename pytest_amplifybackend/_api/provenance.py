"""How well a fact about the real service is known."""

from __future__ import annotations

from enum import StrEnum

from pytest_amplifybackend._arguments import american


class Provenance(StrEnum):
    """The evidence behind a fact, strongest claim first.

    ``modeled``: the service model that botocore ships says so. ``documented``: AWS
    documentation, or the published source of AWS's own tools, says so. ``observed``: seen in
    recorded traffic or logs of the real service. ``assumed``: no evidence; the choice is ours.
    """

    MODELED = "modeled"
    DOCUMENTED = "documented"
    OBSERVED = "observed"
    ASSUMED = "assumed"

    @classmethod
    def _missing_(cls, value: object) -> Provenance | None:
        return cls.MODELED if american(value) == "modeled" else None

    def __str__(self) -> str:
        return self.value


MODELED = Provenance.MODELED
DOCUMENTED = Provenance.DOCUMENTED
OBSERVED = Provenance.OBSERVED
ASSUMED = Provenance.ASSUMED
