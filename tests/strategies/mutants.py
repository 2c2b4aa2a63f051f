"""Mutants of the service, each one wrong in one line, which the machine has to find.

A row is a file, what stands there and what stands there instead. They are of kinds that clients
wrong from outside cannot be: what a chain of calls leaves behind, what a default or a copy forgets,
what happens at an edge of a length or of time, and what leaks from one thing to another.

``python tests/strategies/mutants.py NAME`` lets the machine look for one, in 200 runs of 50 steps;
without a name for each, after the service as it is, in which it has to find nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
RUNS = 200


class Mutant(NamedTuple):
    file: str
    before: str
    after: str


_ENVIRONMENTS, _JOBS, _API = "handlers/environments.py", "handlers/jobs.py", "handlers/api.py"
_AUTH, _STORAGE, _STUDIO = "handlers/auth.py", "handlers/storage.py", "handlers/studio.py"

MUTANTS = {
    # Chains of calls
    "models_go_with_a_clone": Mutant(
        _ENVIRONMENTS,
        "    return Resource(resource.name, config, outputs, context.now)\n",
        "    models = resource.models\n"
        "    return Resource(resource.name, config, outputs, context.now, models=models)\n",
    ),
    "an_ended_job_keeps_its_operation": Mutant(
        _JOBS,
        'if "Operation" in params and params["Operation"] != job.operation:',
        'if "Operation" in params and job.unfinished:',
    ),
    "a_renamed_job_is_touched_though_nothing_changes": Mutant(
        _JOBS,
        'if "Operation" in params and params["Operation"] != job.operation:',
        'if "Operation" in params:',
    ),
    "the_last_environment_takes_the_app_along": Mutant(
        _ENVIRONMENTS,
        "    del app.environments[environment.name]\n",
        "    del app.environments[environment.name]\n"
        "    if not app.environments:\n"
        "        del context.state.apps[context.region, app.app_id]\n",
    ),
    "an_imported_resource_goes_with_a_clone": Mutant(
        _ENVIRONMENTS,
        "if family in source.resources and not source.resources[family].imported",
        "if family in source.resources",
    ),
    "models_are_made_of_the_first_schema": Mutant(
        _API,
        '    text = api.config["TransformSchema"]\n',
        '    text = (api.models or {"schema": api.config["TransformSchema"]})["schema"]\n',
    ),
    # Defaults and what was there before
    "an_empty_list_of_modes_is_an_update": Mutant(
        _API,
        '_SKIPPED_EMPTY = ("TransformSchema", "AdditionalAuthTypes")',
        '_SKIPPED_EMPTY = ("TransformSchema",)',
    ),
    "an_update_renames_an_api": Mutant(_API, 'if name != "ApiName" and not', "if not"),
    "an_update_leaves_guests_in": Mutant(
        _STORAGE,
        '    config["Permissions"] = {"UnAuthenticated": [], **config["Permissions"]}\n',
        '    config["Permissions"] = {**storage.config["Permissions"], **config["Permissions"]}\n',
    ),
    "an_update_names_the_identity_pool_anew": Mutant(
        _AUTH, 'before.get("IdentityPoolName", identities)', "identities"
    ),
    "a_part_of_oauth_resets_the_rest": Mutant(
        _AUTH, "{**defaults, **before, **changes}", "{**before, **defaults, **changes}"
    ),
    # Edges
    "a_long_name_of_an_app_is_cut": Mutant(
        _ENVIRONMENTS,
        'App(app_id, params["AppName"], created',
        'App(app_id, params["AppName"][:40], created',
    ),
    "control_characters_are_dropped": Mutant(
        _ENVIRONMENTS,
        'App(app_id, params["AppName"], created',
        'App(app_id, params["AppName"].replace("\\x1b", ""), created',
    ),
    "a_token_lives_a_moment_longer": Mutant(
        "state.py", "now < self.expires or", "now <= self.expires or"
    ),
    # What is repeated, and what belongs to another
    "repeated_permissions_are_one": Mutant(
        _STORAGE,
        "    outputs = context.provisioner.create_storage(place, name, config)\n",
        "    outputs = context.provisioner.create_storage(place, name, config)\n"
        '    allowed = config["Permissions"]\n'
        "    once = {who: [*dict.fromkeys(what)] for who, what in allowed.items()}\n"
        '    config = {**config, "Permissions": once}\n',
    ),
    "two_filters_are_one_or_the_other": Mutant(
        _JOBS, "return lambda job: all(getattr", "return lambda job: any(getattr"
    ),
    "a_page_token_serves_another_list": Mutant(
        _JOBS,
        "if type(number) is int and check == _check(number, key, filters):",
        "if type(number) is int:",
    ),
    "a_job_bars_all_environments": Mutant(
        "jobs.py",
        "if job.app_wide or environment is None or environment in job.environments:",
        "if job.app_wide or environment is None or job.environments:",
    ),
    "the_login_of_studio_is_shared": Mutant(
        _STUDIO,
        'app.studio.login = copied(params["LoginAuthConfig"])',
        "app.studio.login = app.studio.outputs",
    ),
}


def finds(name: str | None, folder: Path) -> bool:
    """Whether the machine finds a mutant, or fails where nothing is changed.

    Raises AssertionError for a mutant whose line is there no more.
    """
    copy = folder / "pytest_amplifybackend"
    shutil.copytree(
        ROOT / "pytest_amplifybackend", copy, ignore=shutil.ignore_patterns("__pycache__")
    )
    if name is not None:
        _change(copy / "_service", MUTANTS[name])
    code = f"import mutants; mutants.look({RUNS})"
    here = os.pathsep.join([str(folder), str(ROOT / "tests"), str(Path(__file__).parent)])
    environment = {**os.environ, "PYTHONPATH": here}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,  # Python looks there first
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, FOUND), done.stderr
    return done.returncode == FOUND


def _change(service: Path, mutant: Mutant) -> None:
    (service / mutant.file).write_text(mutated(mutant), encoding="utf-8")


def mutated(mutant: Mutant) -> str:
    """The file of a mutant; raises AssertionError if its line is there no more."""
    text = (ROOT / "pytest_amplifybackend" / "_service" / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.before) == 1, f"{mutant.file} has changed: {mutant.before!r}"
    return text.replace(mutant.before, mutant.after)


FOUND = 17
"""The exit status of a run that found something."""


def look(runs: int) -> None:
    """Let the machine look, its runs shared among the policies; ends the process."""
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test
    from machines import POLICIES, machine_of

    chosen = settings(
        max_examples=runs // len(POLICIES),
        stateful_step_count=50,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    for policy in POLICIES:
        try:
            run_state_machine_as_test(machine_of(policy), settings=chosen)
        except Exception as error:  # noqa: BLE001  (a mutant may raise anything)
            sys.stdout.write(f"{policy}: {type(error).__name__}: {error}\n")
            sys.exit(FOUND)


if __name__ == "__main__":
    names: list[str | None] = [*sys.argv[1:]] or [None, *MUTANTS]
    for one in names:
        with tempfile.TemporaryDirectory() as place:
            start = time.monotonic()
            found = finds(one, Path(place))
            seconds = time.monotonic() - start
        sys.stdout.write(f"{one or 'nothing changed'}: {found}, {seconds:.0f} s\n")
        sys.stdout.flush()
