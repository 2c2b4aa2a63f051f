"""Every rule that looks at the state: rows of name, text, evidence and source.

Rules of the layer ``service`` reject the call with an error; those of the layer ``provisioning``
let the job fail with the text in ``Error``. Rules on the parameters are in ``parameters``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.provenance import ASSUMED, DOCUMENTED, OBSERVED, Provenance
from pytest_amplifybackend._rules.rule import Layer, ProvisioningError


@dataclass(frozen=True, slots=True)
class StateRule:
    """One rule on the state; ``resource_type`` is what NotFoundException names (assumed values)."""

    name: str
    layer: Layer
    text: str
    tag: Provenance
    source: str
    error: type[errors.ServiceError] | None = None
    resource_type: str | None = None

    @property
    def message(self) -> str:
        """What is said where the rule is broken, with ``{names}`` for what was met."""
        return self.text


def _missing(name: str, kind: str, text: str, tag: Provenance, source: str) -> StateRule:
    return StateRule(name, Layer.SERVICE, text, tag, source, errors.NotFound, kind)


def _rejected(name: str, text: str, tag: Provenance, source: str) -> StateRule:
    return StateRule(name, Layer.SERVICE, text, tag, source, errors.BadRequest)


def _fails(name: str, text: str, tag: Provenance, source: str) -> StateRule:
    return StateRule(name, Layer.PROVISIONING, text, tag, source)


_ROWS = (
    _missing("app.missing", "App", "App {app} not found.", OBSERVED, "the sister service amplify"),
    _missing(
        "environment.missing",
        "BackendEnvironment",
        "BackendEnvironment {environment} does not exist.",
        OBSERVED,
        "the sister service amplify",
    ),
    _rejected(
        "environment.exists",
        "BackendEnvironment {environment} already exists.",
        OBSERVED,
        "the sister service amplify",
    ),
    _missing(
        "environment.creating",
        "BackendEnvironment",
        "Amplify meta file not found",
        OBSERVED,
        "recorded GetBackend answer",
    ),
    _rejected(
        "environment.deleting",
        "BackendEnvironment {environment} is being deleted.",
        OBSERVED,
        "GetBackend was recorded failing with ValidationException while an environment was "
        "being deleted; the end of the text is assumed",
    ),
    _rejected(
        "job.pending",
        "There is already a pending job for the requested appId: {app} and "
        "backendEnvironmentName: {environment}, wait for it to complete before creating a new job.",
        OBSERVED,
        "recorded answer",
    ),
    _missing(
        "job.missing",
        "Job",
        "Job {job} of app {app} and environment {environment} not found.",
        ASSUMED,
        "wording of the sister service amplify",
    ),
    _rejected(
        "job.ended",
        "Job {job} is {status} and cannot become {wanted}.",
        ASSUMED,
        "no evidence; an ended job stays as it is",
    ),
    _rejected(
        "jobs.token",
        "The NextToken is not one that ListBackendJobs gave for this request.",
        ASSUMED,
        "no evidence",
    ),
    _missing(
        "resource.missing",
        "{family}",
        "{family} resource {name} not found in environment {environment}.",
        ASSUMED,
        "no recorded text",
    ),
    _rejected(
        "models.no-api",
        "Invalid backend-config.json file. Expected api.{name}.service = AppSync and "
        "api.{name}.providerPlugin = awscloudformation",
        OBSERVED,
        "recorded answer of GenerateBackendAPIModels",
    ),
    _missing(
        "models.missing",
        "Models",
        "The models of API {name} have not been generated.",
        ASSUMED,
        "a missing file is a not-found error",
    ),
    _missing(
        "studio.disabled",
        "BackendConfig",
        "App {app} has no backend configuration.",
        ASSUMED,
        "no recorded text",
    ),
    _missing(
        "token.missing",
        "Token",
        "The session {session} of app {app} does not exist or has expired.",
        ASSUMED,
        "no recorded text",
    ),
    _fails(
        "models.no-schema", "Transform GraphQL schema file not found.", OBSERVED, "a job's error"
    ),
    _fails(
        "auth.exists",
        "Auth has already been added to this project. To update run amplify update auth.",
        DOCUMENTED,
        "Amplify CLI, category-auth",
    ),
    _fails(
        "auth.missing",
        "No auth resource {name} configured in the project. Use 'amplify add auth' to create one.",
        ASSUMED,
        "by analogy with the API's text",
    ),
    _fails(
        "auth.imported",
        "Auth has already been imported to this project and cannot be modified from the CLI.",
        DOCUMENTED,
        "Amplify CLI, category-auth",
    ),
    _fails(
        "auth.no-such-pool",
        "User pool {pool} does not exist.",
        OBSERVED,
        "recorded answer",
    ),
    _fails(
        "api.exists",
        "GraphQL API {existing} already exists in the project. Use 'amplify update api' to make "
        "modifications.",
        DOCUMENTED,
        "Amplify CLI, category-api",
    ),
    _fails(
        "api.missing",
        "No AppSync API configured in the project. Use 'amplify add api' to create an API.",
        OBSERVED,
        "a job's error",
    ),
    _fails(
        "api.needs-auth",
        "Cannot find a configured Cognito User Pool.",
        DOCUMENTED,
        "Amplify CLI, category-api",
    ),
    _fails(
        "storage.exists",
        "Amazon S3 storage was already added to your project.",
        DOCUMENTED,
        "Amplify CLI, category-storage",
    ),
    _fails(
        "storage.missing",
        "No S3 resource '{name}' found in amplify-meta.json.",
        DOCUMENTED,
        "Amplify CLI, category-storage",
    ),
    _fails(
        "storage.imported",
        "Updating an imported storage resource is not supported.",
        DOCUMENTED,
        "Amplify CLI, category-storage",
    ),
    _fails(
        "storage.needs-auth",
        "Cannot headlessly add storage resource without an existing auth resource. It can be "
        'added with "amplify add auth"',
        DOCUMENTED,
        "Amplify CLI, category-storage",
    ),
    _fails(
        "storage.no-such-bucket",
        'The specified bucket: "{bucket}" does not exist.',
        DOCUMENTED,
        "Amplify CLI, category-storage",
    ),
    _fails(
        "storage.bucket-taken",
        "The requested bucket name is not available: {bucket}",
        ASSUMED,
        "S3's BucketAlreadyExists",
    ),
    _fails(
        "resource.none",
        "No resources added for this category",
        DOCUMENTED,
        "Amplify CLI, remove-resource",
    ),
    _fails(
        "resource.not-added",
        "Resource {name} has not been added to {category}",
        DOCUMENTED,
        "Amplify CLI, remove-resource",
    ),
    _fails(
        "resource.depended-on",
        "Resource cannot be removed because it has a dependency on another resource\n"
        "Dependency: {service} - {dependent}. Remove the dependency first.",
        DOCUMENTED,
        "Amplify CLI, remove-resource",
    ),
    _fails(
        "studio.enabled",
        "Amplify Studio is already enabled for app {app}.",
        ASSUMED,
        "no recorded text",
    ),
    _fails(
        "clone.source-missing",
        "BackendEnvironment {environment} does not exist.",
        ASSUMED,
        "the source was deleted while the clone ran",
    ),
)

SIBLING_ROWS = (
    _fails(
        "bucket-kept",
        'The bucket "{bucket}" cannot be emptied: {key}: {why}',
        ASSUMED,
        "S3 refuses to delete an object that is locked; the text around its own is not recorded",
    ),
    _fails(
        "domain-taken",
        "Domain already associated with another user pool: {domain}",
        ASSUMED,
        "Cognito's InvalidParameterException",
    ),
    _fails(
        "import.no-such-client",
        "The previously configured {kind} app client cannot be found.",
        DOCUMENTED,
        "Amplify CLI, category-auth, import",
    ),
    _fails(
        "import.web-secret",
        "The Web app client {client} has a client secret, which a web page cannot keep.",
        ASSUMED,
        "the guide to importing auth asks for one without; the text is not recorded",
    ),
    _fails(
        "import.clients-differ",
        "The OAuth properties of the Web and the Native app client do not match: {members}",
        ASSUMED,
        "the guide to importing auth asks for it; the text is not recorded",
    ),
    _fails(
        "import.no-such-identity-pool",
        "Identity pool {pool} does not exist in {region}.",
        ASSUMED,
        "as of a user pool that does not exist",
    ),
    _fails(
        "import.identity-pool",
        "The identity pool {pool} does not trust both app clients of the user pool {users}.",
        ASSUMED,
        "the guide to importing auth asks for it; the text is not recorded",
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
