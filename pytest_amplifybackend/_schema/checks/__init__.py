"""The checks of Amplify's transformers, run in the order in which Amplify runs them."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from pytest_amplifybackend._schema.checks.core import CORE
from pytest_amplifybackend._schema.checks.primary_key import PRIMARY_KEY
from pytest_amplifybackend._schema.checks.transformer import Check, Phase, Transformer
from pytest_amplifybackend._schema.document import Document
from pytest_amplifybackend._schema.faults import Fault

TRANSFORMERS: tuple[Transformer, ...] = (
    CORE,
    PRIMARY_KEY,
)
"""In the order in which Amplify runs them (observed: graphql-transformer's chain, sorted by the
kinds of transformers): model, function, http, predictions, primaryKey, index, hasMany, hasOne,
manyToMany, belongsTo, conversation, generation, default, mapsTo, sql, refersTo, searchable,
validate, auth. The last phase goes the other way."""


def early(document: Document) -> Iterator[Fault]:
    """Yield what is found before the rules for SDL."""
    return _during(Phase.CONTEXT, document)


def late(document: Document) -> Iterator[Fault]:
    """Yield what is found after the rules for SDL, which the document keeps."""
    for phase in Phase:
        if phase is not Phase.CONTEXT:
            yield from _during(phase, document)


def _during(phase: Phase, document: Document) -> Iterator[Fault]:
    order = reversed(TRANSFORMERS) if phase is Phase.AFTER else TRANSFORMERS
    for transformer in order:
        yield from transformer.faults(phase, document)


@functools.lru_cache(maxsize=1)
def checks() -> tuple[Check, ...]:
    """Return all checks, by their transformers."""
    return tuple(check for one in TRANSFORMERS for check in one.checks)
