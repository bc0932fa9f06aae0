"""SARIF 2.1.0 (OASIS), for the tools that gather findings."""

from __future__ import annotations

import json

from pydantic import JsonValue

from tgv_suite import __version__
from tgv_suite.model.catalogue import Requirement, Severity
from tgv_suite.model.results import CheckResult, Verdict
from tgv_suite.report.build import Entry, View
from tgv_suite.report.cases import cases
from tgv_suite.report.visible import inline
from tgv_suite.text import Language

_KINDS = {
    Verdict.FAIL: "fail",
    Verdict.INCONCLUSIVE: "open",
    Verdict.ATTESTATION: "review",
    Verdict.PASS: "pass",
    Verdict.NOT_APPLICABLE: "notApplicable",
}
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}


def render(view: View, language: Language) -> str:
    """A run as SARIF: a rule a requirement, a result a check and its subject.

    Parameters
    ----------
    view:
        The run.
    language:
        Of the messages.
    """
    entries = [entry for verdict in Verdict for entry in view.entries[verdict]]
    driver: dict[str, JsonValue] = {
        "name": "tgv",
        "version": __version__,
        "language": f"{language}-CA",
        "rules": [_rule(entry.requirement, language) for entry in entries],
    }
    found: list[JsonValue] = [
        _result(entry, check, language) for entry in entries for check in cases(entry.result)
    ]
    log: dict[str, JsonValue] = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": found}],
    }
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _rule(requirement: Requirement, language: Language) -> JsonValue:
    return {
        "id": requirement.id,
        "shortDescription": {"text": requirement.title.in_(language)},
        "fullDescription": {"text": requirement.statement.in_(language)},
        "help": {"text": requirement.remedy.in_(language)},
    }


def _result(entry: Entry, check: CheckResult, language: Language) -> JsonValue:
    failed = check.verdict is Verdict.FAIL
    place = f"{check.id}/{check.subject}" if check.subject else check.id
    return {
        "ruleId": entry.requirement.id,
        "kind": _KINDS[check.verdict],
        "level": _LEVELS[entry.requirement.severity] if failed else "none",
        "message": {"text": inline(check.reason.in_(language))},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": inline(place)}]}],
    }
