"""FakeAmplifyBackend: the one object a user holds, joining a service and a transport."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pytest_amplifybackend import assertions, errors, progress, transports
from pytest_amplifybackend.model import validity
from pytest_amplifybackend.model.values import copied
from pytest_amplifybackend.service import given, secrets
from pytest_amplifybackend.service.backend import Backend, check_known
from pytest_amplifybackend.service.interceptors import Interceptor
from pytest_amplifybackend.transports.clients import hermetic_client
from pytest_amplifybackend.views import Calls, Jobs

if TYPE_CHECKING:
    import os

    from pytest_amplifybackend.provisioning.moto import Moto
    from pytest_amplifybackend.service.clock import Clock
    from pytest_amplifybackend.service.provisioning import Provisioner
    from pytest_amplifybackend.transports.responses_mock import ResponsesTransport
    from pytest_amplifybackend.transports.server import Server

DEFAULT_REGION = "us-east-1"


class FakeAmplifyBackend:
    """A stateful fake of AWS Amplify Backend.

    As a context manager, or between :meth:`activate` and :meth:`deactivate`, it serves every
    ``amplifybackend`` client of the process. ``seed`` fixes every id; ``jobs`` is the progress
    policy; ``errors`` is ``modeled`` or ``observed``; ``provisioner`` makes what jobs provision
    (in memory by default); ``region`` is where given state and :meth:`call` go by default;
    ``verify_signatures`` maps access keys to secret keys, one of which must then have signed
    what comes over HTTP (:meth:`serve`, :meth:`behind_requests`). ``moto`` lets jobs provision in
    moto, whose ``mock_aws`` is active as long as the fake or its server is; it needs the extra of
    that name.
    Raises UsageError for a value that is none of these.
    """

    def __init__(
        self,
        *,
        seed: int | str = 0,
        jobs: progress.Progress | None = None,
        errors: str = "modeled",
        transport: str = "stubber",
        provisioner: Provisioner | None = None,
        region: str = DEFAULT_REGION,
        verify_signatures: Mapping[str, str] | None = None,
        moto: bool = False,
    ) -> None:
        policy = progress.immediate() if jobs is None else jobs
        _check_options(seed, policy, region)
        self.region = region
        self._moto: Moto | None = None
        if moto:
            provisioner, self._moto = _in_moto(provisioner)
        self._backend = Backend(seed=seed, policy=policy, provisioner=provisioner)
        self._transport = transports.create(transport, self._backend, error_style=errors)
        self._error_style = errors
        self._secrets = verify_signatures
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
        """Serve every client of the process from now on; raises UsageError if it does already."""
        self.__enter__()

    def deactivate(self) -> None:
        """Serve only clients that were attached or made here; does nothing when not active."""
        try:
            self._transport.deactivate()
        finally:
            if self._moto is not None:
                self._moto.stop(self)

    def __enter__(self) -> FakeAmplifyBackend:
        if self._transport.active:
            raise errors.UsageError("this FakeAmplifyBackend is active already.")
        try:
            if self._moto is not None:
                self._moto.start(self)
            self._transport.activate()
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
        self.deactivate()

    def client(self, region_name: str | None = None, **options: Any) -> Any:
        """A new botocore client of this fake, served also when the fake is not active.

        It reads neither profile nor credentials of the machine. ``options`` go to botocore's
        ``Session.create_client``.
        """
        made = hermetic_client(region_name or self.region, **options)
        self._transport.attach(made, lasting=True)
        return made

    def attach(self, client: Any) -> Any:
        """Serve a client before all other fakes; gives what serves it, a Stubber by default.

        While the fake is active this lasts until it no longer is, otherwise until the client
        is detached.
        """
        return self._transport.attach(client, lasting=not self._transport.active)

    def detach(self, client: Any) -> None:
        """Leave a client alone, also while active; its calls then end at the guard."""
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

        ``port`` 0 takes a free one; ``allowed_hosts`` are names that requests may use besides
        the server's own; ``allowed_origins`` are origins, such as ``https://app.example``, whose
        pages may use it besides those of this machine; requests of the control API must have
        ``control_token`` in their header. ``state_file`` keeps the state; ``keep_calls`` is how
        many of the newest calls stay in the history, twice as many at times, for a server that
        runs for long (None: all of them). Active or not, the fake is the same. With ``moto``, the
        URL is that of every other service of AWS too, by the credential scope.
        """
        from pytest_amplifybackend.transports.server import Server

        server = Server(
            self,
            self._backend,
            error_style=self._error_style,
            region=self.region,
            host=host,
            port=port,
            secrets=self._secrets,
            allowed_hosts=allowed_hosts,
            allowed_origins=allowed_origins,
            control_token=control_token,
            state_file=state_file,
            keep_calls=keep_calls,
            moto=self._moto,
        )
        if control_token is not None:
            self._control_tokens.add(control_token)
        return server

    def behind_requests(self) -> ResponsesTransport:
        """The fake behind the library requests, for ``with fake.behind_requests()``.

        It answers for every host of the service, together with what a test registers with the
        library responses. Needs the extra ``http``.
        """
        from pytest_amplifybackend.transports.responses_mock import ResponsesTransport

        return ResponsesTransport(
            self._backend,
            error_style=self._error_style,
            region=self.region,
            secrets=self._secrets,
        )

    def call(
        self, operation: str, params: Mapping[str, Any] | None = None, *, region: str | None = None
    ) -> dict[str, Any]:
        """Call the service without a client; gives the response without ``ResponseMetadata``.

        Raises ServiceError for what the service refuses, and UsageError for params that
        botocore's client would refuse, or an operation that is none.
        """
        check_known(operation)
        given_params = {} if params is None else params
        try:
            validity.check_params(operation, given_params)
        except validity.InvalidParams as error:
            raise errors.UsageError(f"{operation}: {error}") from error
        return self._backend.call(
            operation, copied(given_params), region=region or self.region, transport="call"
        )

    # Given state

    def add_app(
        self,
        app_id: str,
        *,
        name: str | None = None,
        environments: Iterable[str] = ("dev",),
        region: str | None = None,
    ) -> None:
        """Let an app be there, with empty environments; ``name`` is the id by default."""
        if isinstance(environments, str):
            raise errors.UsageError(
                f"environments is a list of names: write [{environments!r}], not {environments!r}."
            )
        with self._backend.lock:
            given.add_app(
                self._context(region), app_id, app_id if name is None else name, environments
            )

    def add_auth(
        self,
        app_id: str,
        environment: str = "dev",
        *,
        name: str | None = None,
        config: Mapping[str, Any] | None = None,
        imported: Mapping[str, Any] | None = None,
        region: str | None = None,
    ) -> None:
        """Let an auth resource be there, made from ``config`` or imported from four ids.

        ``imported`` holds UserPoolId, WebClientId, NativeClientId and perhaps IdentityPoolId.
        App and environment are added where they are missing; so for the other resources.
        """
        if imported is not None:
            _check_only("imported", name=name, config=config)
            self._add(region, "ImportBackendAuth", app_id, environment, **imported)
            return
        self._add(
            region,
            "CreateBackendAuth",
            app_id,
            environment,
            ResourceName="auth" if name is None else name,
            ResourceConfig=given.AUTH_CONFIG if config is None else config,
        )

    def add_api(
        self,
        app_id: str,
        environment: str = "dev",
        *,
        name: str = "api",
        config: Mapping[str, Any] | None = None,
        region: str | None = None,
    ) -> None:
        """Let an API be there, with one model and an API key unless ``config`` says otherwise."""
        self._add(
            region,
            "CreateBackendAPI",
            app_id,
            environment,
            ResourceName=name,
            ResourceConfig=given.API_CONFIG if config is None else config,
        )

    def add_storage(
        self,
        app_id: str,
        environment: str = "dev",
        *,
        name: str | None = None,
        config: Mapping[str, Any] | None = None,
        bucket: str | None = None,
        region: str | None = None,
    ) -> None:
        """Let storage be there, made from ``config`` or imported from an existing ``bucket``.

        It needs an auth resource, as on the real service.
        """
        if bucket is not None:
            _check_only("bucket", name=name, config=config)
            self._add(
                region,
                "ImportBackendStorage",
                app_id,
                environment,
                BucketName=bucket,
                ServiceName="S3",
            )
            return
        self._add(
            region,
            "CreateBackendStorage",
            app_id,
            environment,
            ResourceName="storage" if name is None else name,
            ResourceConfig=given.STORAGE_CONFIG if config is None else config,
        )

    def add_bucket(self, name: str) -> None:
        """Let an S3 bucket be there, for ListS3Buckets and ImportBackendStorage."""
        if not isinstance(name, str) or not name:
            raise errors.UsageError(f"a bucket has a name, a string that is not empty: {name!r}.")
        with self._backend.lock:
            given.add_bucket(self._context(None), name)

    def _add(
        self, region: str | None, operation: str, app_id: str, environment: str, **members: Any
    ) -> None:
        with self._backend.lock:
            given.add_resource(self._context(region), operation, app_id, environment, **members)

    def _context(self, region: str | None) -> Any:
        return self._backend.context(region or self.region)

    # Faults, delays, overrides

    def fail(
        self,
        operation: str,
        error: errors.ServiceError | errors.TransportFault,
        *,
        times: int | None = 1,
        after: int = 0,
        when: Mapping[str, Any] | None = None,
    ) -> None:
        """Let calls of an operation fail before the service sees them.

        ``after`` matching calls pass first, then ``times`` fail (None: all of them); ``when``
        is what the params must hold. Raises UnknownOperation or UsageError for wrong arguments.
        """
        if not isinstance(error, (errors.ServiceError, errors.TransportFault)):
            raise errors.UsageError(
                f"fail() takes an error such as errors.NotFound() or errors.ConnectionReset(), "
                f"not {error!r}."
            )
        self._intercept(operation, times, after, when, error=error)

    def delay(
        self,
        operation: str,
        *,
        seconds: float,
        times: int | None = None,
        after: int = 0,
        when: Mapping[str, Any] | None = None,
    ) -> None:
        """Let calls of an operation take ``seconds`` by the fake's clock; nothing sleeps."""
        if type(seconds) not in (int, float) or not 0 <= seconds < 10**9:
            raise errors.UsageError(f"delay() takes seconds from 0, not {seconds!r}.")
        self._intercept(operation, times, after, when, seconds=seconds)

    def override(
        self,
        operation: str,
        response: Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]],
        *,
        times: int | None = None,
        after: int = 0,
        when: Mapping[str, Any] | None = None,
    ) -> None:
        """Answer calls of an operation with a response, or what a function of the params gives.

        The response is held to the operation's shape; UsageError says what is wrong with it.
        A function may also raise one of ``errors``.
        """
        check_known(operation)
        self._intercept(operation, times, after, when, answer=_answering(operation, response))

    def _intercept(
        self,
        operation: str,
        times: int | None,
        after: int,
        when: Mapping[str, Any] | None,
        **action: Any,
    ) -> None:
        check_known(operation)
        _check_members(operation, {} if when is None else when)
        _check_count("times", times)
        _check_count("after", after, needed=True)
        with self._backend.lock:
            self._backend.chain.add(
                Interceptor(operation, copied(when or {}), after=after, times=times, **action)
            )

    # Assertions

    def assert_called(self, operation: str, times: int | None = None, **subset: Any) -> None:
        """Fail unless the operation was called with these members (``times`` times, if given).

        Structures are compared member by member: those not named may be anything. Raises
        AssertionError with the similar calls and the leaves in which they differ.
        """
        __tracebackhide__ = True
        check_known(operation)
        _check_members(operation, subset)
        _check_count("times", times)
        assertions.assert_called(self._backend.history, operation, times, subset)
        self._asserted |= assertions.matching_positions(self._backend.history, operation, subset)

    def assert_not_called(self, operation: str) -> None:
        """Fail if the operation was called."""
        __tracebackhide__ = True
        check_known(operation)
        assertions.assert_not_called(self._backend.history, operation)

    def assert_no_other_calls(self) -> None:
        """Fail if there were calls that no ``assert_called`` before was about."""
        __tracebackhide__ = True
        assertions.assert_no_other_calls(self._backend.history, self._asserted)

    # State

    def known_secrets(self) -> frozenset[str]:
        """The secrets of requests, given state and servers, so that they can be hidden."""
        with self._backend.lock:
            found = secrets.known(self._backend.state, self._backend.history)
        return found | frozenset((self._secrets or {}).values()) | self._control_tokens

    def reset(self) -> None:
        """Back to the beginning: state, jobs, calls, faults and clock; clients stay served."""
        self._backend.reset()
        self._transport.reset()
        self._asserted = set()

    def dump(self) -> dict[str, Any]:
        """The state as JSON-ready data: apps, jobs, buckets, clock and counters, secrets included.

        Not in it: the call history, faults, planned failures.
        """
        return self._backend.dump()

    def load(self, dumped: Mapping[str, Any]) -> None:
        """Take over what :meth:`dump` of any fake gave; raises UsageError for other data."""
        self._backend.load(dumped)

    def __repr__(self) -> str:
        state = "active" if self._transport.active else "not active"
        return f"<FakeAmplifyBackend {state}, {len(self.calls)} calls, {len(self.jobs)} jobs>"


