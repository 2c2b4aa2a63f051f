"""Provisioning in sibling services: one file for each, the table of members, and the way there.

It knows the service's seam and botocore; it knows no transport, and moto only where it is asked for.
"""

from __future__ import annotations

from pytest_amplifybackend.provisioning.aws import AwsProvisioner

__all__ = ["AwsProvisioner"]
