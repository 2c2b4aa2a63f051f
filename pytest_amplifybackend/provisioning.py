"""Where a job's resources are made: pass a provisioner to ``FakeAmplifyBackend(provisioner=...)``.

A provisioner has the methods of :class:`Provisioner`. The fake brings one that keeps everything
in memory, and :class:`AwsProvisioner`, which makes it in moto or any other emulator.
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
