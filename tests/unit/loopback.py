"""An HTTP client of ours, aimed at raw servers on loopback."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from reference_si.pki import Authority, Request

from tests.unit.tls_server import Handler, serving
from tgv_suite.model.target import Rate, Scheme, ScopeHost
from tgv_suite.probes.http import HttpClient, Trust
from tgv_suite.probes.pace import Pace
from tgv_suite.probes.scope import Guard, guarding
from tgv_suite.probes.sink import Sink, answering_as

FAST = Rate(per_second=1000, in_flight=64)
Respond = Callable[[bytes], bytes]


def scope(*ports: int, scheme: Scheme = Scheme.HTTP, host: str = "127.0.0.1") -> list[ScopeHost]:
    """A scope of one host."""
    return [ScopeHost(host=host, port=port, scheme=scheme) for port in ports]


@contextlib.contextmanager
def client_of(
    hosts: Sequence[ScopeHost], *, rate: Rate = FAST, jobs: int = 64, anchors: Sequence[bytes] = ()
) -> Iterator[HttpClient]:
    """A client held to a scope, with the process."""
    guard = Guard(hosts)
    client = HttpClient(guard, Pace(rate, jobs), Trust(anchors))
    with guarding(guard):
        try:
            yield client
        finally:
            client.close()


@contextlib.contextmanager
def client_to(handler: Handler) -> Iterator[tuple[HttpClient, str]]:
    """A client, and the URL of a plain server that behaves as ``handler`` does."""
    with serving(handler) as port, client_of(scope(port)) as client:
        yield client, f"http://127.0.0.1:{port}"


def head_of(connection: socket.socket) -> bytes:
    """A request's head, as it was received."""
    head = b""
    while b"\r\n\r\n" not in head and (received := connection.recv(65536)):
        head += received
    return head


def request_of(connection: socket.socket) -> tuple[str, bytes] | None:
    """A request's head and its whole body; None when the client asks nothing more."""
    head = head_of(connection)
    if not head:
        return None
    start, _, body = head.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", start)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return start.decode("latin-1"), body


def responding(respond: Respond) -> Handler:
    """Answers each request of a connection, for as long as the client asks."""

    def handler(connection: socket.socket) -> None:
        while head := head_of(connection):
            connection.sendall(respond(head))

    return handler


def tls(context: ssl.SSLContext, handler: Handler) -> Handler:
    """The same over TLS."""

    def over(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            handler(secure)

    return over


def ok(body: bytes = b"{}", *headers: str) -> bytes:
    """A whole answer."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


@contextlib.contextmanager
def listening_over_tls(folder: Path) -> Iterator[tuple[Sink, Path]]:
    """A listener of ours that answers over TLS too, and the authority that its certificate is of."""
    authority = Authority("Zzt")
    leaf = authority.issue(Request())
    chain, key, root = (folder / name for name in ("chain.pem", "key.pem", "root.pem"))
    chain.write_bytes(leaf.pem + authority.intermediate.pem)
    key.write_bytes(leaf.key_pem)
    root.write_bytes(authority.root.pem)
    sink = Sink("localhost", 0, answering_as(chain, key))
    try:
        yield sink, root
    finally:
        sink.close()
