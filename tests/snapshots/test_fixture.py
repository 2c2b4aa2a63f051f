"""The fixture amplifybackend_snapshot in a project of its own: files, names, filters, failures."""

from __future__ import annotations

import pytest

pytest.importorskip("syrupy")

JOB = """
def test_job(amplifybackend, amplifybackend_snapshot):
    app = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
    made = amplifybackend.call("CreateBackend", {**app, "AppName": "shop"})
    assert made == amplifybackend_snapshot
    job = amplifybackend.call("GetBackendJob", {**app, "JobId": made["JobId"]})
    assert job == amplifybackend_snapshot(name="job")
"""
HOME = "snapshots/tests/test_shop"


def test_a_file_for_each_snapshot(project) -> None:
    project.write(tests__test_shop=JOB)
    project.update()
    assert project.files == [f"{HOME}/test_job.json", f"{HOME}/test_job[job].json"]
    assert project.path.joinpath(HOME, "test_job.json").read_text() == (
        '{\n  "AppId": "d1abc",\n  "BackendEnvironmentName": "dev",\n  "JobId": "<JobId:1>",\n'
        '  "Operation": "CreateBackend",\n  "Status": "PENDING"\n}\n'
    )
    assert project.read(f"{HOME}/test_job[job].json") == {
        "AppId": "d1abc",
        "BackendEnvironmentName": "dev",
        "CreateTime": "<Time:1>",
        "JobId": "<JobId:1>",
        "Operation": "CreateBackend",
        "Status": "COMPLETED",
        "UpdateTime": "<Time:1>",
    }
    result = project.run()
    assert result.ret == 0
    result.stdout.fnmatch_lines(["2 snapshots passed."])


def test_the_seed_and_the_clock_do_not_show(project) -> None:
    project.write(tests__test_shop=JOB)
    project.update()
    assert project.run("--amplifybackend-seed=other").ret == 0


def test_what_differs_is_shown(project) -> None:
    project.write(tests__test_shop=JOB)
    project.update()
    project.write(tests__test_shop=JOB.replace("d1abc", "d2abc"))
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(['*-*"AppId": "d1abc"*', '*+*"AppId": "d2abc"*'])
    assert len(project.files) == 2


def test_a_snapshot_that_is_not_there(project) -> None:
    project.write(tests__test_shop=JOB)
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*Snapshot 'test_job' does not exist!*"])
    assert project.files == []


def test_other_ids_are_other_tokens(project) -> None:
    project.write(
        test_ids="""
        def test_ids(amplifybackend_snapshot):
            jobs = [{"JobId": "a"}, {"JobId": "b"}, {"JobId": "a"}]
            assert {"Jobs": jobs} == amplifybackend_snapshot
            assert {"JobId": "b"} == amplifybackend_snapshot
            assert {"JobId": "c", "SessionId": "b"} == amplifybackend_snapshot

        def test_they_begin_anew(amplifybackend_snapshot):
            assert {"JobId": "c"} == amplifybackend_snapshot
        """.replace("\n        ", "\n")
    )
    project.update()
    jobs = [{"JobId": f"<JobId:{number}>"} for number in (1, 2, 1)]
    assert project.read("snapshots/test_ids/test_ids.json") == {"Jobs": jobs}
    assert project.read("snapshots/test_ids/test_ids.1.json") == {"JobId": "<JobId:2>"}
    assert project.read("snapshots/test_ids/test_ids.2.json") == {
        "JobId": "<JobId:3>",
        "SessionId": "<JobId:2>",
    }
    assert project.read("snapshots/test_ids/test_they_begin_anew.json") == {"JobId": "<JobId:1>"}


NAMES = """
import pytest

class TestShop:
    @pytest.mark.parametrize("region", ["eu/west", "eu-west", "eu:west"])
    def test_region(self, amplifybackend_snapshot, region):
        assert {"Region": region} == amplifybackend_snapshot

    @pytest.mark.parametrize("size", [240, 241], ids=lambda size: "x" * size)
    def test_long(self, amplifybackend_snapshot, size):
        assert {"Size": size} == amplifybackend_snapshot
"""


def test_names_can_be_read_and_do_not_collide(project) -> None:
    project.write(test_names=NAMES)
    project.update("-W", "error")
    home = "snapshots/test_names/TestShop.test_region"
    assert len(project.files) == 5
    assert [file for file in project.files if "~" not in file] == [f"{home}[eu-west].json"]
    assert sum(file.startswith(f"{home}[eu-west]~") for file in project.files) == 2
    assert all(len(file) < 255 for file in project.files)
    assert project.run("-W", "error").ret == 0


