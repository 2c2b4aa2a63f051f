"""Strategies for requests that botocore's client lets through, sound or not."""

from __future__ import annotations

from typing import Any

from full_requests import FULL, with_value
from hypothesis import strategies as st

from pytest_amplifybackend._api import catalogue

KNOWN_JOB, KNOWN_SESSION, KNOWN_TOKEN = "<known job>", "<known session>", "<known token>"
"""Stand for ids that the fake has given; the test puts them in."""

_POOLS = {
    "AppId": ["d1shop", "d2other", "", "D1"],
    "BackendEnvironmentName": ["dev", "test", "amplify-studio", ""],
    "TargetEnvironmentName": ["dev", "test", "prod", "Not A Name"],
    "ResourceName": ["users", "orders", "media", "d1shopauth", ""],
    "JobId": [KNOWN_JOB, "none"],
    "SessionId": [KNOWN_SESSION, "none"],
    "NextToken": [KNOWN_TOKEN, "bm8=", ""],
    "BucketName": ["our-pictures", "pictures", ""],
    "UserPoolId": ["us-east-1_a1B2c3D4e", "eu-west-1_a1B2c3D4e", "x"],
    "TransformSchema": ["type A @model { id: ID! }", "type A {", "type A @auth { id: ID }", ""],
    "Operation": ["DeleteBackend", "NoSuch"],
    "Status": ["PENDING", "RUNNING", "COMPLETED", "FAILED", "NoSuch"],
}
_NUMBERS = [8, 7.0, 0, -1, 8.5, 10**400, True, float("nan"), float("inf"), -0.0, 5e-324]


def _usually(name: str) -> st.SearchStrategy[Any]:
    """A value of the pool, the first one mostly; the shrinker likes it best too."""
    pool = _POOLS[name]
    return st.one_of(st.just(pool[0]), st.just(pool[0]), st.sampled_from(pool), st.text(max_size=5))


def values(name: str, shape: Any) -> st.SearchStrategy[Any]:
    """Values that fit a shape as far as the client looks."""
    kind = shape.type_name
    if kind == "structure":
        given = {member: values(member, item) for member, item in shape.members.items()}
        required = {member: given.pop(member) for member in shape.required_members}
        return st.fixed_dictionaries(required, optional=given)
    if kind == "list":
        return st.lists(values(name, shape.member), max_size=3)
    if kind == "boolean":
        return st.booleans()
    if kind == "double":
        return st.sampled_from(_NUMBERS)
    if kind == "integer":
        return st.sampled_from([1, 2, 25, 26, 10**30, True])
    if getattr(shape, "enum", None):
        return st.sampled_from([*shape.enum, *shape.enum, "OTHER"])
    return _usually(name) if name in _POOLS else st.text(max_size=8)


@st.composite
def _nearly_sound(draw: st.DrawFn, operation: str) -> dict[str, Any]:
    """The full request of an operation with other names in it, and perhaps one junk value."""
    names = {
        name: draw(_usually(name))
        for name in FULL[operation]
        if name in _POOLS and name not in ("ResourceName", "BucketName", "UserPoolId")
    }
    request = {**FULL[operation], **names}
    inner = [
        (path, shape)
        for path, shape in catalogue.members(catalogue.operations()[operation].input_shape)
        if "." in path
    ]
    if not inner or draw(st.booleans()):
        return request
    path, shape = draw(st.sampled_from(inner))
    name = path.rpartition(".")[2].removesuffix("[]")
    return dict(with_value(request, path, draw(values(name, shape))))


def requests(operation: str) -> st.SearchStrategy[dict[str, Any]]:
    """Params of an operation, nearly sound or junk."""
    shape = catalogue.operations()[operation].input_shape
    return st.one_of(_nearly_sound(operation), values("", shape))


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An operation and its params."""
    operation = draw(st.sampled_from(sorted(FULL)))
    return operation, draw(requests(operation))
