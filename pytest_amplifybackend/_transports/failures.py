"""What a server could not answer, kept until its end at a cost that does not grow."""

from __future__ import annotations

import threading
import traceback


class Failures:
    """The first exception, and how many there were; no frame of any is kept alive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._first: Exception | None = None
        self._count = 0

    def __bool__(self) -> bool:
        return self._first is not None

    def add(self, error: Exception) -> str:
        """Take an exception in; gives where it came from, as a traceback's text."""
        text = "".join(traceback.format_exception(error)).rstrip()
        _forget_frames(error)
        with self._lock:
            self._count += 1
            if self._first is None:
                self._first = error
                error.add_note(text)
        return text

    def raise_first(self) -> None:
        """Raise the first exception, with a note that says where it came from, if there was one."""
        if self._first is None:
            return
        if self._count > 1:
            self._first.add_note(f"{self._count} requests failed; this is the first failure.")
        raise self._first


def _forget_frames(error: Exception) -> None:
    """Take the traceback from an exception, and from those that led to it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        found = waiting.pop()
        if found is not None and id(found) not in seen:
            seen.add(id(found))
            found.with_traceback(None)
            waiting += [found.__cause__, found.__context__]
