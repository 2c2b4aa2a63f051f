"""What a state file holds from one server to the next: both kinds of file, and the command."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httptools")

from command import asked, create, dump, run, serving
from kept_fake import Kept, names

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._transports import state_file


def given() -> FakeAmplifyBackend:
    """A fake with something of everything that is kept, an unfinished job included."""
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.add_auth("d2")
    fake.add_api("d1")
    fake.add_app("d1", environments=["test", "live"], region="eu-west-1")
    fake.add_bucket("pictures")
    fake.call("CreateToken", {"AppId": "d1"})
    fake.call("DeleteBackend", {"AppId": "d1", "BackendEnvironmentName": "dev"})
    fake.clock.shift(60)
    return fake


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def test_the_next_server_begins_where_the_last_one_ended(path: Path) -> None:
    fake = given()
    with Kept(fake, path) as kept:
        kept.create("d3")
        kept.control("clock", shift=60)
    for _ in range(2):
        again = FakeAmplifyBackend(jobs=progress.manual())
        with Kept(again, path) as kept:
            assert json.dumps(again.dump()) == json.dumps(fake.dump())
            assert json.dumps(kept.file.dump()) == json.dumps(fake.dump())
    assert names(path.parent) == ["state.db"]


def test_levers_are_kept_at_the_end_without_a_request(path: Path) -> None:
    fake = FakeAmplifyBackend()
    with Kept(fake, path):
        fake.add_auth("d1")
        fake.clock.shift(5)
    assert state_file.read(path) == fake.dump()
    fake.add_app("d2")  # after the end nothing follows it any more
    assert [app["app_id"] for app in state_file.read(path)["apps"]] == ["d1"]


def test_other_transports_of_the_fake_are_kept_as_well(path: Path) -> None:
    fake = FakeAmplifyBackend()
    with Kept(fake, path) as kept, fake:
        fake.client().create_backend(AppId="d1", AppName="d1", BackendEnvironmentName="dev")
        assert kept.apps() == ["d1"]


def test_a_fake_that_is_not_served_notes_no_changes(path: Path) -> None:
    fake = given()
    assert fake._backend.state.changes is None
    with Kept(fake, path):
        fake.reset()
        assert fake._backend.state.changes
    assert fake._backend.state.changes is None
    assert fake._backend.keeper is None


def test_a_change_writes_what_changed(path: Path) -> None:
    """Of a hundred environments one is written, and of its app nothing else."""
    fake = FakeAmplifyBackend()
    fake.add_app("d1", environments=[f"e{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(99)])
    with Kept(fake, path) as kept:
        before = written(kept)
        assert kept.create("d1", "dev")[0] == 200
        changed = {key for key, row in written(kept).items() if before.get(key) != row}
    job, bucket = next(iter(fake.jobs)).id, list(fake.dump()["buckets"])[-1]
    assert changed == {
        ("counters",),
        ("job", job),
        ("app", "us-east-1", "d1", "environment", "dev"),
        ("bucket", bucket),
    }


def written(kept: Kept) -> dict[tuple[str, ...], Any]:
    """Each entry of the file with its place."""
    return {key: (place, item) for place, (key, item) in enumerate(kept.file._store.read())}


def test_reads_write_nothing(path: Path) -> None:
    fake = given()
    with Kept(fake, path) as kept:
        before = kept.file._store._database._connection.total_changes
        kept.call("GetBackend", AppId="d1")
        kept.call("ListS3Buckets")
        kept.control("status")
        kept.ask("POST", "/nowhere")
        assert kept.file._store._database._connection.total_changes == before


def test_one_fake_is_kept_in_one_file(path: Path, tmp_path: Path) -> None:
    fake = FakeAmplifyBackend()
    with Kept(fake, path) as kept:
        with pytest.raises(errors.UsageError, match="another server of this fake already keeps"):
            Kept(fake, tmp_path / "other.db").__enter__()
        kept.create("d1")
        assert kept.apps() == ["d1"]
    assert names(path.parent) == ["state.db"]


@pytest.mark.parametrize("given_path", [5, b"state.db", None.__class__, ["state.db"]])
def test_what_is_not_a_path(given_path: Any) -> None:
    with pytest.raises(
        errors.UsageError, match=r"^serve\(\): state_file must be the path of a file, not "
    ):
        FakeAmplifyBackend().serve(state_file=given_path)


def test_the_lock_is_gone_where_the_server_cannot_listen(path: Path) -> None:
    with FakeAmplifyBackend().serve() as other:
        taken = FakeAmplifyBackend().serve(state_file=path, port=other.port)
        with pytest.raises(OSError, match="in use"):
            taken.listen()
    with Kept(FakeAmplifyBackend(), path):
        pass


# ---------------------------------------------------------------- files of the older form


@pytest.mark.parametrize("indent", [None, 2])
def test_a_dump_is_converted_in_place(path: Path, indent: int | None) -> None:
    dumped = given().dump()
    path.write_text(json.dumps(dumped, indent=indent))
    path.chmod(0o640)
    assert state_file.read(path) == dumped  # looking at it does not convert it
    assert json.loads(path.read_text()) == dumped
    with Kept(FakeAmplifyBackend(jobs=progress.manual()), path) as kept:
        assert json.dumps(kept.fake.dump()) == json.dumps(dumped)
        kept.create("d9")
    assert path.read_bytes().startswith(b"SQLite format 3\0")
    assert path.stat().st_mode & 0o777 == 0o640
    assert names(path.parent) == ["state.db"]
    assert state_file.read(path) == kept.fake.dump()


def test_a_conversion_that_fails_leaves_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.dumps(given().dump())
    path.write_text(content)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(errors.UsageError, match=r"state\.db cannot be used: No space left"):
        Kept(FakeAmplifyBackend(), path).__enter__()
    assert path.read_text() == content
    assert names(path.parent) == ["state.db"]


@pytest.mark.parametrize(
    "content",
    [
        *(
            b"",
            b"{",
            b"[]",
            b"null",
            b'{"version": 99}',
            b"[" * 100_000,
            b"\xff\xfe\x00",
            b"\0" * 99,
        ),
        *(b"SQLite", json.dumps({**given().dump(), "clock": None}).encode()),
    ],
)
def test_a_file_that_holds_no_state_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for attempt in (lambda: Kept(FakeAmplifyBackend(), path).__enter__(),
                    lambda: state_file.read(path)):  # fmt: skip
        with pytest.raises(errors.UsageError) as caught:
            attempt()
        said = str(caught.value)
        assert said.startswith(f"the state file {path} cannot be used: it does not hold the state ")
        assert said.endswith(". Nothing was changed; move it away to begin anew.")
    assert path.read_bytes() == content
    assert names(path.parent) == ["state.db"]


# ---------------------------------------------------------------- databases that are not right


def kept_somewhere(path: Path) -> None:
    with Kept(given(), path):
        pass


def changed(path: Path, statement: str) -> None:
    database = sqlite3.connect(path)
    database.execute(statement)
    database.commit()
    database.close()


APP = '["app", "us-east-1", "d1"]'


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("PRAGMA application_id = 0", "it is an SQLite database of another program."),
        ("PRAGMA user_version = 2", "its format is 2, and this version of pytest-amplifybackend "),
        ("DROP TABLE entries", "it is damaged (its table is missing); move it away"),
        ("UPDATE entries SET value = 'x'", "it is damaged (an entry cannot be read: "),
        ("UPDATE entries SET key = '5' WHERE position = 1", "it is damaged (an entry cannot be "),
        ("UPDATE entries SET value = x'ff' WHERE position = 1", "it is damaged (an entry cannot "),
        (f"DELETE FROM entries WHERE key = '{APP}'", "it does not hold the state of a fake."),
        ("DELETE FROM entries WHERE key = '[\"clock\"]'", "it does not hold the state of a fake."),
        ("UPDATE entries SET key = '[]' WHERE position = 3", "it does not hold the state of a "),
        ("UPDATE entries SET value = '5' WHERE key LIKE '[\"job\"%'", "it does not hold the state"),
    ],
)
def test_a_database_that_holds_no_state_is_left_alone(
    path: Path, statement: str, says: str
) -> None:
    kept_somewhere(path)
    changed(path, statement)
    content = path.read_bytes()
    with pytest.raises(errors.UsageError) as caught:
        Kept(FakeAmplifyBackend(), path).__enter__()
    assert f"the state file {path} cannot be used: {says}" in str(caught.value)
    assert path.read_bytes() == content
    assert names(path.parent) == ["state.db"]


@pytest.mark.parametrize("at", [100, 4096, 8192, -200])
def test_a_damaged_database_is_left_alone(path: Path, at: int) -> None:
    kept_somewhere(path)
    content = bytearray(path.read_bytes())
    at %= len(content)
    content[at : at + 64] = b"\xa5" * 64
    path.write_bytes(content)
    with pytest.raises(errors.UsageError, match=r"state\.db cannot be used: it "):
        Kept(FakeAmplifyBackend(), path).__enter__()
    assert path.read_bytes() == content
    assert names(path.parent) == ["state.db"]


def test_half_a_database_is_left_alone(path: Path) -> None:
    kept_somewhere(path)
    content = path.read_bytes()
    for size in (20, 100, 4096, len(content) - 4096):
        path.write_bytes(content[:size])
        with pytest.raises(errors.UsageError, match=r"state\.db cannot be used: "):
            Kept(FakeAmplifyBackend(), path).__enter__()
        assert path.read_bytes() == content[:size]


# ---------------------------------------------------------------- the command


def test_the_command_keeps_its_state(path: Path) -> None:
    with serving(path) as (url, process):
        assert create(url, "d1")[0] == 200
        asked(url, "/_amplifybackend/clock", {"shift": 60})
        dumped = dump(url)
        process.terminate()
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 0
    assert names(path.parent) == ["state.db"]
    code, output, _ = run("dump", path)
    assert (code, json.loads(output)) == (0, dumped)
    with serving(path) as (url, _):
        assert dump(url) == dumped
        code, output, said = run("dump", path)
        assert (code, output) == (2, "")
        assert f"the state file {path} cannot be used: another server is using it. Stop" in said


def test_a_dump_of_what_is_not_there(path: Path) -> None:
    assert run("dump", path) == (2, "", f"amplifybackend-fake: there is no state file {path}.\n")
    path.write_text("{")
    code, _, said = run("dump", path)
    assert code == 2
    assert "it does not hold the state of a fake" in said
