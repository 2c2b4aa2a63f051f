"""Provisioning in sibling services: one file for each, the table of members, and the way there.

It knows the service's seam and botocore. It knows no transport, and moto only where it is asked.
"""

from __future__ import annotations

from pytest_amplifybackend.provisioning.aws import AwsProvisioner

__all__ = ["AwsProvisioner"]
