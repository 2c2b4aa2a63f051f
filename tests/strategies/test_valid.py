"""Valid data is accepted, and holds every value, absence and boundary that it may hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("hypothesis", reason="strategies need the hypothesis extra")

from acting import job_error, prepare, send
from hypothesis import given, settings
from hypothesis import strategies as st
from volume import FULL, budget

from pytest_amplifybackend import FakeAmplifyBackend, strategies
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._rules import constraints as c
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._schema import modelgen, schema
from pytest_amplifybackend._schema.definitions import amplify
from pytest_amplifybackend.strategies import Request, requests
from pytest_amplifybackend.strategies._internal.operations import never_drawn
from pytest_amplifybackend.strategies._internal.targets import shapes

OPERATIONS = tuple(catalogue.operations())
EXAMPLES = 2000
RICHEST = ("CreateBackendStorage",)
"""The operations that stand for all when the budget is small."""

BUSY = {
    "GetBackendJob": "JobId",
    "UpdateBackendJob": "JobId",
    "GetToken": "SessionId",
    "DeleteToken": "SessionId",
}
"""Operations on what only an answer can name."""


def drawn(strategy: st.SearchStrategy[Any], examples: int) -> list[Any]:
    """So many examples, with hypothesis's own settings but for their number."""
    found: list[Any] = []

    @settings(max_examples=examples, derandomize=True, database=None)
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


@pytest.mark.volume
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_valid_request_is_accepted_and_its_job_completes(operation: Any) -> None:
    fake = FakeAmplifyBackend()
    client = fake.client()

    @settings(max_examples=budget(1000, 10), deadline=None)
    @given(requests(operation))
    def accepted(request: Request) -> None:
        prepare(fake, request)
        if operation in BUSY:
            answer = place(fake, operation, request.params)
            request.params[BUSY[operation]] = answer[BUSY[operation]]
            if request.params.get("Status") not in (None, answer.get("Status")):
                request.params.pop("Status")  # the job has ended by now
        response = send(client, request)
        if "JobId" in response and operation not in BUSY:
            assert job_error(client, response) is None

    accepted()


