"""The system under test as a check sees it: questions in, recorded facts out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from tgv_suite.claims import CannotTell
from tgv_suite.model.accounts import PasswordReset
from tgv_suite.model.authorization import AuthorizationRequest, Verifier
from tgv_suite.model.catalogue import Parameters
from tgv_suite.model.credential import ClientProof, Credential
from tgv_suite.model.facts import (
    Answer,
    AuditFact,
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
    RevocationFact,
    SecretsFact,
    SigningKeyFact,
    TokenFact,
    TraversalFact,
)
from tgv_suite.model.files import SentFile
from tgv_suite.model.framing import Framing
from tgv_suite.model.fuzzing import FuzzFact, GeneratedRequest
from tgv_suite.model.outbound import GivenAddress
from tgv_suite.model.passwords import (
    Password,
    PasswordAttempt,
    PasswordFact,
    ResetFact,
    SignInFact,
)
from tgv_suite.model.results import Cause
from tgv_suite.model.revocation import ChainStatus, Staple
from tgv_suite.model.sessions import Given, LoginBurst, SessionFact
from tgv_suite.model.target import AuditService, Target
from tgv_suite.model.tls import ChainFact, HelloAnswer, Renegotiation, TlsVersion, WeakSuites
from tgv_suite.model.variant import Variant
from tgv_suite.noun import noun
from tgv_suite.subjects.subject import (
    Access,
    CodeClient,
    Creating,
    Crossing,
    Endpoint,
    Front,
    FuzzedService,
    Limit,
    Site,
    Traversal,
    XmlConsumer,
)
from tgv_suite.text import Text

Fact = TypeVar("Fact")

_TOLD = 100
"""How much of an address is told, in characters."""


@noun
class Call:
    """One request to send: an operation, in whose name, on which object, with which credential.

    Parameters
    ----------
    retry_for_s:
        How long to send it again until it is refused, in seconds; 0 sends it once.
    token:
        Which of the actor's tokens: ``shared``, or the name of one that a check spends.
    after_s:
        How long to wait, once the token is held, before it is sent, in seconds.
    variant:
        How the request differs from the operation's own.
    values:
        What fills names of the template in place of what the object gives; ``created`` is a
        creation, by its request's ``unique``, and filled in with the identifier that it brought.
    """

    operation: str
    actor: str
    object: str
    credential: Credential = Credential.OWN
    token: str = "shared"
    retry_for_s: int = 0
    after_s: float = 0.0
    variant: Variant | None = None
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, access: Access) -> Call:
        """An access as the permitted request that it is."""
        return cls(operation=access.operation_id, actor=access.actor_id, object=access.object_id)


class Probes(Protocol):
    """What the probes can be asked; ``tgv_suite.probes`` answers on real sockets."""

    def perform(self, call: Call) -> Answer:
        """Send one request."""

    def create(self, call: Call, file: SentFile | None) -> Answer:
        """Send one request that creates something, and keep what it created."""

    def remove(self, removal: Call, reading: Call) -> RemovalFact:
        """Remove what was created, and see that it is gone."""

    def fetch(self, method: str, url: str, headers: tuple[tuple[str, str], ...]) -> Answer:
        """Ask for an address as nobody in particular, without credentials."""

    def exposure(self, origin: str) -> ExposureFact:
        """Look for files of the inside."""

    def debug_pages(self, base: str, call: Call) -> ExposureFact:
        """Look for debugging pages in an actor's name."""

    def traversal(self, call: Call, variants: tuple[Variant, ...]) -> TraversalFact:
        """Look for files of the machine, by their path in place of a reading's values."""

    def fuzz(self, service: FuzzedService, budget: int, budget_s: float) -> FuzzFact:
        """Send requests that are generated from a description."""

    def generated(self, service: str, number: int) -> Answer:
        """Send one of them again."""

    def secrets(self) -> SecretsFact:
        """Tell by which marks the run's secrets are known."""

    def batch(self, calls: tuple[Call, ...]) -> Answer:
        """Send the calls as one FHIR batch."""

    def malformed(self, call: Call, fault: str) -> Answer:
        """Send a request with a named fault in it."""

    def hello(self, endpoint: Endpoint, version: TlsVersion) -> HelloAnswer:
        """Offer one TLS version."""

    def weak_suites(self, endpoint: Endpoint, version: TlsVersion) -> WeakSuites:
        """Find which weak suites are accepted."""

    def diffie_hellman(self, endpoint: Endpoint) -> HelloAnswer:
        """Offer only suites of Diffie-Hellman."""

    def compression(self, endpoint: Endpoint) -> HelloAnswer:
        """Offer to compress."""

    def renegotiation(self, endpoint: Endpoint) -> Renegotiation:
        """Renegotiate as a client."""

    def chain(self, endpoint: Endpoint) -> ChainFact:
        """Look at the certificates."""

    def chain_status(self, endpoint: Endpoint) -> ChainStatus:
        """Ask whether the certificates were revoked."""

    def staple(self, endpoint: Endpoint) -> Staple:
        """Ask for a stapled status."""

    def token(self, actor: str, name: str) -> TokenFact:
        """Obtain an access token."""

    def published_key(self, actor: str) -> PublishedKey:
        """Look for the public key that verifies an actor's token."""

    def signing_key(self, actor: str) -> SigningKeyFact:
        """Look for the key that signs an actor's token, among those that anybody can find."""

    def revoke(self, actor: str, name: str, kind: str) -> RevocationFact:
        """Revoke an ``access`` or a ``refresh`` token."""

    def renew(self, actor: str, name: str) -> RenewalFact:
        """Use the refresh token."""

    def grant(
        self, actor: str, proof: ClientProof, renewing: str | None, spent_s: int | None
    ) -> GrantFact:
        """Ask the token endpoint for a token that nobody keeps."""

    def authorize(self, actor: str, request: AuthorizationRequest) -> AuthorizationFact:
        """Ask for a code, and log in where a page asks for it."""

    def redeem(self, actor: str, serial: int, verifier: Verifier, after_s: float) -> GrantFact:
        """Redeem the code that a request brought, after some time."""

    def by_password(self, actor: str) -> GrantFact:
        """Ask the token endpoint for a token with a person's password."""

    def log_in(self, call: Call, given: Given, *, planting: bool) -> Answer:
        """Log in with a password, and keep the session under the call's token."""

    def login_burst(self, call: Call, attempts: int) -> LoginBurst:
        """Fail to log in, many times in a row, each time by another name that nobody has."""

    def session(self, call: Call) -> SessionFact:
        """Find which cookies carry an actor's session."""

    def sign_in(self, account: str, password: Password) -> SignInFact:
        """Sign in to an account that is given up to the tests."""

    def ask_reset(self, reset: PasswordReset, known: bool) -> ResetFact:
        """Ask for the reset of a password, in a known name or in one that nobody has."""

    def complete_reset(self, reset: PasswordReset, password: Password) -> PasswordFact:
        """Set a password by the code of the last mail."""

    def change_password(self, attempt: PasswordAttempt) -> PasswordFact:
        """Set a password as somebody who has signed in."""

    def callback(self, credential: Credential) -> CallbackFact:
        """Say whether the listener was called for a spoilt token."""

    def outbound(self, call: Call, given: GivenAddress) -> OutboundFact:
        """Give the system an address of the listener, and say whether it was called."""

    def entity(self, sent: Call, reading: Call) -> EntityFact:
        """Send a document that refers to another, and say whether that one was looked up."""

    def leftover(self, url: str, framing: Framing) -> LeftoverFact:
        """Send a request that carries the beginning of another, and plain ones after it."""

    def burst(self, call: Call, allowed: int, window_s: float) -> BurstFact:
        """Send the same request many times within a window."""

    def audited(self, service: AuditService, call: Call, trail: Call) -> AuditFact:
        """Perform a call and wait until a reading of the trail shows its trace."""


