"""The calls of a run as a Python program that makes them again."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api import catalogue


class Script:
    """Notes calls, and the ids that their answers gave, which later calls refer to."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._lines: list[str] = []
        self._known: dict[str, str] = {}
        self._answers = 0

    def call(self, operation: str, params: dict[str, Any]) -> None:
        """Note a call before it is made."""
        self._answers += 1
        arguments = ", ".join(f"{name}={self._value(item)}" for name, item in params.items())
        method = catalogue.method_name(operation)
        self._lines.append(f"answer{self._answers} = call(client.{method}, {arguments})")

    def answer(self, response: dict[str, Any]) -> None:
        """Note the ids in the answer to the last call."""
        for member in ("JobId", "SessionId", "NextToken"):
            value = response.get(member)
            if isinstance(value, str) and value not in self._known:
                self._known[value] = f'answer{self._answers}["{member}"]'

    def waited(self, seconds: float) -> None:
        """Note that the clock was moved."""
        self._lines.append(f"shift({seconds!r})  # move the fake's clock")

    def _value(self, item: Any) -> str:
        if isinstance(item, str) and item in self._known:
            return self._known[item]
        return repr(item)

    def __str__(self) -> str:
        head = [
            "import boto3",
            "from botocore.exceptions import ClientError, ParamValidationError",
            f'client = boto3.client("amplifybackend", region_name={self._region!r})',
            "def call(method, **params):",
            "    try:",
            "        return method(**params)",
            "    except (ClientError, ParamValidationError) as error:",
            "        return print(error)",
        ]
        return "\n".join([*head, *self._lines])
