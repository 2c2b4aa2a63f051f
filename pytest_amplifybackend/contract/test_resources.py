"""What auth, API and storage have in common."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend.contract._support import samples
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, assumed, documented, modeled
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import config_of, meta, place

FULL = {
    "Auth": ("app with environment dev", samples.FULL_AUTH),
    "API": ("app with environment dev", samples.FULL_API),
    "Storage": ("auth present", samples.FULL_STORAGE),
}


@modeled("the config of the Get operation has the members of that of the Create operation")
@pytest.mark.parametrize(
    "family",
    [pytest.param(name, marks=about(f"CreateBackend{name}", f"GetBackend{name}")) for name in FULL],
)
def test_a_config_is_read_as_it_was_given(backend: Backend, arrange: Any, family: str) -> None:
    existing = place(arrange(FULL[family][0]))
    params = sample(f"CreateBackend{family}", existing, full=True)
    backend.done(f"CreateBackend{family}", params)
    config = config_of(backend, family, {**existing, "ResourceName": params["ResourceName"]})
    told = {name: config.get(name) for name in params["ResourceConfig"]}
    assert told == params["ResourceConfig"], f"CreateBackend{family}"


@about("DeleteBackendAuth", "DeleteBackendAPI", "DeleteBackendStorage")
@documented("Amplify CLI, remove-resource: Resource <name> has not been added")
@pytest.mark.parametrize("family", ["Auth", "API", "Storage"])
def test_a_resource_by_another_name_is_not_removed(
    backend: Backend, shared: Any, family: str
) -> None:
    existing = shared("auth, API and storage present")
    operation = f"DeleteBackend{family}"
    before = meta(backend, existing)
    backend.fails(operation, sample(operation, {**existing, "ResourceName": "nobody"}))
    assert meta(backend, existing) == before, operation


@pytest.mark.parametrize(
    "family",
    [
        pytest.param(family, marks=(about(f"UpdateBackend{family}"), mark))
        for family, mark in {
            "Auth": assumed("by analogy with storage"),
            "API": assumed("by analogy with storage"),
            "Storage": documented("Amplify CLI, category-storage: No S3 resource '<name>' found"),
        }.items()
    ],
)
def test_a_resource_by_another_name_is_not_updated(
    backend: Backend, shared: Any, family: str
) -> None:
    operation = f"UpdateBackend{family}"
    existing = shared(samples.STATES[operation])
    before = config_of(backend, family, existing)
    backend.fails(operation, sample(operation, {**existing, "ResourceName": "nobody"}, full=True))
    assert config_of(backend, family, existing) == before, operation
