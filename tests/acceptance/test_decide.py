"""``tgv decide``: what a certifier is told, from real evidence."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.conftest import PROFILE, run, tgv
from tgv_suite.reference import ReferenceSystem


def in_days(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    assert tgv("keys", "new", "--folder", folder, "--name", "certifier").returncode == 0
    return folder


@pytest.fixture(scope="module")
def certified(
    system: ReferenceSystem, keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The archive of a certifier's run on the conforming SI."""
    out = tmp_path_factory.mktemp("certified") / "bundle"
    system.plant([])
    done = run(system, out, "--mode", "certifier", "--key", str(keys / "certifier.pem"))
    assert done.returncode == 0, done.stdout + done.stderr
    return out.with_name("bundle.tgv.zip")


@pytest.fixture(scope="module")
def trust(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public keys alone, as they would be given to whoever decides."""
    folder = tmp_path_factory.mktemp("trust")
    public = keys / "certifier.pub.pem"
    (folder / public.name).write_bytes(public.read_bytes())
    return folder


def manifest(si: ReferenceSystem, path: Path, /, **changes: Any) -> Path:
    """The system's manifest, changed."""
    content = yaml.safe_load(si.manifest.read_text(encoding="utf-8"))
    for name, value in changes.items():
        if value is None:
            del content[name]
        elif isinstance(value, dict):
            content[name] = {**content.get(name, {}), **value}
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def test_both_conditions_verified_authorise_and_each_line_quotes_its_passage(
    system: ReferenceSystem, certified: Path, trust: Path
) -> None:
    done = tgv("decide", system.manifest, certified, "--trust", trust)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "EXCHANGE MAY BE AUTHORISED" in done.stdout
    lines = done.stdout.splitlines()
    reasons = [index for index, line in enumerate(lines) if line.startswith("• ")]
    assert len(reasons) == 5
    assert all(re.fullmatch(r"    “.+”", lines[index + 1]) for index in reasons)
    command = [sys.executable, "-m", "tgv_suite.cli", "--lang", "fr", "decide"]
    command += [str(system.manifest), str(certified), "--trust", str(trust)]
    french = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "ÉCHANGE AUTORISABLE" in french.stdout
    assert "« ont réussi la certification TGV, comme dans le cas des DME. »" in french.stdout


def test_perfect_evidence_without_condition_1_is_not_authorised(
    system: ReferenceSystem, certified: Path, trust: Path, tmp_path: Path
) -> None:
    bare = manifest(system, tmp_path / "target.yaml", condition_1=None)
    done = tgv("decide", bare, certified, "--trust", trust, "--format", "json")
    assert done.returncode == 1, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["status"] == "not_authorised"
    assert "condition 1" in told["because"]["en"]
    assert "préalable à la deuxième" in [s["passage"]["fr"] for s in told["steps"]][2]


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ((), 3, "the signer isn't verified"),
        (("--on", "2040-01-01", "--trust"), 1, "no longer counts (1095 days)"),
        (("--on", "2018-01-01", "--trust"), 1, "only government systems were authorised"),
        (("--on", "2019-03-15", "--renewal", "--trust"), 1, "later than that day"),
    ],
)
def test_who_signed_and_when_decide(
    system: ReferenceSystem,
    certified: Path,
    trust: Path,
    more: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    given: list[str | Path] = [*more, trust] if more else []
    done = tgv("decide", system.manifest, certified, *given)
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout


def test_an_attestation_that_lapsed_since_leaves_nothing_decided(
    system: ReferenceSystem, certified: Path, trust: Path
) -> None:
    later = in_days(60)
    done = tgv("decide", system.manifest, certified, "--trust", trust, "--on", later)
    assert done.returncode == 3, done.stdout
    assert "the attestation of AUT-30 expired on" in done.stdout


def test_another_version_or_an_unknown_signer_is_not_authorised(
    system: ReferenceSystem, certified: Path, trust: Path, tmp_path: Path
) -> None:
    newer = manifest(system, tmp_path / "target.yaml", system={"version": "1.0.1"})
    done = tgv("decide", newer, certified, "--trust", trust)
    assert done.returncode == 1
    assert "the evidence is of Rendez-vous témoin 1.0.0, not of" in done.stdout
    tgv("keys", "new", "--folder", tmp_path / "others", "--name", "other")
    done = tgv("decide", system.manifest, certified, "--trust", tmp_path / "others")
    assert done.returncode == 1
    assert "signed by an unknown key" in done.stdout


def test_a_vendors_own_evidence_is_a_declaration_whoever_is_trusted(
    system: ReferenceSystem, clean: Path, tmp_path: Path
) -> None:
    done = tgv("decide", system.manifest, clean)
    assert done.returncode == 1
    assert "the vendor's own declaration" in done.stdout


def test_a_rehearsal_certifies_nothing_even_once_condition_1_is_on_record(
    system: ReferenceSystem, keys: Path, trust: Path, tmp_path: Path
) -> None:
    system.plant([])
    bare = manifest(system, system.manifest.with_name("bare.yaml"), condition_1=None)
    more = ("--mode", "certifier", "--key", keys / "certifier.pem", "--only", "TLS-01")
    out = tmp_path / "bundle"
    refused = tgv("run", bare, "--profile", PROFILE, "--out", out, *more)
    assert refused.returncode == 2
    assert "is prerequisite to the second" in refused.stderr
    assert not out.exists()
    done = tgv("run", bare, "--profile", PROFILE, "--out", out, *more, "--rehearsal")
    assert done.returncode == 3, done.stderr
    assert "Rehearsal: certifies nothing." in done.stdout
    decided = tgv("decide", system.manifest, out, "--trust", trust)
    assert decided.returncode == 1
    assert "rehearsal, made before condition 1" in decided.stdout


@pytest.mark.parametrize("category", ["insurance", "data-vault"])
def test_an_insurer_or_a_vault_is_refused_any_profile_and_told_to_cut(
    system: ReferenceSystem, tmp_path: Path, category: str
) -> None:
    beside = system.manifest.with_name(f"{category}.yaml")
    bound = manifest(system, beside, system={"category": category})
    out = tmp_path / "bundle"
    refused = tgv("run", bound, "--profile", PROFILE, "--out", out)
    assert refused.returncode == 2
    assert "all links be cut immediately and irreversibly" in refused.stderr
    assert not out.exists()
    done = tgv("decide", bound)
    assert done.returncode == 1
    assert "LINKS TO BE CUT IMMEDIATELY AND IRREVERSIBLY" in done.stdout


def test_a_government_system_is_approved_and_already_in_force(
    system: ReferenceSystem, tmp_path: Path
) -> None:
    done = tgv(
        "decide", manifest(system, tmp_path / "target.yaml", system={"category": "government"})
    )
    assert done.returncode == 0
    assert "APPROVED AND ALREADY IN FORCE" in done.stdout


def test_a_decision_may_come_after_the_authorisation_to_test_ended(
    system: ReferenceSystem, certified: Path, trust: Path, tmp_path: Path
) -> None:
    ended = manifest(system, tmp_path / "target.yaml", scope={"until": "2020-01-01"})
    assert tgv("decide", ended, certified, "--trust", trust).returncode == 0


def test_an_empty_reference_is_no_condition_on_record(
    system: ReferenceSystem, certified: Path, trust: Path, tmp_path: Path
) -> None:
    blank = manifest(system, tmp_path / "target.yaml", condition_1={"reference": " "})
    done = tgv("decide", blank, certified, "--trust", trust)
    assert done.returncode == 2
    assert "the reference is empty" in done.stderr


def test_validity_is_a_parameter(system: ReferenceSystem, certified: Path, trust: Path) -> None:
    more = ("--trust", trust, "--on", in_days(10))
    system_and_bundle = (system.manifest, certified)
    assert tgv("decide", *system_and_bundle, *more).returncode == 0
    done = tgv("decide", *system_and_bundle, *more, "--validity-days", "1")
    assert done.returncode == 1
    assert "no longer counts (1 days)" in done.stdout
