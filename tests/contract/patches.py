"""How a wrong target is made: changes of answers, effects, refusals and rules, as patches."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from pytest_amplifybackend._rules import checking
from pytest_amplifybackend._rules.rule import Layer, Rule
from pytest_amplifybackend._rules.table import Table, current
from pytest_amplifybackend._service import handlers, validation, worker
from pytest_amplifybackend._transports import codec

Patch = pytest.MonkeyPatch


class Mutants(dict[str, Callable[[Patch], None]]):
    """Wrong targets by name: functions that make one through a patch."""

    def add(self, function: Callable[[Patch], None]) -> Callable[[Patch], None]:
        """Take in a function under its own name."""
        self[function.__name__] = function
        return function


def body(patch: Patch, operation: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the decoded body of an operation's answers before it is sent."""
    original = codec.encode

    def encode(name: str, answer: Any) -> bytes:
        sent = original(name, answer)
        if name != operation:
            return sent
        found = json.loads(sent)
        changed = change(found)
        return json.dumps(found if changed is None else changed).encode()

    patch.setattr(codec, "encode", encode)


def sent(patch: Patch, operation: str, change: Callable[[bytes], bytes]) -> None:
    """Change the bytes of an operation's answers."""
    original = codec.encode
    patch.setattr(
        codec,
        "encode",
        lambda name, found: (
            change(original(name, found)) if name == operation else original(name, found)
        ),
    )


def refusal(patch: Patch, change: Callable[[codec.HTTPResponse], codec.HTTPResponse]) -> None:
    """Change the answer that says an error."""
    original = codec.modeled_error
    patch.setattr(codec, "modeled_error", lambda *given: change(original(*given)))


def request(patch: Patch, change: Callable[[str, dict[str, Any]], Any]) -> None:
    """Change the params of a request after they are decoded."""
    original = codec.decode

    def decode(*given: Any) -> Any:
        operation, params = original(*given)
        change(operation, params)
        return operation, params

    patch.setattr(codec, "decode", decode)


def answer(patch: Patch, operation: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change what the service answers at once."""
    answers(patch, operation, lambda original, *given: change(original(*given)))


def answers(patch: Patch, operation: str, change: Callable[..., Any]) -> None:
    """Replace the handler of an operation; ``change`` gets the original, context and params."""
    original = handlers.OPERATIONS[operation].handler
    declare(patch, operation, handler=lambda *given: change(original, *given))


effect = answers


def declare(patch: Patch, operation: str, **fields: Any) -> None:
    """Change the declaration of an operation."""
    declared = replace(handlers.OPERATIONS[operation], **fields)
    patch.setattr(handlers, "OPERATIONS", {**handlers.OPERATIONS, operation: declared})


def accepted(patch: Patch, operation: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the answer that accepts an operation's job."""
    original = worker._accepted
    patch.setattr(
        worker,
        "_accepted",
        lambda declared, job: (
            change(original(declared, job))
            if declared.name == operation
            else original(declared, job)
        ),
    )


def rules(patch: Patch, change: Callable[..., tuple[Any, ...]]) -> None:
    """Change the rules of an operation; ``change`` gets them and the operation's name.

    The service alone goes by the changed table: what the suite draws stays as it is.
    """

    class Changed(Table):
        def of(self, operation: str, layer: Layer) -> tuple[Rule, ...]:
            return change(super().of(operation, layer), operation)

    table = Changed(current().rows)
    for name in ("validate", "provision"):
        checked = functools.partial(getattr(checking, name), rules=table)
        patch.setattr(validation, name, checked)


def without(patch: Patch, *names: str, operation: str | None = None) -> None:
    """Let the service know some rules no more, of one operation or of all."""

    def left(known: tuple[Any, ...], of: str) -> tuple[Any, ...]:
        if operation not in (None, of):
            return known
        return tuple(rule for rule in known if rule.name not in names)

    rules(patch, left)


def at(context: Any, params: Mapping[str, Any]) -> Any:
    """The environment that a request is about."""
    return context.environment(params["AppId"], params["BackendEnvironmentName"])
