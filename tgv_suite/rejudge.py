"""Every verdict again, from the facts on record: the same checks, and no socket."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from tgv_suite import papers, verdict
from tgv_suite.bundle import read_bundle
from tgv_suite.evidence.observations import read_tape
from tgv_suite.judge import judge, requirement_results
from tgv_suite.model.catalogue import Profile
from tgv_suite.model.papers import Papers
from tgv_suite.model.results import Cause, CheckResult, Conclusion, RequirementResult, Results
from tgv_suite.model.target import Target
from tgv_suite.noun import noun
from tgv_suite.packs import OWN, packs
from tgv_suite.plan import Plan, PlannedCase
from tgv_suite.probes.scope import Guard, guarding
from tgv_suite.registry import Check, discover, family_of
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
class OtherPack:
    """A pack that judged and isn't the one installed here.

    Parameters
    ----------
    judged, installed:
        Its version then, and its version here, or None when it is missing.
    """

    name: str
    judged: str
    installed: str | None


@noun
class Rejudgement:
    """What judging again found.

    Parameters
    ----------
    other_code:
        The check modules whose source differs from the one that judged; that isn't tampering.
    other_packs:
        The packs that judged and that are missing here, or of another version.
    untold:
        The cases of such modules that didn't come to the sealed verdict; that says nothing.
    """

    cases: int
    differences: tuple[Difference, ...]
    other_code: tuple[str, ...]
    other_packs: tuple[OtherPack, ...] = ()
    untold: tuple[str, ...] = ()


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
    other_code = _other_code(results, checks)
    differences, untold = _differences(
        plan, results, again, set(other_code.values()), recorded.papers
    )
    return Rejudgement(
        cases=len(plan.cases),
        differences=differences,
        other_code=tuple(other_code),
        other_packs=tuple(_other_packs(results)),
        untold=untold,
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
    plan: Plan,
    results: Results,
    again: Mapping[str, CheckResult | None],
    other_code: Collection[str],
    signed: Papers,
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """What the record doesn't bear out, and what other code than the judge's can't tell of it."""
    sealed = {
        (requirement.id, f"{check.id}[{check.subject}]"): check
        for requirement in results.requirements
        for check in requirement.checks
    }
    found: list[Difference] = []
    untold: list[str] = []
    kept: dict[str, CheckResult] = {}
    for case in plan.cases:
        before, after = sealed.get((case.requirement, case.id)), again[case.id]
        if after is None:
            after = before if before is not None and _needs_no_facts(before) else None
        differs = before is None or after is None or _words(before) != _words(after)
        if differs and before is not None and _family(case) in other_code:
            untold.append(case.id)
            kept[case.id] = before
            continue
        if after is not None:
            kept[case.id] = after
        if differs:
            found.append(Difference(what=case.id, sealed=_words(before), rejudged=_words(after)))
    return (*found, *_rolled_up(plan, results, kept, signed)), tuple(untold)


def _family(case: PlannedCase) -> str:
    return case.check.rpartition(".")[0]


def _needs_no_facts(sealed: CheckResult) -> bool:
    """Whether a result without facts is what an unfinished or withheld case leaves."""
    return sealed.cause in (Cause.NOT_RUN, Cause.HARNESS_ERROR)


def _rolled_up(
    plan: Plan, results: Results, kept: Mapping[str, CheckResult], signed: Papers
) -> list[Difference]:
    """What the requirements and the conclusion should be, where the bundle says otherwise."""
    stopped = Text(fr="l'essai s'est arrêté avant", en="the run stopped before it")
    judged = requirement_results(plan, kept, stopped)
    again = papers.settle(judged, signed, papers.day(results.run.started))
    unused = papers.unused(again, signed)
    sealed = {requirement.id: requirement for requirement in results.requirements}
    found = [
        Difference(
            what=rolled.id,
            sealed=_claimed(sealed.get(rolled.id)),
            rejudged=_claimed(rolled),
        )
        for rolled in again
        if _claimed(sealed.get(rolled.id)) != _claimed(rolled)
    ]
    concluded = verdict.conclude(again, unused=unused)
    if results.run.interrupted:
        concluded = Conclusion.UNDETERMINED
    if concluded is not results.conclusion:
        found.append(Difference(what="conclusion", sealed=results.conclusion, rejudged=concluded))
    return found


def _claimed(result: RequirementResult | None) -> str:
    """What is claimed of a requirement: its verdict, and what people signed about it."""
    if result is None:
        return "—"
    until = [f"attested until {result.attestation.expiry}"] if result.attestation else []
    until += [f"waived until {waiver.expiry}" for waiver in result.waivers]
    return f"{result.verdict} ({', '.join(until)})" if until else result.verdict


def _words(result: CheckResult | None) -> str:
    if result is None:
        return "—"
    return f"{result.verdict}/{result.cause}" if result.cause else result.verdict


def _other_code(results: Results, checks: Mapping[str, Check]) -> Mapping[str, str]:
    """The modules whose source isn't the one that judged, each with its checks' family."""
    ours = {check.module: check.source_sha256 for check in checks.values()}
    harness = results.harness
    judges = ((OWN, harness.checks), *((pack.name, pack.checks) for pack in harness.packs))
    return {
        module: family_of(module, pack)
        for pack, modules in judges
        for module, digest in modules
        if ours.get(module) != digest
    }


def _other_packs(results: Results) -> Iterator[OtherPack]:
    installed = {pack.name: pack.version for pack in packs()}
    for judge_ in results.harness.packs:
        here = installed.get(judge_.name)
        if here != judge_.version:
            yield OtherPack(name=judge_.name, judged=judge_.version, installed=here)
