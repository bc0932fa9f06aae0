"""Signing keys that anybody can find: each sort is recognised, a good key is none of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import JsonValue

from tgv_suite.model.facts import Guess
from tgv_suite.probes.guessable_keys import look, thumbprint

SAMPLE_SECRET = (
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
)


def keyed(secret: bytes, algorithm: str = "HS256") -> str:
    return jwt.encode({"alg": algorithm}, {"sub": "me"}, OctKey.import_key(secret), [algorithm])


def public(key: RSAKey | ECKey) -> Mapping[str, JsonValue]:
    return key.as_dict(private=False)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("secret", "algorithm", "sort"),
    [
        (b"secret", "HS256", Guess.WORD),
        (b"SECRET123", "HS384", Guess.WORD),
        (b"Changeme!", "HS512", Guess.WORD),
        (b"c2VjcmV0", "HS256", Guess.WORD),
        (b"0", "HS256", Guess.NUMBER),
        (b"007", "HS512", Guess.NUMBER),
        (b"999", "HS256", Guess.NUMBER),
        (OctKey.import_key({"kty": "oct", "k": SAMPLE_SECRET}).raw_value, "HS256", Guess.PUBLISHED),
        (b"json-server-auth-123456", "HS256", Guess.PUBLISHED),
    ],
)
@pytest.mark.filterwarnings("ignore:Key size should be")
def test_a_secret_that_anybody_can_find_is_told_by_its_sort(
    secret: bytes, algorithm: str, sort: Guess
) -> None:
    assert look(keyed(secret, algorithm), algorithm, (), digits=3).guess is sort


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_a_secret_drawn_at_random_is_none_of_them_and_all_of_them_were_tried() -> None:
    fewer, more = (look(keyed(secrets.token_bytes(32)), "HS256", (), digits=n) for n in (2, 3))
    assert (fewer.guess, more.guess, more.bits) == (None, None, None)
    assert more.tried - fewer.tried == 1000
    assert fewer.tried > 1000


@pytest.mark.filterwarnings("ignore:Key size should be")
@pytest.mark.parametrize(("bits", "signed"), [(1024, True), (2048, False), (3072, True)])
def test_the_length_of_an_rsa_key_is_told_by_its_signature_and_by_what_is_published(
    bits: int, signed: bool
) -> None:
    key, other = RSAKey.generate_key(bits), RSAKey.generate_key(3072)
    token = jwt.encode({"alg": "RS256"}, {}, key if signed else other)
    published = [] if signed else [public(other), public(key)]
    found = look(token, "RS256", published)
    assert (found.guess, found.bits, found.tried) == (None, bits, len(published))


def test_a_key_of_an_example_is_recognised_among_others() -> None:
    example = {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
    mine = ECKey.generate_key("P-256")
    token = jwt.encode({"alg": "ES256"}, {}, mine)
    good = look(token, "ES256", [public(mine)])
    poor = look(token, "ES256", [public(mine), {**example, "use": "sig"}])
    assert (good.guess, good.bits, good.tried) == (None, None, 1)
    assert poor.guess is Guess.PUBLISHED


@pytest.mark.parametrize("key", [RSAKey.generate_key(2048), ECKey.generate_key("P-384")])
def test_a_thumbprint_is_the_one_of_rfc_7638(key: RSAKey | ECKey) -> None:
    assert thumbprint(public(key)) == key.thumbprint()


@pytest.mark.parametrize(
    "key", [{}, {"kty": "RSA"}, {"kty": ["RSA"], "n": "x"}, {"kty": "RSA", "n": 3, "e": "x"}]
)
def test_what_is_no_key_has_no_thumbprint(key: dict[str, object]) -> None:
    assert thumbprint(key) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("token", ["", "a.b.c", "a.b.!!!!", "...."])
@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "none"])
def test_a_strange_token_has_no_guessed_key(token: str, algorithm: str) -> None:
    assert look(token, algorithm, [{"n": "é", "kty": "RSA"}], digits=1).guess is None
