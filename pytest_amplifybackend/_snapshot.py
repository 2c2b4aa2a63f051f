"""Snapshots of responses by syrupy: one JSON file each, without secrets and what changes by itself.

``SnapshotExtension`` works with syrupy 5, 6 and 7, by itself too:
``snapshot.use_extension(SnapshotExtension)``. What it leaves to syrupy: matchers and filters, which
see the data as it is and come before the redaction, and the report of unused snapshots.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import hashlib
import json
import os
import re
import warnings
from collections.abc import Callable, Generator, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from syrupy.assertion import SnapshotAssertion
from syrupy.data import SnapshotCollections
from syrupy.extensions.base import AbstractSyrupyExtension
from syrupy.extensions.json import JSONSnapshotExtension

from pytest_amplifybackend import errors
from pytest_amplifybackend._redaction import Redaction, keep
from pytest_amplifybackend._tracebacks import hides_arguments

INI_KEY = "amplifybackend_snapshots"
DEFAULT_FOLDER = "snapshots"
_LONGEST_NAME = 200
_NOT_IN_NAMES = re.compile(r'[\\/?*:|"<>\x00-\x1f\x7f-\x9f]')


class PlacedJSONExtension(JSONSnapshotExtension):
    """JSON in ``<rootdir>/snapshots/<path of the test file>/<name of the test>.json``.

    The ini key ``amplifybackend_snapshots`` names another folder. A name that no file may have,
    or a long one, is changed and ends in a digest, so that no two tests share a file.
    """

    @classmethod
    def dirname(cls, *, test_location: Any) -> str:
        """The folder of a test file's snapshots."""
        item = test_location.item
        home = folder(item.config)
        if Path(item.path).is_relative_to(home):
            raise errors.UsageError(
                f"{INI_KEY} is {_folder_name(item.config)!r}, where tests are too, such as "
                f"{item.path}: snapshots need a folder of their own, such as {DEFAULT_FOLDER!r}."
            )
        return str(home.joinpath(*_test_path(item)))

    @classmethod
    def discovery_dirname(cls, *, test_location: Any) -> str:
        """The folder that is searched for unused snapshots: that of the whole project."""
        return str(folder(test_location.item.config))

    @classmethod
    def get_snapshot_name(cls, *, test_location: Any, index: Any = 0) -> str:
        """The name of a snapshot, and of its file: that of the test, and a number or a name."""
        suffix = f"[{index}]" if isinstance(index, str) else f".{index}" if index else ""
        return file_name(f"{test_location.snapshot_name}{suffix}")

    @classmethod
    def matches_test_location(cls, *, test_location: Any, snapshot_location: str) -> bool:
        """Whether a file is a snapshot of a test (asked by syrupy 7).

        Under xdist the item is a stand-in: it has an id and a path, and does not know the rootdir.
        """
        item, path = test_location.item, Path(snapshot_location)
        above = PurePosixPath(item.nodeid.split("::")[0]).parts[:-1]
        parts = (*(part for part in above if part != ".."), Path(item.path).stem)
        stem = _stem(test_location.snapshot_name)
        if path.parent.parts[-len(parts) :] != parts:
            return False
        return not test_location.is_item_parametrized or _is_of(path.stem, [stem])

    @classmethod
    def write_snapshot(cls, **snapshot: Any) -> None:
        """Write as syrupy does, which would warn of files whose names had to be changed."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"\s*Can not relate snapshot")
            super().write_snapshot(**snapshot)

    def delete_snapshots(self, *, snapshot_location: str, snapshot_names: set[str]) -> None:
        """Delete a file, and its folder with the last one."""
        super().delete_snapshots(snapshot_location=snapshot_location, snapshot_names=snapshot_names)
        home = Path(snapshot_location).parent
        if not any(home.iterdir()):
            home.rmdir()

    def discover_snapshots(
        self, *, test_location: Any, ignore_extensions: list[str] | None = None
    ) -> SnapshotCollections:
        """The snapshots of the test files of this run, and of those that are no longer there.

        A test file that exists and was not collected (ignored, or not asked for) keeps its
        snapshots out of sight, so that no run that leaves it out calls them unused. So does a
        folder that is not named like a test file: its files are not ours. And a run that
        updates snapshots and fails deletes none: some tests may not have come to their snapshots.
        """
        discovered = SnapshotCollections()
        if self.file_extension in (ignore_extensions or ()):
            return discovered
        config, session = test_location.item.config, test_location.item.session
        if config.option.update_snapshots and session.exitstatus:
            return discovered
        root = folder(config)
        stems: dict[Path, list[str]] = {}
        for item in getattr(session, "items", ()):
            home = root.joinpath(*_test_path(item))
            stems.setdefault(home, []).append(_stem(_name_in_file(item.nodeid)))
        by_test = _asks_for_tests(config)
        orphaned = functools.cache(functools.partial(_is_of_no_test, config=config))
        for path in sorted(root.rglob(f"*.{self.file_extension}")):
            if path.parent not in stems:
                claimed = orphaned(path.parent)
            else:  # nothing is known of the other tests in their file
                claimed = not by_test or _is_of(path.stem, stems[path.parent])
            if claimed:
                discovered.add(self.read_snapshot_collection(snapshot_location=str(path)))
        return discovered


class SnapshotExtension(PlacedJSONExtension):
    """The same, redacted: what ``amplifybackend_snapshot`` compares with.

    One instance serves one test. ``known_secrets`` gives secrets that the data itself may not
    name, such as those of the test's fake.
    """

    def __init__(self) -> None:
        self.redaction = Redaction()
        self.known_secrets: Callable[[], Iterable[str]] = tuple

    def serialize(self, data: Any, *, matcher: Any = None, **filters: Any) -> str:
        """The JSON of a snapshot; ``filters`` are syrupy's exclude and include.

        What the matcher puts in the place of a value gets no token: it was chosen to be shown.
        ResponseMetadata, which differs between transports, is left out unless ``include`` asks for
        it. Raises UsageError for a key that is no string, which syrupy would leave out.
        """
        self.redaction.learn(data)
        self.redaction.learn_secrets(self.known_secrets())
        matched = None if matcher is None else _keeping(matcher)
        filters = _by_default(**filters)
        filtered = json.loads(super().serialize(data, matcher=matched, **filters))
        return json.dumps(self.redaction(filtered), indent=2, ensure_ascii=False) + "\n"


def _by_default(*, include: Any = None, exclude: Any = None, **others: Any) -> dict[str, Any]:
    """The filters of a snapshot with what is always left out, and what is never."""

    def excluded(*, prop: Any, path: Any) -> bool:
        if include is None and prop == "ResponseMetadata":
            return True
        return exclude is not None and bool(exclude(prop=prop, path=path))

    def included(*, prop: Any, path: Any) -> bool:
        if include is not None and not include(prop=prop, path=path):
            return False
        if not isinstance(prop, str):
            where = ".".join(str(step) for step, _ in path) or "the top"
            raise errors.UsageError(
                f"amplifybackend_snapshot: the key {prop!r} at {where} is of type "
                f"{type(prop).__name__}; in JSON a key is a string: write {str(prop)!r}, "
                "or leave it out with exclude."
            )
        return True

    return {**others, "exclude": excluded, "include": included}


def _keeping(matcher: Any) -> Any:
    def matched(*, data: Any, path: Any) -> Any:
        made = matcher(data=data, path=path)
        same = made is data or (type(made) is type(data) and made == data)
        return made if same or isinstance(made, _CONTAINERS) else keep(made)

    return matched


_CONTAINERS = (dict, list, tuple, set, frozenset, Generator)


class _Assertion(SnapshotAssertion):
    """syrupy's, whose extensions all have the redaction and the known secrets of one test.

    Those of ``with_defaults``, ``use_extension`` and ``extension_class`` too, which syrupy makes
    anew.
    """

    def __init__(
        self, redaction: Redaction, known_secrets: Callable[[], Iterable[str]], **options: Any
    ) -> None:
        self._redaction, self._known_secrets = redaction, known_secrets
        super().__init__(**options)

    @property
    def extension(self) -> AbstractSyrupyExtension:
        made = super().extension
        if isinstance(made, SnapshotExtension):
            made.redaction, made.known_secrets = self._redaction, self._known_secrets
        return made

    def with_defaults(self, **defaults: Any) -> SnapshotAssertion:
        chosen = {name: value for name, value in defaults.items() if value}
        return _Assertion(self._redaction, self._known_secrets, **{**_options(self), **chosen})

    @hides_arguments
    def assert_match(self, data: Any) -> None:
        assert self == data


def _options(snapshot: SnapshotAssertion) -> dict[str, Any]:
    """What a snapshot of syrupy was made with; the versions differ in it."""
    names = [field.name for field in dataclasses.fields(snapshot) if field.init]
    return {name: getattr(snapshot, name) for name in names}


def for_test(snapshot: Any, known_secrets: Callable[[], Iterable[str]]) -> Any:
    """The ``snapshot`` of a test, made to use a ``SnapshotExtension`` that knows some secrets.

    Raises UsageError for a ``snapshot`` fixture that is not syrupy's, and for a folder with tests.
    """
    if not isinstance(snapshot, SnapshotAssertion):
        raise errors.UsageError(
            "amplifybackend_snapshot needs the fixture snapshot of syrupy; the one that this test "
            f"has is a {type(snapshot).__module__}.{type(snapshot).__name__}."
        )
    PlacedJSONExtension.dirname(test_location=snapshot.test_location)  # before syrupy knows of it
    options = {**_options(snapshot), "extension_class": SnapshotExtension}
    return _Assertion(Redaction(), known_secrets, **options)


def folder(config: Any) -> Path:
    """The folder of all snapshots, by the ini key, below the rootdir unless it is absolute.

    Raises UsageError where that is the rootdir or a folder above it: unused files below the
    folder are deleted on request.
    """
    name = _folder_name(config)
    root = Path(config.rootpath)
    found = Path(os.path.normpath(root / name))
    if root.is_relative_to(found):
        raise errors.UsageError(
            f"{INI_KEY} is {name!r}: snapshots need a folder of their own below the rootdir "
            f"{root}, such as {DEFAULT_FOLDER!r}."
        )
    return found


def _folder_name(config: Any) -> str:
    try:
        return str(config.getini(INI_KEY))
    except (KeyError, ValueError):  # the plugin is switched off, and with it the key
        return DEFAULT_FOLDER


def file_name(name: str) -> str:
    """A name that a file can have, as readable as may be; different names stay different."""
    stem = _stem(name)
    if stem == name:
        return name
    return f"{stem}~{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _stem(name: str) -> str:
    clean = _NOT_IN_NAMES.sub("-", name).encode("utf-8", "replace").decode()
    while len(clean.encode()) > _LONGEST_NAME:
        clean = clean[:-1]
    return clean


def _test_path(item: Any) -> tuple[str, ...]:
    """The parts of a test file's path, without its suffix, from the rootdir.

    For a file that is not below it, from the first folder above the rootdir that contains both. The
    id of the test will not do: its path depends on the arguments of the run.
    """
    path = Path(item.path).with_suffix("")
    above = (up for up in _upwards(item.config) if path.is_relative_to(up))
    return path.relative_to(next(above, path.anchor)).parts


def _upwards(config: Any) -> tuple[Path, ...]:
    """The rootdir, and the folders above it."""
    root = Path(config.rootpath)
    return root, *root.parents


def _asks_for_tests(config: Any) -> bool:
    """Whether a run was asked for single tests, by their ids or for having failed."""
    by_id = any("::" in argument for argument in config.args)
    return by_id or any(config.getoption(name, default=False) for name in ("lf", "stepwise"))


def _name_in_file(nodeid: str) -> str:
    """A test's name with those of its classes, as syrupy writes it."""
    path, _, test = nodeid.partition("[")
    names = path.split("::")[1:]
    return ".".join(names) + (f"[{test}" if test else "")


def _is_of(stem: str, tests: Iterable[str]) -> bool:
    """Whether a file is a snapshot of one of some tests: their name, perhaps with an ending."""
    return any(
        stem == test or stem.startswith((f"{test}.", f"{test}[", f"{test}~")) for test in tests
    )


def _is_of_no_test(home: Path, config: Any) -> bool:
    """Whether a folder is named like that of a test file, and the test file is not there."""
    place = home.relative_to(folder(config))
    if not place.parts:
        return False
    named = (place, *place.parents[:-1])
    if any(_is_module(up / part) for up in _upwards(config) for part in named):
        return False  # the test file, or one that something else keeps a folder in a folder for
    return any(fnmatch.fnmatch(f"{place.name}.py", glob) for glob in config.getini("python_files"))


def _is_module(path: Path) -> bool:
    return any(path.with_name(f"{path.name}{end}").exists() for end in (".py", ".pyi"))
