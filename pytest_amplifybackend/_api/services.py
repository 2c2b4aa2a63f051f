"""The services whose operations a fake answers: its own, and the neighbor that callers ask first.

Of its own service this package ships the model. The neighbor's is botocore's installed one: only a
part of it is known here, so nothing is made from it but requests and responses, and those have to
fit the client that is in use. No two operations of both have one name.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue, installed
from pytest_amplifybackend._api.catalogue import Operation
from pytest_amplifybackend._wording import shown

OWN = catalogue.SERVICE
NEIGHBOR = "amplify"
ALONE = frozenset({OWN})


@functools.cache
def neighbors() -> Mapping[str, Operation]:
    """Every operation of the neighbor that the installed botocore has, by name."""
    model = installed.service_model(NEIGHBOR)
    return {
        name: catalogue.operation_of(model.operation_model(name)) for name in model.operation_names
    }


def operation(name: str) -> Operation:
    """An operation of either service; raises KeyError for any other."""
    found = catalogue.operations().get(name)
    return neighbors()[name] if found is None else found


def operations(services: Iterable[str]) -> Iterable[Operation]:
    """All operations of some services."""
    yield from catalogue.operations().values()
    if NEIGHBOR in services:
        yield from neighbors().values()


def service_of(name: str) -> str:
    """The service that has an operation."""
    return OWN if name in catalogue.operations() else NEIGHBOR


def check_known(name: object, served: Iterable[str]) -> None:
    """Raise UnknownOperation, naming it, for an operation that is not among those served."""
    if not isinstance(name, str) or name in catalogue.operations() or name not in neighbors():
        catalogue.check_known(name)
        return
    known = sorted(set(served) & set(neighbors()))
    if not known:
        raise errors.UnknownOperation(
            f"{name} is an operation of {NEIGHBOR}, which the fake serves with the option "
            f"{NEIGHBOR}=True."
        )
    if name not in known:
        raise errors.UnknownOperation(
            f"pytest-amplifybackend does not know the operation {shown(name)} of {NEIGHBOR}; of "
            f"that service it knows {', '.join(known)}."
        )
