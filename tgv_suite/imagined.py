"""A system that is just what its manifest says, imagined: it answers every question and is sent nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import JsonValue

from tgv_suite.model.accounts import PasswordReset
from tgv_suite.model.authorization import AuthorizationRequest, Verifier
from tgv_suite.model.credential import KEYED_WITH_PUBLIC_KEY, ClientProof, Credential
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
    RemovalFact,
    RenewalFact,
    Request,
    RevocationFact,
    SecretsFact,
    SigningKeyFact,
    TokenFact,
    TokenFormat,
    TraversalFact,
)
from tgv_suite.model.files import SentFile
from tgv_suite.model.framing import Framing
from tgv_suite.model.fuzzing import FuzzedOperation, FuzzFact
from tgv_suite.model.outbound import GivenAddress
from tgv_suite.model.passwords import (
    Password,
    PasswordAttempt,
    PasswordFact,
    ResetFact,
    Shown,
    SignInFact,
)
from tgv_suite.model.revocation import (
    CertificateStatus,
    ChainStatus,
    Staple,
    StatusKind,
    StatusOutcome,
    StatusSource,
)
from tgv_suite.model.rights import Hook
from tgv_suite.model.sessions import Given, LoginBurst, SessionCookie, SessionFact
from tgv_suite.model.target import (
    AuditService,
    OAuth2Authentication,
    OAuth2Service,
    Operation,
    OperationKind,
    PasswordLimits,
    SessionAuthentication,
    Target,
)
from tgv_suite.model.tls import (
    CertificateFact,
    ChainFact,
    ChainOutcome,
    HelloAnswer,
    HelloOutcome,
    Renegotiation,
    RenegotiationOutcome,
    TlsVersion,
    WeakSuites,
    weak_suites_of,
)
from tgv_suite.model.variant import Variant
from tgv_suite.probes.exposed_files import DEBUG_PAGES, EXPOSED_FILES
from tgv_suite.probes.oauth import EARLY_S
from tgv_suite.probes.tls_hello import SUITES_PER_HELLO
from tgv_suite.subjects.subject import Endpoint, FuzzedService
from tgv_suite.system import Call

_HANDSHAKES_A_LOOK = 4  # as sent; to the anchors; by its name; to the public anchors alone
_MODERN = (TlsVersion.TLS_1_2, TlsVersion.TLS_1_3)
_WRITES = (OperationKind.CREATE, OperationKind.UPDATE, OperationKind.DELETE)
_PAGES_OF_A_LOGIN = 2
_READINGS_OF_A_SESSION = 2  # with its cookie, and without
_SHARED = "shared"
_BARE = (Credential.NONE, Credential.NO_TOKEN, Credential.OTHER_ACCOUNT)
"""What is sent without anything of the actor's that would have to be obtained."""


class Tally:
    """How many requests and TLS connections something takes, and in whose names."""

    def __init__(self) -> None:
        self.requests = 0
        self.tls_connections = 0
        self.actors: dict[str, None] = {}


