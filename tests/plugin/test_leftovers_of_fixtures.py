"""A fake that fixtures, or what xunit and unittest have in their place, leave active."""

from __future__ import annotations

import pytest
from leaving import AROUND_YIELD, run, sentence, told


@pytest.mark.parametrize("scope", ["function", "class", "module", "package", "session"])
def test_a_fixture_that_leaves_a_fake_active(project: pytest.Pytester, scope: str) -> None:
    result = run(
        project,
        f"""
        @pytest.fixture(scope="{scope}")
        def shop():
            return activate()

        class TestShop:
            def test_one(self, shop):
                assert len(ACTIVE) == 1

            def test_two(self, shop):
                assert len(ACTIVE) == 1

        def test_last():
            assert len(ACTIVE) == {int(scope not in ("class", "function"))}
        """,
    )
    places = {
        "function": ["TestShop.test_one", "TestShop.test_two"],
        "class": ["TestShop.test_two"],
    }
    at = places.get(scope, ["test_last"])
    result.assert_outcomes(passed=3, errors=len(at))
    result.stdout.fnmatch_lines([f"*ERROR at teardown of {place}*" for place in at])
    assert told(result) == [sentence("the fixture 'shop'", AROUND_YIELD)] * len(at)


@pytest.mark.parametrize("scope", ["function", "class", "module", "package", "session"])
def test_a_fixture_that_ends_what_it_began(project: pytest.Pytester, scope: str) -> None:
    result = run(
        project,
        f"""
        @pytest.fixture(scope="{scope}")
        def shop():
            with FakeAmplifyBackend() as fake:
                yield fake

        @pytest.fixture(scope="{scope}")
        def finalized(request):
            request.addfinalizer(activate().deactivate)

        @pytest.fixture(scope="{scope}")
        def pulled(request):
            return request.getfixturevalue("shop")

        @pytest.fixture
        def paused(shop):
            shop.deactivate()
            yield
            shop.activate()

        @pytest.mark.parametrize("number", range(2))
        def test_it(number, shop, finalized):
            assert len(ACTIVE) == 2

        @pytest.mark.parametrize("number", range(2))
        def test_pulled(number, request):
            fake = request.getfixturevalue("pulled")
            assert fake is request.getfixturevalue("shop")

        def test_paused_in_a_test(shop):
            shop.deactivate()
            shop.activate()

        def test_paused_by_a_fixture(shop, paused):
            assert len(ACTIVE) == {int(scope not in ("class", "function"))}
        """,
    )
    result.assert_outcomes(passed=6)


def test_fixtures_that_come_late(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        @pytest.fixture(scope="module", params=["one", "two"])
        def changing(request):
            return activate()

        @pytest.fixture(scope="module")
        def shop():
            return activate()

        def test_changing(changing):
            assert len(ACTIVE) == 1

        def test_pulls(request):
            FakeAmplifyBackend().activate()
            request.getfixturevalue("shop")

        def test_last():
            assert len(ACTIVE) == 2
        """,
    )
    result.assert_outcomes(passed=4, errors=3)
    assert sorted(told(result)) == sorted(
        [
            *[sentence("the fixture 'changing'", AROUND_YIELD)] * 2,
            sentence("the test", where="test_a.py:15"),
            sentence("the fixture 'shop'", AROUND_YIELD),
        ]
    )


def test_a_fixture_that_raises(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        def raising(error):
            @pytest.fixture
            def shop():
                yield activate()
                error()
            return shop

        def wrong():
            raise ValueError("of its own")

        own = raising(wrong)
        failing = raising(lambda: pytest.fail("long"))
        short = raising(lambda: pytest.fail("briefly", pytrace=False))
        skipping = raising(lambda: pytest.skip("no"))

        @pytest.fixture
        def setup():
            activate()
            raise ValueError("in its setup")

        def test_own(own): pass
        def test_failing(failing): pass
        def test_short(short): pass
        def test_skipping(skipping): pass
        def test_setup(setup): pass
        def test_clean(): assert none_is_left()
        """,
    )
    result.assert_outcomes(passed=5, errors=6)
    names = ("own", "failing", "short", "skipping", "setup")
    assert told(result) == [sentence(f"the fixture {name!r}", AROUND_YIELD) for name in names]
    result.stdout.fnmatch_lines(["E * ValueError: of its own", "E * Failed: long", "briefly"])


