"""A shop in moto: what the tests of provisioning start from, and how they look at what is there."""

from __future__ import annotations

import functools
import json
from typing import Any

import boto3

from pytest_amplifybackend import FakeAmplifyBackend

REGION = "us-east-1"
DEV = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
AUTH_NAMED = {**DEV, "ResourceName": "auth"}
CODE = "Your code is {####}"
KEY = "-----BEGIN PRIVATE KEY-----abc-----END PRIVATE KEY-----"

AUTH: dict[str, Any] = {
    "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
    "IdentityPoolConfigs": {"IdentityPoolName": "identities", "UnauthenticatedLogin": True},
    "Service": "COGNITO",
    "UserPoolConfigs": {
        "Mfa": {
            "MFAMode": "OPTIONAL",
            "Settings": {"MfaTypes": ["SMS", "TOTP"], "SmsMessage": "Sign in with {####}"},
        },
        "OAuth": {
            "DomainPrefix": "shop",
            "OAuthGrantType": "CODE",
            "OAuthScopes": ["EMAIL", "OPENID", "AWS_COGNITO_SIGNIN_USER_ADMIN"],
            "RedirectSignInURIs": ["https://shop.example/in/"],
            "RedirectSignOutURIs": ["https://shop.example/out/"],
            "SocialProviderSettings": {
                "Facebook": {"ClientId": "fb", "ClientSecret": "fb-secret"},
                "Google": {"ClientId": "goog", "ClientSecret": "goog-secret"},
                "LoginWithAmazon": {"ClientId": "amzn", "ClientSecret": "amzn-secret"},
                "SignInWithApple": {
                    "ClientId": "appl",
                    "KeyId": "appl-key",
                    "PrivateKey": KEY,
                    "TeamId": "appl-team",
                },
            },
        },
        "PasswordPolicy": {
            "AdditionalConstraints": ["REQUIRE_DIGIT", "REQUIRE_SYMBOL"],
            "MinimumLength": 10,
        },
        "RequiredSignUpAttributes": ["EMAIL", "ZONE_INFO"],
        "SignInMethod": "EMAIL",
        "UserPoolName": "users",
        "VerificationMessage": {
            "DeliveryMethod": "EMAIL",
            "EmailSettings": {"EmailMessage": CODE, "EmailSubject": "Welcome"},
            "SmsSettings": {"SmsMessage": "SMS code {####}"},
        },
    },
}
PLAIN_AUTH: dict[str, Any] = {
    "AuthResources": "USER_POOL_ONLY",
    "Service": "COGNITO",
    "UserPoolConfigs": {
        "RequiredSignUpAttributes": ["EMAIL"],
        "SignInMethod": "EMAIL",
        "UserPoolName": "users",
    },
}
SCHEMA = "type Note @model { id: ID! text: String }"
API: dict[str, Any] = {
    "AdditionalAuthTypes": [
        {"Mode": "AMAZON_COGNITO_USER_POOLS"},
        {
            "Mode": "OPENID_CONNECT",
            "Settings": {
                "OpenIDAuthTTL": "60000",
                "OpenIDClientId": "reader",
                "OpenIDIatTTL": "30000",
                "OpenIDIssueURL": "https://issuer.example/",
                "OpenIDProviderName": "issuer",
            },
        },
    ],
    "ApiName": "orders",
    "DefaultAuthType": {
        "Mode": "API_KEY",
        "Settings": {"Description": "for the website", "ExpirationTime": 30},
    },
    "Service": "AppSync",
    "TransformSchema": SCHEMA,
}
STORAGE: dict[str, Any] = {
    "BucketName": "pictures",
    "Permissions": {"Authenticated": ["READ"]},
    "ServiceName": "S3",
}


@functools.cache
def sibling(name: str, region: str = REGION) -> Any:
    """A client of another service, as the user's program would have."""
    return boto3.client(name, region_name=region)


