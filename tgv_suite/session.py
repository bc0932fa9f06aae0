"""One run against one system: the plan, the open probes, and the judgement of each case."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tgv_suite import locations
from tgv_suite.errors import RunRefused
from tgv_suite.judge import Judged, judge
from tgv_suite.load.orientation import load_orientation
from tgv_suite.load.papers import asked_by, load_papers
from tgv_suite.load.secrets import path_of, resolve, resolve_file
from tgv_suite.load.target import LoadedTarget
from tgv_suite.model.catalogue import Catalogue, Profile
from tgv_suite.model.facts import Answer
from tgv_suite.model.papers import Papers
from tgv_suite.model.results import CreatedObject, Mode, ProfileIdentity, SystemUnderTest
from tgv_suite.model.target import CallbackAddress, Target
from tgv_suite.noun import noun
from tgv_suite.orientation import refusal
from tgv_suite.plan import Plan, PlannedCase, make_plan
from tgv_suite.probes.accounts import Holders
from tgv_suite.probes.credentials import resolve_accounts, resolve_all
from tgv_suite.probes.http import HttpClient, Trust
from tgv_suite.probes.live import LiveProbes, Reach
from tgv_suite.probes.mailbox import Mailbox
from tgv_suite.probes.pace import Pace
from tgv_suite.probes.recorder import Recorder
from tgv_suite.probes.redaction import Redactor
from tgv_suite.probes.scope import Guard, guarding
from tgv_suite.probes.sink import Sink, answering_as
from tgv_suite.registry import Check, discover, refuse_unbound
from tgv_suite.subjects.existence import numbers_of_nobody
from tgv_suite.subjects.health_numbers import invented_numbers
from tgv_suite.subjects.subject import Endpoint, Undeclared
from tgv_suite.subjects.transport import every_tls_endpoint
from tgv_suite.text import Text
from tgv_suite.witness import LiveWitness


@noun
class Order:
    """What a run is asked to do.

    Parameters
    ----------
    target, profile, catalogue:
        Of whom what is asked.
    mode:
        Who runs.
    jobs:
        How many exchanges may be in flight.
    seed:
        What decides the order of the cases that may run side by side, and which requests are
        generated from a description.
    only:
        The requirements to try; all when empty.
    rehearsal:
        Whether a certifier runs without the first condition on record, and certifies nothing.
    papers:
        What people signed for this run.
    """

    target: LoadedTarget
    profile: Profile
    catalogue: Catalogue
    mode: Mode = Mode.VENDOR
    rehearsal: bool = False
    jobs: int = 1
    seed: int = 0
    only: Collection[str] = ()
    papers: Papers = Papers()


def system_under_test(order: Order) -> SystemUnderTest:
    """The system that an order is about, as the results name it."""
    system = order.target.target.system
    return SystemUnderTest(
        name=system.name,
        vendor=system.vendor,
        version=system.version,
        category=system.category,
        environment=system.environment,
        manifest_sha256=order.target.text_sha256,
    )


def profile_identity(order: Order) -> ProfileIdentity:
    """What an order asks, as the results name it."""
    profile = order.profile
    return ProfileIdentity(id=profile.id, version=profile.version, title=profile.title)


OnCase = Callable[[PlannedCase, Judged | None], None]
"""Told when a case begins (None) and when it is judged."""


@noun
class Probing:
    """Open probes, and what keeps their record.

    Parameters
    ----------
    probes, recorder, guard, client:
        What answers, what records, what holds the scope, what sends.
    """

    probes: LiveProbes
    recorder: Recorder
    guard: Guard
    client: HttpClient


class Session:
    """Judges the cases of a plan, each once.

    Parameters
    ----------
    order:
        What is asked.
    plan, checks:
        The cases, and the checks that they name.
    open_:
        The open probes, and what keeps their record.
    on_case:
        Told of each case's beginning and end.
    """

    def __init__(
        self,
        *,
        order: Order,
        plan: Plan,
        checks: Mapping[str, Check],
        open_: Probing,
        on_case: OnCase,
    ) -> None:
        self.order = order
        self.plan = plan
        self.checks = checks
        self.judged: dict[str, Judged] = {}
        self._probes = open_.probes
        self._recorder = open_.recorder
        self._guard = open_.guard
        self._client = open_.client
        self._on_case = on_case
        self._futures: dict[str, Future[Judged]] = {}
        self._pool = ThreadPoolExecutor(order.jobs)
        self._lock = threading.Lock()

    def begin(self, cases: Collection[PlannedCase]) -> None:
        """Start every case that may run beside others."""
        side_by_side = [case for case in cases if not case.alone]
        random.Random(self.order.seed).shuffle(side_by_side)
        self._futures = {case.id: self._pool.submit(self._judge, case) for case in side_by_side}

    def result(self, case: PlannedCase) -> Judged:
        """The judgement of a case: waited for, or made now when the case runs alone."""
        future = self._futures.get(case.id)
        if future is not None:
            return future.result()
        wait(self._futures.values())
        return self._judge(case)

    def interrupt(self) -> None:
        """Send nothing more; keep what was judged."""
        self._recorder.halt(Text(fr="interrompu par l'utilisateur", en="interrupted by the user"))
        self._pool.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def halted(self) -> Text | None:
        """Why nothing more was sent, when that is so."""
        return self._recorder.halted

    @property
    def exchanges(self) -> int:
        """How many HTTP requests were sent."""
        return self._client.exchanges

    @property
    def session_exchanges(self) -> tuple[Answer, ...]:
        """The exchanges of the session's own: metadata, tokens."""
        return tuple(self._recorder.session_exchanges)

    @property
    def scope_violations(self) -> tuple[str, ...]:
        """What would have left the scope, and was stopped."""
        return tuple(self._recorder.redactor.text(what) for what in self._guard.violations)

    @property
    def created(self) -> tuple[CreatedObject, ...]:
        """What the checks created in the system."""
        text = self._recorder.redactor.text
        return tuple(
            replace(each, identifier=text(each.identifier)) for each in self._probes.created
        )

    @property
    def redactor(self) -> Redactor:
        """The detector that the gate at sealing uses too."""
        return self._recorder.redactor

    def fingerprints(self) -> Mapping[str, str]:
        """The system's leaf certificates by endpoint, looked at now."""
        endpoints = every_tls_endpoint(self.order.target.target)
        if isinstance(endpoints, Undeclared):
            return {}
        found = {}
        for endpoint in endpoints:
            if isinstance(endpoint, Endpoint):
                leaf = self._probes.look(endpoint).certificates[:1]
                found[endpoint.name] = leaf[0].fingerprint_sha256 if leaf else "—"
        return found

    def _judge(self, case: PlannedCase) -> Judged:
        self._on_case(case, None)
        judged = judge(
            case,
            self.checks[case.check],
            self.order.target.target,
            self.order.profile.parameters,
            LiveWitness(self._probes, self._recorder.redactor.strings),
        )
        with self._lock:
            self.judged[case.id] = judged
        self._on_case(case, judged)
        return judged


