"""What all kinds of constraint have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from pytest_amplifybackend._rules.leaves import Leaf


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a value must be like: the base of all kinds."""

    structural: ClassVar[bool] = False
    """Whether it is about how the members of a structure agree, not about a leaf or a list."""

    described: ClassVar[bool] = True
    """Whether :meth:`narrow` says all: what is drawn so need not be looked at again."""

    @property
    def message(self) -> str:
        """How a message about a value that breaks it ends: "must be ..."."""
        raise NotImplementedError

    def holds(self, value: Any) -> bool:
        """Whether a value keeps it; the client has checked the value's type."""
        raise NotImplementedError

    def problem(self, value: Any) -> str:
        """What to say of a value that breaks it, where the message depends on the value."""
        return self.message

    def broken_by(self, value: Any) -> str | None:
        """The name of the rule within that a value breaks, for a kind that holds several."""
        return None

    def breaking(self, value: Any) -> list[Any]:
        """Values made from a valid one, which are to break it; some may break other rules too."""
        raise NotImplementedError

    def narrow(self, leaf: Leaf) -> Leaf:
        """What the valid leaves look like that keep this too; what it cannot say is filtered."""
        return leaf

    def mend(self, value: Any) -> None:
        """Change a structure, in place, so that it keeps the constraint."""

    @property
    def wanted(self) -> tuple[str, ...]:
        """The members that a structure needs so that the constraint can be broken in it."""
        return ()

    @property
    def conditions(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The (member, values) of a structure for which alone it can be broken."""
        return ()
