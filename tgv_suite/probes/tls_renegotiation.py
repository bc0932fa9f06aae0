"""Whether a server lets its clients renegotiate, tried in a connection of TLS 1.2."""

from __future__ import annotations

from OpenSSL import SSL

from tgv_suite.model.tls import Renegotiation, RenegotiationOutcome
from tgv_suite.probes.http import Identity
from tgv_suite.probes.tls_hello import Connect, address_of
from tgv_suite.probes.tls_session import (
    SILENCE,
    UNUSABLE,
    client_of,
    handshake,
    lenient_context,
)


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
    except UNUSABLE as error:
        return Renegotiation(
            address=address, outcome=RenegotiationOutcome.NO_HANDSHAKE, cause=type(error).__name__
        )
    with connection:
        first = handshake(client, connection, timeout_s)
        if first is not None:
            return Renegotiation(
                address=address, outcome=RenegotiationOutcome.NO_HANDSHAKE, cause=first
            )
        client.renegotiate()
        second = handshake(client, connection, timeout_s)
    outcomes = {None: RenegotiationOutcome.ACCEPTED, SILENCE: RenegotiationOutcome.SILENT}
    return Renegotiation(
        address=address, outcome=outcomes.get(second, RenegotiationOutcome.REFUSED), cause=second
    )


def _client(host: str, identity: Identity | None) -> SSL.Connection:
    context = lenient_context(identity)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    return client_of(context, host)
