"""Targets that are wrong in what small, sequential, ASCII tests do not see, kind by kind.

Like those of ``wrong_clients`` they are made from outside: by botocore's events, by threads that
wait for each other, and by a proxy before the fake's server.
"""

from __future__ import annotations

import copy
import json
import threading
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wrong_clients import (
    API,
    AUTH,
    JOB,
    LIST,
    POOL,
    STORAGE,
    Values,
    Wrong,
    answer,
    error,
    meta,
    outputs,
    put,
    request,
    then,
)

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._api import catalogue

Install = Callable[[FakeAmplifyBackend, Any, Any], None]


# ---------------------------------------------------------------- words of the rows
def in_model_order(shape: str) -> Callable[[list[str]], list[str]]:
    """A list in the order of an enum."""
    values = catalogue.service_model().shape_for(shape).enum
    return lambda found: sorted(found, key=values.index)


def each_string(change: Callable[[str], str]) -> Callable[[Values], object]:
    """Changes every string of a config."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: changed(item) for name, item in value.items()}
        if isinstance(value, list):
            return [changed(item) for item in value]
        return change(value) if isinstance(value, str) else value

    return put("ResourceConfig", to=changed)


def each_entry(change: Callable[[Values], object]) -> Callable[[Values], object]:
    """Changes what the meta text says of each resource."""
    families = ("auth", "api", "storage")
    return meta(lambda m: [change(e) for name in families for e in m.get(name, {}).values()])


def api_key(change: Callable[[Values], object]) -> Callable[[Values], object]:
    """Changes what the meta text says of an API key."""
    way = ("authConfig", "defaultAuthentication", "apiKeyConfig")
    return outputs("api", lambda o: change(o[way[0]][way[1]].get(way[2], {})))


def together(operation: str, file: str, install: Install) -> Wrong:
    """A client with a memory that it shares with the other clients of its fake."""
    memories: dict[int, Any] = {}

    def installed(fake: FakeAmplifyBackend, events: Any) -> None:
        install(fake, events, memories.setdefault(id(fake), defaultdict(list)))

    return Wrong(installed, operation, file)


def on(fake: Any, events: Any, operation: str, change: Callable[[Values, Values], object]) -> None:
    """Something happens after each successful call, told with params and answer."""
    then(operation, "", lambda _, asked, found: change(asked, found)).install(fake, events)


def both(first: Wrong, *others: Wrong) -> Wrong:
    """A client with several faults that hide each other."""

    def install(fake: FakeAmplifyBackend, events: Any) -> None:
        for one in (first, *others):
            one.install(fake, events)

    return Wrong(install, first.operation, first.file)


def newer(fake: FakeAmplifyBackend, found: Values) -> int:
    """How many jobs of an environment are newer than the last one of a page, -1 without any."""
    if not found["Jobs"]:
        return -1
    last = found["Jobs"][-1]
    at = (last["AppId"], last["BackendEnvironmentName"])
    ids = [job.id for job in fake.jobs if (job.app_id, job.environment) == at]
    return ids[::-1].index(last["JobId"])


def year_before(text: str) -> str:
    return f"{int(text[:4]) - 1}{text[4:]}"


def later(seconds: int) -> Callable[[str], str]:
    """A number of milliseconds in digits, so many seconds later."""
    return lambda text: str(int(text) + seconds * 1000)


def each_time(change: Callable[[str], str]) -> Callable[[Values], object]:
    """Changes both times of a job."""
    return lambda job: [put(name, to=change)(job) for name in ("CreateTime", "UpdateTime")]


def kept_buckets(fake: FakeAmplifyBackend, events: Any, seen: Any) -> None:
    """Buckets of deployments are listed for good."""

    def list_them(asked: Values, found: Values) -> None:
        names = {bucket["Name"] for bucket in found["Buckets"]}
        seen["all"] += [one for one in found["Buckets"] if one["Name"].endswith("-deployment")]
        gone = {one["Name"]: one for one in seen["all"] if one["Name"] not in names}
        found["Buckets"] += gone.values()

    on(fake, events, "ListS3Buckets", list_them)


def forgetting_tokens(by: str, kept: int = 0) -> Install:
    """An operation deletes the tokens of its app, all but some."""

    def install(fake: FakeAmplifyBackend, events: Any, seen: Any) -> None:
        def forget(asked: Values, found: Values) -> None:
            sessions = seen[asked["AppId"]]
            if by == "CreateToken":
                sessions.append(found["SessionId"])
            for session in sessions[: len(sessions) - kept]:
                sessions.remove(session)
                if session != asked.get("SessionId"):
                    fake.call("DeleteToken", {"AppId": asked["AppId"], "SessionId": session})

        if by != "CreateToken":
            on(fake, events, "CreateToken", lambda a, f: seen[a["AppId"]].append(f["SessionId"]))
        on(fake, events, by, forget)

    return install


def failed_updates_are_read(family: str) -> Install:
    """The config that is read is that of an update that has failed."""

    def install(fake: FakeAmplifyBackend, events: Any, seen: Any) -> None:
        def key(asked: Values) -> str:
            return f"{asked['AppId']} {asked['BackendEnvironmentName']} {asked['ResourceName']}"

        def note(asked: Values, found: Values) -> None:
            seen[key(asked)] = [(found["JobId"], asked.get("ResourceConfig", {}))]

        def read(asked: Values, found: Values) -> None:
            for job_id, config in seen[key(asked)]:
                if fake.jobs[job_id].status == "FAILED":
                    found["ResourceConfig"] = {**found["ResourceConfig"], **config}

        on(fake, events, f"UpdateBackend{family}", note)
        on(fake, events, f"GetBackend{family}", read)

    return install


@dataclass(frozen=True)
class StaleReplica(Wrong):
    """A second client of a region reads what it has read first."""

    made: Counter[tuple[int, str]] = field(default_factory=Counter)

    def client(self, fake: FakeAmplifyBackend, region: str) -> Any:
        client = fake.client(region)
        self.made[id(fake), region] += 1
        if self.made[id(fake), region] > 1:
            self.install(fake, client.meta.events)
        return client


def stale_for_the_second(operation: str, member: str) -> Wrong:
    def install(fake: FakeAmplifyBackend, events: Any) -> None:
        seen: dict[str, Any] = {}

        def read(asked: Values, found: Values) -> None:
            name = json.dumps(asked, sort_keys=True)
            found[member] = seen.setdefault(name, copy.deepcopy(found[member]))

        on(fake, events, operation, read)

    return StaleReplica(install, operation, "repeating")


def every_second(operation: str, change: Callable[[Values], object]) -> Wrong:
    """Every second read is another."""

    def install(fake: FakeAmplifyBackend, events: Any, seen: Any) -> None:
        def read(asked: Values, found: Values) -> None:
            seen["all"].append(1)
            if len(seen["all"]) % 2:
                change(found)

        on(fake, events, operation, read)

    return together(operation, "repeating", install)


def tokens_once(fake: FakeAmplifyBackend, events: Any, seen: Any) -> None:
    """A NextToken that was used is unknown."""

    def sent(params: Values, **_: Any) -> Values:
        token = params.get("NextToken")
        if token is not None:
            used = token in seen["all"]
            seen["all"].append(token)
            return {**params, "NextToken": "used"} if used else params
        return params

    events.register_last(f"provide-client-params.amplifybackend.{LIST}", sent)


def telling(what: str, when: str) -> Wrong:
    """Messages tell of everybody."""

    def install(fake: FakeAmplifyBackend, events: Any) -> None:
        def tell(found: Values) -> None:
            told = found["Error"]
            if when in told["Message"]:
                state = fake.dump()
                everybody = [*state["apps"]] if what == "apps" else [json.dumps(state)]
                told["Message"] += f" {everybody}"

        error("", "", tell).install(fake, events)

    return Wrong(install, "GetBackend", "isolation")


def pages(change: Callable[[FakeAmplifyBackend, Values, Values], object]) -> Wrong:
    """Pages of at least twenty jobs are wrong where they are full to the last."""

    def changed(fake: FakeAmplifyBackend, asked: Values, found: Values) -> None:
        size = asked.get("MaxResults", 0)
        if size >= 20 and len(found["Jobs"]) == size and "NextToken" not in found:
            change(fake, asked, found)

    return then(LIST, "pagination", changed)


class Meeting:
    """Calls of an operation wait for each other a moment; ``met`` says whether there were two."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(2)
        self._here = threading.local()

    def wait(self) -> None:
        try:
            self._here.place = self._barrier.wait(0.03)
        except threading.BrokenBarrierError:
            self._here.place = None
            self._barrier.reset()

    @property
    def met(self) -> bool:
        return getattr(self._here, "place", None) is not None

    @property
    def second(self) -> bool:
        return getattr(self._here, "place", None) == 0


