"""Calls: the record of each, and the faults, delays and overrides that answer some."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.paths import copied
from pytest_amplifybackend._api.secrets.shapes import redact_request, redact_response
from pytest_amplifybackend._service.clock import ServiceClock

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import CalledOperation

Answer = dict[str, Any]
Override = Callable[[dict[str, Any]], Answer]


class Call(NamedTuple):
    """One call that reached the fake.

    ``response`` is None when ``error`` is not. Secrets never show in the repr.
    """

    operation: CalledOperation
    params: dict[str, Any]
    response: dict[str, Any] | None
    error: errors.ServiceError | errors.TransportFault | None
    region: str
    transport: str

    def copy(self) -> Call:
        """The call with params and response of its own, whose secrets are equal but never shown."""
        return self._replace(
            params=redact_request(self.operation, self.params),
            response=redact_response(self.operation, self.response),
        )

    def __repr__(self) -> str:
        outcome = (
            f"response={redact_response(self.operation, self.response)!r}"
            if self.error is None
            else f"error={self.error!r}"
        )
        params = redact_request(self.operation, self.params)
        return (
            f"Call({self.operation!r}, params={params!r}, {outcome}, "
            f"region={self.region!r}, transport={self.transport!r})"
        )


class History(list[Call]):
    """The calls in order, which are only added; those of one operation are found without a search.

    A call costs nothing but itself: where the calls of an operation are is noted when asked for.
    """

    def __init__(self, calls: Iterable[Call] = ()) -> None:
        super().__init__(calls)
        self._places: dict[str, list[int]] = {}
        self._noted = 0
        self.observed = 0
        """How many of them an observer has taken note of."""

    def places(self, operation: str) -> Sequence[int]:
        """Where the calls of an operation are."""
        for index in range(self._noted, len(self)):
            self._places.setdefault(self[index].operation, []).append(index)
        self._noted = len(self)
        return self._places.get(operation, ())


@dataclass(slots=True)
class Interceptor:
    """One fault, delay or override: lets ``after`` matching calls pass, then acts ``times`` times.

    Exactly one of ``error``, ``seconds`` and ``answer`` is set. A delay moves the clock and
    lets the call go on; the others end the chain. At the end of a test each must have ``acted``
    that is not ``optional``. ``number`` tells it from the service's others.
    """

    operation: str
    when: Mapping[str, Any]
    after: int = 0
    times: int | None = None
    error: errors.ServiceError | errors.TransportFault | None = None
    seconds: float | None = None
    answer: Override | None = None
    optional: bool = False
    acted: bool = False
    number: int = 0

    def fires(self, operation: str, params: Mapping[str, Any]) -> bool:
        """Whether it acts on this call; counts the call if it matches."""
        if operation != self.operation or self.times == 0 or not is_subset(self.when, params):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        self.acted = True
        return True


def without_traceback(
    error: errors.ServiceError | errors.TransportFault,
) -> errors.ServiceError | errors.TransportFault:
    """A copy of an error; its traceback would keep every frame it went through alive."""
    made = type(error).__new__(type(error), *error.args)
    made.__dict__.update(error.__dict__)
    made.args = error.args
    return made


class Chain(list[Interceptor]):
    """The interceptors of one fake, first match first."""

    def run(self, operation: str, params: dict[str, Any], clock: ServiceClock) -> Answer | None:
        """The answer of the first override that fires, None to go on to the service.

        Raises what the first fault that fires holds.
        """
        for link in self:
            if not link.fires(operation, params):
                continue
            if link.seconds is not None:
                clock.pass_by(link.seconds)
            elif link.error is not None:
                raise without_traceback(link.error)
            elif link.answer is not None:
                # A user's function gets the secrets, but its frames do not show them.
                answer: Answer = copied(link.answer(redact_request(operation, params)))
                return answer
        return None


def is_subset(part: Any, whole: Any) -> bool:
    """Whether every member of ``part`` is in ``whole``, structures compared member by member."""
    if isinstance(part, Mapping):
        return isinstance(whole, Mapping) and all(
            name in whole and is_subset(value, whole[name]) for name, value in part.items()
        )
    return bool(part == whole)
