"""GraphQL's rules for SDL documents, as the transformer runs them before anything of its own.

The transformer takes those of graphql-js 15 (observed, its validation.ts): fewer than graphql-core
has, with other texts, over the schema and all that Amplify defines.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from pytest_amplifybackend._schema import executable, values
from pytest_amplifybackend._schema.document import Document
from pytest_amplifybackend._schema.faults import Fault, located
from pytest_amplifybackend._schema.walk import Enough, Error, Walk

RULES: Mapping[str, tuple[str, str]] = {
    f"schema.sdl.{name}": (says, example)
    for name, says, example in (
        (
            "lone-schema",
            "must have one schema definition at most",
            "schema { query: A } schema { query: A } type A { a: ID }",
        ),
        (
            "operation-types",
            "must name the type of an operation once",
            "schema { query: A query: A } type A { a: ID }",
        ),
        (
            "type-names",
            "must define a type once, and none that Amplify defines",
            "type Note @model { id: ID! } type Note { id: ID! }",
        ),
        ("value-names", "must define a value of an enum once", "enum Day { MON MON }"),
        ("field-names", "must define a field of a type once", "type Note { id: ID id: ID }"),
        (
            "directive-names",
            "must define a directive once, and none that Amplify defines",
            "directive @model on OBJECT",
        ),
        ("known-types", "must define the types that it uses", "type Note @model { by: Person }"),
        (
            "known-directives",
            "must use directives that Amplify defines, and where they may stand",
            "type Note @modle { id: ID! }",
        ),
        (
            "old-directives",
            "must not use directives of the transformer's first version",
            'type Note @model @key(fields: ["id"]) { id: ID! }',
        ),
        (
            "unique-directives",
            "must not repeat a directive that is not repeatable",
            "type Note @model @model { id: ID! }",
        ),
        ("extensions", "must extend a type as what it is", "scalar A extend enum A { X }"),
        (
            "known-arguments",
            "must give a directive arguments that it has",
            "type Note @model(name: 1) { id: ID! }",
        ),
        (
            "unique-arguments",
            "must give an argument once",
            "type Note @model(queries: null queries: null) { id: ID! }",
        ),
        (
            "unique-members",
            "must give a member of an input once",
            "type Note @model(queries: {get: null get: null}) { id: ID! }",
        ),
        (
            "required-arguments",
            "must give a directive the arguments that it needs",
            "type Note @model @auth { id: ID! }",
        ),
        (
            "values",
            "must give arguments values of their types",
            'type Note @model @auth(rules: [{allow: "owner"}]) { id: ID! }',
        ),
        (
            "executable",
            "must hold no query, mutation or fragment beside definitions that is wrong by them",
            "query { notes }",
        ),
    )
}
"""What each rule says, and a schema that breaks it."""


def fault(document: Document) -> Fault | None:
    """Return what the rules for SDL find in a document, in the form of the transformer's error."""
    walk = Walk(document)
    with contextlib.suppress(Enough):
        walk.over(document.ast.definitions)
    errors: list[Error] = list(walk.errors)
    if not errors and not walk.old:
        errors = values.errors(document) or executable.errors(document)
    if not errors and not walk.old:
        return None
    told = "\n\n".join(map(_told, errors))
    if not walk.old:
        return Fault(errors[0].rule, f"Schema validation failed.\n\n{told}")
    names = ", ".join(f'"@{name}"' for name in walk.old)
    text = (
        f"Your GraphQL Schema is using {names} directive{'s' if len(walk.old) > 1 else ''} from an "
        "older version of the GraphQL Transformer. Visit "
        "https://docs.amplify.aws/cli/migration/transformer-migration/ to learn how to migrate "
        "your GraphQL schema."
    )
    if told:
        text += f" There are additional validation errors listed below \n\n {told}"
    return Fault("schema.sdl.old-directives", text)


def _told(error: Error) -> str:
    places = [node.loc for node in error.nodes if node.loc is not None]
    return located(error.message, places[0].source, *(place.start for place in places))
