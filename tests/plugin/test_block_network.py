"""``amplifybackend_block_network``: a forgotten fixture is an error, and no call to AWS."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.client import BaseClient
from volume import full_only, only_full

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports.activation import ACTIVE

REAL = "https://amplifybackend.us-east-1.amazonaws.com"
BLOCKED = (
    f"*UnservedRequest: ListS3Buckets was not sent to {REAL}: no FakeAmplifyBackend is active, and "
    "amplifybackend_block_network is on. Request the fixture 'amplifybackend' in the test, or use "
    "`with FakeAmplifyBackend():`. To reach the real service, turn "
    "amplifybackend_block_network off."
)
ON = "amplifybackend: calls outside a fake are blocked (amplifybackend_block_network)"
INI = "[pytest]\namplifybackend_block_network = true\n"
CLIENTS = """
    import botocore.session

    def client(service="amplifybackend", **options):
        return botocore.session.Session().create_client(
            service, **{"region_name": "us-east-1", **options}
        )

    def buckets(client):
        return [bucket["Name"] for bucket in client.list_s3_buckets()["Buckets"]]
"""
FORGETS = """
    from clients import client

    def test_it():
        client().list_s3_buckets()
"""
TESTS = """
    import pytest
    from clients import buckets, client

    MADE_AT_IMPORT = client()

    def test_forgets():
        buckets(MADE_AT_IMPORT)

    def test_remembers(amplifybackend):
        amplifybackend.add_bucket("mine")
        assert buckets(MADE_AT_IMPORT) == buckets(client()) == ["mine"]
"""


def _process() -> list[Any]:
    """What the net touches first and last, of this process and of those that it starts."""
    shown = subprocess.check_output(["/usr/bin/env"], text=True).splitlines()
    return [
        vars(BaseClient).copy(),
        socket.getaddrinfo,
        vars(ssl.SSLContext).copy(),
        {name: value for name, value in os.environ.items() if name.startswith("AWS_")},
        [line for line in shown if line.startswith("AWS_")],
        [*sys.meta_path],
        [*ACTIVE],
    ]


@pytest.fixture
def blocking(site: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.Pytester]:
    """A project that blocks the network, on a machine without network; all is put back."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    site.makeini(INI)
    site.makepyfile(clients=CLIENTS)
    before = _process()
    yield site
    assert _process() == before


# Switching it on and off


def test_the_ini_key(blocking: pytest.Pytester) -> None:
    blocking.makepyfile(TESTS)
    result = blocking.runpytest("--strict-config")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["amplifybackend: seed=0*", ON, f"E {BLOCKED}"])


@pytest.mark.parametrize("value", ["false", "true"])
def test_the_option(blocking: pytest.Pytester, value: str) -> None:
    blocking.makeini(f"[pytest]\namplifybackend_block_network = {value}\n")
    blocking.makepyfile(TESTS)
    result = blocking.runpytest("--amplifybackend-block-network")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([ON, f"E {BLOCKED}"])


def test_the_option_that_pytest_has_for_every_ini_key(blocking: pytest.Pytester) -> None:
    blocking.makepyfile(
        """
        from botocore.client import BaseClient

        def test_it():
            assert BaseClient._make_api_call.__module__ == "botocore.client"
        """
    )
    result = blocking.runpytest("-o", "amplifybackend_block_network=false")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*block*")


def test_a_value_that_is_none(blocking: pytest.Pytester) -> None:
    blocking.makeini("[pytest]\namplifybackend_block_network = perhaps\n")
    blocking.makepyfile(TESTS)
    result = blocking.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = [line for line in result.errlines if line]
    reason = "invalid truth value 'perhaps'"
    assert told == [f"ERROR: amplifybackend_block_network must be true or false: {reason}"]


def test_what_is_imported_at_start(blocking: pytest.Pytester) -> None:
    blocking.makepyfile(
        """
        import sys

        def test_it():
            assert not {"botocore", "boto3", "graphql"} & set(sys.modules)
            assert "pytest_amplifybackend._transports.blocked" in sys.modules
        """
    )
    blocking.runpytest_subprocess().assert_outcomes(passed=1)


# From the beginning to the end of a session


def test_a_call_at_the_import_of_a_test_module(blocking: pytest.Pytester) -> None:
    blocking.makepyfile(
        test_bad="from clients import client\n\nclient().list_s3_buckets()\n",
        test_good="def test_it(): pass",
    )
    result = blocking.runpytest("--continue-on-collection-errors")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ERROR collecting test_bad.py*", f"E {BLOCKED}"])


def test_a_call_at_the_import_of_a_conftest(blocking: pytest.Pytester) -> None:
    blocking.makeconftest("from clients import client\n\nclient().list_s3_buckets()\n")
    result = blocking.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"E {BLOCKED}"])


