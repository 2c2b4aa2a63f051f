"""What botocore has read for one session is there for the next one, while a fake is active."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

from pytest_amplifybackend import FakeAmplifyBackend

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


pytestmark = pytest.mark.usefixtures("plain_loaders")


@pytest.fixture
def plain_loaders(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's own loaders, instead of those that the tests of this project share."""
    monkeypatch.setattr(Loader, "FILE_LOADER_CLASS", JSONFileLoader)


def new_client(service: str = "amplifybackend") -> Any:
    return Session().create_client(service, region_name="us-east-1", **KEYS)


def models_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files of service models that are read from now on."""
    read, load = [], JSONFileLoader.load_file

    def load_file(loader: Any, path: str) -> Any:
        read.append(path)
        return load(loader, path)

    monkeypatch.setattr(JSONFileLoader, "load_file", load_file)
    return read


def model_in(folder: Path, *, extra: str) -> None:
    """Lay down the model of the service with one operation more."""
    model = Loader().load_service_model("amplifybackend", "service-2")
    model["operations"][extra] = {**model["operations"]["GetBackend"], "name": extra}
    place = folder / "amplifybackend" / "2020-08-11"
    place.mkdir(parents=True, exist_ok=True)
    (place / "service-2.json").write_text(json.dumps(model))


def test_a_second_session_reads_no_file(monkeypatch) -> None:
    with FakeAmplifyBackend():
        new_client()
        read = models_read(monkeypatch)
        assert new_client().get_backend
        assert [path for path in read if not path.endswith("sdk-extras")] == []


def test_another_fake_has_what_the_one_before_it_read(monkeypatch) -> None:
    with FakeAmplifyBackend():
        new_client()
    with FakeAmplifyBackend():
        read = models_read(monkeypatch)
        new_client()
    assert [path for path in read if not path.endswith("sdk-extras")] == []


@pytest.mark.parametrize("service", ["amplifybackend", "s3"])
def test_nothing_is_shared_without_a_fake(service: str, monkeypatch) -> None:
    with FakeAmplifyBackend():
        new_client(), new_client(service)
    read = models_read(monkeypatch)
    new_client(service)
    assert any(service in path and path.endswith("service-2") for path in read)


def test_clients_of_other_services_share_nothing(monkeypatch) -> None:
    with FakeAmplifyBackend():
        new_client("s3")
        read = models_read(monkeypatch)
        new_client("s3")
    assert any("s3" in path and path.endswith("service-2") for path in read)


def test_models_of_the_user_are_read_each_time(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    with FakeAmplifyBackend():
        model_in(tmp_path, extra="DescribeFirst")
        assert hasattr(new_client(), "describe_first")
        model_in(tmp_path, extra="DescribeSecond")
        second = new_client()
        assert hasattr(second, "describe_second")
        assert not hasattr(second, "describe_first")


def test_a_loader_of_the_program_is_left_alone(monkeypatch) -> None:
    class OwnLoader(Loader):
        pass

    with FakeAmplifyBackend():
        for _ in range(2):
            read = models_read(monkeypatch)
            session = Session()
            session.register_component("data_loader", OwnLoader())
            session.create_client("amplifybackend", region_name="us-east-1", **KEYS)
            assert any(path.endswith("service-2") for path in read)


@pytest.mark.parametrize("active", [False, True])
def test_loaders_take_arguments_by_name(active: bool) -> None:
    loader = Session().get_component("data_loader")
    asked = {"service_name": "amplifybackend", "type_name": "service-2"}
    with FakeAmplifyBackend() if active else contextlib.nullcontext():
        assert loader.list_api_versions(**asked) == ["2020-08-11"]
        assert "s3" in loader.list_available_services(type_name="service-2")
        assert loader.load_data_with_path(name="endpoints")[1].startswith(loader.BUILTIN_DATA_PATH)
