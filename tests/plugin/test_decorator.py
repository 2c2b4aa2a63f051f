"""``@fake_amplifybackend`` on all that can be decorated, and as a context manager."""

from __future__ import annotations

import asyncio
import inspect
import unittest
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import boto3
import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors, fake_amplifybackend, progress
from pytest_amplifybackend._transports.activation import ACTIVE

DEV = {"AppId": "d1", "BackendEnvironmentName": "dev"}


@pytest.fixture(autouse=True)
def none_is_left() -> Iterator[None]:
    assert ACTIVE == []
    yield
    assert ACTIVE == []


def deployed() -> str:
    """The status of the job of a deployment by an ordinary client."""
    client = boto3.client("amplifybackend", region_name="us-east-1")
    job = client.create_backend(AppName="shop", **DEV)["JobId"]
    return str(client.get_backend_job(JobId=job, **DEV)["Status"])


def test_a_bare_decorator() -> None:
    @fake_amplifybackend
    def program() -> str:
        """Deploys."""
        return deployed()

    assert [program(), program()] == ["COMPLETED", "COMPLETED"]  # each in a fake of its own
    assert (program.__name__, program.__doc__) == ("program", "Deploys.")


def test_options() -> None:
    @fake_amplifybackend(jobs="manual")
    def program() -> str:
        return deployed()

    assert program() == "PENDING"


def test_the_fake_is_a_parameter_if_it_is_named_so() -> None:
    @fake_amplifybackend(region="eu-west-1")
    def program(first: int, amplifybackend: FakeAmplifyBackend, *, second: int = 2) -> Any:
        return first, second, amplifybackend.region, len(ACTIVE)

    called: Callable[..., Any] = program
    assert called(1, second=3) == (1, 3, "eu-west-1", 1)
    assert list(inspect.signature(program).parameters) == ["first", "second"]


def test_an_error_ends_it_and_comes_through() -> None:
    @fake_amplifybackend
    def program() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        program()


def test_a_coroutine_function() -> None:
    @fake_amplifybackend(jobs="manual")
    async def program(amplifybackend: FakeAmplifyBackend) -> Any:
        await asyncio.sleep(0)
        return deployed(), amplifybackend.jobs[0].status

    assert inspect.iscoroutinefunction(program)
    called: Callable[..., Any] = program
    assert asyncio.run(called()) == ("PENDING", "PENDING")


def test_a_generator_function() -> None:
    @fake_amplifybackend
    def program() -> Iterator[Any]:
        sent = yield deployed()
        try:
            yield sent
        finally:
            assert len(ACTIVE) == 1

    assert inspect.isgeneratorfunction(program)
    made: Any = program()
    assert next(made) == "COMPLETED"
    assert made.send("sent") == "sent"
    made.close()


def test_an_asynchronous_generator_function() -> None:
    ended = []

    @fake_amplifybackend
    async def program() -> AsyncIterator[str]:
        try:
            yield deployed()
        finally:
            ended.append(len(ACTIVE))

    async def user() -> str:
        made: Any = program()
        first: str = await anext(made)
        await made.aclose()
        return first

    assert inspect.isasyncgenfunction(program)
    assert asyncio.run(user()) == "COMPLETED"
    assert ended == [1]


def test_methods_of_each_kind() -> None:
    class Tool:
        @fake_amplifybackend
        def plain(self) -> str:
            return deployed()

        @fake_amplifybackend
        @staticmethod
        def static() -> str:
            return deployed()

        @classmethod
        @fake_amplifybackend
        def of_class(cls) -> str:
            return deployed()

    assert {Tool().plain(), Tool.static(), Tool.of_class()} == {"COMPLETED"}


def test_a_context_manager_that_nests() -> None:
    made = fake_amplifybackend(jobs=progress.manual())
    with made as outer:
        with made as inner:
            assert deployed() == "PENDING"
            assert (len(inner.calls), len(outer.calls)) == (2, 0)
        assert deployed() == "PENDING"
        assert len(outer.calls) == 2


