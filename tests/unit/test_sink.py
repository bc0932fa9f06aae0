"""The harness's listener: it hears whoever calls, knows that it hears, and lets go of its port."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.loopback import listening_over_tls
from tgv_suite.probes.sink import Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    listener = Sink("127.0.0.1", 0)
    yield listener
    listener.close()


def call(sink: Sink, said: bytes) -> bytes:
    with socket.create_connection((sink.host, sink.port), timeout=10) as connection:
        connection.sendall(said)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def test_nobody_called_and_the_listener_knows_that_it_would_have_heard(sink: Sink) -> None:
    seen = sink.seen()

    assert (seen.listening, seen.alive, seen.connections, seen.first) == (True, True, 0, "")


def test_a_caller_is_served_the_document_and_counted(sink: Sink) -> None:
    sink.serve(b'{"keys": []}', "application/json")

    received = call(sink, b"GET /jwks HTTP/1.1\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 200 OK")
    assert b"Content-Type: application/json" in received
    assert received.endswith(b'\r\n\r\n{"keys": []}')
    assert (sink.seen().connections, sink.seen().first) == (1, "GET /jwks HTTP/1.1")


def test_a_new_document_forgets_who_called_before(sink: Sink) -> None:
    call(sink, b"GET / HTTP/1.1\r\n\r\n")
    sink.serve(b"", "text/plain")

    assert sink.seen().connections == 0


@pytest.mark.parametrize(
    ("said", "first"),
    [(b"\x16\x03\x01\x02\x00", "TLS"), (b"\x1b[2J\r\n", "TLS"), (b"x" * 9000, "x" * 200)],
)
def test_what_a_caller_says_is_told_without_harm(said: bytes, first: str, sink: Sink) -> None:
    with socket.create_connection((sink.host, sink.port)) as connection:
        connection.sendall(said)
        connection.recv(1)

    seen = sink.seen()
    assert (seen.connections, seen.first) == (1, first)
    assert seen.alive


def test_a_closed_listener_is_not_alive_hears_nobody_and_frees_its_port() -> None:
    before = set(threading.enumerate())
    sink = Sink("127.0.0.1", 0)
    (listening,) = set(threading.enumerate()) - before
    sink.close()
    listening.join(timeout=10)

    assert not listening.is_alive()
    assert not sink.seen().alive
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((sink.host, sink.port))
    Sink("127.0.0.1", sink.port).close()


def test_a_name_of_its_own_is_heard_and_is_no_call_that_nobody_was_told_of(sink: Sink) -> None:
    called, other = sink.name(), sink.name()
    assert call(sink, f"GET /{called}?x=1 HTTP/1.1\r\n\r\n".encode()).startswith(b"HTTP/1.1 200")

    assert sink.heard(called, 5)
    assert not sink.heard(other, 0)
    assert sink.seen().connections == 0


def test_whoever_calls_a_redirected_name_is_sent_elsewhere(sink: Sink) -> None:
    called, beyond = sink.name(), sink.address_at("other.test", sink.name())
    sink.redirect(called, beyond)

    received = call(sink, f"GET /{called} HTTP/1.1\r\n\r\n".encode())

    assert received.startswith(b"HTTP/1.1 307 ")
    assert f"Location: {beyond}\r\n".encode() in received
    assert beyond.startswith(f"http://other.test:{sink.port}/")


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[Sink, Path]]:
    with listening_over_tls(tmp_path) as listening:
        yield listening


def asked_over_tls(sink: Sink, name: str, context: ssl.SSLContext) -> bytes:
    with (
        socket.create_connection((sink.host, sink.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(f"GET /{name} HTTP/1.1\r\n\r\n".encode())
        return connection.recv(64)


def test_a_name_is_heard_over_tls_and_in_clear_on_the_same_port(
    secure: tuple[Sink, Path],
) -> None:
    sink, root = secure
    over_tls, in_clear = sink.name(), sink.name()

    received = asked_over_tls(sink, over_tls, ssl.create_default_context(cafile=root))
    call(sink, f"GET /{in_clear} HTTP/1.1\r\n\r\n".encode())

    assert received.startswith(b"HTTP/1.1 200")
    assert sink.heard(over_tls, 5)
    assert sink.heard(in_clear, 5)
    assert sink.unfinished == 0


def test_a_caller_who_doesn_t_believe_the_certificate_has_called_all_the_same(
    secure: tuple[Sink, Path],
) -> None:
    sink, _ = secure
    name = sink.name()

    with pytest.raises(ssl.SSLCertVerificationError):
        asked_over_tls(sink, name, ssl.create_default_context())

    assert not sink.heard(name, 0)
    assert sink.gave_up(1, 5)
