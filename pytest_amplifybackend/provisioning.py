"""Provisioners, which make the resources of jobs: ``FakeAmplifyBackend(provisioner=...)``.

A provisioner has the methods of :class:`Provisioner`. :class:`InMemoryProvisioner` is the default;
:class:`AwsProvisioner` makes the resources in moto or any other emulator.
"""

from __future__ import annotations

from pytest_amplifybackend._provision.aws import AwsProvisioner
from pytest_amplifybackend._service.provisioning import (
    InMemoryProvisioner,
    Place,
    Provisioner,
    ProvisioningError,
)

__all__ = ["AwsProvisioner", "InMemoryProvisioner", "Place", "Provisioner", "ProvisioningError"]
