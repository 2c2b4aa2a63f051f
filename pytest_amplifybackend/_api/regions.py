"""AWS's regions and hosts: how they are called."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Any

from pytest_amplifybackend._arguments import shown
from pytest_amplifybackend.errors import InvalidArgument

_LONGEST_REGION = 63
"""A region is a label of the host's name."""

_REGION = re.compile(
    r"(?:us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso|us-isob|us-isof|eu-isoe|eusc-de)"
    r"-[a-z0-9]+-[0-9]+"
)
"""The names that regions have or may get: ``regionRegex`` of botocore's partitions, all in one. A
test compares it with botocore's; it is repeated here because reading that file takes longer than
making a fake."""

_HOST_LABEL = re.compile(r"(?![0-9]+\Z)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")


def is_region(name: str) -> bool:
    """Whether a name has the form of a region, in a partition that is known here or to botocore.

    The region need not be known: AWS opens new ones, and the service is not listed in all.
    """
    if len(name) > _LONGEST_REGION:
        return False
    if _REGION.fullmatch(name):
        return True
    return name.islower() and any(form.fullmatch(name) for form in _installed())


@functools.cache
def _installed() -> tuple[re.Pattern[str], ...]:
    """The forms of the installed botocore, which may know a partition that is new."""
    from pytest_amplifybackend._api import installed

    partitions = installed.loader().load_data("endpoints")["partitions"]
    return tuple(re.compile(partition["regionRegex"], re.ASCII) for partition in partitions)


def check_region(method: str, argument: str, value: Any) -> str:
    """The name of a region, as a plain string; raises UsageError for anything else."""
    if isinstance(value, str) and is_region(value):
        return str.__str__(value)
    problem = f"must be the name of an AWS region, such as 'us-east-1', not {shown(value)}."
    raise InvalidArgument(method, argument, problem)


def is_host_label(name: str) -> bool:
    """Whether botocore makes clients for a region of that name, known to AWS or not."""
    return _HOST_LABEL.fullmatch(name) is not None


# Hosts, which no request of a fake may ever reach

AWS_SUFFIXES = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "api.aws.ic.gov",
    "sc2s.sgov.gov",
    "api.aws.scloud",
    "cloud.adc-e.uk",
    "api.cloud-aws.adc-e.uk",
    "csp.hci.ic.gov",
    "api.aws.hci.ic.gov",
)
"""The DNS suffixes of AWS's partitions; a test compares them with botocore's partition data."""

_SERVICE = "amplifybackend"


@functools.cache
def _real_host(services: frozenset[str]) -> re.Pattern[str]:
    names, suffixes = "|".join(sorted(services)), "|".join(map(re.escape, AWS_SUFFIXES))
    return re.compile(rf"(?:.+\.)?(?:{names})(?:-fips)?\.(?:.+\.)?(?:{suffixes})\.?(?::\d*)?")


_LONGEST_HOST = 300
"""Longer than any name of a host with a port, in characters."""


def is_real_host(host: object, services: frozenset[str] = frozenset({_SERVICE})) -> bool:
    """Whether a host, with or without a port, is a real service in any region or VPC."""
    if isinstance(host, (bytes, bytearray)):
        host = host[: _LONGEST_HOST + 1].decode("utf-8", "replace")
    if not isinstance(host, str) or len(host) > _LONGEST_HOST:
        return False
    if not host.isascii():  # a look-up folds full-width letters, dots and soft hyphens, too
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = unicodedata.normalize("NFKC", host).replace("\u3002", ".")
    return _real_host(services).fullmatch(host.lower()) is not None
