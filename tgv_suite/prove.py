"""The proof that the checks can be believed: each planted defect is caught by exactly its checks."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from tgv_suite import offered
from tgv_suite.errors import UserError
from tgv_suite.load.target import LoadedTarget, load_target
from tgv_suite.model.catalogue import Catalogue, Profile, Selected
from tgv_suite.model.results import CheckResult, Verdict
from tgv_suite.noun import noun
from tgv_suite.plan import PlannedCase
from tgv_suite.reference import Defect, ReferenceSystem, defects, running
from tgv_suite.registry import discover
from tgv_suite.session import Order, Planned, opened, planned
from tgv_suite.text import Text

PROFILE = "rendez-vous"
FUZZ_REQUESTS = 30
"""Enough to meet each planted defect, few enough to be sent again under every other."""


class UnknownDefect(UserError):
    """A defect or a requirement that the reference SI doesn't know."""


@noun
class Row:
    """One defect in the kill matrix.

    Parameters
    ----------
    expected, failed:
        The checks that should fail, and those that did.
    disturbed:
        Checks whose verdict changed and that the defect neither names nor masks.
    """

    defect: str
    requirement: str
    expected: tuple[str, ...]
    failed: tuple[str, ...]
    disturbed: tuple[str, ...]

    @property
    def caught(self) -> bool:
        """Whether exactly its checks failed, and every other kept its verdict."""
        return set(self.failed) == set(self.expected) and not self.disturbed


@noun
class Proof:
    """The kill matrix.

    Parameters
    ----------
    false_alarms:
        The checks that accuse the conforming SI.
    unproven:
        The checks that pass nothing on the conforming SI, or that no defect proves.
    """

    matrix: tuple[Row, ...]
    false_alarms: tuple[str, ...]
    unproven: tuple[str, ...]

    @property
    def caught(self) -> int:
        """How many defects were caught by exactly their checks."""
        return sum(row.caught for row in self.matrix)

    @property
    def holds(self) -> bool:
        """Whether every defect is caught, nothing is accused wrongly, and every check is proven."""
        return self.caught == len(self.matrix) and not self.false_alarms and not self.unproven


OnRow = Callable[[Row, int, int], None]
"""Told of each row, with its number and how many there are."""
OnCase = Callable[[PlannedCase, int, int], None]
"""Told of each case judged on the conforming SI, with its number and how many there are."""


def known_defects(asked: Collection[str]) -> None:
    """Refuse defects that the reference SI doesn't know.

    Raises
    ------
    UnknownDefect
        With the nearest known name.
    """
    known = [defect.id for defect in defects()]
    for name in asked:
        if name not in known:
            raise _unknown(name, known)


def select(asked: Sequence[str]) -> tuple[Defect, ...]:
    """The defects asked for, by their own id or their requirement's; all when none is named.

    Raises
    ------
    UnknownDefect
        When a name is neither.
    """
    every = defects()
    for name in asked:
        if not any(name in (defect.id, defect.requirement) for defect in every):
            raise _unknown(name, [w for defect in every for w in (defect.id, defect.requirement)])
    return tuple(d for d in every if not asked or d.id in asked or d.requirement in asked)


def _unknown(name: str, known: Sequence[str]) -> UnknownDefect:
    near = difflib.get_close_matches(name, known, 1)
    return UnknownDefect(
        message=Text(fr=f"défaut inconnu : « {name} »", en=f"unknown defect: “{name}”"),
        remedy=Text(
            fr=f"vouliez-vous dire « {near[0]} » ?" if near else "« tgv defects list » les nomme",
            en=f"did you mean “{near[0]}”?" if near else "“tgv defects list” names them",
        ),
    )


def prove(
    asked: Sequence[str],
    *,
    jobs: int,
    on_row: OnRow,
    on_case: OnCase,
    every_check: Callable[[Defect], bool] = lambda defect: False,
) -> Proof:
    """Plant each defect in the reference SI and judge it.

    The conforming SI is judged first, one case at a time; it tells which switches each case asks
    about. A case that never asks about a defect's switch meets the same system with it and without
    it, so only the others are judged again under that defect.

    Parameters
    ----------
    asked:
        The defects, or requirements; all when empty.
    jobs:
        How many exchanges may be in flight.
    on_row:
        Told of each row.
    on_case:
        Told of each case of the conforming SI.
    every_check:
        Whether every case is judged again under a defect all the same.
    """
    chosen = select(asked)
    with (
        tempfile.TemporaryDirectory(prefix="tgv-prove-") as folder,
        running(Path(folder)) as system,
    ):
        order = reference_order(load_target(system.manifest), jobs=jobs)
        ready = planned(order)
        baseline = _baseline(system, order, ready, on_case)
        rows = []
        for number, defect in enumerate(chosen, 1):
            system.plant([defect.id])
            concerned = baseline if every_check(defect) else _concerned(baseline, defect)
            cases = [sighting.case.id for sighting in concerned]
            under = judged(order, cases=cases, ready=ready)
            rows.append(row_of(defect, [sighting.result for sighting in concerned], under))
            on_row(rows[-1], number, len(chosen))
    results = [sighting.result for sighting in baseline]
    return Proof(
        matrix=tuple(rows),
        false_alarms=tuple(sorted({r.id for r in results if r.verdict is Verdict.FAIL})),
        unproven=_unproven(chosen, rows, results, everything=not asked),
    )


