"""What is provisioned is there: made, found again, changed, taken away; and what cannot be."""

from __future__ import annotations

import json
from typing import Any

from moto_shop import (
    API,
    AUTH,
    AUTH_NAMED,
    DEV,
    PLAIN_AUTH,
    SCHEMA,
    deployment_bucket,
    done,
    failed,
    inventory,
    meta,
    outputs,
    sibling,
)
from sequences import NEW_OAUTH, pool_update

from pytest_amplifybackend import FakeAmplifyBackend

TEST = {**DEV, "BackendEnvironmentName": "test"}


def pool(fake: FakeAmplifyBackend) -> dict[str, Any]:
    user_pool = outputs(fake, "auth")["UserPoolId"]
    found: dict[str, Any] = sibling("cognito-idp").describe_user_pool(UserPoolId=user_pool)
    return dict(found["UserPool"])


def files(bucket: str) -> dict[str, str]:
    s3 = sibling("s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys}


class TestAuth:
    def test_users_sign_up_confirm_and_sign_in(self, shop: FakeAmplifyBackend) -> None:
        done(shop, "CreateBackendAuth", **AUTH_NAMED, ResourceConfig=PLAIN_AUTH)
        made, idp = outputs(shop, "auth"), sibling("cognito-idp")
        web = made["AppClientIDWeb"]
        idp.sign_up(
            ClientId=web,
            Username="ada@shop.example",
            Password="Correct-horse-1",
            UserAttributes=[{"Name": "email", "Value": "ada@shop.example"}],
        )
        idp.admin_confirm_sign_up(UserPoolId=made["UserPoolId"], Username="ada@shop.example")
        done(
            shop,
            "UpdateBackendAuth",
            **AUTH_NAMED,
            ResourceConfig={
                **pool_update(PasswordPolicy={"MinimumLength": 12}),
                "AuthResources": "USER_POOL_ONLY",
            },
        )
        session = idp.initiate_auth(
            ClientId=web,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada@shop.example", "PASSWORD": "Correct-horse-1"},
        )
        assert session["AuthenticationResult"]["AccessToken"]

    def test_what_is_shown_is_what_cognito_has(self, full: FakeAmplifyBackend) -> None:
        made, idp = outputs(full, "auth"), sibling("cognito-idp")
        described = pool(full)
        assert described["Name"] == f"{made['UserPoolName']}-dev"
        assert described["Arn"] == made["UserPoolArn"]
        mfa = idp.get_user_pool_mfa_config(UserPoolId=made["UserPoolId"])
        role = mfa["SmsMfaConfiguration"]["SmsConfiguration"]["SnsCallerArn"]
        assert role == made["CreatedSNSRole"]
        oauth = json.loads(made["OAuthMetadata"])
        for name in ("AppClientIDWeb", "AppClientID"):
            client = idp.describe_user_pool_client(
                UserPoolId=made["UserPoolId"], ClientId=made[name]
            )["UserPoolClient"]
            assert "ClientSecret" not in client
            for member in ("AllowedOAuthFlows", "CallbackURLs", "LogoutURLs"):
                assert client[member] == oauth[member]
            assert sorted(client["AllowedOAuthScopes"]) == sorted(oauth["AllowedOAuthScopes"])

    def test_an_update_changes_what_it_names_and_nothing_else(
        self, full: FakeAmplifyBackend
    ) -> None:
        idp = sibling("cognito-idp")
        idp.update_user_pool(
            UserPoolId=outputs(full, "auth")["UserPoolId"],
            LambdaConfig={"PreSignUp": "arn:aws:lambda:x:1:function:y"},
        )
        before = pool(full)
        new = {
            **pool_update(OAuth=NEW_OAUTH, Mfa={"MFAMode": "OFF"}),
            "IdentityPoolConfigs": {"UnauthenticatedLogin": False},
        }
        done(full, "UpdateBackendAuth", **AUTH_NAMED, ResourceConfig=new)
        after = pool(full)
        assert after["MfaConfiguration"] == "OFF"
        assert after["Domain"] == "other-dev"
        assert after["LambdaConfig"]["PreSignUp"].endswith("function:y")
        assert after["SchemaAttributes"] == before["SchemaAttributes"]
        assert not idp.describe_user_pool_domain(Domain="shop-dev")["DomainDescription"]
        providers = idp.list_identity_providers(UserPoolId=after["Id"], MaxResults=60)
        assert [one["ProviderName"] for one in providers["Providers"]] == ["Google"]
        client = idp.describe_user_pool_client(
            UserPoolId=after["Id"], ClientId=outputs(full, "auth")["AppClientIDWeb"]
        )["UserPoolClient"]
        assert client["AllowedOAuthFlows"] == ["implicit"]
        assert client["SupportedIdentityProviders"] == ["COGNITO", "Google"]
        identities = sibling("cognito-identity").describe_identity_pool(
            IdentityPoolId=outputs(full, "auth")["IdentityPoolId"]
        )
        assert identities["AllowUnauthenticatedIdentities"] is False

    def test_what_the_config_has_never_said_stays(self, shop: FakeAmplifyBackend) -> None:
        idp = sibling("cognito-idp")
        done(shop, "CreateBackendAuth", **AUTH_NAMED, ResourceConfig=PLAIN_AUTH)
        mine = outputs(shop, "auth")["UserPoolId"]
        idp.update_user_pool(
            UserPoolId=mine,
            AutoVerifiedAttributes=[],
            Policies={
                "PasswordPolicy": {
                    "MinimumLength": 9,
                    "RequireSymbols": True,
                    "TemporaryPasswordValidityDays": 3,
                }
            },
        )
        idp.set_user_pool_mfa_config(
            UserPoolId=mine,
            MfaConfiguration="ON",
            SoftwareTokenMfaConfiguration={"Enabled": True},
        )
        only = {"AuthResources": "USER_POOL_ONLY"}
        users = {**pool_update(OAuth=NEW_OAUTH), **only}
        done(shop, "UpdateBackendAuth", **AUTH_NAMED, ResourceConfig=users)
        after = pool(shop)
        assert after["MfaConfiguration"] == "ON"
        assert after["AutoVerifiedAttributes"] == []
        policy = after["Policies"]["PasswordPolicy"]
        assert policy["MinimumLength"] == 9
        assert policy["RequireSymbols"] is True
        assert policy["TemporaryPasswordValidityDays"] == 3

        users = {**pool_update(PasswordPolicy={"MinimumLength": 12}), **only}
        done(shop, "UpdateBackendAuth", **AUTH_NAMED, ResourceConfig=users)
        policy = pool(shop)["Policies"]["PasswordPolicy"]
        assert policy["MinimumLength"] == 12
        assert policy["RequireSymbols"] is False, "what is given is replaced as a whole"
        assert policy["TemporaryPasswordValidityDays"] == 3

    def test_an_update_keeps_whom_others_have_made_trusted(self, full: FakeAmplifyBackend) -> None:
        made = outputs(full, "auth")
        idp, identity = sibling("cognito-idp"), sibling("cognito-identity")
        users, web = made["UserPoolId"], made["AppClientIDWeb"]
        idp.create_identity_provider(
            UserPoolId=users,
            ProviderName="Staff",
            ProviderType="SAML",
            ProviderDetails={"MetadataURL": "https://staff.example/saml"},
        )
        supported = ["COGNITO", "Staff"]
        idp.update_user_pool_client(
            UserPoolId=users, ClientId=web, SupportedIdentityProviders=supported
        )
        identities = identity.describe_identity_pool(IdentityPoolId=made["IdentityPoolId"])
        del identities["ResponseMetadata"]
        other = {"ProviderName": "cognito-idp.us-east-1.amazonaws.com/x", "ClientId": "other"}
        ours = identities["CognitoIdentityProviders"]
        identity.update_identity_pool(**{**identities, "CognitoIdentityProviders": [*ours, other]})

        done(full, "UpdateBackendAuth", **AUTH_NAMED, ResourceConfig=pool_update(OAuth=NEW_OAUTH))
        client = idp.describe_user_pool_client(UserPoolId=users, ClientId=web)["UserPoolClient"]
        assert client["SupportedIdentityProviders"] == ["COGNITO", "Google", "Staff"]
        listed = idp.list_identity_providers(UserPoolId=users, MaxResults=60)["Providers"]
        assert {one["ProviderName"] for one in listed} == {"Google", "Staff"}
        after = identity.describe_identity_pool(IdentityPoolId=made["IdentityPoolId"])
        assert after["CognitoIdentityProviders"] == [*ours, other]

    def test_a_deleted_resource_is_gone(self, shop: FakeAmplifyBackend) -> None:
        there = inventory()
        done(shop, "CreateBackendAuth", **AUTH_NAMED, ResourceConfig=AUTH)
        assert len(inventory()) > len(there)
        done(shop, "DeleteBackendAuth", **AUTH_NAMED)
        assert inventory() == there

    def test_a_taken_domain_fails_the_job(self, shop: FakeAmplifyBackend) -> None:
        other = sibling("cognito-idp").create_user_pool(PoolName="other")["UserPool"]["Id"]
        sibling("cognito-idp").create_user_pool_domain(UserPoolId=other, Domain="shop-dev")
        there = inventory()
        error = failed(shop, "CreateBackendAuth", **AUTH_NAMED, ResourceConfig=AUTH)
        assert "Domain already associated with another user pool: shop-dev" in error
        assert inventory() == there

    def test_a_pool_deleted_behind_the_fakes_back(self, full: FakeAmplifyBackend) -> None:
        gone = outputs(full, "auth")["UserPoolId"]
        sibling("cognito-idp").delete_user_pool(UserPoolId=gone)
        update = pool_update(PasswordPolicy={"MinimumLength": 12})
        error = failed(full, "UpdateBackendAuth", **AUTH_NAMED, ResourceConfig=update)
        assert error.endswith(f"User pool {gone} does not exist.")
        done(full, "RemoveAllBackends", AppId=DEV["AppId"])
        assert {key for key in inventory() if not key.startswith("us-east-1")} == set()

    def test_a_client_deleted_behind_the_fakes_back(self, full: FakeAmplifyBackend) -> None:
        made = outputs(full, "auth")
        gone = made["AppClientIDWeb"]
        sibling("cognito-idp").delete_user_pool_client(UserPoolId=made["UserPoolId"], ClientId=gone)
        there = inventory()
        update = pool_update(PasswordPolicy={"MinimumLength": 12})
        error = failed(full, "UpdateBackendAuth", **AUTH_NAMED, ResourceConfig=update)
        wanted = "describe_user_pool_client of cognito-idp: ResourceNotFoundException: "
        assert error.endswith(f"\n{wanted}{gone}")
        assert inventory() == there

    def test_an_error_shows_no_secret(self, shop: FakeAmplifyBackend) -> None:
        config = json.loads(json.dumps(AUTH))
        google = config["UserPoolConfigs"]["OAuth"]["SocialProviderSettings"]["Google"]
        google["ClientSecret"] = "s" * 140_000
        job = shop.call("CreateBackendAuth", {**AUTH_NAMED, "ResourceConfig": config})
        assert "ssss" not in repr(list(shop.jobs)) + json.dumps(job)


class TestApi:
    def test_key_and_modes_come_and_go(self, full: FakeAmplifyBackend) -> None:
        api = outputs(full, "api")["GraphQLAPIIdOutput"]
        named = {**DEV, "ResourceName": "api"}
        config: dict[str, Any] = {"DefaultAuthType": {"Mode": "AWS_IAM"}}
        done(full, "UpdateBackendAPI", **named, ResourceConfig=config)
        assert sibling("appsync").list_api_keys(apiId=api)["apiKeys"] == []
        assert "GraphQLAPIKeyOutput" not in outputs(full, "api")
        config = {"DefaultAuthType": API["DefaultAuthType"]}
        done(full, "UpdateBackendAPI", **named, ResourceConfig=config)
        (key,) = sibling("appsync").list_api_keys(apiId=api)["apiKeys"]
        assert outputs(full, "api")["GraphQLAPIKeyOutput"] == key["id"]

    def test_an_api_deleted_behind_the_fakes_back(self, full: FakeAmplifyBackend) -> None:
        api = outputs(full, "api")["GraphQLAPIIdOutput"]
        sibling("appsync").delete_graphql_api(apiId=api)
        named = {**DEV, "ResourceName": "api"}
        error = failed(full, "UpdateBackendAPI", **named, ResourceConfig={"ApiName": "other"})
        assert error.endswith(f"GraphQL API {api} not found.")
        done(full, "DeleteBackendAPI", **named)
        assert "api" not in meta(full)


class TestEnvironments:
    def test_a_deployment_bucket_deleted_behind_the_fakes_back(
        self, full: FakeAmplifyBackend
    ) -> None:
        gone = deployment_bucket(full)
        for key in files(gone):
            sibling("s3").delete_object(Bucket=gone, Key=key)
        sibling("s3").delete_bucket(Bucket=gone)
        there = inventory()
        named = {**DEV, "ResourceName": "api"}
        error = failed(full, "DeleteBackendAPI", **named)
        assert error.endswith(f'\nThe specified bucket: "{gone}" does not exist.')
        assert inventory() == there
        done(full, "DeleteBackend", **DEV)
        assert inventory() == {}

    def test_the_deployment_bucket_says_what_get_backend_says(
        self, full: FakeAmplifyBackend
    ) -> None:
        done(full, "GenerateBackendAPIModels", **DEV, ResourceName="api")
        answer = full.call("GetBackend", DEV)
        models = full.call("GetBackendAPIModels", {**DEV, "ResourceName": "api"})
        assert files(deployment_bucket(full)) == {
            "studio-backend/amplify-meta.json": answer["AmplifyMetaConfig"],
            "studio-backend/cli.json": answer["AmplifyFeatureFlags"],
            "studio-backend/api/orders/schema.graphql": SCHEMA,
            "models/orders/schema.graphql": SCHEMA,
            "models/orders/schema.js": models["Models"],
            "models/orders/modelIntrospection.json": models["ModelIntrospectionSchema"],
        }
        done(full, "DeleteBackendAPI", **DEV, ResourceName="api")
        answer = full.call("GetBackend", DEV)
        assert files(deployment_bucket(full)) == {
            "studio-backend/amplify-meta.json": answer["AmplifyMetaConfig"],
            "studio-backend/cli.json": answer["AmplifyFeatureFlags"],
        }

    def test_a_clone_has_resources_of_its_own(self, full: FakeAmplifyBackend) -> None:
        done(full, "CloneBackend", **DEV, TargetEnvironmentName="test")
        for family in ("auth", "api", "storage"):
            mine, theirs = outputs(full, family), outputs(full, family, "test")
            for name in ("UserPoolId", "GraphQLAPIIdOutput", "BucketName"):
                if name in mine:
                    assert mine[name] != theirs[name]
                    assert theirs[name] in inventory()
        assert (
            files(deployment_bucket(full, "test"))["studio-backend/amplify-meta.json"]
            == (full.call("GetBackend", TEST)["AmplifyMetaConfig"])
        )

    def test_what_is_deleted_leaves_nothing(self, full: FakeAmplifyBackend) -> None:
        done(full, "CreateBackendConfig", AppId=DEV["AppId"])
        done(full, "CloneBackend", **DEV, TargetEnvironmentName="test")
        done(full, "DeleteBackend", **TEST)
        done(full, "RemoveAllBackends", AppId=DEV["AppId"], CleanAmplifyApp=True)
        assert inventory() == {}

    def test_names_of_an_earlier_run_are_left_alone(self, full: FakeAmplifyBackend) -> None:
        there = inventory()
        full.reset()
        done(full, "CreateBackend", **DEV, AppName="shop")
        assert deployment_bucket(full) not in there
        after = inventory()
        assert {key: after[key] for key in there} == there

    def test_regions_are_apart(self, empty: FakeAmplifyBackend) -> None:
        empty.add_auth("d1far", region="eu-west-1")
        answer = empty.call(
            "GetBackend", {"AppId": "d1far", "BackendEnvironmentName": "dev"}, region="eu-west-1"
        )
        (entry,) = json.loads(answer["AmplifyMetaConfig"])["auth"].values()
        made = entry["output"]["UserPoolId"]
        assert made.startswith("eu-west-1_")
        assert made in inventory("eu-west-1")
        assert not [key for key in inventory("us-east-1") if key.startswith("us-east-1")]


class TestStudio:
    def test_it_is_made_and_removed(self, shop: FakeAmplifyBackend) -> None:
        there = inventory()
        done(shop, "CreateBackendConfig", AppId=DEV["AppId"])
        login = shop.call("UpdateBackendConfig", {"AppId": DEV["AppId"]})["LoginAuthConfig"]
        after = inventory()
        assert after[login["AwsUserPoolsId"]][0]["Name"] == "amplify_backend_manager_D1SHOP"
        assert login["AwsUserPoolsWebClientId"] in after
        trusted = after[login["AwsCognitoIdentityPoolId"]]["CognitoIdentityProviders"]
        assert [one["ClientId"] for one in trusted] == [login["AwsUserPoolsWebClientId"]]
        shop.call("RemoveBackendConfig", {"AppId": DEV["AppId"]})
        assert inventory() == there