@noun
class ManifestSecrets:
    """Reads what a manifest refers to, relative to its folder."""

    folder: Path

    def secret(self, reference: str) -> str:
        """The secret behind ``env:NAME`` or ``file:PATH``."""
        return resolve(reference, self.folder)

    def path(self, reference: str) -> Path:
        """The file behind ``file:PATH``."""
        return path_of(reference, self.folder)


def _ignore(case: PlannedCase, judged: Judged | None) -> None:
    """Tell nobody."""


def admit(order: Order) -> None:
    """Refuse a run that the orientation leaves no place for.

    Raises
    ------
    RunRefused
        With the orientation's own sentence.
    """
    orientation = load_orientation(locations.profiles())
    target = order.target.target
    step = refusal(
        orientation,
        system=target.system,
        condition_1=target.condition_1,
        profile=order.profile.id,
        mode=order.mode,
        rehearsal=order.rehearsal,
    )
    if step is not None:
        passage = orientation.passages[step.passage]
        raise RunRefused(
            message=step.text,
            remedy=Text(fr=f"orientation : « {passage.fr} »", en=f"orientation: “{passage.en}”"),
        )


def signed(
    target: LoadedTarget,
    profile: Profile,
    catalogue: Catalogue,
    *,
    attestations: Path | None = None,
    waivers: Path | None = None,
) -> Papers:
    """What people signed for a run; nothing is sent.

    Parameters
    ----------
    target, profile, catalogue:
        Of whom what is asked.
    attestations, waivers:
        The files; the manifest may name the first.

    Raises
    ------
    InputFaults
        With every fault of a file.
    """
    checks: dict[str, list[str]] = {}
    for check in discover():
        checks.setdefault(check.binding.requirement, []).append(check.id)
    return load_papers(
        target,
        asked_by(profile, catalogue, checks),
        attestations=attestations,
        waivers=waivers,
        today=datetime.now(UTC).date(),
    )


Planned = tuple[Plan, Mapping[str, Check]]
"""A plan, and the checks by id."""


