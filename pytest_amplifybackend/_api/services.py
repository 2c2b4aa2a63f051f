"""The services whose operations a fake answers: its own, and the neighbor that callers ask first.

Of its own service this package ships the model. The neighbor's is botocore's installed one: only a
part of it is known here, so nothing is made from it but requests and responses, and those have to
fit the client that is in use. No two operations of both have one name.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue, installed
from pytest_amplifybackend._api.catalogue import Operation
from pytest_amplifybackend._wording import shown

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import CalledOperation

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


@functools.cache
def _neighbors_by_method() -> Mapping[str, str]:
    return {catalogue.method_name(name): name for name in neighbors()}


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


def named(operation: object, served: Iterable[str]) -> CalledOperation:
    """The served operation of a name, ``GetBackend`` or ``get_backend``; or UnknownOperation."""
    if not isinstance(operation, str) or catalogue.find(operation) is not None:
        return catalogue.named(operation)
    name = operation if operation in neighbors() else _neighbors_by_method().get(operation)
    if name is None:
        return catalogue.named(operation)
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
    return str.__str__(name)  # type: ignore[return-value]  # literals.py has these names
