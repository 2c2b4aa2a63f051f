"""One call of a target: what it answered, whatever that was, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support.backend import is_unimplemented


@dataclass(frozen=True)
class Answer:
    """What became of a call.

    ``kind`` is the content type and ``text`` the body, both empty where a client that is not
    botocore's own hides them; ``problem`` is what was raised where no answer came.
    """

    operation: str
    seconds: float
    status: int | None = None
    code: str | None = None
    kind: str = ""
    text: str = ""
    parsed: Any = None
    problem: Exception | None = None
    unimplemented: bool = False

    @property
    def is_page(self) -> bool:
        """Whether something else than JSON came."""
        text = self.text.lstrip()
        return bool(text) and text[0] not in "{["

    @property
    def is_empty(self) -> bool:
        """Whether a success came that has no member, as none of GetBackend may."""
        found = self.parsed
        return (
            isinstance(found, Mapping)
            and not self.is_page
            and not set(found) - {"ResponseMetadata"}
        )

    @property
    def is_of_the_api(self) -> bool:
        """Whether the answer is one that the operation may give, an error included."""
        if self.problem is not None or self.unimplemented or self.is_page:
            return False
        if self.status is None or not 200 <= self.status < 500 or self.status // 100 == 3:
            return False
        return self.code is not None or isinstance(self.parsed, Mapping)


def ask(client: Any, operation: str, params: Mapping[str, Any]) -> Answer:
    """Make one call; raises nothing that a target could be the cause of."""
    received: list[Mapping[str, Any] | None] = []

    def keep(response_dict: Mapping[str, Any] | None, **_: Any) -> None:
        received.append(response_dict)

    events = getattr(getattr(client, "meta", None), "events", None)
    name = f"response-received.{catalogue.SERVICE}"
    if events is not None:
        events.register(name, keep)
    start = time.monotonic()
    outcome: dict[str, Any] = {}
    try:
        parsed = getattr(client, catalogue.method_name(operation))(**params)
        outcome = {"parsed": parsed, "status": _status(parsed)}
    except ClientError as error:
        outcome = {
            "status": _status(error.response),
            "code": str(error.response.get("Error", {}).get("Code")),
            "unimplemented": is_unimplemented(error),
        }
    except Exception as error:  # noqa: BLE001  # botocore's parsers trip over another shape
        outcome = {"problem": error}
    finally:
        if events is not None:
            events.unregister(name, keep)
    return Answer(operation, time.monotonic() - start, **(outcome | _raw(received)))


def _status(response: Mapping[str, Any]) -> int | None:
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return None if status is None else int(status)


def _raw(received: list[Mapping[str, Any] | None]) -> dict[str, Any]:
    """The content type and the beginning of the body of what was received."""
    last = received[-1] if received else None
    if last is None:  # nothing came
        return {}
    kind = {name.lower(): value for name, value in last["headers"].items()}
    body = last.get("body", b"")
    text = body[:2000].decode("utf-8", "replace") if isinstance(body, bytes) else str(body)[:2000]
    return {"kind": str(kind.get("content-type", "")).lower(), "text": text}
