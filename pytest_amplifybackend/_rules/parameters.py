"""Every rule on the parameters alone, in the order in which they are checked.

A rule is one row: its name, the operations and paths it is about, the constraint and the evidence.
``at_once`` rows are checked by the service, ``in_job`` rows by the worker, whose job fails. Service
and worker check by these rows, strategies draw valid and invalid requests from them, and
``docs/rules.md`` lists them. Rules that look at the state are in ``states``.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._rules.constraints import (
    Constraint,
    Filled,
    Finite,
    GraphQLSchema,
    IssuerUri,
    Length,
    Needs,
    NeedsByHeadless,
    OneOf,
    ProvidersConfigured,
    RedirectUri,
    RelatedOneWay,
    Unrepeated,
)
from pytest_amplifybackend._rules.rule import (
    Evidence,
    Layer,
    Rule,
    assumed,
    documented,
    modeled,
    observed,
)

Names = str | tuple[str, ...]


def at_once(
    name: str, operations: Names, paths: Names, constraint: Constraint, evidence: Evidence
) -> Rule:
    """A rule that the service checks: a request that breaks it is answered with BadRequest."""
    return _row(Layer.SERVICE, name, operations, paths, constraint, evidence)


def in_job(
    name: str, operations: Names, paths: Names, constraint: Constraint, evidence: Evidence
) -> Rule:
    """A rule that the worker checks: the job of a request that breaks it ends FAILED."""
    return _row(Layer.PROVISIONING, name, operations, paths, constraint, evidence)


def _row(
    layer: Layer,
    name: str,
    operations: Names,
    paths: Names,
    constraint: Constraint,
    evidence: Evidence,
) -> Rule:
    at, about = _tuple(paths), _tuple(operations)
    return Rule(name, layer, evidence, about, paths=at, constraint=constraint)


def _tuple(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


_CREATE, _UPDATE, _IMPORT = "CreateBackendAuth", "UpdateBackendAuth", "ImportBackendAuth"
_AUTH = (_CREATE, _UPDATE)
_API = ("CreateBackendAPI", "UpdateBackendAPI")
_NEW_RESOURCES = ("CreateBackendAPI", "CreateBackendStorage")

_CONFIG = "ResourceConfig"
_ENVIRONMENT, _TARGET = "BackendEnvironmentName", "TargetEnvironmentName"
_BUCKET = f"{_CONFIG}.BucketName"
_STRATEGY = f"{_CONFIG}.ConflictResolution.ResolutionStrategy"
_RESOLUTIONS = ("OPTIMISTIC_CONCURRENCY", "AUTOMERGE", "NONE")
_CLIENTS = ("WebClientId", "NativeClientId")
_AUTH_TYPES = (f"{_CONFIG}.DefaultAuthType", f"{_CONFIG}.AdditionalAuthTypes[]")
_POOL = f"{_CONFIG}.UserPoolConfigs"
_PASSWORD = f"{_POOL}.PasswordPolicy.MinimumLength"
_IDENTITY_POOL = f"{_CONFIG}.IdentityPoolConfigs.IdentityPoolName"
_MFA = f"{_POOL}.Mfa"
_FORGOT = f"{_POOL}.ForgotPassword"
_MESSAGES = (f"{_POOL}.VerificationMessage", _FORGOT)
_OAUTH = f"{_POOL}.OAuth"
_SOCIAL = f"{_OAUTH}.SocialProviderSettings"
_APPLE = f"{_SOCIAL}.SignInWithApple"
_DOMAIN, _APPLE_KEY = f"{_OAUTH}.DomainPrefix", f"{_APPLE}.PrivateKey"
_POOL_NAME = f"{_POOL}.UserPoolName"
_PROVIDERS = (f"{_SOCIAL}.Facebook", f"{_SOCIAL}.Google", f"{_SOCIAL}.LoginWithAmazon")
_URIS = (f"{_OAUTH}.RedirectSignInURIs", f"{_OAUTH}.RedirectSignOutURIs")


def _below(paths: Names, *members: str) -> tuple[str, ...]:
    """The paths of members below other paths; ``[]`` for the elements of what is there."""
    return tuple(
        f"{path}{member}" if member == "[]" else f"{path}.{member}"
        for path in _tuple(paths)
        for member in members
    )


_EMAIL_MESSAGES = _below(_MESSAGES, "EmailSettings.EmailMessage")
_EMAIL_SUBJECTS = _below(_MESSAGES, "EmailSettings.EmailSubject")
_SMS_MESSAGES = (f"{_MFA}.Settings.SmsMessage", *_below(_MESSAGES, "SmsSettings.SmsMessage"))
_OAUTH_LISTS = (f"{_OAUTH}.OAuthScopes", f"{_OAUTH}.RedirectSignInURIs")
_SOCIAL_IDS = (
    *_below(_PROVIDERS, "ClientId", "ClientSecret"),
    *_below(_APPLE, "ClientId", "KeyId", "TeamId"),
)
_EACH_URI = _below(_URIS, "[]")
_API_KEY_DAYS = _below(_AUTH_TYPES, "Settings.ExpirationTime")
_API_POOLS = _below(_AUTH_TYPES, "Settings.CognitoUserPoolId")
_OIDC_ISSUERS = _below(_AUTH_TYPES, "Settings.OpenIDIssueURL")
_OIDC_TTLS = _below(_AUTH_TYPES, "Settings.OpenIDAuthTTL", "Settings.OpenIDIatTTL")

_NEW_API = NeedsByHeadless(("TransformSchema", "DefaultAuthType"), at=".serviceConfiguration")
_OIDC = Needs(
    ("Settings.OpenIDClientId", "Settings.OpenIDIssueURL", "Settings.OpenIDProviderName"),
    ("Mode", ("OPENID_CONNECT",)),
)
_WITH_MFA = ("MFAMode", ("ON", "OPTIONAL"))
_MFA_SETTINGS = Needs(("Settings.MfaTypes", "Settings.SmsMessage"), _WITH_MFA)
_MFA_TYPES = Needs(("Settings.MfaTypes",), _WITH_MFA, filled=True)
_EMAIL = Needs(
    ("EmailSettings.EmailMessage", "EmailSettings.EmailSubject"), ("DeliveryMethod", ("EMAIL",))
)
_SMS = Needs(("SmsSettings.SmsMessage",), ("DeliveryMethod", ("SMS",)))
_ONCE = Unrepeated("AdditionalAuthTypes[].Mode", "DefaultAuthType.Mode")

_APPSYNC = assumed("AppSync's rule on additional authentication providers")
_ADD_API_SCHEMA = documented("Amplify CLI headless schema, AddApiRequest")
_AUTH_TYPE_SCHEMA = documented("Amplify CLI headless schema, AppSyncAuthType")
_BUCKETS = documented("S3 user guide, bucket naming rules")
_CALLBACKS = documented("Amplify CLI and cognito-idp CallbackURLs")
_CATEGORIES = documented("Amplify CLI, category-api and category-storage")
_CATEGORY_API = documented("Amplify CLI, category-api")
_CATEGORY_AUTH = documented("Amplify CLI, category-auth")
_CATEGORY_STORAGE = documented("Amplify CLI, category-storage")
_CLIENT_TYPE = documented("cognito-idp ClientIdType")
_DATA_STORE = documented("@aws-amplify/graphql-relational-transformer 3.1.15")
_DOMAINS = documented("Cognito developer guide, domains")
_DOMAIN_TYPE = documented("cognito-idp DomainType")
_EMPTY = assumed("Cognito's answer to one that is empty is not recorded")
_EMAIL_TYPE = documented("cognito-idp EmailVerificationMessageType")
_FAILED_JOB = observed("a failed job's error names the apiKey case; the package has the others")
_IDENTITY_ID = documented("cognito-identity IdentityPoolId")
_IDENTITY_POOLS = documented("cognito-identity IdentityPoolName")
_IMPORTED = documented("Amplify CLI headless schema, ImportStorageRequest")
_INIT = documented("Amplify CLI, init step")
_MAX_RESULTS = modeled("shape __integerMin1Max25")
_MFA_SCHEMA = documented("Amplify CLI headless schema, CognitoMFASettings")
_PASSWORD_TYPE = documented("cognito-idp PasswordPolicyMinLengthType")
_POOL_NAME_TYPE = documented("cognito-idp UserPoolNameType")
_RESOLUTION_SCHEMA = documented("Amplify CLI headless schema: LAMBDA needs a resolver")
_RECOVERY = documented("Amplify CLI headless schema, passwordRecovery")
_SERVICE_NAME = documented("Amplify CLI headless schema, serviceName")
_SMS_TYPE = documented("cognito-idp SmsVerificationMessageType")
_SOCIAL_SCHEMA = documented("Amplify CLI headless schema, socialProviderConfigurations")
_STATUSES = assumed("the statuses that were observed")
_SUBJECT_TYPE = documented("cognito-idp EmailVerificationSubjectType")
_TRANSFORM = documented("Amplify GraphQL transform")
_URLS_TYPE = documented("cognito-idp CallbackURLsListType")
_URL_TYPE = documented("cognito-idp RedirectUrlType")
_USER_POOL_ID = documented("cognito-idp UserPoolIdType")
_WALKTHROUGH = documented("Amplify CLI, AppSync walkthrough")

_IDS = (
    *("AppId", "AppName", "BackendEnvironmentName", "JobId", "NativeClientId", "ResourceName"),
    *("SessionId", "TargetEnvironmentName", "UserPoolId", "WebClientId"),
)
_ENUMS = (
    "enum.AdditionalConstraintsElement",
    "enum.AuthResources",
    "enum.AuthenticatedElement",
    "enum.DeliveryMethod",
    "enum.MFAMode",
    "enum.MfaTypesElement",
    "enum.Mode",
    "enum.OAuthGrantType",
    "enum.OAuthScopesElement",
    "enum.RequiredSignUpAttributesElement",
    "enum.ResolutionStrategy",
    "enum.Service",
    "enum.ServiceName",
    "enum.SignInMethod",
    "enum.UnAuthenticatedElement",
)
"""The rules on enums, each named for its shape: the client lets any string through (modeled)."""


def _from_the_model() -> Iterator[Rule]:
    """The rules that follow from the operations' shapes."""
    operations = catalogue.operations()
    for name, operation in operations.items():
        ids = tuple(member for member in _IDS if member in operation.required)
        if ids:
            unnamed = assumed("a path label or a key cannot be empty")
            yield at_once("name.empty", name, ids, Length(1), unnamed)
    with_app = tuple(name for name, one in operations.items() if "AppId" in one.required)
    yield at_once(
        "id.app", with_app, "AppId", limits.APP_ID, documented("amplify model, shape AppId")
    )
    made_by_jobs = tuple(
        name
        for name, operation in operations.items()
        if "JobId" in operation.output_shape.members and not name.endswith("BackendJob")
    )
    with_jobs = assumed("the operations whose answers have a JobId")
    yield at_once("job.operation", "UpdateBackendJob", "Operation", OneOf(made_by_jobs), with_jobs)
    for name, operation in operations.items():
        for path, shape in catalogue.members(operation.input_shape):
            evidence = modeled(f"shape {shape.name}")
            if getattr(shape, "enum", None):
                rule = _ENUMS[_ENUMS.index(f"enum.{shape.name}")]
                yield at_once(rule, name, path, OneOf(tuple(shape.enum)), evidence)
            elif shape.type_name == "double":
                yield at_once("type.double", name, path, Finite(), evidence)


