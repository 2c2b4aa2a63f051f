"""Values as a snapshot may keep them: without secrets, and the same in every run.

A :class:`Redaction` is made for one test. It learns the secrets of all that it sees, by the names
of their members, and hides them wherever they appear: in JSON inside strings, in error
messages, in copies. What the service makes up (ids, times, tokens) becomes a token such as
``<JobId:1>``; the same value is the same token throughout the test, and a later time has a greater
number. What the caller chose (app ids, names of environments and resources) stays.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pytest_amplifybackend._api import embedded
from pytest_amplifybackend._api.secrets.shapes import REDACTED
from pytest_amplifybackend._api.secrets.texts import Scrubber, names_secret, plain, secrets_of
from pytest_amplifybackend._unordered import UNORDERED

JSON_INSIDE = "<json>"
"""The one member of what replaces a string with JSON inside."""

_KEPT = "\ue000kept:"
_DEEPEST = 99
_KINDS: Mapping[str, str] = {
    "apikeyexpirationdate": "Time",
    "appclientid": "AppClientId",
    "appclientidweb": "AppClientId",
    "awscognitoidentitypoolid": "IdentityPoolId",
    "awsuserpoolsid": "UserPoolId",
    "awsuserpoolswebclientid": "AppClientId",
    "challengecode": "ChallengeCode",
    "createdsnsrole": "Role",
    "createtime": "Time",
    "creationdate": "Time",
    "graphqlapiidoutput": "ApiId",
    "graphqlapikeyoutput": "ApiKey",
    "identitypoolid": "IdentityPoolId",
    "jobid": "JobId",
    "lastpushdirhash": "Hash",
    "lastpushtimestamp": "Time",
    "nativeclientid": "AppClientId",
    "nexttoken": "NextToken",
    "requestid": "RequestId",
    "sessionid": "SessionId",
    "ttl": "Time",
    "updatetime": "Time",
    "userpoolid": "UserPoolId",
    "webclientid": "AppClientId",
    "xamznrequestid": "RequestId",
    "xamzntraceid": "TraceId",
}
"""The kind of token for the value of a member, by its name as :func:`plain` writes it."""

_TIME = "Time"
_STACK = "StackSuffix"
"""What a stack's name ends in; names of buckets and roles are made from it."""

_STACK_NAME = re.compile(
    r"\bamplify-[a-z0-9]{1,20}-[a-z]{2,10}-(\d{5,6}|[0-9a-f]{5})(?![0-9A-Za-z])"
)

_OWN_DIGITS = re.compile(
    r"(?<=_identitypool_)[0-9a-f]{8}(?=__)|(?<=[0-9a-z])(?P<twice>[0-9a-f]{8})(?=-(?P=twice)-)"
)
"""An auth resource's own digits, in the names of its identity pool and of its domain."""

_DATE = "Date"
"""The date in the head of an HTTP answer, which a server takes from the real clock. Whether two
answers have the same one is chance: all have one token."""

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_REGION = r"[a-z]{2}(?:-[a-z]{1,20}){1,4}-\d"  # bounded, so that no text takes long to look through
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("IdentityPoolId", rf"\b{_REGION}:{_UUID}\b"),
    ("UserPoolId", rf"\b{_REGION}_[0-9A-Za-z]{{9}}\b"),
    ("ApiKey", r"\bda2-[a-z0-9]{26}\b"),
    ("Id", rf"\b{_UUID}\b"),
    ("Id", r"\b(?=[a-z]*[0-9])[a-z0-9]{25,26}\b"),
    ("Time", r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"),
    (_DATE, r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\b"),
    ("Time", r"\b1\d{12}\b"),
    (_STACK, r"(?<=[a-z])\d{5,6}(?=-[a-z]{2,10}$)"),
)
"""What the service makes up, recognised where no member names it."""

_PATTERN = re.compile("|".join(f"({pattern})" for _, pattern in _PATTERNS))
_PEM = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:(?!-----BEGIN ).)*?"
    r"(?:-----END [A-Z ]*PRIVATE KEY-----|(?=-----BEGIN )|\Z)",
    re.S,
)
"""A private key; one without an end goes on to the next one, or to the end of the text."""
_SHORTEST_INSIDE = 8
"""A value of fewer characters is not looked for inside longer strings."""

