"""The one table of which member of a config is which member of a sibling service.

From these rows the pools and APIs are made, an import reads a config back, and the table of the
docs is written. Sources: the models of cognito-idp, cognito-identity and appsync (modeled), and
the Amplify CLI's templates for which member is meant (documented).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pytest_amplifybackend._api import paths
from pytest_amplifybackend._provision.translation import (
    Flags,
    Named,
    Required,
    Same,
    Suffixed,
    Translation,
    Whole,
)


@dataclass(frozen=True)
class Part:
    """Something that a sibling describes: by which call, and where in its response."""

    name: str
    service: str
    call: str
    result: str


POOL = Part("user pool", "cognito-idp", "DescribeUserPool", "UserPool")
MFA = Part("user pool's MFA", "cognito-idp", "GetUserPoolMfaConfig", "")
CLIENT = Part("both app clients", "cognito-idp", "DescribeUserPoolClient", "UserPoolClient")
DOMAIN = Part("user pool's domain", "cognito-idp", "DescribeUserPoolDomain", "DomainDescription")
PROVIDER = Part("identity provider", "cognito-idp", "DescribeIdentityProvider", "IdentityProvider")
IDENTITIES = Part("identity pool", "cognito-identity", "DescribeIdentityPool", "")
API = Part("API", "appsync", "GetGraphqlApi", "graphqlApi")
KEY = Part("API key", "appsync", "ListApiKeys", "apiKeys[0]")
SCHEMA = Part("API's schema", "appsync", "GetType", "type")
BUCKET = Part("bucket", "s3", "HeadBucket", "")


@dataclass(frozen=True)
class Row:
    """One member: ``sent`` is where the sibling takes it, ``shown`` where it shows it.

    ``default`` is what a new one gets when the config is silent; ``note`` is for the docs.
    """

    member: str
    part: Part
    sent: str
    how: Translation = field(default_factory=Same)
    shown: str = ""
    default: Any = None
    note: str = ""

    @property
    def described(self) -> str:
        """The path in what the sibling describes."""
        return self.shown or self.sent


_POOL = "UserPoolConfigs"
_OAUTH = f"{_POOL}.OAuth"
_SOCIAL = f"{_OAUTH}.SocialProviderSettings"
_VERIFICATION = f"{_POOL}.VerificationMessage"
_FORGOT = f"{_POOL}.ForgotPassword"

ATTRIBUTES = {
    "ADDRESS": "address",
    "BIRTHDATE": "birthdate",
    "EMAIL": "email",
    "FAMILY_NAME": "family_name",
    "GENDER": "gender",
    "GIVEN_NAME": "given_name",
    "LOCALE": "locale",
    "MIDDLE_NAME": "middle_name",
    "NAME": "name",
    "NICKNAME": "nickname",
    "PHONE_NUMBER": "phone_number",
    "PICTURE": "picture",
    "PREFERRED_USERNAME": "preferred_username",
    "PROFILE": "profile",
    "UPDATED_AT": "updated_at",
    "WEBSITE": "website",
    "ZONE_INFO": "zoneinfo",
}
SOCIAL = ("Facebook", "Google", "LoginWithAmazon", "SignInWithApple")
_SIGN_IN = {
    "EMAIL": ["email"],
    "PHONE_NUMBER": ["phone_number"],
    "EMAIL_AND_PHONE_NUMBER": ["email", "phone_number"],
    "USERNAME": [],
}
_CHARACTERS = {
    "REQUIRE_DIGIT": "RequireNumbers",
    "REQUIRE_LOWERCASE": "RequireLowercase",
    "REQUIRE_SYMBOL": "RequireSymbols",
    "REQUIRE_UPPERCASE": "RequireUppercase",
}
_SCOPES = {
    "PHONE": "phone",
    "EMAIL": "email",
    "OPENID": "openid",
    "PROFILE": "profile",
    "AWS_COGNITO_SIGNIN_USER_ADMIN": "aws.cognito.signin.user.admin",
}
_VERIFIED = {"EMAIL": ["email"], "SMS": ["phone_number"]}
_TEMPLATE = "VerificationMessageTemplate"
MODES = {
    mode: mode for mode in ("API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT")
}


def _message_rows(at: str, note: str = "") -> tuple[Row, ...]:
    return (
        Row(
            f"{at}.DeliveryMethod",
            POOL,
            "AutoVerifiedAttributes",
            Named(_VERIFIED),
            default="EMAIL" if at == _VERIFICATION else None,
            note=note,
        ),
        Row(f"{at}.EmailSettings.EmailMessage", POOL, f"{_TEMPLATE}.EmailMessage", note=note),
        Row(f"{at}.EmailSettings.EmailSubject", POOL, f"{_TEMPLATE}.EmailSubject", note=note),
        Row(f"{at}.SmsSettings.SmsMessage", POOL, f"{_TEMPLATE}.SmsMessage", note=note),
    )


MESSAGES = _message_rows(_VERIFICATION)
POOL_ROWS: tuple[Row, ...] = (
    Row(f"{_POOL}.UserPoolName", POOL, "PoolName", Suffixed("-"), shown="Name"),
    Row(f"{_POOL}.SignInMethod", POOL, "UsernameAttributes", Named(_SIGN_IN)),
    Row(
        f"{_POOL}.RequiredSignUpAttributes",
        POOL,
        "Schema",
        Required(ATTRIBUTES),
        shown="SchemaAttributes",
    ),
    Row(
        f"{_POOL}.PasswordPolicy.MinimumLength",
        POOL,
        "Policies.PasswordPolicy.MinimumLength",
        Whole(),
        default=8,
    ),
    Row(
        f"{_POOL}.PasswordPolicy.AdditionalConstraints",
        POOL,
        "Policies.PasswordPolicy",
        Flags(_CHARACTERS),
        default=[],
    ),
    *MESSAGES,
)
CHANGEABLE = tuple(
    row for row in POOL_ROWS if row.sent not in ("PoolName", "UsernameAttributes", "Schema")
)
"""What UpdateUserPool takes, too."""

MFA_ROWS: tuple[Row, ...] = (
    Row(f"{_POOL}.Mfa.MFAMode", MFA, "MfaConfiguration", default="OFF"),
    Row(
        f"{_POOL}.Mfa.Settings.MfaTypes",
        MFA,
        "",
        Same("`SMS` is `SmsMfaConfiguration`, `TOTP` is `SoftwareTokenMfaConfiguration.Enabled`"),
    ),
    Row(
        f"{_POOL}.Mfa.Settings.SmsMessage",
        MFA,
        "SmsMfaConfiguration.SmsAuthenticationMessage",
        note="where `SMS` is among the types",
    ),
)
CLIENT_ROWS: tuple[Row, ...] = (
    Row(
        f"{_OAUTH}.OAuthGrantType",
        CLIENT,
        "AllowedOAuthFlows",
        Named({"CODE": ["code"], "IMPLICIT": ["implicit"]}),
    ),
    Row(f"{_OAUTH}.OAuthScopes", CLIENT, "AllowedOAuthScopes", Named(_SCOPES)),
    Row(f"{_OAUTH}.RedirectSignInURIs", CLIENT, "CallbackURLs"),
    Row(f"{_OAUTH}.RedirectSignOutURIs", CLIENT, "LogoutURLs"),
    Row(
        _SOCIAL,
        CLIENT,
        "SupportedIdentityProviders",
        Same("`COGNITO`, and the name of each provider"),
    ),
)
DOMAIN_ROWS: tuple[Row, ...] = (Row(f"{_OAUTH}.DomainPrefix", DOMAIN, "Domain", Suffixed("-")),)
DETAILS = {
    "ClientId": "client_id",
    "ClientSecret": "client_secret",
    "KeyId": "key_id",
    "PrivateKey": "private_key",
    "TeamId": "team_id",
}
"""The members of a social provider, and what ``ProviderDetails`` calls them."""

_PROVIDER_MEMBERS = {
    name: ("ClientId", "KeyId", "PrivateKey", "TeamId")
    if name == "SignInWithApple"
    else ("ClientId", "ClientSecret")
    for name in SOCIAL
}
PROVIDER_ROWS: tuple[Row, ...] = tuple(
    Row(f"{_SOCIAL}.{name}.{member}", PROVIDER, f"ProviderDetails.{DETAILS[member]}")
    for name, members in _PROVIDER_MEMBERS.items()
    for member in members
)
IDENTITY_ROWS: tuple[Row, ...] = (
    Row(
        "AuthResources",
        IDENTITIES,
        "",
        Same("`IDENTITY_POOL_AND_USER_POOL`: it is there; `USER_POOL_ONLY`: it is not"),
    ),
    Row("IdentityPoolConfigs.IdentityPoolName", IDENTITIES, "IdentityPoolName", Suffixed("__")),
    Row(
        "IdentityPoolConfigs.UnauthenticatedLogin",
        IDENTITIES,
        "AllowUnauthenticatedIdentities",
        default=False,
    ),
)
OIDC_ROWS: tuple[Row, ...] = (
    Row("OpenIDIssueURL", API, "openIDConnectConfig.issuer"),
    Row("OpenIDClientId", API, "openIDConnectConfig.clientId"),
    Row("OpenIDAuthTTL", API, "openIDConnectConfig.authTTL", Whole("milliseconds")),
    Row("OpenIDIatTTL", API, "openIDConnectConfig.iatTTL", Whole("milliseconds")),
)
"""Members of an auth type's ``Settings``; the same in each auth type."""

