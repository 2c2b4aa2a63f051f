"""Who may ask a server: origins, hosts and the token, without any socket."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._transports import access, hosts
from pytest_amplifybackend._transports.access import Access
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.gateway import HTTPRequest

PORT = 8000
OWN = {"host": "127.0.0.1:8000"}
TOKEN = "t0ken-0f-the-c0ntrol-API"


def refused(gate: Access, target: str = "/x", *, control: bool = False, **headers: str) -> bool:
    told = {**OWN, **{name.replace("_", "-"): value for name, value in headers.items()}}
    response = gate.rejection(HTTPRequest("POST", target, told, b""), control=control)
    assert response is None or response.status == 403
    return response is not None


@pytest.mark.parametrize(
    "origin",
    ["http://localhost", "https://localhost", "http://localhost:3000", "http://localhost:65535",
     "http://app.localhost:3000", "http://a.b.localhost", "http://127.0.0.1:1", "http://[::1]",
     "http://127.0.0.2:8080", "http://127.255.255.254", "https://[::1]:8443"],
)  # fmt: skip
def test_origins_of_this_machine(origin: str) -> None:
    assert hosts.is_loopback_origin(origin)
    assert not refused(Access("127.0.0.1", PORT), origin=origin, sec_fetch_site="cross-site")


@pytest.mark.parametrize(
    "origin",
    ["", "null", "*", "localhost", "localhost:3000", "//localhost", "http:localhost", "http://",
     "http:/localhost", "HTTP://localhost", "http://LOCALHOST", "http://localhost.",
     "http://localhost./", "http://localhost/", "http://localhost:3000/", "http://localhost?",
     "http://localhost#", "http://localhost:", "http://localhost:0", "http://localhost:080",
     "http://localhost:80", "https://localhost:443", "http://localhost:x", "http://localhost: 1",
     "http://localhost:123456", "http://user@localhost", "http://localhost@evil.example",
     "http://localhost:3000@evil.example", "http://localhost.evil.example", "http://evil.localhost.x",
     "http://xlocalhost", "http://evil-localhost", "http://.localhost", "http://a..localhost",
     "http://evil.example/.localhost", "http://evil.example\\.localhost", "http://127.0.0.1.x",
     "http://127.0.0.1.", "http://127.1", "http://127.0.0.01", "http://0x7f.0.0.1",
     "http://2130706433", "http://0.0.0.0", "http://128.0.0.1", "http://10.0.0.1",
     "http://[::]", "http://[::1", "http://::1", "http://[::ffff:127.0.0.1]", "http://[::2]",
     "http://[0:0:0:0:0:0:0:1]", "http://[::1%25lo]", "ftp://localhost", "file://", "file://localhost",
     "chrome-extension://localhost", "ws://localhost", "http://localhost http://localhost",
     "http://localhost, http://localhost", "http://localhost, https://evil.example",
     "https://evil.example, http://localhost", " http://localhost", "http://localhost\x0b",
     "http://localhost\n", "http://l\xf6calhost", "http://local\u017fhost", "http://\uff4cocalhost"],
)  # fmt: skip
def test_every_other_origin_is_foreign(origin: str) -> None:
    assert not hosts.is_loopback_origin(origin)
    assert refused(Access("127.0.0.1", PORT), origin=origin)
    assert refused(Access("127.0.0.1", PORT), origin=origin, sec_fetch_site="none")


@pytest.mark.parametrize(
    "origin",
    ["https://app.example", "http://10.0.0.5:3000", "http://[fd00::5]:3000", "https://a_b.example",
     "capacitor://localhost", "app://-", "chrome-extension://abcdefgh", "https://app.example:444"],
)  # fmt: skip
def test_origins_that_can_be_allowed(origin: str) -> None:
    gate = Access("127.0.0.1", PORT, allowed_origins=["https://other.example", origin])
    assert not refused(gate, origin=origin)
    assert not refused(gate, sec_fetch_site="cross-site", referer=f"{origin}/page?query#part")
    for other in (f"{origin}x", f"{origin}/", f"x{origin}", origin.upper(), f"{origin}, {origin}"):
        assert refused(gate, origin=other)


@pytest.mark.parametrize(
    "origin",
    ["null", "*", "", "app.example", "https://app.example/", "https://App.example",
     "https://app.example:443", "http://app.example:80", "https://*.example", "https://app.example.",
     "https://user@app.example", "https://\xfc.example", 5, None, b"https://app.example"],
)  # fmt: skip
def test_origins_that_no_browser_sends(origin: Any) -> None:
    fake = FakeAmplifyBackend()
    with pytest.raises(errors.UsageError, match=r"must be a list|cannot be allowed as an origin"):
        fake.serve(allowed_origins=[origin])


@pytest.mark.parametrize("name", ["allowed_origins", "allowed_hosts"])
@pytest.mark.parametrize("value", ["https://app.example", b"fake.test", [5]])
def test_a_list_that_is_none(name: str, value: Any) -> None:
    with pytest.raises(errors.UsageError, match=f"{name} must be a list of strings, not "):
        FakeAmplifyBackend().serve(**{name: value})


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "other", "none, cross-site"])
def test_a_site_that_is_not_the_server_s(site: str) -> None:
    assert refused(Access("127.0.0.1", PORT), sec_fetch_site=site)


@pytest.mark.parametrize(
    ("target", "host", "own"),
    [
        ("/x", "127.0.0.1:8000", True),
        ("/x", "LOCALHOST:8000", True),
        ("/x", "localhost.:8000", True),
        ("/x", "[::1]:8000", True),
        ("http://127.0.0.1:8000/x", "127.0.0.1:8000", True),
        ("http://localhost:8000/x", "127.0.0.1:8000", True),
        ("http://127.0.0.1:8000/x", "evil.example", False),
        ("http://127.0.0.1:8000/x", "", False),
        ("http://evil.example/x", "127.0.0.1:8000", False),
        ("x?http://127.0.0.1:8000/x", "evil.example", False),
        ("http://127.0.0.1:8000@evil.example/x", "127.0.0.1:8000", False),
        ("http://evil.example\\@127.0.0.1:8000/x", "127.0.0.1:8000", False),
        ("//evil.example/x", "127.0.0.1:8000", True),  # a path, to every server
        ("/x", "localhost..:8000", False),
        ("/x", "[::1]", False),
        ("/x", "[::1]:80", False),
        ("/x", "::1:8000", False),
        ("/x", "[::1%25lo]:8000", False),
        ("/x", "[::ffff:127.0.0.1]:8000", False),
        ("/x", "[::1].evil.example:8000", False),
        ("/x", "127.0.0.1:8000, evil.example", False),
        ("/x", "127.0.0.1:8000, 127.0.0.1:8000", False),
        ("/x", "127.0.0.1:08000", True),
        ("/x", "127.0.0.1:8000:8000", False),
        ("/x", "127.0.0.1:-8000", False),
        ("/x", "127.0.0.1:\u0668000", False),
        ("/x", "127.0.0.1:8000 ", False),
        ("/x", "127.0.0.1:8000\t", False),
        ("/x", "127.1:8000", False),
        ("/x", "2130706433:8000", False),
        ("/x", "localhost.evil.example:8000", False),
        ("/x", "evil.localhost:8000", False),
        ("/x", "loca\u017fhost:8000", False),
    ],
)
def test_hosts(target: str, host: str, own: bool) -> None:
    assert refused(Access("127.0.0.1", PORT), target, host=host) is not own


def test_hosts_of_a_server_on_every_interface() -> None:
    gate = Access("0.0.0.0", PORT)
    for own in ("10.0.0.5:8000", "[fd00::5]:8000", "192.168.1.2", "localhost:8000"):
        assert not refused(gate, host=own)
    for other in ("evil.example:8000", "10.0.0.5.evil.example:8000", "10.0.5:8000", "[fd00::5"):
        assert refused(gate, host=other)


def test_the_port_is_the_one_that_is_listened_at() -> None:
    gate = Access("127.0.0.1", 0)
    assert refused(gate)
    gate.listens_at(PORT)
    assert not refused(gate)


# ---------------------------------------------------------------- the control API


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "LocalHost", "::1"])
def test_the_control_api_is_on_where_only_this_machine_gets(host: str) -> None:
    gate = Access(host, PORT)
    assert not refused(gate, control=True, x_amplifybackend_control="1")
    assert refused(gate, control=True)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.5", "fake.test", "localhost.test"])
def test_it_is_off_where_others_get(host: str) -> None:
    gate = Access(host, PORT)
    request = HTTPRequest("POST", "/x", {**OWN, "x-amplifybackend-control": "1"}, b"")
    response = gate.rejection(request, control=True)
    assert response is not None
    assert b"The control API is off, because other machines reach this server." in response.body
    assert b"--control-token or --signatures" in response.body
    assert gate.rejection(request, control=False) is None
    open_ = Access(host, PORT, control_token=TOKEN)
    assert not refused(open_, control=True, x_amplifybackend_control=TOKEN)
    signed = Access(host, PORT, unsigned=lambda _: None)
    assert not refused(signed, control=True, x_amplifybackend_control="1", authorization="x")


@pytest.mark.parametrize("value", ["", "1", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), f" {TOKEN}",
                                   f"{TOKEN}, {TOKEN}", "\xe9" * len(TOKEN)])  # fmt: skip
def test_another_token(value: str) -> None:
    gate = Access("127.0.0.1", PORT, control_token=TOKEN)
    assert refused(gate, control=True, x_amplifybackend_control=value)
    assert refused(gate, control=True)
    assert not refused(gate, control=True, x_amplifybackend_control=TOKEN)
    assert not refused(gate)  # the service needs none


def test_a_token_stands_for_a_signature() -> None:
    def never(_: HTTPRequest) -> HTTPResponse:
        raise AssertionError("asked for a signature")

    gate = Access("0.0.0.0", PORT, control_token=TOKEN, unsigned=never)
    assert not refused(gate, control=True, x_amplifybackend_control=TOKEN)


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_page_with_the_token_is_a_page_all_the_same(origin: str) -> None:
    gate = Access("127.0.0.1", PORT, control_token=TOKEN)
    assert refused(gate, control=True, x_amplifybackend_control=TOKEN, origin=origin)


@pytest.mark.parametrize(
    "token", ["", "1234567", "with a space", "new\nline", "\xfc" * 8, 12345678, b"12345678"]
)
def test_tokens_that_cannot_be(token: Any) -> None:
    with pytest.raises(errors.UsageError) as caught:
        FakeAmplifyBackend().serve(control_token=token)
    assert str(caught.value) == (
        "The control token must have at least 8 characters, all of them visible ASCII: letters, "
        "digits and punctuation."
    )


def test_the_token_is_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fake = FakeAmplifyBackend()
    server = fake.serve(control_token=TOKEN)
    gate = Access("127.0.0.1", PORT, control_token=TOKEN)
    request = HTTPRequest("POST", "/x", {**OWN, "x-amplifybackend-control": "wrong"}, b"")
    response = gate.rejection(request, control=True)
    assert response is not None
    told = f"{server!r} {fake!r} {vars(gate)!r} {response!r} {caplog.text}"
    assert TOKEN not in told
    assert fake.known_secrets() == {TOKEN}
    assert server.env[access.CONTROL_TOKEN] == TOKEN
    assert TOKEN not in repr(server.env)


def test_without_a_token_none_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(access.CONTROL_TOKEN, "the-token-of-another-server")
    assert access.CONTROL_TOKEN not in FakeAmplifyBackend().serve().env
