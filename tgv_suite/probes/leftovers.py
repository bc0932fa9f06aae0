"""Requests that carry the beginning of another, and what is then answered to whoever comes next."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Mapping

from tgv_suite.model.facts import Failure, LeftoverFact
from tgv_suite.model.framing import Framing

_NEXT = 3
_ANSWER_LIMIT_S = 4.0
_READ = 64 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])[ \r]")
_BEGINNING = b"(zzt) "
"""Before the next request it makes a line that is no request's."""
_CHUNKED = b"Transfer-Encoding: chunked"
_CHUNKS: Mapping[Framing, bytes] = {
    Framing.LENGTH_AND_CHUNKS: _CHUNKED,
    Framing.LENGTH_AND_CHUNKS_SPACED: b"Transfer-Encoding : chunked",
    Framing.LENGTH_AND_CHUNKS_TABBED: b"Transfer-Encoding:\tchunked",
    Framing.LENGTH_AND_CHUNKS_NAMED_TWICE: _CHUNKED + b"\r\nTransfer-Encoding: zzt",
    Framing.CHUNKS_AND_LENGTH: _CHUNKED,
    Framing.CHUNKS_AND_LENGTH_NAMED_TWICE: _CHUNKED + b"\r\nTransfer-Encoding: zzt",
}
_BY_CHUNKS_FIRST = (Framing.CHUNKS_AND_LENGTH, Framing.CHUNKS_AND_LENGTH_NAMED_TWICE)
Dial = Callable[[], socket.socket]


def look(host: str, path: str, framing: Framing, dial: Dial) -> LeftoverFact:
    """Send such a request, then ask for an address as others would, each on their own connection.

    Parameters
    ----------
    host, path:
        What is asked for: the name with its port, and the path.
    framing:
        How the first request says where it ends; ``ABSENT`` sends none.
    dial:
        Opens a connection, over TLS where the address says so.
    """
    first: int | None = None
    failure: Failure | None = None
    if framing is not Framing.ABSENT:
        first, failure = _exchange(dial, request(host, path, framing))
    others = [_exchange(dial, _plain(host, path)) for _ in range(_NEXT)]
    return LeftoverFact(
        framing=framing,
        status=first,
        failure=failure,
        next=tuple(status for status, _ in others),
        next_failure=next((one for _, one in others if one is not None), None),
    )


def request(host: str, path: str, framing: Framing) -> bytes:
    """A request whose body holds the beginning of another."""
    head = b"POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: tgv\r\n" % (path.encode(), host.encode())
    chunks = _CHUNKS.get(framing)
    if framing in _BY_CHUNKS_FIRST:
        inner = b"ZZT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 64\r\n\r\n" % (
            path.encode(),
            host.encode(),
        )
        size = b"%x\r\n" % len(inner)
        body, length = size + inner + b"\r\n0\r\n\r\n", len(size)
    else:
        body = _BEGINNING if chunks is None else b"0\r\n\r\n" + _BEGINNING
        length = len(body)
    fields = b"Content-Length: %d\r\n" % length + (b"" if chunks is None else chunks + b"\r\n")
    return head + fields + b"\r\n" + body


def _plain(host: str, path: str) -> bytes:
    return b"GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: tgv\r\nConnection: close\r\n\r\n" % (
        path.encode(),
        host.encode(),
    )


def _exchange(dial: Dial, sent: bytes) -> tuple[int | None, Failure | None]:
    """The status that a request is answered with, or why there is none."""
    try:
        with dial() as connection:
            connection.settimeout(_ANSWER_LIMIT_S)
            connection.sendall(sent)
            return _status(connection)
    except TimeoutError:
        return None, Failure.TIMEOUT
    except OSError:
        return None, Failure.UNREACHABLE


def _status(connection: socket.socket) -> tuple[int | None, Failure | None]:
    """The status of the first answer that isn't interim (RFC 9110 §15.2)."""
    until, received = time.monotonic() + _ANSWER_LIMIT_S, b""
    while len(received) < _READ and time.monotonic() < until:
        found = [int(status) for status in _STATUS.findall(received)]
        final = next((status for status in found if status >= 200), None)
        if final is not None:
            return final, None
        more = connection.recv(4096)
        if not more:
            return None, Failure.UNREACHABLE
        received += more
    return None, Failure.MALFORMED
