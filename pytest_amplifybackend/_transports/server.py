"""The transport ``server``: the fake on a port of this machine, for clients in any language."""

from __future__ import annotations

import functools
import importlib
import logging
import os
import threading
import time
import traceback
from collections.abc import Iterable, Mapping
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Protocol

from pytest_amplifybackend import errors
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._tracebacks import hides_arguments
from pytest_amplifybackend._transports import (
    clients_of_server,
    codec,
    control,
    credentials,
    live,
    other_services,
    rest_of_aws,
    routes,
)
from pytest_amplifybackend._transports.access import CONTROL_TOKEN, Access, varying
from pytest_amplifybackend._transports.activation import Activation, caller
from pytest_amplifybackend._transports.children import ENDPOINTS
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.control import Control
from pytest_amplifybackend._transports.debug_log import Redacted
from pytest_amplifybackend._transports.gateway import Exchange, Gateway, HTTPRequest, Later
from pytest_amplifybackend._transports.guard import Guard
from pytest_amplifybackend._transports.hosts import leads_to
from pytest_amplifybackend._transports.rest_of_aws import RestOfAws
from pytest_amplifybackend._transports.state_file import StateFile

if TYPE_CHECKING:
    from pytest_amplifybackend._fake import FakeAmplifyBackend

_OF_OTHER_CLIENTS = ("AWS_ENDPOINT_URL_AMPLIFY_BACKEND", "AMPLIFY_BACKEND_ENDPOINT")
"""Where SDKs that name the service by two words, and the Amplify CLI, look for the endpoint."""

_LOG = logging.getLogger(__name__)


_ALONE = (
    "This server has Amplify Backend alone, and the request is for another service. With moto it "
    "answers for the rest of AWS too: FakeAmplifyBackend(moto=True), or serve --with-moto."
)


def _is_of_aws(variable: str) -> bool:
    return variable.startswith("AWS_") or variable == CONTROL_TOKEN


class Moto(Protocol):
    """moto in this process."""

    def start(self, holder: object) -> None: ...
    def stop(self, holder: object) -> None: ...


