"""Finds the code in a Markdown document and runs it the way a reader would.

- ```` ```python ```` with `test_*` functions is a test file: pytest runs it with the plugin active.
- ```` ```python ```` without them is a program: the interpreter runs it.
- ```` ```python title="conftest.py" ```` is a file of that name, there for every block under the
  same heading. It is run too: a `conftest.py` or a test file by pytest, another module by itself.
- ```` ```toml ```` and ```` ```ini ```` are parsed; their settings for pytest are used in a run
  that refuses unknown keys.
- ```` ```console ```` after `<!-- run -->` is run by bash, with this interpreter's folder first in
  PATH; only the exit status counts. Where lines start with `$ `, the others are output.
  One line is one command. `pytest` and what follows runs inside this process, between `&&` too.

Other languages are not run. `py`, `pycon` and their like are refused, so that no Python escapes.

Why this is our own: pytest-examples finds Python blocks only and imports them, which runs no test
and gives no fixture; Sybil evaluates all blocks of a document in one namespace, so its tests are
not pytest's either. What they would have given is the search for blocks, and for that a CommonMark
parser (markdown-it-py) is the better tool; the rest is pytest's `pytester`.

As a command: `python snippets.py README.md MARK` prints the block after `<!-- MARK -->` as a bash
script; `.ci/run` runs what it prints.
"""

from __future__ import annotations

import ast
import configparser
import os
import re
import shlex
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.token import Token

SECONDS = 120
"""How long one block may take."""

_COMMENT = re.compile(r"<!--\s*(.*?)\s*-->", re.DOTALL)
_TITLE = re.compile(r"""\btitle=(["'])(.+?)\1""")
_REFUSED = {"py", "py3", "python3", "pycon", "python-console"}
_SETTINGS = {"toml": "pyproject.toml", "ini": "pytest.ini"}


class SnippetError(AssertionError):
    """A block is not what it claims to be, or failed; the text starts with `document:line`."""


@dataclass(frozen=True)
class Snippet:
    """One fenced block of a document."""

    path: Path
    line: int
    """Of its first line of code, from 1."""
    language: str
    title: str | None
    marks: frozenset[str]
    """The HTML comments right before it."""
    code: str
    files: dict[str, str] = field(default_factory=dict, repr=False)
    """The titled blocks under the same heading, by title."""

    def __str__(self) -> str:
        name = f"{self.path.name}:{self.line}"
        return f"{name}:{self.title}" if self.title else name

    @property
    def runs(self) -> bool:
        """Whether `run` does anything with it."""
        return self.language in {"python", *_SETTINGS} or (
            self.language == "console" and "run" in self.marks
        )

    @property
    def commands(self) -> list[str]:
        """The lines of a console block that are typed."""
        lines = self.code.splitlines()
        if any(line.startswith("$ ") for line in lines):
            lines = [line[2:] for line in lines if line.startswith("$ ")]
        return [line for line in lines if line.strip()]

    @property
    def script(self) -> str:
        """A console block as a bash script that shows each command and ends where one fails.

        Each goes through `eval`, because bash does not end at the `a` of `a && b` otherwise.
        """
        quoted = [shlex.quote(line) for line in self.commands]
        steps = [f"printf '$ %s\\n' {line}\neval {line}\n" for line in quoted]
        return "".join(["set -euo pipefail\n", *steps])


def find(path: Path) -> list[Snippet]:
    """Give the fenced blocks of a Markdown document, in order.

    Raises SnippetError for Python under another name than `python`, and for two blocks of one title
    under one heading.
    """
    found: list[Snippet] = []
    files: dict[str, str] = {}
    marks: set[str] = set()
    for token in MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8")):
        if token.type == "fence":
            snippet = _snippet(path, token, frozenset(marks), files)
            if snippet.title:
                if snippet.title in files:
                    raise SnippetError(
                        f"{snippet}: a second {snippet.title} under one heading; "
                        "give it a heading of its own."
                    )
                files[snippet.title] = snippet.code
            found.append(snippet)
            marks = set()
        elif token.type == "html_block":
            marks.update(_COMMENT.findall(token.content))
        else:
            marks = set()
            if token.type == "heading_open":
                files = {}
    return found


def _snippet(path: Path, token: Token, marks: frozenset[str], files: dict[str, str]) -> Snippet:
    language, _, info = token.info.strip().partition(" ")
    title = _TITLE.search(info)
    snippet = Snippet(
        path=path,
        line=(token.map or [0])[0] + 2,
        language=language,
        title=title[2] if title else None,
        marks=marks,
        code=token.content,
        files=files,
    )
    if language in _REFUSED:
        raise SnippetError(f"{snippet}: write ```python instead of ```{language}, so that it runs.")
    return snippet


def marked(path: Path, mark: str) -> Snippet:
    """Give the one block that follows the comment `<!-- mark -->`."""
    found = [snippet for snippet in find(path) if mark in snippet.marks]
    if len(found) != 1:
        raise SnippetError(f"{path}: {len(found)} blocks are marked <!-- {mark} -->, not one.")
    return found[0]


