"""Ways to break what is done twice, belongs to another, is kept, replaced or refused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from patches import Mutants, Patch, answers, at, declare, effect, rules, without

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.values import copied
from pytest_amplifybackend._rules.rule import ProvisioningError
from pytest_amplifybackend._rules.states import broken
from pytest_amplifybackend._service import entities, handlers
from pytest_amplifybackend._service.handlers import auth
from pytest_amplifybackend._service.operations import perform
from pytest_amplifybackend._service.provisioning import InMemoryProvisioner

MUTANTS = Mutants()


# What is done twice, or again


def second_removal_passes(operation: str, family: str) -> Callable[[Patch], None]:
    def patched(patch: Patch) -> None:
        gone: set[Any] = set()

        def delete(original: Any, context: Any, params: Any) -> None:
            place = id(context.state), params["AppId"], params["BackendEnvironmentName"]
            if family in at(context, params).resources:
                original(context, params)
                gone.add(place)
            elif place not in gone:
                raise broken("resource.none")

        moves = {**handlers.OPERATIONS[operation].moves, "absent": "absent"}
        declare(patch, operation, moves=moves)
        effect(patch, operation, delete)

    return patched


MUTANTS["auth_can_be_deleted_twice"] = second_removal_passes("DeleteBackendAuth", "auth")
MUTANTS["api_can_be_deleted_twice"] = second_removal_passes("DeleteBackendAPI", "api")
MUTANTS["storage_can_be_deleted_twice"] = second_removal_passes("DeleteBackendStorage", "storage")


@MUTANTS.add
def models_outlive_their_api(patch: Patch) -> None:
    kept: dict[Any, Any] = {}

    def delete(original: Any, context: Any, params: Any) -> None:
        api = at(context, params).resources.get("api")
        original(context, params)
        kept[id(context.state), params["AppId"], params["BackendEnvironmentName"]] = api.models

    def create(original: Any, context: Any, params: Any) -> None:
        original(context, params)
        place = id(context.state), params["AppId"], params["BackendEnvironmentName"]
        at(context, params).resources["api"].models = kept.get(place)

    effect(patch, "DeleteBackendAPI", delete)
    effect(patch, "CreateBackendAPI", create)


@MUTANTS.add
def studio_remembers_its_manager(patch: Patch) -> None:
    kept: dict[Any, Any] = {}

    def remove(original: Any, context: Any, params: Any) -> Any:
        app = context.app(params["AppId"])
        kept[id(context.state), app.app_id] = app.studio and app.studio.manager_app_id
        return original(context, params)

    def create(original: Any, context: Any, params: Any) -> None:
        original(context, params)
        app = context.app(params["AppId"])
        if "BackendManagerAppId" in params and kept.get((id(context.state), app.app_id)):
            app.studio.manager_app_id = kept[id(context.state), app.app_id]

    answers(patch, "RemoveBackendConfig", remove)
    effect(patch, "CreateBackendConfig", create)


# What belongs to whom


@MUTANTS.add
def models_of_any_environment_are_read(patch: Patch) -> None:
    def get(original: Any, context: Any, params: Any) -> Any:
        for name in context.app(params["AppId"]).environments:
            with contextlib.suppress(errors.ServiceError):
                return original(context, {**params, "BackendEnvironmentName": name})
        return original(context, params)

    answers(patch, "GetBackendAPIModels", get)


def of_every_region(operation: str, entity: str, found: str) -> Callable[[Patch], None]:
    """An operation works in any region where its app has the entity."""

    def patched(patch: Patch) -> None:
        def elsewhere(original: Any, context: Any, params: Any) -> Any:
            for region, app_id in context.state.apps:
                there = replace(context, region=region)
                if app_id == params["AppId"] and state(there, params, None) == found:
                    return original(there, params)
            return original(context, params)

        state = entities.STATES[entity]
        declared = handlers.OPERATIONS[operation]

        def handler(context: Any, params: Any) -> Any:
            return perform(context, declared, params)

        declare(patch, operation, entity=None, needs=(), handler=handler)
        answers(patch, operation, elsewhere)

    return patched


MUTANTS["tokens_are_those_of_every_region"] = of_every_region("GetToken", "token", "active")
MUTANTS["studio_is_that_of_every_region"] = of_every_region(
    "UpdateBackendConfig", "studio", "enabled"
)


@MUTANTS.add
def buckets_are_those_of_a_region(patch: Patch) -> None:
    original = InMemoryProvisioner.create_environment
    regions: dict[str, str] = {}

    def create(self: Any, place: Any) -> Any:
        outputs = original(self, place)
        regions[outputs["DeploymentBucketName"]] = place.region
        return outputs

    def buckets(self: Any, region: str) -> Any:
        return [
            (name, made)
            for name, made in sorted(self._state.buckets.items())
            if regions.get(name, region) == region
        ]

    patch.setattr(InMemoryProvisioner, "create_environment", create)
    patch.setattr(InMemoryProvisioner, "buckets", buckets)


# What is kept, replaced and refused


@MUTANTS.add
def api_update_without_a_config_empties_it(patch: Patch) -> None:
    def update(original: Any, context: Any, params: Any) -> None:
        original(context, params)
        if "ResourceConfig" not in params:
            at(context, params).resources["api"].config.pop("TransformSchema", None)

    effect(patch, "UpdateBackendAPI", update)


@MUTANTS.add
def identity_pool_outlives_an_update_without(patch: Patch) -> None:
    patch.setattr(auth, "with_identity_pool", lambda config, name: config)


@MUTANTS.add
def identity_pool_loses_its_name(patch: Patch) -> None:
    original = auth.updated

    def updated(config: Any, given: Any, name: str) -> Any:
        new = original(config, given, name)
        if "IdentityPoolConfigs" in new:
            new["IdentityPoolConfigs"]["IdentityPoolName"] = name
        return new

    patch.setattr(auth, "updated", updated)


@MUTANTS.add
def studio_login_is_merged(patch: Patch) -> None:
    def update(original: Any, context: Any, params: Any) -> Any:
        app = context.find_app(params["AppId"])
        if "LoginAuthConfig" in params and app is not None and app.studio is not None:
            login = {**app.studio.login, **copied(params["LoginAuthConfig"])}
            params = {**params, "LoginAuthConfig": login}
        return original(context, params)

    answers(patch, "UpdateBackendConfig", update)


@MUTANTS.add
def manager_app_is_always_new(patch: Patch) -> None:
    effect(
        patch,
        "CreateBackendConfig",
        lambda original, context, params: original(context, {"AppId": params["AppId"]}),
    )


@MUTANTS.add
def update_takes_any_name(patch: Patch) -> None:
    for operation in ("UpdateBackendAuth", "UpdateBackendAPI", "UpdateBackendStorage"):
        declared = handlers.OPERATIONS[operation]

        def update(context: Any, params: Any, declared: Any = declared) -> Any:
            there = at(context, params).resources.get(declared.entity)
            if there is not None:
                params = {**params, "ResourceName": there.name}
            return perform(context, declared, params)

        declare(patch, operation, entity=None, handler=update)


@MUTANTS.add
def one_attribute_of_users_is_refused(patch: Patch) -> None:
    def create(original: Any, context: Any, params: Any) -> None:
        pool = params["ResourceConfig"]["UserPoolConfigs"]
        if "ZONE_INFO" in pool["RequiredSignUpAttributes"]:
            raise ProvisioningError("ZONE_INFO is not known")
        original(context, params)

    effect(patch, "CreateBackendAuth", create)


@MUTANTS.add
def one_scope_is_refused(patch: Patch) -> None:
    def update(original: Any, context: Any, params: Any) -> None:
        oauth = params["ResourceConfig"]["UserPoolConfigs"].get("OAuth") or {}
        if "AWS_COGNITO_SIGNIN_USER_ADMIN" in oauth.get("OAuthScopes", ()):
            raise ProvisioningError("a scope is not known")
        original(context, params)

    effect(patch, "UpdateBackendAuth", update)


@MUTANTS.add
def enum_is_taken_in_any_case(patch: Patch) -> None:
    def relaxed(known: tuple[Any, ...], operation: str) -> tuple[Any, ...]:
        return tuple(
            replace(
                rule,
                constraint=replace(
                    rule.constraint,
                    values=(*rule.constraint.values, *(v.lower() for v in rule.constraint.values)),
                ),
            )
            if rule.name.startswith("enum.")
            else rule
            for rule in known
        )

    rules(patch, relaxed)


@MUTANTS.add
def uris_of_an_update_are_not_counted(patch: Patch) -> None:
    without(patch, "auth.oauth.redirect-uris", operation="UpdateBackendAuth")


@MUTANTS.add
def schema_of_an_update_is_not_parsed(patch: Patch) -> None:
    without(patch, "api.schema", operation="UpdateBackendAPI")


@MUTANTS.add
def pool_of_another_region_is_imported(patch: Patch) -> None:
    def imported(original: Any, context: Any, params: Any) -> None:
        pool = params["UserPoolId"]
        where = {"UserPoolId": f"{context.region}_{pool.partition('_')[2]}"}
        original(context, {**params, **where})

    effect(patch, "ImportBackendAuth", imported)


@MUTANTS.add
def identity_pool_is_not_imported(patch: Patch) -> None:
    effect(
        patch,
        "ImportBackendAuth",
        lambda original, context, params: original(
            context, {k: v for k, v in params.items() if k != "IdentityPoolId"}
        ),
    )
