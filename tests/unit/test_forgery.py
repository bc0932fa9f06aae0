"""Forged tokens: each differs from the good one in one property, and is wrong for that alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from tgv_suite.model.credential import KEYED_WITH_PUBLIC_KEY, UNSIGNED, Credential
from tgv_suite.probes.credentials import Hidden
from tgv_suite.probes.forgery import Forged, forge
from tgv_suite.probes.oauth import Token

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
ADDRESS = "http://127.0.0.1:1/doc"
CLAIMS = {"sub": "me", "exp": 2_000_000_000, "jti": "one"}
KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048),
    "PS256": RSAKey.generate_key(2048),
    "ES256": ECKey.generate_key("P-256"),
    "EdDSA": OKPKey.generate_key("Ed25519"),
}
FOREIGN = [
    Credential.FOREIGN_KEY,
    Credential.EMBEDDED_KEY,
    Credential.KEY_ADDRESS,
    Credential.CERTIFICATE_ADDRESS,
]


class Roomy(jws.JWSRegistry):
    """Has room for a key in a header."""

    max_header_length = 8192


def registry(algorithm: str) -> jws.JWSRegistry:
    return Roomy(algorithms=[algorithm], strict_check_header=False)


def good(algorithm: str) -> str:
    header = {"alg": algorithm, "typ": "at+jwt", "kid": "k1"}
    payload = json.dumps(CLAIMS)
    return jws.serialize_compact(header, payload, KEYS[algorithm], registry=registry(algorithm))


def forged(value: str, credential: Credential) -> Forged:
    return forge(Token(value=Hidden(value)), credential, ADDRESS)


def parts(value: str | None) -> tuple[dict[str, Any], dict[str, Any], str]:
    assert value is not None
    head, claims, signature = value.split(".")
    return json.loads(decoded(head)), json.loads(decoded(claims)), signature


def decoded(piece: str) -> bytes:
    return base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))


def encoded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def verified(value: str | None, algorithm: str, key: Any) -> bool:
    assert value is not None
    try:
        jws.deserialize_compact(value, key, registry=registry(algorithm))
    except BadSignatureError:
        return False
    return True


@pytest.mark.parametrize("algorithm", KEYS)
def test_the_good_token_verifies(algorithm: str) -> None:
    assert verified(good(algorithm), algorithm, KEYS[algorithm])


@pytest.mark.parametrize("algorithm", KEYS)
def test_an_altered_signature_is_all_that_is_altered(algorithm: str) -> None:
    value = good(algorithm)

    other = forged(value, Credential.ALTERED_SIGNATURE).value

    assert other is not None
    assert other.rpartition(".")[0] == value.rpartition(".")[0]
    before, after = decoded(value.rpartition(".")[2]), decoded(other.rpartition(".")[2])
    changed = [a ^ b for a, b in zip(before, after, strict=True) if a != b]
    assert changed == [1]
    assert not verified(other, algorithm, KEYS[algorithm])


@pytest.mark.parametrize("algorithm", KEYS)
def test_altered_claims_are_all_that_is_altered(algorithm: str) -> None:
    value = good(algorithm)

    other = forged(value, Credential.ALTERED_CLAIMS).value

    header, claims, signature = parts(other)
    assert (header, signature) == (parts(value)[0], parts(value)[2])
    assert claims == {**CLAIMS, "exp": 2_000_003_600}
    assert not verified(other, algorithm, KEYS[algorithm])


@pytest.mark.parametrize("credential", FOREIGN)
@pytest.mark.parametrize("algorithm", KEYS)
def test_a_token_of_a_foreign_key_is_good_under_that_key_only(
    algorithm: str, credential: Credential
) -> None:
    value = good(algorithm)

    made = forged(value, credential)

    header, claims, _ = parts(made.value)
    assert {**claims, "jti": "one"} == CLAIMS
    assert not verified(made.value, algorithm, KEYS[algorithm])
    offered = {"jwk", "jku", "x5u"} & header.keys()
    if credential is Credential.FOREIGN_KEY:
        assert (header, offered, made.served) == (parts(value)[0], set(), b"")
        return
    key = offered_key(made, credential, header)
    assert verified(made.value, algorithm, key)
    assert len(offered) == 1
    assert header["kid"] != "k1"
    assert header["typ"] == "at+jwt"


def offered_key(made: Forged, credential: Credential, header: dict[str, Any]) -> Any:
    """The key that a listener who believes the token would use."""
    if credential is Credential.EMBEDDED_KEY:
        described = header["jwk"]
    elif credential is Credential.KEY_ADDRESS:
        assert header["jku"] == ADDRESS
        (described,) = json.loads(made.served)["keys"]
    else:
        assert header["x5u"] == ADDRESS
        public = x509.load_pem_x509_certificate(made.served).public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return import_key(pem, parts(made.value) and kind_of(header["alg"]))
    assert described.keys().isdisjoint({"d", "p", "q", "k"})
    assert described["kid"] == header["kid"]
    return import_key(described)


def kind_of(algorithm: str) -> Any:
    return {"E": "EC" if algorithm != "EdDSA" else "OKP"}.get(algorithm[0], "RSA")


@pytest.mark.parametrize("credential", UNSIGNED)
def test_an_unsigned_token_has_its_own_claims_and_no_signature(credential: Credential) -> None:
    value = good("ES256")

    header, _, signature = parts(made := forged(value, credential).value)

    assert (made or "").split(".")[1] == value.split(".")[1]
    assert signature == ""
    assert {**header, "alg": "ES256"} == parts(value)[0]
    assert header["alg"].lower() == "none"


def test_each_unsigned_token_spells_none_in_its_own_way() -> None:
    spelt = {parts(forged(good("RS256"), one).value)[0]["alg"] for one in UNSIGNED}
    assert spelt == {"none", "None", "nOnE", "NONE"}


def forms_of(key: Any) -> dict[Credential, bytes]:
    """The secrets that a verifier could make of a published key."""
    pem = key.as_pem(private=False)
    return {
        Credential.HMAC_WITH_PEM: pem,
        Credential.HMAC_WITH_BARE_PEM: pem[:-1],
        Credential.HMAC_WITH_DER: key.as_der(private=False),
        Credential.HMAC_WITH_JWK: json.dumps(published(key), separators=(",", ":")).encode(),
    }


def published(key: Any) -> dict[str, Any]:
    return {"kid": "k1", **key.as_dict(private=False), "use": "sig"}


@pytest.mark.parametrize("credential", KEYED_WITH_PUBLIC_KEY)
@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_token_keyed_with_the_public_key_verifies_with_that_form_of_it_alone(
    algorithm: str, credential: Credential
) -> None:
    token = Token(value=Hidden(good(algorithm)))
    key = KEYS[algorithm]

    made = forge(token, credential, ADDRESS, published(key)).value

    header, claims, signature = parts(made)
    assert claims == CLAIMS
    assert header == {"alg": "HS256", "typ": "at+jwt", "kid": "k1"}
    content = (made or "").rpartition(".")[0].encode()
    verifying = {
        form
        for form, secret in forms_of(key).items()
        if hmac.new(secret, content, hashlib.sha256).digest() == decoded(signature)
    }
    assert verifying == {credential}


@pytest.mark.parametrize("key", [None, {}, {"kty": "RSA"}, {"kty": 3}, {"kty": "RSA", "n": "é"}])
@pytest.mark.parametrize("credential", KEYED_WITH_PUBLIC_KEY)
def test_without_a_usable_public_key_no_token_is_keyed_with_it(
    key: dict[str, Any] | None, credential: Credential
) -> None:
    assert forge(Token(value=Hidden(good("RS256"))), credential, ADDRESS, key).value is None


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "RSxyz"},
        {"alg": ["x"]},
        {"alg": "RS256", "kid": 5},
        {"alg": "RS256", "crit": ["exp"]},
        {"alg": "RS256", "b64": False, "crit": ["b64"]},
        {"alg": "RS256", "jku": 3},
        {},
    ],
)
@pytest.mark.parametrize("credential", list(Credential))
@pytest.mark.parametrize("signature", ["", "YWJj", "a", "\xe9", "!!!!"])
def test_a_strange_token_is_spoilt_or_cannot_be_and_is_never_an_error(
    header: dict[str, Any], credential: Credential, signature: str
) -> None:
    if credential in (Credential.OWN, Credential.NONE):
        return
    value = f"{encoded(header)}.{encoded({'exp': 'x'})}.{signature}"

    assert forged(value, credential).value != value


@pytest.mark.parametrize("character", string.printable + "é²")
def test_an_altered_character_always_differs(character: str) -> None:
    for length in (1, 2, 3, 9):
        value = character * length
        other = forged(value, Credential.ALTERED_CHARACTER).value
        assert other is not None
        assert sum(a != b for a, b in zip(value, other, strict=True)) == 1


@pytest.mark.parametrize("credential", FOREIGN)
def test_an_opaque_token_has_no_signature_to_spoil(credential: Credential) -> None:
    assert forged("opaque", credential).value is None
    assert forge(Token(), credential, ADDRESS).value is None
