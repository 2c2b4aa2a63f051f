"""Replacing an attribute for a while, safely in whatever order the patches are taken off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

_MARK = "_amplifybackend_patch"

PROCESS_LOCK = threading.RLock()
"""Held while the process is changed: two threads that patch one attribute would lose one patch.

Reentrant, since the garbage collector may end a call, and with it an activation, at any moment.
"""


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
    it once nothing is active any more: taken off in another order than put on, a patch stays under
    what covers it, and whoever uncovers it takes it off. The owner may have inherited the
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
            replacement: Any = self._make(previous)
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


def _uncovered(function: Any) -> Any:
    """The function below patches that were taken off while something covered them."""
    while (patch := getattr(function, _MARK, None)) is not None and not patch.live:
        function = patch.previous
    return function
