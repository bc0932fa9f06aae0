"""Allure results from the commands: where they go, and when they are refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tgv_suite import locations
from tgv_suite.bundle import read_bundle
from tgv_suite.evidence.archive import opened_bundle
from tgv_suite.reference import ReferenceSystem, running

EXAMPLE = locations.reports() / "example" / "bundle.tgv.zip"
TGV = ("-m", "tgv_suite.cli", "--lang", "en")
PYTEST = ("-m", "pytest", "-p", "no:allure_pytest", "-q")


def python(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def tgv(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return python(*TGV, *arguments)


def told(folder: Path) -> list[tuple[str, str]]:
    """The name and the status of each result of a folder."""
    read = (json.loads(path.read_text("utf-8")) for path in folder.glob("*-result.json"))
    return sorted((each["fullName"], each["status"]) for each in read)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceSystem]:
    defects = ["search-total-counts-everything"]
    with running(tmp_path_factory.mktemp("si"), defects=defects) as system:
        yield system


def test_a_bundle_becomes_a_folder_of_allure_results(tmp_path: Path) -> None:
    assert tgv("report", EXAMPLE, "--format", "allure", "-o", tmp_path / "a").returncode == 0
    with opened_bundle(EXAMPLE) as folder:
        results = read_bundle(folder).results
    assert [name for name, _ in told(tmp_path / "a")] == sorted(
        f"{each.id}:{check.id}#{check.subject}"
        for each in results.requirements
        for check in each.checks
    )


def test_allure_results_without_a_folder_are_a_wrong_usage() -> None:
    done = tgv("report", EXAMPLE, "--format", "allure")
    assert done.returncode == 2
    assert "-o FOLDER" in done.stderr


@pytest.mark.parametrize("command", ["report", "run", "pytest"])
def test_a_folder_that_holds_something_is_refused_before_anything_is_done(
    command: str, system: ReferenceSystem, tmp_path: Path
) -> None:
    folder, out = tmp_path / "a", tmp_path / "bundle"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    target = system.manifest
    words: dict[str, list[str | Path]] = {
        "report": [*TGV, "report", EXAMPLE, "--format", "allure", "-o", folder],
        "run": [*TGV, "run", target, "--profile", "rendez-vous", "--out", out],
        "pytest": [*PYTEST, "--pyargs", "tgv_suite.checks", "--tgv-target", target],
    }
    there: list[str | Path] = [] if command == "report" else ["--alluredir", folder]
    done = python(*words[command], *there)
    assert done.returncode == (4 if command == "pytest" else 2)
    assert "isn't empty" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert not out.exists()


def test_a_run_and_a_plain_pytest_leave_the_same_results(
    system: ReferenceSystem, tmp_path: Path
) -> None:
    done = tgv(
        "run", system.manifest, "--profile", "rendez-vous", "--out", tmp_path / "bundle",
        "--alluredir", tmp_path / "run",
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    plain = python(
        *PYTEST, "--pyargs", "tgv_suite.checks", "--tgv-target", system.manifest,
        "--alluredir", tmp_path / "pytest", "--tgv-lang", "en", "--rootdir", tmp_path,
    )  # fmt: skip
    assert plain.returncode == 1, plain.stdout + plain.stderr
    results = read_bundle(tmp_path / "bundle").results
    assert len(told(tmp_path / "run")) == sum(len(each.checks) for each in results.requirements)
    assert told(tmp_path / "pytest") == told(tmp_path / "run")
    assert "failed" in dict(told(tmp_path / "run")).values()


def test_a_plain_pytest_without_a_target_refuses_to_leave_nothing_in_silence(
    tmp_path: Path,
) -> None:
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n")
    done = python(*PYTEST, tmp_path, "--alluredir", tmp_path / "a", "--rootdir", tmp_path)
    assert done.returncode == 4
    assert "--alluredir needs --tgv-target" in done.stderr
