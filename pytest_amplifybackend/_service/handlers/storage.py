"""Create-, Import-, Update-, Delete- and GetBackendStorage, and ListS3Buckets."""

from __future__ import annotations

from pytest_amplifybackend._api.paths import copied
from pytest_amplifybackend._api.provenance import DOCUMENTED
from pytest_amplifybackend._service.clock import iso
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.entities import ABSENT, IMPORTED, PRESENT
from pytest_amplifybackend._service.handlers.resources import details
from pytest_amplifybackend._service.names import bucket_name, project_name
from pytest_amplifybackend._service.operations import Declaration, Params, environment_exists
from pytest_amplifybackend._service.state import Resource

_LONGEST, _LONGEST_IN_CONFIG = 63, 47
"""Characters of a bucket's name on S3 (documented), and of one in a config (observed)."""


@Declaration(
    "CreateBackendStorage",
    entity="storage",
    moves={ABSENT: PRESENT},
    evidence=DOCUMENTED,
    during="creating",
    needs=(environment_exists,),
    rules={PRESENT: "storage.exists", IMPORTED: "storage.exists"},
    requires={"auth": "storage.needs-auth"},
    command="add storage --headless",
)
def create(context: Context, params: Params) -> None:
    place, name, config = context.at(params), params["ResourceName"], params["ResourceConfig"]
    context.check_free(params, "storage", name)
    if "BucketName" not in config:
        unique = context.ids.uuid("bucket").replace("-", "")
        room = min(_LONGEST_IN_CONFIG, _LONGEST - len(bucket_name(place, {"BucketName": ""})))
        config = {**config, "BucketName": f"{project_name(place.app_name)}{unique}"[:room]}
    outputs = context.provisioner.create_storage(place, name, config)
    context.resources(params)["storage"] = Resource(name, config, outputs, context.now)


@Declaration(
    "ImportBackendStorage",
    entity="storage",
    moves={ABSENT: IMPORTED},
    evidence=DOCUMENTED,
    during="importing",
    needs=(environment_exists,),
    rules={PRESENT: "storage.exists", IMPORTED: "storage.exists"},
    requires={"auth": "storage.needs-auth"},
    command="import storage --headless",
)
def import_(context: Context, params: Params) -> None:
    place = context.at(params)
    outputs = context.provisioner.import_storage(place, params["BucketName"])
    name = f"{project_name(place.app_name)}{context.ids.uuid('storage')[:8]}"
    config = {"BucketName": params["BucketName"], "ServiceName": params["ServiceName"]}
    context.resources(params)["storage"] = Resource(
        name, config, outputs, context.now, imported=True
    )


@Declaration(
    "UpdateBackendStorage",
    entity="storage",
    moves={PRESENT: PRESENT},
    evidence=DOCUMENTED,
    during="updating",
    needs=(environment_exists,),
    rules={ABSENT: "storage.missing", IMPORTED: "storage.imported"},
    command="update storage --headless",
)
def update(context: Context, params: Params) -> None:
    storage = context.resources(params)["storage"]
    config = {**storage.config, **params["ResourceConfig"]}
    config["Permissions"] = {"UnAuthenticated": [], **config["Permissions"]}
    storage.outputs = context.provisioner.update_storage(
        context.at(params), storage.name, config, storage.outputs
    )
    storage.config, storage.pushed = config, context.now


@Declaration(
    "DeleteBackendStorage",
    entity="storage",
    moves={PRESENT: ABSENT, IMPORTED: ABSENT},
    evidence=DOCUMENTED,
    during="deleting",
    needs=(environment_exists,),
    rules={ABSENT: "resource.none"},
    command="remove storage --yes",
)
def delete(context: Context, params: Params) -> None:
    environment = context.environment(params["AppId"], params["BackendEnvironmentName"])
    storage = environment.resources["storage"]
    if not storage.imported:  # deleting an imported bucket only unlinks it
        context.provisioner.delete_storage(context.at(params), storage.outputs)
    environment.remove("storage")


@Declaration("GetBackendStorage")
def get(context: Context, params: Params) -> Params:
    resource = context.resource(params, "storage")
    return details(params, {**copied(resource.config), "Imported": resource.imported})


@Declaration("ListS3Buckets")
def list_buckets(context: Context, params: Params) -> Params:
    """Every bucket of the account, whatever the region.

    All are on one page: the model reserves NextToken for future use (documented). The form of
    CreationDate was never recorded; ISO 8601 is assumed.
    """
    return {
        "Buckets": [
            {"Name": name, "CreationDate": iso(created)}
            for name, created in context.provisioner.buckets(context.region)
        ]
    }
