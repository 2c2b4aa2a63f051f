"""The service as a whole: one state, one clock, one lock, and the way of a call through them."""

from __future__ import annotations

import contextlib
import functools
import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from weakref import WeakValueDictionary

from pytest_amplifybackend import errors, progress
from pytest_amplifybackend._api import catalogue, services
from pytest_amplifybackend._api.paths import Names, copied
from pytest_amplifybackend._api.secrets.shapes import secrets_in
from pytest_amplifybackend._arguments import shown
from pytest_amplifybackend._rules import checking, table
from pytest_amplifybackend._rules.rule import Layer, ProvisioningError
from pytest_amplifybackend._rules.states import STATE_RULES
from pytest_amplifybackend._service import entries, handlers, loading
from pytest_amplifybackend._service.calls import Call, Chain, History, without_traceback
from pytest_amplifybackend._service.changes import Changes
from pytest_amplifybackend._service.clock import ServiceClock
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.names import Ids
from pytest_amplifybackend._service.operations import Declaration, perform
from pytest_amplifybackend._service.provisioning import InMemoryProvisioner, Provisioner
from pytest_amplifybackend._service.state import VERSION, App, State
from pytest_amplifybackend._service.worker import Worker

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import CalledOperation

Params = dict[str, Any]

SERVICES: WeakValueDictionary[int, Service] = WeakValueDictionary()
"""Every service of the process that something still uses, by its number, the newest last.

What a test report tells of comes from here: a test may make its fakes in any way.
"""


def living() -> list[tuple[int, Service]]:
    """Each service of the process that something still uses, with its number, oldest first.

    Threads may make others meanwhile, so nothing here goes through the dictionary step by step.
    """
    found = ((ref.key, ref()) for ref in SERVICES.valuerefs())
    return sorted((number, service) for number, service in found if service is not None)


_NUMBERS = itertools.count()
_READS = ("Get", "List")
"""What the names of operations begin with that change nothing but what a read moves on."""


class Keeper(Protocol):
    """Writes down what calls change; None in its place costs a call nothing."""

    def keeping(self, *, reading: bool) -> AbstractContextManager[None]:
        """What is done within is kept at its end, or raises StateNotSaved and is undone."""
        ...


class Observer(Protocol):
    """Takes note of what services have done, so that no call has to: see the report on coverage."""

    def created(self, service: Service) -> None:
        """A service is new; it may be gone at the end of the test."""

    def forgetting(self, service: Service) -> None:
        """A service is about to forget calls and jobs."""


