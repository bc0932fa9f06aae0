"""The recorder: every HTTP exchange goes through it, is redacted, and is kept for readers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from dataclasses import replace

from tgv_suite.model.credential import WRONG_CERTIFICATE, Credential
from tgv_suite.model.facts import Answer, Failure, Request
from tgv_suite.probes.http import BODY_LIMIT, HttpClient, Identity, Impostor, Raw
from tgv_suite.probes.redaction import Redactor
from tgv_suite.text import Text

DISTRESS = 20
_DISTRESS_FAILURES = (Failure.TIMEOUT, Failure.UNREACHABLE)


class Recorder:
    """Sends through one client, redacts, and stops when the system is in distress.

    Parameters
    ----------
    client:
        What sends.
    redactor:
        What keeps secrets and personal data off the record.
    """

    def __init__(self, client: HttpClient, redactor: Redactor) -> None:
        self.redactor = redactor
        self.session_exchanges: list[Answer] = []
        self.halted: Text | None = None
        self._client = client
        self._lock = threading.Lock()
        self._troubled = 0
        self._stopped = threading.Event()

    def exchange(
        self,
        method: str,
        url: str,
        *,
        actor: str,
        credential: Credential = Credential.OWN,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        identity: Identity | Impostor | None = None,
        unique: str = "",
    ) -> tuple[Answer, Raw]:
        """Send a request whose answer a check will judge.

        Returns
        -------
        tuple of Answer and Raw
            What is kept of it, redacted; and the answer as it came, for what the probes alone may
            read in it.
        """
        raw = self._send(method, url, headers, body, identity)
        if credential in (Credential.NONE, *WRONG_CERTIFICATE):
            raw = self._told_by_tls(raw, url, identity)
        return self._answer(raw, method, url, body, actor, credential, unique), raw

    def send_unjudged(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        identity: Identity | Impostor | None = None,
        wrong_certificate: bool = False,
    ) -> Raw:
        """Send a request of the session's own (metadata, tokens), whose body no check sees."""
        raw = self._send(method, url, headers, body, identity)
        if wrong_certificate:
            raw = self._told_by_tls(raw, url, identity)
        kept = self._answer(raw, method, url, body, "session", Credential.OWN, "")
        with self._lock:
            self.session_exchanges.append(kept)
        return raw

    def _told_by_tls(self, raw: Raw, url: str, identity: Identity | Impostor | None) -> Raw:
        """The same answer, with a refusal of the client's certificate told from an outage."""
        alert = None
        if raw.failure is Failure.UNREACHABLE:
            alert = self._client.refused_by_tls(url, identity)
        return raw if alert is None else replace(raw, failure=Failure.TLS_REFUSED, detail=alert)

    def send_unrecorded(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        *,
        identity: Identity | Impostor | None = None,
        body_limit: int = BODY_LIMIT,
    ) -> Raw:
        """Send a request whose answer may be a secret of the system, or no text: it is kept nowhere."""
        return self._send(method, url, headers, body, identity, body_limit)

    def dial(self, url: str) -> socket.socket:
        """A connection for bytes that no client would send; what comes of them is kept nowhere.

        Raises
        ------
        OSError
            When there is none, or nothing is sent any more.
        """
        if self.halted is not None:
            raise ConnectionAbortedError
        return self._client.dial(url)

    def _send(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | None,
        identity: Identity | Impostor | None,
        body_limit: int = BODY_LIMIT,
    ) -> Raw:
        if self.halted is not None:
            return Raw(failure=Failure.HALTED)
        raw = self._client.send(
            method, url, headers=headers, body=body, identity=identity, body_limit=body_limit
        )
        self._mind(raw)
        return raw

    def _mind(self, raw: Raw) -> None:
        """Stop the run when the system answers nothing any more."""
        with self._lock:
            troubled = raw.failure in _DISTRESS_FAILURES or raw.status in (502, 503, 504)
            self._troubled = self._troubled + 1 if troubled else 0
            if self._troubled >= DISTRESS:
                self.halt(
                    Text(
                        fr=f"le SI n'a répondu à aucune des {DISTRESS} dernières requêtes",
                        en=f"the system answered none of the last {DISTRESS} requests",
                    )
                )

    def halt(self, reason: Text) -> None:
        """Send nothing more in this run."""
        self.halted = self.halted or reason
        self._stopped.set()

    def wait(self, seconds: float) -> None:
        """Let time pass, unless the run stops meanwhile."""
        if seconds > 0:
            self._stopped.wait(seconds)

    def kept(
        self, raw: Raw, method: str, url: str, body: bytes | None, *, actor: str, unique: str
    ) -> Answer:
        """What a check judges of an answer that came unrecorded, once its secrets were learnt."""
        return self._answer(raw, method, url, body, actor, Credential.OWN, unique)

    def _answer(
        self,
        raw: Raw,
        method: str,
        url: str,
        body: bytes | None,
        actor: str,
        credential: Credential,
        unique: str,
    ) -> Answer:
        redactor = self.redactor
        answer = Answer(
            actor=actor,
            credential=credential.value,
            request=Request(
                method=method,
                url=redactor.text(url),
                headers=tuple((name, redactor.header(name, value)) for name, value in raw.sent),
                body=redactor.body((body or b"")[:BODY_LIMIT].decode("utf-8", "replace")),
            ),
            unique=unique,
            status=raw.status,
            headers=tuple(
                (redactor.text(name), redactor.header(name, value)) for name, value in raw.headers
            ),
            body=redactor.body(raw.body.decode("utf-8", "replace")),
            truncated=raw.truncated,
            failure=raw.failure,
            detail=redactor.text(raw.detail),
            sent_at=raw.sent_at,
            elapsed_s=raw.elapsed_s,
        )
        if redactor.real_nam_seen:
            self.halt(
                Text(
                    fr="un NAM qui n'est pas de l'essai, et peut être réel, est apparu dans une réponse",
                    en="a NAM that isn't the run's, and may be real, appeared in an answer",
                )
            )
        return answer
