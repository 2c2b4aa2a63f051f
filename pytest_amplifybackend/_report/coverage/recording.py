"""Collects what the fakes of a process have met, between their calls and never during one."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from pathlib import Path

from pytest_amplifybackend._report.coverage import facts
from pytest_amplifybackend._report.coverage.data import Data, process_file
from pytest_amplifybackend._report.coverage.parts import parts
from pytest_amplifybackend._service.backend import Service, living
from pytest_amplifybackend._service.jobs import JobRecord

_MOST_KEPT = 100
"""How many services are kept alive until their calls have been looked at."""

_PATIENCE = 1.0
"""How long to wait for a call that is being answered, in seconds; its fake is looked at later."""

_BY_THE_TEST = "call"
"""The transport of ``fake.call()``, with which a test and not its program calls."""


class Recorder:
    """Observes every service of the process, and writes what they met to a file of its own.

    ``test`` gives the id of the running test, or an empty string.
    """

    def __init__(self, folder: Path, test: Callable[[], str] = lambda: "") -> None:
        self._folder = folder
        self._test = test
        self._kept: list[Service] = []
        self._jobs: list[JobRecord] = []
        self.data = Data()

    def start(self) -> None:
        """Observe all services from now on, those of forked children included."""
        self._leave_out_the_past()
        Service.observer = self
        os.register_at_fork(after_in_child=self._begin_in_child)

    def stop(self) -> None:
        """Observe no more, and write the file if there is anything to write."""
        if Service.observer is not self:
            return
        self.collect()
        Service.observer = None
        if len(self.data):
            self.data.write(process_file(self._folder))

    def created(self, service: Service) -> None:
        self._kept.append(service)
        if len(self._kept) > _MOST_KEPT:
            self.collect()

    def forgetting(self, service: Service) -> None:
        self._look_at(service)

    def collect(self) -> None:
        """Take note of what has happened since the last time; done at the end of each test."""
        for _, service in living():
            with service.locked(_PATIENCE) as free:
                if free:
                    self._look_at(service)
        self._kept.clear()
        self._jobs = [job for job in self._jobs if not self._has_ended(job)]

    def _look_at(self, service: Service) -> None:
        service.settle()
        test, history = self._test(), service.history
        for call in history[history.observed :]:
            if call.transport == _BY_THE_TEST or call.operation not in parts():
                continue
            self.data.add(facts.of_call(call), test)
            job = service.state.jobs.get((call.response or {}).get("JobId", ""))
            if job is not None and job.operation == call.operation:
                self._jobs.append(job)
        history.observed = len(history)
        moved = service.worker.moved
        if moved:
            self.data.add((facts.of_move(*move) for move in moved), test)
            moved.clear()

    def _has_ended(self, job: JobRecord) -> bool:
        if not job.unfinished:
            self.data.add(facts.of_job(job), self._test())
        return not job.unfinished

    def _leave_out_the_past(self) -> None:
        for _, service in living():
            service.history.observed = len(service.history)
            service.worker.moved = set()

    def _begin_in_child(self) -> None:
        """In a forked child: what the parent has seen is not the child's to tell."""
        if Service.observer is not self:
            return
        from multiprocessing import util

        self.data = Data()
        self._kept, self._jobs = [], []
        self._leave_out_the_past()
        # Processes of multiprocessing end without atexit, and forget finalizers when they begin.
        util.register_after_fork(self, lambda it: util.Finalize(it, it.stop, exitpriority=10))
        atexit.register(self.stop)