class Witness(Protocol):
    """Where a check's facts come from: live probes, or the record of an earlier run."""

    def ask(self, label: str, kind: type[Fact], probe: Callable[[Probes], Fact]) -> Fact:
        """The fact that answers a question.

        Parameters
        ----------
        label:
            The question's name; the same question asked again is told apart by its ordinal.
        kind:
            The fact's class.
        probe:
            What brings the fact when it isn't on record.
        """


class System:
    """The system under test.

    Parameters
    ----------
    target:
        Its manifest.
    parameters:
        The profile's thresholds.
    witness:
        Where facts come from.
    """

    def __init__(self, target: Target, parameters: Parameters, witness: Witness) -> None:
        self.target = target
        self.parameters = parameters
        self.controls = 0
        self.notes: list[Text] = []
        self._witness = witness
        self._left: Text | None = None

    def hello(self, endpoint: Endpoint, version: TlsVersion) -> HelloAnswer:
        """Offer one TLS version at an endpoint, with every suite of that version."""
        label = f"hello.{version.value}"
        return self._witness.ask(label, HelloAnswer, lambda probes: probes.hello(endpoint, version))

    def weak_suites(self, endpoint: Endpoint, version: TlsVersion) -> WeakSuites:
        """Which weak cipher suites an endpoint accepts in one TLS version."""
        label = f"weak-suites.{version.value}"
        return self._witness.ask(label, WeakSuites, lambda p: p.weak_suites(endpoint, version))

    def diffie_hellman(self, endpoint: Endpoint) -> HelloAnswer:
        """Offer TLS 1.2 with only suites of Diffie-Hellman over a prime of the server's choice."""
        label = f"diffie-hellman.{TlsVersion.TLS_1_2.value}"
        return self._witness.ask(label, HelloAnswer, lambda p: p.diffie_hellman(endpoint))

    def compression(self, endpoint: Endpoint) -> HelloAnswer:
        """Offer TLS 1.2 with every method of compression."""
        label = f"compression.{TlsVersion.TLS_1_2.value}"
        return self._witness.ask(label, HelloAnswer, lambda probes: probes.compression(endpoint))

    def renegotiation(self, endpoint: Endpoint) -> Renegotiation:
        """Begin a second handshake of TLS 1.2 within the first."""
        return self._witness.ask(
            "renegotiation", Renegotiation, lambda probes: probes.renegotiation(endpoint)
        )

    def chain(self, endpoint: Endpoint) -> ChainFact:
        """The certificates that an endpoint sends, and what OpenSSL says of them."""
        return self._witness.ask("certificates", ChainFact, lambda probes: probes.chain(endpoint))

    def chain_status(self, endpoint: Endpoint) -> ChainStatus:
        """What is published of the revocation of the certificates that an endpoint sends."""
        return self._witness.ask("revocations", ChainStatus, lambda p: p.chain_status(endpoint))

    def staple(self, endpoint: Endpoint) -> Staple:
        """What an endpoint says in its handshake of the revocation of its own certificate."""
        return self._witness.ask("staple", Staple, lambda probes: probes.staple(endpoint))

    def perform(
        self,
        access: Access,
        *,
        on: Access | None = None,
        credential: Credential = Credential.OWN,
        token: str = "shared",
        retry_for_s: int = 0,
        after_s: float = 0.0,
        variant: Variant | None = None,
        values: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        """Call an operation in an actor's name.

        Parameters
        ----------
        access:
            Who calls what; on their own object unless ``on`` names another's.
        on:
            The access whose object is asked for instead.
        credential:
            What is presented.
        token:
            Which of the actor's tokens.
        retry_for_s:
            How long to send it again until it is refused, in seconds.
        after_s:
            How long to wait, once the token is held, before it is sent, in seconds.
        variant:
            How the request differs from the operation's own.
        values:
            What fills names of the template in place of what the object gives; ``created`` is a
            creation, by its request's ``unique``.
        """
        call = Call(
            operation=access.operation_id,
            actor=access.actor_id,
            object=(on or access).object_id,
            credential=credential,
            token=token,
            retry_for_s=retry_for_s,
            after_s=after_s,
            variant=variant,
            values=values,
        )
        label = f"{call.operation}.{call.actor}.{call.object}.{call.credential}"
        if variant is not None:
            label = f"{label}.{variant.name}"
        return self._witness.ask(label, Answer, lambda probes: probes.perform(call))

    @contextmanager
    def creating(
        self,
        creating: Creating,
        *,
        by: Access | None = None,
        variant: Variant | None = None,
        file: SentFile | None = None,
        values: tuple[tuple[str, str], ...] = (),
    ) -> Iterator[Answer]:
        """Create something, and have it removed again whatever comes of what is done meanwhile.

        A check that creates runs alone: when the user stops it, what it created is removed first.

        Parameters
        ----------
        creating:
            What creates it, shows it and removes it.
        by:
            Who tries to create it, where that isn't the permitted actor; these remove it.
        variant, values:
            As in :meth:`perform`.
        file:
            The file that the request carries.
        """
        create = by or creating.create
        call = replace(Call.of(create), variant=variant, values=values)
        names = [file.label] if file is not None else []
        names += [variant.name] if variant is not None else []
        label = ".".join(["create", call.operation, call.actor, *names])
        answer = self._witness.ask(label, Answer, lambda probes: probes.create(call, file))
        try:
            yield answer
        finally:
            if answer.created:
                self._remove(creating, answer.unique)

    def _remove(self, creating: Creating, created: str) -> None:
        """Have what was created removed, and tell of it when it isn't seen to be gone."""
        values = (("created", created),)
        reading = replace(Call.of(creating.reading), values=values)
        removal = replace(Call.of(creating.removal), values=values)
        label = f"remove.{removal.operation}.{removal.actor}"
        fact = self._witness.ask(label, RemovalFact, lambda p: p.remove(removal, reading))
        if not fact.gone:
            said = fact.failure or f"HTTP {fact.removal}, HTTP {fact.after}"
            self._left = Text(
                fr=f"ce que la vérification a créé n'a pu être effacé ({said}) : une personne doit "
                "l'effacer dans le SI",
                en=f"what the check created couldn't be removed ({said}): a person has to remove it "
                "from the system",
            )
            self.note(self._left)

    def hold_cleaned_up(self) -> None:
        """Hold that nothing is left of what was created, once all else was seen.

        Raises
        ------
        CannotTell
            When something is; a finding, on the other hand, stands whatever is left.
        """
        if self._left is not None:
            raise CannotTell(Cause.CONTROL_FAILED, self._left)

    def fetch(
        self, url: str, *, method: str = "GET", headers: tuple[tuple[str, str], ...] = ()
    ) -> Answer:
        """Ask for an address without credentials; only the scope's hosts are ever asked.

        Parameters
        ----------
        url:
            The whole address.
        method, headers:
            How it is asked for.
        """
        label = f"fetch.{method}.{urlsplit(url).path.strip('/').replace('/', '-') or 'root'}"
        return self._witness.ask(label, Answer, lambda p: p.fetch(method, url, headers))

    def exposure(self, origin: str) -> ExposureFact:
        """Which files of the inside an origin serves to whoever asks."""
        return self._witness.ask("exposure", ExposureFact, lambda p: p.exposure(origin))

    def debug_pages(self, site: Site) -> ExposureFact:
        """Which debugging pages a service serves to whoever may read there."""
        access = site.access
        call = Call.of(access)
        label = f"debug-pages.{access.actor_id}"
        return self._witness.ask(label, ExposureFact, lambda p: p.debug_pages(site.base, call))

    def fuzz(self, service: FuzzedService) -> FuzzFact:
        """What comes of requests generated from a service's description, within the profile's budget."""
        budget, budget_s = self.parameters.fuzz_requests, self.parameters.fuzz_budget_s
        label = f"fuzz.{service.name}"
        return self._witness.ask(label, FuzzFact, lambda p: p.fuzz(service, budget, budget_s))

    def generated(self, service: FuzzedService, request: GeneratedRequest) -> Answer:
        """One of the generated requests again."""
        name, number = service.name, request.number
        label = f"generated.{request.operation}.{number}"
        return self._witness.ask(label, Answer, lambda probes: probes.generated(name, number))

    def secrets(self) -> SecretsFact:
        """By which marks the run's secrets are known, in whatever an answer shows."""
        return self._witness.ask("secrets", SecretsFact, lambda probes: probes.secrets())

    def traversal(self, traversal: Traversal) -> TraversalFact:
        """Which files of the machine a reading gives by their path."""
        access = traversal.access
        call = Call.of(access)
        label = f"traversal.{access.operation_id}.{access.actor_id}"
        return self._witness.ask(
            label, TraversalFact, lambda probes: probes.traversal(call, traversal.variants)
        )

    def batch(self, crossing: Crossing) -> Answer:
        """One FHIR batch that asks for the actor's own object and for the other's."""
        own, foreign = crossing.own, crossing.foreign
        calls = tuple(replace(Call.of(own), object=access.object_id) for access in (own, foreign))
        label = f"batch.{own.actor_id}.{foreign.object_id}"
        return self._witness.ask(label, Answer, lambda probes: probes.batch(calls))

    def malformed(self, access: Access, fault: str) -> Answer:
        """Call an operation with a named fault in the request."""
        call = Call.of(access)
        label = f"{call.operation}.{call.actor}.{fault}"
        return self._witness.ask(label, Answer, lambda probes: probes.malformed(call, fault))

    def token(self, access: Access | CodeClient, *, name: str = "shared") -> TokenFact:
        """What kind of access token an actor has."""
        actor = access.actor_id
        return self._witness.ask(f"token.{actor}", TokenFact, lambda p: p.token(actor, name))

    def published_key(self, access: Access) -> PublishedKey:
        """The public key that the issuer publishes for an actor's token (RFC 8414, RFC 7517)."""
        actor = access.actor_id
        return self._witness.ask(f"key.{actor}", PublishedKey, lambda p: p.published_key(actor))

    def signing_key(self, access: Access) -> SigningKeyFact:
        """Whether the key that signs an actor's token is one that anybody can find."""
        actor = access.actor_id
        return self._witness.ask(f"signing.{actor}", SigningKeyFact, lambda p: p.signing_key(actor))

    def revoke(self, access: Access, *, name: str, kind: str) -> RevocationFact:
        """Revoke one of an actor's tokens (RFC 7009)."""
        actor, label = access.actor_id, f"revoke.{access.actor_id}.{kind}"
        return self._witness.ask(label, RevocationFact, lambda p: p.revoke(actor, name, kind))

    def renew(self, access: Access, *, name: str) -> RenewalFact:
        """Use an actor's refresh token (RFC 6749 §6)."""
        actor = access.actor_id
        return self._witness.ask(f"renew.{actor}", RenewalFact, lambda p: p.renew(actor, name))

    def grant(
        self,
        access: Access | CodeClient,
        *,
        proof: ClientProof = ClientProof.OWN,
        renewing: str | None = None,
        spent_s: int | None = None,
    ) -> GrantFact:
        """Ask the token endpoint for a token, as an actor's client.

        Parameters
        ----------
        access:
            Whose client.
        proof:
            How it proves itself.
        renewing:
            Which of the actor's tokens is renewed (RFC 6749 §6); None asks by client_credentials.
        spent_s:
            Renew by the refresh token that the last renewal replaced, after so many seconds.
        """
        actor, label = access.actor_id, f"grant.{access.actor_id}.{proof}"
        return self._witness.ask(
            label, GrantFact, lambda p: p.grant(actor, proof, renewing, spent_s)
        )

    def authorize(self, client: CodeClient, request: AuthorizationRequest) -> AuthorizationFact:
        """Ask for a code in a client's name (RFC 6749 §4.1.1), and log in where a page asks for it.

        Parameters
        ----------
        client:
            Whose client; its person logs in.
        request:
            What is asked for.
        """
        actor, label = client.actor_id, f"authorize.{client.actor_id}.{request.name}"
        return self._witness.ask(label, AuthorizationFact, lambda p: p.authorize(actor, request))

    def redeem(
        self,
        granted: AuthorizationFact,
        *,
        verifier: Verifier = Verifier.OWN,
        after_s: float = 0.0,
    ) -> GrantFact:
        """Redeem a code (RFC 6749 §4.1.3).

        Parameters
        ----------
        granted:
            The request that brought the code.
        verifier:
            What is shown of the verifier (RFC 7636 §4.5).
        after_s:
            How long to hold the code before, in seconds.
        """
        actor, serial = granted.actor, granted.serial
        label = f"redeem.{actor}.{granted.request}"
        return self._witness.ask(
            label, GrantFact, lambda p: p.redeem(actor, serial, verifier, after_s)
        )

    def by_password(self, client: CodeClient) -> GrantFact:
        """Ask for a token with the person's own password (RFC 6749 §4.3)."""
        actor, label = client.actor_id, f"password.{client.actor_id}"
        return self._witness.ask(label, GrantFact, lambda p: p.by_password(actor))

    def log_in(
        self,
        access: Access,
        *,
        session: str,
        given: Given = Given.OWN,
        after_s: float = 0.0,
        variant: Variant | None = None,
        planting: bool = False,
    ) -> Answer:
        """Log in anew with a password, by the page's form or with HTTP Basic: the last page.

        Whether it opened anything, a reading tells whose ``token`` is the session's name.

        Parameters
        ----------
        access:
            Whose login; with HTTP Basic, which request it is made with.
        session:
            The name under which what came of it is kept.
        given:
            The name and the password.
        after_s:
            How long to wait before, in seconds.
        variant:
            What each request carries besides.
        planting:
            Whether the browser already has a cookie of the session's name, of a value of ours;
            :meth:`session` must have found the name.
        """
        call = replace(Call.of(access), token=session, after_s=after_s, variant=variant)
        label = f"log-in.{access.actor_id}.{session}.{given}"
        return self._witness.ask(label, Answer, lambda p: p.log_in(call, given, planting=planting))

    def login_burst(self, access: Access, attempts: int) -> LoginBurst:
        """Fail to log in, each time by another name that nobody has, until it is one too many."""
        label = f"login-burst.{access.actor_id}"
        call = Call.of(access)
        return self._witness.ask(label, LoginBurst, lambda p: p.login_burst(call, attempts))

    def session(self, access: Access) -> SessionFact:
        """Which cookies carry an actor's session, found by removing each in turn."""
        label, call = f"session.{access.actor_id}", Call.of(access)
        return self._witness.ask(label, SessionFact, lambda probes: probes.session(call))

    def sign_in(self, account: str, password: Password) -> SignInFact:
        """Sign in to an account that is given up to the tests, and read what is its holder's alone."""
        label = f"sign-in.{account}.{password}"
        return self._witness.ask(label, SignInFact, lambda p: p.sign_in(account, password))

    def ask_reset(self, reset: PasswordReset, *, known: bool = True) -> ResetFact:
        """Ask for the reset of a password, and await the mail of a known account.

        Parameters
        ----------
        reset:
            How that is asked for, and whose it is.
        known:
            Whether it is asked for in that account's name; otherwise in a name that nobody has.
        """
        label = f"reset.{reset.account if known else 'nobody'}"
        return self._witness.ask(label, ResetFact, lambda p: p.ask_reset(reset, known))

    def complete_reset(self, reset: PasswordReset, password: Password) -> PasswordFact:
        """Set a password by the code that the last mail brought."""
        label = f"reset.{reset.account}.{password}"
        return self._witness.ask(label, PasswordFact, lambda p: p.complete_reset(reset, password))

    def change_password(self, attempt: PasswordAttempt) -> PasswordFact:
        """Set a password as somebody who has signed in."""
        label = f"password.{attempt.account}.{attempt.password}"
        return self._witness.ask(label, PasswordFact, lambda p: p.change_password(attempt))

    def issued(self, grant: GrantFact) -> None:
        """Hold a positive control: a client that proved itself was given a token.

        Raises
        ------
        CannotTell
            When it wasn't; nothing is then concluded from any refusal.
        """
        if not grant.issued:
            raise _ungranted(grant, Text(fr="le témoin positif", en="the positive control"))
        self.controls += 1

    def ungranted(self, grant: GrantFact) -> None:
        """Hold that the token endpoint said no, and not that it failed.

        Raises
        ------
        CannotTell
            When it did something else: a time-out or a server error proves no refusal.
        """
        if not grant.refused:
            what = Text(fr="la demande qui doit être refusée", en="the request to refuse")
            raise _ungranted(grant, what)

    def callback(self, credential: Credential) -> CallbackFact:
        """Whether the harness's listener was called because of a spoilt token."""
        label = f"callback.{credential}"
        return self._witness.ask(label, CallbackFact, lambda probes: probes.callback(credential))

    def outbound(self, access: Access, given: GivenAddress) -> OutboundFact:
        """Where the system calls, once an operation gave it an address of the harness's listener."""
        call = Call.of(access)
        label = f"outbound.{access.operation_id}.{access.actor_id}.{given}"
        return self._witness.ask(label, OutboundFact, lambda probes: probes.outbound(call, given))

    def entity(self, consumer: XmlConsumer, variant: Variant) -> EntityFact:
        """Whether the system looks up the document to which a request in XML refers."""
        reading = Call.of(consumer.shown_by)
        call = replace(Call.of(consumer.access), variant=variant)
        label = f"entity.{call.operation}.{call.actor}.{variant.name}"
        return self._witness.ask(label, EntityFact, lambda probes: probes.entity(call, reading))

    def leftover(self, front: Front, framing: Framing) -> LeftoverFact:
        """What a service answers after a request that carries the beginning of another."""
        label = f"leftover.{front.service_id}.{framing}"
        return self._witness.ask(label, LeftoverFact, lambda p: p.leftover(front.url, framing))

    def subscribe(self, creating: Creating, given: GivenAddress) -> OutboundFact:
        """Where the system calls, once it was to notify an address of the harness's listener.

        The subscription is removed again.
        """
        seen = self.outbound(creating.create, given)
        if seen.created:
            self._remove(creating, seen.created)
        return seen

    def burst(self, limit: Limit) -> BurstFact:
        """Spend a quota and a fifth more, within its window."""
        access, quota = limit.spending, limit.quota
        call = Call.of(access)
        allowed = -(-quota.requests * 12 // 10)
        label = f"burst.{access.operation_id}.{access.actor_id}"
        return self._witness.ask(label, BurstFact, lambda p: p.burst(call, allowed, quota.window_s))

    def audited(
        self,
        access: Access,
        *,
        by: AuditService,
        on: Access | None = None,
        search: str | None = None,
        reader: Access | None = None,
    ) -> AuditFact:
        """Ask for a person's data, then wait for the trace of it.

        Parameters
        ----------
        access:
            Who asks for what; on their own object unless ``on`` names another's.
        by:
            What must log it.
        on:
            The access whose object is asked for instead.
        search:
            The operation that searches the trail; the service's own when None.
        reader:
            Whose name the trail is read in; the service's own actor's when None.
        """
        asked = (on or access).object_id
        call = replace(Call.of(access), object=asked)
        trail = Call(
            operation=search or by.operation,
            actor=by.actor if reader is None else reader.actor_id,
            object=asked,
            values=(("actor", access.actor.audit_identity or ""),),
        )
        label = f"audit.{access.operation_id}.{access.actor_id}.{trail.operation}.{trail.actor}"
        return self._witness.ask(label, AuditFact, lambda probes: probes.audited(by, call, trail))

    def control(self, answer: Answer, *, sees: Iterable[str] = ()) -> None:
        """Hold a positive control: the permitted request was served and showed what it should.

        Parameters
        ----------
        answer:
            The permitted request's answer.
        sees:
            Strings of which one must stand in it.

        Raises
        ------
        CannotTell
            When it wasn't; nothing is then concluded from any refusal.
        """
        wanted = tuple(sees)
        if not answer.served:
            raise unanswered(answer, Text(fr="le témoin positif", en="the positive control"))
        if wanted and not answer.mentions(wanted):
            raise CannotTell(
                Cause.CONTROL_FAILED,
                Text(
                    fr=f"le témoin positif a répondu {answer.status} sans montrer l'objet attendu",
                    en=f"the positive control answered {answer.status} without the expected object",
                ),
            )
        self.controls += 1

    def denied(self, attempt: Answer, *kinds: Refusal) -> None:
        """Hold that a write without effect was refused as it should, or answered as if it were done.

        Parameters
        ----------
        attempt:
            The write, once its victim saw no effect of it.
        kinds:
            The kinds of refusal that prove something here.

        Raises
        ------
        CannotTell
            When it is neither: a time-out, a server error or another refusal proves nothing.
        """
        if not attempt.served:
            settled(attempt, *kinds)
            return
        self.note(
            Text(
                fr=f"le SI a répondu {attempt.status} à une modification interdite, sans effet",
                en=f"the system answered {attempt.status} to a forbidden change, without effect",
            )
        )

    def note(self, said: Text) -> None:
        """Tell the reader something that changes no verdict; the same is told once."""
        if said not in self.notes:
            self.notes.append(said)

    def hold(self, condition: bool, otherwise: Text, cause: Cause = Cause.CONTROL_FAILED) -> None:
        """Hold a positive control that isn't an HTTP answer.

        Raises
        ------
        CannotTell
            With ``cause`` and the words of ``otherwise`` when ``condition`` is false.
        """
        if not condition:
            raise CannotTell(cause, otherwise)
        self.controls += 1


_CAUSES: dict[Failure, Cause] = {
    Failure.UNREACHABLE: Cause.UNREACHABLE,
    Failure.TIMEOUT: Cause.TIMEOUT,
    Failure.NOT_TRUSTED: Cause.PRECONDITION,
    Failure.TLS_REFUSED: Cause.CONTROL_FAILED,
    Failure.NO_CREDENTIAL: Cause.PRECONDITION,
    Failure.MALFORMED: Cause.NO_OBSERVATION,
    Failure.HALTED: Cause.NOT_RUN,
    Failure.OUT_OF_SCOPE: Cause.PRECONDITION,
}

_FAILURES: dict[Failure, Text] = {
    Failure.UNREACHABLE: Text(fr="n'a pu joindre le SI", en="couldn't reach the system"),
    Failure.TIMEOUT: Text(fr="a dépassé son délai", en="timed out"),
    Failure.NOT_TRUSTED: Text(
        fr="n'a pas été envoyé : le certificat du serveur n'a pas été vérifié",
        en="wasn't sent: the server's certificate didn't verify",
    ),
    Failure.TLS_REFUSED: Text(fr="a été refusé par TLS", en="was refused by TLS"),
    Failure.NO_CREDENTIAL: Text(
        fr="n'a pu être envoyé : l'acteur n'a pas obtenu de jeton",
        en="couldn't be sent: the actor obtained no token",
    ),
    Failure.MALFORMED: Text(
        fr="a reçu une réponse qui n'est pas du HTTP valide",
        en="got an answer that isn't valid HTTP",
    ),
    Failure.HALTED: Text(
        fr="n'a pas été envoyé : l'essai s'était arrêté", en="wasn't sent: the run had stopped"
    ),
    Failure.OUT_OF_SCOPE: Text(
        fr="n'a pas été envoyé : l'adresse est hors de la portée autorisée",
        en="wasn't sent: the address is outside the authorised scope",
    ),
}


def cause_of(failure: Failure | None) -> Cause:
    """Why nothing can be concluded of a request, by what became of it."""
    return Cause.CONTROL_FAILED if failure is None else _CAUSES[failure]


def unanswered(answer: Answer, what: Text) -> CannotTell:
    """Why an answer can't be judged, as the exception to raise.

    Parameters
    ----------
    answer:
        The answer.
    what:
        What was sent, as the subject of a sentence.
    """
    if answer.failure is not None:
        said = _FAILURES[answer.failure]
        detail = f" ({answer.detail})" if answer.detail else ""
        reason = Text(fr=f"{what.fr} {said.fr}{detail}", en=f"{what.en} {said.en}{detail}")
        return CannotTell(cause_of(answer.failure), reason)
    host = answer.redirected_to
    if host is not None:
        place = host or (answer.header("location") or "").partition("?")[0][:_TOLD]
        reason = Text(
            fr=f"{what.fr} a été redirigé vers « {place} », ce qui n'est pas suivi",
            en=f"{what.en} was redirected to “{place}”, which isn't followed",
        )
        return CannotTell(Cause.CONTROL_FAILED, reason)
    reason = Text(
        fr=f"{what.fr} a reçu le statut {answer.status}",
        en=f"{what.en} was answered with status {answer.status}",
    )
    return CannotTell(Cause.CONTROL_FAILED, reason)


def _ungranted(grant: GrantFact, what: Text) -> CannotTell:
    """Why the token endpoint's answer can't be judged, as the exception to raise."""
    if grant.failure is not None:
        said = _FAILURES[grant.failure]
        reason = Text(fr=f"{what.fr} {said.fr}", en=f"{what.en} {said.en}")
        return CannotTell(cause_of(grant.failure), reason)
    told = ", ".join(filter(None, (str(grant.status or grant.detail), grant.error)))
    return CannotTell(
        Cause.PRECONDITION if grant.status is None else Cause.CONTROL_FAILED,
        Text(
            fr=f"{what.fr} n'a pas reçu la réponse attendue du point de jeton ({told})",
            en=f"{what.en} wasn't answered by the token endpoint as expected ({told})",
        ),
    )


def took_effect(attempt: Answer, after: Answer) -> bool:
    """Whether a write shows in what its victim then reads, or the object is gone.

    Parameters
    ----------
    attempt:
        The write that should have no effect.
    after:
        A reading of its object that was served before.
    """
    written = bool(attempt.unique) and after.mentions([attempt.unique])
    return written or after.status in (404, 410)


def settled(answer: Answer, *kinds: Refusal, hidden: Iterable[str] = ()) -> Answer:
    """The answer, when it settles the matter: a refusal of the right kind, or the hidden thing shown.

    Parameters
    ----------
    answer:
        The answer to a request that should be refused.
    kinds:
        The kinds of refusal that prove something here.
    hidden:
        What the answer must not show; when it does, nothing else matters.

    Raises
    ------
    CannotTell
        When it is neither: a time-out, a server error or another refusal proves nothing.
    """
    if answer.mentions(tuple(hidden)) or any(answer.refused(kind) for kind in kinds):
        return answer
    raise unanswered(
        answer, Text(fr="la requête qui doit être refusée", en="the request to refuse")
    )
