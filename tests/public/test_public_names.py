"""The public names are those of ``names.txt``: whoever adds or removes one changes that file.

`python tests/public/test_public_names.py` writes it anew.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pytest_amplifybackend

PACKAGE = Path(pytest_amplifybackend.__file__).parent
LISTED = Path(__file__).with_name("names.txt")
EXTRAS = {"strategies": "hypothesis"}
"""Public modules that need an extra."""

WRITTEN_BY_USERS = ("Place", "Provisioner")


def modules() -> list[str]:
    """The modules without an underscore; the contract suite's tests are no library."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        names = parts[:-1] if parts[-1] == "__init__" else parts
        tests = parts[0] == "contract" and parts[-1] != "__init__"
        if not tests and not any(name.startswith("_") for name in names):
            found.append(".".join([PACKAGE.name, *names]))
    return found


def loaded(name: str) -> Any:
    """A public module; one that needs an extra only where that is installed."""
    pytest.importorskip(EXTRAS.get(name.rpartition(".")[2], "pytest"))
    return importlib.import_module(name)


def lines(name: str) -> Iterator[str]:
    """A module's public names, and the members of the classes that users hold or write."""
    module = loaded(name)
    for exported in sorted(module.__all__):
        yield f"{name}.{exported}"
        value = getattr(module, exported)
        if inspect.isclass(value) and (name == PACKAGE.name or exported in WRITTEN_BY_USERS):
            own = [one for one in value.__mro__ if one.__module__.startswith(PACKAGE.name)]
            for member in sorted({member for one in own for member in vars(one)}):
                if not member.startswith("_"):
                    yield f"{name}.{exported}.{member}"


def defined(name: str) -> set[str]:
    """What a module defines under a name without an underscore; hooks are called by pytest."""
    tree = ast.parse(Path(str(importlib.import_module(name).__file__)).read_text("utf-8"))
    names = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    targets = [
        target
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {found for found in names if not found.startswith(("_", "pytest_"))}


@pytest.mark.parametrize("name", modules())
def test_a_module_defines_no_other_public_name_than_it_lists(name: str) -> None:
    assert defined(name) <= set(loaded(name).__all__)


@pytest.mark.parametrize("name", modules())
def test_the_names_are_those_of_the_list(name: str) -> None:
    others = [f"{module}." for module in modules() if module.startswith(f"{name}.")]
    listed = [
        line
        for line in LISTED.read_text("utf-8").splitlines()
        if line.startswith(f"{name}.") and not line.startswith(tuple(others))
    ]
    assert listed == list(lines(name)), "run python tests/public/test_public_names.py"


def test_the_list_is_short_and_of_public_modules_only() -> None:
    listed = LISTED.read_text("utf-8").splitlines()
    assert all(line.startswith(tuple(f"{name}." for name in modules())) for line in listed)
    assert len(listed) <= 250


def test_every_public_name_is_documented() -> None:
    for name in modules():
        module = loaded(name)
        for exported in module.__all__:
            value = getattr(module, exported)
            if inspect.isclass(value) or inspect.isroutine(value):
                assert inspect.getdoc(value), f"{name}.{exported}"


if __name__ == "__main__":
    found = [line for name in modules() for line in lines(name)]
    LISTED.write_text("\n".join(found) + "\n", encoding="utf-8")
