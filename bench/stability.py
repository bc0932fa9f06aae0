"""``make stability``: the conforming SI judged again and again, at one exchange and at eight in flight.

Prints each run, then how many gave the same verdicts as the first; exits 1 when one didn't. How many
runs of each kind can be given as an argument (50 without one).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tgv_suite.load.target import load_target
from tgv_suite.model.results import Verdict
from tgv_suite.prove import judged, reference_order
from tgv_suite.reference import ReferenceSystem, running

RUNS = 50
JOBS = (1, 8)


def main() -> int:
    """Run, compare, print, in French unless ``en`` is given; 1 when a verdict changed."""
    english = "en" in sys.argv
    runs = next((int(word) for word in sys.argv[1:] if word.isdigit()), RUNS)
    same, expected = 0, None
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as system:
        for number in range(1, runs + 1):
            for jobs in JOBS:
                started = time.monotonic()
                verdicts = _verdicts(system, jobs)
                expected = expected or verdicts
                different = _different(expected, verdicts)
                same += not different
                seconds = time.monotonic() - started
                print(
                    f"{number}/{runs} --jobs {jobs}  {seconds:.1f} s  {different or '='}",
                    flush=True,
                )
    total = runs * len(JOBS)
    print(
        f"{same} of {total} runs gave the same {len(expected or ())} verdicts"
        if english
        else f"{same} exécutions sur {total} ont donné les mêmes {len(expected or ())} verdicts"
    )
    return 0 if same == total else 1


def _verdicts(system: ReferenceSystem, jobs: int) -> Mapping[str, Verdict]:
    """Each case's verdict on the conforming SI, from its seed."""
    system.plant([])
    results = judged(reference_order(load_target(system.manifest), jobs=jobs))
    return {f"{result.id}[{result.subject}]": result.verdict for result in results}


def _different(expected: Mapping[str, Verdict], verdicts: Mapping[str, Verdict]) -> str:
    """The cases whose verdict isn't the expected one."""
    names = sorted(expected.keys() | verdicts.keys())
    return ", ".join(
        f"{name}: {expected.get(name)} → {verdicts.get(name)}"
        for name in names
        if expected.get(name) is not verdicts.get(name)
    )


if __name__ == "__main__":
    sys.exit(main())
