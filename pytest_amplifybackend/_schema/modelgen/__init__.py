"""Generates what GetBackendAPIModels answers: a JavaScript schema and an introspection document.

Both are what ``amplify codegen models`` writes for a JavaScript project with the feature flags
of a new one (transformer 2, custom primary keys respected, timestamps added), byte for byte, and
where that ends in an error :func:`generate` raises its text. The facts are the generator's
(observed: aws-amplify/amplify-codegen, packages/appsync-modelgen-plugin 2.15.3, its
appsync-json-metadata and appsync-model-introspection visitors; docs/evidence.md#models).

:func:`generate` is the one door. It reads the document into types (``reading``, ``types``),
completes their keys (``keys``), adds the models that join others (``joins``), connects relations
(``relations``) and writes the result (``output``, ``operations``).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from pytest_amplifybackend._schema.faults import UNREADABLE, SchemaError
from pytest_amplifybackend._schema.modelgen import joins, keys, output, reading, relations
from pytest_amplifybackend._schema.modelgen.implied import Implied
from pytest_amplifybackend._schema.schema import document, uncollected


@dataclass(frozen=True)
class Artefacts:
    """The two texts of a model generation, both indented by four spaces.

    ``models`` is JavaScript, ``export const schema = {…};``: cut before the first brace and rid
    of semicolons it is JSON, and clients read it so. ``introspection`` is JSON.
    """

    models: str
    introspection: str


def generate(schema: str) -> Artefacts:
    """Return the artefacts of a transform schema, always the same for the same text.

    Raises SchemaError (see :mod:`~pytest_amplifybackend._schema.faults`) when the schema does not
    check, when the generator refuses it, with the generator's text, or when its relations imply
    more than :data:`implied.MOST`. ``version`` in ``models`` is an MD5 of types, fields
    and relations, so it changes with them and not with an ``@auth`` rule (observed).
    """
    made = _outcome(schema)
    if isinstance(made, str):
        raise SchemaError(made)
    return made


@functools.lru_cache(maxsize=4)  # what they keep may be 100 times as large as its schema
@uncollected()
def _outcome(schema: str) -> Artefacts | str:
    """Return the artefacts, or the sentence that says why there are none."""
    try:
        types = reading.read(document(schema))
        for model in types.models.values():
            keys.complete(model)
        for model in types.models.values():
            keys.list_keys(model)
        implied = Implied()
        joins.join(types, implied)
        relations.connect(types, implied)
        return Artefacts(*output.written(types))
    except SchemaError as error:
        return str(error)
    except RecursionError:
        return UNREADABLE
