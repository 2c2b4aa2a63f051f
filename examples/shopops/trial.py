"""Try out a deployed backend: a user, a picture and the API's key.

    python -m shopops.trial d1shop dev --email ada@shop.example

Signs up a user in the pool, puts a picture into the bucket and looks up the key of the API, each as
the outputs of the environment name it. Run it after a deployment; it exits with 1 if one of them is
not there.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import boto3

from shopops.backend import CommandError, default_region, resources, run
from shopops.outputs import select

PICTURE = "trial/hello.txt"


class Trial(NamedTuple):
    """What was found by using a backend."""

    user: str
    picture: str
    api_key_expires: int


def sign_up(session: Any, found: dict[str, str], email: str) -> str:
    """Sign up a user as the website does, and give the id of the user."""
    signed_up = session.client("cognito-idp").sign_up(
        ClientId=found["AppClientIDWeb"],
        Username=email,
        Password=f"aA1-{secrets.token_urlsafe(16)}",
        UserAttributes=[{"Name": "email", "Value": email}],
    )
    return str(signed_up["UserSub"])


def put_picture(session: Any, found: dict[str, str]) -> str:
    """Put an object into the bucket, read it again, and give its address."""
    client = session.client("s3", region_name=found["Region"])
    client.put_object(Bucket=found["BucketName"], Key=PICTURE, Body=b"hello")
    read = client.get_object(Bucket=found["BucketName"], Key=PICTURE)["Body"].read()
    if read != b"hello":
        raise CommandError(f"{PICTURE} came back from {found['BucketName']} as {read!r}.")
    return f"s3://{found['BucketName']}/{PICTURE}"


def key_expires(session: Any, found: dict[str, str]) -> int:
    """When the key of the API expires, in seconds since 1970."""
    keys = session.client("appsync").list_api_keys(apiId=found["GraphQLAPIIdOutput"])["apiKeys"]
    for key in keys:
        if key["id"] == found["GraphQLAPIKeyOutput"]:
            return int(key["expires"])
    raise CommandError(f"The API {found['GraphQLAPIIdOutput']} does not know its key.")


def try_out(session: Any, app_id: str, environment: str, email: str) -> Trial:
    """Use each resource of an environment once."""
    found = select(resources(session.client("amplifybackend"), app_id, environment))
    missing = {"AppClientIDWeb", "BucketName", "GraphQLAPIKeyOutput"} - found.keys()
    if missing:
        raise CommandError(f"{app_id} {environment} has no {', '.join(sorted(missing))}.")
    return Trial(
        user=sign_up(session, found, email),
        picture=put_picture(session, found),
        api_key_expires=key_expires(session, found),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(
        prog="shopops-trial", description="Try out a deployed backend."
    )
    parser.add_argument("app_id")
    parser.add_argument("environment")
    parser.add_argument("--email", required=True, help="of the user to sign up")
    parser.add_argument("--region", default=default_region())
    args = parser.parse_args(argv)

    def command() -> None:
        session = boto3.Session(region_name=args.region)
        trial = try_out(session, args.app_id, args.environment, args.email)
        print(f"user {trial.user}\npicture {trial.picture}")
        print(f"API key until {trial.api_key_expires}")

    return run(command)


if __name__ == "__main__":
    sys.exit(main())