def at_once(operation: str, change: Callable[[FakeAmplifyBackend, Values, Any], object]) -> Wrong:
    """A client that is wrong where two of its calls meet, in what comes over the wire."""
    shared: dict[int, Any] = {}

    def install(fake: FakeAmplifyBackend, events: Any) -> None:
        meeting, memory = shared.setdefault(id(fake), (Meeting(), {}))

        def before(**_: Any) -> None:
            meeting.wait()

        def parse(response_dict: Values, **_: Any) -> None:
            if meeting.met:
                change(fake, response_dict, memory)
                memory.setdefault(response_dict["status_code"], response_dict["body"])

        events.register_first(f"before-call.amplifybackend.{operation}", before)
        events.register_last(f"before-parse.amplifybackend.{operation}", parse)

    return Wrong(install, operation, "at_once", "wire")


def accepted_too(fake: FakeAmplifyBackend, response: Values, memory: Any) -> None:
    """The call that lost is answered like one that won."""
    if response["status_code"] != 200:
        body = json.loads(memory.get(200) or b"{}")
        if not body:
            job = list(fake.jobs)[-1]
            body = {"appId": job.app_id, "backendEnvironmentName": job.environment}
            body |= {"jobId": job.id, "operation": job.operation, "status": "PENDING"}
        response.update(status_code=200, headers={}, body=json.dumps(body).encode())


