"""No file of the package needs itself through others; imports inside functions count."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest_amplifybackend

ROOT = Path(pytest_amplifybackend.__file__).parents[1]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in Path(pytest_amplifybackend.__file__).parent.rglob("*.py")
}
LAZY = {"pytest_amplifybackend", "pytest_amplifybackend.strategies"}
"""Their names are imported when they are asked for; who imports one imports its module."""


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules of the package that a tree imports, unless for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in FILES)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            below = [f"{module}.{alias.name}" for alias in node.names]
            yield from (name for name in below if name in FILES)
            if module in FILES and not all(name in FILES for name in below):
                yield module
        yield from imports(node)


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """The sets of files that need each other."""
    reached = {}
    for start in graph:
        seen, waiting = set(), [start]
        while waiting:
            new = graph[waiting.pop()] - seen
            seen |= new
            waiting += new
        reached[start] = seen
    return [
        {other for other in reached[name] if name in reached[other]}
        for name in graph
        if name in reached[name]
    ]


def test_there_is_no_circle() -> None:
    graph = {
        name: set(imports(ast.parse(path.read_text("utf-8")))) - LAZY
        for name, path in FILES.items()
    }
    found = {frozenset(circle) for circle in circles(graph)}
    assert [sorted(circle) for circle in found] == []


def test_a_circle_would_be_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [{"b", "c"}, {"b", "c"}]
