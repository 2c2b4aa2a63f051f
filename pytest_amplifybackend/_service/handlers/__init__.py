"""What each operation does, and what is declared of it: one file for each family of resources."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pytest_amplifybackend._service.handlers import api, auth, environments, jobs, storage, studio
from pytest_amplifybackend._service.operations import Declaration

OPERATIONS: Mapping[str, Declaration] = MappingProxyType(
    {
        declared.name: declared
        for module in (environments, auth, api, storage, studio, jobs)
        for declared in vars(module).values()
        if isinstance(declared, Declaration)
    }
)
"""Every operation that the service knows, by name."""
