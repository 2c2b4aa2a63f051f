"""How the plugin gets in, keeps out, and what it costs while nobody uses it: nothing."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

USES_IT = """
    def test_it(amplifybackend):
        amplifybackend.client().list_s3_buckets()
"""
LISTS_MODULES = """
    import sys

    def test_it():
        with open("modules.txt", "w") as file:
            print(*sys.modules, sep="\\n", file=file)
"""
AT_START = {
    "pytest_amplifybackend",
    *(f"pytest_amplifybackend.{name}" for name in ("_leftovers", "_options", "plugin")),
}
AUTOLOAD_OFF = {"--disable-plugin-autoload": "8.4", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "8.0"}


def _modules(site: pytest.Pytester, *options: str) -> set[str]:
    site.makepyfile(LISTS_MODULES)
    site.runpytest_subprocess(*options).assert_outcomes(passed=1)
    return set((site.path / "modules.txt").read_text().split())


def test_unused_it_imports_itself_alone(site: pytest.Pytester, monkeypatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    without = _modules(site)
    loaded = _modules(site, "-p", "pytest_amplifybackend.plugin")
    assert loaded - without == AT_START


def test_unused_it_imports_nothing_of_others_with_all_plugins(site: pytest.Pytester) -> None:
    without = _modules(site, "-p", "no:amplifybackend")
    loaded = _modules(site)
    new = {name.partition(".")[0] for name in loaded - without}
    assert new - sys.stdlib_module_names == {"pytest_amplifybackend"}
    assert not {"botocore", "boto3", "graphql", "pluralizer"} & (loaded - without)


def test_it_can_be_switched_off(site: pytest.Pytester) -> None:
    site.makepyfile(USES_IT)
    result = site.runpytest("-p", "no:amplifybackend")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E       fixture 'amplifybackend' not found"])
    result.stdout.no_fnmatch_line("amplifybackend: seed=*")


def test_switched_off_its_options_are_unknown(site: pytest.Pytester) -> None:
    result = site.runpytest("-p", "no:amplifybackend", "--amplifybackend-seed=1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("switch", AUTOLOAD_OFF)
def test_it_loads_by_name_without_autoload(
    site: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    version = tuple(map(int, metadata.version("pytest").split(".")[:2]))
    if version < tuple(map(int, AUTOLOAD_OFF[switch].split("."))):
        pytest.skip(f"{switch} needs pytest {AUTOLOAD_OFF[switch]}")
    options = ["-p", "pytest_amplifybackend.plugin"]
    if switch.startswith("--"):
        options.append(switch)
    else:
        monkeypatch.setenv(switch, "1")
    site.makepyfile(USES_IT)
    site.runpytest_subprocess(*options, "--strict-markers").assert_outcomes(passed=1)


def test_strict_markers_and_no_warning(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import pytest

        @pytest.mark.amplifybackend(seed=1)
        def test_it(amplifybackend, amplifybackend_client, amplifybackend_factory):
            amplifybackend_client.list_s3_buckets()
        """
    )
    options = ("--strict-markers", "--strict-config", "-W", "error")
    site.runpytest(*options).assert_outcomes(passed=1, warnings=0)


MANY = """
    import pytest

    SEEN = []

    @pytest.mark.parametrize("number", range(8))
    def test_it(amplifybackend, amplifybackend_client, number):
        app = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
        SEEN.append(amplifybackend_client.create_backend(AppName="shop", **app)["JobId"])
        assert set(SEEN) == {SEEN[0]}
        amplifybackend.assert_called("CreateBackend", times=1)
"""


def test_random_order(site: pytest.Pytester) -> None:
    pytest.importorskip("pytest_randomly")
    site.makepyfile(MANY)
    site.runpytest("--randomly-seed=1").assert_outcomes(passed=8)


def test_unittest_cases(site: pytest.Pytester) -> None:
    site.makepyfile(
        """
        import unittest
        import botocore.session
        from pytest_amplifybackend import FakeAmplifyBackend, errors

        def buckets():
            client = botocore.session.Session().create_client(
                "amplifybackend", region_name="us-east-1",
                aws_access_key_id="testing", aws_secret_access_key="testing")
            return [bucket["Name"] for bucket in client.list_s3_buckets()["Buckets"]]

        class WithStatement(unittest.TestCase):
            def test_it(self):
                with FakeAmplifyBackend() as fake:
                    fake.add_bucket("mine")
                    self.assertEqual(buckets(), ["mine"])

        class SetUp(unittest.TestCase):
            def setUp(self):
                self.fake = FakeAmplifyBackend()
                self.fake.activate()
                self.addCleanup(self.fake.deactivate)

            def test_one(self):
                self.fake.add_bucket("mine")
                self.assertEqual(buckets(), ["mine"])

            def test_two(self):
                self.assertEqual(buckets(), [])

        if __name__ == "__main__":
            unittest.main()
        """
    )
    site.runpytest().assert_outcomes(passed=3)
    path = next(site.path.glob("test_*.py"))
    subprocess.run([sys.executable, path], check=True, capture_output=True)


def test_the_package_imports_nothing_until_it_is_asked(site: pytest.Pytester) -> None:
    code = """
import sys
before = set(sys.modules)
import pytest_amplifybackend as package
new = {name.partition(".")[0] for name in set(sys.modules) - before}
assert new - set(sys.stdlib_module_names) == {"pytest_amplifybackend"}, new
assert {"FakeAmplifyBackend", "errors", "progress"} <= set(dir(package))
assert "botocore" not in sys.modules
assert package.errors.NotFound and package.progress.immediate()
assert "botocore" not in sys.modules
package.FakeAmplifyBackend()
assert "botocore" in sys.modules and "pytest" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
