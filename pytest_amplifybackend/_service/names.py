"""What the service makes up: ids from the seed, and names after the place of a resource."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Outputs = dict[str, Any]
ACCOUNT = "123456789012"

# Ids

_LOWER = "abcdefghijklmnopqrstuvwxyz"


def _table(letters: str) -> bytes:
    return bytes(ord(letters[byte % len(letters)]) for byte in range(256))


_TO_ALNUM = _table(f"{_LOWER}0123456789")
_TO_BASE32 = _table(f"{_LOWER}234567")
_TO_MIXED = _table(f"{_LOWER.upper()}{_LOWER}0123456789")

_SHORT_CLIENTS = 38
"""Of 256 client ids so many have 25 characters, and the others 26 (observed: 16 of 109)."""

_DAY = 24 * 60 * 60
_GREGORIAN = 122_192_928_000_000_000
"""Ticks of 100 ns from the calendar reform of 1582, where version 1 UUIDs begin, to 1970."""


class Ids:
    """Numbered ids of several kinds; the counters are all the state there is."""

    __slots__ = ("_begun", "counters", "seed")

    def __init__(self, seed: int | str) -> None:
        self.seed = seed
        self.counters: dict[str, int] = {}
        self._begun: dict[str, hashlib.blake2b] = {}

    def uuid(self, kind: str) -> str:
        """The next lower-case version 4 UUID of a kind."""
        return uuid_of(self._digest(kind))

    def alnum(self, kind: str, length: int) -> str:
        """The next string of at most 32 lower-case letters and digits."""
        return self._digest(kind)[:length].translate(_TO_ALNUM).decode()

    def base32(self, kind: str) -> str:
        """The next 26 characters of base32, as AppSync makes ids, hosts and keys (observed)."""
        return self._digest(kind)[:26].translate(_TO_BASE32).decode()

    def pool(self) -> str:
        """The next nine letters and digits that the id of a user pool ends in (observed)."""
        return self._digest("pool")[:9].translate(_TO_MIXED).decode()

    def client(self) -> str:
        """The next id of an app client: 26 letters and digits, or 25 at times (observed)."""
        digest = self._digest("client")
        length = 25 if digest[-1] < _SHORT_CLIENTS else 26
        return digest[:length].translate(_TO_ALNUM).decode()

    def stack_suffix(self) -> str:
        """What the next stack's name ends in: a time of day or five hexadecimal digits.

        The time is Hmmss without a leading zero, as in stacks made until March 2024; those made
        since have hexadecimal digits (observed). Every fake makes both, whatever its clock says.
        """
        digest = self._digest("stack")
        if digest[0] % 2:
            return digest[1:4].hex()[:5]
        minutes, second = divmod(int.from_bytes(digest[1:5], "big") % _DAY, 60)
        hour, minute = divmod(minutes, 60)
        return f"{hour}{minute:02}{second:02}"

    def uuid_at(self, kind: str, time: int) -> str:
        """The next version 1 UUID of a kind, for a time in milliseconds since 1970."""
        digest = self._digest(kind)
        below_a_millisecond = int.from_bytes(digest[:2], "big") % 10_000
        ticks = (time * 10_000 + below_a_millisecond + _GREGORIAN) % 2**60
        clock, node = int.from_bytes(digest[2:4], "big") % 2**14, digest[4:10].hex()
        low, middle, high = ticks % 2**32, ticks >> 32 & 0xFFFF, ticks >> 48
        return f"{low:08x}-{middle:04x}-1{high:03x}-{clock | 0x8000:04x}-{node}"

    def start_of(self, kind: str) -> str:
        """All but the last twelve digits of a UUID: a number after it makes one at less cost."""
        return uuid_of(self._nth(kind, 0))[:-12]

    def _digest(self, kind: str) -> bytes:
        count = self.counters.get(kind, 0) + 1
        self.counters[kind] = count
        return self._nth(kind, count)

    def _nth(self, kind: str, number: int) -> bytes:
        """Thirty-two bytes that depend on nothing but seed, kind and number."""
        begun = self._begun.get(kind)
        if begun is None:
            begun = hashlib.blake2b(f"{self.seed}/{kind}/".encode(), digest_size=32)
            self._begun[kind] = begun
        digest = begun.copy()
        digest.update(b"%d" % number)
        return digest.digest()


def uuid_of(data: bytes) -> str:
    """The version 4 UUID made of the first sixteen bytes of ``data``."""
    text = data[:16].hex()
    variant = "89ab"[data[8] & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


# Names


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource belongs: region, app, environment and the outputs of the environment.

    ``time`` is the fake's time, in milliseconds since 1970; ``ids`` generates the random part of
    names; ``user_pool`` is the id of the environment's own pool.
    """

    region: str
    app_id: str
    app_name: str
    environment: str
    outputs: Outputs
    time: int
    ids: Ids
    user_pool: str | None = None


