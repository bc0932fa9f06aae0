"""Which versions of TLS a server speaks, asked with a ClientHello made by hand.

The local TLS library can neither offer SSLv3 nor most of the suites of its time: this module
writes the bytes itself, reads the server's first flight, and goes no further.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tgv_suite.model.tls import (
    DIFFIE_HELLMAN,
    SUITES,
    HelloAnswer,
    HelloOutcome,
    TlsVersion,
    WeakSuites,
    suite_name,
    suites_of,
    weak_suites_of,
)

Connect = Callable[[str, int, float], socket.socket]
"""Opens a TCP connection to a host and a port, within a number of seconds."""

SUITES_PER_HELLO = 64
"""Some servers fail on a longer list."""
WEAK_SUITES_AT_MOST = 24
"""Enough to tell what is wrong, in so many handshakes."""
NO_COMPRESSION = (0,)
EVERY_COMPRESSION = (1, 64, 0)
"""DEFLATE (RFC 3749), LZS (RFC 3943) and, since each hello must offer it, none."""

_ANOTHER_LIST_MAY_HELP = (HelloOutcome.ACCEPTED, HelloOutcome.REFUSED)
_MAX_BYTES = 64 * 1024
_MAX_RECORD = 2**14 + 2048  # RFC 5246, section 6.2.3

_WIRE_VERSIONS = {
    TlsVersion.SSL_3: 0x0300,
    TlsVersion.TLS_1_0: 0x0301,
    TlsVersion.TLS_1_1: 0x0302,
    TlsVersion.TLS_1_2: 0x0303,
    TlsVersion.TLS_1_3: 0x0304,
}
_VERSIONS = {wire: version for version, wire in _WIRE_VERSIONS.items()}

_ALERT, _HANDSHAKE = 21, 22
_RECORD_TYPES = range(20, 24)
_CLIENT_HELLO, _SERVER_HELLO, _SERVER_KEY_EXCHANGE, _SERVER_HELLO_DONE = 1, 2, 12, 14
_HELLO_REQUEST = 0

_SERVER_NAME, _SUPPORTED_GROUPS, _EC_POINT_FORMATS, _SIGNATURE_ALGORITHMS = 0, 10, 11, 13
_PADDING, _SUPPORTED_VERSIONS, _PSK_MODES, _KEY_SHARE, _RENEGOTIATION_INFO = 21, 43, 45, 51, 0xFF01
_EMPTY_RENEGOTIATION_INFO_SCSV = 0x00FF  # RFC 5746: says the same where no extension can be sent

_X25519 = 0x001D
_CURVES = (_X25519, 0x0017, 0x0018, 0x0019, 0x001E, 0x001A, 0x001B, 0x001C, 0x0016, 0x0013, 0x0015)
# RFC 7919: before TLS 1.3, naming these groups would change the DH parameters of the server.
_GROUPS_1_3 = (_X25519, 0x0017, 0x0018, 0x0019, 0x001E, 0x11EC, 0x0100, 0x0101, 0x0102)
_SIGNATURES = (
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B,
    0x0401, 0x0501, 0x0601, 0x0301, 0x0303, 0x0402, 0x0201, 0x0203, 0x0202,
)  # fmt: skip

_CLOSE_NOTIFY, _UNRECOGNIZED_NAME = 0, 112
_ALERTS = {
    _CLOSE_NOTIFY: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    111: "certificate_unobtainable",
    _UNRECOGNIZED_NAME: "unrecognized_name",
    113: "bad_certificate_status_response",
    114: "bad_certificate_hash_value",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
    121: "ech_required",
}


class _NotTls(Exception):
    """The bytes received are not those of a TLS server."""


def hello(
    host: str,
    port: int,
    version: TlsVersion,
    *,
    connect: Connect,
    timeout_s: float,
    compressions: Sequence[int] = NO_COMPRESSION,
) -> HelloAnswer:
    """Ask a server whether it speaks ``version``, with every suite that the version knows.

    The suites go out in several ClientHellos, the likeliest first, until one is accepted or one
    is answered otherwise than by a refusal.

    Parameters
    ----------
    host, port:
        The server. A name is sent as SNI; an IP address is not.
    version:
        The only version offered.
    connect:
        The one way to open a socket. What it raises beside ``OSError`` and ``UnicodeError``
        passes through.
    timeout_s:
        Seconds given to each connection, and again to each answer.
    compressions:
        The numbers of the compression methods offered, in order of preference.

    Returns
    -------
    HelloAnswer
        The accepting answer, else the one that chose another version, else the first refusal.
        A bad server raises nothing.
    """
    suites = sorted(suites_of(version), key=_rarity)
    answers: list[HelloAnswer] = []
    for start in range(0, len(suites), SUITES_PER_HELLO):
        offered = suites[start : start + SUITES_PER_HELLO]
        answer = offer(
            host,
            port,
            version,
            offered,
            connect=connect,
            timeout_s=timeout_s,
            compressions=compressions,
        )
        if answer.accepted or answer.outcome not in _ANOTHER_LIST_MAY_HELP:
            return answer
        answers.append(answer)
    in_another_version = (one for one in answers if one.outcome is HelloOutcome.ACCEPTED)
    return next(in_another_version, answers[0])


def weak_suites(
    host: str, port: int, version: TlsVersion, *, connect: Connect, timeout_s: float
) -> WeakSuites:
    """Find which weak suites a server accepts in ``version``.

    Each ClientHello offers only weak suites; the one chosen is left out of the next, until what is
    left is refused, ``WEAK_SUITES_AT_MOST`` are known or an answer is neither.

    Parameters and behaviour towards bad servers are otherwise those of ``hello``.
    """
    left = sorted(weak_suites_of(version), key=_rarity)
    accepted: list[str] = []
    while True:
        answer = _first_accepted(
            left,
            lambda some: offer(host, port, version, some, connect=connect, timeout_s=timeout_s),
        )
        chosen = [code for code in left if answer.accepted and suite_name(code) == answer.suite]
        left = [code for code in left if code not in chosen]
        accepted += [suite_name(code) for code in chosen]
        if not chosen or not left or len(accepted) >= WEAK_SUITES_AT_MOST:
            return WeakSuites(
                address=answer.address,
                offered=version,
                accepted=tuple(accepted),
                ended=_ended(answer),
                alert=answer.alert,
            )


def diffie_hellman(
    host: str, port: int, version: TlsVersion, *, connect: Connect, timeout_s: float
) -> HelloAnswer:
    """Offer only suites whose keys come of Diffie-Hellman over a prime that the server chooses.

    No group is named (RFC 7919), so that it chooses as it does for most clients. Parameters and
    result are those of ``hello``; a server without such suites refuses them all.
    """
    suites = [code for code in suites_of(version) if DIFFIE_HELLMAN.match(SUITES[code])]
    return _first_accepted(
        sorted(suites, key=_rarity),
        lambda some: offer(host, port, version, some, connect=connect, timeout_s=timeout_s),
    )


def _first_accepted(
    suites: Sequence[int], ask: Callable[[Sequence[int]], HelloAnswer]
) -> HelloAnswer:
    """The first answer that isn't a refusal, in lists that every server can read; else the last."""
    answer = ask(suites[:SUITES_PER_HELLO])
    for start in range(SUITES_PER_HELLO, len(suites), SUITES_PER_HELLO):
        if answer.outcome is not HelloOutcome.REFUSED:
            break
        answer = ask(suites[start : start + SUITES_PER_HELLO])
    return answer


