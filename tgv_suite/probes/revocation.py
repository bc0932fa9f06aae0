"""Whether a server's certificates were revoked, asked of those who publish it.

Only what the certificates themselves name is asked, by the one way of sending that is given; it
keeps to the scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from tgv_suite.model.revocation import (
    CertificateStatus,
    ChainStatus,
    StatusKind,
    StatusOutcome,
    StatusSource,
)
from tgv_suite.probes.http import Raw
from tgv_suite.probes.scope import scheme_port

SOURCES_AT_MOST = 4
"""Of one kind, for one certificate: no honest certificate names more."""
LIST_LIMIT = 16 * 1024 * 1024
"""Bytes of a list: those of public authorities hold some hundred thousand certificates."""
SKEW = timedelta(minutes=5)
"""How far the clocks of others may be from ours."""
UNDATED = timedelta(days=1)
"""How long a response is believed that doesn't say when there will be another."""

Send = Callable[[str, str, Sequence[tuple[str, str]], bytes | None], Raw]
"""Sends a method to an address, with headers and a body."""

_ASK = (("Content-Type", "application/ocsp-request"), ("Accept", "application/ocsp-response"))
_NO_ISSUER = "the issuer's certificate isn't known"
_PEM = b"-----BEGIN"
# What cryptography raises on bytes that only look like what they should be.
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A certificate, who issued it, and when its status is asked."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    now: datetime


def chain_status(
    address: str,
    chain: Sequence[bytes],
    *,
    anchors: Sequence[bytes],
    send: Send,
    permits: Callable[[str], bool],
    now: datetime,
) -> ChainStatus:
    """Ask for the status of each certificate of a chain.

    Parameters
    ----------
    address:
        Which server sent it.
    chain:
        The certificates as sent, in DER, leaf first.
    anchors:
        The trusted authorities, in DER, among which an issuer that wasn't sent is looked for.
    send:
        The one way of sending.
    permits:
        Whether an address is within the scope; nothing is sent to any other.
    now:
        The moment of the question, with its time zone.

    Returns
    -------
    ChainStatus
        Bad lists and responders raise nothing.

    Raises
    ------
    ValueError
        A certificate of ``chain`` can't be decoded.
    """
    sent = [x509.load_der_x509_certificate(der) for der in chain]
    ask = _Asking(send, permits)
    return ChainStatus(
        address=address,
        asked_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        certificates=tuple(
            CertificateStatus(
                subject=certificate.subject.rfc4514_string(),
                serial=f"{certificate.serial_number:x}",
                sources=tuple(ask.each(certificate, issuer, now)),
            )
            for certificate, issuer in _path(sent, anchors)
        ),
    )


def stapled_status(
    blank: StatusSource,
    response: bytes,
    chain: Sequence[bytes],
    *,
    anchors: Sequence[bytes],
    now: datetime,
) -> StatusSource:
    """What a response that a server staples says of its leaf.

    Parameters
    ----------
    blank:
        The source, of which nothing is known yet.
    response:
        What the server sent.
    chain, anchors, now:
        As for ``chain_status``.

    Returns
    -------
    StatusSource
        A bad response raises nothing.
    """
    sent = [x509.load_der_x509_certificate(der) for der in chain]
    for certificate, issuer in _path(sent, anchors):
        if issuer is None:
            break
        question = _Question(certificate=certificate, issuer=issuer, now=now)
        try:
            return _of_response(blank, response, question)
        except _UNREADABLE as error:
            return replace(blank, outcome=StatusOutcome.UNREADABLE, cause=type(error).__name__)
    return replace(blank, outcome=StatusOutcome.WRONGLY_SIGNED, cause=_NO_ISSUER)


