"""Credentials of served clients: local ones or dummies, never looked up over the network.

botocore finds credentials in files and variables, but it also asks for them: instance metadata,
STS, SSO, a ``credential_process``. A fake needs none of that. So while one is active, a client of
the service that is made in this process gets the credentials that its program has set, or that are
stored on this machine, else dummies. The session stays as it is, and so do clients of other
services. Requests of a client that was made before, with credentials that would have to be asked
for, are signed with dummies. A client for which nothing names a region gets that of the fake.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import botocore
from botocore import utils
from botocore.credentials import Credentials
from botocore.exceptions import ProfileNotFound
from botocore.session import Session
from botocore.signers import RequestSigner

from pytest_amplifybackend._patching import Change, LateImports, Patch
from pytest_amplifybackend._tracebacks import transparent
from pytest_amplifybackend._transports import event_names, loaders
from pytest_amplifybackend._transports.activation import Activation

_READERS = frozenset(
    {"env", "shared-credentials-file", "config-file", "ec2-credentials-file", "boto-config"}
)
"""The methods of botocore's providers that read what lies on this machine, and run nothing."""

_SIGNS_PER_REQUEST = (
    "request_credentials" in inspect.signature(RequestSigner.get_auth_instance).parameters
)
"""Whether a request can be signed with credentials of its own (botocore 1.33 and newer)."""

_MAKING: ContextVar[bool] = ContextVar("amplifybackend_making_a_client", default=False)


def dummies() -> Any:
    """Dummy credentials."""
    return Credentials("testing", "testing")


def aio_dummies() -> Any:
    """The same, as aiobotocore has them."""
    from aiobotocore.credentials import AioCredentials

    return AioCredentials("testing", "testing")


def _are_at_hand(credentials: Any) -> bool:
    """Whether there are credentials, plain ones: others may have to be asked for."""
    return type(credentials).__name__ in ("Credentials", "AioCredentials")


def signature(client: Any, context: dict[str, Any], made: Callable[[], Any] = dummies) -> Any:
    """The answer to ``choose-signer`` for a served request: None to sign it as ever, or UNSIGNED.

    Where the credentials would have to be asked for, the request gets dummies of its own.
    """
    credentials = client._request_signer._credentials  # noqa: SLF001  # nothing public has them
    if _are_at_hand(credentials):
        return None
    if credentials is None or not _SIGNS_PER_REQUEST:
        return botocore.UNSIGNED
    context.setdefault("signing", {})["request_credentials"] = made()
    return None


@contextlib.contextmanager
def _making_a_client() -> Iterator[None]:
    """Within it, sessions of this thread or task ask nobody."""
    token = _MAKING.set(True)
    try:
        yield
    finally:
        _MAKING.reset(token)


def changes(activation: Activation, *, without_profile: bool = True) -> list[Change]:
    """What is replaced in the sessions of botocore and aiobotocore, for clients of the service.

    ``without_profile`` lets the profile that the environment names be missing. boto3 asks for it
    before it is known which service a client will be of, so that touches other clients.
    """
    loader = [Patch(Session, "get_component", _loader_without_profile)] if without_profile else []
    return [
        *_in_botocore(activation),
        *loader,
        *loaders.changes(_MAKING.get),
        *event_names.changes(_MAKING.get),
        LateImports(
            activation.add,
            {
                "aiobotocore.session": lambda module: _in_aiobotocore(activation, module),
                "aiobotocore.utils": _region_of_aiobotocore,
            },
        ),
    ]


def _in_botocore(activation: Activation) -> list[Change]:
    def creating(previous: Callable[..., Any]) -> Callable[..., Any]:
        @transparent
        def create_client(session: Any, *args: Any, **kwargs: Any) -> Any:
            if not activation.active or not _is_ours(activation, *args, **kwargs):
                return previous(session, *args, **kwargs)
            with _making_a_client():
                args, kwargs = _with_region(activation, session, args, kwargs)
                return previous(session, *args, **kwargs)

        return create_client

    return [
        Patch(Session, "create_client", creating),
        Patch(Session, "get_credentials", _while_making(_at_hand)),
        Patch(Session, "get_scoped_config", _without_missing_profile),
        *(
            Patch(owner, name, _while_making(lambda *_, **__: None))
            for owner, name in (
                (Session, "get_auth_token"),
                (getattr(utils, "IMDSRegionProvider", None), "provide"),
            )
            if hasattr(owner, name)  # both are newer than the oldest botocore
        ),
    ]


