"""The TLS probes tell what a server does, and bad servers do not break them."""

from __future__ import annotations

import base64
import os
import socket
import ssl
import struct
from datetime import timedelta
from pathlib import Path
from typing import Any

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID
from pydantic import TypeAdapter

from tests.unit.tls_server import (
    DAY,
    NOW,
    PRIMES,
    Handler,
    Identity,
    authority,
    closing_at_once,
    endless,
    leaf,
    over_tls,
    resigned_with_sha1,
    saying,
    server_context,
    serving,
    silent,
)
from tgv_suite.model.tls import (
    SUITES,
    ChainFact,
    ChainOutcome,
    HelloAnswer,
    HelloOutcome,
    Renegotiation,
    RenegotiationOutcome,
    TlsVersion,
    WeakSuites,
    suites_of,
    weak_suites_of,
)
from tgv_suite.probes.http import Identity as ClientIdentity
from tgv_suite.probes.tls_certificate import chain
from tgv_suite.probes.tls_hello import (
    EVERY_COMPRESSION,
    SUITES_PER_HELLO,
    WEAK_SUITES_AT_MOST,
    client_hello,
    diffie_hellman,
    hello,
    offer,
    weak_suites,
)
from tgv_suite.probes.tls_renegotiation import renegotiation

HOST = "si.test"
V = TlsVersion
LEGACY = (V.SSL_3, V.TLS_1_0, V.TLS_1_1)


def to_loopback(host: str, port: int, timeout_s: float) -> socket.socket:
    """Every name leads to loopback."""
    return socket.create_connection(("127.0.0.1", port), timeout_s)


def ask(port: int, version: TlsVersion, *, timeout_s: float = 10.0) -> HelloAnswer:
    return hello(HOST, port, version, connect=to_loopback, timeout_s=timeout_s)


def ask_one(handler: Handler, version: TlsVersion, *, timeout_s: float = 10.0) -> HelloAnswer:
    with serving(handler) as port:
        return ask(port, version, timeout_s=timeout_s)


def observe(
    handler: Handler,
    *anchors: Identity,
    host: str = HOST,
    public: bool = False,
    timeout_s: float = 10.0,
) -> ChainFact:
    with serving(handler) as port:
        return chain(
            host,
            port,
            anchors=[one.pem for one in anchors],
            use_public_anchors=public,
            connect=to_loopback,
            timeout_s=timeout_s,
            now=NOW,
        )


@pytest.fixture(scope="module")
def root() -> Identity:
    return authority("root")


@pytest.fixture(scope="module")
def intermediate(root: Identity) -> Identity:
    return authority("intermediate", issuer=root)


@pytest.fixture(scope="module")
def server(intermediate: Identity) -> Identity:
    return leaf(HOST, "127.0.0.1", issuer=intermediate)


@pytest.fixture(scope="module")
def rsa_root() -> Identity:
    return authority("rsa root", key=rsa.generate_private_key(65537, 2048))


# --- Hello ------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [V.TLS_1_0, V.TLS_1_1])
def test_an_old_version_that_a_server_speaks_is_accepted(
    version: TlsVersion, server: Identity
) -> None:
    context = server_context(server, minimum=ssl.TLSVersion.TLSv1)
    answer = ask_one(over_tls(context), version)
    assert answer.accepted
    assert answer.version is version
    assert answer.suite is not None
    assert answer.suite.startswith("TLS_ECDHE_ECDSA_WITH_")
    assert answer.compression == 0
    assert answer.alert is None


def test_an_old_version_that_the_security_level_forbids_is_refused(server: Identity) -> None:
    context = server_context(server, minimum=ssl.TLSVersion.TLSv1, ciphers="DEFAULT:@SECLEVEL=2")
    answer = ask_one(over_tls(context), V.TLS_1_0)
    assert answer.outcome is HelloOutcome.REFUSED
    assert answer.alert == "internal_error"


def test_a_server_of_tls_1_2_alone_accepts_nothing_else(server: Identity) -> None:
    context = server_context(server, maximum=ssl.TLSVersion.TLSv1_2)
    with serving(over_tls(context)) as port:
        answers = {version: ask(port, version) for version in V}
    assert [v for v, answer in answers.items() if answer.accepted] == [V.TLS_1_2]
    assert {answers[v].outcome for v in V if v is not V.TLS_1_2} == {HelloOutcome.REFUSED}
    assert answers[V.TLS_1_0].alert == "protocol_version"
    assert answers[V.TLS_1_2].address == f"{HOST}:{port}"


def test_a_server_of_tls_1_3_alone_accepts_nothing_else(server: Identity) -> None:
    context = server_context(server, minimum=ssl.TLSVersion.TLSv1_3)
    with serving(over_tls(context)) as port:
        answers = {version: ask(port, version) for version in V}
    assert [v for v, answer in answers.items() if answer.accepted] == [V.TLS_1_3]
    assert answers[V.TLS_1_3].suite in {SUITES[code] for code in suites_of(V.TLS_1_3)}


