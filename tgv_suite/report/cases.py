"""What the formats that know only tests are told of a requirement: at least one test each."""

from __future__ import annotations

from tgv_suite.model.results import CheckResult, RequirementResult


def cases(requirement: RequirementResult) -> tuple[CheckResult, ...]:
    """The checks of a requirement; when it has none, one that says so with its verdict.

    Parameters
    ----------
    requirement:
        What may be claimed of it. A requirement without a check would vanish from a list of tests,
        and what vanishes passes.
    """
    if requirement.checks:
        return requirement.checks
    return (
        CheckResult(
            id="plan",
            subject="",
            verdict=requirement.verdict,
            cause=requirement.cause,
            reason=requirement.reason,
        ),
    )
