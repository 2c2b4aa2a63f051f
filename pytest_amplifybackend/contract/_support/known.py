"""The machine of the strategies, held to what is known: it leaves out what is only assumed.

Every job is waited for, since nothing is known of reads while one is at work.
"""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api.provenance import ASSUMED
from pytest_amplifybackend.strategies import AmplifyBackendMachine, InvalidRequest
from pytest_amplifybackend.strategies._internal.checking import Checker
from pytest_amplifybackend.strategies._internal.oracle_moves import ENTITIES, MOVES, move_of
from pytest_amplifybackend.strategies._internal.oracle_state import Rejected
from pytest_amplifybackend.strategies._internal.oracle_work import WORK

Params = dict[str, Any]
_LIST = "ListBackendJobs"

OPERATIONS = frozenset(WORK) - {"CloneBackend"} | {"GetBackend"}
"""What is called at random; where a clone's job is filed is assumed. Reads follow each change."""

_MODELS = "GetBackendAPIModels"
_KNOWN = frozenset(
    (move.operation, move.entity, move.source) for move in MOVES if move.evidence is not ASSUMED
)


class KnownChecker(Checker):
    """Makes only the calls whose outcome is modeled, documented or observed."""

    def call(self, operation: str, params: Params, *, broken: bool = False) -> Params | None:
        """The answer; None, without a call, where no more than an assumption says what it is."""
        self.oracle.settle()
        if broken or not self._is_known(operation, params):
            return None  # rules on params have tests of their own, by their evidence
        if operation == "CreateBackend" and params["AppId"] in self.oracle.apps:
            params = {**params, "AppName": self.oracle.apps[params["AppId"]]["name"]}
        return super().call(operation, params)

    def reject(self, request: InvalidRequest) -> None:
        """Nothing: rules on params have tests of their own, by their evidence."""

    def list_jobs(self, params: Params) -> None:
        """Read all pages of a size; what a filter does to pages is assumed, and the usual size."""
        if "MaxResults" in params and not params.keys() & {"JobId", "Operation", "Status"}:
            super().list_jobs(params)

    def _send(self, operation: str, params: Params, code: str | None) -> Params | None:
        if operation == _LIST and code is not None:  # a token of another list
            return None
        return super()._send(operation, params, code)

    def _is_known(self, operation: str, params: Params) -> bool:
        if operation == _MODELS:
            return self._state("models", params) == "LATEST"
        if operation not in WORK:
            return True
        entity = ENTITIES[operation]
        try:
            state = self._state(entity, params)
            move_of(operation, entity, state)
        except (Rejected, KeyError):
            return True  # no such app or environment: recorded texts
        return (operation, entity, state) in _KNOWN and self._names_what_is_there(operation, params)

    def _state(self, entity: str, params: Params) -> str:
        operation_of = params.get("TargetEnvironmentName", params.get("BackendEnvironmentName"))
        return self.oracle.state_of(entity, params, operation_of)

    def _names_what_is_there(self, operation: str, params: Params) -> bool:
        """Whether an update names the resource, and auth stays as long as storage needs it."""
        if operation not in ("DeleteBackendAuth", "UpdateBackendAuth", "UpdateBackendAPI"):
            return True
        there = self.oracle.environment(params["AppId"], params["BackendEnvironmentName"])
        if operation == "DeleteBackendAuth":
            return "storage" not in there
        found = there.get(ENTITIES[operation])
        if found is None or found["name"] != params["ResourceName"]:
            return False
        pools = "AuthResources"  # of an identity pool that is given up nothing is known
        config = params.get("ResourceConfig", {})
        return bool(config.get(pools) == found["config"].get(pools))


class KnownMachine(AmplifyBackendMachine):
    """Random calls whose answers are known."""

    progress = "poll"
    operations = OPERATIONS  # type: ignore[assignment]  # names of the catalogue
    _checks = KnownChecker
