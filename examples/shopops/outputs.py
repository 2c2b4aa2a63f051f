"""Print what a website needs to know of a deployed backend.

    eval "$(python -m shopops.outputs d1shop dev)"
    python -m shopops.outputs d1shop dev --format json > src/backend.json

What an environment does not have is left out, so a backend without storage prints no bucket.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from typing import NamedTuple

import boto3

from shopops.backend import CommandError, Resources, default_region, resources, run


class Output(NamedTuple):
    """An output of a resource and the environment variable that carries it."""

    category: str
    service: str
    key: str
    variable: str


OUTPUTS = (
    Output("auth", "Cognito", "UserPoolId", "USER_POOL_ID"),
    Output("auth", "Cognito", "AppClientIDWeb", "USER_POOL_WEB_CLIENT_ID"),
    Output("auth", "Cognito", "AppClientID", "USER_POOL_CLIENT_ID"),
    Output("auth", "Cognito", "IdentityPoolId", "IDENTITY_POOL_ID"),
    Output("api", "AppSync", "GraphQLAPIEndpointOutput", "GRAPHQL_ENDPOINT"),
    Output("api", "AppSync", "GraphQLAPIKeyOutput", "GRAPHQL_API_KEY"),
    Output("api", "AppSync", "GraphQLAPIIdOutput", "GRAPHQL_API_ID"),
    Output("storage", "S3", "BucketName", "BUCKET"),
    Output("storage", "S3", "Region", "BUCKET_REGION"),
)


def select(held: Resources) -> dict[str, str]:
    """The outputs that the environment has, by the names that Amplify gives them."""
    found = {}
    for output in OUTPUTS:
        for resource in held[output.category].values():
            # An app can also have REST APIs and tables, whose outputs are others.
            value = resource.get("output", {}).get(output.key)
            if resource.get("service") == output.service and value:
                found[output.key] = value
    return found


def render(found: dict[str, str], style: str, prefix: str = "") -> str:
    """The outputs as text: `json`, `env` (a file of variables) or `shell` (to be evaluated)."""
    if style == "json":
        return json.dumps(found, indent=2)
    export = "export " if style == "shell" else ""
    return "\n".join(
        f"{export}{prefix}{output.variable}={shlex.quote(found[output.key])}"
        for output in OUTPUTS
        if output.key in found
    )


def print_outputs(args: argparse.Namespace) -> None:
    """Do what the command line says."""
    session = boto3.Session(region_name=args.region)
    client = session.client("amplifybackend")
    found = select(resources(client, args.app_id, args.environment))
    if not found:
        raise CommandError(f"{args.app_id} {args.environment} has no resources, so no outputs.")
    print(render(found, args.format, args.prefix))


def main(argv: Sequence[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(
        prog="shopops-outputs", description="Print the outputs of a deployed backend."
    )
    parser.add_argument("app_id")
    parser.add_argument("environment")
    parser.add_argument("--format", choices=("shell", "env", "json"), default="shell")
    parser.add_argument("--prefix", default="", help="of the variables, such as VITE_")
    parser.add_argument("--region", default=default_region())
    args = parser.parse_args(argv)
    return run(lambda: print_outputs(args))


if __name__ == "__main__":
    sys.exit(main())
