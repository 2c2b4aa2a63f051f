"""Clients that are wrong on purpose, each in one thing, made from outside: by botocore's events.

A row changes what a client sends, what it answers, what comes over the wire, or what happens after
a call. None knows how the fake is built, so that none breaks when it is rebuilt. The contract suite
has to fail on each of them, in the file and naming the operation that the row says; the machine of
the strategies is held to some.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend import FakeAmplifyBackend

Values = dict[str, Any]


@dataclass(frozen=True)
class Wrong:
    """A fault. ``install`` registers its handlers with the events of a client of the fake."""

    install: Callable[[FakeAmplifyBackend, Any], None]
    operation: str
    """What a failure has to name."""
    file: str
    """The file of the suite, without ``test_``, that has to fail."""
    transport: Any = "stubber"

    def client(self, fake: FakeAmplifyBackend, region: str) -> Any:
        """A client of the fake with this fault."""
        client = fake.client(region)
        self.install(fake, client.meta.events)
        return client


def request(operation: str, file: str, change: Callable[[Values], object]) -> Wrong:
    """A client that changes the params before anything else sees them, in place."""

    def install(fake: FakeAmplifyBackend, events: Any) -> None:
        def changed(params: Values, **_: Any) -> Values:
            copy: Values = json.loads(json.dumps(params))
            change(copy)
            return copy

        events.register_last(f"provide-client-params.amplifybackend.{operation}", changed)

    return Wrong(install, operation, file)


def answer(operation: str, file: str, change: Callable[[Values], object], names: str = "") -> Wrong:
    """A client that changes what a call returns, in place; errors stay as they are."""
    return then(operation, file, lambda fake, asked, found: change(found), names)


def then(
    operation: str,
    file: str,
    change: Callable[[FakeAmplifyBackend, Values, Values], object],
    names: str = "",
) -> Wrong:
    """A client after whose successful calls something happens, told with params and answer."""

    def install(fake: FakeAmplifyBackend, events: Any) -> None:
        def ask(params: Values, context: Values, **_: Any) -> None:
            context["asked"] = params

        def after(parsed: Values, context: Values, **_: Any) -> None:
            if "Error" not in parsed or isinstance(parsed["Error"], str):
                change(fake, context["asked"], parsed)

        events.register_first(f"before-parameter-build.amplifybackend.{operation}", ask)
        events.register_last(f"after-call.amplifybackend.{operation}", after)

    return Wrong(install, names or operation, file)


def error(operation: str, file: str, change: Callable[[Values], object], code: str = "") -> Wrong:
    """A client that changes its errors, of all operations, in place."""

    def install(fake: FakeAmplifyBackend, events: Any) -> None:
        def after(parsed: Values, **_: Any) -> None:
            found = parsed.get("Error")
            if isinstance(found, dict) and code in found["Code"]:
                change(parsed)

        events.register_last("after-call.amplifybackend", after)

    return Wrong(install, operation, file)


def wire(
    operation: str, file: str, change: Callable[[Values], object], status: int = 200, on: str = ""
) -> Wrong:
    """A client that changes responses of a status before they are parsed, in place."""

    def install(fake: FakeAmplifyBackend, events: Any) -> None:
        def before(response_dict: Values, **_: Any) -> None:
            if response_dict["status_code"] == status:
                change(response_dict)

        events.register_last(f"before-parse.amplifybackend{on and f'.{on}'}", before)

    return Wrong(install, operation, file, "wire")


# ---------------------------------------------------------------- words of the rows
def put(*path: str, to: Any) -> Callable[[Values], object]:
    """Puts a value, or what a function makes of the one there, at a path that exists."""

    def change(values: Values) -> None:
        *steps, last = path
        for step in steps:
            values = values.get(step, {})
        if last in values:
            values[last] = to(values[last]) if callable(to) else to

    return change


def drop(*path: str) -> Callable[[Values], object]:
    """Takes a member away."""

    def change(values: Values) -> None:
        *steps, last = path
        for step in steps:
            values = values.get(step, {})
        values.pop(last, None)

    return change


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def meta(change: Callable[[Values], object]) -> Callable[[Values], object]:
    """Changes the parsed AmplifyMetaConfig."""

    def changed(text: str) -> str:
        found = json.loads(text)
        change(found)
        return compact(found)

    return put("AmplifyMetaConfig", to=changed)


def entries(**members: Any) -> Callable[[Values], object]:
    """Puts members into each resource of the AmplifyMetaConfig."""

    def change(found: Values) -> None:
        for family in ("auth", "api", "storage"):
            for entry in found.get(family, {}).values():
                entry.update(members)

    return meta(change)


def outputs(family: str, change: Callable[[Values], object]) -> Callable[[Values], object]:
    """Changes the outputs of a family in the AmplifyMetaConfig."""
    return meta(lambda m: [change(entry["output"]) for entry in m.get(family, {}).values()])


def body(change: Callable[[Values], object]) -> Callable[[Values], object]:
    """Changes the members of a JSON body, by their names on the wire."""

    def changed(response: Values) -> None:
        members = json.loads(response["body"])
        change(members)
        response["body"] = json.dumps(members).encode()

    return changed


def renamed(old: str, new: str) -> Callable[[Values], object]:
    return lambda members: members.update({new: members.pop(old)}) if old in members else None


def ended(found: Values) -> bool:
    return found["Status"] in ("COMPLETED", "FAILED")


def first_seen(*path: str, by: str) -> Callable[[Values], object]:
    """Always the value that was there the first time, for each value of another member."""
    seen: dict[Any, Any] = {}

    def change(found: Values) -> None:
        if path[-1] in found:
            found[path[-1]] = seen.setdefault(str(found[by]), found[path[-1]])

    return change


# fmt: off
# A row is one line where that is short enough.
POOL = ("ResourceConfig", "UserPoolConfigs")
AUTH, API, STORAGE = "GetBackendAuth", "GetBackendAPI", "GetBackendStorage"
LIST, JOB = "ListBackendJobs", "GetBackendJob"

ANSWERS = {
    "required_member_is_missing": answer("CreateBackendAuth", "operations", drop("Status")),
    "job_id_is_in_capitals": answer("UpdateBackendStorage", "operations", put("JobId", to=str.upper)),
    "job_is_completed_at_once": answer("ImportBackendAuth", "operations", put("Status", to="COMPLETED")),
    "job_is_of_another_app": answer("DeleteBackendStorage", "operations", put("AppId", to="d1other")),
    "status_is_in_lower_case": answer("CreateBackendAPI", "operations", put("Status", to=str.lower)),
    "models_status_is_no_enum_value": answer("GetBackendAPIModels", "operations", put("Status", to="FRESH")),
    "success_is_denied": answer("DeleteToken", "repeating", put("IsSuccess", to=False)),
    "job_times_are_in_seconds": answer(JOB, "operations", put("UpdateTime", to=lambda time: time[:10])),
    "completed_job_has_an_error": answer(JOB, "jobs", lambda r: r.setdefault("Error", "")),
    "failed_job_has_no_error": answer(JOB, "jobs", drop("Error")),
    "failed_job_is_completed": answer(JOB, "jobs", lambda r: r.pop("Error", "") and r.update(Status="COMPLETED")),
    "job_ended_a_millisecond_later": answer(JOB, "jobs", lambda r: r.update(UpdateTime=str(int(r["UpdateTime"]) + 1))),
    "job_is_another_operations": answer(JOB, "operations", put("Operation", to="CreateBackend"), "CreateBackendAuth"),
    "error_is_not_the_workers": answer(JOB, "jobs", put("Error", to="it failed")),
    "meta_is_no_json": answer("GetBackend", "operations", put("AmplifyMetaConfig", to=lambda text: text[:-1])),
    "meta_has_white_space": answer("GetBackend", "environments", put("AmplifyMetaConfig", to=lambda text: json.dumps(json.loads(text)))),
    "meta_names_another_region": answer(
        "GetBackend", "isolation", meta(lambda m: m["providers"]["awscloudformation"].update(Region="eu-north-1"))
    ),
    "meta_is_without_providers": answer("GetBackend", "environments", meta(drop("providers"))),
    "meta_is_without_storage": answer("GetBackend", "environments", meta(drop("storage"))),
    "stack_has_another_bucket": answer(
        "GetBackend",
        "environments",
        meta(lambda m: m["providers"]["awscloudformation"].update(DeploymentBucketName="bucket")),
        "CreateBackend",
    ),
    "stack_ends_in_a_word": answer(
        "GetBackend", "outputs", meta(lambda m: m["providers"]["awscloudformation"].update(StackName="amplify-shop-dev-stack"))
    ),
    "pool_is_named_as_in_cognito": answer("GetBackend", "outputs", outputs("auth", lambda o: o.update(UserPoolName=f"{o['UserPoolName']}-dev"))),
    "oauth_metadata_is_left_out": answer("GetBackend", "outputs", outputs("auth", drop("OAuthMetadata"))),
    "hosted_ui_is_a_whole_host": answer(
        "GetBackend", "outputs", outputs("auth", put("HostedUIDomain", to=lambda domain: f"{domain}.auth.us-east-1.amazoncognito.com"))
    ),
    "second_factor_that_is_off_has_no_type": answer(
        "GetBackend", "outputs", meta(lambda m: [entry["frontendAuthConfig"].update(mfaTypes=[]) for entry in m.get("auth", {}).values()])
    ),
    "app_clients_are_one": answer("GetBackend", "outputs", outputs("auth", lambda o: o.update(AppClientID=o["AppClientIDWeb"]))),
    "all_depends_on_nothing": answer("GetBackend", "outputs", entries(dependsOn=[])),
    "all_depends_on_the_pool": answer("GetBackend", "outputs", entries(dependsOn=[{"category": "auth"}])),
    "imported_pool_has_an_arn": answer("GetBackend", "outputs", outputs("auth", lambda o: o.update(UserPoolArn="arn"))),
    "push_has_always_one_hash": answer("GetBackend", "environments", entries(lastPushDirHash="same"), "UpdateBackendAPI"),
    "meta_is_that_of_the_first_read": answer("GetBackend", "lifecycle", first_seen("AmplifyMetaConfig", by="AppId"), "CreateBackendAuth"),
    "feature_flags_are_left_out": answer("GetBackend", "environments", drop("AmplifyFeatureFlags")),
    "feature_flags_are_no_json": answer("GetBackend", "environments", put("AmplifyFeatureFlags", to="none")),
    "environments_are_sorted": answer("GetBackend", "environments", put("BackendEnvironmentList", to=sorted)),
    "environment_list_is_that_of_the_first_read": answer(
        "GetBackend", "isolation", first_seen("BackendEnvironmentList", by="AppId"), "DeleteBackend"
    ),
    "app_has_its_id_for_a_name": answer("GetBackend", "environments", lambda r: r.update(AppName=r["AppId"])),
    "environment_is_not_said": answer("GetBackend", "operations", drop("BackendEnvironmentName")),
    "bucket_was_made_at_no_time": answer(
        "ListS3Buckets", "storage", lambda r: [bucket.update(CreationDate="long ago") for bucket in r["Buckets"]]
    ),
    "buckets_are_hidden": answer("ListS3Buckets", "storage", put("Buckets", to=[]), "ListS3Buckets"),
    "jobs_are_listed_oldest_first": answer(LIST, "pagination", lambda r: r["Jobs"].reverse()),
    "page_is_one_too_short": answer(LIST, "pagination", lambda r: r["Jobs"][1:] and r["Jobs"].pop()),
    "next_token_is_not_sent": answer(LIST, "pagination", drop("NextToken")),
    "list_says_no_errors": answer(LIST, "jobs", lambda r: [job.pop("Error", "") for job in r["Jobs"]]),
    "list_says_that_all_is_pending": answer(LIST, "jobs", lambda r: [job.update(Status="PENDING") for job in r["Jobs"]]),
    "list_has_each_job_twice": answer(LIST, "pagination", lambda r: r.update(Jobs=[*r["Jobs"], *r["Jobs"]])),
    "auth_has_no_service": answer(AUTH, "operations", drop("ResourceConfig", "Service")),
    "auth_has_no_name": answer(AUTH, "operations", drop("ResourceName")),
    "auth_has_no_multi_factor_settings": answer(AUTH, "configs", drop(*POOL, "Mfa"), "CreateBackendAuth"),
    "auth_has_another_password_length": answer(
        AUTH, "configs", put(*POOL, "PasswordPolicy", "MinimumLength", to=lambda n: n + 1), "CreateBackendAuth"
    ),
    "empty_oauth_is_kept": answer(
        AUTH, "auth", lambda r: r["ResourceConfig"]["UserPoolConfigs"].setdefault("OAuth", {}), "UpdateBackendAuth"
    ),
    "scopes_are_sorted_backwards": answer(
        AUTH, "configs", put(*POOL, "OAuth", "OAuthScopes", to=lambda s: sorted(s, reverse=True)), "CreateBackendAuth"
    ),
    "schema_is_stripped": answer(API, "api", put("ResourceConfig", "TransformSchema", to=lambda text: text[:-1]), "UpdateBackendAPI"),
    "default_mode_is_an_api_key": answer(
        API, "configs", put("ResourceConfig", "DefaultAuthType", "Mode", to="API_KEY"), "CreateBackendAPI"
    ),
    "further_modes_are_left_out": answer(API, "configs", drop("ResourceConfig", "AdditionalAuthTypes"), "CreateBackendAPI"),
    "conflict_resolution_is_left_out": answer(API, "configs", drop("ResourceConfig", "ConflictResolution"), "CreateBackendAPI"),
    "storage_is_never_imported": answer(STORAGE, "storage", put("ResourceConfig", "Imported", to=False)),
    "permissions_of_guests_are_left_out": answer(
        STORAGE, "configs", drop("ResourceConfig", "Permissions", "UnAuthenticated"), "CreateBackendStorage"
    ),
    "token_is_another_sessions": answer("GetToken", "operations", put("SessionId", to="other")),
    "token_has_expired_when_it_is_made": answer("CreateToken", "repeating", put("Ttl", to="1600000000")),
    "every_token_has_the_same_code": answer("CreateToken", "repeating", put("ChallengeCode", to="0000")),
    "studio_is_another_apps": answer("UpdateBackendConfig", "operations", put("AppId", to="d1other")),
    "models_are_never_stale": answer("GetBackendAPIModels", "lifecycle", put("Status", to="LATEST"), "UpdateBackendAPI"),
    "models_stay_those_of_the_first_read": answer(
        "GetBackendAPIModels", "api", first_seen("Models", by="Status"), "GenerateBackendAPIModels"
    ),
    "models_break_off": answer("GetBackendAPIModels", "api", put("Models", to=lambda text: text[:-4]), "GenerateBackendAPIModels"),
    "clone_is_its_sources_job": answer("CloneBackend", "jobs", put("BackendEnvironmentName", to="dev")),
    "removal_names_an_environment": answer("RemoveAllBackends", "jobs", lambda r: r.update(BackendEnvironmentName="dev")),
    "studio_has_the_job_of_an_environment": answer("CreateBackendConfig", "jobs", put("BackendEnvironmentName", to="dev")),
}
"""What is answered."""

REQUESTS = {
    "status_filter_is_ignored": request(LIST, "pagination", drop("Status")),
    "operation_filter_is_ignored": request(LIST, "pagination", drop("Operation")),
    "job_filter_is_ignored": request(LIST, "pagination", drop("JobId")),
    "page_is_one_too_long": request(LIST, "pagination", put("MaxResults", to=lambda n: n + 1)),
    "page_has_its_own_size": request(LIST, "pagination", lambda p: p.update(MaxResults=10)),
    "too_large_a_page_is_cut": request(LIST, "limits", put("MaxResults", to=lambda n: min(n, 25))),
    "app_is_never_cleaned": request("RemoveAllBackends", "environments", drop("CleanAmplifyApp")),
    "app_is_always_cleaned": request("RemoveAllBackends", "environments", lambda p: p.update(CleanAmplifyApp=True)),
    "environment_of_a_read_is_ignored": request("GetBackend", "operations", drop("BackendEnvironmentName")),
    "name_of_an_app_is_in_capitals": request("CreateBackend", "environments", put("AppName", to=str.upper)),
    "environment_is_put_into_lower_case": request("CreateBackend", "limits", put("BackendEnvironmentName", to=str.lower)),
    "clone_has_another_name": request("CloneBackend", "operations", put("TargetEnvironmentName", to="other")),
    "enum_is_put_into_capitals": request("CreateBackendAuth", "enums", put(*POOL, "Mfa", "MFAMode", to=str.upper)),
    "password_length_is_cut": request(
        "UpdateBackendAuth", "limits", put(*POOL, "PasswordPolicy", "MinimumLength", to=lambda n: min(max(n, 6), 99))
    ),
    "oauth_is_never_removed": request(
        "UpdateBackendAuth", "auth", lambda p: p["ResourceConfig"]["UserPoolConfigs"].get("OAuth") == {} and drop(*POOL, "OAuth")(p)
    ),
    "update_of_auth_does_nothing": request("UpdateBackendAuth", "auth", put(*POOL, to={})),
    "another_pool_is_imported": request("ImportBackendAuth", "auth", put("UserPoolId", to="us-east-1_aaaaaaaaa")),
    "identity_pool_is_not_imported": request("ImportBackendAuth", "auth", drop("IdentityPoolId")),
    "mode_of_a_new_api_is_made_up": request(
        "CreateBackendAPI", "api", lambda p: p["ResourceConfig"].setdefault("DefaultAuthType", {"Mode": "API_KEY"})
    ),
    "name_of_an_api_is_ignored": request("CreateBackendAPI", "api", drop("ResourceConfig", "ApiName")),
    "conflict_resolution_by_lambda_is_another": request(
        "CreateBackendAPI",
        "rules",
        put("ResourceConfig", "ConflictResolution", "ResolutionStrategy", to=lambda name: name.replace("LAMBDA", "NONE")),
    ),
    "part_of_oauth_is_ignored": request("UpdateBackendAuth", "auth", put(*POOL, "OAuth", "OAuthScopes", to=["PHONE"])),
    "update_of_an_api_does_nothing": request("UpdateBackendAPI", "api", drop("ResourceConfig")),
    "key_lives_as_long_as_it_may": request(
        "CreateBackendAPI",
        "limits",
        put("ResourceConfig", "DefaultAuthType", "Settings", "ExpirationTime", to=lambda n: min(max(int(n), 1), 365)),
    ),
    "bucket_is_put_into_lower_case": request("CreateBackendStorage", "limits", put("ResourceConfig", "BucketName", to=str.lower)),
    "update_of_storage_lets_guests_in": request(
        "UpdateBackendStorage", "storage", lambda p: p["ResourceConfig"]["Permissions"].setdefault("UnAuthenticated", ["READ"])
    ),
    "move_of_a_job_is_ignored": request("UpdateBackendJob", "moves", drop("Status")),
    "manager_of_studio_is_ignored": request("CreateBackendConfig", "lifecycle", put("AppId", to="d1other")),
}
"""What is sent."""

AFTERWARDS = {
    "reading_a_token_consumes_it": then("GetToken", "repeating", lambda fake, asked, _: fake.call("DeleteToken", asked)),
    "reading_a_job_ends_it": then(
        JOB, "lifecycle", lambda fake, _, found: ended(found) or fake.jobs.finish(found["JobId"]), "CreateBackend"
    ),
    "job_fails_when_it_is_accepted": then("CreateBackendStorage", "operations", lambda fake, _, found: fake.jobs.fail(found["JobId"])),
    "reading_an_environment_makes_another": then(
        "GetBackend", "isolation", lambda fake, asked, _: fake.add_app(asked["AppId"], environments=("more",))
    ),
    "removing_studio_enables_it_again": then(
        "RemoveBackendConfig", "lifecycle", lambda fake, asked, _: fake.call("CreateBackendConfig", {"AppId": asked["AppId"]})
    ),
}
"""What happens after a call that is answered rightly."""

ERRORS = {
    "not_found_is_a_bad_request": error("GetBackend", "errors", lambda e: e["Error"].update(Code="BadRequestException"), "NotFound"),
    "bad_request_is_not_found": error("CreateBackend", "errors", lambda e: e["Error"].update(Code="NotFoundException"), "BadRequest"),
    "pending_job_is_too_many_requests": error(
        "CreateBackendAPI",
        "jobs",
        lambda e: "pending" in e["Error"]["Message"] and e["Error"].update(Code="TooManyRequestsException"),
        "BadRequest",
    ),
    "not_found_has_status_400": error("GetBackend", "errors", lambda e: e["ResponseMetadata"].update(HTTPStatusCode=400), "NotFound"),
    "error_has_no_message": error("GetBackend", "errors", put("Error", "Message", to="")),
    "not_found_does_not_say_of_what": error("GetBackend", "errors", drop("ResourceType"), "NotFound"),
    "error_has_the_code_of_recorded_ones": error(
        "GetBackend", "errors", lambda e: e["Error"].update(Code="ResourceNotFoundException"), "NotFound"
    ),
    "request_id_is_always_the_same": error("GetBackend", "errors", lambda e: e["ResponseMetadata"].update(RequestId="0")),
}
"""How requests are rejected."""

WIRE = {
    "job_id_has_another_wire_name": wire("CreateBackend", "operations", body(renamed("jobId", "jobID"))),
    "members_have_botocore_names": wire("CreateBackend", "operations", body(lambda m: [renamed(n, n[0].upper() + n[1:])(m) for n in list(m)])),
    "list_is_an_object": wire("ListS3Buckets", "operations", body(lambda m: "buckets" in m and m.update(buckets={"items": m["buckets"]}))),
    "time_is_a_number": wire(JOB, "operations", body(lambda m: "createTime" in m and m.update(createTime=int(m["createTime"])))),
    "meta_is_an_object": wire(
        "GetBackend",
        "operations",
        body(lambda m: "amplifyMetaConfig" in m and m.update(amplifyMetaConfig=json.loads(m["amplifyMetaConfig"]))),
    ),
    "body_breaks_off": wire(STORAGE, "operations", lambda r: r.update(body=r["body"][:-2]), on=STORAGE),
    "body_begins_with_a_mark": wire(API, "operations", lambda r: r.update(body=b"\xef\xbb\xbf" + r["body"]), on=API),
    "text_loses_its_accents": wire(
        "CreateBackendAuth",
        "configs",
        lambda r: r.update(body=json.dumps(json.loads(r["body"]), ensure_ascii=False).encode("ascii", "replace")),
        on=AUTH,
    ),
    "answer_has_status_202": wire("CreateBackendAuth", "operations", lambda r: r.update(status_code=202), on="CreateBackendAuth"),
    "rejection_has_status_200": wire("GetBackend", "errors", lambda r: r.update(status_code=200), 404),
    "rejection_has_no_code": wire("GetBackend", "errors", lambda r: r.update(headers={}, body=b'{"message": "no"}'), 404),
    "rejection_is_a_page": wire("GetBackend", "errors", lambda r: r.update(headers={}, body=b"<html>Not found</html>"), 404),
}
"""What comes over the wire."""

WRONG: dict[str, Wrong] = ANSWERS | REQUESTS | AFTERWARDS | ERRORS | WIRE
