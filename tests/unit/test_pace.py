"""Pace: a host is never asked more, faster or by more at once than the scope says."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.loopback import client_of, head_of, ok, responding, scope
from tests.unit.tls_server import serving
from tgv_suite.model.target import Rate
from tgv_suite.probes import pace as module
from tgv_suite.probes.pace import Pace


class Counting:
    """Counts who is served at once, keeping each for a while in case one too many comes."""

    def __init__(self, expected: int) -> None:
        self.most = 0
        self._now = 0
        self._expected = expected
        self._changed = threading.Condition()

    def __call__(self, connection: socket.socket) -> None:
        while head_of(connection):
            with self._changed:
                self._now += 1
                self.most = max(self.most, self._now)
                self._changed.notify_all()
                self._changed.wait_for(lambda: self.most > self._expected, 0.2)
                self._now -= 1
            connection.sendall(ok())


@pytest.mark.parametrize(("in_flight", "jobs", "most"), [(2, 8, 2), (8, 3, 3), (1, 8, 1)])
def test_no_more_are_in_flight_than_a_host_and_the_jobs_allow(
    in_flight: int, jobs: int, most: int
) -> None:
    counting = Counting(most)
    rate = Rate(per_second=1000, in_flight=in_flight)
    with (
        serving(counting) as port,
        client_of(scope(port), rate=rate, jobs=jobs) as client,
        ThreadPoolExecutor(12) as pool,
    ):
        url = f"http://127.0.0.1:{port}"
        answers = list(pool.map(lambda _: client.send("GET", url), range(9)))

    assert [raw.status for raw in answers] == [200] * 9
    assert counting.most == most


def test_the_jobs_are_counted_over_all_hosts_together() -> None:
    counting = Counting(2)
    rate = Rate(per_second=1000, in_flight=64)
    with (
        serving(counting) as one,
        serving(counting) as two,
        client_of(scope(one, two), rate=rate, jobs=2) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        urls = [f"http://127.0.0.1:{port}" for port in (one, two)] * 4
        assert {raw.status for raw in pool.map(lambda u: client.send("GET", u), urls)} == {200}

    assert counting.most == 2


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now = max(self.now, self.now + seconds)


def test_exchanges_begin_no_closer_than_the_rate_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    pace = Pace(Rate(per_second=4, in_flight=4), 4)
    began = []

    for host in ("a", "a", "b", "a", "a"):
        with pace.turn(host):
            began.append((host, clock.now))

    times = [at for host, at in began if host == "a"]
    assert times == [100.0, 100.25, 100.5, 100.75]
    assert dict(began[2:3]) == {"b": 100.25}


def test_time_that_passed_unused_is_not_caught_up_in_a_burst(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    pace = Pace(Rate(per_second=2, in_flight=4), 4)
    with pace.turn("a"):
        clock.now += 60
    began = []
    for _ in range(3):
        with pace.turn("a"):
            began.append(clock.now)

    assert began == [160.0, 160.5, 161.0]


def test_a_server_never_sees_more_requests_than_the_rate_gives_its_own_clock_time_for() -> None:
    """The server's own window can only be longer than the client's: waits only add to it."""
    per_second, arrivals = 40, []

    def respond(_: bytes) -> bytes:
        arrivals.append(time.monotonic())
        return ok()

    rate = Rate(per_second=per_second, in_flight=8)
    with serving(responding(respond)) as port, client_of(scope(port), rate=rate) as client:
        started = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: client.send("GET", f"http://127.0.0.1:{port}"), range(20)))

    assert len(arrivals) == 20
    earliest = [started + n / per_second for n in range(20)]
    assert all(at >= due - 0.002 for at, due in zip(sorted(arrivals), earliest, strict=True))


def test_a_place_is_given_back_when_an_exchange_fails() -> None:
    pace = Pace(Rate(per_second=1000, in_flight=1), 1)
    for _ in range(3):
        with pytest.raises(KeyError), pace.turn("a"):
            raise KeyError
