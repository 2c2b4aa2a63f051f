"""Strategies for messages, subjects, URIs and keys."""

from __future__ import annotations

import string

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._rules.constraints import Length
from pytest_amplifybackend.strategies._internal.names import LEAST, MOST, WRITING, edges

_CODE = limits.CODE_PLACEHOLDER.text
_HOSTS = st.text(string.ascii_lowercase, min_size=1, max_size=10)
_WORDS = st.text(WRITING, max_size=20)


def _around_code(limit: Length) -> SearchStrategy[str]:
    """Texts with a place for the code, of a length within the limit and now and then at its ends.

    Long texts repeat what was drawn: entropy is too precious for 20,000 characters.
    """
    least, most = limit.least, limit.most or 0

    def made(drawn: tuple[str, int]) -> str:
        text, edge = drawn
        if edge == MOST:
            room = most - len(_CODE)
            text = ((text or "a") * room)[:room]
        elif edge == LEAST:
            text = "a" * (least - len(_CODE))
        half = len(text) // 2
        return f"{text[:half]}{_CODE}{text[half:]}"

    return st.tuples(_WORDS, edges()).map(made)


def _subject(drawn: tuple[str, int]) -> str:
    text, edge = drawn
    if edge == MOST:
        return (text * 140)[: limits.EMAIL_SUBJECT.most]
    return text[:1] if edge == LEAST else text


_SMS = _around_code(limits.SMS_MESSAGE)
_EMAILS = _around_code(limits.EMAIL_MESSAGE)
_SUBJECTS = st.tuples(st.text(WRITING, min_size=1, max_size=20), edges()).map(_subject)


def sms_messages() -> SearchStrategy[str]:
    """Text messages with a place for the code, 6 to 140 characters."""
    return _SMS


def email_messages() -> SearchStrategy[str]:
    """Mails with a place for the code, 6 to 20,000 characters."""
    return _EMAILS


def email_subjects() -> SearchStrategy[str]:
    """Subjects of 1 to 140 characters."""
    return _SUBJECTS


def descriptions() -> SearchStrategy[str]:
    """Any short text."""
    return _WORDS


_PATTERNS = (
    "https://{}.example.com/",
    "https://{}.example.com/callback/",
    "http://localhost:3000/{}/",
    "http://127.0.0.1/{}/",
    "{}://",
    "{}://signin/",
)
LONGEST_URI = limits.REDIRECT_URI_LENGTH.most or 0


def _uri(drawn: tuple[str, str, int]) -> str:
    host, pattern, edge = drawn
    uri = pattern.format(host)
    if edge != MOST:
        return uri
    head = f"https://{host}.example.com/"
    return f"{head}{'p' * (LONGEST_URI - len(head) - 1)}/"


_REDIRECTS = st.tuples(_HOSTS, st.sampled_from(_PATTERNS), edges()).map(_uri)
_ISSUERS = st.tuples(_HOSTS, st.sampled_from(_PATTERNS[:4]), st.just(0)).map(_uri)


def redirect_uris() -> SearchStrategy[str]:
    """Absolute URIs that end in a slash: https, http on this machine, or an app's own scheme."""
    return _REDIRECTS


def issuer_uris() -> SearchStrategy[str]:
    """OpenID issuers: URIs that end in a slash, https or http on this machine."""
    return _ISSUERS


def _several(drawn: tuple[str, str, int]) -> list[str]:
    first, host, edge = drawn
    if edge == MOST:
        most = limits.REDIRECT_URIS.most
        return [f"https://{host}{number}.example.com/" for number in range(most)]
    return [first, f"https://{host}.example.org/"] if edge % 2 else [first]


_REDIRECT_LISTS = st.tuples(_REDIRECTS, _HOSTS, edges()).map(_several)


def redirect_uri_lists() -> SearchStrategy[list[str]]:
    """One or two redirect URIs, now and then the hundred that Cognito allows."""
    return _REDIRECT_LISTS


_BASE64 = string.ascii_letters + string.digits + "+/="
_PRIVATE_KEYS = st.text(_BASE64, min_size=1, max_size=40).map(
    "-----BEGIN PRIVATE KEY-----{}-----END PRIVATE KEY-----".format
)


def private_keys() -> SearchStrategy[str]:
    """Private keys of Sign in with Apple, on one line."""
    return _PRIVATE_KEYS
