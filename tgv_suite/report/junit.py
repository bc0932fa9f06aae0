"""JUnit XML, for continuous integration: never evidence.

JUnit knows no inconclusive verdict: it is told as an error, so that nothing is green by it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tgv_suite.model.results import CheckResult, RequirementResult, Verdict
from tgv_suite.report.build import View
from tgv_suite.report.cases import cases
from tgv_suite.report.visible import inline
from tgv_suite.report.words import VERDICTS
from tgv_suite.text import Language

_ELEMENTS = {
    Verdict.FAIL: "failure",
    Verdict.INCONCLUSIVE: "error",
    Verdict.ATTESTATION: "skipped",
    Verdict.NOT_APPLICABLE: "skipped",
}


def render(view: View, language: Language) -> str:
    """A run as JUnit XML: a suite a requirement, a case a check and its subject.

    Parameters
    ----------
    view:
        The run.
    language:
        Of the messages.
    """
    root = ET.Element("testsuites", name=inline(view.results.si.name))
    for requirement in view.results.requirements:
        root.append(_suite(requirement, language))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(requirement: RequirementResult, language: Language) -> ET.Element:
    told = [_ELEMENTS.get(check.verdict) for check in cases(requirement)]
    suite = ET.Element(
        "testsuite",
        name=requirement.id,
        tests=str(len(told)),
        failures=str(told.count("failure")),
        errors=str(told.count("error")),
        skipped=str(told.count("skipped")),
    )
    for check in cases(requirement):
        suite.append(_case(requirement.id, check, language))
    return suite


def _case(requirement: str, check: CheckResult, language: Language) -> ET.Element:
    name = f"{check.id}[{check.subject}]" if check.subject else check.id
    case = ET.Element(
        "testcase", classname=requirement, name=inline(name), time=f"{check.elapsed_s:.3f}"
    )
    element = _ELEMENTS.get(check.verdict)
    if element is not None:
        kind = VERDICTS[check.verdict].word.in_(language)
        cause = f" ({check.cause})" if check.cause else ""
        message = inline(check.reason.in_(language))
        ET.SubElement(case, element, message=f"{kind}{cause} : {message}")
    return case