def test_a_retry_request_of_tls_1_3_counts_as_accepted(server: Identity) -> None:
    context = server_context(server, minimum=ssl.TLSVersion.TLSv1_3)
    context.set_ecdh_curve("secp384r1")
    assert ask_one(over_tls(context), V.TLS_1_3).accepted


def test_a_version_chosen_instead_of_the_one_offered_is_not_accepted(server: Identity) -> None:
    context = server_context(server, minimum=ssl.TLSVersion.TLSv1, maximum=ssl.TLSVersion.TLSv1_1)
    answer = ask_one(over_tls(context), V.TLS_1_2)
    assert not answer.accepted
    assert answer.outcome is HelloOutcome.ACCEPTED
    assert answer.version is V.TLS_1_1


def test_a_rare_suite_is_found_in_a_later_hello(server: Identity) -> None:
    connections: list[int] = []

    def counted(host: str, port: int, timeout_s: float) -> socket.socket:
        connections.append(port)
        return to_loopback(host, port, timeout_s)

    context = server_context(server, ciphers="AECDH-AES128-SHA:@SECLEVEL=0")
    with serving(over_tls(context)) as port:
        answer = hello(HOST, port, V.TLS_1_2, connect=counted, timeout_s=10)
    assert answer.accepted
    assert answer.suite == "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"
    assert len(connections) > 1


def test_the_name_asked_for_is_sent_and_an_address_is_not(server: Identity) -> None:
    seen: list[str | None] = []
    context = server_context(server)
    context.sni_callback = lambda _socket, name, _context: seen.append(name)
    with serving(over_tls(context)) as port:
        for host in (f"{HOST}.", "127.0.0.1"):
            assert hello(host, port, V.TLS_1_2, connect=to_loopback, timeout_s=10).accepted
    assert seen == [HOST, None]


def test_each_hello_is_short_and_never_of_the_length_that_hangs_servers() -> None:
    for version in V:
        for host in ("a.test", HOST, "a" * 60 + ".test", "127.0.0.1"):
            record = client_hello(host, version, suites_of(version)[:SUITES_PER_HELLO])
            assert not 256 <= len(record) - 5 < 512
            assert len(record) < 1024


def test_every_family_of_legacy_suites_is_offered() -> None:
    names = {SUITES[code] for code in suites_of(V.TLS_1_0)}
    assert {
        "TLS_RSA_WITH_NULL_MD5",
        "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
        "TLS_RSA_WITH_DES_CBC_SHA",
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
        "TLS_RSA_WITH_RC4_128_SHA",
        "TLS_DH_anon_WITH_AES_128_CBC_SHA",
        "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        "TLS_RSA_WITH_AES_128_CCM_8",
    } <= names
    assert not names & {SUITES[code] for code in suites_of(V.TLS_1_3)}


def test_the_names_of_the_suites_are_those_of_the_local_library() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    codes = {cipher["id"] & 0xFFFF for cipher in context.get_ciphers()}
    assert codes <= SUITES.keys()
    assert SUITES[0xC02F] == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert SUITES[0xCCAA] == "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
    assert SUITES[0x1301] == "TLS_AES_128_GCM_SHA256"


def record(kind: int, body: bytes, version: int = 0x0301) -> bytes:
    return struct.pack(">BHH", kind, version, len(body)) + body


def message(kind: int, body: bytes = b"") -> bytes:
    return bytes([kind]) + len(body).to_bytes(3) + body


def server_hello(version: int, suite: int, *, compression: int = 0) -> bytes:
    return message(2, struct.pack(">H32xBHB", version, 0, suite, compression))


def test_ssl_3_with_an_export_suite_is_accepted_and_named() -> None:
    flight = server_hello(0x0300, 0x0003, compression=1) + message(11, bytes(3)) + message(14)
    answer = ask_one(saying(record(22, flight, 0x0300)), V.SSL_3)
    assert answer.accepted
    assert answer.suite == "TLS_RSA_EXPORT_WITH_RC4_40_MD5"
    assert answer.compression == 1


def test_messages_cut_across_records_are_put_together() -> None:
    flight = server_hello(0x0303, 0xFAFA) + message(14)
    parts = [record(22, flight[i : i + 7]) for i in range(0, len(flight), 7)]
    answer = ask_one(saying(*parts), V.TLS_1_2)
    assert answer.accepted
    assert answer.suite == "0xFAFA"