class Server:
    """The fake behind a URL, as long as the ``with`` statement lasts.

    It listens from the beginning of the statement on, by default on loopback and a free port.
    ``secrets`` maps access keys to secret keys; with it, every request must be signed with one
    of them. ``allowed_hosts`` are further names that requests may use for it,
    ``allowed_origins`` further origins whose pages may use it. With ``control_token``, control
    requests must have it. Where other machines reach the server, it needs that or ``secrets``
    for the control API.
    ``state_file`` holds the state between two servers, and is used by one at a time. With
    ``moto``, which is active as long as the server is, every other service of AWS is answered
    too; ``shared_endpoint`` has programs come here for those in any case, and get an error. What
    an override raises first, other than one of ``errors``, is raised again at the end of the
    statement.

    Raises MissingExtra without httptools, OSError when it cannot listen and UsageError for a
    state file that cannot be used, a provisioner that is to work behind this very server, or an
    invalid option; at the end StateNotSaved for changes that could not be written.
    """

    def __init__(
        self,
        fake: FakeAmplifyBackend,
        backend: Service,
        *,
        error_style: str,
        region: str,
        host: str = "127.0.0.1",
        port: int = 0,
        secrets: Mapping[str, str] | None = None,
        allowed_hosts: Iterable[str] = (),
        allowed_origins: Iterable[str] = (),
        control_token: str | None = None,
        state_file: str | os.PathLike[str] | None = None,
        keep_calls: int | None = None,
        moto: Moto | None = None,
        shared_endpoint: bool = False,
    ) -> None:
        self._shared = shared_endpoint or moto is not None
        self._keep_calls = keep_calls
        if moto is not None and state_file is not None:
            raise errors.UsageError(
                "a state file cannot be used with moto: it would lack the state of moto."
            )
        self._moto = moto
        self._rest: RestOfAws | None = None
        self.fake = fake
        self.host = host
        self.port = port
        self._region = region
        self._secrets = secrets
        self._backend = backend
        self._exchange = Exchange(backend, error_style=error_style, transport="server")
        self._gateway = Gateway(self._exchange, default_region=region, secrets=secrets)
        self._control = Control(fake)
        self._events = live.Events(backend)
        self._access = Access(
            host,
            port,
            allowed_hosts=allowed_hosts,
            allowed_origins=allowed_origins,
            control_token=control_token,
            unsigned=None if secrets is None else self._gateway.unsigned,
        )
        self._file = None if state_file is None else StateFile(state_file, backend)
        self._listener: Any = None
        self._activation: Activation | None = None
        self._failures = _Failures()

    @property
    def url(self) -> str:
        """The endpoint, without a slash at the end."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """An environment for another program: this one's, but with nothing of AWS besides the fake.

        Give it to ``subprocess.run(..., env=server.env)``.
        """
        access_key, secret_key = next(iter((self._secrets or {"testing": "testing"}).items()))
        own = {name: value for name, value in os.environ.items() if not _is_of_aws(name)}
        spared = [own.get("NO_PROXY") or own.get("no_proxy"), self.host, "localhost"]
        no_proxy = ",".join(filter(None, spared))
        return {
            **own,
            **({rest_of_aws.ENDPOINT: self.url} if self._shared else {}),
            **({} if self._access.token is None else {CONTROL_TOKEN: self._access.token}),
            **{ENDPOINTS[service]: self.url for service in self._backend.services},
            **dict.fromkeys(_OF_OTHER_CLIENTS, self.url),
            "AMPLIFY_BACKEND_REGION": self._region,
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret_key,
            "AWS_REGION": self._region,
            "AWS_DEFAULT_REGION": self._region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
        }

    def listen(self) -> None:
        """Open the port; connections wait until the server runs."""
        try:
            listener = importlib.import_module("pytest_amplifybackend._transports.listener")
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != "httptools":
                raise
            raise errors.MissingExtra(
                "The server needs httptools: pip install 'pytest-amplifybackend[http]'"
            ) from error
        self._backend.provisioner.keep_off(self._is_own)
        if self._file is not None:
            self._file.open()
        try:
            if self._moto is not None:
                self._rest = RestOfAws()
            self._listener = listener.Listener(self.answer, self.host, self.port)
            if self._moto is not None:
                self._moto.start(self)
        except BaseException:
            if self._listener is not None:
                self._listener.close()
            self._close_file()
            raise
        self.port = self._listener.port
        self._access.listens_at(self.port)

    def _is_own(self, url: str) -> bool:
        return leads_to(url, self.host, self.port)

    def run(self) -> None:
        """Answer in this thread, after :meth:`listen`, until :meth:`stop`, and close the file."""
        try:
            self._listener.run()
        finally:
            self._close_file()

    def stop(self) -> None:
        """End after the call in flight, which may be the one that asks for it."""
        if self._listener is not None:
            self._listener.stop()

    @hides_arguments
    def __enter__(self) -> Server:
        self.listen()
        self._activation = activation = Activation(
            caller(),
            url=self.url,
            stop=self._end,
            statement="fake.serve()",
            services=self._backend.services,
            backend=self._backend,
        )
        try:
            activation.begin(
                [
                    *Guard(activation).changes(),
                    *credentials.changes(activation),
                    *clients_of_server.changes(activation),
                    Redacted(),
                ]
            )
            self._listener.start()
            return self
        except BaseException:  # an interrupt as well: all of it, or nothing
            self._end()
            raise

    @hides_arguments
    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            self._end()
        except errors.StateNotSaved as failure:
            if error is None and not self._failures:
                raise
            _LOG.error("%s", failure)
        if error is None:
            self._failures.raise_first()

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()

    def _end(self) -> None:
        try:
            self.stop()
            if self._moto is not None:
                self._moto.stop(self)
        finally:
            if self._activation is not None:
                self._activation.end()
            if self._listener is not None:
                self._listener.close()
            self._close_file()

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """The response to a request; raises TransportFault or Later for the listener to act out."""
        try:
            try:
                response = self._answer(request)
            finally:
                if self._file is not None:
                    self._file.flush()
                if self._keep_calls is not None:
                    self._backend.forget_calls(self._keep_calls)
        except (errors.TransportFault, Later):
            raise
        except errors.UnknownOperation as error:  # of a newer botocore, whose client is to say so
            response = codec.gateway_error(501, "UnknownOperationException", str(error))
        except BaseException as error:  # noqa: BLE001  # of a user's override: pytest.fail() too
            where = self._failures.add(error)
            _LOG.error("%s %s failed: %s", request.method, request.path[:200], where)
            sentence = f"The fake failed: {type(error).__name__}. Its program shows where."
            response = codec.gateway_error(500, "InternalServerErrorException", sentence)
        # Clients correct their clocks by this header, and sign with them: it is the real time.
        return HTTPResponse(
            response.status,
            {**response.headers, "date": _http_date(int(time.time()))},
            response.body,
            response.feed,
        )

    def _answer(self, request: HTTPRequest) -> HTTPResponse:
        is_control = self._control.is_for(request)
        is_file = (is_control or request.target == "/") and live.is_file(request)
        response = self._access.rejection(request, control=is_control and not is_file)
        if response is None and is_file:
            response = live.file(request, self._access.control_needs)
        elif response is None and is_control:
            response = self._answer_control(request)
        elif response is None:
            response = self._access.shared(request, self._answer_of_aws(request))
        return varying(response)

    def _answer_of_aws(self, request: HTTPRequest) -> HTTPResponse:
        if self._rest is not None and not rest_of_aws.is_for_the_fake(
            request, self._backend.services
        ):
            return self._rest.answer(request)
        if self._rest is None and self._is_for_others(request):
            return other_services.rejection(request, _ALONE)
        return self._gateway.answer(request)

    def _is_for_others(self, request: HTTPRequest) -> bool:
        """Whether a request is for a service that is not here; a path of the fake's own is not."""
        service, served = other_services.service_of(request), self._backend.services
        if service in served or routes.is_known_path(request.path, served):
            return False
        return service is not None or "x-amz-target" in request.headers

    def _answer_control(self, request: HTTPRequest) -> HTTPResponse:
        """The control API's answer, once what it changed is kept."""
        if request.path == live.EVENTS:
            return self._events.answer(request)
        if self._file is None:
            return self._control.answer(request)
        try:
            with self._backend.lock, self._file.keeping(reading=control.only_reads(request)):
                return self._control.answer(request)
        except errors.StateNotSaved as error:
            return control.rejection(error.status, error.message)

    def __repr__(self) -> str:
        return f"<Server {self.url}>"


@functools.lru_cache(maxsize=2)  # many requests come within a second
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


class _Failures:
    """The first exception of requests that failed, and their number; keeps no frame alive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._first: BaseException | None = None
        self._count = 0

    def __bool__(self) -> bool:
        return self._first is not None

    def add(self, error: BaseException) -> str:
        """Take an exception in; gives where it came from, as a traceback's text."""
        text = "".join(traceback.format_exception(error)).rstrip()
        _forget_frames(error)
        with self._lock:
            self._count += 1
            if self._first is None:
                self._first = error
                error.add_note(text)
        return text

    def raise_first(self) -> None:
        """Raise the first exception, with a note that says where it came from, if there was one."""
        if self._first is None:
            return
        if self._count > 1:
            self._first.add_note(f"{self._count} requests failed; this is the first failure.")
        raise self._first


def _forget_frames(error: BaseException) -> None:
    """Take the traceback from an exception, and from those that led to it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        found = waiting.pop()
        if found is not None and id(found) not in seen:
            seen.add(id(found))
            found.with_traceback(None)
            waiting += [found.__cause__, found.__context__]
