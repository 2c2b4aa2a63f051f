"""Which files can be a state file, and that one server at a time has it."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httptools")

from command import MAIN, create, killed, run, serving
from kept_fake import Kept, apps, names, old_form, refusal

from pytest_amplifybackend import FakeAmplifyBackend

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks and forks are POSIX's")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


# ---------------------------------------------------------------- what cannot be a state file


def test_a_folder_and_other_things(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path / "folder") == "it is a folder."
    os.mkfifo(tmp_path / "fifo")
    assert refusal(tmp_path / "fifo") == "it is not a regular file."
    assert refusal("/dev/null") == "it is not a regular file."
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(tmp_path / "socket"))
        assert refusal(tmp_path / "socket") == "it is not a regular file."
    (tmp_path / "loop").symlink_to("loop")
    assert refusal(tmp_path / "loop") == "it is not a regular file."
    assert refusal(tmp_path / "none" / "state.db") == "No such file or directory."
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file" / "state.db") == "Not a directory."
    assert refusal(f"{tmp_path}/nul\0.db") == "its name has a NUL character."
    before = names(tmp_path)
    for length in (256, 255, 248):  # what lies beside a file has eight more
        assert refusal(tmp_path / ("n" * length)) == "File name too long."
    assert names(tmp_path) == before


def test_the_command_says_so_and_ends_with_two(tmp_path: Path) -> None:
    code, output, said = run("serve", "--state", tmp_path)
    assert (code, output) == (2, "")
    assert said == (
        f"amplifybackend-fake: the state file {tmp_path} cannot be used: it is a folder.\n"
    )
    code, _, said = run("serve", "--state", tmp_path / "none" / "state.db")
    assert code == 2
    assert "No such file or directory." in said


UNPRIVILEGED = f"""
import os, sys, tempfile
sys.path.insert(0, {str(Path(__file__).parent)!r})
from kept_fake import Kept
from pytest_amplifybackend import FakeAmplifyBackend, errors
with tempfile.TemporaryDirectory() as folder:
    def attempt(name):
        try:
            with Kept(FakeAmplifyBackend(), os.path.join(folder, name)):
                print("served")
        except errors.UsageError as error:
            print(str(error).replace(folder, ""))
    attempt("state.db")  # also imports what nobody may not be able to read
    if os.geteuid() == 0:
        for path in (folder, folder + "/state.db"):
            os.chown(path, 65534, 65534)
        os.setgid(65534)
        os.setuid(65534)
    os.chmod(folder + "/state.db", 0)
    attempt("state.db")
    os.chmod(folder + "/state.db", 0o400)
    attempt("state.db")
    os.chmod(folder + "/state.db", 0o600)
    os.chmod(folder, 0o500)
    attempt("state.db")
    attempt("other.db")
    os.chmod(folder, 0)
    attempt("state.db")
    os.chmod(folder, 0o700)
    attempt("state.db")
    os.unlink(folder + "/state.db")
    os.rmdir(folder)
    sys.stdout.flush()
    os._exit(0)
"""


def test_without_permission() -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED], capture_output=True, text=True, timeout=60
    )
    said = "the state file /state.db cannot be used:"
    assert (done.stdout.splitlines(), done.stderr) == (
        [
            "served",
            f"{said} Permission denied.",
            f"{said} Permission denied.",
            f"{said} nothing can be kept beside it (attempt to write a readonly database); the "
            "server needs a folder to write to.",
            f"{said.replace('state.db', 'other.db')} Permission denied.",
            f"{said} Permission denied.",
            "served",
        ],
        "",
    )


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    "name",
    ["a b", "a?mode=ro", "a#b", "%41", "file:a", ":memory:", "é", "日", "a\nb", "-a", "'", '"',
     "a\\b", "a\udcff", "~", "$HOME", "a;b", ".hidden", "*"],
)  # fmt: skip
def test_odd_names(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(2):
        with Kept(FakeAmplifyBackend(), name) as kept:
            kept.create(f"d{number}")
            assert names(tmp_path) == [name, f"{name}-wal"]
    assert names(tmp_path) == [name]
    assert apps(Path(name)) == ["d0", "d1"]


def test_a_relative_path_and_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    monkeypatch.chdir(tmp_path / "one")
    kept = Kept(FakeAmplifyBackend(), "state.db")
    monkeypatch.chdir(tmp_path / "two")
    with kept:
        kept.create("d1")
        monkeypatch.chdir(tmp_path)
        kept.create("d2")
    assert names(tmp_path / "two") == []
    assert apps(tmp_path / "one" / "state.db") == ["d1", "d2"]


# ---------------------------------------------------------------- one server a file


def test_a_second_server_of_this_process(path: Path) -> None:
    with Kept(FakeAmplifyBackend(), path) as kept:
        assert refusal(path) == (
            "another server is using it. Stop that one, or give each server a file of its own."
        )
        kept.create("d1")
        assert refusal(path).startswith("another server is using it.")
        # A descriptor of a file that this process closes takes SQLite's own lock away.
        path.read_bytes()
        code, _, said = run("serve", "--state", path)
        assert (code, "another server is using it." in said) == (2, True)
    assert apps(path) == ["d1"]


def test_a_second_server_of_another_process(path: Path) -> None:
    with serving(path) as (url, process):
        create(url, "d1")
        assert refusal(path).startswith("another server is using it.")
        assert run("dump", path)[0] == 2
        process.terminate()
        process.wait(20)
    assert apps(path) == ["d1"]


def test_a_server_that_was_killed_has_it_no_more(path: Path) -> None:
    killed(path, "d1")
    with Kept(FakeAmplifyBackend(), path) as kept:
        assert kept.apps() == ["d1"]


def test_another_program_that_has_it_open(path: Path) -> None:
    with Kept(FakeAmplifyBackend(), path):
        pass
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert refusal(path) == "another program has it open."
    other.execute("ROLLBACK")
    other.close()
    with Kept(FakeAmplifyBackend(), path):
        program = f"""
