import urllib.request

import deploy


def test_its_server_and_ours(httpserver, amplifybackend, amplifybackend_server):
    httpserver.expect_request("/done").respond_with_data("ok")
    assert deploy.deploy("d1") == "COMPLETED"
    assert urllib.request.urlopen(httpserver.url_for("/done")).read() == b"ok"
