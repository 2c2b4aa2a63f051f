"""The guard knows every host of the real service, by botocore's own tables, and no other."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.loaders import create_loader
from botocore.session import Session

from pytest_amplifybackend._api.regions import AWS_SUFFIXES, is_real_host

LOADER = create_loader()
PARTITIONS: list[dict[str, Any]] = LOADER.load_data("endpoints")["partitions"]


@pytest.mark.parametrize("partition", PARTITIONS, ids=lambda partition: partition["partition"])
def test_every_endpoint_that_the_resolver_makes(partition: dict[str, Any]) -> None:
    session = Session()
    resolver = session._get_internal_component("endpoint_resolver")
    regions = {
        *partition["regions"],
        *session.get_available_regions("amplifybackend", partition["partition"]),
    }
    for region in regions:
        endpoint = resolver.construct_endpoint("amplifybackend", region, partition["partition"])
        assert is_real_host(endpoint["hostname"]), endpoint["hostname"]


@pytest.mark.parametrize(("fips", "dual"), list(itertools.product([False, True], repeat=2)))
def test_every_endpoint_that_the_rule_set_makes(fips: bool, dual: bool) -> None:
    provider = pytest.importorskip("botocore.endpoint_provider", reason="older than rule sets")
    partitions = LOADER.load_data("partitions")
    rules = provider.EndpointProvider(
        LOADER.load_service_model("amplifybackend", "endpoint-rule-set-1"), partitions
    )
    hosts = set()
    for partition in partitions["partitions"]:
        outputs = partition["outputs"]
        if (fips and not outputs["supportsFIPS"]) or (dual and not outputs["supportsDualStack"]):
            continue
        for region in partition["regions"]:
            endpoint = rules.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual)
            hosts.add(urlsplit(endpoint.url).hostname)
    assert len(hosts) > 20
    assert [host for host in hosts if not is_real_host(host)] == []


def test_every_dns_suffix_of_every_partition() -> None:
    suffixes = {partition["dnsSuffix"] for partition in PARTITIONS}
    for partition in PARTITIONS:
        variants = partition["defaults"].get("variants", [])
        suffixes |= {variant["dnsSuffix"] for variant in variants if "dnsSuffix" in variant}
    assert suffixes <= set(AWS_SUFFIXES)


@pytest.mark.parametrize(
    "host",
    [
        "amplifybackend.us-east-1.amazonaws.com",
        "amplifybackend.us-east-1.amazonaws.com.",
        "AmplifyBackend.US-East-1.AmazonAWS.com",
        "amplifybackend.cn-north-1.amazonaws.com.cn",
        "amplifybackend.us-gov-west-1.amazonaws.com",
        "amplifybackend.eusc-de-east-1.amazonaws.eu",
        "amplifybackend-fips.us-east-1.amazonaws.com",
        "amplifybackend.us-east-1.api.aws",
        "amplifybackend-fips.us-east-1.api.aws",
        "amplifybackend.cn-north-1.api.amazonwebservices.com.cn",
        "vpce-0a1b2c3d-e4f5.amplifybackend.us-east-1.vpce.amazonaws.com",
        "vpce-0a1b2c3d-e4f5-us-east-1a.amplifybackend.us-east-1.vpce.amazonaws.com",
        b"amplifybackend.us-east-1.amazonaws.com",
        "amplifybackend.us-east-1.amazonaws.com:443",
    ],
)
def test_a_host_of_the_service(host: Any) -> None:
    assert is_real_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "::1",
        "",
        None,
        5,
        b"\xff",
        "amplify.us-east-1.amazonaws.com",
        "amplifyuibuilder.us-east-1.amazonaws.com",
        "my-amplifybackend.us-east-1.amazonaws.com",
        "amplifybackend.s3.us-east-1.example.com",
        "amplifybackend.us-east-1.amazonaws.com.example.com",
        "amplifybackend.example.com",
        "amplifybackend.us-east-1.notamazonaws.com",
        "amplifybackend",
        "amazonaws.com",
    ],
)
def test_another_host(host: Any) -> None:
    assert not is_real_host(host)
