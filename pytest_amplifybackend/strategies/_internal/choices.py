"""Which calls the machine makes: operations by weight, and params that collide."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.secrets.shapes import sensitive_paths
from pytest_amplifybackend._rules import limits
from pytest_amplifybackend.strategies._internal import api, auth, names, storage
from pytest_amplifybackend.strategies._internal.invalid import invalid_requests
from pytest_amplifybackend.strategies._internal.leaves import leaf
from pytest_amplifybackend.strategies._internal.oracle import Oracle
from pytest_amplifybackend.strategies._internal.oracle_work import WORK, buckets
from pytest_amplifybackend.strategies._internal.plan import one_of, subsets
from pytest_amplifybackend.strategies._internal.targets import targets
from pytest_amplifybackend.strategies._internal.values import InvalidRequest, UnknownOperation

Params = dict[str, Any]
Draw = Callable[..., Any]

USUAL = 3
_WEIGHTS = {
    "CloneBackend": 3,
    "CreateBackendAPI": 4,
    "CreateBackendAuth": 5,
    "CreateBackendStorage": 4,
    "DeleteBackend": 1,
    "ListBackendJobs": 4,
    "ListS3Buckets": 1,
    "RemoveAllBackends": 1,
    "UpdateBackendJob": 5,
}
"""How often the machine calls an operation, where not USUAL times: so that backends grow."""

_COIN = st.booleans()
_CHANCE = st.integers(0, 3)
_FEW = st.integers(1, 4)


@dataclass(frozen=True)
class Allowed:
    """The operations of a machine, each as many times as it weighs."""

    names: frozenset[str]
    changes: tuple[str, ...]
    reads: tuple[str, ...]
    invalid: tuple[str, ...]

    def without(self, silent: Collection[str]) -> Allowed:
        """The same without some operations; what the machine cannot do without stays."""
        if not silent:
            return self
        kept = [
            tuple(name for name in names if name not in silent) or names
            for names in (self.changes, self.reads, self.invalid)
        ]
        return Allowed(self.names, *kept)

    @property
    def first(self) -> str:
        """The operation that everything begins with, or else any."""
        return "CreateBackend" if "CreateBackend" in self.names else self.changes[0]


@functools.lru_cache
def silenced(names: frozenset[str]) -> SearchStrategy[list[str]]:
    """Operations to do without in a run: none, or up to half of them."""
    others = tuple(sorted(names - {"CreateBackend"}))
    return st.one_of(st.just([]), st.tuples(subsets(others), subsets(others)).map(_in_both))


def _in_both(drawn: tuple[list[str], list[str]]) -> list[str]:
    return [name for name in drawn[0] if name in drawn[1]]


def weighted(
    machine: str, operations: Collection[str] | None, weights: Mapping[str, int]
) -> Allowed:
    """The operations that a machine's options leave; raises UnknownOperation."""
    named = {name: catalogue.find(name) for name in (*(operations or ()), *weights)}
    for name, found in named.items():
        if found is None:
            near = errors.nearest(name, catalogue.operations())
            raise UnknownOperation(f"{machine} names the operation {name!r}: {near}")
    allowed = None if operations is None else {named[name] for name in operations}
    left = [name for name in catalogue.operations() if allowed is None or name in allowed]
    factors = {str(named[name]): factor for name, factor in weights.items()}
    return _weighted(tuple(left), tuple(factors.items()))


@functools.lru_cache
def _weighted(left: tuple[str, ...], weights: tuple[tuple[str, int], ...]) -> Allowed:
    factor = dict(weights)
    repeated = [
        name for name in left for _ in range(_WEIGHTS.get(name, USUAL) * factor.get(name, 1))
    ]
    return Allowed(
        names=frozenset(repeated),
        changes=tuple(name for name in repeated if name in WORK),
        reads=tuple(name for name in repeated if name not in WORK and name != "CreateToken"),
        invalid=tuple(name for name in dict.fromkeys(repeated) if rejecting_layers(name)),
    )


