"""``make bench``: the whole profile's time, near and far, what recording costs, and others beside us.

The bare request and the recorded one go to the same address of the reference SI, in turn, in this
process; their cost is processor time. Nothing here is asserted: a benchmark measures. Names of
benches given as arguments (``profile``, ``latency``, ``recording``, ``tls``, ``fuzzing``) choose some
of them.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import fuzzing
import latency
import requests
import tls_assessment
from said import say

from tgv_suite import locations
from tgv_suite.evidence.keys import ephemeral
from tgv_suite.load.catalogue import load_catalogue, load_profile
from tgv_suite.load.target import LoadedTarget, load_target
from tgv_suite.reference import running
from tgv_suite.run import run
from tgv_suite.session import Order, probing

REPETITIONS = 5
EXCHANGES = 300
LATENCY_S = 0.05
BENCHES = ("profile", "latency", "recording", "tls", "fuzzing")


def main() -> None:
    """Measure and print, in French unless ``en`` is given."""
    asked = [bench for bench in BENCHES if bench in sys.argv] or BENCHES
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "si") as system:
        target, out = load_target(system.manifest), Path(folder)
        if "profile" in asked:
            for jobs in (1, 4):
                _near(target, out / f"run-{jobs}", jobs)
        if "latency" in asked:
            _far(target, out / "run-far")
        if "recording" in asked:
            _recording(target)
        if "tls" in asked:
            tls_assessment.compare(system, out)
        if "fuzzing" in asked:
            system.plant([])
            fuzzing.compare(system, out)


def _near(target: LoadedTarget, out: Path, jobs: int) -> None:
    wall, processor, exchanges = _whole_run(target, out, jobs)
    say(
        f"profil entier, --jobs {jobs} : {wall:.2f} s, {processor:.2f} s de processeur, "
        f"{exchanges} échanges",
        f"whole profile, --jobs {jobs}: {wall:.2f} s, {processor:.2f} s of processor, "
        f"{exchanges} exchanges",
    )


def _far(target: LoadedTarget, out: Path) -> None:
    """The whole profile at a distance, beside what its exchanges waited."""
    ports = sorted({host.port for host in target.target.scope.hosts})
    with latency.far_away(ports, LATENCY_S):
        wall, _, exchanges = _whole_run(target, out, 8)
    waited = _waited(out)
    at = f"{LATENCY_S * 1000:.0f} ms"
    say(
        f"profil entier à {at}, --jobs 8 : {wall:.2f} s ; ses {exchanges} échanges ont attendu "
        f"{waited:.2f} s en tout (x{waited / wall:.1f})",
        f"whole profile at {at}, --jobs 8: {wall:.2f} s; its {exchanges} exchanges waited "
        f"{waited:.2f} s in all (x{waited / wall:.1f})",
    )


def _waited(bundle: Path) -> float:
    """How long the recorded exchanges of a bundle waited, in seconds."""
    total = 0.0
    for path in bundle.glob("observations/**/exchanges.har"):
        entries = json.loads(path.read_text(encoding="utf-8"))["log"]["entries"]
        total += sum(entry["time"] for entry in entries) / 1000
    return total


def _recording(target: LoadedTarget) -> None:
    bare, recorded = _costs(target)
    say(
        f"temps de processeur d'un échange : nu {bare:.2f} ms, consigné {recorded:.2f} ms "
        f"(x{recorded / bare:.2f})",
        f"processor time of an exchange: bare {bare:.2f} ms, recorded {recorded:.2f} ms "
        f"(x{recorded / bare:.2f})",
    )


def _whole_run(target: LoadedTarget, out: Path, jobs: int) -> tuple[float, float, int]:
    """One run with its evidence: wall seconds, processor seconds, exchanges."""
    catalogue = load_catalogue(locations.profiles())
    profile = load_profile("rendez-vous", locations.profiles(), catalogue)
    order = Order(target=target, profile=profile, catalogue=catalogue, jobs=jobs)
    wall, processor = time.perf_counter(), time.process_time()
    finished = run(order, out=out, key=ephemeral(), on_case=lambda case, judged: None)
    return (
        time.perf_counter() - wall,
        time.process_time() - processor,
        finished.results.run.exchanges,
    )


def _costs(target: LoadedTarget) -> tuple[float, float]:
    """The median processor time of a bare and of a recorded exchange, in milliseconds."""
    url = f"{target.target.services['fhir'].url}/metadata"  # type: ignore[union-attr]
    root = target.folder / "pki" / "root.pem"
    bare, recorded = [], []
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(REPETITIONS):
            bare.append(_each(lambda: session.get(url, verify=str(root), timeout=10).content))
            with probing(target, jobs=1) as open_:
                recorder = open_.recorder
                recorded.append(_each(lambda: recorder.exchange("GET", url, actor="bench")))  # noqa: B023
    return statistics.median(bare), statistics.median(recorded)


def _each(exchange: Callable[[], object]) -> float:
    """The processor time of one of many exchanges, in milliseconds."""
    exchange()
    started = time.process_time()
    for _ in range(EXCHANGES):
        exchange()
    return (time.process_time() - started) / EXCHANGES * 1000


if __name__ == "__main__":
    main()
