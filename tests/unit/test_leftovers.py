"""Requests that carry the beginning of another, on real sockets."""

from __future__ import annotations

import socket
from collections.abc import Callable

import h11
import pytest

from tests.unit.loopback import client_of, client_to, head_of, ok, responding, scope
from tests.unit.tls_server import serving
from tgv_suite.model.facts import Failure, LeftoverFact
from tgv_suite.model.framing import Framing
from tgv_suite.probes import leftovers
from tgv_suite.probes.scope import ScopeViolation

BOTH = list(Framing)[2:]
REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"


def look(handler: Callable[[socket.socket], None], framing: Framing) -> LeftoverFact:
    with client_to(handler) as (client, base):
        return leftovers.look("127.0.0.1", "/zzt?a=1", framing, lambda: client.dial(base))


def parts(framing: Framing) -> tuple[dict[bytes, bytes], bytes]:
    """The fields and the body of a request; of a name that comes twice, the first."""
    head, _, body = leftovers.request("si.example.org", "/zzt", framing).partition(b"\r\n\r\n")
    fields: dict[bytes, bytes] = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        fields.setdefault(name.strip().lower(), value.strip())
    return fields, body


def test_by_its_length_alone_a_request_is_whole() -> None:
    fields, body = parts(Framing.LENGTH)
    assert int(fields[b"content-length"]) == len(body)
    assert b"transfer-encoding" not in fields


@pytest.mark.parametrize("framing", BOTH)
def test_the_two_ways_of_saying_where_a_request_ends_leave_the_beginning_of_another(
    framing: Framing,
) -> None:
    fields, body = parts(framing)
    assert fields[b"transfer-encoding"] == b"chunked"
    by_length = body[: int(fields[b"content-length"])]
    size, _, rest = body.partition(b"\r\n")
    by_chunks = size + b"\r\n" + rest[: int(size, 16) + 2]
    by_chunks += b"" if size == b"0" else b"0\r\n\r\n"
    assert body.startswith((by_length, by_chunks))
    assert by_length != by_chunks
    shorter = min(by_length, by_chunks, key=len)
    assert body[len(shorter) :].startswith((b"(zzt) ", b"ZZT /zzt HTTP/1.1\r\nHost: "))


def test_whoever_reads_both_ways_by_chunks_reads_one_whole_request() -> None:
    server = h11.Connection(h11.SERVER)
    sent = leftovers.request("si.example.org", "/zzt", Framing.CHUNKS_AND_LENGTH)
    server.receive_data(sent)
    events = [type(server.next_event()) for _ in range(3)]
    assert events == [h11.Request, h11.Data, h11.EndOfMessage]
    assert server.trailing_data == (b"", False)


def test_a_server_that_refuses_answers_what_follows_as_ever() -> None:
    seen = look(
        responding(lambda head: REFUSED if b"POST" in head else ok()), Framing.LENGTH_AND_CHUNKS
    )
    assert (seen.status, seen.next, seen.next_failure) == (400, (200, 200, 200), None)


def test_nothing_but_plain_requests_is_sent_where_that_is_asked() -> None:
    heads: list[bytes] = []

    def answer(head: bytes) -> bytes:
        heads.append(head)
        return ok()

    seen = look(responding(answer), Framing.ABSENT)
    assert (seen.status, seen.failure, seen.next) == (None, None, (200, 200, 200))
    assert [head.split(b"\r\n")[0] for head in heads] == [b"GET /zzt?a=1 HTTP/1.1"] * 3


def test_what_one_connection_leaves_behind_is_seen_in_the_next() -> None:
    kept = [b""]

    def handler(connection: socket.socket) -> None:
        received = kept[0] + head_of(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        kept[0] = body.partition(b"0\r\n\r\n")[2]
        connection.sendall(REFUSED if head.startswith(b"(zzt)") else ok())

    seen = look(handler, Framing.LENGTH_AND_CHUNKS)
    assert (seen.status, seen.next) == (200, (400, 200, 200))


def test_an_interim_answer_is_waited_beyond() -> None:
    seen = look(responding(lambda head: b"HTTP/1.1 100 Continue\r\n\r\n" + ok()), Framing.LENGTH)
    assert (seen.status, seen.next) == (200, (200, 200, 200))


def test_a_server_that_hangs_up_is_told_from_one_that_speaks_no_http() -> None:
    silent = look(lambda connection: None, Framing.LENGTH)
    assert (silent.status, silent.failure) == (None, Failure.UNREACHABLE)
    assert silent.next_failure is Failure.UNREACHABLE
    babble = look(responding(lambda head: b"zzt" * 40_000), Framing.LENGTH)
    assert (babble.status, babble.failure) == (None, Failure.MALFORMED)


def test_no_connection_is_opened_outside_the_scope() -> None:
    with (
        serving(responding(lambda head: ok())) as port,
        client_of(scope(port + 1)) as client,
        pytest.raises(ScopeViolation),
    ):
        client.dial(f"http://127.0.0.1:{port}/")
