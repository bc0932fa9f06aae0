"""``tgv replay`` and ``tgv report`` after a run, on the reference SI."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tgv_suite.reference import ReferenceSystem, running

DEFECT = "search-total-counts-everything"
CHECK = "authorization.a_search_does_not_count_another_clinics_records"


def tgv(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tgv_suite.cli", "--lang", "en", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceSystem]:
    with running(tmp_path_factory.mktemp("si")) as system:
        yield system


@pytest.fixture(scope="module")
def bundle(system: ReferenceSystem, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one requirement, with a defect planted."""
    out = tmp_path_factory.mktemp("run") / "bundle"
    system.plant([DEFECT])
    done = tgv("run", system.manifest, "--profile", "rendez-vous", "--only", "AZN-03", "--out", out)
    assert done.returncode == 1, done.stderr
    return out


def test_a_replayed_finding_fails_again_while_the_defect_is_there(
    system: ReferenceSystem, bundle: Path
) -> None:
    system.plant([DEFECT])
    done = tgv("replay", system.manifest, bundle, CHECK)
    assert done.returncode == 1
    assert "→" not in done.stdout


def test_a_replayed_finding_shows_that_it_was_mended(system: ReferenceSystem, bundle: Path) -> None:
    system.plant([])
    done = tgv("replay", system.manifest, bundle, CHECK)
    assert done.returncode == 0
    assert "fail → ✓ pass" in done.stdout


def test_a_finding_that_the_bundle_does_not_hold_is_refused(
    system: ReferenceSystem, bundle: Path
) -> None:
    done = tgv("replay", system.manifest, bundle, "AZN-99")
    assert done.returncode == 2
    assert "AZN-03" in done.stderr


def test_an_altered_bundle_is_not_rendered(bundle: Path, tmp_path: Path) -> None:
    assert tgv("report", bundle, "--format", "md", "-o", tmp_path / "r.md").returncode == 0
    results = bundle / "results.json"
    kept = results.read_bytes()
    try:
        results.write_bytes(kept.replace(b'"fail"', b'"pass"', 1))
        done = tgv("report", bundle, "--format", "md", "-o", tmp_path / "no.md")
    finally:
        results.write_bytes(kept)
    assert done.returncode == 5
    assert not (tmp_path / "no.md").exists()