def test_a_server_that_begins_and_then_sends_an_alert_has_refused() -> None:
    flight = record(22, server_hello(0x0301, 0x002F)) + record(21, b"\x02\x50")
    answer = ask_one(saying(flight), V.TLS_1_0)
    assert answer.outcome is HelloOutcome.REFUSED
    assert answer.version is V.TLS_1_0
    assert answer.alert == "internal_error"


def test_a_warning_about_the_name_does_not_refuse() -> None:
    flight = record(21, b"\x01\x70") + record(22, server_hello(0x0301, 0x002F) + message(14))
    answer = ask_one(saying(flight), V.TLS_1_0)
    assert answer.accepted
    assert answer.alert == "unrecognized_name"


def test_a_server_that_begins_and_then_waits_is_silent() -> None:
    begun = record(22, server_hello(0x0301, 0x002F))
    answer = ask_one(saying(begun, then_close=False), V.TLS_1_0, timeout_s=0.2)
    assert answer.outcome is HelloOutcome.SILENT


def test_a_silent_server_is_silent_not_refusing() -> None:
    assert ask_one(silent, V.TLS_1_0, timeout_s=0.2).outcome is HelloOutcome.SILENT


def test_a_server_that_closes_at_once_refuses() -> None:
    for version in (*LEGACY, V.TLS_1_3):
        answer = ask_one(closing_at_once, version)
        assert answer.outcome is HelloOutcome.REFUSED
        assert answer.alert is None


