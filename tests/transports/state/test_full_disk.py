"""A disk that is full: changes are refused and undone, reads go on, and nothing is lost."""

from __future__ import annotations

import contextlib
import gc
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httptools")

from command import asked, create, dump, serving
from disks import Injected, Tmpfs, mounted
from kept_fake import Kept, apps

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress

FULL = "The state file {} cannot be written: No space left on device. Nothing was changed."


@pytest.fixture(params=["injected", "tmpfs"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Injected | Tmpfs]:
    if request.param == "injected":
        yield Injected()
        return
    with mounted(tmp_path, "256k") as small:
        yield small


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def everything(fake: FakeAmplifyBackend) -> Any:
    """All that a refused change must leave alone."""
    return fake.dump(), [job.status for job in fake.jobs], fake.clock.now()


@contextlib.contextmanager
def unchanged(fake: FakeAmplifyBackend) -> Iterator[None]:
    before = everything(fake)
    yield
    assert everything(fake) == before


def refused(kept: Kept, disk: Injected | Tmpfs) -> int:
    """Fill the disk, and make apps until one is refused; gives how many were not."""
    disk.fill()
    made = 0
    while True:
        before = everything(kept.fake)
        status, _ = kept.create(f"dx{made}")
        if status != 200:
            assert status == 507
            assert everything(kept.fake) == before
            return made
        made += 1
        assert made < 100  # a few fit into what SQLite has of the disk already


def test_a_change_that_cannot_be_kept(disk: Injected | Tmpfs, path: Path) -> None:
    fake = FakeAmplifyBackend()
    with Kept(fake, path) as kept:
        disk.under(kept)
        kept.create("d1")
        made = refused(kept, disk)
        calls = len(fake.calls)
        with unchanged(fake):
            status, answer = kept.create("d2")
        assert (status, answer) == (507, {"message": FULL.format(path)})
        assert len(fake.calls) == calls + 1
        assert (fake.calls[-1].operation, fake.calls[-1].response) == ("CreateBackend", None)
        assert isinstance(fake.calls[-1].error, errors.StateNotSaved)
        assert kept.call("GetBackend", AppId="d1")[0] == 200
        assert kept.call("GetBackend", AppId="d2")[0] == 404
        disk.free()
        assert kept.create("d2")[0] == 200
        expected = ["d1", *(f"dx{number}" for number in range(made)), "d2"]
        assert kept.apps() == expected
        assert json.dumps(kept.file.dump()) == json.dumps(fake.dump())
    assert apps(path) == expected


def test_every_change_is_refused_and_every_read_answered(
    disk: Injected | Tmpfs, path: Path
) -> None:
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.add_api("d1")
    job = fake.call("DeleteBackend", {"AppId": "d1", "BackendEnvironmentName": "dev"})["JobId"]
    place = {"AppId": "d1", "BackendEnvironmentName": "dev"}
    with Kept(fake, path) as kept:
        disk.under(kept)
        refused(kept, disk)
        with unchanged(fake):
            for operation, params in (
                ("CreateToken", {"AppId": "d1"}),
                ("CreateBackendConfig", {"AppId": "d1"}),
                ("UpdateBackendJob", {**place, "JobId": job, "Status": "FAILED"}),
                ("RemoveAllBackends", {"AppId": "d1"}),
            ):
                assert kept.call(operation, **params)[0] == 507
            for action, arguments in (
                ("add-app", {"app": "d5"}),
                ("clock", {"shift": 5}),
                ("clock", {"move_to": "2030-01-01"}),
                ("finish", {"job": job}),
                ("advance", {}),
                ("load", {"state": FakeAmplifyBackend().dump()}),
                ("reset", {}),
            ):
                assert kept.control(action, **arguments) == (507, {"message": FULL.format(path)})
            assert kept.call("GetBackend", AppId="d1")[0] == 200
            assert kept.call("GetBackendJob", **place, JobId=job)[0] == 200
            assert kept.call("ListS3Buckets")[0] == 200
            for action in ("status", "dump", "calls", "jobs", "clock"):
                assert kept.control(action)[0] == 200
            assert kept.control("fail", operation="GetToken", error="NotFound") == (200, {})
        disk.free()
        assert kept.control("finish", job=job)[1]["status"] == "COMPLETED"
        assert json.dumps(kept.file.dump()) == json.dumps(fake.dump())


def test_what_is_not_in_the_file_is_put_back_too(path: Path) -> None:
    """The first change after the disk was filled is done, and then undone."""
    fake = FakeAmplifyBackend()
    disk = Injected()
    with Kept(fake, path) as kept:
        disk.under(kept)
        kept.create("d1")
        kept.control("fail", operation="ListS3Buckets", error="NotFound", times=1)
        calls = len(fake.calls)
        disk.fill()
        assert kept.control("reset")[0] == 507
        assert len(fake.calls) == calls
        assert kept.call("ListS3Buckets")[0] == 404
        disk.free()
        assert kept.create("d3")[0] == 200
        fake.jobs.fail_next("CreateBackend", "planned")
        disk.fill()
        assert kept.create("d2")[0] == 507
        disk.free()
        job = kept.create("d2")[1]["jobId"]
        assert fake.jobs[job].error == "planned"


@pytest.mark.parametrize("policy", ["after_reads:1", "after_seconds:60", "immediate"])
def test_what_a_read_moves_on_is_kept_later(
    disk: Injected | Tmpfs, path: Path, policy: str
) -> None:
    fake = FakeAmplifyBackend(jobs=progress.parse(policy))
    place = {"AppId": "d1", "BackendEnvironmentName": "dev"}
    with Kept(fake, path) as kept:
        disk.under(kept)
        job = kept.create("d1")[1]["jobId"]
        refused(kept, disk)
        fake.clock.shift(61)
        read = [kept.call("GetBackendJob", **place, JobId=job)[1]["status"] for _ in range(3)]
        assert read[-1] == "COMPLETED"
        with unchanged(fake):
            assert kept.create("d2")[0] == 507
        assert kept.call("GetBackendJob", **place, JobId=job)[1]["status"] == "COMPLETED"
        disk.free()
        kept.call("GetBackend", **place)
        assert json.dumps(kept.file.dump()) == json.dumps(fake.dump())
    again = FakeAmplifyBackend(jobs=progress.manual())
    with Kept(again, path):
        assert again.jobs[job].status == "COMPLETED"
        assert again.clock.now() == fake.clock.now()


def test_levers_wait_for_room(disk: Injected | Tmpfs, path: Path) -> None:
    """What a test gives is not refused; the call that it would be lost with is."""
    fake = FakeAmplifyBackend()
    with Kept(fake, path) as kept:
        disk.under(kept)
        refused(kept, disk)
        fake.add_api("d8")
        with unchanged(fake):
            assert kept.create("d2")[0] == 507
        assert kept.call("GetBackend", AppId="d8")[0] == 200
        disk.free()
        assert kept.create("d2")[0] == 200
        assert kept.apps()[-2:] == ["d8", "d2"]


def test_the_end_says_what_is_lost(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    disk, fake = Injected(), FakeAmplifyBackend()
    lost = f"The state file {path} cannot be written: No space left on device. What was changed "
    for error in (None, ZeroDivisionError()):
        kept = Kept(fake, path)
        kept.__enter__()
        disk.free()
        disk.under(kept)
        kept.create("d1")
        disk.fill()
        fake.add_app("d2")
        if error is None:
            with pytest.raises(errors.StateNotSaved) as caught:
                kept.__exit__(None, None, None)
            assert str(caught.value) == f"{lost}last is lost."
        else:  # what the test has raised comes first
            kept.__exit__(type(error), error, None)
            assert lost in caplog.text
        assert apps(path) == ["d1"]  # which is free again


def test_a_start_and_an_end_need_no_room(disk: Injected | Tmpfs, path: Path) -> None:
    """What SQLite cannot move into the file stays beside it until there is room."""
    with Kept(FakeAmplifyBackend(), path) as kept:
        disk.under(kept)
        kept.create("d1")
        made = refused(kept, disk)
    expected = ["d1", *(f"dx{number}" for number in range(made))]
    for _ in range(2):
        assert apps(path) == expected
        with Kept(FakeAmplifyBackend(), path) as kept:
            assert kept.call("GetBackend", AppId="d1")[0] == 200
    disk.free()
    with Kept(FakeAmplifyBackend(), path) as kept:
        assert kept.create("d2")[0] == 200
    assert apps(path) == [*expected, "d2"]


def test_in_this_process_it_is_an_error_of_the_service(path: Path) -> None:
    disk, fake = Injected(), FakeAmplifyBackend()
    with Kept(fake, path) as kept, fake:
        disk.under(kept)
        disk.fill()
        with pytest.raises(errors.StateNotSaved, match="No space left on device"):
            fake.call(
                "CreateBackend", {"AppId": "d1", "AppName": "a", "BackendEnvironmentName": "dev"}
            )
        client = fake.client()
        with pytest.raises(client.exceptions.ClientError) as caught:
            client.create_backend(AppId="d1", AppName="a", BackendEnvironmentName="dev")
        assert caught.value.response["Error"]["Code"] == "InsufficientStorageException"
        disk.free()


def test_a_disk_that_cannot_be_read_either(path: Path) -> None:
    """Then memory may hold what was refused, and nothing is answered from it."""
    disk, fake = Injected(), FakeAmplifyBackend()
    with Kept(fake, path) as kept:
        disk.under(kept)
        kept.create("d1")
        disk.fill()
        disk.unreadable = True
        assert kept.create("d2")[0] == 507
        status, answer = kept.call("GetBackend", AppId="d1")
        assert (status, answer["message"]) == (
            507,
            f"The state file {path} cannot be read: disk I/O error. Nothing was changed.",
        )
        disk.free()
        assert kept.control("status")[0] == 507
        assert kept.create("d3")[0] == 507
        disk.unreadable = False
        assert kept.call("GetBackend", AppId="d1")[0] == 200
        assert kept.call("GetBackend", AppId="d2")[0] == 404
        assert kept.create("d3")[0] == 200
    assert apps(path) == ["d1", "d3"]


def test_the_state_is_not_read_again_for_every_refusal(
    disk: Injected | Tmpfs, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeAmplifyBackend()
    with Kept(fake, path) as kept:
        disk.under(kept)
        restored = []
        restore = fake._backend.restore
        monkeypatch.setattr(
            fake._backend, "restore", lambda dumped: (restored.append(1), restore(dumped))
        )
        refused(kept, disk)
        for number in range(50):
            assert kept.create(f"d{number}")[0] == 507
        assert len(restored) <= 2
        disk.free()
        assert kept.create("d1")[0] == 200


def test_refusals_leave_nothing_in_memory(disk: Injected | Tmpfs, path: Path) -> None:
    with Kept(FakeAmplifyBackend(), path, keep_calls=5) as kept:
        disk.under(kept)
        refused(kept, disk)
        for number in range(100):
            assert kept.create(f"d{number}")[0] == 507
            assert kept.control("add-app", app=f"d{number}")[0] == 507
            assert kept.call("ListS3Buckets")[0] == 200
        gc.collect()
        alive = gc.get_objects()
        assert sum(isinstance(item, errors.StateNotSaved) for item in alive) <= 10
        assert not [item for item in alive if isinstance(item, sqlite3.Error)]
        disk.free()


def test_room_that_comes_and_goes(tmp_path: Path, path: Path) -> None:
    """Where a disk has just a little room, an app is made or refused, never half of it."""
    with mounted(tmp_path, "256k") as disk:
        fake = FakeAmplifyBackend()
        made = []
        with Kept(fake, path) as kept:
            for number in range(200):
                if number % 20 == 0:
                    disk.fill()
                if number % 20 == 10:
                    size = (tmp_path / "ballast").stat().st_size
                    with (tmp_path / "ballast").open("r+b") as ballast:
                        ballast.truncate(max(0, size - 8192 * (number // 20)))
                if kept.create(f"d{number}")[0] == 200:
                    made.append(f"d{number}")
                assert [app["app_id"] for app in fake.dump()["apps"]] == made
        assert apps(path) == made
        assert 0 < len(made) < 200


def test_a_conversion_without_room(tmp_path: Path, path: Path) -> None:
    with mounted(tmp_path, "256k") as disk:
        fake = FakeAmplifyBackend()
        fake.add_app("d1")
        path.write_text(json.dumps(fake.dump()))
        disk.fill()
        for _ in range(2):
            with pytest.raises(errors.UsageError, match="No space left on device"):
                Kept(FakeAmplifyBackend(), path).__enter__()
            assert sorted(found.name for found in tmp_path.iterdir()) == ["ballast", "state.db"]
        assert json.loads(path.read_text()) == fake.dump()
        disk.free()
        with Kept(FakeAmplifyBackend(), path) as kept:
            assert kept.apps() == ["d1"]


@pytest.mark.skipif(sys.platform != "linux", reason="sets the limits of another process")
def test_a_limit_on_the_size_of_files(path: Path) -> None:
    """The error is another one (EFBIG), and the command stays the same."""
    import resource

    with serving(path) as (url, process):
        assert create(url, "d1")[0] == 200
        unlimited = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, unlimited[1]))
        before = dump(url)
        status, answer = create(url, "d2")
        assert (status, answer) == (
            507,
            {
                "message": f"The state file {path} cannot be written: File too large. Nothing was "
                "changed."
            },
        )
        assert asked(url, "/_amplifybackend/add-app", {"app": "d3"})[0] == 507
        assert dump(url) == before
        assert asked(url, "/backend/d1/details")[0] == 200
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)
        assert create(url, "d4")[0] == 200
        after = dump(url)
        process.kill()
        process.wait(20)
    assert apps(path) == ["d1", "d4"]
    with serving(path) as (url, process):
        assert dump(url) == after
        process.terminate()
        assert process.wait(20) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="sets the limits of another process")
def test_the_command_says_at_its_end_what_is_lost(path: Path) -> None:
    import resource

    with serving(path, "--jobs", "after_reads:0") as (url, process):
        job = create(url, "d1")[1]["jobId"]
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, hard))
        assert asked(url, f"/backend/d1/job/dev/{job}")[0] in (200, 403, 405)
        status, _ = asked(url, "/_amplifybackend/jobs")
        assert status == 200
        assert asked(url, "/backend/d1/job/dev", {})[1]["jobs"][0]["status"] == "COMPLETED"
        process.terminate()
        output, said = process.communicate(timeout=20)
        assert (process.returncode, output) == (1, "")
        # What measures coverage in that process cannot write its own file either, and says so.
        said = said.partition("Exception ignored in atexit callback")[0]
        assert said == (
            f"amplifybackend-fake: The state file {path} cannot be written: File too large. What "
            "was changed last is lost.\n"
        )
