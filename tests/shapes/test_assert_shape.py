"""assert_shape: what passes, and for each way of being wrong the lines that say so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import answers
import pytest

from pytest_amplifybackend import FakeAmplifyBackend, assert_shape, errors
from pytest_amplifybackend._api import catalogue

JOB = {"AppId": "d1shop", "BackendEnvironmentName": "dev", "JobId": "7c38c298", "Status": "PENDING"}


def failure(operation: Any, response: Any) -> list[str]:
    with pytest.raises(AssertionError) as caught:
        assert_shape(operation, response)
    return str(caught.value).splitlines()


def altered(operation: Any, alter: Callable[[Any], object]) -> list[str]:
    """The failure of the fake's answer after a change; without the change it passes."""
    response = answers.answer(operation)
    assert_shape(operation, response)
    alter(response)
    return failure(operation, response)


@pytest.mark.parametrize("operation", answers.READS)
def test_the_answers_of_the_fake_pass(operation: Any) -> None:
    assert_shape(operation, answers.answer(operation))


def test_response_metadata_is_left_out() -> None:
    fake = FakeAmplifyBackend()
    response = fake.client().list_s3_buckets()
    assert "ResponseMetadata" in response
    assert_shape("ListS3Buckets", response)


def test_a_required_member_is_missing() -> None:
    assert altered("GetBackendAuth", lambda response: response.pop("AppId")) == [
        "GetBackendAuth: the response does not have the documented shape GetBackendAuthRespObj:",
        "  - AppId: required, string, is missing",
    ]


def test_the_one_required_member_that_no_object_documents() -> None:
    assert altered("GetBackendAPIModels", lambda response: response.pop("Status")) == [
        "GetBackendAPIModels: the response does not have the documented shape "
        "GetBackendAPIModelsResponse:",
        "  - Status: required, one of LATEST, STALE, is missing",
    ]


def test_a_required_member_of_a_structure_is_missing() -> None:
    lines = altered("GetBackendAuth", lambda response: response["ResourceConfig"].pop("Service"))
    assert lines[1:] == ["  - ResourceConfig.Service: required, one of COGNITO, is missing"]


def test_a_member_that_the_model_does_not_have() -> None:
    lines = altered("GetBackend", lambda response: response.update(AppIdd="d1"))
    assert lines[1:] == [
        "  + AppIdd: string, a member that GetBackendRespObj does not have: did you mean 'AppId'?"
    ]


def test_a_member_of_a_structure_in_a_list_that_the_model_does_not_have() -> None:
    lines = altered("ListBackendJobs", lambda response: response["Jobs"][1].update(jobId="x"))
    assert lines[1:] == [
        "  + Jobs[1].jobId: string, a member that BackendJobRespObj does not have: did you mean "
        "'JobId'?"
    ]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (5, "integer"),
        (5.0, "double"),
        (True, "boolean"),
        (None, "null"),
        ([], "list"),
        ({}, "structure"),
        (b"d1", "bytes"),
    ],
)
def test_a_value_of_another_type(value: object, kind: str) -> None:
    lines = altered("GetBackend", lambda response: response.update(AppId=value))
    assert lines[1:] == [f"  ~ AppId: expected string, was {kind}"]


def test_true_is_no_number() -> None:
    def alter(response: Any) -> None:
        response["ResourceConfig"]["UserPoolConfigs"]["PasswordPolicy"]["MinimumLength"] = True

    assert altered("GetBackendAuth", alter)[1:] == [
        "  ~ ResourceConfig.UserPoolConfigs.PasswordPolicy.MinimumLength: expected double, was "
        "boolean"
    ]


def test_an_element_of_another_type() -> None:
    lines = altered("GetBackend", lambda response: response["BackendEnvironmentList"].append(1))
    assert lines[1:] == ["  ~ BackendEnvironmentList[1]: expected string, was integer"]


def test_a_value_outside_its_enum() -> None:
    lines = altered("GetBackendAPIModels", lambda response: response.update(Status="latest"))
    assert lines[1:] == ["  ~ Status: expected one of LATEST, STALE, was 'latest'"]


def test_an_element_outside_its_enum() -> None:
    def alter(response: Any) -> None:
        response["ResourceConfig"]["Permissions"]["Authenticated"][0] = "WRITE"

    assert altered("GetBackendStorage", alter)[1:] == [
        "  ~ ResourceConfig.Permissions.Authenticated[0]: expected one of READ, CREATE_AND_UPDATE, "
        "DELETE, was 'WRITE'"
    ]


def test_no_structure_at_all() -> None:
    assert failure("CreateBackend", None)[1:] == [
        "  ~ the response: expected a structure, was null"
    ]


def test_all_differences_come_together_in_the_order_of_the_model() -> None:
    response = {"Backend": 1, "Status": 2, "BackendEnvironmentName": 3}
    assert [line[:10] for line in failure("CreateBackend", response)[1:]] == [
        "  - AppId:",
        "  ~ Backen",
        "  ~ Status",
        "  + Backen",
    ]


def test_every_operation_says_what_it_requires() -> None:
    operation: Any
    for operation in catalogue.operations():
        if operation in ("ListBackendJobs", "RemoveBackendConfig", "UpdateBackendConfig"):
            assert_shape(operation, {})  # their objects require nothing
        else:
            assert all("is missing" in line for line in failure(operation, {})[1:])


