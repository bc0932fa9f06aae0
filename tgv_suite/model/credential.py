"""Which credential a request presents: the actor's own, none, or one that we spoilt."""

from __future__ import annotations

from enum import StrEnum


class Credential(StrEnum):
    """What is presented; a check names it and never touches the token itself."""

    OWN = "own"
    NONE = "none"
    NO_TOKEN = "no-token"
    ALTERED_SIGNATURE = "altered-signature"
    ALTERED_CLAIMS = "altered-claims"
    FOREIGN_KEY = "foreign-key"
    EMBEDDED_KEY = "embedded-key"
    KEY_ADDRESS = "key-address-jku"
    CERTIFICATE_ADDRESS = "key-address-x5u"
    ALTERED_CHARACTER = "altered-character"
