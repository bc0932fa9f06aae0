"""Which certificates a server sends, and what a client that trusts given anchors makes of them.

The chain is taken as sent, trusted or not, in a handshake that verifies nothing. Whether it holds
and whether it bears the host are each asked of OpenSSL in a handshake of their own, so that one
fault does not hide another. Nothing is fetched, and no client certificate is ever sent.
"""

from __future__ import annotations

import base64
import ssl
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tgv_suite.model.tls import CertificateFact, ChainFact, ChainOutcome
from tgv_suite.probes.tls_hello import Connect, address_of

_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, which the ssl module does not name
_LEGACY_SERVER_CONNECT = 0x4  # SSL_OP_LEGACY_SERVER_CONNECT, named since Python 3.12
# Weak keys and SHA-1 are for their own requirement to judge: here they must not end the handshake.
_CIPHERS = "DEFAULT:@SECLEVEL=0"
_NAME_MISMATCHES = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
# What cryptography raises on a certificate that OpenSSL let through.
_UNREADABLE = (
    ValueError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Handshake:
    """How one handshake went. ``OBSERVED`` means that the server's chain came and was judged."""

    outcome: ChainOutcome
    cause: str | None = None
    complete: bool = False
    certificates: tuple[bytes, ...] = ()
    error: str | None = None
    error_code: int | None = None

    @property
    def observed(self) -> bool:
        return self.outcome is ChainOutcome.OBSERVED

    @property
    def verified(self) -> bool:
        return self.observed and self.error_code is None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """Where each handshake goes, and how."""

    host: str
    port: int
    connect: Connect
    timeout_s: float

    def shake(self, context: ssl.SSLContext) -> _Handshake:
        """One handshake, on a connection of its own."""
        try:
            name = _name_to_bear(self.host)
            connection = self.connect(self.host, self.port, self.timeout_s)
        except (OSError, UnicodeError) as error:
            return _Handshake(outcome=ChainOutcome.UNREACHABLE, cause=_cause(error))
        with connection:
            try:
                connection.settimeout(self.timeout_s)
                tls = context.wrap_socket(
                    connection, server_hostname=name, do_handshake_on_connect=False
                )
            except OSError as error:
                return _Handshake(outcome=ChainOutcome.NO_TLS, cause=_cause(error))
            with tls:
                return _handshake(tls)


def chain(
    host: str,
    port: int,
    *,
    anchors: Sequence[bytes],
    use_public_anchors: bool,
    connect: Connect,
    timeout_s: float,
    now: datetime,
) -> ChainFact:
    """Observe a server's certificate chain, in at most four connections.

    Parameters
    ----------
    host, port:
        The server. A name is sent as SNI; name or IP address, the leaf must bear it.
    anchors:
        PEM texts of the private authorities to trust. Only self-signed certificates are taken
        from them: an intermediate among them would hide that the server does not send it.
    use_public_anchors:
        Whether the authorities that browsers trust (certifi's list, not the machine's) count.
    connect:
        The one way to open a socket. What it raises beside ``OSError`` and ``UnicodeError``
        passes through.
    timeout_s:
        Seconds given to each connection, and again to each handshake.
    now:
        The moment of the observation, with its time zone.

    Returns
    -------
    ChainFact
        A bad server raises nothing.

    Raises
    ------
    ValueError
        One of ``anchors`` holds no PEM certificate.
    """
    roots = _roots(anchors)
    server = _Server(host=host, port=port, connect=connect, timeout_s=timeout_s)
    sent = server.shake(_context())
    fact = ChainFact(
        address=address_of(host, port),
        host=host,
        outcome=sent.outcome,
        cause=sent.cause,
        verified_at=_moment(now),
        trust_anchors=len(roots),
        handshake_complete=sent.complete,
    )
    if not sent.observed:
        return fact
    try:
        certificates = tuple(certificate_fact(der) for der in sent.certificates)
    except ValueError as error:
        return replace(fact, outcome=ChainOutcome.MALFORMED, cause=str(error))
    fact = replace(fact, certificates=certificates)
    return _verified(fact, server, sent.certificates[0], roots, use_public_anchors)


def _verified(
    fact: ChainFact,
    server: _Server,
    leaf: bytes,
    roots: Sequence[bytes],
    use_public_anchors: bool,
) -> ChainFact:
    """``fact`` with what OpenSSL says of the chain and of the name."""
    trust = server.shake(_verifying(roots, public=use_public_anchors))
    name = server.shake(_naming(leaf))
    asked = [trust, name]
    if roots and trust.verified:
        asked.append(server.shake(_verifying((), public=True)))
    lost = next((one for one in asked if not one.observed), None)
    if lost is not None:
        return replace(fact, outcome=lost.outcome, cause=lost.cause)
    return replace(
        fact,
        chain_error=trust.error,
        chain_error_code=trust.error_code,
        host_matches=_matches(name),
        private_anchor=len(asked) > 2 and not asked[-1].verified,
    )


def _name_to_bear(host: str) -> str:
    """``host`` as a certificate writes it. UnicodeError when it cannot be a name."""
    name = host.removesuffix(".")
    if not name or "\0" in name:
        raise UnicodeError("not a host name")
    name.encode("idna")
    return name


def _matches(name: _Handshake) -> bool | None:
    if name.error_code in _NAME_MISMATCHES:
        return False
    return True if name.verified else None


def _context() -> ssl.SSLContext:
    """A client that takes any certificate and, as far as the local library can, any server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.options |= _LEGACY_SERVER_CONNECT
    context.set_ciphers(_CIPHERS)
    return context


def _verifying(roots: Sequence[bytes], *, public: bool) -> ssl.SSLContext:
    """A client that asks only for a chain up to an anchor, for a server, whatever the date."""
    context = _context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= _NO_CHECK_TIME
    if public:
        context.load_verify_locations(cafile=certifi.where())
    if roots:
        context.load_verify_locations(cadata=b"".join(roots))
    return context


def _naming(leaf: bytes) -> ssl.SSLContext:
    """A client that asks only for the name: the leaf is its own anchor."""
    context = _verifying((leaf,), public=False)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.hostname_checks_common_name = False
    context.check_hostname = True
    return context


def _handshake(tls: ssl.SSLSocket) -> _Handshake:
    try:
        tls.do_handshake()
    except ssl.SSLCertVerificationError as error:
        return _Handshake(
            outcome=ChainOutcome.OBSERVED,
            error=error.verify_message,
            error_code=error.verify_code,
        )
    except TimeoutError:
        return _Handshake(outcome=ChainOutcome.SILENT, cause="the handshake did not end in time")
    except OSError as error:
        # OpenSSL judges the chain when it comes: a server that refuses us later has shown it.
        seen = _sent_certificates(tls) if _is_refusal(error) else ()
        outcome = ChainOutcome.OBSERVED if seen else ChainOutcome.NO_TLS
        return _Handshake(outcome=outcome, cause=_cause(error), certificates=seen)
    seen = _sent_certificates(tls)
    outcome = ChainOutcome.OBSERVED if seen else ChainOutcome.NO_TLS
    return _Handshake(outcome=outcome, complete=True, certificates=seen)


def _is_refusal(error: OSError) -> bool:
    """Whether the server ended the handshake, rather than this side."""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionError):
        return True
    return isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or "")


def _sent_certificates(tls: ssl.SSLSocket) -> tuple[bytes, ...]:
    """The chain as the server sent it, in DER, leaf first."""
    if sys.version_info >= (3, 13):
        return tuple(tls.get_unverified_chain())
    # Python 3.10 to 3.12 have the method without its public name.
    chain = getattr(tls, "_sslobj").get_unverified_chain() or ()  # noqa: B009
    return tuple(ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in chain)


def _cause(error: Exception) -> str:
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    strerror = error.strerror if isinstance(error, OSError) else None
    return reason or strerror or str(error) or type(error).__name__


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _roots(anchors: Iterable[bytes]) -> tuple[bytes, ...]:
    certificates = (one for pem in anchors for one in x509.load_pem_x509_certificates(pem))
    return tuple(one.public_bytes(Encoding.DER) for one in certificates if _is_self_signed(one))


def certificate_fact(der: bytes) -> CertificateFact:
    """What a certificate says.

    Parameters
    ----------
    der:
        The certificate in DER.

    Raises
    ------
    ValueError
        It cannot be decoded (RFC 5280).
    """
    try:
        return _fact(x509.load_der_x509_certificate(der), der)
    except _UNREADABLE as error:
        raise ValueError(f"certificate not decodable: {error}") from error


def _fact(certificate: x509.Certificate, der: bytes) -> CertificateFact:
    key_type, key_bits, curve = _key(certificate)
    return CertificateFact(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        names=_names(certificate),
        not_before=_moment(certificate.not_valid_before_utc),
        not_after=_moment(certificate.not_valid_after_utc),
        key_type=key_type,
        key_bits=key_bits,
        curve=curve,
        signature_hash=_signature_hash(certificate),
        self_signed=_is_self_signed(certificate),
        server_auth=_may_serve(certificate),
        fingerprint_sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        der_base64=base64.b64encode(der).decode("ascii"),
        must_staple=_promises_a_staple(certificate),
    )


def _key(certificate: x509.Certificate) -> tuple[str, int | None, str | None]:
    """Type, bits and curve of the public key."""
    unknown = certificate.public_key_algorithm_oid.dotted_string
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return unknown, None, None
    match key:
        case ec.EllipticCurvePublicKey():
            return "EC", key.curve.key_size, key.curve.name
        case rsa.RSAPublicKey() | dsa.DSAPublicKey():
            return "RSA" if isinstance(key, rsa.RSAPublicKey) else "DSA", key.key_size, None
        case ed25519.Ed25519PublicKey():
            return "Ed25519", 256, None
        case ed448.Ed448PublicKey():
            return "Ed448", 456, None
    return unknown, None, None


def _signature_hash(certificate: x509.Certificate) -> str | None:
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return certificate.signature_algorithm_oid.dotted_string
    return algorithm.name.lower() if algorithm else None


def _is_self_signed(certificate: x509.Certificate) -> bool:
    if certificate.issuer != certificate.subject:
        return False
    if _signature_hash(certificate) in ("sha1", "md5"):
        # The library refuses to verify these; the key identifiers tell as much (RFC 5280, 4.2.1.1).
        return _names_its_own_key(certificate)
    try:
        certificate.verify_directly_issued_by(certificate)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def _names_its_own_key(certificate: x509.Certificate) -> bool:
    extensions = certificate.extensions
    try:
        issuer = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
        own = extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return True
    return issuer.key_identifier in (None, own.key_identifier)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        value = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(
        str(name.value) for name in value if isinstance(name, x509.DNSName | x509.IPAddress)
    )


def _may_serve(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.SERVER_AUTH in usage


def _promises_a_staple(certificate: x509.Certificate) -> bool:
    try:
        features = certificate.extensions.get_extension_for_class(x509.TLSFeature).value
    except x509.ExtensionNotFound:
        return False
    return x509.TLSFeatureType.status_request in features
