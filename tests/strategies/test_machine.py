"""The machine agrees with the service, and does not agree with a broken one."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any, ClassVar

import pytest

pytest.importorskip("hypothesis", reason="strategies need the hypothesis extra")

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.stateful import run_state_machine_as_test
from machines import POLICIES, FakeMachine, machine_of
from mutants import MUTANTS, mutated
from mutants import finds as finds_mutant
from volume import FULL, budget, full_only, only_full
from wrong_clients import WRONG, Wrong

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend.strategies import AmplifyBackendMachine
from pytest_amplifybackend.strategies._internal.checking import Checker
from pytest_amplifybackend.strategies._internal.oracle import Oracle
from pytest_amplifybackend.strategies._internal.script import Script

STEPS = 50


def explore(machine: type[AmplifyBackendMachine], runs: int, **options: Any) -> None:
    """So many runs, without shrinking: whether something is found is all that counts."""
    chosen = {
        "phases": (Phase.generate,),
        "stateful_step_count": STEPS,
        "suppress_health_check": [HealthCheck.too_slow],  # the computer may be busy
        "print_blob": False,  # where CI is set, it would follow the program that a failure prints
        **options,
    }
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs, deadline=None, database=None, report_multiple_bugs=False, **chosen
        ),
    )


@pytest.mark.volume
@pytest.mark.parametrize("policy", POLICIES)
def test_the_machine_finds_nothing_in_the_service(policy: str) -> None:
    explore(machine_of(policy), budget(500, 4))


def finds(name: str, runs: int) -> bool:
    """Whether the machine notices a wrong client, its runs shared among the policies."""
    return any(differs(policy, WRONG[name], runs // len(POLICIES)) for policy in POLICIES)


def differs(policy: str, wrong: Wrong, runs: int) -> bool:
    try:
        explore(machine_of(policy, wrong), runs, derandomize=True)
    except Exception:  # noqa: BLE001  (a wrong client may raise anything)
        return True
    return False


EASY = (
    "failed_job_is_completed",
    "jobs_are_listed_oldest_first",
    "not_found_is_a_bad_request",
    "page_is_one_too_short",
    "status_filter_is_ignored",
)
"""What is noticed within a few runs; the others need the full budget."""


@pytest.mark.parametrize("name", EASY)
def test_the_machine_notices_a_wrong_client(name: str) -> None:
    assert finds(name, 40)


@pytest.mark.volume
@pytest.mark.skipif(not FULL, reason="set AMPLIFYBACKEND_TEST_FULL=1 to try all wrong clients")
def test_the_machine_notices_nearly_every_wrong_client() -> None:
    tried = [name for name, wrong in WRONG.items() if wrong.transport == "stubber"]
    missed = [name for name in tried if not finds(name, 100)]
    assert len(missed) * 5 <= len(tried), missed


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_changes_a_line_of_the_service(name: str) -> None:
    compile(mutated(MUTANTS[name]), name, "exec")


@full_only
@pytest.mark.parametrize("name", MUTANTS)
def test_the_machine_finds_a_mutant_of_the_service(name: str, tmp_path: Path) -> None:
    assert finds_mutant(name, tmp_path)


@full_only
def test_the_machine_finds_no_mutant_where_nothing_is_changed(tmp_path: Path) -> None:
    assert not finds_mutant(None, tmp_path)


def printed(machine: type[AmplifyBackendMachine], capsys: Any, **options: Any) -> str:
    """The program that a failure of a machine prints."""
    failing = {"phases": (Phase.generate, Phase.shrink), "derandomize": True, **options}
    with pytest.raises(Exception) as failure:  # noqa: PT011  (a wrong client may raise anything)
        explore(machine, 200, **failing)
    notes = getattr(failure.value, "__notes__", ())
    text = "\n".join([*notes, capsys.readouterr().out])
    return text.partition("as a program:\n")[2].partition("\nstate.")[0]


PROGRAMS = [
    pytest.param("not_found_is_a_bad_request", 1, ""),
    pytest.param("jobs_are_listed_oldest_first", 3, "list_backend_jobs", marks=only_full()),
    pytest.param("reading_a_token_consumes_it", 4, "get_token", marks=only_full()),
]
"""The number of calls in the least program that shows a fault, and the last of them."""


@pytest.mark.parametrize(("name", "size", "last"), PROGRAMS)
def test_a_failure_prints_the_least_program_which_runs_as_it_is(
    name: str, size: int, last: str, capsys: Any
) -> None:
    program = printed(machine_of("immediate", WRONG[name]), capsys, stateful_step_count=12)
    calls = re.findall(r"^answer\d+ = call\(client\.(\w+)", program, re.MULTILINE)
    assert len(calls) == size
    assert calls[-1].startswith(last)
    after = program.partition(f"\nanswer{size} = ")[2].splitlines()[1:]
    assert after
    assert all(line.startswith("# FAILS: ") for line in after if line)
    fake = FakeAmplifyBackend()
    with fake:
        exec(program, {})
    assert len(fake.calls) == size
    assert capsys.readouterr().out.count("\n") == size


class Fresh(FakeMachine):
    """Over a backend that is never emptied, as at a URL."""

    wrong: ClassVar[Wrong | None] = WRONG["app_has_its_id_for_a_name"]
    exact = False
    fake = FakeAmplifyBackend()
    numbers = itertools.count()

    def connect(self) -> Any:
        assert self.wrong is not None
        return self.wrong.client(self.fake, self.fake.region)

    def fresh_apps(self) -> list[str]:
        return [f"d{next(self.numbers)}" for _ in self.app_pool]


def test_at_a_url_runs_and_programs_have_apps_of_their_own(capsys: Any) -> None:
    program = printed(Fresh, capsys, stateful_step_count=12)
    assert 'app1 = "d" + secrets.token_hex(9)' in program
    before = len(Fresh.fake.calls)
    for _ in range(2):  # it can be run again: its apps are new each time
        with Fresh.fake:
            exec(program, {})
    apps = {call.params["AppId"] for call in Fresh.fake.calls[before:]}
    assert len(apps) == 2
    assert all(call.error is None for call in Fresh.fake.calls[before:])


def test_a_program_that_waits_runs_too() -> None:
    script = Script("us-east-1")
    script.call("CreateToken", {"AppId": "d1", "Odd": [float("nan"), {"a": b"b"}]})
    script.waited(5.0)
    waited: list[float] = []
    exec(str(script), {"shift": waited.append})
    assert waited == [5.0]


def test_options_of_a_machine_are_held_to_the_operations() -> None:
    class Misspelt(FakeMachine):
        weights: ClassVar[dict[str, int]] = {"CreateBackends": 2}

    with pytest.raises(InvalidArgument, match="did you mean 'CreateBackend'"):
        Misspelt()


def test_a_machine_calls_only_what_it_may() -> None:
    class Narrow(FakeMachine):
        operations = ("CreateBackend", "DeleteBackend", "CreateToken")
        weights: ClassVar[dict[str, int]] = {"DeleteBackend": 0}

    explore(Narrow, 5)
    called = {call.operation for call in Narrow._shared.calls}
    reads = {"GetBackend", "GetBackendJob", "GetToken", "ListBackendJobs", "ListS3Buckets"}
    assert called <= {"CreateBackend", "CreateToken", *reads}


def test_a_machine_needs_a_client() -> None:
    with pytest.raises(NotImplementedError, match="connect"):
        AmplifyBackendMachine()


class Polling(FakeMachine):
    """Waits for jobs as it would have to with a real endpoint."""

    progress = "poll"
    exact = False
    poll_seconds = 0.001

    def connect(self) -> Any:
        self.fake = FakeAmplifyBackend(jobs=progress.after_reads(2))
        return self.fake.client()


def test_a_machine_can_wait_for_jobs_by_polling() -> None:
    explore(Polling, 3)


@settings(max_examples=20, database=None)
@given(st.data())
def test_a_job_of_a_whole_app_is_polled_under_a_name_that_the_app_has(data: st.DataObject) -> None:
    machine = Polling()
    app, there, never = machine.app_pool[0], *machine.environment_pool[:2]
    assume(isinstance(machine._change(data, "CreateBackend", app, there, "shop"), tuple))
    assume(isinstance(machine._change(data, "RemoveAllBackends", app, never, "shop"), tuple))
    machine.fake.assert_called("GetBackendJob", BackendEnvironmentName=there)
    machine.disconnect()


def test_an_app_may_go_while_time_passes() -> None:
    """Looking at the token of one app settles the jobs of all."""
    machine = machine_of("after_seconds:30")()
    first, second = machine.app_pool
    for app in (first, second):
        machine.checker.call(
            "CreateBackend", {"AppId": app, "AppName": "Shop", "BackendEnvironmentName": "dev"}
        )
        machine.checker.wait(31.0)
        machine.issue(app)
    machine.checker.call("RemoveAllBackends", {"AppId": second, "CleanAmplifyApp": True})
    machine.wait(31.0)
    assert [*machine.oracle.apps] == [first]
    machine.teardown()


def test_an_operation_that_the_oracle_does_not_know_is_named_with_the_file_to_change() -> None:
    fake = FakeAmplifyBackend()
    checker = Checker(fake.client(), Oracle("immediate", "us-east-1", exact=True))
    with pytest.raises(
        LookupError, match=r"not know ListFutures: .* strategies/.*oracle_reads\.py"
    ):
        checker.call("ListFutures", {"AppId": "d1shop"})
    assert not fake.calls
