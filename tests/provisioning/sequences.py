"""Every provisioning sequence, from the state it starts from; a job each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto_shop import API, AUTH, DEV, PLAIN_AUTH, STORAGE, done, outputs, sibling

from pytest_amplifybackend import FakeAmplifyBackend

Given = Callable[[FakeAmplifyBackend], Any]


def nothing(fake: FakeAmplifyBackend) -> None: ...


def auth(fake: FakeAmplifyBackend) -> None:
    done(fake, "CreateBackendAuth", **DEV, ResourceName="auth", ResourceConfig=AUTH)


def plain_auth(fake: FakeAmplifyBackend) -> None:
    done(fake, "CreateBackendAuth", **DEV, ResourceName="auth", ResourceConfig=PLAIN_AUTH)


def everything(fake: FakeAmplifyBackend) -> None:
    auth(fake)
    done(fake, "CreateBackendAPI", **DEV, ResourceName="api", ResourceConfig=API)
    done(fake, "CreateBackendStorage", **DEV, ResourceName="media", ResourceConfig=STORAGE)


def with_objects(fake: FakeAmplifyBackend) -> None:
    everything(fake)
    bucket = outputs(fake, "storage")["BucketName"]
    sibling("s3").put_object(Bucket=bucket, Key="cat.png", Body=b"cat")


def studio_too(fake: FakeAmplifyBackend) -> None:
    with_objects(fake)
    done(fake, "CreateBackendConfig", AppId=DEV["AppId"])


def own_pool(fake: FakeAmplifyBackend) -> dict[str, Any]:
    """A pool of the user's own, as an import needs it; gives the four ids."""
    idp, identity = sibling("cognito-idp"), sibling("cognito-identity")
    pool = idp.create_user_pool(
        PoolName="staff",
        UsernameAttributes=["email"],
        Schema=[{"Name": "email", "Required": True, "AttributeDataType": "String"}],
        Policies={"PasswordPolicy": {"MinimumLength": 14, "RequireSymbols": True}},
        AutoVerifiedAttributes=["email"],
    )["UserPool"]["Id"]
    clients = [
        idp.create_user_pool_client(
            UserPoolId=pool,
            ClientName=name,
            GenerateSecret=name == "native",
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["openid"],
            CallbackURLs=["https://staff.example/in/"],
            LogoutURLs=["https://staff.example/out/"],
        )["UserPoolClient"]["ClientId"]
        for name in ("web", "native")
    ]
    idp.create_user_pool_domain(UserPoolId=pool, Domain="staff")
    idp.create_identity_provider(
        UserPoolId=pool,
        ProviderName="Google",
        ProviderType="Google",
        ProviderDetails={"client_id": "goog", "client_secret": "hush", "authorize_scopes": "x"},
    )
    provider = f"cognito-idp.us-east-1.amazonaws.com/{pool}"
    identities = identity.create_identity_pool(
        IdentityPoolName="staff",
        AllowUnauthenticatedIdentities=True,
        CognitoIdentityProviders=[
            {"ProviderName": provider, "ClientId": client} for client in clients
        ],
    )
    return {
        "UserPoolId": pool,
        "WebClientId": clients[0],
        "NativeClientId": clients[1],
        "IdentityPoolId": identities["IdentityPoolId"],
    }


def imports(fake: FakeAmplifyBackend) -> dict[str, Any]:
    return own_pool(fake)


def own_bucket(fake: FakeAmplifyBackend) -> None:
    plain_auth(fake)
    sibling("s3").create_bucket(Bucket="our-pictures")


def pool_update(**members: Any) -> dict[str, Any]:
    both = "IDENTITY_POOL_AND_USER_POOL"
    return {"AuthResources": both, "Service": "COGNITO", "UserPoolConfigs": members}


NEW_OAUTH = {
    "DomainPrefix": "other",
    "OAuthGrantType": "IMPLICIT",
    "OAuthScopes": ["OPENID"],
    "RedirectSignInURIs": ["https://other.example/"],
    "RedirectSignOutURIs": ["https://other.example/"],
    "SocialProviderSettings": {"Google": {"ClientId": "new", "ClientSecret": "newer"}},
}
OTHER_SCHEMA = "type Memo @model { id: ID! text: String }"


