"""A finding's check again, on the living system: the tape is never resent."""

from __future__ import annotations

from tgv_suite.bundle import Bundle
from tgv_suite.errors import UserError
from tgv_suite.model.results import CheckResult, Verdict
from tgv_suite.noun import noun
from tgv_suite.session import Order, opened
from tgv_suite.text import Text


class NoSuchFinding(UserError):
    """The bundle has no such finding."""


@noun
class Replayed:
    """One case, then and now.

    Parameters
    ----------
    before, now:
        What the bundle says, and what the system does now.
    """

    before: CheckResult
    now: CheckResult

    @property
    def same(self) -> bool:
        """Whether the verdict is the same."""
        return self.before.verdict is self.now.verdict


def replay(order: Order, bundle: Bundle, finding: str) -> tuple[Replayed, ...]:
    """Run the cases of a finding again.

    Parameters
    ----------
    order:
        The system and the profile, with the manifest's own credentials.
    bundle:
        Where the finding stands.
    finding:
        A requirement, a check, or a check with its subject: ``AZN-03``, ``authorization.x``,
        ``authorization.x[subject]``.

    Raises
    ------
    NoSuchFinding
        When the bundle has none of that name, or the system no longer declares its subject.
    """
    sealed = {
        f"{check.id}[{check.subject}]": check
        for requirement in bundle.results.requirements
        for check in requirement.checks
        if finding in (requirement.id, check.id, f"{check.id}[{check.subject}]")
    }
    with opened(order) as session:
        cases = [case for case in session.plan.cases if case.id in sealed]
        if not cases:
            raise _unknown(finding, bundle)
        session.begin(cases)
        return tuple(
            Replayed(before=sealed[case.id], now=session.result(case).result) for case in cases
        )


def _unknown(finding: str, bundle: Bundle) -> NoSuchFinding:
    failed = [r.id for r in bundle.results.requirements if r.verdict is Verdict.FAIL]
    named = ", ".join(failed) or "—"
    return NoSuchFinding(
        message=Text(
            fr=f"« {finding} » n'est pas une constatation de ce dossier qui puisse être refaite",
            en=f"“{finding}” isn't a finding of this bundle that can be tried again",
        ),
        remedy=Text(fr=f"non conformes : {named}", en=f"failed: {named}"),
    )
