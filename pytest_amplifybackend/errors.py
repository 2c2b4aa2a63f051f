"""The service's modeled errors, IAM's, transport faults to inject, and this package's usage errors.

Source of the four service errors: every operation of botocore's ``amplifybackend``
model lists the same four (modeled). What the wire showed in 2021-23 instead, for
``errors="observed"``, is each class's ``observed_code``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pytest_amplifybackend._wording import nearest as nearest  # for the package's other modules
from pytest_amplifybackend._wording import shown

__all__ = [
    "MODELED",
    "OBSERVED_PREFIX",
    "AccessDenied",
    "BadRequest",
    "ConnectionReset",
    "GarbledResponse",
    "GatewayTimeout",
    "InvalidArgument",
    "InvalidValue",
    "MissingExtra",
    "NotFound",
    "ReadTimeout",
    "ServiceError",
    "StateNotSaved",
    "TooManyRequests",
    "TransportFault",
    "UnknownJob",
    "UnknownOperation",
    "UnknownOption",
    "UnservedRequest",
    "UnusedExpectationWarning",
    "UsageError",
]

OBSERVED_PREFIX = "An error occurred while processing your request: "
"""How every recorded message of the real service begins (observed)."""


class ServiceError(Exception):
    """An error the service answers with; raise or inject one of its subclasses.

    ``code`` is the modeled exception name, ``status`` the HTTP status, ``observed_code``
    the unmodeled code that real traffic carried, ``members`` what the error's shape holds
    besides the message. ``rule`` is the name of the rule that the call broke, as
    ``amplifybackend-fake rules NAME`` explains it; None for an error that a test injects, and
    it is never sent. Raises UsageError for a text that is no string.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    observed_code: ClassVar[str]
    rule: str | None = None

    def __init__(self, message: str | None = None) -> None:
        __tracebackhide__ = True
        message = _text(self, "message", message)
        self.message = f"{self.prefix}{self.default_text}" if message is None else message
        super().__init__(self.message)

    prefix: ClassVar[str] = OBSERVED_PREFIX
    default_text: ClassVar[str] = ""

    @property
    def members(self) -> dict[str, str]:
        """The modeled members besides the message, by their botocore names."""
        return {}

    def __repr__(self) -> str:
        shown = self.members if self.rule is None else {**self.members, "rule": self.rule}
        details = "".join(f", {name}={value!r}" for name, value in shown.items())
        return f"{type(self).__name__}({self.message!r}{details})"


class NotFound(ServiceError):
    """``NotFoundException`` (404, modeled): something that the request names does not exist."""

    code = "NotFoundException"
    status = 404
    observed_code = "ResourceNotFoundException"
    default_text = "The resource was not found."

    def __init__(self, message: str | None = None, *, resource_type: str | None = None) -> None:
        __tracebackhide__ = True
        super().__init__(message)
        self.resource_type = _text(self, "resource_type", resource_type)

    @property
    def members(self) -> dict[str, str]:
        """``ResourceType``, if it is known."""
        return {} if self.resource_type is None else {"ResourceType": self.resource_type}


class BadRequest(ServiceError):
    """``BadRequestException`` (400, modeled): the request is invalid."""

    code = "BadRequestException"
    status = 400
    observed_code = "ValidationException"
    default_text = "The request is not valid."


class TooManyRequests(ServiceError):
    """``TooManyRequestsException`` (429, modeled): the caller is throttled."""

    code = "TooManyRequestsException"
    status = 429
    observed_code = "TooManyRequestsException"
    default_text = "Rate exceeded."

    def __init__(self, message: str | None = None, *, limit_type: str | None = None) -> None:
        __tracebackhide__ = True
        super().__init__(message)
        self.limit_type = _text(self, "limit_type", limit_type)

    @property
    def members(self) -> dict[str, str]:
        """``LimitType``, if it is known."""
        return {} if self.limit_type is None else {"LimitType": self.limit_type}


class GatewayTimeout(ServiceError):
    """``GatewayTimeoutException`` (504, modeled): the gateway gave up waiting."""

    code = "GatewayTimeoutException"
    status = 504
    observed_code = "GatewayTimeoutException"
    default_text = "Endpoint request timed out."


class AccessDenied(ServiceError):
    """``AccessDeniedException`` (403, observed): IAM does not allow the caller this call.

    It comes from in front of the service, the same whatever the option ``errors`` says, and is not
    in the model: botocore raises a plain ClientError. The default text is assumed; real ones name
    the caller, the action and the resource.
    """

    code = "AccessDeniedException"
    status = 403
    observed_code = code
    prefix = ""
    default_text = "User is not authorized to perform this operation."


class StateNotSaved(ServiceError):
    """A change was rejected because the state file could not be written; it had no effect.

    Only a fake whose server has a state file answers with it (507, a code of this package).
    """

    code = "InsufficientStorageException"
    status = 507
    observed_code = code
    default_text = "The state file could not be written."


MODELED: Mapping[str, type[ServiceError]] = {
    error.code: error for error in (NotFound, BadRequest, TooManyRequests, GatewayTimeout)
}
"""The four errors by the name that the service model gives them."""


def _text(error: ServiceError, argument: str, value: Any) -> str | None:
    __tracebackhide__ = True
    if value is None or type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    method = f"errors.{type(error).__name__}"
    raise InvalidArgument(method, argument, f"must be a string, not {shown(value)}.")


class TransportFault(Exception):
    """A broken connection; the client raises its own error for that."""


class ConnectionReset(TransportFault):
    """The connection was closed before a response arrived (botocore: ``ConnectionClosedError``)."""


class ReadTimeout(TransportFault):
    """The response did not arrive in time (botocore: ``ReadTimeoutError``)."""


class GarbledResponse(TransportFault):
    """A 200 response whose body is cut off; botocore parses none of its members."""


class UsageError(Exception):
    """The fake was used in a way that is not supported; the message says what to do instead."""


class UnusedExpectationWarning(ResourceWarning):
    """A ``with`` statement ended whose faults, overrides or planned failures never acted.

    Python ignores it by default; ``-W always::pytest_amplifybackend.errors.\
UnusedExpectationWarning`` shows it. The fixtures let the test fail instead.
    """


class InvalidArgument(UsageError):
    """An argument has a wrong type or value; the message says which one, and what is allowed.

    ``method`` was called with a wrong ``argument``; ``problem`` is the rest of the message.
    """

    def __init__(self, method: str, argument: str, problem: str) -> None:
        super().__init__(method, argument, problem)
        self.method, self.argument, self.problem = method, argument, problem

    def __str__(self) -> str:
        called = self.method if self.method[-1] in ")]" else f"{self.method}()"
        return f"{called}: {self.argument} {self.problem}"


class InvalidValue(InvalidArgument, ValueError):
    """An InvalidArgument of the clock or a progress policy, which is a ValueError as well."""


class UnknownOption(UsageError, TypeError):
    """The fake has no option of that name; the message suggests the closest one."""


class UnknownJob(InvalidArgument, KeyError, IndexError):
    """The fake has no job with that id, or at that index."""


class UnknownOperation(UsageError):
    """The fake does not know that operation; it may be one of a newer botocore."""


class UnservedRequest(UsageError):
    """No fake was active to answer a call or request for the real service; it was not sent."""


class MissingExtra(UsageError):
    """An optional dependency is not installed; the message shows the install command."""