def _ended(answer: HelloAnswer) -> HelloOutcome:
    """How the last answer ends the search: one in another version refuses this one."""
    in_another_version = answer.outcome is HelloOutcome.ACCEPTED and not answer.accepted
    return HelloOutcome.REFUSED if in_another_version else answer.outcome


def offer(
    host: str,
    port: int,
    version: TlsVersion,
    suites: Sequence[int],
    *,
    connect: Connect,
    timeout_s: float,
    compressions: Sequence[int] = NO_COMPRESSION,
) -> HelloAnswer:
    """Send one ClientHello with exactly ``suites``, codes in order of preference.

    A server that chooses before TLS 1.3 must also send its ServerHelloDone: one that begins and
    then sends an alert has refused. From TLS 1.3 on the rest is encrypted and the ServerHello,
    or a HelloRetryRequest, suffices. Parameters and result are otherwise those of ``hello``.
    """
    blank = HelloAnswer(
        address=address_of(host, port), offered=version, outcome=HelloOutcome.REFUSED
    )
    try:
        connection = connect(host, port, timeout_s)
    except (OSError, UnicodeError):
        return replace(blank, outcome=HelloOutcome.UNREACHABLE)
    with connection:
        deadline = time.monotonic() + timeout_s
        try:
            connection.settimeout(timeout_s)
            connection.sendall(client_hello(host, version, suites, compressions))
        except TimeoutError:
            return replace(blank, outcome=HelloOutcome.SILENT)
        except OSError:
            return blank
        return _first_flight(connection, blank, deadline)


def address_of(host: str, port: int) -> str:
    """``host:port``, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def server_name(host: str) -> str | None:
    """The name to send as SNI for ``host`` (RFC 6066, section 3); None for an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.removesuffix(".")
    return None


