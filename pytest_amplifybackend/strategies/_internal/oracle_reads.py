"""The oracle's word on what each operation that answers at once says, and changes.

An expected answer holds the members that are known; a function in place of a value looks at
the actual one and gives what is wrong with it, or None.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

from pytest_amplifybackend.strategies._internal.oracle import Oracle
from pytest_amplifybackend.strategies._internal.oracle_meta import meta_differs
from pytest_amplifybackend.strategies._internal.oracle_state import (
    BAD_REQUEST,
    NOT_FOUND,
    TOKEN_SECONDS,
    UNFINISHED,
    Params,
    Record,
    Rejected,
)
from pytest_amplifybackend.strategies._internal.oracle_work import LEARNT, buckets

MISSING = "<no such member>"


def differences(expected: Any, actual: Any, path: str = "") -> list[str]:
    """Where an answer is not as expected, one line each; members that are not expected may be."""
    if callable(expected):
        wrong = expected(actual)
        return [] if wrong is None else [f"{path}: {wrong}"]
    if expected == LEARNT:
        good = actual not in ("", MISSING)
        return [] if good else [f"{path}: expected some value, got {actual!r}"]
    if isinstance(expected, dict) and isinstance(actual, dict):
        lines = []
        for name, item in expected.items():
            below = f"{path}.{name}".lstrip(".")
            lines += differences(item, actual.get(name, MISSING), below)
        if path:  # the answer itself may hold more, but what it holds is whole
            extra = [name for name in actual if name not in expected]
            lines += [f"{path}.{name}: not expected, got {actual[name]!r}" for name in extra]
        return lines
    return [] if expected == actual else [f"{path}: expected {expected!r}, got {actual!r}"]


def _absent(actual: Any) -> str | None:
    return None if actual == MISSING else f"expected to be absent, got {actual!r}"


def _get_backend(oracle: Oracle, params: Params) -> Record:
    app_id, name = params["AppId"], params.get("BackendEnvironmentName")
    environment = None if name is None else oracle.environment(app_id, name)
    app = oracle.app(app_id)
    names = sorted(app["environments"])
    answer: Record = {
        "AppId": app_id,
        "AppName": app["name"],
        "BackendEnvironmentList": lambda found: (
            None if sorted(found) == names else f"expected {names}, got {found!r}"
        ),
    }
    if environment is None:
        return {**answer, "BackendEnvironmentName": _absent, "AmplifyMetaConfig": _absent}
    job = oracle.pending(app_id, name)
    if job is not None and job["work"][0] in ("DeleteBackend", "RemoveAllBackends"):
        raise Rejected(BAD_REQUEST, f"{name} is being deleted")
    return {
        **answer,
        "BackendEnvironmentName": name,
        "AmplifyMetaConfig": lambda text: meta_differs(oracle, app_id, str(name), text),
        "AmplifyFeatureFlags": lambda text: None if json.loads(text)["features"] else "no features",
    }


def _details(family: str) -> Callable[[Oracle, Params], Record]:
    def details(oracle: Oracle, params: Params) -> Record:
        resource = oracle.resource(params, family)
        config = copy.deepcopy(resource["config"])
        if family == "storage":
            config["Imported"] = resource["imported"]
        at = {name: params[name] for name in ("AppId", "BackendEnvironmentName", "ResourceName")}
        if family == "auth" and resource["imported"]:
            return at  # what the config of an imported pool is depends on the pool
        return {**at, "ResourceConfig": config}

    return details


def _get_models(oracle: Oracle, params: Params) -> Record:
    api = oracle.resource(params, "api")
    if "models_of" not in api:
        raise Rejected(NOT_FOUND, "no models were generated")
    latest = api["models_of"] == api["config"]["TransformSchema"]
    return {
        "Status": "LATEST" if latest else "STALE",
        "Models": lambda text: models_differ(api["models_of"], text),
        "ModelIntrospectionSchema": lambda text: models_differ(api["models_of"], text),
    }


_RELATION = r'@manyToMany\(relationName: "(\w+)"'


def models_differ(schema: str, text: str) -> str | None:
    """What is wrong with generated models: the schema's, and one of each many-to-many relation."""
    known = {line.split()[1] for line in schema.splitlines() if "@model" in line}
    known |= {f"{name[0].upper()}{name[1:]}" for name in re.findall(_RELATION, schema)}
    found = set(json.loads(text[text.index("{") :].replace(";", ""))["models"])
    return None if found == known else f"expected the models {sorted(known)}, got {sorted(found)}"


def view(oracle: Oracle, job: Record, environment: str) -> Record:
    """A job as GetBackendJob and ListBackendJobs show it."""

    def error(actual: Any) -> str | None:
        if job["status"] == "FAILED" and job["by_worker"]:
            said = str(actual).startswith("Command failed with exit code 1: ")
            return None if said else f"expected the worker's error, got {actual!r}"
        return _absent(actual)

    def time(moment: int) -> Callable[[Any], str | None]:
        return lambda actual: oracle.time_differs(moment, actual)

    return {
        "AppId": job["app"],
        "BackendEnvironmentName": environment,
        "JobId": job["id"],
        "Operation": job["operation"],
        "Status": job["status"],
        "CreateTime": time(job["created"]),
        "UpdateTime": time(job["updated"]),
        "Error": error,
    }


