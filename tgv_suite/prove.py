"""The proof that the checks can be believed: each planted defect is caught by exactly its checks."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from tgv_suite import locations
from tgv_suite.errors import UserError
from tgv_suite.load.catalogue import load_catalogue, load_profile
from tgv_suite.load.target import LoadedTarget, load_target
from tgv_suite.model.results import CheckResult, Verdict
from tgv_suite.noun import noun
from tgv_suite.reference import Defect, ReferenceSystem, defects, running
from tgv_suite.registry import discover
from tgv_suite.session import Order, opened
from tgv_suite.text import Text

PROFILE = "rendez-vous"


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


def prove(asked: Sequence[str], *, jobs: int, on_row: OnRow) -> Proof:
    """Plant each defect in the reference SI and judge it.

    Parameters
    ----------
    asked:
        The defects, or requirements; all when empty.
    jobs:
        How many exchanges may be in flight.
    on_row:
        Told of each row.
    """
    chosen = select(asked)
    with (
        tempfile.TemporaryDirectory(prefix="tgv-prove-") as folder,
        running(Path(folder)) as system,
    ):
        target = load_target(system.manifest)
        baseline = judged(target, jobs=jobs)
        rows = []
        for number, defect in enumerate(chosen, 1):
            rows.append(row_of(defect, baseline, _under(system, defect, target, jobs)))
            on_row(rows[-1], number, len(chosen))
    return Proof(
        matrix=tuple(rows),
        false_alarms=tuple(sorted({r.id for r in baseline if r.verdict is Verdict.FAIL})),
        unproven=_unproven(chosen, rows, baseline, everything=not asked),
    )


def _under(
    system: ReferenceSystem, defect: Defect, target: LoadedTarget, jobs: int
) -> tuple[CheckResult, ...]:
    system.plant([defect.id])
    return judged(target, jobs=jobs)


def judged(
    target: LoadedTarget, *, jobs: int, only: Collection[str] = ()
) -> tuple[CheckResult, ...]:
    """The result of every planned case, without evidence on disk.

    Parameters
    ----------
    target:
        The system.
    jobs:
        How many exchanges may be in flight.
    only:
        The requirements to try; all when empty.
    """
    catalogue = load_catalogue(locations.profiles())
    order = Order(
        target=target,
        profile=load_profile(PROFILE, locations.profiles(), catalogue),
        catalogue=catalogue,
        jobs=jobs,
        only=only,
    )
    with opened(order) as session:
        cases = session.plan.cases
        session.begin(cases)
        return tuple(session.result(case).result for case in cases)


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