class ImaginedProbes:
    """Answers as the manifest says that the system does, and counts what asking would send.

    What a run does once and shares, such as an actor's token, is counted apart from the case that
    comes to it first.

    Parameters
    ----------
    target:
        The manifest.
    """

    def __init__(self, target: Target) -> None:
        self.shared = Tally()
        self.case = Tally()
        self._target = target
        self._tokens: set[tuple[str, str]] = set()
        self._revoked: set[tuple[str, str, str]] = set()
        self._published: set[tuple[str, str]] = set()
        self._chains: set[Endpoint] = set()
        self._fuzzed: set[str] = set()
        self._logged_in: set[str] = set()
        self._codes: set[int] = set()
        self._serial = 0
        self._written: dict[str, str] = {}
        self._passwords: dict[str, Password] = {}
        self._mailed: set[str] = set()
        self._withdrawn: set[tuple[str, str | None]] = set()
        self._shut: set[tuple[str, str]] = set()
        self._failed: dict[str, int] = {}
        self._uniques = 0

    def perform(self, call: Call) -> Answer:
        """Granted to whom the manifest permits it, and refused to everybody else."""
        self._authenticate(call)
        operation = self._target.operations[call.operation]
        status = self._status(call, operation)
        self._mind(call, status)
        if call.operation == getattr(
            self._target.actors[call.actor].authentication, "logout", None
        ):
            self._shut.add((call.actor, call.token))
        self._uniques += 1
        unique = f"zzt-{self._uniques}"
        if status == 200 and operation.kind in _WRITES:
            self._written[call.object] = unique
        return _answer(
            status=status,
            method=operation.method,
            unique=unique,
            call=call,
            body=self._body(call, operation) if status == 200 else "",
            shown=self._shown(call.object) if status == 200 else (),
        )

    def create(self, call: Call, file: SentFile | None) -> Answer:
        """Created by whom the manifest permits it, unless the file is longer than declared."""
        self._authenticate(call)
        operation = self._target.operations[call.operation]
        longest = operation.upload.largest if operation.upload is not None else None
        too_long = file is not None and longest is not None and len(file.content) > longest
        status = 413 if too_long else self._status(call, operation)
        self._uniques += 1
        unique = f"zzt-{self._uniques}"
        status = 201 if status == 200 else status
        answer = _answer(status=status, method=operation.method, unique=unique, call=call)
        return replace(answer, created=status == 201)

    def remove(self, removal: Call, reading: Call) -> RemovalFact:
        """Removed at once."""
        for one in (reading, removal, reading):
            self._authenticate(one)
        return RemovalFact(before=200, removal=204, after=404, failure=None, gone=True)

    def fetch(self, method: str, url: str, headers: tuple[tuple[str, str], ...]) -> Answer:
        """Nothing is there for nobody in particular, and nobody at all where it would be in clear."""
        self.case.requests += 1
        clear = url.startswith("http:")
        return _answer(
            status=None if clear else 404,
            method=method,
            failure=Failure.UNREACHABLE if clear else None,
            detail="ConnectionRefusedError" if clear else "",
        )

    def exposure(self, origin: str) -> ExposureFact:
        """None of the files, nor the path that can't exist, is there."""
        self.case.requests += len(EXPOSED_FILES) + 1
        return ExposureFact(origin=origin, random_status=404, files=(), failure=None)

    def debug_pages(self, base: str, call: Call) -> ExposureFact:
        """None of the pages, nor the path that can't exist, is there."""
        for _ in range(len(DEBUG_PAGES) + 1):
            self._authenticate(call)
        return ExposureFact(origin=base, random_status=404, files=(), failure=None)

    def fuzz(self, service: FuzzedService, budget: int, budget_s: float) -> FuzzFact:
        """Every generated request is served as the description says; a run sends them once."""
        if service.name not in self._fuzzed:
            self._fuzzed.add(service.name)
            self.shared.requests += 1 + budget * len(service.accesses)
        operations = (
            FuzzedOperation(
                name=access.operation_id,
                generated=budget,
                sent=budget,
                served=budget,
                refused=budget,
                limited=0,
                judged=budget,
            )
            for access in service.accesses
        )
        return FuzzFact(
            service=service.name,
            engine="imagined",
            seed=0,
            budget=budget,
            budget_s=budget_s,
            elapsed_s=0.0,
            operations=tuple(operations),
        )

    def generated(self, service: str, number: int) -> Answer:
        """Refused."""
        self.case.requests += 1
        return _answer(status=400, method="GET")

    def secrets(self) -> SecretsFact:
        """No answer shows any."""
        return SecretsFact(marks=("imagined",))

    def traversal(self, call: Call, variants: tuple[Variant, ...]) -> TraversalFact:
        """None of the files is given; the permitted reading is asked for beside them."""
        for _ in (None, *variants):
            self._authenticate(call)
        return TraversalFact(paths=())

    def batch(self, calls: tuple[Call, ...]) -> Answer:
        """What each of its readings would show by itself."""
        self._authenticate(calls[0])
        granted = [
            call
            for call in calls
            if self._status(call, self._target.operations[call.operation]) == 200
        ]
        shown = tuple(text for call in granted for text in self._shown(call.object))
        return _answer(status=200, method="POST", call=calls[0], shown=shown, body="{}")

    def malformed(self, call: Call, fault: str) -> Answer:
        """Refused, whatever the fault."""
        self._authenticate(call)
        return _answer(status=400, method="GET", call=call)

    def hello(self, endpoint: Endpoint, version: TlsVersion) -> HelloAnswer:
        """Only the permitted versions are spoken."""
        self.case.tls_connections += 1
        spoken = version in _MODERN
        return HelloAnswer(
            address=endpoint.name,
            offered=version,
            outcome=HelloOutcome.ACCEPTED if spoken else HelloOutcome.REFUSED,
            version=version if spoken else None,
        )

    def weak_suites(self, endpoint: Endpoint, version: TlsVersion) -> WeakSuites:
        """None is accepted."""
        self.case.tls_connections += -(-len(weak_suites_of(version)) // SUITES_PER_HELLO)
        return WeakSuites(
            address=endpoint.name, offered=version, accepted=(), ended=HelloOutcome.REFUSED
        )

    def diffie_hellman(self, endpoint: Endpoint) -> HelloAnswer:
        """No suite of the kind is accepted."""
        self.case.tls_connections += 1
        return HelloAnswer(
            address=endpoint.name, offered=TlsVersion.TLS_1_2, outcome=HelloOutcome.REFUSED
        )

    def compression(self, endpoint: Endpoint) -> HelloAnswer:
        """Accepted without it."""
        return self.hello(endpoint, TlsVersion.TLS_1_2)

    def renegotiation(self, endpoint: Endpoint) -> Renegotiation:
        """Refused."""
        self.case.tls_connections += 1
        return Renegotiation(address=endpoint.name, outcome=RenegotiationOutcome.REFUSED)

    def chain(self, endpoint: Endpoint) -> ChainFact:
        """A chain that holds, of a short-lived certificate; a run looks at it once."""
        if endpoint not in self._chains:
            self._chains.add(endpoint)
            self.look()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return ChainFact(
            address=endpoint.name,
            host=endpoint.host,
            outcome=ChainOutcome.OBSERVED,
            verified_at=now,
            trust_anchors=0,
            certificates=(_certificate(endpoint.host, now),),
            handshake_complete=True,
            host_matches=True,
        )

    def chain_status(self, endpoint: Endpoint) -> ChainStatus:
        """A list and a responder say that the leaf is good, and a list says it of the intermediate."""
        self.case.requests += 3
        good = StatusSource(kind=StatusKind.LIST, url="", outcome=StatusOutcome.GOOD)
        leaf = CertificateStatus(subject=f"CN={endpoint.host}", serial="1", sources=(good,))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return ChainStatus(address=endpoint.name, asked_at=now, certificates=(leaf,))

    def staple(self, endpoint: Endpoint) -> Staple:
        """A good one."""
        self.case.tls_connections += 1
        good = StatusSource(kind=StatusKind.STAPLE, url="", outcome=StatusOutcome.GOOD)
        return Staple(address=endpoint.name, handshake=True, status=good)

    def look(self) -> None:
        """Count a look at an endpoint's certificates, which belongs to no case."""
        self.shared.tls_connections += _HANDSHAKES_A_LOOK

    def token(self, actor: str, name: str) -> TokenFact:
        """A signed JWT for that actor alone, with the scope that was asked for."""
        self._obtain(actor, name)
        declared = self._target.actors[actor].authentication
        client = declared if isinstance(declared, OAuth2Authentication) else None
        lifetime = (client.token_lifetime_s if client is not None else None) or 3600
        scope = client.scope if client is not None else None
        return TokenFact(
            actor=actor,
            format=TokenFormat.JWT,
            algorithm="RS256",
            key_id=True,
            refreshable=client is not None and client.refresh_token is not None,
            expires_in_s=lifetime,
            lifetime_s=lifetime,
            audience=(actor,),
            id_token="openid" in (scope or "").split(),
            scopes=tuple((scope or "").split()),
            failure=None,
        )

    def published_key(self, actor: str) -> PublishedKey:
        """The issuer publishes the key of every token."""
        self._obtain(actor, _SHARED)
        self._look_up(actor, "jwks_uri")
        return PublishedKey(actor=actor, found=True, key_type="RSA", failure=None)

    def signing_key(self, actor: str) -> SigningKeyFact:
        """Nobody can find the key."""
        self._obtain(actor, _SHARED)
        self._look_up(actor, "jwks_uri")
        return SigningKeyFact(
            actor=actor,
            format=TokenFormat.JWT,
            algorithm="RS256",
            guess=None,
            bits=2048,
            tried=1,
            lists="",
            failure=None,
        )

    def revoke(self, actor: str, name: str, kind: str) -> RevocationFact:
        """Every token can be revoked."""
        self._obtain(actor, name)
        self.case.requests += 1
        self._revoked.add((actor, name, kind))
        return RevocationFact(actor=actor, token=kind, status=200, failure=None)

    def renew(self, actor: str, name: str) -> RenewalFact:
        """A refresh token renews until it is revoked."""
        self._obtain(actor, name)
        self.case.requests += 1
        revoked = (actor, name, "refresh") in self._revoked
        return RenewalFact(
            actor=actor,
            issued=not revoked,
            status=400 if revoked else 200,
            error="invalid_grant" if revoked else None,
            failure=None,
        )

    def sign_in(self, account: str, password: Password) -> SignInFact:
        """The password that was last set opens, and no other."""
        self._as_holder(account)
        self.case.requests += 1
        opened = password in (self._passwords.get(account, Password.OWN), Password.HELD)
        return SignInFact(
            account=account,
            password=password,
            opened=opened,
            status=200 if opened else 401,
            failure=None,
            detail="",
        )

    def ask_reset(self, reset: PasswordReset, known: bool) -> ResetFact:
        """Answered alike, whoever it is asked for; the mail comes to whom it is."""
        self.case.requests += 1
        if known:
            self._mailed.add(reset.account)
        return ResetFact(
            account=reset.account if known else "nobody",
            status=202,
            failure=None,
            detail="",
            cookies=(),
            body="",
            listening=True,
            mailed=known,
            told=False,
        )

    def complete_reset(self, reset: PasswordReset, password: Password) -> PasswordFact:
        """Set once for each code that was mailed."""
        good = reset.account in self._mailed
        self._mailed.discard(reset.account)
        return self._password_set(reset.account, "code", password, good=good)

    def change_password(self, attempt: PasswordAttempt) -> PasswordFact:
        """Set for whoever shows the current one, of their own account."""
        self._as_holder(attempt.account)
        good = attempt.shown is Shown.CURRENT and attempt.other is None
        strong = attempt.password not in (Password.SHORT, Password.COMMON)
        return self._password_set(
            attempt.account, attempt.shown.value, attempt.password, good=good and strong
        )

    def _as_holder(self, account: str) -> None:
        """Count what signing in takes before a request."""
        declared = self._target.accounts
        if declared is not None and declared.held[account].sign_in is not None:
            self.case.requests += 1

    def _password_set(
        self, account: str, shown: str, password: Password, *, good: bool
    ) -> PasswordFact:
        self.case.requests += 1
        if good:
            self._passwords[account] = password
        return PasswordFact(
            account=account,
            shown=shown,
            password=password,
            status=204 if good else 400,
            failure=None,
            detail="",
        )

    def grant(
        self, actor: str, proof: ClientProof, renewing: str | None, spent_s: int | None
    ) -> GrantFact:
        """Granted to a client that proves itself anew."""
        if renewing is not None:
            self._obtain(actor, renewing)
        self._look_up(actor, "token_endpoint")
        self.case.actors[actor] = None
        self.case.requests += 1
        own = proof is ClientProof.OWN and spent_s is None
        return GrantFact(
            actor=actor,
            proof=proof.value,
            issued=own,
            status=200 if own else 401,
            error=None if own else "invalid_client",
            failure=None,
            detail="",
        )

    def authorize(self, actor: str, request: AuthorizationRequest) -> AuthorizationFact:
        """A code for the ordinary request, once somebody logged in; an error page for any other."""
        self._look_up(actor, "token_endpoint")
        self.case.actors[actor] = None
        if actor not in self._logged_in:
            self._logged_in.add(actor)
            self.shared.requests += _PAGES_OF_A_LOGIN
        self.case.requests += 1
        ordinary = AuthorizationRequest(name=request.name)
        self._serial += 1
        if request == ordinary:
            self._codes.add(self._serial)
        return AuthorizationFact(
            actor=actor,
            request=request.name,
            serial=self._serial,
            code=request == ordinary,
            token=False,
            redirected_to=None,
            error=None if request == ordinary else "invalid_request",
            status=302 if request == ordinary else 400,
            failure=None,
            detail="",
        )

    def redeem(self, actor: str, serial: int, verifier: Verifier, after_s: float) -> GrantFact:
        """A token for a code that wasn't redeemed yet nor held, to whoever asked for it."""
        good = serial in self._codes and verifier is Verifier.OWN and not after_s
        self._codes.discard(serial)
        return self._told(actor, verifier.value, None if good else "invalid_grant")

    def by_password(self, actor: str) -> GrantFact:
        """Not offered."""
        return self._told(actor, "password", "unsupported_grant_type")

    def _told(self, actor: str, proof: str, error: str | None) -> GrantFact:
        self.case.actors[actor] = None
        self.case.requests += 1
        return GrantFact(
            actor=actor,
            proof=proof,
            issued=error is None,
            status=200 if error is None else 400,
            error=error,
            failure=None,
            detail="",
        )

    def log_in(self, call: Call, given: Given, *, planting: bool) -> Answer:
        """Let in by the right password alone, but while the account or the source is locked."""
        self._authenticate(replace(call, credential=Credential.NONE))
        if isinstance(self._target.actors[call.actor].authentication, SessionAuthentication):
            self.case.requests += _PAGES_OF_A_LOGIN - 1
        failures = 0 if call.after_s else self._failed.get(call.actor, 0)
        let_in = given is Given.OWN and failures < self._limits(call.actor).attempts
        if given is not Given.UNKNOWN_NAME:
            self._failed[call.actor] = 0 if let_in else failures + 1
        self._tokens.add((call.actor, call.token))
        self._shut.discard((call.actor, call.token))
        if not let_in:
            self._shut.add((call.actor, call.token))
        return _answer(status=200 if let_in else 401, method="POST", call=call)

    def _limits(self, actor: str) -> PasswordLimits:
        declared = getattr(self._target.actors[actor].authentication, "limits", None)
        return declared if isinstance(declared, PasswordLimits) else PasswordLimits()

    def login_burst(self, call: Call, attempts: int) -> LoginBurst:
        """The last of the declared attempts is one too many, and nobody logs in any more."""
        self.case.requests += attempts * _PAGES_OF_A_LOGIN
        self.case.actors[call.actor] = None
        self._failed[call.actor] = self._limits(call.actor).attempts
        return LoginBurst(
            sent=attempts,
            statuses=(401,) * (attempts - 1) + (429,),
            limited=True,
            first_s=0.0,
            last_s=0.0,
            ended_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            failure=None,
        )

    def session(self, call: Call) -> SessionFact:
        """One cookie carries it, which a browser sends nowhere else and shows to no script."""
        self.case.requests += _PAGES_OF_A_LOGIN + _READINGS_OF_A_SESSION
        self.case.actors[call.actor] = None
        cookie = SessionCookie(name="imagined", secure=True, http_only=True, same_site="lax")
        return SessionFact(
            actor=call.actor, opened=True, cookies=(cookie,), others=(), failure=None, detail=""
        )

    def callback(self, credential: Credential) -> CallbackFact:
        """Nobody calls."""
        return CallbackFact(listening=True, alive=True, connections=0, first="")

    def outbound(self, call: Call, given: GivenAddress) -> OutboundFact:
        """The permitted address is called, and no other; a redirection isn't followed."""
        self._authenticate(call)
        operation = self._target.operations[call.operation]
        if operation.outbound is not None and operation.outbound.triggered_by is not None:
            self._authenticate(call)
        called = given in (GivenAddress.PERMITTED, GivenAddress.REDIRECTED)
        return OutboundFact(
            given=given,
            status=200 if called else 422,
            failure=None,
            listening=True,
            alive=True,
            called=called,
            strayed=False,
            created="imagined" if called and operation.creates is not None else "",
        )

    def entity(self, sent: Call, reading: Call) -> EntityFact:
        """Nothing is looked up; the object is read before and after."""
        for call in (reading, sent, reading):
            self._authenticate(call)
        return EntityFact(
            name="imagined",
            status=400,
            failure=None,
            listening=True,
            alive=True,
            called=False,
            content=None,
        )

    def leftover(self, url: str, framing: Framing) -> LeftoverFact:
        """Refused, and whoever comes next is answered as ever."""
        self.case.requests += 3 if framing is Framing.ABSENT else 4
        return LeftoverFact(
            framing=framing, status=400, failure=None, next=(200,) * 3, next_failure=None
        )

    def burst(self, call: Call, allowed: int, window_s: float) -> BurstFact:
        """The quota holds at the first request beyond it."""
        quota = next(
            (
                quota.requests
                for quota in self._target.quotas
                if (quota.operation, quota.actor) == (call.operation, call.actor)
            ),
            allowed - 1,
        )
        self._authenticate(call)
        self.case.requests += quota  # the one beyond was counted with its credential
        return BurstFact(
            allowed=allowed,
            sent=quota + 1,
            statuses=(200,) * quota + (429,),
            elapsed_s=0.0,
            failure=None,
        )

    def audited(self, service: AuditService, call: Call, trail: Call) -> AuditFact:
        """The trail shows the event at once to whoever may read it, and nothing to anybody else."""
        for one in (trail, call, trail):
            self._authenticate(one)
        performed = self._status(call, self._target.operations[call.operation])
        self._mind(call, performed)
        auditor = trail.actor == service.actor
        return AuditFact(
            performed=performed,
            performed_failure=None,
            status=200 if auditor else 403,
            failure=None,
            known_before=0,
            new=(self._event(service, call, performed),) if auditor else (),
            waited_s=0.0,
        )

    def _event(self, service: AuditService, call: Call, performed: int) -> AuditRecord:
        concerned = self._target.people.get(self._target.objects[call.object].person or "")
        return AuditRecord(
            who=self._target.actors[call.actor].audit_identity,
            patient=concerned.locator if concerned is not None else None,
            when=datetime.now(UTC).isoformat(timespec="seconds"),
            action="R",
            outcome="0" if performed == 200 else next(iter(service.refusals), None),
            id="imagined",
        )

    def _status(self, call: Call, operation: Operation) -> int:
        spent = (call.actor, call.token, "access") in self._revoked or call.after_s > 0
        if call.credential is not Credential.OWN or (spent and call.token != _SHARED):
            return 401
        concerned = self._target.objects[call.object].person
        withdrawn = self._withdrawn & {(call.actor, None), (call.actor, concerned or "")}
        if withdrawn or (call.actor, call.token) in self._shut:
            return 401
        if not self._permits(call, operation):
            return 403
        return 200 if call.variant is None else _varied(call.variant, operation)

    def _mind(self, call: Call, status: int) -> None:
        """Remember a right that a call withdrew: all of an actor's, or those to a person's records."""
        rights: list[tuple[Hook, tuple[str, str | None]]] = [
            (removal.hook, (removal.actor, None)) for removal in self._target.access_removals
        ]
        for restriction in self._target.restrictions:
            person = self._target.objects[restriction.hook.object].person
            rights.append((restriction.hook, (restriction.provider, person or "")))
        for hook, right in rights:
            if status == 200 and (call.actor, call.object) == (hook.actor, hook.object):
                self._withdrawn |= {right} if call.operation == hook.operation else set()
                self._withdrawn -= {right} if call.operation == hook.undo else set()

    def _permits(self, call: Call, operation: Operation) -> bool:
        """Whether the manifest lets an actor call an operation on an object."""
        if operation.public:
            return True
        auditors = {s.actor for s in self._target.services.values() if isinstance(s, AuditService)}
        owners = self._target.objects[call.object].owners
        owned = operation.object is None or call.actor in owners or call.actor in auditors
        return call.actor in operation.actors and owned

    def _authenticate(self, call: Call) -> None:
        """Count one request, and what its credential takes."""
        self.case.requests += 1
        self.case.actors[call.actor] = None
        if call.credential not in _BARE:
            self._obtain(call.actor, call.token)
        if call.credential in KEYED_WITH_PUBLIC_KEY:
            self._look_up(call.actor, "jwks_uri")

    def _obtain(self, actor: str, name: str) -> None:
        """Count the request for a token, when a run would send one."""
        declared = self._target.actors[actor].authentication
        self.case.actors[actor] = None
        if isinstance(declared, SessionAuthentication) and (actor, name) not in self._tokens:
            self._tokens.add((actor, name))
            tally = self.shared if name == _SHARED else self.case
            tally.requests += _PAGES_OF_A_LOGIN
        if not isinstance(declared, OAuth2Authentication):
            return
        brief = declared.token_lifetime_s is not None and declared.token_lifetime_s <= EARLY_S
        if (actor, name) in self._tokens and not (brief and name == _SHARED):
            return
        self._tokens.add((actor, name))
        tally = self.shared if name == _SHARED and not brief else self.case
        tally.requests += 1
        self._look_up(actor, "token_endpoint")

    def _look_up(self, actor: str, what: str) -> None:
        """Count what is asked of an issuer once a run: its metadata, and its keys."""
        declared = self._target.actors[actor].authentication
        if not isinstance(declared, OAuth2Authentication):
            return
        issuer = self._target.services[declared.service]
        if not isinstance(issuer, OAuth2Service):
            return
        documents = {"token_endpoint": () if issuer.token_endpoint else ("metadata",)}
        for document in documents.get(what, ("metadata", what)):
            if (issuer.url, document) not in self._published:
                self._published.add((issuer.url, document))
                self.shared.requests += 1

    def _shown(self, object_id: str) -> tuple[str, ...]:
        """What an object's reading shows of it: its canaries, and the last change."""
        written = self._written.get(object_id)
        return (*self._target.objects[object_id].canaries, *([written] if written else []))

    def _body(self, call: Call, operation: Operation) -> str:
        """Every declared field that isn't withheld from the actor's role; else an empty search."""
        role = self._target.actors[call.actor].role
        if not operation.returns:
            return json.dumps({"resourceType": "Bundle", "entry": []})
        content: dict[str, JsonValue] = {}
        for path in operation.returns:
            if role not in operation.withheld.get(path, ()):
                _put(content, path.split("/"), f"imagined-{path}")
        return json.dumps(content)


def _varied(variant: Variant, operation: Operation) -> int:
    """How a permitted request is answered as a variant changes it."""
    if variant.base is not None:
        return 404
    if variant.media_type not in (None, "application/json"):
        return 415
    return 200 if variant.method in (None, operation.method) else 405


def _put(content: dict[str, JsonValue], names: list[str], value: str) -> None:
    """Set a field by its path; what lies on the way is a list of one."""
    first, *rest = names
    if not rest:
        content[first] = value
        return
    inside = content.setdefault(first, [{}])
    if isinstance(inside, list) and isinstance(inside[0], dict):
        _put(inside[0], rest, value)


def _answer(
    *,
    status: int | None,
    method: str,
    call: Call | None = None,
    unique: str = "zzt-0",
    body: str = "",
    shown: tuple[str, ...] = (),
    failure: Failure | None = None,
    detail: str = "",
) -> Answer:
    headers: Mapping[str, str] = {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Imagined": " ".join(shown),
    }
    return Answer(
        actor="—" if call is None else call.actor,
        credential=Credential.NONE.value if call is None else call.credential.value,
        request=Request(method=method, url="", headers=(), body=""),
        unique=unique,
        status=status,
        headers=tuple(headers.items()),
        body=body,
        truncated=False,
        failure=failure,
        detail=detail,
        sent_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        elapsed_s=0.0,
    )


def _certificate(host: str, now: str) -> CertificateFact:
    return CertificateFact(
        subject=f"CN={host}",
        issuer="CN=imagined",
        names=(host,),
        not_before=now,
        not_after=now,
        key_type="EC",
        key_bits=256,
        curve="secp256r1",
        signature_hash="sha256",
        self_signed=False,
        server_auth=True,
        fingerprint_sha256="",
        der_base64="",
    )
