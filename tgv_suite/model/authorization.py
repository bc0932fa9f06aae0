"""How an authorization request differs from the client's ordinary one (RFC 6749 §4.1, RFC 7636)."""

from __future__ import annotations

from enum import StrEnum

from tgv_suite.noun import noun


class Challenge(StrEnum):
    """What the request says of the verifier that will prove who asked (RFC 7636 §4.3)."""

    S256 = "S256"
    PLAIN = "plain"
    NONE = "none"


class Verifier(StrEnum):
    """What the redemption of a code shows of it (RFC 7636 §4.5)."""

    OWN = "own-verifier"
    WRONG = "wrong-verifier"
    NONE = "no-verifier"


@noun
class AuthorizationRequest:
    """One authorization request, which differs from the ordinary one in one thing at most.

    Parameters
    ----------
    name:
        What tells it apart from the others, for readers.
    response_type:
        What is asked for (RFC 6749 §3.1.1).
    redirect_uri:
        Where the answer is to go; None for the registered address.
    challenge:
        What is said of the verifier.
    """

    name: str
    response_type: str = "code"
    redirect_uri: str | None = None
    challenge: Challenge = Challenge.S256