def run(snippet: Snippet, pytester: pytest.Pytester) -> None:
    """Run a block in pytester's folder; raises SnippetError when it fails."""
    for name, text in snippet.files.items():
        target = pytester.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    if snippet.language == "python":
        _run_python(snippet, pytester)
    elif snippet.language in _SETTINGS:
        _run_settings(snippet, pytester)
    elif snippet.language == "console":
        _run_commands(snippet, pytester)


def _run_python(snippet: Snippet, pytester: pytest.Pytester) -> None:
    name = snippet.title
    try:
        tests = _has_tests(ast.parse(snippet.code))
    except SyntaxError as error:
        raise SnippetError(f"{snippet}: {error}\n{snippet.code}") from error
    if name is None:
        name = f"test_line_{snippet.line}.py" if tests else f"line_{snippet.line}.py"
        (pytester.path / name).write_text(snippet.code, encoding="utf-8")
        if tests:
            _run_pytest(snippet, pytester, name)
        else:
            _run_process(snippet, pytester, sys.executable, name)
    elif tests:
        _run_pytest(snippet, pytester, name)
    elif Path(name).name == "conftest.py":
        _run_pytest(snippet, pytester, may_be_empty=True)
    else:
        statement = f"import runpy; runpy.run_path({name!r}, run_name='snippet')"
        _run_process(snippet, pytester, sys.executable, "-c", statement)


def _has_tests(module: ast.Module) -> bool:
    """Tell whether a module has test functions or methods."""
    functions = ast.FunctionDef, ast.AsyncFunctionDef
    return any(
        isinstance(node, functions) and node.name.startswith("test") for node in ast.walk(module)
    )


def _run_settings(snippet: Snippet, pytester: pytest.Pytester) -> None:
    try:
        settings = _pytest_settings(snippet)
    except (tomllib.TOMLDecodeError, configparser.Error) as error:
        raise SnippetError(f"{snippet}: {error}\n{snippet.code}") from error
    if not settings:
        return
    name = snippet.title or _SETTINGS[snippet.language]
    (pytester.path / name).write_text(snippet.code, encoding="utf-8")
    test = pytester.path / "test_settings.py"
    test.write_text("def test_settings():\n    pass\n", encoding="utf-8")
    _run_pytest(snippet, pytester, "--strict-config", "-c", name, test.name)


def _pytest_settings(snippet: Snippet) -> bool:
    """Parse the block, and tell whether it has settings of pytest's."""
    if snippet.language == "toml":
        tool = tomllib.loads(snippet.code).get("tool", {})
        return "pytest" in tool
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(snippet.code)
    return bool({"pytest", "tool:pytest"} & set(parser.sections()))


def _run_commands(snippet: Snippet, pytester: pytest.Pytester) -> None:
    if not any(line.startswith("pytest") for line in snippet.commands):
        _run_script(snippet, pytester, snippet.script)
        return
    for line in snippet.commands:
        for command in line.split(" && "):
            name, *options = shlex.split(command)
            if name == "pytest":
                result = pytester.runpytest(*options)
                if result.ret != 0:
                    raise _failed(snippet, f"{command} ended with {result.ret!r}", result)
            else:
                _run_script(snippet, pytester, f"set -euo pipefail\n{command}")


def _run_script(snippet: Snippet, pytester: pytest.Pytester, script: str) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    script = f"export PATH={shlex.quote(path)}\n{script}"
    _run_process(snippet, pytester, "bash", "-c", script)


def _run_pytest(
    snippet: Snippet, pytester: pytest.Pytester, *args: str, may_be_empty: bool = False
) -> None:
    result = pytester.runpytest(*args)
    if may_be_empty and result.ret == pytest.ExitCode.NO_TESTS_COLLECTED:
        return
    if result.ret == pytest.ExitCode.NO_TESTS_COLLECTED and set(result.parseoutcomes()) == {
        "skipped"
    }:
        pytest.skip(f"{snippet} needs a library that is not installed")  # its importorskip says so
    if result.ret != 0:
        raise _failed(snippet, f"pytest ended with {result.ret!r}", result)
    if not result.parseoutcomes().get("passed"):
        raise _failed(snippet, "no test passed", result)


def _run_process(snippet: Snippet, pytester: pytest.Pytester, *command: str) -> None:
    result = pytester.run(*command, timeout=SECONDS)
    if result.ret != 0:
        raise _failed(snippet, f"exit status {result.ret}", result)


def _failed(snippet: Snippet, what: str, result: pytest.RunResult) -> SnippetError:
    output = "\n".join([*result.outlines, *result.errlines])
    return SnippetError(f"{snippet}: {what}\n\n{snippet.code}\n{output}")


def main() -> None:
    """Print the script of the block that a mark names."""
    document, mark = sys.argv[1:]
    sys.stdout.write(marked(Path(document), mark).script)


if __name__ == "__main__":
    main()
