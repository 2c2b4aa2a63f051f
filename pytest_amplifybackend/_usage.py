"""Checks of the arguments of ``FakeAmplifyBackend`` and its methods."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from pytest_amplifybackend import errors, progress
from pytest_amplifybackend._api import services, validity
from pytest_amplifybackend._api.paths import copied
from pytest_amplifybackend._api.traits import broken_trait
from pytest_amplifybackend._arguments import (
    american,
    choice,
    encodable,
    flag,
    mapping,
    names,
    optional_text,
    shown,
    structure,
    text,
    whole,
    wrong,
)
from pytest_amplifybackend._options import CLOCK, ERRORS, OPTIONS, TRANSPORT
from pytest_amplifybackend._service.calls import without_traceback
from pytest_amplifybackend._service.clock import CLOCKS, ServiceClock
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.provisioning import Provisioner
from pytest_amplifybackend.errors import InvalidArgument

FAKE = "FakeAmplifyBackend"


def known_options(names: Iterable[str]) -> None:
    """Check the names of options of a fake."""
    for name in names:
        if name not in OPTIONS:
            near = errors.nearest(name, OPTIONS)
            raise errors.UnknownOption(f"the amplifybackend fake has no option {name!r}: {near}")


def seed(value: Any) -> int | str:
    """A whole number or a string."""
    if isinstance(value, str):
        return encodable(FAKE, "seed", value) if value else ""
    try:
        return whole(FAKE, "seed", value, least=-(2**63), most=2**63 - 1)
    except InvalidArgument:
        problem = f"must be a whole number of 64 bits or a string, not {shown(value)}."
        raise InvalidArgument(FAKE, "seed", problem) from None


def policy(value: Any) -> progress.Progress:
    """A progress policy, which may be a text or a timedelta; None is ``immediate``."""
    if value is None:
        return progress.immediate()
    if isinstance(value, progress.Progress):
        return value
    try:
        if isinstance(value, timedelta):
            return progress.after_seconds(value)
        return progress.parse(value)
    except ValueError:
        problem = (
            "must be 'immediate', 'manual', 'after_reads:N', 'after_seconds:S', a timedelta or a "
            f"policy such as progress.after_reads(2), not {shown(value)}."
        )
        raise InvalidArgument(FAKE, "jobs", problem) from None


def transport(value: Any) -> str:
    """The name of a transport."""
    return choice(FAKE, "transport", value, TRANSPORT.choices)


def clock(value: Any) -> ServiceClock:
    """A clock by its name."""
    return CLOCKS[choice(FAKE, "clock", value, CLOCK.choices)]()


def error_style(value: Any) -> str:
    """``modeled`` or ``observed``."""
    return choice(FAKE, "errors", american(value), ERRORS.choices)


def provisioner(value: Any) -> Provisioner | None:
    """An object with every method of a Provisioner, or None."""
    if value is None:
        return None
    lacking = [
        name
        for name in vars(Provisioner)
        if not name.startswith("_") and not callable(getattr(value, name, None))
    ]
    if isinstance(value, type) or lacking or not hasattr(value, "keeps_files"):
        missing = f", which has no {(lacking or ['keeps_files'])[0]}" if lacking else ""
        problem = f"must be an instance of a Provisioner, not {shown(value)}{missing}."
        raise InvalidArgument(FAKE, "provisioner", problem)
    found: Provisioner = value
    return found


def switch(argument: str, value: Any) -> bool | None:
    """True, False, or None for what another option decides."""
    return None if value is None else flag(FAKE, argument, value)


def keys(value: Any) -> dict[str, str] | None:
    """Access keys and their secret keys; no message shows a secret key."""
    if value is None:
        return None
    made = {}
    for access_key, secret_key in mapping(FAKE, "verify_signatures", value).items():
        plain = encodable(FAKE, "an access key in verify_signatures", access_key)
        if not isinstance(secret_key, str) or not secret_key or not _is_text(secret_key):
            problem = f"must be a string that is not empty, not a {type(secret_key).__name__}."
            raise InvalidArgument(FAKE, f"the secret key of {shown(plain)}", problem)
        made[plain] = str.__str__(secret_key)
    return made


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def client_options(options: Mapping[str, Any]) -> None:
    """Check that botocore's session knows these options of a client."""
    from botocore.session import Session

    own = ("self", "service_name", "region_name")
    known = [
        name for name in inspect.signature(Session.create_client).parameters if name not in own
    ]
    for name in options:
        if name not in known:
            near = errors.nearest(name, known)
            raise errors.UnknownOption(f"client() has no option {name!r}: {near}")


def host(value: Any) -> str:
    """A name or an address to listen on."""
    return encodable("serve", "host", value)


def port(value: Any) -> int:
    """A port, or 0 for a free one."""
    try:
        return whole("serve", "port", value, most=65535)
    except InvalidArgument:
        problem = f"must be from 0 (pick a free port) to 65535, not {shown(value)}."
        raise InvalidArgument("serve", "port", problem) from None


def hosts(value: Any) -> list[str]:
    """Further names of a server."""
    return [
        encodable("serve", "allowed_hosts", name) for name in names("serve", "allowed_hosts", value)
    ]


def origins(value: Any) -> list[str]:
    """Origins whose pages may use a server."""
    return names("serve", "allowed_origins", value)


