"""botocore clients of the sibling services, for every region, and the messages of their errors."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import installed
from pytest_amplifybackend._api.regions import AWS_SUFFIXES
from pytest_amplifybackend._provision.immutable_attributes import ImmutableAttributes
from pytest_amplifybackend._rules.rule import ProvisioningError

_UPDATE_POOL = "before-call.cognito-identity-provider.UpdateUserPool"
_AWS = tuple(f".{suffix}" for suffix in AWS_SUFFIXES)
_STOPPED = "x-amplifybackend-stopped"
_OWN = (
    "{url} is the fake's own server, which would wait for itself. For moto behind it, leave the "
    "provisioner out and ask for moto: FakeAmplifyBackend(moto=True)."
)


class AwsClients:
    """Clients of the sibling services, each created at its first call.

    ``target`` is a session of botocore or boto3, whose clients reach whatever emulates AWS in
    the process, or the URL of an endpoint. Raises UsageError for anything else.
    """

    def __init__(self, target: Any) -> None:
        self._endpoint: str | None = None
        if isinstance(target, str) and urlsplit(target).scheme in ("http", "https"):
            self._endpoint, target = target, IsolatedSession()
        self._create = getattr(target, "create_client", None) or getattr(target, "client", None)
        if isinstance(target, type) or not callable(self._create):
            raise errors.UsageError(
                "AwsProvisioner takes a session of botocore or boto3, or the URL of an emulator "
                f"such as 'http://127.0.0.1:5000', not {target!r}. It has no default, so that "
                "nothing is ever made in a real account by accident."
            )
        self.immutable_attributes = ImmutableAttributes()
        self._kept_off: list[Callable[[str], bool]] = []
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def call(self, region: str, service: str, operation: str, /, **params: Any) -> Any:
        """The response of a sibling service; raises ProvisioningError with a message otherwise."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self.client(region, service), operation)(**params)
        except ClientError as error:
            _check_served(error)
            details = error.response.get("Error", {})
            code, message = str(details.get("Code", "")), details.get("Message", "")
            if " " not in message:  # moto's message about a missing resource is only its id
                message = f"{operation} of {service}: {code}: {message}".removesuffix(": ")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            raise AwsError(message, code, rejected=400 <= status < 500) from error
        except BotoCoreError as error:
            raise ProvisioningError(f"{service}: {error}") from error
        except ProvisioningError:
            raise
        except Exception as error:  # an emulator in the process may raise anything
            raise ProvisioningError(
                f"{operation} of {service} in {region} broke what emulates it: "
                f"{type(error).__name__}: {error}"
            ) from error

    def keep_off(self, is_own: Callable[[str], bool]) -> None:
        """Reject URLs for which ``is_own`` is true: our own server would wait for itself."""
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
            client.meta.events.register(_UPDATE_POOL, self.immutable_attributes.add)
        return client

    def _not_to_ourselves(self, params: dict[str, Any], **_: Any) -> None:
        if any(is_own(params["url"]) for is_own in self._kept_off):
            raise ProvisioningError(_OWN.format(url=params["url"]))


class IsolatedSession:
    """A botocore session that reads nothing of the machine, created at its first use."""

    def __init__(self) -> None:
        self._session: Any = None

    def create_client(self, service: str, *, config: Any, **options: Any) -> Any:
        """A botocore client, for the endpoint in ``options`` or else AWS's own."""
        if self._session is None:
            self._session = installed.isolated_session()
            self._session.set_credentials("testing", "testing")
        return self._session.create_client(service, config=_unconfigured(config), **options)


def _unconfigured(config: Any) -> Any:
    """A config that ignores endpoints in the environment, such as that of our own server."""
    from botocore.config import Config

    try:
        return config.merge(Config(ignore_configured_endpoint_urls=True))
    except TypeError:  # an older botocore, without such endpoints
        return config


class AwsError(ProvisioningError):
    """A sibling service answered with an error, whose code is ``code``.

    ``rejected`` is true if the call has certainly changed nothing, unlike one that failed inside
    the service.
    """

    def __init__(self, message: str, code: str, *, rejected: bool) -> None:
        super().__init__(message)
        self.code, self.rejected = code, rejected


def is_missing(error: AwsError) -> bool:
    """Whether an error says that the named resource does not exist."""
    return error.code in (
        "404",
        "NoSuchBucket",
        "NoSuchEntity",
        "NotFoundException",
        "ResourceNotFoundException",
    )


def unless_missing(step: Callable[[], object]) -> bool:
    """Run a step on something that may not exist any more; returns whether it did."""
    try:
        step()
    except AwsError as error:
        if not is_missing(error):
            raise
        return False
    return True


def _stay_away_from_aws(request: Any, **_: Any) -> Any:
    """Reject a request for AWS that no emulator in this process has answered.

    botocore takes the first response of a ``before-send`` handler, and this handler is the last.
    """
    from botocore.awsrequest import AWSResponse

    host = urlsplit(request.url).hostname or ""
    if not f".{host}".endswith(_AWS):
        return None
    return AWSResponse(request.url, 403, {_STOPPED: host}, _Nothing())


class _Nothing(io.BytesIO):
    """An empty body, with the methods that botocore calls."""

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