def test_the_folder_can_be_another(project) -> None:
    project.write(tests__test_shop=JOB)
    project.pytester.makeini("[pytest]\namplifybackend_snapshots = tests/answers\n")
    project.update()
    assert project.files[0] == "tests/answers/tests/test_shop/test_job.json"


@pytest.mark.parametrize(
    "path", [".", "tests", "tests/test_shop.py", "tests/test_shop.py::test_job"]
)
def test_files_of_tests_outside_the_rootdir(project, path: str) -> None:
    project.write(tests__test_shop=JOB, others__test_other=JOB)
    project.pytester.mkdir("ci").joinpath("pytest.ini").write_text("[pytest]\n")
    outside = ["-c", "ci/pytest.ini"]  # pytest takes the folder of that file as the rootdir
    project.update(*outside)
    homes = ("ci/snapshots/others/test_other", f"ci/{HOME}")
    files = [f"{home}/test_job{end}.json" for home in homes for end in ("", "[job]")]
    assert project.files == files
    project.update(*outside, path)
    assert project.files == files


@pytest.mark.parametrize("folder", ["", ".", "..", "tests/.."])
def test_the_folder_is_not_the_rootdir(project, folder: str) -> None:
    project.write(tests__test_shop=JOB)
    project.pytester.makeini(f"[pytest]\namplifybackend_snapshots = {folder}\n")
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"*amplifybackend_snapshots is '{folder}': snapshots need a *"])


def test_the_folder_is_not_one_of_tests(project) -> None:
    project.write(tests__test_shop=JOB)
    project.pytester.makeini("[pytest]\namplifybackend_snapshots = tests\n")
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*amplifybackend_snapshots is 'tests', where tests are too, *"])


FILTERS = """
from syrupy.filters import props
from syrupy.matchers import path_type

ANSWER = {"JobId": "7c38c298-914b-487b-8a8e-fa93b2967d92", "Status": "PENDING", "Size": 5}
SECRET = {"Google": {"ClientSecret": "google-s3cr3t"}, "Error": "it was google-s3cr3t"}

def test_matcher(amplifybackend_snapshot):
    seen = []
    def matcher(data, path):
        seen.append(data)
        return 10 * data if path and path[-1][0] == "Size" else data
    assert ANSWER == amplifybackend_snapshot(matcher=matcher)
    assert ANSWER["JobId"] in seen  # as it is: the redaction comes after
    assert ANSWER == amplifybackend_snapshot(matcher=path_type({"JobId": (str,)}))

def test_exclude(amplifybackend_snapshot):
    assert ANSWER == amplifybackend_snapshot(exclude=props("Size"))
    assert SECRET == amplifybackend_snapshot(exclude=props("Google"))

def test_include(amplifybackend_snapshot):
    assert ANSWER == amplifybackend_snapshot(include=props("Status"))
    assert SECRET == amplifybackend_snapshot(include=props("Error"))
    assert {"Error": "google-s3cr3t"} == amplifybackend_snapshot(matcher=lambda data, path: data)
"""


def test_matchers_and_filters_compose(project) -> None:
    project.write(test_filters=FILTERS)
    project.update()
    home = "snapshots/test_filters"
    job = {"JobId": "<JobId:1>", "Status": "PENDING"}
    assert project.read(f"{home}/test_matcher.json") == {**job, "Size": 50}
    assert project.read(f"{home}/test_matcher.1.json") == {**job, "JobId": "str", "Size": 5}
    assert project.read(f"{home}/test_exclude.json") == job
    assert project.read(f"{home}/test_exclude.1.json") == {"Error": "it was <redacted>"}
    assert project.read(f"{home}/test_include.json") == {"Status": "PENDING"}
    assert project.read(f"{home}/test_include.1.json") == {"Error": "it was <redacted>"}
    assert project.read(f"{home}/test_include.2.json") == {"Error": "<redacted>"}
    assert project.run().ret == 0


ANSWERS = """
from syrupy.filters import props

def test_answer(amplifybackend, amplifybackend_snapshot):
    client = amplifybackend.client()
    answer = client.create_backend(AppId="d1", AppName="shop", BackendEnvironmentName="dev")
    assert {"made": answer} == amplifybackend_snapshot
    missing = ""
    try:
        client.get_backend(AppId="d2")
    except client.exceptions.NotFoundException as error:
        missing = error.response["Error"]
    assert missing == amplifybackend_snapshot(exclude=props("Message"))
"""
METADATA = """
from syrupy.filters import props

def test_kept(amplifybackend_snapshot):
    answer = {"ResponseMetadata": {"HTTPStatusCode": 200}, "AppId": "d1"}
    assert answer["ResponseMetadata"] == amplifybackend_snapshot
    asked = props("ResponseMetadata", "HTTPStatusCode")
    assert answer == amplifybackend_snapshot(include=asked)
"""


