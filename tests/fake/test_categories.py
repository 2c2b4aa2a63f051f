"""Entries of AmplifyMetaConfig that no operation makes: where they stand, and what keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors

APP = "d1shop"
DEV = {"AppId": APP, "BackendEnvironmentName": "dev"}
LAMBDA = {
    "build": True,
    "service": "Lambda",
    "dependsOn": [],
    "output": {"Arn": "arn:aws:lambda:us-east-1:123456789012:function:resize-dev"},
}
REST = {"service": "API Gateway", "output": {"RootUrl": "https://x.example/dev"}}
GROUPS = {"service": "Cognito-UserPool-Groups", "output": {}}
FAMILIES = {"auth": "Auth", "api": "API", "storage": "Storage"}


def meta(fake: FakeAmplifyBackend, environment: str = "dev") -> dict[str, Any]:
    place = {**DEV, "BackendEnvironmentName": environment}
    found: dict[str, Any] = json.loads(fake.call("GetBackend", place)["AmplifyMetaConfig"])
    return found


def names(fake: FakeAmplifyBackend, environment: str = "dev") -> dict[str, list[str]]:
    found = meta(fake, environment)
    return {name: list(found[name]) for name in found if name != "providers"}


@pytest.fixture
def fake() -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    fake.add_auth(APP, name="users")
    fake.add_api(APP, name="orders")
    return fake


@pytest.fixture
def mixed(fake: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """Others' entries before, between and after the fake's own."""
    fake.add_category("function", {"resize": LAMBDA}, before="api")
    fake.add_category("api", {"rest": REST}, before="orders")
    fake.add_category("auth", {"userPoolGroups": GROUPS})
    fake.add_category("hosting", {})
    return fake


MIXED = {
    "auth": ["users", "userPoolGroups"],
    "function": ["resize"],
    "api": ["rest", "orders"],
    "hosting": [],
}


def test_an_entry_is_shown_as_it_is(fake: FakeAmplifyBackend) -> None:
    fake.add_category("function", {"resize": LAMBDA})

    assert list(meta(fake)) == ["providers", "auth", "api", "function"]
    assert json.dumps(meta(fake)["function"]) == json.dumps({"resize": LAMBDA})


class TestOrder:
    def test_of_everything(self, mixed: FakeAmplifyBackend) -> None:
        assert list(names(mixed).items()) == list(MIXED.items())

    def test_what_an_operation_makes_later_comes_later(self) -> None:
        fake = FakeAmplifyBackend()
        fake.add_app(APP)
        fake.add_category("api", {"rest": REST})
        fake.add_auth(APP, name="users")
        fake.add_api(APP, name="orders")
        fake.add_storage(APP, name="media")

        assert list(names(fake).items()) == [
            ("api", ["rest", "orders"]),
            ("auth", ["users"]),
            ("storage", ["media"]),
        ]

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ({}, ["a", "orders", "b", "new"]),
            ({"before": "a"}, ["new", "a", "orders", "b"]),
            ({"after": "a"}, ["a", "new", "orders", "b"]),
            ({"before": "orders"}, ["a", "new", "orders", "b"]),
            ({"after": "orders"}, ["a", "orders", "new", "b"]),
            ({"before": "b"}, ["a", "orders", "new", "b"]),
            ({"after": "b"}, ["a", "orders", "b", "new"]),
        ],
    )
    def test_among_the_entries_of_a_category(
        self, fake: FakeAmplifyBackend, where: Any, expected: list[str]
    ) -> None:
        fake.add_category("api", {"a": REST}, before="orders")
        fake.add_category("api", {"b": REST})

        fake.add_category("api", {"new": REST}, **where)

        assert names(fake)["api"] == expected

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ({"before": "auth"}, ["new", "auth", "function", "api"]),
            ({"after": "auth"}, ["auth", "new", "function", "api"]),
            ({"before": "function"}, ["auth", "new", "function", "api"]),
            ({"after": "function"}, ["auth", "function", "new", "api"]),
            ({"after": "api"}, ["auth", "function", "api", "new"]),
        ],
    )
    def test_among_the_categories(
        self, fake: FakeAmplifyBackend, where: Any, expected: list[str]
    ) -> None:
        fake.add_category("function", {"resize": LAMBDA}, after="auth")

        fake.add_category("new", {"one": REST}, **where)

        assert list(names(fake)) == expected


class TestAreKept:
    def test_by_deletes(self, mixed: FakeAmplifyBackend) -> None:
        mixed.call("DeleteBackendAPI", {**DEV, "ResourceName": "orders"})
        mixed.call("DeleteBackendAuth", {**DEV, "ResourceName": "users"})

        assert names(mixed) == {**MIXED, "auth": ["userPoolGroups"], "api": ["rest"]}

    def test_with_their_places_where_a_deleted_one_is_made_anew(
        self, mixed: FakeAmplifyBackend
    ) -> None:
        mixed.call("DeleteBackendAPI", {**DEV, "ResourceName": "orders"})
        assert names(mixed)["api"] == ["rest"]
        mixed.add_category("api", {"second": REST})
        mixed.add_api(APP, name="orders")

        assert list(names(mixed)) == list(MIXED)
        assert names(mixed)["api"] == ["rest", "second", "orders"]

    @pytest.mark.parametrize("family", ["auth", "api", "storage"])
    def test_where_they_are_while_another_is_deleted_and_made_anew(
        self, fake: FakeAmplifyBackend, family: str
    ) -> None:
        if family == "storage":  # which would keep auth from being deleted
            fake.add_storage(APP, name="media")
        fake.add_category("function", {"resize": LAMBDA}, before="auth")
        fake.add_category("hosting", {}, after="function")
        fake.add_category("zz", {}, after=family)
        fake.add_category("yy", {}, before="zz")
        ordered = [name for name in names(fake) if name != family]
        name = names(fake)[family][0]

        place = {**DEV, "ResourceName": name}
        more = {"ServiceName": "S3"} if family == "storage" else {}
        delete: Any = f"DeleteBackend{FAMILIES[family]}"
        fake.call(delete, {**place, **more})
        assert list(names(fake)) == ordered

        getattr(fake, f"add_{family}")(APP, name=name)
        assert list(names(fake)) == [*ordered, family]

    def test_in_a_clone_without_what_is_imported(self) -> None:
        fake = FakeAmplifyBackend()
        pool = {"UserPoolId": "us-east-1_a1B2c3D4e", "WebClientId": "w", "NativeClientId": "n"}
        fake.add_auth(APP, imported=pool)
        fake.add_api(APP, name="orders")
        fake.add_category("zz", {}, after="auth")
        fake.call("CloneBackend", {**DEV, "TargetEnvironmentName": "test"})
        assert list(names(fake, "test")) == ["zz", "api"]

        fake.add_auth(APP, "test", name="users")
        assert list(names(fake, "test")) == ["zz", "api", "auth"]

    def test_by_clones(self, mixed: FakeAmplifyBackend) -> None:
        mixed.call("CloneBackend", {**DEV, "TargetEnvironmentName": "test"})
        assert names(mixed, "test") == MIXED
        mixed.add_category("function", {"other": LAMBDA})

        assert list(names(mixed, "test").items()) == list(MIXED.items())

    def test_by_dump_and_load(self, mixed: FakeAmplifyBackend) -> None:
        other = FakeAmplifyBackend()
        other.load(json.loads(json.dumps(mixed.dump())))

        assert other.dump() == mixed.dump()
        assert json.dumps(meta(other)) == json.dumps(meta(mixed))

    def test_by_a_state_file(self, mixed: FakeAmplifyBackend, tmp_path: Any) -> None:
        pytest.importorskip("httptools", reason="a server needs the http extra")
        path = tmp_path / "state"
        with mixed.serve(state_file=path):
            mixed.add_category("notifications", {"push": {"service": "Pinpoint"}})
        other = FakeAmplifyBackend()
        with other.serve(state_file=path):
            assert names(other) == {**MIXED, "notifications": ["push"]}

    def test_by_a_dump_without_any(self, fake: FakeAmplifyBackend) -> None:
        """A dump of an earlier version has no member for them."""
        dumped = fake.dump()
        for environment in dumped["apps"][0]["environments"].values():
            del environment["categories"]
        other = FakeAmplifyBackend()
        other.load(dumped)

        assert names(other) == {"auth": ["users"], "api": ["orders"]}

    def test_but_not_by_the_end_of_their_environment(self, mixed: FakeAmplifyBackend) -> None:
        mixed.call("DeleteBackend", DEV)
        mixed.call("CreateBackend", {**DEV, "AppName": "shop"})

        assert names(mixed) == {}


class TestWhere:
    def test_a_missing_app_and_environment_are_added(self, fake: FakeAmplifyBackend) -> None:
        fake.add_category("function", {"resize": LAMBDA}, app_id="d2", environment="test")
        answer = fake.call("GetBackend", {"AppId": "d2", "BackendEnvironmentName": "test"})

        assert "function" in json.loads(answer["AmplifyMetaConfig"])

    def test_the_only_app_of_a_region_is_meant(self, fake: FakeAmplifyBackend) -> None:
        fake.add_app("d2", region="eu-west-1")
        fake.add_category("function", {"resize": LAMBDA}, region="eu-west-1")

        place = {"AppId": "d2", "BackendEnvironmentName": "dev"}
        answer = fake.call("GetBackend", place, region="eu-west-1")
        assert "function" in json.loads(answer["AmplifyMetaConfig"])
        assert "function" not in names(fake)

    @pytest.mark.parametrize("apps", [[], ["d1", "d2"]])
    def test_no_app_is_guessed(self, apps: list[str]) -> None:
        fake = FakeAmplifyBackend()
        for app in apps:
            fake.add_app(app)
        there = "the apps d1, d2" if apps else "no app"

        with pytest.raises(errors.UsageError) as refused:
            fake.add_category("function", {})

        assert str(refused.value) == (
            f"add_category(): app_id must be an app's id, since the fake has {there} in us-east-1."
        )


BAD: list[tuple[str, Any, Mapping[str, Any], str]] = [
    ("providers", {}, {}, "category 'providers' is of the environment's stack, which add_app()"),
    ("", {}, {}, "category must not be empty."),
    ("\ud800", {}, {}, "category contains a lone surrogate"),
    ("function", [LAMBDA], {}, "entries must be a dict, not a value of type list."),
    ("function", {1: LAMBDA}, {}, "entries must have strings as keys, not 1."),
    ("function", {"": LAMBDA}, {}, "entries must not have an empty name among its entries."),
    ("function", {"resize": "x"}, {}, "entries['resize'] must be a dict with the members"),
    ("function", {"resize": {}}, {}, "entries['resize'] must have a 'service', such as 'Lambda'."),
    ("function", {"resize": {"service": 1}}, {}, "entries['resize'] must have a 'service'"),
    ("f", {"a": {"service": "x", "y": float("nan")}}, {}, "entries must be JSON-ready, but JSON"),
    ("f", {"a": {"service": "x", "y": {1, 2}}}, {}, "entries must be JSON-ready, but JSON has no"),
    ("f", {"a": {"service": "\udfff"}}, {}, "entries contains a lone surrogate (U+DFFF), which"),
    ("auth", {"x": {"service": "Cognito"}}, {}, "entries['x'] is of service 'Cognito': add_auth()"),
    ("api", {"x": {"service": "AppSync"}}, {}, "entries['x'] is of service 'AppSync': add_api()"),
    ("storage", {"x": {"service": "S3"}}, {}, "entries['x'] is of service 'S3': add_storage()"),
    ("api", {"orders": REST}, {}, "entries 'orders' is there already: each entry of api has its"),
    ("f", {}, {"before": "g"}, "before must name a category ('auth', 'api'), not 'g'."),
    (
        "api",
        {"x": REST},
        {"after": "auth"},
        "after must name an entry of api ('orders'), not",
    ),
    ("f", {}, {"before": "auth", "after": "api"}, "after cannot be combined with before."),
    ("f", {}, {"before": 5}, "before must be a string, not 5."),
    ("f", {}, {"app_id": "shop"}, "app_id 'shop' must be 'd' and 1 to 19"),
    (
        "f",
        {},
        {"environment": "test", "after": "auth"},
        "after must name a category (none yet)",
    ),
    ("f", {}, {"environment": "PROD"}, "environment 'PROD': Environment name must be"),
    ("f", {}, {"region": "mars"}, "region"),
]


@pytest.mark.parametrize(("category", "entries", "more", "says"), BAD)
def test_bad_input_is_refused_with_a_sentence(
    fake: FakeAmplifyBackend, category: str, entries: Any, more: Any, says: str
) -> None:
    before = fake.dump()

    with pytest.raises(errors.UsageError) as refused:
        fake.add_category(category, entries, **more)

    assert str(refused.value).startswith(f"add_category(): {says}")
    assert fake.dump() == before


def test_an_entry_that_has_the_name_of_a_new_resource_is_in_its_way() -> None:
    fake = FakeAmplifyBackend()
    fake.add_app(APP)
    fake.add_category("auth", {"users": GROUPS})

    with pytest.raises(errors.UsageError, match="users already exists in the category auth"):
        fake.add_auth(APP, name="users")

    assert names(fake) == {"auth": ["users"]}


def test_values_are_taken_over_as_json_has_them(fake: FakeAmplifyBackend) -> None:
    class Name(str):
        __slots__ = ()

    entry = {"service": Name("Lambda"), "dependsOn": ({"category": "api"},)}
    fake.add_category("function", {"resize": entry})
    entry["service"] = "changed"

    assert meta(fake)["function"] == {
        "resize": {"service": "Lambda", "dependsOn": [{"category": "api"}]}
    }
    dumped = fake.dump()["apps"][0]["environments"]["dev"]["categories"]["function"]
    assert type(dumped["entries"]["resize"]["service"]) is str


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("ahead", 5),
        ("ahead", -1),
        ("behind", [1]),
        ("entries", {"orders": REST}),
        ("entries", {"x": {"service": "AppSync"}}),
        ("entries", {"x": {}}),
    ],
)
def test_a_damaged_dump_of_them_is_refused(
    mixed: FakeAmplifyBackend, member: str, value: Any
) -> None:
    dumped = mixed.dump()
    dumped["apps"][0]["environments"]["dev"]["categories"]["api"][member] = value

    with pytest.raises(errors.UsageError, match="this is damaged: the category api"):
        FakeAmplifyBackend().load(dumped)
