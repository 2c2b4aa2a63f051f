"""The state of a server in a file, so that it outlives the process."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_amplifybackend import errors
from pytest_amplifybackend.transports.control import Controlled


class StateFile:
    """Loads a state once, and writes it down after every request that changed it.

    The file is replaced as a whole, by a rename: a process that is killed at any moment leaves
    the state after a call or the one before it. One server at a time may use a file.
    """

    def __init__(self, path: Path, fake: Controlled) -> None:
        self._path = path
        self._new = path.with_name(f"{path.name}.new")
        self._fake = fake
        self._saved = b""

    def load(self) -> None:
        """Take over what the file holds, if it is there; UsageError names it if it is no state."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            self.save()
            return
        try:
            self._fake.load(json.loads(content))
        except (ValueError, RecursionError, errors.UsageError) as error:
            raise errors.UsageError(
                f"{self._path} is no state of a fake: {error} Nothing was changed; move the file "
                "away to begin anew."
            ) from error
        self._saved = content

    def save(self) -> None:
        """Write the state down if it is another than last time."""
        content = json.dumps(self._fake.dump()).encode()
        if content != self._saved:
            with self._new.open("wb") as file:
                file.write(content)
            self._new.replace(self._path)
            self._saved = content
