"""The example bundle, rendered in every format: as it was, and with the same verdicts in each."""

from __future__ import annotations

import importlib.util
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from tgv_suite import locations
from tgv_suite.bundle import read_bundle
from tgv_suite.evidence.archive import opened_bundle
from tgv_suite.model.results import Results, Verdict
from tgv_suite.text import LANGUAGES
from tgv_suite.verification import check

EXAMPLE = locations.reports() / "example"


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("example_maker", EXAMPLE / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def renderings() -> dict[str, str]:
    rendered: dict[str, str] = _maker().renderings()
    return rendered


@pytest.fixture(scope="module")
def results() -> Results:
    with opened_bundle(EXAMPLE / "bundle.tgv.zip") as folder:
        return read_bundle(folder).results


def test_the_example_bundle_is_intact_and_its_verdicts_follow_from_its_facts() -> None:
    checked = check(EXAMPLE / "bundle.tgv.zip", None, again=True)
    assert checked.sound
    assert checked.rejudgement is not None
    assert checked.rejudgement.cases > 0


def test_every_rendering_of_the_example_is_the_one_on_file(renderings: dict[str, str]) -> None:
    on_file = {path.name for path in EXAMPLE.iterdir() if path.name.startswith("report.")}
    assert on_file == set(renderings)
    for name, text in renderings.items():
        assert (EXAMPLE / name).read_text(encoding="utf-8") == text, name


def test_no_rendering_holds_a_path_of_the_machine_that_ran(renderings: dict[str, str]) -> None:
    for name, text in renderings.items():
        assert not re.search(r"/(?:home|root|work|tmp|Users)/", text), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_junit_tells_each_check_once_with_its_verdict(
    renderings: dict[str, str], results: Results, language: str
) -> None:
    root = ET.fromstring(renderings[f"report.{language}.junit.xml"])
    told = {
        suite.attrib["name"]: Counter(
            case[0].tag if len(case) else "passed" for case in suite.iter("testcase")
        )
        for suite in root.iter("testsuite")
    }
    names = {
        Verdict.FAIL: "failure",
        Verdict.INCONCLUSIVE: "error",
        Verdict.ATTESTATION: "skipped",
        Verdict.NOT_APPLICABLE: "skipped",
        Verdict.PASS: "passed",
    }
    assert told == {
        requirement.id: Counter(names[each.verdict] for each in requirement.checks)
        for requirement in results.requirements
    }
    for suite in root.iter("testsuite"):
        counts = told[suite.attrib["name"]]
        assert int(suite.attrib["tests"]) == counts.total()
        assert int(suite.attrib["failures"]) == counts["failure"]
        assert int(suite.attrib["errors"]) == counts["error"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sarif_tells_each_check_once_with_its_verdict(
    renderings: dict[str, str], results: Results, language: str
) -> None:
    (run,) = json.loads(renderings[f"report.{language}.sarif.json"])["runs"]
    kinds = {
        Verdict.FAIL: "fail",
        Verdict.INCONCLUSIVE: "open",
        Verdict.ATTESTATION: "review",
        Verdict.NOT_APPLICABLE: "notApplicable",
        Verdict.PASS: "pass",
    }
    told = Counter((each["ruleId"], each["kind"]) for each in run["results"])
    assert told == Counter(
        (requirement.id, kinds[each.verdict])
        for requirement in results.requirements
        for each in requirement.checks
    )
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert rules == {requirement.id for requirement in results.requirements}
    assert all(each["level"] == "none" for each in run["results"] if each["kind"] != "fail")


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_tells_every_requirement_once_under_its_verdict(
    renderings: dict[str, str], results: Results, language: str
) -> None:
    signs = {Verdict.FAIL: "✕", Verdict.INCONCLUSIVE: "?", Verdict.PASS: "✓"}
    lines = renderings[f"report.{language}.md"].splitlines()
    told = [
        m.groups() for line in lines if (m := re.match(r"- (\S) \*\*([A-Z]{3}-\d\d)\*\*", line))
    ]
    expected = [(signs[each.verdict], each.id) for each in results.requirements]
    assert sorted(told) == sorted(expected)


def test_html_tells_every_requirement_once(renderings: dict[str, str], results: Results) -> None:
    for language in LANGUAGES:
        page = renderings[f"report.{language}.html"]
        for requirement in results.requirements:
            assert len(re.findall(rf'id="{requirement.id}"', page)) == 1


def test_the_example_folder_holds_nothing_else(renderings: dict[str, str]) -> None:
    known = {"make.py", "bundle.tgv.zip", *renderings}
    assert {path.name for path in Path(EXAMPLE).iterdir() if path.is_file()} == known
