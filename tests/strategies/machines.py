"""State machines over a fake, one for each progress policy."""

from __future__ import annotations

from typing import Any, ClassVar

from wrong_clients import Wrong

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend.strategies import AmplifyBackendMachine

POLICIES = ("immediate", "manual", "after_reads:1", "after_seconds:30")


class FakeMachine(AmplifyBackendMachine):
    """The machine over a fake of its own, whose clock it moves."""

    fake: FakeAmplifyBackend
    wrong: ClassVar[Wrong | None] = None
    _shared: ClassVar[FakeAmplifyBackend]
    _client: ClassVar[Any]

    def connect(self) -> Any:
        if not hasattr(type(self), "_shared"):
            fake = FakeAmplifyBackend(jobs=progress.parse(self.progress))
            type(self)._shared = fake
            client = fake.client() if self.wrong is None else self.wrong.client(fake, fake.region)
            type(self)._client = client
        self.fake = type(self)._shared
        self.fake.reset()
        return type(self)._client

    def shift(self, seconds: float) -> None:
        self.fake.clock.shift(seconds)


def machine_of(policy: str, wrong: Wrong | None = None) -> type[FakeMachine]:
    return type("Machine", (FakeMachine,), {"progress": policy, "wrong": wrong})
