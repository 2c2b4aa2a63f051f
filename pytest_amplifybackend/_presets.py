"""Arguments of the methods that preset state, checked and handed to the service."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pytest_amplifybackend import _usage, errors
from pytest_amplifybackend._api.regions import check_region
from pytest_amplifybackend._arguments import (
    encodable,
    json_ready,
    names,
    structure,
    text,
)
from pytest_amplifybackend._service import presets
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._service.context import Context


class Presets:
    """What ``add_app``, ``add_auth`` and the like do; ``region`` is the one that they mean."""

    def __init__(self, service: Service, region: str) -> None:
        self._service, self._region = service, region

    def _context(self, method: str, region: str | None) -> Context:
        where = self._region if region is None else check_region(method, "region", region)
        return self._service.context(where)

    def app(
        self,
        app_id: str,
        name: str | None,
        environments: Iterable[str],
        branches: Mapping[str, str | None] | None,
        region: str | None,
    ) -> None:
        """An app with empty environments, and its branches."""
        app_id = text("add_app", "app_id", app_id)
        name = app_id if name is None else text("add_app", "name", name)
        named = names("add_app", "environments", environments)
        context = self._context("add_app", region)
        with self._service.lock:
            linked = _usage.branches(context, app_id, named, branches)
            presets.add_app(context, app_id, name, named)
            if linked:
                from pytest_amplifybackend._amplify.operations import add_branches

                add_branches(context, app_id, linked)

    def import_auth(
        self, place: tuple[str, str], imported: Mapping[str, Any], region: str | None
    ) -> None:
        """An auth resource from the ids of an existing pool."""
        members = structure("add_auth", "imported", imported)
        _usage.no_place("add_auth", "imported", members)
        self._add(presets.IMPORT_AUTH, "ImportBackendAuth", region, place, **members)

    def import_storage(self, place: tuple[str, str], bucket: str, region: str | None) -> None:
        """Storage from an existing bucket."""
        name = text("add_storage", "bucket", bucket, empty=False)
        members = {"BucketName": name, "ServiceName": "S3"}
        self._add(presets.IMPORT_STORAGE, "ImportBackendStorage", region, place, **members)

    def bucket(self, name: str) -> None:
        """A bucket of no environment."""
        plain = text("add_bucket", "name", name)
        with self._service.lock:
            presets.add_bucket(self._context("add_bucket", None), plain)

    def resource(
        self,
        method: presets.Method,
        operation: str,
        region: str | None,
        place: tuple[str, str],
        name: str,
        config: Mapping[str, Any],
    ) -> None:
        """A resource that an operation would make of a config."""
        made = structure(method.name, "config", config)
        plain = text(method.name, "name", name)
        self._add(method, operation, region, place, ResourceName=plain, ResourceConfig=made)

    def _add(
        self,
        method: presets.Method,
        operation: str,
        region: str | None,
        place: tuple[str, str],
        **members: Any,
    ) -> None:
        app_id = text(method.name, "app_id", place[0])
        environment = text(method.name, "environment", place[1])
        context = self._context(method.name, region)
        with self._service.lock:
            presets.add_resource(context, method, operation, app_id, environment, **members)

    def category(
        self,
        category: str,
        entries: Mapping[str, Any],
        place: tuple[str | None, str],
        neighbors: tuple[str | None, str | None],
        region: str | None,
    ) -> None:
        """Entries of a category that operations do not make; ``neighbors`` are before and after."""
        name = encodable("add_category", "category", category)
        made = _loaded("entries", entries)
        before, after = (
            None if neighbor is None else text("add_category", argument, neighbor, empty=False)
            for argument, neighbor in zip(("before", "after"), neighbors, strict=True)
        )
        if before is not None:
            _usage.only("add_category", "before", after=after)
        environment = text("add_category", "environment", place[1])
        context = self._context("add_category", region)
        with self._service.lock:
            app_id = (
                presets.only_app(context)
                if place[0] is None
                else text("add_category", "app_id", place[0])
            )
            where = (app_id, environment)
            presets.add_category(context, name, made, where, before=before, after=after)


def _loaded(argument: str, value: Any) -> dict[str, Any]:
    """A value as it comes back from JSON in UTF-8, which it must be fit for."""
    found = json_ready("add_category", argument, value)
    for name in found:
        if not name:
            problem = "must not have an empty name among its entries."
            raise errors.InvalidArgument("add_category", argument, problem)
    written = json.dumps(found, ensure_ascii=False, default=dict)
    try:
        written.encode()
    except UnicodeEncodeError as error:
        half = f"a lone surrogate (U+{ord(written[error.start]):04X})"
        problem = f"contains {half}, which UTF-8 cannot encode."
        raise errors.InvalidArgument("add_category", argument, problem) from None
    made: dict[str, Any] = json.loads(written)
    return made
