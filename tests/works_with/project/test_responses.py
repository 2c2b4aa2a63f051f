import deploy
import requests
import responses


@responses.activate
def test_both(amplifybackend):
    responses.get("https://hooks.example/done", json={"ok": True})
    assert deploy.deploy("d1") == "COMPLETED"
    assert requests.get("https://hooks.example/done", timeout=5).json() == {"ok": True}
