"""What a check is run over: an endpoint, an access, a pair of accesses, a quota, an audited reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tgv_suite.model.accounts import PasswordChange, PasswordReset
from tgv_suite.model.default_accounts import DefaultAccount
from tgv_suite.model.fuzzing import LeftOut
from tgv_suite.model.target import (
    Actor,
    AuditService,
    FhirService,
    OpenApiService,
    Operation,
    Page,
    PasswordLimits,
    Product,
    Quota,
    SyntheticObject,
    Target,
)
from tgv_suite.model.variant import Variant
from tgv_suite.noun import noun
from tgv_suite.text import Text


@noun
class Endpoint:
    """A host and port of the system that speaks TLS."""

    host: str
    port: int

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.host}-{self.port}"


@noun
class ClearText:
    """The same request of a service, over TLS and at the address where it would answer in clear.

    Parameters
    ----------
    service_id:
        The service.
    secure, clear:
        Both addresses, in whole.
    """

    service_id: str
    secure: str
    clear: str

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.service_id


@noun
class Access:
    """An actor's permitted call of an operation, on an object of theirs.

    Parameters
    ----------
    operation_id, operation, actor_id, actor, object_id, object:
        Who calls what on what, by id and in full.
    """

    operation_id: str
    operation: Operation
    actor_id: str
    actor: Actor
    object_id: str
    object: SyntheticObject

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.operation_id}.{self.actor_id}"


@noun
class CodeClient:
    """A client to which a person grants a code by logging in.

    Parameters
    ----------
    actor_id, actor:
        Whose name it acts in.
    redirect_uri:
        The registered address that the code is sent to.
    """

    actor_id: str
    actor: Actor
    redirect_uri: str

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.actor_id


@noun
class Writing:
    """A permitted write, and the reading that shows its effect."""

    write: Access
    reading: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.write.name


@noun
class Malformed:
    """A permitted write, and the same with something wrong in its body.

    Parameters
    ----------
    writing:
        The write, and the reading that shows its effect.
    cut:
        Its body without the end.
    variants:
        A field of another type, nested too deep, or named twice.
    """

    writing: Writing
    cut: Variant
    variants: tuple[Variant, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.writing.name


@noun
class Nested:
    """A permitted write, and the same with a value nested ten thousand levels deep."""

    writing: Writing
    deep: Variant

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.writing.name


@noun
class XmlConsumer:
    """A permitted request that may be sent in XML, and what a document can ask of whoever parses it.

    Parameters
    ----------
    access, shown_by:
        The update, and the reading that shows its effect; a reading in XML shows itself.
    declared:
        Whether the manifest declares it in XML; otherwise it is its JSON, written in XML.
    plain:
        The request in XML, without a document type.
    internal:
        The same with its value in an internal entity.
    external:
        The same with what other documents hold: of the listener, at ``{url}``, or of the machine.
    bomb:
        The same with its value in an internal entity, beside ten thousand expansions of nothing.
    """

    access: Access
    shown_by: Access
    declared: bool
    plain: Variant
    internal: Variant
    external: tuple[Variant, ...]
    bomb: Variant

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.access.name

    @property
    def reads(self) -> bool:
        """Whether the request is a reading."""
        return self.access == self.shown_by


@noun
class Crossing:
    """An actor's permitted access, and the same operation on what they may not see.

    Parameters
    ----------
    own:
        What the actor may do.
    foreign:
        What the owner of the other object may do, by which it is known to exist.
    """

    own: Access
    foreign: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.own.name}.{self.foreign.object_id}"


@noun
class ForeignWriting:
    """An actor's permitted write on an object of theirs, and another's on an object of their own."""

    own: Writing
    foreign: Writing

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.own.name}.{self.foreign.write.object_id}"


@noun
class Spoof:
    """A crossing, and the requests that claim to act for the other side.

    Parameters
    ----------
    crossing:
        What the actor may do, and what only the other may.
    variants:
        The claims, each in a header or a parameter of its own.
    """

    crossing: Crossing
    variants: tuple[Variant, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.crossing.name


@noun
class Intrusion:
    """Somebody of another role, and the reserved operation that must be refused to them.

    Parameters
    ----------
    own:
        What they may do.
    attempt:
        The reserved operation in their name.
    """

    own: Access
    attempt: Access


@noun
class Policy:
    """A reading, whom it serves, and to whom it must show nothing.

    Parameters
    ----------
    allowed:
        Each marked object, by each of its owners who may read it.
    denied:
        Each of these objects by each actor who doesn't own it.
    """

    operation_id: str
    allowed: tuple[Access, ...]
    denied: tuple[Intrusion, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.operation_id


@noun
class Reserved:
    """A reserved operation, by whom it is reserved for, and by somebody of every other role.

    Parameters
    ----------
    permitted:
        The operation, by an actor who may.
    reading:
        The reading that shows its object to that actor; for a reading, itself.
    intrusions:
        One actor of each other role.
    """

    permitted: Access
    reading: Access
    intrusions: tuple[Intrusion, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.permitted.name


@noun
class OnlyReading:
    """An actor who may read an object but not change it, and somebody who may.

    Parameters
    ----------
    writing:
        The change, by somebody who may.
    reading:
        The reading, by the actor who may only read.
    attempt:
        The change in that actor's name.
    """

    writing: Writing
    reading: Access
    attempt: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.attempt.name


@noun
class Undescribed:
    """Methods that no operation declares for a path, tried by an actor who may only read there.

    Parameters
    ----------
    only:
        That actor, the change that isn't theirs, and somebody whose it is.
    variants:
        The same request by each other method, or by one that a header or a parameter overrides.
    """

    only: OnlyReading
    variants: tuple[Variant, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.only.name


@noun
class Withheld:
    """A field of an object that one role is shown and another isn't.

    Parameters
    ----------
    field:
        Its path.
    shown, kept:
        The same reading of the same object, by somebody of each role.
    """

    field: str
    shown: Access
    kept: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.kept.name}.{self.field.replace('/', '-')}"


@noun
class ForeignAudience:
    """An actor's permitted reading, and the same asked with a token meant for another API.

    Parameters
    ----------
    own:
        What the actor may do.
    stranger:
        The same request by the client whose tokens are for another API of the issuer.
    """

    own: Access
    stranger: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.own.name}.{self.stranger.actor_id}"


@noun
class Bound:
    """A reading by a client whose tokens are bound to its certificate, and where else it may be asked.

    Parameters
    ----------
    access:
        The reading.
    elsewhere:
        The same request at the other declared services that offer it, in the same name.
    """

    access: Access
    elsewhere: tuple[Access, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.access.name


@noun
class Issuer:
    """An OAuth 2.0 issuer, and the addresses of what is published of it.

    Parameters
    ----------
    service_id, url:
        The first service declared with it, and the issuer itself.
    metadata:
        Where its own metadata may stand; each document there must name it.
    configurations:
        Where each declared FHIR server may say how to be authorised.
    """

    service_id: str
    url: str
    metadata: tuple[str, ...]
    configurations: tuple[str, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.service_id


@noun
class Limit:
    """A declared quota, the access that spends it, and the bystander's."""

    quota: Quota
    spending: Access
    bystander: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.spending.name


