"""What each argument may be: unusual values that are accepted, and the sentences for the others."""

from __future__ import annotations

import enum
import itertools
import json
from collections import UserDict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any
from unittest import mock

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._service import presets


class Text(str):
    """A string with something on it."""

    __slots__ = ()


class Number(enum.IntEnum):
    TWO = 2


class Numpy:
    """A whole number that is no ``int``, as those of numpy."""

    def __index__(self) -> int:
        return 2


def _apps(fake: FakeAmplifyBackend) -> list[dict[str, Any]]:
    return list(fake.dump()["apps"])


# ---------------------------------------------------------------- accepted


def a_generator() -> Iterator[str]:
    yield from ("dev", "prod")


@pytest.mark.parametrize(
    "environments",
    [
        *(["dev", "prod"], ("dev", "prod"), a_generator(), {"prod", "dev"}),
        *(["dev", "prod", "dev"], [Text("dev"), "prod"], UserDict(dev=1, prod=2).keys()),
    ],
    ids=["list", "tuple", "generator", "set", "twice", "subclass", "keys"],
)
def test_environments_in_any_form(environments: Any) -> None:
    fake = FakeAmplifyBackend()
    fake.add_app("d1", environments=environments)
    assert list(_apps(fake)[0]["environments"]) == ["dev", "prod"]


@pytest.mark.parametrize("name", ["\0", "\ud800", "x" * 100_000, Text("shop"), "Größe\n"])
def test_names_of_apps_are_any_text(name: str) -> None:
    fake = FakeAmplifyBackend()
    fake.add_app(Text("d1"), name=name, region=Text("us-gov-west-1"))
    (app,) = _apps(fake)
    assert app["name"] == name
    assert {type(app[key]) for key in ("app_id", "name", "region")} == {str}
    other = FakeAmplifyBackend()
    other.load(json.loads(json.dumps(fake.dump())))
    assert other.dump() == fake.dump()


@pytest.mark.parametrize("times", [2, Number.TWO, Numpy()])
def test_whole_numbers_of_any_type(times: Any) -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_reads(times))
    fake.fail("ListS3Buckets", errors.BadRequest(), times=times, after=times)
    outcomes = []
    for _ in range(6):
        try:
            fake.call("ListS3Buckets")
        except errors.BadRequest:
            outcomes.append("failed")
        else:
            outcomes.append("passed")
    assert outcomes == [*["passed"] * 2, *["failed"] * 2, *["passed"] * 2]


@pytest.mark.parametrize("by", [2, 2.0, Number.TWO, Numpy(), timedelta(seconds=2)])
def test_seconds_of_any_type(by: Any) -> None:
    fake = FakeAmplifyBackend()
    fake.clock.shift(by)
    assert fake.clock.now() == datetime(2024, 1, 1, 0, 0, 2, tzinfo=UTC)
    assert type(fake.dump()["clock"]) is int


@pytest.mark.parametrize("make", [dict, UserDict, MappingProxyType])
def test_mappings_of_any_type(make: Callable[[dict[str, Any]], Any]) -> None:
    fake = FakeAmplifyBackend()
    fake.add_auth("d1", config=make({**presets.AUTH_CONFIG}))
    fake.add_app("d1", environments=["test"])
    fake.fail("GetBackend", errors.BadRequest("no"), when=make({"AppId": "d1"}))
    with pytest.raises(errors.BadRequest, match="no"):
        fake.call("GetBackend", make({"AppId": "d1"}))
    fake.override("GetBackend", make({"AppName": "mine"}))
    assert fake.call("GetBackend", {"AppId": "d1"}) == {"AppName": "mine"}
    other = FakeAmplifyBackend()
    other.load(make(fake.dump()))
    assert other.dump() == fake.dump()


def test_what_is_equal_to_anything_matches_it() -> None:
    fake = FakeAmplifyBackend()
    fake.add_app("d1")
    fake.fail("GetBackend", errors.BadRequest("no"), when={"AppId": mock.ANY})
    with pytest.raises(errors.BadRequest, match="no"):
        fake.call("GetBackend", {"AppId": "d1"})
    fake.assert_called("GetBackend", AppId=mock.ANY)


def test_an_error_is_taken_as_it_is() -> None:
    fake = FakeAmplifyBackend()
    error = errors.BadRequest("first")
    fake.fail("ListS3Buckets", error)
    error.message = "second"
    with pytest.raises(errors.BadRequest) as caught:
        fake.call("ListS3Buckets")
    assert caught.value.message == "first"


@pytest.mark.parametrize("seed", [0, -(2**63), 2**63 - 1, "", "shop", "Größe", "\0", Text("shop")])
def test_seeds(seed: Any) -> None:
    made = [FakeAmplifyBackend(seed=seed) for _ in range(2)]
    for fake in made:
        fake.add_app("d1")
    assert made[0].dump() == made[1].dump()


