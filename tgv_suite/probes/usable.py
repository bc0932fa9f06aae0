"""Whether keys and certificates can be used, before anything is sent with them."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm

from tgv_suite.probes.credentials import Hidden
from tgv_suite.probes.http import Identity, Trust
from tgv_suite.probes.oauth import signing_key

# All that a file which isn't what it should be makes the libraries raise.
_NOT_ONE = (OSError, ValueError, TypeError, KeyError, UnsupportedAlgorithm)


def is_private_key(key: Hidden) -> bool:
    """Whether a secret is a private key in PEM that can sign an assertion."""
    try:
        signing_key(key.reveal())
    except _NOT_ONE:
        return False
    return True


def is_certificate_with_its_key(identity: Identity) -> bool:
    """Whether a client certificate and its private key can be presented."""
    try:
        Trust(()).context(identity)
    except _NOT_ONE:
        return False
    return True


def is_anchor(content: bytes) -> bool:
    """Whether a file holds certificates in PEM that can be believed."""
    try:
        Trust((content,)).context(None)
    except _NOT_ONE:
        return False
    return True
