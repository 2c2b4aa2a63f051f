"""A fake that a test or a fixture leaves active is an error there, and is deactivated."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from textwrap import dedent

import pytest

from pytest_amplifybackend._transports.activation import ACTIVE

STOPPED = "It has been deactivated now, so that it affects no other test."
USE_WITH = "Use `with FakeAmplifyBackend():` or the fixture 'amplifybackend'."
AROUND_YIELD = "Put `with FakeAmplifyBackend():` around the fixture's yield."
HEAD = """
    import pytest
    from pytest_amplifybackend import FakeAmplifyBackend
    from pytest_amplifybackend._transports.activation import ACTIVE

    def activate():
        fake = FakeAmplifyBackend()
        fake.activate()  # line 7
        return fake

    def none_is_left():
        return not ACTIVE
"""
WHERE = "activating.py:7"
"""Where the helper above, and so every test here, activates a fake."""


@pytest.fixture
def project(site: pytest.Pytester) -> Iterator[pytest.Pytester]:
    """A project whose tests import ``activating``; none of its fakes outlives a run."""
    site.makepyfile(activating=HEAD)
    site.syspathinsert()
    yield site
    assert ACTIVE == []


def run(project: pytest.Pytester, tests: str, *options: str, **files: str) -> pytest.RunResult:
    """A run of a test file, which comes first, in order."""
    if files:
        project.makepyfile(**files)
    head = "from activating import *\n\n"
    (project.path / "test_a.py").write_text(head + dedent(tests).lstrip("\n"))
    options = ("-p", "no:randomly", "-p", "no:cacheprovider", *options)
    return project.runpytest(*options, no_reraise_ctrlc=True)


def sentence(who: str, advice: str = USE_WITH, where: str = WHERE, what: str = "") -> str:
    statement = what or "FakeAmplifyBackend()"
    return f"{where}: {who} activated {statement} here and left it active. {STOPPED} {advice}"


def told(result: pytest.RunResult) -> list[str]:
    """The sentences of a run, in order; the summary repeats them, under CI at full length."""
    body = "\n".join(result.outlines).partition("short test summary info")[0]
    return [
        line.removeprefix("E").strip() for line in body.splitlines() if "left it active" in line
    ]


# Tests


def test_a_test_that_leaves_a_fake_active(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import threading

        def test_passes():
            activate()

        def test_fails():
            assert none_is_left()
            activate()
            assert 0

        def test_skips():
            activate()
            pytest.skip("no")

        def test_xfails():
            activate()
            pytest.xfail("no")

        @pytest.mark.parametrize("leaves", [False, True, False])
        def test_parameter(leaves):
            assert none_is_left()
            if leaves:
                activate()

        def test_with_fixtures(amplifybackend, amplifybackend_client):
            activate()

        def test_fixture(amplifybackend):
            assert len(ACTIVE) == 1

        def test_thread():
            thread = threading.Thread(target=lambda: activate())
            thread.start()
            thread.join()

        def test_clean():
            assert none_is_left()
        """,
    )
    result.assert_outcomes(passed=8, failed=1, skipped=1, xfailed=1, errors=7)
    assert told(result) == [sentence("the test")] * 7
    at = ("passes", "fails", "skips", "xfails", "parameter[[]True[]]", "with_fixtures", "thread")
    result.stdout.fnmatch_lines([f"*ERROR at teardown of test_{name}*" for name in at])
    for hidden in ("*plugin.py*", "*leftovers.py*", "*Traceback*"):
        result.stdout.no_fnmatch_line(hidden)


def test_every_way_to_activate(project: pytest.Pytester) -> None:
    for name in ("responses", "moto", "flask"):
        pytest.importorskip(name)
    result = run(
        project,
        """
        import contextlib

        def test_two():
            FakeAmplifyBackend().__enter__()
            contextlib.ExitStack().enter_context(FakeAmplifyBackend(transport="wire"))

        def test_serve():
            FakeAmplifyBackend().serve().__enter__()

        def test_requests():
            FakeAmplifyBackend().behind_requests().__enter__()

        def test_moto():
            FakeAmplifyBackend(moto=True).activate()

        def test_deactivation_fails():
            server = FakeAmplifyBackend().serve()
            server.__enter__()
            stop = server.stop

            def failing():
                stop()
                raise OSError("no room")

            server.stop = failing

        def test_clean():
            assert none_is_left()
            from botocore.client import BaseClient
            from moto.core.models import MockAWS
            from requests.adapters import HTTPAdapter
            assert BaseClient._make_api_call.__module__ == "botocore.client"
            assert HTTPAdapter.send.__module__ == "requests.adapters"
            assert not MockAWS._mocks_active
        """,
    )
    result.assert_outcomes(passed=6, errors=5)
    served = "Use `with fake.serve():` or the fixture 'amplifybackend_server'."
    mocked = "Use `with fake.behind_requests():` or the fixture 'amplifybackend_responses'."
    assert told(result) == [
        sentence("the test", where="test_a.py:7"),
        sentence("the test", where="test_a.py:6"),
        sentence("the test", served, "test_a.py:10", "fake.serve()"),
        sentence("the test", mocked, "test_a.py:13", "fake.behind_requests()"),
        sentence("the test", where="test_a.py:16"),
        sentence("the test", served, "test_a.py:20", "fake.serve()").replace(
            STOPPED, f"{STOPPED} That raised OSError: no room."
        ),
    ]