@noun
class AuditedReading:
    """A reading of a person's data, and the service that must have logged it."""

    access: Access
    service_id: str
    service: AuditService
    person: str

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.access.name


@noun
class Site:
    """An https origin, with a permitted reading there that shows it to be alive.

    Parameters
    ----------
    origin:
        Scheme, host and port.
    base:
        The address of the reading's service.
    """

    origin: str
    base: str
    access: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.origin.partition("://")[2].replace(":", "-")


@noun
class Defaults:
    """A reading by an account with a password, and a product's default accounts to try there.

    Parameters
    ----------
    product:
        The product that is delivered with them.
    access:
        The permitted reading.
    accounts:
        Those of its accounts that aren't the run's own.
    """

    product: Product
    access: Access
    accounts: tuple[DefaultAccount, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.access.name}.{self.product}"


@noun
class Described:
    """A service that publishes what it offers, and where."""

    service_id: str
    service: FhirService | OpenApiService
    url: str

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.service_id


@noun
class DescribedSite:
    """A service that describes itself, and a permitted reading there.

    Parameters
    ----------
    hidden:
        The marks that the reading's actor may be shown nowhere.
    """

    service: OpenApiService
    url: str
    access: Access
    hidden: tuple[str, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.access.name


@noun
class FuzzedService:
    """A service whose own description says what to send it: its readings, or what changes something.

    Parameters
    ----------
    service_id, service, url:
        The service, and where its description is.
    every:
        The permitted requests that generated ones take after, each operation once.
    accesses:
        Those of them that are sent.
    writings:
        Those that change something, with the reading that shows it; none among readings.
    left_out:
        The service's other operations, and why nothing is generated for them.
    """

    service_id: str
    service: FhirService | OpenApiService
    url: str
    every: tuple[Access, ...]
    accesses: tuple[Access, ...]
    writings: tuple[Writing, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.service_id}.{'writes' if self.writings else 'reads'}"


@noun
class Paging:
    """A search that cuts its results into pages, and how long a page may be."""

    access: Access
    page: Page

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.access.name


@noun
class AuditedCrossing:
    """A crossing between people, and the service that shows the audit trail of it."""

    crossing: Crossing
    service: AuditService

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.crossing.name


@noun
class AuditedEvent:
    """A reading that the audit trail logs, and those who must not change its event.

    Parameters
    ----------
    reading:
        What is logged.
    event:
        The reading of one event, by its identifier.
    others:
        For an actor of each role, a permitted reading.
    """

    reading: AuditedReading
    event: Access
    others: tuple[Access, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.reading.name

    def by(self, other: Access) -> Access:
        """The reading of the event in another's name."""
        return replace(self.event, actor_id=other.actor_id, actor=other.actor)


@noun
class Effectless:
    """A reading, and others that show the same object by other operations."""

    reading: Access
    views: tuple[Access, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.reading.name


@noun
class SpoofedWriting:
    """Two users' updates of their own objects, and requests of the one that name the other."""

    writing: ForeignWriting
    variants: tuple[Variant, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.writing.name


@noun
class Detour:
    """A crossing, and other ways of asking for the record that its actor may not see.

    Parameters
    ----------
    crossing:
        What the actor may do, and what only the other may.
    instead:
        The forbidden request, its address written otherwise.
    behind:
        The permitted request, with the forbidden address beside it.
    """

    crossing: Crossing
    instead: tuple[Variant, ...]
    behind: tuple[Variant, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.crossing.name


@noun
class Lookup:
    """A search by health insurance number, and numbers whose answers must be alike.

    Parameters
    ----------
    own:
        The search, on somebody whom its actor may find.
    hidden:
        The same on people whom that actor may not find, each by whoever may.
    absent:
        Numbers that nobody has; one more than ``hidden``.
    """

    own: Access
    hidden: tuple[Access, ...]
    absent: tuple[str, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.own.name


@noun
class Predicates:
    """Two requests alike but for a predicate that a query would find true in one, false in the other.

    Where it isn't a predicate, the first breaks a query and the second doesn't.

    Parameters
    ----------
    assembled:
        Whether the first is the value itself, written as an expression that only a query works out.
    """

    name: str
    true: Variant
    false: Variant
    assembled: bool = False


@noun
class Injection:
    """A permitted reading, and values that try to become a part of the query that it makes.

    Parameters
    ----------
    own:
        The reading.
    foreign:
        The same on what its actor may not see, by whoever may; none where there is nothing such.
    hidden:
        The marks that the actor may be shown nowhere.
    predicates:
        What is put in place of, or after, each value of the request.
    """

    own: Access
    foreign: tuple[Access, ...]
    hidden: tuple[str, ...]
    predicates: tuple[Predicates, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.own.name


@noun
class Traversal:
    """A permitted reading, and the same with paths of files where it carries a value."""

    access: Access
    variants: tuple[Variant, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.access.name


@noun
class Creating:
    """A permitted creation, the reading that shows what it created, and its removal."""

    create: Access
    reading: Access
    removal: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.create.name


@noun
class Front:
    """A service that nobody else uses, with an address of it to ask for.

    Parameters
    ----------
    service_id, url:
        The service, and the whole address.
    """

    service_id: str
    url: str

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.service_id


@noun
class NumberWriting:
    """An update that writes somebody's health insurance number, and numbers that nobody can have.

    Parameters
    ----------
    write, reading:
        The update, and the reading that shows its effect.
    number:
        Their number.
    impossible:
        Numbers of an impossible date or length, by what is wrong with them.
    mistaken:
        Their number with a wrong check digit.
    """

    write: Access
    reading: Access
    number: str
    impossible: tuple[tuple[str, str], ...]
    mistaken: str

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.write.name


@noun
class Trial:
    """A request, and another of the same length that costs no more unless something is wrong."""

    name: str
    neutral: Variant
    tried: Variant


@noun
class Evaluation:
    """An operation that carries a value, and what could be evaluated behind it.

    Parameters
    ----------
    access:
        The reading, or the update.
    shown_by:
        For an update, the reading that shows its effect; for a reading, itself.
    expressions:
        Multiplications, as engines of templates know them.
    delays:
        Commands that do nothing, for no time at all and for two seconds.
    """

    access: Access
    shown_by: Access
    expressions: tuple[Variant, ...]
    delays: tuple[Trial, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.access.name


@noun
class Effort:
    """An operation that carries a value, and ladders of values in its place, ever longer.

    Parameters
    ----------
    access, shown_by:
        The reading or the update, and what shows its effect.
    ladders:
        For each sort of value, the steps from the shortest.
    """

    access: Access
    shown_by: Access
    ladders: tuple[tuple[Trial, ...], ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.access.name


@noun
class Callback:
    """A change by whoever signs it, and the reading that shows its effect to somebody else.

    Parameters
    ----------
    delay_s:
        How long the effect may take, in seconds.
    """

    write: Access
    reading: Access
    delay_s: float

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.write.name


@noun
class Removal:
    """A reading by somebody whose access is withdrawn, and given back.

    Parameters
    ----------
    reading:
        What they may read meanwhile.
    closing, reopening:
        What withdraws their access, and what gives it back, in the name of who does it.
    delay_s:
        How long it may take, in seconds.
    """

    reading: Access
    closing: Access
    reopening: Access
    delay_s: int

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.reading.name


@noun
class Restricted:
    """A provider's readings of a person who then refuses them, and another's that they don't refuse.

    Parameters
    ----------
    person:
        How the system names the person.
    readings:
        What the provider may read of the person until then.
    spared:
        A reading of the same by the other.
    setting, lifting:
        What sets the restriction, and what lifts it, in the name of who does it.
    delay_s:
        How long it may take, in seconds.
    service:
        What shows the audit trail, where anything does.
    """

    person: str
    readings: tuple[Access, ...]
    spared: Access
    setting: Access
    lifting: Access
    delay_s: int
    service: AuditService | None

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.setting.name

    @property
    def hidden(self) -> tuple[str, ...]:
        """The marks of all that the provider must not see."""
        shown = (mark for reading in self.readings for mark in reading.object.canaries)
        return tuple(dict.fromkeys(shown))


@noun
class Exported:
    """An update, the export that shows its effect, and formulas in place of what it writes.

    Parameters
    ----------
    formulas:
        By the sign that a spreadsheet takes for the beginning of a formula.
    """

    writing: Writing
    export: Access
    formulas: tuple[Variant, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.writing.name


@noun
class Bulk:
    """An export of many records, by whoever may start it, and by somebody of every other sort."""

    creating: Creating
    intrusions: tuple[Intrusion, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.creating.name


@noun
class Harvest:
    """A search of people, and requests of it that don't say whom they seek.

    Parameters
    ----------
    access:
        The search, on somebody whom its actor may find.
    marks:
        The marks of each person whom that actor may find.
    variants:
        A wildcard, nothing or a single letter in place of the values; and the search without them.
    """

    access: Access
    at_most: int
    marks: tuple[str, ...]
    variants: tuple[Variant, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.access.name


@noun
class Identified:
    """Readings whose answers say by what identifiers a system knows its records."""

    readings: tuple[Access, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return "every-reading"


@noun
class Versioned:
    """A reading, and the addresses where other versions of its service would serve it.

    Parameters
    ----------
    foreign:
        The same on what its actor may not see, by whoever may; none where there is nothing such.
    unlikely:
        In a version that no service ever had.
    versions:
        In those that it may have had.
    """

    own: Access
    foreign: tuple[Access, ...]
    unlikely: tuple[Variant, ...]
    versions: tuple[Variant, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.own.name


@noun
class PasswordPath:
    """A way to log in with a password, and the accounts that are given up to try it.

    Parameters
    ----------
    path:
        The login page, or HTTP Basic at a host.
    lockable, limits:
        A reading by the account that may be locked, and what is declared of that; None where none may.
    guessed:
        A reading by an account at which a few wrong passwords may be tried.
    bystander:
        A reading by another account.
    """

    path: str
    lockable: Access | None
    limits: PasswordLimits | None
    guessed: Access | None
    bystander: Access | None

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.path


@noun
class Leaving:
    """A reading in a session, and what ends the session."""

    reading: Access
    leave: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.leave.name


@noun
class ForgeableWriting:
    """A change in a session, and the same as another site's page has a browser send it.

    Parameters
    ----------
    writing:
        The change, and the reading that shows its effect.
    marked:
        A reading by the same actor that shows them to be in their session.
    forged:
        The same without the anti-forgery token, from another site's page.
    """

    writing: Writing
    marked: Access
    forged: tuple[Variant, ...]

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.writing.name


@noun
class Reset:
    """How the forgotten password of an account is reset."""

    reset: PasswordReset

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.reset.ask}.{self.reset.account}"


@noun
class Change:
    """How somebody changes their own password, and whose must not be changed by it."""

    change: PasswordChange

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.change.operation}.{self.change.account}"


Subject = (
    Endpoint
    | ClearText
    | Access
    | CodeClient
    | Writing
    | Malformed
    | Nested
    | XmlConsumer
    | Crossing
    | ForeignWriting
    | Spoof
    | Reserved
    | OnlyReading
    | Undescribed
    | Withheld
    | ForeignAudience
    | Bound
    | Issuer
    | Limit
    | AuditedReading
    | AuditedCrossing
    | AuditedEvent
    | Lookup
    | Policy
    | Effectless
    | Injection
    | Traversal
    | NumberWriting
    | Front
    | Evaluation
    | Effort
    | Callback
    | Creating
    | Exported
    | Bulk
    | Harvest
    | Identified
    | Versioned
    | SpoofedWriting
    | Detour
    | Site
    | Defaults
    | Described
    | DescribedSite
    | FuzzedService
    | Paging
    | Removal
    | Restricted
    | Reset
    | Change
    | PasswordPath
    | Leaving
    | ForgeableWriting
)


@noun
class Undeclared:
    """The manifest declares nothing that the check could be run over.

    Parameters
    ----------
    missing:
        What it would have to declare.
    offered:
        Whether the system offers the thing at all; when its manifest says that it doesn't, the
        check isn't applicable, whatever the profile demands.
    """

    missing: Text
    offered: bool = True


Subjects = Callable[[Target], Sequence[Subject] | Undeclared]


def or_undeclared(found: Sequence[Subject], *, fr: str, en: str) -> Sequence[Subject] | Undeclared:
    """The subjects that were found, or what the manifest would have to declare."""
    return found or Undeclared(missing=Text(fr=fr, en=en))
