"""Where a piece of work is done: the siblings, the place, and how to take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from pytest_amplifybackend._provision.siblings import SiblingError, Siblings, unless_missing
from pytest_amplifybackend._provision.work import Step, Work


@dataclass(frozen=True, slots=True)
class Site:
    """The siblings of one region, as one job sees them; ``environment`` is what names end in."""

    siblings: Siblings
    work: Work
    region: str
    environment: str

    def call(self, service: str, operation: str, /, **params: Any) -> Any:
        """The answer of a sibling; raises ProvisioningError with its message."""
        return self.siblings.call(self.region, service, operation, **params)

    def each(
        self, service: str, operation: str, result: str, /, token: str = "NextToken", **params: Any
    ) -> Iterator[dict[str, Any]]:
        """What a sibling lists, page by page."""
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
        there: Callable[[], Iterable[str]],
        before: Iterable[str] | None = None,
    ) -> str:
        """The id or name of what ``create`` has made; if the work fails, it is deleted.

        Where the answer is lost, something may have been made all the same: it is then what is
        ``there`` and was not ``before``, which is asked for unless it is known.
        """
        made: list[str] = []
        others = set(there() if before is None else before)

        def take_back() -> None:
            for one in made or set(there()) - others:
                unless_missing(partial(delete, one))

        self.work.undo(take_back)
        try:
            made.append(create())
        except SiblingError as error:
            if error.refused:
                self.work.forget(take_back)
            raise
        return made[0]

    def undo(self, service: str, operation: str, /, **params: Any) -> None:
        """Have a call made if the work fails."""
        self.work.undo(self._step(service, operation, params))

    def accepted(
        self, service: str, operation: str, described: dict[str, Any], *without: str
    ) -> dict[str, Any]:
        """Of what a sibling describes, what its operation takes, so that it can be put back."""
        model = self.siblings.client(self.region, service).meta.service_model
        members = model.operation_model(operation).input_shape.members
        return {
            name: value
            for name, value in described.items()
            if name in members and name not in without
        }

    def _step(self, service: str, operation: str, params: dict[str, Any]) -> Step:
        return lambda: self.call(service, operation, **params)
