"""The example bundle, rendered in every format: as it was, and with the same verdicts in each."""

from __future__ import annotations

import importlib.util
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.unit.every_verdict import every_verdict
from tgv_suite import locations
from tgv_suite.bundle import read_bundle
from tgv_suite.evidence.archive import opened_bundle
from tgv_suite.model.catalogue import Catalogue
from tgv_suite.model.results import CheckResult, RequirementResult, Results, Verdict
from tgv_suite.noun import noun
from tgv_suite.rendering import FORMATS, allure_files, view
from tgv_suite.report.build import View
from tgv_suite.report.visible import visible
from tgv_suite.text import LANGUAGES, Language
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


@noun
class Run:
    """A run to render, and what every rendering of it must tell."""

    folder: Path
    results: Results
    catalogue: Catalogue
    view: View

    @property
    def requirements(self) -> Mapping[str, Verdict]:
        """The verdict of each requirement."""
        return {each.id: each.verdict for each in self.results.requirements}

    @property
    def checks(self) -> list[tuple[str, CheckResult]]:
        """Each check with its requirement; a requirement that has none is told once all the same."""
        return [
            (each.id, check)
            for each in self.results.requirements
            for check in each.checks or (_unchecked(each),)
        ]


def _unchecked(requirement: RequirementResult) -> CheckResult:
    return CheckResult(
        id="plan",
        subject="",
        verdict=requirement.verdict,
        cause=requirement.cause,
        reason=requirement.reason,
    )


