"""What the suite runs against: a name on the command line, and the clients that lead there."""

from __future__ import annotations

import importlib.util
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue, installed

IN_PROCESS = {
    "stubber": (),
    "wire": (),
    "server": ("httptools",),
    "responses": ("responses", "requests"),
}
"""The targets that the suite starts itself, and what they need installed."""

NAMES = (*IN_PROCESS, "hook", "aws")
_POLLING = {"http": (0.2, 120.0), "hook": (0.0, 30.0), "aws": (5.0, 1800.0)}


@dataclass(frozen=True, slots=True)
class Polling:
    """How a job is waited for: the most seconds between two reads, and for a job in all.

    The first two reads follow at once, and the pauses grow from a sixteenth of the interval,
    since the jobs of a fake end after a few reads.
    """

    interval: float
    timeout: float

    def pauses(self) -> Any:
        """Goes on as long as another read is worth it, after a pause."""
        deadline = time.monotonic() + self.timeout
        pause = self.interval / 16
        for number in range(self.reads):
            if number > 1 and self.interval:
                time.sleep(pause)
                pause = min(2 * pause, self.interval)
            yield number
            if time.monotonic() > deadline:
                return

    @property
    def reads(self) -> int:
        """The most reads that one job gets."""
        return 1000 if not self.interval else round(self.timeout / self.interval) + 6


@dataclass
class Target:
    """An endpoint under test.

    ``connect`` gives a client of a region; ``progress`` is how jobs advance, as the machine of the
    strategies spells it; ``shift`` moves the target's clock, where that can be done; ``writes``
    says whether anything may be changed, and ``tidies`` whether what was made is removed.
    """

    name: str
    connect: Callable[[str], Any]
    region: str
    polling: Polling
    style: str = "modeled"
    progress: str = "poll"
    writes: bool = True
    tidies: bool = True
    shift: Callable[[float], None] | None = None
    make_app: Callable[[str, str], str] | None = None
    remove_app: Callable[[str, str], None] | None = None
    end: Callable[[], None] = lambda: None
    left_behind: list[str] = field(default_factory=list)
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def other_region(self) -> str:
        """A region that is not the target's own."""
        return "us-west-2" if self.region == "eu-west-1" else "eu-west-1"

    def client(self, region: str) -> Any:
        """The client of a region, made once."""
        if region not in self._clients:
            self._clients[region] = self.connect(region)
        return self._clients[region]

    def codes(self, error: type[errors.ServiceError]) -> tuple[str, ...]:
        """The error codes that count as an error: the real service was seen with either."""
        if self.name == "aws":
            return (error.code, error.observed_code)
        return (error.code if self.style == "modeled" else error.observed_code,)

    def new_app(self, region: str) -> str:
        """An app id that nobody has used."""
        wanted = f"d{uuid.uuid4().hex[:13]}"
        return wanted if self.make_app is None else self.make_app(region, wanted)

    def close(self) -> None:
        """Close every connection, and what was started."""
        for client in self._clients.values():
            client.close()
        self.end()


def check(name: str) -> None:
    """Raise UsageError unless the name is that of a target that can be started here."""
    if name.lower().startswith(("http://", "https://")):
        _check_url(name)
        return
    if name not in NAMES:
        raise pytest.UsageError(
            f"--amplifybackend-target: {name!r} is no URL such as http://127.0.0.1:5000 and no "
            f"target: {errors.nearest(name, NAMES)}"
        )
    for module in IN_PROCESS.get(name, ()):
        if importlib.util.find_spec(module) is None:
            raise pytest.UsageError(
                f"the target {name} needs {module}: pip install 'pytest-amplifybackend[contract]'"
            )


def _check_url(name: str) -> None:
    from botocore.utils import is_valid_endpoint_url, is_valid_ipv6_endpoint_url

    try:
        parts = urlsplit(name)
        parts.port  # noqa: B018  (raises ValueError)
    except ValueError as error:
        raise pytest.UsageError(f"--amplifybackend-target: {name!r}: {error}.") from None
    if not parts.hostname:
        raise pytest.UsageError(f"--amplifybackend-target: {name!r} names no host.")
    if not is_valid_endpoint_url(name) and not is_valid_ipv6_endpoint_url(name):
        raise pytest.UsageError(
            f"--amplifybackend-target: botocore takes no endpoint such as {name!r}."
        )


