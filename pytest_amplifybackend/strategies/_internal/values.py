"""What the strategies draw: requests, and invalid values that say what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.secrets.shapes import redact
from pytest_amplifybackend._rules.rule import Layer

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import Operation


class UnknownOperation(errors.UnknownOperation, InvalidArgument):
    """An argument names an operation that the model does not have."""


class _Parts:
    """Shown as words and a value without secrets, which hypothesis spreads over several lines."""

    def __repr__(self) -> str:
        head, value, tail = self._parts()
        return f"{head}{value!r}{tail}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        head, value, tail = self._parts()
        printer.text(head)
        printer.pretty(value)
        printer.text(tail)

    def _parts(self) -> tuple[str, Any, str]:
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class Request(_Parts):
    """One call: the operation's name and its params."""

    operation: Operation
    params: dict[str, Any]

    @property
    def method(self) -> str:
        """The client method, such as ``create_backend_api``."""
        return catalogue.method_name(catalogue.named(self.operation))

    def send(self, client: Any) -> Any:
        """Make the call with a botocore client; gives its response."""
        return getattr(client, self.method)(**self.params)

    def _parts(self) -> tuple[str, Any, str]:
        return f"Request({self.operation!r}, ", _shown(self.operation, self.params), ")"


@dataclass(frozen=True)
class JobFailure:
    """The request is accepted, and its job ends FAILED with ``text`` in its Error."""

    text: str


@dataclass(frozen=True, repr=False)
class InvalidRequest(Request):
    """A request that is rejected, and why.

    ``path`` is where, in members joined by dots, with ``[]`` for one of a list's elements and
    empty for the request as a whole; ``rule`` is the rule broken; ``layer`` is who rejects it;
    ``expected`` is botocore's ParamValidationError (client), ``errors.BadRequest``
    (service) or a :class:`JobFailure` (provisioning). ``change`` says what was done to it.
    """

    path: str
    rule: str
    layer: Layer
    expected: type[Exception] | JobFailure
    change: str = ""

    def _parts(self) -> tuple[str, Any, str]:
        sentence = _sentence(self.operation, self)
        return f"{sentence} Params: ", _shown(self.operation, self.params), ""


@dataclass(frozen=True, repr=False)
class InvalidConfig(_Parts):
    """A ResourceConfig that is rejected, and why; members as in :class:`InvalidRequest`.

    ``path`` is relative to the config; ``operation`` is the one that rejects it.
    """

    config: dict[str, Any]
    path: str
    rule: str
    layer: Layer
    expected: type[Exception] | JobFailure
    operation: str = ""
    change: str = ""

    def _parts(self) -> tuple[str, Any, str]:
        shown = _shown(self.operation, {"ResourceConfig": self.config})["ResourceConfig"]
        return f"{_sentence(self.operation, self)} Config: ", shown, ""


@dataclass(frozen=True, repr=False)
class InvalidSchema(_Parts):
    """A TransformSchema that Amplify refuses, and why.

    ``rule`` is the rule broken; ``expected`` is what becomes of a job with it; ``change`` says
    which rule it is.
    """

    schema: str
    rule: str
    expected: JobFailure
    change: str = ""

    def _parts(self) -> tuple[str, Any, str]:
        rejected = f"so {_REJECTED_BY[Layer.PROVISIONING]} (rule {self.rule})"
        return f"TransformSchema {self.change}, {rejected}. Schema: ", self.schema, ""


class InvalidTarget(NamedTuple):
    """One thing that can be wrong with a request: a rule of a layer, broken at a path."""

    operation: str
    layer: str
    rule: str
    path: str


_REJECTED_BY = {
    Layer.CLIENT: "the client rejects it with ParamValidationError",
    Layer.SERVICE: "the service rejects it with BadRequestException",
    Layer.PROVISIONING: "its job ends FAILED",
}


def _sentence(operation: str, broken: InvalidRequest | InvalidConfig) -> str:
    where = broken.path or "the request" if isinstance(broken, InvalidRequest) else broken.path
    return (
        f"{operation}: {where or 'the config'} {broken.change}, "
        f"so {_REJECTED_BY[broken.layer]} (rule {broken.rule})."
    )


def _shown(operation: str, params: dict[str, Any]) -> Any:
    """The params without their secrets; what does not fit its shape is shown as a type."""
    shape = catalogue.operations()[catalogue.named(operation)].input_shape
    return redact(params, shape)


def _strategy_of(kind: type) -> SearchStrategy[Any]:
    """What ``hypothesis.strategies.from_type`` draws for a type of this module."""
    from pytest_amplifybackend import strategies

    if kind is InvalidConfig:
        return st.one_of(
            strategies.invalid_auth_configs(),
            strategies.invalid_api_configs(),
            strategies.invalid_storage_configs(),
        )
    if kind is InvalidSchema:
        return strategies.invalid_schemas()
    return strategies.requests() if kind is Request else strategies.invalid_requests()


for _kind in (Request, InvalidRequest, InvalidConfig, InvalidSchema):
    st.register_type_strategy(_kind, _strategy_of)
