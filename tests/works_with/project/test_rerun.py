import deploy

TRIED = []


def test_each_try_has_a_fresh_fake(amplifybackend):
    TRIED.append(len(amplifybackend.calls))
    deploy.deploy("d1")
    assert len(TRIED) == 3
    assert TRIED == [0, 0, 0]