def test_a_client_of_a_region_that_aws_does_not_have_is_served() -> None:
    """A program with an endpoint of its own may call its region what it likes."""
    fake = FakeAmplifyBackend()
    with fake:
        import boto3

        client = boto3.client(
            "amplifybackend", region_name="local", endpoint_url="http://localhost:4566"
        )
        client.create_backend(AppId="d1", AppName="shop", BackendEnvironmentName="dev")
        assert client.get_backend(AppId="d1")["AppName"] == "shop"
    other = FakeAmplifyBackend()
    other.load(json.loads(json.dumps(fake.dump())))
    assert other.dump() == fake.dump()
    assert _apps(other)[0]["region"] == "local"


# ---------------------------------------------------------------- rejected


def cyclic() -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["AppId"] = made
    return made


REGION = "must be the name of an AWS region, such as 'us-east-1', not"
WRONG: list[tuple[Callable[[FakeAmplifyBackend], Any], str]] = [
    (lambda fake: fake.add_app("d1", region=5), f"add_app(): region {REGION} 5."),
    (lambda fake: fake.add_app("d1", region=b"x"), f"add_app(): region {REGION} b'x'."),
    (
        lambda fake: fake.add_app("d1", region=("us-east-1",)),
        f"add_app(): region {REGION} a tuple.",
    ),
    (lambda fake: fake.add_app("d1", region=""), f"add_app(): region {REGION} ''."),
    (lambda fake: fake.call("ListS3Buckets", region=True), f"call(): region {REGION} True."),
    (lambda fake: fake.client(5), f"client(): region_name {REGION} 5."),
    (lambda fake: fake.add_bucket(5), "add_bucket(): name must be a string, not 5."),
    (
        lambda fake: fake.add_bucket("a b"),
        "add_bucket(): name 'a b' must be 1 to 255 letters, digits and any of '.', '-' and '_'.",
    ),
    (
        lambda fake: fake.add_app("d" + "1" * 99),
        f"add_app(): app_id 'd{'1' * 99}' must be 'd' and 1 to 19 lower-case letters or digits "
        "(rule id.app).",
    ),
    (
        lambda fake: fake.add_app("d1", environments=b"dev"),
        "add_app(): environments must be a list of strings, not b'dev'.",
    ),
    (
        lambda fake: fake.add_app("d1", environments={"dev": 1}),
        "add_app(): environments must be a list of strings, not a dict.",
    ),
    (
        lambda fake: fake.add_app("d1", environments=["dev", None]),
        "add_app(): environments must be a list of strings, not a list with None in it.",
    ),
    (
        lambda fake: fake.add_app("d1", environments=itertools.repeat("dev")),
        "add_app(): environments must contain at most 10,000 names.",
    ),
    (
        lambda fake: fake.add_auth("d1", config={}),
        "add_auth(): config is missing AuthResources, UserPoolConfigs, Service.",
    ),
    (
        lambda fake: fake.add_auth("d1", config={5: "x"}),
        "add_auth(): config must have strings as keys, not 5.",
    ),
    (
        lambda fake: fake.add_auth("d1", name="x", imported={}),
        "add_auth(): name cannot be combined with imported.",
    ),
    (
        lambda fake: fake.add_auth("d1", imported={"AppId": "d2"}),
        "add_auth(): imported must not contain AppId: pass it as app_id.",
    ),
    (lambda fake: fake.add_api("d1", name=5), "add_api(): name must be a string, not 5."),
    (
        lambda fake: fake.add_api("d1", environment="Dev"),
        "add_api(): environment 'Dev': Environment name must be between 2 and 10 characters, and "
        "lowercase only (letters a to z, no digits) (rule name.environment).",
    ),
    (
        lambda fake: fake.add_api("nope"),
        "add_api(): app_id 'nope' must be 'd' and 1 to 19 lower-case letters or digits "
        "(rule id.app).",
    ),
    (
        lambda fake: fake.add_storage("d1", bucket=""),
        "add_storage(): bucket must not be empty.",
    ),
    (
        lambda fake: fake.add_storage("d1", bucket="x", name="y"),
        "add_storage(): name cannot be combined with bucket.",
    ),
    (
        lambda fake: fake.call("GetBackend", cyclic()),
        "call('GetBackend'): params must not be nested more than 64 levels deep, or contain "
        "itself.",
    ),
    (
        lambda fake: fake.call("GetBackend", {"AppId": b"d1"}),
        "call('GetBackend'): params.AppId must be a string, not b'd1'.",
    ),
    (
        lambda fake: fake.call("GetBackend", {"AppId": "d1", "App": 1}),
        "call('GetBackend'): params has no member 'App': did you mean 'AppId'?",
    ),
    (
        lambda fake: fake.fail("GetBackend", errors.BadRequest(), times=True),
        "fail(): times must be a whole number from 0, not True.",
    ),
    (
        lambda fake: fake.fail("GetBackend", errors.BadRequest(), after=10**5000),
        "fail(): after must be a whole number from 0, not a whole number of 16610 bits.",
    ),
    (
        lambda fake: fake.fail("GetBackend", errors.BadRequest(), when={"AppId": 5}),
        "fail('GetBackend'): when.AppId must be a string, not 5.",
    ),
    (
        lambda fake: fake.fail("GetBackend", errors.BadRequest(), when=[("AppId", "d1")]),
        "fail('GetBackend'): when must be a dict, not a value of type list.",
    ),
    (
        lambda fake: fake.fail("GetBackend", errors.ServiceError("no")),
        "fail(): error.code must be a string, not None.",
    ),
    (
        lambda fake: fake.fail(5, errors.BadRequest()),
        "operation must be a string, not 5.",
    ),
    (
        lambda fake: fake.delay("GetBackend", seconds=float("inf")),
        "delay(): seconds must be a number of seconds from 0 to 1,000,000,000, not inf.",
    ),
    (
        lambda fake: fake.delay("GetBackend", seconds="3"),
        "delay(): seconds must be a number of seconds from 0 to 1,000,000,000, not '3'.",
    ),
    (
        lambda fake: fake.override("GetBackend", cyclic()),
        "override('GetBackend'): response must not be nested more than 64 levels deep, or contain "
        "itself.",
    ),
    (
        lambda fake: fake.assert_called("GetBackend", times=1.5),
        "assert_called(): times must be a whole number from 0, not 1.5.",
    ),
    (lambda fake: errors.NotFound(5), "errors.NotFound(): message must be a string, not 5."),
    (
        lambda fake: errors.NotFound(resource_type={"a": [1]}),
        "errors.NotFound(): resource_type must be a string, not a dict.",
    ),
    (
        lambda fake: errors.TooManyRequests(limit_type=True),
        "errors.TooManyRequests(): limit_type must be a string, not True.",
    ),
    (lambda fake: fake.jobs.finish(5), "jobs.finish(): job_id must be a string, not 5."),
    (
        lambda fake: fake.jobs["x" * 999],
        f"jobs[...]: job_id '{'x' * 60}'... (999 characters) is not the id of a job; there are no "
        "jobs.",
    ),
    (
        lambda fake: fake.jobs.fail_next("DeleteBackend", 5),
        "jobs.fail_next(): error must be a string, not 5.",
    ),
    (
        lambda fake: fake.clock.shift(True),
        "clock.shift(): by must be a number of seconds from -1,000,000,000 to 100,000,000,000, "
        "not True.",
    ),
    (
        lambda fake: fake.clock.shift(timedelta.min),
        "clock.shift(): by must be a number of seconds from -1,000,000,000 to 100,000,000,000, "
        "not datetime.timedelta(days=-999999999).",
    ),
    (
        lambda fake: [fake.clock.shift(-(10**9)) for _ in range(99)],
        "clock.shift(): by must leave the clock between the years 1 and 9999: -1000000000 does "
        "not.",
    ),
    (
        lambda fake: fake.clock.move_to("2024-01-01"),
        "clock.move_to(): when must be a datetime, not '2024-01-01'.",
    ),
    (
        lambda fake: fake.clock.move_to(
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1), "CET"))
        ),
        "clock.move_to(): when must leave the clock between the years 1 and 9999: "
        "datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone(datetime.timedelta("
        "seconds=3600), 'CET')) does not.",
    ),
    (
        lambda fake: fake._backend.clock.restore(1.5),
        "clock.restore(): milliseconds must be a whole number from -62135596800000 to "
        "253402300799999, not 1.5.",
    ),
    (lambda fake: fake.load([]), "load(): dumped must be a dict, not a value of type list."),
    (
        lambda fake: fake.load({"version": True}),
        "load() takes what dump() gave, version 1; this has version True.",
    ),
    (
        lambda fake: fake.load({**fake.dump(), "clock": float("nan")}),
        "load(): dumped must be JSON-ready, but JSON has no nan.",
    ),
    (
        lambda fake: fake.load({**fake.dump(), "more": object()}),
        "load(): dumped must be JSON-ready, but JSON has no type object.",
    ),
    (
        lambda fake: fake.load({**fake.dump(), "clock": "5"}),
        "load() takes what dump() gave; this is damaged: the clock is of type str. "
        "Nothing was loaded.",
    ),
    (
        lambda fake: fake.load(
            {name: value for name, value in fake.dump().items() if name != "clock"}
        ),
        "load() takes what dump() gave; this is damaged: it has no 'clock'. Nothing was loaded.",
    ),
    (
        lambda fake: fake.load({**fake.dump(), "counters": {"stack": "x" * 10_000}}),
        f"load() takes what dump() gave; this is damaged: the counter 'stack' is '{'x' * 173}... "
        "Nothing was loaded.",
    ),
    (lambda fake: fake.serve(host=5), "serve(): host must be a string, not 5."),
    (lambda fake: fake.serve(host=""), "serve(): host must not be empty."),
    (
        lambda fake: fake.serve(port=70_000),
        "serve(): port must be from 0 (pick a free port) to 65535, not 70000.",
    ),
    (
        lambda fake: fake.serve(port=True),
        "serve(): port must be from 0 (pick a free port) to 65535, not True.",
    ),
    (
        lambda fake: fake.serve(allowed_hosts="fake.test"),
        "serve(): allowed_hosts must be a list of strings, not 'fake.test': write ['fake.test'].",
    ),
    (
        lambda fake: fake.serve(state_file=""),
        "serve(): state_file must be the path of a file, not ''.",
    ),
    (
        lambda fake: fake.serve(keep_calls=0),
        "serve(): keep_calls must be a whole number from 1, not 0.",
    ),
    (
        lambda fake: fake.attach("client"),
        "only clients of amplifybackend can be attached or detached, not 'client'.",
    ),
]


