"""The files that a deployment leaves in the environment's bucket.

The folder and the names are those that the Amplify CLI uploads for the service to read, and the
models are where the CLI and Studio look for them (documented by its source).
"""

from __future__ import annotations

from pytest_amplifybackend._service import meta
from pytest_amplifybackend._service.state import Environment

FOLDER = "studio-backend"


def deployed(environment: Environment) -> dict[str, str]:
    """The content of every file of an environment, by its key in the bucket."""
    files = {
        f"{FOLDER}/amplify-meta.json": meta.amplify_meta(environment),
        f"{FOLDER}/cli.json": meta.feature_flags(),
    }
    api = environment.resources.get("api")
    if api is None:
        return files
    schema = api.config.get("TransformSchema")
    if schema is not None:
        files[f"{FOLDER}/api/{api.name}/schema.graphql"] = schema
    if api.models is not None:
        folder = f"models/{api.name}"
        files[f"{folder}/schema.graphql"] = api.models["schema"]
        files[f"{folder}/schema.js"] = api.models["models"]
        files[f"{folder}/modelIntrospection.json"] = api.models["introspection"]
    return files
