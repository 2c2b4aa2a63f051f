"""How a generator is steered: members that must, or must not, be there, and fixed values.

Options of the public strategies and the bases of invalid data are both plans, so that one
generator serves valid data, narrowed data and data that is about to be broken.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend import errors
from pytest_amplifybackend._rules.leaves import Choices

_COIN = st.booleans()
_CHANCE = st.integers(0, 7)


@functools.cache
def warm() -> None:
    """Let hypothesis make its tables of Unicode now, if the project has none yet.

    It takes it a second, which within a draw would trip the health check for slow data.
    """
    st.text("ab").validate()


@dataclass(frozen=True)
class Plan:
    """Paths of a request that are there or are not, and values that are fixed.

    ``fixed`` are (path, value) pairs; a value may be Choices. Paths are members joined by dots; an
    element of a list ends in ``[]``.
    """

    wanted: frozenset[str] = frozenset()
    avoided: frozenset[str] = frozenset()
    fixed: tuple[tuple[str, Any], ...] = ()


class Hook(Protocol):
    """Draws the value at a path; ``needed`` and ``filled`` as for a structure."""

    def __call__(
        self, pick: Pick, path: str, *, needed: Collection[str] = (), filled: bool = False
    ) -> Any: ...


class Pick:
    """What the request of an operation is drawn with: a plan, and strategies for single members.

    ``offered`` are strategies by path that a user gives: what they are for is always there.
    ``hooks`` draw what the rules alone do not describe.
    """

    __slots__ = ("_avoided", "_fixed", "_wanted", "draw", "hooks", "offered", "operation")

    def __init__(
        self,
        draw: Callable[..., Any],
        plan: Plan,
        operation: str,
        hooks: Mapping[str, Hook] | None = None,
        offered: Mapping[str, SearchStrategy[Any]] | None = None,
    ) -> None:
        self.draw, self.operation = draw, operation
        self.hooks, self.offered = hooks or {}, offered or {}
        self._wanted, self._avoided, self._fixed = plan.wanted, plan.avoided, dict(plan.fixed)

    def wants(self, path: str) -> bool:
        """Whether the plan asks for a member."""
        return path in self._wanted

    def avoids(self, path: str) -> bool:
        """Whether the plan keeps a member out."""
        return path in self._avoided

    def has(self, path: str) -> bool:
        """Whether an optional member is there: as planned, else half the time."""
        if path in self._wanted or path in self.offered:
            return True
        if path in self._avoided:
            return False
        if path in self.hooks:  # a config: without it there is little to see
            return bool(self.draw(_CHANCE) > 1)
        return bool(self.draw(_COIN))

    def rarely(self, path: str) -> bool:
        """As has(), for a member that is usually not there."""
        return path in self._wanted or (path not in self._avoided and self.draw(_CHANCE) == 7)

    def value(self, path: str, strategy: SearchStrategy[Any]) -> Any:
        """A member's value: as planned, else drawn."""
        fixed = self._fixed.get(path, strategy)
        if isinstance(fixed, Choices):
            return self.draw(st.sampled_from(fixed.values))
        return self.draw(strategy) if fixed is strategy else fixed

    def fixed(self, path: str) -> Any:
        """The planned value of a member, None without one."""
        return self._fixed.get(path)


def plan(
    wanted: Iterable[str] = (),
    avoided: Iterable[str] = (),
    fixed: Mapping[str, Any] | None = None,
) -> Plan:
    """A plan; what is wanted is wanted with all that is above it."""
    warm()
    ups = {up for path in wanted for up in _upwards(path)}
    return Plan(frozenset(ups), frozenset(avoided), tuple((fixed or {}).items()))


def _upwards(path: str) -> Iterable[str]:
    """A path and the paths above it: ``a.b[]`` gives ``a.b[]``, ``a.b`` and ``a``."""
    while path:
        yield path
        path = path[:-2] if path.endswith("[]") else path.rpartition(".")[0]


def toggled(option: bool | None, path: str, wanted: list[str], avoided: list[str]) -> None:
    """Note a True/False/None option of a strategy as a wish for, or against, a member."""
    if option is not None:
        (wanted if option else avoided).append(path)


def check_choice(function: str, option: str, given: Any, known: Iterable[str]) -> None:
    """Raise InvalidArgument when an option has a value that is none of the known ones."""
    names = list(known)
    if given is not None and given not in names:
        raise InvalidArgument(
            f"{function}({option}={given!r}): unknown {option}; {errors.nearest(str(given), names)}"
        )


def check_options(function: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise InvalidArgument for an option that a strategy does not have."""
    names = list(known)
    for name in given:
        if name not in names:
            raise InvalidArgument(
                f"{function}() has no option {name!r}: {errors.nearest(name, names)}"
            )


@functools.cache
def enum_values(shape: str) -> tuple[str, ...]:
    """The values of an enum shape of the service model, in the model's order."""
    from pytest_amplifybackend._api import catalogue

    return tuple(catalogue.service_model().shape_for(shape).enum)


@functools.lru_cache(maxsize=1024)
def subsets(values: tuple[Any, ...], least: int = 0) -> SearchStrategy[list[Any]]:
    """Different elements of ``values``, in their order; ``least`` is 0 or 1."""

    # A named function: hypothesis looks up the source of a lambda for every draw.
    def chosen(mask: int) -> list[Any]:
        return [item for bit, item in enumerate(values) if mask >> bit & 1]

    return st.integers(least, 2 ** len(values) - 1).map(chosen)
