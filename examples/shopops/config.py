"""The config file: what the shop's backend consists of, as request parameters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shopops.backend import CommandError


@dataclass(frozen=True)
class Resource:
    """One resource of the backend, with the configs that create and update it."""

    category: str
    name: str
    create: dict[str, Any]
    update: dict[str, Any]


@dataclass(frozen=True)
class Shop:
    """The content of a config file."""

    app_id: str
    app_name: str
    environment: str
    resources: tuple[Resource, ...]


def load(path: Path) -> Shop:
    """Read the config file at `path`; file names in it are relative to its folder."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Shop(
            app_id=content["app_id"],
            app_name=content["app_name"],
            environment=content.get("environment", "dev"),
            resources=tuple(_resources(content, path.parent)),
        )
    except KeyError as error:
        raise CommandError(f"{path.name} has no {error}.") from error
    except (OSError, ValueError) as error:
        raise CommandError(f"{path.name} cannot be read: {error}.") from error


def _resources(content: dict[str, Any], folder: Path) -> list[Resource]:
    found = []
    if "auth" in content:
        found.append(_auth(content["auth"]))
    if "api" in content:
        found.append(_api(content["api"], folder))
    if "storage" in content:
        found.append(_storage(content["storage"]))
    return found


def _auth(section: dict[str, Any]) -> Resource:
    name = section["name"]
    guests = section.get("guests", False)
    changeable: dict[str, Any] = {
        "PasswordPolicy": {
            "MinimumLength": section.get("password_minimum", 8),
            "AdditionalConstraints": ["REQUIRE_DIGIT", "REQUIRE_LOWERCASE"],
        },
    }
    # How users sign in, and the names of the pools, are settled when the pools are created.
    settled = {
        "SignInMethod": section.get("sign_in", "EMAIL"),
        "RequiredSignUpAttributes": ["EMAIL"],
        "UserPoolName": f"{name}users",
    }
    common = {"Service": "COGNITO", "AuthResources": "IDENTITY_POOL_AND_USER_POOL"}
    return Resource(
        category="auth",
        name=name,
        create={
            **common,
            "UserPoolConfigs": {**settled, **changeable},
            "IdentityPoolConfigs": {
                "IdentityPoolName": f"{name}identities",
                "UnauthenticatedLogin": guests,
            },
        },
        update={
            **common,
            "UserPoolConfigs": changeable,
            "IdentityPoolConfigs": {"UnauthenticatedLogin": guests},
        },
    )


def _api(section: dict[str, Any], folder: Path) -> Resource:
    mode = section.get("authorization", "API_KEY")
    default: dict[str, Any] = {"Mode": mode}
    if mode == "API_KEY":
        default["Settings"] = {
            "Description": "the shop's website",
            "ExpirationTime": section.get("api_key_days", 7),
        }
    config = {
        "ApiName": section["name"],
        "Service": "AppSync",
        "DefaultAuthType": default,
        "TransformSchema": (folder / section["schema"]).read_text(encoding="utf-8"),
    }
    return Resource(category="api", name=section["name"], create=config, update=config)


def _storage(section: dict[str, Any]) -> Resource:
    config: dict[str, Any] = {
        "ServiceName": "S3",
        "Permissions": {
            "Authenticated": ["READ", "CREATE_AND_UPDATE", "DELETE"],
            "UnAuthenticated": section.get("guests", []),
        },
    }
    return Resource(
        category="storage",
        name=section["name"],
        create={**config, "BucketName": section["bucket"]},
        update=config,
    )
