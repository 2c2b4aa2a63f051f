"""Every entity in every state under every operation does what the lifecycle table says."""

from __future__ import annotations

import pytest
from shop_calls import APP, DEV
from states_by_name import STATES, request, seen

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend._rules.states import STATE_RULES
from pytest_amplifybackend._service.lifecycle import JOB_STATUSES, TRANSITIONS, Transition

LEGAL = [
    pytest.param(row, source, id=f"{row.operation}-{row.entity}-{source}")
    for row in TRANSITIONS
    for source in row.sources
]
JOBS = [case for case in LEGAL if case.values[0].during]
REFUSED = [
    pytest.param(row, state, rule, id=f"{row.operation}-{row.entity}-{state}")
    for row in TRANSITIONS
    for state, rule in row.refusals.items()
]
TEXTS = {
    "environment.exists": "BackendEnvironment dev already exists.",
    "environment.missing": "BackendEnvironment dev does not exist.",
    "auth.exists": "Auth has already been added to this project. To update run amplify update",
    "auth.missing": "No auth resource users configured in the project.",
    "auth.imported": "Auth has already been imported to this project and cannot be modified",
    "api.exists": "GraphQL API orders already exists in the project. Use 'amplify update api'",
    "api.missing": "No AppSync API configured in the project. Use 'amplify add api' to create",
    "storage.exists": "Amazon S3 storage was already added to your project.",
    "storage.missing": "No S3 resource 'media' found in amplify-meta.json.",
    "storage.imported": "Updating an imported storage resource is not supported.",
    "resource.none": "No resources added for this category",
    "studio.enabled": "Amplify Studio is already enabled for app d1shop.",
    "studio.disabled": "App d1shop has no backend configuration.",
    "token.missing": "of app d1shop does not exist or has expired.",
}
WITHOUT_EFFECT = {
    ("token", "active", "CreateToken"),  # makes another token
    ("token", "expired", "CreateToken"),
    ("models", "none", "UpdateBackendAPI"),
    ("models", "STALE", "UpdateBackendAPI"),
}
"""What the table is silent about: the operation is fine there, and the entity stays as it is."""


@pytest.mark.parametrize(("row", "source"), LEGAL)
def test_a_legal_operation_leads_to_its_target(
    manual: FakeAmplifyBackend, row: Transition, source: str
) -> None:
    STATES[row.entity, source](manual)

    answer = manual.call(row.operation, request(manual, row.operation, row.entity))

    assert ("JobId" in answer) == (row.during is not None)
    if row.during is not None:
        assert answer["Status"] == "PENDING"
        assert manual.jobs.finish(answer["JobId"]).status == "COMPLETED"
    assert seen(manual, row.entity) == row.target


@pytest.mark.parametrize(("row", "source"), JOBS)
def test_a_failed_job_leads_back_or_to_what_the_table_names(
    manual: FakeAmplifyBackend, row: Transition, source: str
) -> None:
    STATES[row.entity, source](manual)
    answer = manual.call(row.operation, request(manual, row.operation, row.entity))

    assert manual.jobs.fail(answer["JobId"]).status == "FAILED"

    assert seen(manual, row.entity) == (row.on_failure or source)


@pytest.mark.parametrize(("row", "state", "rule"), REFUSED)
def test_an_illegal_operation_is_refused_by_its_rule(
    manual: FakeAmplifyBackend, row: Transition, state: str, rule: str
) -> None:
    STATES[row.entity, state](manual)
    before, state_before = seen(manual, row.entity), manual.dump()
    params = request(manual, row.operation, row.entity)

    if STATE_RULES[rule].layer is Layer.SERVICE:
        with pytest.raises(errors.ServiceError) as refused:
            manual.call(row.operation, params)
        assert isinstance(refused.value, STATE_RULES[rule].error)
        assert TEXTS[rule] in refused.value.message
        assert manual.dump() == state_before
    else:
        job = manual.jobs.finish(manual.call(row.operation, params)["JobId"])
        assert job.status == "FAILED"
        assert TEXTS[rule] in job.error

    assert seen(manual, row.entity) == before


@pytest.mark.parametrize(("entity", "state", "operation"), sorted(WITHOUT_EFFECT))
def test_where_the_table_is_silent_the_entity_stays_as_it_is(
    fake: FakeAmplifyBackend, entity: str, state: str, operation: str
) -> None:
    STATES[entity, state](fake)
    before = seen(fake, entity)
    sessions = {call.response["SessionId"] for call in fake.calls.of("CreateToken")}

    answer = fake.call(operation, request(fake, operation, entity))

    if entity == "token":
        assert answer["SessionId"] not in sessions
    else:
        assert seen(fake, entity) == before