def _rarity(code: int) -> tuple[bool, bool, int]:
    """Sort key: first the suites that servers really have, and of these the authenticated ones."""
    name = SUITES[code]
    common = re.match("TLS_((ECDHE_(RSA|ECDSA)|RSA|DHE_RSA)_WITH_(AES|3DES|RC4|CHACHA)|AES)", name)
    return common is None, not re.search("GCM|CCM|POLY1305", name), code


def client_hello(
    host: str,
    version: TlsVersion,
    suites: Sequence[int],
    compressions: Sequence[int] = NO_COMPRESSION,
) -> bytes:
    """The record that makes ``host`` this offer (RFC 5246, 6101 and 8446)."""
    legacy = min(_WIRE_VERSIONS[version], 0x0303)
    with_extensions = version is not TlsVersion.SSL_3
    codes = tuple(suites) if with_extensions else (*suites, _EMPTY_RENEGOTIATION_INFO_SCSV)
    modern = version is TlsVersion.TLS_1_3
    # A non-empty session id makes middle boxes let TLS 1.3 through (RFC 8446, appendix D.4).
    body = struct.pack(">H", legacy) + os.urandom(32) + _vector8(os.urandom(32) if modern else b"")
    body += _vector16(_words(codes)) + _vector8(bytes(compressions))
    if with_extensions:
        body += _vector16(_padded(_extensions(host, version), len(body)))
    message = bytes([_CLIENT_HELLO]) + struct.pack(">I", len(body))[1:] + body
    return struct.pack(">BH", _HANDSHAKE, min(legacy, 0x0301)) + _vector16(message)


def _extensions(host: str, version: TlsVersion) -> bytes:
    modern = version is TlsVersion.TLS_1_3
    extensions = _sni(host)
    extensions += _extension(
        _SUPPORTED_GROUPS, _vector16(_words(_GROUPS_1_3 if modern else _CURVES))
    )
    if version in (TlsVersion.TLS_1_2, TlsVersion.TLS_1_3):
        extensions += _extension(_SIGNATURE_ALGORITHMS, _vector16(_words(_SIGNATURES)))
    if modern:
        share = X25519PrivateKey.generate().public_key().public_bytes_raw()
        entry = struct.pack(">H", _X25519) + _vector16(share)
        extensions += _extension(_SUPPORTED_VERSIONS, _vector8(_words((0x0304,))))
        extensions += _extension(_PSK_MODES, _vector8(b"\x01"))
        extensions += _extension(_KEY_SHARE, _vector16(entry))
    else:
        extensions += _extension(_EC_POINT_FORMATS, _vector8(b"\x00"))
        extensions += _extension(_RENEGOTIATION_INFO, _vector8(b""))
    return extensions


def _sni(host: str) -> bytes:
    name = server_name(host)
    if name is None:
        return b""
    try:
        encoded = name.encode("idna")
    except UnicodeError:
        return b""
    return _extension(_SERVER_NAME, _vector16(b"\x00" + _vector16(encoded)))


def _padded(extensions: bytes, length_before: int) -> bytes:
    """``extensions``, so long that no server hangs on a hello of 256 to 511 bytes (RFC 7685)."""
    length = 4 + length_before + 2 + len(extensions)
    if not 256 <= length < 512:
        return extensions
    return extensions + _extension(_PADDING, bytes(max(0, 512 - length - 4)))


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack(">H", kind) + _vector16(body)


def _words(values: Sequence[int]) -> bytes:
    return struct.pack(f">{len(values)}H", *values)


def _vector8(body: bytes) -> bytes:
    return bytes([len(body)]) + body


def _vector16(body: bytes) -> bytes:
    return struct.pack(">H", len(body)) + body


@dataclass(frozen=True, slots=True)
class _Message:
    """An alert (its description in ``kind``) or a handshake message."""

    is_alert: bool
    kind: int
    body: bytes


def _first_flight(connection: socket.socket, blank: HelloAnswer, deadline: float) -> HelloAnswer:
    answer = blank
    try:
        for message in _messages(connection, deadline):
            answer = _after(answer, message)
            if answer.outcome is HelloOutcome.ACCEPTED or _is_refusal(message):
                return answer
    except TimeoutError:
        return replace(answer, outcome=HelloOutcome.SILENT)
    except OSError:
        return answer
    except _NotTls:
        return replace(answer, outcome=HelloOutcome.MALFORMED)
    return answer


