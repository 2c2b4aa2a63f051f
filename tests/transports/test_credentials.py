"""Clients of a fake ask nobody for credentials: not IMDS, STS, SSO, nor a command of their own."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import NoRegionError, ProfileNotFound
from botocore.session import Session
from volume import only_full

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports import credentials

_REAL = socket.getaddrinfo
TRANSPORTS = ("stubber", "wire")
ROLE = "arn:aws:iam::123456789012:role/deploy"
CONFIGS = {
    "nothing": "",
    "role": f"[default]\nrole_arn = {ROLE}\nsource_profile = base\n[profile base]\n"
    "aws_access_key_id = AKIABASE\naws_secret_access_key = b\n",
    "role of the instance": f"[default]\nrole_arn = {ROLE}\n"
    "credential_source = Ec2InstanceMetadata\n",
    "single sign-on": "[default]\nsso_session = me\nsso_account_id = 1\nsso_role_name = r\n"
    "[sso-session me]\nsso_region = us-east-1\nsso_start_url = https://me.awsapps.com/start\n",
    "old single sign-on": "[default]\nsso_account_id = 123456789012\nsso_role_name = r\n"
    "sso_region = us-east-1\nsso_start_url = https://me.awsapps.com/start\n",
    "process": "[default]\ncredential_process = {python} -c \"open('{ran}', 'w')\"\n",
    "web identity": f"[default]\nrole_arn = {ROLE}\nweb_identity_token_file = /dev/null\n",
    "login": "[default]\nlogin_session = arn:aws:iam::123456789012:user/me\n",
    "defaults by region": "[default]\ndefaults_mode = auto\n",
    "endpoints": "[default]\nservices = local\n[services local]\namplifybackend =\n"
    "  endpoint_url = https://amplifybackend.us-east-1.amazonaws.com\n",
    "retries and parameters": "[default]\nretry_mode = adaptive\nmax_attempts = 9\n"
    "parameter_validation = true\nca_bundle = /nope\ntcp_keepalive = true\n",
}
VARIABLES = {
    "web identity of a pod": {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "/dev/null"},
    "container": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/get"},
    "container of ECS": {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials"},
    "half a pair": {"AWS_ACCESS_KEY_ID": "AKIAHALF"},
    "a profile that is not there": {"AWS_PROFILE": "nope"},
    "an older variable for it": {"AWS_DEFAULT_PROFILE": "nope"},
    "defaults by region": {"AWS_DEFAULTS_MODE": "auto"},
    "CA bundle": {"AWS_CA_BUNDLE": "/nope.pem", "REQUESTS_CA_BUNDLE": "/nope.pem"},
    "adaptive retries": {"AWS_RETRY_MODE": "adaptive", "AWS_MAX_ATTEMPTS": "9"},
    "standard retries": {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "1"},
    "FIPS": {"AWS_USE_FIPS_ENDPOINT": "true"},
    "dual stack": {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
    "both": {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
    "an endpoint for all": {"AWS_ENDPOINT_URL": "http://localhost:1"},
    "an endpoint for the service": {
        "AWS_ENDPOINT_URL_AMPLIFYBACKEND": "https://amplifybackend.eu-west-1.amazonaws.com"
    },
    "endpoints that are ignored": {
        "AWS_ENDPOINT_URL": "http://localhost:1",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    },
    "a proxy": {"HTTPS_PROXY": "http://localhost:1", "HTTP_PROXY": "http://localhost:1"},
    "a token": {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"},
    "a bearer token": {"AWS_BEARER_TOKEN_BEDROCK": "any"},
    "no metadata": {"AWS_EC2_METADATA_DISABLED": "true"},
    "no files": {"AWS_SHARED_CREDENTIALS_FILE": "/nope/c", "AWS_CONFIG_FILE": "/nope/f"},
    "a region that is none": {"AWS_DEFAULT_REGION": ""},
    "an account": {"AWS_ACCOUNT_ID": "123456789012", "AWS_ACCOUNT_ID_ENDPOINT_MODE": "required"},
}


class Machine:
    """A machine whose AWS configuration a test sets, and what anybody asked."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder, self._monkeypatch = folder, monkeypatch
        self.asked: list[str] = []

    def configure(self, name: str) -> None:
        config = CONFIGS.get(name, "").format(python=sys.executable, ran=self._folder / "ran")
        self.write(config)
        for variable, value in VARIABLES.get(name, {}).items():
            self.set(variable, value)

    def write(self, config: str) -> None:
        (self._folder / "config").write_text(config)
        self.set("AWS_CONFIG_FILE", str(self._folder / "config"))

    def set(self, variable: str, value: str) -> None:
        self._monkeypatch.setenv(variable, value)

    def asks(self, host: Any, *args: Any, **kwargs: Any) -> Any:
        if host == "127.0.0.1":
            return _REAL(host, *args, **kwargs)
        self.asked.append(str(host))
        raise OSError("nothing can be asked in this test")

    @property
    def ran_a_command(self) -> bool:
        return (self._folder / "ran").exists()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("HOME", str(tmp_path))
    made = Machine(tmp_path, monkeypatch)
    monkeypatch.setattr(socket, "getaddrinfo", made.asks)
    yield made
    assert made.asked == []
    assert not made.ran_a_command


