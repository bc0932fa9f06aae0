"""Environments outside the checkout, in which only what is installed can be found."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def build(target: str, source: Path, into: Path) -> Path:
    """The wheel or the sdist of a source tree."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = into.iterdir()
    return built


def environment_with(wheel: Path, folder: Path) -> Path:
    """The ``bin`` folder of a new environment in which the wheel, not the checkout, is installed.

    The libraries come from the environment of the tests: a path in a ``.pth`` file adds that
    folder without obeying the ``.pth`` files in it, and so without the editable checkout. What
    stands in the environment itself comes first.
    """
    venv.create(folder, symlinks=True)
    binaries = folder / "bin"
    variables = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", variables))
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    pip(binaries, "install", "--ignore-installed", str(wheel))
    return binaries


def pip(binaries: Path, *arguments: str, cwd: Path = CHECKOUT) -> None:
    """Have the tests' pip install or uninstall there, from local files alone."""
    alone = {
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as the option that it negates
        "PIP_NO_INPUT": "1",
        "PIP_QUIET": "1",
    }
    command = [sys.executable, "-m", "pip", "--python", str(binaries / "python"), *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=_environment(alone), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def run(binaries: Path, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of an environment, away from the checkout."""
    return subprocess.run(
        [str(binaries / command[0]), *command[1:]],
        cwd=cwd,
        env=_environment({}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, **more}
