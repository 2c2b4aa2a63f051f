"""Reads an API's transform schema: whether it is sound, and which auth modes it needs.

A transform schema is GraphQL SDL with Amplify's directives (``@model``, ``@auth``, …). The real
worker hands it to the Amplify GraphQL transformer, which parses it, adds AppSync's scalars and
runs GraphQL's rules for SDL documents over it (observed: amplify-category-api,
amplify-graphql-transformer-core, validation.ts). Here graphql-core parses, ``sdl`` and ``values``
hold the document to GraphQL's rules and to the definitions of Amplify's directives, and ``checks``
make the checks of the transformers; docs/schema.md says what all that is compared with.

``graphql`` is imported inside the functions: the import is slow, and few tests hold a schema.
"""

from __future__ import annotations

import contextlib
import functools
import gc
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_amplifybackend._schema.document import Document
from pytest_amplifybackend._schema.faults import UNREADABLE, UNSYNCED, Fault, SchemaError

if TYPE_CHECKING:
    from pytest_amplifybackend._schema.rules import SchemaRule

LARGEST_KEPT = 100_000
"""In characters: a larger schema is not kept when it is parsed, only what is said of it; a parsed
one takes 100 times the memory of its text."""


def check(text: str) -> None:
    """Return None when ``text`` is a sound transform schema; raise :class:`SchemaError` if not.

    Unsound is what breaks one of the :func:`rules` (observed, the transformer's own: see this
    module). Never raises anything else, whatever ``text`` holds, and takes time in proportion to
    its length.
    """
    _sound(text)


def rules() -> Mapping[str, SchemaRule]:
    """Return every rule that a schema can break, by name, with its text, example and source."""
    from pytest_amplifybackend._schema import rules

    return rules.rules()


def modes(text: str) -> frozenset[str]:
    """Return the authorization modes that the ``@auth`` rules of a schema need, as ``API_KEY``.

    The API needs all of them, or the deployment fails (observed, docs/evidence.md#apis).
    ``globalAuthRule`` needs none: the CLI deploys it without an API key too (observed, CLI
    transform-graphql-schema-v2.ts). Raises :class:`SchemaError` as :func:`check` does.
    """
    needed = {one.unless for one in _sound(text).faults}
    return frozenset(one for one in needed if one not in (None, UNSYNCED))


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is kept of a schema that was read: its faults.

    The last of ``faults`` may be one whatever the API is like; those before it depend on it.
    """

    faults: tuple[Fault, ...]


def fault(text: str, modes: Collection[str] | None = None) -> Fault | None:
    """Return the first fault of a schema, None for a sound one.

    ``modes`` are the authorization modes of the API, such as ``API_KEY``, and
    :data:`~pytest_amplifybackend._schema.faults.UNSYNCED` for one without conflict resolution.
    Without them no fault depends on them.
    """
    for one in _verdict(text).faults:
        if one.unless is None or (modes is not None and one.unless not in modes):
            return one
    return None


def _sound(text: str) -> _Verdict:
    found = fault(text)
    if found is not None:
        raise SchemaError(found.text, found.rule)
    return _verdict(text)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Let the garbage collector rest while a schema is read.

    It would find nothing: a document holds no garbage. But it looks again whenever the document
    has grown by a quarter, which takes as long as the reading, and holds up every thread.
    """
    enabled = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if enabled:
            gc.enable()


@functools.lru_cache(maxsize=32)  # the texts are kept, of up to 1 MB each, and no parsed document
@uncollected()
def _verdict(text: str) -> _Verdict:
    found = _read(text)
    if isinstance(found, Fault):
        return _Verdict((found,))
    try:
        return _Verdict(_first(_faults(found)))
    except RecursionError:
        return _Verdict((Fault("schema.depth", UNREADABLE),))


def _first(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults up to the first that depends on nothing, and one for each mode."""
    found: dict[str | None, Fault] = {}
    for one in faults:
        found.setdefault(one.unless, one)
        if one.unless is None:
            break
    return tuple(found.values())


def _faults(document: Document) -> Iterator[Fault]:
    from pytest_amplifybackend._schema import checks, sdl

    yield from checks.early(document)
    unsound = sdl.fault(document)
    if unsound is not None:
        yield unsound
    yield from checks.late(document)


def document(text: str) -> Document:
    """Return a schema that was read and checked; raise as :func:`check` does."""
    _sound(text)
    found = _read(text)
    if isinstance(found, Fault):
        raise SchemaError(found.text, found.rule)
    return found


def _read(text: str) -> Document | Fault:
    """Return a parsed schema, or why there is none; one that is not large is kept."""
    return _kept(text) if len(text) <= LARGEST_KEPT else _parsed(text)


@functools.lru_cache(maxsize=8)
def _kept(text: str) -> Document | Fault:
    return _parsed(text)


@uncollected()
def _parsed(text: str) -> Document | Fault:
    from pytest_amplifybackend._schema import parsing

    return parsing.read(text)