def _in_aiobotocore(activation: Activation, module: Any) -> list[Change]:
    def creating(previous: Callable[..., Any]) -> Callable[..., Any]:
        @transparent
        async def _create_client(session: Any, *args: Any, **kwargs: Any) -> Any:
            if not activation.active or not _is_ours(activation, *args, **kwargs):
                return await previous(session, *args, **kwargs)
            with _making_a_client():
                args, kwargs = _with_region(activation, session, args, kwargs)
                return await previous(session, *args, **kwargs)

        return _create_client

    return [
        Patch(module.AioSession, "_create_client", creating),
        Patch(module.AioSession, "get_credentials", _while_making(_at_hand_of_aiobotocore)),
    ]


def _region_of_aiobotocore(module: Any) -> list[Change]:
    async def nowhere(*_: Any) -> None:
        return None

    owner = getattr(module, "AioIMDSRegionProvider", None)
    return [] if owner is None else [Patch(owner, "provide", _while_making(nowhere))]


def _with_region(
    activation: Activation, session: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of ``create_client``, with the fake's region where nothing names one.

    A program may name one itself, in a Config, or by the configuration of the machine.
    """
    configs = (kwargs.get("config"), session.get_default_client_config())
    named = [args[1] if len(args) > 1 else kwargs.get("region_name")]
    named += [getattr(config, "region_name", None) for config in configs]
    if activation.backend is None or any(named) or session.get_config_variable("region"):
        return args, kwargs
    if len(args) > 1:
        return (args[0], activation.backend.region, *args[2:]), kwargs
    return args, {**kwargs, "region_name": activation.backend.region}


def _is_ours(activation: Activation, service_name: Any = None, *_: Any, **__: Any) -> bool:
    """Whether the arguments of ``create_client`` ask for a client of a service that is served."""
    return any(service_name == service for service in activation.services)


def _while_making(instead: Callable[..., Any]) -> Callable[..., Any]:
    """A method that does something else where a client of the service is being made."""

    def make(previous: Callable[..., Any]) -> Callable[..., Any]:
        def method(*args: Any, **kwargs: Any) -> Any:
            return (instead if _MAKING.get() else previous)(*args, **kwargs)

        return method

    return make


def _at_hand(session: Any) -> Any:
    """The credentials that a session has, or finds without asking anybody, else dummies."""
    if _are_at_hand(session._credentials):  # noqa: SLF001  # get_credentials() would look for them
        return session._credentials  # noqa: SLF001  # see above
    for provider in _readers(session):
        with contextlib.suppress(Exception):  # half of a pair, or a file that cannot be read
            found = provider.load()
            if found is not None:
                return found
    return dummies()


async def _at_hand_of_aiobotocore(session: Any) -> Any:
    """The same for a session of aiobotocore, whose credentials are of a type of its own."""
    if _are_at_hand(session._credentials):  # noqa: SLF001  # see _at_hand()
        return session._credentials  # noqa: SLF001  # see _at_hand()
    for provider in _readers(session):
        with contextlib.suppress(Exception):  # see _at_hand()
            found = await provider.load()
            if found is not None:
                return found
    return aio_dummies()


def _readers(session: Any) -> list[Any]:
    """Those of a session's providers of credentials that only read, in its own order."""
    try:
        providers = session.get_component("credential_provider").providers
    except Exception:  # noqa: BLE001  # a profile that is not there, a resolver of the program's own
        return []
    return [provider for provider in providers if provider.METHOD in _READERS]


def _without_missing_profile(previous: Callable[..., Any]) -> Callable[..., Any]:
    """``Session.get_scoped_config``, for which a profile of the environment may be missing.

    One that the program names itself has to be there, as ever.
    """

    def get_scoped_config(session: Any) -> Any:
        try:
            return previous(session)
        except ProfileNotFound:
            if not _MAKING.get() or session.instance_variables().get("profile") is not None:
                raise
            return {}

    return get_scoped_config


def _loader_without_profile(previous: Callable[..., Any]) -> Callable[..., Any]:
    """``Session.get_component``: boto3 asks a new session for its loader before any client."""

    def get_component(session: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        if name != "data_loader" or _MAKING.get():
            return previous(session, name, *args, **kwargs)
        with _making_a_client():
            return previous(session, name, *args, **kwargs)

    return get_component
