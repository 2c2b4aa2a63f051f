"""An Amplify app with a backend, as a custom resource of CloudFormation.

    Backend:
      Type: Custom::AmplifyBackend
      Properties: {ServiceToken: !GetAtt Function.Arn, Name: shop, Environment: dev, Branch: main}

CloudFormation has no resource that deploys a backend. This Lambda function stands in for one: it
makes the app, deploys the environment, links the branch to it and leaves a note in the deployment
bucket. CloudFormation may send a request twice, so whatever is there already is left alone.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from shopops.backend import (
    NOT_FOUND,
    Answer,
    CommandError,
    environments,
    error_code,
    patiently,
    wait_for_job,
)

PATIENCE = 600.0
NOTE = "shopops/owner.json"


def handler(event: Mapping[str, Any], context: object) -> None:
    """Do what CloudFormation asks for, and tell it how that ended."""
    actions: dict[str, Callable[[Mapping[str, Any]], Answer]] = {
        "Create": deploy,
        "Update": deploy,
        "Delete": remove,
    }
    try:
        answer = {"Status": "SUCCESS", **actions[event["RequestType"]](event)}
    except (CommandError, ClientError, BotoCoreError) as error:
        known = event.get("PhysicalResourceId", "not-made")
        answer = {"Status": "FAILED", "Reason": str(error), "PhysicalResourceId": known}
    respond(event, answer)


def respond(event: Mapping[str, Any], answer: Answer) -> None:
    """Put the answer where CloudFormation looks for it."""
    same = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    body = json.dumps({**same, **answer}).encode()
    # The URL is signed for a request without a type.
    request = urllib.request.Request(event["ResponseURL"], body, {"Content-Type": ""}, method="PUT")
    with urllib.request.urlopen(request, timeout=30):
        pass


def deploy(event: Mapping[str, Any]) -> Answer:
    """Make what is missing of an app, its environment and its branch."""
    wanted = event["ResourceProperties"]
    amplify = boto3.client("amplify")
    app_id = find_app(amplify, wanted["Name"]) or make_app(amplify, wanted["Name"])
    deploy_environment(app_id, wanted["Name"], wanted["Environment"])
    found = amplify.get_backend_environment(appId=app_id, environmentName=wanted["Environment"])
    environment = found["backendEnvironment"]
    bucket = stack_outputs(environment["stackName"])["DeploymentBucketName"]
    note = json.dumps({"stack": event["StackId"]})
    boto3.client("s3").put_object(Bucket=bucket, Key=NOTE, Body=note.encode())
    link_branch(amplify, app_id, wanted["Branch"], environment["backendEnvironmentArn"])
    return {
        "PhysicalResourceId": f"{app_id}/{wanted['Environment']}",
        "Data": {"AppId": app_id, "StackName": environment["stackName"], "Bucket": bucket},
    }


def find_app(amplify: Any, name: str) -> str | None:
    """The id of the app of a name, if there is one."""
    for page in amplify.get_paginator("list_apps").paginate():
        for app in page["apps"]:
            if app["name"] == name:
                return str(app["appId"])
    return None


def make_app(amplify: Any, name: str) -> str:
    """Make an app, and give its id."""
    return str(amplify.create_app(name=name)["app"]["appId"])


def deploy_environment(app_id: str, name: str, environment: str) -> None:
    """Deploy an environment, unless the app has it."""
    backends = boto3.client("amplifybackend")
    if environment in environments(backends, app_id):
        return
    request = {"AppId": app_id, "AppName": name, "BackendEnvironmentName": environment}
    started = patiently(lambda: dict(backends.create_backend(**request)))
    wait_for_job(backends, started, timeout=PATIENCE)


def stack_outputs(name: str) -> dict[str, str]:
    """The outputs of a stack by their keys."""
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def link_branch(amplify: Any, app_id: str, branch: str, arn: str) -> None:
    """Make a branch that is built with an environment; one that is there must have it already."""
    try:
        found = amplify.get_branch(appId=app_id, branchName=branch)["branch"]
    except amplify.exceptions.NotFoundException:
        amplify.create_branch(appId=app_id, branchName=branch, backendEnvironmentArn=arn)
        return
    if found.get("backendEnvironmentArn") != arn:
        raise CommandError(f"The branch {branch} of {app_id} is built with another environment.")


def remove(event: Mapping[str, Any]) -> Answer:
    """Remove an environment, and the app with the last one; what is gone is no error."""
    made = event["PhysicalResourceId"]
    app_id, slash, environment = made.partition("/")
    backends = boto3.client("amplifybackend")
    left = environments(backends, app_id) if slash else []
    if environment in left:
        try:
            started = remove_one(backends, app_id, environment, last=len(left) == 1)
            job = {**started, "BackendEnvironmentName": environment}
            wait_for_job(backends, job, timeout=PATIENCE)
        except ClientError as error:
            if error_code(error) not in NOT_FOUND:
                raise
    return {"PhysicalResourceId": made}


def remove_one(backends: Any, app_id: str, environment: str, *, last: bool) -> Answer:
    """Start to remove an environment and its branches, or the whole app if it is the last one."""
    if last:
        request = {"AppId": app_id, "CleanAmplifyApp": True}
        return patiently(lambda: dict(backends.remove_all_backends(**request)))
    amplify = boto3.client("amplify")
    for page in amplify.get_paginator("list_branches").paginate(appId=app_id):
        for branch in page["branches"]:
            if branch.get("backendEnvironmentArn", "").endswith(f"/{environment}"):
                amplify.delete_branch(appId=app_id, branchName=branch["branchName"])
    place = {"AppId": app_id, "BackendEnvironmentName": environment}
    return patiently(lambda: dict(backends.delete_backend(**place)))
