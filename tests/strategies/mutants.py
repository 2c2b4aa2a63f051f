"""Ways to break the service, each a patch of one function; the machine has to notice them.

A mutant is a function that patches the service through ``pytest.MonkeyPatch``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._rules import checking
from pytest_amplifybackend._rules import states as rules
from pytest_amplifybackend._service import (
    backend,
    handlers,
    jobs,
    meta,
    validation,
    worker,
)
from pytest_amplifybackend._service.handlers import api, auth, environments, storage, studio
from pytest_amplifybackend._service.handlers import jobs as job_handlers
from pytest_amplifybackend._service.operations import Declaration, own_environment
from pytest_amplifybackend._service.state import Token

Patch = pytest.MonkeyPatch
MUTANTS: dict[str, Callable[[Patch], None]] = {}


def mutant(function: Callable[[Patch], None]) -> Callable[[Patch], None]:
    MUTANTS[function.__name__] = function
    return function


def declare(patch: Patch, operation: str, **fields: Any) -> None:
    """Change the declaration of an operation."""
    declared = replace(handlers.OPERATIONS[operation], **fields)
    patch.setattr(handlers, "OPERATIONS", {**handlers.OPERATIONS, operation: declared})


def answer(patch: Patch, operation: str, change: Callable[..., Any]) -> None:
    """Replace the handler of an operation; ``change`` gets the original, context and params."""
    original = handlers.OPERATIONS[operation].handler
    declare(patch, operation, handler=lambda *given: change(original, *given))


effect = answer


# Lists and pages


@mutant
def page_one_too_long(patch: Patch) -> None:
    original = jobs.Jobs.page
    patch.setattr(
        jobs.Jobs,
        "page",
        lambda self, key, *, limit, **o: original(self, key, limit=limit + 1, **o),
    )


@mutant
def page_one_too_short(patch: Patch) -> None:
    original = jobs.Jobs.page
    patch.setattr(
        jobs.Jobs,
        "page",
        lambda self, key, *, limit, **o: original(self, key, limit=max(limit - 1, 1), **o),
    )


@mutant
def jobs_oldest_first(patch: Patch) -> None:
    def reverse(original: Any, *given: Any) -> Any:
        found = original(*given)
        return {**found, "Jobs": found["Jobs"][::-1]}

    answer(patch, "ListBackendJobs", reverse)


@mutant
def next_page_repeats_the_last_job(patch: Patch) -> None:
    original = jobs.Jobs.page

    def page(self: Any, key: Any, *, limit: int, before: int | None, wanted: Any) -> Any:
        before = None if before is None else before + 1
        return original(self, key, limit=limit, before=before, wanted=wanted)

    patch.setattr(jobs.Jobs, "page", page)


@mutant
def status_filter_is_ignored(patch: Patch) -> None:
    answer(
        patch,
        "ListBackendJobs",
        lambda original, ctx, params: original(
            ctx, {name: value for name, value in params.items() if name != "Status"}
        ),
    )


@mutant
def token_of_another_filter_is_taken(patch: Patch) -> None:
    patch.setattr(job_handlers, "_check", lambda number, key, filters: "same")


@mutant
def jobs_of_a_deleted_environment_are_lost(patch: Patch) -> None:
    patch.setattr(jobs.Jobs, "has", lambda self, key: False)


# Jobs


@mutant
def job_is_lost(patch: Patch) -> None:
    original = jobs.Jobs.add

    def add(self: Any, job: Any) -> None:
        original(self, job)
        if job.operation == "DeleteBackendAPI":
            del self._by_id[job.id]

    patch.setattr(jobs.Jobs, "add", add)


@mutant
def second_job_is_taken_while_one_is_pending(patch: Patch) -> None:
    patch.setattr(jobs.Jobs, "blocking", lambda *given: None)


@mutant
def app_wide_job_bars_nothing(patch: Patch) -> None:
    original = jobs.Jobs.blocking

    def blocking(self: Any, region: str, app_id: str, environment: str | None) -> Any:
        job = original(self, region, app_id, environment)
        return None if job is not None and job.app_wide else job

    patch.setattr(jobs.Jobs, "blocking", blocking)


@mutant
def clone_is_filed_under_its_source(patch: Patch) -> None:
    declare(patch, "CloneBackend", filed_under=own_environment)


@mutant
def failed_job_is_completed(patch: Patch) -> None:
    patch.setattr(worker, "FAILED", "COMPLETED")


@mutant
def failed_job_has_no_error(patch: Patch) -> None:
    patch.setattr(Declaration, "failure_text", lambda *given: None)


@mutant
def update_time_stands_still(patch: Patch) -> None:
    original = jobs.Jobs.end

    def end(self: Any, job: Any, status: str, error: str | None, now: int) -> None:
        original(self, job, status, error, job.update_time)

    patch.setattr(jobs.Jobs, "end", end)


@mutant
def ended_job_can_be_reopened(patch: Patch) -> None:
    patch.setitem(jobs.STATUSES, "COMPLETED", ("FAILED",))  # type: ignore[arg-type]


@mutant
def setting_a_job_completed_skips_its_work(patch: Patch) -> None:
    def move(self: Any, ctx: Any, job: Any, status: str, error: str | None = None) -> None:
        if status == job.status:
            return
        if status not in jobs.STATUSES[job.status]:
            raise rules.broken("job.ended", job=job.id, status=job.status, wanted=status)
        if status == "RUNNING":
            job.status, job.update_time = status, ctx.clock.milliseconds()
        else:
            ctx.state.jobs.end(job, status, None, ctx.clock.milliseconds())

    patch.setattr(worker.Worker, "move", move)


# Wrong errors


def class_of(name: str, error: type[errors.ServiceError]) -> Callable[[Patch], None]:
    def patched(patch: Patch) -> None:
        rule = rules.STATE_RULES[name]
        patch.setitem(rules.STATE_RULES, name, replace(rule, error=error))  # type: ignore[arg-type]

    return patched


MUTANTS["missing_environment_is_a_bad_request"] = class_of("environment.missing", errors.BadRequest)
MUTANTS["missing_app_is_a_bad_request"] = class_of("app.missing", errors.BadRequest)
MUTANTS["existing_environment_is_not_found"] = class_of("environment.exists", errors.NotFound)
MUTANTS["pending_job_is_too_many_requests"] = class_of("job.pending", errors.TooManyRequests)
MUTANTS["disabled_studio_is_a_bad_request"] = class_of("studio.disabled", errors.BadRequest)


@mutant
def environment_names_are_not_checked(patch: Patch) -> None:
    original = validation.validate
    patch.setattr(
        validation,
        "validate",
        lambda op, params: None if op == "CreateBackend" else original(op, params),
    )


@mutant
def secrets_are_told_in_refusals(patch: Patch) -> None:
    patch.setattr(checking, "sensitive_paths", lambda operation: frozenset())


# Forgotten or wrong changes of state


@mutant
def deleted_auth_stays(patch: Patch) -> None:
    effect(patch, "DeleteBackendAuth", lambda original, ctx, params: None)


@mutant
def removing_all_backends_forgets_the_last(patch: Patch) -> None:
    def remove(original: Any, ctx: Any, params: Any) -> None:
        app = ctx.app(params["AppId"])
        name, kept = list(app.environments.items())[-1] if app.environments else ("", None)
        original(ctx, params)
        if kept is not None and len(ctx.state.jobs) > 1 and not params.get("CleanAmplifyApp"):
            app.environments[name] = kept

    effect(patch, "RemoveAllBackends", remove)


@mutant
def cleaned_app_stays(patch: Patch) -> None:
    effect(
        patch,
        "RemoveAllBackends",
        lambda original, ctx, params: original(ctx, {**params, "CleanAmplifyApp": False}),
    )


@mutant
def auth_update_forgets_what_it_is_not_given(patch: Patch) -> None:
    original = auth.updated

    def updated(config: Any, given: Any, name: str) -> Any:
        new = original(config, given, name)
        new["UserPoolConfigs"].pop("Mfa", None)
        return new

    patch.setattr(auth, "updated", updated)


@mutant
def empty_oauth_is_kept(patch: Patch) -> None:
    original = auth.updated

    def updated(config: Any, given: Any, name: str) -> Any:
        new = original(config, given, name)
        if given["UserPoolConfigs"].get("OAuth") == {}:
            new["UserPoolConfigs"]["OAuth"] = {}
        return new

    patch.setattr(auth, "updated", updated)


@mutant
def auth_goes_while_storage_depends_on_it(patch: Patch) -> None:
    patch.setattr(auth, "dependents", lambda environment: [])


@mutant
def storage_needs_no_auth(patch: Patch) -> None:
    declare(patch, "CreateBackendStorage", requires={})
    patch.setattr(meta, "_storage", lambda resource, environment: {"output": resource.outputs})


@mutant
def storage_update_adds_to_guest_permissions(patch: Patch) -> None:
    def update(original: Any, ctx: Any, params: Any) -> None:
        at = ctx.environment(params["AppId"], params["BackendEnvironmentName"])
        before = at.resources.get("storage")
        guests = (
            []
            if before is None
            else before.config.get("Permissions", {}).get("UnAuthenticated", [])
        )
        original(ctx, params)
        now = at.resources["storage"].config["Permissions"]
        now["UnAuthenticated"] = list(dict.fromkeys([*guests, *now["UnAuthenticated"]]))

    effect(patch, "UpdateBackendStorage", update)


@mutant
def imported_auth_can_be_updated(patch: Patch) -> None:
    moves = {"present": "present", "imported": "imported"}
    declare(patch, "UpdateBackendAuth", moves=moves)


@mutant
def clone_takes_imported_resources_along(patch: Patch) -> None:
    patch.setattr(
        environments,
        "clonable",
        lambda source: {
            family: resource for family, resource in source.resources.items() if family == "auth"
        },
    )


@mutant
def clone_shares_its_source(patch: Patch) -> None:
    patch.setattr(environments, "_cloned", lambda ctx, app, target, family, resource: resource)


@mutant
def failed_clone_leaves_nothing(patch: Patch) -> None:
    declare(patch, "CloneBackend", leave=None)


@mutant
def api_update_replaces_the_whole_config(patch: Patch) -> None:
    def completed(ctx: Any, params: Any) -> Any:
        return api._with_defaults(ctx, {"ResourceConfig": {}, **params})

    declare(patch, "UpdateBackendAPI", completed=completed)


@mutant
def models_are_never_stale(patch: Patch) -> None:
    patch.setattr(api, "models_state", lambda environment: "LATEST")


@mutant
def models_of_the_first_schema_stay(patch: Patch) -> None:
    def generate(original: Any, ctx: Any, params: Any) -> None:
        at = ctx.environment(params["AppId"], params["BackendEnvironmentName"])
        before = copy.copy(at.resources["api"].models) if "api" in at.resources else None
        original(ctx, params)
        if before is not None:
            text = at.resources["api"].models["schema"]
            at.resources["api"].models = {**before, "schema": text}

    effect(patch, "GenerateBackendAPIModels", generate)


@mutant
def reading_a_token_consumes_it(patch: Patch) -> None:
    def get(original: Any, ctx: Any, params: Any) -> Any:
        found = original(ctx, params)
        del ctx.app(params["AppId"]).tokens[params["SessionId"]]
        return found

    answer(patch, "GetToken", get)


@mutant
def token_lives_one_second_longer(patch: Patch) -> None:
    patch.setattr(Token, "is_active", lambda self, now: now < self.expires + 1000)


@mutant
def studio_stays_after_removal(patch: Patch) -> None:
    answer(patch, "RemoveBackendConfig", lambda original, ctx, params: {})


@mutant
def bucket_stays_after_its_storage(patch: Patch) -> None:
    from pytest_amplifybackend._service.provisioning import InMemoryProvisioner

    patch.setattr(InMemoryProvisioner, "delete_storage", lambda self, place, outputs: None)


# Leaks and stale reads


@mutant
def answer_is_a_piece_of_the_state(patch: Patch) -> None:
    for module in (api, auth, storage):
        patch.setattr(module, "copied", lambda value: value)


@mutant
def studio_config_is_a_piece_of_the_state(patch: Patch) -> None:
    patch.setattr(studio, "copied", lambda value: value)


@mutant
def params_are_kept_by_reference(patch: Patch) -> None:
    from pytest_amplifybackend._transports import stubber

    patch.setattr(stubber, "copied", lambda value: value)


@mutant
def environment_list_is_stale(patch: Patch) -> None:
    seen: dict[Any, Any] = {}

    def get(original: Any, ctx: Any, params: Any) -> Any:
        found = original(ctx, params)
        before = seen.get((id(ctx.state), params["AppId"]), found["BackendEnvironmentList"])
        seen[id(ctx.state), params["AppId"]] = list(found["BackendEnvironmentList"])
        return {**found, "BackendEnvironmentList": before}

    answer(patch, "GetBackend", get)


@mutant
def meta_is_cached(patch: Patch) -> None:
    original, seen = meta.amplify_meta, {}  # type: ignore[var-annotated]
    patch.setattr(
        environments.meta,
        "amplify_meta",
        lambda environment: seen.setdefault(id(environment), original(environment)),
    )


@mutant
def meta_has_white_space(patch: Patch) -> None:
    import json

    patch.setattr(meta, "compact", json.dumps)


@mutant
def regions_are_one(patch: Patch) -> None:
    """Seen by the region that the meta text names."""
    original = backend.Backend.context
    patch.setattr(
        backend.Backend, "context", lambda self, region: original(self, region and "eu-west-1")
    )


@mutant
def deleting_environment_can_be_read(patch: Patch) -> None:
    declare(patch, "DeleteBackend", during="removing")


@mutant
def creating_environment_is_there_at_once(patch: Patch) -> None:
    original = worker.Worker.submit

    def submit(self: Any, ctx: Any, declared: Any, params: Any) -> Any:
        answered = original(self, ctx, declared, params)
        if declared.name == "CreateBackend":
            self.complete(ctx, ctx.state.jobs.get(answered["JobId"]), ctx.clock.milliseconds())
        return answered

    patch.setattr(worker.Worker, "submit", submit)
