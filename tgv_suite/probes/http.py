"""HTTP on requests: one session factory, scope-bound sockets, no redirects, bounded answers."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import certifi
import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from tgv_suite.model.facts import NOT_CONNECTED, Failure
from tgv_suite.noun import noun
from tgv_suite.probes.deadline import Deadlines
from tgv_suite.probes.pace import Pace
from tgv_suite.probes.scope import Guard, scheme_port

BODY_LIMIT = 512 * 1024
HEADERS_LIMIT = 100
EXCHANGE_LIMIT_S = 30.0
CONNECT_LIMIT_S = 10.0
_REFUSAL_S = 3.0
# All that a stranger's bytes can raise; what they are made of isn't our fault.
_NETWORK = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)
_TLS_REFUSALS = ("ALERT", "CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE")


@noun
class Identity:
    """The client certificate that a connection presents.

    Parameters
    ----------
    certificate, key:
        Files in PEM.
    """

    certificate: Path
    key: Path


@noun
class Impostor:
    """A client certificate of ours, in PEM, that isn't kept in any file.

    Parameters
    ----------
    certificate, key:
        The chain and the private key.
    """

    certificate: bytes
    key: bytes


@noun
class Raw:
    """An answer before redaction; it never leaves the probes.

    Parameters
    ----------
    sent:
        The request's headers as they were sent.
    """

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    truncated: bool = False
    failure: Failure | None = None
    detail: str = ""
    sent: tuple[tuple[str, str], ...] = ()
    sent_at: str = ""
    elapsed_s: float = 0.0


class Trust:
    """Which authorities are believed: the declared private ones, beside the public ones.

    Parameters
    ----------
    anchors:
        Certificates in PEM.
    """

    def __init__(self, anchors: Sequence[bytes]) -> None:
        self.anchors = tuple(anchors)

    def context(self, identity: Identity | Impostor | None) -> ssl.SSLContext:
        """A client context that verifies, with a client certificate when there is one."""
        context = ssl.create_default_context(cafile=certifi.where())
        for anchor in self.anchors:
            context.load_verify_locations(cadata=anchor.decode("ascii"))
        if isinstance(identity, Identity):
            # An empty password is refused; without one OpenSSL would ask the terminal for it.
            context.load_cert_chain(identity.certificate, identity.key, password="")
        elif identity is not None:
            _load(context, identity)
        return context


def _load(context: ssl.SSLContext, impostor: Impostor) -> None:
    """Present a certificate from memory; OpenSSL reads files only, and these vanish at once."""
    with tempfile.NamedTemporaryFile(prefix="tgv-") as file:  # readable by this user alone
        file.write(impostor.key + impostor.certificate)
        file.flush()
        context.load_cert_chain(file.name)


class HttpClient:
    """Sends requests within a scope, at its pace, and brings back bounded answers.

    Parameters
    ----------
    guard, pace, trust:
        Where it may go, how gently, and whom it believes.
    """

    def __init__(self, guard: Guard, pace: Pace, trust: Trust) -> None:
        self.exchanges = 0
        self._guard = guard
        self._pace = pace
        self._trust = trust
        self._deadlines = Deadlines()
        self._sessions: dict[Identity | Impostor | None, requests.Session] = {}
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        identity: Identity | Impostor | None = None,
        body_limit: int = BODY_LIMIT,
    ) -> Raw:
        """Send one request; a redirect is never followed, whatever happens is a value.

        Parameters
        ----------
        method, url, headers, body:
            The request.
        identity:
            The client certificate to present.
        body_limit:
            At how many bytes the answer's body is cut.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", scheme_port(parts.scheme, parts.port)
        except ValueError:
            return Raw(failure=Failure.OUT_OF_SCOPE, detail="not a URL")
        if not self._guard.permits(parts.scheme, host, port):
            self._guard.report(f"{parts.scheme}://{host}:{port}")
            return Raw(failure=Failure.OUT_OF_SCOPE, detail=f"{parts.scheme}://{host}:{port}")
        request = requests.Request(method, url, headers=dict(headers), data=body)
        session = self._session(identity)
        try:
            prepared = session.prepare_request(request)
            for value in prepared.headers.values():
                _text(value).encode("latin-1")
        except ValueError as error:  # a token that is no header's value, for one
            return Raw(failure=Failure.NO_CREDENTIAL, detail=type(error).__name__)
        if re.fullmatch(r"[!-~]+", url) and "#" not in url:
            prepared.url = url  # the library would tidy its path; a detour must arrive as written
        with self._pace.turn(host):
            with self._lock:
                self.exchanges += 1
            return self._exchange(session, prepared, body_limit)

    def _exchange(
        self, session: requests.Session, prepared: requests.PreparedRequest, body_limit: int
    ) -> Raw:
        sent = tuple((name, _text(value)) for name, value in prepared.headers.items())
        sent_at, started = datetime.now(UTC).isoformat(timespec="milliseconds"), time.monotonic()
        with self._deadlines.within(EXCHANGE_LIMIT_S) as deadline:
            try:
                raw = self._receive(session, prepared, body_limit)
            except _NETWORK as error:
                raw = failed(error, expired=deadline.passed)
            if deadline.passed and raw.failure is None:
                raw = Raw(failure=Failure.TIMEOUT, detail=f"{EXCHANGE_LIMIT_S:.0f} s")
        return Raw(
            status=raw.status,
            headers=raw.headers,
            body=raw.body,
            truncated=raw.truncated,
            failure=raw.failure,
            detail=raw.detail,
            sent=sent,
            sent_at=sent_at,
            elapsed_s=round(time.monotonic() - started, 4),
        )

    def _receive(
        self, session: requests.Session, prepared: requests.PreparedRequest, body_limit: int
    ) -> Raw:
        timeout = (CONNECT_LIMIT_S, CONNECT_LIMIT_S)
        with session.send(prepared, stream=True, allow_redirects=False, timeout=timeout) as answer:
            body, truncated = _bounded(answer, body_limit)
            pairs = answer.raw.headers.items()
            return Raw(
                status=answer.status_code,
                headers=tuple((name, value) for name, value in list(pairs)[:HEADERS_LIMIT]),
                body=body,
                truncated=truncated,
            )

    def dial(self, url: str) -> socket.socket:
        """A connection to where an address leads, verified where it is over TLS, for bytes of ours.

        Raises
        ------
        OSError
            When there is none.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "", scheme_port(parts.scheme, parts.port)
        with self._pace.turn(host):
            plain = self._guard.connect(host, port, CONNECT_LIMIT_S)
            if parts.scheme != "https":
                return plain
            return self._trust.context(None).wrap_socket(plain, server_hostname=host)

    def refused_by_tls(self, url: str, identity: Identity | Impostor | None = None) -> str | None:
        """How a server refuses a client's certificate, or the want of one; None when it doesn't.

        In TLS 1.3 the client's handshake ends before the server refuses it (RFC 8446 §4.4.2.4), and
        a request sent meanwhile can lose the alert in a reset: here nothing is sent. A server that
        then closes has refused, whether its alert arrives or not.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "", scheme_port(parts.scheme, parts.port)
        with self._pace.turn(host):
            try:
                plain = self._guard.connect(host, port, CONNECT_LIMIT_S)
                context = self._trust.context(identity)
                with plain, context.wrap_socket(plain, server_hostname=host) as connection:
                    connection.settimeout(_REFUSAL_S)
                    return None if connection.recv(1) else "closed after the handshake"
            except OSError as error:
                raw = failed(error, expired=False)
                return raw.detail if raw.failure is Failure.TLS_REFUSED else None

    def _session(self, identity: Identity | Impostor | None) -> requests.Session:
        with self._lock:
            if identity not in self._sessions:
                self._sessions[identity] = self._new_session(identity)
            return self._sessions[identity]

    def _new_session(self, identity: Identity | Impostor | None) -> requests.Session:
        session = _Session()
        session.trust_env = False  # the operator's proxies, netrc and CA bundle must not decide
        session.cookies = _NoCookies()
        session.headers.clear()
        session.headers.update({"User-Agent": "tgv", "Accept": "*/*", "Accept-Encoding": "gzip"})
        adapter = _ScopedAdapter(self._guard, self._deadlines, self._trust.context(identity))
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    def close(self) -> None:
        """Close every connection."""
        for session in self._sessions.values():
            session.close()
        self._deadlines.close()


