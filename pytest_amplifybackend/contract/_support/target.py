"""An endpoint under test, and the clients that lead there."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue, installed


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
    says whether anything may be changed, and ``tidies`` whether what was made is removed. ``url``
    is where bytes can be sent; ``real_clock`` says that the target's time is that of its days.
    ``implemented`` names the operations that the target has, None for all.
    """

    name: str
    connect: Callable[[str], Any]
    region: str
    polling: Polling
    style: str = "modeled"
    progress: str = "poll"
    writes: bool = True
    tidies: bool = True
    implemented: frozenset[str] | None = None
    shift: Callable[[float], None] | None = None
    make_app: Callable[[str, str], str] | None = None
    remove_app: Callable[[str, str], None] | None = None
    url: str | None = None
    ended_early: int = 0
    real_clock: bool = False
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

    def second_client(self, region: str) -> Any:
        """Another client of a region, made once."""
        key = f"{region}, another"
        if key not in self._clients:
            self._clients[key] = self.connect(region)
        return self._clients[key]

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


def http_client(region: str, url: str, patience: float | None = None) -> Any:
    """A botocore client of an endpoint, which tries once.

    It takes the credentials from the environment's ``AWS_ACCESS_KEY_ID`` and so on, and others
    that lead nowhere if there are none; it reads no profile and asks no metadata service.
    """
    key, secret, token = credentials()
    return client(
        region,
        patience,
        endpoint_url=url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


def credentials() -> tuple[str, str, str | None]:
    """The key, the secret key and the session token for a URL."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    key, secret, token = (os.environ.get(name) for name in names)
    return key or "testing", secret or "testing", token if key else None


def client(region: str, patience: float | None = None, **options: Any) -> Any:
    """A botocore client that tries each call once, and waits half a minute for an answer."""
    from botocore.config import Config
    from botocore.session import Session

    session = Session()
    session.register_component("data_loader", installed.loader())
    return session.create_client(
        catalogue.SERVICE,
        region_name=region,
        config=Config(
            retries={"total_max_attempts": 1},
            connect_timeout=patience or 10,
            read_timeout=patience or 30,
        ),
        **options,
    )
