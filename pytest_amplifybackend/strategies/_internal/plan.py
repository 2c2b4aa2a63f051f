"""How a generator is steered: members that must, or must not, be there, and fixed values.

Options of the public strategies and the bases of invalid data are both plans, so that one
generator serves valid data, narrowed data and data that is about to be broken.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend import errors
from pytest_amplifybackend._rules.leaves import Choices

P = ParamSpec("P")
T = TypeVar("T")
_CHANCE = st.integers(0, 7)
_USUALLY, _EVENLY, _RARELY = 2, 4, 7
"""The least draw of _CHANCE with which an optional member is there."""

ABSENT: Any = object()
"""Stands for an optional member that is not there."""


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

    __slots__ = (
        *("_avoided", "_fixed", "_span", "_task", "_wanted"),
        *("draw", "hooks", "offered", "operation"),
    )

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
        self._task: tuple[int, Callable[[], Any]] = _EVENLY, dict
        self._span = _spanned(self)

    def wants(self, path: str) -> bool:
        """Whether the plan asks for a member."""
        return path in self._wanted

    def avoids(self, path: str) -> bool:
        """Whether the plan keeps a member out."""
        return path in self._avoided

    def optional(self, path: str, value: Callable[[], Any], *, rarely: bool = False) -> Any:
        """What ``value`` draws for a member, or ABSENT: as planned, else by chance.

        Whether it is there and what it holds are in one span, which a shrinker can drop as a whole.
        """
        if path in self._wanted or path in self.offered:
            return value()
        if path in self._avoided:
            return ABSENT
        # Without its config a request has little to show.
        self._task = _RARELY if rarely else _USUALLY if path in self.hooks else _EVENLY, value
        return self.draw(self._span)

    def perform(self, draw: Callable[..., Any]) -> Any:
        """Draw what optional() was asked for last."""
        least, value = self._task
        return value() if draw(_CHANCE) >= least else ABSENT

    def value(self, path: str, strategy: SearchStrategy[Any]) -> Any:
        """A member's value: as planned, else drawn."""
        fixed = self._fixed.get(path, strategy)
        if isinstance(fixed, Choices):
            return self.draw(st.sampled_from(fixed.values))
        return self.draw(strategy) if fixed is strategy else fixed

    def fixed(self, path: str) -> Any:
        """The planned value of a member, None without one."""
        return self._fixed.get(path)


@st.composite
def _spanned(draw: Callable[..., Any], pick: Pick) -> Any:
    """A strategy for all members of a value: to make one costs more than to draw from it.

    It is not made by map(), whose functions hypothesis shows for what they made.
    """
    return pick.perform(draw)


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


def named(function: Callable[P, SearchStrategy[T]]) -> Callable[P, SearchStrategy[T]]:
    """Decorate a public function: its strategies are shown by its name and the options used.

    An option that it does not have is InvalidArgument, with the nearest of those that it has.
    """
    known = [
        one.name
        for one in inspect.signature(function).parameters.values()
        if one.kind is not one.VAR_KEYWORD
    ]
    checked = len(known) == len(inspect.signature(function).parameters)

    @functools.wraps(function)
    def checking(*args: P.args, **options: P.kwargs) -> SearchStrategy[T]:
        if checked:
            check_options(function.__name__, options, known)
        made = function(*args, **options)

        def drawn(draw: Callable[..., Any], *args: Any, **options: Any) -> T:
            found: T = draw(made)
            return found

        drawn.__name__ = function.__name__
        shown = {name: _shown(name, value) for name, value in options.items() if value is not None}
        return st.composite(drawn)(*args, **shown)

    return checking


class _Hidden:
    def __repr__(self) -> str:
        return "..."


def _shown(name: str, value: object) -> object:
    """What a repr has of an option: a config may hold secrets."""
    return _Hidden() if name == "resource_configs" else value


def check_choice(function: str, option: str, given: Any, known: Iterable[str]) -> None:
    """Raise InvalidArgument when an option has an unknown value."""
    names = list(known)
    if given is not None and given not in names:
        raise InvalidArgument(
            f"{function}({option}={given!r}): unknown {option}; {errors.nearest(str(given), names)}"
        )


def several(function: str, option: str, value: Any, known: Iterable[str]) -> tuple[str, ...] | None:
    """The values of an option that takes any of some; raises InvalidArgument for anything else."""
    names = list(known)
    if value is None:
        return None
    if not isinstance(value, Iterable) or isinstance(value, (str, bytes, Mapping)):
        raise InvalidArgument(
            f"{function}({option}={value!r}): must be a list of any of {', '.join(names)}; "
            "[] stands for none of them, and None leaves it open."
        )
    found = tuple(value)
    for one in found:
        check_choice(function, option, one, names)
    return found


def check_texts(function: str, **options: object) -> None:
    """Raise InvalidArgument for an option that is neither a string nor None."""
    for name, value in options.items():
        if value is not None and not isinstance(value, str):
            raise InvalidArgument(f"{function}({name}={value!r}): must be a string or None.")


def check_options(function: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise InvalidArgument for an option that a strategy does not have."""
    names = list(known)
    for name in given:
        if name not in names:
            advice = errors.nearest(name, names) if names else "it has none."
            raise InvalidArgument(f"{function}() has no option {name!r}: {advice}")


def check_flags(function: str, **given: object) -> None:
    """Raise InvalidArgument for an option that is neither a bool nor None."""
    for name, value in given.items():
        if value is not None and not isinstance(value, bool):
            raise InvalidArgument(
                f"{function}({name}={value!r}): choose from True, False and None."
            )


@functools.cache
def enum_values(shape: str) -> tuple[str, ...]:
    """The values of an enum shape of the service model, in the model's order."""
    from pytest_amplifybackend._api import catalogue

    return tuple(catalogue.service_model().shape_for(shape).enum)


@functools.lru_cache(maxsize=1024)
def one_of(values: tuple[Any, ...]) -> SearchStrategy[Any]:
    """One of some values; made once, as that costs more than to draw."""
    return st.sampled_from(values)


class Sizes(NamedTuple):
    """Sizes: the least, any between and the most, each now and then, and mostly as usual.

    Greater ones come later, so that a shrinker gets from the most to the least that will do.
    """

    least: int
    most: int

    def draw(self, draw: Callable[..., Any]) -> int | None:
        """One of the sizes, None for as usual."""
        part, beyond = divmod(draw(_up_to(_PARTS * self._span - 1)), self._span)
        if part < _PARTS - 3:
            return None
        return (self.least, self.least + beyond, self.most)[part - _PARTS + 3]

    @property
    def _span(self) -> int:
        return self.most - self.least + 1


@functools.lru_cache(maxsize=1024)
def _up_to(most: int) -> SearchStrategy[int]:
    return st.integers(0, most)


_PARTS = 9


@functools.lru_cache(maxsize=1024)
def subsets(values: tuple[Any, ...], least: int = 0) -> SearchStrategy[list[Any]]:
    """Different elements of ``values``, in their order; ``least`` is 0 or 1."""

    # A named function: hypothesis looks up the source of a lambda for every draw.
    def chosen(mask: int) -> list[Any]:
        return [item for bit, item in enumerate(values) if mask >> bit & 1]

    return st.integers(least, 2 ** len(values) - 1).map(chosen)
