"""A fake of five operations, as somebody writes it who needs no more: Flask, and a dict.

``naive`` is its first version, of which the contract suite says what is wrong.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

IMPLEMENTED = "CreateBackend,GetBackend,GetBackendJob,ListBackendJobs,DeleteBackend"


def make_app(*, naive: bool = False) -> Flask:
    app = Flask(__name__)
    app.url_map.merge_slashes = False  # an empty id is one, and not a path without it
    backends = Backends(naive=naive)

    if not naive:
        app.config["MAX_CONTENT_LENGTH"] = 10 * 1024 * 1024
        app.before_request(check_request)
        app.after_request(number_answer)

    @app.post("/backend")
    def create_backend() -> Any:
        body = request.get_json(force=True)
        name = body["backendEnvironmentName"]
        return backends.create(body["appId"], name, body["appName"])

    @app.post("/backend/<app_id>/details")
    def get_backend(app_id: str) -> Any:
        return backends.details(app_id, (request.get_json(force=True, silent=True) or {}))

    @app.get("/backend/<app_id>/job/<name>/<job_id>")
    def get_job(app_id: str, name: str, job_id: str) -> Any:
        return backends.job(app_id, name, job_id)

    @app.post("/backend/<app_id>/job/<name>")
    def list_jobs(app_id: str, name: str) -> Any:
        return backends.listed(app_id, name, request.get_json(force=True, silent=True) or {})

    @app.post("/backend/<app_id>/environments/<name>/remove")
    def delete_backend(app_id: str, name: str) -> Any:
        return backends.delete(app_id, name)

    return app


class Backends:
    def __init__(self, *, naive: bool) -> None:
        self._naive = naive
        self._apps: dict[str, dict[str, Any]] = {}
        self._jobs: list[dict[str, Any]] = []
        self._tokens: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._counter = itertools.count(1)

    def create(self, app_id: str, name: str, app_name: str) -> Any:
        app = self._apps.setdefault(app_id, {"name": app_name, "environments": []})
        if self._pending(app_id, name) and not self._naive:
            return bad("There is already a pending job for the requested appId.")
        if name in app["environments"]:
            return bad(f"BackendEnvironment {name} already exists.")
        app["environments"] += [name] if self._naive else []
        return self._accept("CreateBackend", app_id, name)

    def delete(self, app_id: str, name: str) -> Any:
        app = self._apps.get(app_id)
        if app is None:
            return missing("App", app_id)
        if name not in app["environments"]:
            return missing("BackendEnvironment", name)
        if self._pending(app_id, name) and not self._naive:
            return bad("There is already a pending job for the requested appId.")
        return self._accept("DeleteBackend", app_id, name)

    def details(self, app_id: str, body: dict[str, Any]) -> Any:
        app = self._apps.get(app_id)
        if app is None:
            return missing("App", app_id)
        answer = {
            "appId": app_id,
            "appName": app["name"],
            "backendEnvironmentList": app["environments"],
        }
        name = body.get("backendEnvironmentName")
        if name is not None:
            if name not in app["environments"]:
                return missing("BackendEnvironment", name)
            if self._pending(app_id, name) and not self._naive:
                return bad(f"BackendEnvironment {name} is being deleted.")
            answer |= {"backendEnvironmentName": name, "amplifyMetaConfig": meta(app_id, name)}
            answer |= {} if self._naive else {"amplifyFeatureFlags": '{"features":{}}'}
        return jsonify(answer)

    def job(self, app_id: str, name: str, job_id: str) -> Any:
        """A job, as it was before this read: being read is what lets it go on."""
        for job in self._of(app_id, name):
            if job["jobId"] == job_id:
                shown = dict(job)
                self._go_on(job)
                return jsonify(shown)
        return missing("Job", job_id)

    def listed(self, app_id: str, name: str, body: dict[str, Any]) -> Any:
        if app_id not in self._apps:
            return missing("App", app_id)
        if not self._naive and not self._of(app_id, name):
            return missing("BackendEnvironment", name)
        size = body.get("maxResults", 25)
        if not self._naive and not 1 <= size <= 25:
            return bad(f"maxResults is {size}, and not from 1 to 25.")
        filters = {key: body[key] for key in ("jobId", "operation", "status") if key in body}
        found = [job for job in reversed(self._of(app_id, name)) if filters.items() <= job.items()]
        if self._naive:
            return jsonify(jobs=found[:size])
        return self._page(found, size, [app_id, name, filters], body.get("nextToken"))

    def _page(self, found: list[dict[str, Any]], size: int, query: Any, token: Any) -> Any:
        """A page: those below the last one of the page before, whatever came since."""
        if token is not None:
            asked, last = self._tokens.get(token, (None, None))
            if asked != query:
                return bad("nextToken is not one of this list.")
            ids = [job["jobId"] for job in found]
            found = found[ids.index(last) + 1 :]
        page: dict[str, Any] = {"jobs": found[:size]}
        if len(found) > size:
            last = page["jobs"][-1]["jobId"]
            page["nextToken"] = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([query, last])).hex
            self._tokens[page["nextToken"]] = (query, last)
        return jsonify(page)

    def _of(self, app_id: str, name: str) -> list[dict[str, Any]]:
        place = {"appId": app_id, "backendEnvironmentName": name}
        return [job for job in self._jobs if place.items() <= job.items()]

    def _pending(self, app_id: str, name: str) -> bool:
        return any(job["status"] in ("PENDING", "RUNNING") for job in self._of(app_id, name))

    def _accept(self, operation: str, app_id: str, name: str) -> Any:
        now = str(int(time.time() * 1000))
        job = {
            "appId": app_id,
            "backendEnvironmentName": name,
            "createTime": now,
            "jobId": str(next(self._counter)) if self._naive else str(uuid.uuid4()),
            "operation": operation,
            "status": "PENDING",
            "updateTime": now,
        }
        self._jobs.append(job)
        members = ("appId", "backendEnvironmentName", "jobId", "operation", "status")
        return jsonify({key: job[key] for key in members})

    def _go_on(self, job: dict[str, Any]) -> None:
        if job["status"] == "PENDING":
            job["status"] = "RUNNING"
        elif job["status"] == "RUNNING":
            names = self._apps[job["appId"]]["environments"]
            if job["operation"] == "CreateBackend" and not self._naive:
                names.append(job["backendEnvironmentName"])
            elif job["operation"] == "DeleteBackend":
                names.remove(job["backendEnvironmentName"])
            job["status"] = "COMPLETED"
        else:
            return
        job["updateTime"] = str(int(time.time() * 1000))


APP_ID = re.compile("d[a-z0-9]{1,19}")
NAME = re.compile("[a-z]{2,10}")
STATUSES = ("PENDING", "RUNNING", "COMPLETED", "FAILED")


def check_request() -> Response | None:
    """What every request is checked for, before anybody looks for anything."""
    if request.url_rule is None:  # no operation of this fake, or a name in the path is empty
        return bad("A name or an id is empty.") if "//" in f"{request.path}/" else None
    if request.method not in (request.url_rule.methods or set()) - {"HEAD", "OPTIONS"}:
        return _error(405, "BadRequestException", message=f"No operation has {request.method}.")
    if (request.content_length or 0) > 10 * 1024 * 1024:
        return _error(413, "BadRequestException", message="The body is too large.")
    try:
        body = request.get_json(force=True, silent=True) if request.data else {}
    except RecursionError:
        body = None
    if not isinstance(body, dict) or not all(map(_has_its_type, body.items())):
        return bad("The body is no JSON, or a member has another type.")
    if request.path == "/backend" and not {"appId", "appName", NAME_MEMBER} <= body.keys():
        return bad("A member is missing.")
    values = {**body, **_renamed(request.view_args or {})}
    if not APP_ID.fullmatch(values["appId"]):
        return bad(f"{values['appId']!r} is not the id of an app.")
    if not NAME.fullmatch(values.get("backendEnvironmentName", "dev")):
        return bad(f"{values['backendEnvironmentName']!r} is not the name of an environment.")
    if "" in (values.get("appName", "shop"), values.get("jobId", "1")):
        return bad("A name or an id is empty.")
    if body.get("status", "FAILED") not in STATUSES:
        return bad("There is no such status.")
    return None


NAME_MEMBER = "backendEnvironmentName"
STRINGS = ("appId", "appName", NAME_MEMBER, "jobId", "operation", "status", "nextToken")


def _has_its_type(member: tuple[str, Any]) -> bool:
    name, value = member
    return (
        type(value) is {"maxResults": int}.get(name, str)
        if name in (*STRINGS, "maxResults")
        else True
    )


def number_answer(response: Response) -> Response:
    response.headers["x-amzn-RequestId"] = str(uuid.uuid4())
    return response


def _renamed(arguments: dict[str, str]) -> dict[str, str]:
    names = {"app_id": "appId", "name": "backendEnvironmentName", "job_id": "jobId"}
    return {names[key]: value for key, value in arguments.items()}


def meta(app_id: str, name: str) -> str:
    stack = f"amplify-{app_id}-{name}-{zlib.crc32(app_id.encode()) % 16**5:05x}"
    provider = {
        "AuthRoleName": f"{stack}-authRole",
        "UnauthRoleArn": f"arn:aws:iam::123456789012:role/{stack}-unauthRole",
        "AuthRoleArn": f"arn:aws:iam::123456789012:role/{stack}-authRole",
        "Region": "us-east-1",
        "DeploymentBucketName": f"{stack}-deployment",
        "UnauthRoleName": f"{stack}-unauthRole",
        "StackName": stack,
        "StackId": f"arn:aws:cloudformation:us-east-1:123456789012:stack/{stack}/1",
        "AmplifyAppId": app_id,
    }
    return json.dumps({"providers": {"awscloudformation": provider}}, separators=(",", ":"))


def missing(kind: str, name: str) -> Response:
    return _error(404, "NotFoundException", message=f"{kind} {name} not found.", resourceType=kind)


def bad(message: str) -> Response:
    return _error(400, "BadRequestException", message=message)


def _error(status: int, code: str, **members: str) -> Response:
    response = jsonify(members)
    response.status_code = status
    response.headers["x-amzn-ErrorType"] = code
    return response


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of a server, on a free port."""
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
