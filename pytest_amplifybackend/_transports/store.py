"""A file of keys and JSON values, in SQLite, that one server at a time has.

A change is one transaction, which writes a few pages however large the file is, and is on the
disk when it ends (WAL, ``synchronous=FULL``). The lock is exclusive from the beginning to the
end, so that there is no file of shared memory.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._transports import locked_file
from pytest_amplifybackend._transports.locked_file import LockedFile

Key = tuple[str, ...]
Row = tuple[Key, str]
"""A key and the JSON of its value."""

_MAGIC = b"SQLite format 3\0"
"""What every SQLite file begins with."""

_APPLICATION_ID = int.from_bytes(b"AmpB", "big")
"""By which the header says whose database it is."""

_FORMAT = 1
"""The layout of the tables, in SQLite's ``user_version``."""

_TABLE = """
CREATE TABLE entries (position INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value TEXT NOT NULL)
"""
"""``position`` keeps the order in which entries were made, as a dict does."""

_PAGE = 4096
_WAL_KEPT = 4 * 1024 * 1024
"""Bytes of the WAL that stay on the disk after it was as large as a whole new state."""

_SETTINGS = (
    "locking_mode = EXCLUSIVE",  # first: it decides where SQLite keeps the WAL's index
    "journal_mode = WAL",
    "synchronous = FULL",
    "fullfsync = ON",  # macOS, where an fsync alone does not outlive a power cut
    "temp_store = MEMORY",
    f"journal_size_limit = {_WAL_KEPT}",
)


def _objection(header: bytes) -> str | None:
    """What is wrong with the first 100 bytes of a SQLite file, before SQLite has touched it."""
    owner, version = (int.from_bytes(header[at : at + 4], "big") for at in (68, 60))
    if owner != _APPLICATION_ID:
        return "it is an SQLite database of another program."
    if version != _FORMAT:
        return f"its format is {version}, and this version of pytest-amplifybackend has {_FORMAT}."
    return None


def _build(path: Path, rows: Iterable[Row]) -> None:
    """Fill an empty file with a database. Nothing is read beside it, and nothing is left there."""
    with contextlib.closing(_connected(path)) as connection:
        for setting in ("locking_mode = EXCLUSIVE", "journal_mode = MEMORY", "synchronous = OFF"):
            connection.execute(f"PRAGMA {setting}").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {_FORMAT}")
        _put(connection, rows)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()


