"""The checks of Amplify's transformers, run in the order in which Amplify runs them."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from pytest_amplifybackend._schema.checks import (  # noqa: F401  # declare checks
    access,
    conversations,
    mapped_keys,
    tables,
)
from pytest_amplifybackend._schema.checks.ai import CONVERSATION, GENERATION
from pytest_amplifybackend._schema.checks.auth import AUTH
from pytest_amplifybackend._schema.checks.core import CORE
from pytest_amplifybackend._schema.checks.default import DEFAULT
from pytest_amplifybackend._schema.checks.function import FUNCTION
from pytest_amplifybackend._schema.checks.http import HTTP
from pytest_amplifybackend._schema.checks.index import INDEX
from pytest_amplifybackend._schema.checks.many_to_many import MANY_TO_MANY
from pytest_amplifybackend._schema.checks.model import MODEL
from pytest_amplifybackend._schema.checks.names import MAPS_TO, REFERS_TO
from pytest_amplifybackend._schema.checks.predictions import PREDICTIONS
from pytest_amplifybackend._schema.checks.primary_key import PRIMARY_KEY
from pytest_amplifybackend._schema.checks.relations import BELONGS_TO, HAS_MANY, HAS_ONE
from pytest_amplifybackend._schema.checks.searchable import SEARCHABLE
from pytest_amplifybackend._schema.checks.sql import SQL
from pytest_amplifybackend._schema.checks.transformer import Check, Phase, Transformer
from pytest_amplifybackend._schema.checks.validate import VALIDATE
from pytest_amplifybackend._schema.document import Document
from pytest_amplifybackend._schema.faults import Fault

TRANSFORMERS: tuple[Transformer, ...] = (
    CORE,
    MODEL,
    FUNCTION,
    HTTP,
    PREDICTIONS,
    PRIMARY_KEY,
    INDEX,
    HAS_MANY,
    HAS_ONE,
    MANY_TO_MANY,
    BELONGS_TO,
    CONVERSATION,
    GENERATION,
    DEFAULT,
    MAPS_TO,
    SQL,
    REFERS_TO,
    SEARCHABLE,
    VALIDATE,
    AUTH,
)
"""In the order in which Amplify runs them (observed: graphql-transformer's chain, sorted by the
kinds of transformers): model, function, http, predictions, primaryKey, index, hasMany, hasOne,
manyToMany, belongsTo, conversation, generation, default, mapsTo, sql, refersTo, searchable,
validate, auth. The last phase goes the other way."""


def early(document: Document) -> Iterator[Fault]:
    """Yield what is found before the rules for SDL."""
    return CORE.once(Phase.CONTEXT, document)


def late(document: Document) -> Iterator[Fault]:
    """Yield what is found after the rules for SDL, which the document keeps."""
    for phase in list(Phase)[1:]:
        order = reversed(TRANSFORMERS) if phase is Phase.AFTER else TRANSFORMERS
        for transformer in order:
            if phase is Phase.USE:
                for use in document.uses(transformer.directive):
                    yield from CORE.on(use)
                    yield from transformer.on(use)
            else:
                yield from transformer.once(phase, document)


@functools.lru_cache(maxsize=1)
def checks() -> tuple[Check, ...]:
    """Return all checks, by their transformers."""
    return tuple(check for one in TRANSFORMERS for check in one.checks)
