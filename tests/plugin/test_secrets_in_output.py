"""No output of pytest about a failure contains a secret that was passed to a function of the fake.

One file of tests, each of which passes secrets to a function that rejects them, runs in every mode
of output. The secrets come from a function, so that the tests' own frames do not contain them.
"""

from __future__ import annotations

import re

import pytest
from volume import only_full

pytest.importorskip("httptools")

MARK = "pl4nted"
"""Every secret holds it."""

SECRETS = f'''
import json

PROVIDER = {{"ClientId": "{MARK}-id", "ClientSecret": "{MARK}-secret"}}
PEM = "-----BEGIN PRIVATE KEY-----{MARK}-----END PRIVATE KEY-----"
MESSAGE = {{
    "DeliveryMethod": "EMAIL",
    "EmailSettings": {{"EmailMessage": "{MARK} {{####}}", "EmailSubject": "{MARK}"}},
    "SmsSettings": {{"SmsMessage": "{MARK} {{####}}"}},
}}
KEYS = {{
    "aws_access_key_id": "AKID",
    "aws_secret_access_key": "{MARK}-key",
    "aws_session_token": "{MARK}-token",
}}

def keys(**more):
    return {{**KEYS, **more}}

def signatures(**more):
    return {{"AKID": "{MARK}-key", **more}}

def config(**more):
    """An auth config with all secrets that there are; ``more`` are members to spoil it."""
    users = {{
        "ForgotPassword": MESSAGE,
        "Mfa": {{
            "MFAMode": "ON",
            "Settings": {{"MfaTypes": ["SMS"], "SmsMessage": "{MARK} {{####}}"}},
        }},
        "OAuth": {{
            "DomainPrefix": "shop",
            "OAuthGrantType": "CODE",
            "OAuthScopes": ["EMAIL"],
            "RedirectSignInURIs": ["https://shop.example/"],
            "RedirectSignOutURIs": ["https://shop.example/"],
            "SocialProviderSettings": {{
                "Google": PROVIDER,
                "SignInWithApple": {{
                    "ClientId": "{MARK}", "KeyId": "{MARK}", "PrivateKey": PEM, "TeamId": "{MARK}"
                }},
            }},
        }},
        "RequiredSignUpAttributes": ["EMAIL"],
        "SignInMethod": "EMAIL",
        "UserPoolName": "users",
        "VerificationMessage": MESSAGE,
    }}
    made = {{"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": users}}
    return {{**made, **more}}

def params(**more):
    place = {{"AppId": "d1abc", "BackendEnvironmentName": "dev", "ResourceName": "auth"}}
    return {{**place, "ResourceConfig": config(**more)}}

def update(**more):
    """The same for UpdateBackendAuth, whose config has fewer members."""
    made = params()
    users = made["ResourceConfig"]["UserPoolConfigs"]
    for name in ("RequiredSignUpAttributes", "SignInMethod", "UserPoolName"):
        del users[name]
    return {{**made, **more}}

def answer(**more):
    return {{**params(), "Error": "none", **more}}

def wrong_secret():
    """A config in which a secret is of a wrong type."""
    made = config()
    users = {{**made["UserPoolConfigs"]}}
    users["VerificationMessage"] = {{
        **MESSAGE, "EmailSettings": {{"EmailMessage": {{"Text": "{MARK}"}}, "EmailSubject": ""}}
    }}
    return {{**made, "UserPoolConfigs": users}}

def too_short():
    """A config in which a secret breaks a rule of its own."""
    made = config()
    mfa = {{"MFAMode": "ON", "Settings": {{"MfaTypes": ["SMS"], "SmsMessage": "{MARK}"}}}}
    return {{**made, "UserPoolConfigs": {{**made["UserPoolConfigs"], "Mfa": mfa}}}}

def embedded():
    return json.dumps(params())

def dumped(fake, **more):
    return {{**json.loads(json.dumps(fake.dump())), **more}}
'''

