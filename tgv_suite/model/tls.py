"""What was seen of a server's TLS: frozen facts, and the registry of cipher suites that names them.

The facts hold only strings, numbers, booleans, tuples and enums, so that they can be recorded as
JSON and judged again. They carry what the server sent, unescaped: whoever shows them escapes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class TlsVersion(StrEnum):
    """A version of SSL or TLS that a client can offer."""

    SSL_3 = "SSLv3"
    TLS_1_0 = "TLSv1.0"
    TLS_1_1 = "TLSv1.1"
    TLS_1_2 = "TLSv1.2"
    TLS_1_3 = "TLSv1.3"


class HelloOutcome(StrEnum):
    """How a server answered one ClientHello."""

    ACCEPTED = "accepted"
    """It completed its own first flight, in the version that ``HelloAnswer.version`` names."""
    REFUSED = "refused"
    """It sent an alert or closed the connection before completing its flight."""
    SILENT = "silent"
    """The connection opened and the answer did not come, or not wholly, in time."""
    UNREACHABLE = "unreachable"
    """No connection: name not resolved, port closed or filtered."""
    MALFORMED = "malformed"
    """It answered with something that is not TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelloAnswer:
    """What a server answered to a client that offers one version only.

    Parameters
    ----------
    address:
        ``host:port`` as asked, an IPv6 address in brackets.
    offered:
        The only version that the ClientHello offered.
    outcome:
        How the server answered.
    version, suite, compression:
        What its ServerHello chose: the version, the suite's IANA name (or ``0x`` and four
        hexadecimal digits), the compression method's number. None without a ServerHello. They
        are kept when the server then refused, as evidence.
    alert:
        The name of the last alert that it sent (RFC 8446, appendix B.2), or None.
    dh_bits:
        The size of the prime of its Diffie-Hellman parameters, None when it sent none.
    secure_renegotiation:
        Whether its ServerHello says that it binds a renegotiation to the connection (RFC 5746).
    """

    address: str
    offered: TlsVersion
    outcome: HelloOutcome
    version: TlsVersion | None = None
    suite: str | None = None
    alert: str | None = None
    compression: int | None = None
    dh_bits: int | None = None
    secure_renegotiation: bool | None = None

    @property
    def accepted(self) -> bool:
        """Whether the server speaks the very version offered, not another in its place."""
        return self.outcome is HelloOutcome.ACCEPTED and self.version is self.offered


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakSuites:
    """Which weak suites a server chose when it was offered no other, in one version.

    Parameters
    ----------
    address, offered:
        As in ``HelloAnswer``.
    accepted:
        The IANA names of the suites chosen, in the order in which they were; each was left out of
        the next ClientHello.
    ended:
        The answer to the last ClientHello: ``REFUSED`` when every suite left was refused.
    alert:
        The name of the alert that ended it, or None.
    """

    address: str
    offered: TlsVersion
    accepted: tuple[str, ...]
    ended: HelloOutcome
    alert: str | None = None


