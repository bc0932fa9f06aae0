"""Allure results: the files that Allure's own tools draw a report from; never evidence.

One test result for each check and subject (and for what the plan settled), so that Allure counts
what ``results.json`` counts. Allure folds the results that bear one ``historyId`` into retries of
a single test and shows the last: here it is derived from requirement, check and subject, which no
two results share. Nothing but a pass is told as ``passed``.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue

from tgv_suite import __version__
from tgv_suite.model.catalogue import Catalogue, Requirement, Severity
from tgv_suite.model.results import (
    CheckResult,
    Conclusion,
    Mode,
    ProfileIdentity,
    RequirementResult,
    SystemUnderTest,
    Verdict,
)
from tgv_suite.noun import noun
from tgv_suite.report.cases import cases
from tgv_suite.report.exhibit import Exhibit
from tgv_suite.report.visible import inline, visible
from tgv_suite.report.words import CONCLUSIONS, NO_BREAK, VERDICTS
from tgv_suite.text import Language

STATUSES: Mapping[Verdict, str] = {
    Verdict.FAIL: "failed",
    Verdict.INCONCLUSIVE: "broken",
    # "skipped" reads as harmless, and would be counted with what doesn't bind the system.
    Verdict.ATTESTATION: "unknown",
    Verdict.PASS: "passed",
    Verdict.NOT_APPLICABLE: "skipped",
}
"""Allure's word for each verdict; no two share one, so its totals are ours."""

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "normal",
    Severity.LOW: "minor",
}
_NAMESPACE = uuid.UUID("0f6c3f0e-3c2d-5b0c-9d0e-6b3a52d4b7a1")
_BACKSLASH = "\\"


@noun
class Run:
    """What Allure shows of the run beside its results.

    Parameters
    ----------
    id, mode, started:
        Which run this was; the time is ISO 8601.
    si, profile, conclusion:
        Of whom what was asked, and what is concluded.
    """

    id: str
    mode: Mode
    started: str
    si: SystemUnderTest
    profile: ProfileIdentity
    conclusion: Conclusion


def render(
    run: Run,
    requirements: Sequence[RequirementResult],
    catalogue: Catalogue,
    exhibits: Mapping[str, Exhibit],
    language: Language,
) -> Mapping[str, str]:
    """A run as the files of a folder of Allure results, by name.

    Parameters
    ----------
    run, requirements:
        What was judged; a check has no time of its own but how long it took, so that every result
        starts when the run did.
    catalogue:
        The requirements' words; it must hold those that were judged.
    exhibits:
        The exchanges, by path; they are attached whole.
    language:
        Of the messages.

    Raises
    ------
    ValueError
        When two results would bear one name, and so be shown as one.
    """
    told = [
        _Case(run=run, requirement=catalogue.requirements[r.id], result=r, check=check)
        for r in requirements
        for check in cases(r)
    ]
    if twins := sorted(n for n, count in Counter(c.full_name for c in told).items() if count > 1):
        raise ValueError(f"results that Allure would take for one test: {', '.join(twins)}")
    files = {"environment.properties": _environment(run, language)}
    for case in told:
        attached = {
            f"{uuid.uuid5(case.uuid, path)}-attachment.txt": exhibits[path]
            for path in case.check.observations
            if path in exhibits
        }
        result = _result(case, attached, catalogue, language)
        files |= {name: visible(exhibit.text) for name, exhibit in attached.items()}
        files[f"{case.uuid}-result.json"] = (
            json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        )
    return files


@noun
class _Case:
    """One Allure result: a check over its subject, or what the plan settled."""

    run: Run
    requirement: Requirement
    result: RequirementResult
    check: CheckResult

    @property
    def test(self) -> str:
        return f"{self.requirement.id}:{self.check.id}"

    @property
    def full_name(self) -> str:
        return f"{self.test}#{self.check.subject}"

    @property
    def uuid(self) -> uuid.UUID:
        return uuid.uuid5(_NAMESPACE, f"{self.run.id}/{self.full_name}")


def _result(
    case: _Case, attached: Mapping[str, Exhibit], catalogue: Catalogue, language: Language
) -> dict[str, JsonValue]:
    check, requirement = case.check, case.requirement
    subject = f" [{check.subject}]" if check.subject else ""
    started = _milliseconds(case.run.started)
    parameters = {"requirement": requirement.id} | ({"subject": check.subject} if subject else {})
    return {
        "uuid": str(case.uuid),
        "historyId": _digest(case.full_name),
        "testCaseId": _digest(case.test),
        "fullName": inline(case.full_name),
        "name": inline(f"{requirement.id} {check.id}{subject}"),
        "status": STATUSES[check.verdict],
        "statusDetails": {"message": _message(check, language)},
        "stage": "finished",
        "description": "\n\n".join(
            text.in_(language) for text in (requirement.statement, requirement.why)
        ),
        "labels": [
            {"name": name, "value": value} for name, value in _labels(case, catalogue, language)
        ],
        "parameters": [
            {"name": name, "value": inline(value)} for name, value in parameters.items()
        ],
        "attachments": [
            {"name": inline(exhibit.title), "source": name, "type": "text/plain"}
            for name, exhibit in attached.items()
        ],
        "steps": [],
        "start": started,
        "stop": started + round(check.elapsed_s * 1000),
    }


def _message(check: CheckResult, language: Language) -> str:
    """The verdict in our own words, before the reason: Allure's words are only near."""
    verdict = VERDICTS[check.verdict].word.in_(language)
    cause = f" ({check.cause})" if check.cause else ""
    colon = f"{NO_BREAK}: " if language == "fr" else ": "
    return inline(f"{verdict}{cause}{colon}{check.reason.in_(language)}")


def _labels(case: _Case, catalogue: Catalogue, language: Language) -> Iterator[tuple[str, str]]:
    requirement = case.requirement
    title = f"{requirement.id} {requirement.title.in_(language)}"
    named = catalogue.families.get(requirement.family)
    family = named.in_(language) if named else requirement.family
    profile = case.run.profile.title.in_(language)
    for names, value in (
        (("parentSuite", "epic"), profile),
        (("suite", "feature"), family),
        (("subSuite", "story"), title),
    ):
        yield from ((name, value) for name in names)
    yield "severity", _SEVERITIES[requirement.severity]
    yield "framework", "tgv"
    yield "requirement", requirement.id
    yield "family", requirement.family
    yield "requirementSeverity", requirement.severity.value
    yield "level", case.result.level.value
    yield "verdict", case.check.verdict.value
    if case.check.cause is not None:
        yield "cause", case.check.cause.value


def _environment(run: Run, language: Language) -> str:
    """A Java properties file: of whom, by what, and the conclusion in our words."""
    told = {
        "SI": f"{run.si.name} {run.si.version} ({run.si.vendor})",
        "environment": run.si.environment,
        "profile": f"{run.profile.id} {run.profile.version}",
        "mode": run.mode.value,
        "run": run.id,
        "conclusion": CONCLUSIONS[run.conclusion].in_(language),
        "tgv": __version__,
    }
    values = {name: " ".join(inline(value).split()) for name, value in told.items()}
    return "".join(
        f"{name} = {value.replace(_BACKSLASH, _BACKSLASH * 2)}\n" for name, value in values.items()
    )


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _milliseconds(time: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 time."""
    return round(datetime.fromisoformat(time).timestamp() * 1000)
