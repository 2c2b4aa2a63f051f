"""What a snapshot keeps of values: no secret, wherever it stands, and tokens for what changes."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import tour
from botocore.validate import ParamValidator

from pytest_amplifybackend import FakeAmplifyBackend, errors, response_shape
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._redaction import JSON_INSIDE, Redaction, keep
from pytest_amplifybackend._unordered import UNORDERED

SECRET = "google-s3cr3t"
SOCIAL = {"SocialProviderSettings": {"Google": {"ClientId": "id", "ClientSecret": SECRET}}}
UUID = "7c38c298-914b-487b-8a8e-fa93b2967d92"


def shown(*values: Any) -> Any:
    redaction = Redaction()
    return [redaction(value) for value in values][-1]


@pytest.mark.parametrize(
    "value",
    [
        SOCIAL,
        {"request": {"deep": [SOCIAL]}},
        {"Body": json.dumps(SOCIAL)},
        {"Body": json.dumps({"body": json.dumps(SOCIAL)})},
        {"Body": json.dumps(SOCIAL, indent=4), "Error": f"not {SECRET}!"},
        {"Error": f"exit code 1: amplify add auth --headless {json.dumps(SOCIAL)} failed"},
        {"Error": f"{SOCIAL!r}"},
        {"Error": f"{json.dumps(str(SOCIAL))}"},
        {"Error": f"client_secret={SECRET}&x=1"},
        {"Error": f'wanted \\"clientSecret\\": \\"{SECRET}\\", got nothing'},
        {"Error": f"Settings(client_secret={SECRET!r}, retries=3)"},
        {"Error": f"{ {'clientSecret': SECRET.encode()} }"},
        {"Error": f"{SimpleNamespace(PrivateKey=SECRET)}"},
        {"Error": f"{ {'SmsSettings': {'SmsMessage': SECRET}} }"},
        {"Error": f"{ {'Authorization': SECRET, 'X-Amz-Date': '5'} }"},
        {"Error": f"curl -H 'Authorization: Bearer {SECRET}' https://shop.example/"},
        {"google": {"client_secret": SECRET}},
        {"Any": {"CLIENT-SECRET": SECRET}, SECRET: 1, f"x-{SECRET}-x": [SECRET]},
        {"Authorization": SECRET},
        {"emailSettings": {"emailMessage": SECRET}},
        {"smsSettings": [SECRET]},
        {"signInWithApple": SECRET},
        {"Models": "export const schema = " + json.dumps({"google": SECRET}) + ";"},
        {"Text": f"-----BEGIN PRIVATE KEY-----{SECRET}-----END PRIVATE KEY-----"},
    ],
)
def test_secrets_are_hidden(value: Any) -> None:
    text = json.dumps(shown(value))
    assert SECRET not in text
    assert "<redacted>" in text


@pytest.mark.parametrize(
    "secret", ['quo"te-1', "back\\slash-1", "new\nline-1", "umlaut-ü-1", "a'b"]
)
def test_escaped_secrets_are_hidden(secret: str) -> None:
    held = {"Google": {"ClientSecret": secret}}
    copies = [secret, repr(secret), json.dumps(secret), json.dumps([json.dumps(secret)])]
    text = json.dumps(shown({"Held": held, "Copies": [f"x {copy} x" for copy in copies]}))
    again = shown(held, {"Copies": [f"x {copy} x" for copy in copies]})
    assert all(copy.count("<redacted>") == 1 for copy in again["Copies"])
    assert secret not in text
    assert json.dumps(secret)[1:-1] not in text


@pytest.mark.parametrize(
    "copy",
    [
        urllib.parse.quote,
        urllib.parse.quote_plus,
        lambda text: urllib.parse.quote(text, safe=""),
        lambda text: repr(text.encode()),
        lambda text: repr(json.dumps([text]).encode()),
        lambda text: json.dumps(repr(text)),
        lambda text: str({"Body": json.dumps(text)}),
    ],
)
def test_secrets_are_hidden_however_they_are_written(copy: Callable[[str], str]) -> None:
    secret = "a/b +ü \"q\" \\ 'x' 5"
    held = {"Google": {"ClientSecret": secret}}
    assert shown(held, f"is {copy(secret)} so").count("<redacted>") == 1
    kept = re.sub("[^a-z]", "", shown(held, f"is {copy(secret)} so").replace("<redacted>", ""))
    assert kept in ("isso", "isbso", "isodyso")  # what the repr of bytes and the dict add


@pytest.mark.parametrize("secret", [SECRET, SECRET.encode(), [SECRET]])
def test_secrets_of_a_wrong_type_are_hidden_in_what_botocore_says(secret: Any) -> None:
    request = catalogue.operations()["CreateBackendAuth"].input_shape
    params = {
        "AppId": 5,
        "ResourceConfig": {
            "UserPoolConfigs": {"OAuth": {"SocialProviderSettings": {"Google": secret}}}
        },
    }
    report = ParamValidator().validate(params, request).generate_report()
    text = shown({"Error": report})["Error"]
    assert SECRET in report
    assert SECRET not in text
    assert "parameter AppId, value: 5, type: <class 'int'>" in text


def test_nothing_is_no_secret() -> None:
    said = "Invalid type for parameter Google.ClientSecret, value: None, type: <class 'NoneType'>"
    assert shown({"Error": said, "Other": "is None"}) == {"Error": said, "Other": "is None"}


def test_words_that_begin_like_an_enum_are_hidden() -> None:
    held = {"EmailSettings": {"EmailSubject": "enum of s3cr3ts", "EmailMessage": "enum s3cr3t"}}
    assert "s3cr3t" not in json.dumps(shown(held, {**held, "Error": "no enum of s3cr3ts"}))


def test_a_secret_is_hidden_in_what_comes_after() -> None:
    assert shown(SOCIAL, {"Error": f"{SECRET} is wrong"}) == {"Error": "<redacted> is wrong"}


def test_short_secrets_and_words_are_hidden_where_they_are_words() -> None:
    held = {"Google": {"ClientId": "id", "ClientSecret": "client"}}
    after = {"Error": "the id of client is idle", "ClientName": "clients", "id": "key"}
    assert shown(held, after) == {
        "Error": "the <redacted> of <redacted> is idle",
        "ClientName": "clients",
        "<redacted>": "key",
    }


def test_secrets_of_other_types_are_hidden() -> None:
    held = {"Google": {"ClientSecret": 5, "ClientId": None, "Deep": [True]}}
    hidden = {"ClientSecret": "<redacted>", "ClientId": "<redacted>", "Deep": ["<redacted>"]}
    assert shown(held) == {"Google": hidden}


def test_secrets_are_learned_from_bytes_calls_and_errors() -> None:
    fake = FakeAmplifyBackend()
    pool = {"OAuth": SOCIAL}
    config = {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": pool}
    with pytest.raises(errors.ServiceError):
        fake.call(
            "UpdateBackendAuth",
            {
                "AppId": "d1",
                "BackendEnvironmentName": "dev",
                "ResourceName": "auth",
                "ResourceConfig": config,
            },
        )
    for value in (json.dumps(SOCIAL).encode(), fake.calls[0], ValueError(f"x {SOCIAL}")):
        redaction = Redaction()
        redaction.learn(value)
        assert redaction(f"x {SECRET} x") == "x <redacted> x"


def test_data_that_holds_itself_is_searched_once() -> None:
    knot: dict[str, Any] = {"Google": {"ClientSecret": SECRET}}
    for name in "abcdefghij":
        knot = {name: knot, name * 2: knot, "Google": knot}
    knot["knot"] = knot
    redaction = Redaction()
    redaction.learn(knot)
    assert redaction(SECRET) == "<redacted>"


def test_the_secrets_of_a_fake() -> None:
    fake = FakeAmplifyBackend(verify_signatures={"AKID": "signing-s3cr3t"})
    pool = {"OAuth": SOCIAL, "RequiredSignUpAttributes": ["EMAIL"], "SignInMethod": "EMAIL"}
    pool["OAuth"] = {
        "OAuthGrantType": "CODE",
        "OAuthScopes": ["EMAIL"],
        "RedirectSignInURIs": ["https://shop.example/"],
        "RedirectSignOutURIs": ["https://shop.example/"],
        **SOCIAL,
    }
    pool["UserPoolName"] = "customers"
    config = {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": pool}
    fake.add_auth("d1abc", config=config)
    assert fake.known_secrets() == {"id", SECRET, "signing-s3cr3t"}


def test_types_are_no_secrets() -> None:
    tree = response_shape({"ResourceConfig": {"UserPoolConfigs": {"OAuth": SOCIAL}}, "AppId": "d1"})
    assert shown(tree) == tree


# Tokens


def test_the_same_value_is_the_same_token_wherever_it_stands() -> None:
    value = {
        "Error": f"job {UUID} failed",
        "JobId": UUID,
        "Jobs": [{"JobId": UUID}, {"JobId": "b"}],
        "Body": json.dumps({"jobId": UUID}),
    }
    assert shown(value) == {
        "Error": "job <JobId:1> failed",
        "JobId": "<JobId:1>",
        "Jobs": [{"JobId": "<JobId:1>"}, {"JobId": "<JobId:2>"}],
        "Body": {JSON_INSIDE: {"jobId": "<JobId:1>"}},
    }


def test_what_follows_from_the_seed_is_the_same_for_every_seed() -> None:
    """Stack names end in a time of day, with a ten or without, or in hexadecimal digits."""
    place = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
    oauth = {
        "OAuthGrantType": "CODE",
        "OAuthScopes": ["EMAIL"],
        "RedirectSignInURIs": ["https://shop.example/"],
        "RedirectSignOutURIs": ["https://shop.example/"],
    }
    pool = {"RequiredSignUpAttributes": [], "SignInMethod": "PHONE_NUMBER", "UserPoolName": "all"}
    config = {
        "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
        "Service": "COGNITO",
        "UserPoolConfigs": {**pool, "OAuth": oauth},
    }
    storage = {"BucketName": "pictures", "Permissions": {"Authenticated": []}, "ServiceName": "S3"}
    kept = set()
    for seed in range(60):
        fake = FakeAmplifyBackend(seed=seed)
        fake.add_app("d1abc", environments=["dev", "test"])
        fake.add_auth("d1abc", config=config)
        fake.add_storage("d1abc", config=storage)
        redaction = Redaction()
        answers = [redaction(fake.call("GetBackend", place)), redaction(fake.call("ListS3Buckets"))]
        kept.add(json.dumps(answers))

    assert len(kept) == 1


def test_names_of_members_that_are_ids() -> None:
    later = UUID.replace("7", "8")
    value = {UUID: "FAILED", f"job {UUID}": "PENDING", "JobId": UUID, later: "FAILED"}
    assert list(shown({"JobId": later}, value).items()) == [
        ("<JobId:1>", "FAILED"),
        ("<JobId:2>", "FAILED"),
        ("JobId", "<JobId:2>"),
        ("job <JobId:2>", "PENDING"),
    ]


def test_members_whose_names_are_secrets_all_stay() -> None:
    held = {"Google": {"ClientId": "id-5", "ClientSecret": SECRET}}
    assert shown(held, {"id-5": 1, SECRET: 2}) == {"<redacted>": 1, "<redacted> 2": 2}


def test_what_equals_a_short_id_by_chance_stays() -> None:
    value = {"SessionId": "5", "JobId": "True", "NextToken": "None", "Ttl": 7}
    others = {"Imported": True, "MinimumLength": 5, "Nothing": None, "Size": 7}
    assert shown(value, others) == others
    assert shown(value, {"Ttl": 7, "CreateTime": 1633594108726}, {"Other": 1633594108726}) == {
        "Other": "<Time:2>"
    }
    assert shown({"CreateTime": 1633594108.5}) == {"CreateTime": "<Time:1>"}


LATER = {"CreateTime": "1633594108726", "UpdateTime": "1633594109000"}


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        ([LATER], ["1", "2"]),
        ([{"CreateTime": LATER["UpdateTime"], "UpdateTime": LATER["CreateTime"]}], ["2", "1"]),
        ([{"CreateTime": "1633594108726", "Ttl": "1633594109"}], ["1", "2"]),
        ([{"CreateTime": 1633594109000, "Ttl": 1633594109}], ["1", "1"]),
        ([{"a": "2021-10-07T08:08:29.000Z", "b": "2021-10-07T08:08:28+02:00"}], ["2", "1"]),
        ([{"UpdateTime": "1633594108727"}, LATER], ["0", "2"]),
        ([LATER, {"UpdateTime": "1633594108999"}], ["1.5"]),
        ([LATER, {"UpdateTime": "soon"}], ["3"]),
    ],
)
def test_a_later_time_has_a_greater_number(values: list[Any], numbers: list[str]) -> None:
    assert list(shown(*values).values()) == [f"<Time:{number}>" for number in numbers]


def test_an_unordered_list_is_sorted_by_what_is_shown() -> None:
    """Not by ids, which depend on the seed, and one that is known comes by its token."""
    jobs = [{"JobId": UUID, "Status": "PENDING"}, {"JobId": "a", "Status": "FAILED"}]
    expected = [
        {"JobId": "<JobId:1>", "Status": "FAILED"},
        {"JobId": "<JobId:2>", "Status": "PENDING"},
    ]
    assert shown({"Jobs": [*jobs, UNORDERED]}) == {"Jobs": expected}
    assert shown({"Jobs": [*reversed(jobs), UNORDERED]}) == {"Jobs": expected}
    known = [{"JobId": "a"}, {"JobId": UUID}]
    for order in (known, known[::-1]):
        ids = shown({"JobId": UUID}, [*order, UNORDERED])
        assert ids == [{"JobId": "<JobId:1>"}, {"JobId": "<JobId:2>"}]


def test_the_second_in_which_a_server_answered_does_not_show() -> None:
    heads = [{"date": f"Mon, 01 Jan 2024 00:00:0{second} GMT"} for second in (1, 1, 2)]
    assert shown(heads) == [{"date": "<Date>"}] * 3


def test_text_that_looks_like_what_a_matcher_put_there() -> None:
    text = keep("x").removesuffix('"')
    assert shown({"Text": text}) == {"Text": text}


@pytest.mark.parametrize("kind", ["named", "recognised"])
def test_many_ids_take_a_pattern_for_all(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"7c38c298-914b-487b-8a8e-{number:012}" for number in range(60)]
    jobs = [{"JobId": one} if kind == "named" else f"job {one}" for one in ids]
    compiled: list[str] = []
    compile_ = re.compile
    monkeypatch.setattr(
        re, "compile", lambda text, *rest: compiled.append(text) or compile_(text, *rest)
    )
    assert shown({"Jobs": jobs}, {"Last": f"after {ids[-1]}"})["Last"].startswith("after <")
    assert sum(ids[0] in text or re.escape(ids[0]) in text for text in compiled) <= 2


@pytest.mark.parametrize(
    ("text", "token"),
    [
        (UUID, "<Id:1>"),
        ("us-east-1_s3nLQlqM3", "<UserPoolId:1>"),
        (f"eu-west-1:{UUID}", "<IdentityPoolId:1>"),
        ("da2-abcdefghijklmnopqrstuvwx12", "<ApiKey:1>"),
        ("abcdefghijklmnopqrstuvwx12", "<Id:1>"),
        ("2024-01-01T00:00:00.000Z", "<Time:1>"),
        ("Mon, 01 Jan 2024 00:00:00 GMT", "<Date>"),
        ("1633594108726", "<Time:1>"),
    ],
)
def test_what_is_recognised_in_text(text: str, token: str) -> None:
    assert shown(text) == token
    assert shown(f"it was {text}.") == f"it was {token}."


@pytest.mark.parametrize(
    "value",
    [
        {"AppId": "d1abcdefghijkl", "AppName": "shop", "BackendEnvironmentName": "dev"},
        {"Size": 8, "Share": 0.5, "Imported": True, "Nothing": None, "Empty": ""},
        {"Version": "344c652821ae5048ba11f1c7f90f3d91", "Path": "/backend/{appId}"},
        {"Text": "12 { not json", "List": [], "Number": "123456"},
    ],
)
def test_what_the_caller_chose_stays(value: Any) -> None:
    assert shown(value) == value


def test_what_a_matcher_put_there_stays() -> None:
    assert shown({"JobId": keep("str"), "CreateTime": keep(5)}) == {"JobId": "str", "CreateTime": 5}
    assert shown(SOCIAL, {"JobId": keep(SECRET)}) == {"JobId": "<redacted>"}


def of_a_run(seed: int | str, seconds: int) -> list[Any]:
    fake = FakeAmplifyBackend(seed=seed)
    fake.clock.shift(seconds)
    fake.add_bucket(tour.BUCKET)
    redaction, answers = Redaction(), []

    def call(operation: Any, params: dict[str, Any]) -> dict[str, Any]:
        answer = fake.call(operation, params)
        answers.append((operation, redaction(answer)))
        return answer

    tour.walk(tour.of_all_operations(), call)
    return answers


def test_two_runs_are_the_same() -> None:
    first, second = of_a_run(0, 0), of_a_run("other", 98765)
    assert first == second
    text = json.dumps(first)
    assert "<redacted>" in text
    assert not any(secret in text for secret in ("hidden", "MIGT", "Code {####}"))