class RenegotiationOutcome(StrEnum):
    """What became of a client's second ClientHello in a connection of TLS 1.2."""

    ACCEPTED = "accepted"
    """The second handshake ended as the first."""
    REFUSED = "refused"
    """An alert, or the end of the connection."""
    SILENT = "silent"
    """Neither, in time."""
    NO_HANDSHAKE = "no_handshake"
    """The first handshake didn't end, and nothing could be renegotiated."""
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renegotiation:
    """How a server takes a client that renegotiates (RFC 5246, section 7.4.1.1).

    Parameters
    ----------
    address:
        As in ``HelloAnswer``.
    outcome:
        What became of it.
    cause:
        The technical cause when a handshake failed, in the words of the local library, else None.
    """

    address: str
    outcome: RenegotiationOutcome
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFact:
    """One certificate, as the server sent it.

    Parameters
    ----------
    subject, issuer:
        Distinguished names (RFC 4514).
    names:
        The DNS names and IP addresses of the subject alternative name, in its order.
    not_before, not_after:
        ISO 8601 in UTC, to the second. All moments of these facts have this one form, so that
        they compare as text.
    key_type:
        ``RSA``, ``EC``, ``Ed25519``, ``Ed448``, ``DSA``, or the algorithm's dotted OID.
    key_bits:
        Size of the key in bits, None when the algorithm is not known.
    curve:
        The curve of an EC key (``secp256r1``), else None.
    signature_hash:
        Hash of the issuer's signature (``sha256``), the signature's dotted OID when it is not
        known, None when the algorithm has none to choose (Ed25519, Ed448).
    self_signed:
        Whether the certificate is signed with its own key.
    server_auth:
        Whether it may serve TLS: extended key usage absent, or with serverAuth.
    must_staple:
        Whether it promises that its server staples a status (RFC 7633).
    fingerprint_sha256:
        SHA-256 of the DER form, in lower-case hexadecimal.
    der_base64:
        The certificate itself.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: str
    not_after: str
    key_type: str
    key_bits: int | None
    curve: str | None
    signature_hash: str | None
    self_signed: bool
    server_auth: bool
    fingerprint_sha256: str
    der_base64: str
    must_staple: bool = False

    @property
    def lifetime(self) -> timedelta:
        """How long it is valid in all."""
        return datetime.fromisoformat(self.not_after) - datetime.fromisoformat(self.not_before)

    @property
    def lifetime_days(self) -> int:
        """How long it is valid in all, in whole days."""
        return self.lifetime.days

    def left(self, moment: str) -> timedelta:
        """How long it is still valid at a moment, in the form of these facts; negative afterwards."""
        return datetime.fromisoformat(self.not_after) - datetime.fromisoformat(moment)


class ChainOutcome(StrEnum):
    """Whether a certificate chain could be observed."""

    OBSERVED = "observed"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    NO_TLS = "no_tls"
    """The connection opened, and no handshake came far enough to be judged."""
    MALFORMED = "malformed"
    """A certificate of the chain cannot be decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFact:
    """The certificates that a server sent, and what OpenSSL says of them.

    Only ``OBSERVED`` facts can be judged: with any other outcome a missing ``chain_error`` means
    that nothing was verified.

    Parameters
    ----------
    address, host:
        ``host:port`` as asked, and the name (or IP address) that the certificate must bear.
    outcome, cause:
        Whether the chain was observed; the technical cause when something failed, in the words
        of the local library, else None.
    verified_at:
        The clock at the observation, ISO 8601 in UTC, to the second.
    trust_anchors:
        How many trust anchors were given beside the public ones.
    certificates:
        As sent by the server, leaf first.
    handshake_complete:
        Whether the handshake ended. False when the server refused us after sending its chain, as
        one that wants a client certificate does in TLS 1.2; it has then not proved to us that
        it holds the leaf's key.
    chain_error, chain_error_code:
        OpenSSL's verification error (X509_V_ERR_*) for the chain as sent, dates and key sizes
        left aside and nothing fetched; None when it holds.
    host_matches:
        Whether the leaf bears the host (RFC 9525; the common name does not count), whatever its
        chain. None when it could not be told, as for a leaf that may not serve TLS.
    private_anchor:
        Whether the chain holds with the anchors given and not with the public ones alone.
    """

    address: str
    host: str
    outcome: ChainOutcome
    verified_at: str
    trust_anchors: int
    cause: str | None = None
    certificates: tuple[CertificateFact, ...] = ()
    handshake_complete: bool = False
    chain_error: str | None = None
    chain_error_code: int | None = None
    host_matches: bool | None = None
    private_anchor: bool = False


