"""``make bench``: the whole profile's time, and what recording an exchange costs.

The bare request and the recorded one go to the same address of the reference SI, in turn, in this
process; their cost is processor time. Nothing here is asserted: a benchmark measures.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests

from tgv_suite import locations
from tgv_suite.evidence.keys import ephemeral
from tgv_suite.load.catalogue import load_catalogue, load_profile
from tgv_suite.load.target import LoadedTarget, load_target
from tgv_suite.reference import running
from tgv_suite.run import run
from tgv_suite.session import Order, probing

REPETITIONS = 5
EXCHANGES = 300


def main() -> None:
    """Measure and print, in French unless ``--lang en`` is given."""
    english = "en" in sys.argv
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "si") as system:
        target = load_target(system.manifest)
        for jobs in (1, 4):
            wall, processor, exchanges = _whole_run(target, Path(folder) / f"run-{jobs}", jobs)
            said = (
                f"whole profile, --jobs {jobs}: {wall:.2f} s, {processor:.2f} s of processor, {exchanges} exchanges"
                if english
                else f"profil entier, --jobs {jobs} : {wall:.2f} s, {processor:.2f} s de processeur, "
                f"{exchanges} échanges"
            )
            print(said, flush=True)
        bare, recorded = _costs(target)
    print(
        f"processor time of an exchange: bare {bare:.2f} ms, recorded {recorded:.2f} ms (x{recorded / bare:.2f})"
        if english
        else f"temps de processeur d'un échange : nu {bare:.2f} ms, consigné {recorded:.2f} ms (x{recorded / bare:.2f})"
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
                recorded.append(_each(lambda: recorder.send("GET", url, actor="bench")))  # noqa: B023
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
