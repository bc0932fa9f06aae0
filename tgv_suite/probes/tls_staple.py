"""The status of its own certificate that a server staples to its handshake (RFC 6066, section 8)."""

from __future__ import annotations

from collections.abc import Callable

from OpenSSL import SSL

from tgv_suite.model.revocation import Staple, StatusKind, StatusOutcome, StatusSource
from tgv_suite.probes.http import Identity
from tgv_suite.probes.tls_hello import Connect, address_of
from tgv_suite.probes.tls_session import UNUSABLE, client_of, handshake, lenient_context

ATTEMPTS = 2
"""A server may fetch its first status when a client first asks for it, and have none to send yet."""
PAUSE_S = 1.0

Read = Callable[[StatusSource, bytes], StatusSource]
"""Reads a response: a source of which nothing is known yet, and what came."""


def staple(
    host: str,
    port: int,
    *,
    identity: Identity | None,
    read: Read,
    connect: Connect,
    wait: Callable[[float], None],
    timeout_s: float,
) -> Staple:
    """Ask a server for the status of its certificate in a handshake, and again when it sends none.

    Parameters
    ----------
    host, port, identity, connect:
        As for a renegotiation.
    read:
        What reads the status.
    wait:
        Lets seconds pass.
    timeout_s:
        Seconds given to each connection, and again to each handshake.

    Returns
    -------
    Staple
        A bad server raises nothing, nor does an identity that can't be loaded.
    """
    address = address_of(host, port)
    for attempt in range(ATTEMPTS):
        if attempt:
            wait(PAUSE_S)
        received: list[bytes] = []
        try:
            client = _client(host, identity, received)
            connection = connect(host, port, timeout_s)
        except (OSError, *UNUSABLE) as error:
            return Staple(address=address, handshake=False, cause=type(error).__name__)
        with connection:
            failed = handshake(client, connection, timeout_s)
        if failed is not None and not received:
            return Staple(address=address, handshake=False, cause=failed)
        if any(received):
            blank = StatusSource(
                kind=StatusKind.STAPLE, url=address, outcome=StatusOutcome.UNREADABLE
            )
            return Staple(address=address, handshake=True, status=read(blank, received[0]))
    return Staple(address=address, handshake=True)


def _client(host: str, identity: Identity | None, received: list[bytes]) -> SSL.Connection:
    """A client that asks, and keeps what comes; nothing when the server sends no status."""

    def keep(connection: SSL.Connection, response: bytes, data: object) -> bool:
        received.append(response)
        return True

    context = lenient_context(identity)
    context.set_ocsp_client_callback(keep)
    client = client_of(context, host)
    client.request_ocsp()
    return client
