"""The real command, as its users run it, against the reference SI."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tgv_suite.reference import ReferenceSystem, running

PROFILE = Path(__file__).with_name("brief.yaml")
PORT = re.compile(r"localhost-\d+")


def tgv(
    *arguments: str | Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    python: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """Run ``tgv`` in English and wait for it."""
    command = [sys.executable, *python, "-m", "tgv_suite.cli", "--lang", "en", *map(str, arguments)]
    variables = {**os.environ, **(environment or {})}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=variables, cwd=folder
    )


def results_of(bundle: Path) -> dict[str, Any]:
    """What a bundle says."""
    content: dict[str, Any] = json.loads((bundle / "results.json").read_text(encoding="utf-8"))
    return content


def judged(bundle: Path) -> dict[str, tuple[str, str | None, str]]:
    """Each case's verdict, cause and reason, with the ports left out."""
    return {
        PORT.sub("localhost", f"{check['id']}[{check['subject']}]"): (
            check["verdict"],
            check["cause"],
            re.sub(r"\d+\.\d+ s|:\d+", "", check["reason"]["fr"]),
        )
        for requirement in results_of(bundle)["requirements"]
        for check in requirement["checks"]
    }


def run(
    system: ReferenceSystem, out: Path, *more: str, **options: Any
) -> subprocess.CompletedProcess[str]:
    """A run of a brief profile: the demo's tests run the whole booking profile."""
    return tgv("run", system.manifest, "--profile", PROFILE, "--out", out, *more, **options)


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceSystem]:
    with running(tmp_path_factory.mktemp("si")) as system:
        yield system


@pytest.fixture(scope="session")
def clean(system: ReferenceSystem, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a run on the conforming SI."""
    out = tmp_path_factory.mktemp("clean") / "bundle"
    system.plant([])
    done = run(system, out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="session")
def failing(system: ReferenceSystem, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a run with a defect planted."""
    out = tmp_path_factory.mktemp("failing") / "bundle"
    system.plant(["search-total-counts-everything"])
    done = run(system, out)
    assert done.returncode == 1, done.stdout + done.stderr
    return out
