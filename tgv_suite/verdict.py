"""The verdict rules: pure, and the same for a live run and for a judgement over again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from tgv_suite.claims import AskPerson, CannotTell, NotApplicable, Violation
from tgv_suite.model.catalogue import Level
from tgv_suite.model.facts import Truncated
from tgv_suite.model.papers import Waiver
from tgv_suite.model.results import (
    Cause,
    CheckResult,
    Conclusion,
    Judgement,
    RequirementResult,
    Verdict,
)
from tgv_suite.noun import noun
from tgv_suite.text import Text


@noun
class Outcome:
    """How a check ended.

    Parameters
    ----------
    raised:
        What it raised, or None.
    observations:
        How many facts it looked at.
    controls:
        How many positive controls held.
    """

    raised: BaseException | None
    observations: int
    controls: int


def of(outcome: Outcome) -> Judgement:
    """The verdict of one check.

    No observation, no pass; no positive control, neither pass nor fail; an exception of ours is
    never a finding against the system.
    """
    match outcome.raised:
        case NotApplicable(reason=reason):
            return Judgement(verdict=Verdict.NOT_APPLICABLE, reason=reason)
        case CannotTell(cause=cause, reason=reason):
            return Judgement(verdict=Verdict.INCONCLUSIVE, cause=cause, reason=reason)
        case Truncated():
            return _inconclusive(
                Cause.NO_OBSERVATION,
                fr="la réponse dépassait la limite de lecture : une absence ne peut y être affirmée",
                en="the answer exceeded the reading limit: absence can't be claimed of it",
            )
        case None | Violation() | AskPerson():
            return _claimed(outcome)
        case fault:
            name = type(fault).__name__
            return _inconclusive(
                Cause.HARNESS_ERROR,
                fr=f"défaut du banc d'essai ({name}) ; rien n'en est conclu sur le SI",
                en=f"fault of the harness ({name}); nothing is concluded of the system from it",
            )


def _claimed(outcome: Outcome) -> Judgement:
    if outcome.observations == 0:
        return _inconclusive(
            Cause.NO_OBSERVATION, fr="rien n'a été observé", en="nothing was observed"
        )
    if outcome.controls == 0:
        return _inconclusive(
            Cause.CONTROL_FAILED,
            fr="aucun témoin positif n'a été établi",
            en="no positive control was established",
        )
    if isinstance(outcome.raised, Violation):
        return Judgement(verdict=Verdict.FAIL, reason=outcome.raised.reason)
    if isinstance(outcome.raised, AskPerson):
        return Judgement(verdict=Verdict.ATTESTATION, reason=outcome.raised.reason)
    return Judgement(
        verdict=Verdict.PASS,
        reason=Text(
            fr=f"vérifié : {outcome.observations} observation(s), {outcome.controls} témoin(s)",
            en=f"verified: {outcome.observations} observation(s), {outcome.controls} control(s)",
        ),
    )


def _inconclusive(cause: Cause, *, fr: str, en: str) -> Judgement:
    return Judgement(verdict=Verdict.INCONCLUSIVE, cause=cause, reason=Text(fr=fr, en=en))


def roll_up(checks: Sequence[CheckResult]) -> Judgement:
    """The verdict of a requirement: the worst of its checks', with the first such check's words."""
    if not checks:
        return _inconclusive(
            Cause.NOT_RUN, fr="aucune vérification n'a été faite", en="no check was run"
        )
    worst = Verdict.worst(check.verdict for check in checks)
    first = next(check for check in checks if check.verdict is worst)
    return Judgement(verdict=worst, cause=first.cause, reason=first.reason)


def conclude(
    requirements: Iterable[RequirementResult], *, unused: Collection[Waiver] = ()
) -> Conclusion:
    """The conclusion over the requirements of level ``must``; an empty set concludes nothing.

    Parameters
    ----------
    requirements:
        Every requirement, with what papers say of it.
    unused:
        The waivers that cover no failure: an error, so that nothing is concluded conformant.
    """
    binding = [result for result in requirements if result.level is Level.MUST]
    failed = [result for result in binding if result.verdict is Verdict.FAIL]
    if not all(is_waived(result) for result in failed):
        return Conclusion.NON_CONFORMANT
    settled = {result.verdict for result in binding} - {Verdict.NOT_APPLICABLE}
    if unused or not settled or any(_is_open(result) for result in binding):
        return Conclusion.UNDETERMINED
    return Conclusion.CONFORMANT_WITH_WAIVERS if failed else Conclusion.CONFORMANT


def is_waived(result: RequirementResult) -> bool:
    """Whether a requirement failed, and a waiver covers each of its failures."""
    failed = [check for check in result.checks if check.verdict is Verdict.FAIL]
    return bool(failed) and all(
        any(waiver.check in (None, check.id) for waiver in result.waivers) for check in failed
    )


def _is_open(result: RequirementResult) -> bool:
    """Whether something is still to be known of a requirement, beside what a waiver covers."""
    found = {check.verdict for check in result.checks} | {result.verdict}
    unattested = Verdict.ATTESTATION in found and result.attestation is None
    return unattested or Verdict.INCONCLUSIVE in found


def is_fault(raised: BaseException | None) -> bool:
    """Whether what a check raised is a fault of the harness."""
    return raised is not None and not isinstance(
        raised, (Violation, AskPerson, CannotTell, NotApplicable, Truncated)
    )
