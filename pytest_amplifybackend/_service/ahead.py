"""What a call can have worked out before it takes the lock, so that nobody else waits for it.

Reading a large schema takes seconds, and it is read where a job ends: under the lock, in the next
call of anybody. But a verdict depends on the text alone and is remembered by it
(:mod:`~pytest_amplifybackend._schema.schema`), as generated models are. So a server, which answers
calls in one thread, does this work in another one first; the call then finds it done, and
everything that touches the state happens in the same order as ever.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_amplifybackend._schema import modelgen, schema
from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._service.backend import Service

LARGE = 10_000
"""In characters: a shorter schema is read in less than 0.1 s, whatever it holds."""

Work = Callable[[], None]


def of_call(backend: Service, operation: str, params: dict[str, Any], region: str) -> Work | None:
    """What a valid call, or the job that it makes, will read or generate; None if that is quick."""
    work = _WORK.get(operation)
    if work is None:
        return None
    text = _schema(backend, params, region)
    return None if text is None or len(text) < LARGE else functools.partial(work, text)


def of_dump(dumped: Any) -> Work | None:
    """What loading a dump will read; None if that is quick."""
    texts = [text for text in _schemas_in(dumped) if len(text) >= LARGE]
    return functools.partial(_read, *texts) if texts else None


def _read(*texts: str) -> None:
    for text in texts:
        with contextlib.suppress(SchemaError):
            schema.check(text)


def _generate(text: str) -> None:
    with contextlib.suppress(SchemaError):
        modelgen.generate(text)


_WORK: Mapping[str, Callable[[str], None]] = {
    "CreateBackendAPI": _read,
    "UpdateBackendAPI": _read,
    "GenerateBackendAPIModels": _generate,
}


def _schema(backend: Service, params: dict[str, Any], region: str) -> str | None:
    """The schema that a call brings, or that its API has or will have when the job before ends.

    None where the call will be rejected because there is no such app.
    """
    app_id, name = params["AppId"], params["BackendEnvironmentName"]
    with backend.lock:
        before = backend.state.jobs.blocking(region, app_id, name)
        app = backend.state.apps.get((region, app_id))
        if app is None and before is None:
            return None
        environment = None if app is None else app.environments.get(name)
        api = None if environment is None else environment.resources.get("api")
        requests = [params, *([before.work[1]] if before is not None and before.work else [])]
        configs = [request.get("ResourceConfig", {}) for request in requests]
        configs += [] if api is None else [api.config]
    return next((text for one in configs if (text := one.get("TransformSchema"))), None)


def _schemas_in(dumped: Any) -> Iterator[str]:
    waiting = [dumped]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            text = value.get("TransformSchema")
            if isinstance(text, str):
                yield text
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
