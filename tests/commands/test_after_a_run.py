"""``tgv replay`` and ``tgv report`` after a run, on the reference SI."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

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
    before, now, *seen = done.stdout.splitlines()[1:4]
    assert before.startswith("    before: ")
    assert now.startswith("    now: ")
    assert before.partition(": ")[2] != now.partition(": ")[2]
    assert "body" in "".join(seen)


def test_a_machine_reads_a_replay_then_and_now(system: ReferenceSystem, bundle: Path) -> None:
    system.plant([])
    done = tgv("replay", system.manifest, bundle, CHECK, "--format", "json")
    said = json.loads(done.stdout)
    assert said["system"]["before"] == said["system"]["now"]
    assert said["cases"]
    for case in said["cases"]:
        assert case["before"]["id"] == case["now"]["id"] == CHECK
    changed = [case for case in said["cases"] if case["before"]["verdict"] == "fail"]
    assert changed
    for case in changed:
        assert case["now"]["verdict"] == "pass"
        assert {seen["field"] for seen in case["seen"]} == {"body"}
        assert all(seen["before"] != seen["now"] for seen in case["seen"])


def test_another_version_than_the_bundle_s_is_told(system: ReferenceSystem, bundle: Path) -> None:
    system.plant([])
    assert "this bundle is of" not in tgv("replay", system.manifest, bundle, CHECK).stdout
    text = system.manifest.read_text(encoding="utf-8")
    newer = system.manifest.with_name("newer.yaml")
    newer.write_text(text.replace("version: 1.0.0", "version: 1.1.0"), encoding="utf-8")
    done = tgv("replay", newer, bundle, CHECK)
    assert done.returncode == 0
    told = done.stdout.splitlines()[0]
    assert "1.0.0; the manifest declares" in told
    assert told.endswith("1.1.0")


def test_a_finding_that_the_bundle_does_not_hold_is_refused(
    system: ReferenceSystem, bundle: Path
) -> None:
    done = tgv("replay", system.manifest, bundle, "DOC-99")
    assert done.returncode == 2
    assert "failed: AZN-03" in done.stderr


@pytest.mark.parametrize(
    ("written", "meant"), [("AZN-30", "AZN-03"), (CHECK.replace("another", "anothers"), CHECK)]
)
def test_a_misspelt_finding_is_answered_with_the_one_that_was_meant(
    written: str, meant: str, system: ReferenceSystem, bundle: Path
) -> None:
    done = tgv("replay", system.manifest, bundle, written)
    assert done.returncode == 2
    assert f"did you mean “{meant}”?" in done.stderr


def test_a_finding_whose_subject_the_manifest_no_longer_declares_is_refused(
    system: ReferenceSystem, bundle: Path
) -> None:
    """A manifest without searches has nothing to try a finding of a search on."""
    manifest = yaml.safe_load(system.manifest.read_text(encoding="utf-8"))
    for name in ("appointment-search", "booking-search", "patient-search"):
        del manifest["operations"][name]
    other = system.manifest.with_name("other.yaml")
    other.write_text(
        yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    done = tgv("replay", other, bundle, CHECK)
    assert done.returncode == 2
    assert "no longer declares" in done.stderr


@pytest.mark.parametrize("command", ["report", "replay"])
def test_an_altered_bundle_is_neither_rendered_nor_replayed(
    command: str, system: ReferenceSystem, bundle: Path, tmp_path: Path
) -> None:
    arguments: dict[str, tuple[str | Path, ...]] = {
        "report": ("report", bundle, "--format", "md", "-o", tmp_path / "r.md"),
        "replay": ("replay", system.manifest, bundle, CHECK),
    }
    system.plant([])
    assert tgv(*arguments[command]).returncode == 0
    (tmp_path / "r.md").unlink(missing_ok=True)
    results = bundle / "results.json"
    kept = results.read_bytes()
    try:
        results.write_bytes(kept.replace(b'"fail"', b'"pass"', 1))
        done = tgv(*arguments[command])
    finally:
        results.write_bytes(kept)
    assert done.returncode == 5
    assert "no longer what was sealed" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "r.md").exists()
