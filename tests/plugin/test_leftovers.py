"""A fake that a test, an import or a run leaves active is an error there, and is deactivated."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from leaving import AROUND_YIELD, STOPPED, WHERE, run, sentence, told


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