TESTS = """
import pytest
import secret
from pytest_amplifybackend import (
    FakeAmplifyBackend, assert_shape, errors, progress, response_shape, strategies
)

@pytest.fixture
def fake():
    made = FakeAmplifyBackend(jobs=progress.manual())
    made.add_app("d1abc")
    return made

@pytest.fixture
def full():
    made = FakeAmplifyBackend(jobs=progress.manual())
    made.add_auth("d1abc", name="auth", config=secret.config())
    made.call("UpdateBackendAuth", secret.update())
    return made

def fail(*_):
    raise ZeroDivisionError
"""

ACTIONS = {
    "add_auth, unknown member": "fake.add_auth('d1abc', config=secret.config(Nope=1))",
    "add_auth, wrong type": "fake.add_auth('d1abc', config=secret.config(Service=5))",
    "add_auth, secret of a wrong type": "fake.add_auth('d1abc', config=secret.wrong_secret())",
    "add_auth, secret that breaks a rule": "fake.add_auth('d1abc', config=secret.too_short())",
    "add_auth, broken rule": "fake.add_auth('d1abc', config=secret.config(Service='SNS'))",
    "add_auth, wrong name": "fake.add_auth('d1abc', name='a b', config=secret.config())",
    "add_auth, wrong region": "fake.add_auth('d1abc', config=secret.config(), region='x')",
    "add_auth, JSON": "fake.add_auth('d1abc', config=secret.embedded())",
    "add_auth, as the app": "fake.add_auth(secret.config())",
    "add_auth, imported": "fake.add_auth('d1abc', imported=secret.params())",
    "add_auth, both": "fake.add_auth('d1abc', imported=secret.params(), config=secret.config())",
    "add_auth, no argument of it": "fake.add_auth('d1abc', confg=secret.config())",
    "add_auth, twice": "full.add_auth('d1abc', config=secret.config())",
    "add_api": "fake.add_api('d1abc', config=secret.config())",
    "add_storage": "fake.add_storage('d1abc', config=secret.config())",
    "call, unknown member": "fake.call('CreateBackendAuth', secret.params(Nope=1))",
    "call, secret of a wrong type": (
        "fake.call('CreateBackendAuth', "
        "{**secret.params(), 'ResourceConfig': secret.wrong_secret()})"
    ),
    "call, JSON": "fake.call('CreateBackendAuth', secret.embedded())",
    "call, unknown operation": "fake.call('CreateBackendAuths', secret.params())",
    "call, as the operation": "fake.call(secret.params())",
    "call, wrong region": "fake.call('CreateBackendAuth', secret.params(), region='x')",
    "call, refused": "FakeAmplifyBackend().call('CreateBackendAuth', secret.params())",
    "call, a fault": (
        "fake.fail('CreateBackendAuth', errors.ConnectionReset()); "
        "fake.call('CreateBackendAuth', secret.params())"
    ),
    "call, an override that raises": (
        "fake.override('CreateBackendAuth', fail); fake.call('CreateBackendAuth', secret.params())"
    ),
    "call, an override that does not fit": (
        "fake.override('GetBackendAuth', lambda _: secret.answer(Nope=1)); "
        "fake.call('GetBackendAuth', "
        "{name: value for name, value in secret.params().items() if name != 'ResourceConfig'})"
    ),
    "override": "fake.override('GetBackendAuth', secret.answer(Nope=1))",
    "override, secret of a wrong type": (
        "fake.override('GetBackendAuth', secret.answer(ResourceConfig=secret.wrong_secret()))"
    ),
    "override, JSON": "fake.override('GetBackendAuth', secret.embedded())",
    "fail": "fake.fail('CreateBackendAuth', errors.BadRequest(), when=secret.params(Nope=1))",
    "fail, JSON": "fake.fail('CreateBackendAuth', errors.BadRequest(), when=secret.embedded())",
    "fail, secret of a wrong type": (
        "fake.fail('CreateBackendAuth', errors.BadRequest(), "
        "when={'ResourceConfig': secret.wrong_secret()})"
    ),
    "fail, wrong times": (
        "fake.fail('CreateBackendAuth', errors.BadRequest(), times=-1, when=secret.params())"
    ),
    "delay": "fake.delay('CreateBackendAuth', seconds=-1, when=secret.params())",
    "assert_called": "full.assert_called('UpdateBackendAuth', times=3, **secret.update())",
    "assert_called, another": (
        "full.assert_called('UpdateBackendAuth', **secret.update(ResourceName='other'))"
    ),
    "assert_called, unknown member": (
        "full.assert_called('UpdateBackendAuth', Nope=secret.params())"
    ),
    "assert_called, wrong type": (
        "full.assert_called('UpdateBackendAuth', ResourceConfig=secret.wrong_secret())"
    ),
    "assert_called, other operation": "full.assert_called('Update', **secret.params())",
    "assert_not_called": "full.assert_not_called('UpdateBackendAuth')",
    "assert_no_other_calls": "full.assert_no_other_calls()",
    "load, damaged": "fake.load(secret.dumped(full, jobs=5))",
    "load, another version": "fake.load(secret.dumped(full, version=99))",
    "load, not JSON": "fake.load(secret.dumped(full, clock=float('nan')))",
    "load, JSON": "fake.load(secret.embedded())",
    "client": "fake.client(**secret.keys(nonsense=1))",
    "client, wrong region": "fake.client('x', **secret.keys())",
    "client, that botocore refuses": "fake.client(config=5, **secret.keys())",
    "FakeAmplifyBackend": "FakeAmplifyBackend(verify_signatures=secret.signatures(), seed=1.5)",
    "FakeAmplifyBackend, no option": (
        "FakeAmplifyBackend(verify_signatures=secret.signatures(), sede=1)"
    ),
    "FakeAmplifyBackend, wrong keys": (
        "FakeAmplifyBackend(verify_signatures=secret.signatures(other=[secret.embedded()]))"
    ),
    "FakeAmplifyBackend, JSON": "FakeAmplifyBackend(verify_signatures=secret.embedded())",
    "factory": "amplifybackend_factory(verify_signatures=secret.signatures(), sede=1)",
    "serve": "FakeAmplifyBackend(verify_signatures=secret.signatures()).serve(port=-1)",
    "serve, a file of another kind": (
        "FakeAmplifyBackend(verify_signatures=secret.signatures())"
        ".serve(state_file='secret.py').__enter__()"
    ),
    "assert_shape": "assert_shape('GetBackendAuth', secret.answer(ResourceName=5))",
    "assert_shape, secret of a wrong type": (
        "assert_shape('GetBackendAuth', secret.answer(ResourceConfig=secret.wrong_secret()))"
    ),
    "assert_shape, as the operation": "assert_shape(secret.answer(), 'GetBackendAuth')",
    "response_shape": "response_shape(secret.answer(), 'GetBackendAuths')",
    "requests": "strategies.requests(resource_configs=secret.config())",
    "invalid_requests": "strategies.invalid_requests('CreateBackend', app_ids=secret.config())",
    "a snapshot": "amplifybackend_snapshot.assert_match(secret.answer())",
    "attach": "fake.attach(secret.params())",
    "detach": "fake.detach(secret.params())",
    "jobs.finish": "fake.jobs.finish(secret.params())",
    "calls.of": "fake.calls.of(secret.params())",
    "clock.shift": "fake.clock.shift(secret.params())",
    "with the fake active": ("with full: full.add_auth('d1abc', config=secret.config())"),
    "while another error is handled": (
        "try: raise KeyError('theirs')\n"
        "    except KeyError: fake.add_auth('d1abc', config=secret.config(Nope=1))"
    ),
}