def _path(
    sent: Sequence[x509.Certificate], anchors: Sequence[bytes]
) -> Iterator[tuple[x509.Certificate, x509.Certificate | None]]:
    """Each certificate up to the anchor, which is left out, with who issued it where that is known."""
    current = sent[0] if sent else None
    for _ in sent:
        if current is None or current.subject == current.issuer:
            return
        # Only those that bear the name are decoded: some public ones break RFC 5280 elsewhere.
        name = current.issuer.public_bytes()
        known = (x509.load_der_x509_certificate(der) for der in anchors if name in der)
        anchor = next((one for one in known if _issued(one, current)), None)
        above = next((one for one in sent if one != current and _issued(one, current)), None)
        yield current, anchor or above
        current = None if anchor is not None else above


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether a certificate names another as its issuer; who verifies the chain checks the signature."""
    if issuer.subject != certificate.issuer:
        return False
    named = _extension(certificate, x509.AuthorityKeyIdentifier)
    own = _extension(issuer, x509.SubjectKeyIdentifier)
    if named is None or own is None or named.key_identifier is None:
        return True
    return named.key_identifier == own.key_identifier


class _Asking:
    """Asks every source that a certificate names."""

    def __init__(self, send: Send, permits: Callable[[str], bool]) -> None:
        self._send = send
        self._permits = permits

    def each(
        self, certificate: x509.Certificate, issuer: x509.Certificate | None, now: datetime
    ) -> Iterator[StatusSource]:
        """What each of them says."""
        for kind, url in (*_lists(certificate), *_responders(certificate)):
            blank = StatusSource(kind=kind, url=url, outcome=StatusOutcome.UNSUPPORTED)
            if not url.startswith(("http://", "https://")):
                yield blank
            elif not self._permits(url):
                yield replace(blank, outcome=StatusOutcome.OUT_OF_SCOPE, cause=_host(url))
            elif issuer is None:
                yield replace(
                    blank,
                    outcome=StatusOutcome.WRONGLY_SIGNED,
                    cause=_NO_ISSUER,
                )
            else:
                question = _Question(certificate=certificate, issuer=issuer, now=now)
                yield self._one(blank, question)

    def _one(self, blank: StatusSource, question: _Question) -> StatusSource:
        try:
            if blank.kind is StatusKind.LIST:
                raw = self._send("GET", blank.url, (), None)
                return _not_answered(blank, raw) or _of_list(blank, raw.body, question)
            raw = self._send("POST", blank.url, _ASK, _request(question))
            return _not_answered(blank, raw) or _of_response(blank, raw.body, question)
        except _UNREADABLE as error:
            return replace(blank, outcome=StatusOutcome.UNREADABLE, cause=type(error).__name__)


def _not_answered(blank: StatusSource, raw: Raw) -> StatusSource | None:
    """Why nothing can be read; None when something can."""
    if raw.failure is not None:
        return replace(blank, outcome=StatusOutcome.UNREACHABLE, cause=raw.failure.value)
    if raw.status != 200:
        return replace(blank, outcome=StatusOutcome.UNREADABLE, cause=f"status {raw.status}")
    if raw.truncated:
        return replace(blank, outcome=StatusOutcome.UNREADABLE, cause="too long")
    return None


# --- Lists ------------------------------------------------------------------------------------


def _lists(certificate: x509.Certificate) -> Iterator[tuple[StatusKind, str]]:
    points = _extension(certificate, x509.CRLDistributionPoints) or ()
    names = (name for point in points for name in point.full_name or ())
    urls = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return ((StatusKind.LIST, url) for url in urls[:SOURCES_AT_MOST])


def _of_list(blank: StatusSource, body: bytes, question: _Question) -> StatusSource:
    """What a list says (RFC 5280, section 6.3.3)."""
    pem = body.startswith(_PEM)
    listed = x509.load_pem_x509_crl(body) if pem else x509.load_der_x509_crl(body)
    this, following = listed.last_update_utc, listed.next_update_utc
    dated = _dated(blank, this, following)
    if listed.issuer != question.issuer.subject:
        return replace(dated, outcome=StatusOutcome.SILENT, cause="another issuer's list")
    if not listed.is_signature_valid(_key_of(question.issuer)):
        return replace(dated, outcome=StatusOutcome.WRONGLY_SIGNED)
    if not _speaks_of(listed, blank.url, question.certificate):
        return replace(dated, outcome=StatusOutcome.SILENT, cause="a partial list")
    entry = listed.get_revoked_certificate_by_serial_number(question.certificate.serial_number)
    if entry is None:
        return replace(dated, outcome=_if_fresh(this, following, question.now))
    reason = _extension(entry, x509.CRLReason)
    return replace(
        dated,
        outcome=StatusOutcome.REVOKED,
        revoked_at=_moment(entry.revocation_date_utc),
        reason=None if reason is None else reason.reason.value,
    )


def _speaks_of(
    listed: x509.CertificateRevocationList, url: str, certificate: x509.Certificate
) -> bool:
    """Whether a certificate could stand in a list (RFC 5280, section 5.2.5)."""
    if _extension(listed, x509.DeltaCRLIndicator) is not None:
        return False
    part = _extension(listed, x509.IssuingDistributionPoint)
    if part is None:
        return True
    basic = _extension(certificate, x509.BasicConstraints)
    authority = basic is not None and basic.ca
    excluded = part.only_contains_user_certs if authority else part.only_contains_ca_certs
    elsewhere = (
        excluded or part.only_contains_attribute_certs or part.indirect_crl
    ) or part.only_some_reasons is not None
    names = {name.value for name in part.full_name or ()}
    return not elsewhere and (not names or url in names)


# --- Responders -------------------------------------------------------------------------------


def _responders(certificate: x509.Certificate) -> Iterator[tuple[StatusKind, str]]:
    access = _extension(certificate, x509.AuthorityInformationAccess) or ()
    urls = [
        one.access_location.value
        for one in access
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    ]
    return ((StatusKind.RESPONDER, url) for url in urls[:SOURCES_AT_MOST])


def _request(question: _Question) -> bytes:
    """The request of RFC 6960, section 4.1; SHA-1, which every responder knows, only names."""
    builder = ocsp.OCSPRequestBuilder()
    builder = builder.add_certificate(question.certificate, question.issuer, hashes.SHA1())
    return builder.build().public_bytes(Encoding.DER)


def _of_response(blank: StatusSource, body: bytes, question: _Question) -> StatusSource:
    """What a responder says (RFC 6960, section 3.2)."""
    response = ocsp.load_der_ocsp_response(body)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        said = response.response_status.name.lower()
        return replace(blank, outcome=StatusOutcome.SILENT, cause=said)
    serial = question.certificate.serial_number
    single = next((one for one in response.responses if one.serial_number == serial), None)
    if single is None:
        return replace(blank, outcome=StatusOutcome.SILENT, cause="another certificate's status")
    this, following = single.this_update_utc, single.next_update_utc
    dated = _dated(blank, this, following)
    if not _rightly_signed(response, question):
        return replace(dated, outcome=StatusOutcome.WRONGLY_SIGNED)
    if single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        return replace(dated, outcome=StatusOutcome.SILENT, cause="unknown")
    if single.certificate_status is ocsp.OCSPCertStatus.GOOD:
        return replace(dated, outcome=_if_fresh(this, following, question.now))
    reason = single.revocation_reason
    return replace(
        dated,
        outcome=StatusOutcome.REVOKED,
        revoked_at=_moment(single.revocation_time_utc),
        reason=None if reason is None else reason.value,
    )


def _rightly_signed(response: ocsp.OCSPResponse, question: _Question) -> bool:
    """Whether the issuer signed, or one whom it appointed (RFC 6960, section 4.2.2.2)."""
    appointed = (one for one in response.certificates if _appointed(one, question))
    return any(_signed(response, _key_of(signer)) for signer in (question.issuer, *appointed))


def _appointed(certificate: x509.Certificate, question: _Question) -> bool:
    usage = _extension(certificate, x509.ExtendedKeyUsage)
    if usage is None or ExtendedKeyUsageOID.OCSP_SIGNING not in usage:
        return False
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not first - SKEW <= question.now <= last + SKEW:
        return False
    try:
        certificate.verify_directly_issued_by(question.issuer)
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


def _signed(response: ocsp.OCSPResponse, key: _Key) -> bool:
    signature, content = response.signature, response.tbs_response_bytes
    try:
        match key:
            case rsa.RSAPublicKey():
                key.verify(signature, content, padding.PKCS1v15(), _hash_of(response))
            case ec.EllipticCurvePublicKey():
                key.verify(signature, content, ec.ECDSA(_hash_of(response)))
            case _:
                key.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _hash_of(response: ocsp.OCSPResponse) -> hashes.HashAlgorithm:
    algorithm = response.signature_hash_algorithm
    if algorithm is None:
        raise UnsupportedAlgorithm("a signature without a hash")
    return algorithm


# --- Both -------------------------------------------------------------------------------------

_Key = (
    rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
)
_Extended = x509.Certificate | x509.CertificateRevocationList | x509.RevokedCertificate
_E = TypeVar("_E", bound=x509.ExtensionType)


def _extension(holder: _Extended, kind: type[_E]) -> _E | None:
    try:
        return holder.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _key_of(certificate: x509.Certificate) -> _Key:
    key = certificate.public_key()
    if not isinstance(key, _Key):
        raise UnsupportedAlgorithm("a key of another kind")
    return key


def _dated(blank: StatusSource, this: datetime, following: datetime | None) -> StatusSource:
    return replace(blank, this_update=_moment(this), next_update=_moment(following))


def _if_fresh(this: datetime, following: datetime | None, now: datetime) -> StatusOutcome:
    fresh = this - SKEW <= now <= (following or this + UNDATED) + SKEW
    return StatusOutcome.GOOD if fresh else StatusOutcome.STALE


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")


def _host(url: str) -> str | None:
    """The address to add to a scope, ``scheme://host:port``."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}:{scheme_port(parts.scheme, parts.port)}"
    except ValueError:
        return None
