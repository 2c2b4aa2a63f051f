"""Every rule that looks at the state: rows of name, text, evidence and source.

Rules of the layer ``service`` reject the call with an error; those of the layer ``provisioning``
let the job fail with the text in ``Error``. Rules on the parameters are in ``parameters``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._rules.rule import (
    AnyRule,
    Evidence,
    Layer,
    ProvisioningError,
    assumed,
    documented,
    observed,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRule(AnyRule):
    """One rule on the state; ``resource_type`` is what NotFoundException names (assumed values).

    ``operations`` can break it; where none are named, those that are declared with it. ``text`` has
    ``{names}`` for what was met.
    """

    text: str
    error: type[errors.ServiceError] | None = None
    resource_type: str | None = None

    @property
    def message(self) -> str:
        return self.text


def _missing(
    name: str, resource_type: str, text: str, evidence: Evidence, *operations: str
) -> StateRule:
    return StateRule(
        name,
        Layer.SERVICE,
        evidence,
        operations,
        text=text,
        error=errors.NotFound,
        resource_type=resource_type,
    )


def _rejected(name: str, text: str, evidence: Evidence, *operations: str) -> StateRule:
    return StateRule(name, Layer.SERVICE, evidence, operations, text=text, error=errors.BadRequest)


def _fails(name: str, text: str, evidence: Evidence, *operations: str) -> StateRule:
    return StateRule(name, Layer.PROVISIONING, evidence, operations, text=text)


_AMPLIFY = observed("the sister service amplify")
_API = documented("Amplify CLI, category-api")
_AUTH = documented("Amplify CLI, category-auth")
_IMPORTING = assumed("the guide to importing auth asks for it; the text is not recorded")
_JOB = observed("a job's error")
_REMOVE = documented("Amplify CLI, remove-resource")
_STORAGE = documented("Amplify CLI, category-storage")
_CHANGING_RESOURCES = tuple(
    f"{verb}Backend{family}"
    for verb in ("Delete", "Update")
    for family in ("API", "Auth", "Storage")
)
_EVERY = "every operation that names one"
_UNRECORDED = assumed("no recorded text")

_ROWS = (
    _missing("app.missing", "App", "App {app} not found.", _AMPLIFY, _EVERY),
    _missing(
        "environment.missing",
        "BackendEnvironment",
        "BackendEnvironment {environment} does not exist.",
        _AMPLIFY,
        _EVERY,
    ),
    _rejected("environment.exists", "BackendEnvironment {environment} already exists.", _AMPLIFY),
    _missing(
        "environment.creating",
        "BackendEnvironment",
        "Amplify meta file not found",
        observed("recorded GetBackend answer"),
        "GetBackend",
    ),
    _rejected(
        "environment.deleting",
        "BackendEnvironment {environment} is being deleted.",
        observed(
            "GetBackend was recorded failing with ValidationException while an environment was "
            "being deleted; the end of the text is assumed"
        ),
        "GetBackend",
    ),
    _rejected(
        "job.pending",
        "There is already a pending job for the requested appId: {app} and "
        "backendEnvironmentName: {environment}, wait for it to complete before creating a new job.",
        observed("recorded answer"),
        "every operation that makes a job",
    ),
    _missing(
        "job.missing",
        "Job",
        "Job {job} of app {app} and environment {environment} not found.",
        assumed("wording of the sister service amplify"),
        "GetBackendJob",
        "UpdateBackendJob",
    ),
    _rejected(
        "job.ended",
        "Job {job} is {status} and cannot become {wanted}.",
        assumed("no evidence; an ended job stays as it is"),
        "UpdateBackendJob",
    ),
    _rejected(
        "jobs.next-token",
        "The NextToken is not one that ListBackendJobs gave for this request.",
        assumed("no evidence"),
        "ListBackendJobs",
    ),
    _missing(
        "resource.missing",
        "{family}",
        "{family} resource {name} not found in environment {environment}.",
        _UNRECORDED,
        "GetBackendAPI",
        "GetBackendAuth",
        "GetBackendStorage",
    ),
    _rejected(
        "models.no-api",
        "Invalid backend-config.json file. Expected api.{name}.service = AppSync and "
        "api.{name}.providerPlugin = awscloudformation",
        observed("recorded answer of GenerateBackendAPIModels"),
        "GenerateBackendAPIModels",
    ),
    _missing(
        "models.missing",
        "Models",
        "The models of API {name} have not been generated.",
        assumed("a missing file is a not-found error"),
        "GetBackendAPIModels",
    ),
    _missing(
        "studio.disabled", "BackendConfig", "App {app} has no backend configuration.", _UNRECORDED
    ),
    _missing(
        "token.missing",
        "Token",
        "The session {session} of app {app} does not exist or has expired.",
        _UNRECORDED,
    ),
    _fails(
        "auth.exists",
        "Auth has already been added to this project. To update run amplify update auth.",
        _AUTH,
    ),
    _fails(
        "auth.missing",
        "No auth resource {name} configured in the project. Use 'amplify add auth' to create one.",
        assumed("by analogy with the API's text"),
    ),
    _fails(
        "auth.imported",
        "Auth has already been imported to this project and cannot be modified from the CLI.",
        _AUTH,
    ),
    _fails(
        "auth.oauth.uris",
        "OAuth needs RedirectSignInURIs and RedirectSignOutURIs; neither the request nor the user "
        "pool has {missing}.",
        assumed("both lists suffice in the CLI; what it says without them is not recorded"),
        "UpdateBackendAuth",
    ),
    _fails(
        "auth.no-such-pool",
        "User pool {pool} does not exist.",
        observed("recorded answer"),
        "ImportBackendAuth",
    ),
    _fails(
        "api.exists",
        "GraphQL API {existing} already exists in the project. Use 'amplify update api' to make "
        "modifications.",
        _API,
    ),
    _fails(
        "api.missing",
        "No AppSync API configured in the project. Use 'amplify add api' to create an API.",
        _JOB,
    ),
    _fails(
        "api.needs-auth",
        "Cannot find a configured Cognito User Pool.",
        _API,
        "CreateBackendAPI",
        "UpdateBackendAPI",
    ),
    _fails(
        "api.iam-needs-identity-pool",
        "Parameters: [unauthRoleName] must have values",
        observed("studio#541, cli#10671: AWS_IAM on auth imported without an identity pool"),
        "CreateBackendAPI",
        "UpdateBackendAPI",
    ),
    _fails(
        "resource.name-taken",
        "A resource named {name} already exists in the category {category}.",
        assumed("the CLI has one entry of a name; its text is not recorded"),
        "CreateBackendAPI",
        "CreateBackendAuth",
        "CreateBackendStorage",
        "ImportBackendAuth",
    ),
    _fails("storage.exists", "Amazon S3 storage was already added to your project.", _STORAGE),
    _fails("storage.missing", "No S3 resource '{name}' found in amplify-meta.json.", _STORAGE),
    _fails("storage.imported", "Updating an imported storage resource is not supported.", _STORAGE),
    _fails(
        "storage.needs-auth",
        "Cannot headlessly add storage resource without an existing auth resource. It can be "
        'added with "amplify add auth"',
        _STORAGE,
    ),
    _fails(
        "storage.no-such-bucket",
        'The specified bucket: "{bucket}" does not exist.',
        _STORAGE,
        "ImportBackendStorage",
    ),
    _fails(
        "storage.bucket-taken",
        "The requested bucket name is not available: {bucket}",
        assumed("S3's BucketAlreadyExists"),
        "CreateBackendStorage",
    ),
    _fails("resource.none", "No resources added for this category", _REMOVE),
    _fails(
        "resource.not-added",
        "Resource {name} has not been added to {category}",
        _REMOVE,
        *_CHANGING_RESOURCES,
    ),
    _fails(
        "resource.depended-on",
        "Resource cannot be removed because it has a dependency on another resource\n"
        "Dependency: {service} - {dependent}. Remove the dependency first.",
        _REMOVE,
        "DeleteBackendAuth",
    ),
    _fails("studio.enabled", "Amplify Studio is already enabled for app {app}.", _UNRECORDED),
    _fails(
        "clone.source-missing",
        "BackendEnvironment {environment} does not exist.",
        assumed("the source was deleted while the clone ran"),
        "CloneBackend",
    ),
)

SIBLING_ROWS = (
    _fails(
        "bucket-kept",
        'The bucket "{bucket}" cannot be emptied: {key}: {why}',
        assumed(
            "S3 refuses to delete an object that is locked; the text around its own is not recorded"
        ),
        "DeleteBackend",
        "DeleteBackendStorage",
        "RemoveAllBackends",
    ),
    _fails(
        "domain-taken",
        "Domain already associated with another user pool: {domain}",
        assumed("Cognito's InvalidParameterException"),
        "CreateBackendAuth",
        "UpdateBackendAuth",
    ),
    _fails(
        "import.no-such-client",
        "The previously configured {kind} app client cannot be found.",
        documented("Amplify CLI, category-auth, import"),
        "ImportBackendAuth",
    ),
    _fails(
        "import.web-secret",
        "The Web app client {client} has a client secret, which a web page cannot keep.",
        assumed("the guide to importing auth asks for one without; the text is not recorded"),
        "ImportBackendAuth",
    ),
    _fails(
        "import.clients-differ",
        "The OAuth properties of the Web and the Native app client do not match: {members}",
        _IMPORTING,
        "ImportBackendAuth",
    ),
    _fails(
        "import.no-such-identity-pool",
        "Identity pool {pool} does not exist in {region}.",
        assumed("as of a user pool that does not exist"),
        "ImportBackendAuth",
    ),
    _fails(
        "import.identity-pool",
        "The identity pool {pool} does not trust both app clients of the user pool {users}.",
        _IMPORTING,
        "ImportBackendAuth",
    ),
)
"""What fails a job only where Cognito, AppSync and S3 are real or emulated."""

STATE_RULES: Mapping[str, StateRule] = {rule.name: rule for rule in (*_ROWS, *SIBLING_ROWS)}


def broken(rule_name: str, /, **values: Any) -> errors.ServiceError | ProvisioningError:
    """The exception that a rule answers with, for the caller to raise; its ``rule`` is the name.

    ``values`` fill the places in the rule's text.
    """
    rule = STATE_RULES[rule_name]
    text = rule.text.format(**values)
    if rule.error is None:
        return ProvisioningError(text, rule=rule_name)
    message = f"{errors.OBSERVED_PREFIX}{text}"
    error: errors.ServiceError
    if rule.error is errors.NotFound:
        kind = None if rule.resource_type is None else rule.resource_type.format(**values)
        error = errors.NotFound(message, resource_type=kind)
    else:
        error = rule.error(message)
    error.rule = rule_name
    return error
