"""How a generator is steered: members that must, or must not, be there, and fixed values.

Options of the public strategies and the bases of invalid data are both plans, so that one
generator serves valid data, narrowed data and data that is about to be broken.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend import errors

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
    """Paths that a value holds or lacks, and values that it has; relative to the config.

    ``fixed`` are (path, value) pairs. Paths are members joined by dots; an element of a list
    ends in ``[]``.
    """

    wanted: frozenset[str] = frozenset()
    avoided: frozenset[str] = frozenset()
    fixed: tuple[tuple[str, Any], ...] = ()

    def below(self, prefix: str) -> Plan:
        """The same plan as seen from a member."""
        cut = f"{prefix}."
        return Plan(
            frozenset(path.removeprefix(cut) for path in self.wanted if path.startswith(cut)),
            frozenset(path.removeprefix(cut) for path in self.avoided if path.startswith(cut)),
            tuple((p.removeprefix(cut), value) for p, value in self.fixed if p.startswith(cut)),
        )


class Pick:
    """What a generator draws with: it asks for members by path and for values by strategy."""

    __slots__ = ("_avoided", "_fixed", "_wanted", "draw")

    def __init__(self, draw: Callable[..., Any], plan: Plan) -> None:
        self.draw = draw
        self._wanted, self._avoided, self._fixed = plan.wanted, plan.avoided, dict(plan.fixed)

    def wants(self, path: str) -> bool:
        """Whether the plan asks for a member."""
        return path in self._wanted

    def avoids(self, path: str) -> bool:
        """Whether the plan keeps a member out."""
        return path in self._avoided

    def has(self, path: str) -> bool:
        """Whether an optional member is there: as planned, else half the time."""
        if path in self._wanted:
            return True
        if path in self._avoided:
            return False
        return bool(self.draw(_COIN))

    def rarely(self, path: str) -> bool:
        """As has(), for a member that is usually not there."""
        return path in self._wanted or (path not in self._avoided and self.draw(_CHANCE) == 0b111)

    def mostly(self, path: str) -> bool:
        """As has(), for a member that usually is there."""
        return path in self._wanted or (path not in self._avoided and self.draw(_CHANCE) > 1)

    def value(self, path: str, strategy: SearchStrategy[Any]) -> Any:
        """A member's value: as planned, else drawn."""
        return self._fixed[path] if path in self._fixed else self.draw(strategy)

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
            f"{function}({option}={given!r}) cannot be: {errors.nearest(str(given), names)}"
        )


@functools.cache
def enum_values(shape: str) -> tuple[str, ...]:
    """The values of an enum shape of the service model, in the model's order."""
    from pytest_amplifybackend._api import catalogue

    return tuple(catalogue.service_model().shape_for(shape).enum)


@functools.cache
def enums(shape: str) -> SearchStrategy[str]:
    """One value of an enum shape."""
    return st.sampled_from(enum_values(shape))


@functools.cache
def enum_lists(shape: str, least: int = 0) -> SearchStrategy[list[str]]:
    """At least so many different values of an enum shape; one choice, so it draws fast."""
    return subsets(enum_values(shape), least)


def subsets(values: tuple[Any, ...], least: int = 0) -> SearchStrategy[list[Any]]:
    """Different elements of ``values``, in their order; ``least`` is 0 or 1."""

    # A named function: hypothesis looks up the source of a lambda for every draw.
    def chosen(mask: int) -> list[Any]:
        return [item for bit, item in enumerate(values) if mask >> bit & 1]

    return st.integers(least, 2 ** len(values) - 1).map(chosen)
