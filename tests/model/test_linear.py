"""Looking for secrets in a text costs in proportion to its length, whatever it holds."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from pytest_amplifybackend import _redaction as redaction
from pytest_amplifybackend._api.secrets.texts import secrets_of

LENGTH = 4_000
REPEATED = [
    "{",
    '{"',
    '{"a":',
    '{"a":[',
    "Invalid type for parameter AppId, value: x",
    "Invalid type for parameter AppId, value: x, type: <class ",
    "client_secret='",
    'password="',
    "\\",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----END ",
    "aa-",
]


def _seconds(look: Callable[[str], object], text: str) -> float:
    """The least CPU time of three, so that nothing else on the machine counts."""
    times = []
    for _ in range(3):
        before = time.process_time()
        look(text)
        times.append(time.process_time() - before)
    return min(times)


@pytest.mark.parametrize("before", ["", 'password: "'], ids=["alone", "in a string"])
@pytest.mark.parametrize("repeated", REPEATED)
def test_four_times_the_text_costs_about_four_times(repeated: str, before: str) -> None:
    def look(text: str) -> None:
        list(secrets_of(text))
        redaction._PEM.sub("", text)
        redaction._PATTERN.sub("", text)

    texts = [before + repeated * (length // len(repeated)) for length in (LENGTH, 4 * LENGTH)]
    few, many = (_seconds(look, text) for text in texts)
    assert many <= 9 * few + 0.01, f"{few} s, then {many} s"  # 16 where it is quadratic


def test_a_key_without_an_end_is_secret_to_the_end() -> None:
    begin = "-----BEGIN RSA PRIVATE KEY-----"
    text = f"a {begin}\none\n{begin}\ntwo\n-----END RSA PRIVATE KEY----- b {begin}\nthree"
    assert redaction._PEM.sub("*", text) == "a ** b *"
