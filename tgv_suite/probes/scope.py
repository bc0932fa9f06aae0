"""The scope guard: nothing leaves for a host, port or scheme that the manifest doesn't name.

One audit hook (PEP 578) watches the whole process. It raises :class:`ScopeViolation`, which no HTTP
library mistakes for a network error, and keeps a record of what was tried.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tgv_suite.model.target import Scheme, ScopeHost

_SUBPROCESSES = {
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
}
_NAMES = {
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.getnameinfo",
}
_SENDS = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class ScopeViolation(BaseException):
    """Something tried to leave the scope; not an ``Exception``, so that nothing swallows it."""


class Unresolved(OSError):
    """A name of the scope has no address."""


class Guard:
    """What may be reached: the scope's hosts, at the addresses that their names had at the start.

    Parameters
    ----------
    hosts:
        The hosts that the scope names.
    """

    def __init__(self, hosts: Iterable[ScopeHost]) -> None:
        self.violations: list[str] = []
        self._lock = threading.Lock()
        self._starting = threading.local()
        self._permitted = {(h.scheme, h.host.lower(), h.port) for h in hosts}
        self._addresses = {
            (host, port): _resolve(host, port) for _, host, port in sorted(self._permitted)
        }
        self._sockets = {address for found in self._addresses.values() for _, address in found}

    def permits(self, scheme: str, host: str, port: int) -> bool:
        """Whether the scope names that scheme, host and port."""
        return any(
            scheme == known.value and (host.lower(), port) == (name, number)
            for known, name, number in self._permitted
        )

    def permit_own_listener(self, port: int, host: str = "127.0.0.1") -> None:
        """Let the harness reach its own listener, to see that it is alive.

        Parameters
        ----------
        port, host:
            The address that the listener is bound to.
        """
        self._sockets.add((host, port))

    @contextmanager
    def own_process(self) -> Iterator[None]:
        """Let this thread start a process of the harness's own, which holds itself to no host at all."""
        self._starting.own = True
        try:
            yield
        finally:
            self._starting.own = False

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Open a connection to a host of the scope, at an address that its name had at the start.

        Raises
        ------
        ScopeViolation
            When the scope doesn't name that host and port.
        OSError
            When no address of it answers.
        """
        found = self._addresses.get((host.lower(), port))
        if found is None:
            self.refuse(f"connect {host}:{port}")
        last: OSError = Unresolved(f"{host} has no address")
        for family, address in found or ():
            connection = socket.socket(family, socket.SOCK_STREAM)
            try:
                connection.settimeout(timeout_s)
                connection.connect(address)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection
            except OSError as error:
                connection.close()
                last = error
        raise last

    def refuse(self, what: str) -> None:
        """Record that something tried to leave the scope, and stop it.

        Raises
        ------
        ScopeViolation
            Always.
        """
        self.report(what)
        raise ScopeViolation(what)

    def report(self, what: str) -> None:
        """Record, once, that something would have left the scope."""
        with self._lock:
            if what not in self.violations:
                self.violations.append(what)

    def watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Judge one audit event of the process."""
        if event in _SENDS and not self._may_send(arguments):
            self.refuse(f"{event} {_printable(arguments[1:])}")
        elif event in _NAMES and not self._may_resolve(arguments):
            self.refuse(f"{event} {_printable(arguments[:1])}")
        elif event in _SUBPROCESSES and not getattr(self._starting, "own", False):
            self.refuse(event)

    def _may_send(self, arguments: tuple[Any, ...]) -> bool:
        address = arguments[1] if len(arguments) > 1 else None
        return address is None or tuple(address) in self._sockets

    def _may_resolve(self, arguments: tuple[Any, ...]) -> bool:
        host = arguments[0]
        if isinstance(host, tuple):  # getnameinfo takes an address
            host = host[0] if host else None
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        return name is None or any(str(name).lower() == known for known, _ in self._addresses)


def _printable(arguments: tuple[Any, ...]) -> str:
    return " ".join(ascii(argument)[:80] for argument in arguments)


def _resolve(host: str, port: int) -> tuple[tuple[int, tuple[Any, ...]], ...]:
    """The addresses of a name; none when it has none, which a check then tells."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple((family, tuple(address)) for family, _, _, _, address in found)


class _Held:
    """The scope that the process is held to; an audit hook can't be removed, so there is one."""

    def __init__(self) -> None:
        self.guard: Guard | None = None
        self.hooked = False

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Judge an audit event while a scope is held."""
        guard = self.guard
        if guard is not None and event[:3] in ("soc", "sub", "os."):
            guard.watch(event, arguments)


_held = _Held()


@contextmanager
def guarding(guard: Guard) -> Iterator[None]:
    """Hold the whole process to a scope.

    Parameters
    ----------
    guard:
        The scope; a guard without hosts lets nothing leave.

    Raises
    ------
    RuntimeError
        When another scope is already held: there is one a process.
    """
    if _held.guard is not None:
        raise RuntimeError("a scope is already being held in this process")
    if not _held.hooked:
        sys.addaudithook(_held.hook)
        _held.hooked = True
    _held.guard = guard
    try:
        yield
    finally:
        _held.guard = None


def scheme_port(scheme: str, port: int | None) -> int:
    """The port of a URL, explicit or the scheme's own."""
    return port or (443 if scheme == Scheme.HTTPS.value else 80)