def planned(order: Order) -> Planned:
    """The plan of an order, and the checks by id; nothing is sent."""
    checks = discover()
    refuse_unbound(checks, order.catalogue.requirements)
    plan = make_plan(
        target=order.target.target,
        profile=order.profile,
        catalogue=order.catalogue,
        checks=checks,
        mode=order.mode,
        only=order.only,
    )
    return plan, {check.id: check for check in checks}


@contextmanager
def probing(loaded: LoadedTarget, *, jobs: int, seed: int = 0) -> Iterator[Probing]:
    """Open probes against a system, with its scope held and its credentials resolved.

    Parameters
    ----------
    loaded:
        The system.
    jobs:
        How many exchanges may be in flight.
    seed:
        From which requests are generated.

    Raises
    ------
    SecretUnavailable
        When a secret of the manifest can't be read; nothing was sent.
    """
    target = loaded.target
    redactor = Redactor(synthetic_values(target))
    credentials = resolve_all(target, ManifestSecrets(folder=loaded.folder), redactor)
    passwords = resolve_accounts(target, ManifestSecrets(folder=loaded.folder), redactor)
    anchors = [resolve_file(reference, loaded.folder) for reference in target.trust_anchors]
    guard, pace, trust = Guard(target.scope.hosts), Pace(target.scope.rate, jobs), Trust(anchors)
    client = HttpClient(guard, pace, trust)
    recorder = Recorder(client, redactor)
    with ExitStack() as stack:
        stack.callback(client.close)
        sink = None
        if target.callback is not None:
            sink = _listening(target.callback, loaded.folder)
            stack.callback(sink.close)
            guard.permit_own_listener(sink.port, sink.bound_to)
        mail = target.accounts.mail if target.accounts is not None else None
        mailbox = None if mail is None else Mailbox(mail.host, mail.port)
        if mailbox is not None:
            stack.callback(mailbox.close)
        probes = LiveProbes(
            target=target,
            credentials=credentials,
            reach=Reach(guard=guard, pace=pace, trust=trust),
            recorder=recorder,
            sink=sink,
            seed=seed,
            holders=Holders(target, passwords, recorder, mailbox),
        )
        stack.enter_context(guarding(guard))
        yield Probing(probes=probes, recorder=recorder, guard=guard, client=client)


def _listening(address: CallbackAddress, folder: Path) -> Sink:
    """The harness's listener, at the address where the system can reach it.

    Raises
    ------
    RunRefused
        When this machine can't listen there.
    """
    context = None
    try:
        if address.certificate is not None and address.key is not None:
            own = ManifestSecrets(folder=folder)
            context = answering_as(own.path(address.certificate), own.path(address.key))
        return Sink(address.host, address.port, context)
    except OSError as error:
        place = f"{address.host}:{address.port}"
        raise RunRefused(
            message=Text(
                fr=f"cette machine ne peut écouter à l'adresse « callback » {place} ({error.strerror})",
                en=f"this machine can't listen at the “callback” address {place} ({error.strerror})",
            ),
            remedy=Text(
                fr="donnez-y une adresse de cette machine, ou retirez « callback »",
                en="give an address of this machine there, or remove “callback”",
            ),
        ) from None


@contextmanager
def opened(
    order: Order, on_case: OnCase = _ignore, *, ready: Planned | None = None
) -> Iterator[Session]:
    """A session with its scope held, its credentials resolved and its probes open.

    Parameters
    ----------
    order:
        What is asked of whom.
    on_case:
        Told of each case's beginning and end.
    ready:
        What :func:`planned` says of the order, by who opens many sessions for it.

    Raises
    ------
    RunRefused
        When the orientation leaves no place for this run.
    SecretUnavailable
        When a secret of the manifest can't be read; nothing was sent.
    """
    admit(order)
    plan, checks = ready or planned(order)
    with (
        probing(order.target, jobs=order.jobs, seed=order.seed) as open_,
        closing(
            Session(order=order, plan=plan, checks=checks, open_=open_, on_case=on_case)
        ) as session,
    ):
        yield session


def synthetic_values(target: Target) -> tuple[str, ...]:
    """Every value of the run's synthetic people and objects, which may stand in clear."""
    people = [v for p in target.people.values() for v in (p.locator, p.nam or "", *p.values)]
    objects = [
        v for o in target.objects.values() for v in (o.locator, *o.canaries, *o.values.values())
    ]
    held = target.accounts.held.values() if target.accounts is not None else ()
    accounts = [value for one in held for value in (one.username, one.address or "")]
    return (*people, *objects, *accounts, *numbers_of_nobody(target), *invented_numbers(target))