_SETTINGS_ROWS = (
    Row("CognitoUserPoolId", API, "userPoolConfig.userPoolId", note="else the environment's own"),
    *OIDC_ROWS,
)
KEY_ROWS: tuple[Row, ...] = (
    Row("Description", KEY, "description"),
    Row("ExpirationTime", KEY, "expires", Same("so many days from now, by the machine's clock")),
)
API_ROWS: tuple[Row, ...] = (
    Row("ApiName", API, "name", Suffixed("-")),
    Row("DefaultAuthType.Mode", API, "authenticationType", Named(MODES)),
    *(
        Row(f"DefaultAuthType.Settings.{row.member}", row.part, row.sent, row.how, note=row.note)
        for row in _SETTINGS_ROWS
    ),
    *(
        Row(f"DefaultAuthType.Settings.{row.member}", row.part, row.sent, row.how)
        for row in KEY_ROWS
    ),
    Row(
        "AdditionalAuthTypes[].Mode",
        API,
        "additionalAuthenticationProviders[].authenticationType",
        Named(MODES),
    ),
    *(
        Row(
            f"AdditionalAuthTypes[].Settings.{row.member}",
            row.part,
            f"additionalAuthenticationProviders[].{row.sent}",
            row.how,
            note=row.note,
        )
        for row in _SETTINGS_ROWS
    ),
    *(
        Row(f"AdditionalAuthTypes[].Settings.{row.member}", row.part, row.sent, row.how)
        for row in KEY_ROWS
    ),
    Row("TransformSchema", SCHEMA, "definition", Same("the annotated schema, not transformed")),
)
STORAGE_ROWS: tuple[Row, ...] = (
    Row(
        "BucketName",
        BUCKET,
        "Bucket",
        Same("with the suffix of the stack, `-` and the name of the environment"),
    ),
)
FAMILIES: dict[str, tuple[Row, ...]] = {
    "auth": (
        *POOL_ROWS,
        *_message_rows(_FORGOT, "where there is no `VerificationMessage`"),
        *MFA_ROWS,
        *CLIENT_ROWS,
        *DOMAIN_ROWS,
        *PROVIDER_ROWS,
        *IDENTITY_ROWS,
    ),
    "API": API_ROWS,
    "storage": STORAGE_ROWS,
}
"""Every row, by the family of resources."""

