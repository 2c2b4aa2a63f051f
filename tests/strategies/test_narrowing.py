"""Options narrow, contradictions are refused with a sentence, nothing is imported too soon."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("hypothesis", reason="strategies need the hypothesis extra")

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_amplifybackend import strategies
from pytest_amplifybackend.strategies import (
    api_configs,
    api_update_configs,
    auth_configs,
    auth_update_configs,
    bucket_names,
    requests,
    resource_names,
    storage_configs,
    transform_schemas,
)

POOL = "UserPoolConfigs"


def every(strategy: st.SearchStrategy[Any], check: Any) -> None:
    @settings(max_examples=12, database=None)
    @given(strategy)
    def holds(value: Any) -> None:
        assert check(value), value

    holds()


@pytest.mark.parametrize("configs", [auth_configs, auth_update_configs])
def test_auth_options_narrow(configs: Any) -> None:
    every(
        configs(mfa="ON", oauth=True, identity_pool=False),
        lambda config: (
            config[POOL]["Mfa"]["MFAMode"] == "ON"
            and config[POOL]["OAuth"]["RedirectSignInURIs"]
            and config["AuthResources"] == "USER_POOL_ONLY"
            and "IdentityPoolConfigs" not in config
        ),
    )
    every(configs(oauth=False), lambda config: "OAuth" not in config[POOL])
    every(
        configs(guests=True), lambda config: config["IdentityPoolConfigs"]["UnauthenticatedLogin"]
    )
    every(
        configs(verification="SMS", social=True, password_policy=True),
        lambda config: (
            config[POOL]["VerificationMessage"]["DeliveryMethod"] == "SMS"
            and "SocialProviderSettings" in config[POOL]["OAuth"]
            and "PasswordPolicy" in config[POOL]
        ),
    )


def modes(config: dict[str, Any]) -> list[str]:
    types = [config["DefaultAuthType"], *config.get("AdditionalAuthTypes", [])]
    return [kind["Mode"] for kind in types]


@pytest.mark.parametrize("configs", [api_configs, api_update_configs])
def test_api_options_narrow(configs: Any) -> None:
    every(
        configs(mode="AWS_IAM", additional=["API_KEY"], schema=True),
        lambda config: modes(config) == ["AWS_IAM", "API_KEY"] and "TransformSchema" in config,
    )
    every(
        configs(mode="AMAZON_COGNITO_USER_POOLS", own_user_pool=True),
        lambda config: (
            "Settings" not in config["DefaultAuthType"]
            or "CognitoUserPoolId" not in config["DefaultAuthType"]["Settings"]
        ),
    )


def test_a_new_api_is_complete_and_an_update_need_not_be() -> None:
    every(api_configs(), lambda config: {"DefaultAuthType", "TransformSchema"} <= config.keys())
    for updates in (api_update_configs(schema=False), api_configs(update=True, schema=False)):
        every(updates, lambda config: "TransformSchema" not in config)


def test_bucket_names_are_those_that_s3_takes() -> None:
    """By the S3 user guide's rules, whether or not anything is appended."""
    reserved = re.compile("xn--|sthree-|amzn-s3-demo-|.*(-s3alias|--ol-s3|--x-s3|--table-s3)$")
    every(
        bucket_names(),
        lambda name: (
            re.fullmatch("[a-z0-9][a-z0-9-]{1,45}[a-z0-9]", name) and not reserved.match(name)
        ),
    )


def test_request_options_narrow() -> None:
    every(
        requests("CreateBackendAuth", app_ids=st.just("d1"), resource_names=st.just("x")),
        lambda request: (request.params["AppId"], request.params["ResourceName"]) == ("d1", "x"),
    )
    every(
        requests("GetBackend", environment_names=st.just("dev")),
        lambda request: request.params["BackendEnvironmentName"] == "dev",
    )
    every(storage_configs(bucket=True, guests=False), lambda config: "BucketName" in config)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: auth_configs(mfa="on"), "did you mean 'ON'"),
        (
            lambda: auth_configs(mfaa="ON"),  # type: ignore[call-arg]  # that is the test
            "has no option 'mfaa': did you mean 'mfa'",
        ),
        (lambda: auth_configs(social=True, oauth=False), "part of OAuth"),
        (lambda: auth_configs(guests=True, identity_pool=False), "only an identity pool"),
        (lambda: api_configs(schema=False), "a new API needs a TransformSchema"),
        (lambda: api_configs(mode="API_KEYS"), "did you mean 'API_KEY'"),
        (lambda: api_configs(additional=["API_KEY"]), "repeats another or the default"),
        (lambda: api_configs(mode="AWS_IAM", additional=["AWS_IAM"]), "repeats another"),
        (lambda: transform_schemas(providers=["key"]), "did you mean 'apiKey'"),
        (lambda: resource_names(family="queue"), "known are: auth, api, storage"),
        (lambda: resource_names(family="ath"), "did you mean 'auth'"),
        (
            lambda: storage_configs(buckt=True),  # type: ignore[call-arg]  # that is the test
            "has no option 'buckt': did you mean 'bucket'",
        ),
        (lambda: storage_configs(bucket="yes"), "choose from True, False and None"),
        (
            lambda: strategies.app_ids(x=1),  # type: ignore[call-arg]  # that is the test
            "no option 'x': it has none",
        ),
        (lambda: requests("GetBackends"), "did you mean 'GetBackend'"),
        (lambda: requests("CreateToken", resource_names=st.just("a")), "no member ResourceName"),
        (lambda: requests(app_id=st.just("a")), "did you mean 'app_ids'"),
    ],
)
def test_an_impossible_wish_is_an_invalid_argument(made: Any, text: str) -> None:
    with pytest.raises(InvalidArgument, match=text):
        made()


