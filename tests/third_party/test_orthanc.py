"""A real system that nobody of this project wrote: Orthanc behind nginx, well and badly configured.

Nothing here skips: without the two servers the test fails and says what to install. The verdicts are
those that ``docs/orthanc.en.md`` explains by hand.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tgv_suite import locations

START = locations.fixtures() / "targets" / "orthanc" / "start.py"
EXPECTED = {
    "TLS-01": ("pass", None),
    "TLS-02": ("pass", None),
    "TLS-03": ("pass", None),
    "TLS-04": ("pass", None),
    "TLS-05": ("pass", None),
    "TLS-06": ("pass", None),
    "TLS-07": ("inconclusive", "precondition"),
    "TLS-13": ("not_applicable", None),
    "TLS-14": ("not_applicable", None),
    "TLS-15": ("pass", None),
    "AUT-01": ("pass", None),
    "AUT-02": ("not_applicable", None),
    "AUT-03": ("not_applicable", None),
    "AUT-04": ("not_applicable", None),
    "AUT-05": ("not_applicable", None),
    "AUT-06": ("not_applicable", None),
    "AUT-07": ("not_applicable", None),
    "AUT-08": ("not_applicable", None),
    "AUT-09": ("not_applicable", None),
    "AUT-10": ("not_applicable", None),
    "AUT-11": ("not_applicable", None),
    "AUT-12": ("not_applicable", None),
    "AUT-13": ("not_applicable", None),
    "AUT-14": ("not_applicable", None),
    "AUT-15": ("not_applicable", None),
    "AUT-16": ("not_applicable", None),
    "AUT-17": ("not_applicable", None),
    "AUT-18": ("not_applicable", None),
    "AUT-19": ("not_applicable", None),
    "AUT-21": ("inconclusive", "precondition"),
    "AUT-22": ("inconclusive", "precondition"),
    "AUT-23": ("not_applicable", None),
    "AUT-24": ("not_applicable", None),
    "AUT-25": ("not_applicable", None),
    "AUT-26": ("not_applicable", None),
    "AUT-28": ("not_applicable", None),
    "AUT-29": ("not_applicable", None),
    "AUT-30": ("not_applicable", None),
    "AUT-31": ("not_applicable", None),
    "AUT-32": ("inconclusive", "precondition"),
    "AUT-34": ("not_applicable", None),
    "AUT-35": ("not_applicable", None),
    "AUT-36": ("not_applicable", None),
    "AUT-37": ("not_applicable", None),
    "AZN-01": ("inconclusive", "precondition"),
    "AZN-02": ("inconclusive", "precondition"),
    "AZN-03": ("fail", None),
    "AZN-04": ("inconclusive", "precondition"),
    "AZN-05": ("inconclusive", "precondition"),
    "AZN-06": ("not_applicable", None),
    "AZN-07": ("inconclusive", "precondition"),
    "AZN-08": ("inconclusive", "precondition"),
    "AZN-09": ("inconclusive", "no_observation"),
    "AZN-10": ("inconclusive", "precondition"),
    "AZN-11": ("inconclusive", "precondition"),
    "AZN-12": ("inconclusive", "precondition"),
    "AZN-13": ("inconclusive", "precondition"),
    "AZN-14": ("inconclusive", "precondition"),
    "ENT-01": ("inconclusive", "precondition"),
    "ENT-02": ("not_applicable", None),
    "ENT-03": ("inconclusive", "precondition"),
    "ENT-04": ("pass", None),
    "ENT-06": ("not_applicable", None),
    "ENT-07": ("inconclusive", "precondition"),
    "ENT-08": ("not_applicable", None),
    "ENT-09": ("inconclusive", "not_run"),
    "ENT-10": ("not_applicable", None),
    "ENT-12": ("not_applicable", None),
    "ENT-13": ("pass", None),
    "ENT-14": ("inconclusive", "not_run"),
    "ENT-15": ("inconclusive", "not_run"),
    "LIM-01": ("inconclusive", "precondition"),
    "LIM-02": ("inconclusive", "precondition"),
    "LIM-03": ("not_applicable", None),
    "LIM-04": ("inconclusive", "precondition"),
    "LIM-05": ("inconclusive", "precondition"),
    "LIM-07": ("inconclusive", "precondition"),
    "JRN-01": ("inconclusive", "precondition"),
    "JRN-03": ("inconclusive", "precondition"),
    "JRN-05": ("inconclusive", "precondition"),
    "JRN-06": ("inconclusive", "precondition"),
    "API-01": ("pass", None),
    "API-02": ("fail", None),
    "API-04": ("pass", None),
    "API-05": ("inconclusive", "precondition"),
    "API-06": ("pass", None),
    "API-07": ("pass", None),
    "API-08": ("pass", None),
    "API-09": ("not_applicable", None),
    "API-12": ("pass", None),
    "API-13": ("pass", None),
    "API-14": ("inconclusive", "precondition"),
    "API-15": ("not_applicable", None),
    "DEF-02": ("pass", None),
    "TRA-04": ("fail", None),
    "WHK-03": ("not_applicable", None),
    "WHK-04": ("not_applicable", None),
    "WHK-05": ("not_applicable", None),
}
ALWAYS = {name for name, (verdict, _) in EXPECTED.items() if verdict == "fail"}
Verdicts = dict[str, tuple[str, str | None]]


@contextmanager
def orthanc(folder: Path, fault: str = "none") -> Iterator[Path]:
    """Both servers running; gives the manifest."""
    command = [sys.executable, str(START), "--folder", str(folder), "--fault", fault]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline().strip()
        try:
            assert line, process.stderr.read()
            yield Path(line)
        finally:
            process.terminate()


def tgv(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tgv_suite.cli", "--lang", "en", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def verdicts(bundle: Path) -> Verdicts:
    results = json.loads((bundle / "results.json").read_text(encoding="utf-8"))
    return {each["id"]: (each["verdict"], each["cause"]) for each in results["requirements"]}


def run(manifest: Path, out: Path) -> tuple[subprocess.CompletedProcess[str], Verdicts]:
    done = tgv("run", manifest, "--profile", "rendez-vous", "--out", out)
    return done, verdicts(out)


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Path, subprocess.CompletedProcess[str], Verdicts]:
    folder = tmp_path_factory.mktemp("orthanc")
    with orthanc(folder / "system") as manifest:
        done, seen = run(manifest, folder / "bundle")
    return folder / "system", folder / "bundle", done, seen


def test_each_verdict_is_the_one_that_the_page_explains(
    finished: tuple[Path, Path, subprocess.CompletedProcess[str], Verdicts],
) -> None:
    _, _, done, seen = finished
    tested = {id_: verdict for id_, verdict in seen.items() if not id_.startswith("DOC-")}
    assert tested == EXPECTED
    assert {seen[id_] for id_ in seen.keys() - tested.keys()} == {("attestation", None)}
    assert done.returncode == 1


def test_the_bundle_is_intact_and_its_verdicts_follow_from_its_facts(
    finished: tuple[Path, Path, subprocess.CompletedProcess[str], Verdicts],
) -> None:
    _, bundle, _, _ = finished
    assert tgv("verify", bundle, "--rejudge").returncode == 0


def test_no_password_is_found_in_the_bundle_nor_on_the_terminal(
    finished: tuple[Path, Path, subprocess.CompletedProcess[str], Verdicts],
) -> None:
    system, bundle, done, _ = finished
    texts = [done.stdout, done.stderr]
    texts += [path.read_text("utf-8", "replace") for path in bundle.rglob("*") if path.is_file()]
    for secret in (system / "secrets").iterdir():
        password = secret.read_text()
        pair = base64.b64encode(f"{secret.stem}:{password}".encode()).decode()
        assert not any(password in text or pair in text for text in texts)


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        ("open-location", {"AUT-01"}),
        ("old-tls", {"TLS-01", "TLS-03"}),
        ("expired-certificate", {"TLS-04", "TLS-06"}),
        ("default-account", {"DEF-02"}),
    ],
)
def test_a_badly_configured_proxy_fails_what_it_breaks(
    fault: str, broken: set[str], tmp_path: Path
) -> None:
    with orthanc(tmp_path / "system", fault) as manifest:
        done, seen = run(manifest, tmp_path / "bundle")
    assert done.returncode == 1
    failed = {name for name, (verdict, _) in seen.items() if verdict == "fail"}
    reachable = fault != "expired-certificate"  # no credential is sent to an unverified server
    assert failed == (broken | ALWAYS if reachable else broken)
    assert not any(
        verdict == "pass" and name.startswith(("AUT", "AZN", "API"))
        for name, (verdict, _) in seen.items()
        if not reachable
    )