def _in_moto(provisioner: Provisioner | None) -> tuple[Provisioner, Moto]:
    """A provisioner in moto, and moto, which is not imported yet."""
    if provisioner is not None:
        raise errors.UsageError("moto=True brings its own provisioner: give one or the other.")
    from pytest_amplifybackend.provisioning import moto

    return moto.provisioner(), moto.Moto()


def _check_options(seed: Any, policy: Any, region: Any) -> None:
    if isinstance(seed, bool) or not isinstance(seed, (int, str)):
        raise errors.UsageError(f"seed is a whole number or a string, not {seed!r}.")
    if not isinstance(
        policy, (progress.Immediate, progress.Manual, progress.AfterReads, progress.AfterSeconds)
    ):
        raise errors.UsageError(
            "jobs is a policy such as progress.immediate() or progress.after_reads(2), not "
            f"{policy!r}."
        )
    if not isinstance(region, str) or not region:
        raise errors.UsageError(f"region is a name such as 'us-east-1', not {region!r}.")


def _answering(
    operation: str, response: Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    if callable(response):
        make = response
        return lambda params: _checked(operation, make(params))
    fixed = _checked(operation, response)
    return lambda _: fixed


def _checked(operation: str, response: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of an override's response without ``ResponseMetadata``, held to the shape."""
    if not isinstance(response, Mapping):
        kind = type(response).__name__
        raise errors.UsageError(f"the override of {operation} is no dict but of type {kind}.")
    answer = {name: copied(item) for name, item in response.items() if name != "ResponseMetadata"}
    try:
        validity.check_response(operation, answer)
    except validity.InvalidParams as error:
        raise errors.UsageError(f"the override of {operation} does not fit: {error}") from error
    return answer


def _check_count(name: str, value: Any, *, needed: bool = False) -> None:
    if (value is None and not needed) or (type(value) is int and value >= 0):
        return
    raise errors.UsageError(f"{name} is a whole number from 0, not {value!r}.")


def _check_only(given_as: str, /, **others: Any) -> None:
    for other, value in others.items():
        if value is not None:
            raise errors.UsageError(f"{other} cannot be given together with {given_as}.")


def _check_members(operation: str, subset: Mapping[str, Any]) -> None:
    if not isinstance(subset, Mapping):
        raise errors.UsageError(f"when is a dict of members and their values, not {subset!r}.")
    try:
        validity.check_names(operation, subset)
    except validity.InvalidParams as error:
        raise errors.UsageError(str(error)) from None
