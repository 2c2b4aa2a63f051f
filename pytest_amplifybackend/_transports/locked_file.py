"""One file of this machine, which one process at a time may have: found, locked, made, replaced.

It is looked at and opened in ways that no symbolic link can lead astray, and what is made holds
secrets, so that only its owner can read it. What Windows or macOS lack is left out there.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from pytest_amplifybackend import errors

_SAFELY = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
"""No symbolic link, no waiting for who writes into a FIFO, no line ends of Windows."""

_ATTEMPTS = 100
"""How often a file may be replaced between being opened and being locked, before we give up."""


_TEMPORARY = ".amplifybackend-"
"""What the names of files begin with that are gone in a moment."""

_LARGEST_ASKED = 1024 * 1024


class InUse(errors.UsageError):
    """Another process, or another server of this one, has the file."""


class LockedFile:
    """A regular file, open and locked until it is released; ``path`` leads to it without links.

    Where there are no locks of this kind (Windows) the file is not kept open, and SQLite's own
    lock has to do.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.status = os.fstat(descriptor)
        self._descriptor: int | None = descriptor
        self._process = os.getpid()
        try:
            self._check()
        except BaseException:
            self.release()
            raise

    def _check(self) -> None:
        assert self._descriptor is not None
        _check_kind(self.status)
        _lock(self._descriptor)
        if self.status.st_nlink > 1:
            raise errors.UsageError(
                f"it has {self.status.st_nlink} names (hard links), and SQLite keeps a file beside "
                "each name: copy it, or remove the other names."
            )

    def read(self) -> bytes:
        """Everything that is in it."""
        assert self._descriptor is not None
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        with open(self._descriptor, "rb", closefd=False) as file:
            return file.read()

    def head(self, size: int) -> bytes:
        """Its first bytes."""
        assert self._descriptor is not None
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        return os.read(self._descriptor, size)

    def is_in_place(self) -> bool:
        """Whether its path still leads to it."""
        try:
            return os.path.samestat(os.lstat(self.path), self.status)
        except OSError:
            return False

    def sync(self) -> None:
        assert self._descriptor is not None
        os.fsync(self._descriptor)

    def let_go_on_windows(self) -> None:
        """Close it where an open file can be neither replaced nor locked from a second place."""
        if sys.platform == "win32" and self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def release(self) -> None:
        """Unlock and close it; in a process forked from the one that has it, only close it."""
        if self._descriptor is None:
            return
        if os.getpid() == self._process:
            _unlock(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = None


def lock(path: Path) -> LockedFile | None:
    """The file that a path leads to, locked; None if there is none.

    Raises InUse, UsageError with the end of a sentence, or OSError.
    """
    for _ in range(_ATTEMPTS):
        try:
            _check_kind(os.lstat(path))  # before it is opened: a device may do something then
            found = LockedFile(path, os.open(path, os.O_RDWR | _SAFELY))
        except FileNotFoundError:
            return None
        if found.is_in_place():
            return found
        found.release()  # it was replaced before it was locked
    raise errors.UsageError("other programs keep replacing it.")


def place(path: Path, old: LockedFile | None, fill: Callable[[Path], None]) -> LockedFile:
    """Put a file that ``fill`` has filled in the place of an old one, or of none; give it, locked.

    At any moment the path leads to the old file or to the whole new one, which has the mode and
    the owner of the old, or 0600. Raises FileExistsError where another process was faster.
    """
    temporary = path.with_name(f"{_TEMPORARY}{secrets.token_hex(8)}")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _SAFELY
    made = LockedFile(temporary, os.open(temporary, flags, 0o600))
    try:
        fill(temporary)
        if old is not None:
            _as_before(temporary, old.status)
        made.sync()
        made.let_go_on_windows()
        if old is None:
            _move_to_free(temporary, path)
        else:
            old.let_go_on_windows()
            temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        made.release()
        for left in (temporary, *sides(temporary)):
            with contextlib.suppress(OSError):
                left.unlink()
        raise
    made.path, made.status = path, path.stat()
    return made


def _check_kind(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise errors.UsageError(f"it is {kind}.")


def take_room(folder: Path, size: int) -> None:
    """Write a file and remove it; raises OSError where the disk has no room for that.

    A full disk is asked with such a file, as what is once in a database takes room for ever.
    """
    path = folder / f"{_TEMPORARY}{secrets.token_hex(8)}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFELY, 0o600)
    try:
        left = min(size, _LARGEST_ASKED)
        while left > 0:
            left -= os.write(descriptor, secrets.token_bytes(left))  # zeros may take no room
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
        path.unlink()


def sides(path: Path) -> Iterator[Path]:
    """The files that SQLite keeps beside one, at times."""
    for suffix in ("-wal", "-journal", "-shm"):
        yield path.with_name(f"{path.name}{suffix}")


def check_sides(locked: LockedFile) -> None:
    """Raise UsageError for a file beside a claimed one that may be somebody's trap."""
    for side in sides(locked.path):
        try:
            found = os.lstat(side)
        except FileNotFoundError:
            continue
        wrong = _wrong_with(found, locked.status)
        if wrong is not None:
            raise errors.UsageError(f"{side} beside it {wrong}: look at it, and move it away.")


def _wrong_with(side: os.stat_result, file: os.stat_result) -> str | None:
    if stat.S_ISLNK(side.st_mode):
        return "is a symbolic link"
    if not stat.S_ISREG(side.st_mode):
        return "is not a regular file"
    if sys.platform == "win32":
        return None
    if side.st_uid not in (file.st_uid, os.geteuid()):
        return "belongs to another user"
    if stat.S_IMODE(side.st_mode) & ~stat.S_IMODE(file.st_mode) & 0o077:
        return "is open to more users than the file"
    return "has more than one name" if side.st_nlink > 1 else None


def _as_before(path: Path, before: os.stat_result) -> None:
    """Give a file the owner and mode of another; raises UsageError where that is not allowed."""
    if sys.platform == "win32":
        return
    now = path.stat()
    if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        try:
            os.chown(path, before.st_uid, before.st_gid)
        except PermissionError:
            raise errors.UsageError(
                "it is in an older form, and would get another owner when it is converted: start "
                "the server once as its owner."
            ) from None
    path.chmod(stat.S_IMODE(before.st_mode))


def _move_to_free(source: Path, target: Path) -> None:
    """Rename a file, but replace none; raises FileExistsError."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError(str(target)) from None
        source.rename(target)
    else:
        source.unlink()


def _sync_folder(folder: Path) -> None:
    """Let a rename outlive a power cut, where a folder can be opened."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InUse("another server is using it.") from None


def _unlock(descriptor: int) -> None:
    if sys.platform == "win32":
        return
    import fcntl

    with contextlib.suppress(OSError):  # what is closed next is unlocked anyway
        fcntl.flock(descriptor, fcntl.LOCK_UN)
