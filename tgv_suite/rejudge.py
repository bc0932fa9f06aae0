"""Every verdict again, from the facts on record: the same checks, and no socket."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tgv_suite import verdict
from tgv_suite.bundle import read_bundle
from tgv_suite.evidence.observations import read_tape
from tgv_suite.judge import judge, requirement_results
from tgv_suite.model.catalogue import Profile
from tgv_suite.model.results import Cause, CheckResult, Conclusion, Results
from tgv_suite.model.target import Target
from tgv_suite.noun import noun
from tgv_suite.plan import Plan, PlannedCase
from tgv_suite.probes.scope import Guard, guarding
from tgv_suite.registry import Check, discover
from tgv_suite.text import Text
from tgv_suite.witness import RecordedWitness


@noun
class Difference:
    """A verdict that the record doesn't bear out.

    Parameters
    ----------
    what:
        The case, the requirement or the conclusion.
    sealed, rejudged:
        What the bundle says, and what its facts say.
    """

    what: str
    sealed: str
    rejudged: str


@noun
class Rejudgement:
    """What judging again found.

    Parameters
    ----------
    other_code:
        The check modules whose source differs from the one that judged; that isn't tampering.
    """

    cases: int
    differences: tuple[Difference, ...]
    other_code: tuple[str, ...]


def rejudge(bundle: Path) -> Rejudgement:
    """Derive every verdict of a bundle again.

    Parameters
    ----------
    bundle:
        The bundle's folder.

    Raises
    ------
    VerificationFailed
        When it can't be read back.
    """
    recorded = read_bundle(bundle)
    plan, results = recorded.plan, recorded.results
    checks = {check.id: check for check in discover()}
    with guarding(Guard(())):
        again = {
            case.id: _again(bundle, case, checks, recorded.target, recorded.profile)
            for case in plan.cases
        }
    return Rejudgement(
        cases=len(plan.cases),
        differences=_differences(plan, results, again),
        other_code=_other_code(results, checks),
    )


def _again(
    bundle: Path,
    case: PlannedCase,
    checks: Mapping[str, Check],
    target: Target,
    profile: Profile,
) -> CheckResult | None:
    """A case's result from its facts, or None when nothing was recorded or the check is gone."""
    tape, check = read_tape(bundle, case), checks.get(case.check)
    if tape is None or check is None:
        return None
    return judge(case, check, target, profile.parameters, RecordedWitness(tape.facts)).result


def _differences(
    plan: Plan, results: Results, again: Mapping[str, CheckResult | None]
) -> tuple[Difference, ...]:
    sealed = {
        (requirement.id, f"{check.id}[{check.subject}]"): check
        for requirement in results.requirements
        for check in requirement.checks
    }
    found = []
    kept: dict[str, CheckResult] = {}
    for case in plan.cases:
        before, after = sealed.get((case.requirement, case.id)), again[case.id]
        if after is None:
            after = before if before is not None and _needs_no_facts(before) else None
        if after is not None:
            kept[case.id] = after
        if before is None or after is None or _words(before) != _words(after):
            found.append(Difference(what=case.id, sealed=_words(before), rejudged=_words(after)))
    return (*found, *_rolled_up(plan, results, kept))


def _needs_no_facts(sealed: CheckResult) -> bool:
    """Whether a result without facts is what an unfinished or withheld case leaves."""
    return sealed.cause in (Cause.NOT_RUN, Cause.HARNESS_ERROR)


def _rolled_up(plan: Plan, results: Results, kept: Mapping[str, CheckResult]) -> list[Difference]:
    """What the requirements and the conclusion should be, where the bundle says otherwise."""
    stopped = Text(fr="l'essai s'est arrêté avant", en="the run stopped before it")
    again = requirement_results(plan, kept, stopped)
    sealed = {requirement.id: requirement for requirement in results.requirements}
    found = [
        Difference(
            what=rolled.id,
            sealed=sealed[rolled.id].verdict if rolled.id in sealed else "—",
            rejudged=rolled.verdict,
        )
        for rolled in again
        if rolled.id not in sealed or sealed[rolled.id].verdict is not rolled.verdict
    ]
    concluded = Conclusion.UNDETERMINED if results.run.interrupted else verdict.conclude(again)
    if concluded is not results.conclusion:
        found.append(Difference(what="conclusion", sealed=results.conclusion, rejudged=concluded))
    return found


def _words(result: CheckResult | None) -> str:
    if result is None:
        return "—"
    return f"{result.verdict}/{result.cause}" if result.cause else result.verdict


def _other_code(results: Results, checks: Mapping[str, Check]) -> tuple[str, ...]:
    ours = {check.module: check.source_sha256 for check in checks.values()}
    return tuple(name for name, digest in results.harness.checks if ours.get(name) != digest)