def _sees(client: Any) -> list[str]:
    return list(client.get_backend(AppId="d1abc")["BackendEnvironmentList"])


@contextlib.contextmanager
def _active(transport: Any) -> Iterator[FakeAmplifyBackend]:
    with FakeAmplifyBackend(transport=transport) as fake:
        fake.add_app("d1abc")
        yield fake


def _of_botocore() -> Any:
    return Session().create_client("amplifybackend", region_name="us-east-1")


def _of_boto3() -> Any:
    boto3 = pytest.importorskip("boto3")
    return boto3.Session().client("amplifybackend", region_name="us-east-1")


def _of_boto3s_default() -> Any:
    boto3 = pytest.importorskip("boto3")
    before, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, None
    try:
        return boto3.client("amplifybackend", region_name="us-east-1")
    finally:
        boto3.DEFAULT_SESSION = before


def _cases() -> Iterator[Any]:
    """Each configuration with each maker and transport; by default with two of these six."""
    ways = list(itertools.product(TRANSPORTS, [_of_botocore, _of_boto3, _of_boto3s_default]))
    for number, name in enumerate([*CONFIGS, *(name for name in VARIABLES if name not in CONFIGS)]):
        for place, (transport, made_by) in enumerate(ways):
            marks = () if (number + place) % 3 == 0 else only_full()
            yield pytest.param(transport, name, made_by, marks=marks)


@pytest.mark.parametrize(("transport", "name", "made_by"), list(_cases()))
def test_a_client_that_is_made_while_active(
    machine: Machine, transport: str, name: str, made_by: Callable[[], Any]
) -> None:
    machine.configure(name)
    with _active(transport):
        assert _sees(made_by()) == ["dev"]


def _region_in_a_file(machine: Machine) -> None:
    machine.write("[default]\nregion = eu-west-2\n")


def _region_in_a_profile(machine: Machine) -> None:
    machine.write("[profile work]\nregion = eu-west-2\n")
    machine.set("AWS_PROFILE", "work")


REGIONS: dict[str, tuple[Callable[[Machine], None], dict[str, Any], str]] = {
    "nothing": (lambda _: None, {}, "ap-south-1"),
    "a profile that is not there": (lambda m: m.set("AWS_PROFILE", "nope"), {}, "ap-south-1"),
    "an empty variable": (lambda m: m.set("AWS_DEFAULT_REGION", ""), {}, "ap-south-1"),
    "a variable": (lambda m: m.set("AWS_DEFAULT_REGION", "eu-west-2"), {}, "eu-west-2"),
    "a file": (_region_in_a_file, {}, "eu-west-2"),
    "a profile": (_region_in_a_profile, {}, "eu-west-2"),
    "an argument": (_region_in_a_file, {"region_name": "eu-west-3"}, "eu-west-3"),
    "a config": (_region_in_a_file, {"config": Config(region_name="eu-west-3")}, "eu-west-3"),
}
"""What the machine and the program say, and the region of the client that comes of it."""


@pytest.mark.parametrize("said", REGIONS)
def test_the_region_is_the_fakes_where_nothing_names_one(machine: Machine, said: str) -> None:
    prepare, arguments, region = REGIONS[said]
    prepare(machine)
    fake = FakeAmplifyBackend(region="ap-south-1")
    fake.add_app("d1abc", region=region)
    with fake:
        client = Session().create_client("amplifybackend", **arguments)
        assert (client.meta.region_name, _sees(client)) == (region, ["dev"])
        positional = Session().create_client("amplifybackend", arguments.get("region_name"))
        assert positional.meta.region_name in (region, "eu-west-2")


