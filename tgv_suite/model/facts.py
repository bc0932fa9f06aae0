"""What probes bring back: frozen, already redacted values; a check sees nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlsplit

from tgv_suite.model.framing import Framing
from tgv_suite.model.json_tree import parsed
from tgv_suite.model.outbound import GivenAddress
from tgv_suite.noun import noun


class Failure(StrEnum):
    """Why a request brought no answer that could be judged."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    NOT_TRUSTED = "not_trusted"
    TLS_REFUSED = "tls_refused"
    NO_CREDENTIAL = "no_credential"
    MALFORMED = "malformed"
    HALTED = "halted"
    OUT_OF_SCOPE = "out_of_scope"


NOT_CONNECTED = "no connection"
"""What became of a request whose connection was never made in time."""

_NOT_A_FAULT = frozenset({501, 503, 504})
"""Not implemented, overloaded, too late: what says nothing of a fault in the server itself."""
_ANTEDATED_S = 300
_SHUT = frozenset({"ConnectionRefusedError", "ConnectionResetError", "RemoteDisconnected"})


class Refusal(StrEnum):
    """The kinds of refusal; which one is right depends on what was wrong with the request.

    A server that asks for a client certificate may refuse it with 400 once TLS is established.
    """

    CREDENTIAL = "credential"
    CERTIFICATE = "certificate"
    OBJECT = "object"
    INPUT = "input"
    METHOD = "method"
    RATE = "rate"


_STATUSES: dict[Refusal, frozenset[int]] = {
    Refusal.CREDENTIAL: frozenset({401, 403, 495, 496}),
    Refusal.CERTIFICATE: frozenset({400, 401, 403, 495, 496}),
    Refusal.OBJECT: frozenset({403, 404, 410}),
    Refusal.INPUT: frozenset({400, 413, 415, 422, 431}),
    Refusal.METHOD: frozenset({403, 404, 405, 501}),
    Refusal.RATE: frozenset({429, 503, 423}),
}


class Truncated(Exception):
    """An absence can't be claimed of an answer that was cut."""


@noun
class Request:
    """What was sent, redacted."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str

    def json(self) -> Any:
        """The body as JSON, or None when it isn't JSON."""
        return parsed(self.body)


