"""Whether a server lets its clients renegotiate, tried in a connection of TLS 1.2.

The ssl module can't ask for a renegotiation; pyOpenSSL can. The bytes go through a socket of ours,
so that the scope and the time limit hold.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL

from tgv_suite.model.tls import Renegotiation, RenegotiationOutcome
from tgv_suite.probes.http import Identity
from tgv_suite.probes.tls_hello import Connect, address_of, server_name

_LEGACY_SERVER_CONNECT, _UNSAFE_LEGACY_RENEGOTIATION = 0x4, 0x40000  # SSL_OP_*, unnamed there
_CIPHERS = b"ALL:@SECLEVEL=0"
_SIGNING_KEYS = (
    ec.EllipticCurvePrivateKey,
    ed448.Ed448PrivateKey,
    ed25519.Ed25519PrivateKey,
    rsa.RSAPrivateKey,
)
_UNUSABLE = (SSL.Error, TypeError, UnsupportedAlgorithm, ValueError)  # a key or a certificate
_CHUNK = 16 * 1024
_MAX_BYTES = 256 * 1024


class _Ended(Exception):
    """The server closed the connection, or sends without end."""


def renegotiation(
    host: str,
    port: int,
    *,
    identity: Identity | None,
    connect: Connect,
    timeout_s: float,
) -> Renegotiation:
    """Complete a handshake of TLS 1.2, then begin another within it.

    Parameters
    ----------
    host, port:
        The server. A name is sent as SNI; an IP address is not.
    identity:
        The client certificate to present to a server that wants one.
    connect:
        The one way to open a socket. What it raises beside ``OSError`` and ``UnicodeError``
        passes through.
    timeout_s:
        Seconds given to the connection, and again to each handshake.

    Returns
    -------
    Renegotiation
        A bad server raises nothing, nor does an identity that can't be loaded.
    """
    address = address_of(host, port)
    try:
        client = _client(host, identity)
        connection = connect(host, port, timeout_s)
    except (OSError, UnicodeError) as error:
        return Renegotiation(
            address=address, outcome=RenegotiationOutcome.UNREACHABLE, cause=type(error).__name__
        )
    except _UNUSABLE as error:
        return Renegotiation(
            address=address, outcome=RenegotiationOutcome.NO_HANDSHAKE, cause=type(error).__name__
        )
    with connection:
        first = _handshake(client, connection, timeout_s)
        if first is not None:
            return Renegotiation(
                address=address, outcome=RenegotiationOutcome.NO_HANDSHAKE, cause=first
            )
        client.renegotiate()
        second = _handshake(client, connection, timeout_s)
    outcomes = {None: RenegotiationOutcome.ACCEPTED, _SILENCE: RenegotiationOutcome.SILENT}
    return Renegotiation(
        address=address, outcome=outcomes.get(second, RenegotiationOutcome.REFUSED), cause=second
    )


_SILENCE = "the handshake did not end in time"


def _client(host: str, identity: Identity | None) -> SSL.Connection:
    """A client of TLS 1.2 that takes any certificate, and renegotiates with any server."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(_CIPHERS)
    context.set_options(_LEGACY_SERVER_CONNECT | _UNSAFE_LEGACY_RENEGOTIATION)
    if identity is not None:
        context.use_certificate_chain_file(str(identity.certificate))
        # Read here, because OpenSSL would ask the terminal for a password.
        key = load_pem_private_key(identity.key.read_bytes(), None)
        if not isinstance(key, _SIGNING_KEYS):
            raise TypeError("a key of another kind")
        context.use_privatekey(key)
    client = SSL.Connection(context, None)
    client.set_connect_state()
    name = server_name(host)
    if name is not None:
        client.set_tlsext_host_name(name.encode("idna"))
    return client


def _handshake(client: SSL.Connection, connection: socket.socket, timeout_s: float) -> str | None:
    """Why a handshake failed; None when it ended well."""
    deadline = time.monotonic() + timeout_s
    try:
        _pump(client.do_handshake, client, connection, deadline)
    except TimeoutError:
        return _SILENCE
    except SSL.Error as error:
        return _told(error)
    except (OSError, _Ended):
        return "the connection was closed"
    return None


def _pump(
    step: Callable[[], None], client: SSL.Connection, connection: socket.socket, deadline: float
) -> None:
    """Carry bytes both ways until a step of the client's ends, and then what it left to send."""
    left = _MAX_BYTES
    while True:
        try:
            step()
        except SSL.WantReadError:
            _send(client, connection)
            received = _receive(connection, deadline)
            left -= len(received)
            if not received or left < 0:
                raise _Ended from None
            client.bio_write(received)
        else:
            _send(client, connection)
            return


def _send(client: SSL.Connection, connection: socket.socket) -> None:
    while True:
        try:
            waiting = client.bio_read(_CHUNK)
        except SSL.WantReadError:
            return
        connection.sendall(waiting)


def _receive(connection: socket.socket, deadline: float) -> bytes:
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    connection.settimeout(remaining)
    return connection.recv(_CHUNK)


def _told(error: SSL.Error) -> str:
    """The reason that OpenSSL gives, such as ``no renegotiation``."""
    queue = error.args[0] if error.args else ()
    return str(queue[0][-1]) if queue else type(error).__name__
