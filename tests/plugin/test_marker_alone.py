"""A marker without a fixture: the test gets the fixture ``amplifybackend``."""

from __future__ import annotations

import pytest

HEAD = """
    import pytest
    import botocore.session
    from pytest_amplifybackend._transports.activation import ACTIVE

    def region():
        client = botocore.session.Session().create_client(
            "amplifybackend", region_name="us-east-1")
        client.list_s3_buckets()
        return client.meta.region_name

    marked = pytest.mark.amplifybackend
"""


@pytest.fixture
def project(site: pytest.Pytester) -> pytest.Pytester:
    """A project whose tests import ``calling``."""
    site.makepyfile(calling=HEAD)
    site.syspathinsert()
    return site


def run(project: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    project.makepyfile(f"    from calling import *\n{tests}")
    return project.runpytest("-p", "no:randomly", *options)


def test_on_function_class_and_module(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
    pytestmark = marked(seed=1)

    def seed():
        return ACTIVE[-1].stop.__self__.dump()["ids"]["seed"]

    def test_module():
        assert region()

    @marked(seed=2)
    class TestClass:
        def test_class(self):
            assert region()

        @marked(seed=3)
        def test_function(self, request):
            region()
            assert request.getfixturevalue("amplifybackend").calls.of("ListS3Buckets")
    """,
    )
    result.assert_outcomes(passed=3)


def test_its_options_count(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
    @marked(region="eu-west-1")
    def test_it(request):
        assert request.getfixturevalue("amplifybackend").region == "eu-west-1"
        assert "amplifybackend" in request.fixturenames
    """,
    )
    result.assert_outcomes(passed=1)


def test_each_parameter_has_markers_of_its_own(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
    @pytest.mark.parametrize("served", [False, pytest.param(True, marks=marked(seed=1)), False])
    def test_it(served):
        assert bool(ACTIVE) == served
    """,
    )
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("name", ["client", "server", "responses", "moto", "factory"])
def test_a_fixture_of_a_fake_is_enough(project: pytest.Pytester, name: str, direct: bool) -> None:
    needed = {"server": "httptools", "responses": "responses", "moto": "moto"}
    if name in needed:
        pytest.importorskip(needed[name])
    active = {"client": 1, "moto": 1, "server": 1, "responses": 1, "factory": 0}
    fixture = f"amplifybackend_{name}"
    result = run(
        project,
        f"""
    @pytest.fixture
    def through({fixture}):
        return {fixture}

    @marked(seed=1)
    def test_it({fixture if direct else "through"}, request):
        assert len(ACTIVE) == {active[name]}
        assert request.fixturenames.count("amplifybackend") == {int(name == "client")}
    """,
    )
    result.assert_outcomes(passed=1)


def test_it_comes_where_usefixtures_would_let_it(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
    ORDER = []

    @pytest.fixture
    def amplifybackend(amplifybackend):
        ORDER.append("fake")
        return amplifybackend

    @pytest.fixture(scope="session")
    def wide():
        ORDER.append("wide")

    @pytest.fixture
    def deep():
        ORDER.append("deep")

    @pytest.fixture
    def needed(deep):
        ORDER.append("needed")
        region()

    @pytest.fixture
    def used():
        ORDER.append("used")
        region()

    @pytest.fixture(autouse=True)
    def automatic():
        ORDER[:] = ["automatic"]

    def seen():
        return [name for name in ORDER if name != "wide"]

    @pytest.mark.usefixtures("amplifybackend", "used")
    def test_usefixtures(needed, wide):
        assert seen() == ["automatic", "fake", "used", "deep", "needed"]

    @marked()
    @pytest.mark.usefixtures("used")
    @pytest.mark.parametrize("number", [1, 2])
    def test_marked(needed, wide, number):
        assert seen() == ["automatic", "fake", "used", "deep", "needed"]

    @marked()
    def test_without_others():
        assert seen() == ["automatic", "fake"]

    @marked()
    def test_with_a_wide_one(wide):
        assert seen() == ["automatic", "fake"]
    """,
    )
    result.assert_outcomes(passed=5)


def test_wider_fixtures_are_set_up_before(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
    from pytest_amplifybackend import FakeAmplifyBackend

    @pytest.fixture(scope="module")
    def shop():
        assert not ACTIVE
        with FakeAmplifyBackend() as fake:
            yield fake

    @marked(region="eu-west-1")
    def test_it(shop, request):
        assert len(ACTIVE) == 2
        region()
        assert not shop.calls
    """,
    )
    result.assert_outcomes(passed=1)


def test_a_mistake_shows_at_the_test(project: pytest.Pytester) -> None:
    result = run(project, "\n    @marked(sede=7)\n    def test_it(): pass\n")
    result.assert_outcomes(errors=1)
    place = "test_a_mistake_shows_at_the_test.py:3"
    result.stdout.fnmatch_lines([f"{place}: UnknownOption: * no option 'sede': *'seed'?"])


def test_a_marker_that_a_hook_adds(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(pytest.mark.amplifybackend(seed=1))
        """
    )
    result = run(project, "\n    def test_it():\n        assert region()\n")
    result.assert_outcomes(passed=1)


def test_unittest_cases(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
    import unittest

    @marked(seed=1)
    class Shop(unittest.TestCase):
        def setUp(self):
            self.region = region()

        def test_one(self):
            self.assertEqual(self.region, "us-east-1")

        @marked(sede=1)
        def test_two(self):
            pass

    class Other(unittest.TestCase):
        @marked(seed=1)
        def test_one(self):
            region()

        def test_two(self):
            self.assertEqual(ACTIVE, [])
    """,
    )
    result.assert_outcomes(passed=3, errors=1)


def test_asynchronous_tests(project: pytest.Pytester) -> None:
    pytest.importorskip("pytest_asyncio")
    result = run(
        project,
        """
    @marked(seed=1)
    @pytest.mark.asyncio
    @pytest.mark.parametrize("number", [1, 2])
    async def test_it(number):
        assert region()
    """,
    )
    result.assert_outcomes(passed=2)


def test_anyio(project: pytest.Pytester) -> None:
    pytest.importorskip("anyio")
    result = run(
        project,
        """
    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    @marked(seed=1)
    @pytest.mark.anyio
    async def test_it():
        assert region()
    """,
    )
    result.assert_outcomes(passed=1)


def test_properties(project: pytest.Pytester) -> None:
    pytest.importorskip("hypothesis")
    result = run(
        project,
        """
    from hypothesis import given, settings, strategies as st

    @marked(seed=1)
    @settings(max_examples=3, database=None, deadline=None, suppress_health_check=list(
        __import__("hypothesis").HealthCheck))
    @given(number=st.integers())
    def test_it(number):
        assert region()
    """,
    )
    result.assert_outcomes(passed=1)


def test_what_is_no_function_is_left_alone(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import pytest

        class Item(pytest.Item):
            def runtest(self):
                from pytest_amplifybackend._transports.activation import ACTIVE
                assert not ACTIVE

        class File(pytest.File):
            def collect(self):
                yield Item.from_parent(self, name="item")

        def pytest_collect_file(file_path, parent):
            if file_path.suffix == ".shop":
                return File.from_parent(parent, path=file_path)
        """
    )
    project.path.joinpath("a.shop").touch()
    result = run(
        project,
        '''
    pytestmark = marked(seed=1)

    def documented():
        """
        >>> len(ACTIVE)
        0
        """
    ''',
        "--doctest-modules",
    )
    result.assert_outcomes(passed=2)


def test_without_a_marker_nothing_changes(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
    def test_it(request):
        assert not ACTIVE
        assert "amplifybackend" not in request.fixturenames
    """,
    )
    result.assert_outcomes(passed=1)


def test_workers_of_xdist(project: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    tests = """
    @marked(seed=1)
    @pytest.mark.parametrize("number", range(4))
    def test_it(number):
        assert region()
    """
    run(project, tests, "-n2").assert_outcomes(passed=4)
