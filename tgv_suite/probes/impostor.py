"""A client certificate that looks like an actor's, of an authority that nobody knows."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtensionOID

from tgv_suite.probes.http import Impostor

_OF_THE_KEYS = (
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS,
)


def impostor_of(certificate: bytes) -> Impostor | None:
    """Imitate a client certificate: all that it says, signed by an authority made on the spot.

    Parameters
    ----------
    certificate:
        The good one in PEM, first of its chain.

    Returns
    -------
    Impostor | None
        None when the certificate can't be read, or says what can't be written again.
    """
    try:
        good = x509.load_pem_x509_certificate(certificate)
        return _signed_by_a_stranger(good)
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None


def _signed_by_a_stranger(good: x509.Certificate) -> Impostor:
    """A leaf like the good one, and the authority that signed it, under the true one's name."""
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    leaf = _like(good, good.subject, key)
    for extension in good.extensions:
        if extension.oid not in _OF_THE_KEYS:
            leaf = leaf.add_extension(extension.value, extension.critical)
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    root = _like(good, good.issuer, authority).add_extension(constraints, True)
    signed = [one.sign(authority, hashes.SHA256()) for one in (leaf, root)]
    return Impostor(
        certificate=b"".join(one.public_bytes(Encoding.PEM) for one in signed),
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def _like(
    good: x509.Certificate, subject: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(good.issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(good.not_valid_before_utc)
        .not_valid_after(good.not_valid_after_utc)
    )