def _get_job(oracle: Oracle, params: Params) -> Record:
    job = oracle.job(params)
    oracle.read(job)
    return view(oracle, job, params["BackendEnvironmentName"])


def _update_job(oracle: Oracle, params: Params) -> Record:
    job = oracle.job(params)
    if "Status" in params:
        oracle.move(job, params["Status"])
    if params.get("Operation", job["operation"]) != job["operation"]:
        job["operation"], job["updated"] = params["Operation"], oracle.now
    return view(oracle, job, params["BackendEnvironmentName"])


_FILTERS = {"JobId": "id", "Operation": "operation", "Status": "status"}


def listed(oracle: Oracle, params: Params) -> list[Record]:
    """Every job that a ListBackendJobs and its next pages show, newest first; counts a read."""
    app_id, environment = params["AppId"], params["BackendEnvironmentName"]
    filed = [j for j in oracle.jobs if j["app"] == app_id and oracle.is_filed(j, environment)]
    if not filed:
        oracle.environment(app_id, environment)
    filters = {_FILTERS[name]: value for name, value in params.items() if name in _FILTERS}
    for job in filed:
        about = all(job[key] == value for key, value in filters.items() if key != "status")
        if job["status"] in UNFINISHED and about:
            oracle.read(job)
    shown = [job for job in filed if all(job[key] == value for key, value in filters.items())]
    return [view(oracle, job, environment) for job in reversed(shown)]


def _create_token(oracle: Oracle, params: Params) -> Record:
    oracle.app(params["AppId"])
    now = oracle.now
    return {
        "AppId": params["AppId"],
        "ChallengeCode": LEARNT,
        "SessionId": LEARNT,
        "Ttl": lambda text: oracle.time_differs(now + TOKEN_SECONDS * 1000, text, unit=1000),
    }


def _get_token(oracle: Oracle, params: Params) -> Record:
    tokens = oracle.app(params["AppId"])["tokens"]
    oracle.check_state("GetToken", params)
    return dict(tokens[params["SessionId"]]["answer"])


def _delete_token(oracle: Oracle, params: Params) -> Record:
    tokens = oracle.app(params["AppId"])["tokens"]
    oracle.check_state("DeleteToken", params)
    del tokens[params["SessionId"]]
    return {"IsSuccess": True}


def _studio(oracle: Oracle, operation: str, params: Params) -> Record:
    app = oracle.app(params["AppId"])
    if oracle.pending(params["AppId"], oracle.studio_environment or "?") is not None:
        raise Rejected(BAD_REQUEST, "a job is pending")
    oracle.check_state(operation, params)
    studio: Record = app["studio"]
    return studio


def _update_config(oracle: Oracle, params: Params) -> Record:
    studio = _studio(oracle, "UpdateBackendConfig", params)
    if "LoginAuthConfig" in params:
        studio["login"] = copy.deepcopy(params["LoginAuthConfig"])
    return {
        "AppId": params["AppId"],
        "BackendManagerAppId": studio["manager"],
        "LoginAuthConfig": copy.deepcopy(studio["login"]),
    }


def _remove_config(oracle: Oracle, params: Params) -> Record:
    _studio(oracle, "RemoveBackendConfig", params)
    oracle.app(params["AppId"])["studio"] = None
    return {}


def _buckets(oracle: Oracle, params: Params) -> Record:
    known, count = set(buckets(oracle)), 0
    for _, _, environment in oracle.pairs():
        storage = environment.get("storage")
        count += 1 if storage is None or storage["imported"] else 2

    def differs(found: list[Record]) -> str | None:
        names = {bucket["Name"] for bucket in found}
        if not known <= names:
            return f"the buckets {sorted(known - names)} are not there"
        if oracle.exact and len(found) != count:
            return f"expected {count} buckets, got {sorted(names)}"
        return None

    return {"Buckets": differs}


ANSWERS: dict[str, Callable[[Oracle, Params], Record]] = {
    "CreateToken": _create_token,
    "DeleteToken": _delete_token,
    "GetBackend": _get_backend,
    "GetBackendAPI": _details("api"),
    "GetBackendAPIModels": _get_models,
    "GetBackendAuth": _details("auth"),
    "GetBackendJob": _get_job,
    "GetBackendStorage": _details("storage"),
    "GetToken": _get_token,
    "ListS3Buckets": _buckets,
    "RemoveBackendConfig": _remove_config,
    "UpdateBackendConfig": _update_config,
    "UpdateBackendJob": _update_job,
}
"""What each operation that answers at once should return.

ListBackendJobs is read page by page in checking.py.
"""


def learn(oracle: Oracle, operation: str, params: Params, answer: Params) -> None:
    """Remember what an answer says of values that the service generates."""
    if operation == "CreateToken":
        app = oracle.apps[params["AppId"]]
        app["tokens"][answer["SessionId"]] = {"created": oracle.now, "answer": answer}
    elif operation == "GetBackendStorage":
        config = oracle.resource(params, "storage")["config"]
        config["BucketName"] = answer["ResourceConfig"]["BucketName"]
    elif operation == "UpdateBackendConfig":
        studio = oracle.apps[params["AppId"]]["studio"]
        studio["manager"] = answer["BackendManagerAppId"]
        studio["login"] = answer["LoginAuthConfig"]