_TYPE_NAME = re.compile(r"string|integer|double|boolean|null")
"""Leaves of :func:`~pytest_amplifybackend.response_shape`: they say a type and no secret."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Kept:
    """A leaf that gets no token."""

    value: Any


def keep(value: Any) -> str:
    """A string that stands for a leaf which a redaction is to leave as it is, secrets apart."""
    plain = value is None or isinstance(value, (str, int, float))
    return f"{_KEPT}{json.dumps(value if plain else repr(value))}"


class _Unordered(list[Any]):
    """A list that a snapshot shows sorted."""


def moment(text: str) -> float | None:
    """The milliseconds since 1970 that a time stands for, None for what is no time.

    Numbers are seconds up to the year 5138, and milliseconds beyond.
    """
    try:
        number = float(text)
    except ValueError:
        try:
            parsed = datetime.fromisoformat(text)
        except ValueError:
            return None
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp() * 1000
    return number if abs(number) >= _FIRST_MILLISECONDS else number * 1000


_FIRST_MILLISECONDS = 1e11


class _Times:
    """The numbers of the times of one test, in the order of the times.

    One that lies between two that a snapshot has shown gets a number between theirs, such as 1.5.
    """

    def __init__(self) -> None:
        self._numbers: dict[float, float] = {}
        self._greatest = 0.0

    def number(self, text: str) -> str:
        """The number of a time; one moment has one number, however it is written."""
        at = moment(text)
        if at in self._numbers:
            return f"{self._numbers[at]:.12g}"
        later = [number for known, number in self._numbers.items() if at is None or known > at]
        earlier = [number for known, number in self._numbers.items() if at is None or known < at]
        if at is None or not later:
            number = float(int(self._greatest) + 1)
        elif earlier:
            number = (max(earlier) + min(later)) / 2
        else:
            number = min(later) - 1
        if at is not None:
            self._numbers[at] = number
        self._greatest = max(self._greatest, number)
        return f"{number:.12g}"


class Redaction:
    """The secrets and tokens of one test. Not safe to use from several threads."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._times, self._new_times = _Times(), list[str]()
        self._tokens: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._inside: re.Pattern[str] | None = None

    def learn(self, value: Any) -> None:
        """Take in the secrets in a value of any type, to hide them from now on."""
        self.learn_secrets(secrets_of(value))

    def learn_secrets(self, secrets: Iterable[str]) -> None:
        """Take in secrets as they are."""
        self._secrets.update(
            secret for secret in secrets if secret != REDACTED and not _TYPE_NAME.fullmatch(secret)
        )

    def __call__(self, value: Any) -> Any:
        """What a snapshot may keep of JSON-like data; JSON inside strings is opened."""
        self.learn(value)
        scrub = Scrubber(self._secrets)
        opened = self._in_order(_opened(value), scrub)
        self._name(opened, "")
        self._number(opened, scrub)
        self._number_times()
        return self._shown(opened, False, scrub)

    def _in_order(self, value: Any, scrub: Scrubber) -> Any:
        """The same with its unordered lists sorted by what a snapshot shows of their elements."""
        if isinstance(value, dict):
            return {name: self._in_order(item, scrub) for name, item in value.items()}
        if not isinstance(value, list):
            return value
        items = [self._in_order(item, scrub) for item in value]
        if isinstance(value, _Unordered):
            items.sort(key=lambda item: self._as_shown_alone(item, scrub))
        return items

    def _as_shown_alone(self, item: Any, scrub: Scrubber) -> tuple[str, str]:
        """How a snapshot of an element alone would read, and which of its values are known.

        Tokens that are numbered anew do not depend on the seed, as the values do.
        """
        alone = Redaction()
        alone.learn_secrets(self._secrets)
        known = self._shown(item, False, scrub)
        return json.dumps(alone(item), sort_keys=True), json.dumps(known, sort_keys=True)

    def _name(self, value: Any, name: str) -> None:
        """Give tokens to the values of members that the service makes up."""
        if isinstance(value, dict):
            for key, item in value.items():
                self._name(item, plain(key))
        elif isinstance(value, list):
            for item in value:
                self._name(item, name)
        elif (
            name in _KINDS and isinstance(value, (str, int, float)) and not isinstance(value, bool)
        ):
            self._token(str(value), _KINDS[name])

    def _number(self, value: Any, scrub: Scrubber) -> None:
        """Give tokens to what is recognised without a name."""
        for text in _texts(value):
            for stack in _STACK_NAME.finditer(text):
                self._token(stack[1], _STACK)
            for digits in _OWN_DIGITS.finditer(text):
                self._token(digits[0], "Digits")
        recognised = [
            (found[0], _PATTERNS[(found.lastindex or 1) - 1][0])
            for text in _texts(value)
            for found in _PATTERN.finditer(self._with_tokens(scrub(text)))
        ]
        for text, kind in recognised:
            self._token(text, kind)

    def _token(self, value: str, kind: str) -> None:
        if value.strip() and value not in self._tokens and not _TYPE_NAME.fullmatch(value):
            self._counts[kind] += 1
            self._tokens[value] = f"<{kind}>" if kind == _DATE else f"<{kind}:{self._counts[kind]}>"
            if kind == _TIME:
                self._new_times.append(value)
            self._inside = None  # made anew where it is needed: many tokens may come at once

    def _number_times(self) -> None:
        """Number the times that are new in the order of the times, not of the members."""
        for value in sorted(self._new_times, key=lambda text: moment(text) or 0):
            self._tokens[value] = f"<{_TIME}:{self._times.number(value)}>"
        self._new_times.clear()

    def _with_tokens(self, text: str) -> str:
        return self._tokens.get(text) or self._with_tokens_inside(text)

    def _with_tokens_inside(self, text: str) -> str:
        if self._inside is None:
            inside = [
                known
                for known, token in self._tokens.items()
                if len(known) >= _SHORTEST_INSIDE or token.startswith(f"<{_STACK}:")
            ]
            inside.sort(key=lambda known: (-len(known), known))
            self._inside = re.compile("|".join(map(_whole, inside)) or r"(?!)")
        return self._inside.sub(lambda found: self._tokens[found[0]], text)

    def _shown(self, value: Any, secret: bool, scrub: Scrubber, name: str = "") -> Any:
        if isinstance(value, dict):
            return self._shown_members(value, secret, scrub)
        if isinstance(value, list):
            return [self._shown(item, secret, scrub, name) for item in value]
        if isinstance(value, _Kept) and not secret:
            return scrub(value.value) if isinstance(value.value, str) else value.value
        if secret:
            keeps = isinstance(value, str) and _TYPE_NAME.fullmatch(value)
            return value if keeps else REDACTED
        if isinstance(value, str):
            return self._with_tokens(scrub(_PEM.sub(REDACTED, value)))
        if isinstance(value, (bool, type(None))):
            return value
        text = str(value)  # a small number that is an id in one place is a size in another
        stands = name in _KINDS or len(text) >= _SHORTEST_INSIDE
        return self._tokens.get(text, value) if stands else value

    def _shown_members(
        self, value: dict[str, Any], secret: bool, scrub: Scrubber
    ) -> dict[str, Any]:
        """The members in their order; sorted by name if tokens were put into the names."""
        shown: dict[str, Any] = {}
        hidden = {name: scrub(name) for name in value}
        written = {name: self._with_tokens_inside(hidden[name]) for name in value}
        names = value if written == hidden else sorted(value, key=lambda name: written[name])
        for name in names:
            unique, copies = written[name], 1
            while unique in shown:
                copies += 1
                unique = f"{written[name]} {copies}"
            below = secret or names_secret(name)
            shown[unique] = self._shown(value[name], below, scrub, plain(name))
        return shown


