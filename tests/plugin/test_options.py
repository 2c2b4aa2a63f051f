"""Ini keys and command-line options set the defaults; the header says what they are."""

from __future__ import annotations

import fnmatch
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
            "clock=virtual, region=us-east-1, amplify=auto"
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
    "jobs=after_read:2": "'after_read:2' is not a progress policy: write immediate, manual, "
    "after_reads:N or after_seconds:S.",
    "jobs=after_reads:many": "'after_reads:many' is not a progress policy: *",
    "errors=wild": "must be one of 'modeled', 'observed', not 'wild'.",
    "transport=pigeon": "must be one of 'stubber', 'wire', 'aio', not 'pigeon'.",
    "amplify=maybe": "must be true, false or auto, not 'maybe'.",
    "region=us-est-1x": "must be the name of an AWS region, such as 'us-east-1', not 'us-est-1x'.",
    f"seed={2**63}": f"must be a whole number of 64 bits or a text, not '{2**63}'.",
}


@pytest.mark.parametrize(
    ("option", "in_ini_file"), [*((option, False) for option in BAD), ("jobs=after_read:2", True)]
)
def test_a_bad_value_stops_the_run_with_one_sentence(
    site: pytest.Pytester, option: str, in_ini_file: bool
) -> None:
    site.makepyfile("def test_it(): pass")
    name, _, value = option.partition("=")
    if in_ini_file:
        site.makeini(f"[pytest]\namplifybackend_{name} = {value}\n")
    result = site.runpytest(*([] if in_ini_file else [f"--amplifybackend-{option}"]))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    key = f"amplifybackend_{name}" if in_ini_file else f"--amplifybackend-{name}"
    (line,) = [line for line in result.errlines if line.strip()]
    assert fnmatch.fnmatch(line, f"ERROR: {key}: {BAD[option].replace('[', '[[]')}")


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


@pytest.mark.parametrize("key", ["show_calls", "allow_unused", "block_network"])
def test_a_switch_that_is_neither_on_nor_off_stops_the_run(site: pytest.Pytester, key: str) -> None:
    site.makepyfile("def test_it(): assert False")
    site.makeini(f"[pytest]\namplifybackend_{key} = maybe\n")
    result = site.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in result.errlines if line.strip()]
    assert line.startswith(f"ERROR: amplifybackend_{key} must be true or false: ")


HEADER = "amplifybackend: seed=*"


@pytest.mark.parametrize(
    ("test", "options", "shown"),
    [
        ("def test_it(): pass", [], False),
        ("def test_it(tmp_path): pass", [], False),
        ("def test_it(): pass", ["-v"], True),
        ("def test_it(): pass", ["--amplifybackend-seed=7"], True),
        ("def test_it(amplifybackend_factory): pass", [], True),
        ("def test_it(amplifybackend): pass", ["-q"], False),
        ("def test_it(amplifybackend): pass", ["-q", "--amplifybackend-seed=7"], False),
    ],
)
def test_the_header_is_for_those_who_use_it(
    site: pytest.Pytester, test: str, options: list[str], shown: bool
) -> None:
    site.makepyfile(test)
    lines = site.runpytest(*options).outlines
    assert len(fnmatch.filter(lines, HEADER)) == shown


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
