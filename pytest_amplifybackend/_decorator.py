"""``fake_amplifybackend``: a fresh, active fake around a function, a test class or a block."""

from __future__ import annotations

import contextlib
import functools
import inspect
import unittest
from collections.abc import AsyncGenerator, Callable, Generator
from types import TracebackType
from typing import Any, TypeVar, Unpack, overload

from pytest_amplifybackend import _usage, errors
from pytest_amplifybackend._arguments import flag, shown
from pytest_amplifybackend._fake import FakeAmplifyBackend
from pytest_amplifybackend._options import MARKER, FakeOptions

T = TypeVar("T")
Decorated = TypeVar("Decorated", bound="Callable[..., Any]")

_NAME = MARKER
"""The parameter, and the attribute of a test's instance, that is the fake."""

_ENDS = f"_{MARKER}_ends"
"""The attribute of the instance of a test for pytest with what its teardown has to end."""


@overload
def fake_amplifybackend(decorated: Decorated, /) -> Decorated: ...
@overload
def fake_amplifybackend(*, time: bool = False, **options: Unpack[FakeOptions]) -> Activating: ...
def fake_amplifybackend(
    decorated: Any = None, /, *, time: bool = False, **options: Unpack[FakeOptions]
) -> Any:
    """A fresh, active FakeAmplifyBackend for each call, each test of a class, or a block.

    ``options`` are those of FakeAmplifyBackend. A function may be a coroutine function or a
    generator too; its parameter ``amplifybackend``, if it has one, is the fake, and no fixture.
    In a test class, a TestCase or one for pytest, the fake is ``self.amplifybackend`` from setUp
    or setup_method to the end of the test. With ``time``, the program sleeps and tells the time by
    the fake's clock meanwhile, as with the fixture ``amplifybackend_time``. Raises UsageError for
    a wrong option, and for anything else to decorate.
    """
    activating = Activating(options, time=time)
    return activating if decorated is None else activating(decorated)


class Activating:
    """The decorator and context manager that ``fake_amplifybackend(...)`` gives."""

    def __init__(self, options: FakeOptions, *, time: bool = False) -> None:
        _usage.known_options(options)
        self._time = flag("fake_amplifybackend", "time", time)
        plain: FakeOptions = {**options, "moto": False}  # what that needs is for the call to find
        fake = FakeAmplifyBackend(**plain)  # says at once what is wrong
        if self._time:
            _program_time().check_clock(fake.clock)
        self._options = options
        self._entered: list[_Block] = []

    def __enter__(self) -> FakeAmplifyBackend:
        block = self.block()
        fake = block.__enter__()
        self._entered.append(block)
        return fake

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._entered.pop().__exit__(kind, error, traceback)

    def fresh(self) -> FakeAmplifyBackend:
        """A fake that is not active yet."""
        return FakeAmplifyBackend(**self._options)

    def block(self) -> _Block:
        """A ``with`` statement's worth of a fresh, active fake."""
        return _InTime(self.fresh()) if self._time else self.fresh()

    def start(self, fake: FakeAmplifyBackend) -> contextlib.ExitStack:
        """Activate a fake; what it returns ends that."""
        with contextlib.ExitStack() as ends:
            ends.callback(fake.deactivate)
            fake.activate()
            if self._time:
                ends.enter_context(_program_time().following(fake.clock))
            return ends.pop_all()

    def __call__(self, decorated: T) -> T:
        """The function, method or class, each call or test of which has a fake of its own."""
        made: Any
        if isinstance(decorated, type):
            made = _of_class(self, decorated)
        elif isinstance(decorated, (staticmethod, classmethod)):
            made = type(decorated)(self(decorated.__func__))
        elif callable(decorated):
            made = _of_function(self.block, decorated)
        else:
            raise errors.UsageError(
                f"fake_amplifybackend decorates a function, a method or a class, not "
                f"{shown(decorated)}. Its options are keywords."
            )
        return made  # type: ignore[no-any-return]  # of the same type


class _InTime:
    """A fake whose clock the program follows while it is active."""

    def __init__(self, fake: FakeAmplifyBackend) -> None:
        self._fake = fake
        self._following = _program_time().following(fake.clock)

    def __enter__(self) -> FakeAmplifyBackend:
        fake = self._fake.__enter__()
        try:
            self._following.__enter__()
        except BaseException:
            fake.deactivate()
            raise
        return fake

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._following.__exit__(None, None, None)
        finally:
            self._fake.__exit__(kind, error, traceback)


_Block = FakeAmplifyBackend | _InTime


def _program_time() -> Any:
    """The module that only ``time=True`` needs: it imports asyncio."""
    from pytest_amplifybackend import _program_time

    return _program_time


