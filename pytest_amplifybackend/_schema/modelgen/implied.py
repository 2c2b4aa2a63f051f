"""How many foreign keys relations may imply."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._schema.modelgen.types import Field

MOST = 1_000_000
"""In characters of SDL: what all foreign keys of a schema may come to.

Few relations to models with long composite keys imply any number of them. AppSync takes schemas
of up to 1 MB (documented, its quotas), in which each foreign key is a field of a type, of two
inputs and of two filters (assumed, from what the transformer writes).
"""


class Implied:
    """Counts the foreign keys of a schema before they are made."""

    def __init__(self) -> None:
        self._characters = 0

    def spend(self, keys: Iterable[Field], *around: str) -> None:
        """Count foreign keys that stand for others, with what is in the name of each."""
        each = sum(map(len, around)) + len("\n: ID!")
        self._characters += 5 * sum(each + len(one.name) for one in keys)
        if self._characters > MOST:
            raise SchemaError(
                f"The relations imply foreign keys of more than {MOST:,} characters, "
                "and AppSync takes schemas of up to 1 MB."
            )