MARKED = """
@pytest.mark.amplifybackend(verify_signatures=secret.signatures(), seed=1.5)
def test_marker(amplifybackend):
    pass
"""

MODES = {
    "quiet": ["-q"],
    "locals": ["-vv", "-l", "--tb=long"],
    "short": ["--tb=short", "-l", "-rA", "-o", "log_level=DEBUG"],
    "native": ["--tb=native"],
    "full": ["--full-trace", "-vv", "-l"],
}


FIXTURES = ("fake", "full", "amplifybackend_factory", "amplifybackend_snapshot")


def as_test(number: int, action: str) -> str:
    """A test that does one of the actions."""
    used = ", ".join(name for name in FIXTURES if f"{name}." in action or f"{name}(" in action)
    return f"def test_{number}({used}):\n    {action}\n"


@pytest.fixture
def failing(site: pytest.Pytester) -> pytest.Pytester:
    """A folder with a test for each action."""
    tests = [as_test(number, action) for number, action in enumerate(ACTIONS.values())]
    site.makepyfile(secret=SECRETS)
    site.makepyfile("\n\n".join([TESTS, *tests, MARKED]))
    return site


def leaks(text: object) -> list[str]:
    """The lines of an output that contain a secret."""
    return [line for line in str(text).splitlines() if MARK in line]


