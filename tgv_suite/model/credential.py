"""Which credential a request presents: the actor's own, none, or one that we spoilt."""

from __future__ import annotations

from enum import StrEnum


class Credential(StrEnum):
    """What is presented; a check names it and never touches the token itself."""

    OWN = "own"
    NONE = "none"
    NO_TOKEN = "no-token"
    OTHER_ACCOUNT = "other-account"
    ALTERED_SIGNATURE = "altered-signature"
    ALTERED_CLAIMS = "altered-claims"
    FOREIGN_KEY = "foreign-key"
    EMBEDDED_KEY = "embedded-key"
    KEY_ADDRESS = "key-address-jku"
    CERTIFICATE_ADDRESS = "key-address-x5u"
    ALTERED_CHARACTER = "altered-character"
    UNSIGNED = "unsigned-none"
    UNSIGNED_CAPITALISED = "unsigned-none-capitalised"
    UNSIGNED_MIXED_CASE = "unsigned-none-mixed-case"
    UNSIGNED_UPPER_CASE = "unsigned-none-upper-case"
    HMAC_WITH_PEM = "hmac-with-public-key-pem"
    HMAC_WITH_BARE_PEM = "hmac-with-public-key-pem-without-newline"
    HMAC_WITH_DER = "hmac-with-public-key-der"
    HMAC_WITH_JWK = "hmac-with-public-key-jwk"
    ID_TOKEN = "id-token"
    NO_CERTIFICATE = "no-certificate"
    MADE_UP_AUTHORITY = "certificate-of-a-made-up-authority"
    OTHER_AUTHORITY = "certificate-of-another-authority"
    OTHER_CLIENT = "certificate-of-another-client"
    REVOKED_CERTIFICATE = "revoked-certificate"
    EXPIRED_CERTIFICATE = "expired-certificate"
    SIGNATURE_BY_ANOTHER_KEY = "signature-by-another-key"
    SIGNATURE_OF_ANOTHER_BODY = "signature-of-another-body"
    REPLAYED = "replayed"
    ALTERED_COOKIE = "altered-cookie"
    COOKIE_FROM_BEFORE_LOGIN = "cookie-from-before-the-login"


class ClientProof(StrEnum):
    """How an OAuth 2.0 client proves itself, or fails to, at the token endpoint."""

    OWN = "own-proof"
    NONE = "no-proof"
    FOREIGN = "proof-by-another-key"
    REPEATED = "assertion-presented-before"


WRONG_CERTIFICATE = (
    Credential.NO_CERTIFICATE,
    Credential.MADE_UP_AUTHORITY,
    Credential.OTHER_AUTHORITY,
    Credential.OTHER_CLIENT,
    Credential.REVOKED_CERTIFICATE,
    Credential.EXPIRED_CERTIFICATE,
)
"""All that the actor presents, but for the client certificate."""

UNSIGNED = (
    Credential.UNSIGNED,
    Credential.UNSIGNED_CAPITALISED,
    Credential.UNSIGNED_MIXED_CASE,
    Credential.UNSIGNED_UPPER_CASE,
)
"""The token's own claims without a signature, in each spelling of the algorithm."""

KEYED_WITH_PUBLIC_KEY = (
    Credential.HMAC_WITH_PEM,
    Credential.HMAC_WITH_BARE_PEM,
    Credential.HMAC_WITH_DER,
    Credential.HMAC_WITH_JWK,
)
"""The token's own claims under an HMAC keyed with each form of the issuer's public key."""

WRONG_SIGNATURE = (
    Credential.NONE,
    Credential.SIGNATURE_BY_ANOTHER_KEY,
    Credential.SIGNATURE_OF_ANOTHER_BODY,
)
"""The same body without the signature that it needs."""
