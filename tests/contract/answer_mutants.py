"""Ways to break what is answered: names, texts inside texts, times, and errors on the wire."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from patches import Mutants, Patch, answer, answers, effect, refusal, sent

from pytest_amplifybackend._service import meta
from pytest_amplifybackend._transports import gateway

MUTANTS = Mutants()


@MUTANTS.add
def app_has_its_id_for_a_name(patch: Patch) -> None:
    answer(patch, "GetBackend", lambda found: {**found, "AppName": found["AppId"]})


@MUTANTS.add
def app_is_renamed_by_its_second_environment(patch: Patch) -> None:
    def create(original: Any, context: Any, params: Any) -> None:
        original(context, params)
        context.app(params["AppId"]).name = params["AppName"]

    effect(patch, "CreateBackend", create)


@MUTANTS.add
def feature_flags_are_left_out(patch: Patch) -> None:
    def flagless(found: dict[str, Any]) -> dict[str, Any]:
        found.pop("AmplifyFeatureFlags", None)
        return found

    answer(patch, "GetBackend", flagless)


@MUTANTS.add
def feature_flags_are_no_json(patch: Patch) -> None:
    patch.setattr(meta, "feature_flags", lambda: "none")


@MUTANTS.add
def introspection_is_that_of_the_first_models(patch: Patch) -> None:
    seen: dict[Any, Any] = {}

    def get(original: Any, context: Any, params: Any) -> Any:
        found = original(context, params)
        place = id(context.state), params["AppId"], params["BackendEnvironmentName"]
        first = seen.setdefault(place, found["ModelIntrospectionSchema"])
        return {**found, "ModelIntrospectionSchema": first}

    answers(patch, "GetBackendAPIModels", get)


@MUTANTS.add
def meta_tells_the_secrets_of_a_pool(patch: Patch) -> None:
    original = meta._frontend
    patch.setattr(meta, "_frontend", lambda pool: {**original(pool), "oAuth": pool.get("OAuth")})


@MUTANTS.add
def last_push_is_the_first(patch: Patch) -> None:
    patch.setattr(meta, "iso", lambda moment: "2024-01-01T00:00:00.000Z")


@MUTANTS.add
def push_has_always_one_hash(patch: Patch) -> None:
    original = meta._push
    patch.setattr(meta, "_push", lambda *given: {**original(*given), "lastPushDirHash": "same"})


@MUTANTS.add
def bucket_was_made_at_no_time(patch: Patch) -> None:
    answer(
        patch,
        "ListS3Buckets",
        lambda found: {
            "Buckets": [{**bucket, "CreationDate": "long ago"} for bucket in found["Buckets"]]
        },
    )


@MUTANTS.add
def answer_is_accepted_with_status_202(patch: Patch) -> None:
    original = gateway.HTTPResponse

    def response(status: int, headers: Any, body: bytes = b"") -> Any:
        return original(202 if status == 200 and b'"PENDING"' in body else status, headers, body)

    patch.setattr(gateway, "HTTPResponse", response)


@MUTANTS.add
def bad_request_has_no_member_message(patch: Patch) -> None:
    def renamed(found: Any) -> Any:
        said = json.loads(found.body)
        if said["code"] == "BadRequestException":
            said["Message"] = said.pop("message")
        return replace(found, body=json.dumps(said).encode())

    refusal(patch, renamed)


@MUTANTS.add
def error_is_told_in_html(patch: Patch) -> None:
    refusal(
        patch,
        lambda found: replace(
            found, headers={"content-type": "text/html"}, body=b"<html>Not found</html>"
        ),
    )


@MUTANTS.add
def answer_begins_with_a_mark(patch: Patch) -> None:
    sent(patch, "GetBackendAPI", lambda body: b"\xef\xbb\xbf" + body)
