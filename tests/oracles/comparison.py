"""What becomes of a schema, in the fake and in Amplify's packages, and how the two differ."""

from __future__ import annotations

import difflib
import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend

MODES = ("API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT")
"""The auth modes of an API, the default one first."""

SECONDS = 60
"""Node ends within this time once it has nothing more to do."""

_ROOM = "--max-semi-space-size=64"  # MB: collecting garbage took a fifth of the time otherwise
_OIDC = {
    "OpenIDClientId": "web",
    "OpenIDIssueURL": "https://oidc.example.com/",
    "OpenIDProviderName": "oidc",
}


@dataclass(frozen=True)
class Outcome:
    """Why a schema was refused, why no models were generated, or the models.

    ``refused`` is the transformer's text and ``ungenerated`` the generator's, or the job's error.
    """

    refused: str | None = None
    ungenerated: str | None = None
    models: str | None = None
    introspection: str | None = None


@dataclass(frozen=True)
class Difference:
    """A kind, such as ``models``, and the details for a person to read."""

    kind: str
    details: str


class Packages:
    """Amplify's packages, in a process that answers as long as it is asked."""

    def __init__(self) -> None:
        folder = os.environ.get("AMPLIFYBACKEND_TEST_ORACLES")
        if not folder:
            pytest.skip("AMPLIFYBACKEND_TEST_ORACLES is not set; see tests/oracles/install")
        node = shutil.which("node") or "node"
        self._process = subprocess.Popen(
            [node, _ROOM, str(Path(__file__).with_name("packages.cjs")), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def outcome(self, schema: str, modes: Sequence[str] = MODES) -> Outcome:
        """What the transformer and then the generator make of a schema."""
        return Outcome(**self._ask(kind="schema", schema=schema, modes=modes))

    def refusal(self, validator: str, payload: str) -> str | None:
        """Why a validator of amplify-util-headless-input refuses a payload; None if it does not.

        ``validator`` is the name of its function, such as ``validateAddApiRequest``.
        """
        refused: str | None = self._ask(kind="payload", validator=validator, payload=payload)[
            "refused"
        ]
        return refused

    def aws_exports(self, meta: Mapping[str, Any]) -> dict[str, Any]:
        """What a front end is told of a meta: the content of aws-exports."""
        services: dict[str, list[Any]] = {}
        for category, entries in meta.items():
            for entry in entries.values() if category != "providers" else ():
                if "output" in entry:
                    services.setdefault(entry["service"], []).append(entry)
        metadata = meta["providers"]["awscloudformation"]
        resources = {"metadata": metadata, "serviceResourceMapping": services}
        answer = self._ask(kind="frontend", resources=resources)
        assert answer["refused"] is None, answer["refused"]
        exports: dict[str, Any] = answer["exports"]
        return exports

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"Node ended with {request}; see its standard error"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        self._process.communicate(timeout=SECONDS)


class Fake:
    """The fake, with an app for each schema."""

    def __init__(self) -> None:
        self._fake = FakeAmplifyBackend()
        self._ids = (f"d{number}" for number in itertools.count())

    def outcome(self, schema: str, modes: Sequence[str] = MODES) -> Outcome:
        """What the jobs make of a schema, and the models that a client then gets."""
        app_id = next(self._ids)
        self._fake.add_app(app_id)
        self._fake.add_auth(app_id)
        self._where = {"AppId": app_id, "BackendEnvironmentName": "dev", "ResourceName": "shop"}
        default, *others = [
            {"Mode": mode, **({"Settings": _OIDC} if mode == "OPENID_CONNECT" else {})}
            for mode in modes
        ]
        config = {
            "AdditionalAuthTypes": others,
            "ApiName": "shop",
            "DefaultAuthType": default,
            "Service": "AppSync",
            "TransformSchema": schema,
        }
        refused = self._error("CreateBackendAPI", ResourceConfig=config)
        if refused is not None:
            return Outcome(refused=refused)
        ungenerated = self._error("GenerateBackendAPIModels")
        if ungenerated is not None:
            return Outcome(ungenerated=ungenerated)
        made = self._fake.call("GetBackendAPIModels", self._where)
        return Outcome(models=made["Models"], introspection=made["ModelIntrospectionSchema"])

    def _error(self, operation: Any, **params: Any) -> str | None:
        """Make a job, and return why it failed."""
        job = self._fake.call(operation, {**self._where, **params})
        where = {name: self._where[name] for name in ("AppId", "BackendEnvironmentName")}
        ended = self._fake.call("GetBackendJob", {**where, "JobId": job["JobId"]})
        if ended["Status"] == "COMPLETED":
            return None
        error: str = ended["Error"]
        return error


def difference(fake: Outcome, real: Outcome) -> Difference | None:
    """How the fake's outcome is not that of Amplify's packages; None if the two are equivalent.

    The same cause is the same text, with these liberties: of several errors in the SDL the fake
    may tell any one, where it stops at the first; it leaves out the excerpt of the schema; white
    space, the kind of quotation marks and a comma before "or" do not count. Models are equal byte
    for byte, but for the version of the generator that they name.
    """
    for kind in ("refused", "ungenerated"):
        mine, theirs = getattr(fake, kind), getattr(real, kind)
        if mine is None and theirs is None:
            continue
        if mine is None:
            return Difference(f"{kind} by Amplify alone", theirs)
        if theirs is None:
            return Difference(f"{kind} by the fake alone", mine)
        if not _same_cause(mine, theirs):
            return Difference(f"{kind} for another cause", f"the fake: {mine}\nAmplify: {theirs}")
        return None
    for kind, text in _TEXTS.items():
        mine, theirs = text(fake), text(real)
        if mine != theirs:
            return Difference(kind, _diff(mine, theirs))
    return None


def _same_cause(mine: str, theirs: str) -> bool:
    return any(_plain(cause) in _plain(mine) for cause in _causes(theirs))


def _causes(text: str) -> list[str]:
    """The errors in a text of the transformer, which shows the place of each in an excerpt."""
    parts = [part.strip() for part in re.split(r"\n\n+", text)]
    return [part for part in parts if part and not _BESIDE.match(part)]


_BESIDE = re.compile(r"GraphQL request:\d+:\d+|Schema validation failed\.|Syntax Error: $")


def _plain(text: str) -> str:
    return " ".join(text.replace("'", '"').replace(", or ", " or ").split())


def _version(models: str) -> str:
    return "".join(re.findall('"version": ".*"', models))


def _without_versions(models: str) -> str:
    return re.sub('"(codegenVersion|version)": "[^"]*"', "", models)


_TEXTS: Mapping[str, Callable[[Outcome], str]] = {
    "models": lambda outcome: _without_versions(outcome.models or ""),
    "introspection": lambda outcome: outcome.introspection or "",
    "version": lambda outcome: _version(outcome.models or ""),
}


def _diff(mine: str, theirs: str) -> str:
    pair = (mine.splitlines(), theirs.splitlines())
    lines = difflib.unified_diff(*pair, "the fake", "Amplify", n=2, lineterm="")
    return "\n".join(itertools.islice(lines, 40))
