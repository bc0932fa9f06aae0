"""Whether a token's signing key can be guessed, or is one that was published as an example.

Everything happens here, on a token of ours and on what its issuer publishes; the key that fits never
leaves this module, which says only of which sort it is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from tgv_suite.model.facts import Guess
from tgv_suite.noun import noun

LIST_VERSION: Final = "2"
"""The version of the lists below; a pass names it, so that a longer list can be told apart."""
LONGEST_NUMBER: Final = 7
"""How many digits the longest number has that is tried as a secret."""

_DIGESTS: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_WORDS: Final = """
a-string-secret-at-least-256-bits-long access access-token accesstoken admin api apikey api-key api_key
app appsecret auth auth-secret authsecret bearer change-me change_me changeit changeme clinic clinique
debug default demo dev development dossier example fhir foobar gandalf hapi health hmac hs256 hunter2
insecure jwt jwt-key jwt-secret jwt-token jwt_key jwt_secret jwt_secret_key jwtkey jwtsecret
jwtsecretkey jwttoken key keyboard-cat keycloak letmein local localhost master monkey
my-secret my-secret-key my_secret my_secret_key mykey mysecret mysecretkey mysupersecret mytoken node
not-so-secret oauth oauth2 openid pass passw0rd passe passphrase password patient placeholder
please-change-me private privatekey production public qwerty random replace-me replaceme root
s3cr3t s3cret salt sante sample secret secret-key secret_key secretkey secrets secrettoken session
shared shared-secret sharedsecret shhh shhhh shhhhh signature signing signing-key signingkey spring
staging super-secret super-secret-key super_secret super_secret_key supersecret supersecretkey
symmetric system temp test test-secret testing testkey testsecret thisisasecret this-is-a-secret
this_is_a_secret todo token tokensecret toor topsecret top-secret undefined user verysecret
very-secret welcome your-256-bit-secret your-384-bit-secret your-512-bit-secret your-jwt-secret
your-secret your-secret-key your_jwt_secret your_secret your_secret_key yoursecret yoursecretkey null
none nil true false
"""
_MEMBERS: Final = {
    "RSA": ("e", "kty", "n"),
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
}
_SUFFIXES: Final = ("", "!", "1", "12", "123", "1234", "@123", "2024", "2025", "2026")
_SAMPLE_SECRETS: Final = (  # RFC 7515 A.1, RFC 7520 §3.5
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",
)
_PUBLISHED_SECRETS: Final = (
    "json-server-auth-123456",  # json-server-auth
    "SecretKey012345678901234567890123456789012345678901234567890123456789",  # Nacos, before 2.2.0.1
    "crapi",  # OWASP crAPI
)
"""Secrets that stand in the source of programs whose users may have left them as they were."""
_SAMPLE_KEYS: Final = frozenset(
    (
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",  # RFC 7517 A.1, RSA
        "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",  # RFC 7517 A.1, P-256
        "IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8",  # RFC 7515 A.2
        "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",  # RFC 7515 A.3
        "xtIsOV1FqKH77AI_A3jdTg5QfdabzqI-LNpYTPi0IgI",  # RFC 7516 A.1
        "_K0fXS8wlsT7Tn3vvZrs9qdKUIqi5AxQ5EVk41xi_BM",  # RFC 7516 A.2
        "dHri3SADZkrush5HU_50AoRhcKFryN-PI6jPBtPL55M",  # RFC 7520 §3.1
        "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI",  # RFC 7520 §3.3
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",  # RFC 8037 A
        "oGDmHqCJ7yzMkWEkrlZVHkvrHIyQwtlDmeq5ForUHeY",  # jwt.io, RS256
        "19J8y7Zprt2-QKLjF2I5pVk0OELX6cY2AfaAv1LC_w8",  # jwt.io, ES256
    )
)
"""Public keys whose private half anybody can read, by their thumbprints (RFC 7638)."""


@noun
class Look:
    """What was found of a signing key.

    Parameters
    ----------
    guess:
        Of which sort it is, when it is one that anybody can find.
    bits:
        The length of an RSA key.
    tried:
        How many secrets were tried, and how many published keys compared.
    """

    guess: Guess | None
    bits: int | None
    tried: int


def look(
    token: str,
    algorithm: str,
    published: Iterable[Mapping[str, JsonValue]],
    *,
    digits: int = LONGEST_NUMBER,
) -> Look:
    """Look for the key of a JSON Web Signature.

    Parameters
    ----------
    token:
        A token of ours (RFC 7515, compact).
    algorithm:
        The algorithm that it names.
    published:
        The keys for signatures that its issuer publishes (RFC 7517).
    digits:
        How many digits the longest number has that is tried.
    """
    if algorithm in _DIGESTS:
        return _guessed(token, _DIGESTS[algorithm], digits)
    keys = list(published)
    sample = any(thumbprint(key) in _SAMPLE_KEYS for key in keys)
    lengths = [*_modulus_of(token, algorithm), *(n for key in keys for n in _modulus(key))]
    return Look(
        guess=Guess.PUBLISHED if sample else None,
        bits=min(lengths, default=None),
        tried=len(keys),
    )


def _guessed(token: str, digest: str, digits: int) -> Look:
    """Try every secret of the lists, then every number."""
    content, _, encoded = token.rpartition(".")
    message, signature = content.encode(), _decode(encoded)
    tried = 0
    for sort, secrets in (
        (Guess.PUBLISHED, map(_decode, _SAMPLE_SECRETS)),
        (Guess.PUBLISHED, (s for one in _PUBLISHED_SECRETS for s in (one.encode(), _decode(one)))),
        (Guess.WORD, _words()),
        (Guess.NUMBER, _numbers(digits)),
    ):
        for secret in secrets:
            tried += 1
            if hmac.digest(secret, message, digest) == signature:
                return Look(guess=sort, bits=None, tried=tried)
    return Look(guess=None, bits=None, tried=tried)


def _words() -> Iterator[bytes]:
    """No secret at all, then each word in the usual spellings, and what it says in base64."""
    yield b""
    for word, suffix in itertools.product(_WORDS.split(), _SUFFIXES):
        for spelt in dict.fromkeys((word, word.upper(), word.capitalize())):
            yield f"{spelt}{suffix}".encode()
    for word in _WORDS.split():
        yield base64.b64encode(word.encode())
        yield _decode(word)


def _numbers(digits: int) -> Iterator[bytes]:
    """Every string of so many digits at most, the shortest first."""
    for length in range(1, digits + 1):
        for number in range(10**length):
            yield b"%0*d" % (length, number)


def thumbprint(key: Mapping[str, JsonValue]) -> str | None:
    """A public key's SHA-256 thumbprint (RFC 7638 §3), or None when it is no key that we know."""
    members = _MEMBERS.get(str(key.get("kty")), ())
    content = {name: key.get(name) for name in members}
    if not members or not all(isinstance(value, str) for value in content.values()):
        return None
    digest = hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _modulus(key: Mapping[str, JsonValue]) -> Iterator[int]:
    """The length of a published RSA key, in bits."""
    modulus = key.get("n")
    if key.get("kty") == "RSA" and isinstance(modulus, str):
        yield int.from_bytes(_decode(modulus), "big").bit_length()


def _modulus_of(token: str, algorithm: str) -> Iterator[int]:
    """The length of the RSA key that signed: its signatures are as long (RFC 8017 §8)."""
    if algorithm[:2] in ("RS", "PS"):
        yield len(_decode(token.rpartition(".")[2])) * 8


def _decode(text: str) -> bytes:
    """What base64url says (RFC 4648 §5), or nothing where it says nothing."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