import sqlite3
sqlite3.connect({str(path)!r}, timeout=0).execute("SELECT 1 FROM entries")
"""
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
        )
        assert "database is locked" in done.stderr


def test_many_that_start_at_once(path: Path) -> None:
    """One of them makes the file; the others say that it is in use."""
    command = [sys.executable, "-c", MAIN, "serve", "--state", str(path)]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, **pipes) for _ in range(4)]
    with ThreadPoolExecutor(len(started)) as pool:
        waiting = {pool.submit(process.wait): process for process in started}
        try:
            for ended in itertools.islice(as_completed(waiting, timeout=60), 3):
                process = waiting.pop(ended)
                assert process.communicate()[1].count("another server") == 1
                assert process.returncode == 2
            (last,) = waiting.values()
            assert last.stdout is not None
            assert last.stdout.readline().startswith("http://")
        finally:
            for process in started:
                process.kill()
                process.communicate()
    assert apps(path) == []


def test_a_forked_process_leaves_it_alone(path: Path) -> None:
    """The child ends the server's statement as well, by an exception, and collects garbage."""
    program = f"""
import gc, os, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from kept_fake import Kept
from pytest_amplifybackend import FakeAmplifyBackend
fake = FakeAmplifyBackend()
with Kept(fake, {str(path)!r}) as kept:
    assert kept.create("d1")[0] == 200
    child = os.fork()
    if not child:
        fake.add_app("d8")
        assert kept.create("d9")[0] == 200
        sys.exit()
    assert os.waitpid(child, 0)[1] == 0
    assert kept.create("d2")[0] == 200
    gc.collect()
    print(kept.apps(), flush=True)
    os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("['d1', 'd2']\n", "")
    assert done.returncode == -signal.SIGKILL
    assert apps(path) == ["d1", "d2"]


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # the point of the test
def test_a_forked_process_that_lives_longer(path: Path) -> None:
    with Kept(FakeAmplifyBackend(), path) as kept:
        kept.create("d1")
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(write)
            os.read(read, 1)  # until the parent closes its end
            os._exit(0)
        os.close(read)
    with Kept(FakeAmplifyBackend(), path) as kept:
        assert kept.apps() == ["d1"]
    os.close(write)
    os.waitpid(child, 0)


# ---------------------------------------------------------------- moved while it is used


@pytest.mark.parametrize("how", ["moved", "deleted", "replaced"])
def test_a_file_that_is_not_in_its_place_any_more(path: Path, how: str) -> None:
    fake = FakeAmplifyBackend()
    with Kept(fake, path) as kept:
        kept.create("d1")
        aside = path.with_name("aside.db")
        path.rename(aside)
        if how == "replaced":
            path.write_text("something else")
        status, answer = kept.create("d2")
        assert (status, answer) == (
            507,
            {
                "message": f"The state file {path} cannot be written: it was moved, replaced or "
                "deleted. Nothing was changed."
            },
        )
        assert kept.call("GetBackend", AppId="d1")[0] == 200
        assert kept.call("GetBackend", AppId="d2")[0] == 404
        if how != "deleted":
            aside.replace(path)
            assert kept.create("d3")[0] == 200
            assert kept.apps() == ["d1", "d3"]
    if how != "deleted":
        assert apps(path) == ["d1", "d3"]


def test_a_wal_of_a_file_that_is_gone(path: Path) -> None:
    """SQLite would take it for the new file's own, whatever it holds."""
    killed(path, "d1")
    path.unlink()
    side = path.with_name("state.db-wal")
    for _ in range(2):
        assert refusal(path) == (
            f"{side} exists, which belongs to another state file of that name: move it away."
        )
        old_form(path)
    side.unlink()
    with Kept(FakeAmplifyBackend(), path) as kept:
        assert kept.apps() == ["d1"]