@functools.cache
def rejecting_layers(operation: str) -> tuple[str, ...]:
    """The layers that reject a request at once, where the operation has rules in them."""
    layers = dict.fromkeys(str(target.layer) for target in targets(operation))
    return tuple(layer for layer in layers if layer != "provisioning")


_POSSIBLE = {
    "auth": (
        (*("CreateBackendAuth",) * 4, "ImportBackendAuth"),
        ("UpdateBackendAuth", "UpdateBackendAuth", "DeleteBackendAuth"),
    ),
    "api": (
        ("CreateBackendAPI", "CreateBackendAPI"),
        ("UpdateBackendAPI", "DeleteBackendAPI"),
    ),
    "storage": (
        (*("CreateBackendStorage",) * 4, "ImportBackendStorage"),
        ("UpdateBackendStorage", "UpdateBackendStorage", "DeleteBackendStorage"),
    ),
}
"""What can be done about a family's resource: while it is absent, and once it is present."""


def possible(oracle: Oracle, app_id: str, name: str) -> list[str]:
    """The operations that make sense in an environment as it is."""
    app = oracle.apps.get(app_id)
    environment = None if app is None else app["environments"].get(name)
    if app is None or environment is None:
        return ["CreateBackend"]
    found = ["CloneBackend", "CloneBackend"]
    # What few calls lead to is worth a look once it is there: the last environment, and models.
    found += ["CloneBackend"] * 4 if "models_of" in environment.get("api", {}) else []
    found += ["DeleteBackend"] if len(environment) > 1 or len(app["environments"]) == 1 else []
    found += ["RemoveAllBackends"] if len(app["environments"]) > 2 else []
    found += ["CreateBackendConfig"] if app["studio"] is None else []
    for family, (absent, present) in _POSSIBLE.items():
        if family != "storage" or "auth" in environment:
            found += present if family in environment else absent
    if "api" in environment:
        api = environment["api"]
        stale = api["config"]["TransformSchema"] != api.get("models_of")
        found += ["GenerateBackendAPIModels" if stale else "UpdateBackendAPI"] * 4
    return found


@functools.cache
def can_break(operation: str) -> bool:
    """Whether params can let the job of an operation fail."""
    return any(str(target.layer) == "provisioning" for target in targets(operation))


@functools.cache
def breaking(operation: Any) -> SearchStrategy[InvalidRequest]:
    """Requests whose job fails; where some break a rule about a secret, half of them do."""
    secret = sorted(
        target.path
        for target in targets(operation)
        if str(target.layer) == "provisioning" and target.path in sensitive_paths(operation)
    )
    any_of_them = invalid_requests(operation, "provisioning")
    if not secret:
        return any_of_them
    telling = [invalid_requests(operation, "provisioning", path=path) for path in secret]
    return st.one_of(any_of_them, st.sampled_from(telling).flatmap(lambda chosen: chosen))


_EMPTIED: SearchStrategy[Params] = st.fixed_dictionaries(
    {"AdditionalAuthTypes": st.builds(list)}, optional={"TransformSchema": st.just("")}
)
"""Updates of an API that leave it as it is: what they name without a value stays."""


@functools.cache
def _configs() -> Mapping[str, SearchStrategy[Params]]:
    return {
        "CreateBackendAuth": auth.auth_configs(),
        "UpdateBackendAuth": st.one_of(auth.auth_update_configs(), auth.partial_updates()),
        "CreateBackendAPI": api.api_configs(),
        "UpdateBackendAPI": st.one_of(
            api.api_update_configs(), api.api_update_configs(schema=True), _EMPTIED
        ),
        "CreateBackendStorage": storage.storage_configs(),
        "UpdateBackendStorage": storage.storage_update_configs(),
    }