def test_a_call_in_a_hook(blocking: pytest.Pytester) -> None:
    blocking.makeconftest(
        """
        import pytest
        from clients import client
        from pytest_amplifybackend import errors

        def blocked(hook):
            def call():
                with pytest.raises(errors.UnservedRequest):
                    client().list_s3_buckets()
                print(f"blocked in {hook}")
            return call

        pytest_configure = blocked("configure")
        pytest_sessionstart = blocked("sessionstart")
        pytest_sessionfinish = blocked("sessionfinish")
        pytest_unconfigure = blocked("unconfigure")
        """
    )
    blocking.makepyfile("def test_it(): pass")
    result = blocking.runpytest("-s")
    result.assert_outcomes(passed=1)
    hooks = ("configure", "sessionstart", "sessionfinish", "unconfigure")
    result.stdout.fnmatch_lines([f"*blocked in {hook}" for hook in hooks])


@pytest.mark.parametrize(
    "conftest",
    [
        "raise ValueError('at its import')",
        "def pytest_configure():\n    raise ValueError('half way')",
        "import pytest\n\ndef pytest_configure():\n    raise pytest.UsageError('half way')",
        "import pytest\n\ndef pytest_sessionstart():\n    pytest.exit('at the start')",
        "def pytest_collection():\n    raise KeyboardInterrupt",
    ],
)
def test_it_ends_with_a_session_that_fails(blocking: pytest.Pytester, conftest: str) -> None:
    blocking.makeconftest(conftest)
    blocking.makepyfile(FORGETS)
    assert blocking.inline_run(no_reraise_ctrlc=True).ret != pytest.ExitCode.OK


