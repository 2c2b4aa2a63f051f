"""Overrides: answers of the test's own, held to the shape of the operation."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend import errors


def test_a_dict(fake, dev) -> None:
    fake.override("GetBackend", {"AppName": "mine"})
    assert fake.call("GetBackend", dev) == {"AppName": "mine"}
    assert fake.calls[0].response == {"AppName": "mine"}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ["mine", "mine", "mine"]),
        ({"times": 1}, ["mine", "shop", "shop"]),
        ({"times": 1, "after": 1}, ["shop", "mine", "shop"]),
        ({"when": {"AppId": "d1other"}}, ["shop", "shop", "shop"]),
    ],
)
def test_how_often(fake, dev, options: dict[str, Any], names: list[str]) -> None:
    fake.override("GetBackend", {"AppName": "mine"}, **options)
    assert [fake.call("GetBackend", dev)["AppName"] for _ in range(3)] == names


def test_a_function_of_the_params(fake, dev) -> None:
    fake.override("GetBackend", lambda params: {"AppName": params["AppId"].upper()})
    assert fake.call("GetBackend", dev) == {"AppName": "D1ABC"}


def test_a_function_that_raises_one_of_the_errors(fake, dev) -> None:
    def refuse(params: dict[str, Any]) -> dict[str, Any]:
        raise errors.NotFound(f"no {params['AppId']}", resource_type="App")

    fake.override("GetBackend", refuse, times=1)
    client = fake.client()
    with pytest.raises(client.exceptions.NotFoundException, match="no d1abc"):
        client.get_backend(**dev)
    assert client.get_backend(**dev)["AppName"] == "shop"


def test_a_function_with_a_mistake_of_its_own(fake, dev) -> None:
    fake.override("GetBackend", lambda params: {"AppName": params["Nonsense"]})
    with pytest.raises(KeyError, match="Nonsense"):
        fake.call("GetBackend", dev)


def test_the_answer_and_the_params_are_copies(fake, dev) -> None:
    mine = {"BackendEnvironmentList": ["mine"]}
    fake.override("GetBackend", mine)
    mine["BackendEnvironmentList"].append("later")
    fake.call("GetBackend", dev)["BackendEnvironmentList"].append("more")
    assert fake.call("GetBackend", dev) == {"BackendEnvironmentList": ["mine"]}
    assert fake.calls[0].response == {"BackendEnvironmentList": ["mine"]}

    fake.override("GetToken", lambda params: {"AppId": params.pop("AppId")})
    fake.call("GetToken", {"AppId": "d1abc", "SessionId": "s"})
    assert fake.calls[-1].params == {"AppId": "d1abc", "SessionId": "s"}


def test_a_recorded_response_may_bring_its_metadata(fake, dev) -> None:
    fake.override("GetBackend", {"AppName": "mine", "ResponseMetadata": {"HTTPStatusCode": 200}})
    assert fake.call("GetBackend", dev) == {"AppName": "mine"}


@pytest.mark.parametrize(
    ("response", "sentence"),
    [
        (
            {"AppName": 5},
            "override('GetBackend'): response.AppName must be a string, not 5.",
        ),
        (
            {"Name": "mine"},
            "override('GetBackend'): response has no member 'Name': did you mean 'AppName'?",
        ),
        (
            "mine",
            "override('GetBackend'): response must be a dict, or a function that returns one, not "
            "a value of type str.",
        ),
    ],
)
def test_it_must_fit(fake, dev, response: Any, sentence: str) -> None:
    with pytest.raises(errors.UsageError) as caught:
        fake.override("GetBackend", response)
    assert str(caught.value) == sentence
    assert fake.call("GetBackend", dev)["AppName"] == "shop"

    fake.override("GetBackend", lambda _: response)
    with pytest.raises(errors.UsageError) as caught:
        fake.call("GetBackend", dev)
    assert str(caught.value) == sentence
