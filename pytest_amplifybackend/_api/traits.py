"""The traits of botocore's shapes that its own clients do not check: lengths, enums, patterns."""

from __future__ import annotations

import functools
import re
from typing import Any


def broken_trait(value: Any, shape: Any) -> str | None:
    """The trait that a value breaks, in the words of AWS's services; None if it breaks none."""
    kind, traits = shape.type_name, shape.metadata
    if kind in ("string", "list", "map", "integer"):
        size, what = (value, "value") if kind == "integer" else (len(value), "length")
        if size < traits.get("min", size):
            return f"have {what} greater than or equal to {traits['min']}"
        if size > traits.get("max", size):
            return f"have {what} less than or equal to {traits['max']}"
    if kind == "string":
        if value not in traits.get("enum", (value,)):
            return f"satisfy enum value set: [{', '.join(traits['enum'])}]"
        pattern = _compiled(traits.get("pattern", ""))
        if pattern is not None and not pattern.fullmatch(value):
            return f"satisfy regular expression pattern: {traits['pattern']}"
    return None


@functools.lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern of the model; None for one with Java's classes of characters, unknown to Python."""
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None
