"""How gently hosts are asked: a rate and a number of exchanges in flight, each a host's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tgv_suite.model.target import Rate


class Pace:
    """The caps of every host.

    Parameters
    ----------
    rate:
        What one host may be asked to bear.
    jobs:
        How many exchanges may be in flight in all.
    """

    def __init__(self, rate: Rate, jobs: int) -> None:
        self._interval = 1.0 / rate.per_second
        self._per_host = rate.in_flight
        self._all = threading.BoundedSemaphore(jobs)
        self._lock = threading.Lock()
        self._hosts: dict[str, threading.BoundedSemaphore] = {}
        self._next: dict[str, float] = {}

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait for this host's turn, and hold a place while the exchange lasts."""
        with self._all, self._place(host):
            time.sleep(self._wait(host))
            yield

    def _place(self, host: str) -> threading.BoundedSemaphore:
        with self._lock:
            return self._hosts.setdefault(host, threading.BoundedSemaphore(self._per_host))

    def _wait(self, host: str) -> float:
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next.get(host, now))
            self._next[host] = at + self._interval
            return at - now