MALFORMED = {
    "plain text": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "random bytes": b"\xff" + os.urandom(400),
    "a record without its end": record(22, server_hello(0x0301, 0x2F))[:20],
    "a header without its end": b"\x16\x03",
    "an empty alert": record(21, b""),
    "application data": record(23, b"hello"),
    "a server hello too short": record(22, message(2, b"\x03\x01")),
    "a server hello without its suite": record(22, message(2, bytes([3, 1]) + bytes(32) + b"\x20")),
    "a version that never was": record(22, server_hello(0x0399, 0x2F) + message(14)),
    "tls 1.3 without saying it": record(22, server_hello(0x0304, 0x1301)),
    "a certificate first": record(22, message(11, bytes(3))),
    "half a message": record(22, message(2, bytes(70))[:30]),
    "an oversized record": record(22, server_hello(0x0301, 0x2F) + message(14) + bytes(0x5000)),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_not_tls_is_malformed(what: str) -> None:
    answer = ask_one(saying(MALFORMED[what]), V.TLS_1_0)
    assert answer.outcome is HelloOutcome.MALFORMED
    assert not answer.accepted


@pytest.mark.parametrize(
    "chunk",
    [
        pytest.param(b"A" * 4096, id="text"),
        pytest.param(record(22, bytes(4096)), id="hello requests"),
        pytest.param(record(22, b"\x02\xff\xff\xff" + bytes(4096)), id="one huge message"),
        pytest.param(record(21, b"\x01\x70"), id="warnings"),
        pytest.param(record(22, b""), id="empty records"),
    ],
)
def test_an_endless_answer_is_cut(chunk: bytes) -> None:
    answer = ask_one(endless(chunk), V.TLS_1_2)
    assert answer.outcome is HelloOutcome.MALFORMED


def test_a_closed_port_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert ask(port, V.TLS_1_2).outcome is HelloOutcome.UNREACHABLE


@pytest.mark.parametrize("error", [socket.gaierror("unknown name"), TimeoutError(), UnicodeError()])
def test_a_host_that_cannot_be_reached_is_unreachable(error: Exception) -> None:
    def nowhere(host: str, port: int, timeout_s: float) -> socket.socket:
        raise error

    answer = hello("::1", 443, V.TLS_1_2, connect=nowhere, timeout_s=1)
    assert answer.outcome is HelloOutcome.UNREACHABLE
    assert answer.address == "[::1]:443"
    fact = chain(
        HOST, 443, anchors=(), use_public_anchors=True, connect=nowhere, timeout_s=1, now=NOW
    )
    assert fact.outcome is ChainOutcome.UNREACHABLE
    assert fact.cause


class OutOfScope(Exception):
    """What a scope guard raises."""


def test_what_the_scope_guard_raises_passes_through() -> None:
    def guarded(host: str, port: int, timeout_s: float) -> socket.socket:
        raise OutOfScope

    with pytest.raises(OutOfScope):
        hello(HOST, 443, V.TLS_1_2, connect=guarded, timeout_s=1)
    with pytest.raises(OutOfScope):
        chain(HOST, 443, anchors=(), use_public_anchors=True, connect=guarded, timeout_s=1, now=NOW)


def test_an_offer_carries_exactly_the_suites_given(server: Identity) -> None:
    with serving(over_tls(server_context(server))) as port:
        for suites, accepted in (((0xC02C,), True), ((0x0005,), False)):
            answer = offer(HOST, port, V.TLS_1_2, suites, connect=to_loopback, timeout_s=10)
            assert answer.accepted is accepted


# --- Weak suites ------------------------------------------------------------------------------


def weak(handler: Handler, version: TlsVersion, *, timeout_s: float = 10.0) -> WeakSuites:
    with serving(handler) as port:
        return weak_suites(HOST, port, version, connect=to_loopback, timeout_s=timeout_s)


@pytest.fixture(scope="module")
def rsa_server(rsa_root: Identity) -> Identity:
    return leaf(HOST, issuer=rsa_root, key=rsa.generate_private_key(65537, 2048))


def test_every_weak_suite_of_a_server_is_found_and_no_other(rsa_server: Identity) -> None:
    ciphers = "ECDHE+AESGCM:AES128-SHA:AES256-GCM-SHA384:ECDHE-RSA-NULL-SHA:AECDH-AES256-SHA"
    context = server_context(rsa_server, ciphers=f"{ciphers}:@SECLEVEL=0")
    found = weak(over_tls(context), V.TLS_1_2)
    assert set(found.accepted) == {
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "TLS_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_NULL_SHA",
        "TLS_ECDH_anon_WITH_AES_256_CBC_SHA",
    }
    assert found.ended is HelloOutcome.REFUSED
    assert found.alert == "handshake_failure"


def test_a_modern_server_refuses_every_weak_suite(server: Identity) -> None:
    context = server_context(server, ciphers="ECDHE+AESGCM")
    for version in (V.TLS_1_2, V.TLS_1_3):
        found = weak(over_tls(context), version)
        assert (found.accepted, found.ended) == ((), HelloOutcome.REFUSED)


def test_a_server_of_tls_1_3_alone_has_refused_the_weak_suites_of_tls_1_2(server: Identity) -> None:
    context = server_context(server, minimum=ssl.TLSVersion.TLSv1_3)
    found = weak(over_tls(context), V.TLS_1_2)
    assert (found.accepted, found.ended) == ((), HelloOutcome.REFUSED)
    assert found.alert == "protocol_version"


def test_a_silent_server_has_refused_no_weak_suite() -> None:
    assert weak(silent, V.TLS_1_2, timeout_s=0.2).ended is HelloOutcome.SILENT


def test_a_server_that_takes_every_weak_suite_is_not_asked_for_ever(rsa_server: Identity) -> None:
    found = weak(_taking_the_first_suite, V.TLS_1_2)
    assert len(found.accepted) == len(set(found.accepted)) == WEAK_SUITES_AT_MOST
    assert found.ended is HelloOutcome.ACCEPTED


def _taking_the_first_suite(connection: socket.socket) -> None:
    sent = connection.recv(65536)
    suites_at = 5 + 4 + 2 + 32 + 1 + sent[43]
    chosen = sent[suites_at + 2 : suites_at + 4]
    body = b"\x03\x03" + bytes(33) + chosen + b"\x00"
    flight = b"\x02" + len(body).to_bytes(3) + body + b"\x0e\x00\x00\x00"
    connection.sendall(b"\x16\x03\x03" + len(flight).to_bytes(2) + flight)
    silent(connection)


def test_weak_suites_are_those_that_the_standards_retired() -> None:
    names = {SUITES[code] for code in weak_suites_of(V.TLS_1_2)}
    for word in ("NULL", "anon", "EXPORT", "_DES_", "3DES", "RC2", "RC4", "IDEA", "TLS_RSA_"):
        assert any(word in name for name in names), word
    modern = {n for n in names if n.startswith(("TLS_ECDHE_", "TLS_DHE_"))}
    assert not [n for n in modern if not any(w in n for w in ("NULL", "DES", "RC4", "EXPORT"))]
    assert {SUITES[code] for code in weak_suites_of(V.TLS_1_3)} == {
        "TLS_SHA256_SHA256",
        "TLS_SHA384_SHA384",
    }


# --- Certificates -----------------------------------------------------------------------------


def test_a_good_chain_holds(root: Identity, intermediate: Identity, server: Identity) -> None:
    fact = observe(over_tls(server_context(server, intermediate)), root)
    assert fact.outcome is ChainOutcome.OBSERVED
    assert fact.cause is None
    assert (fact.chain_error, fact.chain_error_code) == (None, None)
    assert fact.host_matches is True
    assert fact.handshake_complete
    assert fact.private_anchor
    assert fact.trust_anchors == 1
    assert fact.verified_at == NOW.isoformat()
    first, second = fact.certificates
    assert (first.subject, first.issuer) == ("CN=server", "CN=intermediate")
    assert (second.subject, second.issuer) == ("CN=intermediate", "CN=root")
    assert first.names == (HOST, "127.0.0.1")
    assert (first.key_type, first.key_bits, first.curve) == ("EC", 256, "secp256r1")
    assert first.signature_hash == "sha256"
    assert first.not_before == (NOW - DAY).isoformat()
    assert first.not_after == (NOW + 90 * DAY).isoformat()
    assert first.server_auth
    assert not first.self_signed
    assert len(first.fingerprint_sha256) == 64
    assert base64.b64decode(first.der_base64) == ssl.PEM_cert_to_DER_cert(server.pem.decode())


def test_a_private_root_is_unknown_to_the_public(
    root: Identity, intermediate: Identity, server: Identity
) -> None:
    handler = over_tls(server_context(server, intermediate))
    fact = observe(handler, public=True)
    assert fact.chain_error_code == 20
    assert not fact.private_anchor
    both = observe(handler, root, public=True)
    assert both.chain_error_code is None
    assert both.private_anchor


def test_a_chain_that_the_public_anchors_hold_needs_no_private_one(
    root: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = tmp_path / "public.pem"
    public.write_bytes(root.pem)
    monkeypatch.setattr(certifi, "where", lambda: str(public))
    handler = over_tls(server_context(leaf(HOST, issuer=root)))
    fact = observe(handler, root, public=True)
    assert fact.chain_error_code is None
    assert not fact.private_anchor
    assert observe(handler, public=True).chain_error_code is None
    assert observe(handler, public=False).chain_error_code == 20


def test_a_missing_intermediate_breaks_the_chain(
    root: Identity, intermediate: Identity, server: Identity
) -> None:
    fact = observe(over_tls(server_context(server)), root, intermediate)
    assert fact.outcome is ChainOutcome.OBSERVED
    assert fact.chain_error_code in (20, 21)
    assert fact.chain_error
    assert fact.host_matches is True
    assert fact.trust_anchors == 1, "an intermediate counted as a trust anchor"


def test_a_self_signed_certificate_breaks_the_chain(root: Identity) -> None:
    fact = observe(over_tls(server_context(leaf(HOST, issuer=None))), root)
    assert fact.chain_error_code == 18
    assert fact.certificates[0].self_signed
    assert fact.host_matches is True


def test_a_root_sent_along_is_self_signed(root: Identity) -> None:
    direct = leaf(HOST, issuer=root)
    fact = observe(over_tls(server_context(direct, root)), root)
    assert fact.chain_error_code is None
    assert [one.self_signed for one in fact.certificates] == [False, True]


@pytest.mark.parametrize(
    ("begins", "ends"), [(-30 * DAY, -DAY), (DAY, 30 * DAY)], ids=["expired", "not yet valid"]
)
def test_dates_do_not_hide_behind_the_chain(
    begins: timedelta, ends: timedelta, root: Identity
) -> None:
    identity = leaf(HOST, issuer=root, not_before=NOW + begins, not_after=NOW + ends)
    fact = observe(over_tls(server_context(identity)), root)
    assert fact.chain_error_code is None
    assert fact.host_matches is True
    only = fact.certificates[0]
    assert not only.not_before <= fact.verified_at <= only.not_after


def test_an_expired_certificate_of_an_unknown_root_is_an_unknown_root() -> None:
    identity = leaf(HOST, issuer=authority("other"), not_before=NOW - 3 * DAY, not_after=NOW - DAY)
    assert observe(over_tls(server_context(identity))).chain_error_code == 20


@pytest.mark.parametrize("names", [("other.test",), ("10.0.0.1",), ("*.si.test",)])
def test_a_wrong_host_is_told_apart_from_the_chain(names: tuple[str, ...], root: Identity) -> None:
    fact = observe(over_tls(server_context(leaf(*names, issuer=root))), root)
    assert fact.host_matches is False
    assert fact.chain_error_code is None


def test_a_wrong_host_shows_through_a_broken_chain() -> None:
    fact = observe(over_tls(server_context(leaf("other.test", issuer=authority("other")))))
    assert fact.host_matches is False
    assert fact.chain_error_code == 20


@pytest.mark.parametrize(("host", "matches"), [("127.0.0.1", True), ("127.0.0.2", False)])
def test_an_address_is_matched_as_an_address(host: str, matches: bool, root: Identity) -> None:
    identity = leaf("127.0.0.1", issuer=root)
    fact = observe(over_tls(server_context(identity)), root, host=host)
    assert fact.host_matches is matches


def test_a_common_name_is_not_a_name(root: Identity) -> None:
    fact = observe(over_tls(server_context(leaf("10.0.0.1", issuer=root))), root, host="server")
    assert fact.certificates[0].subject == "CN=server"
    assert fact.host_matches is False


def test_the_dot_that_ends_a_name_is_no_part_of_it(root: Identity) -> None:
    fact = observe(over_tls(server_context(leaf(HOST, issuer=root))), root, host=f"{HOST}.")
    assert fact.host_matches is True


def test_a_weak_key_is_observed_and_does_not_hide_the_chain(rsa_root: Identity) -> None:
    weak = leaf(HOST, issuer=rsa_root, key=rsa.generate_private_key(65537, 1024))
    fact = observe(over_tls(server_context(weak)), rsa_root)
    assert (fact.certificates[0].key_type, fact.certificates[0].key_bits) == ("RSA", 1024)
    assert fact.chain_error_code is None
    assert fact.host_matches is True


def test_a_sha1_signature_is_observed_and_does_not_hide_the_chain(rsa_root: Identity) -> None:
    assert isinstance(rsa_root.key, rsa.RSAPrivateKey)
    modern = leaf(HOST, issuer=rsa_root)
    old = Identity(resigned_with_sha1(modern.certificate, rsa_root.key), modern.key)
    fact = observe(over_tls(server_context(old)), rsa_root)
    assert fact.certificates[0].signature_hash == "sha1"
    assert fact.chain_error_code is None
    assert fact.host_matches is True
    unknown = observe(over_tls(server_context(old)))
    assert unknown.chain_error_code == 20


def test_a_forged_signature_breaks_the_chain(rsa_root: Identity) -> None:
    stranger = rsa.generate_private_key(65537, 2048)
    modern = leaf(HOST, issuer=rsa_root)
    forged = Identity(resigned_with_sha1(modern.certificate, stranger), modern.key)
    assert observe(over_tls(server_context(forged)), rsa_root).chain_error_code == 7


def test_a_root_signed_with_sha1_is_still_self_signed(rsa_root: Identity) -> None:
    assert isinstance(rsa_root.key, rsa.RSAPrivateKey)
    old_root = Identity(resigned_with_sha1(rsa_root.certificate, rsa_root.key), rsa_root.key)
    fact = observe(over_tls(server_context(leaf(HOST, issuer=old_root), old_root)), old_root)
    assert [one.self_signed for one in fact.certificates] == [False, True]
    assert fact.trust_anchors == 1
    assert fact.chain_error_code is None


def test_an_ed25519_key_has_no_hash() -> None:
    issuer = authority("ed", key=ed25519.Ed25519PrivateKey.generate())
    identity = leaf(HOST, issuer=issuer, key=ed25519.Ed25519PrivateKey.generate())
    only = observe(over_tls(server_context(identity)), issuer).certificates[0]
    assert (only.key_type, only.key_bits, only.curve) == ("Ed25519", 256, None)
    assert only.signature_hash is None


def test_another_curve_is_named(root: Identity) -> None:
    identity = leaf(HOST, issuer=root, key=ec.generate_private_key(ec.SECP384R1()))
    only = observe(over_tls(server_context(identity)), root).certificates[0]
    assert (only.key_bits, only.curve) == (384, "secp384r1")


def test_a_certificate_for_clients_may_not_serve(root: Identity) -> None:
    identity = leaf(HOST, issuer=root, usage=ExtendedKeyUsageOID.CLIENT_AUTH)
    fact = observe(over_tls(server_context(identity)), root)
    assert not fact.certificates[0].server_auth
    assert fact.chain_error_code == 26
    assert fact.host_matches is None


def test_a_certificate_without_usage_may_serve(root: Identity) -> None:
    fact = observe(over_tls(server_context(leaf(HOST, issuer=root, usage=None))), root)
    assert fact.certificates[0].server_auth
    assert fact.chain_error_code is None


@pytest.mark.parametrize(
    ("version", "complete"), [(ssl.TLSVersion.TLSv1_2, False), (ssl.TLSVersion.TLSv1_3, True)]
)
def test_a_server_that_wants_a_client_certificate_shows_its_own(
    version: ssl.TLSVersion, complete: bool, root: Identity
) -> None:
    context = server_context(leaf(HOST, issuer=root), maximum=version)
    context.verify_mode = ssl.CERT_REQUIRED
    fact = observe(over_tls(context), root)
    assert fact.outcome is ChainOutcome.OBSERVED
    assert fact.handshake_complete is complete
    assert fact.chain_error_code is None
    assert fact.host_matches is True
    assert observe(over_tls(context)).chain_error_code == 20


def test_a_server_of_tls_1_0_alone_shows_its_chain(root: Identity) -> None:
    context = server_context(
        leaf(HOST, issuer=root), minimum=ssl.TLSVersion.TLSv1, maximum=ssl.TLSVersion.TLSv1
    )
    fact = observe(over_tls(context), root)
    assert fact.outcome is ChainOutcome.OBSERVED
    assert fact.chain_error_code is None


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(saying(MALFORMED["plain text"]), id="plain text"),
        pytest.param(saying(MALFORMED["random bytes"]), id="garbage"),
        pytest.param(saying(record(21, b"\x02\x28")), id="alert"),
        pytest.param(closing_at_once, id="closes at once"),
        pytest.param(endless(b"A" * 4096), id="endless"),
    ],
)
def test_a_server_without_tls_has_no_chain(handler: Handler) -> None:
    fact = observe(handler)
    assert fact.outcome is ChainOutcome.NO_TLS
    assert fact.cause
    assert fact.certificates == ()
    assert fact.host_matches is None


