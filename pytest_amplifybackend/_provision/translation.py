"""Translations between the value of a member and that of a sibling service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Translation(Protocol):
    """One kind of translation; ``words`` describe it in the docs."""

    @property
    def words(self) -> str: ...

    def to_aws(self, value: Any, environment: str) -> Any:
        """The sibling's value."""
        ...

    def from_aws(self, value: Any, environment: str) -> Any:
        """The member's value; None for one that the member cannot have."""
        ...


@dataclass(frozen=True)
class Same:
    """The value itself."""

    words: str = "as it is"

    def to_aws(self, value: Any, environment: str) -> Any:
        return value

    def from_aws(self, value: Any, environment: str) -> Any:
        return value


@dataclass(frozen=True)
class Whole:
    """A number that has no fraction: the API says double, the sibling integer."""

    words: str = "as a whole number"

    def to_aws(self, value: Any, environment: str) -> int:
        return int(value)

    def from_aws(self, value: Any, environment: str) -> float:
        return float(value)


@dataclass(frozen=True)
class Named:
    """A value with another name; those of a list one by one."""

    names: Mapping[str, Any]

    @property
    def words(self) -> str:
        return ", ".join(f"`{name}` is `{_word(other)}`" for name, other in self.names.items())

    def to_aws(self, value: Any, environment: str) -> Any:
        if isinstance(value, list):
            return [self.names.get(item, item) for item in value]
        return self.names.get(value, value)

    def from_aws(self, value: Any, environment: str) -> Any:
        if not isinstance(value, list):
            return next((name for name, other in self.names.items() if other == value), None)
        if not any(isinstance(other, list) for other in self.names.values()):
            return [name for item in value for name, other in self.names.items() if other == item]
        # Several names may match: pick the one with most attributes, the first on ties.
        fitting = [name for name, others in self.names.items() if set(others) <= set(value)]
        return max(fitting, key=lambda name: len(self.names[name]), default=None)


@dataclass(frozen=True)
class Suffixed:
    """A name that ends in the environment's."""

    separator: str

    @property
    def words(self) -> str:
        return f"with `{self.separator}` and the name of the environment"

    def to_aws(self, value: Any, environment: str) -> str:
        return f"{value}{self.separator}{environment}"

    def from_aws(self, value: Any, environment: str) -> str:
        return str(value)


@dataclass(frozen=True)
class Flags:
    """A list whose values are each a switch, on or off."""

    switches: Mapping[str, str]

    @property
    def words(self) -> str:
        return ", ".join(f"`{name}` is `{flag}`" for name, flag in self.switches.items())

    def to_aws(self, value: Any, environment: str) -> dict[str, bool]:
        return {flag: name in value for name, flag in self.switches.items()}

    def from_aws(self, value: Any, environment: str) -> list[str]:
        return [name for name, flag in self.switches.items() if (value or {}).get(flag)]


@dataclass(frozen=True)
class Required:
    """A list of attributes that users must have."""

    names: Mapping[str, str]
    words: str = "the attributes of the schema that are required"

    def to_aws(self, value: Any, environment: str) -> list[dict[str, Any]]:
        return [
            {
                "Name": self.names.get(name, name.lower()),
                "AttributeDataType": "Number" if name == "UPDATED_AT" else "String",
                "Mutable": True,
                "Required": True,
            }
            for name in dict.fromkeys(value)
        ]

    def from_aws(self, value: Any, environment: str) -> list[str]:
        required = {item["Name"] for item in value or () if item.get("Required")}
        return [name for name, attribute in self.names.items() if attribute in required]


def _word(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