class _Session(requests.Session):
    """Follows no redirect, and doesn't even look where one leads: that would read it to its end."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class _NoCookies(RequestsCookieJar):
    """Keeps no cookie: one actor's session must never serve another's request."""

    def set_cookie(self, cookie: Any, *args: Any, **kwargs: Any) -> None:
        return None


class _ScopedAdapter(HTTPAdapter):
    """Opens its sockets through the scope guard, and ties them to the exchange's time limit."""

    def __init__(self, guard: Guard, deadlines: Deadlines, context: ssl.SSLContext) -> None:
        self._classes = _pools(guard, deadlines)
        self._context = context
        super().__init__(pool_connections=32, pool_maxsize=64, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = self._classes

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave verification to the context, which knows the declared anchors."""

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """The pool's key: the host alone, since one adapter has one context."""
        parts = urlsplit(request.url)
        return {"scheme": parts.scheme, "host": parts.hostname, "port": parts.port}, {}


def _pools(guard: Guard, deadlines: Deadlines) -> dict[str, Any]:
    """urllib3's connection pools, with sockets that the guard opens."""

    class Final(http.client.HTTPResponse):
        """The final answer, after interim ones that nobody asked for (RFC 9110 §15.2)."""

        def _read_status(self) -> tuple[str, int, str]:
            deadlines.check()
            version, status, reason = super()._read_status()  # type: ignore[misc]
            return version, 100 if 101 < status < 200 else status, reason

    class Plain(HTTPConnection):
        response_class = Final

        def _new_conn(self) -> Any:
            return _open(self, guard, deadlines)

        def getresponse(self) -> Any:
            deadlines.hold(self.sock)
            return super().getresponse()

    class Secure(HTTPSConnection):
        response_class = Final

        def _new_conn(self) -> Any:
            return _open(self, guard, deadlines)

        def getresponse(self) -> Any:
            deadlines.hold(self.sock)
            return super().getresponse()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _NotConnected(TimeoutError):
    """The connection itself wasn't made in time: not an answer that is late."""


def _open(connection: HTTPConnection, guard: Guard, deadlines: Deadlines) -> Any:
    try:
        opened = guard.connect(connection.host, connection.port or 0, CONNECT_LIMIT_S)
    except TimeoutError as error:
        raise _NotConnected from error
    deadlines.hold(opened)
    return opened


def _bounded(answer: requests.Response, limit: int) -> tuple[bytes, bool]:
    """The body up to the limit, decoded, and whether it went on."""
    body = bytearray()
    for chunk in answer.iter_content(16 * 1024):
        body += chunk
        if len(body) > limit:
            return bytes(body[:limit]), True
    return bytes(body), False


def failed(error: Exception, *, expired: bool) -> Raw:
    """What an exception of the network says, as a value; its text may hold a URL and isn't kept."""
    chain = list(_causes(error))
    if expired or any(isinstance(e, TimeoutError | requests.Timeout) for e in chain):
        unconnected = not expired and any(isinstance(e, _NotConnected) for e in chain)
        return Raw(failure=Failure.TIMEOUT, detail=NOT_CONNECTED if unconnected else "")
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Raw(failure=Failure.NOT_TRUSTED, detail=cause.verify_message)
        if isinstance(cause, ssl.SSLError) and cause.reason:
            refused = any(word in cause.reason for word in _TLS_REFUSALS)
            failure = Failure.TLS_REFUSED if refused else Failure.UNREACHABLE
            return Raw(failure=failure, detail=cause.reason)
    if any(isinstance(e, OSError) and not isinstance(e, requests.RequestException) for e in chain):
        name = next(
            type(e).__name__
            for e in chain
            if isinstance(e, OSError) and not isinstance(e, requests.RequestException)
        )
        return Raw(failure=Failure.UNREACHABLE, detail=name)
    return Raw(failure=Failure.MALFORMED, detail=type(chain[-1]).__name__)


def _causes(error: BaseException) -> list[BaseException]:
    """An exception, what it wraps, and what it came from."""
    chain: list[BaseException] = []
    pending: list[object] = [error]
    while pending and len(chain) < 20:
        current = pending.pop(0)
        if isinstance(current, BaseException) and current not in chain:
            chain.append(current)
            pending += [getattr(current, "reason", None), *current.args]
            pending += [current.__cause__, current.__context__]
    return chain


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
