"""The contract suite: what any Amplify Backend endpoint, fake or real, has to do.

``pytest --pyargs pytest_amplifybackend.contract --amplifybackend-target=TARGET`` runs it. The
tests know a client and nothing else; ``in_process`` alone starts the fake, and when it is asked.
"""

from __future__ import annotations

__all__ = ["Unbuildable"]


class Unbuildable(Exception):
    """A provider state cannot be built on this target; the tests that need it are skipped.

    Raise it from the hook ``pytest_amplifybackend_state``, with the reason.
    """
