"""A fake with one of everything, and everything that a client can see of it."""

from __future__ import annotations

from typing import Any

from shop_calls import APP, DEV, MEDIA, ORDERS, USERS, run
from states_by_name import REQUESTS, STATES

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress


def populated(policy: progress.Progress | None = None, seed: int = 0) -> FakeAmplifyBackend:
    """A fake with one of everything, two ended jobs and two unfinished ones, where they can be."""
    fake = FakeAmplifyBackend(jobs=policy or progress.manual(), seed=seed)
    STATES["models", "LATEST"](fake)
    fake.add_auth(APP, name="users")
    fake.add_storage(APP, name="media")
    fake.add_app(APP, region="eu-west-1")
    run(fake, "CreateBackendConfig", {"AppId": APP})
    fake.call("CreateToken", {"AppId": APP})
    fake.clock.shift(8)
    fake.call("UpdateBackendAPI", REQUESTS["UpdateBackendAPI"])
    fake.call("DeleteBackend", DEV, region="eu-west-1")
    return fake


def everything_read(fake: FakeAmplifyBackend) -> list[Any]:
    """What a client can see of a populated fake; what is not there is an error, and seen too."""
    seen: list[Any] = [fake.call("ListS3Buckets")]
    for region in ("us-east-1", "eu-west-1"):
        for operation, params in (
            ("GetBackend", {"AppId": APP}),
            ("GetBackend", DEV),
            ("GetBackendAuth", USERS),
            ("GetBackendAPI", ORDERS),
            ("GetBackendStorage", MEDIA),
            ("GetBackendAPIModels", ORDERS),
            ("ListBackendJobs", DEV),
            ("UpdateBackendConfig", {"AppId": APP}),
            ("CreateToken", {"AppId": APP}),
        ):
            seen.append(_answer(fake, operation, params, region))
    return seen


def _answer(fake: FakeAmplifyBackend, operation: Any, params: dict[str, Any], region: str) -> Any:
    try:
        return fake.call(operation, params, region=region)
    except errors.ServiceError as error:
        return error.message
