"""The probes on real sockets: what a check's questions become."""

from __future__ import annotations

import base64
import json
import secrets
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from tgv_suite.model.accounts import PasswordReset
from tgv_suite.model.authorization import AuthorizationRequest, Verifier
from tgv_suite.model.credential import (
    KEYED_WITH_PUBLIC_KEY,
    WRONG_CERTIFICATE,
    ClientProof,
    Credential,
)
from tgv_suite.model.facts import (
    Answer,
    AuditFact,
    AuditRecord,
    AuthorizationFact,
    BurstFact,
    CallbackFact,
    EntityFact,
    ExposureFact,
    Failure,
    GrantFact,
    LeftoverFact,
    OutboundFact,
    PublishedKey,
    Refusal,
    RemovalFact,
    RenewalFact,
    Request,
    RevocationFact,
    SecretsFact,
    SigningKeyFact,
    TokenFact,
    TraversalFact,
)
from tgv_suite.model.files import SentFile
from tgv_suite.model.framing import Framing
from tgv_suite.model.fuzzing import FuzzFact
from tgv_suite.model.outbound import GivenAddress
from tgv_suite.model.passwords import (
    Password,
    PasswordAttempt,
    PasswordFact,
    ResetFact,
    SignInFact,
)
from tgv_suite.model.results import CreatedObject
from tgv_suite.model.revocation import ChainStatus, Staple, StatusSource
from tgv_suite.model.sessions import Given, LoginBurst, SessionFact
from tgv_suite.model.target import AuditService, Outbound, Target
from tgv_suite.model.tls import ChainFact, HelloAnswer, Renegotiation, TlsVersion, WeakSuites
from tgv_suite.model.variant import Variant
from tgv_suite.noun import noun
from tgv_suite.probes import (
    entities,
    exposed_files,
    guessable_keys,
    leftovers,
    machine_files,
    outbound,
    revocation,
    tls_certificate,
    tls_hello,
    tls_renegotiation,
    tls_staple,
)
from tgv_suite.probes.accounts import Holders
from tgv_suite.probes.audit_trail import records
from tgv_suite.probes.creations import Creations, carrying
from tgv_suite.probes.credentials import Credentials
from tgv_suite.probes.forgery import Forged, forge
from tgv_suite.probes.fuzzing import DESCRIPTION_LIMIT, Campaign, Means
from tgv_suite.probes.generation import described, generate
from tgv_suite.probes.http import Identity, Impostor, Raw, Trust
from tgv_suite.probes.impostor import impostor_of
from tgv_suite.probes.malformed import FAULTS
from tgv_suite.probes.oauth import Tokens, answered, arrived
from tgv_suite.probes.pace import Pace
from tgv_suite.probes.recorder import Recorder
from tgv_suite.probes.scope import Guard, scheme_port
from tgv_suite.probes.sessions import Header, Sessions
from tgv_suite.probes.sink import Sink
from tgv_suite.probes.template import Filled, fill, values_of
from tgv_suite.subjects.declared import access_by
from tgv_suite.subjects.subject import Endpoint, FuzzedService
from tgv_suite.subjects.transport import endpoint_of
from tgv_suite.system import Call

TLS_LIMIT_S = 8.0
_POLL_S = 0.2


@noun
class _Ready:
    """A request as it leaves: its address, all its headers, and the certificate presented."""

    url: str
    headers: tuple[tuple[str, str], ...]
    identity: Identity | Impostor | None


@noun
class Reach:
    """Where the probes may go, how gently, and whom they believe."""

    guard: Guard
    pace: Pace
    trust: Trust


