"""What a state file shows to others, and what it can be led to read or overwrite."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httptools")

from command import killed
from kept_fake import Kept, apps, names, old_form, refusal

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports.store import Database

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")

VICTIM = "precious"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


# ---------------------------------------------------------------- modes and owners


def test_a_new_file_is_its_owners_alone(path: Path, umask: int) -> None:
    with Kept(FakeAmplifyBackend(), path) as kept:
        kept.create("d1")
        found = {item.name: mode(item) for item in path.parent.iterdir()}
    assert found == {"state.db": 0o600, "state.db-wal": 0o600}
    assert mode(path) == 0o600


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("given", [0o600, 0o640, 0o666, 0o700, 0o400 | 0o200])
def test_a_file_keeps_its_mode_and_owner(path: Path, umask: int, given: int, old: bool) -> None:
    old_form(path)
    if not old:
        with Kept(FakeAmplifyBackend(), path):
            pass
    path.chmod(given)
    if os.geteuid() == 0:
        os.chown(path, 4321, 1234)
    before = path.stat()
    for app in ("d2", "d3"):
        with Kept(FakeAmplifyBackend(), path) as kept:
            kept.create(app)
            wal = path.with_name("state.db-wal").stat()
            assert (wal.st_mode, wal.st_uid) == (before.st_mode, before.st_uid)
        after = path.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (
            before.st_mode,
            before.st_uid,
            before.st_gid,
        )
    assert apps(path) == ["d1", "d2", "d3"]


def test_nothing_is_readable_to_others_at_any_moment(tmp_path: Path) -> None:
    """As the system saw it: every file that is made or opened has its mode from the beginning."""
    program = f"""
import os, sys, builtins
made = os.open
def noted(path, flags, mode=0o777, **options):
    descriptor = made(path, flags, mode, **options)
    if flags & os.O_CREAT and str({str(tmp_path)!r}) in str(path):
        print(oct(os.fstat(descriptor).st_mode & 0o777), bool(flags & os.O_EXCL),
              bool(flags & os.O_NOFOLLOW))
    return descriptor
os.open = noted
os.umask(0)
from pytest_amplifybackend import FakeAmplifyBackend
with FakeAmplifyBackend().serve(state_file={str(tmp_path / "state.db")!r}):
    pass
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("0o600 True True\n", "")


# ---------------------------------------------------------------- links


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("there", [False, True])
def test_a_link_is_followed_and_stays(tmp_path: Path, there: bool, old: bool) -> None:
    target, link = tmp_path / "there" / "real.db", tmp_path / "link.db"
    target.parent.mkdir()
    if there:
        old_form(target)
        if not old:
            with Kept(FakeAmplifyBackend(), target):
                pass
    link.symlink_to(Path("there", "real.db"))
    with Kept(FakeAmplifyBackend(), link) as kept:
        kept.create("d2")
    assert link.is_symlink()
    assert not target.is_symlink()
    assert apps(target) == apps(link) == (["d1", "d2"] if there else ["d2"])
    assert [item.name for item in target.parent.iterdir()] == ["real.db"]


@pytest.mark.parametrize("first", ["link.db", "real.db"])
def test_what_a_kill_left_is_found_through_a_link(tmp_path: Path, first: str) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "real.db", tmp_path / "link.db"
    with Kept(FakeAmplifyBackend(), target):
        pass
    link.symlink_to(target)
    used, other = (link, target) if first == "link.db" else (target, link)
    killed(used, "d1", "d2")
    assert (tmp_path / "there" / "real.db-wal").stat().st_size
    with Kept(FakeAmplifyBackend(), other) as kept:
        assert kept.apps() == ["d1", "d2"]
    assert link.is_symlink()
    assert names(tmp_path) == ["link.db", "there"]


