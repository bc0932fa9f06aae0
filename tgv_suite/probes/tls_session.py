"""A TLS client whose bytes go through a socket of ours, for what the ssl module can't ask.

pyOpenSSL can renegotiate and ask for a stapled status. It is given no socket: the scope, the pace and
the time limits stay ours.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL

from tgv_suite.probes.http import Identity
from tgv_suite.probes.tls_hello import server_name

UNUSABLE = (SSL.Error, TypeError, UnsupportedAlgorithm, ValueError)
"""What is raised of a key or a certificate that can't be presented."""
SILENCE = "the handshake did not end in time"

_LEGACY_SERVER_CONNECT, _UNSAFE_LEGACY_RENEGOTIATION = 0x4, 0x40000  # SSL_OP_*, unnamed there
_CIPHERS = b"ALL:@SECLEVEL=0"
_SIGNING_KEYS = (
    ec.EllipticCurvePrivateKey,
    ed448.Ed448PrivateKey,
    ed25519.Ed25519PrivateKey,
    rsa.RSAPrivateKey,
)
_CHUNK = 16 * 1024
_MAX_BYTES = 256 * 1024


class _Ended(Exception):
    """The server closed the connection, or sends without end."""


def lenient_context(identity: Identity | None) -> SSL.Context:
    """A client that takes any certificate of any server, and renegotiates with whoever does.

    Parameters
    ----------
    identity:
        The client certificate to present to a server that wants one.

    Raises
    ------
    UNUSABLE, OSError
        The identity can't be loaded.
    """
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(_CIPHERS)
    context.set_options(_LEGACY_SERVER_CONNECT | _UNSAFE_LEGACY_RENEGOTIATION)
    if identity is not None:
        context.use_certificate_chain_file(str(identity.certificate))
        # Read here, because OpenSSL would ask the terminal for a password.
        key = load_pem_private_key(identity.key.read_bytes(), None)
        if not isinstance(key, _SIGNING_KEYS):
            raise TypeError("a key of another kind")
        context.use_privatekey(key)
    return context


def client_of(context: SSL.Context, host: str) -> SSL.Connection:
    """A client of a host; a name is sent as SNI, and an IP address isn't.

    Raises
    ------
    UnicodeError
        ``host`` can't be a name.
    """
    client = SSL.Connection(context, None)
    client.set_connect_state()
    name = server_name(host)
    if name is not None:
        client.set_tlsext_host_name(name.encode("idna"))
    return client


def handshake(client: SSL.Connection, connection: socket.socket, timeout_s: float) -> str | None:
    """Carry a handshake out, the first or a renegotiation.

    Parameters
    ----------
    client, connection:
        Who shakes hands, and what carries the bytes.
    timeout_s:
        Seconds in all.

    Returns
    -------
    str | None
        Why it failed, which is ``SILENCE`` where it didn't end; None when it ended well.
    """
    deadline = time.monotonic() + timeout_s
    try:
        _pump(client.do_handshake, client, connection, deadline)
    except TimeoutError:
        return SILENCE
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
