"""`shopops-preview`: an environment for each pull request, from its clone to its end."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import boto3
import pytest
from pytest_amplifybackend import FakeAmplifyBackend, progress

from shopops.backend import CommandError
from shopops.preview import main, preview_name

REGION = "us-east-1"
PREVIEW = {"AppId": "d1shop", "BackendEnvironmentName": "prebh"}


def preview(command: str, *options: str) -> int:
    """Run a subcommand on the shop."""
    return main([command, "d1shop", "--region", REGION, *options])


@pytest.fixture
def shop(amplifybackend: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """An app with a dev environment to clone, and an environment that is nobody's preview."""
    amplifybackend.add_app("d1shop", name="shop", environments=("dev", "prod"))
    amplifybackend.add_auth("d1shop", "dev", name="shopauth")
    amplifybackend.add_api("d1shop", "dev", name="shopapi")
    return amplifybackend


@pytest.fixture
def client(shop: FakeAmplifyBackend) -> Any:
    """A look at the app from outside."""
    return boto3.client("amplifybackend", region_name=REGION)


def listed(client: Any) -> list[str]:
    """The environments of the app, in alphabetical order."""
    return sorted(client.get_backend(AppId="d1shop")["BackendEnvironmentList"])


def held(client: Any, environment: str) -> set[str]:
    """The categories in which the environment has resources."""
    answer = client.get_backend(AppId="d1shop", BackendEnvironmentName=environment)
    meta = json.loads(answer["AmplifyMetaConfig"])
    return {name for name in ("auth", "api", "storage") if meta.get(name)}


class TestName:
    @pytest.mark.parametrize(
        ("pull_request", "name"), [(0, "pra"), (417, "prebh"), (99999999, "prjjjjjjjj")]
    )
    def test_has_a_letter_for_each_digit(self, pull_request: int, name: str) -> None:
        assert preview_name(pull_request) == name
        assert re.fullmatch(r"[a-z]{2,10}", name)

    def test_has_room_for_eight_digits(self) -> None:
        with pytest.raises(CommandError, match="cannot be named in 10 letters"):
            preview_name(100_000_000)


