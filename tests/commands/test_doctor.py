"""``tgv doctor`` on the reference SI: what works, what doesn't, and that one hides no other."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tgv_suite.reference import ReferenceSystem, running


def doctor(manifest: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tgv_suite.cli", "--lang", "en", "doctor", str(manifest)]
    unset = {name: value for name, value in os.environ.items() if not name.startswith("TGV_")}
    return subprocess.run(
        [*command, *options], check=False, capture_output=True, text=True, env=unset
    )


def told(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, object]]:
    """What the doctor found of each subject; a subject with several faults keeps the first."""
    assert done.stdout, done.stderr
    found: dict[str, dict[str, object]] = {}
    for each in json.loads(done.stdout):
        assert each.keys() == {"subject", "works", "found", "remedy"}
        found.setdefault(each["subject"], each)
    return found


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceSystem]:
    with running(tmp_path_factory.mktemp("si")) as system:
        yield system


@pytest.fixture(scope="module")
def ailing(system: ReferenceSystem) -> Path:
    """A manifest in which one actor of each kind has something wrong."""
    folder = system.manifest.parent
    (folder / "wrong.txt").write_text("not-the-key-of-the-kiosk", encoding="utf-8")
    (folder / "empty.txt").write_text("", encoding="utf-8")
    (folder / "other.pem").write_text("not a key of anybody", encoding="utf-8")
    manifest = yaml.safe_load(system.manifest.read_text(encoding="utf-8"))
    manifest["attestations"] = "file:nowhere.yaml"
    manifest["trust_anchors"].append("file:other.pem")
    actors = manifest["actors"]
    actors["kiosk-key"]["authentication"]["key"] = "file:wrong.txt"
    actors["kiosk-basic"]["authentication"]["password"] = "env:TGV_TEST_UNSET"
    actors["integration-static"]["authentication"]["token"] = "file:empty.txt"
    actors["device-certificate"]["authentication"]["key"] = "file:other.pem"
    actors["clinic-a"]["authentication"]["key"] = "file:other.pem"
    actors["patient-a"]["authentication"]["refresh_token"] = "file:nowhere.txt"
    actors["clinic-b"]["authentication"]["client_id"] = "nobody"
    actors["idle"] = {
        "role": "clinician",
        "authentication": {"type": "api-key", "header": "X-Idle", "key": "file:wrong.txt"},
    }
    manifest["operations"]["appointment-change"]["actors"].append("writer")
    manifest["objects"]["throwaway-a"]["owners"].append("writer")
    actors["writer"] = copy.deepcopy(actors["idle"])
    first = manifest["operations"]["throwaway-read"]["actors"]
    first.insert(0, first.pop(first.index("kiosk-key")))
    manifest["operations"]["slot-search"]["actors"].append("auditor")
    manifest["objects"]["agenda-c"]["owners"].append("auditor")
    path = folder / "ailing.yaml"
    path.write_text(yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def examined(system: ReferenceSystem, ailing: Path) -> subprocess.CompletedProcess[str]:
    system.plant(["certificate-expired"])
    done = doctor(ailing, "--format", "json")
    system.plant([])
    return done


def test_nothing_is_to_mend_in_a_manifest_that_works(system: ReferenceSystem) -> None:
    system.plant([])
    done = doctor(system.manifest)
    assert done.returncode == 0, done.stdout
    assert "✕" not in done.stdout
    for subject in ("clinic-a", "appointment-read.clinic-a", "audit-search.auditor"):
        assert f"✓ {subject} : works" in done.stdout


def test_every_actor_with_credentials_and_every_reading_is_tried(system: ReferenceSystem) -> None:
    system.plant([])
    done = doctor(system.manifest, "--format", "json")
    assert done.returncode == 0, done.stdout
    found = told(done)
    assert all(each["works"] and each["remedy"] is None for each in found.values())
    manifest = yaml.safe_load(system.manifest.read_text(encoding="utf-8"))
    named = {part for subject in found for part in subject.split(".")}
    assert manifest["actors"].keys() <= named
    reading = {
        name
        for name, operation in manifest["operations"].items()
        if operation["kind"] in ("read", "search") and "object" in operation
    }
    assert reading <= named


@pytest.mark.parametrize(
    ("subject", "found", "remedy"),
    [
        ("kiosk-key", "status 401", "check this actor's authentication"),
        ("kiosk-basic", "env:TGV_TEST_UNSET” isn't set", "set the variable"),
        ("integration-static", "file:empty.txt” is empty", "put the file in place"),
        ("device-certificate", "pki/device-certificate.pem” isn't", "a PEM file"),
        ("clinic-a", "file:other.pem” isn't a private key", "a PEM file"),
        ("patient-a", "file:nowhere.txt” can't be read", "put the file in place"),
        ("attestations", "file:nowhere.yaml” can't be read", "put the file in place"),
        ("trust_anchors", "file:other.pem” isn't a certificate", "a PEM file"),
        ("clinic-b", "invalid_client", "check this actor's authentication"),
        ("slot-search.auditor", "status 403", "give them that right"),
        ("writer", "couldn't be tried", "declare a reading"),
    ],
)
def test_what_does_not_work_is_named_with_its_remedy(
    subject: str, found: str, remedy: str, examined: subprocess.CompletedProcess[str]
) -> None:
    assert examined.returncode == 3, examined.stderr
    (each,) = [
        each
        for name, each in told(examined).items()
        if name == subject or (name.endswith(f".{subject}") and not each["works"])
    ]
    assert each["works"] is False
    assert found in each["found"]["en"]  # type: ignore[index]
    assert remedy in each["remedy"]["en"]  # type: ignore[index]
    assert each["remedy"]["fr"]  # type: ignore[index]


def test_an_expired_certificate_is_named_with_its_endpoint(
    system: ReferenceSystem, examined: subprocess.CompletedProcess[str]
) -> None:
    manifest = yaml.safe_load(system.manifest.read_text(encoding="utf-8"))
    endpoint = manifest["services"]["documents"]["url"].split("/")[2]
    each = told(examined)[endpoint]
    assert "a certificate expired on" in each["found"]["en"]  # type: ignore[index]
    assert "mend the certificate" in each["remedy"]["en"]  # type: ignore[index]


def test_what_works_is_still_tried_beside_what_does_not(
    examined: subprocess.CompletedProcess[str],
) -> None:
    found = told(examined)
    works = {subject for subject, each in found.items() if each["works"]}
    assert "appointment-read.clinic-a-opaque" in works
    assert "booking-read-by-certificate.clinic-a-mtls" in works
    assert "clinic-settings-read.admin" in works


def test_a_refused_actor_leaves_its_operations_to_the_others(
    examined: subprocess.CompletedProcess[str],
) -> None:
    found = told(examined)
    assert [name for name in found if name.endswith(".kiosk-key")] == ["appointment-read.kiosk-key"]
    assert found["throwaway-read.clinic-a-opaque"]["works"]


def test_an_actor_whom_no_run_needs_is_told_untried_and_asks_for_nothing(
    examined: subprocess.CompletedProcess[str],
) -> None:
    idle = told(examined)["idle"]
    assert idle["works"] is False
    assert idle["remedy"] is None


def test_no_secret_is_told(
    system: ReferenceSystem, examined: subprocess.CompletedProcess[str]
) -> None:
    said = examined.stdout + examined.stderr
    assert "not-the-key-of-the-kiosk" not in said
    for file in (system.manifest.parent / "secrets").iterdir():
        secret = file.read_text(encoding="utf-8").strip()
        assert secret not in said
