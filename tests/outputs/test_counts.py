"""Every member, form and order of 300 drawn backends was counted in the public files.

The tables are figures: forms and orders, with how many files have them, of the entries that this
API makes. What no file since 2022 has may not be drawn, and what varies among them has to vary
among the drawn.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from drawn import Drawn, drawn
from rows import BASE32, CLOCK, HEX, INSTANT, UUID4

BACKENDS = range(1000, 1300)

UUID1 = r"[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
HASH = r"[A-Za-z0-9+/]{27}="
ROLE = r"arn:aws:iam::\d{12}:role/"
URL = r"https://s3\.amazonaws\.com/{stack}-deployment/amplify-cfn-templates/"

FORMS: Mapping[str, tuple[str, ...]] = {
    "providers.AuthRoleName": (r"{stack}-authRole",),
    "providers.UnauthRoleArn": (ROLE + r"{stack}-unauthRole",),
    "providers.AuthRoleArn": (ROLE + r"{stack}-authRole",),
    "providers.DeploymentBucketName": (r"{stack}-deployment",),
    "providers.UnauthRoleName": (r"{stack}-unauthRole",),
    "providers.StackName": (
        rf"amplify-[a-z0-9]{{1,20}}-{{env}}-{CLOCK}",
        rf"amplify-[a-z0-9]{{1,20}}-{{env}}-{HEX}",
    ),
    "providers.StackId": (rf"arn:aws:cloudformation:{{region}}:\d{{12}}:stack/{{stack}}/{UUID1}",),
    "auth.service": ("Cognito",),
    "auth.lastPushTimeStamp": (INSTANT,),
    "auth.lastPushDirHash": (HASH,),
    "auth.providerMetadata.s3TemplateURL": (URL + r"auth/{name}-cloudformation-template\.json",),
    "auth.providerMetadata.logicalId": ("auth{name}",),
    "auth.output.UserPoolId": (r"{region}_[A-Za-z0-9]{9}",),
    "auth.output.AppClientIDWeb": ("[a-z0-9]{26}", "[a-z0-9]{25}"),
    "auth.output.AppClientID": ("[a-z0-9]{26}", "[a-z0-9]{25}"),
    "auth.output.IdentityPoolId": (f"{{region}}:{UUID4}",),
    "auth.output.UserPoolArn": (r"arn:aws:cognito-idp:{region}:\d{12}:userpool/{region}_\w{9}",),
    "auth.output.IdentityPoolName": (
        r"\w+_identitypool_[0-9a-f]{8}__{env}",
        r"testAuthIdentityPool__{env}",
    ),
    "auth.output.UserPoolName": (r"\w+_userpool_[0-9a-f]{8}", "users"),
    "auth.output.HostedUIDomain": (r"shop-login-{env}", r"[a-z0-9]+([0-9a-f]{8})-\1-{env}"),
    "auth.output.CreatedSNSRole": (ROLE + r"sns[0-9a-f]{8}{suffix}-{env}",),
    "api.service": ("AppSync",),
    "api.lastPushTimeStamp": (INSTANT,),
    "api.lastPushDirHash": (HASH,),
    "api.providerMetadata.s3TemplateURL": (URL + r"api/cloudformation-template\.json",),
    "api.providerMetadata.logicalId": ("api{name}",),
    "api.output.GraphQLAPIIdOutput": (BASE32,),
    "api.output.GraphQLAPIEndpointOutput": (
        rf"https://{BASE32}\.appsync-api\.{{region}}\.amazonaws\.com/graphql",
    ),
    "api.output.GraphQLAPIKeyOutput": (f"da2-{BASE32}",),
    "storage.service": ("S3",),
    "storage.lastPushTimeStamp": (INSTANT,),
    "storage.lastPushDirHash": (HASH,),
    "storage.providerMetadata.s3TemplateURL": (URL + r"storage/cloudformation-template\.json",),
    "storage.providerMetadata.logicalId": ("storage{name}",),
    "storage.output.BucketName": (
        r"pictures{suffix}-{env}",
        r"[a-z0-9]{1,20}?[0-9a-f]{27,32}{suffix}-{env}",
    ),
    "storage.output.Region": ("{region}",),
}
"""The forms of the texts of managed entries; each has to occur."""

KINDS: Mapping[str, tuple[Any, ...]] = {
    "auth.customAuth": (False,),
    "auth.dependsOn": ([],),
    "auth.frontendAuthConfig.usernameAttributes": (
        ["EMAIL"],
        [],
        ["EMAIL", "PHONE_NUMBER"],
        ["PHONE_NUMBER"],
    ),
    "auth.frontendAuthConfig.verificationMechanisms": (["EMAIL"], ["PHONE_NUMBER"]),
    "storage.dependsOn": ([],),
}
"""The values of members that have few; each has to occur."""

ORDERS: Mapping[str, Mapping[str, int]] = {
    "providers": {
        "AuthRoleName,UnauthRoleArn,AuthRoleArn,Region,DeploymentBucketName,UnauthRoleName,"
        "StackName,StackId,AmplifyAppId": 149,
    },
    "auth": {
        "service,providerPlugin,dependsOn,customAuth,frontendAuthConfig,providerMetadata,"
        "lastPushTimeStamp,output,lastPushDirHash": 48,
    },
    "auth.frontendAuthConfig": {
        "socialProviders,usernameAttributes,signupAttributes,passwordProtectionSettings,"
        "mfaConfiguration,mfaTypes,verificationMechanisms": 47,
    },
    "auth.frontendAuthConfig.passwordProtectionSettings": {
        "passwordPolicyMinLength,passwordPolicyCharacters": 66
    },
    "auth.output": {
        "UserPoolId,AppClientIDWeb,AppClientID,IdentityPoolId,UserPoolArn,IdentityPoolName,"
        "UserPoolName": 46,
        "CreatedSNSRole,UserPoolId,AppClientIDWeb,AppClientID,IdentityPoolId,UserPoolArn,"
        "IdentityPoolName,UserPoolName": 8,
        "UserPoolId,AppClientIDWeb,AppClientID,HostedUIDomain,IdentityPoolId,UserPoolArn,"
        "IdentityPoolName,OAuthMetadata,UserPoolName": 6,
        "UserPoolId,AppClientIDWeb,AppClientID,UserPoolArn,UserPoolName": 1,
    },
    "auth.providerMetadata": {"s3TemplateURL,logicalId": 105},
    "api": {
        "service,providerPlugin,dependsOn,output,providerMetadata,lastPushTimeStamp,"
        "lastPushDirHash": 13,
    },
    "api.output": {
        "authConfig,GraphQLAPIIdOutput,GraphQLAPIEndpointOutput,GraphQLAPIKeyOutput": 40,
        "authConfig,GraphQLAPIIdOutput,GraphQLAPIEndpointOutput": 13,
    },
    "api.output.authConfig": {"defaultAuthentication,additionalAuthenticationProviders": 36},
    "api.providerMetadata": {"s3TemplateURL,logicalId": 55},
    "apiKeyConfig": {
        "apiKeyExpirationDays,description": 21,
        "apiKeyExpirationDays,apiKeyExpirationDate,description": 8,
        "apiKeyExpirationDays": 5,
    },
    "storage": {
        "service,providerPlugin,dependsOn,lastPushTimeStamp,providerMetadata,output,"
        "lastPushDirHash": 11,
    },
    "storage.output": {"BucketName,Region": 27},
    "imported auth": {
        "service,serviceType,providerPlugin,dependsOn,customAuth,output,frontendAuthConfig,"
        "lastPushTimeStamp": 5,
    },
    "imported auth.output": {
        "UserPoolId,UserPoolName,AppClientID,AppClientIDWeb": 3,
        "UserPoolId,UserPoolName,AppClientID,AppClientIDWeb,IdentityPoolId,IdentityPoolName": 1,
    },
    "imported storage": {
        "service,serviceType,providerPlugin,dependsOn,output,lastPushTimeStamp": 1,
    },
    "imported storage.output": {"BucketName,Region": 1},
}
"""The orders of members with how many files have them; each has to occur."""

BOTH = (
    *("CreatedSNSRole", "UserPoolId", "AppClientIDWeb", "AppClientID", "HostedUIDomain"),
    *("IdentityPoolId", "UserPoolArn", "IdentityPoolName", "OAuthMetadata", "UserPoolName"),
)
"""The counted orders of outputs woven into one: each is this one with members left out."""


@pytest.fixture(scope="module")
def many() -> list[Drawn]:
    return [drawn(number) for number in BACKENDS]


def objects(backend: Drawn) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every object of a meta with its path, those of imported entries apart, and its entry."""
    yield "providers", "", backend.stack
    for family in backend.configs:
        entry, name = backend.entry(family), backend.name(family)
        imported = "imported " if "serviceType" in entry else ""
        yield from _below(f"{imported}{family}", name, entry)


