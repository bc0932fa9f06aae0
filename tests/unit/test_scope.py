"""The scope guard: nothing leaves for what the scope doesn't name, whoever tries, and all is told."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import urllib3

from tests.unit.loopback import client_of, ok, responding, scope
from tests.unit.tls_server import serving
from tgv_suite.model.target import Scheme, ScopeHost
from tgv_suite.probes.scope import Guard, ScopeViolation, guarding

INSIDE = "127.0.0.1"
Attempt = Callable[[int], object]


def sent_to(kind: socket.SocketKind, send: Callable[[socket.socket, int], object]) -> Attempt:
    def attempt(port: int) -> None:
        with socket.socket(type=kind) as sender:
            send(sender, port)

    return attempt


def asynchronous(port: int) -> None:
    async def connect() -> None:
        _, writer = await asyncio.open_connection(INSIDE, port)
        writer.close()
        await writer.wait_closed()

    asyncio.run(connect())


def nonblocking(port: int) -> None:
    async def connect() -> None:
        with socket.socket() as connection:
            connection.setblocking(False)
            await asyncio.get_running_loop().sock_connect(connection, (INSIDE, port))

    asyncio.run(connect())


def forked(port: int) -> None:
    if os.fork() == 0:
        os._exit(0)


STREAM, DATAGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
ATTEMPTS: dict[str, Attempt] = {
    "connect": sent_to(STREAM, lambda s, port: s.connect((INSIDE, port))),
    "connect_ex": sent_to(STREAM, lambda s, port: s.connect_ex((INSIDE, port))),
    "create_connection": lambda port: socket.create_connection((INSIDE, port)),
    "sendto": sent_to(DATAGRAM, lambda s, port: s.sendto(b"x", (INSIDE, port))),
    "sendmsg": sent_to(DATAGRAM, lambda s, port: s.sendmsg([b"x"], [], 0, (INSIDE, port))),
    "getaddrinfo": lambda port: socket.getaddrinfo("tgv.invalid", port),
    "getaddrinfo of bytes": lambda port: socket.getaddrinfo(b"tgv.invalid", port),
    "gethostbyname": lambda port: socket.gethostbyname("tgv.invalid"),
    "gethostbyname_ex": lambda port: socket.gethostbyname_ex("tgv.invalid"),
    "gethostbyaddr": lambda port: socket.gethostbyaddr("192.0.2.1"),
    "getnameinfo": lambda port: socket.getnameinfo(("192.0.2.1", port), 0),
    "requests": lambda port: requests.get(f"http://{INSIDE}:{port}", timeout=10),
    "requests by name": lambda port: requests.get("https://tgv.invalid", timeout=10),
    "urllib3": lambda port: urllib3.PoolManager().request("GET", f"http://{INSIDE}:{port}"),
    "urllib": lambda port: urllib.request.urlopen(f"http://{INSIDE}:{port}", timeout=10),
    "http.client": lambda port: http.client.HTTPConnection(INSIDE, port).request("GET", "/"),
    "asyncio": asynchronous,
    "asyncio on a socket": nonblocking,
    "subprocess": lambda port: subprocess.run([sys.executable, "-c", ""], check=False),
    "shell": lambda port: os.system("true"),  # noqa: S605
    "spawn": lambda port: os.spawnv(os.P_WAIT, "/bin/true", ["true"]),
    "posix_spawn": lambda port: os.posix_spawn("/bin/true", ["true"], {}),
    "fork": forked,
    "multiprocessing": lambda port: multiprocessing.get_context("fork").Process().start(),
}


@contextlib.contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """A port on which every connection and every datagram is noticed."""
    noticed: list[object] = []
    with serving(noticed.append) as port:
        yield port, noticed


def until_noticed(noticed: list[object]) -> None:
    """Wait for the listener's thread to notice what has already been accepted."""
    until = time.monotonic() + 30
    while not noticed and time.monotonic() < until:
        time.sleep(0.005)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_nothing_leaves_the_scope(name: str) -> None:
    guard = Guard(scope(1))
    with listening() as (port, noticed):
        with guarding(guard), pytest.raises(ScopeViolation):
            ATTEMPTS[name](port)
        assert noticed == []
    assert len(guard.violations) == 1


@pytest.mark.parametrize("name", ["connect", "requests", "urllib", "getaddrinfo", "subprocess"])
def test_nothing_leaves_the_scope_from_another_thread(name: str) -> None:
    guard = Guard([])
    raised: list[BaseException] = []

    def attempt() -> None:
        try:
            ATTEMPTS[name](port)
        except BaseException as error:
            raised.append(error)

    with listening() as (port, noticed):
        thread = threading.Thread(target=attempt)
        with guarding(guard):
            thread.start()
            thread.join()
    assert [type(error) for error in raised] == [ScopeViolation]
    assert noticed == []
    assert len(guard.violations) == 1


def test_a_violation_is_no_exception_that_a_library_could_swallow() -> None:
    assert not issubclass(ScopeViolation, Exception)


