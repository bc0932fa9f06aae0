"""What people sign, in real runs: attested, waived, refused, sealed, verified and judged again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.conftest import PROFILE, results_of, tgv
from tgv_suite.evidence.keys import ephemeral
from tgv_suite.evidence.manifest import build_manifest, decode
from tgv_suite.evidence.seal import read_seal, seal
from tgv_suite.reference import ReferenceSystem, running

DEFECT, BROKEN = "anonymous-read", "AUT-01"
TOMORROW = date.today() + timedelta(days=2)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceSystem]:
    """A system of this module's own: its documents are tampered with."""
    with running(tmp_path_factory.mktemp("si")) as system:
        yield system


def waivers(folder: Path, **changes: str) -> Path:
    waiver = {
        "requirement": BROKEN,
        "reason": "correctif prévu",
        "author": "Camille Exemple",
        "approver": "Alix Autre",
        "expiry": TOMORROW.isoformat(),
        **changes,
    }
    path = folder / "waivers.yaml"
    text = yaml.safe_dump({"schema": "tgv-waivers/1", "waivers": [waiver]}, sort_keys=False)
    path.write_text(text.replace("'", ""), encoding="utf-8")
    return path


def run(system: ReferenceSystem, out: Path, *more: str | Path) -> Any:
    return tgv("run", system.manifest, "--profile", PROFILE, "--out", out, *more)


