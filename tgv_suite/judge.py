"""Runs one check over one subject and judges it, live or from the record, by the same rules."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from tgv_suite import verdict
from tgv_suite.model.catalogue import Parameters
from tgv_suite.model.facts import Answer
from tgv_suite.model.results import Cause, CheckResult, RequirementResult, Verdict
from tgv_suite.model.target import Target
from tgv_suite.noun import noun
from tgv_suite.plan import Plan, PlannedCase, PlannedRequirement
from tgv_suite.registry import Check
from tgv_suite.subjects.subject import Subject, Undeclared
from tgv_suite.system import System, Witness
from tgv_suite.text import Text
from tgv_suite.verdict import Outcome
from tgv_suite.witness import Recorded, reread


class RecordingWitness(Witness, Protocol):
    """A witness that keeps what it answered."""

    recorded: list[Recorded]


@noun
class Judged:
    """A case's result, the facts that it rests on, and what went wrong on our side."""

    case: PlannedCase
    result: CheckResult
    recorded: tuple[Recorded, ...]
    fault: BaseException | None


def subject_of(case: PlannedCase, check: Check, target: Target) -> Subject:
    """The subject that a case names.

    Raises
    ------
    LookupError
        When the target no longer declares it.
    """
    subjects = check.binding.subjects(target)
    if not isinstance(subjects, Undeclared):
        for subject in subjects:
            if subject.name == case.subject:
                return subject
    raise LookupError(f"{case.id}: the target declares no such subject")


def judge(
    case: PlannedCase,
    check: Check,
    target: Target,
    parameters: Parameters,
    witness: RecordingWitness,
) -> Judged:
    """Run a case and judge it.

    Parameters
    ----------
    case, check:
        What is run.
    target, parameters:
        Of whom, by which thresholds.
    witness:
        Where its facts come from.

    Raises
    ------
    KeyboardInterrupt
        When the user stops the run; every other exception becomes a verdict.
    """
    system = System(target, parameters, witness)
    started = time.monotonic()
    raised: BaseException | None = None
    try:
        subject = subject_of(case, check, target)
        check.function(system, **{check.binding.argument: subject})
        system.hold_cleaned_up()
    except KeyboardInterrupt:
        raise
    except BaseException as exception:  # whatever it is, it must not pass for a finding
        raised = exception
    outcome = Outcome(raised=raised, observations=len(witness.recorded), controls=system.controls)
    judgement = verdict.of(outcome)
    result = CheckResult(
        id=case.check,
        subject=case.subject,
        verdict=judgement.verdict,
        cause=judgement.cause,
        reason=judgement.reason,
        notes=(*system.notes, *_redirections(witness.recorded)),
        elapsed_s=round(time.monotonic() - started, 3),
    )
    fault = raised if verdict.is_fault(raised) else None
    return Judged(case=case, result=result, recorded=tuple(witness.recorded), fault=fault)


def _redirections(recorded: Iterable[Recorded]) -> list[Text]:
    """A note for each other host to which the system redirected us; we never follow."""
    answers = [fact for item in recorded if isinstance(fact := reread(item), Answer)]
    hosts = dict.fromkeys(answer.redirected_to for answer in answers)
    return [
        Text(
            fr=f"le SI a redirigé vers « {host} » ; la redirection n'a pas été suivie",
            en=f"the system redirected to “{host}”; the redirection wasn't followed",
        )
        for host in hosts
        if host is not None
    ]


def requirement_results(
    plan: Plan, results: Mapping[str, CheckResult], not_run: Text
) -> tuple[RequirementResult, ...]:
    """Every requirement of the plan exactly once, with the results of its cases.

    Parameters
    ----------
    plan:
        What was planned.
    results:
        The result of each case that was judged, by the case's id.
    not_run:
        Why the others weren't.
    """
    return tuple(_requirement_result(planned, results, not_run) for planned in plan.requirements)


def _requirement_result(
    planned: PlannedRequirement, results: Mapping[str, CheckResult], not_run: Text
) -> RequirementResult:
    checks: Sequence[CheckResult] = [
        *planned.settled,
        *(results.get(case.id) or _not_run(case, not_run) for case in planned.cases),
    ]
    rolled = verdict.roll_up(checks)
    return RequirementResult(
        id=planned.id,
        level=planned.level,
        verdict=rolled.verdict,
        cause=rolled.cause,
        reason=rolled.reason,
        checks=tuple(checks),
    )


def _not_run(case: PlannedCase, reason: Text) -> CheckResult:
    return CheckResult(
        id=case.check,
        subject=case.subject,
        verdict=Verdict.INCONCLUSIVE,
        cause=Cause.NOT_RUN,
        reason=reason,
    )
