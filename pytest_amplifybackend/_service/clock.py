"""The fake's clock: it stands still until a test moves it, or follows the machine's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from typing import Any

from pytest_amplifybackend._arguments import LONGEST_WAIT, duration, shown, whole
from pytest_amplifybackend._tracebacks import hides_arguments
from pytest_amplifybackend.errors import InvalidValue

START = datetime(2024, 1, 1, tzinfo=UTC)
"""Where every clock starts, so that two runs are alike."""

LARGEST_STEP_BACK = 10**9
"""In seconds, some 32 years."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """A virtual clock in whole milliseconds, the resolution of the service's job times."""

    __slots__ = ("_lock", "_milliseconds")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._milliseconds = _milliseconds(START)

    def now(self) -> datetime:
        """The fake's time, in UTC."""
        return _EPOCH + timedelta(milliseconds=min(self._milliseconds + self._base(), LAST))

    @hides_arguments
    def shift(self, by: float | timedelta) -> None:
        """Move the clock by seconds or a timedelta; a test can put this in place of ``time.sleep``.

        Raises ValueError for a move that is not finite or leaves the calendar.
        """
        limits = {"least": -LARGEST_STEP_BACK, "most": LONGEST_WAIT}
        step = duration("clock.shift", "by", by, **limits, kind=InvalidValue)
        with self._lock:
            base = self._base()
            moved = self._milliseconds + base + round(step * 1000)
            self._milliseconds = _in_calendar("clock.shift", "by", by, moved) - base

    @hides_arguments
    def move_to(self, when: datetime) -> None:
        """Set the clock to a later or earlier time; a naive datetime counts as UTC.

        Raises ValueError for a value that is not a datetime, or is outside the years 1 to 9999 in
        UTC.
        """
        if not isinstance(when, datetime):
            raise InvalidValue("clock.move_to", "when", f"must be a datetime, not {shown(when)}.")
        aware = when.replace(tzinfo=UTC) if when.utcoffset() is None else when
        moved = _in_calendar("clock.move_to", "when", when, _milliseconds(aware))
        self._milliseconds = moved - self._base()

    def _base(self) -> int:
        """The time from which ``_milliseconds`` count, in milliseconds since 1970."""
        return 0


class ServiceClock(Clock):
    """The same clock, with what the service, transports and dumps need besides."""

    __slots__ = ("_http_date",)

    def __init__(self) -> None:
        super().__init__()
        self._http_date = (-1, "")

    def milliseconds(self) -> int:
        """The fake's time in milliseconds since 1970."""
        return self._milliseconds

    def pass_by(self, seconds: float) -> None:
        """Let seconds pass during a call; at the end of the calendar the clock stands still."""
        with self._lock:
            self._milliseconds = min(self._milliseconds + round(seconds * 1000), LAST)

    def reset(self) -> None:
        """Put the clock back to where every clock starts."""
        self._milliseconds = _milliseconds(START)

    def saved(self) -> Callable[[], None]:
        """A function that puts the clock back to how it is set now."""
        kept = self._milliseconds

        def put_back() -> None:
            self._milliseconds = kept

        return put_back

    def http_date(self) -> str:
        """The fake's time as HTTP headers write it."""
        second = self.milliseconds() // 1000
        if second != self._http_date[0]:
            self._http_date = (second, formatdate(second, usegmt=True))
        return self._http_date[1]

    def restore(self, milliseconds: int) -> None:
        """Put the clock to milliseconds since 1970, as :meth:`milliseconds` gave them."""
        self._milliseconds = whole(
            "clock.restore", "milliseconds", milliseconds, least=_FIRST, most=LAST
        )


class SystemClock(ServiceClock):
    """The time of ``time.time()``, and what it is moved besides.

    Libraries that freeze or move the time of a program so move the fake's as well.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self._milliseconds = 0

    def _base(self) -> int:
        return round(time.time() * 1000)

    def milliseconds(self) -> int:
        return min(self._base() + self._milliseconds, LAST)

    def pass_by(self, seconds: float) -> None:
        with self._lock:
            base = self._base()
            self._milliseconds = min(base + self._milliseconds + round(seconds * 1000), LAST) - base

    def reset(self) -> None:
        self._milliseconds = 0

    def restore(self, milliseconds: int) -> None:
        """Does nothing: a state that was dumped at another time is loaded at this one."""


CLOCKS: Mapping[str, type[ServiceClock]] = {"virtual": ServiceClock, "system": SystemClock}
"""By the name that users write."""


def _in_calendar(method: str, argument: str, value: Any, milliseconds: int) -> int:
    try:
        return in_calendar(milliseconds)
    except ValueError:
        problem = f"must leave the clock between the years 1 and 9999: {shown(value)} does not."
        raise InvalidValue(method, argument, problem) from None


def in_calendar(milliseconds: int) -> int:
    """The same milliseconds since 1970; raises ValueError where no datetime can hold them."""
    if not _FIRST <= milliseconds <= LAST:
        raise ValueError(f"the time {milliseconds} ms is outside the years 1 to 9999.")
    return milliseconds


def iso(milliseconds: int) -> str:
    """A time as JavaScript writes it in JSON, ``2024-01-01T00:00:00.000Z``; at most the last."""
    moment = _EPOCH + timedelta(milliseconds=min(milliseconds, LAST))
    return f"{moment.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def _milliseconds(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(milliseconds=1)


_FIRST = _milliseconds(datetime.min.replace(tzinfo=UTC))
LAST = _milliseconds(datetime.max.replace(tzinfo=UTC))
"""The last millisecond that a datetime can hold."""