def test_a_silent_server_shows_no_chain() -> None:
    assert observe(silent, timeout_s=0.2).outcome is ChainOutcome.SILENT


def test_a_server_that_stops_answering_between_handshakes_is_not_verified(root: Identity) -> None:
    good = over_tls(server_context(leaf(HOST, issuer=root)))
    once = iter([good])

    def handler(connection: socket.socket) -> None:
        next(once, closing_at_once)(connection)

    fact = observe(handler, root)
    assert len(fact.certificates) == 1
    assert fact.outcome is ChainOutcome.NO_TLS
    assert fact.host_matches is None


@pytest.mark.parametrize("value", [b"\xff", b"\x30\x02\xa3\x00"], ids=["garbage", "X.400 name"])
def test_a_certificate_that_cannot_be_decoded_is_malformed(value: bytes) -> None:
    unreadable = x509.UnrecognizedExtension(ExtensionOID.ISSUER_ALTERNATIVE_NAME, value)
    identity = leaf(HOST, issuer=None, extra=unreadable)
    fact = observe(over_tls(server_context(identity)))
    assert fact.outcome is ChainOutcome.MALFORMED
    assert fact.cause
    assert fact.certificates == ()


def test_what_is_no_pem_is_no_anchor() -> None:
    with pytest.raises(ValueError, match="PEM"):
        chain(
            HOST,
            443,
            anchors=[b"not a certificate"],
            use_public_anchors=False,
            connect=to_loopback,
            timeout_s=1,
            now=NOW,
        )


