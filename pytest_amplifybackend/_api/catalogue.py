"""The operations of ``amplifybackend`` as the installed botocore describes them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SERVICE = "amplifybackend"
API_VERSION = "2020-08-11"


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
        """The request members a caller must give, in the model's order."""
        return tuple(self.input_shape.required_members)


def members(shape: Any, prefix: str = "", above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every (path, shape) below a structure, depth first; a list's elements end in ``[]``.

    A structure that stands inside itself, ``above`` by name, is given and not entered again.
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
def loader() -> Any:
    """A botocore data loader that keeps the files it has read."""
    import botocore.loaders

    return botocore.loaders.create_loader()


@functools.cache
def service_model() -> Any:
    """botocore's ServiceModel of the service."""
    from botocore.model import ServiceModel

    return ServiceModel(loader().load_service_model(SERVICE, "service-2", API_VERSION), SERVICE)


@functools.cache
def operations() -> Mapping[str, Operation]:
    """The operations by name, in alphabetical order."""
    model = service_model()
    return {name: _operation(model.operation_model(name)) for name in sorted(model.operation_names)}


def _operation(model: Any) -> Operation:
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
