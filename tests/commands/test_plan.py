"""``tgv plan``: about how many requests, in whose names, and that it sends none."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tgv_suite.reference import ReferenceSystem, running

WITHIN = 1.5
"""How far the estimate may be from what a run of the reference SI sends, as a factor."""

WITHOUT_SOCKETS = """
import os, sys
def refuse(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        os.write(2, f"{event} {arguments}".encode())
        os._exit(70)
from tgv_suite.cli.main import main
sys.addaudithook(refuse)
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceSystem]:
    with running(tmp_path_factory.mktemp("si")) as system:
        yield system


def plan(manifest: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The plan of the booking profile, by a process that ends with 70 at the first socket."""
    words = ["--lang", "en", "plan", str(manifest), "--profile", "rendez-vous", *options]
    command = [sys.executable, "-c", WITHOUT_SOCKETS, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def told(system: ReferenceSystem) -> Mapping[str, Any]:
    done = plan(system.manifest, "--format", "json")
    assert done.returncode == 0, done.stderr
    content: Mapping[str, Any] = json.loads(done.stdout)
    return content


@pytest.fixture(scope="module")
def bundle(system: ReferenceSystem, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run of the same profile sent and saw."""
    out = tmp_path_factory.mktemp("run") / "bundle"
    system.plant([])
    command = [sys.executable, "-m", "tgv_suite.cli", "run", str(system.manifest)]
    command += ["--profile", "rendez-vous", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_a_plan_reads_no_secret_and_opens_no_socket(
    system: ReferenceSystem, tmp_path: Path
) -> None:
    manifest = yaml.safe_load(system.manifest.read_text(encoding="utf-8"))
    manifest["actors"]["kiosk-basic"]["authentication"]["password"] = "env:TGV_TEST_UNSET"
    path = system.manifest.with_name("unset.yaml")
    path.write_text(yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False), encoding="utf-8")
    system.lock_after(None)
    done = plan(path)
    assert done.returncode == 0, done.stderr
    assert system.lock_after(None) == 0
    assert "≈" in done.stdout.splitlines()[-1]
    assert "kiosk-basic" in done.stdout.splitlines()[-1]


def test_a_socket_would_have_been_noticed(system: ReferenceSystem) -> None:
    command = [sys.executable, "-c", WITHOUT_SOCKETS, "doctor", str(system.manifest)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 70


def test_the_estimate_is_near_what_a_run_sends(told: Mapping[str, Any], bundle: Path) -> None:
    sent = json.loads((bundle / "results.json").read_text(encoding="utf-8"))["run"]["exchanges"]
    assert sent / WITHIN <= told["requests"] <= sent * WITHIN


def test_no_requirement_is_estimated_far_below_what_it_sends(
    told: Mapping[str, Any], bundle: Path
) -> None:
    compared = 0
    for requirement in told["requirements"]:
        estimated = sum(case["requests"] for case in requirement["cases"])
        files = (bundle / "observations" / requirement["id"]).rglob("exchanges.har")
        sent = sum(len(json.loads(file.read_bytes())["log"]["entries"]) for file in files)
        assert estimated >= sent / WITHIN, requirement["id"]
        compared += sent > 0
    assert compared > 10


def test_nearly_every_check_is_followed_to_its_end(told: Mapping[str, Any]) -> None:
    cases = [case for requirement in told["requirements"] for case in requirement["cases"]]
    stopped = {case["check"] for case in cases if not case["whole"]}
    assert len(stopped) <= len({case["check"] for case in cases}) / 10, stopped


def test_a_case_tells_in_whose_names_it_acts(told: Mapping[str, Any]) -> None:
    cases = [case for requirement in told["requirements"] for case in requirement["cases"]]
    (crossing,) = [
        case
        for case in cases
        if case["check"] == "authorization.a_clinic_cannot_read_another_clinics_record"
        and case["subject"] == "appointment-read.clinic-a.appointment-b"
    ]
    assert crossing["requests"] == 4
    assert set(crossing["actors"]) == {"clinic-a", "clinic-b"}
    (quota,) = [case for case in cases if case["check"] == "limits.the_declared_quota_is_enforced"]
    assert quota["requests"] == 23
    assert set(quota["actors"]) == {"quota-actor", "quota-bystander"}


def test_the_bundle_s_own_plan_holds_no_estimate(bundle: Path) -> None:
    kept = json.loads((bundle / "plan.json").read_text(encoding="utf-8"))
    assert "requests" not in kept
    assert all("requests" not in case for r in kept["requirements"] for case in r["cases"])
