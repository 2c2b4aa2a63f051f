"""Whether params and responses fit their shapes, by botocore's own validator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue, sensitive
from pytest_amplifybackend._arguments import shown


class InvalidParams(ValueError):
    """Params or a response that the operation's shape does not allow.

    ``problems`` are the paths, and what is wrong at each; no secret is shown.
    """

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path or 'the whole'} {text}" for path, text in problems))
        self.problems = tuple(problems)


def check_params(operation: str, params: Any) -> None:
    """Hold request params to their shape as a client does; raises InvalidParams."""
    _check(params, catalogue.operations()[operation].input_shape)


def check_response(operation: str, response: Any) -> None:
    """Hold a response to its shape, as ``Stubber.add_response`` does; raises InvalidParams."""
    _check(response, catalogue.operations()[operation].output_shape)


def check_part(operation: str, part: Mapping[str, Any]) -> None:
    """Hold a part of a request to its shape: names at any depth, and types; raises InvalidParams.

    A value of a type of its own is let through: it may be equal to many, as ``mock.ANY`` is.
    """
    shape = catalogue.operations()[operation].input_shape
    problem = next(_problems_of_part(part, shape, "", secret=False), None)
    if problem is not None:
        raise InvalidParams([problem])


def _problems_of_part(
    part: Any, shape: Any, path: str, *, secret: bool
) -> Iterator[tuple[str, str]]:
    kind = shape.type_name
    secret = secret or sensitive.is_sensitive(shape, path.rpartition(".")[2])
    if isinstance(part, _PLAIN) and not isinstance(part, _PYTHON[kind]):
        yield path, f"must be {_KINDS[kind]}, not {sensitive.REDACTED if secret else shown(part)}"
    elif kind == "structure" and isinstance(part, Mapping):
        for name, value in part.items():
            if name in shape.members:
                below = f"{path}.{name}".lstrip(".")
                yield from _problems_of_part(value, shape.members[name], below, secret=secret)
            else:
                yield path, f"has no member {shown(name)}: {errors.nearest(name, shape.members)}"
    elif kind == "list" and isinstance(part, (list, tuple)):
        for index, item in enumerate(part):
            below = f"{path}[{index}]"
            yield from _problems_of_part(item, shape.member, below, secret=secret)


_PLAIN = (str, bytes, int, float, type(None), Mapping, list, tuple)
_PYTHON: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "double": (int, float),
    "list": (list, tuple),
    "structure": (Mapping,),
}
_KINDS = {
    "string": "a string",
    "boolean": "True or False",
    "integer": "a whole number",
    "double": "a number",
    "list": "a list",
    "structure": "a dict",
}


def _check(value: Any, shape: Any) -> None:
    from botocore.validate import ParamValidator

    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        # The text that it generates quotes whole values, secrets among them.
        raise InvalidParams(_problems(report._errors, shape))  # noqa: SLF001  # see above


_Entry = tuple[str, str, Mapping[str, Any]]


def _problems(entries: Sequence[_Entry], shape: Any) -> list[tuple[str, str]]:
    """What botocore has found, as paths and texts."""
    secret = sensitive.secret_paths(shape)
    missing: dict[str, list[str]] = {}
    found = []
    for reason, name, more in entries:
        path = name.lstrip(".")
        if reason == "missing required field":
            missing.setdefault(path, []).append(more["required_name"])
        elif reason == "unknown field":
            unknown, near = str(more["unknown_param"]), errors.nearest
            text = f"has no member {shown(unknown)}: {near(unknown, more['valid_names'])}"
            found.append((path, text))
        else:
            hidden = re.sub(r"\[\d+\]", "[]", path) in secret
            value = sensitive.REDACTED if hidden else shown(more.get("param"))
            kind = _KINDS[_shape_at(shape, path).type_name]
            found.append((path, f"must be {kind}, not {value}"))
    return [*((path, f"is missing {', '.join(names)}") for path, names in missing.items()), *found]


def _shape_at(shape: Any, path: str) -> Any:
    for step in re.findall(r"[^.\[\]]+", path):
        shape = shape.member if step.isdigit() else shape.members[step]
    return shape