class LiveProbes:
    """Answers every question of a check.

    Parameters
    ----------
    target, credentials:
        The system, and its actors' credentials.
    reach, recorder:
        Where it may go and how, and what keeps the record.
    sink:
        The harness's listener, when the system can reach one.
    seed:
        From which requests are generated.
    holders:
        The holders of the accounts that are given up to the tests.
    """

    def __init__(
        self,
        *,
        target: Target,
        credentials: Mapping[str, Credentials],
        reach: Reach,
        recorder: Recorder,
        sink: Sink | None,
        holders: Holders,
        seed: int = 0,
    ) -> None:
        self._target = target
        self._holders = holders
        self._credentials = credentials
        self._guard = reach.guard
        self._pace = reach.pace
        self._trust = reach.trust
        self._recorder = recorder
        self._sink = sink
        self._tokens = Tokens(target, credentials, recorder)
        self._sessions = Sessions(target, credentials, recorder)
        self._looking = threading.Lock()
        self._guessing = threading.Lock()
        self._guessed: dict[tuple[str, str, str], guessable_keys.Look] = {}
        self._chains: dict[Endpoint, ChainFact] = {}
        self._impostors: dict[str, Impostor | None] = {}
        self._creations = Creations()
        self._seed = seed
        self._fuzzing = threading.Lock()
        self._campaigns: dict[str, tuple[Campaign, FuzzFact]] = {}

    def perform(self, call: Call) -> Answer:
        """Send one request, again and again until it is refused where the call says so."""
        until = time.monotonic() + call.retry_for_s
        attempts = 1
        answer = self._perform(call)
        while not _over(answer) and time.monotonic() < until:
            time.sleep(_POLL_S)
            attempts += 1
            answer = self._perform(call)
        return _with_attempts(answer, attempts)

    @property
    def created(self) -> tuple[CreatedObject, ...]:
        """What was created so far."""
        return self._creations.told()

    def create(self, call: Call, file: SentFile | None) -> Answer:
        """Send one request that creates something, and keep what it created."""
        operation = self._target.operations[call.operation]
        filled = self._filled(call)
        unique = filled.unique or f"zzt{secrets.token_hex(8)}"
        if file is not None and operation.upload is not None:
            filled = carrying(filled, file, operation.upload, unique)
        self._creations.begin(unique, operation=call.operation, actor=call.actor)
        answer, raw = self._exchange(filled, call)
        shown_by = self._target.operations[operation.read_back or call.operation].path
        created = operation.creates is not None and self._creations.answered(
            unique, raw, operation.creates, shown_by
        )
        return replace(answer, unique=unique, created=created)

    def remove(self, removal: Call, reading: Call) -> RemovalFact:
        """Remove what was created, and see that it is gone."""
        before, done, after = (self._perform(one) for one in (reading, removal, reading))
        gone = after.refused(Refusal.OBJECT) and (before.served or done.served)
        if gone:
            self._creations.gone(removal.values)
        return RemovalFact(
            before=before.status,
            removal=done.status,
            after=after.status,
            failure=before.failure or done.failure or after.failure,
            gone=gone,
        )

    def fetch(self, method: str, url: str, headers: tuple[tuple[str, str], ...]) -> Answer:
        """Ask for an address without credentials."""
        return self._recorder.exchange(
            method, url, actor="—", credential=Credential.NONE, headers=headers
        )[0]

    def exposure(self, origin: str) -> ExposureFact:
        """Look for files of the inside, none of which is kept."""
        return exposed_files.look(origin, self._recorder.send_unrecorded)

    def debug_pages(self, base: str, call: Call) -> ExposureFact:
        """Look for debugging pages in an actor's name, none of which is kept."""

        def ask(method: str, url: str) -> Raw:
            path = url.removeprefix(base)
            page = Filled(method=method, path=path, headers=(), body=None, unique="")
            return self._unrecorded(page, call)

        return exposed_files.look(base, ask, exposed_files.DEBUG_PAGES)

    def secrets(self) -> SecretsFact:
        """The marks of the secrets that the recorder has learnt so far."""
        return SecretsFact(marks=self._recorder.redactor.marks())

    def traversal(self, call: Call, variants: tuple[Variant, ...]) -> TraversalFact:
        """Look for files of the machine, none of which is kept."""

        def ask(variant: Variant | None) -> Raw:
            return self._unrecorded(self._filled(replace(call, variant=variant)), call)

        return machine_files.look(variants, ask)

    def fuzz(self, service: FuzzedService, budget: int, budget_s: float) -> FuzzFact:
        """Send what a service's description leads to, once a run."""
        means = Means(
            fetch=partial(self._description, service),
            read=partial(described, permitted=self._guard.own_process),
            generate=partial(generate, permitted=self._guard.own_process),
            fill=lambda access: fill(self._target, access.operation, access.object_id),
            send=self._exchange,
        )
        with self._fuzzing:
            if service.name not in self._campaigns:
                campaign = Campaign(
                    service, means, seed=self._seed, budget=budget, budget_s=budget_s
                )
                self._campaigns[service.name] = campaign, campaign.run()
            return self._campaigns[service.name][1]

    def generated(self, service: str, number: int) -> Answer:
        """Send a generated request again."""
        return self._campaigns[service][0].resend(number)

    def _description(self, service: FuzzedService, url: str) -> Raw:
        """Read a description as nobody, then in the name of who calls the service if that is refused."""
        read = partial(self._recorder.send_unrecorded, "GET", url, body_limit=DESCRIPTION_LIMIT)
        raw, base = read(), service.service.url.rstrip("/")
        if raw.status not in (401, 403) or not url.startswith(f"{base}/"):
            return raw
        path = url.removeprefix(base)
        asked = Filled(method="GET", path=path, headers=(), body=None, unique="")
        ready = self._ready(asked, Call.of(service.accesses[0]))
        if isinstance(ready, Answer):
            return raw
        return read(headers=ready.headers, identity=ready.identity)

    def _unrecorded(self, filled: Filled, call: Call) -> Raw:
        """Send one request of an actor, whose answer is kept nowhere."""
        ready = self._ready(filled, call)
        if isinstance(ready, Answer):
            return Raw(status=None, failure=ready.failure, detail=ready.detail)
        return self._recorder.send_unrecorded(
            filled.method,
            ready.url,
            headers=ready.headers,
            body=filled.body,
            identity=ready.identity,
        )

    def batch(self, calls: tuple[Call, ...]) -> Answer:
        """Send readings as one FHIR batch (FHIR R4, http.html#transaction)."""
        operations = [(self._target.operations[call.operation], call.object) for call in calls]
        paths = [fill(self._target, operation, id_).path for operation, id_ in operations]
        entries = [{"request": {"method": "GET", "url": path.lstrip("/")}} for path in paths]
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
        filled = Filled(
            method="POST",
            path="",
            headers=(("Content-Type", "application/fhir+json"),),
            body=json.dumps(bundle).encode(),
            unique="",
        )
        return self._send(filled, calls[0])

    def malformed(self, call: Call, fault: str) -> Answer:
        """Send a request with a named fault."""
        operation = self._target.operations[call.operation]
        filled = fill(self._target, operation, call.object)
        values = values_of(self._target, call.object)
        in_path = "person" if "{person}" in operation.path else "object"
        spoilt = FAULTS[fault](filled, values.get(in_path, ""))
        wrong = Filled(
            method=spoilt.method,
            path=spoilt.path,
            headers=spoilt.headers,
            body=spoilt.body,
            unique="",
        )
        return self._send(wrong, call)

    def _perform(self, call: Call) -> Answer:
        filled = self._filled(call)
        signer = self._credentials[call.actor].signer
        if signer is None:
            return self._send(filled, call)
        signed = signer.signed(filled, call.credential)
        if signed is None:
            return _unsent(call, filled, "", "nothing was signed before", Failure.NO_CREDENTIAL)
        return self._send(signed, call)

    def _send(self, filled: Filled, call: Call) -> Answer:
        return self._exchange(filled, call)[0]

    def _exchange(self, filled: Filled, call: Call) -> tuple[Answer, Raw]:
        """Send a request of an actor: its answer redacted, and as it came."""
        ready = self._ready(filled, call)
        if isinstance(ready, Answer):
            return ready, Raw(failure=ready.failure, detail=ready.detail)
        self._recorder.wait(call.after_s)
        self._recorder.redactor.admit((filled.unique, *filled.made))
        answer, raw = self._recorder.exchange(
            filled.method,
            ready.url,
            actor=call.actor,
            credential=call.credential,
            headers=ready.headers,
            body=filled.body,
            identity=ready.identity,
            unique=filled.unique,
        )
        return self._sessions.told(call.actor, answer), raw

    def _ready(self, filled: Filled, call: Call) -> _Ready | Answer:
        """Where a request goes and what it presents, or the answer that says why it doesn't leave."""
        base = self._target.services[self._target.operations[call.operation].service]
        url = "" if isinstance(base, AuditService) else base.url.rstrip("/") + filled.path
        if call.variant is not None and call.variant.base is not None:
            url = call.variant.base + filled.path
        if self._target.scope.forbids(call.operation, filled.method, filled.path):
            return _unsent(call, filled, url, "never_call", Failure.OUT_OF_SCOPE)
        wrong = call.credential in WRONG_CERTIFICATE
        presented = self._with_wrong_certificate(call) if wrong else self._presented(call)
        if isinstance(presented, str):
            return _unsent(call, filled, url, presented, Failure.NO_CREDENTIAL)
        header, identity = presented
        own_page = self._sessions.from_own_page(call.actor, filled.method, url, filled.headers)
        headers = (*filled.headers, *own_page, *([header] if header else []))
        return _Ready(url=url, headers=headers, identity=identity)

    def _presented(
        self, call: Call
    ) -> tuple[tuple[str, str] | None, Identity | Impostor | None] | str:
        """The header and the certificate to present, or why there are none."""
        credentials = self._credentials[call.actor]
        if call.credential in (Credential.NONE, Credential.NO_TOKEN, Credential.OTHER_ACCOUNT):
            own_certificate = call.credential is Credential.NO_TOKEN
            return None, credentials.identity if own_certificate else None
        fixed = call.credential is Credential.OWN and credentials.header is not None
        if fixed or self._sessions.opened(call.actor, call.token):
            shown, why = self._sessions.presented(call.actor, call.token, call.credential)
            return (shown, credentials.identity) if why is None else why
        if not credentials.by_token:
            return None, credentials.identity
        token = self._tokens.get(call.actor, call.token)
        if token.value is None:
            return token.failure or "no token"
        value_presented: str | None = token.value.reveal()
        if call.credential is Credential.ID_TOKEN:
            value_presented = token.id_token.reveal() if token.id_token else None
        elif call.credential is not Credential.OWN:
            keyed = call.credential in KEYED_WITH_PUBLIC_KEY
            published = self._tokens.published_key(call.actor) if keyed else None
            forged = forge(token, call.credential, self._address(call.credential), published)
            self._put_behind_address(forged)
            value_presented = forged.value
        if value_presented is None:
            return "this token can't be spoilt that way"
        self._recorder.redactor.learn(value_presented)
        return ("Authorization", f"Bearer {value_presented}"), credentials.identity

    def _with_wrong_certificate(
        self, call: Call
    ) -> tuple[tuple[str, str] | None, Identity | Impostor | None] | str:
        """All that the actor presents, but for the certificate."""
        own = self._presented(replace(call, credential=Credential.OWN))
        if isinstance(own, str) or call.credential is Credential.NO_CERTIFICATE:
            return own if isinstance(own, str) else (own[0], None)
        wrong = self._wrong_certificate(call)
        return "no such certificate" if wrong is None else (own[0], wrong)

    def _wrong_certificate(self, call: Call) -> Identity | Impostor | None:
        credentials = self._credentials[call.actor]
        match call.credential:
            case Credential.MADE_UP_AUTHORITY:
                return self._impostor(call.actor)
            case Credential.REVOKED_CERTIFICATE:
                return credentials.revoked
            case Credential.EXPIRED_CERTIFICATE:
                return credentials.expired
            case Credential.OTHER_CLIENT:
                others = (other.identity for other in self._credentials.values())
                return next((o for o in others if o not in (None, credentials.identity)), None)
        return credentials.other_authority

    def _impostor(self, actor: str) -> Impostor | None:
        """The imitation of an actor's certificate, made once a run."""
        good = self._credentials[actor].identity
        with self._looking:
            if actor not in self._impostors and good is not None:
                self._impostors[actor] = impostor_of(good.certificate.read_bytes())
            return self._impostors.get(actor)

    def _address(self, credential: Credential) -> str:
        return self._sink.address(credential.value) if self._sink else "http://tgv.invalid/"

    def _put_behind_address(self, forged: Forged) -> None:
        if self._sink is not None and forged.served:
            self._sink.serve(forged.served, forged.media_type)

    def hello(self, endpoint: Endpoint, version: TlsVersion) -> HelloAnswer:
        """Offer one TLS version, with every suite of that version."""
        with self._pace.turn(endpoint.host):
            return tls_hello.hello(
                endpoint.host,
                endpoint.port,
                version,
                connect=self._guard.connect,
                timeout_s=TLS_LIMIT_S,
            )

    def weak_suites(self, endpoint: Endpoint, version: TlsVersion) -> WeakSuites:
        """Find which weak suites are accepted in one TLS version."""
        return tls_hello.weak_suites(
            endpoint.host,
            endpoint.port,
            version,
            connect=self._connect_in_turn,
            timeout_s=TLS_LIMIT_S,
        )

    def diffie_hellman(self, endpoint: Endpoint) -> HelloAnswer:
        """Offer only suites of Diffie-Hellman, in TLS 1.2."""
        return tls_hello.diffie_hellman(
            endpoint.host,
            endpoint.port,
            TlsVersion.TLS_1_2,
            connect=self._connect_in_turn,
            timeout_s=TLS_LIMIT_S,
        )

    def compression(self, endpoint: Endpoint) -> HelloAnswer:
        """Offer to compress, in TLS 1.2."""
        return tls_hello.hello(
            endpoint.host,
            endpoint.port,
            TlsVersion.TLS_1_2,
            connect=self._connect_in_turn,
            timeout_s=TLS_LIMIT_S,
            compressions=tls_hello.EVERY_COMPRESSION,
        )

    def renegotiation(self, endpoint: Endpoint) -> Renegotiation:
        """Renegotiate, as a client whom the server lets in."""
        with self._pace.turn(endpoint.host):
            return tls_renegotiation.renegotiation(
                endpoint.host,
                endpoint.port,
                identity=self._identity_at(endpoint),
                connect=self._guard.connect,
                timeout_s=TLS_LIMIT_S,
            )

    def _identity_at(self, endpoint: Endpoint) -> Identity | None:
        """The certificate of an actor who calls something at an endpoint, when one has any."""
        called = (
            actor
            for operation in self._target.operations.values()
            if endpoint_of(self._target.services[operation.service]) == endpoint
            for actor in operation.actors
        )
        found = (self._credentials[actor].identity for actor in called)
        return next((identity for identity in found if identity is not None), None)

    def _connect_in_turn(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Open one of many connections, each at the pace that the host may be asked to bear."""
        with self._pace.turn(host):
            return self._guard.connect(host, port, timeout_s)

    def chain(self, endpoint: Endpoint) -> ChainFact:
        """Look at the certificates of an endpoint, once a run."""
        with self._looking:
            if endpoint not in self._chains:
                self._chains[endpoint] = self.look(endpoint)
            return self._chains[endpoint]

    def look(self, endpoint: Endpoint) -> ChainFact:
        """Look at the certificates of an endpoint, now."""
        with self._pace.turn(endpoint.host):
            return tls_certificate.chain(
                endpoint.host,
                endpoint.port,
                anchors=self._trust.anchors,
                use_public_anchors=True,
                connect=self._guard.connect,
                timeout_s=TLS_LIMIT_S,
                now=datetime.now(UTC),
            )

    def chain_status(self, endpoint: Endpoint) -> ChainStatus:
        """Ask those who publish revocations of the certificates of an endpoint, within the scope."""
        return revocation.chain_status(
            endpoint.name,
            self._sent(endpoint),
            anchors=self._anchors(),
            send=partial(self._recorder.send_unrecorded, body_limit=revocation.LIST_LIMIT),
            permits=self._permits,
            now=datetime.now(UTC),
        )

    def staple(self, endpoint: Endpoint) -> Staple:
        """Ask for a stapled status, and read it."""

        def read(blank: StatusSource, response: bytes) -> StatusSource:
            sent, anchors = self._sent(endpoint), self._anchors()
            now = datetime.now(UTC)
            return revocation.stapled_status(blank, response, sent, anchors=anchors, now=now)

        return tls_staple.staple(
            endpoint.host,
            endpoint.port,
            identity=self._identity_at(endpoint),
            read=read,
            connect=self._connect_in_turn,
            wait=self._recorder.wait,
            timeout_s=TLS_LIMIT_S,
        )

    def _sent(self, endpoint: Endpoint) -> list[bytes]:
        """The certificates that an endpoint sends, in DER."""
        certificates = self.chain(endpoint).certificates
        return [base64.b64decode(certificate.der_base64) for certificate in certificates]

    def _anchors(self) -> list[bytes]:
        """The authorities that are trusted, in DER."""
        return self._trust.context(None).get_ca_certs(binary_form=True)

    def _permits(self, url: str) -> bool:
        """Whether an address is within the scope."""
        try:
            parts = urlsplit(url)
            port = scheme_port(parts.scheme, parts.port)
        except ValueError:
            return False
        return self._guard.permits(parts.scheme, parts.hostname or "", port)

    def token(self, actor: str, name: str) -> TokenFact:
        """Obtain a token, and say what it looks like."""
        token = self._tokens.get(actor, name)
        parts = token.parts
        algorithm = parts[0].get("alg") if parts else None
        return TokenFact(
            actor=actor,
            format=token.format,
            algorithm=algorithm[:20] if isinstance(algorithm, str) else None,
            key_id=bool(parts and parts[0].get("kid")),
            refreshable=token.refresh is not None,
            expires_in_s=token.expires_in_s,
            lifetime_s=token.lifetime_s,
            audience=token.audience,
            id_token=token.id_token is not None,
            scopes=token.scopes,
            failure=token.failure,
        )

    def published_key(self, actor: str) -> PublishedKey:
        """Look for the public key that verifies an actor's token."""
        key = self._tokens.published_key(actor)
        kind = key.get("kty") if key else None
        return PublishedKey(
            actor=actor,
            found=key is not None,
            key_type=kind[:20] if isinstance(kind, str) else None,
            failure=None if key else "no key for this token at the issuer's jwks_uri",
        )

    def signing_key(self, actor: str) -> SigningKeyFact:
        """Look for the key that signs an actor's token; each key of an issuer is looked for once."""
        token = self._tokens.get(actor)
        parts, published = token.parts, self._tokens.signing_keys(actor)
        algorithm = str(parts[0].get("alg"))[:20] if parts else None
        found = guessable_keys.Look(guess=None, bits=None, tried=0)
        if parts and token.value is not None and algorithm is not None:
            signed_by = (str(parts[1].get("iss")), algorithm, str(parts[0].get("kid")))
            with self._guessing:
                if signed_by not in self._guessed:
                    value = token.value.reveal()
                    self._guessed[signed_by] = guessable_keys.look(value, algorithm, published)
                found = self._guessed[signed_by]
        return SigningKeyFact(
            actor=actor,
            format=token.format,
            algorithm=algorithm,
            guess=found.guess,
            bits=found.bits,
            tried=found.tried,
            lists=guessable_keys.LIST_VERSION,
            failure=token.failure,
        )

    def revoke(self, actor: str, name: str, kind: str) -> RevocationFact:
        """Revoke a token."""
        raw = self._tokens.revoke(actor, name, kind)
        failure = str(raw.failure) if raw.failure else raw.detail or None
        return RevocationFact(actor=actor, token=kind, status=raw.status, failure=failure)

    def renew(self, actor: str, name: str) -> RenewalFact:
        """Use a refresh token."""
        raw = self._tokens.renew(actor, name)
        content = answered(raw)
        error = content.get("error")
        return RenewalFact(
            actor=actor,
            issued=isinstance(content.get("access_token"), str),
            status=raw.status,
            error=error[:60] if isinstance(error, str) else None,
            failure=str(raw.failure) if raw.failure else raw.detail or None,
        )

    def authorize(self, actor: str, request: AuthorizationRequest) -> AuthorizationFact:
        """Ask for a code, and say what came of it."""
        serial, arrival = self._tokens.authorize(actor, request)
        to, brought = arrived(arrival)
        error = brought.get("error")
        return AuthorizationFact(
            actor=actor,
            request=request.name,
            serial=serial,
            code=bool(brought.get("code")),
            token=bool(brought.get("access_token")),
            redirected_to=None if to is None else to[:300],
            error=None if error is None else error[:60],
            status=arrival.status,
            failure=arrival.failure,
            detail=arrival.detail,
        )

    def redeem(self, actor: str, serial: int, verifier: Verifier, after_s: float) -> GrantFact:
        """Redeem a code, after some time."""
        self._recorder.wait(after_s)
        return _granted(actor, verifier.value, self._tokens.redeem(actor, serial, verifier))

    def by_password(self, actor: str) -> GrantFact:
        """Ask for a token with a person's password."""
        return _granted(actor, "password", self._tokens.by_password(actor))

    def sign_in(self, account: str, password: Password) -> SignInFact:
        """Sign in to an account that is given up to the tests."""
        return self._holders.sign_in(account, password)

    def ask_reset(self, reset: PasswordReset, known: bool) -> ResetFact:
        """Ask for the reset of a password."""
        return self._holders.ask_reset(reset, known=known)

    def complete_reset(self, reset: PasswordReset, password: Password) -> PasswordFact:
        """Set a password by the code of the last mail."""
        return self._holders.complete_reset(reset, password)

    def change_password(self, attempt: PasswordAttempt) -> PasswordFact:
        """Set a password as somebody who has signed in."""
        return self._holders.change(attempt)

    def grant(
        self, actor: str, proof: ClientProof, renewing: str | None, spent_s: int | None
    ) -> GrantFact:
        """Ask the token endpoint for a token that nobody keeps."""
        self._recorder.wait(spent_s or 0)
        spent = spent_s is not None
        raw = self._tokens.ask(actor, proof, renewing, spent=spent)
        return _granted(actor, "spent-refresh-token" if spent else proof.value, raw)

    def log_in(self, call: Call, given: Given, *, planting: bool) -> Answer:
        """Log in with a password, and keep the session under the call's token."""
        self._recorder.wait(call.after_s)
        headers = () if call.variant is None else call.variant.headers
        answer = self._sessions.log_in(call.actor, call.token, given, headers, planting=planting)
        return self._perform(replace(call, after_s=0.0)) if answer is None else answer

    def login_burst(self, call: Call, attempts: int) -> LoginBurst:
        """Fail to log in, many times in a row, each time by another name that nobody has."""

        def attempt() -> Raw:
            if not self._sessions.with_basic(call.actor):
                return self._sessions.fail(call.actor)
            tried = replace(call, token="burst")
            self._sessions.log_in(call.actor, "burst", Given.UNKNOWN_NAME, (), planting=False)
            answer = self._perform(tried)
            return Raw(status=answer.status, failure=answer.failure, detail=answer.detail)

        return self._sessions.burst(attempt, attempts)

    def session(self, call: Call) -> SessionFact:
        """Find which cookies carry an actor's session."""
        canaries = self._target.objects[call.object].canaries
        filled = self._filled(call)
        ready = self._ready(filled, replace(call, credential=Credential.NONE))

        def reads(shown: Header | None) -> Raw | None:
            if isinstance(ready, Answer):
                return None
            headers = [*ready.headers, *([shown] if shown else [])]
            raw = self._recorder.send_unrecorded(filled.method, ready.url, headers, filled.body)
            text = raw.body.decode("utf-8", "replace")
            served = raw.status is not None and 200 <= raw.status < 300
            return raw if served and any(mark in text for mark in canaries) else None

        return self._sessions.look(call.actor, reads)

    def _filled(self, call: Call) -> Filled:
        """A call as the request that it is, with what this run alone knows of it."""
        operation = self._target.operations[call.operation]
        values = self._creations.identified(self._values(call))
        return fill(self._target, operation, call.object, call.variant, values)

    def _values(self, call: Call) -> tuple[tuple[str, str], ...]:
        """What fills a template's names: a session's anti-forgery token too, where one is named."""
        operation = self._target.operations[call.operation]
        if "{csrf}" not in f"{operation.body}{operation.headers}{operation.path}":
            return call.values
        headers = tuple(operation.headers.items())
        token = self._sessions.anti_forgery(call.actor, call.token, headers)
        return call.values if token is None else (("csrf", token), *call.values)

    def callback(self, credential: Credential) -> CallbackFact:
        """Whether the listener was called since the last spoilt token was presented."""
        if self._sink is None:
            return CallbackFact(listening=False, alive=False, connections=0, first="")
        return self._sink.seen()

    def outbound(self, call: Call, given: GivenAddress) -> OutboundFact:
        """Give an address of the listener, and wait for as long as it may take to be called."""
        operation = self._target.operations[call.operation]
        takes = operation.outbound or Outbound()

        def give(address: str) -> Answer:
            valued = replace(call, values=(("url", address),))
            if operation.creates is None:
                return self._perform(valued)
            answer = self.create(valued, None)
            trigger = access_by(self._target, takes.triggered_by or call.operation, call.actor)
            if answer.created and takes.triggered_by is not None and trigger is not None:
                self._perform(replace(Call.of(trigger), after_s=takes.delay_s))
            return answer

        return outbound.look(self._sink, self._target.callback, takes, given, give)

    def entity(self, sent: Call, reading: Call) -> EntityFact:
        """Send a document that refers to another; neither answer is kept."""

        def ask(call: Call) -> Raw:
            return self._unrecorded(self._filled(call), call)

        return entities.look(sent, reading, ask, self._sink)

    def leftover(self, url: str, framing: Framing) -> LeftoverFact:
        """Send a request that carries the beginning of another, on raw connections."""
        parts = urlsplit(url)
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        return leftovers.look(parts.netloc, path, framing, partial(self._recorder.dial, url))

    def burst(self, call: Call, allowed: int, window_s: float) -> BurstFact:
        """Send the same request until it is limited, the allowance is spent or the window ends."""
        started = time.monotonic()
        statuses: list[int] = []
        failure: Failure | None = None
        while len(statuses) < allowed and time.monotonic() - started < window_s:
            answer = self._perform(call)
            if answer.status is None:
                failure = answer.failure
                break
            statuses.append(answer.status)
            if answer.refused(Refusal.RATE):
                break
        return BurstFact(
            allowed=allowed,
            sent=len(statuses),
            statuses=tuple(statuses),
            elapsed_s=round(time.monotonic() - started, 3),
            failure=failure,
        )

    def audited(self, service: AuditService, call: Call, trail: Call) -> AuditFact:
        """Perform a call, then read the audit trail until the event of it appears."""
        before = self._perform(trail)
        known = records(service, before.body)
        started = time.monotonic()
        done = self._perform(call)
        if not before.served:
            return _audit(done, before, known=len(known), new=(), waited_s=0.0)
        while True:
            answer = self._perform(trail)
            new = _beyond(records(service, answer.body), known)
            waited = time.monotonic() - started
            shown = any(self._tells_of(event, call) for event in new)
            if shown or not answer.served or waited >= service.delay_s:
                return _audit(done, answer, known=len(known), new=new, waited_s=waited)
            time.sleep(_POLL_S)

    def _tells_of(self, event: AuditRecord, call: Call) -> bool:
        """Whether an event is of a call: other people's events may appear meanwhile."""
        identity = self._target.actors[call.actor].audit_identity
        values = values_of(self._target, call.object)
        about = [values[name] for name in ("object", "person") if name in values]
        return identity is not None and event.by(identity) and any(map(event.about, about))


def _granted(actor: str, proof: str, raw: Raw) -> GrantFact:
    """What the token endpoint answered, without the token."""
    content = answered(raw)
    error = content.get("error")
    return GrantFact(
        actor=actor,
        proof=proof,
        issued=bool(content.get("access_token")),
        status=raw.status,
        error=error[:60] if isinstance(error, str) else None,
        failure=raw.failure,
        detail=raw.detail,
    )


def _audit(
    done: Answer,
    answer: Answer,
    *,
    known: int,
    new: tuple[AuditRecord, ...],
    waited_s: float,
) -> AuditFact:
    return AuditFact(
        performed=done.status,
        performed_failure=done.failure,
        status=answer.status,
        failure=answer.failure,
        known_before=known,
        new=new,
        waited_s=round(waited_s, 3),
    )


def _beyond(
    after: tuple[AuditRecord, ...], before: tuple[AuditRecord, ...]
) -> tuple[AuditRecord, ...]:
    """The events that weren't there before, equal ones counted."""
    left = list(before)
    new = []
    for record in after:
        if record in left:
            left.remove(record)
        else:
            new.append(record)
    return tuple(new)


def _over(answer: Answer) -> bool:
    """Whether sending again would change nothing: refused, or nothing is sent any more."""
    return answer.refused(Refusal.CREDENTIAL) or answer.failure is Failure.HALTED


def _with_attempts(answer: Answer, attempts: int) -> Answer:
    if attempts == 1:
        return answer
    return replace(answer, attempts=attempts)


def _unsent(call: Call, filled: Filled, url: str, why: str, failure: Failure) -> Answer:
    return Answer(
        actor=call.actor,
        credential=call.credential.value,
        request=Request(method=filled.method, url=url, headers=(), body=""),
        unique=filled.unique,
        status=None,
        headers=(),
        body="",
        truncated=False,
        failure=failure,
        detail=why,
        sent_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        elapsed_s=0.0,
    )