def file(value: Any) -> str | None:
    """The path of a state file."""
    if value is None:
        return None
    try:
        path = os.fspath(value)
    except TypeError:
        path = None
    if not isinstance(path, str) or not path:
        problem = f"must be the path of a file, not {shown(value)}."
        raise InvalidArgument("serve", "state_file", problem)
    return path  # its name need not be UTF-8, as those of files need not


def kept_calls(value: Any) -> int | None:
    """How many calls a server remembers."""
    return None if value is None else whole("serve", "keep_calls", value, least=1)


def params(method: str, operation: str, value: Any) -> dict[str, Any]:
    """A copy of the params of a request, which a client would send."""
    found = structure(method, "params", {} if value is None else value)
    return _fitting(method, "params", validity.check_params, operation, found)


def part(method: str, argument: str, operation: str, value: Any) -> dict[str, Any]:
    """A copy of members that a request must contain."""
    found = structure(method, argument, {} if value is None else value)
    return _fitting(method, argument, validity.check_part, operation, found)


def _fitting(
    method: str,
    argument: str,
    check: Callable[[str, Any], None],
    operation: str,
    value: Mapping[str, Any],
) -> dict[str, Any]:
    made: dict[str, Any] = copied(value)
    try:
        check(operation, made)
    except validity.InvalidParams as error:
        problems = [(f"{argument}.{path}".rstrip("."), text) for path, text in error.problems]
        raise wrong(method, problems) from None
    return made


def injected(value: Any) -> errors.ServiceError | errors.TransportFault:
    """A copy of an error that a call can fail with."""
    if not isinstance(value, (errors.ServiceError, errors.TransportFault)):
        problem = (
            "must be an error such as errors.NotFound() or errors.ConnectionReset(), not "
            f"{shown(value)}."
        )
        raise InvalidArgument("fail", "error", problem)
    if isinstance(value, errors.ServiceError):
        for name in ("code", "observed_code"):
            text("fail", f"error.{name}", getattr(value, name, None))
        whole("fail", "error.status", getattr(value, "status", None), least=400, most=599)
        text("fail", "error.message", value.message)
        for name, member in value.members.items():
            text("fail", f"error.members[{shown(name)}]", member)
    return without_traceback(value)


def answering(
    operation: str, response: Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The function that answers in place of an operation."""
    if callable(response):
        make = response
        return lambda params: _response(operation, make(params))
    fixed = _response(operation, response)
    return lambda _: fixed


def _response(operation: str, value: Any) -> dict[str, Any]:
    """A copy of an override's response without ``ResponseMetadata``, if it fits the shape."""
    method = f"override({operation!r})"
    if not isinstance(value, Mapping):
        kind = type(value).__name__
        problem = f"must be a dict, or a function that returns one, not a value of type {kind}."
        raise InvalidArgument(method, "response", problem)
    found = structure(method, "response", value)
    answer = {name: item for name, item in found.items() if name != "ResponseMetadata"}
    return _fitting(method, "response", validity.check_response, operation, answer)


def no_place(method: str, argument: str, members: Mapping[str, Any]) -> None:
    """Check that members of a request do not repeat what has an argument of its own."""
    for name in ("AppId", "BackendEnvironmentName"):
        if name in members:
            argument_for = "app_id" if name == "AppId" else "environment"
            problem = f"must not contain {name}: pass it as {argument_for}."
            raise InvalidArgument(method, argument, problem)


def only(method: str, chosen: str, /, **others: Any) -> None:
    """Check that an argument is not combined with others that exclude it."""
    for other, value in others.items():
        if value is not None:
            problem = f"cannot be combined with {chosen}."
            raise InvalidArgument(method, other, problem)


def branches(
    context: Context, app_id: str, environments: list[str], value: Any
) -> dict[str, str | None]:
    """Branches of an app and the environments they are linked to, which it has or is to get."""
    if value is None:
        return {}
    if "CreateBranch" not in context.operations:
        problem = "are of the service amplify: make the fake with amplify=True."
        raise InvalidArgument("add_app", "branches", problem)
    app, made = context.find_app(app_id), {}
    known = [*environments, *(() if app is None else app.environments)]
    for name, environment in mapping("add_app", "branches", value).items():
        plain = _branch_name(name)
        linked = optional_text("add_app", f"branches[{shown(plain)}]", environment)
        if linked is not None and linked not in known:
            problem = f"must be an environment of the app, not {shown(linked)}: " + (
                errors.nearest(linked, known) if known else "it has none."
            )
            raise InvalidArgument("add_app", f"branches[{shown(plain)}]", problem)
        made[plain] = linked
    _check_number(made if app is None or app.hosting is None else made | app.hosting.branches)
    return made


def _branch_name(value: Any) -> str:
    """A name that CreateBranch takes."""
    name = text("add_app", "a name in branches", value, empty=False)
    shape = services.operation("CreateBranch").input_shape.members["branchName"]
    constraint = broken_trait(name, shape)
    if constraint is not None:
        problem = f"must {constraint}: {shown(name)} does not."
        raise InvalidArgument("add_app", "a name in branches", problem)
    return name


def _check_number(of: Mapping[str, Any]) -> None:
    from pytest_amplifybackend._amplify.rules import MOST_BRANCHES

    if len(of) > MOST_BRANCHES:
        problem = f"would make {len(of)} branches in the app: CreateBranch allows {MOST_BRANCHES}."
        raise InvalidArgument("add_app", "branches", problem)
