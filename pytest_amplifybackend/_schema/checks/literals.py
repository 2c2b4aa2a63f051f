"""Whether a text is a value of a scalar, as the transformers' validators have it (observed)."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_ZONE = rf"(Z|[+|-]{_CLOCK})"
_TIME = re.compile(rf"{_CLOCK}:[0-5][0-9](\.[0-9]+)?{_ZONE}")
_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])")
_EMAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@"
    r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)
_INT = re.compile(r"\s*([+-]?[0-9]+)")
_FLOAT = re.compile(r"\s*[+-]?([0-9]|\.[0-9]|Infinity)")
_PHONE = re.compile(r"\+[0-9 ().-]*")


def begins_as_int(text: str) -> int | None:
    """Return the number that JavaScript's parseInt reads, None for NaN; no more than 15 digits."""
    found = _INT.match(text)
    return None if found is None else int(found[1][:16])


def begins_as_float(text: str) -> bool:
    """Whether JavaScript's parseFloat reads a number."""
    return _FLOAT.match(text) is not None


def _is_date(text: str) -> bool:
    if _DATE.fullmatch(text) is None:
        return False
    year, month, day = map(int, text.split("-"))
    last = {2: 29 if _is_leap(year) else 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
    return day <= last


def _is_leap(year: int) -> bool:
    return (year % 4 == 0 and year % 100 != 0) or year % 400 == 0


def _is_time(text: str) -> bool:
    return _TIME.fullmatch(text) is not None


def _is_date_time(text: str) -> bool:
    date, _, time = text.partition("T")
    return _is_date(date) and _is_time(time)


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _is_url(text: str) -> bool:
    """Whether there is a scheme, and a host where the scheme needs one."""
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError:
        return False
    if not parts.scheme:
        return False
    return bool(parts.hostname) or parts.scheme not in ("http", "https", "ws", "wss", "ftp")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_phone(text: str) -> bool:
    """Whether it is an international number by its form; the package knows each country's."""
    return _PHONE.fullmatch(text) is not None and 7 <= sum(map(str.isdigit, text)) <= 15


KNOWN: Mapping[str, Callable[[str], bool]] = {
    "ID": lambda text: True,
    "String": lambda text: True,
    "Int": lambda text: begins_as_int(text) is not None,
    "Float": begins_as_float,
    "Boolean": lambda text: text.lower() in ("true", "false"),
    "AWSJSON": _is_json,
    "AWSDate": _is_date,
    "AWSTime": _is_time,
    "AWSDateTime": _is_date_time,
    "AWSTimestamp": lambda text: begins_as_int(text) is not None,
    "AWSEmail": lambda text: _EMAIL.fullmatch(text) is not None,
    "AWSURL": _is_url,
    "AWSPhone": _is_phone,
    "AWSIPAddress": _is_address,
}


def is_one(text: str, scalar: str) -> bool:
    """Whether a text is a value of a scalar of :data:`KNOWN`."""
    return KNOWN[scalar](text)
