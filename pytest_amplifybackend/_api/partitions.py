"""The hosts of AWS: what no request of a fake may ever be for."""

from __future__ import annotations

import re
import unicodedata

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
"""The DNS suffixes of AWS's partitions; a test holds them to botocore's partition data."""

_REAL_HOST = re.compile(
    r"(?:.+\.)?amplifybackend(?:-fips)?\.(?:.+\.)?(?:"
    + "|".join(map(re.escape, AWS_SUFFIXES))
    + r")\.?(?::\d*)?"
)


_LONGEST = 300
"""Longer than any name of a host with a port, in characters."""


def is_real_host(host: object) -> bool:
    """Whether a host, with or without a port, is the real service in any region or VPC."""
    if isinstance(host, (bytes, bytearray)):
        host = host[: _LONGEST + 1].decode("utf-8", "replace")
    if not isinstance(host, str) or len(host) > _LONGEST:
        return False
    if not host.isascii():  # a look-up folds full-width letters, dots and soft hyphens, too
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = unicodedata.normalize("NFKC", host).replace("\u3002", ".")
    return _REAL_HOST.fullmatch(host.lower()) is not None
