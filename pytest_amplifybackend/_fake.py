"""FakeAmplifyBackend, the object that users work with: a service behind a transport."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Unpack, overload

from pytest_amplifybackend import _assertions as assertions
from pytest_amplifybackend import _options, _usage, errors, progress
from pytest_amplifybackend import _transports as transports
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.regions import check_region
from pytest_amplifybackend._arguments import (
    choice,
    duration,
    flag,
    json_ready,
    whole,
)
from pytest_amplifybackend._presets import PresetState
from pytest_amplifybackend._report import unused
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._service.calls import Interceptor
from pytest_amplifybackend._tracebacks import hides_arguments
from pytest_amplifybackend._transports import isolated_client
from pytest_amplifybackend._views import Calls, Jobs

if TYPE_CHECKING:
    import os

    from types_boto3_amplify import AmplifyClient
    from types_boto3_amplifybackend import AmplifyBackendClient

    from pytest_amplifybackend._api.literals import ServedOperation
    from pytest_amplifybackend._provision.moto import Moto
    from pytest_amplifybackend._service.clock import Clock
    from pytest_amplifybackend._service.operations import Declaration
    from pytest_amplifybackend._service.provisioning import Provisioner
    from pytest_amplifybackend._transports.responses_mock import ResponsesTransport
    from pytest_amplifybackend._transports.server import Server

_LONGEST_DELAY = 10**9
"""In seconds, some 32 years."""


@hides_arguments
class FakeAmplifyBackend(PresetState):
    """A stateful fake of AWS Amplify Backend.

    As a context manager, or between :meth:`activate` and :meth:`deactivate`, it serves every
    ``amplifybackend`` client of the process. ``seed`` determines every id; ``jobs`` is the
    progress policy; ``errors`` is ``modeled`` or ``observed``; ``transport`` is ``stubber``,
    ``wire`` or ``aio``; ``clock`` is ``virtual``, which stands still until it is moved, or
    ``system``, which follows ``time.time()``; ``provisioner`` makes the resources of jobs (in
    memory by default); ``region`` is the region of preset state and of :meth:`call` unless those
    name another; ``verify_signatures`` maps access keys to secret keys, and requests over HTTP
    (:meth:`serve`, :meth:`behind_requests`) must be signed with one of them. ``moto`` lets jobs
    provision in moto, whose ``mock_aws`` is active as long as the fake or its server is; it needs
    the extra of that name. ``amplify`` serves clients of the neighboring service ``amplify`` too,
    from the same state; None does so with ``moto``. ``shared_endpoint`` lets AWS_ENDPOINT_URL lead
    to a server of the fake too, where requests for any other service then get an error.
    Raises UsageError for any other value.
    """

    def __init__(
        self,
        *,
        seed: int | str = _options.SEED.default,
        jobs: progress.Progress | timedelta | str | None = _options.JOBS.default,
        errors: _options.ErrorStyle = _options.ERRORS.default,
        transport: _options.TransportName = _options.TRANSPORT.default,
        clock: _options.ClockName = _options.CLOCK.default,
        provisioner: Provisioner | None = _options.PROVISIONER.default,
        region: str = _options.REGION.default,
        verify_signatures: Mapping[str, str] | None = _options.VERIFY_SIGNATURES.default,
        moto: bool = _options.MOTO.default,
        amplify: bool | None = _options.AMPLIFY.default,
        shared_endpoint: bool = _options.SHARED_ENDPOINT.default,
    ) -> None:
        self._shared_endpoint = flag(_usage.FAKE, "shared_endpoint", shared_endpoint)
        self.region = check_region(_usage.FAKE, "region", region)
        self._error_style = _usage.error_style(errors)
        self._secrets = _usage.keys(verify_signatures)
        provisioner = _usage.provisioner(provisioner)
        self._moto: Moto | None = None
        if flag(_usage.FAKE, "moto", moto):
            provisioner, self._moto = _in_moto(provisioner)
        amplify = _usage.switch("amplify", amplify)
        neighbor = (self._moto is not None) if amplify is None else amplify
        self._backend = Service(
            seed=_usage.seed(seed),
            policy=_usage.policy(jobs),
            provisioner=provisioner,
            neighbor=_neighbor() if neighbor else None,
            clock=_usage.clock(clock),
            region=self.region,
        )
        self._transport = transports.create(
            _usage.transport(transport), self._backend, error_style=self._error_style
        )
        self._control_tokens: set[str] = set()
        self._asserted: set[int] = set()
        self.jobs = Jobs(self._backend)
        self.calls = Calls(self._backend)

    @property
    def clock(self) -> Clock:
        """The fake's clock: ``now()``, ``shift()``, ``move_to()``."""
        return self._backend.clock

    # Activation and clients

    def activate(self) -> None:
        """Serve every client of the process from now on; raises UsageError if it is active."""
        self.__enter__()

    def deactivate(self) -> None:
        """Serve only clients that were attached or made here; does nothing if it is not active."""
        try:
            if self._backend.worker.waits:
                from pytest_amplifybackend._report import hints

                hints.log_waiting(self._backend)
            self._transport.deactivate()
        finally:
            if self._moto is not None:
                self._moto.stop(self)

    def __enter__(self) -> FakeAmplifyBackend:
        if self._transport.active:
            raise errors.UsageError(
                "this FakeAmplifyBackend is already active; call deactivate() first."
            )
        try:
            if self._moto is not None:
                self._moto.start(self)
            self._transport.activate(self.deactivate)
            return self
        except BaseException:  # an interrupt as well: all of it, or nothing
            self.deactivate()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            from pytest_amplifybackend._report import hints

            for hint in hints.waiting(self._backend):
                error.add_note(f"{_options.MARKER}: {hint}")
        self.deactivate()
        if kind is None and (self._backend.chain or self._backend.worker.planned):
            text = unused.message(self._backend)
            if text:
                # one level is the wrapper that hides arguments from tracebacks
                warnings.warn(text, errors.UnusedExpectationWarning, stacklevel=3)

    @overload
    def client(
        self,
        region_name: str | None = None,
        *,
        service_name: Literal["amplifybackend"] = "amplifybackend",
        **options: Any,
    ) -> AmplifyBackendClient: ...
    @overload
    def client(
        self, region_name: str | None = None, *, service_name: Literal["amplify"], **options: Any
    ) -> AmplifyClient: ...
    def client(
        self,
        region_name: str | None = None,
        *,
        service_name: str = catalogue.SERVICE,
        **options: Any,
    ) -> Any:
        """A new botocore client of this fake, which serves it even while the fake is not active.

        ``service_name`` may be ``amplify`` if the fake serves that. The client reads neither
        profiles nor credentials of the machine. ``options`` go to botocore's
        ``Session.create_client``.
        """
        _usage.client_options(options)
        service = choice("client", "service_name", service_name, sorted(self._backend.services))
        region = self._region("client", region_name, "region_name")
        made = isolated_client(region, service, **options)
        self._transport.attach(made, permanent=True)
        return made

    def attach(self, client: Any) -> Any:
        """Serve a client in preference to all other fakes.

        It stays attached until the fake is deactivated or, if the fake is not active, until
        the client is detached. Returns what serves it: botocore's Stubber, by default.
        """
        return self._transport.attach(client, permanent=not self._transport.active)

    def detach(self, client: Any) -> None:
        """Stop serving a client, even while active; the guard then stops its calls."""
        self._transport.detach(client)

    def serve(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        allowed_hosts: Iterable[str] = (),
        allowed_origins: Iterable[str] = (),
        control_token: str | None = None,
        state_file: str | os.PathLike[str] | None = None,
        keep_calls: int | None = None,
    ) -> Server:
        """The fake behind a URL, for ``with fake.serve() as server``; needs the extra ``http``.

        ``port`` 0 picks a free port; ``allowed_hosts`` are further names for the ``Host`` header,
        besides the server's own; ``allowed_origins`` are origins, such as
        ``https://app.example``, whose pages may use the server, besides pages of this machine;
        requests of the control API must carry ``control_token`` in their header. ``state_file``
        persists the state. ``keep_calls`` limits the history of a long-running server to that
        many of the newest calls (at times twice as many; None keeps all). The fake need not be
        active. With ``moto``, the URL serves every other AWS service too; the credential scope of
        a request says which.
        """
        from pytest_amplifybackend._transports.server import Server

        server = Server(
            self,
            self._backend,
            error_style=self._error_style,
            region=self.region,
            host=_usage.host(host),
            port=_usage.port(port),
            secrets=self._secrets,
            allowed_hosts=_usage.hosts(allowed_hosts),
            allowed_origins=_usage.origins(allowed_origins),
            control_token=control_token,
            state_file=_usage.file(state_file),
            keep_calls=_usage.kept_calls(keep_calls),
            moto=self._moto,
            shared_endpoint=self._shared_endpoint,
        )
        if control_token is not None:
            self._control_tokens.add(control_token)
        return server

    def behind_requests(self) -> ResponsesTransport:
        """The fake behind the library requests, for ``with fake.behind_requests()``.

        It answers for every host of the service, beside the responses that a test registers with
        the library responses. Needs the extra ``http``.
        """
        from pytest_amplifybackend._transports.responses_mock import ResponsesTransport

        return ResponsesTransport(
            self._backend,
            error_style=self._error_style,
            region=self.region,
            secrets=self._secrets,
        )

    def call(
        self,
        operation: ServedOperation,
        params: Mapping[str, Any] | None = None,
        *,
        region: str | None = None,
    ) -> dict[str, Any]:
        """Call the service without a client; returns the response without ``ResponseMetadata``.

        Raises ServiceError where the service answers with an error, and UsageError for an
        unknown operation or params that botocore's client would reject.
        """
        operation = self._backend.named(operation)
        return self._backend.call(
            operation,
            _usage.params(f"call({operation!r})", operation, params),
            region=self._region("call", region),
            transport="call",
        )

    # Faults, delays, overrides

    def fail(
        self,
        operation: ServedOperation,
        error: errors.ServiceError | errors.TransportFault,
        *,
        times: int | None = 1,
        after: int = 0,
        when: Mapping[str, Any] | None = None,
        optional: bool = False,
    ) -> None:
        """Make calls of an operation fail before they reach the service.

        The first ``after`` matching calls pass, and the next ``times`` fail (None: all that
        follow). A call matches if its params contain ``when``. A test in which it never acts fails,
        unless it is ``optional``. Raises UnknownOperation or UsageError for wrong arguments.
        """
        made = _usage.injected(error)
        self._intercept("fail", operation, times, after, when, optional, error=made)

    def delay(
        self,
        operation: ServedOperation,
        *,
        seconds: float | timedelta,
        times: int | None = None,
        after: int = 0,
        when: Mapping[str, Any] | None = None,
        optional: bool = False,
    ) -> None:
        """Make calls of an operation take ``seconds`` on the fake's clock; nothing sleeps."""
        operation = self._backend.named(operation)
        wait = duration("delay", "seconds", seconds, least=0, most=_LONGEST_DELAY)
        self._intercept("delay", operation, times, after, when, optional, seconds=wait)

    def override(
        self,
        operation: ServedOperation,
        response: Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]],
        *,
        times: int | None = None,
        after: int = 0,
        when: Mapping[str, Any] | None = None,
        optional: bool = False,
    ) -> None:
        """Answer calls of an operation with a response, or with that of a function of the params.

        The response is validated against the operation's shape; UsageError says what is wrong
        with it. A function may also raise one of ``errors``.
        """
        operation = self._backend.named(operation)
        answer = _usage.answering(operation, response)
        self._intercept("override", operation, times, after, when, optional, answer=answer)

    def _intercept(
        self,
        method: str,
        operation: ServedOperation,
        times: int | None,
        after: int,
        when: Mapping[str, Any] | None,
        optional: bool,
        **action: Any,
    ) -> None:
        operation = self._backend.named(operation)
        part = _usage.part(f"{method}({operation!r})", "when", operation, when)
        link = Interceptor(
            operation,
            part,
            after=whole(method, "after", after),
            times=None if times is None else whole(method, "times", times),
            optional=flag(method, "optional", optional),
            number=next(self._backend.fault_numbers),
            **action,
        )
        with self._backend.lock:
            self._backend.chain.append(link)

    # Assertions

    def assert_called(
        self, operation: ServedOperation, times: int | None = None, **subset: Any
    ) -> None:
        """Fail unless the operation was called with these members, exactly ``times`` times if set.

        Structures are compared member by member, and members that are not named may have any
        value. The AssertionError shows similar calls and the members in which they differ.
        """
        operation = self._backend.named(operation)
        subset = _usage.part(f"assert_called({operation!r})", "params", operation, subset)
        times = None if times is None else whole("assert_called", "times", times)
        self._asserted.update(
            assertions.assert_called(self._backend.history, operation, times, subset)
        )

    def assert_not_called(self, operation: ServedOperation) -> None:
        """Fail if the operation was called."""
        operation = self._backend.named(operation)
        assertions.assert_not_called(self._backend.history, operation)

    def assert_no_other_calls(self) -> None:
        """Fail if there were calls that no earlier ``assert_called`` matched."""
        assertions.assert_no_other_calls(self._backend.history, self._asserted)

    def assert_no_unused(self) -> None:
        """Fail if a fault, delay, override or planned failure never acted that is not optional.

        The fixtures do this at the end of a test that has not failed.
        """
        text = unused.message(self._backend)
        if text:
            raise AssertionError(text)

    # State

    def known_secrets(self) -> frozenset[str]:
        """The secrets of requests, preset state and servers, so that they can be hidden."""
        found = self._backend.known_secrets()
        return found | frozenset((self._secrets or {}).values()) | self._control_tokens

    def reset(self) -> None:
        """Forget state, jobs, calls and faults, and set the clock back; clients stay attached."""
        self._backend.reset()
        self._transport.reset()
        self._asserted = set()

    def dump(self) -> dict[str, Any]:
        """The state as JSON-ready data: apps, jobs, buckets, clock and counters, secrets included.

        The call history, faults and scheduled failures are not part of it.
        """
        return self._backend.dump()

    def load(self, dumped: Mapping[str, Any]) -> None:
        """Replace the state by a :meth:`dump` of any fake; raises UsageError for other data."""
        self._backend.load(json_ready("load", "dumped", dumped))

    def __repr__(self) -> str:
        state = "active" if self._transport.active else "not active"
        return f"<FakeAmplifyBackend {state}, {len(self.calls)} calls, {len(self.jobs)} jobs>"


class FakeFactory(Protocol):
    """The type of the fixture ``amplifybackend_factory``."""

    def __call__(self, **options: Unpack[_options.FakeOptions]) -> FakeAmplifyBackend:
        """A fresh fake, with the defaults of the run for the options that are not named."""
        ...


def _neighbor() -> Mapping[str, Declaration]:
    """The operations of the neighbor, which is not imported without need."""
    from pytest_amplifybackend._amplify.operations import OPERATIONS

    return OPERATIONS


def _in_moto(provisioner: Provisioner | None) -> tuple[Provisioner, Moto]:
    """A provisioner in moto, and what starts moto; moto itself is not imported yet."""
    if provisioner is not None:
        problem = "cannot be combined with moto=True, which brings its own."
        raise errors.InvalidArgument(_usage.FAKE, "provisioner", problem)
    from pytest_amplifybackend._provision.moto import Moto

    made = Moto()
    return made.provisioner, made
