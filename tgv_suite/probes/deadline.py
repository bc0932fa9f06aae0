"""A time limit on a whole exchange: an answer that drips for ever ends when its time is up."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import socket
import threading
import time
from collections.abc import Iterator


class Deadline:
    """The time limit of one exchange, and the sockets that it uses."""

    def __init__(self, at: float) -> None:
        self.at = at
        self.passed = False
        self.done = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def hold(self, connection: socket.socket) -> None:
        """Have a socket shut down when the time is up, which may be already."""
        with self._lock:
            self._sockets.append(connection)
            if self.passed:
                _shut_down(connection)

    def end(self) -> None:
        """The exchange is over: its sockets may serve another one."""
        with self._lock:
            self.done = True

    def expire(self) -> None:
        """Shut the sockets down, unless the exchange is over."""
        with self._lock:
            if self.done:
                return
            self.passed = True
            for connection in self._sockets:
                _shut_down(connection)


def _shut_down(connection: socket.socket) -> None:
    """Stop a connection under its TLS, whose state belongs to the thread that reads it."""
    with contextlib.suppress(OSError):  # already closed: there is nothing left to stop
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Deadlines:
    """Watches every exchange's time limit from one thread."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Deadline]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._local = threading.local()
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[Deadline]:
        """Limit what this thread does to so many seconds."""
        deadline = Deadline(time.monotonic() + seconds)
        with self._changed:
            heapq.heappush(self._heap, (deadline.at, next(self._order), deadline))
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()
            self._changed.notify()
        self._local.deadline = deadline
        try:
            yield deadline
        finally:
            deadline.end()
            self._local.deadline = None

    def hold(self, connection: socket.socket | None) -> None:
        """Tie a socket to this thread's time limit, when it has one."""
        deadline: Deadline | None = getattr(self._local, "deadline", None)
        if deadline is not None and connection is not None:
            deadline.hold(connection)

    def check(self) -> None:
        """Stop this thread's exchange when its time is up.

        A socket that was shut down still gives what its sender keeps sending.

        Raises
        ------
        TimeoutError
            When the time is up.
        """
        deadline: Deadline | None = getattr(self._local, "deadline", None)
        if deadline is not None and deadline.passed:
            raise TimeoutError

    def close(self) -> None:
        """End the thread; no time limit is watched any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _watch(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                while self._heap and self._heap[0][2].done:
                    heapq.heappop(self._heap)
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                expired = heapq.heappop(self._heap)[2]
            expired.expire()
