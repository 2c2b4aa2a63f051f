"""What counts as the name of a region, next to botocore's own data."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import installed, regions

PARTITIONS: list[dict[str, Any]] = installed.loader().load_data("endpoints")["partitions"]
REGIONS = [region for partition in PARTITIONS for region in partition["regions"]]


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_of_botocore_is_one(region: str) -> None:
    assert regions._REGION.fullmatch(region)
    assert regions.is_region(region)


@pytest.mark.parametrize("partition", [partition["regionRegex"] for partition in PARTITIONS])
def test_a_region_that_nobody_knows_yet_is_one(partition: str) -> None:
    """What each partition of botocore lets in is let in without a look at botocore's data."""
    inside = re.search(r"\(([a-z|]+)\)", partition)
    starts = inside[1].split("|") if inside else [""]
    for start in starts:
        head = re.sub(r"\([a-z|]+\)", start, partition.removeprefix("^"))
        name = head.replace("\\-", "-").replace("\\w+", "future").replace("\\d+$", "77")
        assert re.fullmatch(partition, name), name
        assert regions._REGION.fullmatch(name)


def test_a_partition_that_only_botocore_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    new = (re.compile(r"^moon\-\w+\-\d+$", re.ASCII),)
    assert not regions.is_region("moon-east-1")
    monkeypatch.setattr(regions, "_installed", lambda: new)
    assert regions.is_region("moon-east-1")
    assert not regions.is_region("moon-EAST-1")


@pytest.mark.parametrize(
    "name",
    [
        *("", "local", "us-east", "us_east_1", "US-EAST-1", "us-east-1\n", " us-east-1"),
        *("us-east-1a", "aws-global", "us-é-1", "us-east-\u0661", "us-\0-1", "us-\ud800-1"),
        f"us-{'x' * 60}-1",
    ],
)
def test_other_names_are_none(name: str) -> None:
    assert not regions.is_region(name)
    with pytest.raises(errors.InvalidArgument) as caught:
        regions.check_region("add_app", "region", name)
    assert str(caught.value).startswith(
        "add_app(): region must be the name of an AWS region, such as 'us-east-1', not "
    )


@pytest.mark.parametrize(
    ("name", "made"),
    [
        *(("local", True), ("eu-test-1", True), ("x", True), ("US", True), ("x" * 63, True)),
        *(("", False), ("-x", False), ("x-", False), ("123", False), ("x" * 64, False)),
        *(("x y", False), ("x_y", False), ("x/y", False), ("é", False), ("x\n", False)),
    ],
)
def test_what_botocore_makes_clients_for(name: str, made: bool) -> None:
    from botocore.exceptions import InvalidRegionError
    from botocore.utils import validate_region_name

    assert regions.is_host_label(name) is made
    if name in ("", "x\n"):  # botocore takes these; no host can have such a label
        return
    try:
        validate_region_name(name)
    except InvalidRegionError:
        assert not made
    else:
        assert made
