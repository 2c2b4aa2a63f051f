"""CreateBackendStorage, ImportBackendStorage, Update-, Delete- and GetBackendStorage."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api.values import copied
from pytest_amplifybackend._service import validation
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.handlers.resources import Site, details, site
from pytest_amplifybackend._service.provisioning import bucket_name, project_name
from pytest_amplifybackend._service.rules import refuse
from pytest_amplifybackend._service.state import Resource

_LONGEST, _LONGEST_GIVEN = 63, 47
"""Characters of a bucket's name on S3 (documented), and of one in a config (observed)."""


def _site(context: Context, operation: str, params: dict[str, Any]) -> Site:
    at = site(context, operation, params, "storage")
    if "auth" not in at.environment.resources:
        raise refuse("storage.needs-auth")
    validation.provision(operation, params)
    return at


def _create(context: Context, params: dict[str, Any]) -> None:
    at = _site(context, "CreateBackendStorage", params)
    name, config = params["ResourceName"], params["ResourceConfig"]
    if "BucketName" not in config:
        unique = context.ids.uuid("bucket").replace("-", "")
        room = min(_LONGEST_GIVEN, _LONGEST - len(bucket_name(at.place, {"BucketName": ""})))
        bucket = f"{project_name(at.place.app_name)}{unique}"[:room]
        config = {**config, "BucketName": bucket}
    outputs = context.provisioner.create_storage(at.place, name, config)
    at.environment.resources["storage"] = Resource(name, config, outputs, context.now)


def _import(context: Context, params: dict[str, Any]) -> None:
    at = _site(context, "ImportBackendStorage", params)
    outputs = context.provisioner.import_storage(at.place, params["BucketName"])
    name = f"{project_name(at.place.app_name)}{context.ids.uuid('storage')[:8]}"
    config = {"BucketName": params["BucketName"], "ServiceName": params["ServiceName"]}
    at.environment.resources["storage"] = Resource(
        name, config, outputs, context.now, imported=True
    )


def _update(context: Context, params: dict[str, Any]) -> None:
    at = site(context, "UpdateBackendStorage", params, "storage")
    resource = at.standing
    config = {**resource.config, **params["ResourceConfig"]}
    config["Permissions"] = {"UnAuthenticated": [], **config["Permissions"]}
    resource.outputs = context.provisioner.update_storage(
        at.place, resource.name, config, resource.outputs
    )
    resource.config, resource.pushed = config, context.now


def _delete(context: Context, params: dict[str, Any]) -> None:
    at = site(context, "DeleteBackendStorage", params, "storage")
    if not at.standing.imported:
        context.provisioner.delete_storage(at.place, at.standing.outputs)
    del at.environment.resources["storage"]


def _get(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    resource = context.resource(params, "storage")
    return details(params, {**copied(resource.config), "Imported": resource.imported})


ANSWERS = {"GetBackendStorage": _get}
EFFECTS = {
    "CreateBackendStorage": _create,
    "ImportBackendStorage": _import,
    "UpdateBackendStorage": _update,
    "DeleteBackendStorage": _delete,
}
