"""Removes arguments from the tracebacks of errors that leave the package.

pytest shows the arguments, and with ``--showlocals`` the variables, of every frame that an error
came through. Here they hold configs, keys and whole requests. So what leaves a public function
takes nothing along: see :func:`hides_arguments`. Where the package stands in the middle of a call
of somebody else, in what it has patched, see :func:`hide` and :func:`transparent`.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from types import FrameType, FunctionType, TracebackType
from typing import Any, TypeVar

from pytest_amplifybackend import errors

_PACKAGE = __name__.partition(".")[0]
_LIBRARIES = frozenset(
    {"aiobotocore", "boto3", "botocore", "graphql", "hypothesis", "moto", "responses", "syrupy"}
    | {"urllib3", "httptools", *sys.stdlib_module_names}
)
"""What works on our arguments besides this package; any other frame is a user's."""

_EXPECTED = (
    errors.UsageError,
    errors.ServiceError,
    errors.TransportFault,
    AssertionError,
)
_EXPECTED_OF = frozenset({"_pytest", "aiobotocore", "botocore", "hypothesis", "requests"})
"""Errors whose message says it all, by class and by home. Where another one comes up, something
here may be broken, and the lines it came through are worth a look."""

_SPECIAL = frozenset({"__init__", "__enter__", "__exit__", "__getitem__"})

T = TypeVar("T", bound=Callable[..., Any])


def hides_arguments(public: T) -> T:
    """Decorate a public function, or a class for its public methods: errors show no argument.

    Nothing is paid for it but by an error: the variables of all frames below are cleared, those
    of errors that it follows from included. The frames themselves are taken out of the traceback
    of an expected error, which then ends at the caller's line. A user's own frames (an override,
    a provisioner) stay as they are.
    """
    if isinstance(public, type):
        for name, function in list(vars(public).items()):
            if isinstance(function, FunctionType) and _is_public(name):
                setattr(public, name, hides_arguments(function))
        return public

    @functools.wraps(public)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return public(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            _clear(error, _LIBRARIES)
            raise

    return guarded  # type: ignore[return-value]  # it has the signature of what it wraps


def _is_public(name: str) -> bool:
    return name in _SPECIAL or not name.startswith("_")


def hide(error: BaseException) -> None:
    """Take this package's frames out of an error on its way through, and what they hold.

    To be called in an ``except`` clause that drops the arguments it has itself and goes on with
    ``raise``. Frames of libraries stay: they would be the same without this package.
    """
    _clear(error, frozenset())


def transparent(patched: T) -> T:
    """Decorate a function that is put in the place of another's: :func:`hide` for its errors."""

    @functools.wraps(patched)
    def passing(*args: Any, **kwargs: Any) -> Any:
        try:
            return patched(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            hide(error)
            raise

    @functools.wraps(patched)
    async def awaiting(*args: Any, **kwargs: Any) -> Any:
        try:
            return await patched(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            hide(error)
            raise

    awaited = inspect.iscoroutinefunction(patched)
    return awaiting if awaited else passing  # type: ignore[return-value]  # as in hides_arguments


def _clear(error: BaseException, libraries: frozenset[str]) -> None:
    """Clear the frames of an error and of those that it follows from, up to one of the user's."""
    home = type(error).__module__.partition(".")[0]
    expected = isinstance(error, _EXPECTED) or home in _EXPECTED_OF
    error.__traceback__ = _cleared(error.__traceback__, expected, libraries)
    seen, waiting = {id(error)}, _behind(error)
    while waiting:
        one = waiting.pop()
        if id(one) not in seen and not _is_being_handled(one):
            seen.add(id(one))
            one.__traceback__ = _cleared(one.__traceback__, expected, libraries)
            waiting += _behind(one)


def _behind(error: BaseException) -> list[BaseException]:
    """The errors that an error follows from, or groups."""
    behind = (error.__cause__, error.__context__, *getattr(error, "exceptions", ()))
    return [one for one in behind if one is not None]


def _is_being_handled(error: BaseException) -> bool:
    """Whether a caller of this package was handling an error when it made the call."""
    if error.__traceback__ is None:
        return False
    frame: FrameType | None = sys._getframe()  # noqa: SLF001  # the only way to what is running
    while frame is not None and frame is not error.__traceback__.tb_frame:
        frame = frame.f_back
    return frame is not None


def _cleared(
    traceback: TracebackType | None, expected: bool, libraries: frozenset[str]
) -> TracebackType | None:
    """A traceback whose frames are cleared, without those that would tell a user nothing.

    What a user's function called is the user's as well, but for this package. An unexpected error
    keeps all its entries where it came up in the package, and those of the library that raised it.
    """
    entries, last = list(_entries(traceback)), ""
    users: list[TracebackType] = []
    others: list[TracebackType] = []
    for entry in entries:
        last = str(entry.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        if last != _PACKAGE:
            others.append(entry)
            if users or last not in libraries:
                users.append(entry)
                continue
        with contextlib.suppress(RuntimeError):  # it is still running
            entry.tb_frame.clear()
    if expected or len(entries) == 1:
        return _linked(users)
    came_up_here = last == _PACKAGE or (not users and last in sys.stdlib_module_names)
    return _linked(entries if came_up_here else others)


def _entries(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _linked(entries: list[TracebackType]) -> TracebackType | None:
    following = None
    for entry in reversed(entries):
        entry.tb_next = following
        following = entry
    return following
