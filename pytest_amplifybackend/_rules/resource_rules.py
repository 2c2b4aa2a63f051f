"""The parameter rules of names, jobs, API and storage resources."""

from __future__ import annotations

from pytest_amplifybackend._api.provenance import ASSUMED, DOCUMENTED, MODELED, OBSERVED
from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._rules.constraints import (
    GraphQLSchema,
    IssuerUri,
    Needs,
    OneOf,
    ProvidersConfigured,
    Unrepeated,
)
from pytest_amplifybackend._rules.rule import PROVISIONING, SERVICE, Rule

_API = ("CreateBackendAPI", "UpdateBackendAPI")
_MODES = ("ResourceConfig.DefaultAuthType", "ResourceConfig.AdditionalAuthTypes[]")

RESOURCE_RULES: tuple[Rule, ...] = (
    Rule(
        "name.environment",
        SERVICE,
        ("CreateBackend",),
        ("BackendEnvironmentName",),
        limits.ENVIRONMENT_NAME,
        DOCUMENTED,
        "Amplify CLI, init step",
    ),
    Rule(
        "name.environment",
        SERVICE,
        ("CloneBackend",),
        ("TargetEnvironmentName",),
        limits.ENVIRONMENT_NAME,
        DOCUMENTED,
        "Amplify CLI, init step",
    ),
    Rule(
        "name.auth-resource",
        SERVICE,
        ("CreateBackendAuth",),
        ("ResourceName",),
        limits.AUTH_RESOURCE_NAME,
        DOCUMENTED,
        "Amplify CLI, category-auth",
    ),
    Rule(
        "name.resource",
        SERVICE,
        ("CreateBackendAPI", "CreateBackendStorage"),
        ("ResourceName",),
        limits.RESOURCE_NAME,
        DOCUMENTED,
        "Amplify CLI, category-api and category-storage",
    ),
    Rule(
        "jobs.max-results",
        SERVICE,
        ("ListBackendJobs",),
        ("MaxResults",),
        limits.MAX_RESULTS,
        MODELED,
        "shape __integerMin1Max25",
    ),
    Rule(
        "job.status",
        SERVICE,
        ("UpdateBackendJob",),
        ("Status",),
        OneOf(limits.JOB_STATUSES),
        ASSUMED,
        "the statuses that were observed",
    ),
    Rule(
        "api.service",
        PROVISIONING,
        _API,
        ("ResourceConfig.Service",),
        OneOf(("AppSync",)),
        DOCUMENTED,
        "Amplify CLI headless schema, serviceName",
    ),
    Rule(
        "api.name",
        PROVISIONING,
        _API,
        ("ResourceConfig.ApiName",),
        limits.API_NAME,
        DOCUMENTED,
        "Amplify CLI, category-api",
    ),
    Rule(
        "api.mode",
        PROVISIONING,
        _API,
        _MODES,
        Needs(("Mode",)),
        DOCUMENTED,
        "Amplify CLI headless schema, AppSyncAuthType",
    ),
    Rule(
        "api.key-days",
        PROVISIONING,
        _API,
        tuple(f"{at}.Settings.ExpirationTime" for at in _MODES),
        limits.API_KEY_DAYS,
        DOCUMENTED,
        "Amplify CLI, AppSync walkthrough",
    ),
    Rule(
        "api.user-pool-id",
        PROVISIONING,
        _API,
        tuple(f"{at}.Settings.CognitoUserPoolId" for at in _MODES),
        limits.USER_POOL_ID,
        DOCUMENTED,
        "cognito-idp UserPoolIdType",
    ),
    Rule(
        "api.oidc.complete",
        PROVISIONING,
        _API,
        _MODES,
        Needs(
            ("Settings.OpenIDProviderName", "Settings.OpenIDIssueURL"),
            ("Mode", ("OPENID_CONNECT",)),
        ),
        DOCUMENTED,
        "Amplify CLI, AppSync walkthrough",
    ),
    Rule(
        "api.oidc.issuer",
        PROVISIONING,
        _API,
        tuple(f"{at}.Settings.OpenIDIssueURL" for at in _MODES),
        IssuerUri(),
        DOCUMENTED,
        "Amplify CLI, AppSync walkthrough",
    ),
    Rule(
        "api.oidc.ttl",
        PROVISIONING,
        _API,
        tuple(
            f"{at}.Settings.{member}"
            for at in _MODES
            for member in ("OpenIDAuthTTL", "OpenIDIatTTL")
        ),
        limits.MILLISECONDS,
        DOCUMENTED,
        "Amplify CLI, AppSync walkthrough",
    ),
    Rule(
        "api.modes.unrepeated",
        PROVISIONING,
        _API,
        ("ResourceConfig",),
        Unrepeated("AdditionalAuthTypes[].Mode", "DefaultAuthType.Mode"),
        ASSUMED,
        "AppSync's rule on additional authentication providers",
    ),
    Rule(
        "api.schema",
        PROVISIONING,
        _API,
        ("ResourceConfig.TransformSchema",),
        GraphQLSchema(),
        DOCUMENTED,
        "Amplify GraphQL transform",
    ),
    Rule(
        "api.schema.providers",
        PROVISIONING,
        _API,
        ("ResourceConfig",),
        ProvidersConfigured(
            (
                ("apiKey", "API_KEY", "API Key"),
                ("iam", "AWS_IAM", "IAM"),
                ("userPools", "AMAZON_COGNITO_USER_POOLS", "Cognito User Pools"),
                ("oidc", "OPENID_CONNECT", "OpenID Connect"),
            )
        ),
        OBSERVED,
        "a failed job's error names the apiKey case; the others by analogy",
    ),
    Rule(
        "storage.bucket-name",
        PROVISIONING,
        ("CreateBackendStorage",),
        ("ResourceConfig.BucketName",),
        limits.BUCKET_NAME,
        DOCUMENTED,
        "Amplify CLI, category-storage",
    ),
    Rule(
        "storage.import.bucket",
        PROVISIONING,
        ("ImportBackendStorage",),
        ("",),
        Needs(("BucketName",)),
        DOCUMENTED,
        "Amplify CLI headless schema, ImportStorageRequest",
    ),
)
