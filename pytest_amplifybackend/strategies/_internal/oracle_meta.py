"""The reference model of AmplifyMetaConfig, the most-read text (docs/evidence.md#getbackend)."""

from __future__ import annotations

import json
import re

from pytest_amplifybackend._api.catalogue import FAMILIES
from pytest_amplifybackend.strategies._internal.oracle_state import OracleState, Record
from pytest_amplifybackend.strategies._internal.oracle_work import LEARNT, auth_types, physical_name

_SERVICES = {"auth": "Cognito", "api": "AppSync", "storage": "S3"}
_SOCIAL = {
    "Facebook": "FACEBOOK",
    "Google": "GOOGLE",
    "LoginWithAmazon": "AMAZON",
    "SignInWithApple": "APPLE",
}


_CHARACTERS = {
    "REQUIRE_DIGIT": "REQUIRES_NUMBERS",
    "REQUIRE_LOWERCASE": "REQUIRES_LOWERCASE",
    "REQUIRE_SYMBOL": "REQUIRES_SYMBOLS",
    "REQUIRE_UPPERCASE": "REQUIRES_UPPERCASE",
}
SUFFIX = r"(?:(?:1\d|2[0-3]|\d)[0-5]\d[0-5]\d|[0-9a-f]{5})"
"""What a stack's name ends in: a time of day, or five hexadecimal digits."""

_SCOPES = ("phone", "email", "openid", "profile", "aws.cognito.signin.user.admin")


def meta_differs(oracle: OracleState, app_id: str, name: str, text: str) -> str | None:
    """What is wrong with an environment's meta text; learns generated names from a sound one."""
    environment = oracle.apps[app_id]["environments"][name]
    meta = json.loads(text)
    if json.dumps(meta, separators=(",", ":")) != text:
        return "expected compact JSON"
    problems = list(_providers(oracle, app_id, name, environment, meta))
    categories = [family for family in FAMILIES if family in meta]
    known = [family for family in FAMILIES if family in environment]
    if categories != known or next(iter(meta)) != "providers":
        return f"expected the categories {known}, got {categories}"
    for family in known:
        problems += _category(oracle, family, environment, name, meta[family])
    return "; ".join(problems) or None


def _providers(
    oracle: OracleState, app_id: str, name: str, environment: Record, meta: Record
) -> list[str]:
    provider = meta["providers"]["awscloudformation"]
    problems = []
    if provider["AmplifyAppId"] != app_id or provider["Region"] != oracle.region:
        problems.append(f"the provider is that of {provider['AmplifyAppId']}")
    stack = provider["StackName"]
    if not re.fullmatch(rf"amplify-[a-z0-9]+-{name}-{SUFFIX}", stack):
        problems.append(f"the stack is called {stack}")
    if environment.setdefault("stack", stack) != stack:
        problems.append(f"the stack {environment['stack']} became {stack}")
    if provider["DeploymentBucketName"] != f"{stack}-deployment":
        problems.append(f"the deployment bucket is {provider['DeploymentBucketName']}")
    return problems


def _category(
    oracle: OracleState, family: str, environment: Record, name: str, found: Record
) -> list[str]:
    resource = environment[family]
    if resource["name"] == LEARNT and len(found) == 1:
        resource["name"] = next(iter(found))
    key = resource["config"].get("ApiName", resource["name"])
    if list(found) != [key]:
        return [f"expected the {family} {key}, got {list(found)}"]
    entry = found[key]
    output = entry["output"]
    problems = []
    if entry["service"] != _SERVICES[family]:
        problems.append(f"the service of {family} is {entry['service']}")
    if (entry.get("serviceType") == "imported") != resource["imported"]:
        problems.append(
            f"{family} is imported: {resource['imported']}, the meta text says otherwise"
        )
    stable = resource.setdefault("ids", _ids(family, output))
    if stable != _ids(family, output):
        problems.append(f"the ids of {family} {stable} became {_ids(family, output)}")
    check = {"auth": _auth, "api": _api, "storage": _storage}[family]
    return [*problems, *check(resource, environment, name, entry, output)]


def _ids(family: str, output: Record) -> list[str]:
    """The generated ids of a resource, which stay the same until it is deleted."""
    names = {
        "auth": ("UserPoolId", "AppClientIDWeb", "AppClientID"),
        "api": ("GraphQLAPIIdOutput", "GraphQLAPIEndpointOutput"),
        "storage": ("BucketName",),
    }
    return [str(output.get(name)) for name in names[family]]


