"""Fakes for a module and for a run, a state that tests begin with, and markers on a factory."""

from __future__ import annotations

import pytest

MODULE = """
    import boto3
    import pytest

    pytestmark = pytest.mark.amplifybackend(jobs="manual", region="eu-west-1")

    @pytest.fixture(scope="module")
    def deployed(amplifybackend_module):
        amplifybackend_module.add_app("d1")
        amplifybackend_module.call(
            "DeleteBackend", {"AppId": "d1", "BackendEnvironmentName": "dev"}
        )
        return amplifybackend_module

    def test_one(deployed, amplifybackend_client):
        found = boto3.client("amplifybackend", "eu-west-1").get_backend(AppId="d1")
        assert found["BackendEnvironmentList"] == ["dev"]
        assert amplifybackend_client.get_backend(AppId="d1")["AppId"] == "d1"
        assert [job.status for job in deployed.jobs] == ["PENDING"]

    def test_two(deployed, amplifybackend_module, amplifybackend_time, request):
        assert deployed is amplifybackend_module
        assert len(deployed.calls) == 3
        assert amplifybackend_time is deployed.clock
        assert "amplifybackend" not in request.fixturenames
"""
OTHER_MODULE = """
    def test_another_module_has_another(amplifybackend_module):
        assert len(amplifybackend_module.calls) == 0
        assert amplifybackend_module.region == "us-west-2"
"""


def test_one_fake_for_a_module_with_the_marker_of_the_module(site: pytest.Pytester) -> None:
    site.makepyfile(test_a=MODULE, test_b=OTHER_MODULE)
    result = site.runpytest("-p", "no:randomly", "--amplifybackend-region=us-west-2")
    result.assert_outcomes(passed=3)


def test_one_fake_for_the_run(site: pytest.Pytester) -> None:
    site.makepyfile(
        test_a="""
        import pytest

        @pytest.fixture(scope="session", autouse=True)
        def app(amplifybackend_session):
            amplifybackend_session.add_app("d1")

        def test_it(amplifybackend_client):
            amplifybackend_client.get_backend(AppId="d1")

        def test_it_behind_requests(amplifybackend_responses, amplifybackend_session):
            assert amplifybackend_responses is amplifybackend_session
        """,
        test_b="""
        def test_it(amplifybackend_session):
            assert amplifybackend_session.seed_is == 7
        """,
        conftest="""
        import pytest
        from pytest_amplifybackend import FakeAmplifyBackend

        FakeAmplifyBackend.seed_is = property(lambda fake: fake._backend._seed)
        """,
    )
    pytest.importorskip("responses")
    site.runpytest("-p", "no:randomly", "--amplifybackend-seed=7").assert_outcomes(passed=3)


def test_a_mistake_in_the_marker_of_a_module_shows_its_file(site: pytest.Pytester) -> None:
    site.makepyfile(
        test_a="""
        import pytest

        pytestmark = pytest.mark.amplifybackend(sede=7)

        def test_it(amplifybackend_module):
            pass
        """
    )
    result = site.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["test_a.py:1: UnknownOption: *did you mean 'seed'?"])


def test_the_factory_honors_the_markers_of_what_runs(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.amplifybackend(region="eu-west-1")

        @pytest.fixture(scope="module")
        def of_module(amplifybackend_factory):
            with amplifybackend_factory() as fake:
                yield fake.region

        @pytest.fixture
        def of_test(amplifybackend_factory):
            return amplifybackend_factory().region

        @pytest.mark.amplifybackend(region="eu-west-2")
        class TestClass:
            @pytest.mark.amplifybackend(region="eu-west-3")
            def test_all(self, of_module, of_test, amplifybackend_factory):
                assert (of_module, of_test) == ("eu-west-1", "eu-west-3")
                assert amplifybackend_factory().region == "eu-west-3"
                assert amplifybackend_factory(region="us-west-2").region == "us-west-2"

            def test_class(self, of_module, of_test):
                assert (of_module, of_test) == ("eu-west-1", "eu-west-2")

        @pytest.mark.amplifybackend(sede=7)
        def test_wrong(amplifybackend_factory):
            with pytest.raises(TypeError, match="did you mean 'seed'"):
                amplifybackend_factory()
        """
    )
    site.runpytest("--amplifybackend-region=us-east-2").assert_outcomes(passed=3)


def test_a_state_to_begin_with(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import boto3
        import pytest

        @pytest.fixture(scope="session")
        def baseline(amplifybackend_factory):
            with amplifybackend_factory() as fake:
                client = boto3.client("amplifybackend", "us-east-1")
                app = {"AppId": "d1", "BackendEnvironmentName": "dev"}
                client.create_backend(AppName="shop", **app)
                return fake.dump()

        @pytest.fixture
        def shop(amplifybackend, baseline):
            amplifybackend.load(baseline)
            return amplifybackend

        @pytest.mark.parametrize("number", range(3))
        def test_it(shop, number):
            assert len(shop.calls) == 0
            client = boto3.client("amplifybackend", "us-east-1")
            assert client.get_backend(AppId="d1")["BackendEnvironmentList"] == ["dev"]
            client.remove_all_backends(AppId="d1")
        """
    )
    site.runpytest().assert_outcomes(passed=3)


@pytest.mark.parametrize("scope", ["module", "session"])
def test_moto_is_for_one_test(site: pytest.Pytester, scope: str) -> None:
    site.makepyfile(f"def test_it(amplifybackend_{scope}, amplifybackend_moto): pass")
    result = site.runpytest()
    result.assert_outcomes(errors=1)
    sentence = f"*amplifybackend_moto is for one test, and cannot be amplifybackend_{scope}. *"
    result.stdout.fnmatch_lines([sentence])


def test_a_fake_in_moto_for_a_module(site: pytest.Pytester) -> None:
    pytest.importorskip("moto")
    site.makepyfile(
        """
        import boto3
        import pytest

        pytestmark = pytest.mark.amplifybackend(moto=True)

        def test_it(amplifybackend_module):
            amplifybackend_module.add_bucket("mine")
            buckets = boto3.client("s3", "us-east-1").list_buckets()["Buckets"]
            assert [one["Name"] for one in buckets] == ["mine"]
        """
    )
    site.runpytest().assert_outcomes(passed=1)


def test_a_marker_that_comes_too_late_is_an_error(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import pytest

        marked = pytest.mark.amplifybackend(jobs="manual")

        @marked
        def test_module(amplifybackend_module):
            pass

        @marked
        class TestClass:
            def test_session(self, amplifybackend_session, amplifybackend_time):
                pass

        @marked
        def test_with_one_of_its_own(amplifybackend, amplifybackend_session):
            amplifybackend.add_app("d1")
            amplifybackend.call("RemoveAllBackends", {"AppId": "d1"})
            assert amplifybackend.jobs[0].status == "PENDING"

        @marked
        def test_with_a_factory(amplifybackend_factory, amplifybackend_session):
            pass
        """
    )
    result = site.runpytest("-p", "no:randomly")
    result.assert_outcomes(passed=2, errors=2)
    late = "the marker comes too late for amplifybackend"
    result.stdout.fnmatch_lines(
        [
            f"test_*.py:5: {late}_module, which takes the options of the module: write *",
            f"test_*.py:11: {late}_session, which takes the options of the ini file and *",
        ]
    )
