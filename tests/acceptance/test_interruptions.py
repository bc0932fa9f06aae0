"""What was judged is kept when the SI dies or the user stops the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.conftest import results_of, tgv
from tgv_suite.reference import ReferenceSystem, running

_PATIENCE_S = 60.0


def _begun(manifest: Path, out: Path) -> subprocess.Popen[str]:
    """A run, once it judged a few cases; slow enough to be interrupted."""
    slow = manifest.with_name("slow.yaml")
    text = manifest.read_text(encoding="utf-8").replace("per_second: 1000", "per_second: 20")
    slow.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "tgv_suite.cli", "--lang", "en", "run", str(slow)]
    command += ["--profile", "rendez-vous", "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    _until(
        lambda: (
            len(list(out.glob("observations/*/*/*/facts.json"))) >= 5 or process.poll() is not None
        )
    )
    assert process.poll() is None
    return process


def _until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < until, "the condition never held"
        time.sleep(0.02)


def _seen(bundle: Path) -> None:
    """Nothing passed that wasn't seen, and what was seen is there."""
    results = results_of(bundle)
    assert results["conclusion"] == "undetermined"
    checks = [check for r in results["requirements"] for check in r["checks"]]
    passed = [check for check in checks if check["verdict"] == "pass"]
    assert passed
    for check in passed:
        assert check["observations"]
        assert all((bundle / path).is_file() for path in check["observations"])
    assert any(check["verdict"] == "inconclusive" for check in checks)
    assert not any(check["verdict"] == "fail" for check in checks)
    assert tgv("verify", bundle, "--rejudge").returncode == 0


@pytest.fixture
def system(tmp_path: Path) -> object:
    with running(tmp_path / "si") as system:
        yield system


def test_a_system_that_dies_in_mid_run_leaves_an_undetermined_bundle(
    system: ReferenceSystem, tmp_path: Path
) -> None:
    process = _begun(system.manifest, tmp_path / "bundle")
    system.stop()
    stdout, stderr = process.communicate(timeout=_PATIENCE_S)
    assert process.returncode == 3, stdout + stderr
    _seen(tmp_path / "bundle")


def test_an_interrupted_run_is_sealed_as_undetermined(
    system: ReferenceSystem, tmp_path: Path
) -> None:
    process = _begun(system.manifest, tmp_path / "bundle")
    os.kill(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=_PATIENCE_S)
    assert process.returncode == 3, stdout + stderr
    assert results_of(tmp_path / "bundle")["run"]["interrupted"] is True
    _seen(tmp_path / "bundle")
