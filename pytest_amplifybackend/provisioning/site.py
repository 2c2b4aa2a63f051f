"""Where a piece of work is done: the siblings, the place, and how to take it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend.provisioning.siblings import Siblings
from pytest_amplifybackend.provisioning.work import Work


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

    def _step(self, service: str, operation: str, params: dict[str, Any]) -> Callable[[], object]:
        return lambda: self.call(service, operation, **params)
