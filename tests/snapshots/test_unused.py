"""What syrupy says of unused snapshots, and which files no run may touch; xdist."""

from __future__ import annotations

from importlib import metadata

import pytest
from volume import full_only

pytest.importorskip("syrupy")

ONE = """
def test_one(amplifybackend_snapshot):
    assert {"Status": "one"} == amplifybackend_snapshot
"""
TWO = ONE.replace("one", "two")
NUMBER = 100
MANY = """
import pytest

@pytest.mark.parametrize("number", range(NUMBER))
def test_many(amplifybackend_snapshot, number):
    assert {"Number": number} == amplifybackend_snapshot
"""


def two_of_three(project) -> None:
    """Three snapshots, of two tests of one file and of one of another."""
    project.write(tests__test_a=ONE + TWO, tests__test_b=ONE)
    project.update()
    assert len(project.files) == 3


def test_the_snapshot_of_a_test_that_is_gone(project) -> None:
    two_of_three(project)
    project.write(tests__test_a=ONE)
    for path in ([], ["tests/test_a.py"]):
        result = project.run(*path)
        assert result.ret == 1
        result.stdout.fnmatch_lines(["*passed. 1 snapshot unused.*"])
    assert len(project.files) == 3
    project.update()
    assert [file.rpartition("tests/")[2] for file in project.files] == [
        "test_a/test_one.json",
        "test_b/test_one.json",
    ]
    assert project.run().ret == 0


def test_the_snapshots_of_a_file_that_is_gone(project) -> None:
    two_of_three(project)
    project.path.joinpath("tests/test_b.py").unlink()
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*1 snapshot unused.*"])
    project.update()
    assert len(project.files) == 2
    assert not project.path.joinpath("snapshots/tests/test_b").exists()


@pytest.mark.parametrize(
    "options",
    [
        ["tests/test_a.py"],
        ["tests/test_a.py::test_one"],
        ["--ignore=tests/test_b.py"],
        ["-k", "two"],
        ["--deselect=tests/test_b.py::test_one"],
    ],
    ids=" ".join,
)
def test_what_was_not_asked_for_is_not_unused(project, options: list[str]) -> None:
    two_of_three(project)
    assert project.run(*options).ret == 0
    project.update(*options)
    assert len(project.files) == 3


@pytest.mark.parametrize("option", ["--lf", "--sw"])
def test_passed_tests_that_are_left_out_keep_their_snapshots(project, option: str) -> None:
    two_of_three(project)
    project.write(tests__test_a=ONE + TWO.replace('{"Status": "two"}', '{"Status": "other"}'))
    assert project.run(option).ret != 0
    project.update(option)
    assert len(project.files) == 3


@pytest.mark.parametrize("options", [[], ["-x"]], ids=["to the end", "stopped"])
def test_an_update_that_fails_deletes_nothing(project, options: list[str]) -> None:
    two_of_three(project)
    broken = TWO.replace("    assert", "    raise OSError\n    assert")
    project.write(tests__test_a=ONE + broken, tests__test_b=ONE)
    assert project.run("--snapshot-update", *options).ret == 1
    assert len(project.files) == 3


def test_files_of_one_name_in_two_folders(project) -> None:
    project.write(a__test_x=ONE, b__test_x=TWO)
    project.update("--import-mode=importlib")
    assert project.files == [
        "snapshots/a/test_x/test_one.json",
        "snapshots/b/test_x/test_two.json",
    ]
    for path in ("a/test_x.py", "b"):
        project.update("--import-mode=importlib", path)
    assert len(project.files) == 2


def test_a_skipped_test_keeps_its_snapshot(project) -> None:
    if metadata.version("syrupy").startswith("5."):
        pytest.skip("syrupy 5 calls the snapshot of a skipped test unused, with any extension")
    two_of_three(project)
    skipped = "import pytest\n\n@pytest.mark.skip" + TWO
    project.write(tests__test_a=ONE + skipped)
    assert project.run().ret == 0
    project.update()
    assert len(project.files) == 3


def test_other_files_are_left_alone(project) -> None:
    two_of_three(project)
    for path in ("snapshots/schema.json", "snapshots/data/one.json", "snapshots/tests/x.json"):
        project.path.joinpath(path).parent.mkdir(exist_ok=True)
        project.path.joinpath(path).write_text("{}")
    assert project.run().ret == 0
    project.update()
    assert len(project.files) == 6


def test_a_folder_in_the_folder_of_a_test_file_is_left_alone(project) -> None:
    two_of_three(project)
    home = project.path / "snapshots/tests/test_b"
    for name in ("test_one", "test_two"):  # as other tools have it: a folder for each test
        home.joinpath(name).mkdir()
        home.joinpath(name, "answer.json").write_text("{}")
    assert project.run().ret == 0
    project.update()
    assert len(project.files) == 5


@full_only
def test_each_of_many_tests_keeps_its_file(project) -> None:
    pytest.importorskip("xdist")
    project.write(test_many=MANY.replace("NUMBER", str(NUMBER)))
    for _ in ("written", "written anew"):
        result = project.run_on_two("--snapshot-update")
        assert result.ret == 0, result.outlines
        assert result.parseoutcomes()["passed"] == NUMBER
        assert len(project.files) == NUMBER
        project.write(
            test_many=MANY.replace("NUMBER", str(NUMBER)).replace('": number', '": -number')
        )
    assert project.run().ret == 0
    for number in (1, 17, NUMBER - 1):
        file = f"snapshots/test_many/test_many[{number}].json"
        assert project.read(file) == {"Number": -number}


@full_only
def test_unused_snapshots_under_xdist(project) -> None:
    pytest.importorskip("xdist")
    if metadata.version("syrupy").startswith("5.0."):
        pytest.skip("syrupy 5.0 does not look for unused snapshots under xdist")
    two_of_three(project)
    project.write(tests__test_a=ONE)
    for path in ([], ["tests/test_a.py"]):
        result = project.run_on_two(*path)
        assert result.ret == 1
        result.stdout.fnmatch_lines(["*1 snapshot unused.*"])
    assert len(project.files) == 3