_AUTH = ("mfa", "oauth", "social", "identity_pool", "guests", "verification", "password_policy")
_API = ("mode", "additional", "schema", "own_user_pool")
_INVALID = ("update", "layer", "rule")
OPTIONS: dict[str, tuple[str, ...]] = {
    "auth_configs": _AUTH,
    "auth_update_configs": _AUTH,
    "api_configs": (*_API, "update"),
    "api_update_configs": _API,
    "storage_configs": ("bucket", "guests"),
    "storage_update_configs": ("guests",),
    "transform_schemas": ("providers",),
    "resource_names": ("family",),
    "invalid_auth_configs": _INVALID,
    "invalid_api_configs": _INVALID,
    "invalid_storage_configs": _INVALID,
    "invalid_schemas": ("rule",),
    "invalid_requests": ("layer", "rule", "path"),
}


@pytest.mark.parametrize(
    ("name", "option"), [(name, option) for name, some in OPTIONS.items() for option in some]
)
@pytest.mark.parametrize(
    "value",
    [5, 2.5, "nope", b"x", ["nope"], [[]], {}, object()],
    ids=lambda value: type(value).__name__,
)
def test_a_value_of_a_wrong_kind_is_an_invalid_argument(
    name: str, option: str, value: object
) -> None:
    with pytest.raises(InvalidArgument, match=rf"^{name}\({option}="):
        getattr(strategies, name)(**{option: value})


def test_a_value_of_a_wrong_kind_shows_what_is_allowed() -> None:
    with pytest.raises(InvalidArgument) as caught:
        api_configs(mode="API_KEY", additional=False)  # type: ignore[arg-type]  # that is the test
    assert str(caught.value) == (
        "api_configs(additional=False): must be a list of any of API_KEY, AWS_IAM, "
        "AMAZON_COGNITO_USER_POOLS, OPENID_CONNECT; [] stands for none of them, and None leaves it "
        "open."
    )


@pytest.mark.parametrize(
    ("strategy", "shown"),
    [
        (auth_configs(mfa="ON", oauth=None), "auth_configs(mfa='ON')"),
        (requests("GetToken", app_ids=st.just("d1")), "requests('GetToken', app_ids=just('d1'))"),
        (
            requests("CreateBackendAuth", resource_configs=st.just({"Google": "s3cr3t"})),
            "requests('CreateBackendAuth', resource_configs=...)",
        ),
        (transform_schemas(providers=["iam"]), "transform_schemas(providers=['iam'])"),
        (
            strategies.invalid_requests("GetToken", rule="id.app"),
            "invalid_requests('GetToken', rule='id.app')",
        ),
        (strategies.invalid_api_configs(update=True), "invalid_api_configs(update=True)"),
        (bucket_names(), "bucket_names()"),
    ],
)
def test_a_repr_tells_the_options(strategy: st.SearchStrategy[Any], shown: str) -> None:
    assert repr(strategy) == shown


@pytest.mark.parametrize(
    "kind",
    [
        strategies.Request,
        strategies.InvalidRequest,
        strategies.InvalidConfig,
        strategies.InvalidSchema,
        strategies.WireRequest,
        strategies.RefusedRequest,
    ],
)
def test_a_type_has_its_strategy(kind: type) -> None:
    every(st.from_type(kind), lambda value: type(value) is kind)


def test_default_settings_trip_no_health_check() -> None:
    @given(requests(), auth_configs(), api_configs(), strategies.invalid_requests())
    @settings(deadline=None)  # the machine that runs the tests may be slow
    def draws(request: Any, auth: Any, api: Any, invalid: Any) -> None:
        assert all((request.operation, auth, invalid.rule, api is not None))

    draws()


def test_every_public_name_is_there() -> None:
    for name in strategies.__all__:
        assert getattr(strategies, name).__doc__, name
    assert {*strategies.__all__} <= {*dir(strategies)}
    with pytest.raises(AttributeError, match="no attribute 'auth_config'"):
        _ = strategies.auth_config


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_strategies_imports_neither_botocore_nor_the_state_machine() -> None:
    modules = "'botocore', 'hypothesis.stateful', 'graphql', 'pytest_amplifybackend._service'"
    code = (
        "import sys, pytest_amplifybackend.strategies as s; s.auth_configs\n"
        f"print([name for name in ({modules}) if name in sys.modules])"
    )
    assert run(code) == "[]"


def test_without_hypothesis_a_sentence_names_the_extra() -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "try: import pytest_amplifybackend.strategies\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    assert run(code) == (
        "MissingExtra pytest_amplifybackend.strategies needs hypothesis: "
        "pip install 'pytest-amplifybackend[hypothesis]'"
    )


def test_the_factory_makes_fresh_fakes_inside_given(amplifybackend_factory: Any) -> None:
    @settings(max_examples=20, deadline=None)
    @given(requests("CreateBackend"))
    def fresh(request: Any) -> None:
        with amplifybackend_factory() as fake:
            request.send(fake.client())
            assert len(fake.jobs) == 1

    fresh()


def test_the_profile_of_the_user_stays_as_it_is() -> None:
    code = (
        "from hypothesis import settings; before = settings.default\n"
        "from pytest_amplifybackend.strategies import AmplifyBackendMachine, requests; requests()\n"
        "print(settings.default is before)"
    )
    assert run(code) == "True"
