"""The harness's own listener: a place that nobody has a reason to call, unless a token told them to."""

from __future__ import annotations

import contextlib
import secrets
import socket
import ssl
import threading
from pathlib import Path

from tgv_suite.model.facts import CallbackFact

_READ_LIMIT = 8192
_PATIENCE_S = 2.0
_HANDSHAKE = b"\x16"
_ALIVE = "/tgv-listener-is-alive"
_NAMED = "/tgv-appel-"


def answering_as(certificate: Path, key: Path) -> ssl.SSLContext:
    """By what a listener answers over TLS, with a certificate chain and its key in PEM.

    Raises
    ------
    OSError
        When they can't be read, or don't belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key, password="")
    return context


class Sink:
    """A listener that counts whoever connects, and serves one document.

    Parameters
    ----------
    host, port:
        Where to listen, as the system can reach it; port 0 lets the machine choose.
    context:
        By what it answers whoever begins with TLS; None answers nobody so.
    """

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None = None) -> None:
        self.context = context
        self.unfinished = 0
        self._socket = socket.create_server((host, port))
        self.host = host
        bound: tuple[str, int] = self._socket.getsockname()
        self.bound_to, self.port = bound
        self._served = b""
        self._media_type = "text/plain"
        self._calls: list[str] = []
        self._named: set[str] = set()
        self._redirects: dict[str, str] = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def address(self, name: str) -> str:
        """The URL of a document on this listener."""
        return self.address_at(self.host, name)

    def address_at(self, host: str, name: str, scheme: str = "http") -> str:
        """The same at another name or address of this machine."""
        return f"{scheme}://{host}:{self.port}/{name}"

    def serve(self, document: bytes, media_type: str) -> None:
        """Serve a document from now on, and forget who called before."""
        with self._changed:
            self._served, self._media_type = document, media_type
            self._calls.clear()

    def seen(self) -> CallbackFact:
        """Who called since the document was put there, and whether the listener is alive."""
        with self._changed:
            calls = [call for call in self._calls if _ALIVE not in call]
        return CallbackFact(
            listening=True,
            alive=self._answers_itself(),
            connections=len(calls),
            first=calls[0][:200] if calls else "",
        )

    def name(self) -> str:
        """A name that nobody was ever given; who calls it is told by :meth:`heard` alone."""
        return f"{_NAMED[1:]}{secrets.token_hex(8)}"

    def redirect(self, name: str, address: str) -> None:
        """Send whoever calls a name to another address."""
        with self._changed:
            self._redirects[f"/{name}"] = address

    def heard(self, name: str, within_s: float) -> bool:
        """Whether a name is called, now or within a time in seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: f"/{name}" in self._named, within_s)

    def gave_up(self, count: int, within_s: float) -> bool:
        """Whether so many callers hung up as TLS began, now or within a time in seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self.unfinished >= count, within_s)

    def _answers_itself(self) -> bool:
        """Whether a call of our own arrives: absence can only be claimed of a listener that hears."""
        try:
            with socket.socket() as connection:
                connection.settimeout(_PATIENCE_S)
                connection.connect((self.bound_to, self.port))
                connection.sendall(f"GET {_ALIVE} HTTP/1.0\r\n\r\n".encode())
                heard = b"200" in connection.recv(64)
        except OSError:
            return False
        with self._changed:
            return heard and self._changed.wait_for(
                lambda: any(_ALIVE in call for call in self._calls), _PATIENCE_S
            )

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # the listener was closed
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _opened(self, connection: socket.socket) -> socket.socket:
        """A connection, once its TLS is established where it begins with TLS (RFC 8446 §5.1).

        A caller that doesn't believe the certificate hangs up here: it has called all the same.
        """
        connection.settimeout(_PATIENCE_S)
        if self.context is None or connection.recv(1, socket.MSG_PEEK) != _HANDSHAKE:
            return connection
        try:
            return self.context.wrap_socket(connection, server_side=True)
        except OSError:
            with self._changed:
                self.unfinished += 1
                self._changed.notify_all()
            raise

    def _answer(self, accepted: socket.socket) -> None:
        # A caller that hangs up has still called.
        with accepted, contextlib.suppress(OSError), self._opened(accepted) as connection:
            request = b""
            with contextlib.suppress(OSError):
                request = connection.recv(_READ_LIMIT)
            line = request.split(b"\r\n", 1)[0].decode("latin-1", "replace")
            path = [*line.split(" "), "", ""][1].partition("?")[0]
            with self._changed:
                if path.startswith(_NAMED):
                    self._named.add(path)
                else:
                    self._calls.append(line if line.isprintable() else "TLS")
                document, media_type = self._served, self._media_type
                elsewhere = self._redirects.get(path)
                self._changed.notify_all()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n"
            if elsewhere is not None:
                head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {elsewhere}\r\n"
            head += f"Content-Length: {len(document)}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode("ascii") + document)

    def close(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):  # where a listening socket can't be shut down
            self._socket.shutdown(socket.SHUT_RDWR)  # closing alone doesn't wake who accepts
        self._socket.close()