@dataclass(frozen=True)
class Sequence:
    """A job; ``given`` makes what it starts from and may give further params.

    ``deletes`` says that something goes which cannot be brought back.
    """

    operation: Any
    params: dict[str, Any] = field(default_factory=dict)
    given: Given = nothing
    deletes: bool = False


def _on(family: str, **config: Any) -> dict[str, Any]:
    name = {"Auth": "auth", "API": "api", "Storage": "media"}[family]
    return {**DEV, "ResourceName": name, **({"ResourceConfig": config} if config else {})}


SEQUENCES: dict[str, Sequence] = {
    "CreateBackend": Sequence(
        "CreateBackend", {**DEV, "BackendEnvironmentName": "test", "AppName": "shop"}
    ),
    "CreateBackendAuth": Sequence("CreateBackendAuth", _on("Auth", **AUTH)),
    "UpdateBackendAuth, everything": Sequence(
        "UpdateBackendAuth",
        _on(
            "Auth",
            **{
                **pool_update(
                    Mfa={"MFAMode": "OFF"},
                    OAuth=NEW_OAUTH,
                    PasswordPolicy={"MinimumLength": 20},
                    VerificationMessage={
                        "DeliveryMethod": "SMS",
                        "SmsSettings": {"SmsMessage": "New {####}"},
                    },
                ),
                "IdentityPoolConfigs": {"UnauthenticatedLogin": False},
            },
        ),
        auth,
    ),
    "UpdateBackendAuth, adding": Sequence(
        "UpdateBackendAuth",
        _on("Auth", **{**pool_update(OAuth=NEW_OAUTH), "IdentityPoolConfigs": {}}),
        plain_auth,
    ),
    "UpdateBackendAuth, removing": Sequence(
        "UpdateBackendAuth",
        _on("Auth", **{**pool_update(OAuth={}), "AuthResources": "USER_POOL_ONLY"}),
        auth,
    ),
    "ImportBackendAuth": Sequence("ImportBackendAuth", {**DEV}, imports),
    "DeleteBackendAuth": Sequence("DeleteBackendAuth", _on("Auth"), auth, deletes=True),
    "CreateBackendAPI": Sequence("CreateBackendAPI", _on("API", **API), plain_auth),
    "UpdateBackendAPI": Sequence(
        "UpdateBackendAPI",
        _on("API", TransformSchema=OTHER_SCHEMA, DefaultAuthType={"Mode": "AWS_IAM"}),
        everything,
    ),
    "UpdateBackendAPI, its key": Sequence(
        "UpdateBackendAPI",
        _on("API", DefaultAuthType={"Mode": "API_KEY", "Settings": {"ExpirationTime": 90}}),
        everything,
    ),
    "DeleteBackendAPI": Sequence("DeleteBackendAPI", _on("API"), everything, deletes=True),
    "GenerateBackendAPIModels": Sequence("GenerateBackendAPIModels", _on("API"), everything),
    "CreateBackendStorage": Sequence("CreateBackendStorage", _on("Storage", **STORAGE), plain_auth),
    "UpdateBackendStorage": Sequence(
        "UpdateBackendStorage",
        _on("Storage", ServiceName="S3", Permissions={"Authenticated": ["DELETE"]}),
        everything,
    ),
    "ImportBackendStorage": Sequence(
        "ImportBackendStorage",
        {**DEV, "ServiceName": "S3", "BucketName": "our-pictures"},
        own_bucket,
    ),
    "DeleteBackendStorage": Sequence(
        "DeleteBackendStorage",
        {**_on("Storage"), "ServiceName": "S3"},
        with_objects,
        deletes=True,
    ),
    "CreateBackendConfig": Sequence("CreateBackendConfig", {"AppId": DEV["AppId"]}),
    "DeleteBackend": Sequence("DeleteBackend", {**DEV}, with_objects, deletes=True),
    "RemoveAllBackends": Sequence(
        "RemoveAllBackends",
        {"AppId": DEV["AppId"], "CleanAmplifyApp": True},
        studio_too,
        deletes=True,
    ),
}
