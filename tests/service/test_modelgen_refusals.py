"""What deploys and the generator refuses, so that the job that generates models fails.

The texts are those of the published generator (@aws-amplify/graphql-generator 0.5.4).
"""

from __future__ import annotations

import pytest
from generated import read_json

from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._schema.modelgen import generate

MODEL = "type Todo @model { id: ID! "


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (MODEL + "big: BigInt }", 'Unknown type: "BigInt".'),
        (MODEL + "} interface Sized { size(of: [Double!]): Int }", 'Unknown type: "Double".'),
        (MODEL + "at: Moment } scalar Moment", "Unknown type Moment"),
        (
            MODEL + "at: Moment any: Any } scalar Moment union Any = Todo",
            "Unknown type Any for field any. Did you forget to add the @model directive",
        ),
        (
            MODEL + "} type Query { now: Moment } scalar Moment",
            "Unknown type Moment found during model introspection schema generation",
        ),
        (
            'type Todo @model { day: ID! @primaryKey(sortKeyFields: "nr") nr: Int! }',
            "sortKeyFieldNames.map is not a function",
        ),
        (
            MODEL
            + 'list: List @hasOne(fields: "listId") listId: ID } type List @model { id: ID! }',
            "Cannot read properties of undefined (reading 'type')",
        ),
        (
            MODEL + "} type Query { q(a: [AWSJSON] = {b: 1, c: [1.5, [2]], d: []}): Int }",
            "Cannot convert value to AST: { b: 1, c: [1.5, [Array]], d: [] }.",
        ),
        (
            MODEL + '} input I { a: AWSDate = ["é" E true false null -1e999 [] 1e20 0.5 2 3] }',
            'Cannot convert value to AST: ["é", "E", true, false, null, -Infinity, [], '
            "100000000000000000000, 0.5, 2, ... 1 more item].",
        ),
        (
            MODEL + "} input I { a: [AuthRule] = [{}] }",
            "Unknown type AuthRule found during model introspection schema generation",
        ),
        (MODEL + "} input I { a: AuthRule b: ToolMap = {} }", 'Unknown type: "ToolMap".'),
        (
            MODEL + "} input I { a: J! = {b: {}} c: I = {a: null} } input J { b: AWSJSON }",
            "Cannot convert value to AST: {}.",
        ),
        (
            MODEL + "} type Query { q(a: Float = 1e400): Int }",
            "Float cannot represent non numeric value: Infinity",
        ),
        (MODEL + "} type Query { q(a: [Todo] = [1]): Int }", "Unexpected input type: Todo"),
        (MODEL + "} enum constructor { a }", "second is not iterable"),
        (
            MODEL + r'} enum State { "not \b printable" OPEN }',
            r'Syntax Error: Invalid character within String: "\b".',
        ),
        (MODEL + "} directive @unused(a: Double) on OBJECT", 'Unknown type: "Double".'),
        (
            MODEL + "} type Query { q: __Field }",
            'Schema must contain uniquely named types but contains multiple types named "__Type".',
        ),
    ],
)
def test_what_deploys_and_the_generator_refuses_has_its_text(schema: str, text: str) -> None:
    with pytest.raises(SchemaError) as refused:
        generate(schema)

    assert str(refused.value) == text


REQUIRED = "must have required property '{}'".format


@pytest.mark.parametrize(
    ("schema", "path", "messages"),
    [
        (
            MODEL + "} enum toString { a } type B { c: toString }",
            "/nonModels/B/fields/c/type",
            ["must be object"] * 3,
        ),
        (
            MODEL + "} type Query { q: I } input I { a: Todo }",
            "/queries/q/type",
            [REQUIRED("enum"), REQUIRED("model"), REQUIRED("nonModel")],
        ),
        (
            MODEL + "} type Subscription { s(a: Todo): Int }",
            "/subscriptions/s/arguments/a/type",
            [REQUIRED("enum"), REQUIRED("input")],
        ),
        (
            MODEL + "} input I { a: B } type B { c: Int }",
            "/inputs/I/attributes/a/type",
            [REQUIRED("enum"), REQUIRED("input")],
        ),
    ],
)
def test_an_introspection_is_held_to_its_json_schema(
    schema: str, path: str, messages: list[str]
) -> None:
    with pytest.raises(SchemaError) as refused:
        generate(schema)
    text, errors = str(refused.value).split(". Underlying errors were ")

    assert text == "Data did not validate against the supplied schema"
    assert {one["instancePath"] for one in read_json(errors)} == {path}
    assert [one["message"] for one in read_json(errors)] == [
        "must be string",
        "must be equal to one of the allowed values",
        *messages,
        "must match a schema in anyOf",
    ]