class TestUp:
    def test_clones_the_source_and_prints_the_outputs_of_the_clone(
        self, shop: FakeAmplifyBackend, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert preview("up", "417") == 0

        assert listed(client) == ["dev", "prebh", "prod"]
        assert held(client, "prebh") == {"auth", "api"}
        variables = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
        source = client.get_backend(AppId="d1shop", BackendEnvironmentName="dev")
        assert variables["GRAPHQL_API_ID"] not in source["AmplifyMetaConfig"]

    @pytest.mark.amplifybackend(jobs=progress.after_seconds(300))
    def test_waits_for_the_job_which_belongs_to_the_clone(
        self, shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
    ) -> None:
        began = shop.clock.now()

        assert preview("up", "417") == 0

        assert shop.clock.now() - began == timedelta(minutes=5)
        shop.assert_called("CloneBackend", times=1, TargetEnvironmentName="prebh")
        shop.assert_called("GetBackendJob", BackendEnvironmentName="prebh")
        assert "USER_POOL_ID=" in capsys.readouterr().out

    def test_a_second_time_only_prints(
        self, shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
    ) -> None:
        preview("up", "417")
        first = capsys.readouterr().out

        assert preview("up", "417") == 0

        assert capsys.readouterr().out == first
        shop.assert_called("CloneBackend", times=1)

    @pytest.mark.amplifybackend(jobs=progress.after_seconds(300))
    def test_joins_a_clone_that_has_not_ended(
        self, shop: FakeAmplifyBackend, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        client.clone_backend(
            AppId="d1shop", BackendEnvironmentName="dev", TargetEnvironmentName="prebh"
        )

        assert preview("up", "417") == 0

        assert "USER_POOL_ID=" in capsys.readouterr().out
        assert [(job.operation, job.status) for job in shop.jobs] == [("CloneBackend", "COMPLETED")]

    def test_refuses_a_source_with_nothing_in_it(
        self, shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert preview("up", "417", "--source", "prod") == 1

        assert "d1shop prod holds no resources" in capsys.readouterr().err
        shop.assert_not_called("CloneBackend")

    def test_refuses_a_source_that_does_not_exist(
        self, shop: FakeAmplifyBackend, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert preview("up", "417", "--source", "staging") == 1

        assert "NotFoundException" in capsys.readouterr().err
        assert listed(client) == ["dev", "prod"]


class TestFailedClone:
    def test_leaves_an_empty_environment(
        self, shop: FakeAmplifyBackend, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shop.jobs.fail_next("CloneBackend", error="The stack limit of the account is reached.")

        assert preview("up", "417") == 1

        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.endswith("failed: The stack limit of the account is reached.\n")
        assert "prebh" in listed(client)
        assert held(client, "prebh") == set()

    def test_is_cleared_away_by_the_next_attempt(
        self, shop: FakeAmplifyBackend, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shop.jobs.fail_next("CloneBackend", error="The stack limit of the account is reached.")
        preview("up", "417")
        capsys.readouterr()

        assert preview("up", "417") == 0

        assert capsys.readouterr().err == "prebh: is empty, starting over\n"
        shop.assert_called("DeleteBackend", times=1, **PREVIEW)
        assert held(client, "prebh") == {"auth", "api"}


class TestDown:
    def test_deletes_the_preview_and_nothing_else(
        self, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        preview("up", "417")
        capsys.readouterr()

        assert preview("down", "417") == 0

        assert capsys.readouterr().out == "prebh: deleted\n"
        assert listed(client) == ["dev", "prod"]
        assert held(client, "dev") == {"auth", "api"}

    def test_of_what_is_not_there_does_nothing(
        self, shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert preview("down", "417") == 0

        assert capsys.readouterr().out == "prebh: is not there\n"
        assert list(shop.jobs) == []

    @pytest.mark.amplifybackend(jobs=progress.after_seconds(120))
    def test_of_a_clone_that_has_not_ended_waits_for_it(
        self, shop: FakeAmplifyBackend, client: Any
    ) -> None:
        client.clone_backend(
            AppId="d1shop", BackendEnvironmentName="dev", TargetEnvironmentName="prebh"
        )

        assert preview("down", "417") == 0

        attempts = shop.calls.of("DeleteBackend")
        assert [bool(call.error) for call in attempts[-2:]] == [True, False]
        assert listed(client) == ["dev", "prod"]

    def test_reports_a_deletion_that_failed(
        self, shop: FakeAmplifyBackend, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        preview("up", "417")
        shop.jobs.fail_next("DeleteBackend", error="The bucket is not empty.")

        assert preview("down", "417") == 1

        assert "The bucket is not empty." in capsys.readouterr().err
        assert "prebh" in listed(client)


class TestPrune:
    @pytest.fixture
    def aged(self, shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]) -> None:
        """Previews that are 20, 16 and 3 days old."""
        for pull_request, days_until_the_next in (("1", 4), ("2", 13), ("3", 3)):
            preview("up", pull_request)
            shop.clock.shift(timedelta(days=days_until_the_next))
        capsys.readouterr()

    @pytest.mark.usefixtures("aged")
    def test_deletes_previews_that_nobody_has_touched(
        self, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert preview("prune", "--days", "14") == 0

        assert sorted(capsys.readouterr().out.splitlines()) == [
            "prb: deleted",
            "prc: deleted",
            "prd: kept, changed 3.0 days ago",
        ]
        assert listed(client) == ["dev", "prd", "prod"]

    @pytest.mark.amplifybackend(jobs=progress.after_seconds(60))
    def test_keeps_an_old_preview_that_was_changed_lately(
        self, shop: FakeAmplifyBackend, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        preview("up", "417")
        shop.clock.shift(timedelta(days=30))
        client.generate_backend_api_models(**PREVIEW, ResourceName="shopapi")
        shop.clock.shift(timedelta(days=1))
        capsys.readouterr()

        assert preview("prune", "--days", "14") == 0

        assert capsys.readouterr().out == "prebh: kept, changed 1.0 days ago\n"

    @pytest.mark.usefixtures("aged")
    def test_dry_run_only_tells(
        self, shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert preview("prune", "--days", "14", "--dry-run") == 0

        assert "prb: would be deleted" in capsys.readouterr().out
        shop.assert_not_called("DeleteBackend")

    @pytest.mark.amplifybackend(jobs=progress.after_seconds(600))
    @pytest.mark.usefixtures("aged")
    def test_deletes_side_by_side(self, shop: FakeAmplifyBackend) -> None:
        began = shop.clock.now()

        assert preview("prune", "--days", "14") == 0

        shop.assert_called("DeleteBackend", times=2)
        assert shop.clock.now() - began == timedelta(minutes=10)

    def test_keeps_a_preview_of_unknown_age(
        self, shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shop.add_app("d1other", name="other", environments=("prj",))

        assert main(["prune", "d1other", "--region", REGION]) == 0

        assert capsys.readouterr().out == "prj: kept, its age is unknown\n"
