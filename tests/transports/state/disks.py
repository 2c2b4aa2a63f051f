"""Disks that are full for a while."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kept_fake import Kept


class Injected:
    """A disk whose SQLite says that it is full, or that it cannot be read."""

    def __init__(self) -> None:
        self.full = False
        self.unreadable = False

    def under(self, kept: Kept) -> None:
        """Let a server that is running use this disk."""
        database = kept.file._store._database
        database._connection = _Connection(database._connection, self)

    def fill(self) -> None:
        self.full = True

    def free(self) -> None:
        self.full = False


class _Connection:
    """A connection of sqlite3, whose class cannot be patched."""

    def __init__(self, real: sqlite3.Connection, disk: Injected) -> None:
        self._real, self._disk = real, disk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def execute(self, statement: str, *arguments: Any) -> Any:
        if self._disk.full and statement == "COMMIT":
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        if self._disk.unreadable and statement.startswith("SELECT"):
            raise sqlite3.OperationalError("disk I/O error")
        return self._real.execute(statement, *arguments)


class Tmpfs:
    """A real file system of a few hundred kilobytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def under(self, kept: Kept) -> None:
        """Nothing to do: the file is there."""

    def fill(self) -> None:
        with (
            (self.folder / "ballast").open("ab", buffering=0) as ballast,
            contextlib.suppress(OSError),
        ):
            while True:
                ballast.write(bytes(1024))

    def free(self) -> None:
        (self.folder / "ballast").unlink()


@contextlib.contextmanager
def mounted(folder: Path, size: str) -> Iterator[Tmpfs]:
    """A tmpfs on a folder, where this process may mount one."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    try:
        yield Tmpfs(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