@pytest.mark.parametrize(("act", "sentence"), WRONG, ids=[sentence[:50] for _, sentence in WRONG])
def test_a_wrong_argument_is_one_sentence_and_changes_nothing(
    fake: FakeAmplifyBackend, act: Callable[[FakeAmplifyBackend], Any], sentence: str
) -> None:
    before = fake.dump()
    with pytest.raises(errors.UsageError) as caught:
        act(fake)
    assert str(caught.value) == sentence
    if "years 1 and 9999: -1000000000" not in sentence:  # of many shifts, the first ones are good
        assert fake.dump() == before


OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"seed": 2**63}, f"seed must be a whole number of 64 bits or a string, not {2**63}."),
    ({"seed": "\ud800"}, "seed contains a lone surrogate (U+D800), which UTF-8 cannot encode."),
    ({"moto": 1}, "moto must be True or False, not 1."),
    ({"region": "local"}, f"region {REGION} 'local'."),
    (
        {"verify_signatures": {"key": 5}},
        "the secret key of 'key' must be a string that is not empty, not a int.",
    ),
    (
        {"verify_signatures": "key"},
        "verify_signatures must be a dict, not a value of type str.",
    ),
    (
        {"provisioner": 5},
        "provisioner must be an instance of a Provisioner, not 5, which has no keep_off.",
    ),
]


