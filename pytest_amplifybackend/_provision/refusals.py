"""What is refused only where siblings are real, with its text and where that comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_amplifybackend._api.provenance import ASSUMED, DOCUMENTED
from pytest_amplifybackend._rules.rule import PROVISIONING
from pytest_amplifybackend._service.rules import ProvisioningError, StateRule

_ROWS = (
    StateRule(
        "bucket-kept",
        PROVISIONING,
        'The bucket "{bucket}" cannot be emptied: {key}: {why}',
        ASSUMED,
        "S3 refuses to delete an object that is locked; the text around its own is not recorded",
    ),
    StateRule(
        "domain-taken",
        PROVISIONING,
        "Domain already associated with another user pool: {domain}",
        ASSUMED,
        "Cognito's InvalidParameterException",
    ),
    StateRule(
        "import.no-such-client",
        PROVISIONING,
        "The previously configured {kind} app client cannot be found.",
        DOCUMENTED,
        "Amplify CLI, category-auth, import",
    ),
    StateRule(
        "import.web-secret",
        PROVISIONING,
        "The Web app client {client} has a client secret, which a web page cannot keep.",
        ASSUMED,
        "the guide to importing auth asks for one without; the text is not recorded",
    ),
    StateRule(
        "import.clients-differ",
        PROVISIONING,
        "The OAuth properties of the Web and the Native app client do not match: {members}",
        ASSUMED,
        "the guide to importing auth asks for it; the text is not recorded",
    ),
    StateRule(
        "import.no-such-identity-pool",
        PROVISIONING,
        "Identity pool {pool} does not exist in {region}.",
        ASSUMED,
        "as of a user pool that does not exist",
    ),
    StateRule(
        "import.identity-pool",
        PROVISIONING,
        "The identity pool {pool} does not trust both app clients of the user pool {users}.",
        ASSUMED,
        "the guide to importing auth asks for it; the text is not recorded",
    ),
)

REFUSALS: Mapping[str, StateRule] = {rule.name: rule for rule in _ROWS}


def refusal(name: str, /, **values: Any) -> ProvisioningError:
    """The exception of a rule, for the caller to raise."""
    return ProvisioningError(REFUSALS[name].text.format(**values))
