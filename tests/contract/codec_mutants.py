# ruff: noqa: ARG005  (a patch has the signature of what it replaces)
"""Ways to break what goes over the wire, and a few of the service that no oracle looks at.

A mutant is a function that patches through ``pytest.MonkeyPatch``; its target, the file of the
suite that has to notice it and the operation to be named are in ``wrong_targets``.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.service import (
    handlers,
    job_operations,
    meta,
    modelgen,
    submission,
    validation,
    worker,
)
from pytest_amplifybackend.transports import codec

Patch = pytest.MonkeyPatch
MUTANTS: dict[str, Callable[[Patch], None]] = {}


def mutant(function: Callable[[Patch], None]) -> Callable[[Patch], None]:
    MUTANTS[function.__name__] = function
    return function


def body(patch: Patch, operation: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the decoded body of an operation's answers before it is sent."""
    original = codec.encode

    def encode(name: str, answer: Any) -> bytes:
        sent = original(name, answer)
        if name != operation:
            return sent
        found = json.loads(sent)
        changed = change(found)
        return json.dumps(found if changed is None else changed).encode()

    patch.setattr(codec, "encode", encode)


def refusal(patch: Patch, change: Callable[[codec.HTTPResponse], codec.HTTPResponse]) -> None:
    """Change the answer that says an error."""
    original = codec.modelled_error
    patch.setattr(codec, "modelled_error", lambda *given: change(original(*given)))


