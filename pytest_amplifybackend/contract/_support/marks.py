"""The two marks of a contract test: what it rests on, and which operations it is about."""

from __future__ import annotations

import functools

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.provenance import Provenance
from pytest_amplifybackend._report.conformance import EVERY as EVERY  # of a test that calls all

PROVENANCE = "amplifybackend_provenance"
OPERATIONS = "amplifybackend_operations"
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


modeled, documented, observed, assumed = (
    functools.partial(provenance, kind) for kind in Provenance
)
"""The marks of tests that rest on that; ``source`` is who says so, or why there is no evidence."""


def about(*operations: str) -> pytest.MarkDecorator:
    """The operations that a test is about; raises UnknownOperation for one that is none."""
    for name in operations:
        if name != EVERY and name not in catalogue.operations():
            raise errors.UnknownOperation(
                f"no operation {name!r}: {errors.nearest(name, catalogue.operations())}"
            )
    return pytest.mark.amplifybackend_operations(*operations)
