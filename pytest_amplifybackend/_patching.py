"""Temporary changes to the process, which can be undone in any order.

A :class:`Patch` replaces an attribute; :class:`LateImports` patches libraries that the program
may import only later.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any, Protocol

_MARK = "_amplifybackend_patch"

PROCESS_LOCK = threading.RLock()
"""Locked while the process is changed: two threads that patch one attribute would lose one patch.

Reentrant, since the garbage collector may end a call, and with it an activation, at any moment.
"""


class Change(Protocol):
    """Something in the process that is another while an activation lasts, such as a Patch."""

    def apply(self) -> None: ...

    def undo(self) -> None:
        """Put back what was there; does nothing where nothing was applied."""


class _Inherited:
    """An attribute that the owner does not have itself; it is looked up anew in each call."""

    def __init__(self, owner: Any, name: str) -> None:
        self._owner, self._name = owner, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self._owner, type):
            return getattr(super(self._owner, args[0]), self._name)(*args[1:], **kwargs)
        return getattr(type(self._owner), self._name)(self._owner, *args, **kwargs)


class Patch:
    """One attribute of a class, a module or an object, replaced while applied.

    ``make`` gets the function that was there and returns a new one to put there, which has to call
    it once nothing is active any more: if another patch covers this one when it is undone, it stays
    below and is removed together with the one on top. The owner may have inherited the
    attribute; it has none of its own again afterwards.
    """

    def __init__(
        self, owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]
    ) -> None:
        self._owner, self._name, self._make = owner, name, make
        self.previous: Any = None
        self._replacement: Any = None
        self.live = False

    def apply(self) -> None:
        """Put the replacement there."""
        with PROCESS_LOCK:
            previous = _uncovered(self._own(_Inherited(self._owner, self._name)))
            replacement: Any = self._make(_called_with_instance(self._owner, previous))
            setattr(replacement, _MARK, self)
            replacement.__wrapped__ = previous  # for inspect.unwrap
            # The attribute comes last: an interrupt before it leaves nothing to undo.
            self.previous, self._replacement, self.live = previous, replacement, True
            setattr(self._owner, self._name, replacement)

    def undo(self) -> None:
        """Take the replacement off; does nothing where it is not, or no longer, there."""
        with PROCESS_LOCK:
            self.live = False
            if self._replacement is None or self._own(None) is not self._replacement:
                return
            below = _uncovered(self.previous)
            if isinstance(below, _Inherited):
                delattr(self._owner, self._name)
            else:
                setattr(self._owner, self._name, below)

    def _own(self, default: Any) -> Any:
        """What the owner itself has under the name."""
        attributes: Mapping[str, Any] = vars(self._owner)
        return attributes.get(self._name, default)


def _called_with_instance(owner: Any, previous: Any) -> Callable[..., Any]:
    """What was there, as a function: called on a class, it gets the instance as its first argument.

    Python would bind what another library or a test has put there, such as a wrapper of wrapt or a
    Mock, in its own way, or not at all.
    """
    # isinstance() would believe a wrapper of wrapt, which claims the class of what it wraps.
    if not isinstance(owner, type) or type(previous) in (FunctionType, _Inherited):
        return previous  # type: ignore[no-any-return]  # it is what was there

    def call(instance: Any, *args: Any, **kwargs: Any) -> Any:
        bind = getattr(type(previous), "__get__", None)
        bound = previous if bind is None else bind(previous, instance, type(instance))
        return bound(*args, **kwargs)

    return call


def original(function: Any) -> Any:
    """The function that was there before any patch, applied or not any more."""
    while isinstance(patch := getattr(function, _MARK, None), Patch):
        function = patch.previous
    return function


def _uncovered(function: Any) -> Any:
    """The function below patches that were taken off while something covered them."""
    while (patch := getattr(function, _MARK, None)) is not None and not patch.live:
        function = patch.previous
    return function


Changes = Callable[[ModuleType], Iterable[Change]]


class LateImports(MetaPathFinder):
    """Applies changes to modules: at once to imported ones, to others when they are imported.

    ``modules`` maps the names of modules to functions that list their changes. ``add`` applies a
    change and sees to it that it is undone, as :meth:`Activation.add` does.
    """

    def __init__(self, add: Callable[[Change], None], modules: Mapping[str, Changes]) -> None:
        self._add = add
        self._modules = modules

    def apply(self) -> None:
        """Start watching imports."""
        sys.meta_path.insert(0, self)
        for name in self._modules:
            module = sys.modules.get(name)
            if module is not None:
                self.imported(module)

    def undo(self) -> None:
        """Stop watching imports; ``add`` undoes the changes."""
        if self in (sys.meta_path or ()):  # None while Python exits
            sys.meta_path.remove(self)

    def imported(self, module: ModuleType) -> None:
        """Apply the changes to a module."""
        for change in self._modules[module.__name__](module):
            self._add(change)

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """The spec of the other finders, with a loader that notifies this one."""
        if fullname not in self._modules:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Notifying(spec.loader, self)
                return spec
        return None


class _Notifying(Loader):
    """A proxy of a loader that notifies the finder once a module is loaded."""

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


class WhileApplied:
    """Changes to modules, imported now or later, that are undone together."""

    def __init__(self, modules: Mapping[str, Changes]) -> None:
        self._modules = modules
        self._applied: list[Change] = []

    def apply(self) -> None:
        """Apply them, and watch imports."""
        self._apply(LateImports(self._apply, self._modules))

    def _apply(self, change: Change) -> None:
        self._applied.append(change)  # first, so that an interrupted one is undone as well
        change.apply()

    def undo(self) -> None:
        """Undo them, the newest first."""
        while self._applied:
            self._applied[-1].undo()
            self._applied.pop()
