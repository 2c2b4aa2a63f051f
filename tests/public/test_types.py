"""The names and options that type checkers know are those that there are at run time."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import get_args

from pytest_amplifybackend import ClockName, ErrorStyle, FakeOptions, OperationName, TransportName
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._options import OPTIONS

TOOL = Path(__file__).parents[2] / "tools" / "record_model.py"


def test_the_names_are_those_of_the_model() -> None:
    tool = runpy.run_path(str(TOOL))
    assert tool["NAMES"].read_text("utf-8") == tool["names"](), f"run {TOOL.name} --names"


def test_every_operation_has_both_spellings() -> None:
    named = [name for part in get_args(OperationName) for name in get_args(part)]
    operations = list(catalogue.operations())
    assert named == [*operations, *map(catalogue.method_name, operations)]


def test_the_options_are_those_of_the_fake() -> None:
    assert sorted(FakeOptions.__annotations__) == sorted(OPTIONS)
    names = {"clock": ClockName, "errors": ErrorStyle, "transport": TransportName}
    for name, literal in names.items():
        assert OPTIONS[name].choices == get_args(literal)
