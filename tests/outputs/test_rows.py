"""AmplifyMetaConfig as counted in public files, member by member.

Each test holds two hundred backends of many shapes to what 167 amplify-meta.json files of
2018 to 2026 have, as far as those since 2022 agree: orders, forms, and which member is
there when. What varies in the files has to vary here.
"""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from drawn import Drawn
from rows import CLOCK, HEX, instant, of

from pytest_amplifybackend import FakeAmplifyBackend


class TestProviders:
    def test_are_first_and_have_nine_members_in_one_order(self, backends: list[Drawn]) -> None:
        for one in backends:
            assert next(iter(one.meta)) == "providers"
            assert list(one.meta["providers"]) == ["awscloudformation"]
            assert list(one.stack) == [
                "AuthRoleName",
                "UnauthRoleArn",
                "AuthRoleArn",
                "Region",
                "DeploymentBucketName",
                "UnauthRoleName",
                "StackName",
                "StackId",
                "AmplifyAppId",
            ]

    def test_of_a_stack(self, backends: list[Drawn]) -> None:
        for one in backends:
            name = one.stack["StackName"]
            assert re.fullmatch(
                rf"amplify-[a-z0-9]{{1,20}}-{one.environment}-(?:{CLOCK}|{HEX})", name
            )
            at = f"arn:aws:cloudformation:{one.region}:123456789012:stack/{name}/"
            assert one.stack["StackId"].startswith(at)
            assert one.stack["DeploymentBucketName"] == f"{name}-deployment"
            assert one.stack["AuthRoleName"] == f"{name}-authRole"
            assert one.stack["UnauthRoleArn"].endswith(f":role/{name}-unauthRole")
            assert one.stack["AmplifyAppId"] == one.app_id

    def test_a_stack_has_a_version_1_uuid_of_its_creation(self, backends: list[Drawn]) -> None:
        for one in backends:
            found = uuid.UUID(one.stack["StackId"].rpartition("/")[2])
            made = datetime(1582, 10, 15, tzinfo=UTC) + timedelta(microseconds=found.time // 10)
            assert found.version == 1
            assert abs(made - one.fake.clock.now()) < timedelta(milliseconds=2)

    def test_suffixes_are_times_with_and_without_a_ten_and_hexadecimal(
        self, backends: list[Drawn]
    ) -> None:
        suffixes = [one.suffix for one in backends]
        times = [suffix for suffix in suffixes if re.fullmatch(CLOCK, suffix)]

        assert 50 < len(times) < 150
        assert {len(suffix) for suffix in times} == {5, 6}
        assert len({suffix for suffix in suffixes if re.search("[a-f]", suffix)}) > 50


def test_environments_of_one_fake_differ_in_their_suffixes() -> None:
    fake = FakeAmplifyBackend()
    names = [f"env{chr(97 + number)}" for number in range(12)]
    fake.add_app("d1shop", environments=names)
    kinds = set()
    for name in names:
        place = {"AppId": "d1shop", "BackendEnvironmentName": name}
        meta = json.loads(fake.call("GetBackend", place)["AmplifyMetaConfig"])
        suffix = meta["providers"]["awscloudformation"]["StackName"].rsplit("-", 1)[-1]
        kinds.add((len(suffix), suffix.isdigit()))

    assert {(6, True), (5, False), (5, True)} == kinds


ENTRIES = {
    ("auth", False): [
        *("service", "providerPlugin", "dependsOn", "customAuth", "frontendAuthConfig"),
        *("providerMetadata", "lastPushTimeStamp", "output", "lastPushDirHash"),
    ],
    ("auth", True): [
        *("service", "serviceType", "providerPlugin", "dependsOn", "customAuth", "output"),
        *("frontendAuthConfig", "lastPushTimeStamp"),
    ],
    ("api", False): [
        *("service", "providerPlugin", "dependsOn", "output", "providerMetadata"),
        *("lastPushTimeStamp", "lastPushDirHash"),
    ],
    ("storage", False): [
        *("service", "providerPlugin", "dependsOn", "lastPushTimeStamp", "providerMetadata"),
        *("output", "lastPushDirHash"),
    ],
    ("storage", True): [
        *("service", "serviceType", "providerPlugin", "dependsOn", "output"),
        "lastPushTimeStamp",
    ],
}


@pytest.mark.parametrize(("kind", "members"), ENTRIES.items(), ids=str)
def test_an_entry_has_its_members_in_the_order_of_a_fresh_push(
    backends: list[Drawn], kind: tuple[str, bool], members: list[str]
) -> None:
    found = [list(one.entry(kind[0])) for one in of(backends, kind[0], imported=kind[1])]

    assert found
    assert all(names == members for names in found)


def test_categories_come_in_the_order_of_adding(backends: list[Drawn]) -> None:
    for one in backends:
        assert list(one.meta) == ["providers", *one.configs]
    assert len({tuple(one.meta) for one in backends}) >= 6


@pytest.mark.parametrize(
    ("family", "template"),
    [
        ("auth", "{name}-cloudformation-template.json"),
        ("api", "cloudformation-template.json"),
        ("storage", "cloudformation-template.json"),
    ],
)
def test_a_push(backends: list[Drawn], family: str, template: str) -> None:
    for one in of(backends, family):
        entry, name = one.entry(family), one.name(family)
        bucket = one.stack["DeploymentBucketName"]
        folder = f"https://s3.amazonaws.com/{bucket}/amplify-cfn-templates/{family}"
        assert entry["providerMetadata"] == {
            "s3TemplateURL": f"{folder}/{template.format(name=name)}",
            "logicalId": f"{family}{name}",
        }
        assert re.fullmatch(r"[A-Za-z0-9+/]{27}=", entry["lastPushDirHash"])
        instant(entry["lastPushTimeStamp"])


class TestStorage:
    def test_managed(self, backends: list[Drawn]) -> None:
        for one in of(backends, "storage"):
            entry = one.entry("storage")
            assert entry["dependsOn"] == []
            assert list(entry["output"]) == ["BucketName", "Region"]
            assert entry["output"]["Region"] == one.region
            given = one.configs["storage"].get("BucketName", r"[a-z0-9]{1,20}?[0-9a-f]{27,32}")
            assert re.fullmatch(
                f"{given}{one.suffix}-{one.environment}", entry["output"]["BucketName"]
            )

    def test_imported(self, backends: list[Drawn]) -> None:
        for one in of(backends, "storage", imported=True):
            entry = one.entry("storage")
            output = {"BucketName": one.configs["storage"]["bucket"], "Region": one.region}
            assert (entry["dependsOn"], entry["output"]) == ([], output)
            assert re.fullmatch(r"[a-z0-9]{1,20}[0-9a-f]{8}", one.name("storage"))


def test_everything_is_compact_json(backends: list[Drawn]) -> None:
    for one in backends:
        for text in (one.answer["AmplifyMetaConfig"], one.answer["AmplifyFeatureFlags"]):
            assert json.dumps(json.loads(text), separators=(",", ":")) == text
