"""Reports of conformance: what they contain, how two are compared, how they are asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_amplifybackend import _cli as cli
from pytest_amplifybackend._report import conformance, pages
from pytest_amplifybackend._report.conformance import Outcome, Report, report

TESTS = (
    Outcome("test_b.py::b", "failed", ("GetToken",), "assumed", "GetToken: expected <b> | got 1"),
    Outcome("test_a.py::a[1]", "passed", ("GetToken", "CreateToken"), "modeled"),
    Outcome("test_c.py::c", "blocked", ("GetToken",), "observed", "CreateToken answered 501"),
    Outcome("test_d.py::d", "skipped", ("GetBackend",), "documented", "needs GetBackend"),
)


def made(*tests: Outcome) -> Report:
    return report("stubber", "1.0", tests or TESTS)


def other(outcome: str, **changes: str) -> Outcome:
    name = changes.get("name", "test_a.py::a[1]")
    return Outcome(name, outcome, ("GetToken",), "modeled", changes.get("reason", ""))


def test_a_report_is_the_same_whatever_the_order() -> None:
    assert made().text() == made(*reversed(TESTS)).text()


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(made().text())
    assert conformance.read(str(tmp_path / "one.json")) == made()


def test_operations_are_counted_in_the_order_of_the_model() -> None:
    content = json.loads(made().text())
    assert list(content["operations"]) == ["CreateToken", "GetBackend", "GetToken"]
    assert content["operations"]["GetToken"] == {
        "passed": 1,
        "failed": 1,
        "xfailed": 0,
        "skipped": 0,
        "blocked": 1,
    }
    assert made().whole == (["CreateToken"], ["CreateToken", "GetToken"])
    assert made().sentence.endswith("1 of 2 operations, and passes 1 of 3 tests.")


def test_the_schema_describes_what_is_written() -> None:
    schema = json.loads(conformance.SCHEMA.read_text())
    content = json.loads(made().text())
    assert set(content) == set(schema["required"]) == set(schema["properties"])
    row = schema["properties"]["tests"]["additionalProperties"]
    for test in content["tests"].values():
        assert set(row["required"]) <= set(test) <= set(row["properties"])
    assert tuple(row["properties"]["outcome"]["enum"]) == conformance.OUTCOMES
    assert set(schema["$defs"]["counts"]["properties"]) == set(conformance.OUTCOMES)
    validator = pytest.importorskip("jsonschema", reason="validates by a schema")
    validator.validate(content, schema)
    content["tests"]["test_b.py::b"]["outcome"] = "odd"
    with pytest.raises(validator.ValidationError):
        validator.validate(content, schema)


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        pytest.param("app d0123456789abc\nand more", "app <app>", id="lines"),
        ("job 01234567-89ab-4cde-8f01-23456789abcd", "job <id>"),
        pytest.param("at 1704067200000 by <f at 0x7f00aa>", "at <time> by <f>", id="address"),
        ("GetToken answered 501", "GetToken answered 501"),
        ("x" * 400, "x" * 300 + "…"),
    ],
)
def test_a_reason_has_no_value_that_differs_from_run_to_run(reason: str, kept: str) -> None:
    assert conformance.stable(reason) == kept


CHANGES = {
    "worse": (other("passed"), other("failed", reason="no"), "no longer pass: 1", 1),
    "blocked": (other("passed"), other("blocked"), "no longer pass: 1", 1),
    "better": (other("failed"), other("passed"), "pass now: 1", 0),
    "otherwise bad": (other("failed"), other("xfailed"), "have another outcome: 1", 0),
    "gone": (other("passed"), None, "are gone: 1", 1),
    "new": (None, other("failed"), "are new: 1", 0),
    "same": (other("failed"), other("failed"), "No test has another outcome.", 0),
}


@pytest.mark.parametrize("name", CHANGES)
def test_two_reports_are_compared(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after, line, status = CHANGES[name]
    beside = other("passed", name="test_z.py::z")
    for file, test in (("old", before), ("new", after)):
        found = [beside] if test is None else [beside, test]
        (tmp_path / file).write_text(made(*found).text())
    assert cli.main(["conformance", str(tmp_path / "old"), str(tmp_path / "new")]) == status
    lines = capsys.readouterr().out.splitlines()
    assert line in lines
    assert not any("test_z" in line for line in lines)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "No such file or directory"),
        ("nothing", "is not JSON: Expecting value"),
        ("[]", "is not a conformance report: write one with"),
        ('{"format": 1, "tests": 5}', "is not a conformance report: write one with"),
        ('{"format": 9}', "has format 9, and this version reads 1."),
        ('{"format": 1}', "is not a conformance report: write one with"),
        (
            made().text().replace('"failed",', '"odd",'),
            "is not a conformance report: write one with",
        ),
    ],
)
def test_another_file_is_no_report(
    content: str | None, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_text(content)
    assert cli.main(["conformance", str(file), str(file)]) == 2
    assert text in capsys.readouterr().err


def test_markdown_lists_what_did_not_pass() -> None:
    text = pages.markdown(made())
    assert "| GetToken | 1/3 | 1 | 0 | 0 | 1 |" in text
    assert "## 2 tests did not pass" in text
    assert "- `test_b.py::b`: failed, GetToken: expected &lt;b> \\| got 1" in text
    assert "did not pass" not in pages.markdown(made(other("passed")))


def test_a_page_shows_each_test_and_no_markup_of_a_reason() -> None:
    text = pages.page(made())
    assert "<b>" not in text
    for test in TESTS:
        assert f"<code>{test.name}</code> {test.outcome}, {test.provenance}" in text
    assert "<td>1/3</td>" in text


@pytest.mark.parametrize(
    ("tests", "message", "color"),
    [
        ([other("passed")], "1/1", "brightgreen"),
        ([*[other("passed")] * 9, other("failed")], "9/10", "yellow"),
        (TESTS, "1/3", "red"),
        ([other("skipped")], "0/0", "red"),
    ],
)
def test_a_badge_says_how_many_tests_pass(tests: Any, message: str, color: str) -> None:
    fields = json.loads(pages.badge(made(*tests), svg=False))
    expected = {"schemaVersion": 1, "label": "amplifybackend", "message": message, "color": color}
    assert fields == expected
    assert f">{message}</text>" in pages.badge(made(*tests), svg=True)
