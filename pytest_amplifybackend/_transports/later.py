"""Answers that take long to work out: put off, so that others are answered meanwhile."""

from __future__ import annotations

from pytest_amplifybackend._service.ahead import Work


class Later(Exception):
    """Do ``work`` in another thread, then ask again with a request that is ``ready``.

    Nothing has happened for the request yet. Whoever serves several clients acts it out.
    """

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work


def unless_done(work: Work | None) -> None:
    """Raise :class:`Later` where there is work to do."""
    if work is not None:
        raise Later(work)