def _after(answer: HelloAnswer, message: _Message) -> HelloAnswer:
    """What is known once ``message`` has come; the outcome is a refusal until the flight ends."""
    if message.is_alert:
        return replace(answer, alert=_ALERTS.get(message.kind, f"alert {message.kind}"))
    if message.kind == _SERVER_HELLO and answer.version is None:
        chosen = _server_hello(message.body)
        last = chosen.version is TlsVersion.TLS_1_3
        return replace(
            answer,
            outcome=HelloOutcome.ACCEPTED if last else HelloOutcome.REFUSED,
            version=chosen.version,
            suite=suite_name(chosen.suite),
            compression=chosen.compression,
            secure_renegotiation=_RENEGOTIATION_INFO in chosen.extensions,
        )
    if answer.version is None and message.kind != _HELLO_REQUEST:
        raise _NotTls
    if message.kind == _SERVER_KEY_EXCHANGE and DIFFIE_HELLMAN.match(answer.suite or ""):
        return replace(answer, dh_bits=_prime_bits(message.body))
    if message.kind == _SERVER_HELLO_DONE:
        return replace(answer, outcome=HelloOutcome.ACCEPTED)
    return answer


def _is_refusal(message: _Message) -> bool:
    """Any alert but the warning after which a server goes on (RFC 6066, section 3)."""
    warning = message.body[:1] == b"\x01"
    return message.is_alert and not (warning and message.kind == _UNRECOGNIZED_NAME)


@dataclass(frozen=True, slots=True)
class _ServerHello:
    """What a server chose."""

    version: TlsVersion
    suite: int
    compression: int
    extensions: Mapping[int, bytes]


def _server_hello(body: bytes) -> _ServerHello:
    """A ServerHello, or HelloRetryRequest (RFC 8446, section 4.1.3)."""
    try:
        wire, id_length = struct.unpack_from(">H32xB", body)
        suite, compression = struct.unpack_from(">HB", body, 35 + id_length)
        extensions = _sent_extensions(body[38 + id_length :])
        # RFC 8446, section 4.2.1: absent before TLS 1.3
        chosen = extensions.get(_SUPPORTED_VERSIONS)
        version = _VERSIONS.get(wire if chosen is None else struct.unpack(">H", chosen)[0])
    except struct.error:
        raise _NotTls from None
    if version is None or (version is TlsVersion.TLS_1_3 and chosen is None):
        raise _NotTls
    return _ServerHello(version, suite, compression, extensions)


def _sent_extensions(vector: bytes) -> Mapping[int, bytes]:
    """Each extension that a server sends, by its number."""
    found = {}
    position = 2
    while position + 4 <= len(vector):
        kind, length = struct.unpack_from(">HH", vector, position)
        found[kind] = vector[position + 4 : position + 4 + length]
        position += 4 + length
    return found


def _prime_bits(body: bytes) -> int:
    """The size of the prime in a ServerKeyExchange of Diffie-Hellman (RFC 5246, section 7.4.3)."""
    length = int.from_bytes(body[:2])
    if not 0 < length <= len(body) - 2:
        raise _NotTls
    return int.from_bytes(body[2 : 2 + length]).bit_length()


def _messages(connection: socket.socket, deadline: float) -> Iterator[_Message]:
    """Alerts and handshake messages, in order, until the server closes.

    Raises
    ------
    _NotTls
        What came cannot be TLS, or never ends.
    TimeoutError, OSError
        The deadline has passed; the connection broke.
    """
    handshake = b""
    for kind, fragment in _records(connection, deadline):
        if kind == _ALERT:
            if len(fragment) < 2:
                raise _NotTls
            yield _Message(is_alert=True, kind=fragment[1], body=fragment)
        elif kind == _HANDSHAKE:
            handshake += fragment
            while len(handshake) >= 4 and len(handshake) >= (end := _message_end(handshake)):
                yield _Message(is_alert=False, kind=handshake[0], body=handshake[4:end])
                handshake = handshake[end:]
        else:
            raise _NotTls
    if handshake:
        raise _NotTls


def _message_end(handshake: bytes) -> int:
    return 4 + int.from_bytes(handshake[1:4])


def _records(connection: socket.socket, deadline: float) -> Iterator[tuple[int, bytes]]:
    """Type and content of each record, 64 KiB in all."""
    left = _MAX_BYTES
    while header := _read(connection, 5, deadline):
        if len(header) < 5 or header[0] not in _RECORD_TYPES or header[1] != 3:
            raise _NotTls
        length = int.from_bytes(header[3:5])
        left -= 5 + length
        if length > _MAX_RECORD or left < 0:
            raise _NotTls
        fragment = _read(connection, length, deadline)
        if len(fragment) < length:
            raise _NotTls
        yield header[0], fragment


def _read(connection: socket.socket, size: int, deadline: float) -> bytes:
    """Exactly ``size`` bytes, or fewer when the server closes first."""
    received = b""
    while len(received) < size:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        connection.settimeout(remaining)
        part = connection.recv(size - len(received))
        if not part:
            break
        received += part
    return received