def test_an_operation_that_is_none() -> None:
    with pytest.raises(errors.UnknownOperation, match="did you mean 'GetBackend'"):
        assert_shape("get_backends", JOB)  # type: ignore[arg-type]  # on purpose


def test_arguments_that_changed_places() -> None:
    with pytest.raises(errors.UnknownOperation, match="must be a string, not a dict") as caught:
        assert_shape(JOB, "GetBackendJob")  # type: ignore[arg-type]
    assert "7c38c298" not in str(caught.value)


# JSON inside strings


def in_json(operation: str, member: str, alter: Callable[[Any], object]) -> list[str]:
    def in_text(response: Any) -> None:
        text = response[member]
        start = text.index("{")
        content = json.loads(text[start:].rstrip().removesuffix(";"))
        alter(content)
        response[member] = text[:start] + json.dumps(content)

    return altered(operation, in_text)[1:]


def test_a_string_that_is_no_json() -> None:
    lines = altered("GetBackend", lambda response: response.update(AmplifyMetaConfig="{s3cr3t"))
    assert lines[1:] == [
        "  ~ AmplifyMetaConfig: expected JSON, was a string that is not JSON (Expecting property "
        "name enclosed in double quotes)",
        "(AmplifyMetaConfig is compared with amplify-meta.json, as found in public repositories: "
        "observed.)",
    ]


def test_json_that_is_no_object() -> None:
    lines = altered("GetBackend", lambda response: response.update(AmplifyFeatureFlags="[]"))
    assert lines[1] == "  ~ AmplifyFeatureFlags(json): expected structure, was list"


@pytest.mark.parametrize(
    ("alter", "line"),
    [
        (
            lambda meta: meta.pop("providers"),
            "  - AmplifyMetaConfig(json).providers: required, structure, is missing",
        ),
        (
            lambda meta: meta["providers"]["awscloudformation"].update(StackName=5),
            "  ~ AmplifyMetaConfig(json).providers.awscloudformation.StackName: expected string, "
            "was integer",
        ),
        (
            lambda meta: meta["auth"]["users"]["output"].pop("UserPoolId"),
            "  - AmplifyMetaConfig(json).auth.users.output.UserPoolId: required, string, is "
            "missing",
        ),
        (
            lambda meta: meta["api"]["orders"]["output"].pop("GraphQLAPIIdOutput"),
            "  - AmplifyMetaConfig(json).api.orders.output.GraphQLAPIIdOutput: required, string, "
            "is missing",
        ),
        (
            lambda meta: meta["storage"]["media"]["output"].pop("BucketName"),
            "  - AmplifyMetaConfig(json).storage.media.output.BucketName: required, string, is "
            "missing",
        ),
        (
            lambda meta: meta["storage"]["media"].pop("service"),
            "  - AmplifyMetaConfig(json).storage.media.service: required, string, is missing",
        ),
    ],
)
def test_what_amplify_meta_config_holds(alter: Callable[[Any], object], line: str) -> None:
    lines = in_json("GetBackend", "AmplifyMetaConfig", alter)
    assert lines[0] == line
    assert len(lines) == 2


def test_json_may_hold_more() -> None:
    response = answers.answer("GetBackend")
    meta = json.loads(response["AmplifyMetaConfig"])
    meta["function"] = {"resize": {"service": "Lambda"}}
    meta["api"]["rest"] = {"service": "API Gateway", "output": {"ApiName": "rest"}}
    meta["auth"]["users"]["CreatedSNSRole"] = False
    assert_shape("GetBackend", {**response, "AmplifyMetaConfig": json.dumps(meta)})


@pytest.mark.parametrize(
    ("member", "alter", "line"),
    [
        (
            "Models",
            lambda models: models.pop("version"),
            "  - Models(json).version: required, string, is missing",
        ),
        (
            "Models",
            lambda models: models["models"]["Note"]["fields"]["text"].update(isRequired="yes"),
            "  ~ Models(json).models.Note.fields.text.isRequired: expected boolean, was string",
        ),
        (
            "Models",
            lambda models: models["models"]["Note"]["attributes"].append("key"),
            "  ~ Models(json).models.Note.attributes[1]: expected structure, was string",
        ),
        (
            "ModelIntrospectionSchema",
            lambda schema: schema["models"]["Note"].pop("primaryKeyInfo"),
            "  - ModelIntrospectionSchema(json).models.Note.primaryKeyInfo: required, structure, "
            "is missing",
        ),
    ],
)
def test_what_models_hold(member: str, alter: Callable[[Any], object], line: str) -> None:
    assert in_json("GetBackendAPIModels", member, alter)[0] == line


# Secrets


def test_secrets_are_not_shown() -> None:
    def alter(response: Any) -> None:
        pool = response["ResourceConfig"]["UserPoolConfigs"]
        pool["OAuth"]["SocialProviderSettings"]["Google"]["ClientSecret"] = ["google-s3cr3t"]
        pool["OAuth"]["OAuthGrantType"] = "google-s3cr3t"
        pool["Only for you"] = 1
        response["google-client"] = "google-client"

    text = "\n".join(altered("GetBackendAuth", alter))
    for secret in ("s3cr3t", "google", "Only for you"):
        assert secret not in text
    assert "ClientSecret: expected string, was list" in text
    assert "OAuthGrantType: expected one of CODE, IMPLICIT, was '<redacted>'" in text
    assert "  + <redacted>: string, a member" in text