class Service:
    """The stateful service behind every transport; safe to call from several threads.

    ``neighbor`` are the operations of the neighbor, where it is served too. ``region`` is that of
    clients for which nothing else names one. While it has a
    ``keeper``, the state's ``changes`` tell that what to write down.
    """

    observer: ClassVar[Observer | None] = None

    def __init__(
        self,
        *,
        seed: int | str,
        policy: progress.Progress,
        provisioner: Provisioner | None = None,
        neighbor: Mapping[str, Declaration] | None = None,
        clock: ServiceClock | None = None,
        region: str = "us-east-1",
    ) -> None:
        self.region = region
        self.lock = threading.RLock()
        self.operations = handlers.OPERATIONS
        self.services = services.ALONE
        if neighbor:
            self.operations = {**handlers.OPERATIONS, **neighbor}
            self.services = frozenset({services.OWN, services.NEIGHBOR})
        self.clock = ServiceClock() if clock is None else clock
        self._seed = seed
        self._policy = policy
        self._own_provisioner = provisioner
        self.keeper: Keeper | None = None
        self.fault_numbers = itertools.count(1)  # not begun again: one stands for one fault
        self.state = State()
        self._clear(State(), {})
        SERVICES[next(_NUMBERS)] = self
        if self.observer is not None:
            self.observer.created(self)

    def _clear(self, state: State, counters: Mapping[str, int]) -> None:
        if self.state.changes is not None:
            state.changes = Changes.all_of(entries.keys(state))
        self.state = state
        self.ids = Ids(self._seed)
        self.ids.counters.update(counters)
        self.chain = Chain()
        self.history = History()
        self._requests = itertools.count(1)
        self._request_ids = self.ids.start_of("request")
        self.worker = Worker(self._policy)
        if self.observer is not None:
            self.worker.moved = set()
        self.provisioner = self._own_provisioner or InMemoryProvisioner(self.state, self.ids)

    def context(self, region: str) -> Context:
        """The backend as a call in a region sees it."""
        return Context(
            self.operations,
            self.worker,
            self.state,
            self.clock,
            self.ids,
            self.provisioner,
            region,
            moved=self.worker.moved,
        )

    def call(self, operation: Any, params: Params, *, region: str, transport: str) -> Params:
        """Answer one call, whose params have passed the client's validation.

        The answer is the caller's own; ``params`` is kept in the history. Raises ServiceError
        or TransportFault, which are recorded too, and UnknownOperation, which is not. After
        an error the state is what it was.
        """
        if operation not in handlers.compared() and operation not in self.operations:
            operation = self.named(operation)
        declared = self.operations[operation]
        names = _names(operation)
        if not names.have_all_of(params):
            # Clients let through what their botocore knows; all transports ignore it alike.
            params = names.known_in(params)
        with self.lock:
            try:
                if self.keeper is None:
                    answer = self._answer(declared, params, region)
                else:
                    with self.keeper.keeping(reading=operation.startswith(_READS)):
                        answer = self._answer(declared, params, region)
            except (errors.ServiceError, errors.TransportFault) as error:
                kept = without_traceback(error)
                self.history.append(Call(operation, params, None, kept, region, transport))
                raise
            self.history.append(Call(operation, params, copied(answer), None, region, transport))
            return answer

    def _answer(self, declared: Declaration, params: Params, region: str) -> Params:
        if self.chain:
            answer = self.chain.run(declared.name, params, self.clock)
            if answer is not None:
                return answer
        for violation in table.current().violations(declared.name, Layer.SERVICE, params):
            raise checking.rejected(declared.name, violation)
        context = self.context(region)
        self.worker.settle(context)
        if declared.during is not None:
            return self.worker.submit(context, declared, params)
        try:
            for need in declared.needs:
                need(context, params)
            answered: Params = perform(context, declared, params)
            return answered
        except ProvisioningError as error:  # no job that could fail with it
            rejected = errors.BadRequest(f"{errors.OBSERVED_PREFIX}{error}")
            rejected.rule = error.rule
            raise rejected from error

    def explain(self, error: BaseException, message: str, region: str, app_id: Any) -> None:
        """Note on a client's error for an app that is missing where else there is one."""
        if message.endswith(STATE_RULES["app.missing"].text.format(app=app_id)):
            with self.lock:
                self.state.note_regions(error, region, app_id)

    def named(self, operation: object) -> CalledOperation:
        """The operation of a name, ``GetBackend`` or ``get_backend``; or UnknownOperation."""
        return services.named(operation, self.operations)

    def request_id(self) -> str:
        """The id of the next request: the n-th of a fake is the same in every run."""
        return f"{self._request_ids}{next(self._requests):012x}"

    def forget_calls(self, kept: int) -> None:
        """Forget all but the newest calls, once the history has twice as many."""
        with self.lock:
            if len(self.history) > 2 * kept:
                if self.observer is not None:
                    self.observer.forgetting(self)
                self.history = History(self.history[-kept:])

    @contextlib.contextmanager
    def locked(self, seconds: float) -> Iterator[bool]:
        """Hold the lock if it can be had in so many seconds; gives whether it is held."""
        held = self.lock.acquire(timeout=seconds)
        try:
            yield held
        finally:
            if held:
                self.lock.release()

    def settle(self) -> None:
        """End the jobs whose time has come, without a call."""
        self.worker.settle(self.context(""))

    def reset(self) -> None:
        """Back to the beginning: no state, history or faults, the clock at its start."""
        with self.lock:
            if self.observer is not None:
                self.observer.forgetting(self)
            self.clock.reset()
            self._clear(State(), {})

    def dump(self) -> dict[str, Any]:
        """State, clock and counters as JSON-ready data; not the history, faults or plans."""
        with self.lock:
            self.settle()
            return {
                "version": VERSION,
                "clock": self.clock.milliseconds(),
                "counters": dict(self.ids.counters),
                **self.state.dump(),
            }

    def load(self, dumped: Mapping[str, Any]) -> None:
        """Take over a dump; nothing is changed when it is not one.

        Raises UsageError with a sentence for data that :meth:`dump` did not make.
        """
        version = dumped.get("version") if isinstance(dumped, Mapping) else None
        if type(version) is not int or version != VERSION:
            raise errors.UsageError(
                f"load() takes what dump() gave, version {VERSION}; this has version "
                f"{shown(version)}."
            )
        try:
            state = State.loaded(dumped)
            counters = dict(dumped["counters"])
            loading.validate(state, counters)
            clock = loading.clock(dumped["clock"])
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise errors.UsageError(
                f"load() takes what dump() gave; this is damaged: {_reason(error)} "
                "Nothing was loaded."
            ) from None
        self._take_over(state, counters, clock)

    def restore(self, dumped: Mapping[str, Any]) -> None:
        """Take over what the keeper has written, unchecked: the fake itself has made it."""
        self._take_over(State.loaded(dumped), dumped["counters"], dumped["clock"])

    def _take_over(self, state: State, counters: Mapping[str, int], clock: int) -> None:
        with self.lock:
            if self.observer is not None:
                self.observer.forgetting(self)
            put_back = self.besides_state()
            self._clear(state, counters)
            put_back()
            self.clock.restore(clock)

    def known_secrets(self) -> frozenset[str]:
        """The secrets in requests, answers and the configs of auth resources."""
        found: set[str] = set()
        with self.lock:
            for call in self.history:
                operation = services.operation(call.operation)
                found.update(secrets_in(call.params, operation.input_shape))
                found.update(secrets_in(call.response, operation.output_shape))
            members = catalogue.operations()["CreateBackendAuth"].input_shape.members
            for app in self.state.apps.values():
                found.update(_secrets_of_hosting(app))
                for environment in app.environments.values():
                    auth = environment.resources.get("auth")
                    if auth is not None:
                        found.update(secrets_in(auth.config, members["ResourceConfig"]))
                        found.update(auth.outputs.get("AppClientSecret", "").split())
        return frozenset(found)

    def besides_state(self) -> Callable[[], None]:
        """A function that puts everything but the state back to how it is now.

        What faults have counted since stays counted, and calls made since stay in the history.
        """
        kept = self.history, self.chain, self.worker, self._requests
        planned = {operation: deque(texts) for operation, texts in self.worker.planned.items()}

        def put_back() -> None:
            self.history, self.chain, self.worker, self._requests = kept
            self.worker.planned = planned

        return put_back


@functools.cache
def _names(operation: str) -> Names:
    return Names.of(services.operation(operation).input_shape)


def _secrets_of_hosting(app: App) -> Iterator[str]:
    """The secrets that the neighbor keeps of an app."""
    if app.hosting is not None:
        yield from secrets_in(app.hosting.members, services.operation("CreateApp").input_shape)
        for branch in app.hosting.branches.values():
            yield from secrets_in(branch, services.operation("CreateBranch").input_shape)


def _reason(error: Exception) -> str:
    """Why a dump cannot be loaded, in at most 200 characters."""
    text = (
        f"it has no {shown(error.args[0])}"
        if isinstance(error, KeyError)
        else str(error).rstrip(".")
    )
    return f"{text}." if len(text) <= 200 else f"{text[:197]}..."
