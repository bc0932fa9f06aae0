"""The recorder: what is kept is redacted, and a system in distress is left alone."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from tests.unit.loopback import client_of, head_of, ok, responding, scope
from tests.unit.tls_server import Handler, closing_at_once, serving
from tgv_suite.model.facts import Failure
from tgv_suite.probes.recorder import DISTRESS, Recorder
from tgv_suite.probes.redaction import Redactor
from tgv_suite.text import Text

REAL_NAM = "TEST54122816"
OURS = "ZZTA85031492"


@contextlib.contextmanager
def recording(handler: Handler) -> Iterator[tuple[Recorder, str, list[int]]]:
    """A recorder, the URL of a server, and a list that grows with each connection to it."""
    connections: list[int] = []

    def counted(connection: socket.socket) -> None:
        connections.append(connection.fileno())
        handler(connection)

    with serving(counted) as port, client_of(scope(port)) as client:
        yield Recorder(client, Redactor([OURS])), f"http://127.0.0.1:{port}", connections


def test_no_part_of_an_exchange_keeps_a_secret_or_a_stranger() -> None:
    body = b'{"you": "s3cret-token", "family": "Untel"}'
    answer = ok(body, "Location: /?t=s3cret-token", "jean@exemple.com: 1", "X: 514-555-0199")
    with recording(responding(lambda _: answer)) as (recorder, url, _):
        recorder.redactor.learn("s3cret-token")
        kept, _ = recorder.exchange(
            "POST",
            f"{url}/?access_token=s3cret-token",
            actor="a",
            headers=[("Authorization", "Bearer s3cret-token"), ("X-Echo", "s3cret-token")],
            body=b"client_secret=s3cret-token&family=x",
        )
        recorder.send_unjudged("GET", url, headers=[("Cookie", "s3cret-token")])

    for exchange in (kept, *recorder.session_exchanges):
        written = repr(exchange)
        gone = ("s3cret", "Untel", "jean@", "555-0199")
        assert [piece for piece in gone if piece in written] == []
        assert "[secret:" in written


def test_what_the_session_needs_is_brought_back_as_it_is() -> None:
    body = b'{"access_token": "abcdefgh"}'
    with recording(responding(lambda _: ok(body))) as (recorder, url, _):
        assert recorder.send_unjudged("GET", url).body == body


def test_a_number_that_may_be_real_stops_the_run() -> None:
    with recording(responding(lambda _: ok(REAL_NAM.encode()))) as (recorder, url, connections):
        first = recorder.exchange("GET", url, actor="a")[0]
        second = recorder.exchange("GET", url, actor="a")[0]
        third = recorder.send_unjudged("GET", url)
        exchanges = len(connections)

    assert REAL_NAM not in first.body
    assert recorder.halted is not None
    assert "NAM" in recorder.halted.fr
    assert (second.failure, third.failure) == (Failure.HALTED, Failure.HALTED)
    assert exchanges == 1


def test_the_runs_own_number_and_a_look_alike_stop_nothing() -> None:
    body = f"{OURS} TEST54122813".encode()
    with recording(responding(lambda _: ok(body))) as (recorder, url, _):
        answers = [recorder.exchange("GET", url, actor="a")[0] for _ in range(3)]

    assert recorder.halted is None
    assert all(OURS in answer.body for answer in answers)


def test_a_system_that_answers_nothing_any_more_is_left_alone() -> None:
    with recording(closing_at_once) as (recorder, url, connections):
        answers = [recorder.exchange("GET", url, actor="a")[0] for _ in range(DISTRESS + 5)]

    assert [a.failure for a in answers[:DISTRESS]] == [Failure.UNREACHABLE] * DISTRESS
    assert [a.failure for a in answers[DISTRESS:]] == [Failure.HALTED] * 5
    assert len(connections) == DISTRESS
    assert recorder.halted is not None


def test_overload_is_distress_too_and_one_good_answer_ends_it() -> None:
    statuses = iter([*["503 X"] * (DISTRESS - 1), "200 OK", *["502 X"] * DISTRESS])

    def respond(_: bytes) -> bytes:
        return ok().replace(b"200 OK", next(statuses).encode())

    with recording(responding(respond)) as (recorder, url, _):
        for _ in range(DISTRESS):
            recorder.exchange("GET", url, actor="a")[0]
        assert recorder.halted is None
        for _ in range(DISTRESS):
            recorder.exchange("GET", url, actor="a")[0]

    assert recorder.halted is not None


def test_the_first_reason_to_stop_is_the_one_that_is_told() -> None:
    with recording(head_of) as (recorder, _, _):  # type: ignore[arg-type]
        recorder.halt(Text(fr="un", en="one"))
        recorder.halt(Text(fr="deux", en="two"))

    assert recorder.halted == Text(fr="un", en="one")
