"""Configs that keep every rule, drawn at random, are carried out and read back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, documented
from pytest_amplifybackend.contract._support.samples import STATES, sample
from pytest_amplifybackend.strategies import (
    api_configs,
    api_update_configs,
    auth_configs,
    auth_update_configs,
    storage_configs,
    storage_update_configs,
)

SOME = settings(
    max_examples=8,
    phases=(Phase.generate,),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
_LIMITS = "the documented limits of Cognito, AppSync, S3 and the Amplify CLI"


def _cases(**configs: SearchStrategy[Any]) -> list[Any]:
    return [
        pytest.param(name.rpartition("_")[2], config, id=name, marks=about(operation))
        for name, config in configs.items()
        for verb, _, family in [name.partition("_")]
        for operation in [f"{verb.title()}Backend{family}"]
    ]


@documented(_LIMITS)
@pytest.mark.parametrize(
    ("family", "configs"),
    _cases(
        create_Auth=auth_configs(),
        create_API=api_configs(own_user_pool=False),
        create_Storage=storage_configs(),
    ),
)
def test_a_valid_config_is_carried_out(
    backend: Backend, shared: Any, family: str, configs: SearchStrategy[Any]
) -> None:
    there = shared("auth present" if family == "Storage" else "app with environment dev")
    there.pop("ResourceName", None)
    named = sample(f"GetBackend{family}", there)

    @SOME
    @given(configs)
    def make(config: dict[str, Any]) -> None:
        backend.done(f"CreateBackend{family}", {**named, "ResourceConfig": config})
        read = backend.call(f"GetBackend{family}", named)["ResourceConfig"]
        told = {name: read.get(name) for name in config}
        assert told == config, f"CreateBackend{family}: not what was sent"
        backend.done(f"DeleteBackend{family}", sample(f"DeleteBackend{family}", named))

    make()


@documented(_LIMITS)
@pytest.mark.parametrize(
    ("family", "configs"),
    _cases(
        update_Auth=auth_update_configs(),
        update_API=api_update_configs(own_user_pool=False),
        update_Storage=storage_update_configs(),
    ),
)
def test_a_valid_update_is_carried_out(
    backend: Backend, shared: Any, family: str, configs: SearchStrategy[Any]
) -> None:
    there = shared(STATES[f"UpdateBackend{family}"], reconfigured=True)

    @SOME
    @given(configs)
    def update(config: dict[str, Any]) -> None:
        backend.done(f"UpdateBackend{family}", {**there, "ResourceConfig": config})

    update()
