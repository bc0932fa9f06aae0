"""Progress on stderr: what is being tried, how many are done, and about how long is left."""

from __future__ import annotations

import os
import sys
import threading
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tgv_suite.cli.language import Speaker
from tgv_suite.judge import Judged
from tgv_suite.plan import PlannedCase


class CaseProgress:
    """Shows a run's progress: a bar on a terminal (without ``NO_COLOR``), else a line every few seconds.

    Parameters
    ----------
    speak:
        In which language.
    total:
        How many cases the plan holds.
    """

    def __init__(self, speak: Speaker, total: int) -> None:
        self._speak = speak
        self._total = total
        self._done = 0
        self._lock = threading.Lock()
        self._said = self._started = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty() or "NO_COLOR" in os.environ,
        )
        self._task = self._bar.add_task("", total=total)

    def __enter__(self) -> CaseProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def on_case(self, case: PlannedCase, judged: Judged | None) -> None:
        """Told of each case's beginning and end."""
        with self._lock:
            if judged is None:
                self._bar.update(self._task, description=case.id[:60])
                return
            self._done += 1
            self._bar.advance(self._task)
            if self._bar.disable and time.monotonic() - self._said > 5:
                self._line(case)

    def _line(self, case: PlannedCase) -> None:
        self._said = time.monotonic()
        left = (self._said - self._started) / self._done * (self._total - self._done)
        print(
            self._speak(
                fr=f"{self._done}/{self._total} — {case.id} — encore {left:.0f} s environ",
                en=f"{self._done}/{self._total} — {case.id} — about {left:.0f} s left",
            ),
            file=sys.stderr,
            flush=True,
        )
