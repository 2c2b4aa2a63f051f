"""Changes to libraries that the program may import only later, while a fake is active."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from pytest_amplifybackend._transports.activation import Activation, Change

Changes = Callable[[ModuleType], Iterable[Change]]


class LateImports(MetaPathFinder):
    """Applies changes to modules: at once to those that are there, to others at their import.

    ``modules`` maps the names of modules to what the changes to each are.
    """

    def __init__(self, activation: Activation, modules: Mapping[str, Changes]) -> None:
        self._activation = activation
        self._modules = modules

    def apply(self) -> None:
        """Begin to look at imports."""
        sys.meta_path.insert(0, self)
        for name in self._modules:
            module = sys.modules.get(name)
            if module is not None:
                self.imported(module)

    def undo(self) -> None:
        """Look at imports no more; what was changed is the activation's to undo."""
        if self in (sys.meta_path or ()):  # None while Python exits
            sys.meta_path.remove(self)

    def imported(self, module: ModuleType) -> None:
        """Apply the changes to a module."""
        for change in self._modules[module.__name__](module):
            self._activation.add(change)

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """What the other finders find, with a loader that tells us."""
        if fullname not in self._modules:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Telling(spec.loader, self)
                return spec
        return None


class _Telling(Loader):
    """A loader that tells when it has loaded; otherwise it is the one that it stands for."""

    def __init__(self, loader: Any, finder: LateImports) -> None:
        self._loader, self._finder = loader, finder

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        module.__spec__.loader = module.__loader__ = self._loader  # type: ignore[union-attr]  # set
        if self._finder in sys.meta_path:
            self._finder.imported(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
