import deploy
import pytest
import vcr


@pytest.mark.vcr
def test_its_mark(amplifybackend):
    assert deploy.deploy("d1") == "COMPLETED"


@pytest.mark.amplifybackend(transport="wire")
def test_a_cassette_inside(amplifybackend, tmp_path):
    with vcr.use_cassette(str(tmp_path / "cassette.yaml")) as cassette:
        assert deploy.deploy("d1") == "COMPLETED"
    assert len(cassette) == 0


@pytest.mark.block_network
def test_its_block(amplifybackend):
    assert deploy.deploy("d1") == "COMPLETED"
