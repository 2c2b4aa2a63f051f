"""Whether params and responses fit their shapes, by botocore's own validator."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pytest_amplifybackend._api import installed, paths, services
from pytest_amplifybackend._api.secrets.shapes import REDACTED, holds_secrets, is_secret
from pytest_amplifybackend._wording import nearest, shown


class InvalidParams(ValueError):
    """Params or a response that the operation's shape does not allow.

    ``problems`` are the paths, and what is wrong at each; no secret is shown.
    """

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path or 'the whole'} {text}" for path, text in problems))
        self.problems = tuple(problems)


def check_params(operation: str, params: Any) -> None:
    """Hold request params to their shape as a client does; raises InvalidParams.

    A member that only the installed botocore knows is let through, as a client does that too.
    """
    later = functools.partial(installed.input_shape, operation)
    _check(params, services.operation(operation).input_shape, later)


def check_response(operation: str, response: Any) -> None:
    """Hold a response to its shape, as ``Stubber.add_response`` does; raises InvalidParams.

    A member that only the installed botocore knows is let through.
    """
    later = functools.partial(installed.output_shape, operation)
    _check(response, services.operation(operation).output_shape, later)


def check_part(operation: str, part: Mapping[str, Any]) -> None:
    """Hold a part of a request to its shape: names at any depth, and types; raises InvalidParams.

    A value of a type of its own is let through: it may be equal to many, as ``mock.ANY`` is.
    """
    shape = services.operation(operation).input_shape
    for path, value, below in paths.walk(part, shape):
        if isinstance(value, _PLAIN) and not isinstance(value, _PYTHON[below.type_name]):
            raise InvalidParams([(path, _wrong_type(value, below, path, shape))])
        is_structure = below.type_name == "structure" and isinstance(value, Mapping)
        for name in value if is_structure else ():
            if name not in below.members:
                raise InvalidParams(
                    [(path, _unknown_in_part(operation, path, name, below.members))]
                )


def _unknown_in_part(operation: str, path: str, name: str, known: Iterable[str]) -> str:
    """Why nothing can be expected of a member that the model does not have."""
    if installed.input_shape(operation, paths.join(path, name)) is not None:
        return f"has the member {shown(name)} of a newer botocore, which the fake ignores"
    return _no_member(name, known)


def _wrong_type(value: Any, shape: Any, path: str, root: Any) -> str:
    # A text in the place of a structure may be the JSON of one.
    secret = is_secret(path, root) or (
        isinstance(value, (str, bytes)) and holds_secrets(path, root)
    )
    shown_value = REDACTED if secret else shown(value)
    kind = "a value of another type" if shape is None else _KINDS[shape.type_name]
    return f"must be {kind}, not {shown_value}"


def _no_member(name: str, known: Iterable[str]) -> str:
    return f"has no member {shown(name)}: {nearest(name, known)}"


_PLAIN = (str, bytes, int, float, type(None), Mapping, list, tuple)
_PYTHON: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "double": (int, float),
    "list": (list, tuple),
    "map": (Mapping,),
    "structure": (Mapping,),
    "timestamp": (datetime, str, int, float),
}
_KINDS = {
    "string": "a string",
    "boolean": "True or False",
    "integer": "a whole number",
    "double": "a number",
    "list": "a list",
    "map": "a dict",
    "structure": "a dict",
    "timestamp": "a time",
}


_Later = Callable[[str], Any]
"""The installed shape at a path, if there is one."""


def _check(value: Any, shape: Any, later: _Later) -> None:
    from botocore.validate import ParamValidator

    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        # The text that it generates quotes whole values, secrets among them.
        problems = _problems(report._errors, shape, later)  # noqa: SLF001  # see above
        if problems:
            raise InvalidParams(problems)


_Entry = tuple[str, str, Mapping[str, Any]]


def _problems(entries: Sequence[_Entry], shape: Any, later: _Later) -> list[tuple[str, str]]:
    """What botocore has found, as paths and texts."""
    missing: dict[str, list[str]] = {}
    found = []
    for reason, name, more in entries:
        path = name.lstrip(".")
        if reason == "missing required field":
            missing.setdefault(path, []).append(more["required_name"])
        elif reason == "unknown field":
            unknown = str(more["unknown_param"])
            if later(paths.join(path, unknown)) is None:
                found.append((path, _no_member(unknown, more["valid_names"])))
        elif reason == "invalid length":
            least = more["min_allowed"]
            found.append((path, f"must have a length of at least {least}, not {more['param']}"))
        else:
            wrong = _wrong_type(more.get("param"), paths.shape_at(shape, path), path, shape)
            found.append((path, wrong))
    return [*((path, f"is missing {', '.join(names)}") for path, names in missing.items()), *found]