def test_no_anchor_at_all_trusts_nobody(server: Identity) -> None:
    fact = observe(over_tls(server_context(server)))
    assert fact.trust_anchors == 0
    assert fact.chain_error_code == 20


def test_a_name_that_cannot_be_one_raises_nothing(server: Identity) -> None:
    with serving(over_tls(server_context(server))) as port:
        for host in ("", ".si.test", "a" * 70 + ".test", "é\udc80.test", "si\0.test"):
            answer = hello(host, port, V.TLS_1_2, connect=to_loopback, timeout_s=10)
            assert answer.outcome in (HelloOutcome.ACCEPTED, HelloOutcome.REFUSED)
            fact = chain(
                host,
                port,
                anchors=(),
                use_public_anchors=False,
                connect=to_loopback,
                timeout_s=10,
                now=NOW,
            )
            assert fact.outcome is ChainOutcome.UNREACHABLE


# --- Facts ------------------------------------------------------------------------------------


def test_facts_come_back_from_json_as_they_were(
    root: Identity, intermediate: Identity, server: Identity
) -> None:
    context = server_context(server, intermediate)
    fact = observe(over_tls(context), root)
    chains = TypeAdapter(ChainFact)
    assert chains.validate_json(chains.dump_json(fact)) == fact
    answer = ask_one(over_tls(context), V.TLS_1_2)
    answers = TypeAdapter(HelloAnswer)
    assert answers.validate_json(answers.dump_json(answer)) == answer
    assert answers.validate_json(answers.dump_json(answer)).accepted