def place(fake: FakeAmplifyBackend, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """A job or a token for an operation to name; gives the job as it ended, or the token."""
    app = {"AppId": params["AppId"]}
    if operation.endswith("Token"):
        return fake.call("CreateToken", app)
    at = {**app, "BackendEnvironmentName": params["BackendEnvironmentName"]}
    job = fake.call(
        "ImportBackendAuth",
        {**at, "UserPoolId": "us-east-1_a", "NativeClientId": "a", "WebClientId": "b"},
    )
    return fake.call("GetBackendJob", {**at, "JobId": job["JobId"]})


# Everything turns up


def present(operation: str, value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every (path, value) of a request; the elements of a list end in ``[]``."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from present(operation, item, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for item in value:
            yield from present(operation, item, f"{path}[]")


def needed(operation: str) -> set[str]:
    """The optional members that a rule needs whenever their structure is there and not empty.

    What a read or a deletion of an API may be given is a config that it was created with.
    """
    operation = {"DeleteBackendAPI": "CreateBackendAPI", "GetBackendAPI": "CreateBackendAPI"}.get(
        operation, operation
    )
    return {
        f"{path}.{member}".lstrip(".")
        for rule in table.current().rows
        if operation in rule.operations
        and isinstance(rule.constraint, c.Needs)
        and rule.constraint.when is None
        for path in rule.paths
        for member in rule.constraint.members
    }


def boundaries(constraint: Any) -> list[Any]:
    """The least and the greatest that a limit allows: lengths, counts or numbers."""
    if isinstance(constraint, (c.Whole, c.Length)):
        return [edge for edge in (constraint.least, constraint.most) if edge is not None]
    if isinstance(constraint, c.Items):
        return [constraint.most]
    if isinstance(constraint, c.Pattern) and constraint.texts is not None:
        texts = constraint.texts
        return [edge for edge in (texts.least, texts.most) if edge is not None]
    return []


def measure(constraint: Any, value: Any) -> Any:
    return value if isinstance(constraint, c.Whole) else len(value)


UNREACHABLE = {
    ("auth.oauth.redirect-length", 1),  # the shortest absolute URI is longer
    ("name.empty", 1),  # most ids are longer where another rule looks at them too
}


@pytest.mark.volume
@pytest.mark.parametrize("operation", OPERATIONS if FULL else RICHEST)
def test_every_value_absence_and_boundary_turns_up_within_2000_examples(operation: Any) -> None:
    examples = drawn(requests(operation), EXAMPLES)
    seen: dict[str, list[Any]] = {}
    parents: Counter[str] = Counter()
    for request in examples:
        parents[""] += 1
        for path, value in present(operation, request.params):
            seen.setdefault(path, []).append(value)
            if isinstance(value, dict):
                parents[path] += 1
    missing = []
    for path, shape in shapes(operation).items():
        if not path or path in never_drawn(operation):
            continue
        values = seen.get(path, [])
        if not values:
            missing.append(f"{path} is never there")
        missing += [
            f"{path} is never {value!r}"
            for value in getattr(shape, "enum", None) or ()
            if value not in values
        ]
        if shape.type_name == "boolean" and {*values} != {True, False}:
            missing.append(f"{path} is only {set(values)}")
        parent, _, name = path.rpartition(".")
        optional = name not in shapes(operation)[parent].required_members
        optional = optional and not path.endswith("[]") and path not in needed(operation)
        if optional and len(values) >= parents[parent] > 0:
            missing.append(f"{path} is never absent")
    for rule in table.current().rows:
        for path in rule.paths if operation in rule.operations else ():
            edges = boundaries(rule.constraint)
            found = (
                {measure(rule.constraint, value) for value in seen.get(path, [])} if edges else ()
            )
            missing += [
                f"{path} is never {edge} (rule {rule.name})"
                for edge in edges
                if edge not in found and (rule.name, edge) not in UNREACHABLE
            ]
    assert not missing, "\n".join(missing)


# Schemas are real


@pytest.mark.volume
def test_schemas_parse_and_generate_models() -> None:
    texts = drawn(strategies.transform_schemas(), budget(2000, 300))
    for text in texts[: budget(2000, 100)]:
        modelgen.generate(text)
    drawn_directives = {name for text in texts for name in re.findall(r"@(\w+)", text)}
    assert amplify().directives.keys() - drawn_directives == _NEVER_DRAWN
    assert [part for part in _DRAWN if not any(part in text for text in texts)] == []


_NEVER_DRAWN = {
    *("sql", "refersTo"),  # need an SQL database
    "aws_lambda",  # needs a mode that this API does not have
    "specifiedBy",  # which the transformer does not know
    *("skip", "include"),  # of queries
}
_DRAWN = (
    *("@auth(rules: [{allow: ", "operations: [", "provider: identityPool", "secret: String @auth"),
    *(
        "sortKeyFields: [",
        "queryField: ",
        "projection: ",
        "@hasMany\n",
        "@hasOne\n",
        "@belongsTo\n",
    ),
    *("@hasMany(indexName", "@hasMany(references", "@hasOne(fields", "@hasOne(references"),
    *("@belongsTo(fields", "@belongsTo(references", "invocationType: Event", "(cognito_groups: "),
    *("enum ", "input ", "union ", "interface ", " implements ", "scalar ", "extend type"),
    *("(timestamps: ", "(queries: ", "(subscriptions: "),
)
"""What else a schema may hold, as it is written."""


@pytest.mark.parametrize(
    ("provider", "mode"),
    [
        ("apiKey", "API_KEY"),
        ("iam", "AWS_IAM"),
        ("userPools", "AMAZON_COGNITO_USER_POOLS"),
        ("oidc", "OPENID_CONNECT"),
    ],
)
def test_a_schema_asks_only_for_the_providers_it_may(provider: Any, mode: str) -> None:
    asked = set()
    for text in drawn(strategies.transform_schemas(providers=[provider]), budget(100, 30)):
        asked |= schema.modes(text)
    assert asked == {mode}


def test_a_schema_without_providers_has_no_rules() -> None:
    texts = drawn(strategies.transform_schemas(providers=()), 50)
    assert not any("@auth" in text for text in texts)