def answer(patch: Patch, operation: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change what the service answers at once."""
    table: Any = handlers.ANSWERS if operation in handlers.ANSWERS else job_operations.ANSWERS
    original = table[operation]
    patch.setitem(table, operation, lambda *given: change(original(*given)))


# Answers on the wire


@mutant
def required_member_is_missing(patch: Patch) -> None:
    body(patch, "CreateBackendAuth", lambda found: found.pop("status") and None)


@mutant
def job_id_has_another_wire_name(patch: Patch) -> None:
    body(patch, "CreateBackend", lambda found: {"jobID": found.pop("jobId"), **found})


@mutant
def members_have_botocore_names(patch: Patch) -> None:
    body(patch, "GetToken", lambda found: {n[0].upper() + n[1:]: v for n, v in found.items()})


@mutant
def status_is_in_lower_case(patch: Patch) -> None:
    body(patch, "CreateBackendAPI", lambda found: {**found, "status": "pending"})


@mutant
def models_status_is_no_enum_value(patch: Patch) -> None:
    body(patch, "GetBackendAPIModels", lambda found: {**found, "status": "FRESH"})


@mutant
def success_is_denied(patch: Patch) -> None:
    body(patch, "DeleteToken", lambda found: {"isSuccess": False})


@mutant
def time_is_a_number(patch: Patch) -> None:
    body(patch, "GetBackendJob", lambda found: {**found, "createTime": int(found["createTime"])})


@mutant
def meta_is_an_object(patch: Patch) -> None:
    def parsed(found: dict[str, Any]) -> None:
        if "amplifyMetaConfig" in found:
            found["amplifyMetaConfig"] = json.loads(found["amplifyMetaConfig"])

    body(patch, "GetBackend", parsed)


@mutant
def meta_is_no_json(patch: Patch) -> None:
    original = meta.amplify_meta
    patch.setattr(meta, "amplify_meta", lambda environment: original(environment)[:-1])


@mutant
def list_is_an_object(patch: Patch) -> None:
    body(patch, "ListS3Buckets", lambda found: {"buckets": {"items": found["buckets"]}})


@mutant
def next_token_is_not_sent(patch: Patch) -> None:
    body(patch, "ListBackendJobs", lambda found: found.pop("nextToken", None) and None)


@mutant
def secret_name_has_the_wrong_case(patch: Patch) -> None:
    """``client_id`` and ``client_secret`` are the exceptions among the wire names."""
    original = codec._wire_name
    patch.setattr(codec, "_wire_name", lambda name, shape: original(name, shape).replace("_", ""))


@mutant
def text_is_sent_as_latin_1(patch: Patch) -> None:
    original = codec.encode
    patch.setattr(
        codec,
        "encode",
        lambda name, found: (
            original(name, found)
            .decode("unicode_escape", "replace")
            .encode("ascii", "replace")
            .replace(b"\n", b" ")
            if name == "GetBackendAuth"
            else original(name, found)
        ),
    )


@mutant
def body_breaks_off(patch: Patch) -> None:
    original = codec.encode
    patch.setattr(
        codec,
        "encode",
        lambda name, found: original(name, found)[: -2 if name == "GetBackendStorage" else None],
    )


# Refusals on the wire


@mutant
def not_found_has_status_400(patch: Patch) -> None:
    refusal(patch, lambda found: replace(found, status=400))


@mutant
def refusal_has_status_200(patch: Patch) -> None:
    refusal(patch, lambda found: replace(found, status=200))


@mutant
def refusal_has_no_code(patch: Patch) -> None:
    def strip(found: codec.HTTPResponse) -> codec.HTTPResponse:
        said = {"message": json.loads(found.body)["message"]}
        headers = {"content-type": "application/json"}
        return codec.HTTPResponse(found.status, headers, json.dumps(said).encode())

    refusal(patch, strip)


@mutant
def refusal_has_the_codes_of_another_service(patch: Patch) -> None:
    for error in (errors.NotFound, errors.BadRequest):
        patch.setattr(error, "code", error.observed_code)


@mutant
def refusal_has_no_message(patch: Patch) -> None:
    refusal(
        patch,
        lambda found: replace(found, body=json.dumps({"resourceType": "App"}).encode()),
    )


@mutant
def not_found_does_not_say_of_what(patch: Patch) -> None:
    patch.setattr(errors.NotFound, "members", {})


@mutant
def request_id_is_always_the_same(patch: Patch) -> None:
    from pytest_amplifybackend.service.backend import Backend

    patch.setattr(Backend, "request_id", lambda self: "00000000-0000-4000-8000-000000000000")


# Requests on the wire


@mutant
def environment_in_the_body_is_ignored(patch: Patch) -> None:
    original = codec.decode

    def decode(*given: Any) -> Any:
        operation, params = original(*given)
        if operation == "GetBackend":
            params.pop("BackendEnvironmentName", None)
        return operation, params

    patch.setattr(codec, "decode", decode)


@mutant
def optional_boolean_is_ignored(patch: Patch) -> None:
    original = codec.decode

    def decode(*given: Any) -> Any:
        operation, params = original(*given)
        params.pop("CleanAmplifyApp", None)
        return operation, params

    patch.setattr(codec, "decode", decode)


# The service: what the rules say


def without(patch: Patch, *rules: str) -> None:
    """Let the service know some rules no more."""
    original = validation.rules_of
    patch.setattr(
        validation,
        "rules_of",
        lambda *given: tuple(rule for rule in original(*given) if rule.name not in rules),
    )
    patch.setattr(validation, "_tree", functools.cache(validation._tree.__wrapped__))


@mutant
def enum_is_not_checked(patch: Patch) -> None:
    without(patch, "enum.MFAMode")


@mutant
def enum_of_permissions_is_not_checked(patch: Patch) -> None:
    without(patch, "enum.AuthenticatedElement")


@mutant
def password_length_is_not_checked(patch: Patch) -> None:
    without(patch, "auth.password.length")


@mutant
def schema_is_not_parsed(patch: Patch) -> None:
    without(patch, "api.schema")


@mutant
def max_results_is_not_checked(patch: Patch) -> None:
    without(patch, "jobs.max-results")


@mutant
def bucket_names_are_not_checked(patch: Patch) -> None:
    without(patch, "storage.bucket-name")


# The service: what it answers, and what it should have left alone


@mutant
def refused_call_changes_the_state(patch: Patch) -> None:
    original = submission._environment_is_new

    def guard(context: Any, operation: str, params: Any) -> None:
        app = context.find_app(params["AppId"])
        if app is not None:
            app.name = f"{app.name}!"
        original(context, operation, params)

    patch.setitem(submission._GUARDS, "CreateBackend", (guard,))  # type: ignore[arg-type]


@mutant
def token_skips_a_job(patch: Patch) -> None:
    original = job_operations._number_in
    patch.setattr(job_operations, "_number_in", lambda *given: original(*given) - 1)


@mutant
def job_id_is_in_capitals(patch: Patch) -> None:
    original = submission._answer
    patch.setattr(
        submission,
        "_answer",
        lambda operation, job: {
            **original(operation, job),
            **({"JobId": job.id.upper()} if operation == "UpdateBackendStorage" else {}),
        },
    )


@mutant
def job_is_said_to_be_completed_at_once(patch: Patch) -> None:
    original = submission._answer
    patch.setattr(
        submission,
        "_answer",
        lambda operation, job: {
            **original(operation, job),
            **({"Status": "COMPLETED"} if operation == "ImportBackendAuth" else {}),
        },
    )


@mutant
def job_times_are_in_seconds(patch: Patch) -> None:
    answer(
        patch,
        "GetBackendJob",
        lambda found: {**found, "UpdateTime": found["UpdateTime"][:10]},
    )


@mutant
def completed_job_has_an_error(patch: Patch) -> None:
    answer(patch, "GetBackendJob", lambda found: {"Error": "", **found})


@mutant
def token_has_expired_when_it_is_made(patch: Patch) -> None:
    answer(patch, "CreateToken", lambda found: {**found, "Ttl": "1600000000"})


@mutant
def every_token_has_the_same_code(patch: Patch) -> None:
    answer(patch, "CreateToken", lambda found: {**found, "ChallengeCode": "0000"})


@mutant
def environments_are_sorted(patch: Patch) -> None:
    answer(
        patch,
        "GetBackend",
        lambda found: {
            **found,
            "BackendEnvironmentList": sorted(found["BackendEnvironmentList"]),
        },
    )


@mutant
def models_have_one_version(patch: Patch) -> None:
    original = modelgen.generate

    def generate(text: str) -> Any:
        made = original(text)
        head, _, _ = made.models.rpartition('"version"')
        return replace(made, models=f'{head}"version": "0"\n}};')

    patch.setattr(modelgen, "generate", generate)


@mutant
def secrets_are_told_in_the_error_of_a_job(patch: Patch) -> None:
    original = worker.Worker.fail

    def fail(self: Any, context: Any, job: Any, error: str | None, now: int) -> None:
        told = json.dumps(job.work[1], ensure_ascii=False)
        original(self, context, job, f"{error} {told}", now)

    patch.setattr(worker.Worker, "fail", fail)