def test_a_violation_is_recorded_once_however_often_it_is_tried() -> None:
    guard = Guard([])
    with guarding(guard):
        for _ in range(5):
            with pytest.raises(ScopeViolation):
                socket.getaddrinfo("tgv.invalid", 443)
        with pytest.raises(ScopeViolation):
            socket.getaddrinfo("other.invalid", 443)

    assert len(guard.violations) == 2


def test_within_the_scope_every_library_works_and_afterwards_all_does() -> None:
    with serving(responding(lambda _: ok(b"{}", "Connection: close"))) as port:
        guard = Guard(scope(port))
        with guarding(guard):
            for name in ("connect", "create_connection", "requests", "urllib3", "asyncio"):
                ATTEMPTS[name](port)
            guard.connect("127.0.0.1", port, 10).close()
            assert socket.getnameinfo((INSIDE, port), socket.NI_NUMERICHOST)[0] == INSIDE
        assert guard.violations == []

    assert subprocess.run([sys.executable, "-c", ""], check=False).returncode == 0
    assert socket.getaddrinfo("localhost", 1)


def test_another_port_of_a_host_of_the_scope_is_outside() -> None:
    with listening() as (port, noticed):
        guard = Guard(scope(1))
        with guarding(guard), pytest.raises(ScopeViolation):
            guard.connect("127.0.0.1", port, 10)
        assert noticed == []


@pytest.mark.parametrize(
    ("scheme", "host", "port", "permitted"),
    [
        ("https", "si.test", 443, True),
        ("https", "SI.TEST", 443, True),
        ("http", "si.test", 443, False),
        ("https", "si.test", 80, False),
        ("https", "si.test.", 443, False),
        ("https", "x.si.test", 443, False),
        ("https", "", 443, False),
    ],
)
def test_a_scheme_a_host_and_a_port_are_permitted_together(
    scheme: str, host: str, port: int, permitted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])

    guard = Guard([ScopeHost(host="Si.Test", port=443, scheme=Scheme.HTTPS)])

    assert guard.permits(scheme, host, port) is permitted


def test_a_second_scope_is_refused_and_the_first_is_still_held() -> None:
    with guarding(Guard([])):
        with pytest.raises(RuntimeError), guarding(Guard([])):
            pass
        with pytest.raises(ScopeViolation):
            socket.getaddrinfo("tgv.invalid", 443)
    with guarding(Guard([])):
        pass


def test_the_scope_is_let_go_when_what_it_held_fails() -> None:
    with pytest.raises(KeyError), guarding(Guard([])):
        raise KeyError

    assert socket.getaddrinfo("localhost", 1)


def test_a_name_that_resolves_elsewhere_later_leads_to_its_first_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = ["127.0.0.1", "127.0.0.2", "127.0.0.2"]
    real = socket.getaddrinfo

    def resolve(host: str, *rest: object, **named: object) -> object:
        return real(answers.pop(0) if host == "si.test" else host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    received: list[str] = []

    def handler(connection: socket.socket) -> None:
        received.append(connection.getsockname()[0])
        responding(lambda _: ok())(connection)

    with serving(handler) as port, client_of(scope(port, host="si.test")) as client:
        assert client.send("GET", f"http://si.test:{port}").status == 200
        with socket.socket() as rebound, pytest.raises(ScopeViolation):
            rebound.connect(("127.0.0.2", port))

    assert received == ["127.0.0.1"]
    assert len(answers) == 2


def test_a_name_without_address_is_a_failure_of_the_network() -> None:
    guard = Guard(scope(1, host="tgv.invalid"))
    with guarding(guard), pytest.raises(OSError, match="no address"):
        guard.connect("tgv.invalid", 1, 10)

    assert guard.violations == []


def test_version_six_of_the_protocol_is_held_to_the_scope_too() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with listener:
        port = listener.getsockname()[1]
        with client_of(scope(port, host="::1")) as client:
            thread = threading.Thread(target=_serve_one, args=(listener,))
            thread.start()
            assert client.send("GET", f"http://[::1]:{port}/").status == 200
            thread.join()
            with socket.socket(socket.AF_INET6) as other, pytest.raises(ScopeViolation):
                other.connect(("::1", 1))


def _serve_one(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(ok(b"{}", "Connection: close"))


def test_a_local_socket_is_outside_since_another_program_could_relay(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(path)
        listener.listen()
        with guarding(Guard([])), pytest.raises(ScopeViolation):
            client.connect(path)


def test_a_pair_of_sockets_of_the_process_itself_is_free() -> None:
    with guarding(Guard([])):
        one, two = socket.socketpair()
        with one, two:
            one.sendall(b"x")
            assert two.recv(1) == b"x"


def test_the_harnesss_own_listener_is_reached_on_its_port_only() -> None:
    guard = Guard([])
    with listening() as (own, noticed), listening() as (other, others):
        guard.permit_own_listener(own)
        with guarding(guard):
            ATTEMPTS["connect"](own)
            until_noticed(noticed)
            with pytest.raises(ScopeViolation):
                ATTEMPTS["connect"](other)
    assert (len(noticed), len(others)) == (1, 0)
