"""The two marks of a contract test: what it rests on, and which operations it is about."""

from __future__ import annotations

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.provenance import Provenance

PROVENANCE = "amplifybackend_provenance"
OPERATIONS = "amplifybackend_operations"
EVERY = "every operation"
"""What a test is about that calls them all."""

LINES = (
    f"{PROVENANCE}(kind, source=...): what a contract test rests on: modeled, documented, "
    "observed or assumed, and who says so.",
    f"{OPERATIONS}(*names): the operations that a contract test is about.",
)
"""What ``pytest --markers`` shows."""


def provenance(kind: Provenance | str, source: str) -> pytest.MarkDecorator:
    """The mark of a kind; raises ValueError for one that there is not, or an empty source."""
    if not source:
        raise ValueError("a contract test names its source.")
    return pytest.mark.amplifybackend_provenance(str(Provenance(kind)), source=source)


def modeled(source: str) -> pytest.MarkDecorator:
    """The service model in botocore says so."""
    return provenance(Provenance.MODELED, source)


def documented(source: str) -> pytest.MarkDecorator:
    """AWS documentation, or the published source of AWS's own tools, says so."""
    return provenance(Provenance.DOCUMENTED, source)


def observed(source: str) -> pytest.MarkDecorator:
    """Recorded answers of the real service show it."""
    return provenance(Provenance.OBSERVED, source)


def assumed(source: str) -> pytest.MarkDecorator:
    """No evidence: the choice is this project's; ``source`` says why."""
    return provenance(Provenance.ASSUMED, source)


def about(*operations: str) -> pytest.MarkDecorator:
    """The operations that a test is about; raises UnknownOperation for one that is none."""
    for name in operations:
        if name != EVERY and name not in catalogue.operations():
            raise errors.UnknownOperation(
                f"no operation {name!r}: {errors.nearest(name, catalogue.operations())}"
            )
    return pytest.mark.amplifybackend_operations(*operations)