@noun
class Answer:
    """One exchange: what was asked, and what came back.

    Parameters
    ----------
    actor:
        In whose name it was sent.
    credential:
        Which credential was presented, in words.
    request:
        What was sent.
    unique:
        The string that only this request carried.
    status, headers, body:
        What came back; the body is text, cut at the recorder's limit.
    truncated:
        Whether the body was cut.
    failure, detail:
        Why nothing could be judged, when that is so.
    sent_at:
        UTC, ISO 8601.
    elapsed_s:
        Seconds.
    attempts:
        How many times it was sent, where the check waits for a change.
    created:
        Whether it says the identifier of what the request created.
    asks_to_log_in:
        Whether it is the page where its actor logs in, or leads there.
    """

    actor: str
    credential: str
    request: Request
    unique: str
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: str
    truncated: bool
    failure: Failure | None
    detail: str
    sent_at: str
    elapsed_s: float
    attempts: int = 1
    created: bool = False
    asks_to_log_in: bool = False

    @property
    def served(self) -> bool:
        """Whether the status says that the request was granted."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def server_error(self) -> bool:
        """Whether the server failed at the request (RFC 9110 §15.6.1, §15.6.3).

        A SOAP fault is told with 500 too, and is a proper answer (SOAP 1.1 §6.2).
        """
        failed = self.status is not None and self.status >= 500
        in_xml = "xml" in (self.header("content-type") or "").lower()
        fault = in_xml and re.search(r"<(?:[\w.-]+:)?Fault[\s>]", self.body) is not None
        return failed and self.status not in _NOT_A_FAULT and not fault

    def header(self, name: str) -> str | None:
        """The first header called ``name``, whatever its case."""
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)

    def refused(self, kind: Refusal) -> bool:
        """Whether this is a refusal of that kind.

        A TLS refusal is one of credentials: it comes before any request. So is the page where one
        logs in, in the place of what was asked for.
        """
        if self.asks_to_log_in and kind is Refusal.CREDENTIAL:
            return True
        if self.failure is Failure.TLS_REFUSED:
            return kind in (Refusal.CREDENTIAL, Refusal.CERTIFICATE)
        return self.status in _STATUSES[kind]

    @property
    def shut_out(self) -> bool:
        """Whether nobody serves there: connections are refused, ended unanswered, or never made."""
        unanswered = self.failure is Failure.UNREACHABLE and self.detail in _SHUT
        return unanswered or (self.failure is Failure.TIMEOUT and self.detail == NOT_CONNECTED)

    def mentions(self, strings: Iterable[str]) -> bool:
        """Whether one of ``strings`` stands in the body or the headers, plain or percent-encoded.

        Raises
        ------
        Truncated
            When none was found and the body was cut, since absence can't be claimed.
        """
        text = "\n".join([self.body, *(value for _, value in self.headers)])
        if any(form in text for string in strings for form in (string, quote(string, safe=""))):
            return True
        if self.truncated:
            raise Truncated
        return False

    def json(self) -> Any:
        """The body as JSON, or None when it isn't JSON."""
        return parsed(self.body)

    @property
    def count(self) -> int | None:
        """How many results a search says or shows: the larger of both; None when it isn't a list."""
        content = self.json()
        if isinstance(content, list):
            return len(content)
        if not isinstance(content, dict):
            return None
        totals = [value for key in ("total", "count") if type(value := content.get(key)) is int]
        return max([*totals, *map(len, _lists(content))], default=None)

    @property
    def shown(self) -> int | None:
        """How many results this page of a search shows; None when it isn't a list."""
        content = self.json()
        if isinstance(content, list):
            return len(content)
        found = _lists(content) if isinstance(content, dict) else []
        empty = isinstance(content, dict) and content.get("resourceType") == "Bundle"
        return max(map(len, found), default=0 if empty else None)

    @property
    def goes_on(self) -> bool:
        """Whether a search says that there is more than this page: a larger total, or a next page."""
        content, link = self.json(), self.header("link") or ""
        if re.search(r'rel="?next\b', link):
            return True
        if not isinstance(content, dict):
            return False
        links = content.get("link")
        following = (
            [one for one in links if isinstance(one, dict)] if isinstance(links, list) else []
        )
        return (self.count or 0) > (self.shown or 0) or any(
            one.get("relation") == "next" for one in following
        )

    @property
    def redirected_to(self) -> str | None:
        """The host that a redirect points to."""
        location = self.header("location")
        if location is None or self.status is None or not 300 <= self.status < 400:
            return None
        try:
            return urlsplit(location).hostname or ""
        except ValueError:  # an address that can't be parsed leads nowhere, and is told as such
            return ""


@noun
class RemovalFact:
    """What became of something that a check created, once it was asked to be removed.

    Parameters
    ----------
    before, removal, after:
        The statuses of a reading, of the removal, and of the same reading.
    failure:
        What went wrong with one of them.
    gone:
        Whether it is seen not to be there any more.
    """

    before: int | None
    removal: int | None
    after: int | None
    failure: Failure | None
    gone: bool


def _lists(content: dict[str, Any]) -> list[list[Any]]:
    """The lists of results that an answer may hold, by the usual names."""
    return [
        value
        for key in ("entry", "items", "results")
        if isinstance(value := content.get(key), list)
    ]


class TokenFormat(StrEnum):
    """What an access token looks like."""

    JWT = "jwt"
    OPAQUE = "opaque"


@noun
class TokenFact:
    """An access token that was obtained, without the token.

    Parameters
    ----------
    expires_in_s:
        What the server said of its lifetime (RFC 6749 §5.1), in seconds.
    lifetime_s:
        How long it lasts, in seconds: what a JWT itself says, else what the server said.
    scopes:
        What was granted (RFC 6749 §5.1: what was asked, when the answer doesn't say); None when
        nothing tells.
    audience:
        For whom a JWT says that it is (RFC 7519 §4.1.3).
    id_token:
        Whether an ID token came with it (OpenID Connect Core 1.0 §2).
    """

    actor: str
    format: TokenFormat | None
    algorithm: str | None
    key_id: bool
    refreshable: bool
    expires_in_s: int | None
    lifetime_s: int | None = None
    audience: tuple[str, ...] = ()
    id_token: bool = False
    scopes: tuple[str, ...] | None
    failure: str | None

    @property
    def lasts_s(self) -> int | None:
        """How long it may be used, in seconds, at the longest that is said of it.

        Some issuers antedate ``iat`` by up to five minutes, for clocks that are late: where the
        server's word is as near to the token's own, it is the server's that holds.
        """
        own, said = self.lifetime_s, self.expires_in_s
        if own is None or said is None:
            return said if own is None else own
        return said if 0 <= own - said <= _ANTEDATED_S else max(own, said)