def test_tests_that_end_what_they_began(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        import concurrent.futures
        import contextlib

        FAKE = FakeAmplifyBackend()

        @pytest.fixture
        def stack():
            with contextlib.ExitStack() as stack:
                yield stack

        @pytest.fixture
        def made(stack):
            return stack.enter_context(FakeAmplifyBackend())

        @pytest.fixture(scope="module")
        def pool():
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                pool.submit(int).result()
                yield pool

        @pytest.fixture(scope="module")
        def fakes(pool):
            fakes = []
            yield fakes
            for fake in fakes:
                fake.deactivate()

        def test_deactivate():
            activate().deactivate()

        def test_finalizer(request):
            request.addfinalizer(activate().deactivate)

        def test_of_a_fixture(stack):
            stack.enter_context(FakeAmplifyBackend())

        def test_a_fixture_that_another_one_cleans_up_after(made, stack):
            made.add_app("d1abc")
            stack.enter_context(FakeAmplifyBackend())

        @pytest.mark.parametrize("number", range(2))
        def test_one_fake_for_many(number, request):
            FAKE.activate()
            request.addfinalizer(FAKE.deactivate)

        def test_outside(tmp_path):
            with FakeAmplifyBackend(), FakeAmplifyBackend():
                assert len(ACTIVE) == 2

        def test_a_thread_of_others(pool, fakes):
            fakes.append(pool.submit(activate).result())

        def test_thereafter(fakes):
            assert len(ACTIVE) == 1
        """,
    )
    result.assert_outcomes(passed=9)


# Fixtures


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


# Imports


def test_fakes_activated_by_imports(project: pytest.Pytester) -> None:
    files = {
        "test_b": "activate()\nraise ValueError('oops')\n",
        "test_c": "with FakeAmplifyBackend(): pass\n\ndef test_it(): assert none_is_left()\n",
    }
    for name, text in files.items():
        (project.path / f"{name}.py").write_text(f"from activating import *\n\n{text}")
    result = run(
        project,
        "FakeAmplifyBackend().activate()\n\ndef test_it(): pass\n",
        "--continue-on-collection-errors",
    )
    result.assert_outcomes(passed=1, errors=2)
    advice = "Use `with FakeAmplifyBackend():` in a fixture or in a test."
    text = sentence("importing the test module", advice, "test_a.py:3")
    result.stdout.fnmatch_lines(["*ERROR collecting test_a.py*", text])
    result.stdout.fnmatch_lines(["E   ValueError: oops", f"{WHERE}: importing the test module *"])


# Runs


def test_the_run_of_a_run(project: pytest.Pytester) -> None:
    """A run within a test ends its own leftovers, and not those of the test."""
    result = run(
        project,
        """
        pytest_plugins = ["pytester"]

        def test_bad(pytester):
            activate()
            pytester.makepyfile(
                "from activating import *\\n\\n"
                "def test_inner():\\n    FakeAmplifyBackend().activate()\\n"
            )
            inner = pytester.runpytest("-p", "no:randomly")
            inner.assert_outcomes(passed=1, errors=1)
            assert len(ACTIVE) == 1
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"*{sentence('the test')}"])


def test_a_run_that_ends_with_its_first_failure(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        @pytest.fixture(scope="module")
        def shop():
            return activate()

        def test_bad(shop):
            FakeAmplifyBackend().activate()
            assert 0

        def test_never(shop): pass
        """,
        "-x",
    )
    outcomes = result.parseoutcomes()
    assert (outcomes["failed"], outcomes["errors"]) == (1, 1)
    assert set(told(result)) == {
        sentence("the test", where="test_a.py:8"),
        sentence("the fixture 'shop'", AROUND_YIELD),
    }


@pytest.mark.parametrize("how", ["raise KeyboardInterrupt", "pytest.exit('enough')"])
def test_a_run_that_is_interrupted(project: pytest.Pytester, how: str) -> None:
    result = run(
        project,
        f"""
        @pytest.fixture(scope="session")
        def shop():
            return activate()

        def test_bad(shop):
            FakeAmplifyBackend().activate()
            {how}
        """,
    )
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*amplifybackend: fakes left active*"])
    assert set(told(result)) == {
        sentence("the test", where="test_a.py:8"),
        sentence("the fixture 'shop'", AROUND_YIELD),
    }


def test_asynchronous_tests_and_fixtures(project: pytest.Pytester) -> None:
    pytest.importorskip("anyio")
    backends = [name for name in ("asyncio", "trio") if find_spec(name)]
    result = run(
        project,
        f"""
        pytestmark = pytest.mark.anyio

        @pytest.fixture(params={backends})
        def anyio_backend(request):
            return request.param

        @pytest.fixture
        async def good():
            with FakeAmplifyBackend() as fake:
                yield fake

        async def test_bad(good):
            activate()
        """,
    )
    result.assert_outcomes(passed=len(backends), errors=len(backends))
    assert told(result) == [sentence("the test")] * len(backends)


def test_properties(project: pytest.Pytester) -> None:
    pytest.importorskip("hypothesis")
    result = run(
        project,
        """
        from hypothesis import given, settings, strategies as st

        @settings(max_examples=5, database=None, deadline=None)
        @given(st.integers())
        def test_good(amplifybackend_factory, number):
            with amplifybackend_factory():
                pass

        @settings(max_examples=1, database=None, deadline=None)
        @given(st.integers())
        def test_bad(number):
            activate()
        """,
    )
    result.assert_outcomes(passed=2, errors=1)
