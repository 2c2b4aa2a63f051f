"""The state of a server in a file, so that it outlives the process."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_amplifybackend import errors, progress
from pytest_amplifybackend._service import entries
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._service.changes import Changes, Key
from pytest_amplifybackend._transports.store import Row, Store


class StateFile:
    """Loads a state once, then keeps what each call and lever changes; the backend's keeper.

    A call is answered once its changes are on the disk. One whose changes cannot be written is
    undone and fails with StateNotSaved. A read is answered all the same; if it moved a job on,
    that is written later.
    Raises UsageError for what is not a path.
    """

    def __init__(self, path: str | os.PathLike[str], backend: Service) -> None:
        try:
            self._path = Path(path).absolute()  # the folder may be another one later
        except TypeError:
            raise errors.UsageError(f"state_file must be a path, not {path!r}.") from None
        self._backend = backend
        self._store = Store(self._path)
        self._process = os.getpid()
        self._besides_kept: dict[Key, Any] = {}
        self._ahead = False

    # From the start to the end of a server

    def open(self) -> None:
        """Take over what the file holds, or make it; raises UsageError, which names it."""
        with self._backend.lock:
            if self._backend.keeper is not None:
                raise errors.UsageError(
                    "another server of this fake already keeps its state in a file."
                )
            self._process = os.getpid()
            stored = self._store.open()
            try:
                self._begin(stored)
            except BaseException:
                self.detach()
                self._store.close()
                raise

    def _begin(self, stored: list[tuple[Key, Any]] | bytes | None) -> None:
        dumped = None if stored is None else _take_over(self._backend, stored, self._path)
        if dumped is not None and isinstance(stored, list):
            self._noted(_besides_in(dumped))
        else:
            self._backend.settle()
            besides = self._besides()
            self._store.create(self._rows(entries.keys(self._backend.state), besides))
            self._noted(besides)
        self._backend.keeper = self

    def close(self) -> None:
        """Write what is left and let others have the file; raises StateNotSaved, but lets it go."""
        with self._backend.lock:
            try:
                if self._backend.keeper is self and not self._is_elsewhere():
                    with _saying("What was changed last is lost."):
                        self._go_back_if_ahead()
                        self._write()
            finally:
                self.detach()
                self._store.close(tidy=True)

    def detach(self) -> None:
        """Follow the state no more."""
        if self._backend.keeper in (self, None):
            self._backend.keeper = None
            self._backend.state.changes = None

    # While it runs

    @contextlib.contextmanager
    def keeping(self, *, reading: bool) -> Iterator[None]:
        """What is done within is kept at the end; the caller has the backend's lock.

        Raises StateNotSaved: before anything is done where it is known that it could not be
        kept, or after it was undone. What is done while ``reading`` is never undone: what it
        moved on is kept later, if it cannot be now.
        """
        if self._is_elsewhere():
            yield
            return
        put_back: Callable[[], None] | None = None
        with _saying("Nothing was changed."):
            self._go_back_if_ahead()
            if not reading:
                self._write()  # what would be lost with a call that is undone
                self._store.check_room()
                put_back = self._backend.besides_state()
        try:
            yield
        except Exception:
            self.flush()
            raise
        if put_back is None:
            self.flush()
            return
        try:
            with _saying("Nothing was changed."):
                self._write()
        except Exception:
            self._undo(put_back)
            raise

    def flush(self) -> None:
        """Write what is still to be written, if the disk lets us."""
        with self._backend.lock, contextlib.suppress(errors.StateNotSaved):
            if not self._is_elsewhere():
                self._go_back_if_ahead()
                self._write()

    def dump(self) -> dict[str, Any]:
        """What the file holds, as ``fake.dump()`` gives it."""
        return entries.dump_of(self._store.read())

    def _is_elsewhere(self) -> bool:
        """Whether this is a forked process, whose state is its own and not the file's."""
        return os.getpid() != self._process

    def _write(self) -> None:
        """Write what has changed; raises StateNotSaved, and it stays to be written."""
        self._backend.settle()
        changes = self._backend.state.changes
        assert changes is not None
        besides = self._besides()
        moved = [key for key, item in besides.items() if item != self._besides_kept[key]]
        keys = dict.fromkeys([*changes.changed, *moved])
        if not keys and not changes.gone:
            return
        self._store.check_room()
        self._store.write(changes.gone, list(self._rows(keys, besides)))
        self._noted(besides)

    def _besides(self) -> dict[Key, Any]:
        """What is kept besides the state; read once, as threads may move the clock meanwhile."""
        backend = self._backend
        counters = dict(backend.ids.counters)
        return {entries.CLOCK: backend.clock.milliseconds(), entries.COUNTERS: counters}

    def _rows(self, keys: Iterable[Key], besides: dict[Key, Any]) -> Iterator[Row]:
        for key in keys:
            item = besides[key] if key in besides else entries.value(self._backend.state, key)
            yield key, json.dumps(item)

    def _noted(self, besides: dict[Key, Any]) -> None:
        """Memory and file are the same, the latter with this besides."""
        self._backend.state.changes = Changes()
        self._besides_kept = besides

    def _undo(self, put_back: Callable[[], None]) -> None:
        """Forget a call that could not be kept: the file holds all that was before it."""
        put_back()
        self._ahead = True
        with contextlib.suppress(errors.StateNotSaved):  # then the next call tries again
            self._go_back_if_ahead()

    def _go_back_if_ahead(self) -> None:
        """Take over what the file holds, if memory has more; raises StateNotSaved."""
        if self._ahead:
            dumped = self.dump()
            self._backend.restore(dumped)
            self._noted(_besides_in(dumped))
            self._ahead = False


def _besides_in(dumped: Mapping[str, Any]) -> dict[Key, Any]:
    return {key: dumped[key[0]] for key in (entries.CLOCK, entries.COUNTERS)}


@contextlib.contextmanager
def _saying(outcome: str) -> Iterator[None]:
    """Add to a StateNotSaved what became of the change."""
    try:
        yield
    except errors.StateNotSaved as error:
        raise errors.StateNotSaved(f"{error.message} {outcome}") from error


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The dump in a state file that no server has; raises UsageError, which names the file."""
    store = Store(Path(path).absolute())
    stored = store.open()
    store.close()
    if stored is None:
        raise errors.UsageError(f"there is no state file {path}.")
    return _take_over(Service(seed=0, policy=progress.manual()), stored, store.path)


def _take_over(
    backend: Service, stored: list[tuple[Key, Any]] | bytes, path: Path
) -> dict[str, Any]:
    """Load what a file holds, entries or the JSON of a dump, and give it as a dump."""
    try:
        dumped = json.loads(stored) if isinstance(stored, bytes) else entries.dump_of(stored)
        backend.load(dumped)
    except (LookupError, TypeError, ValueError, RecursionError, errors.UsageError) as error:
        text = str(error) if isinstance(error, (ValueError, errors.UsageError)) else repr(error)
        raise errors.UsageError(
            f"the state file {path} cannot be used: it does not hold the state of a fake. "
            f"{text.rstrip('.')}. Nothing was changed; move it away to begin anew."
        ) from error
    return dict(dumped)
