"""Signing what is sent to a system that shares a key with whoever calls it (webhooks)."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from dataclasses import replace

from tgv_suite.model.credential import Credential
from tgv_suite.model.target import SignatureAuthentication
from tgv_suite.probes.template import Filled


class Signer:
    """One actor's signatures, as its manifest says that they are made.

    Parameters
    ----------
    declared, secret:
        The form of the signature, and the shared key.
    """

    def __init__(self, declared: SignatureAuthentication, secret: str) -> None:
        self._declared = declared
        self._secret = secret.encode()
        self._sent: list[Filled] = []

    def signed(self, filled: Filled, credential: Credential) -> Filled | None:
        """A request with the signature that a credential stands for.

        Parameters
        ----------
        filled:
            The request.
        credential:
            ``own`` for a good signature, which is kept for later; none, another key's, or the
            last good one, which was another body's; ``replayed`` gives the last request but one.

        Returns
        -------
        Filled or None
            None when nothing was signed yet that could be used again.
        """
        match credential:
            case Credential.NONE:
                return filled
            case Credential.OWN:
                self._sent = [
                    *self._sent[-1:],
                    self._with(filled, self._headers(filled, self._secret)),
                ]
                return self._sent[-1]
            case Credential.SIGNATURE_BY_ANOTHER_KEY:
                return self._with(filled, self._headers(filled, secrets.token_bytes(32)))
            case Credential.SIGNATURE_OF_ANOTHER_BODY if self._sent:
                own = len(self._sent[-1].headers) - self._count
                return self._with(filled, self._sent[-1].headers[own:])
            case Credential.REPLAYED if len(self._sent) > 1:
                return self._sent[0]
        return None

    @property
    def _count(self) -> int:
        return 1 if self._declared.timestamp_header is None else 2

    def _with(self, filled: Filled, headers: tuple[tuple[str, str], ...]) -> Filled:
        return replace(filled, headers=(*filled.headers, *headers))

    def _headers(self, filled: Filled, key: bytes) -> tuple[tuple[str, str], ...]:
        """The signature's headers (RFC 2104), the last of the request."""
        declared, now = self._declared, str(int(time.time()))
        before, _, after = declared.signed.replace("{timestamp}", now).partition("{body}")
        message = before.encode() + (filled.body or b"") + after.encode()
        digest = hmac.new(key, message, "sha256").digest()
        as_text = digest.hex() if declared.encoding == "hex" else base64.b64encode(digest).decode()
        value = declared.value.replace("{timestamp}", now).replace("{signature}", as_text)
        sent_at = declared.timestamp_header
        return ((declared.header, value), *(((sent_at, now),) if sent_at is not None else ()))
