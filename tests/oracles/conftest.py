"""The fake beside Amplify's packages, which are started once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from comparison import Difference, Fake, Outcome, Packages, difference
from corpus import Case, still_open
from shrinking import smallest

SHRUNK = 5
"""How many differences of a run are shrunk; the others are shown as they are."""


@pytest.fixture(scope="session")
def packages() -> Iterator[Packages]:
    """Amplify's packages; skips the test where they are not installed."""
    with closing(Packages()) as packages:
        yield packages


@pytest.fixture(scope="session")
def outcomes(packages: Packages) -> Callable[[Case], tuple[Outcome, Outcome]]:
    """Gives what becomes of a case in the fake, and by Amplify's packages."""
    fake = Fake()
    return lambda case: (
        fake.outcome(case.schema, case.modes),
        packages.outcome(case.schema, case.modes),
    )


@pytest.fixture(scope="session")
def compare(
    outcomes: Callable[[Case], tuple[Outcome, Outcome]],
) -> Callable[[Case], Difference | None]:
    """Gives how the fake differs from Amplify's packages for a case."""
    return lambda case: difference(*outcomes(case))


@pytest.fixture(scope="session")
def check(compare: Callable[[Case], Difference | None]) -> Callable[[Case], None]:
    """Fails for a case that differs, with the smallest schema that differs in this way."""
    shrunk: list[str] = []
    known = still_open()

    def check(case: Case) -> None:
        found = compare(case)
        if case.name in known:
            assert found, f"{case.name} no longer differs: take it out of open.txt"
            pytest.xfail(found.kind)
        if found is None:
            return
        schema = case.schema
        if len(shrunk) < SHRUNK:
            shrunk.append(case.name)
            schema = smallest(schema, lambda text: _differs_so(text, case, found))
            found = compare(Case(case.name, schema, case.modes)) or found
        pytest.fail(f"{case.name}: {found.kind}\n{schema}\n\n{found.details}", pytrace=False)

    def _differs_so(schema: str, case: Case, found: Difference) -> bool:
        now = compare(Case(case.name, schema, case.modes))
        return now is not None and now.kind == found.kind

    return check