def _of_function(block: Callable[[], _Block], function: Any) -> Any:
    """The function inside a fresh fake, as the same kind of function."""
    without, takes_fake = _without_fake(function)

    def handing(fake: FakeAmplifyBackend, named: dict[str, Any]) -> dict[str, Any]:
        return {_NAME: fake, **named} if takes_fake else named

    wrapper: Any
    if inspect.iscoroutinefunction(function):

        async def wrapper(*args: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            with block() as fake:
                return await function(*args, **handing(fake, named))

    elif inspect.isasyncgenfunction(function):

        async def wrapper(*args: Any, **named: Any) -> AsyncGenerator[Any, Any]:
            __tracebackhide__ = True
            with block() as fake:
                made = function(*args, **handing(fake, named))
                try:
                    async for item in made:
                        yield item
                finally:
                    await made.aclose()

    elif inspect.isgeneratorfunction(function):

        def wrapper(*args: Any, **named: Any) -> Generator[Any, Any, Any]:
            __tracebackhide__ = True
            with block() as fake:
                return (yield from function(*args, **handing(fake, named)))

    else:

        def wrapper(*args: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            with block() as fake:
                return function(*args, **handing(fake, named))

    return _like(function, wrapper, without)


def _without_fake(function: Any) -> tuple[inspect.Signature | None, bool]:
    """The signature without the parameter for the fake, and whether there is one."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a callable that has none
        return None, False
    others = [one for one in signature.parameters.values() if one.name != _NAME]
    takes_fake = len(others) < len(signature.parameters)
    return (signature.replace(parameters=others) if takes_fake else None), takes_fake


def _like(function: Any, wrapper: Any, signature: inspect.Signature | None) -> Any:
    functools.update_wrapper(wrapper, function)
    if signature is not None:
        wrapper.__signature__ = signature  # pytest looks for no fixture of that name
    return wrapper


def _of_class(activating: Activating, decorated: type) -> type:
    """The class itself, each of whose tests has a fresh fake; a subclass may have other options."""
    for name in dir(decorated):
        function = inspect.getattr_static(decorated, name)
        if name.startswith("test") and inspect.isfunction(function):
            without, takes_fake = _without_fake(function)
            if takes_fake:
                setattr(decorated, name, _handed(function, without))
    if issubclass(decorated, unittest.TestCase):
        for name in ("run", "debug"):
            setattr(decorated, name, _running(activating, getattr(decorated, name)))
    else:
        _set_up_by_pytest(activating, decorated)
    return decorated


def _handed(function: Any, signature: inspect.Signature | None) -> Any:
    """A test method that gets the fake of its instance."""
    test: Any
    if inspect.iscoroutinefunction(function):

        async def test(self: Any, *args: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            return await function(self, *args, **{_NAME: getattr(self, _NAME), **named})

    else:

        def test(self: Any, *args: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            return function(self, *args, **{_NAME: getattr(self, _NAME), **named})

    return _like(function, test, signature)


def _running(activating: Activating, run: Any) -> Any:
    """``TestCase.run``, which sets up, tests and tears down, with a fake around it."""

    def run_with_fake(self: Any, *args: Any, **named: Any) -> Any:
        if _NAME in vars(self):  # by the decorator of a subclass
            return run(self, *args, **named)
        with activating.block() as fake:
            setattr(self, _NAME, fake)
            try:
                return run(self, *args, **named)
            finally:
                delattr(self, _NAME)

    return functools.update_wrapper(run_with_fake, run)


def _set_up_by_pytest(activating: Activating, decorated: Any) -> None:
    """Begin with a fake in ``setup_method``, and end it in ``teardown_method``."""
    own_setup = getattr(decorated, "setup_method", None)
    own_teardown = getattr(decorated, "teardown_method", None)

    def setup_method(self: Any, method: Any) -> None:
        if _NAME in vars(self):  # by the decorator of a subclass
            _call(own_setup, self, method)
            return
        fake = activating.fresh()
        ends = activating.start(fake)
        setattr(self, _NAME, fake)
        setattr(self, _ENDS, ends)
        try:
            _call(own_setup, self, method)
        except BaseException:  # there is no teardown then
            ends.close()
            raise

    def teardown_method(self: Any, method: Any) -> None:
        try:
            _call(own_teardown, self, method)
        finally:
            if vars(self).pop(_NAME, None) is not None:
                vars(self).pop(_ENDS).close()

    decorated.setup_method, decorated.teardown_method = setup_method, teardown_method


def _call(own: Any, instance: Any, method: Any) -> None:
    """Call a class's own ``setup_method`` or ``teardown_method``, which may take the method."""
    if own is not None:
        bound = own if inspect.ismethod(own) else functools.partial(own, instance)
        bound(*[method][: len(inspect.signature(bound).parameters)])
