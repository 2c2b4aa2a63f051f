"""What can be read of a place, taken apart: so that two places, or two moments, can be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_amplifybackend._api.catalogue import FAMILIES
from pytest_amplifybackend._api.paths import walk
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.states import meta

READERS = {"auth": "GetBackendAuth", "api": "GetBackendAPI", "storage": "GetBackendStorage"}
NAMES = {"auth": "users", "api": "orders", "storage": "media"}
"""The names of the resources of the provider states."""


def picture(backend: Backend, at: Mapping[str, Any]) -> dict[str, Any]:
    """By category what GetBackend and the category's own operation tell of an environment."""
    told = meta(backend, at)
    return {
        "providers": told["providers"],
        **{
            family: {
                "meta": told[family],
                "read": backend.call(READERS[family], {**at, "ResourceName": NAMES[family]}),
            }
            for family in FAMILIES
            if family in told
        },
    }


def generated(told: Any) -> Iterator[tuple[str, str]]:
    """The path and value of each string in a meta text that is made for one place alone."""
    for path, value, _ in walk(told):
        if isinstance(value, str) and re.search(_MADE, path):
            yield path, value


_MADE = (
    r"\.(?:\w*(?:(?<!logical)Id|Arn|ARN|IDWeb|ID|RoleName|StackName|DeploymentBucketName|SNSRole)"
    r"|GraphQLAPI\w+|BucketName|s3TemplateURL)$"
)
"""The members of amplify-meta.json files that differ from environment to environment."""


def text(value: Any) -> str:
    """A value as the text that a search for an id goes through."""
    return json.dumps(value, ensure_ascii=False, default=str)