def change_params(
    draw: Draw,
    operation: str,
    app: str,
    environment: str,
    name: str,
    environments: Collection[str],
    oracle: Oracle,
) -> Params:
    """The params of an operation that makes a job; a clone goes to another environment."""
    params: Params = {"AppId": app, "BackendEnvironmentName": environment, "ResourceName": name}
    known = catalogue.operations()[operation].input_shape.members
    params = {member: value for member, value in params.items() if member in known}
    if operation in _configs():
        params["ResourceConfig"] = draw(_configs()[operation])
    elif operation == "CreateBackend":
        params["AppName"] = draw(_app_names())
        del params["ResourceName"]
    elif operation == "CloneBackend":
        others = [one for one in environments if one != environment] or [environment]
        there = oracle.apps.get(app, {"environments": ()})["environments"]
        params["TargetEnvironmentName"] = draw(_targets(draw(_CHANCE), others, there))
    elif operation == "RemoveAllBackends" and draw(_COIN):
        params["CleanAmplifyApp"] = bool(draw(_CHANCE))
    elif operation == "CreateBackendConfig" and draw(_COIN):
        params["BackendManagerAppId"] = draw(names.app_ids())
    elif operation == "ImportBackendAuth":
        region = draw(st.sampled_from((oracle.region, oracle.region, "mars-north-1")))
        params["UserPoolId"] = draw(names.user_pool_ids(region=region))
        params["NativeClientId"] = draw(names.client_ids())
        params["WebClientId"] = draw(names.client_ids())
    elif operation == "ImportBackendStorage":
        there = list(buckets(oracle))
        params["BucketName"] = draw(st.sampled_from([*there, "no-such-bucket"]))
    if "ServiceName" in known:
        params["ServiceName"] = "S3"
    return params


@functools.cache
def renames() -> SearchStrategy[str]:
    """The operations that a job is given by hand."""
    return st.sampled_from(("UpdateBackendAPI", "CreateBackend"))


@functools.cache
def new_names(operation: str) -> SearchStrategy[str]:
    """Names of any length for what an operation creates."""
    return leaf(operation, "ResourceName")


@functools.cache
def _app_names() -> SearchStrategy[str]:
    return st.one_of(st.sampled_from(("Shop", "My Blog")), leaf("CreateBackend", "AppName"))


def _targets(chance: int, others: Collection[str], there: Collection[str]) -> SearchStrategy[str]:
    """Names for a clone: mostly one that is free, now and then any, or one of any length."""
    free = [name for name in others if name not in there]
    if chance == 3:
        return names.environment_names()
    return one_of(tuple(free if free and chance else others))


def read_params(
    draw: Draw,
    operation: str,
    app: str,
    environment: str,
    name: str,
    job_id: str,
    session_id: str,
) -> Params:
    """The params of an operation that answers at once."""
    params: Params = {
        "AppId": app,
        "BackendEnvironmentName": environment,
        "ResourceName": name,
        "JobId": job_id,
        "SessionId": session_id,
    }
    operation_shape = catalogue.operations()[operation]
    params = {name: value for name, value in params.items() if name in operation_shape.required}
    if operation == "GetBackend" and draw(_CHANCE):
        params["BackendEnvironmentName"] = environment
    elif operation == "UpdateBackendJob":
        if draw(_CHANCE):
            params["Status"] = draw(st.sampled_from(limits.JOB_STATUSES))
        if not draw(_CHANCE):
            params["Operation"] = draw(renames())
    elif operation == "UpdateBackendConfig" and draw(_COIN):
        params["LoginAuthConfig"] = draw(storage.login_auth_configs())
    elif operation == "ListBackendJobs":
        if draw(_CHANCE):
            params["MaxResults"] = draw(_FEW)
        if not draw(_CHANCE):
            params["Status"] = draw(st.sampled_from(limits.JOB_STATUSES))
        if not draw(_CHANCE):
            params["Operation"] = draw(st.sampled_from(tuple(WORK)))
        if not draw(_CHANCE):
            params["JobId"] = job_id
    return params