def _auth(
    resource: Record, environment: Record, name: str, entry: Record, output: Record
) -> list[str]:
    if resource["imported"]:
        pool = resource["pool"]
        return [] if output["UserPoolId"] == pool else [f"the imported pool {pool} is another"]
    config = resource["config"]
    pool = config["UserPoolConfigs"]
    frontend = entry["frontendAuthConfig"]
    oauth = pool.get("OAuth", {})
    policy = pool.get("PasswordPolicy", {})
    mfa = pool.get("Mfa", {"MFAMode": "OFF"})
    off = mfa["MFAMode"] == "OFF"
    hosted = json.loads(output.get("OAuthMetadata", "{}"))
    expected = {
        "mfa": (mfa["MFAMode"], ["SMS"] if off else mfa["Settings"]["MfaTypes"]),
        "minimum": policy.get("MinimumLength", 8),
        "characters": sorted({_CHARACTERS[one] for one in policy.get("AdditionalConstraints", ())}),
        "social": sorted(_SOCIAL[one] for one in oauth.get("SocialProviderSettings", {})),
        "attributes": pool["RequiredSignUpAttributes"],
        "pool": pool["UserPoolName"],
        "identity pool": config["AuthResources"] == "IDENTITY_POOL_AND_USER_POOL",
        "hosted sign-in": ("OAuth" in pool, "OAuth" in pool),
        "callbacks": oauth.get("RedirectSignInURIs"),
        "log-outs": oauth.get("RedirectSignOutURIs"),
        "role for text messages": _has_phone(pool),
    }
    actual = {
        "mfa": (frontend["mfaConfiguration"], frontend["mfaTypes"]),
        "minimum": frontend["passwordProtectionSettings"]["passwordPolicyMinLength"],
        "characters": frontend["passwordProtectionSettings"]["passwordPolicyCharacters"],
        "social": sorted(frontend["socialProviders"]),
        "attributes": frontend["signupAttributes"],
        "pool": output["UserPoolName"],
        "identity pool": "IdentityPoolId" in output,
        "hosted sign-in": ("HostedUIDomain" in output, "OAuthMetadata" in output),
        "callbacks": hosted.get("CallbackURLs"),
        "log-outs": hosted.get("LogoutURLs"),
        "role for text messages": "CreatedSNSRole" in output,
    }
    unknown = set(hosted.get("AllowedOAuthScopes", ())) - set(_SCOPES)
    strange = [f"the scopes {sorted(unknown)} are not Cognito's"] if unknown else []
    return [*strange, *_differing(expected, actual)]


def _has_phone(pool: Record) -> bool:
    message = pool.get("VerificationMessage") or pool.get("ForgotPassword") or {}
    mfa = pool.get("Mfa", {"MFAMode": "OFF"})
    return (
        pool["SignInMethod"] in ("PHONE_NUMBER", "EMAIL_AND_PHONE_NUMBER")
        or "PHONE_NUMBER" in pool["RequiredSignUpAttributes"]
        or message.get("DeliveryMethod") == "SMS"
        or (mfa["MFAMode"] != "OFF" and "SMS" in mfa["Settings"]["MfaTypes"])
    )


def _api(
    resource: Record, environment: Record, name: str, entry: Record, output: Record
) -> list[str]:
    modes = [kind["Mode"] for kind in auth_types(resource["config"])]
    shown = output["authConfig"]
    more = [one["authenticationType"] for one in shown["additionalAuthenticationProviders"]]
    expected = {"default": modes[0], "additional": sorted(modes[1:]), "key": "API_KEY" in modes}
    actual = {
        "default": shown["defaultAuthentication"]["authenticationType"],
        "additional": sorted(more),
        "key": "GraphQLAPIKeyOutput" in output,
    }
    return _differing(expected, actual)


def _storage(
    resource: Record, environment: Record, name: str, entry: Record, output: Record
) -> list[str]:
    config = resource["config"]
    if config["BucketName"] == LEARNT:
        return []
    bucket = config["BucketName"]
    if not resource["imported"]:
        bucket = physical_name(config, environment["stack"], name)
    return _differing({"bucket": bucket}, {"bucket": output["BucketName"]})


def _differing(expected: Record, actual: Record) -> list[str]:
    return [
        f"{what}: expected {expected[what]!r}, got {actual[what]!r}"
        for what in expected
        if expected[what] != actual[what]
    ]
