"""The operations of ``amplifybackend``, from the API model that this package ships.

The model is botocore's, recorded by ``tools/record_model.py``. botocore is released daily: were the
installed one the catalogue, a new operation or member would change what the fake, the strategies
and the contract suite do on a day when nobody touched anything. See ``installed``, which compares.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._wording import nearest, shown

if TYPE_CHECKING:
    from pytest_amplifybackend._api import literals

SERVICE = "amplifybackend"
MODEL = Path(__file__).with_name("model.json")
"""The recorded model, and the botocore that it was recorded with."""

FAMILIES = ("auth", "api", "storage")
"""The kinds of resources, of which an environment has one each; those before do not need those
after."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its HTTP binding, its shapes and the errors it lists (all modeled)."""

    name: str
    method: str
    path: str
    input_shape: Any
    output_shape: Any
    errors: tuple[str, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """The members that a request must have, in the model's order."""
        return tuple(self.input_shape.required_members)


def members(shape: Any, prefix: str = "", above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every (path, shape) below a structure, depth first; a list's elements end in ``[]``.

    A structure that contains itself, ``above`` by name, is yielded and not entered again.
    """
    above = (*above, shape.name)
    for name, member in shape.members.items():
        path = f"{prefix}{name}"
        while True:
            yield path, member
            if member.type_name == "structure" and member.name not in above:
                yield from members(member, f"{path}.", above)
            if member.type_name != "list":
                break
            path, member = f"{path}[]", member.member


@functools.cache
def _shipped() -> Mapping[str, Any]:
    shipped: dict[str, Any] = json.loads(MODEL.read_text(encoding="utf-8"))
    return shipped


def recorded_with() -> str:
    """The version of botocore that the model was recorded with."""
    return str(_shipped()["botocore"])


@functools.cache
def service_model() -> Any:
    """botocore's ServiceModel of the shipped model, which reads a shape when it is asked for."""
    from botocore.model import ServiceModel

    return ServiceModel(_shipped()["model"], SERVICE)


@functools.cache
def operations() -> Mapping[str, Operation]:
    """The operations by name, in alphabetical order."""
    model = service_model()
    return {
        name: operation_of(model.operation_model(name)) for name in sorted(model.operation_names)
    }


def find(operation: str) -> str | None:
    """The operation of a name: ``GetBackend``, or ``get_backend`` as clients' methods have it."""
    return str.__str__(operation) if operation in operations() else _by_method().get(operation)


@functools.cache
def _by_method() -> Mapping[str, str]:
    return {method_name(name): name for name in operations()}


def named(operation: Any) -> literals.Operation:
    """As :func:`find`; raises UnknownOperation, naming it, for one that the model does not have."""
    if not isinstance(operation, str):  # a response, perhaps, whose secrets must not be shown
        raise errors.UnknownOperation(f"operation must be a string, not {shown(operation)}.")
    found = find(operation)
    if found is None:
        raise errors.UnknownOperation(
            f"pytest-amplifybackend does not know the operation {shown(operation)} of {SERVICE}: "
            f"{nearest(operation, operations())}"
        )
    return found  # type: ignore[return-value]  # literals.py has the names of the model


def operation_of(model: Any) -> Operation:
    """An operation as botocore's OperationModel has it."""
    return Operation(
        name=model.name,
        method=model.http["method"],
        path=model.http["requestUri"],
        input_shape=model.input_shape,
        output_shape=model.output_shape,
        errors=tuple(sorted(shape.name for shape in model.error_shapes)),
    )


def method_name(operation: str) -> str:
    """An operation's client method: ``create_backend_api`` for ``CreateBackendAPI``."""
    from botocore import xform_name

    return str(xform_name(operation))