# IANA, TLS Cipher Suites, without the signalling values and without NULL_WITH_NULL_NULL; with the
# never registered suites that old servers still accept (EXPORT1024, FIPS, GOST 2001). A code is
# followed by the names of that code and of the next ones, each without its TLS_.
_REGISTRY = """
0001 RSA_WITH_NULL_MD5 RSA_WITH_NULL_SHA RSA_EXPORT_WITH_RC4_40_MD5 RSA_WITH_RC4_128_MD5
  RSA_WITH_RC4_128_SHA RSA_EXPORT_WITH_RC2_CBC_40_MD5 RSA_WITH_IDEA_CBC_SHA
  RSA_EXPORT_WITH_DES40_CBC_SHA RSA_WITH_DES_CBC_SHA RSA_WITH_3DES_EDE_CBC_SHA
  DH_DSS_EXPORT_WITH_DES40_CBC_SHA DH_DSS_WITH_DES_CBC_SHA DH_DSS_WITH_3DES_EDE_CBC_SHA
  DH_RSA_EXPORT_WITH_DES40_CBC_SHA DH_RSA_WITH_DES_CBC_SHA DH_RSA_WITH_3DES_EDE_CBC_SHA
  DHE_DSS_EXPORT_WITH_DES40_CBC_SHA DHE_DSS_WITH_DES_CBC_SHA DHE_DSS_WITH_3DES_EDE_CBC_SHA
  DHE_RSA_EXPORT_WITH_DES40_CBC_SHA DHE_RSA_WITH_DES_CBC_SHA DHE_RSA_WITH_3DES_EDE_CBC_SHA
  DH_anon_EXPORT_WITH_RC4_40_MD5 DH_anon_WITH_RC4_128_MD5 DH_anon_EXPORT_WITH_DES40_CBC_SHA
  DH_anon_WITH_DES_CBC_SHA DH_anon_WITH_3DES_EDE_CBC_SHA
001E KRB5_WITH_DES_CBC_SHA KRB5_WITH_3DES_EDE_CBC_SHA KRB5_WITH_RC4_128_SHA
  KRB5_WITH_IDEA_CBC_SHA KRB5_WITH_DES_CBC_MD5 KRB5_WITH_3DES_EDE_CBC_MD5 KRB5_WITH_RC4_128_MD5
  KRB5_WITH_IDEA_CBC_MD5 KRB5_EXPORT_WITH_DES_CBC_40_SHA KRB5_EXPORT_WITH_RC2_CBC_40_SHA
  KRB5_EXPORT_WITH_RC4_40_SHA KRB5_EXPORT_WITH_DES_CBC_40_MD5 KRB5_EXPORT_WITH_RC2_CBC_40_MD5
  KRB5_EXPORT_WITH_RC4_40_MD5 PSK_WITH_NULL_SHA DHE_PSK_WITH_NULL_SHA RSA_PSK_WITH_NULL_SHA
  RSA_WITH_AES_128_CBC_SHA DH_DSS_WITH_AES_128_CBC_SHA DH_RSA_WITH_AES_128_CBC_SHA
  DHE_DSS_WITH_AES_128_CBC_SHA DHE_RSA_WITH_AES_128_CBC_SHA DH_anon_WITH_AES_128_CBC_SHA
  RSA_WITH_AES_256_CBC_SHA DH_DSS_WITH_AES_256_CBC_SHA DH_RSA_WITH_AES_256_CBC_SHA
  DHE_DSS_WITH_AES_256_CBC_SHA DHE_RSA_WITH_AES_256_CBC_SHA DH_anon_WITH_AES_256_CBC_SHA
  RSA_WITH_NULL_SHA256 RSA_WITH_AES_128_CBC_SHA256 RSA_WITH_AES_256_CBC_SHA256
  DH_DSS_WITH_AES_128_CBC_SHA256 DH_RSA_WITH_AES_128_CBC_SHA256 DHE_DSS_WITH_AES_128_CBC_SHA256
  RSA_WITH_CAMELLIA_128_CBC_SHA DH_DSS_WITH_CAMELLIA_128_CBC_SHA
  DH_RSA_WITH_CAMELLIA_128_CBC_SHA DHE_DSS_WITH_CAMELLIA_128_CBC_SHA
  DHE_RSA_WITH_CAMELLIA_128_CBC_SHA DH_anon_WITH_CAMELLIA_128_CBC_SHA
0062 RSA_EXPORT1024_WITH_DES_CBC_SHA DHE_DSS_EXPORT1024_WITH_DES_CBC_SHA
  RSA_EXPORT1024_WITH_RC4_56_SHA DHE_DSS_EXPORT1024_WITH_RC4_56_SHA DHE_DSS_WITH_RC4_128_SHA
  DHE_RSA_WITH_AES_128_CBC_SHA256 DH_DSS_WITH_AES_256_CBC_SHA256 DH_RSA_WITH_AES_256_CBC_SHA256
  DHE_DSS_WITH_AES_256_CBC_SHA256 DHE_RSA_WITH_AES_256_CBC_SHA256
  DH_anon_WITH_AES_128_CBC_SHA256 DH_anon_WITH_AES_256_CBC_SHA256
0081 GOSTR341001_WITH_28147_CNT_IMIT
0083 GOSTR341001_WITH_NULL_GOSTR3411 RSA_WITH_CAMELLIA_256_CBC_SHA
  DH_DSS_WITH_CAMELLIA_256_CBC_SHA DH_RSA_WITH_CAMELLIA_256_CBC_SHA
  DHE_DSS_WITH_CAMELLIA_256_CBC_SHA DHE_RSA_WITH_CAMELLIA_256_CBC_SHA
  DH_anon_WITH_CAMELLIA_256_CBC_SHA PSK_WITH_RC4_128_SHA PSK_WITH_3DES_EDE_CBC_SHA
  PSK_WITH_AES_128_CBC_SHA PSK_WITH_AES_256_CBC_SHA DHE_PSK_WITH_RC4_128_SHA
  DHE_PSK_WITH_3DES_EDE_CBC_SHA DHE_PSK_WITH_AES_128_CBC_SHA DHE_PSK_WITH_AES_256_CBC_SHA
  RSA_PSK_WITH_RC4_128_SHA RSA_PSK_WITH_3DES_EDE_CBC_SHA RSA_PSK_WITH_AES_128_CBC_SHA
  RSA_PSK_WITH_AES_256_CBC_SHA RSA_WITH_SEED_CBC_SHA DH_DSS_WITH_SEED_CBC_SHA
  DH_RSA_WITH_SEED_CBC_SHA DHE_DSS_WITH_SEED_CBC_SHA DHE_RSA_WITH_SEED_CBC_SHA
  DH_anon_WITH_SEED_CBC_SHA RSA_WITH_AES_128_GCM_SHA256 RSA_WITH_AES_256_GCM_SHA384
  DHE_RSA_WITH_AES_128_GCM_SHA256 DHE_RSA_WITH_AES_256_GCM_SHA384 DH_RSA_WITH_AES_128_GCM_SHA256
  DH_RSA_WITH_AES_256_GCM_SHA384 DHE_DSS_WITH_AES_128_GCM_SHA256 DHE_DSS_WITH_AES_256_GCM_SHA384
  DH_DSS_WITH_AES_128_GCM_SHA256 DH_DSS_WITH_AES_256_GCM_SHA384 DH_anon_WITH_AES_128_GCM_SHA256
  DH_anon_WITH_AES_256_GCM_SHA384 PSK_WITH_AES_128_GCM_SHA256 PSK_WITH_AES_256_GCM_SHA384
  DHE_PSK_WITH_AES_128_GCM_SHA256 DHE_PSK_WITH_AES_256_GCM_SHA384
  RSA_PSK_WITH_AES_128_GCM_SHA256 RSA_PSK_WITH_AES_256_GCM_SHA384 PSK_WITH_AES_128_CBC_SHA256
  PSK_WITH_AES_256_CBC_SHA384 PSK_WITH_NULL_SHA256 PSK_WITH_NULL_SHA384
  DHE_PSK_WITH_AES_128_CBC_SHA256 DHE_PSK_WITH_AES_256_CBC_SHA384 DHE_PSK_WITH_NULL_SHA256
  DHE_PSK_WITH_NULL_SHA384 RSA_PSK_WITH_AES_128_CBC_SHA256 RSA_PSK_WITH_AES_256_CBC_SHA384
  RSA_PSK_WITH_NULL_SHA256 RSA_PSK_WITH_NULL_SHA384 RSA_WITH_CAMELLIA_128_CBC_SHA256
  DH_DSS_WITH_CAMELLIA_128_CBC_SHA256 DH_RSA_WITH_CAMELLIA_128_CBC_SHA256
  DHE_DSS_WITH_CAMELLIA_128_CBC_SHA256 DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256
  DH_anon_WITH_CAMELLIA_128_CBC_SHA256 RSA_WITH_CAMELLIA_256_CBC_SHA256
  DH_DSS_WITH_CAMELLIA_256_CBC_SHA256 DH_RSA_WITH_CAMELLIA_256_CBC_SHA256
  DHE_DSS_WITH_CAMELLIA_256_CBC_SHA256 DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256
  DH_anon_WITH_CAMELLIA_256_CBC_SHA256 SM4_GCM_SM3 SM4_CCM_SM3
1301 AES_128_GCM_SHA256 AES_256_GCM_SHA384 CHACHA20_POLY1305_SHA256 AES_128_CCM_SHA256
  AES_128_CCM_8_SHA256 AEGIS_256_SHA512 AEGIS_128L_SHA256
C001 ECDH_ECDSA_WITH_NULL_SHA ECDH_ECDSA_WITH_RC4_128_SHA ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA
  ECDH_ECDSA_WITH_AES_128_CBC_SHA ECDH_ECDSA_WITH_AES_256_CBC_SHA ECDHE_ECDSA_WITH_NULL_SHA
  ECDHE_ECDSA_WITH_RC4_128_SHA ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA
  ECDHE_ECDSA_WITH_AES_128_CBC_SHA ECDHE_ECDSA_WITH_AES_256_CBC_SHA ECDH_RSA_WITH_NULL_SHA
  ECDH_RSA_WITH_RC4_128_SHA ECDH_RSA_WITH_3DES_EDE_CBC_SHA ECDH_RSA_WITH_AES_128_CBC_SHA
  ECDH_RSA_WITH_AES_256_CBC_SHA ECDHE_RSA_WITH_NULL_SHA ECDHE_RSA_WITH_RC4_128_SHA
  ECDHE_RSA_WITH_3DES_EDE_CBC_SHA ECDHE_RSA_WITH_AES_128_CBC_SHA ECDHE_RSA_WITH_AES_256_CBC_SHA
  ECDH_anon_WITH_NULL_SHA ECDH_anon_WITH_RC4_128_SHA ECDH_anon_WITH_3DES_EDE_CBC_SHA
  ECDH_anon_WITH_AES_128_CBC_SHA ECDH_anon_WITH_AES_256_CBC_SHA SRP_SHA_WITH_3DES_EDE_CBC_SHA
  SRP_SHA_RSA_WITH_3DES_EDE_CBC_SHA SRP_SHA_DSS_WITH_3DES_EDE_CBC_SHA
  SRP_SHA_WITH_AES_128_CBC_SHA SRP_SHA_RSA_WITH_AES_128_CBC_SHA SRP_SHA_DSS_WITH_AES_128_CBC_SHA
  SRP_SHA_WITH_AES_256_CBC_SHA SRP_SHA_RSA_WITH_AES_256_CBC_SHA SRP_SHA_DSS_WITH_AES_256_CBC_SHA
  ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 ECDHE_ECDSA_WITH_AES_256_CBC_SHA384
  ECDH_ECDSA_WITH_AES_128_CBC_SHA256 ECDH_ECDSA_WITH_AES_256_CBC_SHA384
  ECDHE_RSA_WITH_AES_128_CBC_SHA256 ECDHE_RSA_WITH_AES_256_CBC_SHA384
  ECDH_RSA_WITH_AES_128_CBC_SHA256 ECDH_RSA_WITH_AES_256_CBC_SHA384
  ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
  ECDH_ECDSA_WITH_AES_128_GCM_SHA256 ECDH_ECDSA_WITH_AES_256_GCM_SHA384
  ECDHE_RSA_WITH_AES_128_GCM_SHA256 ECDHE_RSA_WITH_AES_256_GCM_SHA384
  ECDH_RSA_WITH_AES_128_GCM_SHA256 ECDH_RSA_WITH_AES_256_GCM_SHA384 ECDHE_PSK_WITH_RC4_128_SHA
  ECDHE_PSK_WITH_3DES_EDE_CBC_SHA ECDHE_PSK_WITH_AES_128_CBC_SHA ECDHE_PSK_WITH_AES_256_CBC_SHA
  ECDHE_PSK_WITH_AES_128_CBC_SHA256 ECDHE_PSK_WITH_AES_256_CBC_SHA384 ECDHE_PSK_WITH_NULL_SHA
  ECDHE_PSK_WITH_NULL_SHA256 ECDHE_PSK_WITH_NULL_SHA384 RSA_WITH_ARIA_128_CBC_SHA256
  RSA_WITH_ARIA_256_CBC_SHA384 DH_DSS_WITH_ARIA_128_CBC_SHA256 DH_DSS_WITH_ARIA_256_CBC_SHA384
  DH_RSA_WITH_ARIA_128_CBC_SHA256 DH_RSA_WITH_ARIA_256_CBC_SHA384
  DHE_DSS_WITH_ARIA_128_CBC_SHA256 DHE_DSS_WITH_ARIA_256_CBC_SHA384
  DHE_RSA_WITH_ARIA_128_CBC_SHA256 DHE_RSA_WITH_ARIA_256_CBC_SHA384
  DH_anon_WITH_ARIA_128_CBC_SHA256 DH_anon_WITH_ARIA_256_CBC_SHA384
  ECDHE_ECDSA_WITH_ARIA_128_CBC_SHA256 ECDHE_ECDSA_WITH_ARIA_256_CBC_SHA384
  ECDH_ECDSA_WITH_ARIA_128_CBC_SHA256 ECDH_ECDSA_WITH_ARIA_256_CBC_SHA384
  ECDHE_RSA_WITH_ARIA_128_CBC_SHA256 ECDHE_RSA_WITH_ARIA_256_CBC_SHA384
  ECDH_RSA_WITH_ARIA_128_CBC_SHA256 ECDH_RSA_WITH_ARIA_256_CBC_SHA384
  RSA_WITH_ARIA_128_GCM_SHA256 RSA_WITH_ARIA_256_GCM_SHA384 DHE_RSA_WITH_ARIA_128_GCM_SHA256
  DHE_RSA_WITH_ARIA_256_GCM_SHA384 DH_RSA_WITH_ARIA_128_GCM_SHA256
  DH_RSA_WITH_ARIA_256_GCM_SHA384 DHE_DSS_WITH_ARIA_128_GCM_SHA256
  DHE_DSS_WITH_ARIA_256_GCM_SHA384 DH_DSS_WITH_ARIA_128_GCM_SHA256
  DH_DSS_WITH_ARIA_256_GCM_SHA384 DH_anon_WITH_ARIA_128_GCM_SHA256
  DH_anon_WITH_ARIA_256_GCM_SHA384 ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256
  ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384 ECDH_ECDSA_WITH_ARIA_128_GCM_SHA256
  ECDH_ECDSA_WITH_ARIA_256_GCM_SHA384 ECDHE_RSA_WITH_ARIA_128_GCM_SHA256
  ECDHE_RSA_WITH_ARIA_256_GCM_SHA384 ECDH_RSA_WITH_ARIA_128_GCM_SHA256
  ECDH_RSA_WITH_ARIA_256_GCM_SHA384 PSK_WITH_ARIA_128_CBC_SHA256 PSK_WITH_ARIA_256_CBC_SHA384
  DHE_PSK_WITH_ARIA_128_CBC_SHA256 DHE_PSK_WITH_ARIA_256_CBC_SHA384
  RSA_PSK_WITH_ARIA_128_CBC_SHA256 RSA_PSK_WITH_ARIA_256_CBC_SHA384 PSK_WITH_ARIA_128_GCM_SHA256
  PSK_WITH_ARIA_256_GCM_SHA384 DHE_PSK_WITH_ARIA_128_GCM_SHA256 DHE_PSK_WITH_ARIA_256_GCM_SHA384
  RSA_PSK_WITH_ARIA_128_GCM_SHA256 RSA_PSK_WITH_ARIA_256_GCM_SHA384
  ECDHE_PSK_WITH_ARIA_128_CBC_SHA256 ECDHE_PSK_WITH_ARIA_256_CBC_SHA384
  ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256 ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384
  ECDH_ECDSA_WITH_CAMELLIA_128_CBC_SHA256 ECDH_ECDSA_WITH_CAMELLIA_256_CBC_SHA384
  ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256 ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384
  ECDH_RSA_WITH_CAMELLIA_128_CBC_SHA256 ECDH_RSA_WITH_CAMELLIA_256_CBC_SHA384
  RSA_WITH_CAMELLIA_128_GCM_SHA256 RSA_WITH_CAMELLIA_256_GCM_SHA384
  DHE_RSA_WITH_CAMELLIA_128_GCM_SHA256 DHE_RSA_WITH_CAMELLIA_256_GCM_SHA384
  DH_RSA_WITH_CAMELLIA_128_GCM_SHA256 DH_RSA_WITH_CAMELLIA_256_GCM_SHA384
  DHE_DSS_WITH_CAMELLIA_128_GCM_SHA256 DHE_DSS_WITH_CAMELLIA_256_GCM_SHA384
  DH_DSS_WITH_CAMELLIA_128_GCM_SHA256 DH_DSS_WITH_CAMELLIA_256_GCM_SHA384
  DH_anon_WITH_CAMELLIA_128_GCM_SHA256 DH_anon_WITH_CAMELLIA_256_GCM_SHA384
  ECDHE_ECDSA_WITH_CAMELLIA_128_GCM_SHA256 ECDHE_ECDSA_WITH_CAMELLIA_256_GCM_SHA384
  ECDH_ECDSA_WITH_CAMELLIA_128_GCM_SHA256 ECDH_ECDSA_WITH_CAMELLIA_256_GCM_SHA384
  ECDHE_RSA_WITH_CAMELLIA_128_GCM_SHA256 ECDHE_RSA_WITH_CAMELLIA_256_GCM_SHA384
  ECDH_RSA_WITH_CAMELLIA_128_GCM_SHA256 ECDH_RSA_WITH_CAMELLIA_256_GCM_SHA384
  PSK_WITH_CAMELLIA_128_GCM_SHA256 PSK_WITH_CAMELLIA_256_GCM_SHA384
  DHE_PSK_WITH_CAMELLIA_128_GCM_SHA256 DHE_PSK_WITH_CAMELLIA_256_GCM_SHA384
  RSA_PSK_WITH_CAMELLIA_128_GCM_SHA256 RSA_PSK_WITH_CAMELLIA_256_GCM_SHA384
  PSK_WITH_CAMELLIA_128_CBC_SHA256 PSK_WITH_CAMELLIA_256_CBC_SHA384
  DHE_PSK_WITH_CAMELLIA_128_CBC_SHA256 DHE_PSK_WITH_CAMELLIA_256_CBC_SHA384
  RSA_PSK_WITH_CAMELLIA_128_CBC_SHA256 RSA_PSK_WITH_CAMELLIA_256_CBC_SHA384
  ECDHE_PSK_WITH_CAMELLIA_128_CBC_SHA256 ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384
  RSA_WITH_AES_128_CCM RSA_WITH_AES_256_CCM DHE_RSA_WITH_AES_128_CCM DHE_RSA_WITH_AES_256_CCM
  RSA_WITH_AES_128_CCM_8 RSA_WITH_AES_256_CCM_8 DHE_RSA_WITH_AES_128_CCM_8
  DHE_RSA_WITH_AES_256_CCM_8 PSK_WITH_AES_128_CCM PSK_WITH_AES_256_CCM DHE_PSK_WITH_AES_128_CCM
  DHE_PSK_WITH_AES_256_CCM PSK_WITH_AES_128_CCM_8 PSK_WITH_AES_256_CCM_8
  PSK_DHE_WITH_AES_128_CCM_8 PSK_DHE_WITH_AES_256_CCM_8 ECDHE_ECDSA_WITH_AES_128_CCM
  ECDHE_ECDSA_WITH_AES_256_CCM ECDHE_ECDSA_WITH_AES_128_CCM_8 ECDHE_ECDSA_WITH_AES_256_CCM_8
  ECCPWD_WITH_AES_128_GCM_SHA256 ECCPWD_WITH_AES_256_GCM_SHA384 ECCPWD_WITH_AES_128_CCM_SHA256
  ECCPWD_WITH_AES_256_CCM_SHA384 SHA256_SHA256 SHA384_SHA384
C100 GOSTR341112_256_WITH_KUZNYECHIK_CTR_OMAC GOSTR341112_256_WITH_MAGMA_CTR_OMAC
  GOSTR341112_256_WITH_28147_CNT_IMIT GOSTR341112_256_WITH_KUZNYECHIK_MGM_L
  GOSTR341112_256_WITH_MAGMA_MGM_L GOSTR341112_256_WITH_KUZNYECHIK_MGM_S
  GOSTR341112_256_WITH_MAGMA_MGM_S
CCA8 ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
  DHE_RSA_WITH_CHACHA20_POLY1305_SHA256 PSK_WITH_CHACHA20_POLY1305_SHA256
  ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256 DHE_PSK_WITH_CHACHA20_POLY1305_SHA256
  RSA_PSK_WITH_CHACHA20_POLY1305_SHA256
D001 ECDHE_PSK_WITH_AES_128_GCM_SHA256 ECDHE_PSK_WITH_AES_256_GCM_SHA384
  ECDHE_PSK_WITH_AES_128_CCM_8_SHA256
D005 ECDHE_PSK_WITH_AES_128_CCM_SHA256
FEFE RSA_FIPS_WITH_DES_CBC_SHA RSA_FIPS_WITH_3DES_EDE_CBC_SHA
"""


