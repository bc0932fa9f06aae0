"""A bundle says what was altered, and by whom it was sealed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.acceptance.conftest import PROFILE, results_of, tgv
from tgv_suite.evidence.keys import ephemeral
from tgv_suite.evidence.manifest import build_manifest, decode
from tgv_suite.evidence.seal import read_seal, seal

_FILES = (
    "results.json",
    "plan.json",
    "target.yaml",
    "profile.yaml",
    "requirements.yaml",
    "report.fr.html",
    "report.en.html",
    "manifest.json",
    "manifest.dsse.json",
)


@pytest.fixture
def copy(clean: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(clean, tmp_path / "copy"))


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(content)


@pytest.mark.parametrize("name", _FILES)
def test_one_byte_changed_is_told_with_the_name_of_its_file(name: str, copy: Path) -> None:
    _flip(copy / name)
    done = tgv("verify", copy)
    assert done.returncode == 5
    assert name in done.stdout


def test_one_byte_changed_in_an_observation_is_told(copy: Path) -> None:
    path = next(copy.glob("observations/*/*/*/facts.json"))
    _flip(path)
    done = tgv("verify", copy)
    assert done.returncode == 5
    assert path.relative_to(copy).as_posix() in done.stdout


def test_a_file_added_or_removed_is_told(copy: Path) -> None:
    (copy / "observations" / "more.txt").write_text("more")
    (copy / "plan.json").unlink()
    done = tgv("verify", copy)
    assert done.returncode == 5
    assert "observations/more.txt was added" in done.stdout
    assert "plan.json was removed" in done.stdout


def test_an_altered_archive_is_told(clean: Path, tmp_path: Path) -> None:
    archive = clean.with_name("bundle.tgv.zip")
    content = archive.read_bytes()
    altered = tmp_path / "altered.tgv.zip"
    for offset in range(7, len(content), len(content) // 8):
        changed = bytearray(content)
        changed[offset] ^= 0x10
        altered.write_bytes(changed)
        done = tgv("verify", altered)
        assert done.returncode == 5, offset
        assert "Traceback" not in done.stderr


def test_a_verdict_edited_and_sealed_again_is_named_by_judging_again(
    failing: Path, tmp_path: Path
) -> None:
    forged = Path(shutil.copytree(failing, tmp_path / "forged"))
    results = results_of(forged)
    named = []
    for requirement in results["requirements"]:
        for check in [requirement, *requirement["checks"]]:
            if check["verdict"] == "fail":
                check["verdict"] = "pass"
                named.append(check["id"])
    results["conclusion"] = "conformant"
    (forged / "results.json").write_text(json.dumps(results), encoding="utf-8")
    before = decode((forged / "manifest.json").read_bytes())
    claim = read_seal((forged / "manifest.dsse.json").read_bytes()).claim
    manifest = build_manifest(
        forged,
        run_id=before.run_id,
        nonce=before.nonce,
        started=before.started,
        ended=before.ended,
        fingerprints=before.fingerprints,
    )
    seal(forged, manifest, ephemeral(), replace(claim, conclusion="conformant"))

    assert tgv("verify", forged).returncode == 0  # whole, and by an unknown signer
    (tmp_path / "trust").mkdir()
    assert tgv("verify", forged, "--trust", tmp_path / "trust").returncode == 5
    again = tgv("verify", forged, "--rejudge")
    assert again.returncode == 5
    for name in named:
        assert name in again.stdout


def test_a_bundle_sealed_with_a_trusted_key_names_its_signer(
    system: object, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    assert tgv("keys", "new", "--folder", keys, "--name", "msss").returncode == 0
    out = tmp_path / "bundle"
    manifest = system.manifest  # type: ignore[attr-defined]
    arguments: list[str | Path] = ["--only", "TLS-01", "--key", keys / "msss.pem", "--out", out]
    tgv("run", manifest, "--profile", PROFILE, *arguments)
    done = tgv("verify", out, "--trust", keys)
    assert done.returncode == 0
    assert "Sealed by msss" in done.stdout
