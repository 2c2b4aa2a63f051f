"""botocore clients that depend on nothing of the machine they run on."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api import catalogue, hermetic


def hermetic_client(region_name: str, **options: Any) -> Any:
    """An ``amplifybackend`` client that knows of the machine at most an ``AWS_ENDPOINT_URL``.

    ``options`` go to botocore's ``Session.create_client``.
    """
    return hermetic.session().create_client(
        catalogue.SERVICE,
        region_name=region_name,
        aws_access_key_id=options.pop("aws_access_key_id", "testing"),
        aws_secret_access_key=options.pop("aws_secret_access_key", "testing"),
        **options,
    )
