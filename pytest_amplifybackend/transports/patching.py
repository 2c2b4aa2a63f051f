"""Replacing an attribute for a while, safely in whatever order the patches are taken off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_MARK = "_amplifybackend_patch"


class Patch:
    """One attribute of a class or module, replaced while applied.

    ``make`` gets the function that was there and returns the one to put there. Taken off in
    another order than put on, a patch that something else covers becomes transparent, and
    whoever uncovers it takes it off.
    """

    def __init__(
        self, owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]
    ) -> None:
        self._owner, self._name, self._make = owner, name, make
        self.previous: Any = None
        self._replacement: Any = None
        self.live = False

    def apply(self) -> None:
        previous = _uncovered(self._owner.__dict__[self._name])
        act = self._make(previous)

        def replacement(*args: Any, **kwargs: Any) -> Any:
            return act(*args, **kwargs) if self.live else previous(*args, **kwargs)

        setattr(replacement, _MARK, self)
        replacement.__wrapped__ = previous  # type: ignore[attr-defined]  # for inspect.unwrap
        self.previous, self._replacement, self.live = previous, replacement, True
        setattr(self._owner, self._name, replacement)

    def undo(self) -> None:
        self.live = False
        if self._owner.__dict__[self._name] is self._replacement:
            setattr(self._owner, self._name, _uncovered(self.previous))


def _uncovered(function: Any) -> Any:
    """The function below patches that were taken off while something covered them."""
    while (patch := getattr(function, _MARK, None)) is not None and not patch.live:
        function = patch.previous
    return function