def test_no_cell_of_the_table_is_left_out() -> None:
    """Entity by state by operation: legal, refused, or known to be without effect."""
    cells = {
        (entity, state, row.operation)
        for entity, state in STATES
        for row in TRANSITIONS
        if row.entity == entity
    }
    decided = {(row.entity, source, row.operation) for row in TRANSITIONS for source in row.sources}
    decided |= {(row.entity, state, row.operation) for row in TRANSITIONS for state in row.refusals}

    assert cells - decided == WITHOUT_EFFECT
    assert decided <= cells
    assert {rule for row in TRANSITIONS for rule in row.refusals.values()} == TEXTS.keys()


@pytest.mark.parametrize(
    ("status", "wanted"), [(status, wanted) for status in JOB_STATUSES for wanted in JOB_STATUSES]
)
def test_update_backend_job_moves_a_job_as_the_table_says(
    manual: FakeAmplifyBackend, status: str, wanted: str
) -> None:
    manual.add_app(APP)
    job = manual.call("DeleteBackend", DEV)["JobId"]
    if status != "PENDING":
        manual.call("UpdateBackendJob", {**DEV, "JobId": job, "Status": status})
    before = manual.dump()

    update = {**DEV, "JobId": job, "Status": wanted}
    if wanted == status or wanted in JOB_STATUSES[status]:
        assert manual.call("UpdateBackendJob", update)["Status"] == wanted
    else:
        with pytest.raises(errors.BadRequest, match=f"is {status} and cannot become {wanted}"):
            manual.call("UpdateBackendJob", update)
        assert manual.dump() == before

    gone = "COMPLETED" in (manual.jobs[job].status, status)
    assert (seen(manual, "environment") == "absent") == gone
    assert manual.jobs[job].status == (wanted if wanted in JOB_STATUSES[status] else status)


class TestBetweenTheStates:
    """The states in between are those of an unfinished job; nothing of them is stored."""

    def test_an_environment_being_created_has_no_meta_file_yet(
        self, manual: FakeAmplifyBackend
    ) -> None:
        manual.call("CreateBackend", {**DEV, "AppName": "shop"})

        with pytest.raises(errors.NotFound, match="Amplify meta file not found"):
            manual.call("GetBackend", DEV)

    def test_nor_has_the_target_of_a_clone(self, manual: FakeAmplifyBackend) -> None:
        manual.add_app(APP, environments=("test",))
        manual.call("CloneBackend", request(manual, "CloneBackend", "environment"))

        with pytest.raises(errors.NotFound, match="Amplify meta file not found"):
            manual.call("GetBackend", DEV)
        assert manual.call("GetBackend", {**DEV, "BackendEnvironmentName": "test"})

    @pytest.mark.parametrize("operation", ["DeleteBackend", "RemoveAllBackends"])
    def test_an_environment_being_deleted_cannot_be_read(
        self, manual: FakeAmplifyBackend, operation: str
    ) -> None:
        manual.add_app(APP)
        job = manual.call(operation, request(manual, operation, "environment"))["JobId"]

        with pytest.raises(errors.BadRequest, match="BackendEnvironment dev is being deleted"):
            manual.call("GetBackend", DEV)
        manual.jobs.fail(job)
        assert manual.call("GetBackend", DEV)["BackendEnvironmentName"] == "dev"

    def test_one_that_never_was_is_missing_also_while_the_others_are_deleted(
        self, manual: FakeAmplifyBackend
    ) -> None:
        manual.add_app(APP)
        manual.call("RemoveAllBackends", {"AppId": APP})

        with pytest.raises(errors.NotFound, match="BackendEnvironment test does not exist"):
            manual.call("GetBackend", {**DEV, "BackendEnvironmentName": "test"})

    def test_a_resource_is_read_as_it_was_until_its_job_ends(
        self, manual: FakeAmplifyBackend
    ) -> None:
        manual.add_api(APP, name="orders")
        before = manual.call("GetBackendAPI", request(manual, "DeleteBackendAPI", "api"))
        update = request(manual, "UpdateBackendAPI", "api")

        job = manual.call("UpdateBackendAPI", update)["JobId"]
        assert manual.call("GetBackendAPI", request(manual, "DeleteBackendAPI", "api")) == before
        manual.jobs.finish(job)

        after = manual.call("GetBackendAPI", request(manual, "DeleteBackendAPI", "api"))
        assert (
            after["ResourceConfig"]["TransformSchema"]
            == (update["ResourceConfig"]["TransformSchema"])
        )

    def test_the_app_is_there_once_its_first_environment_is(
        self, manual: FakeAmplifyBackend
    ) -> None:
        job = manual.call("CreateBackend", {**DEV, "AppName": "shop"})["JobId"]

        with pytest.raises(errors.NotFound, match="App d1shop not found"):
            manual.call("GetBackend", {"AppId": APP})
        manual.jobs.finish(job)

        assert manual.call("GetBackend", {"AppId": APP}) == {
            "AppId": APP,
            "AppName": "shop",
            "BackendEnvironmentList": ["dev"],
        }
