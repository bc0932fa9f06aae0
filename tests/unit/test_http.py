"""HTTP to a hostile server: whatever it does is a bounded value, and tells nothing of ours."""

from __future__ import annotations

import gzip
import socket
import ssl
import tempfile
import threading
import zlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.unit.loopback import client_of, client_to, head_of, ok, responding, scope, tls
from tests.unit.tls_server import (
    Handler,
    authority,
    closing_at_once,
    leaf,
    saying,
    server_context,
    serving,
    silent,
)
from tgv_suite.model.facts import Failure
from tgv_suite.model.target import Scheme
from tgv_suite.probes import http
from tgv_suite.probes.http import BODY_LIMIT, HEADERS_LIMIT, Identity, Impostor, Raw, Trust
from tgv_suite.probes.impostor import impostor_of

PLACE = "/secret-place"
TOKEN = ("Authorization", "Bearer secret-token")
ROOT = authority("root")


def get(handler: Handler, path: str = PLACE) -> Raw:
    """What is brought back by a request with a secret, of which no failure tells anything."""
    with client_to(handler) as (client, url):
        raw = client.send("GET", url + path, headers=[TOKEN])
    assert "secret" not in f"{raw.failure} {raw.detail}"
    assert "127.0.0.1" not in raw.detail
    return raw


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode("latin-1")