def requirement(bundle: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(r for r in results_of(bundle)["requirements"] if r["id"] == name)
    return found


@pytest.fixture(scope="module")
def waived(system: ReferenceSystem, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a run with one defect, waived."""
    folder = tmp_path_factory.mktemp("waived")
    system.plant([DEFECT])
    done = run(system, folder / "bundle", "--waivers", waivers(folder))
    assert done.returncode == 7, done.stdout + done.stderr
    assert "CONFORMANT WITH WAIVERS" in done.stdout
    return folder / "bundle"


def test_a_waived_defect_exits_with_seven_and_stays_a_failure(waived: Path) -> None:
    broken = requirement(waived, BROKEN)
    assert broken["verdict"] == "fail"
    assert broken["waivers"][0]["approver"] == "Alix Autre"
    assert results_of(waived)["conclusion"] == "conformant_with_waivers"
    for language in ("fr", "en"):
        report = (waived / f"report.{language}.html").read_text(encoding="utf-8")
        for word in ("Alix Autre", "Camille Exemple", "correctif prévu", TOMORROW.isoformat()):
            assert word in report


def test_a_bundle_with_papers_is_verified_and_judged_again_to_the_same_conclusion(
    waived: Path,
) -> None:
    done = tgv("verify", waived.with_name("bundle.tgv.zip"), "--rejudge")
    assert done.returncode == 0, done.stdout
    assert (waived / "attestations" / "attestations.yaml").is_file()
    assert (waived / "attestations" / "documents.json").is_file()
    assert (waived / "waivers.yaml").is_file()


@pytest.mark.parametrize(
    "name", ["attestations/attestations.yaml", "attestations/documents.json", "waivers.yaml"]
)
@pytest.mark.parametrize("removed", [False, True], ids=["altered", "removed"])
def test_a_paper_that_changed_since_the_seal_is_named(
    waived: Path, tmp_path: Path, name: str, removed: bool
) -> None:
    copy = Path(shutil.copytree(waived, tmp_path / "copy"))
    content = (copy / name).read_bytes()
    (copy / name).unlink()
    if not removed:
        (copy / name).write_bytes(content.replace(b"2", b"3", 1))
    done = tgv("verify", copy)
    assert done.returncode == 5
    assert name in done.stdout


def sealed_again(folder: Path) -> None:
    """Seal a folder anew, as somebody with a key of their own could."""
    old = decode((folder / "manifest.json").read_bytes())
    claim = read_seal((folder / "manifest.dsse.json").read_bytes()).claim
    for name in ("manifest.json", "manifest.dsse.json"):
        (folder / name).unlink()
    manifest = build_manifest(
        folder,
        run_id=old.run_id,
        nonce=old.nonce,
        started=old.started,
        ended=old.ended,
        fingerprints=old.fingerprints,
    )
    conclusion = results_of(folder)["conclusion"]
    seal(folder, manifest, ephemeral(), replace(claim, conclusion=conclusion, signer=""))


@pytest.mark.parametrize(
    ("name", "old", "new", "named"),
    [
        ("attestations/attestations.yaml", "DOC-02", "DOC-04", "DOC-02"),
        ("attestations/attestations.yaml", 'expiry: "20', 'expiry: "10', "DOC-01"),
        ("attestations/documents.json", '"sha256": "', '"sha256": "0', "DOC-01"),
        ("waivers.yaml", f"requirement: {BROKEN}", "requirement: TLS-01", BROKEN),
        ("waivers.yaml", 'expiry: "20', 'expiry: "10', BROKEN),
    ],
)
def test_a_paper_altered_and_sealed_again_no_longer_bears_the_conclusion_out(
    waived: Path, tmp_path: Path, name: str, old: str, new: str, named: str
) -> None:
    copy = Path(shutil.copytree(waived, tmp_path / "copy"))
    text = (copy / name).read_text(encoding="utf-8")
    assert old in text
    altered = text.replace(old, new)
    if name.endswith(".json"):
        altered = json.dumps([{**each, "sha256": "0" * 64} for each in json.loads(text)])
    (copy / name).write_text(altered, encoding="utf-8")
    sealed_again(copy)
    assert tgv("verify", copy).returncode == 0
    done = tgv("verify", copy, "--rejudge")
    assert done.returncode == 5, done.stdout
    assert f"✗ {named} :" in done.stdout
    assert "✗ conclusion : conformant_with_waivers →" in done.stdout


def test_a_waiver_that_covers_nothing_is_told_and_nothing_is_concluded_conformant(
    system: ReferenceSystem, tmp_path: Path
) -> None:
    system.plant([])
    done = run(system, tmp_path / "bundle", "--waivers", waivers(tmp_path))
    assert done.returncode == 3, done.stdout
    assert f"Waiver that covers nothing: {BROKEN}" in done.stdout
    results = results_of(tmp_path / "bundle")
    assert results["conclusion"] == "undetermined"
    assert [each["requirement"] for each in results["unused_waivers"]] == [BROKEN]
    assert tgv("verify", tmp_path / "bundle", "--rejudge").returncode == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expiry": "2020-01-01"}, "this waiver expired on 2020-01-01"),
        ({"approver": "CAMILLE  EXEMPLÉ"}, "the same person asks for the waiver and approves it"),
        ({"requirement": "AUT-99"}, "the requirement “AUT-99” isn't asked for"),
        ({"requirement": "DOC-01"}, "is attested: it never fails"),
        ({"check": "authentication.no_such"}, "has no check"),
    ],
)
def test_a_waiver_that_cannot_hold_is_refused_before_anything_is_sent(
    system: ReferenceSystem, tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    done = run(system, tmp_path / "bundle", "--waivers", waivers(tmp_path, **changes))
    assert done.returncode == 2
    assert said in done.stderr
    assert "waivers.yaml:" in done.stderr
    assert not (tmp_path / "bundle").exists()


def test_without_its_attestations_a_system_is_undetermined(
    system: ReferenceSystem, tmp_path: Path
) -> None:
    system.plant([])
    manifest = system.manifest.with_name("bare.yaml")
    lines = system.manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text("".join(line for line in lines if not line.startswith("attestations:")))
    out = tmp_path / "bundle"
    done = tgv("run", manifest, "--profile", PROFILE, "--out", out)
    assert done.returncode == 3, done.stdout
    assert requirement(out, "DOC-01")["verdict"] == "attestation"
    assert not (out / "attestations").exists()

    recorded = tmp_path / "mine.yaml"
    document = tmp_path / "pia.pdf"
    document.write_bytes(b"%PDF-1.7 ...")
    binding = [
        r["id"]
        for r in results_of(out)["requirements"]
        if r["verdict"] == "attestation" and r["level"] == "must"
    ]
    for name in binding:
        done = attest(name, document, recorded)
        assert done.returncode == 0, done.stderr
    out = tmp_path / "attested"
    more = ("--attestations", recorded)
    done = tgv("run", manifest, "--profile", PROFILE, "--out", out, *more)
    assert done.returncode == 0, done.stdout
    assert requirement(out, "DOC-01")["verdict"] == "attestation"
    assert requirement(out, "DOC-01")["attestation"]["documents"][0]["name"] == "pia.pdf"
    assert b"%PDF" not in b"".join(p.read_bytes() for p in out.rglob("*") if p.is_file())

    document.write_bytes(b"%PDF-1.7 another one")
    out = tmp_path / "changed"
    done = tgv("run", manifest, "--profile", PROFILE, "--out", out, *more)
    assert done.returncode == 3, done.stdout
    assert "isn't the one that was attested" in done.stdout
    assert tgv("verify", out, "--rejudge").returncode == 0


def attest(name: str, document: Path, output: Path, *more: str) -> Any:
    who = ("--signatory", "Camille Exemple", "--organisation", "Boréal Santé")
    until = ("--until", (date.today() + timedelta(days=60)).isoformat())
    return tgv("attest", name, "--document", document, *who, *until, "-o", output, *more)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("TLS-01", "the requirement “TLS-01” is settled by a test"),
        ("DOC-99", "the requirement “DOC-99” isn't asked for"),
        ("doc", "a requirement is written as three capitals"),
    ],
)
def test_nobody_attests_what_is_tested_or_unknown(tmp_path: Path, name: str, said: str) -> None:
    document = tmp_path / "pia.pdf"
    document.write_bytes(b"%PDF")
    done = attest(name, document, tmp_path / "attestations.yaml")
    assert done.returncode == 2
    assert said in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["pia.pdf"]


def test_an_attestation_is_replaced_only_when_asked(tmp_path: Path) -> None:
    document, output = tmp_path / "pia.pdf", tmp_path / "attestations.yaml"
    document.write_bytes(b"%PDF 1")
    assert attest("DOC-01", document, output).returncode == 0
    first = output.read_text(encoding="utf-8")
    document.write_bytes(b"%PDF 2")
    refused = attest("DOC-01", document, output)
    assert refused.returncode == 2
    assert "--replace" in refused.stderr
    assert output.read_text(encoding="utf-8") == first
    assert attest("DOC-01", document, output, "--replace").returncode == 0
    assert attest("DOC-02", document, output).returncode == 0
    listed = yaml.safe_load(output.read_text(encoding="utf-8"))["attestations"]
    assert [each["requirement"] for each in listed] == ["DOC-01", "DOC-02"]
    assert output.read_text(encoding="utf-8").count("sha256") == 2


def test_an_attestation_is_never_dated_in_the_future(tmp_path: Path) -> None:
    document = tmp_path / "pia.pdf"
    document.write_bytes(b"%PDF")
    on = (date.today() + timedelta(days=30)).isoformat()
    done = attest("DOC-01", document, tmp_path / "attestations.yaml", "--on", on)
    assert done.returncode == 2
    assert "in the future" in done.stderr


def test_pytest_itself_honours_the_papers(system: ReferenceSystem, tmp_path: Path) -> None:
    import subprocess
    import sys

    system.plant([DEFECT])
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--pyargs"]
    command += ["tgv_suite.checks", "--tgv-target", str(system.manifest), "--tgv-jobs", "4", "-q"]
    command += ["--tgv-waivers", str(waivers(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 7, done.stdout
