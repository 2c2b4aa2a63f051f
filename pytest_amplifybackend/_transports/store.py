"""Keys and JSON values in a file that one server at a time has: its claim and its database."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._transports import claim, database
from pytest_amplifybackend._transports.claim import Claim
from pytest_amplifybackend._transports.database import Database, Key, Row


class Store:
    """The entries in a file, from :meth:`open` to :meth:`close`.

    It is made for one lock of the caller's: no two threads may be in it at a time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._claim: Claim | None = None
        self._database: Database | None = None
        self._left = False
        self._needed = 0

    # The file

    def open(self) -> list[tuple[Key, Any]] | bytes | None:
        """Claim the file and give its entries, the bytes of one of an older form, or None.

        In the last two cases :meth:`create` is next. Raises UsageError, which names the file
        and says what is wrong; the file is then as it was.
        """
        with self._opening():
            if "\0" in os.fspath(self.path):
                raise errors.UsageError("its name has a NUL character.")
            resolved = Path(os.path.realpath(self.path))
            self._claim = claim.claim(resolved)
            if self._claim is None or not self._claim.head(100).startswith(database.MAGIC):
                _check_alone(resolved)
                return None if self._claim is None else self._claim.read()
            objection = database.objection(self._claim.head(100))
            if objection is not None:
                raise errors.UsageError(objection)
            return self._connected(self._claim).checked()

    def create(self, rows: Iterable[Row]) -> None:
        """Put a database of these entries in the place of what is there; raises UsageError."""
        with self._opening():
            old, resolved = self._claim, Path(os.path.realpath(self.path))
            try:
                self._claim = claim.place(resolved, old, lambda path: database.build(path, rows))
            except FileExistsError:
                raise claim.InUse("another server has just made it.") from None
            if old is not None:
                old.release()
            self._connected(self._claim)

    def _connected(self, claimed: Claim) -> Database:
        """Open the database of a claimed file."""
        claim.check_sides(claimed)
        self._left = any(map(os.path.lexists, claim.sides(claimed.path)))
        self._database = Database(claimed.path)
        self._database.lock()
        claim.check_sides(claimed)  # one may have been put there between
        if not claimed.is_in_place():
            raise errors.UsageError("it was replaced while it was opened.")
        return self._database

    def close(self, *, tidy: bool = False) -> None:
        """Let others have the file; does nothing the second time.

        ``tidy`` leaves nothing beside it; otherwise what was found there stays.
        """
        opened, self._database = self._database, None
        claimed, self._claim = self._claim, None
        if opened is not None:
            opened.close(tidy=tidy or not self._left)
        if claimed is not None:
            claimed.release()

    @contextlib.contextmanager
    def _opening(self) -> Iterator[None]:
        """Let every error be a UsageError that names the file, which is closed again."""
        name = f"the state file {self.path} cannot be used: "
        try:
            yield
        except BaseException as error:
            self.close()
            reason = _reason(error)
            if reason is None:
                raise
            raise errors.UsageError(f"{name}{reason}") from error

    # The entries

    def read(self) -> list[tuple[Key, Any]]:
        """Every entry as it was last written; raises StateNotSaved if the disk has failed."""
        assert self._database is not None
        try:
            return self._database.read()
        except (sqlite3.DatabaseError, ValueError) as error:
            raise errors.StateNotSaved(
                f"The state file {self.path} cannot be read: {error}."
            ) from error

    def write(self, gone: Collection[Key], rows: Collection[Row]) -> None:
        """Remove what begins with one of the keys, then put entries there, all or nothing.

        Raises StateNotSaved.
        """
        size = database.size_of(rows)
        try:
            self._on_disk(size, lambda opened: opened.write(gone, rows))
        except errors.StateNotSaved:
            self._needed = size
            raise

    def check_room(self) -> None:
        """Raise StateNotSaved if the last write failed and one of its size would fail again."""
        if self._needed:
            self._on_disk(self._needed, self._try_again)
            self._needed = 0

    def _try_again(self, opened: Database) -> None:
        assert self._claim is not None
        claim.take_room(self._claim.path.parent, self._needed)
        opened.touch()

    def _on_disk(self, size: int, change: Callable[[Database], None]) -> None:
        """Make a change of about a size; raises StateNotSaved."""
        assert self._database is not None
        try:
            if self._claim is None or not self._claim.is_in_place():
                raise OSError(errno.ENOENT, "it was moved, replaced or deleted")
            change(self._database)
        except (sqlite3.OperationalError, OSError) as error:
            cause = error.strerror if isinstance(error, OSError) else self._cause(error, size)
            raise errors.StateNotSaved(
                f"The state file {self.path} cannot be written: {cause}."
            ) from error

    def _cause(self, error: sqlite3.OperationalError, size: int) -> str:
        """What the system says to a file of that size, which SQLite does not tell."""
        if database.code_of(error) == sqlite3.SQLITE_FULL:
            return os.strerror(errno.ENOSPC)
        try:
            claim.take_room(Path(os.path.realpath(self.path)).parent, size)
        except OSError as cause:
            return str(cause.strerror)
        return str(error)


def _check_alone(resolved: Path) -> None:
    """Refuse to make a database where SQLite would take another one's WAL for its own."""
    for side in claim.sides(resolved):
        with contextlib.suppress(FileNotFoundError):
            os.lstat(side)  # also shows whether the name is too long for one
            raise errors.UsageError(
                f"{side} is there, which belongs to another state file of that name: move it away."
            )


def _reason(error: BaseException) -> str | None:
    """The end of a sentence for what makes a file unusable; None for anything else."""
    if isinstance(error, claim.InUse):
        return f"{error} Stop that one, or give each server a file of its own."
    if isinstance(error, errors.UsageError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror or error}."
    if not isinstance(error, sqlite3.Error):
        return None
    code = database.code_of(error)
    if code == sqlite3.SQLITE_BUSY:
        return "another program has it open."
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        return f"nothing can be kept beside it ({error}); the server needs a folder to write to."
    if isinstance(error, sqlite3.OperationalError):
        return f"{os.strerror(errno.ENOSPC) if code == sqlite3.SQLITE_FULL else error}."
    return f"it is damaged ({error}); move it away to begin anew."