def _texts(value: Any) -> Iterator[str]:
    """The strings of opened data, the names of members among them."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _whole(value: str) -> str:
    """A pattern for a value inside a string.

    Digits are not looked for inside longer numbers, nor a stack's suffix inside a longer word.
    """
    if value.isdigit():
        return rf"(?<!\d){value}(?!\d)"
    short = len(value) < _SHORTEST_INSIDE
    return re.escape(value) + (r"(?![0-9A-Za-z])" if short else "")


# JSON inside strings


def _opened(value: Any, depth: int = 0) -> Any:
    """The value with each string opened that is a JSON object or list."""
    if isinstance(value, dict):
        return {key: _opened(item, depth) for key, item in value.items()}
    if isinstance(value, list):
        if value and value[-1] == UNORDERED:
            return _Unordered(_opened(item, depth) for item in value[:-1])
        return [_opened(item, depth) for item in value]
    if not isinstance(value, str) or depth > _DEEPEST:
        return value
    try:
        if value.startswith(_KEPT):
            return _Kept(json.loads(value.removeprefix(_KEPT)))
        inside = embedded.content("Models" if value.startswith("export ") else "", value)
    except ValueError:
        return value
    if not isinstance(inside, (dict, list)):
        return value
    return {JSON_INSIDE: _opened(inside, depth + 1)}
