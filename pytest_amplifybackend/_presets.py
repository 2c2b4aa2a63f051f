"""The methods of a fake that preset state: they check arguments and hand them to the service."""

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
    optional_text,
    structure,
    text,
)
from pytest_amplifybackend._service import presets
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._tracebacks import hides_arguments


@hides_arguments
class PresetState:
    """What FakeAmplifyBackend has of this; ``region`` is the one that no argument names."""

    region: str
    _backend: Service

    def _region(self, method: str, region: str | None, argument: str = "region") -> str:
        return self.region if region is None else check_region(method, argument, region)

    def add_app(
        self,
        app_id: str,
        *,
        name: str | None = None,
        environments: Iterable[str] = ("dev",),
        branches: Mapping[str, str | None] | None = None,
        region: str | None = None,
    ) -> None:
        """Preset an app with empty environments; ``name`` is the id by default.

        ``branches`` are those of the neighbor ``amplify``: a name, and the environment that the
        branch is linked to, or None.
        """
        app_id = text("add_app", "app_id", app_id)
        name = app_id if name is None else text("add_app", "name", name)
        named = names("add_app", "environments", environments)
        context = self._backend.context(self._region("add_app", region))
        with self._backend.lock:
            linked = _usage.branches(context, app_id, named, branches)
            presets.add_app(context, app_id, name, named)
            if linked:
                from pytest_amplifybackend._amplify.operations import add_branches

                add_branches(context, app_id, linked)

    def add_auth(
        self,
        app_id: str,
        environment: str = "dev",
        *,
        name: str | None = None,
        config: Mapping[str, Any] | None = None,
        imported: Mapping[str, Any] | None = None,
        region: str | None = None,
    ) -> None:
        """Preset an auth resource, made from ``config`` or imported from four ids.

        ``imported`` contains UserPoolId, WebClientId, NativeClientId and optionally
        IdentityPoolId. A missing app or environment is added, as it is for the other resources.
        """
        if imported is not None:
            _usage.only("add_auth", "imported", name=name, config=config)
            members = structure("add_auth", "imported", imported)
            _usage.no_place("add_auth", "imported", members)
            method, operation = presets.IMPORT_AUTH, "ImportBackendAuth"
            self._add(method, operation, region, (app_id, environment), **members)
            return
        self._add_resource(
            presets.ADD_AUTH,
            "CreateBackendAuth",
            region,
            (app_id, environment),
            "auth" if name is None else name,
            presets.AUTH_CONFIG if config is None else config,
        )

    def add_api(
        self,
        app_id: str,
        environment: str = "dev",
        *,
        name: str = "api",
        config: Mapping[str, Any] | None = None,
        region: str | None = None,
    ) -> None:
        """Preset an API, with one model and an API key unless ``config`` says otherwise."""
        self._add_resource(
            presets.ADD_API,
            "CreateBackendAPI",
            region,
            (app_id, environment),
            name,
            presets.API_CONFIG if config is None else config,
        )

    def add_storage(
        self,
        app_id: str,
        environment: str = "dev",
        *,
        name: str | None = None,
        config: Mapping[str, Any] | None = None,
        bucket: str | None = None,
        region: str | None = None,
    ) -> None:
        """Preset storage, made from ``config`` or imported from an existing ``bucket``.

        The environment must have an auth resource, as on the real service.
        """
        if bucket is not None:
            _usage.only("add_storage", "bucket", name=name, config=config)
            name = text("add_storage", "bucket", bucket, empty=False)
            members = {"BucketName": name, "ServiceName": "S3"}
            method, operation = presets.IMPORT_STORAGE, "ImportBackendStorage"
            self._add(method, operation, region, (app_id, environment), **members)
            return
        self._add_resource(
            presets.ADD_STORAGE,
            "CreateBackendStorage",
            region,
            (app_id, environment),
            "storage" if name is None else name,
            presets.STORAGE_CONFIG if config is None else config,
        )

    def add_category(
        self,
        category: str,
        entries: Mapping[str, Any],
        *,
        app_id: str | None = None,
        environment: str = "dev",
        before: str | None = None,
        after: str | None = None,
        region: str | None = None,
    ) -> None:
        """Preset entries of AmplifyMetaConfig that no operation makes, such as functions.

        ``entries`` are by name, each a dict with a ``service``; what auth, API and storage are
        made of is refused. They come last, or ``before`` or ``after`` another: of the entries of
        a category that exists, or of the categories. Deletes, clones and dumps keep them.
        ``app_id`` is the fake's only app by default.
        """
        name = encodable("add_category", "category", category)
        made = _loaded("entries", entries)
        if before is not None:
            _usage.only("add_category", "before", after=after)
        before = optional_text("add_category", "before", before)
        after = optional_text("add_category", "after", after)
        environment = text("add_category", "environment", environment)
        app_id = optional_text("add_category", "app_id", app_id)
        context = self._backend.context(self._region("add_category", region))
        with self._backend.lock:
            place = (presets.only_app(context) if app_id is None else app_id, environment)
            presets.add_category(context, name, made, place, before=before, after=after)

    def add_bucket(self, name: str) -> None:
        """Preset an S3 bucket, for ListS3Buckets and ImportBackendStorage."""
        plain = text("add_bucket", "name", name)
        context = self._backend.context(self.region)
        with self._backend.lock:
            presets.add_bucket(context, plain)

    def _add_resource(
        self,
        method: presets.Method,
        operation: str,
        region: str | None,
        place: tuple[str, str],
        name: str,
        config: Mapping[str, Any],
    ) -> None:
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
        context = self._backend.context(self._region(method.name, region))
        with self._backend.lock:
            presets.add_resource(context, method, operation, app_id, environment, **members)


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
