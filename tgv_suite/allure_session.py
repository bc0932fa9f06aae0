"""Allure results of a plain ``pytest`` session, which leaves no bundle."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tgv_suite.evidence.gate import withheld_result, withhold
from tgv_suite.evidence.observations import folder_of, write_case
from tgv_suite.model.results import CheckResult, Conclusion, RequirementResult
from tgv_suite.rendering import exhibits
from tgv_suite.report import allure
from tgv_suite.session import Session, profile_identity, system_under_test
from tgv_suite.text import Language


def gated(session: Session, evidence: Path) -> Mapping[str, CheckResult]:
    """The result of each case that was judged, after the gate looked at its evidence.

    Parameters
    ----------
    session:
        What judged.
    evidence:
        An empty folder, where the exchanges are written.
    """
    results = {}
    for case_id, judged in session.judged.items():
        paths = write_case(evidence, judged)
        names = withhold(evidence / folder_of(judged.case), session.redactor.leaks)
        kept = replace(judged.result, observations=paths)
        results[case_id] = withheld_result(kept, names) if names else kept
    return results


def allure_files(
    session: Session,
    evidence: Path,
    requirements: Sequence[RequirementResult],
    conclusion: Conclusion,
    *,
    started: str,
    language: Language,
) -> Mapping[str, str]:
    """The Allure results of a session, by file name; a last redaction covers what the manifest says.

    Parameters
    ----------
    session, evidence:
        What judged, and where its exchanges are.
    requirements, conclusion:
        What may be claimed.
    started:
        When the session was opened, ISO 8601.
    language:
        Of the messages.
    """
    run = allure.Run(
        id=secrets.token_hex(8),
        mode=session.order.mode,
        started=started,
        si=system_under_test(session.order),
        profile=profile_identity(session.order),
        conclusion=conclusion,
    )
    files = allure.render(
        run,
        requirements,
        session.order.catalogue,
        exhibits(evidence, requirements),
        language,
    )
    return {name: session.redactor.text(text) for name, text in files.items()}
