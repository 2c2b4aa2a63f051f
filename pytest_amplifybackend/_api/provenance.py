"""How well a fact about the real service is known."""

from __future__ import annotations

from enum import StrEnum


class Provenance(StrEnum):
    """The evidence behind a fact, strongest claim first.

    ``modelled``: the service model that botocore ships says so. ``documented``: AWS
    documentation, or the published source of AWS's own tools, says so. ``observed``: seen in
    recorded traffic or logs of the real service. ``assumed``: no evidence; the choice is ours.
    """

    MODELLED = "modelled"
    DOCUMENTED = "documented"
    OBSERVED = "observed"
    ASSUMED = "assumed"

    def __str__(self) -> str:
        return self.value


MODELLED = Provenance.MODELLED
DOCUMENTED = Provenance.DOCUMENTED
OBSERVED = Provenance.OBSERVED
ASSUMED = Provenance.ASSUMED
