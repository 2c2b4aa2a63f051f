"""What a store must catch up with, noted where the state is changed."""

from __future__ import annotations

from collections.abc import Iterable

Key = tuple[str, ...]
"""The name of an entry; see :mod:`~pytest_amplifybackend._service.entries`."""


class Changes:
    """What a store must catch up with: first everything in ``gone``, then ``changed`` in order.

    A key in ``gone`` stands for its own entry and for all entries whose keys begin with it. An
    entry that was removed and made again is in both, and so moves to the end of the store, as it
    does in a dict. The order of ``changed`` is that in which new entries were made.
    """

    __slots__ = ("changed", "gone")

    def __init__(self) -> None:
        self.changed: dict[Key, None] = {}
        self.gone: dict[Key, None] = {}

    @classmethod
    def all_of(cls, keys: Iterable[Key]) -> Changes:
        """The changes that replace everything by entries of these keys."""
        changes = cls()
        changes.gone[()] = None
        changes.changed = dict.fromkeys(keys)
        return changes

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone)

    def touch(self, key: Key) -> None:
        """Note that an entry is new, or may be another than before."""
        self.changed[key] = None

    def drop(self, key: Key) -> None:
        """Note that an entry was removed, and all below it."""
        self.gone[key] = None
        for other in [other for other in self.changed if other[: len(key)] == key]:
            del self.changed[other]