@pytest.mark.parametrize(
    "mode",
    ["quiet", "locals", *(pytest.param(mode, marks=only_full()) for mode in list(MODES)[2:])],
)
def test_no_mode_of_output_tells_one(failing: pytest.Pytester, mode: str) -> None:
    junit = ("--junitxml=junit.xml", "-o", "junit_logging=all")
    result = failing.runpytest("-p", "no:randomly", *junit, *MODES[mode])
    result.assert_outcomes(failed=len(ACTIONS), errors=1)
    assert leaks(result.stdout) == leaks(result.stderr) == []
    report = failing.path.joinpath("junit.xml").read_text()
    assert report.count("<failure") == len(ACTIONS)
    assert leaks(report) == []
    if mode == "quiet":
        shown = re.findall(r"(?m)^(\S+\.py):\d+: ", str(result.stdout))
        assert len(shown) > len(ACTIONS)
        assert not [path for path in shown if "pytest_amplifybackend/" in path]


LOGGED = """
import logging
import pytest
import secret

PLACE = {"AppId": "d1abc", "BackendEnvironmentName": "dev", "ResourceName": "auth"}

def use(client):
    client.create_backend(AppId="d1abc", AppName="shop", BackendEnvironmentName="dev")
    client.create_backend_auth(**secret.params())
    answer = client.get_backend_auth(**PLACE)
    assert answer["ResourceConfig"]["UserPoolConfigs"]["OAuth"]
    logging.getLogger("botocore.endpoint").debug("once more: %s", answer)
    pytest.fail("to show the log")

@pytest.mark.amplifybackend(transport="stubber")
def test_stubber(amplifybackend):
    use(amplifybackend.client(**secret.keys()))

@pytest.mark.amplifybackend(transport="wire")
def test_wire(amplifybackend):
    use(amplifybackend.client(**secret.keys()))

def test_server(amplifybackend_server):
    import boto3
    client = boto3.client(
        "amplifybackend", region_name="us-east-1", endpoint_url=amplifybackend_server.url,
        **secret.keys(),
    )
    use(client)

def test_the_log_is_as_ever_afterwards():
    for name in ("auth", "endpoint", "parsers"):
        assert not logging.getLogger(f"botocore.{name}").filters
"""


def test_the_debug_log_of_botocore_tells_none(site: pytest.Pytester) -> None:
    pytest.importorskip("boto3")
    site.makepyfile(secret=SECRETS)
    site.makepyfile(LOGGED)
    result = site.runpytest("-p", "no:randomly", "--tb=short", "-o", "log_level=DEBUG")
    result.assert_outcomes(failed=3, passed=1)
    text = str(result.stdout)
    assert text.count("CanonicalRequest:") > 5
    assert text.count("Response body:") > 5
    assert text.count("once more: {") == 3
    assert "x-amz-security-token:<redacted>" in text
    assert "'userPoolName': 'users'" in text or '"userPoolName":"users"' in text
    assert leaks(text) == []
