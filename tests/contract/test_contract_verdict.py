"""The verdict before the first test: what is no target ends the run with one sentence."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from volume import full_only

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support import verdict
from pytest_amplifybackend.contract._support.target import Polling, Target, http_client

Serve = Callable[[socket.socket], None]
PATIENCE = 0.5


@contextmanager
def listening(serve: Serve) -> Iterator[str]:
    """The address of a server that does the same with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_accept, args=(server, serve))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(server: socket.socket, serve: Serve) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(5)
            try:
                serve(connection)
            except OSError:  # the client has had enough
                continue


def answer(status: str, kind: str, body: str) -> Serve:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
        connection.sendall(f"{head}\r\nConnection: close\r\n\r\n{body}".encode())

    return serve


def closes(connection: socket.socket) -> None:
    connection.recv(65536)


def hangs(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def at(url: str) -> Target:
    def connect(region: str) -> Any:
        return http_client(region, url, PATIENCE)

    return Target(url, connect, "us-east-1", Polling(0.0, 5.0))


PAGE = "<!doctype html><title>Welcome</title>"
NO_TARGETS = {
    "closes": (closes, "closes connections without an answer."),
    "hangs": (hangs, "has not answered within 0.5 seconds."),
    "page": (answer("200 OK", "text/html", PAGE), "with text/html (status 200), not with JSON: *"),
    "text": (
        answer("200 OK", "text/plain", "ok"),
        "with text/plain (status 200), not with JSON: *",
    ),
    "broken": (answer("502 Bad Gateway", "text/html", PAGE), "with text/html (status 502), *"),
    "404 page": (answer("404 Not Found", "text/html", PAGE), "answers 404 to every operation."),
    "404 JSON": (
        answer("404 Not Found", "application/json", "{}"),
        "answers 404 to every operation.",
    ),
    "JSON of another shape": (
        answer("200 OK", "application/json", "[1]"),
        "answers what the client cannot read, *: AttributeError: 'list' *",
    ),
    "500": (
        answer("500 Oops", "application/json", "{}"),
        "answers 500 to every operation.",
    ),
    "301": (answer("301 Moved", "application/json", "{}"), "answers 301 to every operation."),
    "empty": (answer("200 OK", "application/json", "{}"), "with an object that has no member."),
    "banner": (
        lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "else than HTTP.",
    ),
    "501": (answer("501 No", "application/json", "{}"), "answers 501 to every operation."),
}


@pytest.mark.parametrize("name", NO_TARGETS)
def test_what_is_no_target_ends_the_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "PATIENCE", PATIENCE)
    serve, text = NO_TARGETS[name]
    with listening(serve) as url, pytest.raises(pytest.UsageError) as told:
        verdict.check(at(url))
    sentence = str(told.value)
    pytest.LineMatcher([sentence]).fnmatch_lines([f"{url} *{text} (--amplifybackend-no-probe *"])


def test_an_address_where_nobody_listens() -> None:
    with socket.socket() as bound:  # and not listening
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(pytest.UsageError, match=f"Nothing answers at {url}: "):
            verdict.check(at(url))


@pytest.fixture
def tls(tmp_path: Path) -> Serve:
    """Serves TLS with a certificate of its own."""
    x509 = pytest.importorskip("cryptography.x509", reason="makes a certificate")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    form = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    private = key.private_bytes(form, serialization.PrivateFormat.PKCS8, plain)
    (tmp_path / "both.pem").write_bytes(private + certificate.public_bytes(form))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65536)

    return serve


def test_a_target_that_speaks_tls(tls: Serve) -> None:
    with listening(tls) as url, pytest.raises(pytest.UsageError, match="speaks TLS: write https"):
        verdict.check(at(url))


def test_a_certificate_that_is_not_trusted(tls: Serve) -> None:
    with listening(tls) as url, pytest.raises(pytest.UsageError, match="AWS_CA_BUNDLE"):
        verdict.check(at(url.replace("http", "https")))


def test_a_target_that_does_not_speak_tls() -> None:
    with listening(answer("200 OK", "text/plain", "ok")) as url:
        secure = url.replace("http", "https")
        with pytest.raises(pytest.UsageError, match="does not speak TLS: write http://"):
            verdict.check(at(secure))


def test_exit_code_4_comes_with_one_sentence(suite: Any) -> None:
    with listening(closes) as url:
        option = f"--amplifybackend-target={url}"
        result = suite(option, files=("test_pagination",))
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"ERROR: {url} closes connections without an answer. (--*"])
        result.stdout.no_fnmatch_line("*collected*")
        result = suite(
            option, "--amplifybackend-no-probe", "-k", "newest", files=("test_pagination",)
        )
    assert set(result.parseoutcomes()) == {"blocked", "deselected"}


def test_a_fake_of_a_few_operations_is_a_target() -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_reads(1))
    fake.fail("ListS3Buckets", errors.GatewayTimeout())
    target = Target("hook", fake.client, "us-east-1", Polling(0.0, 5.0))
    assert verdict.check(target) < 1


def test_what_is_implemented_is_found_out_and_removed() -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_reads(1))
    target = Target("hook", fake.client, "us-east-1", Polling(0.0, 5.0))
    assert verdict.implemented(target) == set(catalogue.operations())
    assert not fake.dump()["apps"]


@pytest.mark.parametrize(
    ("seconds", "processes", "text"),
    [
        (0.2, 1, "takes 0.20 s for a call, so that 800 tests will take about 24 minutes; "),
        (0.2, 4, "about 6 minutes; "),
        (0.001, 1, None),
    ],
)
def test_a_slow_target_is_announced(seconds: float, processes: int, text: str | None) -> None:
    found = verdict.estimate(seconds, 800, processes)
    assert (found is None) if text is None else (text in str(found))


def test_the_estimate_comes_before_the_tests(
    suite: Any, tested: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict, "check", lambda target: 100.0)
    target = tested(FakeAmplifyBackend(jobs=progress.after_reads(1)).client)
    result = suite(target, "-k", "newest", files=("test_pagination",))
    result.stdout.fnmatch_lines(
        [
            "collected *",
            "*the target takes 100.00 s for a call, so that 1 tests will *",
            "*[[]100%]",
        ]
    )


@full_only
def test_workers_are_told_what_is_implemented(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    pytester.makeconftest(
        """
        from pytest_amplifybackend import FakeAmplifyBackend, errors, progress

        FAKE = FakeAmplifyBackend(jobs=progress.after_reads(1))

        def pytest_amplifybackend_client(region):
            return FAKE.client(region)
        """
    )
    result = pytester.runpytest_subprocess(
        "--pyargs",
        "pytest_amplifybackend.contract.test_pagination",
        "-n2",
        "-k",
        "newest",
        "--amplifybackend-target=hook",
        "--amplifybackend-implemented=auto",
    )
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*implemented: CloneBackend, CreateBackend, *"])