def repeating(start: bytes, chunk: bytes) -> Handler:
    """Answers the start, then the same chunk for as long as the client listens."""

    def handler(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(start)
        while True:
            connection.sendall(chunk)

    return handler


def bomb(size: int) -> bytes:
    """So many zeros, in gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    packed = b"".join(packer.compress(block) for _ in range(size >> 20))
    return packed + packer.flush()


# --- What is sent -----------------------------------------------------------------------------


def test_an_answer_comes_back_as_it_was_sent_with_the_headers_of_the_request() -> None:
    asked: list[bytes] = []

    def respond(request: bytes) -> bytes:
        asked.append(request)
        return ok(b"body", "X-Twice: 1", "X-Twice: 2")

    raw = get(responding(respond))

    assert (raw.status, raw.body, raw.truncated, raw.failure) == (200, b"body", False, None)
    assert [value for name, value in raw.headers if name == "X-Twice"] == ["1", "2"]
    assert asked[0].startswith(b"GET /secret-place HTTP/1.1\r\n")
    assert all(f"{name}: {value}".encode() in asked[0] for name, value in raw.sent)
    assert TOKEN in raw.sent


@pytest.mark.parametrize("path", ["/a//b/./c/../%41;x=1", "//a", "/a.json?b=%2F", "/a/"])
def test_a_path_arrives_as_it_was_written(path: str) -> None:
    asked: list[bytes] = []

    def respond(request: bytes) -> bytes:
        asked.append(request)
        return ok()

    get(responding(respond), path)

    assert asked[0].startswith(f"GET {path} HTTP/1.1\r\n".encode())


def test_the_environment_decides_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[bytes] = []
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password mine\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    def respond(request: bytes) -> bytes:
        asked.append(request)
        return ok()

    with client_to(responding(respond)) as (client, url):
        assert client.send("GET", url + PLACE).status == 200

    assert b"GET /secret-place" in asked[0]
    assert b"authorization" not in asked[0].lower()


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_an_authority_of_the_environment_is_not_believed(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_bytes(ROOT.pem)
    monkeypatch.setenv(name, str(tmp_path / "ca.pem"))

    assert over_tls(anchors=[]).failure is Failure.NOT_TRUSTED


@pytest.mark.parametrize(
    "location",
    [
        "/elsewhere",
        "http://tgv.invalid/",
        "http://[",
        "//",
        "\xff\xfe",
        "http://x:y/",
        "",
        "a" * 9999,
    ],
)
def test_a_redirect_is_an_answer_and_is_not_followed(location: str) -> None:
    count: list[bytes] = []

    def respond(request: bytes) -> bytes:
        count.append(request)
        return ok(b"moved", f"Location: {location}").replace(b"200 OK", b"302 Found")

    raw = get(responding(respond))

    assert (raw.status, raw.body, raw.failure) == (302, b"moved", None)
    assert len(count) == 1


def test_the_body_of_a_redirect_is_bounded_too() -> None:
    start = head("Location: /elsewhere").replace(b"200 OK", b"302 Found")

    raw = get(repeating(start, b"x" * 65536))

    assert (raw.status, raw.truncated, len(raw.body)) == (302, True, BODY_LIMIT)


def test_a_cookie_is_neither_kept_nor_sent() -> None:
    asked: list[bytes] = []

    def respond(request: bytes) -> bytes:
        asked.append(request)
        return ok(b"", "Set-Cookie: session=abc; Path=/")

    with client_to(responding(respond)) as (client, url):
        for _ in range(3):
            raw = client.send("GET", url)

    assert dict(raw.headers)["Set-Cookie"].startswith("session=abc")
    assert len(asked) == 3
    assert not any(b"cookie" in request.lower() for request in asked)


@pytest.mark.parametrize("url", ["http://[", "http://127.0.0.1:x/", "http://127.0.0.1:99999/", ""])
def test_what_is_no_address_is_out_of_scope(url: str) -> None:
    with client_of(scope(1)) as client:
        assert client.send("GET", url).failure is Failure.OUT_OF_SCOPE
        assert client.exchanges == 0


@pytest.mark.parametrize("value", ["a\r\nX-Other: b", "a\n", "jeton-\u2603", "\ud800"])
def test_a_token_that_no_header_can_carry_is_not_sent(value: str) -> None:
    asked: list[bytes] = []
    with client_to(asked.append) as (client, url):  # type: ignore[arg-type]
        raw = client.send("GET", url, headers=[("Authorization", value)])

    assert raw.failure is Failure.NO_CREDENTIAL
    assert value not in raw.detail
    assert asked == []


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1:{}", "http://127.0.0.2:{}", "http://localhost:{}", "ftp://127.0.0.1:{}"],
)
def test_another_scheme_host_or_port_is_out_of_scope_and_recorded(address: str) -> None:
    with serving(silent) as port, client_of(scope(port)) as client:
        raw = client.send("GET", address.format(port))

    assert raw.failure is Failure.OUT_OF_SCOPE
    assert client.exchanges == 0


# --- Hostile answers --------------------------------------------------------------------------


ENDLESS = {
    "an endless body": repeating(head(), b"x" * 65536),
    "chunks for ever": repeating(
        head("Transfer-Encoding: chunked"), b"4000\r\n" + b"x" * 16384 + b"\r\n"
    ),
    "a promise of a terabyte": repeating(head(f"Content-Length: {1 << 40}"), b"x" * 65536),
    "gzip for ever": repeating(head("Content-Encoding: gzip"), gzip.compress(bytes(1 << 20))),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_body_that_never_ends_is_cut(name: str) -> None:
    raw = get(ENDLESS[name])

    assert (raw.status, raw.truncated, len(raw.body)) == (200, True, BODY_LIMIT)


def test_a_gigabyte_of_zeros_in_a_megabyte_is_cut_before_it_is_inflated() -> None:
    packed = bomb(1 << 30)

    raw = get(saying(head("Content-Encoding: gzip", f"Content-Length: {len(packed)}"), packed))

    assert (raw.truncated, len(raw.body)) == (True, BODY_LIMIT)


def drip(start: bytes, piece: bytes) -> Handler:
    """Sends the start, then a piece at a time, slower than any limit on one read notices."""

    def handler(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(start)
        connection.settimeout(0.02)
        while True:
            connection.sendall(piece)
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue

    return handler


SLOW = {
    "a dripping body": drip(head("Content-Length: 1000000"), b"x"),
    "a dripping header": drip(b"HTTP/1.1 200 OK\r\n", b"x"),
    "a dripping status": drip(b"", b"x"),
    "interim answers for ever": repeating(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early hints for ever": repeating(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    "silence": silent,
}


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("name", SLOW)
def test_an_answer_that_takes_for_ever_times_out(
    name: str, secure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "EXCHANGE_LIMIT_S", 0.3)

    raw = over_tls(SLOW[name]) if secure else get(SLOW[name])

    assert (raw.failure, raw.status, raw.body) == (Failure.TIMEOUT, None, b"")


BROKEN = {
    "garbage": saying(b"\x00\xff" * 50),
    "garbage on lines": saying(b"hello\r\nworld\r\n\r\n"),
    "HTTP/0.9": saying(b"<html>old</html>"),
    "another protocol": saying(b"SSH-2.0-OpenSSH_9\r\n"),
    "a status of letters": saying(b"HTTP/1.1 abc OK\r\n\r\n"),
    "a status too large": saying(b"HTTP/1.1 99999 OK\r\n\r\n"),
    "a negative status": saying(b"HTTP/1.1 -200 OK\r\n\r\n"),
    "many headers": saying(head(*(f"X-{n}: secret" for n in range(HEADERS_LIMIT + 5)))),
    "headers for ever": repeating(b"HTTP/1.1 200 OK\r\n", b"X: secret\r\n" * 1000),
    "a huge header": saying(head("X: " + "secret" * 20_000)),
    "an endless header": repeating(b"HTTP/1.1 200 OK\r\nX: ", b"secret" * 10_000),
    "an endless status line": repeating(b"HTTP/1.1 200 ", b"secret" * 10_000),
    "chunks of no length": saying(head("Transfer-Encoding: chunked") + b"zz\r\nsecret\r\n"),
    "chunks of a negative length": saying(head("Transfer-Encoding: chunked") + b"-5\r\nsecret\r\n"),
    "two lengths": saying(head("Content-Length: 5", "Content-Length: 7") + b"secret!"),
    "gzip that isn't": saying(head("Content-Encoding: gzip", "Content-Length: 6") + b"secret"),
    "gzip in gzip in gzip": saying(head(f"Content-Encoding: {', '.join(['gzip'] * 50)}") + b"x"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_http_is_malformed(name: str) -> None:
    raw = get(BROKEN[name])

    assert (raw.failure, raw.status, raw.headers, raw.body) == (Failure.MALFORMED, None, (), b"")


@pytest.mark.parametrize(
    "handler",
    [
        closing_at_once,
        saying(),
        saying(head("Content-Length: 9") + b"abc"),
    ],
    ids=["at once", "after the request", "in the body"],
)
def test_a_server_that_hangs_up_gives_a_failure(handler: Handler) -> None:
    raw = get(handler)

    assert raw.failure in (Failure.UNREACHABLE, Failure.MALFORMED)
    assert (raw.status, raw.body) == (None, b"")


@pytest.mark.parametrize("length", ["-1", "abc", "9" * 5000, "\xb2"])
def test_a_length_that_is_no_length_is_ignored_or_malformed(length: str) -> None:
    raw = get(saying(head(f"Content-Length: {length}") + b"abc"))

    assert raw.failure is Failure.MALFORMED or raw.body == b"abc"


def test_interim_answers_are_passed_over_and_never_taken_for_the_answer() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    numbers = iter(range(10))
    with client_to(responding(lambda _: interim + ok(b"%d" % next(numbers)))) as (client, url):
        answers = [client.send("GET", url) for _ in range(3)]

    assert [(raw.status, raw.body) for raw in answers] == [(200, b"0"), (200, b"1"), (200, b"2")]


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with client_of(scope(port)) as client:
            raw = client.send("GET", f"http://127.0.0.1:{port}/")

    assert (raw.failure, raw.detail) == (Failure.UNREACHABLE, "ConnectionRefusedError")


def test_an_exchange_that_ended_in_time_leaves_its_connection_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "EXCHANGE_LIMIT_S", 0.3)
    connections: list[int] = []

    def handler(connection: socket.socket) -> None:
        connections.append(connection.fileno())
        responding(lambda _: ok())(connection)

    with serving(silent) as slow, serving(handler) as port, client_of(scope(slow, port)) as client:
        first = client.send("GET", f"http://127.0.0.1:{port}")
        between = client.send("GET", f"http://127.0.0.1:{slow}")  # past the first one's limit
        last = client.send("GET", f"http://127.0.0.1:{port}")

    assert [raw.failure for raw in (first, between, last)] == [None, Failure.TIMEOUT, None]
    assert len(connections) == 1


# --- TLS --------------------------------------------------------------------------------------


def over_tls(
    handler: Handler | None = None,
    *,
    context: ssl.SSLContext | None = None,
    anchors: list[bytes] | None = None,
    identity: Identity | Impostor | None = None,
) -> Raw:
    """What a TLS server of localhost brings back."""
    context = context or server_context(leaf("localhost", issuer=ROOT))
    anchors = [ROOT.pem] if anchors is None else anchors
    with serving(tls(context, handler or responding(lambda _: ok()))) as port:
        hosts = scope(port, scheme=Scheme.HTTPS, host="localhost")
        with client_of(hosts, anchors=anchors) as client:
            raw = client.send(
                "GET", f"https://localhost:{port}{PLACE}", headers=[TOKEN], identity=identity
            )
    assert "secret" not in raw.detail
    return raw


def test_a_server_of_a_declared_authority_is_trusted() -> None:
    assert over_tls().status == 200


@pytest.mark.parametrize("case", ["unknown authority", "self-signed", "another host"])
def test_nothing_is_sent_to_a_server_that_is_not_trusted(case: str) -> None:
    received: list[bytes] = []
    name = "other.test" if case == "another host" else "localhost"
    issuer = {"unknown authority": authority("other"), "another host": ROOT}.get(case)

    raw = over_tls(
        lambda connection: received.append(connection.recv(65536)),
        context=server_context(leaf(name, issuer=issuer)),
    )

    assert raw.failure is Failure.NOT_TRUSTED
    assert b"".join(received) == b""


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    issued = leaf("client", issuer=ROOT, usage=ExtendedKeyUsageOID.CLIENT_AUTH)
    key = issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "c.pem").write_bytes(issued.pem)
    (tmp_path / "c.key").write_bytes(key)
    return Identity(certificate=tmp_path / "c.pem", key=tmp_path / "c.key")


def mutual(version: ssl.TLSVersion, *, believed: bytes = ROOT.pem) -> ssl.SSLContext:
    context = server_context(leaf("localhost", issuer=ROOT), maximum=version)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=believed.decode())
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_wants_a_certificate_serves_who_has_one(
    version: ssl.TLSVersion, identity: Identity
) -> None:
    assert over_tls(context=mutual(version), identity=identity).status == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_refusal_by_tls_is_told_when_nothing_is_sent(version: ssl.TLSVersion) -> None:
    with serving(tls(mutual(version), silent)) as port:
        hosts = scope(port, scheme=Scheme.HTTPS, host="localhost")
        with client_of(hosts, anchors=[ROOT.pem]) as client:
            raw = client.send("GET", f"https://localhost:{port}")
            alert = client.refused_by_tls(f"https://localhost:{port}")

    assert raw.failure in (Failure.TLS_REFUSED, Failure.UNREACHABLE)
    assert alert is not None
    assert "secret" not in alert


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_an_impostors_certificate_is_presented_and_refused_by_who_verifies_it(
    version: ssl.TLSVersion, identity: Identity
) -> None:
    impostor = impostor_of(identity.certificate.read_bytes())
    assert impostor is not None
    with serving(tls(mutual(version), silent)) as port:
        hosts = scope(port, scheme=Scheme.HTTPS, host="localhost")
        with client_of(hosts, anchors=[ROOT.pem]) as client:
            raw = client.send("GET", f"https://localhost:{port}", identity=impostor)
            alert = client.refused_by_tls(f"https://localhost:{port}", impostor)

    assert raw.failure in (Failure.TLS_REFUSED, Failure.UNREACHABLE)
    assert alert is not None
    assert "CERTIFICATE" not in alert or "REQUIRED" not in alert  # one was presented
    believing = mutual(version, believed=impostor.certificate)
    assert over_tls(context=believing, identity=impostor).status == 200


def test_an_impostors_certificate_leaves_no_file(identity: Identity) -> None:
    impostor = impostor_of(identity.certificate.read_bytes())
    before = set(Path(tempfile.gettempdir()).glob("tgv-*"))
    Trust([]).context(impostor)
    assert set(Path(tempfile.gettempdir()).glob("tgv-*")) <= before


def test_a_server_that_serves_anybody_refuses_nobody_by_tls() -> None:
    context = server_context(leaf("localhost", issuer=ROOT))
    with serving(tls(context, lambda connection: connection.sendall(b"hello"))) as port:
        hosts = scope(port, scheme=Scheme.HTTPS, host="localhost")
        with client_of(hosts, anchors=[ROOT.pem]) as client:
            assert client.refused_by_tls(f"https://localhost:{port}") is None


def test_an_alert_is_a_refusal_by_tls() -> None:
    raw_alert = saying(b"\x15\x03\x03\x00\x02\x02\x28")  # fatal, handshake_failure
    with serving(raw_alert) as port:
        hosts = scope(port, scheme=Scheme.HTTPS, host="localhost")
        with client_of(hosts, anchors=[ROOT.pem]) as client:
            raw = client.send("GET", f"https://localhost:{port}")

    assert raw.failure is Failure.TLS_REFUSED
    assert "ALERT" in raw.detail


@pytest.mark.parametrize("handler", [saying(ok()), saying(b"\0" * 90), closing_at_once])
def test_what_is_not_tls_is_unreachable(handler: Handler) -> None:
    with serving(handler) as port:
        hosts = scope(port, scheme=Scheme.HTTPS, host="localhost")
        with client_of(hosts, anchors=[ROOT.pem]) as client:
            assert client.send("GET", f"https://localhost:{port}").failure is Failure.UNREACHABLE


def test_a_client_that_is_closed_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    with client_to(responding(lambda _: ok())) as (client, url):
        client.send("GET", url)
        (watch,) = [t for t in set(threading.enumerate()) - before if "_watch" in t.name]

    watch.join(timeout=10)
    assert not watch.is_alive()