def test_the_same_suite_passes_on_another_transport(project) -> None:
    project.write(tests__test_shop=ANSWERS)
    project.update()
    made = project.read("snapshots/tests/test_shop/test_answer.json")["made"]
    assert set(made) == {"AppId", "BackendEnvironmentName", "JobId", "Operation", "Status"}
    assert project.run("--amplifybackend-transport=wire").ret == 0


def test_response_metadata_is_shown_where_it_is_asked_for(project) -> None:
    project.write(test_metadata=METADATA)
    project.update()
    home = "snapshots/test_metadata/test_kept"
    assert project.read(f"{home}.json") == {"HTTPStatusCode": 200}
    assert project.read(f"{home}.1.json") == {"ResponseMetadata": {"HTTPStatusCode": 200}}


UNORDERED = """
from pytest_amplifybackend import unordered
from syrupy.matchers import compose_matchers, path_type

APPS = {{"Apps": [{{"Names": {names}, "Id": 1}}, {{"Names": ["x"], "Id": 2}}]}}

def test_anywhere(amplifybackend_snapshot):
    assert APPS == amplifybackend_snapshot(matcher=unordered("Apps[].Names"))
    assert {names} == amplifybackend_snapshot(matcher=unordered())
    numbers = path_type({{"Apps.0.Id": (int,), "Apps.1.Id": (int,)}})
    both = compose_matchers(unordered("Apps", "Apps[].Names"), numbers)
    assert APPS == amplifybackend_snapshot(matcher=both)
"""


def test_a_list_whose_order_does_not_matter(project) -> None:
    project.write(test_order=UNORDERED.format(names='["b", "a", "a"]'))
    project.update()
    home = "snapshots/test_order/test_anywhere"
    names = ["a", "a", "b"]
    assert project.read(f"{home}.json")["Apps"][0]["Names"] == names
    assert project.read(f"{home}.1.json") == names
    assert project.read(f"{home}.2.json")["Apps"] == [
        {"Id": "int", "Names": names},
        {"Id": "int", "Names": ["x"]},
    ]
    project.write(test_order=UNORDERED.format(names='["a", "b", "a"]'))
    assert project.run().ret == 0
    project.write(test_order=UNORDERED.format(names='["a", "b", "b"]'))
    assert project.run().ret == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{'Sizes': {5: 'x'}} == amplifybackend_snapshot", "*the key 5 at Sizes is of type int;*"),
        ("{('a',): 1} == amplifybackend_snapshot", "*the key ('a',) at the top is of type tuple;*"),
        (
            "{'Jobs': []} == amplifybackend_snapshot(matcher=unordered('Job'))",
            "*unordered('Job'): the data has no list there; did you mean 'Jobs'*",
        ),
        (
            "{'Sizes': {5: 'x'}} == amplifybackend_snapshot(exclude=lambda prop, path: prop == 5)",
            "",
        ),
    ],
)
def test_what_a_snapshot_would_not_show_is_an_error(project, line: str, says: str) -> None:
    head = "from pytest_amplifybackend import unordered\nfrom syrupy.filters import props\n\n"
    project.write(test_keys=f"{head}def test_keys(amplifybackend_snapshot): assert {line}\n")
    result = project.run("--snapshot-update")
    assert result.ret == (1 if says else 0)
    if says:
        result.stdout.fnmatch_lines(
            [f"E *UsageError: amplifybackend_snapshot:{says}"] if "key" in says else [f"E {says}"]
        )


def test_the_extension_by_itself(project) -> None:
    project.write(
        test_plain="""
import pytest
from pytest_amplifybackend._snapshot import SnapshotExtension

@pytest.fixture
def snapshot(snapshot):
    return snapshot.use_extension(SnapshotExtension)

def test_plain(snapshot):
    assert {"JobId": "a"} == snapshot
    assert {"JobId": "a"} == snapshot
"""
    )
    project.update()
    assert project.read("snapshots/test_plain/test_plain.1.json") == {"JobId": "<JobId:1>"}


