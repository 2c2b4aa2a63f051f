"""A job's calls to sibling services as one transaction, which is rolled back if the job fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from pytest_amplifybackend._provision.aws_clients import AwsClients, AwsError, unless_missing
from pytest_amplifybackend._rules.rule import ProvisioningError

Step = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Transaction:
    """The calls of one job in one region; ``environment`` is the suffix of names."""

    clients: AwsClients
    log: Log
    region: str
    environment: str

    def call(self, service: str, operation: str, /, **params: Any) -> Any:
        """The response of a sibling service; raises ProvisioningError with its message."""
        return self.clients.call(self.region, service, operation, **params)

    def each(
        self, service: str, operation: str, result: str, /, token: str = "NextToken", **params: Any
    ) -> Iterator[dict[str, Any]]:
        """The items that a sibling service lists, page by page."""
        while True:
            page = self.call(service, operation, **params)
            yield from page[result]
            if not page.get(token):
                return
            params[token] = page[token]

    def make(
        self,
        create: Callable[[], str],
        delete: Callable[[str], object],
        existing: Callable[[], Iterable[str]],
        before: Iterable[str] | None = None,
    ) -> str:
        """The id or name of what ``create`` makes; a rollback deletes it.

        If the response is lost, something may have been made all the same: whatever is
        ``existing`` and was not ``before``, which is looked up unless it is passed.
        """
        made: list[str] = []
        others = set(existing() if before is None else before)

        def delete_made() -> None:
            for one in made or set(existing()) - others:
                unless_missing(partial(delete, one))

        self.log.on_rollback(delete_made)
        try:
            made.append(create())
        except AwsError as error:
            if error.rejected:
                self.log.cancel(delete_made)
            raise
        return made[0]

    def undo(self, service: str, operation: str, /, **params: Any) -> None:
        """Make a call if the transaction fails."""
        self.log.on_rollback(self._step(service, operation, params))

    def accepted(
        self, service: str, operation: str, described: dict[str, Any], *without: str
    ) -> dict[str, Any]:
        """The described members that an operation takes, so that it can restore them."""
        model = self.clients.client(self.region, service).meta.service_model
        members = model.operation_model(operation).input_shape.members
        return {
            name: value
            for name, value in described.items()
            if name in members and name not in without
        }

    def _step(self, service: str, operation: str, params: dict[str, Any]) -> Step:
        return lambda: self.call(service, operation, **params)


class Log:
    """What to do at the end of a transaction: to undo each change, or to finish.

    Deletions that cannot be undone, such as that of a pool with its users, wait for the commit.
    """

    def __init__(self) -> None:
        self._at_rollback: list[Step] = []
        self._at_commit: list[Step] = []

    def on_rollback(self, step: Step) -> None:
        """Run a step if the transaction fails; the newest step runs first."""
        self._at_rollback.append(step)

    def cancel(self, step: Step) -> None:
        """Do not run a step at a rollback: the change that it undoes was not made."""
        self._at_rollback.remove(step)

    def on_commit(self, step: Step) -> None:
        """Run a step if the transaction succeeds; the oldest step runs first."""
        self._at_commit.append(step)

    def commit(self) -> None:
        """Run what waited for the commit."""
        for step in self._at_commit:
            step()

    def rollback(self) -> list[str]:
        """Undo everything; returns the errors of the steps that failed."""
        failures: list[str] = []
        while self._at_rollback:
            _try(self._at_rollback.pop(), failures)
        return failures


def _try(step: Step, failures: list[str]) -> None:
    try:
        step()
    except ProvisioningError as error:
        failures.append(str(error))
