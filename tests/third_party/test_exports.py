"""The exports as tools that we did not write read them: Allure's own, and the published schemas.

Nothing here skips: ``.ci/run`` installs the tools under ``build/third_party``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest

from tests.unit.every_verdict import every_verdict
from tgv_suite import locations
from tgv_suite.bundle import read_bundle
from tgv_suite.evidence.archive import opened_bundle
from tgv_suite.model.results import Results
from tgv_suite.output import write_files
from tgv_suite.reference import running
from tgv_suite.rendering import allure_files
from tgv_suite.text import LANGUAGES

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "build" / "third_party"
ALLURE = TOOLS / "node_modules" / ".bin" / "allure"
PACKAGES = TOOLS / "python"
SARIF = TOOLS / "node_modules" / "@microsoft" / "jest-sarif" / "lib" / "schemas"
EXAMPLE = locations.reports() / "example"
STATUSES = {
    "fail": "failed",
    "inconclusive": "broken",
    "attestation": "unknown",
    "pass": "passed",
    "not_applicable": "skipped",
}
Checks = Counter[tuple[str, str, str, str]]


def tgv(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tgv_suite.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def judged(results: Results) -> Checks:
    """Every check of a run: requirement, check, subject and verdict."""
    return Counter(
        (requirement.id, check.id, check.subject, check.verdict.value)
        for requirement in results.requirements
        for check in requirement.checks
    )


def rendered(results: Path, out: Path) -> tuple[dict[str, int], Checks]:
    """What Allure's report says of a folder of results: its totals, and each test that it shows."""
    command = [
        str(ALLURE),
        "generate",
        str(results),
        "--output",
        str(out),
        "--cwd",
        str(out.parent),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    totals = json.loads((out / "widgets" / "statistic.json").read_text("utf-8"))
    shown: Checks = Counter()
    for path in (out / "data" / "test-results").iterdir():
        test = json.loads(path.read_text("utf-8"))
        assert not test["isRetry"], test["fullName"]
        assert test["retriesCount"] == 0, test["fullName"]
        labels = {each["name"]: each["value"] for each in test["labels"]}
        check, _, subject = test["fullName"].partition(":")[2].partition("#")
        assert test["status"] == STATUSES[labels["verdict"]]
        shown[labels["requirement"], check, subject, labels["verdict"]] += 1
    return totals, shown


def totals_of(checks: Checks) -> dict[str, int]:
    """The totals that Allure must show: it leaves out those that are zero."""
    counts = Counter(STATUSES[verdict] for _, _, _, verdict in checks.elements())
    return {"total": checks.total(), **counts}


@pytest.mark.parametrize("language", LANGUAGES)
def test_allure_shows_every_check_of_the_example_once_with_its_verdict(
    language: str, tmp_path: Path
) -> None:
    done = tgv(
        "--lang", language, "report", EXAMPLE / "bundle.tgv.zip", "--format", "allure",
        "-o", tmp_path / "results",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with opened_bundle(EXAMPLE / "bundle.tgv.zip") as folder:
        expected = judged(read_bundle(folder).results)
    totals, shown = rendered(tmp_path / "results", tmp_path / "report")
    assert shown == expected
    assert totals == totals_of(expected)


def test_allure_counts_every_kind_of_verdict_apart(tmp_path: Path) -> None:
    with opened_bundle(EXAMPLE / "bundle.tgv.zip") as folder:
        recorded = read_bundle(folder)
        *results, _ = every_verdict(recorded.results).requirements
        whole = replace(recorded.results, requirements=tuple(results))
        files = allure_files(folder, results=whole, catalogue=recorded.catalogue, language="fr")
    (tmp_path / "results").mkdir()
    write_files(tmp_path / "results", files)
    totals, shown = rendered(tmp_path / "results", tmp_path / "report")
    assert shown == judged(whole)
    assert totals == totals_of(judged(whole))
    assert set(totals) == {"total", *STATUSES.values()}


def test_allure_shows_every_check_of_a_run_in_both_forms(tmp_path: Path) -> None:
    with running(tmp_path / "si", defects=["anonymous-read"]) as system:
        done = tgv(
            "run", system.manifest, "--profile", "rendez-vous", "--out", tmp_path / "bundle",
            "--alluredir", tmp_path / "run",
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        for form, packages in (("pytest", ""), ("pytest-with-allure-pytest", PACKAGES)):
            command = [sys.executable, "-m", "pytest", "-q", "--pyargs", "tgv_suite.checks"]
            command += ["--tgv-target", str(system.manifest), "--tgv-profile", "rendez-vous"]
            command += ["--alluredir", str(tmp_path / form), "--rootdir", str(tmp_path)]
            plain = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                cwd=tmp_path,
                env=os.environ | {"PYTHONPATH": str(packages)},
            )
            assert plain.returncode == 1, plain.stdout + plain.stderr
    expected = judged(read_bundle(tmp_path / "bundle").results)
    assert {verdict for *_, verdict in expected} >= {"fail", "pass", "not_applicable"}
    for form in ("run", "pytest", "pytest-with-allure-pytest"):
        totals, shown = rendered(tmp_path / form, tmp_path / f"report-of-{form}")
        assert shown == expected, form
        assert totals == totals_of(expected), form


def test_allure_pytest_is_what_the_other_form_is_tried_with() -> None:
    command = [sys.executable, "-m", "pytest", "--help"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(PACKAGES)},
    )
    assert "--clean-alluredir" in done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_sarif_is_valid_by_the_schema_of_2_1_0(language: str) -> None:
    (path,) = SARIF.glob("sarif-2.1.0*.json")
    # A pattern of the schema has a bracket too many, which only ECMAScript reads as itself.
    schema = json.loads(path.read_text("utf-8").replace("{2}]?$", r"{2}\\]?$"))
    validator = jsonschema_rs.validator_for(schema)
    log = json.loads((EXAMPLE / f"report.{language}.sarif.json").read_text("utf-8"))
    assert [error.message for error in validator.iter_errors(log)] == []
    log["runs"][0]["results"][0]["kind"] = "conformant"
    assert not validator.is_valid(log)


@pytest.mark.parametrize("language", LANGUAGES)
def test_junit_is_valid_by_the_schema_that_jenkins_reads(language: str, tmp_path: Path) -> None:
    (sources,) = TOOLS.glob(f"pytest-{pytest.__version__}.tar.gz")
    with tarfile.open(sources) as archive:
        name = f"pytest-{pytest.__version__}/testing/example_scripts/junit-10.xsd"
        member = archive.extractfile(name)
        assert member is not None
        schema = tmp_path / "junit-10.xsd"
        schema.write_bytes(member.read())
    report = EXAMPLE / f"report.{language}.junit.xml"
    broken = tmp_path / "broken.xml"
    broken.write_text(report.read_text("utf-8").replace("<failure", "<fault"), "utf-8")
    command = ["xmllint", "--noout", "--schema", str(schema)]
    assert subprocess.run([*command, str(report)], capture_output=True, check=False).returncode == 0
    assert subprocess.run([*command, str(broken)], capture_output=True, check=False).returncode != 0