@pytest.mark.parametrize("state", ["new", "old", "database"])
@pytest.mark.parametrize("side", ["-wal", "-journal", "-shm"])
@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "fifo"])
def test_a_trap_beside_it_is_not_stepped_into(path: Path, state: str, side: str, kind: str) -> None:
    if state != "new":
        old_form(path)
    if state == "database":
        with Kept(FakeAmplifyBackend(), path):
            pass
    content = path.read_bytes() if path.exists() else None
    victim, trap = path.with_name("victim"), path.with_name(f"state.db{side}")
    if kind == "folder":
        trap.mkdir()
    elif kind == "fifo":
        os.mkfifo(trap)
    else:
        trap.symlink_to(victim)
    if kind == "link":
        victim.write_text(VICTIM)
        victim.chmod(0o644)
    assert str(trap) in refusal(path)
    if kind == "link":
        assert victim.read_text() == VICTIM
        assert mode(victim) == 0o644
    assert victim.exists() == (kind == "link")
    assert (path.read_bytes() if path.exists() else None) == content
    trap.rmdir() if kind == "folder" else trap.unlink()
    with Kept(FakeAmplifyBackend(), path) as kept:
        kept.create("d2")


def test_a_wal_that_others_can_read_is_not_written(path: Path) -> None:
    """A folder such as /tmp lets others put files there, which they could read afterwards."""
    with Kept(FakeAmplifyBackend(), path):
        pass
    side = path.with_name("state.db-wal")
    side.touch(0o644)
    side.chmod(0o644)
    assert refusal(path) == (
        f"{side} beside it is open to more users than the file: look at it, and move it away."
    )
    side.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(side, 4321, 4321)
        assert "beside it belongs to another user" in refusal(path)
        os.chown(side, 0, 0)
    os.link(side, path.with_name("elsewhere"))
    assert "beside it has more than one name" in refusal(path)
    path.with_name("elsewhere").unlink()
    with Kept(FakeAmplifyBackend(), path):
        pass


def test_a_wal_put_there_while_it_is_opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite itself follows no link, and what it has opened is looked at again."""
    from pytest_amplifybackend._transports import locked_file

    with Kept(FakeAmplifyBackend(), path):
        pass
    victim, side = path.with_name("victim"), path.with_name("state.db-wal")
    victim.write_text(VICTIM)
    check = locked_file.check_sides

    def late(claimed: locked_file.LockedFile) -> None:
        check(claimed)
        if not os.path.lexists(side):
            plant(victim, side)

    monkeypatch.setattr(locked_file, "check_sides", late)
    plant: Any = os.symlink
    assert "unable to open database file" in refusal(path)
    side.unlink(missing_ok=True)  # Python 3.11 cannot keep SQLite from tidying up
    plant = os.link
    assert "beside it is open to more users" in refusal(path)
    side.unlink(missing_ok=True)
    victim.chmod(0o600)
    assert "beside it has more than one name" in refusal(path)
    assert victim.read_text() == VICTIM


def test_the_name_that_earlier_versions_wrote_to_is_not_followed(path: Path) -> None:
    victim, new = path.with_name("victim"), path.with_name("state.db.new")
    victim.write_text(VICTIM)
    new.symlink_to(victim)
    old_form(path)
    with Kept(FakeAmplifyBackend(), path) as kept:
        kept.create("d2")
    assert victim.read_text() == VICTIM
    assert new.is_symlink()


def test_two_names_of_one_file(path: Path) -> None:
    with Kept(FakeAmplifyBackend(), path):
        pass
    os.link(path, path.with_name("other.db"))
    assert refusal(path).startswith("it has 2 names (hard links), and ")
    path.with_name("other.db").unlink()
    with Kept(FakeAmplifyBackend(), path):
        pass


@pytest.mark.skipif(sys.version_info < (3, 12), reason="SQLite tidies up at every close before")
def test_looking_at_what_a_kill_left_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(path, "d1")
    side = path.with_name("state.db-wal")
    before = path.read_bytes(), side.read_bytes()
    assert apps(path) == ["d1"]
    assert (path.read_bytes(), side.read_bytes()) == before

    def damaged(_: Database) -> None:
        raise sqlite3.DatabaseError("a page is missing")

    monkeypatch.setattr(Database, "checked", damaged)
    assert refusal(path) == "it is damaged (a page is missing); move it away to begin anew."
    assert (path.read_bytes(), side.read_bytes()) == before
