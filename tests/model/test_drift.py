"""The shipped API model against the installed botocore's, and how the difference is shown.

A botocore that has more than the shipped model fails here and nowhere else: the fake then has to
follow, and ``python tools/record_model.py`` records anew.
"""

from __future__ import annotations

import copy
import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.model import ServiceModel

from pytest_amplifybackend import _cli as cli
from pytest_amplifybackend._api import catalogue, drift, history, installed


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3])


RECORD = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "record_model.py"))
not_older = pytest.mark.skipif(
    _version(botocore.__version__) < _version(catalogue.recorded_with()),
    reason="an older botocore lacks limits and patterns, which is no news",
)
Raw = dict[str, Any]
Alter = Callable[[Raw], object]


@not_older
def test_the_shipped_model_is_the_installed_one() -> None:
    text, changes = drift.report()
    assert not changes, text


@not_older
def test_the_recording_is_what_the_command_writes() -> None:
    raw = installed.loader().load_service_model("amplifybackend", "service-2")
    assert json.loads(catalogue.MODEL.read_text("utf-8"))["model"] == RECORD["without_prose"](raw)


def newer(alter: Alter) -> list[str]:
    """The drift from the shipped model to one that was altered."""
    raw = copy.deepcopy(catalogue.service_model()._service_description)
    alter(raw)
    after = ServiceModel(raw, "amplifybackend")
    return [str(change) for change in drift.drift(catalogue.service_model(), after)]


def add_operation(raw: Raw) -> None:
    raw["operations"]["PolishBackend"] = {
        **raw["operations"]["GetBackend"],
        "name": "PolishBackend",
    }


def add_error(raw: Raw) -> None:
    raw["shapes"]["TeapotException"] = {
        "type": "structure",
        "members": {"Message": {"shape": "__string", "locationName": "message"}},
        "error": {"httpStatusCode": 418},
    }
    raw["operations"]["GetToken"]["errors"].append({"shape": "TeapotException"})


def member_of(name: str, *shapes: str) -> Alter:
    def alter(raw: Raw) -> None:
        for shape in shapes:
            member = {"shape": "__string", "locationName": name.lower()}
            raw["shapes"][shape]["members"][name] = member

    return alter


def without(name: str, *shapes: str) -> Alter:
    def alter(raw: Raw) -> None:
        for shape in shapes:
            del raw["shapes"][shape]["members"][name]
            required = raw["shapes"][shape].get("required", [])
            required[:] = [one for one in required if one != name]

    return alter


def inside_itself(raw: Raw) -> None:
    """A structure that holds itself, as other services have them."""
    settings = raw["shapes"]["LoginAuthConfigReqObj"]["members"]
    settings["Fallback"] = {"shape": "LoginAuthConfigReqObj", "locationName": "fallback"}


TOKEN = "CreateToken response"
GIVEN_AND_PROMISED = ("CreateTokenResponse", "CreateTokenRespObj")
MODE = "ResourceConfig.Permissions.UnAuthenticated[]"


@pytest.mark.parametrize(
    ("alter", "lines"),
    [
        (dict, []),
        (
            add_operation,
            ["+ PolishBackend: a new operation, POST /backend/{appId}/details"],
        ),
        (lambda raw: raw["operations"].pop("GetToken"), ["- GetToken: the operation is gone"]),
        (
            lambda raw: raw["operations"]["GetToken"]["http"].update(method="POST"),
            [
                "~ GetToken: request line GET /backend/{appId}/challenge/{sessionId} is now "
                "POST /backend/{appId}/challenge/{sessionId}"
            ],
        ),
        (
            lambda raw: raw["operations"]["GetToken"]["http"].update(responseCode=202),
            ["~ GetToken: status 200 is now 202"],
        ),
        (
            lambda raw: raw["operations"]["GetToken"].update(deprecated=True),
            ["~ GetToken: deprecated no is now yes"],
        ),
        (
            lambda raw: raw["shapes"]["CreateTokenResponse"].update(payload="Ttl"),
            ["~ CreateToken: response payload none is now Ttl"],
        ),
        (member_of("Colour", *GIVEN_AND_PROMISED), [f"+ {TOKEN} Colour: string"]),
        (
            member_of("Colour", "CreateTokenResponse"),
            [f"+ {TOKEN} Colour: string, only in CreateTokenResponse"],
        ),
        (
            member_of("Colour", "CreateTokenRespObj"),
            [f"+ {TOKEN} Colour: string, only in CreateTokenRespObj"],
        ),
        (without("Ttl", *GIVEN_AND_PROMISED), [f"- {TOKEN} Ttl: string, required"]),
        (
            without("Ttl", "CreateTokenResponse"),
            [f"~ {TOKEN} Ttl: in both shapes is now only in CreateTokenRespObj"],
        ),
        (
            lambda raw: raw["shapes"]["CreateTokenRespObj"]["required"].remove("Ttl"),
            [f"~ {TOKEN} Ttl: required is now not required"],
        ),
        (
            lambda raw: raw["shapes"]["DeleteTokenRespObj"]["members"]["IsSuccess"].update(
                shape="__string"
            ),
            ["~ DeleteToken response IsSuccess: promised as it is is now promised string"],
        ),
        (
            lambda raw: raw["shapes"]["CreateTokenResponse"]["members"]["Ttl"].update(
                shape="__boolean"
            ),
            [
                f"~ {TOKEN} Ttl: promised as it is is now promised string",
                f"~ {TOKEN} Ttl: type string is now type boolean",
            ],
        ),
        (
            lambda raw: raw["shapes"]["CreateTokenResponse"]["members"]["Ttl"].update(
                locationName="time"
            ),
            [f"~ {TOKEN} Ttl: wire ttl is now wire time"],
        ),
        (
            lambda raw: raw["shapes"]["CreateTokenResponse"]["members"]["Ttl"].update(
                location="header"
            ),
            [f"~ {TOKEN} Ttl: wire ttl is now wire ttl in the header"],
        ),
        pytest.param(
            lambda raw: raw["shapes"]["__integerMin1Max25"].update(pattern="[1-9]+"),
            ["~ ListBackendJobs request MaxResults: no pattern is now pattern [1-9]+"],
            marks=not_older,
        ),
        (
            inside_itself,
            [
                f"+ UpdateBackendConfig {side} LoginAuthConfig.Fallback: structure"
                for side in ("request", "response")
            ],
        ),
        (
            lambda raw: raw["shapes"]["Status"]["enum"].append("FROZEN"),
            ["+ GetBackendAPIModels response Status: enum value FROZEN"],
        ),
        (
            lambda raw: raw["shapes"]["Status"]["enum"].remove("STALE"),
            ["- GetBackendAPIModels response Status: enum value STALE"],
        ),
        (
            lambda raw: raw["shapes"]["Status"].pop("enum"),
            ["~ GetBackendAPIModels response Status: enum LATEST, STALE is now a free string"],
        ),
        (
            lambda raw: raw["shapes"]["__integerMin1Max25"].update(max=100),
            ["~ ListBackendJobs request MaxResults: max 25 is now max 100"],
        ),
        (
            add_error,
            ["+ GetToken errors: TeapotException", "+ TeapotException: a new error, 418"],
        ),
        (
            lambda raw: raw["operations"]["GetToken"]["errors"].pop(0),
            ["- GetToken errors: NotFoundException"],
        ),
        (
            lambda raw: raw["shapes"]["NotFoundException"]["error"].update(httpStatusCode=410),
            ["~ NotFoundException: status 404 is now 410"],
        ),
        (
            lambda raw: raw["shapes"]["NotFoundException"].update(error={}),
            ["~ NotFoundException: status 404 is now none"],
        ),
        (
            without("ResourceType", "NotFoundException"),
            ["- NotFoundException ResourceType: string"],
        ),
    ],
)
def test_each_change_is_told(alter: Alter, lines: list[str]) -> None:
    assert newer(alter) == lines


