"""Documented limits of names, ids and texts, each with its source.

Where a sibling service sets the limit (Cognito, AppSync, S3), a test holds the number to
botocore's own model of that service.
"""

from __future__ import annotations

import string

from pytest_amplifybackend._rules.constraints import (
    Avoids,
    Includes,
    Items,
    Length,
    Pattern,
    Whole,
    spelled,
)
from pytest_amplifybackend._rules.leaves import Texts

_LOWER = string.ascii_lowercase + string.digits
_ALNUM = string.ascii_uppercase + _LOWER

APP_ID = spelled(
    "a-z0-9", 1, 19, "must be 'd' and 1 to 19 lower-case letters or digits", prefix="d"
)
"""``amplify`` model, shape AppId: ``d[a-z0-9]+``, at most 20 characters."""

ENVIRONMENT_NAME = spelled(
    "a-z",
    2,
    10,
    "Environment name must be between 2 and 10 characters, and lowercase only "
    "(letters a to z, no digits)",
)
"""Amplify CLI, init step "analyze project"; what it allows is in brackets, in our words."""

AUTH_RESOURCE_NAME = spelled("a-zA-Z0-9", 1, 128, "must be 1 to 128 letters and digits")
"""Amplify CLI, category-auth supported-services."""

RESOURCE_NAME = spelled("a-zA-Z0-9", 1, None, "must be letters and digits")
"""Amplify CLI, category-api and category-storage supported-services."""

API_NAME = spelled("a-zA-Z0-9", 1, 80, "must be 1 to 80 letters and digits")
"""Amplify CLI, category-api supported-services."""

POOL_NAME = spelled(
    r"\w\s+=,.@-", 1, 128, "must be 1 to 128 letters, digits, spaces and any of _+=,.@-"
)
"""``cognito-idp`` UserPoolNameType and ``cognito-identity`` IdentityPoolName."""

USER_POOL_ID = Pattern(
    r"(?=.{1,55}\Z)[\w-]+_[0-9a-zA-Z]+",
    "must be a user pool id such as us-east-1_a1B2c3D4e",
    Texts(_ALNUM, 11, 55, affixes=(("us-east-1_", ""),)),
)
"""``cognito-idp`` UserPoolIdType."""

IDENTITY_POOL_ID = Pattern(
    r"(?=.{1,55}\Z)[\w-]+:[0-9a-f-]+",
    "must be an identity pool id such as us-east-1:<uuid>",
    Texts("0123456789abcdef-", 11, 55, affixes=(("us-east-1:", ""),)),
)
"""``cognito-identity`` IdentityPoolId."""

CLIENT_ID = spelled(r"\w+", 1, 128, "must be an app client id of 1 to 128 letters and digits")
"""``cognito-idp`` ClientIdType."""

PASSWORD_LENGTH = Whole(6, 99)
"""``cognito-idp`` PasswordPolicyMinLengthType."""

DEFAULT_PASSWORD_LENGTH = 8
"""Amplify CLI default, used where an update replaces the policy without a minimum."""

SMS_MESSAGE = Length(6, 140)
"""``cognito-idp`` SmsVerificationMessageType."""

EMAIL_MESSAGE = Length(6, 20000)
"""``cognito-idp`` EmailVerificationMessageType."""

EMAIL_SUBJECT = Length(1, 140)
"""``cognito-idp`` EmailVerificationSubjectType."""

CODE_PLACEHOLDER = Includes("{####}")
"""The patterns of ``cognito-idp``'s message types."""

DOMAIN_PREFIX = Pattern(
    r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?",
    "must be 1 to 63 lower-case letters, digits and inner hyphens",
    Texts(_LOWER, 1, 63, affixes=(("", ""), ("a-", ""))),
)
"""``cognito-idp`` DomainType."""

DOMAIN_RESERVED = Avoids(("aws", "amazon", "cognito"))
"""Cognito developer guide, user pool domains; the Amplify CLI says the same."""

DEFAULT_GRANT_TYPE = "CODE"
DEFAULT_SCOPES = ("PHONE", "EMAIL", "OPENID", "PROFILE", "AWS_COGNITO_SIGNIN_USER_ADMIN")
"""Amplify CLI, category-auth: of an OAuth that names neither."""

REDIRECT_URI_LENGTH = Length(1, 1024)
"""``cognito-idp`` RedirectUrlType."""

REDIRECT_URIS = Items(100)
"""``cognito-idp`` CallbackURLsListType."""

APPLE_PRIVATE_KEY = Pattern(
    r"-+BEGIN PRIVATE KEY-+.+-+END PRIVATE KEY-+",
    "must be one line from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----",
    Texts(
        _ALNUM + "+/=",
        least=53,
        affixes=(("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"),),
    ),
)
"""Amplify CLI, category-auth."""

API_KEY_DAYS = Whole(1, 365)
"""Amplify CLI, AppSync walkthrough; AppSync keeps keys at most 365 days."""

DEFAULT_API_KEY_DAYS = 7
"""Amplify CLI, AppSync walkthrough: of an API key without an ExpirationTime."""

MILLISECONDS = spelled("0-9", 1, None, "must be a number of milliseconds in digits")
"""Amplify CLI, AppSync walkthrough of OpenID TTLs."""

BUCKET_NAME = Pattern(
    "[a-z0-9-]{3,47}",
    "Bucket name can only use the following characters: a-z 0-9 - and should have minimum 3 "
    "character and max of 47 character",
    Texts(_LOWER, 3, 47, affixes=(("", ""), ("a-", ""))),
)
"""Amplify CLI, category-storage: S3's 63 less the suffix that the stack adds.

Those that are drawn are S3's without a suffix too: hyphens are inside.
"""

BUCKET_START = Pattern(
    "(?!-|xn--|sthree-|amzn-s3-demo-).*",
    "must not begin with a hyphen, xn--, sthree- or amzn-s3-demo-",
    Texts(_LOWER, 3, affixes=(("", ""), ("a-", ""))),
)
"""S3 user guide; how a bucket's name may end is up to the suffix that the stack adds."""

MAX_RESULTS = Whole(1, 25)
"""This service's model, shape __integerMin1Max25."""

JOB_STATUSES = ("PENDING", "RUNNING", "COMPLETED", "FAILED")
"""Every status seen in recorded answers of the real service (observed)."""

TOKEN_SECONDS = 300
"""How long a challenge token lives; no value was ever recorded (assumed)."""
