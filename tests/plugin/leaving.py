"""Runs of projects that leave fakes active, and what such a run is to say."""

from __future__ import annotations

from textwrap import dedent

import pytest

STOPPED = "It has been deactivated now, so that it affects no other test."
USE_WITH = "Use `with FakeAmplifyBackend():` or the fixture 'amplifybackend'."
AROUND_YIELD = "Put `with FakeAmplifyBackend():` around the fixture's yield."
HEAD = """
    import pytest
    from pytest_amplifybackend import FakeAmplifyBackend
    from pytest_amplifybackend._transports.activation import ACTIVE

    def activate():
        fake = FakeAmplifyBackend()
        fake.activate()  # line 7
        return fake

    def none_is_left():
        return not ACTIVE
"""
WHERE = "activating.py:7"
"""Where the helper above, and so every test here, activates a fake."""


def run(project: pytest.Pytester, tests: str, *options: str, **files: str) -> pytest.RunResult:
    """A run of a test file, which comes first, in order."""
    if files:
        project.makepyfile(**files)
    head = "from activating import *\n\n"
    (project.path / "test_a.py").write_text(head + dedent(tests).lstrip("\n"))
    options = ("-p", "no:randomly", "-p", "no:cacheprovider", *options)
    return project.runpytest(*options, no_reraise_ctrlc=True)


def sentence(who: str, advice: str = USE_WITH, where: str = WHERE, what: str = "") -> str:
    statement = what or "FakeAmplifyBackend()"
    return f"{where}: {who} activated {statement} here and left it active. {STOPPED} {advice}"


def told(result: pytest.RunResult) -> list[str]:
    """The sentences of a run, in order; the summary repeats them, under CI at full length."""
    body = "\n".join(result.outlines).partition("short test summary info")[0]
    return [
        line.removeprefix("E").strip() for line in body.splitlines() if "left it active" in line
    ]