@pytest.mark.parametrize(
    ("decorate", "kind", "sentence"),
    [
        (lambda: fake_amplifybackend(sede=7), TypeError, "no option 'sede': did you mean 'seed'?"),
        (lambda: fake_amplifybackend(jobs="manually"), errors.UsageError, "jobs must be 'immediat"),
        (lambda: fake_amplifybackend(3), errors.UsageError, "or a class, not 3. Its options are "),
        (lambda: fake_amplifybackend("manual"), errors.UsageError, "a class, not 'manual'."),
    ],
)
def test_a_mistake_shows_where_it_is_made(decorate: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(kind) as caught:
        decorate()
    assert sentence in str(caught.value)


def run(case: type[unittest.TestCase]) -> unittest.TestResult:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def test_a_test_case() -> None:
    seen = []

    @fake_amplifybackend(jobs="manual")
    class Case(unittest.TestCase):
        amplifybackend: FakeAmplifyBackend

        def setUp(self) -> None:
            self.amplifybackend.add_app("d0")

        def tearDown(self) -> None:
            seen.append([call.operation for call in self.amplifybackend.calls])

        def test_one(self) -> None:
            assert deployed() == "PENDING"

        def test_two(self) -> None:
            assert deployed() == "PENDING"
            self.fail("on purpose")

        def test_three(self, amplifybackend: FakeAmplifyBackend) -> None:
            assert amplifybackend is self.amplifybackend

        @fake_amplifybackend(jobs="immediate")
        def test_with_other_options(self) -> None:
            assert deployed() == "COMPLETED"

        @unittest.skip("on purpose")
        def test_skipped(self) -> None:
            raise AssertionError

    result = run(Case)
    assert (len(result.skipped), len(result.failures), result.errors) == (1, 1, [])
    assert sorted(map(len, seen)) == [0, 0, 2, 2]


def test_an_asynchronous_test_case() -> None:
    @fake_amplifybackend(jobs="manual")
    class Case(unittest.IsolatedAsyncioTestCase):
        amplifybackend: FakeAmplifyBackend

        async def asyncSetUp(self) -> None:
            self.amplifybackend.add_app("d0")

        async def test_it(self, amplifybackend: FakeAmplifyBackend) -> None:
            assert deployed() == "PENDING"
            assert len(amplifybackend.jobs) == 1

    result = run(Case)
    assert (result.testsRun, result.failures, result.errors) == (1, [], [])


def test_a_subclass_has_the_options_of_its_own_decorator() -> None:
    @fake_amplifybackend(jobs="manual")
    class Base(unittest.TestCase):
        def test_it(self) -> None:
            assert deployed() == getattr(self, "expected", "PENDING")
            assert len(ACTIVE) == 1

    @fake_amplifybackend
    class Other(Base):
        expected = "COMPLETED"

    class Inherited(Base):
        pass

    for case in (Base, Other, Inherited):
        result = run(case)
        assert (result.testsRun, result.failures, result.errors) == (1, [], [])


WITH_PYTEST = """
    import unittest
    from unittest import mock

    import boto3
    import pytest
    from hypothesis import given, settings, strategies as st

    from pytest_amplifybackend import fake_amplifybackend
    from pytest_amplifybackend._transports.activation import ACTIVE

    DEV = {"AppId": "d1", "BackendEnvironmentName": "dev"}

    def deployed():
        client = boto3.client("amplifybackend", region_name="us-east-1")
        job = client.create_backend(AppName="shop", **DEV)["JobId"]
        return client.get_backend_job(JobId=job, **DEV)["Status"]

    @pytest.fixture
    def five():
        return 5

    @fake_amplifybackend(jobs="manual")
    @pytest.mark.parametrize("number", [1, 2])
    def test_function(five, number, amplifybackend, tmp_path):
        assert (five, deployed(), len(ACTIVE)) == (5, "PENDING", 1)
        assert amplifybackend.jobs[0].status == "PENDING"

    @pytest.mark.anyio
    @pytest.mark.parametrize("anyio_backend", ["asyncio"])
    @fake_amplifybackend(jobs="manual")
    async def test_coroutine(five, anyio_backend, amplifybackend):
        assert (five, deployed()) == (5, "PENDING")

    @fake_amplifybackend
    @mock.patch("os.getcwd")
    def test_patched(getcwd, five, amplifybackend):
        assert (five, deployed()) == (5, "COMPLETED")
        assert getcwd.called is False

    @settings(max_examples=3, database=None, deadline=None)
    @given(number=st.integers())
    @fake_amplifybackend
    def test_each_example_has_a_fake(number, amplifybackend):
        assert (deployed(), len(amplifybackend.jobs)) == ("COMPLETED", 1)

    @pytest.fixture
    @fake_amplifybackend(jobs="manual")
    def shop(amplifybackend):
        deployed()
        yield amplifybackend

    def test_fixture(shop, five):
        assert [job.status for job in shop.jobs] == ["PENDING"]
        assert len(ACTIVE) == 1

    @fake_amplifybackend(jobs="manual")
    class TestPlain:
        def setup_method(self):
            self.amplifybackend.add_app("d0")

        @pytest.fixture
        def job(self, five):
            return deployed()

        def test_one(self, job, five):
            assert (job, len(ACTIVE), len(self.amplifybackend.calls)) == ("PENDING", 1, 2)

        def test_two(self, five, amplifybackend):
            assert amplifybackend is self.amplifybackend
            assert len(amplifybackend.calls) == 0

        def test_client(self, amplifybackend_client, amplifybackend_time):
            assert amplifybackend_client.get_backend(AppId="d0")["AppId"] == "d0"
            assert amplifybackend_time is self.amplifybackend.clock
            assert (len(self.amplifybackend.calls), len(ACTIVE)) == (1, 1)

        @pytest.mark.parametrize("number", [1, 2])
        def test_three(self, number, tmp_path):
            assert len(self.amplifybackend.calls) == 0

    class TestInherits(TestPlain):
        def setup_method(self, method):
            super().setup_method(method)
            assert method.__name__.startswith("test_")

    @fake_amplifybackend
    class TestOther(TestPlain):
        def test_one(self, job):
            assert job == "COMPLETED"

    @fake_amplifybackend(jobs="manual")
    class Case(unittest.TestCase):
        def setUp(self):
            self.amplifybackend.add_app("d0")

        def test_it(self):
            assert deployed() == "PENDING"

    def test_nothing_is_left():
        assert ACTIVE == []
"""


def test_with_pytest(site: pytest.Pytester) -> None:
    pytest.importorskip("hypothesis")
    site.makepyfile(WITH_PYTEST)
    result = site.runpytest("-p", "no:randomly", "-W", "error")
    result.assert_outcomes(passed=23)


def test_setup_that_fails_leaves_no_fake(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        from pytest_amplifybackend import fake_amplifybackend
        from pytest_amplifybackend._transports.activation import ACTIVE

        @fake_amplifybackend
        class TestIt:
            def setup_method(self):
                raise KeyError

            def test_it(self):
                pass

        def test_after():
            assert ACTIVE == []
        """
    )
    result = site.runpytest("-p", "no:randomly")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.no_fnmatch_line("*left it active*")


def test_a_failure_shows_the_test_and_none_of_the_package(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        from pytest_amplifybackend import fake_amplifybackend

        @fake_amplifybackend(jobs="manual")
        def test_it(amplifybackend):
            assert amplifybackend is None
        """
    )
    result = site.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">       assert amplifybackend is None"])
    result.stdout.no_fnmatch_line("*_decorator.py*")
