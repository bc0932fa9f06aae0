"""Spoilt tokens: each differs from a good one in one property. Checks name them, never hold them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key
from joserfc.jws import JWSRegistry, serialize_compact
from pydantic import JsonValue

from tgv_suite.model.credential import KEYED_WITH_PUBLIC_KEY, UNSIGNED, Credential
from tgv_suite.noun import noun
from tgv_suite.probes.oauth import Token

_Key = RSAKey | ECKey | OKPKey
_SPELLINGS = dict(zip(UNSIGNED, ("none", "None", "nOnE", "NONE"), strict=True))
_CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}


@noun
class Forged:
    """A spoilt token, and what the listener must serve for it to have a chance.

    Parameters
    ----------
    value:
        What is presented, or None when this token can't be spoilt that way.
    served:
        The document behind the address in the token's header.
    media_type:
        Its media type.
    """

    value: str | None
    served: bytes = b""
    media_type: str = ""


def forge(
    token: Token,
    credential: Credential,
    address: str,
    published: Mapping[str, JsonValue] | None = None,
) -> Forged:
    """Spoil a token.

    Parameters
    ----------
    token:
        A good token.
    credential:
        How to spoil it.
    address:
        The URL of a document on the harness's listener.
    published:
        The public key that verifies the token, as its issuer publishes it (RFC 7517).
    """
    if token.value is None:
        return Forged(value=None)
    value = token.value.reveal()
    if credential is Credential.ALTERED_CHARACTER:
        return Forged(value=_altered_character(value))
    parts = token.parts
    if parts is None:
        return Forged(value=None)
    header, claims = parts
    if credential in (*UNSIGNED, *KEYED_WITH_PUBLIC_KEY):
        by_nobody = credential in UNSIGNED
        secret = None if by_nobody else _secret(credential, published or {})
        unsigned = _unsigned(value, header, _SPELLINGS.get(credential, "HS256"))
        return Forged(value=unsigned if by_nobody else _keyed(unsigned, secret))
    if credential in (Credential.ALTERED_SIGNATURE, Credential.ALTERED_CLAIMS):
        by_signature = credential is Credential.ALTERED_SIGNATURE
        altered = _altered_signature(value) if by_signature else _altered_claims(value, claims)
        return Forged(value=altered)
    return _resigned(header, claims, credential, address)


def _altered_character(value: str) -> str:
    """One character in the middle of an opaque token, for another of the same kind."""
    middle = len(value) // 2
    other = "B" if value[middle] == "A" else "A"
    if value[middle].isdigit():
        other = "7" if value[middle] != "7" else "4"
    elif value[middle].islower():
        other = "b" if value[middle] == "a" else "a"
    return value[:middle] + other + value[middle + 1 :]


def _altered_signature(value: str) -> str | None:
    """One bit in the middle of the decoded signature; the last ones may be padding."""
    head, _, signature = value.rpartition(".")
    try:
        raw = bytearray(base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
    except ValueError:
        return None
    if not raw:
        return None
    raw[len(raw) // 2] ^= 0x01
    return f"{head}.{_encode(bytes(raw))}"


def _altered_claims(value: str, claims: dict[str, JsonValue]) -> str:
    """Other claims under the old signature."""
    header, _, signature = value.split(".")
    expiry = claims.get("exp")
    later = {**claims, "exp": (expiry if type(expiry) is int else 0) + 3600}
    return f"{header}.{_encode(json.dumps(later, separators=(',', ':')).encode())}.{signature}"


def _unsigned(value: str, header: dict[str, JsonValue], algorithm: str) -> str:
    """The same claims under another algorithm, with an empty signature (RFC 7519 §6)."""
    return f"{_encode(_compact({**header, 'alg': algorithm}))}.{value.split('.')[1]}."


def _keyed(unsigned: str, secret: bytes | None) -> str | None:
    """An HMAC under the same claims (RFC 7518 §3.2); by hand, since libraries refuse such keys."""
    if secret is None:
        return None
    mac = hmac.new(secret, unsigned.removesuffix(".").encode(), hashlib.sha256).digest()
    return unsigned + _encode(mac)


def _secret(credential: Credential, published: Mapping[str, JsonValue]) -> bytes | None:
    """A public key in the form in which a careless verifier would take it for a shared secret."""
    try:
        key = import_key(dict(published))  # type: ignore[arg-type]
        if not isinstance(key, _Key):
            return None
        pem, der = key.as_pem(private=False), key.as_der(private=False)
    except (JoseError, ValueError, TypeError, KeyError):  # not a key that we know
        return None
    return {
        Credential.HMAC_WITH_PEM: pem.rstrip(b"\n") + b"\n",
        Credential.HMAC_WITH_BARE_PEM: pem.rstrip(b"\n"),
        Credential.HMAC_WITH_DER: der,
        Credential.HMAC_WITH_JWK: _compact(published),
    }[credential]


def _compact(content: Mapping[str, JsonValue]) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def _resigned(
    header: dict[str, JsonValue],
    claims: dict[str, JsonValue],
    credential: Credential,
    address: str,
) -> Forged:
    """The same claims, signed by a key that the issuer never had."""
    key, algorithm, pem = _foreign_key(str(header.get("alg")))
    public: dict[str, Any] = {**key.as_dict(private=False), "use": "sig", "alg": algorithm}
    head: dict[str, JsonValue] = {**header, "alg": algorithm}
    served, media_type = b"", ""
    if credential is not Credential.FOREIGN_KEY:
        head["kid"] = public["kid"] = secrets.token_hex(8)
    if credential is Credential.EMBEDDED_KEY:
        head["jwk"] = public
    elif credential is Credential.KEY_ADDRESS:
        head["jku"] = address
        served, media_type = json.dumps({"keys": [public]}).encode(), "application/json"
    elif credential is Credential.CERTIFICATE_ADDRESS:
        head["x5u"] = address
        served, media_type = _certificate(pem), "application/x-pem-file"
    payload = json.dumps({**claims, "jti": secrets.token_urlsafe(12)}).encode()
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        value = serialize_compact(head, payload, key, registry=registry)
    except JoseError:  # the issuer's header is one that nobody can sign
        return Forged(value=None)
    return Forged(value=value, served=served, media_type=media_type)


@cache
def _foreign_key(algorithm: str) -> tuple[_Key, str, bytes]:
    """A key of ours for an algorithm, made once since that is slow; RS256's kind for those that have no key pair."""
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    kind: type[RSAKey] | type[ECKey] | type[OKPKey]
    if algorithm in _CURVES:
        private, kind = ec.generate_private_key(_CURVES[algorithm]), ECKey
    elif algorithm in ("EdDSA", "Ed25519"):
        private, kind = ed25519.Ed25519PrivateKey.generate(), OKPKey
    else:
        private, kind = rsa.generate_private_key(65537, 2048), RSAKey
        algorithm = algorithm if algorithm[:2] in ("RS", "PS") else "RS256"
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return kind.import_key(pem), algorithm, pem


@cache
def _certificate(pem: bytes) -> bytes:
    """A self-signed certificate for a key of ours, as an x5u address would serve (RFC 7515 §4.1.5)."""
    key = serialization.load_pem_private_key(pem, password=None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tgv.invalid")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    certificate = builder.sign(key, algorithm)  # type: ignore[arg-type]
    return certificate.public_bytes(serialization.Encoding.PEM)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
