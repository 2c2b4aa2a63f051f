"""Ways to break what goes over the wire, and a few of the service that no oracle looks at.

A mutant is a function that patches through ``pytest.MonkeyPatch``; its target, the file of the
suite that has to notice it and the operation to be named are in ``wrong_targets``.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from patches import Mutants, Patch, accepted, answer, body, declare, refusal, request, sent, without

from pytest_amplifybackend import errors
from pytest_amplifybackend._schema import modelgen
from pytest_amplifybackend._service import meta, worker
from pytest_amplifybackend._service.handlers import jobs as job_handlers
from pytest_amplifybackend._transports import codec

MUTANTS = Mutants()


# Answers on the wire


@MUTANTS.add
def required_member_is_missing(patch: Patch) -> None:
    body(patch, "CreateBackendAuth", lambda found: found.pop("status") and None)


@MUTANTS.add
def job_id_has_another_wire_name(patch: Patch) -> None:
    body(patch, "CreateBackend", lambda found: {"jobID": found.pop("jobId"), **found})


@MUTANTS.add
def members_have_botocore_names(patch: Patch) -> None:
    body(patch, "GetToken", lambda found: {n[0].upper() + n[1:]: v for n, v in found.items()})


@MUTANTS.add
def status_is_in_lower_case(patch: Patch) -> None:
    body(patch, "CreateBackendAPI", lambda found: {**found, "status": "pending"})


@MUTANTS.add
def models_status_is_no_enum_value(patch: Patch) -> None:
    body(patch, "GetBackendAPIModels", lambda found: {**found, "status": "FRESH"})


@MUTANTS.add
def success_is_denied(patch: Patch) -> None:
    body(patch, "DeleteToken", lambda found: {"isSuccess": False})


@MUTANTS.add
def time_is_a_number(patch: Patch) -> None:
    body(patch, "GetBackendJob", lambda found: {**found, "createTime": int(found["createTime"])})


@MUTANTS.add
def meta_is_an_object(patch: Patch) -> None:
    def parsed(found: dict[str, Any]) -> None:
        if "amplifyMetaConfig" in found:
            found["amplifyMetaConfig"] = json.loads(found["amplifyMetaConfig"])

    body(patch, "GetBackend", parsed)


@MUTANTS.add
def meta_is_no_json(patch: Patch) -> None:
    original = meta.amplify_meta
    patch.setattr(meta, "amplify_meta", lambda environment: original(environment)[:-1])


@MUTANTS.add
def list_is_an_object(patch: Patch) -> None:
    body(patch, "ListS3Buckets", lambda found: {"buckets": {"items": found["buckets"]}})


@MUTANTS.add
def next_token_is_not_sent(patch: Patch) -> None:
    body(patch, "ListBackendJobs", lambda found: found.pop("nextToken", None) and None)


@MUTANTS.add
def secret_name_has_the_wrong_case(patch: Patch) -> None:
    """``client_id`` and ``client_secret`` are the exceptions among the wire names."""
    original = codec._wire_name
    patch.setattr(codec, "_wire_name", lambda name, shape: original(name, shape).replace("_", ""))


@MUTANTS.add
def text_is_sent_as_latin_1(patch: Patch) -> None:
    sent(
        patch,
        "GetBackendAuth",
        lambda found: (
            found.decode("unicode_escape", "replace")
            .encode("ascii", "replace")
            .replace(b"\n", b" ")
        ),
    )


@MUTANTS.add
def body_breaks_off(patch: Patch) -> None:
    sent(patch, "GetBackendStorage", lambda found: found[:-2])


# Refusals on the wire


@MUTANTS.add
def not_found_has_status_400(patch: Patch) -> None:
    refusal(patch, lambda found: replace(found, status=400))


@MUTANTS.add
def refusal_has_status_200(patch: Patch) -> None:
    refusal(patch, lambda found: replace(found, status=200))


@MUTANTS.add
def refusal_has_no_code(patch: Patch) -> None:
    def strip(found: codec.HTTPResponse) -> codec.HTTPResponse:
        said = {"message": json.loads(found.body)["message"]}
        headers = {"content-type": "application/json"}
        return codec.HTTPResponse(found.status, headers, json.dumps(said).encode())

    refusal(patch, strip)


@MUTANTS.add
def refusal_has_the_codes_of_another_service(patch: Patch) -> None:
    for error in (errors.NotFound, errors.BadRequest):
        patch.setattr(error, "code", error.observed_code)


@MUTANTS.add
def refusal_has_no_message(patch: Patch) -> None:
    refusal(
        patch,
        lambda found: replace(found, body=json.dumps({"resourceType": "App"}).encode()),
    )


@MUTANTS.add
def not_found_does_not_say_of_what(patch: Patch) -> None:
    patch.setattr(errors.NotFound, "members", {})


@MUTANTS.add
def request_id_is_always_the_same(patch: Patch) -> None:
    from pytest_amplifybackend._service.backend import Backend

    patch.setattr(Backend, "request_id", lambda self: "00000000-0000-4000-8000-000000000000")


# Requests on the wire


@MUTANTS.add
def environment_in_the_body_is_ignored(patch: Patch) -> None:
    def ignored(operation: str, params: dict[str, Any]) -> None:
        if operation == "GetBackend":
            params.pop("BackendEnvironmentName", None)

    request(patch, ignored)


@MUTANTS.add
def optional_boolean_is_ignored(patch: Patch) -> None:
    request(patch, lambda operation, params: params.pop("CleanAmplifyApp", None))


# The service: what the rules say


@MUTANTS.add
def enum_is_not_checked(patch: Patch) -> None:
    without(patch, "enum.MFAMode")


@MUTANTS.add
def enum_of_permissions_is_not_checked(patch: Patch) -> None:
    without(patch, "enum.AuthenticatedElement")


@MUTANTS.add
def password_length_is_not_checked(patch: Patch) -> None:
    without(patch, "auth.password.length")


@MUTANTS.add
def schema_is_not_parsed(patch: Patch) -> None:
    without(patch, "api.schema")


@MUTANTS.add
def max_results_is_not_checked(patch: Patch) -> None:
    without(patch, "jobs.max-results")


@MUTANTS.add
def bucket_names_are_not_checked(patch: Patch) -> None:
    without(patch, "storage.bucket-name")


# The service: what it answers, and what it should have left alone


@MUTANTS.add
def refused_call_changes_the_state(patch: Patch) -> None:
    def guard(context: Any, params: Any) -> None:
        app = context.find_app(params["AppId"])
        if app is not None:
            app.name = f"{app.name}!"

    declare(patch, "CreateBackend", needs=(guard,))


@MUTANTS.add
def token_skips_a_job(patch: Patch) -> None:
    original = job_handlers._number_in
    patch.setattr(job_handlers, "_number_in", lambda *given: original(*given) - 1)


@MUTANTS.add
def job_id_is_in_capitals(patch: Patch) -> None:
    accepted(
        patch, "UpdateBackendStorage", lambda found: {**found, "JobId": found["JobId"].upper()}
    )


@MUTANTS.add
def job_is_said_to_be_completed_at_once(patch: Patch) -> None:
    accepted(patch, "ImportBackendAuth", lambda found: {**found, "Status": "COMPLETED"})


@MUTANTS.add
def job_times_are_in_seconds(patch: Patch) -> None:
    answer(
        patch,
        "GetBackendJob",
        lambda found: {**found, "UpdateTime": found["UpdateTime"][:10]},
    )


@MUTANTS.add
def completed_job_has_an_error(patch: Patch) -> None:
    answer(patch, "GetBackendJob", lambda found: {"Error": "", **found})


@MUTANTS.add
def token_has_expired_when_it_is_made(patch: Patch) -> None:
    answer(patch, "CreateToken", lambda found: {**found, "Ttl": "1600000000"})


@MUTANTS.add
def every_token_has_the_same_code(patch: Patch) -> None:
    answer(patch, "CreateToken", lambda found: {**found, "ChallengeCode": "0000"})


@MUTANTS.add
def environments_are_sorted(patch: Patch) -> None:
    answer(
        patch,
        "GetBackend",
        lambda found: {
            **found,
            "BackendEnvironmentList": sorted(found["BackendEnvironmentList"]),
        },
    )


@MUTANTS.add
def models_have_one_version(patch: Patch) -> None:
    original = modelgen.generate

    def generate(text: str) -> Any:
        made = original(text)
        head, _, _ = made.models.rpartition('"version"')
        return replace(made, models=f'{head}"version": "0"\n}};')

    patch.setattr(modelgen, "generate", generate)


@MUTANTS.add
def secrets_are_told_in_the_error_of_a_job(patch: Patch) -> None:
    original = worker.Worker.fail

    def fail(self: Any, context: Any, job: Any, error: str | None, now: int) -> None:
        told = json.dumps(job.work[1], ensure_ascii=False)
        original(self, context, job, f"{error} {told}", now)

    patch.setattr(worker.Worker, "fail", fail)
