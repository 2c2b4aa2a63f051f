"""AmplifyFeatureFlags as counted in 43 cli.json files, those of a project of today."""

from __future__ import annotations

import json

from pytest_amplifybackend import FakeAmplifyBackend

FLAGS = {
    "graphqltransformer": {
        *("usefieldnameforprimarykeyconnectionfield", "shoulddeepmergedirectiveconfigdefaults"),
        *("enableautoindexquerynames", "respectprimarykeyattributesonconnectionfield"),
        *("populateownerfieldforstaticgroupauth", "subscriptionsinheritprimaryauth"),
    },
    "codegen": {"generatemodelsforlazyloadandcustomselectionset"},
    "project": {"overrides"},
    "latestregionsupport": {"pinpoint", "translate", "transcribe", "comprehend"},
}


def test_feature_flags_are_those_of_a_project_of_today() -> None:
    fake = FakeAmplifyBackend()
    fake.add_api("d1shop")
    place = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
    flags = json.loads(fake.call("GetBackend", place)["AmplifyFeatureFlags"])

    for section, names in FLAGS.items():
        assert names <= flags["features"][section].keys()
    assert flags["debug"] == {}


def test_feature_flags_agree_with_the_models() -> None:
    fake = FakeAmplifyBackend()
    schema = (
        "type Post @model { id: ID! comments: [Comment] @hasMany } "
        "type Comment @model { id: ID! post: Post @belongsTo }"
    )
    config = {"DefaultAuthType": {"Mode": "API_KEY"}, "TransformSchema": schema}
    fake.add_api("d1shop", config=config)
    place = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
    fake.call("GenerateBackendAPIModels", {**place, "ResourceName": "api"})
    models = fake.call("GetBackendAPIModels", {**place, "ResourceName": "api"})["Models"]
    features = json.loads(fake.call("GetBackend", place)["AmplifyFeatureFlags"])["features"]

    lists = "targetNames" in models and '"targetName"' not in models
    transformer = features["graphqltransformer"]
    assert transformer["respectprimarykeyattributesonconnectionfield"] == lists
    assert features["codegen"]["addtimestampfields"] == ("createdAt" in models)
