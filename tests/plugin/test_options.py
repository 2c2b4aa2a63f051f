"""Ini keys and command-line options set the defaults; the header says what they are."""

from __future__ import annotations

import inspect

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, _options, _transports, errors, progress

TEST = """
    import pytest

    def test_it(amplifybackend):
        client = amplifybackend.client()
        app = {{"AppId": "d1abc", "BackendEnvironmentName": "dev"}}
        with pytest.raises(Exception) as caught:
            client.get_backend(**app)
        job = client.create_backend(AppName="shop", **app)["JobId"]
        assert {{
            "region": amplifybackend.region,
            "errors": caught.value.response["Error"]["Code"],
            "jobs": amplifybackend.jobs[job].status,
            "same ids": job == "{job}",
        }} == {expected!r}
"""
DEFAULTS = {
    "region": "us-east-1",
    "errors": "NotFoundException",
    "jobs": "COMPLETED",
    "same ids": True,
}
OTHERS = {
    "region": "eu-west-1",
    "errors": "ResourceNotFoundException",
    "jobs": "PENDING",
    "same ids": False,
}
VALUES = {"region": "eu-west-1", "errors": "observed", "jobs": "manual", "seed": "7"}


@pytest.fixture
def job() -> str:
    """The id of the first job with the default seed."""
    app = {"AppId": "d1abc", "BackendEnvironmentName": "dev", "AppName": "shop"}
    return str(FakeAmplifyBackend().call("CreateBackend", app)["JobId"])


def test_the_defaults(site: pytest.Pytester, job: str) -> None:
    site.makepyfile(TEST.format(job=job, expected=DEFAULTS))
    result = site.runpytest()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "amplifybackend: seed=0, jobs=immediate, errors=modeled, transport=stubber, "
            "region=us-east-1, amplify=auto"
        ]
    )


def test_ini_keys(site: pytest.Pytester, job: str) -> None:
    lines = "\n".join(f"amplifybackend_{name} = {value}" for name, value in VALUES.items())
    site.makeini(f"[pytest]\n{lines}\n")
    site.makepyfile(TEST.format(job=job, expected=OTHERS))
    result = site.runpytest("--strict-config")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["amplifybackend: seed=7, jobs=manual, errors=observed, *eu-west-1, amplify=auto"]
    )


def test_options_win_over_ini_keys(site: pytest.Pytester, job: str) -> None:
    site.makeini("[pytest]\namplifybackend_jobs = after_reads:3\namplifybackend_seed = 3\n")
    site.makepyfile(TEST.format(job=job, expected=OTHERS))
    options = [f"--amplifybackend-{name}={value}" for name, value in VALUES.items()]
    site.runpytest(*options).assert_outcomes(passed=1)


def test_markers_win_over_options(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import pytest

        @pytest.mark.amplifybackend(region="eu-west-1")
        def test_it(amplifybackend):
            assert amplifybackend.region == "eu-west-1"
        """
    )
    site.runpytest("--amplifybackend-region=us-west-2").assert_outcomes(passed=1)


def test_the_factory_has_the_same_defaults(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        def test_it(amplifybackend_factory):
            assert amplifybackend_factory().region == "us-west-2"
            assert amplifybackend_factory(region="eu-west-1").region == "eu-west-1"
        """
    )
    site.runpytest("--amplifybackend-region=us-west-2").assert_outcomes(passed=1)


@pytest.mark.parametrize("seed", ["-3", "0", "shop"])
def test_a_seed_is_a_number_or_any_text(site: pytest.Pytester, seed: str) -> None:
    expected = int(seed) if seed != "shop" else seed
    site.makepyfile(
        f"""
        from pytest_amplifybackend import FakeAmplifyBackend

        APP = {{"AppId": "d1abc", "BackendEnvironmentName": "dev", "AppName": "shop"}}

        def test_it(amplifybackend):
            same = FakeAmplifyBackend(seed={expected!r})
            jobs = [fake.call("CreateBackend", APP)["JobId"] for fake in (amplifybackend, same)]
            assert jobs[0] == jobs[1]
        """
    )
    site.runpytest(f"--amplifybackend-seed={seed}").assert_outcomes(passed=1)


BAD = {
    "jobs=sometimes": "UsageError: amplifybackend_jobs: 'sometimes' is not a progress policy: "
    "write immediate, manual, after_reads:N or after_seconds:S.",
    "jobs=after_reads:many": "UsageError: amplifybackend_jobs: 'after_reads:many' is not *",
    "errors=wild": "InvalidArgument: FakeAmplifyBackend(): errors must be one of 'modeled', "
    "'observed', not 'wild'.",
    "transport=pigeon": "InvalidArgument: FakeAmplifyBackend(): transport must be one of *, not "
    "'pigeon'.",
    "amplify=maybe": "UsageError: amplifybackend_amplify: must be true, false or auto, not *",
}


