"""The example run with its verdicts replaced, so that every kind of verdict stands in it."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

from tgv_suite.model.catalogue import Level
from tgv_suite.model.results import (
    Cause,
    CheckResult,
    Conclusion,
    RequirementResult,
    Results,
    Verdict,
)


def every_verdict(results: Results) -> Results:
    """The results with one verdict after the other, of requirements and checks.

    Each requirement keeps its checks with the verdict as the worst of them, beside one that doesn't
    apply; the last one has no check at all.
    """
    *most, last = results.requirements
    verdicts = cycle(Verdict)
    changed = [_with(requirement, next(verdicts)) for requirement in most]
    bare = replace(last, verdict=Verdict.INCONCLUSIVE, cause=Cause.NOT_RUN, checks=())
    return replace(results, requirements=(*changed, bare), conclusion=Conclusion.NON_CONFORMANT)


def _with(requirement: RequirementResult, verdict: Verdict) -> RequirementResult:
    cause = Cause.TIMEOUT if verdict is Verdict.INCONCLUSIVE else None
    checks = [replace(check, verdict=verdict, cause=cause) for check in requirement.checks]
    beside = CheckResult(
        id="invented.does_not_apply",
        subject="",
        verdict=Verdict.NOT_APPLICABLE,
        cause=None,
        reason=requirement.reason,
    )
    return replace(
        requirement,
        level=Level.MUST,
        verdict=verdict,
        cause=cause,
        checks=(*checks, beside),
    )