# --- Diffie-Hellman, compression ----------------------------------------------------------------


def primes(server: Identity, **limits: Any) -> HelloAnswer:
    with serving(over_tls(server_context(server, **limits))) as port:
        return diffie_hellman(HOST, port, V.TLS_1_2, connect=to_loopback, timeout_s=10)


@pytest.mark.parametrize("bits", [1024, 2048])
def test_the_size_of_the_prime_that_a_server_sends_is_told(bits: int, tmp_path: Path) -> None:
    context = server_context(rsa_leaf(), ciphers="ALL:@SECLEVEL=0")
    path = tmp_path / "dh.pem"
    path.write_bytes(PRIMES[bits])
    context.load_dh_params(str(path))
    with serving(over_tls(context)) as port:
        answer = diffie_hellman(HOST, port, V.TLS_1_2, connect=to_loopback, timeout_s=10)
    assert (answer.accepted, answer.dh_bits) == (True, bits)
    assert (answer.suite or "").startswith("TLS_DHE_RSA_")


def test_a_server_of_elliptic_curves_alone_refuses_suites_with_a_prime(server: Identity) -> None:
    assert primes(server, ciphers="ECDHE").outcome is HelloOutcome.REFUSED
    assert primes(server, minimum=ssl.TLSVersion.TLSv1_3).outcome is HelloOutcome.REFUSED
    assert ask_one(over_tls(server_context(server)), V.TLS_1_2).dh_bits is None