def test_a_client_made_before_the_fake_needs_a_region(machine: Machine) -> None:
    machine.set("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(NoRegionError):
        Session().create_client("amplifybackend")


def test_a_client_in_this_process_of_a_served_fake(machine: Machine) -> None:
    pytest.importorskip("httptools")
    machine.configure("nothing")
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc")
    with fake.serve() as server:
        client = Session().create_client(
            "amplifybackend", region_name="us-east-1", endpoint_url=server.url
        )
        assert _sees(client) == ["dev"]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("variable", [True, False], ids=["variables", "file"])
def test_credentials_that_lie_at_hand_sign(
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    transport: str,
    variable: bool,
) -> None:
    machine.configure("nothing")
    if variable:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHAND")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "h")
    else:
        (tmp_path / "keys").write_text(
            "[default]\naws_access_key_id = AKIAHAND\naws_secret_access_key = h\n"
        )
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    with _active(transport):
        client = _of_botocore()
        assert _sees(client) == ["dev"]
        assert client._request_signer._credentials.access_key == "AKIAHAND"


DUMMY = "testing" if credentials._SIGNS_PER_REQUEST else ""
"""Who signs in place of credentials that would have to be asked for; nobody with old botocores."""


def _signed_by(client: Any) -> list[str]:
    """Whose keys sign the requests of a client."""
    seen: list[str] = []

    def note(request: Any, **_: Any) -> None:
        header = request.headers.get("Authorization", b"")
        header = header.decode() if isinstance(header, bytes) else header
        seen.append(header.partition("Credential=")[2].partition("/")[0])

    client.meta.events.register_first("before-send.amplifybackend.GetBackend", note)
    return seen


class _Asking(RefreshableCredentials):
    """Credentials of the program's own that are asked for as they are needed."""

    def __init__(self) -> None:
        super().__init__("AKIAOLD", "o", "token", None, self._never, "assume-role")

    def _never(self) -> Any:
        raise AssertionError("asked for credentials")

    def get_frozen_credentials(self) -> Any:
        raise AssertionError("asked for credentials")


def test_a_client_made_before_with_credentials_to_be_asked_for(machine: Machine) -> None:
    session = Session()
    session._credentials = _Asking()
    client = session.create_client("amplifybackend", region_name="us-east-1")
    seen = _signed_by(client)
    with _active("wire"):
        assert _sees(client) == ["dev"]
        fresh = session.create_client("amplifybackend", region_name="us-east-1")
        assert _sees(fresh) == ["dev"]
    assert seen == [DUMMY]
    assert isinstance(client._request_signer._credentials, _Asking)
    assert isinstance(session._credentials, _Asking)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_presigning_asks_nobody_either(machine: Machine, transport: str) -> None:
    session = Session()
    session._credentials = _Asking()
    client = session.create_client("amplifybackend", region_name="us-east-1")
    with _active(transport):
        assert _sees(client) == ["dev"]
        url = client.generate_presigned_url("get_token", {"AppId": "d1abc", "SessionId": "s"})
    assert ("Credential=testing" in url) == bool(DUMMY)
    with pytest.raises(AssertionError, match="asked for credentials"):
        client.generate_presigned_url("get_token", {"AppId": "d1abc", "SessionId": "s"})


def test_keys_that_the_program_gives_stay(machine: Machine) -> None:
    session = Session()
    session.set_credentials("AKIAGIVEN", "g")
    with _active("wire"):
        given = session.create_client("amplifybackend", region_name="us-east-1")
        named = Session().create_client(
            "amplifybackend",
            region_name="us-east-1",
            aws_access_key_id="AKIANAMED",
            aws_secret_access_key="n",
        )
        for client, key in ((given, "AKIAGIVEN"), (named, "AKIANAMED")):
            seen = _signed_by(client)
            assert _sees(client) == ["dev"]
            assert seen == [key]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_sessions_and_other_services_are_left_as_they_were(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    machine.configure("nothing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    before = dict(vars(Session)), dict(os.environ)
    session = Session()
    with _active(transport):
        session.create_client("amplifybackend", region_name="us-east-1")
        assert session._credentials is None
        assert session.get_credentials() is None
        other = session.create_client("sts", region_name="us-east-1")
        assert other._request_signer._credentials is None
    assert (dict(vars(Session)), dict(os.environ)) == before


def test_another_service_still_assumes_its_role(machine: Machine) -> None:
    machine.configure("role")
    with _active("wire"):
        session = Session()
        session.create_client("amplifybackend", region_name="us-east-1")
        other = session.create_client("s3", region_name="us-east-1")
        assert other._request_signer._credentials.method == "assume-role"


@pytest.mark.parametrize("made", [lambda: Session(profile="nope"), lambda: Session()])
def test_a_missing_profile_matters_where_a_program_names_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, made: Callable[[], Session]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    with _active("stubber"):
        session = made()
        with pytest.raises(ProfileNotFound, match="nope"):
            session.create_client("sts", "us-east-1")
        if session.instance_variables():
            with pytest.raises(ProfileNotFound):
                session.create_client("amplifybackend", "us-east-1")


def test_unsigned_clients_stay_unsigned(machine: Machine) -> None:
    from botocore import UNSIGNED

    with _active("wire"):
        client = Session().create_client(
            "amplifybackend", "us-east-1", config=Config(signature_version=UNSIGNED)
        )
        assert client._request_signer._credentials is None
        assert _sees(client) == ["dev"]


def test_plain_credentials_are_the_sessions_own(machine: Machine) -> None:
    session = Session()
    session._credentials = Credentials("AKIAPLAIN", "p")
    with _active("stubber"):
        client = session.create_client("amplifybackend", "us-east-1")
        assert client._request_signer._credentials is session._credentials


def test_the_dump_of_a_fake_knows_no_credentials(machine: Machine) -> None:
    with _active("wire") as fake:
        _sees(_of_botocore())
        assert "testing" not in json.dumps(fake.dump())