def _suites(registry: str) -> Mapping[int, str]:
    suites: dict[int, str] = {}
    code = 0
    for word in registry.split():
        if re.fullmatch("[0-9A-F]{4}", word):
            code = int(word, 16)
        else:
            suites[code] = f"TLS_{word}"
            code += 1
    return MappingProxyType(suites)


SUITES: Mapping[int, str] = _suites(_REGISTRY)
"""Every cipher suite that a ClientHello of ours offers: its code and its IANA name."""


def suite_name(code: int) -> str:
    """The IANA name of a cipher suite, or ``0x`` and its code when it has none here."""
    return SUITES.get(code, f"0x{code:04X}")


def suites_of(version: TlsVersion) -> tuple[int, ...]:
    """The codes of every suite that a server could choose in ``version``, in ascending order.

    Suites of TLS 1.3 belong to it alone (RFC 8446, section 4.1.2). All the others are answered
    for each older version, because old servers also serve suites younger than the version.
    """
    modern = version is TlsVersion.TLS_1_3
    return tuple(code for code, name in SUITES.items() if _is_of_tls_1_3(name) is modern)


def weak_suites_of(version: TlsVersion) -> tuple[int, ...]:
    """The codes of the suites of ``version`` that nobody should serve any more (RFC 9325, §4.1).

    They have no encryption, no authentication, keys of export strength, DES, 3DES, RC2, RC4 or
    IDEA (RFC 5469), or an RSA key exchange without forward secrecy; in TLS 1.3, those of RFC 9150,
    which encrypt nothing.
    """
    return tuple(code for code in suites_of(version) if _WEAK.search(SUITES[code]))


DIFFIE_HELLMAN = re.compile("TLS_DHE_(?!PSK)|TLS_DH_anon_")
"""How the names begin of the suites whose server chooses the prime, and sends it in clear."""

_WEAK = re.compile(
    "_anon_|_NULL_|_NULL$|EXPORT|_DES_|_DES40_|_3DES_|_RC2_|_RC4_|_IDEA_|^TLS_RSA_|^TLS_SHA(256|384)_SHA"
)


def _is_of_tls_1_3(name: str) -> bool:
    return "_WITH_" not in name or "_MGM_" in name
