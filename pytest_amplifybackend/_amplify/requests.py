"""What the operations of the neighbor do alike: check values, and answer lists page by page."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Sequence

from pytest_amplifybackend._amplify.rules import broken
from pytest_amplifybackend._api import paths, services
from pytest_amplifybackend._api.secrets.shapes import REDACTED, sensitive_paths
from pytest_amplifybackend._api.traits import broken_trait
from pytest_amplifybackend._arguments import shown
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.operations import Declaration, Params

_PAGE = 50
"""How much a list gives at once by default (assumed)."""


def operation(name: str) -> Declaration:
    """The decorator of an operation's handler; values are checked before it is called."""
    return Declaration(name, needs=(functools.partial(_check_values, name),))


def _check_values(name: str, context: Context, params: Params) -> None:
    """Raise the rule ``amplify.value`` for a value that the model's traits do not allow."""
    for path, value, shape in paths.walk(params, services.operation(name).input_shape):
        constraint = None if shape is None else broken_trait(value, shape)
        if constraint is not None:
            secret = paths.general(path) in sensitive_paths(name)
            told = REDACTED if secret else shown(value)
            raise broken("value", path=path, value=told, constraint=constraint)


def always(noun: str, defaults: Params) -> Params:
    """What one always has: empty members (modeled), and those defaults that the model knows."""
    shape = services.operation(f"Get{noun[0].upper()}{noun[1:]}").output_shape.members[noun]
    kinds = {name: shape.members[name].type_name for name in shape.required_members}
    empty = {name: _EMPTY[kind] for name, kind in kinds.items() if kind in _EMPTY}
    return {**empty, **{name: defaults[name] for name in defaults if name in shape.members}}


_EMPTY: Params = {"string": "", "boolean": False, "list": [], "map": {}}


def page(name: str, params: Params, ids: Sequence[str], show: Callable[[str], Params]) -> Params:
    """One page of a list, with the token of the next page if there is one."""
    key = f"{name}/{params.get('appId', '')}/{params.get('environmentName', '')}"
    marks = [_mark(key, one) for one in ids]
    start = _start(name, key, marks, params["nextToken"]) if "nextToken" in params else 0
    end = start + (params.get("maxResults") or _PAGE)
    (member,) = set(services.operation(name).output_shape.members) - {"nextToken"}
    more = {"nextToken": _token(key, *marks[end - 1 : end + 1])} if end < len(ids) else {}
    return {member: [show(one) for one in ids[start:end]], **more}


def _mark(*of: str) -> str:
    return hashlib.blake2b(repr(of).encode(), digest_size=12).hexdigest()


def _token(key: str, last: str, following: str) -> str:
    """An opaque token; it carries a check, so that one of another list is rejected."""
    return last + following + _mark(key, last, following)


def _start(name: str, key: str, marks: Sequence[str], token: str) -> int:
    """After the last item of the page before, or at the next one; else at the first."""
    last, following = token[:24], token[24:48]
    if token != _token(key, last, following):
        raise broken("next-token", name=name)
    begins = ((last, 1), (following, 0))
    return min((marks.index(mark) + more for mark, more in begins if mark in marks), default=0)