class Database:
    """An open database, to be locked first; no two threads may be in it at a time.

    Every method raises what sqlite3 raises.
    """

    def __init__(self, path: Path) -> None:
        self._process = os.getpid()
        self._connection = _connected(path)
        _checkpoint_at_close(self._connection, False)

    def lock(self) -> None:
        """Take the lock, and keep it until the end."""
        for setting in _SETTINGS:
            self._connection.execute(f"PRAGMA {setting}").fetchall()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("COMMIT")

    def close(self, *, tidy: bool) -> None:
        """End; ``tidy`` moves the WAL into the file and removes it.

        Python 3.11 knows no way to leave it. In a forked process nothing is closed, since that
        could remove the WAL under the process that it is forked from.
        """
        if os.getpid() == self._process:
            _checkpoint_at_close(self._connection, tidy)
            self._connection.close()
        elif sys.version_info < (3, 12):
            import ctypes

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._connection))

    def checked(self) -> list[tuple[Key, Any]]:
        """The entries; raises DatabaseError where the file is damaged."""
        (verdict,) = self._connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        tables = self._connection.execute("SELECT name FROM sqlite_master").fetchall()
        if ("entries",) not in tables:
            raise sqlite3.DatabaseError("its table is missing")
        try:
            return self.read()
        except (TypeError, ValueError, RecursionError, sqlite3.OperationalError) as error:
            raise sqlite3.DatabaseError(f"an entry cannot be read: {error}") from error

    def read(self) -> list[tuple[Key, Any]]:
        """Every entry, in the order in which they were made; ValueError for what is not JSON."""
        query = "SELECT key, value FROM entries ORDER BY position"
        with contextlib.closing(self._connection.execute(query)) as found:
            return [(tuple(json.loads(key)), json.loads(value)) for key, value in found]

    def write(self, gone: Collection[Key], rows: Collection[Row]) -> None:
        """Remove what begins with one of the keys, then put entries there, all or nothing.

        New entries come last, others keep their place.
        """

        def change() -> None:
            for key in gone:
                _delete(self._connection, key)
            _put(self._connection, rows)

        self._transact(change)

    def touch(self) -> None:
        """Write something that changes nothing, to see whether that is possible."""
        statement = "UPDATE entries SET value = value WHERE position = 1"
        self._transact(lambda: self._connection.execute(statement))

    def _transact(self, change: Callable[[], object]) -> None:
        """Make a change in a transaction; where the disk is full, empty the WAL and try again."""
        try:
            self._attempt(change)
        except sqlite3.OperationalError as error:
            if _code_of(error) not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                raise
            with contextlib.suppress(sqlite3.OperationalError):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._attempt(change)

    def _attempt(self, change: Callable[[], object]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            change()
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite may have rolled it back itself
                self._connection.execute("ROLLBACK")
            raise


def _code_of(error: sqlite3.Error) -> int:
    """SQLite's primary code; that of a damaged file for what the module sqlite3 found itself."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code & 0xFF


def _size_of(rows: Iterable[Row]) -> int:
    """About how many bytes a change writes: a page for each entry, and some for the trees."""
    return sum(len(text) + _PAGE for _, text in rows) + 4 * _PAGE


def _connected(path: Path) -> sqlite3.Connection:
    """A connection; the path is absolute, so no URI and no ``:memory:``, whatever is in it."""
    assert path.is_absolute()
    return sqlite3.connect(
        os.fspath(path), timeout=0, isolation_level=None, check_same_thread=False
    )


def _checkpoint_at_close(connection: sqlite3.Connection, wanted: bool) -> None:
    """Say whether closing moves the WAL into the file; not by default, for forked processes."""
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, not wanted)


def _delete(connection: sqlite3.Connection, key: Key) -> None:
    if not key:
        connection.execute("DELETE FROM entries")
        return
    text = json.dumps(key)
    connection.execute("DELETE FROM entries WHERE key = ?", (text,))
    start = text.removesuffix("]")  # a longer key goes on with a comma, and "-" is next after it
    connection.execute("DELETE FROM entries WHERE key > ? AND key < ?", (f"{start},", f"{start}-"))


def _put(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    connection.executemany(
        "INSERT INTO entries (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        ((json.dumps(key), text) for key, text in rows),
    )


class Store:
    """The entries in a file, from :meth:`open` to :meth:`close`.

    It is made for one lock of the caller's: no two threads may be in it at a time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._locked: LockedFile | None = None
        self._database: Database | None = None
        self._left = False
        self._needed = 0

    # The file

    def open(self) -> list[tuple[Key, Any]] | bytes | None:
        """LockedFile the file and give its entries, the bytes of one of an older form, or None.

        In the last two cases :meth:`create` is next. Raises UsageError, which names the file
        and says what is wrong; the file is then as it was.
        """
        with self._opening():
            if "\0" in os.fspath(self.path):
                raise errors.UsageError("its name has a NUL character.")
            resolved = Path(os.path.realpath(self.path))
            self._locked = locked_file.lock(resolved)
            if self._locked is None or not self._locked.head(100).startswith(_MAGIC):
                _check_alone(resolved)
                return None if self._locked is None else self._locked.read()
            objection = _objection(self._locked.head(100))
            if objection is not None:
                raise errors.UsageError(objection)
            return self._connected(self._locked).checked()

    def create(self, rows: Iterable[Row]) -> None:
        """Put a database of these entries in the place of what is there; raises UsageError."""
        with self._opening():
            old, resolved = self._locked, Path(os.path.realpath(self.path))
            try:
                self._locked = locked_file.place(resolved, old, lambda path: _build(path, rows))
            except FileExistsError:
                raise locked_file.InUse("another server has just made it.") from None
            if old is not None:
                old.release()
            self._connected(self._locked)

    def _connected(self, locked: LockedFile) -> Database:
        """Open the database of a locked file."""
        locked_file.check_sides(locked)
        self._left = any(map(os.path.lexists, locked_file.sides(locked.path)))
        self._database = Database(locked.path)
        self._database.lock()
        locked_file.check_sides(locked)  # one may have been put there between
        if not locked.is_in_place():
            raise errors.UsageError("it was replaced while it was opened.")
        return self._database

    def close(self, *, tidy: bool = False) -> None:
        """Let others have the file; does nothing the second time.

        ``tidy`` leaves nothing beside it; otherwise what was found there stays.
        """
        opened, self._database = self._database, None
        locked, self._locked = self._locked, None
        if opened is not None:
            opened.close(tidy=tidy or not self._left)
        if locked is not None:
            locked.release()

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
        size = _size_of(rows)
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
        assert self._locked is not None
        locked_file.take_room(self._locked.path.parent, self._needed)
        opened.touch()

    def _on_disk(self, size: int, change: Callable[[Database], None]) -> None:
        """Make a change of about a size; raises StateNotSaved."""
        assert self._database is not None
        try:
            if self._locked is None or not self._locked.is_in_place():
                raise OSError(errno.ENOENT, "it was moved, replaced or deleted")
            change(self._database)
        except (sqlite3.OperationalError, OSError) as error:
            cause = error.strerror if isinstance(error, OSError) else self._cause(error, size)
            raise errors.StateNotSaved(
                f"The state file {self.path} cannot be written: {cause}."
            ) from error

    def _cause(self, error: sqlite3.OperationalError, size: int) -> str:
        """The error of the system for a file of that size, which SQLite does not report."""
        if _code_of(error) == sqlite3.SQLITE_FULL:
            return os.strerror(errno.ENOSPC)
        try:
            locked_file.take_room(Path(os.path.realpath(self.path)).parent, size)
        except OSError as cause:
            return str(cause.strerror)
        return str(error)


def _check_alone(resolved: Path) -> None:
    """Refuse to make a database where SQLite would take another one's WAL for its own."""
    for side in locked_file.sides(resolved):
        with contextlib.suppress(FileNotFoundError):
            os.lstat(side)  # also shows whether the name is too long for one
            raise errors.UsageError(
                f"{side} exists, which belongs to another state file of that name: move it away."
            )


def _reason(error: BaseException) -> str | None:
    """The end of a sentence for what makes a file unusable; None for anything else."""
    if isinstance(error, locked_file.InUse):
        return f"{error} Stop that one, or give each server a file of its own."
    if isinstance(error, errors.UsageError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror or error}."
    if not isinstance(error, sqlite3.Error):
        return None
    code = _code_of(error)
    if code == sqlite3.SQLITE_BUSY:
        return "another program has it open."
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        return f"nothing can be kept beside it ({error}); the server needs a folder to write to."
    if isinstance(error, sqlite3.OperationalError):
        return f"{os.strerror(errno.ENOSPC) if code == sqlite3.SQLITE_FULL else error}."
    return f"it is damaged ({error}); move it away to begin anew."
