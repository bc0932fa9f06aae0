"""Our fuzzing beside ``schemathesis run``, on the same description with the same budget for an operation.

Each is aimed at the reference SI, conforming and then with each defect that is planted for fuzzing;
it sees a defect when it reports something that it didn't of the conforming system. Schemathesis is
given one actor's key, as its user would; ours has the manifest.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from said import say

from tgv_suite.load.target import LoadedTarget, load_target
from tgv_suite.model.results import Verdict
from tgv_suite.prove import FUZZ_REQUESTS, reference_order
from tgv_suite.reference import ReferenceSystem, defects
from tgv_suite.session import opened, planned

_SLOWEST_S = 600
_Fuzz = Callable[[], tuple[int, frozenset[str]]]
"""How many requests were sent, and what was found."""


def compare(system: ReferenceSystem, folder: Path) -> None:
    """Measure and print."""
    target = load_target(system.manifest)
    planted = [None, *(d.id for d in defects() if any("fuzzing." in c for c in d.caught_by))]
    say(
        f"Requêtes générées de la description, {FUZZ_REQUESTS} par opération au plus, sur le SI témoin "
        f"conforme puis avec {len(planted) - 1} défauts :",
        f"Requests generated from the description, {FUZZ_REQUESTS} an operation at most, on the "
        f"conforming reference system, then with {len(planted) - 1} defects:",
    )
    _measured("tgv", lambda: _ours(target), planted, system)
    _measured("schemathesis run", lambda: _schemathesis(target, folder), planted, system)


def _measured(name: str, fuzz: _Fuzz, planted: list[str | None], system: ReferenceSystem) -> None:
    usual: frozenset[str] = frozenset()
    times, requests, seen = [], [], []
    for defect in planted:
        system.plant([] if defect is None else [defect])
        started = time.perf_counter()
        sent, found = fuzz()
        times.append(time.perf_counter() - started)
        requests.append(sent)
        if defect is None:
            usual = found
        elif found - usual:
            seen.append(defect)
    unseen = [defect for defect in planted if defect is not None and defect not in seen]
    count, first, later = len(planted), times[0], sum(times[1:]) / max(1, len(times) - 1)
    say(
        f"  {name} : {first:.1f} s la première fois, {later:.1f} s ensuite, "
        f"{sum(requests) / count:.0f} requêtes, {len(usual)} constatation(s) sur le SI conforme, "
        f"{len(seen)}/{count - 1} défauts vus"
        + (f" (non vus : {', '.join(unseen)})" if unseen else ""),
        f"  {name}: {first:.1f} s the first time, {later:.1f} s then, "
        f"{sum(requests) / count:.0f} requests, {len(usual)} finding(s) on the conforming system, "
        f"{len(seen)}/{count - 1} defects seen"
        + (f" (unseen: {', '.join(unseen)})" if unseen else ""),
    )


def _ours(target: LoadedTarget) -> tuple[int, frozenset[str]]:
    """The fuzzing checks of the profile, over every service, in one session."""
    order = reference_order(target, jobs=8)
    ready = planned(order)
    with opened(order, ready=ready) as session:
        cases = [case for case in ready[0].cases if case.check.startswith("fuzzing.")]
        session.begin(cases)
        results = [session.result(case).result for case in cases]
        failed = frozenset(f"{r.id} {r.subject}" for r in results if r.verdict is Verdict.FAIL)
        return session.exchanges, failed


def _schemathesis(target: LoadedTarget, folder: Path) -> tuple[int, frozenset[str]]:
    """The command of schemathesis, against the REST service's description."""
    service = target.target.services["api"]
    key = target.folder / "secrets" / "kiosk-key.txt"
    report = folder / "schemathesis"
    for old in report.glob("json-*.json"):
        old.unlink()
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        service.description,  # type: ignore[union-attr]
        *("--max-examples", str(FUZZ_REQUESTS), "--seed", "0", "--generation-database", "none"),
        *("--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-color"),
        *("--tls-verify", str(target.folder / "pki" / "root.pem"), "--workers", "1"),
        *("--header", f"X-API-Key: {key.read_text(encoding='utf-8').strip()}"),
        *("--report", "json", "--report-dir", str(report)),
    ]
    subprocess.run(command, capture_output=True, cwd=folder, timeout=_SLOWEST_S, check=False)
    told = json.loads(next(report.glob("json-*.json")).read_text(encoding="utf-8"))
    found = frozenset(
        f"{failure['code']} {operation}"
        for failure in told["failures"]
        for operation in failure["operations"]
    )
    return told["test_cases"]["generated"], found
