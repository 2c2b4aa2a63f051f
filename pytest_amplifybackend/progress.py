"""When jobs end: four policies, as plain data.

The real worker took seconds to minutes (observed: PENDING to RUNNING about 8 s, an
UpdateBackendAPI 222 s). A test chooses one of these policies instead. Wherever one is taken, its
text is taken too, as :func:`parse` reads it, and a timedelta for ``after_seconds``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pytest_amplifybackend._arguments import LONGEST_WAIT, duration, shown, whole
from pytest_amplifybackend.errors import InvalidValue

__all__ = [
    "AfterReads",
    "AfterSeconds",
    "Immediate",
    "Manual",
    "Progress",
    "after_reads",
    "after_seconds",
    "immediate",
    "manual",
    "parse",
]


@dataclass(frozen=True, slots=True)
class Immediate:
    """A job is complete by the next call."""


@dataclass(frozen=True, slots=True)
class Manual:
    """A job ends only by ``fake.jobs`` or by UpdateBackendJob."""


@dataclass(frozen=True, slots=True)
class AfterReads:
    """A job is RUNNING for its first ``reads`` reads and has ended at the one after."""

    reads: int

    def __post_init__(self) -> None:
        plain = whole("after_reads", "n", self.reads, kind=InvalidValue)
        object.__setattr__(self, "reads", plain)


@dataclass(frozen=True, slots=True)
class AfterSeconds:
    """A job has ended once the fake's clock is ``seconds`` past its creation."""

    seconds: float

    def __post_init__(self) -> None:
        limits = {"least": 0, "most": LONGEST_WAIT}
        plain = duration("after_seconds", "s", self.seconds, **limits, kind=InvalidValue)
        object.__setattr__(self, "seconds", float(plain))


Progress = Immediate | Manual | AfterReads | AfterSeconds


def immediate() -> Immediate:
    """Jobs are PENDING in the response that starts them and complete by the next call (default)."""
    return Immediate()


def manual() -> Manual:
    """Jobs stay PENDING until ``fake.jobs.finish``, ``.fail``, ``.advance`` or UpdateBackendJob."""
    return Manual()


def after_reads(n: int) -> AfterReads:
    """Jobs are RUNNING for their first ``n`` reads and have ended at the next one.

    A read is a GetBackendJob of the job, or the first page of a ListBackendJobs that is about
    it, whatever status that asks for.
    Raises ValueError when ``n`` is not a whole number of at least 0.
    """
    __tracebackhide__ = True
    try:
        return AfterReads(n)
    except InvalidValue as error:
        raise error.with_traceback(None) from None


def after_seconds(s: float | timedelta) -> AfterSeconds:
    """Jobs run as soon as they are read, and have ended ``s`` seconds after their creation.

    Seconds are those of the fake's clock. Raises ValueError when ``s`` is not a timedelta or a
    number of seconds from 0 to 10**11, the furthest that the clock can be shifted.
    """
    __tracebackhide__ = True
    try:
        return AfterSeconds(s)  # type: ignore[arg-type]  # it becomes a number there
    except InvalidValue as error:
        raise error.with_traceback(None) from None


def parse(text: str) -> Progress:
    """The policy that a text names: ``immediate``, ``manual``, ``after_reads:N`` and so on.

    Raises ValueError with a sentence when it names none.
    """
    name, _, argument = text.strip().partition(":") if isinstance(text, str) else ("", "", "")
    try:
        if name == "immediate" and not argument:
            return immediate()
        if name == "manual" and not argument:
            return manual()
        if name == "after_reads":
            return after_reads(int(argument))
        if name == "after_seconds":
            return after_seconds(float(argument))
    except ValueError:
        pass
    raise ValueError(
        f"{shown(text)} is not a progress policy: write immediate, manual, after_reads:N or "
        "after_seconds:S."
    )