def ended(fake: FakeAmplifyBackend, operation: Any, **params: Any) -> dict[str, Any]:
    """Start a job and give it as GetBackendJob tells it."""
    started = fake.call(operation, params)
    place = {name: started[name] for name in ("AppId", "JobId")}
    where = started.get("BackendEnvironmentName") or newest(fake).environment
    return fake.call("GetBackendJob", {**place, "BackendEnvironmentName": where})


def newest(fake: FakeAmplifyBackend) -> Any:
    """The newest job, ended if it can be."""
    return list(fake.jobs)[-1]


def done(fake: FakeAmplifyBackend, operation: str, **params: Any) -> None:
    """Do a job that must succeed."""
    job = ended(fake, operation, **params)
    assert job["Status"] == "COMPLETED", job


def failed(fake: FakeAmplifyBackend, operation: str, **params: Any) -> str:
    """Do a job that must fail; gives its error."""
    job = ended(fake, operation, **params)
    assert job["Status"] == "FAILED", job
    return str(job["Error"])


def meta(fake: FakeAmplifyBackend, environment: str = "dev") -> dict[str, Any]:
    """AmplifyMetaConfig."""
    answer = fake.call("GetBackend", {**DEV, "BackendEnvironmentName": environment})
    found: dict[str, Any] = json.loads(answer["AmplifyMetaConfig"])
    return found


def outputs(fake: FakeAmplifyBackend, family: str, environment: str = "dev") -> dict[str, Any]:
    """The outputs of the one resource of a family."""
    (entry,) = meta(fake, environment)[family].values()
    found: dict[str, Any] = entry["output"]
    return found


def deployment_bucket(fake: FakeAmplifyBackend, environment: str = "dev") -> str:
    return str(meta(fake, environment)["providers"]["awscloudformation"]["DeploymentBucketName"])


def inventory(region: str = REGION) -> dict[str, Any]:
    """Everything that moto has of the four services, but for the times of last changes."""
    idp, identity = sibling("cognito-idp", region), sibling("cognito-identity", region)
    appsync, s3 = sibling("appsync", region), sibling("s3", region)
    found: dict[str, Any] = {}
    for pool in idp.list_user_pools(MaxResults=60)["UserPools"]:
        found.update(_pool(idp, pool["Id"]))
    for pool in identity.list_identity_pools(MaxResults=60)["IdentityPools"]:
        name = pool["IdentityPoolId"]
        found[name] = _bare(identity.describe_identity_pool(IdentityPoolId=name))
    for api in appsync.list_graphql_apis()["graphqlApis"]:
        keys = appsync.list_api_keys(apiId=api["apiId"])["apiKeys"]
        found[api["apiId"]] = (api, keys)
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        listed = s3.list_objects_v2(Bucket=name).get("Contents", ())
        found[name] = {one["Key"]: one["ETag"] for one in listed}  # a digest of the content
    return found


def _pool(idp: Any, pool: str) -> dict[str, Any]:
    described = idp.describe_user_pool(UserPoolId=pool)["UserPool"]
    mfa = _bare(idp.get_user_pool_mfa_config(UserPoolId=pool))
    found: dict[str, Any] = {pool: (_bare(described), mfa)}
    for client in idp.list_user_pool_clients(UserPoolId=pool, MaxResults=60)["UserPoolClients"]:
        name = client["ClientId"]
        answer = idp.describe_user_pool_client(UserPoolId=pool, ClientId=name)
        found[name] = _bare(answer["UserPoolClient"])
    for provider in idp.list_identity_providers(UserPoolId=pool, MaxResults=60)["Providers"]:
        name = provider["ProviderName"]
        answer = idp.describe_identity_provider(UserPoolId=pool, ProviderName=name)
        found[f"{pool}/{name}"] = _bare(answer["IdentityProvider"])
    return found


def _bare(described: dict[str, Any]) -> dict[str, Any]:
    """What is described, without times and what is empty, which is as good as not there."""
    dropped = ("ResponseMetadata", "LastModifiedDate", "CreationDate")
    return {name: value for name, value in described.items() if name not in dropped and value != []}