@pytest.fixture(scope="module", params=["example", "every verdict"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    with opened_bundle(EXAMPLE / "bundle.tgv.zip") as folder:
        recorded = read_bundle(folder)
        as_it_is = request.param == "example"
        results = recorded.results if as_it_is else every_verdict(recorded.results)
        assert as_it_is or {each.verdict for each in results.requirements} == set(Verdict)
        seen = view(
            folder,
            results=results,
            catalogue=recorded.catalogue,
            target=recorded.target,
            key_id=None,
        )
        yield Run(folder=folder, results=results, catalogue=recorded.catalogue, view=seen)


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
def test_junit_tells_each_check_once_with_its_verdict(run: Run, language: Language) -> None:
    root = ET.fromstring(FORMATS["junit"](run.view, language))
    elements = [(case.attrib, [child.tag for child in case]) for case in root.iter("testcase")]
    told = Counter((case["classname"], case["name"], *inside) for case, inside in elements)
    words = {
        Verdict.FAIL: ("failure",),
        Verdict.INCONCLUSIVE: ("error",),
        Verdict.ATTESTATION: ("skipped",),
        Verdict.NOT_APPLICABLE: ("skipped",),
        Verdict.PASS: (),
    }
    assert told == Counter(
        (id_, f"{check.id}[{check.subject}]" if check.subject else check.id, *words[check.verdict])
        for id_, check in run.checks
    )
    for suite in root.iter("testsuite"):
        mine = [inside for case, inside in elements if case["classname"] == suite.attrib["name"]]
        assert int(suite.attrib["tests"]) == len(mine)
        for attribute, tag in (
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert int(suite.attrib[attribute]) == mine.count([tag])


@pytest.mark.parametrize("language", LANGUAGES)
def test_sarif_tells_each_check_once_with_its_verdict(run: Run, language: Language) -> None:
    (log,) = json.loads(FORMATS["sarif"](run.view, language))["runs"]
    kinds = {
        Verdict.FAIL: "fail",
        Verdict.INCONCLUSIVE: "open",
        Verdict.ATTESTATION: "review",
        Verdict.NOT_APPLICABLE: "notApplicable",
        Verdict.PASS: "pass",
    }
    told = Counter(
        (each["ruleId"], place["fullyQualifiedName"], each["kind"])
        for each in log["results"]
        for location in each["locations"]
        for place in location["logicalLocations"]
    )
    assert told == Counter(
        (id_, f"{check.id}/{check.subject}" if check.subject else check.id, kinds[check.verdict])
        for id_, check in run.checks
    )
    rules = [rule["id"] for rule in log["tool"]["driver"]["rules"]]
    assert sorted(rules) == sorted(run.requirements)
    assert all(each["level"] == "none" for each in log["results"] if each["kind"] != "fail")


@pytest.mark.parametrize("language", LANGUAGES)
def test_allure_tells_each_check_once_with_its_verdict(run: Run, language: Language) -> None:
    statuses = {
        Verdict.FAIL: "failed",
        Verdict.INCONCLUSIVE: "broken",
        Verdict.ATTESTATION: "unknown",
        Verdict.NOT_APPLICABLE: "skipped",
        Verdict.PASS: "passed",
    }
    told = _allure(run, language)
    assert Counter((each["fullName"], each["status"]) for each in told) == Counter(
        (f"{id_}:{check.id}#{check.subject}", statuses[check.verdict]) for id_, check in run.checks
    )
    # Allure makes its own identity of name and parameters: what shares it is shown as one test.
    for identity in ("uuid", "historyId", "fullName"):
        assert len({each[identity] for each in told}) == len(told), identity
    assert len({json.dumps([e["testCaseId"], e["parameters"]]) for e in told}) == len(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_allure_labels_name_requirement_family_severity_level_and_cause(
    run: Run, language: Language
) -> None:
    for each in _allure(run, language):
        labels = {label["name"]: label["value"] for label in each["labels"]}
        requirement = run.catalogue.requirements[labels["requirement"]]
        result = next(r for r in run.results.requirements if r.id == requirement.id)
        assert each["fullName"].startswith(f"{requirement.id}:")
        assert labels["family"] == requirement.family
        assert labels["requirementSeverity"] == requirement.severity
        assert labels["level"] == result.level
        assert ("cause" in labels) is (labels["verdict"] == Verdict.INCONCLUSIVE)
        told = each["statusDetails"]["message"]
        assert f"({labels['cause']})" in told if "cause" in labels else told


def test_allure_attaches_every_exchange_whole(run: Run) -> None:
    files = _allure_files(run, "fr")
    for each in _allure(run, "fr"):
        check = next(c for id_, c in run.checks if each["fullName"] == _full_name(id_, c))
        attached = [files[attachment["source"]] for attachment in each["attachments"]]
        assert attached == [
            visible((run.folder / path).read_text("utf-8")) for path in check.observations
        ]


def test_allure_results_are_the_same_each_time_and_differ_between_runs(run: Run) -> None:
    again = replace(run.results, run=replace(run.results.run, id="another"))
    first, other = _allure_files(run, "fr"), _allure_files(replace(run, results=again), "fr")
    assert first == _allure_files(run, "fr")
    assert not {name for name in first if "result" in name} & set(other)
    histories = [sorted(e["historyId"] for e in _results(files)) for files in (first, other)]
    assert histories[0] == histories[1]


def test_results_that_allure_would_take_for_one_are_refused(run: Run) -> None:
    first = next(each for each in run.results.requirements if each.checks)
    twice = replace(first, checks=(first.checks[0], first.checks[0]))
    with pytest.raises(ValueError, match=first.checks[0].id):
        _allure_files(replace(run, results=replace(run.results, requirements=(twice,))), "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_tells_every_requirement_once_under_its_verdict(
    run: Run, language: Language
) -> None:
    signs = {
        Verdict.FAIL: "✕",
        Verdict.INCONCLUSIVE: "?",
        Verdict.ATTESTATION: "✎",
        Verdict.PASS: "✓",
        Verdict.NOT_APPLICABLE: "–",
    }
    lines = FORMATS["md"](run.view, language).splitlines()
    told = [
        m.groups() for line in lines if (m := re.match(r"- (\S) \*\*([A-Z]{3}-\d\d)\*\*", line))
    ]
    expected = [(signs[verdict], id_) for id_, verdict in run.requirements.items()]
    assert sorted(told) == sorted(expected)


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_tells_every_requirement_once_under_its_verdict(run: Run, language: Language) -> None:
    page = _Articles()
    page.feed(FORMATS["html"](run.view, language))
    assert page.told == Counter(run.requirements.items())


def _full_name(requirement: str, check: CheckResult) -> str:
    return f"{requirement}:{check.id}#{check.subject}"


def _allure_files(run: Run, language: Language) -> Mapping[str, str]:
    return allure_files(run.folder, results=run.results, catalogue=run.catalogue, language=language)


def _allure(run: Run, language: Language) -> list[dict[str, Any]]:
    return _results(_allure_files(run, language))


def _results(files: Mapping[str, str]) -> list[dict[str, Any]]:
    return [json.loads(text) for name, text in files.items() if name.endswith("-result.json")]


class _Articles(HTMLParser):
    """The articles of a page whose id is a requirement's, with the verdict of their class."""

    def __init__(self) -> None:
        super().__init__()
        self.told: Counter[tuple[str, str]] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "article" and re.fullmatch(r"[A-Z]{3}-\d\d", named.get("id") or ""):
            classes = (named.get("class") or "").split()
            (verdict,) = [name for name in classes if name in list(Verdict)]
            self.told[named["id"] or "", verdict] += 1


def test_the_example_folder_holds_nothing_else(renderings: dict[str, str]) -> None:
    known = {"make.py", "bundle.tgv.zip", *renderings}
    assert {path.name for path in Path(EXAMPLE).iterdir() if path.is_file()} == known
