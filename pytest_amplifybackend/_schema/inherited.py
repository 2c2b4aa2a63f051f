"""Names of what every object of JavaScript has, which Amplify's packages take for their own.

They keep types, fields and values in plain objects. One of these names is there before a schema
defines it, and is then a function (observed).
"""

from __future__ import annotations

PROTOTYPE = "__proto__"
"""What no object of JavaScript has as a member of its own, so the generator loses it."""

NAMES = frozenset(
    {
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        PROTOTYPE,
    }
)