@pytest.mark.parametrize("parameters", [b"", b"\x00\x00", b"\x01\x00\x05"])
def test_parameters_that_cannot_be_read_are_malformed(parameters: bytes) -> None:
    chosen = b"\x03\x03" + bytes(32) + b"\x00" + b"\x00\x9e" + b"\x00"
    body = flight((2, chosen), (12, parameters), (14, b""))
    with serving(saying(body)) as port:
        answer = diffie_hellman(HOST, port, V.TLS_1_2, connect=to_loopback, timeout_s=10)
    assert answer.outcome is HelloOutcome.MALFORMED


@pytest.mark.parametrize("method", [0, 1, 64])
def test_the_compression_that_a_server_chooses_is_told(method: int) -> None:
    chosen = b"\x03\x03" + bytes(32) + b"\x00" + b"\x00\x2f" + bytes([method])
    seen: list[bytes] = []

    def choosing(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(flight((2, chosen), (14, b"")))
        silent(connection)

    with serving(choosing) as port:
        answer = hello(
            HOST,
            port,
            V.TLS_1_2,
            connect=to_loopback,
            timeout_s=10,
            compressions=EVERY_COMPRESSION,
        )
    assert (answer.accepted, answer.compression) == (True, method)
    assert b"\x03\x01\x40\x00" in seen[0]


def flight(*messages: tuple[int, bytes]) -> bytes:
    content = b"".join(bytes([kind]) + len(body).to_bytes(3) + body for kind, body in messages)
    return b"\x16\x03\x03" + struct.pack(">H", len(content)) + content


def rsa_leaf() -> Identity:
    key = rsa.generate_private_key(65537, 2048)
    return leaf(HOST, issuer=authority("of rsa", key=key), key=key)


# --- Renegotiation ------------------------------------------------------------------------------

CLIENT_RENEGOTIATION = 0x100  # SSL_OP_ALLOW_CLIENT_RENEGOTIATION


def renegotiated(handler: Handler, identity: ClientIdentity | None = None) -> Renegotiation:
    with serving(handler) as port:
        return renegotiation(HOST, port, identity=identity, connect=to_loopback, timeout_s=2)


def test_a_server_that_renegotiates_is_told_from_one_that_refuses(server: Identity) -> None:
    context = server_context(server)
    context.options |= CLIENT_RENEGOTIATION
    assert renegotiated(over_tls(context)).outcome is RenegotiationOutcome.ACCEPTED
    refused = renegotiated(over_tls(server_context(server)))
    assert refused.outcome is RenegotiationOutcome.REFUSED
    assert refused.cause == "no renegotiation"


def test_nothing_renegotiates_without_a_first_handshake_of_tls_1_2(server: Identity) -> None:
    modern = over_tls(server_context(server, minimum=ssl.TLSVersion.TLSv1_3))
    for handler in (modern, closing_at_once, silent, saying(b"HTTP/1.1 400 \r\n\r\n")):
        assert renegotiated(handler).outcome is RenegotiationOutcome.NO_HANDSHAKE


def test_a_server_that_goes_away_refuses_and_one_that_says_nothing_does_not(
    server: Identity,
) -> None:
    context = server_context(server)

    def leaving(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.unwrap()

    def mute(connection: socket.socket) -> None:
        tls = context.wrap_socket(connection, server_side=True)
        silent(socket.socket(fileno=tls.detach()))

    assert renegotiated(leaving).outcome is RenegotiationOutcome.REFUSED
    assert renegotiated(mute).outcome is RenegotiationOutcome.SILENT


def test_a_port_that_is_closed_is_unreachable() -> None:
    with serving(silent) as port:
        pass
    seen = renegotiation(HOST, port, identity=None, connect=to_loopback, timeout_s=2)
    assert seen.outcome is RenegotiationOutcome.UNREACHABLE


def test_a_server_that_wants_a_certificate_is_shown_the_actors(
    server: Identity, root: Identity, tmp_path: Path
) -> None:
    context = server_context(server)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=root.pem.decode())
    own = leaf("actor.test", issuer=root, usage=ExtendedKeyUsageOID.CLIENT_AUTH)
    identity = ClientIdentity(certificate=tmp_path / "own.pem", key=tmp_path / "own.key")
    identity.certificate.write_bytes(own.pem)
    plain = own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    identity.key.write_bytes(plain)
    assert renegotiated(over_tls(context)).outcome is RenegotiationOutcome.NO_HANDSHAKE
    assert renegotiated(over_tls(context), identity).outcome is RenegotiationOutcome.REFUSED
    secret = BestAvailableEncryption(b"zzt")
    identity.key.write_bytes(own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret))
    assert renegotiated(over_tls(context), identity).outcome is RenegotiationOutcome.NO_HANDSHAKE