@pytest.mark.parametrize(("options", "sentence"), OPTIONS, ids=str)
def test_a_wrong_option_is_one_sentence(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(errors.InvalidArgument) as caught:
        FakeAmplifyBackend(**options)
    assert str(caught.value) == f"FakeAmplifyBackend(): {sentence}"
    assert caught.value.method == "FakeAmplifyBackend"


def test_an_integer_that_no_json_can_hold() -> None:
    """It used to be accepted with the request, and to make a state that cannot be dumped."""
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.add_app("d1")
    keys = {"Mode": "API_KEY", "Settings": {"ExpirationTime": 10**5000}}
    place = {"AppId": "d1", "BackendEnvironmentName": "dev", "ResourceName": "api"}
    config = {**presets.API_CONFIG, "DefaultAuthType": keys}
    with pytest.raises(errors.BadRequest, match="a whole number of 16610 bits: must be a finite"):
        fake.call("CreateBackendAPI", {**place, "ResourceConfig": config})
    with pytest.raises(errors.BadRequest, match="a whole number of 16610 bits: must be a whole"):
        fake.call(
            "ListBackendJobs",
            {"AppId": "d1", "BackendEnvironmentName": "dev", "MaxResults": 10**5000},
        )
    json.dumps(fake.dump())


class HalfWay(Exception):
    """What a user's provisioner raises."""


def test_a_provisioner_that_breaks_half_way_leaves_nothing_behind() -> None:
    fake = FakeAmplifyBackend()
    made = fake._backend.provisioner
    create = made.create_environment

    def break_at_the_second(place: Any) -> dict[str, Any]:
        if place.environment == "prod":
            raise HalfWay
        return create(place)

    before = fake.dump()
    with mock.patch.object(made, "create_environment", break_at_the_second), pytest.raises(HalfWay):
        fake.add_app("d1", environments=["dev", "prod"])
    after = fake.dump()
    assert (after["apps"], after["counters"]) == (before["apps"], before["counters"])


def test_a_bucket_name_is_given_once() -> None:
    fake = FakeAmplifyBackend()
    fake.add_app("d1")
    (bucket,) = fake.dump()["buckets"]
    other = FakeAmplifyBackend()
    other.add_bucket(bucket)
    other.add_app("d1")
    assert len(other.dump()["buckets"]) == 2
