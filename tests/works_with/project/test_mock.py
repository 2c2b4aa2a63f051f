import deploy


def test_a_spy(mocker, amplifybackend):
    spy = mocker.spy(deploy.client, "create_backend")
    assert deploy.deploy("d1") == "COMPLETED"
    assert spy.call_count == 1
    amplifybackend.assert_called("CreateBackend", times=1)
