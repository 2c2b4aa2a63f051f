"""The fixtures: a fresh active fake for each test, a client of it, and a factory of fakes."""

from __future__ import annotations

import pytest

from pytest_amplifybackend import FakeAmplifyBackend


def test_the_fake_is_active(amplifybackend: FakeAmplifyBackend) -> None:
    assert repr(amplifybackend) == "<FakeAmplifyBackend active, 0 calls, 0 jobs>"


def test_the_client_is_one_of_the_fake(amplifybackend, amplifybackend_client) -> None:
    job = amplifybackend_client.create_backend(
        AppId="d1abc", AppName="shop", BackendEnvironmentName="dev"
    )
    assert amplifybackend.jobs[job["JobId"]].status == "COMPLETED"


def test_the_factory_gives_fresh_fakes_that_are_not_active(amplifybackend_factory) -> None:
    one, two = amplifybackend_factory(), amplifybackend_factory()
    one.add_app("d1abc")
    assert one.dump()["apps"] != two.dump()["apps"]
    assert repr(two) == "<FakeAmplifyBackend not active, 0 calls, 0 jobs>"


def test_the_factory_takes_the_options_of_the_fake(amplifybackend_factory) -> None:
    assert amplifybackend_factory(region="eu-west-1").region == "eu-west-1"
    with pytest.raises(TypeError, match=r"no option 'regoin': did you mean 'region'\?"):
        amplifybackend_factory(regoin="eu-west-1")


def test_each_test_has_a_fake_of_its_own(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(2))
        def test_it(amplifybackend, number):
            assert len(amplifybackend.calls) == 0
            assert amplifybackend.dump()["apps"] == amplifybackend.dump()["jobs"] == []
            amplifybackend.add_app("d1abc")
            amplifybackend.call("GetBackend", {"AppId": "d1abc"})
        """
    )
    site.runpytest().assert_outcomes(passed=2)


def test_two_runs_are_alike(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        def test_it(amplifybackend, amplifybackend_client):
            amplifybackend.add_auth("d1abc")
            amplifybackend_client.create_backend_api(
                AppId="d1abc", BackendEnvironmentName="dev", ResourceName="api",
                ResourceConfig={"Service": "AppSync"},
            )
            print(amplifybackend.dump(), list(amplifybackend.calls))
        """
    )
    runs = [site.runpytest("-s", "-p", "no:randomly", "-q").outlines[0] for _ in range(2)]
    assert runs[0] == runs[1]
    assert "CreateBackendAPI" in runs[0]


def test_the_fixtures_are_listed_with_a_sentence(site: pytest.Pytester) -> None:
    result = site.runpytest("--fixtures")
    result.stdout.fnmatch_lines_random(
        [
            "amplifybackend -- *plugin.py:*",
            "    A fresh, active FakeAmplifyBackend: it serves every amplifybackend client of the*",
            "amplifybackend_client -- *",
            "    A botocore client of the test's fake.",
            "amplifybackend_factory [[]session scope[]] -- *",
        ]
    )


def test_nothing_is_autouse(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        from botocore.client import BaseClient

        def test_it(request):
            assert not [name for name in request.fixturenames if "amplify" in name]
            assert BaseClient._emit_api_params.__module__ == "botocore.client"
        """
    )
    site.runpytest().assert_outcomes(passed=1)