def test_fakes_of_hooks_are_not_the_tests(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        from conftest import FAKE

        @pytest.fixture
        def paused():
            FAKE.deactivate()
            yield
            FAKE.activate()

        def test_one(): assert len(ACTIVE) == 4
        def test_paused(paused): assert len(ACTIVE) == 3
        def test_two(): assert len(ACTIVE) == 4
        """,
        conftest="""
        import pytest
        from activating import activate

        FAKE, FAKES = activate(), []

        def pytest_runtest_setup():
            FAKES.append(activate())

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_call():
            FAKES.append(activate())

        @pytest.hookimpl(wrapper=True)
        def pytest_pyfunc_call():
            fake = activate()
            try:
                return (yield)
            finally:
                fake.deactivate()

        def pytest_runtest_teardown():
            while FAKES:
                FAKES.pop().deactivate()

        def pytest_unconfigure():
            FAKE.deactivate()
        """,
    )
    result.assert_outcomes(passed=3)


# xunit and unittest

XUNIT = {
    "setup_module": "setup_module of test_a",
    "setup_function": "setup_function of test_a",
    "setup_class": "setup_class of TestShop",
    "setup_method": "setup_method of TestShop",
}


@pytest.mark.parametrize("name", XUNIT)
@pytest.mark.parametrize("ends", [True, False])
def test_xunit_fixtures(project: pytest.Pytester, name: str, ends: bool) -> None:
    names = {
        "setup_module": "def setup_module(): {0}\ndef teardown_module(): {1}",
        "setup_function": "def setup_function(): {0}\ndef teardown_function(): {1}",
        "setup_class": "class TestShop:\n    def setup_class(self): {0}\n"
        "    def teardown_class(self): {1}",
        "setup_method": "class TestShop:\n    def setup_method(self): {0}\n"
        "    def teardown_method(self): {1}",
    }
    code = names[name].format("FAKES.append(activate())", "ends and FAKES.pop().deactivate()")
    indent = "    " if "class" in code else ""
    (project.path / "test_b.py").write_text(
        "from activating import *\n\ndef test_clean(): assert none_is_left()\n"
    )
    tests = f"FAKES = []\nends = {ends}\n{code}\n{indent}def test_it(*_): assert ACTIVE\n"
    result = run(project, tests)
    result.assert_outcomes(passed=2, errors=int(not ends))
    advice = f"Deactivate it in {name.replace('setup', 'teardown')}."
    assert told(result) == ([] if ends else [sentence(XUNIT[name], advice)])


def test_unittest_cases(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import unittest

        class Good(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.enterClassContext(FakeAmplifyBackend())

            def setUp(self):
                self.fake = activate()
                self.addCleanup(activate().deactivate)
                self.enterContext(FakeAmplifyBackend())

            def tearDown(self):
                self.fake.deactivate()

            def test_it(self):
                self.assertEqual(len(ACTIVE), 4)

        class Pair(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.fake = activate()

            @classmethod
            def tearDownClass(cls):
                cls.fake.deactivate()

            def test_one(self):
                self.assertEqual(len(ACTIVE), 1)

            def test_two(self):
                self.assertEqual(len(ACTIVE), 1)

        class Bad(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                activate()

            def setUp(self):
                self.enterContext(FakeAmplifyBackend())
                FakeAmplifyBackend().activate()

            def test_it(self):
                self.assertEqual(len(ACTIVE), 3)

        class Last(unittest.IsolatedAsyncioTestCase):
            async def test_bad(self):
                assert none_is_left()
                FakeAmplifyBackend().activate()
        """,
        "-p",
        "no:xdist",
    )
    result.assert_outcomes(passed=5, errors=2)
    # the class's own fixtures end within the teardown of its last test, and so come first
    assert told(result) == [
        sentence("setUpClass of Bad", "Deactivate it in tearDownClass."),
        sentence("the test", where="test_a.py:43"),
        sentence("the test", where="test_a.py:51"),
    ]