@noun
class PublishedKey:
    """The public key that an issuer publishes for an actor's token (RFC 7517).

    Parameters
    ----------
    found:
        Whether there is one that could verify it.
    key_type:
        Its kind, for example ``RSA``.
    failure:
        Why there is none.
    """

    actor: str
    found: bool
    key_type: str | None
    failure: str | None


class Guess(StrEnum):
    """Of which sort a signing key is that anybody can find."""

    WORD = "word"
    NUMBER = "number"
    PUBLISHED = "published"


@noun
class SigningKeyFact:
    """What was found of the key that signs an actor's token; the key itself stays in the probe.

    Parameters
    ----------
    format, algorithm:
        What the token looks like, and the algorithm that it names.
    guess:
        Of which sort the key is, when it is one that anybody can find.
    bits:
        The length of an RSA key.
    tried:
        How many secrets were tried, or how many published keys compared.
    lists:
        The version of the lists.
    failure:
        Why there is no token to look at.
    """

    actor: str
    format: TokenFormat | None
    algorithm: str | None
    guess: Guess | None
    bits: int | None
    tried: int
    lists: str
    failure: str | None


@noun
class RevocationFact:
    """What the revocation endpoint answered (RFC 7009); it proves nothing by itself."""

    actor: str
    token: str
    status: int | None
    failure: str | None


@noun
class RenewalFact:
    """What the token endpoint answered to a refresh token."""

    actor: str
    issued: bool
    status: int | None
    error: str | None
    failure: str | None


@noun
class GrantFact:
    """What the token endpoint answered to a client that asked for a token.

    Parameters
    ----------
    proof:
        How the client proved itself, in words.
    issued:
        Whether a token came.
    status, error:
        The HTTP status, and the code of RFC 6749 §5.2.
    failure, detail:
        Why nothing can be judged, when that is so.
    """

    actor: str
    proof: str
    issued: bool
    status: int | None
    error: str | None
    failure: Failure | None
    detail: str

    @property
    def refused(self) -> bool:
        """Whether the client was told no, by TLS or by HTTP."""
        by_tls = self.failure is Failure.TLS_REFUSED
        return not self.issued and (by_tls or self.status in _STATUSES[Refusal.CERTIFICATE])


@noun
class AuthorizationFact:
    """What an authorization request led to, once whoever was asked to had logged in.

    Parameters
    ----------
    request:
        The request's name.
    serial:
        Which request of the run it was; its code is redeemed by that number.
    code, token:
        Whether a code, or an access token, came with the redirect.
    redirected_to:
        Where the browser was sent away to, without query and fragment.
    error:
        The code of RFC 6749 §4.1.2.1.
    status, failure, detail:
        How the last page was answered.
    """

    actor: str
    request: str
    serial: int
    code: bool
    token: bool
    redirected_to: str | None
    error: str | None
    status: int | None
    failure: Failure | None
    detail: str


@noun
class CallbackFact:
    """Whether the harness's listener was called, and whether it was alive to notice."""

    listening: bool
    alive: bool
    connections: int
    first: str


@noun
class OutboundFact:
    """Where a system called, once it was given an address of the harness's listener.

    Parameters
    ----------
    given:
        Which address.
    status, failure:
        What it answered.
    listening, alive:
        Whether the listener has two addresses, and hears.
    called, strayed:
        Whether the permitted address was called, and the other one.
    created:
        What keeps the address in the system, by its request's ``unique``; empty for nothing.
    """

    given: GivenAddress
    status: int | None
    failure: Failure | None
    listening: bool
    alive: bool
    called: bool
    strayed: bool
    created: str = ""


