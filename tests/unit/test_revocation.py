"""What is published of the revocation of a chain, on real sockets, well and badly."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from OpenSSL import SSL
from reference_si.pki import (
    INTERMEDIATE_LIST,
    RESPONDER,
    ROOT_LIST,
    Authority,
    Issued,
    Request,
)
from reference_si.revocation import response, revocation_list
from reference_si.revocation import staple as staple_of

from tests.unit.loopback import client_of, head_of, scope
from tests.unit.tls_server import closing_at_once, saying, serving, silent
from tgv_suite.model.revocation import (
    ChainStatus,
    Staple,
    StatusKind,
    StatusOutcome,
    StatusSource,
)
from tgv_suite.probes.revocation import LIST_LIMIT, chain_status, stapled_status
from tgv_suite.probes.tls_staple import staple

O = StatusOutcome  # noqa: E741
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
LASTING = {"lasting": DAY}
Page = Callable[[bytes], bytes]


class Place:
    """An authority, a leaf of its, and what it publishes, by path."""

    def __init__(self, port: int) -> None:
        self.authority = Authority("Zzt", publishing_at=f"http://127.0.0.1:{port}")
        self.middle, self.root = self.authority.intermediate, self.authority.root
        self.leaf = self.authority.issue(Request())
        self.pages: dict[str, Page] = {
            ROOT_LIST: lambda _: revocation_list(self.root, []),
            INTERMEDIATE_LIST: lambda _: revocation_list(self.middle, []),
            RESPONDER: lambda asked: response(self.middle, asked, []),
        }
        self.scope = scope(port)
        self.limit = LIST_LIMIT

    def asked(
        self,
        *,
        chain: tuple[Issued, ...] | None = None,
        permitted: bool = True,
        now: datetime = NOW,
    ) -> ChainStatus:
        sent = chain or (self.leaf, self.middle)
        with client_of(self.scope) as client:
            return chain_status(
                "si.test:443",
                [one.der for one in sent],
                anchors=[self.root.der],
                send=lambda method, url, headers, body: client.send(
                    method, url, headers=headers, body=body, body_limit=self.limit
                ),
                permits=lambda _: permitted,
                now=now,
            )

    def outcomes(self, **asked: Any) -> dict[str, StatusOutcome]:
        """What each source says, by its path."""
        return {
            "/" + source.url.rsplit("/", 1)[1]: source.outcome
            for certificate in self.asked(**asked).certificates
            for source in certificate.sources
        }


@pytest.fixture
def place() -> Iterator[Place]:
    found: list[Place] = []

    def publishing(connection: socket.socket) -> None:
        while head := head_of(connection):
            lines, _, body = head.partition(b"\r\n\r\n")
            method, path, _ = lines.decode().split(" ", 2)
            length = int(lines.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
            while len(body) < length:
                body += connection.recv(65536)
            assert method == ("POST" if path == RESPONDER else "GET")
            page = found[0].pages.get(path)
            content = page(body) if page else b""
            status = b"200 OK" if page else b"404 Not Found"
            told = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, len(content))
            connection.sendall(told + content)

    with serving(publishing) as port:
        found.append(Place(port))
        yield found[0]


def test_a_chain_that_nobody_revoked_is_good_by_every_source(place: Place) -> None:
    status = place.asked()
    assert [one.good for one in status.certificates] == [True, True]
    assert [len(one.sources) for one in status.certificates] == [2, 1]
    assert {one.revoked for one in status.certificates} == {None}
    leaf = x509.load_der_x509_certificate(place.leaf.der)
    assert status.certificates[0].serial == f"{leaf.serial_number:x}"


def test_what_is_revoked_is_told_with_its_date_and_reason(place: Place) -> None:
    place.pages[INTERMEDIATE_LIST] = lambda _: revocation_list(place.middle, [place.leaf])
    place.pages[RESPONDER] = lambda asked: response(place.middle, asked, [place.leaf])
    place.pages[ROOT_LIST] = lambda _: revocation_list(place.root, [place.middle])
    status = place.asked()
    sources = [source for one in status.certificates for source in one.sources]
    assert {source.outcome for source in sources} == {O.REVOKED}
    assert {source.reason for source in sources} == {"keyCompromise"}
    assert all(source.revoked_at for source in sources)
    assert not any(one.good for one in status.certificates)


def test_one_source_that_revokes_outweighs_another_that_does_not(place: Place) -> None:
    place.pages[RESPONDER] = lambda asked: response(place.middle, asked, [place.leaf])
    leaf = place.asked().certificates[0]
    assert not leaf.good
    assert leaf.revoked is not None


def test_another_certificate_that_is_revoked_says_nothing_of_this_one(place: Place) -> None:
    other = place.authority.issue(Request())
    place.pages[INTERMEDIATE_LIST] = lambda _: revocation_list(place.middle, [other])
    assert place.outcomes()[INTERMEDIATE_LIST] is O.GOOD


@pytest.mark.parametrize("when", [NOW + 2 * DAY, NOW - 2 * DAY])
def test_a_status_past_its_time_or_before_it_is_stale(place: Place, when: datetime) -> None:
    assert set(place.outcomes(now=when).values()) == {O.STALE}


def test_a_revocation_on_a_stale_list_is_still_one(place: Place) -> None:
    place.pages[INTERMEDIATE_LIST] = lambda _: revocation_list(
        place.middle, [place.leaf], lasting=-DAY / 48
    )
    assert place.outcomes(now=NOW + DAY)[INTERMEDIATE_LIST] is O.REVOKED


def test_what_another_key_signed_is_not_believed(place: Place) -> None:
    signer = Authority("Zzt").intermediate  # of the same name
    place.pages[INTERMEDIATE_LIST] = lambda _: revocation_list(signer, [place.leaf])
    place.pages[RESPONDER] = lambda asked: response(signer, asked, [place.leaf])
    seen = place.outcomes()
    assert (seen[INTERMEDIATE_LIST], seen[RESPONDER]) == (O.WRONGLY_SIGNED, O.WRONGLY_SIGNED)


def test_a_list_of_another_issuer_does_not_speak_of_the_certificate(place: Place) -> None:
    place.pages[INTERMEDIATE_LIST] = lambda _: revocation_list(place.root, [place.leaf])
    assert place.outcomes()[INTERMEDIATE_LIST] is O.SILENT


# --- Lists that are partial ------------------------------------------------------------------


def partial(**scoped: Any) -> x509.IssuingDistributionPoint:
    told: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(told | scoped))


def scoped_list(issuer: Issued, extension: x509.ExtensionType) -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.name)
    builder = builder.last_update(NOW - DAY).next_update(NOW + DAY)
    signed = builder.add_extension(extension, True).sign(issuer.key, hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


ELSEWHERE = [x509.UniformResourceIdentifier("http://127.0.0.1/another.crl")]
PARTIAL: Mapping[str, x509.ExtensionType] = {
    "of authorities": partial(only_contains_ca_certs=True),
    "for some reasons": partial(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})),
    "of another address": partial(full_name=ELSEWHERE),
    "of changes": x509.DeltaCRLIndicator(1),
}


@pytest.mark.parametrize("name", PARTIAL)
def test_a_list_in_which_the_leaf_could_not_stand_clears_it_of_nothing(
    place: Place, name: str
) -> None:
    place.pages[INTERMEDIATE_LIST] = lambda _: scoped_list(place.middle, PARTIAL[name])
    assert place.outcomes()[INTERMEDIATE_LIST] is O.SILENT


def test_the_part_of_a_list_that_holds_the_leaf_clears_it(place: Place) -> None:
    own = partial(only_contains_user_certs=True)
    place.pages[INTERMEDIATE_LIST] = lambda _: scoped_list(place.middle, own)
    place.pages[ROOT_LIST] = lambda _: scoped_list(place.root, own)
    seen = place.outcomes()
    assert (seen[INTERMEDIATE_LIST], seen[ROOT_LIST]) == (O.GOOD, O.SILENT)


# --- Responders ------------------------------------------------------------------------------


def answered(
    place: Place,
    signer: Issued,
    *,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    certificates: tuple[Issued, ...] = (),
    about: Issued | None = None,
    next_update: datetime | None = NOW + DAY,
    age: timedelta = timedelta(hours=1),
) -> Page:
    def page(asked: bytes) -> bytes:
        issuer = x509.load_der_x509_certificate(place.middle.der)
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=x509.load_der_x509_certificate((about or place.leaf).der),
            issuer=issuer,
            algorithm=hashes.SHA1(),
            cert_status=status,
            this_update=NOW - age,
            next_update=next_update,
            revocation_time=None,
            revocation_reason=None,
        )
        own = x509.load_der_x509_certificate(signer.der)
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, own)
        if certificates:
            loaded = [x509.load_der_x509_certificate(one.der) for one in certificates]
            builder = builder.certificates(loaded)
        return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    return page


def test_a_responder_that_the_issuer_appointed_is_believed_and_no_other(place: Place) -> None:
    usage = ExtendedKeyUsageOID.OCSP_SIGNING
    appointed = place.authority.issue(Request(host="ocsp.test", usage=usage))
    server = place.authority.issue(Request(host="ocsp.test"))
    past = Request(host="ocsp.test", usage=usage, first=-9 * DAY, last=-DAY)
    retired = place.authority.issue(past)
    foreign = Authority("Zzt").issue(Request(host="ocsp.test", usage=usage))
    expected = {appointed: O.GOOD, server: O.WRONGLY_SIGNED}
    expected |= {retired: O.WRONGLY_SIGNED, foreign: O.WRONGLY_SIGNED}
    for signer, outcome in expected.items():
        place.pages[RESPONDER] = answered(place, signer, certificates=(signer,))
        assert place.outcomes()[RESPONDER] is outcome


def test_a_responder_that_does_not_know_the_certificate_clears_it_of_nothing(place: Place) -> None:
    other = place.authority.issue(Request(key=ec.generate_private_key(ec.SECP256R1())))
    unknown = answered(place, place.middle, status=ocsp.OCSPCertStatus.UNKNOWN)
    refusing = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    pages: list[Page] = [
        unknown,
        answered(place, place.middle, about=other),
        lambda _: refusing.public_bytes(Encoding.DER),
    ]
    for page in pages:
        place.pages[RESPONDER] = page
        assert place.outcomes()[RESPONDER] is O.SILENT


def test_a_response_without_an_end_is_believed_for_a_day(place: Place) -> None:
    for age, outcome in ((DAY / 2, O.GOOD), (2 * DAY, O.STALE)):
        place.pages[RESPONDER] = answered(place, place.middle, next_update=None, age=age)
        assert place.outcomes()[RESPONDER] is outcome


# --- Nothing to read --------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"<html>", b"0" * 40, b"\x30\x03\x0a\x01\x06"])
def test_what_is_neither_a_list_nor_a_response_clears_nothing(place: Place, content: bytes) -> None:
    place.pages = dict.fromkeys(place.pages, lambda _: content)
    assert set(place.outcomes().values()) <= {O.UNREADABLE, O.SILENT}


def test_a_list_that_is_too_long_to_read_clears_nothing(place: Place) -> None:
    many = [place.authority.issue(Request()) for _ in range(9)]
    place.pages[INTERMEDIATE_LIST] = lambda _: revocation_list(place.middle, many)
    assert place.outcomes()[INTERMEDIATE_LIST] is O.GOOD
    place.limit = len(place.pages[INTERMEDIATE_LIST](b"")) - 1
    assert place.outcomes()[INTERMEDIATE_LIST] is O.UNREADABLE


def test_an_error_of_http_clears_nothing(place: Place) -> None:
    place.pages = {}
    status = place.asked()
    causes = {source.cause for one in status.certificates for source in one.sources}
    assert causes == {"status 404"}


def test_nothing_is_sent_outside_the_scope(place: Place) -> None:
    asked: list[bytes] = []

    def noted(body: bytes) -> bytes:
        asked.append(body)
        return b""

    place.pages = dict.fromkeys(place.pages, noted)
    status = place.asked(permitted=False)
    sources = [source for one in status.certificates for source in one.sources]
    assert asked == []
    assert {source.outcome for source in sources} == {O.OUT_OF_SCOPE}
    assert {source.cause for source in sources} == {f"http://127.0.0.1:{place.scope[0].port}"}


def test_a_publisher_that_is_gone_is_unreachable() -> None:
    with serving(silent) as port:
        gone = Place(port)
    assert set(gone.outcomes().values()) == {O.UNREACHABLE}


def test_an_issuer_that_was_not_sent_and_is_not_trusted_leaves_nothing_to_verify_with(
    place: Place,
) -> None:
    seen = place.outcomes(chain=(place.leaf,))
    assert seen == {INTERMEDIATE_LIST: O.WRONGLY_SIGNED, RESPONDER: O.WRONGLY_SIGNED}


def test_a_list_that_is_published_by_ldap_is_not_read(place: Place) -> None:
    place.authority = Authority("Zzt", publishing_at="ldap://127.0.0.1")
    chain = place.authority.issue(Request()), place.authority.intermediate
    assert set(place.outcomes(chain=chain).values()) == {O.UNSUPPORTED}


def test_a_certificate_that_names_no_source_has_none(place: Place) -> None:
    mute = Authority("Zzt")
    status = place.asked(chain=(mute.issue(Request()), mute.intermediate))
    assert [one.sources for one in status.certificates] == [(), ()]


# --- Staples ---------------------------------------------------------------------------------


def over_loopback(host: str, port: int, timeout_s: float) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout_s)


@contextlib.contextmanager
def stapling(place: Place, *staples: bytes, maximum: int | None = None) -> Iterator[int]:
    """A server that staples the first of these at the first handshake, then the next; its port."""
    left = list(staples)
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate(x509.load_der_x509_certificate(place.leaf.der))
    context.add_extra_chain_cert(x509.load_der_x509_certificate(place.middle.der))
    context.use_privatekey(place.leaf.key)
    context.set_ocsp_server_callback(lambda connection, data: left.pop(0) if left else b"")
    if maximum is not None:
        context.set_max_proto_version(maximum)

    def handler(connection: socket.socket) -> None:
        tls = SSL.Connection(context, connection)
        tls.set_accept_state()
        with contextlib.suppress(SSL.Error):
            tls.do_handshake()
            tls.recv(1)

    with serving(handler) as port:
        yield port


def stapled(place: Place, port: int, *, anchors: tuple[bytes, ...] | None = None) -> Staple:
    waits: list[float] = []

    def read(blank: StatusSource, content: bytes) -> StatusSource:
        chain = [place.leaf.der, place.middle.der]
        roots = (place.root.der,) if anchors is None else anchors
        return stapled_status(blank, content, chain, anchors=roots, now=NOW)

    seen = staple(
        "si.test",
        port,
        identity=None,
        read=read,
        connect=over_loopback,
        wait=waits.append,
        timeout_s=5,
    )
    assert len(waits) <= 1
    return seen


@pytest.fixture
def alone() -> Place:
    return Place(9)


@pytest.mark.parametrize("maximum", [SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION])
def test_a_stapled_status_is_read_in_both_versions(alone: Place, maximum: int) -> None:
    with stapling(alone, staple_of(alone.leaf, alone.middle), maximum=maximum) as port:
        status = stapled(alone, port).status
    assert status is not None
    assert (status.kind, status.outcome) == (StatusKind.STAPLE, O.GOOD)


def test_a_server_that_has_its_status_only_the_second_time_has_it(alone: Place) -> None:
    with stapling(alone, b"", staple_of(alone.leaf, alone.middle)) as port:
        assert stapled(alone, port).status is not None


def test_a_server_without_a_status_sends_none(alone: Place) -> None:
    with stapling(alone) as port:
        seen = stapled(alone, port)
    assert (seen.handshake, seen.status) == (True, None)


def test_a_staple_that_is_stale_or_of_another_key_is_told(
    alone: Place,
) -> None:
    past = staple_of(alone.leaf, alone.middle, lasting=-DAY / 48)
    foreign = staple_of(alone.leaf, Authority("Zzt").intermediate)
    expected = {past: O.STALE, foreign: O.WRONGLY_SIGNED}
    for content, outcome in expected.items():
        with stapling(alone, content) as port:
            status = stapled(alone, port).status
        assert status is not None
        assert status.outcome is outcome


def test_a_staple_that_is_no_response_or_not_of_this_certificate_is_told(alone: Place) -> None:
    other = staple_of(alone.authority.issue(Request()), alone.middle)
    blank = StatusSource(kind=StatusKind.STAPLE, url="si.test:443", outcome=O.UNREADABLE)
    good = staple_of(alone.leaf, alone.middle)
    for chain, content, outcome in (
        ((alone.leaf, alone.middle), b"zzt", O.UNREADABLE),
        ((alone.leaf, alone.middle), other, O.SILENT),
        ((alone.leaf,), good, O.WRONGLY_SIGNED),
        ((alone.root,), good, O.WRONGLY_SIGNED),
        ((alone.leaf, alone.middle), good, O.GOOD),
    ):
        sent = [one.der for one in chain]
        assert stapled_status(blank, content, sent, anchors=[], now=NOW).outcome is outcome


def test_a_server_without_tls_shows_no_handshake() -> None:
    for handler in (saying(b"HTTP/1.1 400 \r\n\r\n"), closing_at_once):
        with serving(handler) as port:
            assert not stapled(Place(9), port).handshake