def _below(path: str, name: str, value: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    yield path, name, value
    for member, item in value.items():
        if isinstance(item, dict):
            yield from _below(f"{path}.{member}", name, item)


@pytest.mark.parametrize("path", ORDERS)
def test_orders(many: list[Drawn], path: str) -> None:
    found = Counter(
        ",".join(value)
        for one in many
        for at, _, value in objects(one)
        if at == path or at.endswith(f".{path}")
    )

    if path == "auth.output":  # with phone and OAuth at once, which no file has
        for order in found:
            names = order.split(",")
            assert names == [name for name in BOTH if name in names]
    else:
        assert found.keys() <= ORDERS[path].keys()
    assert ORDERS[path].keys() <= found.keys()


@pytest.mark.parametrize("path", FORMS)
def test_forms(many: list[Drawn], path: str) -> None:
    parent, _, member = path.rpartition(".")
    seen = set()
    for one in many:
        fill = {"stack": one.stack["StackName"], "region": one.region, "suffix": one.suffix}
        for at, name, value in objects(one):
            if at == parent and member in value:
                known = {**fill, "env": one.environment, "name": name}
                seen |= {form for form in FORMS[path] if fits(form, known, value[member])}
                assert any(fits(form, known, value[member]) for form in FORMS[path]), value[member]

    assert seen == set(FORMS[path])


def fits(form: str, known: Mapping[str, str], text: str) -> bool:
    for name, value in known.items():
        form = form.replace(f"{{{name}}}", re.escape(value))
    return re.fullmatch(form, text) is not None


@pytest.mark.parametrize("path", KINDS)
def test_kinds(many: list[Drawn], path: str) -> None:
    parent, _, member = path.rpartition(".")
    found = {
        json.dumps(value[member]) for one in many for at, _, value in objects(one) if at == parent
    }

    assert found == {json.dumps(value) for value in KINDS[path]}
