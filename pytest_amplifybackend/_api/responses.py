"""Which ``*RespObj`` shape says what each response must contain.

The ``*Response`` shapes that botocore parses mark no member as required; the model keeps the
promise in ``*RespObj`` shapes that no operation refers to. This table pairs them; it was
reviewed by hand against the REST reference, and a test compares the members of each pair.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from pytest_amplifybackend._api import catalogue

RESPONSE_OBJECTS: Mapping[str, str] = {
    "CloneBackend": "CloneBackendRespObj",
    "CreateBackend": "CreateBackendRespObj",
    "CreateBackendAPI": "BackendAPIRespObj",
    "CreateBackendAuth": "BackendAuthRespObj",
    "CreateBackendConfig": "CreateBackendConfigRespObj",
    "CreateBackendStorage": "BackendStorageRespObj",
    "CreateToken": "CreateTokenRespObj",
    "DeleteBackend": "DeleteBackendRespObj",
    "DeleteBackendAPI": "BackendAPIRespObj",
    "DeleteBackendAuth": "BackendAuthRespObj",
    "DeleteBackendStorage": "BackendStorageRespObj",
    "DeleteToken": "DeleteTokenRespObj",
    "GenerateBackendAPIModels": "BackendAPICodegenRespObj",
    "GetBackend": "GetBackendRespObj",
    "GetBackendAPI": "GetBackendAPIRespObj",
    "GetBackendAuth": "GetBackendAuthRespObj",
    "GetBackendJob": "BackendJobRespObj",
    "GetBackendStorage": "GetBackendStorageRespObj",
    "GetToken": "GetTokenRespObj",
    "ImportBackendAuth": "BackendAuthRespObj",
    "ImportBackendStorage": "BackendStorageRespObj",
    "ListBackendJobs": "ListBackendJobRespObj",
    "ListS3Buckets": "ListS3BucketsRespObj",
    "RemoveAllBackends": "RemoveAllBackendsRespObj",
    "RemoveBackendConfig": "RemoveBackendConfigRespObj",
    "UpdateBackendAPI": "BackendAPIRespObj",
    "UpdateBackendAuth": "BackendAuthRespObj",
    "UpdateBackendConfig": "BackendConfigRespObj",
    "UpdateBackendJob": "BackendJobRespObj",
    "UpdateBackendStorage": "BackendStorageRespObj",
}
"""By operation; one that is not here has a response whose own shape says all."""

_ALWAYS: Mapping[str, tuple[str, ...]] = {"GetBackendAPIModels": ("Status",)}
"""What a response without such a shape always has: the one thing that it is read for (assumed)."""


def response_object(operation: str) -> Any:
    """The shape that documents a response: its ``*RespObj``, or else its own."""
    name = RESPONSE_OBJECTS.get(operation)
    if name is None:
        return catalogue.operations()[operation].output_shape
    return catalogue.service_model().shape_for(name)


@functools.cache
def required_members(operation: str) -> tuple[str, ...]:
    """The members that every response of the operation has (modeled)."""
    required = response_object(operation).required_members
    return tuple(sorted({*required, *_ALWAYS.get(operation, ())}))
