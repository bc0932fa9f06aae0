"""The imitation of a client certificate differs from it in who signed it, and in nothing else."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.unit.tls_server import authority, leaf
from tgv_suite.probes.impostor import impostor_of

ROOT = authority("racine")


def imitated(*names: str) -> tuple[x509.Certificate, x509.Certificate, x509.Certificate]:
    """A good certificate, its imitation, and the authority that signed the imitation."""
    good = leaf(*names, issuer=ROOT, usage=ExtendedKeyUsageOID.CLIENT_AUTH)
    made = impostor_of(good.pem + ROOT.pem)
    assert made is not None
    key = serialization.load_pem_private_key(made.key, password=None)
    other, root = x509.load_pem_x509_certificates(made.certificate)
    assert other.public_key() == key.public_key()
    return good.certificate, other, root


def test_it_says_all_that_the_good_one_says() -> None:
    good, other, root = imitated("clinic-a", "192.0.2.1")
    assert (other.subject, other.issuer) == (good.subject, good.issuer)
    assert other.not_valid_before_utc == good.not_valid_before_utc
    assert other.not_valid_after_utc == good.not_valid_after_utc
    assert [e.value for e in other.extensions] == [e.value for e in good.extensions]
    assert root.subject == ROOT.certificate.subject


def test_it_is_signed_by_an_authority_that_nobody_knows() -> None:
    good, other, root = imitated("clinic-a")
    other.verify_directly_issued_by(root)
    with pytest.raises(InvalidSignature):
        other.verify_directly_issued_by(ROOT.certificate)
    assert other.public_key() != good.public_key()


@pytest.mark.parametrize("text", [b"", b"zzt", b"-----BEGIN CERTIFICATE-----\nzzt\n"])
def test_what_is_no_certificate_has_no_imitation(text: bytes) -> None:
    assert impostor_of(text) is None
