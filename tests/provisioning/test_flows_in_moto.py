"""What is provisioned is there: made, found again, changed, taken away; and what cannot be."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.validate import ParamValidator
from moto_shop import (
    API,
    AUTH,
    DEV,
    PLAIN_AUTH,
    SCHEMA,
    STORAGE,
    deployment_bucket,
    done,
    failed,
    inventory,
    meta,
    outputs,
    sibling,
)
from sequences import NEW_OAUTH, own_pool, pool_update

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend.model import catalogue

TEST = {**DEV, "BackendEnvironmentName": "test"}
AUTH_NAMED = {**DEV, "ResourceName": "auth"}


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

    def test_the_native_client_has_a_secret_and_the_web_client_none(
        self, full: FakeAmplifyBackend
    ) -> None:
        made, idp = outputs(full, "auth"), sibling("cognito-idp")
        secrets = [
            "ClientSecret"
            in idp.describe_user_pool_client(UserPoolId=made["UserPoolId"], ClientId=made[name])[
                "UserPoolClient"
            ]
            for name in ("AppClientIDWeb", "AppClientID")
        ]
        assert secrets == [False, True]

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


def imported_config(
    shop: FakeAmplifyBackend, pool: dict[str, Any], client: dict[str, Any]
) -> dict[str, Any]:
    """What GetBackendAuth says of an imported pool, which must be as the model has it."""
    idp = sibling("cognito-idp")
    made = idp.create_user_pool(PoolName="staff", **pool)["UserPool"]["Id"]
    web, native = (
        idp.create_user_pool_client(UserPoolId=made, ClientName=name, **client)["UserPoolClient"]
        for name in ("web", "native")
    )
    clients = {"WebClientId": web["ClientId"], "NativeClientId": native["ClientId"]}
    done(shop, "ImportBackendAuth", **DEV, UserPoolId=made, **clients)
    named = {**DEV, "ResourceName": next(iter(meta(shop)["auth"]))}
    config = shop.call("GetBackendAuth", named)["ResourceConfig"]
    shape = catalogue.operations()["GetBackendAuth"].output_shape.members["ResourceConfig"]
    report = ParamValidator().validate(config, shape)
    assert not report.has_errors(), report.generate_report()
    return dict(config["UserPoolConfigs"])


class TestImports:
    def test_the_config_is_read_back(self, shop: FakeAmplifyBackend) -> None:
        ids, there = own_pool(shop), inventory()
        done(shop, "ImportBackendAuth", **DEV, **ids)
        name = next(iter(meta(shop)["auth"]))
        answer = shop.call("GetBackendAuth", {**DEV, "ResourceName": name})
        assert answer["ResourceConfig"] == {
            "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
            "IdentityPoolConfigs": {"IdentityPoolName": "staff", "UnauthenticatedLogin": True},
            "Service": "COGNITO",
            "UserPoolConfigs": {
                "Mfa": {"MFAMode": "OFF"},
                "OAuth": {
                    "DomainPrefix": "staff",
                    "OAuthGrantType": "CODE",
                    "OAuthScopes": ["OPENID"],
                    "RedirectSignInURIs": ["https://staff.example/in/"],
                    "RedirectSignOutURIs": ["https://staff.example/out/"],
                    "SocialProviderSettings": {
                        "Google": {"ClientId": "goog", "ClientSecret": "hush"}
                    },
                },
                "PasswordPolicy": {
                    "AdditionalConstraints": ["REQUIRE_SYMBOL"],
                    "MinimumLength": 14.0,
                },
                "RequiredSignUpAttributes": ["EMAIL"],
                "SignInMethod": "EMAIL",
                "UserPoolName": "staff",
                "VerificationMessage": answer["ResourceConfig"]["UserPoolConfigs"][
                    "VerificationMessage"
                ],
            },
        }
        done(shop, "DeleteBackendAuth", **DEV, ResourceName=name)
        after = inventory()
        assert all(after[key] == there[key] for key in there if key != deployment_bucket(shop))
        assert "auth" not in meta(shop)

    @pytest.mark.parametrize(
        ("pool", "members"),
        [
            ({}, {"SignInMethod": "USERNAME"}),
            ({"AutoVerifiedAttributes": ["phone_number", "email"]}, {"DeliveryMethod": "EMAIL"}),
            ({"AutoVerifiedAttributes": ["phone_number"]}, {"DeliveryMethod": "SMS"}),
            (
                {"UsernameAttributes": ["phone_number", "email"]},
                {"SignInMethod": "EMAIL_AND_PHONE_NUMBER"},
            ),
        ],
    )
    def test_a_pool_that_is_more_or_less_than_a_config_can_say(
        self, shop: FakeAmplifyBackend, pool: dict[str, Any], members: dict[str, Any]
    ) -> None:
        config = imported_config(shop, pool, {})
        told = {**config, **config.pop("VerificationMessage", {})}
        assert {name: told.get(name) for name in (*members, "OAuth")} == {**members, "OAuth": None}
        assert ("DeliveryMethod" in told) == ("AutoVerifiedAttributes" in pool)

    @pytest.mark.parametrize(
        ("flows", "grant"),
        [
            (["implicit", "code"], "CODE"),
            (["implicit"], "IMPLICIT"),
            (["client_credentials", "implicit"], "IMPLICIT"),
            (["client_credentials"], None),
            ([], None),
        ],
    )
    def test_clients_with_more_or_fewer_flows_than_a_config_can_say(
        self, shop: FakeAmplifyBackend, flows: list[str], grant: str | None
    ) -> None:
        client = {
            "AllowedOAuthFlows": flows,
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthScopes": ["shop/read", "openid"],
        }
        oauth = {
            "OAuthGrantType": grant,
            "OAuthScopes": ["OPENID"],
            "RedirectSignInURIs": [],
            "RedirectSignOutURIs": [],
        }
        config = imported_config(shop, {}, client)
        assert config.get("OAuth") == (oauth if grant else None)

    def test_clients_that_name_the_same_in_another_order(self, shop: FakeAmplifyBackend) -> None:
        ids = own_pool(shop)
        for client, scopes in (("Web", ["openid", "email"]), ("Native", ["email", "openid"])):
            named = {"UserPoolId": ids["UserPoolId"], "ClientId": ids[f"{client}ClientId"]}
            sibling("cognito-idp").update_user_pool_client(**named, AllowedOAuthScopes=scopes)
        done(shop, "ImportBackendAuth", **DEV, **ids)

    @pytest.mark.parametrize("member", ["UserPoolId", "WebClientId", "NativeClientId"])
    def test_what_is_not_there_cannot_be_imported(
        self, shop: FakeAmplifyBackend, member: str
    ) -> None:
        ids = {**own_pool(shop)}
        ids[member] = "us-east-1_nowhere00" if member == "UserPoolId" else "nosuchclient"
        error = failed(shop, "ImportBackendAuth", **DEV, **ids)
        kind = {"WebClientId": "Web", "NativeClientId": "Native"}.get(member)
        if kind is None:
            assert error.endswith("User pool us-east-1_nowhere00 does not exist.")
        else:
            assert f"The previously configured {kind} app client cannot be found." in error

    def test_a_pool_of_another_region(self, shop: FakeAmplifyBackend) -> None:
        elsewhere = sibling("cognito-idp", "eu-west-1").create_user_pool(PoolName="far")
        ids = {**own_pool(shop), "UserPoolId": elsewhere["UserPool"]["Id"]}
        error = failed(shop, "ImportBackendAuth", **DEV, **ids)
        assert error.endswith(f"User pool {ids['UserPoolId']} does not exist.")

    def test_a_web_client_with_a_secret(self, shop: FakeAmplifyBackend) -> None:
        ids = own_pool(shop)
        ids["WebClientId"] = ids["NativeClientId"]
        assert "has a client secret" in failed(shop, "ImportBackendAuth", **DEV, **ids)

    def test_clients_that_differ(self, shop: FakeAmplifyBackend) -> None:
        ids = own_pool(shop)
        sibling("cognito-idp").update_user_pool_client(
            UserPoolId=ids["UserPoolId"], ClientId=ids["WebClientId"], CallbackURLs=["https://x/"]
        )
        error = failed(shop, "ImportBackendAuth", **DEV, **ids)
        assert error.endswith("do not match: CallbackURLs")

    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
    def test_an_identity_pool_that_is_not_here(self, shop: FakeAmplifyBackend, region: str) -> None:
        ids, there = own_pool(shop), inventory()
        far = sibling("cognito-identity", region).create_identity_pool(
            IdentityPoolName="far", AllowUnauthenticatedIdentities=True
        )["IdentityPoolId"]
        if region == "us-east-1":
            sibling("cognito-identity").delete_identity_pool(IdentityPoolId=far)
        error = failed(shop, "ImportBackendAuth", **DEV, **{**ids, "IdentityPoolId": far})
        assert error.endswith(f"\nIdentity pool {far} does not exist in us-east-1.")
        assert inventory() == there

    def test_an_identity_pool_of_others(self, shop: FakeAmplifyBackend) -> None:
        ids = own_pool(shop)
        other = sibling("cognito-identity").create_identity_pool(
            IdentityPoolName="other", AllowUnauthenticatedIdentities=True
        )
        ids["IdentityPoolId"] = other["IdentityPoolId"]
        assert "does not trust both app clients" in failed(shop, "ImportBackendAuth", **DEV, **ids)


class TestStorage:
    def test_a_bucket_is_made_and_goes_with_what_is_in_it(self, shop: FakeAmplifyBackend) -> None:
        done(shop, "CreateBackendAuth", **AUTH_NAMED, ResourceConfig=PLAIN_AUTH)
        there = set(inventory())
        named = {**DEV, "ResourceName": "media"}
        done(shop, "CreateBackendStorage", **named, ResourceConfig=STORAGE)
        bucket = outputs(shop, "storage")["BucketName"]
        assert sibling("s3").get_bucket_cors(Bucket=bucket)["CORSRules"]
        for number in range(3):
            sibling("s3").put_object(Bucket=bucket, Key=f"{number}.png", Body=b"picture")
        done(shop, "DeleteBackendStorage", **named, ServiceName="S3")
        assert set(inventory()) == there

    def test_a_name_by_default_is_one_in_every_environment(self, empty: FakeAmplifyBackend) -> None:
        empty.add_app("d1shop", name="a shop of a very long name", environments=["a" * 10])
        config = {name: value for name, value in STORAGE.items() if name != "BucketName"}
        empty.add_auth("d1shop", "a" * 10)
        empty.add_storage("d1shop", "a" * 10, config=config)
        assert len(outputs(empty, "storage", "a" * 10)["BucketName"]) == 63

    def test_a_name_that_is_taken(self, shop: FakeAmplifyBackend) -> None:
        done(shop, "CreateBackendAuth", **AUTH_NAMED, ResourceConfig=PLAIN_AUTH)
        digits = deployment_bucket(shop).split("-")[-2]
        taken = f"pictures{digits}-dev"
        sibling("s3").create_bucket(Bucket=taken)
        named = {**DEV, "ResourceName": "media"}
        error = failed(shop, "CreateBackendStorage", **named, ResourceConfig=STORAGE)
        assert error.endswith(f"The requested bucket name is not available: {taken}")
        assert taken in inventory()

    def test_a_bucket_deleted_behind_the_fakes_back(self, full: FakeAmplifyBackend) -> None:
        gone = outputs(full, "storage")["BucketName"]
        sibling("s3").delete_bucket(Bucket=gone)
        config = {"Permissions": {"Authenticated": ["READ"]}, "ServiceName": "S3"}
        named = {**DEV, "ResourceName": "media"}
        error = failed(full, "UpdateBackendStorage", **named, ResourceConfig=config)
        assert error.endswith(f'The specified bucket: "{gone}" does not exist.')
        done(full, "DeleteBackendStorage", **named, ServiceName="S3")

    def test_every_version_of_an_object_goes(self, full: FakeAmplifyBackend) -> None:
        s3, bucket = sibling("s3"), outputs(full, "storage")["BucketName"]
        s3.put_object(Bucket=bucket, Key="older", Body=b"before there were versions")
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        for _ in range(2):
            s3.put_object(Bucket=bucket, Key="cat.png", Body=b"cat")
        s3.delete_object(Bucket=bucket, Key="cat.png")
        done(full, "DeleteBackendStorage", **DEV, ResourceName="media", ServiceName="S3")
        assert bucket not in inventory()

    def test_an_object_that_cannot_be_deleted(self, full: FakeAmplifyBackend) -> None:
        s3, bucket = sibling("s3"), outputs(full, "storage")["BucketName"]
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        )
        s3.put_object(
            Bucket=bucket,
            Key="ledger",
            Body=b"1",
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=datetime(2999, 1, 1, tzinfo=timezone.utc),
        )
        named = {**DEV, "ResourceName": "media", "ServiceName": "S3"}
        error = failed(full, "DeleteBackendStorage", **named)
        assert f'The bucket "{bucket}" cannot be emptied: ledger: Access Denied' in error
        assert outputs(full, "storage")["BucketName"] == bucket
        assert "ledger" in inventory()[bucket]

    def test_an_import_checks_the_bucket_and_a_delete_only_unlinks(
        self, shop: FakeAmplifyBackend
    ) -> None:
        done(shop, "CreateBackendAuth", **AUTH_NAMED, ResourceConfig=PLAIN_AUTH)
        imported = {**DEV, "ServiceName": "S3", "BucketName": "our-pictures"}
        error = failed(shop, "ImportBackendStorage", **imported)
        assert error.endswith('The specified bucket: "our-pictures" does not exist.')
        sibling("s3", "eu-west-1").create_bucket(
            Bucket="our-pictures",
            CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
        )
        done(shop, "ImportBackendStorage", **imported)
        assert outputs(shop, "storage") == {"BucketName": "our-pictures", "Region": "eu-west-1"}
        named = {**DEV, "ResourceName": next(iter(meta(shop)["storage"])), "ServiceName": "S3"}
        done(shop, "DeleteBackendStorage", **named)
        assert "our-pictures" in inventory()

    def test_list_s3_buckets_lists_motos(self, shop: FakeAmplifyBackend) -> None:
        shop.add_bucket("given")
        sibling("s3").create_bucket(Bucket="of-the-test")
        names = [bucket["Name"] for bucket in shop.call("ListS3Buckets", {})["Buckets"]]
        assert names == sorted(["given", "of-the-test", deployment_bucket(shop)])
        with pytest.raises(errors.UsageError, match="bucket 'given' cannot be: The requested"):
            shop.add_bucket("given")


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
            "studio-backend/api/api/schema.graphql": SCHEMA,
            "models/api/schema.graphql": SCHEMA,
            "models/api/schema.js": models["Models"],
            "models/api/modelIntrospection.json": models["ModelIntrospectionSchema"],
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
