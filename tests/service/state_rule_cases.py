"""For every rule on the state: a call, where it is broken, where it is kept, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from full_requests import FULL
from shop_calls import API, APP, DEV, MEDIA, ORDERS, POOL, USERS
from states_by_name import REQUESTS, STATES

from pytest_amplifybackend import FakeAmplifyBackend, errors

Given = Callable[[FakeAmplifyBackend], object]
Params = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """``error`` is None where the job fails; ``params`` may depend on what is given."""

    operation: Any
    params: Params | Callable[[FakeAmplifyBackend], Params]
    broken: Given
    kept: Given
    says: str
    error: type[errors.ServiceError] | None = None
    resource_type: str | None = None


def nothing(_: FakeAmplifyBackend) -> None:
    """No app is there."""


def app(fake: FakeAmplifyBackend) -> None:
    fake.add_app(APP, name="shop")


def app_elsewhere(fake: FakeAmplifyBackend) -> None:
    fake.add_app(APP, environments=("test",))


def auth(fake: FakeAmplifyBackend) -> None:
    fake.add_auth(APP, name="users")


def imported(fake: FakeAmplifyBackend) -> None:
    fake.add_auth(APP, imported=POOL)


def imported_with_identities(fake: FakeAmplifyBackend) -> None:
    identities = "us-east-1:11111111-2222-4333-8444-555555555555"
    fake.add_auth(APP, imported={**POOL, "IdentityPoolId": identities})


def with_oauth(fake: FakeAmplifyBackend) -> None:
    fake.add_auth(APP, name="users", config=FULL["CreateBackendAuth"]["ResourceConfig"])


def rest_api(fake: FakeAmplifyBackend) -> None:
    fake.add_category("api", {"orders": {"service": "API Gateway"}}, app_id=APP)


def full(fake: FakeAmplifyBackend) -> None:
    auth(fake)
    fake.add_api(APP, name="orders")
    fake.add_storage(APP, name="media")


def busy(fake: FakeAmplifyBackend) -> None:
    auth(fake)
    fake.call("UpdateBackendAuth", REQUESTS["UpdateBackendAuth"])


def creating(fake: FakeAmplifyBackend) -> None:
    fake.call("CreateBackend", REQUESTS["CreateBackend"])


def deleting(fake: FakeAmplifyBackend) -> None:
    app(fake)
    fake.call("DeleteBackend", DEV)


def ended(fake: FakeAmplifyBackend) -> None:
    busy(fake)
    fake.jobs.finish(newest(fake))


def newest(fake: FakeAmplifyBackend) -> str:
    return [job.id for job in fake.jobs][-1] if fake.jobs else "none"


def with_cognito_api(fake: FakeAmplifyBackend) -> None:
    auth(fake)
    fake.add_api(APP, name="orders", config=BY_USERS)


def taken(fake: FakeAmplifyBackend) -> None:
    """The bucket that the storage is going to make is there: the seed tells its name."""
    twin = FakeAmplifyBackend()
    full(twin)
    (media,) = (name for name in twin.dump()["buckets"] if "deployment" not in name)
    auth(fake)
    fake.add_bucket(media)


def sourceless(fake: FakeAmplifyBackend) -> None:
    """The source of a clone is deleted by a job that ends before the clone's."""
    STATES["environment", "absent"](fake)
    fake.call("DeleteBackend", {**DEV, "BackendEnvironmentName": "test"})


def session(fake: FakeAmplifyBackend) -> str:
    found = [call.response["SessionId"] for call in fake.calls.of("CreateToken") if call.response]
    return found[0] if found else "none"


def home(fake: FakeAmplifyBackend) -> str:
    """The region of the pool: the app's own only where the app says that it is."""
    return fake.region if fake.call("GetBackend", DEV)["AppName"] == "ours" else "eu-west-1"


BY_USERS = {**API, "DefaultAuthType": {"Mode": "AMAZON_COGNITO_USER_POOLS"}}
BY_OUR_USERS = {**ORDERS, "ResourceConfig": BY_USERS}
BadRequest, NotFound = errors.BadRequest, errors.NotFound

