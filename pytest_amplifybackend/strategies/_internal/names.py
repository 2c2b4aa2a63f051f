"""Strategies for names and ids, each within the documented limit of the same name."""

from __future__ import annotations

import string
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

_LOWER, _DIGITS = string.ascii_lowercase, string.digits
_ALNUM = string.ascii_letters + _DIGITS
_TYPICAL = 12
WRITING = (
    string.ascii_letters + _DIGITS + string.punctuation + " \t\näßéñøžΩλж漢字かな\u0301\u200b🎉"
)
"""What people write: ASCII, and enough else to upset who takes text for ASCII.

An alphabet that is spelled out spares hypothesis its tables of all of Unicode, which take it
seconds to make when a project has none yet.
"""
_EDGES = st.integers(0, 7)
LEAST, MOST = 6, 7


def edges() -> SearchStrategy[int]:
    """Which kind of value to make: LEAST the smallest, MOST the largest, else a usual one."""
    return _EDGES


@dataclass(frozen=True)
class Alphabet:
    """How one kind of name is spelled: ``prefix``, then ``least`` to ``most`` characters.

    A test holds every row to the documented limit in ``model.limits``.
    """

    letters: str
    least: int
    most: int
    prefix: str = ""

    def strategy(self) -> SearchStrategy[str]:
        """Names of a usual length, and now and then of the least and the greatest."""
        low, high, prefix = self.least, self.most, self.prefix
        usual = st.text(self.letters, min_size=max(low, 1), max_size=min(high, _TYPICAL))

        def sized(drawn: tuple[str, int]) -> str:
            text, edge = drawn
            if edge == MOST:
                text = (text * high)[:high]
            elif edge == LEAST:
                text = text[:low]
            return prefix + text

        return st.tuples(usual, _EDGES).map(sized)


ALPHABETS = {
    "APP_ID": Alphabet(_LOWER + _DIGITS, 1, 19, "d"),
    "ENVIRONMENT_NAME": Alphabet(_LOWER, 2, 10),
    "AUTH_RESOURCE_NAME": Alphabet(_ALNUM, 1, 128),
    "RESOURCE_NAME": Alphabet(_ALNUM, 1, 80),
    "API_NAME": Alphabet(_ALNUM, 1, 80),
    "POOL_NAME": Alphabet(_ALNUM + " _+=,.@-", 1, 128),
    "CLIENT_ID": Alphabet(_LOWER + _DIGITS, 1, 128),
    "BUCKET_NAME": Alphabet(_LOWER + _DIGITS + "-", 3, 47),
    "MILLISECONDS": Alphabet(_DIGITS, 1, 13),
    "DOMAIN_PREFIX": Alphabet(_LOWER + _DIGITS + "-", 1, 63),
}
"""The spelling of each limit of ``model.limits`` that is a pattern without inner structure.

RESOURCE_NAME has no documented maximum; 80 is that of an API's name, which a resource name
becomes when a request gives none.
"""

_MADE = {name: alphabet.strategy() for name, alphabet in ALPHABETS.items()}
_RESERVED = (("aws", "aw5"), ("amazon", "amaz0n"), ("cognito", "c0gnito"))


def _speakable(prefix: str) -> str:
    """A domain prefix without hyphens at its ends and without reserved words."""
    text = f"{prefix[0].replace('-', 'a')}{prefix[1:-1]}{prefix[1:][-1:].replace('-', 'z')}"
    for word, instead in _RESERVED:
        text = text.replace(word, instead)
    return text


_PREFIXES = _MADE["DOMAIN_PREFIX"].map(_speakable)
_UUIDS = st.uuids(version=4).map(str)
_KEYS = st.text(_ALNUM, min_size=1, max_size=32)
_POOL_TAIL = Alphabet(_ALNUM, 1, 9).strategy()


def app_ids() -> SearchStrategy[str]:
    """App ids, ``d`` and 1 to 19 lower-case letters or digits."""
    return _MADE["APP_ID"]


def environment_names() -> SearchStrategy[str]:
    """Names of backend environments, 2 to 10 lower-case letters."""
    return _MADE["ENVIRONMENT_NAME"]


def resource_names(*, family: str = "api") -> SearchStrategy[str]:
    """Names of resources; those of the ``family`` auth may be 128 letters and digits long.

    Raises InvalidArgument for a family that is none of auth, api and storage.
    """
    if family not in ("auth", "api", "storage"):
        raise InvalidArgument(
            f"resource_names(family={family!r}) cannot be: families are auth, api and storage."
        )
    return _MADE["AUTH_RESOURCE_NAME" if family == "auth" else "RESOURCE_NAME"]


def api_names() -> SearchStrategy[str]:
    """Names of GraphQL APIs, 1 to 80 letters and digits."""
    return _MADE["API_NAME"]


def pool_names() -> SearchStrategy[str]:
    """Names of user pools and identity pools."""
    return _MADE["POOL_NAME"]


def bucket_names() -> SearchStrategy[str]:
    """Bucket names as a storage config gives them, 3 to 47 characters."""
    return _MADE["BUCKET_NAME"]


def domain_prefixes() -> SearchStrategy[str]:
    """Prefixes of hosted sign-in domains, without the words that Cognito reserves."""
    return _PREFIXES


def client_ids() -> SearchStrategy[str]:
    """Ids of app clients of a user pool."""
    return _MADE["CLIENT_ID"]


def job_ids() -> SearchStrategy[str]:
    """Job ids, which are lower-case version 4 UUIDs; so are session ids."""
    return _UUIDS


def milliseconds() -> SearchStrategy[str]:
    """Numbers of milliseconds in digits, as OpenID TTLs are given."""
    return _MADE["MILLISECONDS"]


def keys() -> SearchStrategy[str]:
    """Ids and secrets of other services, 1 to 32 letters and digits."""
    return _KEYS


def user_pool_ids(*, region: str = "us-east-1") -> SearchStrategy[str]:
    """User pool ids of a region, now and then as long as Cognito allows (55 characters)."""
    return _in_region(f"{region}_", _POOL_TAIL)


def identity_pool_ids(*, region: str = "us-east-1") -> SearchStrategy[str]:
    """Identity pool ids of a region, now and then as long as Cognito allows (55 characters)."""
    return _in_region(f"{region}:", _UUIDS)


def _in_region(prefix: str, tails: SearchStrategy[str]) -> SearchStrategy[str]:
    def made(drawn: tuple[str, int]) -> str:
        tail, edge = drawn
        if edge == MOST:
            room = 55 - len(prefix)
            return prefix + (tail * room)[:room]
        return prefix + tail

    return st.tuples(tails, _EDGES).map(made)
