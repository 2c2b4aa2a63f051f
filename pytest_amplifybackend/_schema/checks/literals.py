"""Whether a text is a value of a scalar, as the transformers' validators have it (observed)."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

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
_BLANK = "".join(map(chr, range(0x21)))
_DROPPED = re.compile(r"[\t\n\r]")
_SPECIAL = re.compile(r"(?:https?|wss?|ftp):[/\\]*([^/\\?#]*)", re.IGNORECASE)
_OTHER = re.compile(r"[a-z][a-z0-9+.-]*:(?://([^/?#]*))?", re.IGNORECASE)
_SERVER = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]*))?")
_NO_HOST = re.compile(r"[\0\t\n\r #/:<>?@\[\\\]^|]")
_NO_DOMAIN = re.compile(r"[\0-\x20#%/:<>?@\[\\\]^|\x7f\ufffd]")
_ENDS_IN_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_IPV4_NUMBER = re.compile(r"0x[0-9a-f]*|0[0-7]*|[1-9][0-9]*", re.IGNORECASE)
_PHONE = re.compile(
    r"(\+[0-9 ().-]*)(,? ?(;ext=|,|x|#|ext(ension)?)[:. ]*[0-9]{1,7})?", re.IGNORECASE
)


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
    """Whether it is a URL as the WHATWG has it; international names are not looked into."""
    text = _DROPPED.sub("", text.strip(_BLANK))
    if found := _SPECIAL.match(text):
        server = _SERVER.fullmatch(found[1].rpartition("@")[2])
        return server is not None and _is_port(server[2]) and _is_host(server[1])
    if found := _OTHER.match(text):
        server = _SERVER.fullmatch((found[1] or "").rpartition("@")[2])
        if server is None or not _is_port(server[2]):
            return False
        if not server[1]:
            return not found[1]
        return _is_ipv6(server[1]) if server[1][:1] == "[" else not _NO_HOST.search(server[1])
    return False


def _is_port(text: str | None) -> bool:
    digits = (text or "").lstrip("0")
    return len(digits) <= 5 and int(digits or 0) <= 65535


def _is_host(text: str) -> bool:
    if text.startswith("["):
        return _is_ipv6(text)
    name = unquote(text, errors="replace")
    if not name or _NO_DOMAIN.search(name):
        return False
    labels = name.removesuffix(".").split(".")
    return _is_ipv4(labels) if _ENDS_IN_NUMBER.fullmatch(labels[-1]) else True


def _is_ipv4(labels: list[str]) -> bool:
    """Whether labels, the last one a number, are an address: of 1 to 4 numbers in any base."""
    if len(labels) > 4 or not all(map(_IPV4_NUMBER.fullmatch, labels)):
        return False
    *first, last = (_ipv4_number(label) for label in labels)
    return all(one < 256 for one in first) and last < 256 ** (4 - len(first))


def _ipv4_number(label: str) -> int:
    if label[:2].lower() == "0x":
        return int(label[2:] or "0", 16)
    digits = label.lstrip("0")[:20]
    return int(digits or "0", 8 if label[0] == "0" else 10)


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text[1:-1])
    except ValueError:
        return False
    return "%" not in text


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_phone(text: str) -> bool:
    """Whether it is an international number by its form; the package knows each country's."""
    found = _PHONE.fullmatch(text)
    return found is not None and 7 <= sum(map(str.isdigit, found[1])) <= 15


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
    # Methods of the table that the transformer looks a scalar up in, and what they return.
    **dict.fromkeys(("toLocaleString", "toString", "valueOf"), lambda text: True),
    **dict.fromkeys(
        ("hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"), lambda text: False
    ),
    **dict.fromkeys(("__lookupGetter__", "__lookupSetter__"), lambda text: False),
}


def is_one(text: str, scalar: str) -> bool:
    """Whether a text is a value of a scalar of :data:`KNOWN`."""
    return KNOWN[scalar](text)