def like_the_first(fake: FakeAmplifyBackend, response: Values, memory: Any) -> None:
    response["body"] = memory.get(200, response["body"])


def lost(fake: FakeAmplifyBackend, response: Values, memory: Any) -> None:
    """What the second of two has begun fails."""
    if response["status_code"] == 200 and 200 in memory:
        fake.jobs.fail(json.loads(response["body"])["jobId"], error="Command failed")


def half(fake: FakeAmplifyBackend, response: Values, memory: Any) -> None:
    """One of two readers finds a job completed that is at work, or has failed."""
    if 200 in memory:
        body = {**json.loads(response["body"]), "status": "COMPLETED"}
        body.pop("error", None)
        response["body"] = json.dumps(body).encode()


def header(operation: str, name: str, to: Any) -> Wrong:
    """A header of every answer to an operation is another, or missing."""

    def change(found: Values) -> None:
        headers = found["ResponseMetadata"]["HTTPHeaders"]
        headers.pop(name, None)
        if to is not None:
            headers[name] = to

    return answer(operation, "http", change)


# fmt: off
# A row is one line where that is short enough.
ORDER = {
    "scopes_come_in_the_models_order": answer(AUTH, "values", put(*POOL, "OAuth", "OAuthScopes", to=in_model_order("OAuthScopesElement")), "CreateBackendAuth"),
    "permissions_come_in_the_models_order": answer(STORAGE, "values", put("ResourceConfig", "Permissions", "Authenticated", to=in_model_order("AuthenticatedElement")), "CreateBackendStorage"),
    "attributes_are_sorted_in_the_meta": answer("GetBackend", "values", each_entry(put("frontendAuthConfig", "signupAttributes", to=sorted)), "CreateBackendAuth"),
    "repeated_permissions_come_once": answer(STORAGE, "values", put("ResourceConfig", "Permissions", "UnAuthenticated", to=lambda names: [*dict.fromkeys(names)]), "CreateBackendStorage"),
}
SIZES = {
    "twenty_environments_are_listed": answer("GetBackend", "sizes", put("BackendEnvironmentList", to=lambda names: names[:20])),
    "schema_is_cut_at_8192_characters": answer(API, "sizes", put("ResourceConfig", "TransformSchema", to=lambda text: text[:8192])),
    "twenty_five_buckets_are_listed": answer("ListS3Buckets", "sizes", put("Buckets", to=lambda found: found[-25:])),
    "ten_environments_are_listed": answer("GetBackend", "sizes", put("BackendEnvironmentList", to=lambda names: names[:10])),
    "jobs_are_listed_up_to_the_hundredth": then(LIST, "pagination", lambda fake, asked, found: newer(fake, found) >= 99 and found.pop("NextToken", None)),
    "an_app_has_ten_tokens": together("GetToken", "repeating", forgetting_tokens("CreateToken", kept=10)),
    "schema_is_cut_at_two_thousand_characters": answer(API, "sizes", put("ResourceConfig", "TransformSchema", to=lambda text: text[:2000])),
}
PLACES = {
    "every_identity_pool_is_one": answer("GetBackend", "isolation", outputs("auth", put("IdentityPoolId", to="us-east-1:11111111-1111-4111-8111-111111111111"))),
    "every_endpoint_is_in_one_region": answer(
        "GetBackend", "isolation", outputs("api", put("GraphQLAPIEndpointOutput", to=lambda text: text.replace("us-west-2", "us-east-1").replace("eu-west-1", "us-east-1")))
    ),
    "environments_of_an_app_share_their_roles": answer(
        "GetBackend", "isolation", meta(lambda m: m["providers"]["awscloudformation"].update(AuthRoleName=f"amplify-{m['providers']['awscloudformation']['AmplifyAppId']}-authRole"))
    ),
    "every_api_has_one_id": answer("GetBackend", "isolation", outputs("api", put("GraphQLAPIIdOutput", to="a" * 26))),
    "every_studio_has_one_client": answer("UpdateBackendConfig", "isolation", put("LoginAuthConfig", "AwsUserPoolsWebClientId", to=lambda text: "1" * 26 if len(text) > 20 else text), "CreateBackendConfig"),
    "stack_ids_are_the_apps": answer(
        "GetBackend", "isolation", meta(lambda m: m["providers"]["awscloudformation"].update(StackId=f"arn:aws:cloudformation:us-east-1:1:stack/{m['providers']['awscloudformation']['AmplifyAppId']}"))
    ),
}
ECHOES = {
    "api_is_read_as_it_is_asked_for": then(API, "values", lambda fake, asked, found: "ResourceConfig" in asked and found.update(ResourceConfig=asked["ResourceConfig"])),
    "job_is_listed_as_it_is_asked_for": then(
        LIST,
        "pagination",
        lambda fake, asked, found: set(asked) == {"AppId", "BackendEnvironmentName", "JobId"} and not found["Jobs"] and found["Jobs"].append({**asked, "Operation": "CreateBackend", "Status": "COMPLETED", "CreateTime": "1600000000000", "UpdateTime": "1600000000000"}),
    ),
    "failed_update_of_auth_is_read": together("UpdateBackendAuth", "values", failed_updates_are_read("Auth")),
    "failed_update_of_an_api_is_read": together("UpdateBackendAPI", "values", failed_updates_are_read("API")),
}
REMOVALS = {
    "deployment_buckets_stay": together("DeleteBackend", "removal", kept_buckets),
    "tokens_go_with_an_environment": together("DeleteBackend", "removal", forgetting_tokens("DeleteBackend")),
    "all_tokens_go_with_one": together("DeleteToken", "removal", forgetting_tokens("DeleteToken")),
    "tokens_go_with_studio": together("RemoveBackendConfig", "removal", forgetting_tokens("RemoveBackendConfig")),
}
LETTERS = {
    "name_of_an_app_loses_its_accents": request("CreateBackend", "values", put("AppName", to=lambda text: text.encode("ascii", "ignore").decode())),
    "letters_are_composed": answer(AUTH, "values", each_string(lambda text: unicodedata.normalize("NFC", text)), "CreateBackendAuth"),
    "letters_of_four_bytes_are_lost": answer(API, "values", each_string(lambda text: "".join(one if ord(one) < 0x10000 else "\ufffd" for one in text)), "CreateBackendAPI"),
    "lines_end_in_one_character": answer(AUTH, "values", each_string(lambda text: text.replace("\r\n", "\n")), "CreateBackendAuth"),
}
CASE = {
    "addresses_are_in_small_letters": answer(AUTH, "values", put(*POOL, "OAuth", "RedirectSignOutURIs", to=lambda uris: [uri.lower() for uri in uris]), "CreateBackendAuth"),
    "name_of_an_app_is_in_small_letters": request("CreateBackend", "values", put("AppName", to=str.lower)),
    "pool_is_named_in_small_letters": answer("GetBackend", "values", outputs("auth", put("UserPoolName", to=str.lower)), "CreateBackendAuth"),
    "resources_are_found_in_any_case": request(AUTH, "errors", put("ResourceName", to=str.lower)),
}
TIMES = {
    "push_is_of_the_year_before": answer("GetBackend", "times", each_entry(put("lastPushTimeStamp", to=year_before)), "CreateBackendAuth"),
    "ttl_is_in_milliseconds": both(*(answer(name, "times", put("Ttl", to=lambda text: f"{text}000")) for name in ("CreateToken", "GetToken"))),
    "buckets_are_of_another_zone": answer("ListS3Buckets", "times", lambda r: [one.update(CreationDate=one["CreationDate"].replace("Z", "+02:00")) for one in r["Buckets"]], "CreateBackendStorage"),
    "key_expires_at_once": answer("GetBackend", "times", api_key(put("apiKeyExpirationDate", to=year_before)), "CreateBackendAPI"),
    "job_times_are_of_another_zone": both(
        answer(JOB, "times", each_time(later(7200))),
        answer(LIST, "times", lambda r: [each_time(later(7200))(job) for job in r["Jobs"]]),
        answer("UpdateBackendJob", "times", each_time(later(7200))),
    ),
}
READS = {
    "second_client_reads_an_old_auth": stale_for_the_second(AUTH, "ResourceConfig"),
    "second_client_reads_an_old_meta": stale_for_the_second("GetBackend", "AmplifyMetaConfig"),
    "categories_change_places": every_second("GetBackend", meta(lambda m: [m.update({name: m.pop(name)}) for name in ("auth",) if name in m])),
    "a_page_is_turned_once": together(LIST, "pagination", tokens_once),
}
MEMBERS = {
    "names_are_escaped_for_html": request("CreateBackend", "values", put("AppName", to=lambda text: text.replace("<", "&lt;"))),
    "letters_without_width_are_lost": answer(AUTH, "values", each_string(lambda text: text.replace("\u200b", "").replace("\ufeff", "")), "CreateBackendAuth"),
    "messages_are_cut": answer(AUTH, "values", put(*POOL, "VerificationMessage", "EmailSettings", "EmailMessage", to=lambda text: text[:15000]), "CreateBackendAuth"),
    "fifty_addresses_are_kept": answer(AUTH, "values", put(*POOL, "OAuth", "RedirectSignInURIs", to=lambda uris: uris[:50]), "CreateBackendAuth"),
    "meta_has_passwords_of_64_at_most": answer("GetBackend", "values", each_entry(put("frontendAuthConfig", "passwordProtectionSettings", "passwordPolicyMinLength", to=lambda n: min(n, 64))), "CreateBackendAuth"),
    "meta_has_keys_of_90_days_at_most": answer("GetBackend", "values", api_key(put("apiKeyExpirationDays", to=lambda n: min(n, 90))), "CreateBackendAPI"),
}
MESSAGES = {
    "unknown_environment_tells_every_app": telling("apps", "does not exist"),
    "unknown_app_tells_every_app": telling("apps", "App "),
    "unknown_token_tells_everything": telling("everything", "session"),
    "pending_job_tells_every_app": telling("apps", "pending"),
}
LAST_PAGES = {
    "full_last_page_has_a_token": pages(lambda fake, asked, found: found.update(NextToken="more")),
    "full_last_page_lacks_a_job": pages(lambda fake, asked, found: found["Jobs"].pop()),
    "full_last_page_repeats_a_job": pages(lambda fake, asked, found: found["Jobs"].__setitem__(-1, found["Jobs"][-2])),
}
HEADERS = {
    "request_is_shown_in_a_header": then("CreateBackendAuth", "values", lambda fake, asked, found: found["ResponseMetadata"]["HTTPHeaders"].update({"x-debug": json.dumps(asked)})),
    "content_type_is_that_of_text": header("GetToken", "content-type", "text/plain"),
    "no_request_has_an_id": header(JOB, "x-amzn-requestid", None),
    "date_is_not_that_of_http": header(STORAGE, "date", "2024-01-01T00:00:00Z"),
}
TWO = {
    "both_environments_are_made": at_once("CreateBackend", accepted_too),
    "both_clones_are_made": at_once("CloneBackend", accepted_too),
    "both_are_deleted": at_once("DeleteBackend", accepted_too),
    "two_tokens_are_one": at_once("CreateToken", like_the_first),
    "second_environment_is_lost": at_once("CreateBackend", lost),
    "one_reader_sees_another_end": at_once(JOB, half),
}
KINDS = {
    name: value
    for name, value in globals().copy().items()
    if isinstance(value, dict) and value and all(isinstance(row, Wrong) for row in value.values())
}
WRONG: dict[str, Wrong] = {name: row for rows in KINDS.values() for name, row in rows.items()}