def reach(target: Target) -> None:
    """Fail, with one sentence, where nobody answers at all at a target that was not started here.

    Any answer will do. So a wrong address costs one call, and not the time of every test.
    """
    from botocore import exceptions

    if target.name in IN_PROCESS or target.name == "hook":
        return
    try:
        target.client(target.region).list_s3_buckets()
    except (
        exceptions.ConnectionError,
        exceptions.HTTPClientError,
        exceptions.NoCredentialsError,
    ) as error:
        reason = f"{type(error).__name__}: {error}"
        pytest.fail(f"the target {target.name} does not answer: {reason}", pytrace=False)
    except (exceptions.BotoCoreError, exceptions.ClientError, ValueError):
        pass  # an answer, though of another kind


def start(config: pytest.Config) -> Target:
    """The target that the command line asks for, running."""
    name, region, style = name_of(config), *_defaults(config)
    if name in IN_PROCESS:
        from pytest_amplifybackend.contract._support import in_process

        return in_process.start(name, region, style)
    if name == "aws":
        from pytest_amplifybackend.contract._support import aws

        return aws.start(config, region, style, polling(config, "aws"))
    if name == "hook":
        return Target(name, _hooked(config), region, polling(config, "hook"), style)
    return Target(
        name, lambda region: http_client(region, name), region, polling(config, "http"), style
    )


def name_of(config: pytest.Config) -> str:
    """The target's name on the command line, ``stubber`` without."""
    given = config.getoption("amplifybackend_target", default=None)
    return "stubber" if given is None else str(given)


def _defaults(config: pytest.Config) -> tuple[str, str]:
    """The region and the error style: those of the fixtures."""
    region, style = (
        str(given if given is not None else config.getini(f"amplifybackend_{name}"))
        for name in ("region", "errors")
        for given in [config.getoption(f"amplifybackend_{name}", default=None)]
    )
    return region, style


def polling(config: pytest.Config, kind: str) -> Polling:
    """The polling that the command line asks for, or the usual one of a kind of target."""
    usual = _POLLING[kind]
    given = [
        config.getoption(f"amplifybackend_poll_{name}", default=None)
        for name in ("interval", "timeout")
    ]
    interval, timeout = (
        float(one if one is not None else other) for one, other in zip(given, usual, strict=True)
    )
    if interval < 0 or timeout <= 0:
        raise pytest.UsageError(
            f"--amplifybackend-poll-interval is at least 0 and --amplifybackend-poll-timeout more "
            f"than 0 seconds, not {interval:g} and {timeout:g}."
        )
    return Polling(interval, timeout)


def _hooked(config: pytest.Config) -> Callable[[str], Any]:
    def connect(region: str) -> Any:
        client = config.hook.pytest_amplifybackend_client(config=config, region=region)
        if client is None:
            raise pytest.UsageError(
                "the target hook needs a conftest.py with pytest_amplifybackend_client(region)."
            )
        return client

    return connect


def http_client(region: str, url: str) -> Any:
    """A botocore client of an endpoint, which tries once.

    It takes the credentials from the environment's ``AWS_ACCESS_KEY_ID`` and so on, and others
    that lead nowhere if there are none; it reads no profile and asks no metadata service.
    """
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    key, secret, token = (os.environ.get(name) for name in names)
    return client(
        region,
        endpoint_url=url,
        aws_access_key_id=key or "testing",
        aws_secret_access_key=secret or "testing",
        aws_session_token=token if key else None,
    )


def client(region: str, **options: Any) -> Any:
    """A botocore client that tries each call once."""
    from botocore.config import Config
    from botocore.session import Session

    session = Session()
    session.register_component("data_loader", installed.loader())
    return session.create_client(
        catalogue.SERVICE,
        region_name=region,
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=30),
        **options,
    )