def stack_outputs(place: Place, *, own_bucket: bool = False) -> Outputs:
    """The outputs of a new environment: its stack, roles and deployment bucket, by their names.

    Outputs of the place name a stack and a bucket that are recorded for it; ``own_bucket`` makes
    up another bucket. What is made up is short enough for S3, whatever the environment is called.
    """
    environment = _NOT_OF_STACKS.sub("-", place.environment)[:_LONGEST_ENVIRONMENT]
    made_up = f"amplify-{project_name(place.app_name)}-{environment}-{place.ids.stack_suffix()}"
    stack = place.outputs.get("StackName", made_up)
    bucket = None if own_bucket else place.outputs.get("DeploymentBucketName")
    roles = stack if len(stack) <= _LONGEST_OF_ROLES else made_up
    role = f"arn:aws:iam::{ACCOUNT}:role/{roles}"
    stack_arn = f"arn:aws:cloudformation:{place.region}:{ACCOUNT}:stack/{stack}"
    return {
        "AuthRoleName": f"{roles}-authRole",
        "UnauthRoleArn": f"{role}-unauthRole",
        "AuthRoleArn": f"{role}-authRole",
        "Region": place.region,
        "DeploymentBucketName": bucket or f"{made_up}-deployment".lower(),
        "UnauthRoleName": f"{roles}-unauthRole",
        "StackName": stack,
        "StackId": f"{stack_arn}/{place.ids.uuid_at('stack-id', place.time)}",
        "AmplifyAppId": place.app_id,
    }


_NOT_OF_STACKS = re.compile(r"[^a-zA-Z0-9-]")
_LONGEST_ENVIRONMENT = 16
"""Of S3's 63 characters the other parts of a bucket's name take 47 at most."""
_LONGEST_OF_ROLES = 53
"""IAM takes names of 64 characters (modeled), and a role's own ending has up to 11."""


def recorded_outputs(recorded: Mapping[str, Any]) -> Outputs:
    """The stack and bucket of an environment that ``amplify`` has recorded, if AWS takes them."""
    named = {
        "StackName": (_STACK, recorded.get("stackName", "")),
        "DeploymentBucketName": (_BUCKET, recorded.get("deploymentArtifacts", "")),
    }
    return {output: name for output, (form, name) in named.items() if form.fullmatch(name)}


_STACK = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,127}")
"""CloudFormation's names of stacks (documented)."""

_BUCKET = re.compile(r"(?!.*\.\.)(?!\d+(\.\d+){3}$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""S3's names of buckets (documented)."""


def hosted_domain(place: Place, name: str, config: dict[str, Any], outputs: Outputs) -> str | None:
    """The domain of the sign-in pages, None without OAuth; one that is there stays by default.

    Without a prefix in the config it is the project's name and twice the auth resource's own
    digits (observed).
    """
    oauth = config["UserPoolConfigs"].get("OAuth", {})
    if not oauth:
        return None
    prefix = oauth.get("DomainPrefix")
    if not prefix:
        prefix = outputs.get("HostedUIDomain", "").removesuffix(f"-{place.environment}")
    if not prefix:
        digits = own_digits(place.outputs, name)
        prefix = f"{project_name(place.app_name)}{digits}-{digits}"
    return f"{prefix}-{place.environment}"


def own_digits(stack: Outputs, name: str) -> str:
    """Eight hexadecimal digits that the CLI makes up for an auth resource and puts into names.

    A resource that the CLI has named ends in them (observed).
    """
    found = _ENDS_IN_DIGITS.search(name)
    if found is not None:
        return found[0]
    return hashlib.sha1(f"{stack['StackName']}/{name}".encode(), usedforsecurity=False).hexdigest()[
        :8
    ]


def identity_pool_name(stack: Outputs, name: str) -> str:
    """What an auth resource's identity pool is called by default (observed)."""
    return f"{name[:_LONGEST_PART]}_identitypool_{own_digits(stack, name)}"


_LONGEST_PART = 106
"""Cognito takes names of 128 characters (modeled)."""

_ENDS_IN_DIGITS = re.compile(r"[0-9a-f]{8}$")


def sns_role(stack: Outputs, environment: str, name: str, config: dict[str, Any]) -> str | None:
    """The role by which a user pool sends text messages; None where nobody has a phone.

    It is there with a phone number in sign-in, sign-up or verification, or as a second factor
    (observed; documented for the factor: CLI, the template of category-auth).
    """
    pool = config["UserPoolConfigs"]
    mfa = pool.get("Mfa", {})
    message = pool.get("VerificationMessage") or pool.get("ForgotPassword", {})
    texts = (
        "PHONE_NUMBER" in pool["SignInMethod"]
        or "PHONE_NUMBER" in pool["RequiredSignUpAttributes"]
        or message.get("DeliveryMethod") == "SMS"
        or (
            mfa.get("MFAMode", "OFF") != "OFF"
            and "SMS" in mfa.get("Settings", {}).get("MfaTypes", ())
        )
    )
    if not texts:
        return None
    suffix = _suffix(stack)
    return f"arn:aws:iam::{ACCOUNT}:role/sns{own_digits(stack, name)}{suffix}-{environment}"


def bucket_name(place: Place, config: dict[str, Any]) -> str:
    """The physical name of a storage bucket: with the suffix of the stack (observed)."""
    return f"{config['BucketName']}{_suffix(place.outputs)}-{place.environment}"


def _suffix(stack: Outputs) -> str:
    """What a stack's name ends in; made up for a recorded one with another end (assumed)."""
    end = str(stack["StackName"]).rsplit("-", 1)[-1]
    return end if _SUFFIX.fullmatch(end) else own_digits(stack, "")[:5]


_SUFFIX = re.compile(r"[a-z0-9]{1,6}")


def project_name(app_name: str) -> str:
    """The CLI's project name of an app: at most 20 of its letters and digits (documented)."""
    letters = "".join(ch for ch in app_name.lower() if ch.isascii() and ch.isalnum())
    return letters[:20] or "amplify"