SHARED = """
import pytest
from pytest_amplifybackend._snapshot import SnapshotExtension

JOB, SESSION = "7c38c298-914b-487b-8a8e-fa93b2967d92", "8c38c298-914b-487b-8a8e-fa93b2967d92"

class Other(SnapshotExtension):
    pass

@pytest.fixture
def made_later(request):
    return request.getfixturevalue("amplifybackend")

def test_shared(amplifybackend_snapshot, made_later):
    made_later.calls  # the fake was made after the snapshot
    made_later.add_auth("d1abc", config={
        "AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": {
            "RequiredSignUpAttributes": ["EMAIL"], "SignInMethod": "EMAIL", "UserPoolName": "x",
            "OAuth": {
                "OAuthGrantType": "CODE", "OAuthScopes": ["EMAIL"],
                "RedirectSignInURIs": ["https://shop.example/"],
                "RedirectSignOutURIs": ["https://shop.example/"],
                "SocialProviderSettings": {
                    "Google": {"ClientId": "google-id", "ClientSecret": "google-s3cr3t"},
                },
            },
        },
    })
    assert [JOB, SESSION, "not google-s3cr3t"] == amplifybackend_snapshot
    filtered = amplifybackend_snapshot.with_defaults(exclude=lambda prop, path: prop == "Size")
    answer = {"Job": SESSION, "Size": 5, "Error": "not google-s3cr3t"}
    assert answer == filtered(name="filtered")
    assert answer == amplifybackend_snapshot.use_extension(Other)(name="used")
    assert answer == amplifybackend_snapshot(extension_class=Other, name="given")
"""


def test_tokens_and_secrets_are_of_the_test_however_its_snapshot_is_made(project) -> None:
    project.write(test_shared=SHARED)
    project.update()
    home = "snapshots/test_shared/test_shared"
    hidden = {"Error": "not <redacted>", "Job": "<Id:2>"}
    assert project.read(f"{home}.json") == ["<Id:1>", "<Id:2>", "not <redacted>"]
    assert project.read(f"{home}[filtered].json") == hidden
    assert project.read(f"{home}[used].json") == {**hidden, "Size": 5}
    assert project.read(f"{home}[given].json") == {**hidden, "Size": 5}


def test_the_secrets_of_a_fake_in_moto(project) -> None:
    pytest.importorskip("moto")
    project.write(
        test_moto="""
from pytest_amplifybackend import errors

def test_moto(amplifybackend_snapshot, amplifybackend_moto):
    try:
        amplifybackend_moto.call("CreateBackendAuth", {
            "AppId": "d1", "BackendEnvironmentName": "dev", "ResourceName": "x",
            "ResourceConfig": {
                "AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": {
                    "RequiredSignUpAttributes": ["EMAIL"], "SignInMethod": "EMAIL",
                    "UserPoolName": "x", "ForgotPassword": {
                        "DeliveryMethod": "EMAIL",
                        "EmailSettings": {
                            "EmailMessage": "s3cr3t {####}", "EmailSubject": "s3cr3t",
                        },
                    },
                },
            },
        })
    except errors.NotFound:
        pass
    assert "the text was s3cr3t {####}" == amplifybackend_snapshot
"""
    )
    project.update()
    assert project.read("snapshots/test_moto/test_moto.json") == "the text was <redacted>"


def test_no_secret_is_in_what_a_failure_shows(project) -> None:
    secret = """
def held():
    return {"Colour": "red", "Google": {"ClientSecret": "-".join(["google", "s3cr3t"])}}

def test_equal(amplifybackend_snapshot):
    assert held() == amplifybackend_snapshot

def test_reversed(amplifybackend_snapshot):
    assert amplifybackend_snapshot == held()

def test_match(amplifybackend_snapshot):
    amplifybackend_snapshot.assert_match(held())
"""
    project.write(test_secret=secret)
    project.update()
    project.write(test_secret=secret.replace("red", "blue"))
    result = project.run("-vv")
    assert result.parseoutcomes()["failed"] == 3
    result.stdout.fnmatch_lines(['*-*"Colour": "red"*', '*+*"Colour": "blue"*'] * 3)
    assert "google-s3cr3t" not in result.stdout.str()


def test_a_snapshot_of_another_plugin(project) -> None:
    project.write(test_none="import pytest\n\n@pytest.fixture\ndef snapshot(): return 5\n\n" + NONE)
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["E *needs the fixture snapshot of syrupy; *has is a builtins.int."]
    )


NONE = "def test_none(amplifybackend_snapshot): assert {} == amplifybackend_snapshot"


def test_without_syrupy_there_is_one_sentence(project) -> None:
    project.pytester.makeconftest("import sys\nsys.modules['syrupy.data'] = None\n")
    project.write(test_none=NONE)
    result = project.run_apart("-p", "no:syrupy")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "E *MissingExtra: amplifybackend_snapshot needs syrupy; install it with: pip install "
            "'pytest-amplifybackend[[]syrupy[]]'"
        ]
    )


def test_with_syrupy_switched_off_there_is_one_sentence(project) -> None:
    project.write(test_none=NONE)
    result = project.run("-p", "no:syrupy")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["E *amplifybackend_snapshot needs syrupy's plugin, which is *"])
