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
    """A project whose tests import ``marking``."""
    site.makepyfile(marking=HEAD)
    site.syspathinsert()
    return site


def run(project: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    project.makepyfile(f"    from marking import *\n{tests}")
    return project.runpytest("-p", "no:randomly", *options)


def test_what_has_the_marker_gets_the_fake(project: pytest.Pytester) -> None:
    for name in ("anyio", "hypothesis"):
        pytest.importorskip(name)
    result = run(
        project,
        """
    import unittest
    from hypothesis import HealthCheck, given, settings, strategies as st
    from pytest_amplifybackend import FakeAmplifyBackend

    def chosen():
        return ACTIVE[-1].stop.__self__.region

    @marked(region="eu-west-1")
    class TestClass:
        def test_class(self):
            assert region() and chosen() == "eu-west-1"

        @marked(region="eu-west-2")
        def test_function(self, request):
            assert region() and chosen() == "eu-west-2"
            assert "amplifybackend" in request.fixturenames
            assert request.getfixturevalue("amplifybackend").calls.of("ListS3Buckets")

    @pytest.mark.parametrize("served", [False, pytest.param(True, marks=marked(seed=1)), False])
    def test_each_parameter_has_markers_of_its_own(served, request):
        assert bool(ACTIVE) == ("amplifybackend" in request.fixturenames) == served

    @pytest.fixture(scope="module")
    def shop():
        assert not ACTIVE
        with FakeAmplifyBackend() as fake:
            yield fake

    class TestWide:
        @marked(region="eu-west-1")
        def test_wider_fixtures_are_set_up_before(self, shop):
            assert len(ACTIVE) == 2
            assert region()
            assert not shop.calls
            shop.deactivate()

    @marked(seed=1)
    class Shop(unittest.TestCase):
        def setUp(self):
            self.region = region()

        def test_one(self):
            self.assertEqual(self.region, "us-east-1")

        @marked(sede=1)
        def test_wrong(self):
            pass

    class Other(unittest.TestCase):
        @marked(seed=1)
        def test_one(self):
            region()

        def test_two(self):
            self.assertEqual(ACTIVE, [])

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    @marked(seed=1)
    @pytest.mark.anyio
    async def test_asynchronous():
        assert region()

    @marked(seed=1)
    @settings(max_examples=3, database=None, deadline=None, suppress_health_check=[*HealthCheck])
    @given(number=st.integers())
    def test_property(number):
        assert region()
    """,
    )
    result.assert_outcomes(passed=11, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at setup of Shop.test_wrong*", "*UnknownOption: *'sede'*"])


@pytest.mark.parametrize("name", ["client", "server", "responses", "moto", "factory"])
def test_a_fixture_of_a_fake_is_enough(project: pytest.Pytester, name: str) -> None:
    needed = {"server": "httptools", "responses": "responses", "moto": "moto"}
    if name in needed:
        pytest.importorskip(needed[name])
    fixture = f"amplifybackend_{name}"
    result = run(
        project,
        f"""
    @pytest.fixture
    def through({fixture}):
        return {fixture}

    def check(request):
        assert len(ACTIVE) == {int(name != "factory")}
        assert request.fixturenames.count("amplifybackend") == {int(name == "client")}

    @marked(seed=1)
    def test_direct({fixture}, request):
        check(request)

    @marked(seed=1)
    def test_through(through, request):
        check(request)
    """,
    )
    result.assert_outcomes(passed=2)


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
