"""Periods in which a fake serves calls, and the calls in flight.

A claimed call is answered, or raises an error that says why not; it never goes on to the real
service because the fake ended meanwhile. So an activation ends in two steps: it stops claiming
calls at once, and its patches are undone when the last claimed call is over. Without a call in
flight, that is at once as well.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.services import ALONE
from pytest_amplifybackend._patching import PROCESS_LOCK, Change

if TYPE_CHECKING:
    from pytest_amplifybackend._service.backend import Service

_PACKAGE = __name__.partition(".")[0]

ACTIVE: list[Activation] = []
"""The activations of the whole process that are not over, in the order in which they began.

It is the process's and not a fake's: so are the audit hook, which nothing can take off again, the
environment that other processes start with, and what a test leaves behind. Each reads it here.
"""

CURRENT: ContextVar[Claim | None] = ContextVar("amplifybackend_claim", default=None)
"""The claim on the call that this thread, or task, is in the middle of."""

SERVED_BY = "amplifybackend_served_by"
"""Where a call's context says what serves it."""


class Activation:
    """A period in which calls are claimed; ``leave`` is called once it is over for every call.

    ``where`` is the file and line that began one for the whole process, None for one that is
    about a single client. ``url`` is the endpoint at which it serves other processes, if it does,
    and ``closed_url`` the closed port that they get if it does not. ``serves`` is False for one
    that only blocks, and ``begun`` True when all of its changes apply. ``statement`` is what a
    program writes to begin it, ``stop`` ends all that this began, and ``thread`` is the one that
    did. ``services`` are those whose clients and hosts it is about. ``backend`` is what answers,
    and ``answers_clients`` True if it does so for every client of the process.
    """

    def __init__(
        self,
        where: str | None,
        *,
        url: str | None = None,
        leave: Callable[[], None] = lambda: None,
        stop: Callable[[], None] | None = None,
        statement: str = "FakeAmplifyBackend()",
        serves: bool = True,
        services: frozenset[str] = ALONE,
        backend: Service | None = None,
        answers_clients: bool = False,
    ) -> None:
        self.where = where
        self.backend = backend
        self.answers_clients = answers_clients
        self.services = services
        self.url = url
        self.stop = self.end if stop is None else stop
        self.statement = statement
        self.serves = serves
        self.thread = threading.get_ident()
        self.closed_url: str | None = None
        self.active = self.begun = False
        self.block_host: Callable[[object], None] = lambda _: None
        self._leave = leave
        self._under_way: set[int] = set()
        self._over = False
        self._changes: list[Change] = []

    def begin(self, changes: Iterable[Change]) -> None:
        """Apply all changes; if one fails or is interrupted, undo those before it."""
        try:
            if self.where is not None:
                ACTIVE.append(self)
            self.active = True
            for change in changes:
                self.add(change)
            self.begun = True
        except BaseException:
            self.end()
            raise

    def add(self, change: Change) -> None:
        """Apply one more change, until the end."""
        with PROCESS_LOCK:
            self._changes.append(change)  # first, so that an interrupted one is undone as well
            change.apply()

    def end(self) -> None:
        """Claim no more calls; undo the changes when the claimed ones are over."""
        with _finished(self._put_back), PROCESS_LOCK:
            self.active = False
            self._over = True
            if self in ACTIVE:
                ACTIVE.remove(self)

    def claim(self, client: Any = None, *, forgettable: bool = False) -> Claim | None:
        """A claim on a call that begins now; None where the period is over.

        It counts first and asks then, so that an end meanwhile sees it, or is seen: no call takes
        a lock. One that is ``forgettable`` is closed when nothing knows of it any more.
        """
        claim = (ForgettableClaim if forgettable else Claim)(self, client)
        self._under_way.add(id(claim))
        if self.active:
            return claim
        claim.close()
        return None

    def closed(self, claim: Claim) -> None:
        """Note that a claim is over; may be called more than once."""
        claim.open = False
        self._under_way.discard(id(claim))
        if self._over:
            self._put_back()

    def _put_back(self) -> None:
        with PROCESS_LOCK:
            if self._under_way or not self._over:
                return
            while self._changes:
                self._changes[-1].undo()
                self._changes.pop()
            self._leave()

    def is_about(self, client: Any) -> bool:
        """Whether a client is one of the services."""
        return client.meta.service_model.service_name in self.services

    def __repr__(self) -> str:
        return f"<Activation {self.where}>"


@contextlib.contextmanager
def _finished(step: Callable[[], None]) -> Iterator[None]:
    """Do a step at the end that can be done twice, and again when it is interrupted."""
    try:
        yield
        step()
    except BaseException:
        step()
        raise


class Claim:
    """One call that an activation has claimed, until it is closed.

    ``client`` makes it and ``served`` answers it; ``bound`` says that the call's own context knows
    of the claim.
    """

    __slots__ = ("activation", "bound", "client", "open", "served")

    def __init__(self, activation: Activation, client: Any) -> None:
        self.activation = activation
        self.client = client
        self.served: Any = None
        self.bound = False
        self.open = True

    def raise_ended(self, operation: str) -> None:
        """Raise UnservedRequest: the activation ended while the call was in flight."""
        raise errors.UnservedRequest(ended(operation))

    def close(self) -> None:
        """The call is over."""
        self.activation.closed(self)


class ForgettableClaim(Claim):
    """A claim on a call whose end nobody sees: it is over when nothing knows of it any more."""

    __slots__ = ()

    def __del__(self) -> None:
        self.close()


def ended(what: str) -> str:
    """The message for a call whose fake was deactivated before it was answered."""
    return (
        f"{what} was under way when its FakeAmplifyBackend was deactivated, so it was stopped, and "
        "nothing was sent to AWS. Let the threads and tasks that call the service end before the "
        "fake does."
    )


def caller() -> str:
    """The file and line outside of this package that is running."""
    frame = sys._getframe(1)  # noqa: SLF001  # what it is for
    while frame.f_back is not None and _is_inside(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _is_inside(module: str) -> bool:
    return module in _ENTERING or module.partition(".")[0] == _PACKAGE


_ENTERING = ("contextlib", "unittest.case")
"""Modules that enter a context for the program: ExitStack, TestCase.enterContext."""
