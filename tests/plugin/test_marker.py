"""The marker takes the fake's options; the closest one wins, and a mistake shows at the test."""

from __future__ import annotations

import pytest


def test_the_closest_marker_wins_and_options_merge(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.amplifybackend(region="eu-west-1", errors="observed", seed=1)

        def seen(fake):
            with pytest.raises(Exception) as caught:
                fake.client().get_backend(AppId="d1abc")
            response = caught.value.response
            return fake.region, response["Error"]["Code"]

        def test_module(amplifybackend):
            assert seen(amplifybackend) == ("eu-west-1", "ResourceNotFoundException")

        @pytest.mark.amplifybackend(region="us-west-2")
        class TestClass:
            def test_class(self, amplifybackend):
                assert seen(amplifybackend) == ("us-west-2", "ResourceNotFoundException")

            @pytest.mark.amplifybackend(errors="modeled")
            def test_function(self, amplifybackend):
                assert seen(amplifybackend) == ("us-west-2", "NotFoundException")

            @pytest.mark.amplifybackend(region="eu-north-1")
            @pytest.mark.amplifybackend(region="ap-south-1", errors="modeled")
            def test_two_on_one(self, amplifybackend):
                assert seen(amplifybackend) == ("ap-south-1", "NotFoundException")
        """
    )
    site.runpytest().assert_outcomes(passed=4)


def test_the_marker_takes_every_option_of_the_fake(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import pytest
        from pytest_amplifybackend import progress

        @pytest.mark.amplifybackend(
            jobs=progress.after_reads(1), seed="mine", errors="observed", transport="stubber",
            region="eu-west-1", provisioner=None,
        )
        def test_it(amplifybackend_client):
            app = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
            job = amplifybackend_client.create_backend(AppName="shop", **app)["JobId"]
            statuses = [
                amplifybackend_client.get_backend_job(JobId=job, **app)["Status"] for _ in range(2)
            ]
            assert statuses == ["RUNNING", "COMPLETED"]
        """
    )
    site.runpytest("--strict-markers").assert_outcomes(passed=1)


MISTAKES = {
    "sede=7": "UnknownOption: the amplifybackend fake has no option 'sede': did you mean 'seed'?",
    "7": "TypeError: @pytest.mark.amplifybackend takes keyword options only, not 7.",
    "seed=None": "InvalidArgument: FakeAmplifyBackend(): seed must be a whole number *, not None.",
    "errors='obsreved'": "*: errors must be one of *, not 'obsreved': did you mean 'observed'?",
    "transport='stuber'": "*: transport must be one of *, not 'stuber': did you mean 'stubber'?",
    "jobs='manually'": "*: jobs must be 'immediate', 'manual', 'after_reads:N', *'manually'.",
}


@pytest.mark.parametrize("options", MISTAKES)
def test_a_mistake_shows_at_the_test_and_nowhere_else(site: pytest.Pytester, options: str) -> None:
    site.makepyfile(
        f"""
        import pytest

        @pytest.mark.amplifybackend({options})
        def test_it(amplifybackend):
            pass
        """
    )
    result = site.runpytest("-p", "no:randomly")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [f"test_a_mistake_shows_at_the_test_and_nowhere_else.py:3: {MISTAKES[options]}"]
    )
    result.stdout.no_fnmatch_line("*pytest_amplifybackend*")


def test_a_mistake_on_a_class_shows_at_each_of_its_tests(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import pytest

        @pytest.mark.amplifybackend(sede=7)
        class TestShop:
            def test_one(self, amplifybackend_client):
                pass

            def test_two(self):
                pass
        """
    )
    result = site.runpytest("-p", "no:randomly")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at setup of TestShop.test_one*",
            "test_*.py:5: UnknownOption: *'sede'*",
            "*ERROR at setup of TestShop.test_two*",
            "test_*.py:8: UnknownOption: *'sede'*",
        ]
    )


def test_a_mistake_in_the_factory_shows_at_the_call(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        def test_it(amplifybackend_factory):
            amplifybackend_factory(sede=7)
        """
    )
    result = site.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">       amplifybackend_factory(sede=7)", "E *'seed'?"])
    result.stdout.no_fnmatch_line("*plugin.py*")


def test_the_marker_is_known(site: pytest.Pytester) -> None:
    site.runpytest("--markers").stdout.fnmatch_lines(
        [
            "@pytest.mark.amplifybackend(**options): options of the amplifybackend fixtures, the "
            "same as those of FakeAmplifyBackend; the closest marker wins."
        ]
    )