@pytest.mark.parametrize("option", BAD)
def test_a_bad_value_is_one_sentence(site: pytest.Pytester, option: str) -> None:
    site.makepyfile("def test_it(amplifybackend): pass")
    result = site.runpytest(f"--amplifybackend-{option}")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"test_a_bad_value_is_one_sentence.py:1: {BAD[option]}"])
    result.stdout.no_fnmatch_line("E  *")
    result.stdout.no_fnmatch_line("*plugin.py*")


NEIGHBOR = """
    import boto3
    import pytest

    def apps():
        return boto3.client("amplify", region_name="us-east-1").list_apps()["apps"]

    def test_by_the_ini_file(amplifybackend):
        amplifybackend.add_app("d1", branches={"main": "dev"})
        assert [app["appId"] for app in apps()] == ["d1"]

    @pytest.mark.amplifybackend(amplify=False)
    def test_a_marker_wins(amplifybackend):
        with pytest.raises(Exception, match="amplify=True"):
            amplifybackend.call("ListApps")

    def test_a_client(amplifybackend_factory):
        assert amplifybackend_factory().client(service_name="amplify").list_apps()["apps"] == []

    def test_a_server(amplifybackend_server):
        assert apps() == []
        assert amplifybackend_server.env["AWS_ENDPOINT_URL_AMPLIFY"] == amplifybackend_server.url

    def test_requests(amplifybackend_responses):
        import requests

        url = "https://amplify.eu-west-1.amazonaws.com/apps"
        assert requests.get(url, timeout=5).json() == {"apps": []}
"""


def test_the_neighbor(site: pytest.Pytester) -> None:
    for module in ("httptools", "responses"):
        pytest.importorskip(module)
    site.makeini("[pytest]\namplifybackend_amplify = true\n")
    site.makepyfile(NEIGHBOR)
    site.runpytest().assert_outcomes(passed=5)


def test_the_neighbor_is_blocked_with_the_network(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import boto3
        import pytest
        from pytest_amplifybackend import errors

        def test_it():
            keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
            client = boto3.client("amplify", region_name="us-east-1", **keys)
            with pytest.raises(errors.UnservedRequest, match="ListApps was not sent"):
                client.list_apps()
        """
    )
    options = ("--amplifybackend-block-network", "--amplifybackend-amplify=true")
    site.runpytest_subprocess(*options).assert_outcomes(passed=1)


@pytest.mark.parametrize("amplify", [None, False, True])
@pytest.mark.parametrize("moto", [False, True])
def test_the_neighbor_comes_with_moto_unless_the_option_says_otherwise(
    moto: bool, amplify: bool | None
) -> None:
    fake = FakeAmplifyBackend(moto=moto, amplify=amplify)
    expected = moto if amplify is None else amplify
    try:
        found = fake.call("ListApps")["apps"] == []
    except errors.UnknownOperation:
        found = False
    assert found is expected


def test_a_bad_value_hurts_only_tests_that_use_the_fake(site: pytest.Pytester) -> None:
    site.makepyfile("def test_it(): pass")
    site.runpytest("--amplifybackend-jobs=sometimes").assert_outcomes(passed=1)


def test_the_help_names_option_ini_key_and_default(site: pytest.Pytester) -> None:
    lines = " ".join(" ".join(site.runpytest("--help").outlines).split())
    for option in _options.DEFAULTS:
        assert f"--amplifybackend-{option.name}={option.name.upper()} {option.help}" in lines
        assert f"(ini: amplifybackend_{option.name}, default: {option.text})" in lines


def test_the_rows_are_the_arguments_of_the_class() -> None:
    arguments = inspect.signature(FakeAmplifyBackend).parameters
    assert {name: one.default for name, one in arguments.items()} == {
        name: option.default for name, option in _options.OPTIONS.items()
    }
    assert _options.TRANSPORT.choices == tuple(_transports.TRANSPORTS)
    assert _options.ERRORS.choices == _transports.ERROR_STYLES


@pytest.mark.parametrize("option", _options.DEFAULTS, ids=lambda option: option.name)
def test_the_default_as_text_is_the_default(option: _options.Option[object]) -> None:
    assert option.read is not None
    default = option.default if option is not _options.JOBS else progress.immediate()
    assert option.read(option.text) == default
