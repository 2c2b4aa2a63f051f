"""The probes: how many there are, and that each kind can fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from volume import full_only, only_full
from wrong_clients import request

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support import probes

PROBES = "--amplifybackend-probes"
Params = dict[str, Any]


def test_there_are_thousands_of_each_operation_and_kind() -> None:
    found = list(probes.probes())
    assert len(found) > 2500
    assert {probe.operation for probe in found} == set(catalogue.operations())
    kinds = Counter(probe.kind.partition("-")[0] for probe in found)
    assert set(kinds) == {"alone", "absent", "null", "type", "unknown", "enum", "no", "limit"}
    assert len({probe.name for probe in found}) == len(found)
    assert all(probe.source for probe in found)


def test_a_member_is_taken_away_in_one_place_only() -> None:
    (probe,) = (
        probe
        for probe in probes.probes()
        if probe.operation == "UpdateBackendAuth"
        and probe.kind == "absent"
        and probe.path.endswith("ForgotPassword.DeliveryMethod")
    )
    pool = probe.params({})["ResourceConfig"]["UserPoolConfigs"]
    assert "DeliveryMethod" not in pool["ForgotPassword"]
    assert "DeliveryMethod" in pool["VerificationMessage"]


def test_a_member_alone_brings_what_leads_to_it() -> None:
    (probe,) = (
        probe
        for probe in probes.probes()
        if probe.operation == "CreateBackendAPI"
        and probe.kind == "alone"
        and probe.path == "ResourceConfig.DefaultAuthType.Settings.Description"
    )
    config = probe.params({})["ResourceConfig"]
    assert config["DefaultAuthType"]["Settings"] == {"Description": "the shop's"}
    assert "ApiName" not in config


def test_probes_pass_on_the_fake(suite: Any) -> None:
    options = (PROBES, "--amplifybackend-operations=ListBackendJobs,CreateBackend")
    result = suite("-q", *options, files=("test_probes",))
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed", "deselected"}
    assert outcomes["passed"] > 40


def _name(change: Callable[[str], str]) -> Callable[[Params], object]:
    """A change of the name of an environment."""
    name = "BackendEnvironmentName"
    return lambda params: params.update({name: change(params[name])})


def _mode(change: Callable[[str], str]) -> Callable[[Params], object]:
    """A change of the mode of multi-factor authentication."""

    def changed(params: Params) -> None:
        mfa = params["ResourceConfig"].get("UserPoolConfigs", {}).get("Mfa", {})
        if "MFAMode" in mfa:
            mfa["MFAMode"] = change(mfa["MFAMode"])

    return changed


def _needs_resource(params: Params) -> None:
    if "ResourceName" not in params:
        params["AppName"] = ""


WRONG = {
    "takes a name that is too long": (
        request("CreateBackend", "probes", _name(lambda name: name[:10])),
        "limit-name.environment-BackendEnvironmentName-3",
    ),
    "refuses the longest name": (
        request("CreateBackend", "probes", _name(lambda name: name if len(name) < 10 else "X")),
        "limit-name.environment-BackendEnvironmentName-2",
    ),
    "refuses the shortest name": (
        request("CreateBackend", "probes", _name(lambda name: name if len(name) > 2 else "X")),
        "limit-name.environment-BackendEnvironmentName-1",
    ),
    "refuses a value of an enum": (
        request("CreateBackendAuth", "probes", _mode(lambda mode: mode.replace("OFF", "off"))),
        "enum-ResourceConfig.UserPoolConfigs.Mfa.MFAMode",
    ),
    "takes a value in lower case": (
        request("CreateBackendAuth", "probes", _mode(str.upper)),
        "no-enum-ResourceConfig.UserPoolConfigs.Mfa.MFAMode",
    ),
    "needs a member that is optional": (
        request("CreateBackend", "probes", _needs_resource),
        "absent-ResourceName",
    ),
}
USUAL = ("takes a name that is too long", "refuses a value of an enum")


@pytest.mark.parametrize(
    "name", [name if name in USUAL else pytest.param(name, marks=only_full()) for name in WRONG]
)
def test_a_wrong_target_is_found_by_its_probe(suite: Any, tested: Any, name: str) -> None:
    wrong, probe = WRONG[name]
    fake = FakeAmplifyBackend(jobs=progress.after_reads(1))
    target = tested(lambda region: wrong.client(fake, region))
    options = (PROBES, target, "-k", f"{wrong.operation}-{probe}")
    result = suite(*options, "-rf", files=("test_probes",))
    assert result.ret == pytest.ExitCode.TESTS_FAILED, f"{name} passes for right"
    result.stdout.fnmatch_lines([f"FAILED *test_probe[[]{wrong.operation}-{probe}*"])


@full_only
@pytest.mark.parametrize("kind", ["type", "null"])
def test_a_server_that_trips_over_a_body_is_found(suite: Any, kind: str) -> None:
    pytest.importorskip("flask", reason="the server is made with Flask")
    from flask_fake import make_app, serving

    with serving(make_app(naive=True)) as url:
        options = (PROBES, f"--amplifybackend-target={url}", "-W", "ignore::ResourceWarning")
        chosen = ("-k", f"CreateBackend-{kind}-AppName or CreateBackend-{kind}-BackendEnv", "-rf")
        result = suite(*options, *chosen, files=("test_probes",))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["E*CreateBackend: *: status *", f"FAILED *test_probe[[]CreateBackend-{kind}-*"]
    )