def test_the_plugin_that_a_conftest_brings_in(
    blocking: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    blocking.makeconftest("pytest_plugins = ['pytest_amplifybackend.plugin']")
    blocking.makepyfile(TESTS)
    result = blocking.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([ON, f"E {BLOCKED}"])


def test_a_run_inside_a_run(blocking: pytest.Pytester) -> None:
    blocking.makeconftest("pytest_plugins = ['pytester']")
    blocking.makepyfile(
        """
        import pytest
        from clients import buckets, client
        from pytest_amplifybackend import FakeAmplifyBackend, errors

        TEST = '''
            import pytest
            from clients import buckets, client
            from pytest_amplifybackend import errors

            def test_forgets():
                with pytest.raises(errors.UnservedRequest):
                    client().list_s3_buckets()

            def test_remembers(amplifybackend):
                assert buckets(client()) == []
        '''

        @pytest.mark.parametrize("inside", [True, False])
        @pytest.mark.parametrize("value", ["true", "false"])
        def test_it(pytester, inside, value):
            pytester.makepyfile(TEST)
            fake = FakeAmplifyBackend()
            fake.add_bucket("outer")
            if inside:
                fake.activate()
            result = pytester.runpytest("-o", f"amplifybackend_block_network={value}")
            served = inside and value == "false"
            result.assert_outcomes(passed=2 - served, failed=int(served))
            if inside:
                assert buckets(client()) == ["outer"]
                fake.deactivate()
            with pytest.raises(errors.UnservedRequest):
                client().list_s3_buckets()
        """
    )
    blocking.runpytest("-p", "no:randomly").assert_outcomes(passed=4)


@full_only
def test_workers_of_xdist(blocking: pytest.Pytester) -> None:
    """The one run of the plugin under xdist: fixtures, leftovers and the blocked network."""
    pytest.importorskip("xdist")
    blocking.makeconftest(
        """
        import pytest
        from clients import client
        from pytest_amplifybackend import errors

        with pytest.raises(errors.UnservedRequest):  # in the controller as well
            client().list_s3_buckets()
        """
    )
    blocking.makepyfile(
        f"""
        import os, subprocess
        import pytest
        from clients import buckets, client
        from pytest_amplifybackend import FakeAmplifyBackend, errors

        @pytest.mark.parametrize("number", range(4))
        def test_forgets(number):
            assert client().meta.endpoint_url == "{REAL}"
            assert "AWS_ENDPOINT_URL_AMPLIFYBACKEND" not in os.environ
            with pytest.raises(errors.UnservedRequest):
                client().list_s3_buckets()

        @pytest.mark.parametrize("number", range(4))
        def test_remembers(number, amplifybackend):
            assert buckets(client()) == []

        def test_leaves_a_fake_active():
            FakeAmplifyBackend().activate()

        def test_a_child():
            shown = subprocess.check_output(["/usr/bin/env"], text=True)
            assert "AWS_ENDPOINT_URL_AMPLIFYBACKEND=http://127.0.0.1:" in shown
        """
    )
    result = blocking.runpytest_subprocess("-n", "2")
    result.assert_outcomes(passed=10, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_leaves_a_fake_active*"])


# Fakes in such a session


def test_fakes_of_every_kind(blocking: pytest.Pytester) -> None:
    for name in ("httptools", "responses", "requests", "moto", "boto3"):
        pytest.importorskip(name)
    blocking.makepyfile(
        f"""
        import threading
        import boto3, pytest, requests
        from clients import buckets, client
        from pytest_amplifybackend import FakeAmplifyBackend, errors

        MADE_AT_IMPORT = boto3.client("amplifybackend", region_name="us-east-1")
        APP = {{"AppId": "d1abc", "BackendEnvironmentName": "dev"}}

        @pytest.fixture(autouse=True)
        def nothing_reaches_aws_after_a_test():
            yield
            with pytest.raises(errors.UnservedRequest):
                MADE_AT_IMPORT.list_s3_buckets()

        @pytest.fixture(scope="module")
        def of_the_module(amplifybackend_factory):
            with amplifybackend_factory() as fake:
                fake.add_bucket("module")
                yield fake

        def test_server(amplifybackend_server):
            amplifybackend_server.fake.add_bucket("served")
            assert buckets(client()) == ["served"]
            assert buckets(client(endpoint_url=amplifybackend_server.url)) == ["served"]

        def test_responses(amplifybackend_responses):
            answer = requests.post("{REAL}/s3Buckets", json={{}}, timeout=1)
            assert answer.status_code == 200

        def test_moto(amplifybackend_moto):
            boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="inmoto")
            assert buckets(MADE_AT_IMPORT) == ["inmoto"]

        def test_in_a_thread(amplifybackend):
            amplifybackend.add_bucket("mine")
            seen = []
            thread = threading.Thread(target=lambda: seen.append(buckets(MADE_AT_IMPORT)))
            thread.start()
            thread.join()
            assert seen == [["mine"]]

        @pytest.mark.parametrize("transport", ["stubber", "wire"])
        def test_with(transport):
            with FakeAmplifyBackend(transport=transport) as fake:
                fake.add_bucket("mine")
                assert buckets(MADE_AT_IMPORT) == buckets(client()) == ["mine"]

        def test_a_client_of_a_fake_that_is_not_active(amplifybackend_factory):
            assert buckets(amplifybackend_factory().client()) == []
        """
    )
    blocking.makepyfile(
        test_of_a_module="""
        import pytest
        from clients import buckets, client

        @pytest.fixture(scope="module", autouse=True)
        def of_the_module(amplifybackend_factory):
            with amplifybackend_factory() as fake:
                fake.add_bucket("module")
                yield fake

        @pytest.mark.parametrize("number", range(2))
        def test_it(number):
            assert buckets(client()) == ["module"]

        def test_one_of_its_own(amplifybackend):
            assert buckets(client()) == []
        """
    )
    blocking.runpytest("-p", "no:randomly").assert_outcomes(passed=10)


def test_localstack_and_the_like(blocking: pytest.Pytester) -> None:
    pytest.importorskip("httptools")
    fake = FakeAmplifyBackend()
    fake.add_bucket("elsewhere")
    with fake.serve() as server:
        blocking.makepyfile(
            f"""
            from clients import buckets, client

            def test_it(monkeypatch):
                assert buckets(client(endpoint_url="{server.url}")) == ["elsewhere"]
                monkeypatch.setenv("AWS_ENDPOINT_URL_AMPLIFYBACKEND", "{server.url}")
                assert buckets(client()) == ["elsewhere"]
            """
        )
        blocking.runpytest().assert_outcomes(passed=1)


# The contract suite


ELSEWHERE = """
    import os
    import socket
    from clients import client

    os.environ.pop("AWS_ENDPOINT_URL_AMPLIFYBACKEND")  # the server's, for any child
    os.environ["AWS_ACCESS_KEY_ID"] = os.environ["AWS_SECRET_ACCESS_KEY"] = "testing"
    REAL = socket.getaddrinfo

    def getaddrinfo(host, *args, **kwargs):
        return REAL("127.0.0.1" if host == "target.example.com" else host, *args, **kwargs)

    def pytest_configure():
        socket.getaddrinfo = getaddrinfo

    def pytest_unconfigure():
        socket.getaddrinfo = REAL

    def pytest_amplifybackend_client(config, region):
        return client(region_name=region, endpoint_url="{url}")
"""


@pytest.mark.parametrize(
    "target", ["url", *(pytest.param(name, marks=only_full()) for name in ("hook", "aws"))]
)
def test_the_contract_suite_reaches_its_target(blocking: pytest.Pytester, target: str) -> None:
    for name in ("httptools", "hypothesis"):
        pytest.importorskip(name)
    blocking.makepyfile(test_forgets=FORGETS)
    with FakeAmplifyBackend().serve(allowed_hosts=["target.example.com"]) as server:
        url = f"http://target.example.com:{server.port}"
        blocking.makeconftest(ELSEWHERE.format(url=url))
        options = {"url": [f"--amplifybackend-target={url}"]}.get(
            target, [f"--amplifybackend-target={target}", f"--amplifybackend-endpoint={url}"]
        )
        result = blocking.runpytest_subprocess(
            "--pyargs",
            "pytest_amplifybackend.contract.test_errors",
            "test_forgets.py",
            "--amplifybackend-operations=ListS3Buckets,GetBackend",
            *options,
        )
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] == 1
    assert outcomes["passed"] > 0
    assert "errors" not in outcomes
    result.stdout.fnmatch_lines([f"E {BLOCKED}"])
