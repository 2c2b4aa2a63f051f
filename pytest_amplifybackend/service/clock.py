"""The fake's clock: it stands still until a test moves it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import formatdate

START = datetime(2024, 1, 1, tzinfo=UTC)
"""Where every clock starts, so that two runs are alike."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """A virtual clock in whole milliseconds, the resolution of the service's job times."""

    __slots__ = ("_http_date", "_lock", "_milliseconds")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._http_date = (-1, "")
        self._milliseconds = _milliseconds(START)

    def now(self) -> datetime:
        """The fake's time, in UTC."""
        return _EPOCH + timedelta(milliseconds=self._milliseconds)

    def milliseconds(self) -> int:
        """The fake's time in milliseconds since 1970."""
        return self._milliseconds

    def shift(self, by: float | timedelta) -> None:
        """Move the clock by seconds or a timedelta; ``time.sleep`` can be replaced by it.

        Raises ValueError for a move that is not finite or leaves the calendar.
        """
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        if type(seconds) not in (int, float) or not -(10**9) <= seconds <= 10**11:
            raise ValueError(f"the clock cannot be shifted by {by!r}: give a number of seconds.")
        with self._lock:
            self._milliseconds = in_calendar(self._milliseconds + round(seconds * 1000))

    def pass_by(self, seconds: float) -> None:
        """Let seconds pass during a call; at the end of the calendar the clock stands still."""
        with self._lock:
            self._milliseconds = min(self._milliseconds + round(seconds * 1000), LAST)

    def move_to(self, when: datetime) -> None:
        """Put the clock to a time, also an earlier one; a naive datetime is taken as UTC.

        Raises ValueError for what is no datetime, or leaves the calendar in UTC.
        """
        if not isinstance(when, datetime):
            raise ValueError(f"the clock moves to a datetime, not to {when!r}.")
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        self._milliseconds = in_calendar(_milliseconds(when))

    def reset(self) -> None:
        """Put the clock back to where every clock starts."""
        self._milliseconds = _milliseconds(START)

    def http_date(self) -> str:
        """The fake's time as HTTP headers write it."""
        second = self._milliseconds // 1000
        if second != self._http_date[0]:
            self._http_date = (second, formatdate(second, usegmt=True))
        return self._http_date[1]

    def restore(self, milliseconds: int) -> None:
        """Put the clock to milliseconds since 1970, as :meth:`milliseconds` gave them."""
        self._milliseconds = milliseconds


def in_calendar(milliseconds: int) -> int:
    """The same milliseconds since 1970; raises ValueError where no datetime can hold them."""
    if not _FIRST <= milliseconds <= LAST:
        raise ValueError(f"the clock cannot be at {milliseconds} ms: it is in no calendar.")
    return milliseconds


def iso(milliseconds: int) -> str:
    """A time as JavaScript writes it in JSON, ``2024-01-01T00:00:00.000Z``; at most the last."""
    moment = _EPOCH + timedelta(milliseconds=min(milliseconds, LAST))
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _milliseconds(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(milliseconds=1)


_FIRST = _milliseconds(datetime.min.replace(tzinfo=UTC))
LAST = _milliseconds(datetime.max.replace(tzinfo=UTC))
"""The last millisecond that a datetime can hold."""
