"""The harness of snippets.py: code that works passes, code that does not fails."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

pytest.importorskip("markdown_it", reason="the documents are read with markdown-it-py, a dev extra")

import snippets
from snippets import SnippetError


@pytest.fixture
def document(tmp_path: Path):
    """Write a Markdown document and give its snippets; ~~~ stands for the fence."""

    def write(text: str) -> list[snippets.Snippet]:
        path = tmp_path / "guide.md"
        path.write_text(dedent(text).replace("~~~", "```"), encoding="utf-8")
        return snippets.find(path)

    return write


WORKS = {
    "a test": """
        ~~~python
        def test_sum():
            assert 1 + 1 == 2
        ~~~
        """,
    "a test with a fixture of the plugin": """
        ~~~python
        def test_fake(amplifybackend):
            amplifybackend.assert_not_called("CreateBackend")
        ~~~
        """,
    "a test in a class": """
        ~~~python
        class TestSum:
            def test_sum(self):
                assert 1 + 1 == 2
        ~~~
        """,
    "a program": """
        ~~~python
        import pytest_amplifybackend
        ~~~
        """,
    "a block in a list": """
        1. First:

           ~~~python
           assert True
           ~~~
        """,
    "a conftest, then a test": """
        ~~~python title="conftest.py"
        import pytest

        @pytest.fixture
        def answer():
            return 42
        ~~~

        ~~~python
        def test_answer(answer):
            assert answer == 42
        ~~~
        """,
    "a test, then the module it tests": """
        ~~~python title="tests/test_shop.py"
        from shop import price

        def test_price():
            assert price() == 3
        ~~~

        ~~~python title="shop.py"
        def price():
            return 3
        ~~~

        ~~~toml title="pyproject.toml"
        [tool.pytest.ini_options]
        pythonpath = ["."]
        ~~~
        """,
    "settings in TOML": """
        ~~~toml
        [tool.pytest.ini_options]
        addopts = ["-ra"]
        ~~~
        """,
    "settings in an ini file": """
        ~~~ini
        [pytest]
        addopts = -ra
        ~~~
        """,
    "TOML that is not pytest's": """
        ~~~toml
        [project]
        name = "shop"
        ~~~
        """,
    "a command": """
        <!-- run -->
        ~~~console
        $ python -c "import sys; sys.exit(0)"
        this is output
        ~~~
        """,
    "a command on a file": """
        ~~~python title="test_shop.py"
        def test_shop():
            pass
        ~~~

        <!-- run -->

        ~~~console
        pytest test_shop.py
        ~~~
        """,
}


@pytest.mark.parametrize("text", WORKS.values(), ids=list(WORKS))
def test_code_that_works(text: str, document, pytester: pytest.Pytester) -> None:
    found = document(text)
    assert found
    for snippet in found:
        assert snippet.runs
        snippets.run(snippet, pytester)


FAILS = {
    "a failing test": """
        ~~~python
        def test_sum():
            assert 1 + 1 == 3
        ~~~
        """,
    "a fixture that does not exist": """
        ~~~python
        def test_fake(amplifybackend_of_yesterday):
            pass
        ~~~
        """,
    "a test that is skipped": """
        ~~~python
        import pytest

        @pytest.mark.skip
        def test_later():
            pass
        ~~~
        """,
    "an import error": """
        ~~~python
        import pytest_amplifybackend.nowhere
        ~~~
        """,
    "a program that fails": """
        ~~~python
        assert False
        ~~~
        """,
    "a syntax error": """
        ~~~python
        def test_sum(
        ~~~
        """,
    "a broken conftest": """
        ~~~python title="conftest.py"
        import nowhere_at_all
        ~~~
        """,
    "a broken module": """
        ~~~python title="shop.py"
        import nowhere_at_all
        ~~~
        """,
    "an unknown setting in TOML": """
        ~~~toml
        [tool.pytest.ini_options]
        amplifybackend_of_yesterday = "1"
        ~~~
        """,
    "an unknown setting in an ini file": """
        ~~~ini
        [pytest]
        amplifybackend_of_yesterday = 1
        ~~~
        """,
    "an unknown option in the settings": """
        ~~~ini
        [pytest]
        addopts = --amplifybackend-of-yesterday
        ~~~
        """,
    "broken TOML": """
        ~~~toml
        [tool.pytest.ini_options
        ~~~
        """,
    "a broken ini file": """
        ~~~ini
        addopts = -ra
        ~~~
        """,
    "a command that fails": """
        <!-- run -->
        ~~~console
        $ false
        $ true
        ~~~
        """,
    "a command that fails before another": """
        <!-- run -->
        ~~~console
        false && true
        true
        ~~~
        """,
    "a command that fails in a pipe": """
        <!-- run -->
        ~~~console
        false | true
        ~~~
        """,
}


@pytest.mark.parametrize("text", FAILS.values(), ids=list(FAILS))
def test_code_that_fails(text: str, document, pytester: pytest.Pytester) -> None:
    [snippet] = document(text)
    assert snippet.runs
    with pytest.raises(SnippetError, match=r"^guide\.md:\d+"):
        snippets.run(snippet, pytester)


def test_a_failing_snippet_fails_the_test_run(pytester: pytest.Pytester) -> None:
    """The whole way: a copy of the real test file beside a README with one broken snippet."""
    here = Path(__file__).parent
    for name in ("snippets.py", "test_snippets.py"):
        target = pytester.path / "tests/docs" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text((here / name).read_text(encoding="utf-8"), encoding="utf-8")
    pytester.makeconftest('pytest_plugins = ["pytester"]')
    readme = pytester.path / "README.md"
    readme.write_text(
        "```python\ndef test_good():\n    pass\n```\n\n"
        "```python\ndef test_bad():\n    assert 0\n```\n\n"
        "<!-- main-job -->\n```console\ntrue\n```\n<!-- tests -->\n```console\ntrue\n```\n",
        encoding="utf-8",
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:xdist")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["*SnippetError: README.md:7: *", "FAILED *README.md:7*"])


def test_console_blocks_run_only_when_marked(document) -> None:
    found = document(
        """
        ~~~console
        $ rm -rf everything
        ~~~

        <!-- run -->

        A paragraph in between takes the mark away.

        ~~~console
        $ rm -rf everything
        ~~~

        ~~~text
        prose
        ~~~
        """
    )
    assert [snippet.runs for snippet in found] == [False, False, False]


def test_titled_blocks_stay_under_their_heading(document) -> None:
    [conftest, under_it, elsewhere] = document(
        """
        # One

        ~~~python title="conftest.py"
        pass
        ~~~

        ~~~python
        pass
        ~~~

        # Two

        ~~~python
        pass
        ~~~
        """
    )
    assert (conftest.title, conftest.line) == ("conftest.py", 5)
    assert list(under_it.files) == ["conftest.py"]
    assert elsewhere.files == {}


def test_one_title_twice_under_a_heading_is_refused(document) -> None:
    block = '~~~python title="conftest.py"\npass\n~~~\n'
    with pytest.raises(SnippetError, match=r"guide\.md:\d+:conftest\.py: a second conftest\.py"):
        document(block + block)


@pytest.mark.parametrize("language", ["py", "pycon", "python3"])
def test_python_under_another_name_is_refused(language: str, document) -> None:
    with pytest.raises(SnippetError, match="write ```python instead of"):
        document(f"~~~{language}\nassert False\n~~~\n")


def test_marked_gives_one_block(document, tmp_path: Path) -> None:
    document("<!-- main-job -->\n~~~console\n$ make\ndone\n$ make test\n~~~\n")
    assert snippets.marked(tmp_path / "guide.md", "main-job").script == (
        "set -euo pipefail\n"
        "printf '$ %s\\n' make\neval make\n"
        "printf '$ %s\\n' 'make test'\neval 'make test'\n"
    )
    with pytest.raises(SnippetError, match="0 blocks are marked <!-- tests -->, not one"):
        snippets.marked(tmp_path / "guide.md", "tests")


def test_the_command_prints_the_script(
    document, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    [snippet] = document("<!-- tests -->\n~~~console\npytest\n~~~\n")
    monkeypatch.setattr(sys, "argv", ["snippets.py", str(tmp_path / "guide.md"), "tests"])
    snippets.main()
    assert capsys.readouterr().out == snippet.script


def test_a_block_for_a_library_that_is_not_there_is_skipped(pytester, document) -> None:
    (snippet,) = document(
        """
        ~~~python
        import pytest

        pytest.importorskip("no_such_module")

        def test_it():
            assert True
        ~~~
        """
    )
    with pytest.raises(pytest.skip.Exception, match="not installed"):
        snippets.run(snippet, pytester)