UNMAPPED = {
    "auth": {"Service": "always Cognito"},
    "API": {
        "Service": "always AppSync",
        "ConflictResolution.ResolutionStrategy": "a matter of resolvers, which are not made",
        "DefaultAuthType.Settings.OpenIDProviderName": "a name of Amplify's own",
        "AdditionalAuthTypes[].Settings.OpenIDProviderName": "a name of Amplify's own",
    },
    "storage": {
        "ServiceName": "always S3",
        "Permissions.Authenticated": "policies of IAM roles, which are not made",
        "Permissions.UnAuthenticated": "policies of IAM roles, which are not made",
    },
}
"""The members that no sibling has, and why."""


def wanted(
    rows: tuple[Row, ...], config: dict[str, Any], environment: str, *, defaults: bool = True
) -> dict[str, Any]:
    """What to send a sibling for a config, row by row.

    Without ``defaults``, members of a structure that the config lacks are left out.
    """
    made: dict[str, Any] = {}
    for row in rows:
        value = paths.get(config, row.member)
        if value is None and (defaults or paths.get(config, row.member.rpartition(".")[0])):
            value = row.default
        if value is not None and (sent := row.how.to_aws(value, environment)) != []:
            put(made, row.sent, sent)
    return made


def read(rows: tuple[Row, ...], described: dict[str, Any], environment: str) -> dict[str, Any]:
    """The config that leads to what a sibling describes, row by row."""
    config: dict[str, Any] = {}
    for row in rows:
        value = paths.get(described, row.described)
        if value is None and not isinstance(row.how, (Named, Required)):
            continue
        found = row.how.from_aws([] if value is None else value, environment)
        if found is not None:
            put(config, row.member, found)
    return config


def put(value: dict[str, Any], path: str, item: Any) -> None:
    """Put an item at a path; a structure is put beside what is there."""
    existing = paths.get(value, path)
    both = isinstance(item, dict) and isinstance(existing, dict)
    paths.put(value, path, {**existing, **item} if both else item)
