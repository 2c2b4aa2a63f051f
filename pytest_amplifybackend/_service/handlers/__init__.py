"""What each operation does, and what is declared of it: one file for each family of resources."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from types import MappingProxyType, ModuleType

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._service.handlers import api, auth, environments, jobs, storage, studio
from pytest_amplifybackend._service.operations import Declaration, DeclarationError


def collected(modules: Iterable[ModuleType]) -> dict[str, Declaration]:
    """The declarations in files of handlers, by operation.

    Raises DeclarationError for two declarations of one operation.
    """
    found: dict[str, tuple[str, Declaration]] = {}
    for module in modules:
        for handler, declared in vars(module).items():
            if not isinstance(declared, Declaration):
                continue
            place = f"{module.__name__.rpartition('.')[2]}.{handler}"
            before, other = found.setdefault(declared.name, (place, declared))
            if other is not declared:
                raise DeclarationError(
                    f"{declared.name} is declared twice in _service/handlers: by {before} and by "
                    f"{place}. Keep one of them, or correct the other's name."
                )
    return {name: declared for name, (_, declared) in found.items()}


def compare(declared: Iterable[str], modeled: Iterable[str]) -> None:
    """Raise DeclarationError, naming them, unless exactly the model's operations are declared."""
    missing, unknown = sorted({*modeled} - {*declared}), sorted({*declared} - {*modeled})
    if missing:
        raise DeclarationError(
            f"_api/model.json has {', '.join(missing)}, and no file of _service/handlers a "
            "Declaration for it: add one to the file of its family."
        )
    if unknown:
        raise DeclarationError(
            f"_service/handlers declares {', '.join(unknown)}, which _api/model.json does not "
            "have: correct the name, or record the model with tools/record_model.py."
        )


OPERATIONS: Mapping[str, Declaration] = MappingProxyType(
    collected((environments, auth, api, storage, studio, jobs))
)
"""Every operation that the service knows, by name."""


@functools.cache
def compared() -> Mapping[str, Declaration]:
    """OPERATIONS, compared with the model once: to load the model costs more than an import may."""
    compare(OPERATIONS, catalogue.operations())
    return OPERATIONS
