"""Which parts of the API there are, and which ones calls meet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend._report.coverage import facts
from pytest_amplifybackend._report.coverage.parts import KINDS, parts
from pytest_amplifybackend._report.coverage.recording import Recorder
from pytest_amplifybackend._service.calls import Call
from pytest_amplifybackend.strategies import Request, requests

DEV = {"AppId": "d1", "BackendEnvironmentName": "dev"}
API: Any = {
    "Service": "AppSync",
    "ApiName": "x",
    "DefaultAuthType": {"Mode": "API_KEY"},
    "TransformSchema": "type A @model { id: ID! }",
}


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    recorder = Recorder(tmp_path, lambda: "test")
    recorder.start()
    yield recorder
    recorder.stop()


def met(recorder: Recorder, operation: str, kind: str) -> set[str]:
    """The parts of a kind that an operation has met so far."""
    recorder.collect()
    known = parts()[operation][kind]
    return {name for name in known if recorder.data.tests(operation, kind, name) is not None}


def test_every_kind_has_parts() -> None:
    for kind in KINDS:
        assert any(kinds[kind] for kinds in parts().values()), kind


def test_what_a_request_must_have_is_never_absent() -> None:
    members = parts()["CreateBackendAPI"]["members"]
    assert "AppId present" in members
    assert "AppId absent" not in members
    assert {"ResourceConfig.ApiName present", "ResourceConfig.ApiName absent"} <= set(members)
    assert "ResourceConfig.AdditionalAuthTypes[].Mode absent" in members


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(request=requests())
def test_whatever_a_request_meets_is_a_part(request: Request) -> None:
    known = parts()
    call = Call(request.operation, request.params, {}, None, "us-east-1", "stubber")
    for operation, kind, name in facts.of_call(call):
        assert name in known[operation][kind]


def test_members_values_and_limits(recorder: Recorder) -> None:
    fake = FakeAmplifyBackend()
    fake.add_app("d1")
    client = fake.client()
    config: Any = {**API, "ApiName": "x" * 2}
    client.create_backend_api(**DEV, ResourceName="orders", ResourceConfig=config)
    members = met(recorder, "CreateBackendAPI", "members")
    assert {"ResourceConfig.ApiName present", "ResourceConfig.ConflictResolution absent"} <= members
    assert "ResourceConfig.ConflictResolution present" not in members
    assert "ResourceConfig.ConflictResolution.ResolutionStrategy absent" not in members
    assert met(recorder, "CreateBackendAPI", "enums") == {
        "ResourceConfig.DefaultAuthType.Mode = API_KEY"
    }


def test_errors_and_rules(recorder: Recorder) -> None:
    fake = FakeAmplifyBackend()
    client = fake.client()
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_token(AppId="d1", SessionId="s")
    assert met(recorder, "GetToken", "errors") == {"NotFoundException"}
    assert met(recorder, "GetToken", "rules") == {"app.missing"}


def test_jobs_and_transitions(recorder: Recorder) -> None:
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.add_app("d1")
    client = fake.client()

    def create(schema: str) -> str:
        config: Any = {**API, "TransformSchema": schema}
        made = client.create_backend_api(**DEV, ResourceName="orders", ResourceConfig=config)
        client.get_backend_job(**DEV, JobId=made["JobId"])
        return made["JobId"]

    fake.jobs.fail(create(API["TransformSchema"]))
    assert met(recorder, "CreateBackendAPI", "outcomes") == {"failed by the test", "seen PENDING"}
    assert met(recorder, "CreateBackendAPI", "transitions") == {"api: absent -> absent by failure"}
    fake.jobs.finish(create("type A @modle { id: ID! }"))
    assert "failed" in met(recorder, "CreateBackendAPI", "outcomes")
    assert met(recorder, "CreateBackendAPI", "rules") == {"api.schema"}
    job = create(API["TransformSchema"])
    fake.jobs.advance()
    client.get_backend_job(**DEV, JobId=job)
    fake.jobs.finish(job)
    outcomes = {"completed", "failed", "failed by the test", "seen PENDING", "seen RUNNING"}
    assert met(recorder, "CreateBackendAPI", "outcomes") == outcomes
    assert "api: absent -> present" in met(recorder, "CreateBackendAPI", "transitions")


def test_pages(recorder: Recorder) -> None:
    fake = FakeAmplifyBackend()
    client = fake.client()
    for number in range(3):
        fake.add_bucket(f"bucket-{number}")
    client.list_s3_buckets()
    seen = met(recorder, "ListS3Buckets", "pages")
    assert seen == {"one page"}
    fake.override("ListS3Buckets", {"Buckets": [], "NextToken": "more"}, times=1)
    client.list_s3_buckets()
    fake.override("ListS3Buckets", {"Buckets": []}, times=1)
    client.list_s3_buckets(NextToken="more")
    assert met(recorder, "ListS3Buckets", "pages") == {"one page", "more pages", "last page"}


def test_only_the_program_counts(recorder: Recorder) -> None:
    fake = FakeAmplifyBackend()
    fake.add_app("d1")
    fake.add_auth("d1")
    fake.call("GetBackend", {"AppId": "d1"})
    recorder.collect()
    assert len(recorder.data) == 0


@pytest.mark.parametrize("forget", ["reset", "load"])
def test_nothing_is_forgotten_with_the_state(recorder: Recorder, forget: str) -> None:
    fake = FakeAmplifyBackend()
    fake.add_app("d1")
    fake.client().create_backend_config(AppId="d1")
    arguments = [fake.dump()] if forget == "load" else []
    getattr(fake, forget)(*arguments)
    assert met(recorder, "CreateBackendConfig", "operations") == {"called"}
    assert met(recorder, "CreateBackendConfig", "outcomes") == {"completed"}


def test_fakes_that_are_gone_count(recorder: Recorder) -> None:
    for number in range(150):
        with pytest.raises(ClientError):
            FakeAmplifyBackend().client().get_backend(AppId=f"d{number}")
    assert met(recorder, "GetBackend", "errors") == {"NotFoundException"}
