"""For every rule on parameters: values that break it, values that keep it, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

SERVICE, JOB = "service", "provisioning"


@dataclass(frozen=True)
class Case:
    """``breaks`` and ``keeps`` go to every path of the rule in every operation it holds for."""

    layer: str
    says: str
    breaks: tuple[Any, ...]
    keeps: tuple[Any, ...]


_URIS = (
    "https://shop.example",
    "https://shop.example/in",
    "https://shop.example/",
    "http://localhost:3000",
    "http://127.0.0.1/",
    "http://[::1]/",
)
_NO_URIS = (
    "http://shop.example/",
    "https:///",
    "https://shop.example/#/",
    "https://shop example/",
    "/in/",
    "",
)
_OIDC = {
    "OpenIDClientId": "client",
    "OpenIDIssueURL": "https://login.example/",
    "OpenIDProviderName": "login",
}
_KEY = "-----BEGIN PRIVATE KEY-----MIGT-----END PRIVATE KEY-----"
_APPLE = {"ClientId": "c", "KeyId": "k", "TeamId": "t", "PrivateKey": _KEY}
_API = {
    "DefaultAuthType": {"Mode": "API_KEY"},
    "TransformSchema": "type Order @model { id: ID! }",
}
_MAIL = {"EmailMessage": "Code {####}", "EmailSubject": "Code"}
_SMS = {"SmsMessage": "Code {####}"}
_OWNED = "type Order @model @auth(rules: [{ allow: owner }]) { id: ID! }"


def _api(default: str, *additional: str, schema: str | None = None) -> dict[str, Any]:
    config: dict[str, Any] = {
        "DefaultAuthType": {"Mode": default},
        "AdditionalAuthTypes": [{"Mode": mode} for mode in additional],
        "TransformSchema": schema or _API["TransformSchema"],
    }
    return config


def _synced(strategy: str, back: str) -> dict[str, Any]:
    related = f"type Note @model {{ tags: [Tag] @hasMany }} type Tag @model {{ note: Note {back} }}"
    return {
        **_api("API_KEY", schema=related),
        "ConflictResolution": {"ResolutionStrategy": strategy},
    }


def _enum(*values: str) -> Case:
    says = f"must be one of {', '.join(values)}"
    return Case(SERVICE, says, ("", "OTHER", values[0].swapcase()), values)


CASES: Mapping[str, Case] = {
    "name.empty": Case(SERVICE, "must have at least 1 character", ("",), ("d",)),
    "id.app": Case(
        SERVICE,
        "must be 'd' and 1 to 19 lower-case letters or digits",
        ("d", "e1shop", "D1SHOP", "d1-shop", "d" + "1" * 20, "d1shop\n", "dü"),
        ("d1", "d" + "1" * 19),
    ),
    "name.environment": Case(
        SERVICE,
        "Environment name must be between 2 and 10 characters, and lowercase only "
        "(letters a to z, no digits)",
        ("a", "elevenchars", "Dev", "dev1", "de-v", "dev\n", "dév"),
        ("qa", "tencharact"),
    ),
    "name.auth-resource": Case(
        SERVICE, "must be 1 to 128 letters and digits", ("u-1", "u" * 129), ("U1", "u" * 128)
    ),
    "name.resource": Case(
        SERVICE, "must be letters and digits", ("o-1", "o_1", "o 1"), ("O1", "o" * 200)
    ),
    "job.operation": Case(
        SERVICE, "must be one of CloneBackend, ", ("", "NoSuch", "GetBackend"), ("DeleteBackend",)
    ),
    "job.status": _enum("PENDING", "RUNNING", "COMPLETED", "FAILED"),
    "jobs.max-results": Case(
        SERVICE, "must be a whole number from 1 to 25", (26, 10**400, True), (1, 25)
    ),
    "enum.Mode": _enum("API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT"),
    "enum.ResolutionStrategy": _enum("OPTIMISTIC_CONCURRENCY", "LAMBDA", "AUTOMERGE", "NONE"),
    "enum.AuthResources": _enum("USER_POOL_ONLY", "IDENTITY_POOL_AND_USER_POOL"),
    "enum.Service": _enum("COGNITO"),
    "enum.DeliveryMethod": _enum("EMAIL", "SMS"),
    "enum.MFAMode": _enum("ON", "OFF", "OPTIONAL"),
    "enum.MfaTypesElement": _enum("SMS", "TOTP"),
    "enum.OAuthGrantType": _enum("CODE", "IMPLICIT"),
    "enum.OAuthScopesElement": _enum(
        "PHONE", "EMAIL", "OPENID", "PROFILE", "AWS_COGNITO_SIGNIN_USER_ADMIN"
    ),
    "enum.AdditionalConstraintsElement": _enum(
        "REQUIRE_DIGIT", "REQUIRE_LOWERCASE", "REQUIRE_SYMBOL", "REQUIRE_UPPERCASE"
    ),
    "enum.RequiredSignUpAttributesElement": Case(
        SERVICE, "must be one of ADDRESS, BIRTHDATE, ", ("", "SHOE_SIZE"), ("EMAIL", "ZONE_INFO")
    ),
    "enum.SignInMethod": _enum("EMAIL", "EMAIL_AND_PHONE_NUMBER", "PHONE_NUMBER", "USERNAME"),
    "enum.AuthenticatedElement": _enum("READ", "CREATE_AND_UPDATE", "DELETE"),
    "enum.UnAuthenticatedElement": _enum("READ", "CREATE_AND_UPDATE", "DELETE"),
    "enum.ServiceName": _enum("S3"),
    "type.double": Case(
        SERVICE,
        "must be a finite number",
        (float("nan"), float("inf"), float("-inf"), True, Decimal(8)),
        (8, 8.0),
    ),
    "api.service": Case(JOB, "must be one of AppSync", ("", "appsync"), ("AppSync",)),
    "api.name": Case(
        JOB, "must be 1 to 80 letters and digits", ("", "a-1", "a" * 81), ("A1", "a" * 80)
    ),
    "api.complete": Case(
        JOB,
        "Data did not validate against the supplied schema. Underlying errors were "
        '[{"keyword":"required","dataPath":".serviceConfiguration","schemaPath":"#/required",'
        '"params":{"missingProperty":',
        tuple({name: _API[name] for name in _API if name != missing} for missing in _API),
        (_API,),
    ),
    "api.conflict-resolution": Case(
        JOB,
        "must be one of OPTIMISTIC_CONCURRENCY, AUTOMERGE, NONE",
        ("LAMBDA",),
        ("OPTIMISTIC_CONCURRENCY", "AUTOMERGE", "NONE"),
    ),
    "api.mode": Case(JOB, "needs Mode", ({}, {"Settings": {}}), ({"Mode": "API_KEY"},)),
    "api.key-days": Case(
        JOB, "must be a whole number from 1 to 365", (0, 366, -1, 1.5, 10**400), (1, 365, 7.0)
    ),
    "api.user-pool-id": Case(
        JOB,
        "must be a user pool id such as us-east-1_a1B2c3D4e",
        ("", "pool", "us-east-1_", "us-east-1_" + "x" * 46),
        ("us-east-1_" + "x" * 45,),
    ),
    "api.oidc.complete": Case(
        JOB,
        "needs Settings.OpenIDClientId, Settings.OpenIDIssueURL, Settings.OpenIDProviderName when "
        "Mode is OPENID_CONNECT",
        (
            {"Mode": "OPENID_CONNECT"},
            *(
                {
                    "Mode": "OPENID_CONNECT",
                    "Settings": {name: value for name, value in _OIDC.items() if name != member},
                }
                for member in _OIDC
            ),
        ),
        (
            {"Mode": "OPENID_CONNECT", "Settings": _OIDC},
            {"Mode": "OPENID_CONNECT", "Settings": {**_OIDC, "OpenIDClientId": ""}},
            {"Mode": "API_KEY", "Settings": {}},
        ),
    ),
    "api.oidc.issuer": Case(
        JOB,
        "must be a URI with https, or with http for localhost",
        (*_NO_URIS, "myapp://in/"),
        _URIS,
    ),
    "api.oidc.ttl": Case(
        JOB, "must be a number of milliseconds in digits", ("", "-1", "1.5", "1s"), ("0", "3600")
    ),
    "api.modes.unrepeated": Case(
        JOB,
        "must not repeat DefaultAuthType.Mode in AdditionalAuthTypes[].Mode",
        (_api("API_KEY", "API_KEY"), _api("AWS_IAM", "API_KEY", "AWS_IAM")),
        (_api("API_KEY", "AWS_IAM"),),
    ),
    "api.schema.providers": Case(
        JOB,
        "@auth directive with 'userPools' provider found, but the project has no Cognito User "
        "Pools authentication provider configured.",
        (_api("API_KEY", "AWS_IAM", schema=_OWNED),),
        (
            _API,
            _api("API_KEY", schema=_OWNED.replace("owner", "public")),
        ),
    ),
    "api.schema.data-store": Case(
        JOB,
        "Note and Tag cannot refer to each other via @hasOne or @hasMany when DataStore is in use. "
        "Use @belongsTo instead. See "
        "https://docs.amplify.aws/cli/graphql/data-modeling/#belongs-to-relationship",
        (_synced("AUTOMERGE", "@hasOne"), _synced("OPTIMISTIC_CONCURRENCY", "@hasOne")),
        (_synced("NONE", "@hasOne"), _synced("AUTOMERGE", "@belongsTo")),
    ),
    "storage.bucket-name": Case(
        JOB,
        "Bucket name can only use the following characters: a-z 0-9 -",
        ("", "ab", "a" * 48, "Pictures", "my.pictures"),
        ("abc", "a" * 47, "my-pictures-1"),
    ),
    "storage.bucket-start": Case(
        JOB,
        "must not begin with a hyphen, xn--, sthree- or amzn-s3-demo-",
        ("-pictures", "xn--pictures", "sthree-pictures", "amzn-s3-demo-pictures"),
        ("pictures-", "x-n--pictures"),
    ),
    "storage.import.bucket": Case(JOB, "needs BucketName", ({"BucketName": None},), ({},)),
    "auth.password.length": Case(
        JOB, "must be a whole number from 6 to 99", (5, 100, 8.5, -8), (6, 99, 8.0)
    ),
    "auth.mfa.mode": Case(
        JOB, "needs MFAMode", ({}, {"Settings": {"MfaTypes": ["SMS"]}}), ({"MFAMode": "OFF"},)
    ),
    "auth.mfa.settings": Case(
        JOB,
        "needs Settings.MfaTypes, Settings.SmsMessage when MFAMode is ON or OPTIONAL",
        (
            {"MFAMode": "ON"},
            {"MFAMode": "OPTIONAL", "Settings": {"MfaTypes": ["TOTP"]}},
        ),
        ({"MFAMode": "OFF"}, {"MFAMode": "ON", "Settings": {"MfaTypes": ["TOTP"], **_SMS}}),
    ),
    "auth.mfa.types": Case(
        JOB,
        "needs Settings.MfaTypes, not empty, when MFAMode is ON or OPTIONAL",
        ({"MFAMode": "ON", "Settings": {"MfaTypes": [], **_SMS}},),
        ({"MFAMode": "OFF", "Settings": {"MfaTypes": []}},),
    ),
    "auth.message.method": Case(
        JOB,
        "needs DeliveryMethod",
        ({}, {"SmsSettings": _SMS}),
        ({"DeliveryMethod": "SMS", "SmsSettings": _SMS},),
    ),
    "auth.message.email": Case(
        JOB,
        "needs EmailSettings.EmailMessage, EmailSettings.EmailSubject when DeliveryMethod is EMAIL",
        (
            {"DeliveryMethod": "EMAIL"},
            {"DeliveryMethod": "EMAIL", "EmailSettings": {"EmailMessage": "Code {####}"}},
        ),
        ({"DeliveryMethod": "EMAIL", "EmailSettings": _MAIL},),
    ),
    "auth.message.sms": Case(
        JOB,
        "needs SmsSettings.SmsMessage when DeliveryMethod is SMS",
        ({"DeliveryMethod": "SMS"}, {"DeliveryMethod": "SMS", "SmsSettings": {}}),
        ({"DeliveryMethod": "SMS", "SmsSettings": _SMS},),
    ),
    "auth.sms-message.length": Case(
        JOB,
        "must have 6 to 140 characters",
        ("12345", "{####}" + "x" * 135),
        ("{####}", "{####}" + "x" * 134),
    ),
    "auth.sms-message.code": Case(
        JOB, "must contain {####}", ("Your code", "{###}  "), ("Your code {####}.",)
    ),
    "auth.email-message.length": Case(
        JOB,
        "must have 6 to 20000 characters",
        ("12345", "{####}" + "x" * 19995),
        ("{####}", "{####}" + "x" * 19994),
    ),
    "auth.email-message.code": Case(JOB, "must contain {####}", ("Your code",), ("It is {####}.",)),
    "auth.email-subject.length": Case(
        JOB, "must have 1 to 140 characters", ("x" * 141,), ("x", "x" * 140)
    ),
    "auth.oauth.filled": Case(JOB, "must not be empty", ([],), ()),
    "auth.oauth.domain-prefix": Case(
        JOB,
        "must be 1 to 63 lower-case letters, digits and inner hyphens",
        ("", "-shop", "shop-", "Shop", "my.shop", "s" * 64),
        ("s", "my-shop-1", "s" * 63),
    ),
    "auth.oauth.domain-reserved": Case(
        JOB,
        "must not contain aws or amazon or cognito",
        ("myaws", "amazon1", "a-cognito-b"),
        ("aw-s",),
    ),
    "auth.oauth.redirect-uris": Case(
        JOB,
        "must have at most 100 elements",
        (["https://shop.example/"] * 101,),
        (["https://shop.example/"] * 100,),
    ),
    "auth.oauth.redirect-length": Case(
        JOB,
        "must have 1 to 1024 characters",
        ("", f"https://shop.example/{'x' * 1003}/"),
        (f"https://shop.example/{'x' * 1002}/",),
    ),
    "auth.oauth.redirect-uri": Case(
        JOB,
        "must be an absolute URI without '#', with https unless it names localhost",
        (*(uri for uri in _NO_URIS if uri), "localhost:3000/", "example.com:443", "myapp:"),
        (*_URIS, "myapp://callback", "myapp://in/", "myapp:callback", "com.example.app:/in"),
    ),
    "auth.social.complete": Case(
        JOB,
        "needs ClientId, ClientSecret",
        ({}, {"ClientId": "c"}, {"ClientSecret": "hidden"}),
        ({"ClientId": "c", "ClientSecret": "hidden"},),
    ),
    "auth.social.apple": Case(
        JOB,
        "needs ClientId, TeamId, KeyId",
        ({}, {"ClientId": "c", "KeyId": "k", "PrivateKey": _KEY}),
        (_APPLE, {name: value for name, value in _APPLE.items() if name != "PrivateKey"}),
    ),
    "auth.social.filled": Case(JOB, "must not be empty", ("",), ("hidden",)),
    "auth.social.apple-key-format": Case(
        JOB,
        "must be one line from -----BEGIN PRIVATE KEY-----",
        ("hidden", _KEY.replace("MIGT", "\nhidden\n")),
        (_KEY,),
    ),
    "auth.user-pool-name": Case(
        JOB, "must be 1 to 128 letters, digits, spaces", ("", "a/b", "p" * 129), ("My +=,.@-_1",)
    ),
    "auth.identity-pool-name": Case(
        JOB, "must be 1 to 128 letters, digits, spaces", ("", "a/b", "p" * 129), ("My pool",)
    ),
    "auth.import.user-pool-id": Case(
        JOB, "must be a user pool id", ("pool", "us-east-1_ä"), ("us-east-1_x",)
    ),
    "auth.import.client-id": Case(
        JOB, "must be an app client id", ("a-b", "c" * 129), ("a+b", "c" * 128)
    ),
    "auth.import.identity-pool-id": Case(
        JOB, "must be an identity pool id", ("", "us-east-1", "us-east-1:XYZ"), ("us-east-1:0-f",)
    ),
}
