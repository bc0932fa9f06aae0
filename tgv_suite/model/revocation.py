"""What those who publish revocations say of a server's certificates: frozen facts.

Like the facts of TLS they hold only strings, numbers, tuples and enums, unescaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StatusKind(StrEnum):
    """How a status is published."""

    LIST = "list"
    """A certificate revocation list (RFC 5280, section 5)."""
    RESPONDER = "responder"
    """An OCSP responder (RFC 6960)."""
    STAPLE = "staple"
    """A responder's answer that the server itself sends in its handshake (RFC 6066, section 8)."""


class StatusOutcome(StrEnum):
    """What a source says of a certificate, or why that can't be told."""

    GOOD = "good"
    """Signed by the issuer, fresh, and the certificate isn't revoked."""
    REVOKED = "revoked"
    """Signed by the issuer, and the certificate is revoked or suspended."""
    STALE = "stale"
    """Signed by the issuer and without a revocation, but past its time or before it."""
    WRONGLY_SIGNED = "wrongly_signed"
    """Neither the issuer nor whom it appointed signed it."""
    SILENT = "silent"
    """It doesn't speak of this certificate: another's list, a partial one, an unknown serial."""
    UNREADABLE = "unreadable"
    """What came is no list and no response, or was cut."""
    UNREACHABLE = "unreachable"
    """Nothing came."""
    OUT_OF_SCOPE = "out_of_scope"
    """It is published at a host that the scope doesn't name, and wasn't asked."""
    UNSUPPORTED = "unsupported"
    """It is published in a way that isn't tried, such as LDAP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSource:
    """One source, and what it says.

    Parameters
    ----------
    kind, url:
        How and where the certificate says that its status is published.
    outcome, cause:
        What was told; the technical cause when nothing was, else None.
    this_update, next_update:
        The time that the status is of and when it is renewed, ISO 8601 in UTC; None when not told.
    revoked_at, reason:
        When it was revoked, and why in the words of RFC 5280, section 5.3.1; None when not told.
    """

    kind: StatusKind
    url: str
    outcome: StatusOutcome
    cause: str | None = None
    this_update: str | None = None
    next_update: str | None = None
    revoked_at: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staple:
    """What a server says of its own certificate, to a client that asks in the handshake.

    Parameters
    ----------
    address:
        ``host:port`` of the server.
    handshake:
        Whether the handshake went far enough for it.
    status:
        None when it sent none.
    cause:
        The technical cause when the handshake failed, in the words of the local library, else None.
    """

    address: str
    handshake: bool
    status: StatusSource | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStatus:
    """One certificate of the chain, and each source that it names.

    Parameters
    ----------
    subject:
        Its distinguished name (RFC 4514).
    serial:
        Its serial number, in hexadecimal.
    sources:
        None when the certificate doesn't say where its status is published.
    """

    subject: str
    serial: str
    sources: tuple[StatusSource, ...]

    @property
    def revoked(self) -> StatusSource | None:
        """The first source that says that it is revoked."""
        return next((one for one in self.sources if one.outcome is StatusOutcome.REVOKED), None)

    @property
    def good(self) -> bool:
        """Whether a source says that it isn't revoked, and none that it is."""
        told = {source.outcome for source in self.sources}
        return StatusOutcome.GOOD in told and StatusOutcome.REVOKED not in told


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStatus:
    """What is published of the certificates that a server sent, up to its anchor.

    Parameters
    ----------
    address:
        ``host:port`` of the server.
    asked_at:
        When, ISO 8601 in UTC.
    certificates:
        Leaf first; the anchor, which nobody revokes, is left out.
    """

    address: str
    asked_at: str
    certificates: tuple[CertificateStatus, ...]