@noun
class ExposedFile:
    """One file that was asked for: what its content is, when it is that file's."""

    path: str
    status: int | None
    content: str | None


@noun
class ExposureFact:
    """Which files of the inside a server serves; their content stays out of the record.

    Parameters
    ----------
    origin:
        The server.
    random_status:
        What a path that can't exist was answered with.
    files:
        Each file of the list; one whose content stands behind the random path too isn't told.
    failure:
        Why one of them brought no answer, when that is so.
    """

    origin: str
    random_status: int | None
    files: tuple[ExposedFile, ...]
    failure: Failure | None


@noun
class TraversedPath:
    """One path put where a reading carries a value: what the answer held, when it is a known file."""

    name: str
    status: int | None
    failure: Failure | None
    content: str | None


@noun
class TraversalFact:
    """Which files of the machine a reading gives when asked by their path.

    What was answered stays out of the record.

    Parameters
    ----------
    paths:
        Each path; what the permitted reading shows by itself isn't told.
    """

    paths: tuple[TraversedPath, ...]


@noun
class EntityFact:
    """What came of a document that refers to another one, which only its parser would look up.

    What was answered stays out of the record.

    Parameters
    ----------
    name:
        How the document refers to the other.
    status, failure:
        What the system answered.
    listening, alive:
        Whether the harness has a listener, and whether it hears.
    called:
        Whether the listener was called.
    content:
        The file of the machine that then showed, when one did.
    """

    name: str
    status: int | None
    failure: Failure | None
    listening: bool
    alive: bool
    called: bool
    content: str | None


@noun
class LeftoverFact:
    """What was answered after a request that carried the beginning of another.

    Parameters
    ----------
    framing:
        How it said where it ends.
    status, failure:
        How that request was answered.
    next:
        How the plain requests that followed were answered, each on its own connection.
    next_failure:
        Why one of these wasn't.
    """

    framing: Framing
    status: int | None
    failure: Failure | None
    next: tuple[int | None, ...]
    next_failure: Failure | None


@noun
class SecretsFact:
    """The marks that stand for the run's own secrets, wherever an answer shows one.

    Parameters
    ----------
    marks:
        What the recorder puts in place of each secret of the manifest and each token of the run.
    """

    marks: tuple[str, ...]


@noun
class BurstFact:
    """A bounded burst of the same request.

    Parameters
    ----------
    allowed:
        How many were sent, at most.
    statuses:
        The statuses, in order.
    failure:
        What ended it early, when something did.
    """

    allowed: int
    sent: int
    statuses: tuple[int, ...]
    elapsed_s: float
    failure: Failure | None

    @property
    def limited_after(self) -> int | None:
        """How many were sent when the limit first showed."""
        return next(
            (n for n, s in enumerate(self.statuses, 1) if s in _STATUSES[Refusal.RATE]), None
        )


@noun
class AuditRecord:
    """One event of the audit trail; None where the event doesn't say.

    Parameters
    ----------
    id:
        The event's own identifier.
    entities:
        Everything else that the event says it was about, as references.
    """

    who: str | None
    patient: str | None
    when: str | None
    action: str | None
    outcome: str | None
    id: str | None = None
    entities: tuple[str, ...] = ()

    def by(self, identity: str) -> bool:
        """Whether the event names ``identity`` as whoever acted."""
        return _names(self.who, identity)

    def about(self, locator: str) -> bool:
        """Whether the event names ``locator``, as the patient or as another thing."""
        return any(_names(said, locator) for said in (self.patient, *self.entities))


def _names(said: str | None, expected: str) -> bool:
    """Whether what a trail says names the expected one, as itself or as a reference's end."""
    return said is not None and expected in (said, said.rpartition("/")[2])


@noun
class AuditFact:
    """The events that appeared in the audit trail after an exchange.

    Parameters
    ----------
    performed, performed_failure:
        How the exchange itself ended.
    status, failure:
        How the last reading of the trail ended.
    """

    performed: int | None
    performed_failure: Failure | None
    status: int | None
    failure: Failure | None
    known_before: int
    new: tuple[AuditRecord, ...]
    waited_s: float