_ROWS = (
    # Names and jobs
    at_once("name.environment", "CreateBackend", _ENVIRONMENT, limits.ENVIRONMENT_NAME, _INIT),
    at_once("name.environment", "CloneBackend", _TARGET, limits.ENVIRONMENT_NAME, _INIT),
    at_once(
        "name.auth-resource", _CREATE, "ResourceName", limits.AUTH_RESOURCE_NAME, _CATEGORY_AUTH
    ),
    at_once("name.resource", _NEW_RESOURCES, "ResourceName", limits.RESOURCE_NAME, _CATEGORIES),
    at_once("jobs.max-results", "ListBackendJobs", "MaxResults", limits.MAX_RESULTS, _MAX_RESULTS),
    at_once("job.status", "UpdateBackendJob", "Status", OneOf(limits.JOB_STATUSES), _STATUSES),
    # APIs
    in_job("api.service", _API, f"{_CONFIG}.Service", OneOf(("AppSync",)), _SERVICE_NAME),
    in_job("api.name", "CreateBackendAPI", f"{_CONFIG}.ApiName", limits.API_NAME, _CATEGORY_API),
    in_job("api.complete", "CreateBackendAPI", _CONFIG, _NEW_API, _ADD_API_SCHEMA),
    in_job("api.mode", _API, _AUTH_TYPES, Needs(("Mode",)), _AUTH_TYPE_SCHEMA),
    in_job("api.key-days", _API, _API_KEY_DAYS, limits.API_KEY_DAYS, _WALKTHROUGH),
    in_job("api.user-pool-id", _API, _API_POOLS, limits.USER_POOL_ID, _USER_POOL_ID),
    in_job("api.oidc.complete", _API, _AUTH_TYPES, _OIDC, _AUTH_TYPE_SCHEMA),
    in_job("api.oidc.issuer", _API, _OIDC_ISSUERS, IssuerUri(), _WALKTHROUGH),
    in_job("api.oidc.ttl", _API, _OIDC_TTLS, limits.MILLISECONDS, _WALKTHROUGH),
    in_job("api.conflict-resolution", _API, _STRATEGY, OneOf(_RESOLUTIONS), _RESOLUTION_SCHEMA),
    in_job("api.modes.unrepeated", _API, _CONFIG, _ONCE, _APPSYNC),
    in_job("api.schema.providers", _API, _CONFIG, ProvidersConfigured(), _FAILED_JOB),
    in_job("api.schema.data-store", _API, _CONFIG, RelatedOneWay(), _DATA_STORE),
    in_job("api.schema", _API, f"{_CONFIG}.TransformSchema", GraphQLSchema(), _TRANSFORM),
    # Storage
    in_job(
        "storage.bucket-name",
        "CreateBackendStorage",
        _BUCKET,
        limits.BUCKET_NAME,
        _CATEGORY_STORAGE,
    ),
    in_job("storage.bucket-start", "CreateBackendStorage", _BUCKET, limits.BUCKET_START, _BUCKETS),
    in_job("storage.import.bucket", "ImportBackendStorage", "", Needs(("BucketName",)), _IMPORTED),
    # Sign-in
    in_job("auth.password.length", _AUTH, _PASSWORD, limits.PASSWORD_LENGTH, _PASSWORD_TYPE),
    in_job("auth.mfa.mode", _UPDATE, _MFA, Needs(("MFAMode",)), _MFA_SCHEMA),
    in_job("auth.mfa.settings", _AUTH, _MFA, _MFA_SETTINGS, _MFA_SCHEMA),
    in_job("auth.mfa.types", _AUTH, _MFA, _MFA_TYPES, _EMPTY),
    in_job("auth.message.method", _UPDATE, _FORGOT, Needs(("DeliveryMethod",)), _RECOVERY),
    in_job("auth.message.email", _AUTH, _FORGOT, _EMAIL, _RECOVERY),
    in_job("auth.message.sms", _AUTH, _FORGOT, _SMS, _RECOVERY),
    in_job("auth.sms-message.length", _AUTH, _SMS_MESSAGES, limits.SMS_MESSAGE, _SMS_TYPE),
    in_job("auth.sms-message.code", _AUTH, _SMS_MESSAGES, limits.CODE_PLACEHOLDER, _SMS_TYPE),
    in_job("auth.email-message.length", _AUTH, _EMAIL_MESSAGES, limits.EMAIL_MESSAGE, _EMAIL_TYPE),
    in_job("auth.email-message.code", _AUTH, _EMAIL_MESSAGES, limits.CODE_PLACEHOLDER, _EMAIL_TYPE),
    in_job(
        "auth.email-subject.length", _AUTH, _EMAIL_SUBJECTS, limits.EMAIL_SUBJECT, _SUBJECT_TYPE
    ),
    in_job("auth.oauth.filled", _AUTH, _OAUTH_LISTS, Filled(), _EMPTY),
    in_job("auth.oauth.domain-prefix", _AUTH, _DOMAIN, limits.DOMAIN_PREFIX, _DOMAIN_TYPE),
    in_job("auth.oauth.domain-reserved", _AUTH, _DOMAIN, limits.DOMAIN_RESERVED, _DOMAINS),
    in_job("auth.oauth.redirect-uris", _AUTH, _URIS, limits.REDIRECT_URIS, _URLS_TYPE),
    in_job("auth.oauth.redirect-length", _AUTH, _EACH_URI, limits.REDIRECT_URI_LENGTH, _URL_TYPE),
    in_job("auth.oauth.redirect-uri", _AUTH, _EACH_URI, RedirectUri(), _CALLBACKS),
    in_job(
        "auth.social.complete",
        _AUTH,
        _PROVIDERS,
        Needs(("ClientId", "ClientSecret")),
        _SOCIAL_SCHEMA,
    ),
    in_job(
        "auth.social.apple", _AUTH, _APPLE, Needs(("ClientId", "TeamId", "KeyId")), _SOCIAL_SCHEMA
    ),
    in_job("auth.social.filled", _AUTH, _SOCIAL_IDS, Filled(), _EMPTY),
    in_job(
        "auth.social.apple-key-format", _AUTH, _APPLE_KEY, limits.APPLE_PRIVATE_KEY, _CATEGORY_AUTH
    ),
    in_job("auth.user-pool-name", _CREATE, _POOL_NAME, limits.POOL_NAME, _POOL_NAME_TYPE),
    in_job("auth.identity-pool-name", _CREATE, _IDENTITY_POOL, limits.POOL_NAME, _IDENTITY_POOLS),
    in_job("auth.import.user-pool-id", _IMPORT, "UserPoolId", limits.USER_POOL_ID, _USER_POOL_ID),
    in_job("auth.import.client-id", _IMPORT, _CLIENTS, limits.CLIENT_ID, _CLIENT_TYPE),
    in_job(
        "auth.import.identity-pool-id",
        _IMPORT,
        "IdentityPoolId",
        limits.IDENTITY_POOL_ID,
        _IDENTITY_ID,
    ),
)


def rows() -> Iterator[Rule]:
    """Every rule, in the order in which they are checked."""
    yield from _from_the_model()
    yield from _ROWS
