"""Ways to break jobs and their lists where nobody looks at first."""

from __future__ import annotations

import json
from typing import Any

from patches import Mutants, Patch, accepted, answer, answers, declare, effect

from pytest_amplifybackend._service import jobs, worker
from pytest_amplifybackend._service.handlers import environments
from pytest_amplifybackend._service.handlers import jobs as job_handlers

MUTANTS = Mutants()


# Lists and pages


@MUTANTS.add
def last_job_is_lost_where_a_page_is_full(patch: Patch) -> None:
    original = jobs.Jobs.page

    def page(self: Any, key: Any, *, limit: int, **others: Any) -> Any:
        found, last = original(self, key, limit=limit, **others)
        return (found[:-1] if last is None and len(found) == limit > 1 else found), last

    patch.setattr(jobs.Jobs, "page", page)


@MUTANTS.add
def page_is_cut_before_it_is_filtered(patch: Patch) -> None:
    original = jobs.Jobs.page

    def page(self: Any, key: Any, *, wanted: Any, **others: Any) -> Any:
        found, last = original(self, key, wanted=None, **others)
        return [job for job in found if wanted is None or wanted(job)], last

    patch.setattr(jobs.Jobs, "page", page)


@MUTANTS.add
def page_has_ten_jobs_by_default(patch: Patch) -> None:
    answers(
        patch,
        "ListBackendJobs",
        lambda original, context, params: original(context, {"MaxResults": 10, **params}),
    )


@MUTANTS.add
def list_says_no_errors(patch: Patch) -> None:
    answer(
        patch,
        "ListBackendJobs",
        lambda found: {
            **found,
            "Jobs": [{k: v for k, v in job.items() if k != "Error"} for job in found["Jobs"]],
        },
    )


@MUTANTS.add
def list_tells_what_failed_jobs_were_given(patch: Patch) -> None:
    given: dict[str, Any] = {}
    original = worker.Worker.fail

    def fail(self: Any, context: Any, job: Any, error: str | None, now: int) -> None:
        if "ClientSecret" in json.dumps(job.work[1]):
            given[job.id] = json.dumps(job.work[1])
        original(self, context, job, error, now)

    def listed(found: dict[str, Any]) -> dict[str, Any]:
        for job in found["Jobs"]:
            if job["JobId"] in given:
                job["Error"] += given[job["JobId"]]
        return found

    patch.setattr(worker.Worker, "fail", fail)
    answer(patch, "ListBackendJobs", listed)


# Jobs


@MUTANTS.add
def job_of_another_app_can_be_read(patch: Patch) -> None:
    patch.setattr(
        jobs.Job,
        "is_filed_under",
        lambda self, region, app, environment: (
            self.region == region and environment in self.environments
        ),
    )


@MUTANTS.add
def job_of_another_environment_can_be_moved(patch: Patch) -> None:
    def update(original: Any, context: Any, params: Any) -> Any:
        job = context.state.jobs.get(params["JobId"])
        if job is not None and job.app_id == params["AppId"]:
            params = {**params, "BackendEnvironmentName": job.environment}
        return original(context, params)

    answers(patch, "UpdateBackendJob", update)


@MUTANTS.add
def reading_an_ended_job_is_an_update(patch: Patch) -> None:
    def get(original: Any, context: Any, params: Any) -> Any:
        return {**original(context, params), "UpdateTime": str(context.clock.milliseconds())}

    answers(patch, "GetBackendJob", get)


@MUTANTS.add
def job_was_created_when_it_ended(patch: Patch) -> None:
    original = jobs.Jobs.end

    def end(self: Any, job: Any, status: str, error: str | None, now: int) -> None:
        original(self, job, status, error, now)
        job.create_time = now

    patch.setattr(jobs.Jobs, "end", end)


@MUTANTS.add
def move_of_a_job_takes_no_time(patch: Patch) -> None:
    def update(original: Any, context: Any, params: Any) -> Any:
        job = job_handlers._find(context, params)
        before = job.update_time
        original(context, params)
        job.update_time = before
        return job_handlers.record(job, params["BackendEnvironmentName"])

    answers(patch, "UpdateBackendJob", update)


@MUTANTS.add
def job_in_another_region_keeps_out(patch: Patch) -> None:
    def blocking(self: Any, region: str, app_id: str, environment: str | None) -> Any:
        for job in self.unfinished():
            if job.app_id == app_id and (
                job.app_wide or environment is None or environment in job.environments
            ):
                return job
        return None

    patch.setattr(jobs.Jobs, "blocking", blocking)


@MUTANTS.add
def clone_ends_well_without_its_source(patch: Patch) -> None:
    def clone(original: Any, context: Any, params: Any) -> None:
        app = context.app(params["AppId"])
        if params["BackendEnvironmentName"] in app.environments:
            original(context, params)
        else:
            environments.add_environment(context, app, params["TargetEnvironmentName"])

    effect(patch, "CloneBackend", clone)


@MUTANTS.add
def environment_can_be_read_while_all_is_removed(patch: Patch) -> None:
    declare(patch, "RemoveAllBackends", during="removing")


@MUTANTS.add
def models_are_there_before_their_job_has_ended(patch: Patch) -> None:
    original = worker.Worker.submit

    def submit(self: Any, context: Any, declared: Any, params: Any) -> Any:
        answered = original(self, context, declared, params)
        if declared.name == "GenerateBackendAPIModels":
            declared.handler(context, params)
        return answered

    patch.setattr(worker.Worker, "submit", submit)


@MUTANTS.add
def accepted_job_is_said_to_be_of_another_app(patch: Patch) -> None:
    accepted(patch, "DeleteBackendStorage", lambda found: {**found, "AppId": "d1other"})
