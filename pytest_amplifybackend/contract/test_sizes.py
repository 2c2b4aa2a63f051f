"""Much of everything: environments, tokens, models."""

from __future__ import annotations

import json
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, documented, modeled
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import meta, place

ENVIRONMENTS = [f"env{letter}" for letter in "jdakfblgciheztmxrvnyqspuwo"]
MODELS = 60
COMMENT = "# " + "Notes. " * 50 + "\n"


@about("CreateBackend", "GetBackend", "ListS3Buckets", "RemoveAllBackends")
@modeled("BackendEnvironmentList is a list without a limit")
def test_an_app_with_many_environments(backend: Backend, arrange: Any) -> None:
    app = {"AppId": arrange("no app")["AppId"]}
    places = [{**app, "BackendEnvironmentName": name} for name in ENVIRONMENTS]
    for at in places:
        backend.done("CreateBackend", sample("CreateBackend", at))
    listed = backend.call("GetBackend", app)["BackendEnvironmentList"]
    assert sorted(listed) == sorted(ENVIRONMENTS), f"GetBackend: {listed}"
    buckets = []
    for at in places:
        answer = backend.seen(at)
        assert answer["BackendEnvironmentName"] == at["BackendEnvironmentName"], "GetBackend"
        assert answer["BackendEnvironmentList"] == listed, "GetBackend"
        stack = json.loads(answer["AmplifyMetaConfig"])["providers"]["awscloudformation"]
        buckets.append(stack["DeploymentBucketName"])
    assert len(set(buckets)) == len(places), "CreateBackend: two environments have one bucket"
    assert set(buckets) <= _buckets(backend), "ListS3Buckets"
    backend.done("RemoveAllBackends", app)
    assert backend.call("GetBackend", app)["BackendEnvironmentList"] == [], "RemoveAllBackends"
    for at in (places[0], places[-1]):
        backend.rejected("GetBackend", at, errors.NotFound)
    assert not set(buckets) & _buckets(backend), "RemoveAllBackends: buckets are still there"


def _buckets(backend: Backend) -> set[str]:
    return {bucket["Name"] for bucket in backend.call("ListS3Buckets", {})["Buckets"]}


@about("CreateBackendAPI", "GetBackendAPI", "GenerateBackendAPIModels", "GetBackendAPIModels")
@documented("Amplify CLI: models are generated for every type of the schema with @model")
def test_an_api_with_many_models(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environment dev")
    names = [f"Model{number}" for number in range(MODELS)]
    schema = "\n".join(f"{COMMENT}type {name} @model {{ id: ID! note: String }}" for name in names)
    params = sample("CreateBackendAPI", existing)
    params["ResourceConfig"] = {**params["ResourceConfig"], "TransformSchema": schema}
    backend.done("CreateBackendAPI", params)
    named = place(existing, ResourceName=params["ResourceName"])
    told = backend.call("GetBackendAPI", named)["ResourceConfig"]["TransformSchema"]
    assert told == schema, "GetBackendAPI"
    backend.done("GenerateBackendAPIModels", named)
    answer = backend.call("GetBackendAPIModels", named)
    for member in ("Models", "ModelIntrospectionSchema"):
        text = answer[member]
        found = json.loads(text[text.index("{") :].replace(";", ""))["models"]
        assert sorted(found) == sorted(names), f"GetBackendAPIModels: {member}"
    assert set(meta(backend, existing)) == {"providers", "api"}, "GetBackend"