CASES: Mapping[str, Case] = {
    "app.missing": Case("GetBackend", DEV, nothing, app, "App d1shop not found.", NotFound, "App"),
    "environment.missing": Case(
        "GetBackend",
        DEV,
        app_elsewhere,
        app,
        "BackendEnvironment dev does not exist.",
        NotFound,
        "BackendEnvironment",
    ),
    "environment.exists": Case(
        "CreateBackend",
        REQUESTS["CreateBackend"],
        app,
        app_elsewhere,
        "BackendEnvironment dev already exists.",
        BadRequest,
    ),
    "environment.creating": Case(
        "GetBackend",
        DEV,
        creating,
        app,
        "Amplify meta file not found",
        NotFound,
        "BackendEnvironment",
    ),
    "environment.deleting": Case(
        "GetBackend", DEV, deleting, app, "BackendEnvironment dev is being deleted.", BadRequest
    ),
    "job.pending": Case(
        "DeleteBackend",
        DEV,
        busy,
        ended,
        "There is already a pending job for the requested appId: d1shop and "
        "backendEnvironmentName: dev, wait for it to complete before creating a new job.",
        BadRequest,
    ),
    "job.missing": Case(
        "GetBackendJob",
        lambda fake: {**DEV, "JobId": newest(fake)},
        app,
        busy,
        "Job none of app d1shop and environment dev not found.",
        NotFound,
        "Job",
    ),
    "job.ended": Case(
        "UpdateBackendJob",
        lambda fake: {**DEV, "JobId": newest(fake), "Status": "RUNNING"},
        ended,
        busy,
        "is COMPLETED and cannot become RUNNING.",
        BadRequest,
    ),
    "jobs.next-token": Case(
        "ListBackendJobs",
        lambda fake: DEV if fake.jobs else {**DEV, "NextToken": "made-up"},
        app,
        ended,
        "The NextToken is not one that ListBackendJobs gave for this request.",
        BadRequest,
    ),
    "resource.missing": Case(
        "GetBackendAPI",
        ORDERS,
        app,
        full,
        "API resource orders not found in environment dev.",
        NotFound,
        "API",
    ),
    "models.no-api": Case(
        "GenerateBackendAPIModels",
        ORDERS,
        app,
        full,
        "Invalid backend-config.json file. Expected api.orders.service = AppSync and "
        "api.orders.providerPlugin = awscloudformation",
        BadRequest,
    ),
    "models.missing": Case(
        "GetBackendAPIModels",
        ORDERS,
        full,
        STATES["models", "LATEST"],
        "The models of API orders have not been generated.",
        NotFound,
        "Models",
    ),
    "studio.disabled": Case(
        "RemoveBackendConfig",
        {"AppId": APP},
        app,
        STATES["studio", "enabled"],
        "App d1shop has no backend configuration.",
        NotFound,
        "BackendConfig",
    ),
    "token.missing": Case(
        "GetToken",
        lambda fake: {"AppId": APP, "SessionId": session(fake)},
        STATES["token", "expired"],
        STATES["token", "active"],
        "of app d1shop does not exist or has expired.",
        NotFound,
        "Token",
    ),
    "auth.oauth.uris": Case(
        "UpdateBackendAuth",
        {
            **REQUESTS["UpdateBackendAuth"],
            "ResourceConfig": {
                **REQUESTS["UpdateBackendAuth"]["ResourceConfig"],
                "UserPoolConfigs": {"OAuth": {"RedirectSignInURIs": ["myapp://callback"]}},
            },
        },
        auth,
        with_oauth,
        "OAuth needs RedirectSignInURIs and RedirectSignOutURIs; neither the request nor the user "
        "pool has RedirectSignOutURIs.",
    ),
    "auth.exists": Case(
        "ImportBackendAuth",
        REQUESTS["ImportBackendAuth"],
        auth,
        app,
        "Auth has already been added to this project. To update run amplify update auth.",
    ),
    "auth.missing": Case(
        "UpdateBackendAuth",
        REQUESTS["UpdateBackendAuth"],
        app,
        auth,
        "No auth resource users configured in the project. Use 'amplify add auth' to create one.",
    ),
    "auth.imported": Case(
        "UpdateBackendAuth",
        REQUESTS["UpdateBackendAuth"],
        STATES["auth", "imported"],
        auth,
        "Auth has already been imported to this project and cannot be modified from the CLI.",
    ),
    "auth.no-such-pool": Case(
        "ImportBackendAuth",
        lambda fake: {**DEV, **POOL, "UserPoolId": f"{home(fake)}_a1B2c3D4e"},
        app,
        lambda fake: fake.add_app(APP, name="ours"),
        "User pool eu-west-1_a1B2c3D4e does not exist.",
    ),
    "api.exists": Case(
        "CreateBackendAPI",
        REQUESTS["CreateBackendAPI"],
        full,
        app,
        "GraphQL API orders already exists in the project. Use 'amplify update api' to make "
        "modifications.",
    ),
    "api.missing": Case(
        "UpdateBackendAPI",
        REQUESTS["UpdateBackendAPI"],
        app,
        full,
        "No AppSync API configured in the project. Use 'amplify add api' to create an API.",
    ),
    "api.needs-auth": Case(
        "CreateBackendAPI", BY_OUR_USERS, app, auth, "Cannot find a configured Cognito User Pool."
    ),
    "api.iam-needs-identity-pool": Case(
        "CreateBackendAPI",
        {**ORDERS, "ResourceConfig": {**API, "DefaultAuthType": {"Mode": "AWS_IAM"}}},
        imported,
        imported_with_identities,
        "Parameters: [unauthRoleName] must have values",
    ),
    "resource.name-taken": Case(
        "CreateBackendAPI",
        {**ORDERS, "ResourceConfig": API},
        rest_api,
        app,
        "A resource named orders already exists in the category api.",
    ),
    "storage.exists": Case(
        "CreateBackendStorage",
        REQUESTS["CreateBackendStorage"],
        full,
        auth,
        "Amazon S3 storage was already added to your project.",
    ),
    "storage.missing": Case(
        "UpdateBackendStorage",
        REQUESTS["UpdateBackendStorage"],
        auth,
        full,
        "No S3 resource 'media' found in amplify-meta.json.",
    ),
    "storage.imported": Case(
        "UpdateBackendStorage",
        REQUESTS["UpdateBackendStorage"],
        STATES["storage", "imported"],
        full,
        "Updating an imported storage resource is not supported.",
    ),
    "storage.needs-auth": Case(
        "CreateBackendStorage",
        REQUESTS["CreateBackendStorage"],
        app,
        auth,
        "Cannot headlessly add storage resource without an existing auth resource. It can be "
        'added with "amplify add auth"',
    ),
    "storage.no-such-bucket": Case(
        "ImportBackendStorage",
        REQUESTS["ImportBackendStorage"],
        auth,
        STATES["storage", "absent"],
        'The specified bucket: "our-pictures" does not exist.',
    ),
    "storage.bucket-taken": Case(
        "CreateBackendStorage",
        REQUESTS["CreateBackendStorage"],
        taken,
        auth,
        "The requested bucket name is not available: d1shop",
    ),
    "resource.none": Case(
        "DeleteBackendAPI", ORDERS, app, full, "No resources added for this category"
    ),
    "resource.not-added": Case(
        "DeleteBackendStorage",
        {**MEDIA, "ServiceName": "S3"},
        lambda fake: (auth(fake), fake.add_storage(APP, name="pictures")),
        full,
        "Resource media has not been added to storage",
    ),
    "resource.depended-on": Case(
        "DeleteBackendAuth",
        USERS,
        with_cognito_api,
        auth,
        "Resource cannot be removed because it has a dependency on another resource\n"
        "Dependency: AppSync - orders. Remove the dependency first.",
    ),
    "studio.enabled": Case(
        "CreateBackendConfig",
        {"AppId": APP},
        STATES["studio", "enabled"],
        app,
        "Amplify Studio is already enabled for app d1shop.",
    ),
    "clone.source-missing": Case(
        "CloneBackend",
        REQUESTS["CloneBackend"],
        sourceless,
        app_elsewhere,
        "BackendEnvironment test does not exist.",
    ),
}
