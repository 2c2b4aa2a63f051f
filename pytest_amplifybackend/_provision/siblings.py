"""Ordinary botocore calls to sibling services, in whichever region, and what their errors say."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import hermetic
from pytest_amplifybackend._api.partitions import AWS_SUFFIXES
from pytest_amplifybackend._provision.lasting import Lasting
from pytest_amplifybackend._rules.rule import ProvisioningError

_UPDATE_POOL = "before-call.cognito-identity-provider.UpdateUserPool"
_AWS = tuple(f".{suffix}" for suffix in AWS_SUFFIXES)
_STOPPED = "x-amplifybackend-stopped"
_OWN = (
    "{url} is the fake's own server, which would wait for itself. For moto behind it, leave the "
    "provisioner out and ask for moto: FakeAmplifyBackend(moto=True)."
)


class Siblings:
    """Clients of the sibling services, each made when it is first needed.

    ``target`` is a session of botocore or boto3, whose clients reach whatever emulates AWS in
    the process, or the URL of an endpoint. Raises UsageError for anything else.
    """

    def __init__(self, target: Any) -> None:
        self._endpoint: str | None = None
        if isinstance(target, str) and urlsplit(target).scheme in ("http", "https"):
            self._endpoint, target = target, Hermetic()
        self._create = getattr(target, "create_client", None) or getattr(target, "client", None)
        if isinstance(target, type) or not callable(self._create):
            raise errors.UsageError(
                "AwsProvisioner takes a session of botocore or boto3, or the URL of an emulator "
                f"such as 'http://127.0.0.1:5000', not {target!r}. It has no default, so that "
                "nothing is ever made in a real account by accident."
            )
        self.lasting = Lasting()
        self._kept_off: list[Callable[[str], bool]] = []
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def call(self, region: str, service: str, operation: str, /, **params: Any) -> Any:
        """The answer of a sibling; raises ProvisioningError with its message, whatever breaks."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self.client(region, service), operation)(**params)
        except ClientError as error:
            _check_served(error)
            told = error.response.get("Error", {})
            code, message = str(told.get("Code", "")), told.get("Message", "")
            if " " not in message:  # moto's whole message on what is missing is its id
                message = f"{operation} of {service}: {code}: {message}".removesuffix(": ")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            raise SiblingError(message, code, refused=400 <= status < 500) from error
        except BotoCoreError as error:
            raise ProvisioningError(f"{service}: {error}") from error
        except ProvisioningError:
            raise
        except Exception as error:  # an emulator in the process may raise what it does not know
            raise ProvisioningError(
                f"{operation} of {service} in {region} broke what emulates it: "
                f"{type(error).__name__}: {error}"
            ) from error

    def keep_off(self, is_own: Callable[[str], bool]) -> None:
        """Refuse every URL for which ``is_own`` is true: a server of our own waits for itself."""
        if self._endpoint is not None and is_own(self._endpoint):
            raise errors.UsageError(_OWN.format(url=self._endpoint))
        self._kept_off.append(is_own)

    def client(self, region: str, service: str) -> Any:
        """The client of a service in a region."""
        client = self._clients.get((region, service))
        if client is None:
            with self._lock:
                client = self._clients.get((region, service)) or self._make(region, service)
                self._clients[region, service] = client
        return client

    def _make(self, region: str, service: str) -> Any:
        from botocore.config import Config

        own = {} if self._endpoint is None else {"endpoint_url": self._endpoint}
        config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
        assert self._create is not None
        client = self._create(service, region_name=region, config=config, **own)
        client.meta.events.register_last("before-send", _stay_away_from_aws)
        client.meta.events.register("before-call", self._not_to_ourselves)
        if service == "cognito-idp":
            client.meta.events.register(_UPDATE_POOL, self.lasting.add)
        return client

    def _not_to_ourselves(self, params: dict[str, Any], **_: Any) -> None:
        if any(is_own(params["url"]) for is_own in self._kept_off):
            raise ProvisioningError(_OWN.format(url=params["url"]))


class Hermetic:
    """A botocore session that reads nothing of the machine, made when it is first needed."""

    def __init__(self) -> None:
        self._session: Any = None

    def create_client(self, service: str, *, config: Any, **options: Any) -> Any:
        """A client of botocore, for the endpoint that is given or AWS's own."""
        if self._session is None:
            self._session = hermetic.session()
            self._session.set_credentials("testing", "testing")
        return self._session.create_client(service, config=_unconfigured(config), **options)


def _unconfigured(config: Any) -> Any:
    """A config that leaves endpoints of the environment alone, such as that of our own server."""
    from botocore.config import Config

    try:
        return config.merge(Config(ignore_configured_endpoint_urls=True))
    except TypeError:  # a botocore that knows of no such endpoints
        return config


class SiblingError(ProvisioningError):
    """A sibling service answered with an error, whose code is ``code``.

    ``refused`` says that the call has surely done nothing, which a failing service does not.
    """

    def __init__(self, message: str, code: str, *, refused: bool) -> None:
        super().__init__(message)
        self.code, self.refused = code, refused


def is_missing(error: SiblingError) -> bool:
    """Whether an error says that what was named is not there."""
    return error.code in (
        "404",
        "NoSuchBucket",
        "NotFoundException",
        "ResourceNotFoundException",
    )


def unless_missing(step: Callable[[], object]) -> bool:
    """Do a step on something that may be gone already; gives whether it was there."""
    try:
        step()
    except SiblingError as error:
        if not is_missing(error):
            raise
        return False
    return True


def _stay_away_from_aws(request: Any, **_: Any) -> Any:
    """The answer to a request for AWS that no emulator in the process has answered before.

    botocore takes the first answer that a handler of ``before-send`` gives, and this one is last.
    """
    from botocore.awsrequest import AWSResponse

    host = urlsplit(request.url).hostname or ""
    if not f".{host}".endswith(_AWS):
        return None
    return AWSResponse(request.url, 403, {_STOPPED: host}, _Nothing())


class _Nothing(io.BytesIO):
    """A body without a byte, as botocore reads them."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        return iter(())


def _check_served(error: Any) -> None:
    """Raise ProvisioningError for a request that was stopped."""
    host = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get(_STOPPED)
    if host is not None:
        raise ProvisioningError(
            f"A request for {host} was stopped before the socket: nothing in this process emulates "
            "AWS for it. Let mock_aws be active, and make the session after moto was imported."
        ) from error
