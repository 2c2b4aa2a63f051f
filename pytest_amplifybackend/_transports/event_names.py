"""What botocore's clients call events, shared among the clients of the service.

A client looks for the name of each event in a table of some fifty old names, and nearly always
finds that it has no other. It does so once for each name, but for a client that makes a few calls,
as in a test, that is a third of its work; a session has a hundred names. So while a fake is
active, a client of the service and a new session know for which names nothing was found before.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from botocore.hooks import EVENT_ALIASES, EventAliaser
from botocore.session import Session

from pytest_amplifybackend._patching import Change, Patch

_MOST = 4096
"""Some forty operations have ten events each; a program may make up names without end."""


class _Unaliased(dict[str, str]):
    """The names of events that have no other; others are looked for anew, and logged each time."""

    def __setitem__(self, name: str, found: str) -> None:
        if name == found and len(self) < _MOST:
            super().__setitem__(name, found)


@functools.cache
def _unaliased() -> _Unaliased:
    return _Unaliased()


def changes(is_making_a_client: Callable[[], bool]) -> list[Change]:
    """What is replaced in botocore: for a client where ``is_making_a_client``, for each session."""

    def copying(previous: Callable[..., Any]) -> Callable[..., Any]:
        def __copy__(events: Any) -> Any:  # botocore's own method
            made = previous(events)
            if is_making_a_client() and _is_as_known(made):
                made._alias_name_cache = _unaliased()  # noqa: SLF001  # nothing public has it
            return made

        return __copy__

    def registering(previous: Callable[..., Any]) -> Callable[..., Any]:
        def _register_builtin_handlers(session: Any, events: Any) -> Any:
            if _is_as_known(events):
                events._alias_name_cache = _unaliased()  # noqa: SLF001  # nothing public has it
            return previous(session, events)

        return _register_builtin_handlers

    return [
        Patch(EventAliaser, "__copy__", copying),
        Patch(Session, "_register_builtin_handlers", registering),
    ]


def _is_as_known(events: Any) -> bool:
    """Whether names are looked for in botocore's own table, by what this was written for."""
    return (
        type(events) is EventAliaser
        and vars(events).get("_alias_name_cache") == {}
        and events._event_aliases == EVENT_ALIASES  # noqa: SLF001  # nothing public has it
    )
