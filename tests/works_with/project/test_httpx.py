import deploy
import httpx
import pytest

from pytest_amplifybackend import errors


def test_its_mock_and_the_fake(httpx_mock, amplifybackend):
    httpx_mock.add_response(url="https://hooks.example/done", json={"ok": True})
    assert deploy.deploy("d1") == "COMPLETED"
    assert httpx.get("https://hooks.example/done").json() == {"ok": True}


@pytest.mark.httpx_mock(should_mock=lambda request: request.url.host == "hooks.example")
def test_the_guard_is_behind_it(httpx_mock, amplifybackend):
    with pytest.raises(errors.UnservedRequest):
        httpx.post("https://amplifybackend.us-east-1.amazonaws.com/s3Buckets")
