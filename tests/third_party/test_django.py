"""A portal made with a framework that nobody of this project wrote: Django, well and badly configured.

Nothing here skips: ``.ci/run`` installs it under ``build/third_party``.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template

import pytest
from reference_si.pki import Authority, Request, write

from tgv_suite import locations

LIBRARY = Path(__file__).parents[2] / "build" / "third_party" / "django"
TARGET = locations.fixtures() / "targets" / "django"
IDLE_S = 3
PASSED = {"AUT-01", "AUT-22", "AUT-23", "AUT-24", "AUT-25", "AUT-26", "API-15"}


@contextmanager
def portal(folder: Path, *faults: str) -> Iterator[Path]:
    """The portal running; gives its manifest."""
    authority = Authority("Django")
    issued = authority.issue(Request())
    write(folder / "pki" / "root.pem", authority.root.pem)
    write(folder / "pki" / "server.pem", issued.pem + authority.intermediate.pem)
    write(folder / "secrets" / "server.key", issued.key_pem)
    for name in ("anne", "bruno", "carole"):
        write(folder / "secrets" / f"{name}.txt", secrets.token_urlsafe(24).encode())
    with subprocess.Popen(
        [sys.executable, str(TARGET / "portal.py"), str(folder), *faults],
        env={**os.environ, "PYTHONPATH": str(LIBRARY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        port = process.stdout.readline().strip()
        try:
            assert port.isdecimal(), port + process.stderr.read()
            yield _manifest(folder, port)
        finally:
            process.terminate()


def _manifest(folder: Path, port: str) -> Path:
    today = datetime.now(UTC).date()
    template = Template((TARGET / "target.yaml").read_text(encoding="utf-8"))
    manifest = folder / "target.yaml"
    until = today + timedelta(days=7)
    filled = template.substitute(port=port, today=today, until=until, idle=IDLE_S)
    manifest.write_text(filled, encoding="utf-8")
    return manifest


def verdicts(folder: Path, *faults: str) -> dict[str, str]:
    """What a run says of each tested requirement."""
    out = folder / "bundle"
    with portal(folder / "system", *faults) as manifest:
        command = [sys.executable, "-m", "tgv_suite.cli", "run", str(manifest)]
        command += ["--profile", "rendez-vous", "--out", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    judged = {each["id"]: each["verdict"] for each in results["requirements"]}
    assert judged, done.stderr
    return judged


def _failed(judged: dict[str, str]) -> set[str]:
    return {id_ for id_, verdict in judged.items() if verdict == "fail"}


def test_well_configured_it_is_accused_of_what_it_lacks_and_of_nothing_else(tmp_path: Path) -> None:
    judged = verdicts(tmp_path)
    # Django by itself publishes no security contact.
    assert _failed(judged) == {"TRA-04"}, judged
    assert {id_ for id_, verdict in judged.items() if verdict == "pass"} >= PASSED


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        ("readable-cookie", {"AUT-26"}),
        ("endless-session", {"AUT-24"}),
        ("no-forgery-protection", {"API-15", "AUT-26"}),
    ],
)
def test_badly_configured_it_fails_what_is_broken_besides(
    fault: str, broken: set[str], tmp_path: Path
) -> None:
    assert _failed(verdicts(tmp_path, fault)) == {"TRA-04", *broken}
