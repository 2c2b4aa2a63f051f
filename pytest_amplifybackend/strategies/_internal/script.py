"""The calls of a run as a Python program that makes them again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from pytest_amplifybackend._api import catalogue

_CALL = """def call(method, **params):
    try:
        answer = method(**params)
    except (ClientError, ParamValidationError) as error:
        answer = {}
        print(method.__name__, "ends in", error)
    else:
        print(method.__name__, "answers", answer)
    return answer
"""
_SHIFT = """# A fake's clock need not be waited for: shift = fake.clock.shift
shift = globals().get("shift", time.sleep)
"""
_IDS = ("JobId", "SessionId", "NextToken")


class Script:
    """Notes calls, and the ids that their answers gave, which later calls refer to.

    ``fresh`` are apps for which the program makes up new names each time that it runs.
    """

    def __init__(self, region: str, fresh: Iterable[str] = ()) -> None:
        self._region = region
        self._lines: list[str] = []
        self._known = {app: f"app{number}" for number, app in enumerate(fresh, 1)}
        self._apps = tuple(self._known.values())
        self._waits = False
        self._answers = 0

    def call(self, operation: str, params: dict[str, Any]) -> None:
        """Note a call before it is made."""
        self._answers += 1
        method = f"client.{catalogue.method_name(operation)}"
        arguments = [f"{name}={self._source(item)}" for name, item in params.items()]
        self._lines.append(f"answer{self._answers} = call({', '.join([method, *arguments])})")

    def answer(self, response: dict[str, Any]) -> None:
        """Note the ids in the answer to the last call."""
        for member in _IDS:
            value = response.get(member)
            if isinstance(value, str) and value not in self._known:
                self._known[value] = f'answer{self._answers}.get("{member}")'

    def waited(self, seconds: float) -> None:
        """Note that the clock was moved."""
        self._waits = True
        self._lines.append(f"shift({seconds!r})")

    def fails(self, text: str) -> None:
        """Note below the last call what is wrong with its answer."""
        self._lines += [f"# FAILS: {line}".rstrip() for line in text.splitlines()]

    def _source(self, item: Any) -> str:
        if isinstance(item, str):
            return self._known.get(item) or repr(item)
        if isinstance(item, dict):
            members = [f"{name!r}: {self._source(value)}" for name, value in item.items()]
            return f"{{{', '.join(members)}}}"
        if isinstance(item, list):
            return f"[{', '.join(map(self._source, item))}]"
        if isinstance(item, float) and not math.isfinite(item):
            return f'float("{item}")'
        return repr(item)

    def __str__(self) -> str:
        imports = [*(["secrets"] if self._apps else []), *(["time"] if self._waits else [])]
        head = [
            *(f"import {name}" for name in imports),
            "import boto3",
            "from botocore.exceptions import ClientError, ParamValidationError",
            f'client = boto3.client("amplifybackend", region_name={self._region!r})',
            *(f'{app} = "d" + secrets.token_hex(9)' for app in self._apps),
            _CALL.rstrip(),
            *([_SHIFT.rstrip()] if self._waits else []),
        ]
        return "\n".join([*head, *self._lines])
