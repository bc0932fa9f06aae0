"""A real authorization server that nobody of this project wrote: oidc-provider, well and badly configured.

Nothing here skips: ``.ci/run`` installs it under ``build/third_party``.
"""

from __future__ import annotations

import json
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

MODULES = Path(__file__).parents[2] / "build" / "third_party" / "node_modules"
TARGET = locations.fixtures() / "targets" / "oidc_provider"
PASSED = {*("AUT-03", "AUT-09", "AUT-12", "AUT-13", "AUT-14", "AUT-16", "AUT-19", "AUT-30")}


@contextmanager
def provider(folder: Path, fault: str) -> Iterator[Path]:
    """The server running; gives the manifest."""
    authority = Authority("oidc-provider")
    issued = authority.issue(Request())
    write(folder / "pki" / "root.pem", authority.root.pem)
    write(folder / "pki" / "server.pem", issued.pem + authority.intermediate.pem)
    write(folder / "secrets" / "server.key", issued.key_pem)
    for name in ("portal", "person", "cookies"):
        write(folder / "secrets" / f"{name}.txt", secrets.token_urlsafe(32).encode())
    command = ["node", str(TARGET / "provider.mjs"), str(MODULES), str(folder), fault]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
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
    filled = template.substitute(port=port, today=today, until=today + timedelta(days=7))
    manifest.write_text(filled, encoding="utf-8")
    return manifest


def verdicts(fault: str, folder: Path) -> tuple[dict[str, str], Path]:
    """What a run says of authentication, and its bundle."""
    out = folder / "bundle"
    with provider(folder / "system", fault) as manifest:
        command = [sys.executable, "-m", "tgv_suite.cli", "run", str(manifest)]
        command += ["--profile", "rendez-vous", "--out", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    judged = {each["id"]: each["verdict"] for each in results["requirements"]}
    assert judged, done.stderr
    return {id_: verdict for id_, verdict in judged.items() if id_.startswith("AUT")}, out


def test_well_configured_it_is_accused_of_nothing_and_what_could_be_tried_passes(
    tmp_path: Path,
) -> None:
    seen, bundle = verdicts("", tmp_path)
    assert "fail" not in seen.values(), seen
    assert {id_ for id_, verdict in seen.items() if verdict == "pass"} >= PASSED
    texts = [path.read_bytes() for path in bundle.rglob("*") if path.is_file()]
    for secret in (tmp_path / "system" / "secrets").glob("*.txt"):
        assert not any(secret.read_bytes() in text for text in texts)


@pytest.mark.parametrize(
    ("fault", "broken"),
    [("no-pkce", "AUT-12"), ("redirect-by-prefix", "AUT-13"), ("password", "AUT-16")],
)
def test_badly_configured_it_fails_what_is_broken_and_nothing_else(
    fault: str, broken: str, tmp_path: Path
) -> None:
    seen, _ = verdicts(fault, tmp_path)
    assert {id_ for id_, verdict in seen.items() if verdict == "fail"} == {broken}