def test_a_change_of_a_shape_is_told_wherever_it_is_used() -> None:
    lines = newer(lambda raw: raw["shapes"]["UnAuthenticatedElement"]["enum"].append("PEEK"))
    assert lines == [
        f"+ {operation} {side} {MODE}: enum value PEEK"
        for operation, side in (
            ("CreateBackendStorage", "request"),
            ("GetBackendStorage", "response"),
            ("UpdateBackendStorage", "request"),
        )
    ]


def test_a_newly_secret_member_is_told() -> None:
    lines = newer(lambda raw: raw["shapes"]["CreateTokenRespObj"].update(sensitive=True))
    assert lines == []  # the response itself is no member

    def alter(raw: Raw) -> None:
        raw["shapes"]["Secret"] = {"type": "string", "sensitive": True}
        raw["shapes"]["CreateTokenResponse"]["members"]["ChallengeCode"]["shape"] = "Secret"

    assert newer(alter) == [f"~ {TOKEN} ChallengeCode: not sensitive is now sensitive"]


OVERRIDDEN = " (the installed model comes from AWS_DATA_PATH or ~/.aws/models)"


def test_another_botocore_may_have_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = copy.deepcopy(catalogue.service_model()._service_description)
    del raw["operations"]["GetToken"]
    monkeypatch.setattr(installed, "service_model", lambda: ServiceModel(raw, "amplifybackend"))
    monkeypatch.setattr(botocore, "__version__", "9.0.0")
    assert "installed is 9.0.0.\n" in drift.report()[0]


def test_the_command_shows_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(botocore, "__version__", catalogue.recorded_with())
    versions = f"with botocore {botocore.__version__}, installed is {botocore.__version__}"
    monkeypatch.setattr(installed, "service_model", catalogue.service_model)
    assert cli.main(["operations", "--diff"]) == 0
    assert capsys.readouterr().out == f"No drift: recorded {versions}.\n"
    raw = copy.deepcopy(catalogue.service_model()._service_description)
    del raw["operations"]["GetToken"]
    monkeypatch.setattr(installed, "service_model", lambda: ServiceModel(raw, "amplifybackend"))
    assert cli.main(["operations", "--diff"]) == 1
    assert capsys.readouterr().out == (
        f"1 difference: recorded {versions}{OVERRIDDEN}.\n- GetToken: the operation is gone\n"
    )


# The history


def test_the_additions_make_up_the_api() -> None:
    operations = catalogue.operations()
    assert len(history.HISTORY[0].operations) == 24
    added = [name for addition in history.HISTORY for name in addition.operations]
    assert sorted(added) == list(operations), (
        "add an Addition to _api/history.py, with the first botocore that has the operation"
    )
    for addition in history.HISTORY:
        for name, side, path in addition.members:
            operation = operations[name]
            shape = operation.input_shape if side == "request" else operation.output_shape
            assert path in dict(catalogue.members(shape))


def test_the_command_shows_the_history(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["operations", "--history"]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.split(" | ")[:2] for row in rows][0:5:4] == [
        ["| 1.19.27", "24"],
        ["| 1.23.8", "31"],
    ]
    assert len(rows) == len(history.HISTORY)