@noun
class Sighting:
    """What a case concluded of the conforming SI, and the switches that it asked about."""

    case: PlannedCase
    result: CheckResult
    consulted: frozenset[str]


def reference_order(target: LoadedTarget, *, jobs: int) -> Order:
    """The order to judge the reference SI by the profile that it is proven with."""
    catalogue = offered.catalogue()
    return Order(target=target, profile=_everything(catalogue), catalogue=catalogue, jobs=jobs)


def _baseline(
    system: ReferenceSystem, order: Order, ready: Planned, on_case: OnCase
) -> tuple[Sighting, ...]:
    """Every case on the conforming SI, each on connections and tokens of its own.

    Shared ones would hide from a case the switches that an earlier one asked about.
    """
    system.consulted()
    system.plant([])
    always = system.consulted()
    sightings = []
    cases = ready[0].cases
    for number, case in enumerate(cases, 1):
        (result,) = judged(order, cases=[case.id], ready=ready)
        sighting = Sighting(case=case, result=result, consulted=always | system.consulted())
        sightings.append(sighting)
        on_case(case, number, len(cases))
    return tuple(sightings)


def _concerned(baseline: Sequence[Sighting], defect: Defect) -> list[Sighting]:
    """The cases that a defect can disturb, and those that must catch it."""
    return [
        sighting
        for sighting in baseline
        if defect.id in sighting.consulted or sighting.case.check in defect.caught_by
    ]


def judged(
    order: Order, *, cases: Collection[str] | None = None, ready: Planned | None = None
) -> tuple[CheckResult, ...]:
    """The result of the planned cases, without evidence on disk.

    Parameters
    ----------
    order:
        What is asked of whom.
    cases:
        The ids of the cases to try; all when None.
    ready:
        The order's plan, when it is made already.
    """
    with opened(order, ready=ready) as session:
        chosen = [case for case in session.plan.cases if cases is None or case.id in cases]
        session.begin(chosen)
        return tuple(session.result(case).result for case in chosen)


def _everything(catalogue: Catalogue) -> Profile:
    """The booking profile, and whatever else of the catalogue a check tests."""
    profile = offered.profile(PROFILE, catalogue)
    selected = {chosen.id for chosen in profile.requirements}
    tested = dict.fromkeys(check.binding.requirement for check in discover())
    more = tuple(Selected(id=id_) for id_ in tested if id_ not in selected)
    return replace(
        profile,
        requirements=(*profile.requirements, *more),
        parameters=replace(profile.parameters, fuzz_requests=FUZZ_REQUESTS),
    )


def row_of(defect: Defect, baseline: Sequence[CheckResult], results: Sequence[CheckResult]) -> Row:
    """One row of the matrix: what failed, and what else changed."""
    before = {(result.id, result.subject): result.verdict for result in baseline}
    failed = {result.id for result in results if result.verdict is Verdict.FAIL}
    changed = {r.id for r in results if r.verdict is not before.get((r.id, r.subject))}
    return Row(
        defect=defect.id,
        requirement=defect.requirement,
        expected=tuple(sorted(defect.caught_by)),
        failed=tuple(sorted(failed)),
        disturbed=tuple(sorted(changed - set(defect.caught_by) - set(defect.masks))),
    )


def _unproven(
    chosen: Sequence[Defect],
    rows: Sequence[Row],
    baseline: Sequence[CheckResult],
    *,
    everything: bool,
) -> tuple[str, ...]:
    """The checks in question that no defect proves, or that never pass the conforming SI."""
    named = {check for defect in chosen for check in defect.caught_by}
    asked = {check.id for check in discover()} | named if everything else named
    proven = {check for row in rows if row.caught for check in row.failed}
    passing = {result.id for result in baseline if result.verdict is Verdict.PASS}
    stumbling = {r.id for r in baseline if r.verdict in (Verdict.INCONCLUSIVE, Verdict.FAIL)}
    return tuple(sorted(asked - (proven & passing) | (asked & stumbling)))
