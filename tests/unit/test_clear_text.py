"""What answers at an API's clear address, and what the check of TLS-07 makes of it."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tests.unit.loopback import client_of, scope
from tests.unit.test_subjects import note, reading, target
from tests.unit.tls_server import closing_at_once, serving
from tgv_suite.check import AskPerson, CannotTell, ClearText, System, every_clear_text_address
from tgv_suite.claims import Violation
from tgv_suite.model.catalogue import Parameters
from tgv_suite.model.facts import NOT_CONNECTED, Answer, Failure, Request
from tgv_suite.model.target import OpenApiService, Target
from tgv_suite.probes import http
from tgv_suite.registry import discover
from tgv_suite.subjects.subject import Undeclared
from tgv_suite.system import Probes
from tgv_suite.witness import LiveWitness

(CHECK,) = (check for check in discover() if check.id == "tls.the_api_is_not_served_in_clear")
PLACE = ClearText(service_id="api", secure="https://si.test/api/x", clear="http://si.test/api/x")
CHALLENGE = ("WWW-Authenticate", "Bearer realm=si")


def answer(
    status: int | None = None,
    content: object = "",
    *headers: tuple[str, str],
    failure: Failure | None = None,
    detail: str = "",
) -> Answer:
    return Answer(
        actor="—",
        credential="none",
        request=Request(method="GET", url="x", headers=(), body=""),
        unique="",
        status=status,
        headers=headers,
        body=content if isinstance(content, str) else json.dumps(content),
        truncated=False,
        failure=failure,
        detail=detail,
        sent_at="2026-01-01T00:00:00+00:00",
        elapsed_s=0.0,
    )


DATED = {"resourceType": "CapabilityStatement", "date": "2026-01-01"}
SERVED = answer(200, DATED)
CHALLENGED = answer(401, {"status": 401, "trace": "a1"}, CHALLENGE)


class Answers:
    """Gives one answer over TLS, and another in clear."""

    def __init__(self, secure: Answer, clear: Answer) -> None:
        self._said = {PLACE.secure: secure, PLACE.clear: clear}

    def fetch(self, method: str, url: str, headers: tuple[tuple[str, str], ...]) -> Answer:
        return self._said[url]


def judged(secure: Answer, clear: Answer) -> System:
    witness = LiveWitness(cast(Probes, Answers(secure, clear)), lambda value: value)
    si = System(Target.__new__(Target), Parameters(), witness)
    CHECK.function(si, place=PLACE)
    return si


@pytest.mark.parametrize("secure", [SERVED, CHALLENGED])
@pytest.mark.parametrize(
    "clear",
    [
        answer(failure=Failure.UNREACHABLE, detail="ConnectionRefusedError"),
        answer(failure=Failure.UNREACHABLE, detail="RemoteDisconnected"),
        answer(failure=Failure.TIMEOUT, detail=NOT_CONNECTED),
        answer(308, "", ("Location", "https://si.test/api/x")),
        answer(400, "<html>The plain HTTP request was sent to HTTPS port</html>"),
        answer(403, "<html>nginx</html>"),
        answer(404, ""),
        answer(426, ""),
    ],
)
def test_a_closed_a_filtered_or_another_servers_port_serves_no_api(
    secure: Answer, clear: Answer
) -> None:
    assert judged(secure, clear).controls == 2


@pytest.mark.parametrize(
    ("secure", "clear"),
    [
        (SERVED, SERVED),
        (SERVED, answer(200, {**DATED, "date": "2026-01-02"})),
        (answer(200, "<notice>"), answer(200, "<notice>")),
        (CHALLENGED, CHALLENGED),
        (CHALLENGED, answer(401, {"status": 401, "trace": "b2"})),
        (answer(401, "", CHALLENGE), answer(401, "", CHALLENGE)),
    ],
)
def test_the_api_is_known_in_clear_by_what_it_answers_over_tls(
    secure: Answer, clear: Answer
) -> None:
    with pytest.raises(Violation):
        judged(secure, clear)


@pytest.mark.parametrize(
    "clear", [answer(200, "<html>SPA</html>"), answer(401, "", ("WWW-Authenticate", "Basic"))]
)
def test_what_else_answers_there_is_for_a_person_to_name(clear: Answer) -> None:
    with pytest.raises(AskPerson):
        judged(SERVED, clear)


@pytest.mark.parametrize(
    "clear",
    [
        answer(500, ""),
        answer(503, ""),
        answer(429, ""),
        answer(302, "", ("Location", "http://si.test/login")),
        answer(302, "", ("Location", "/login")),
        answer(failure=Failure.TIMEOUT),
        answer(failure=Failure.UNREACHABLE, detail="OSError"),
        answer(failure=Failure.OUT_OF_SCOPE),
        answer(failure=Failure.MALFORMED),
    ],
)
def test_an_error_a_late_answer_or_a_redirect_in_clear_proves_nothing(clear: Answer) -> None:
    with pytest.raises(CannotTell):
        judged(SERVED, clear)


@pytest.mark.parametrize(
    "secure",
    [
        answer(200, " "),
        answer(404, "not found"),
        answer(403, "no"),
        answer(401, ""),
        answer(failure=Failure.UNREACHABLE, detail="ConnectionRefusedError"),
    ],
)
def test_an_api_that_is_not_known_over_tls_is_told_nowhere(secure: Answer) -> None:
    with pytest.raises(CannotTell):
        judged(secure, answer(failure=Failure.UNREACHABLE, detail="ConnectionRefusedError"))


# --- The request in clear, on real sockets ------------------------------------------------------


@contextlib.contextmanager
def nobody_accepting() -> Iterator[int]:
    """A port that drops further connections, as a filter does: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def fetched(port: int) -> Answer:
    with client_of(scope(port)) as client:
        raw = client.send("GET", f"http://127.0.0.1:{port}/")
    return answer(raw.status, failure=raw.failure, detail=raw.detail)


def test_a_connection_that_is_never_made_is_no_late_answer(monkeypatch: Any) -> None:
    monkeypatch.setattr(http, "CONNECT_LIMIT_S", 0.3)
    with nobody_accepting() as port:
        filtered = fetched(port)
    assert (filtered.failure, filtered.detail) == (Failure.TIMEOUT, NOT_CONNECTED)
    assert filtered.shut_out

    with serving(
        lambda connection: cast(None, connection.recv(65536) and connection.recv(1))
    ) as port:
        late = fetched(port)
    assert late.failure is Failure.TIMEOUT
    assert not late.shut_out


def test_a_port_that_is_closed_or_closes_at_once_serves_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert fetched(port).shut_out
    with serving(closing_at_once) as port:
        assert fetched(port).shut_out


# --- Where it is asked --------------------------------------------------------------------------


def declared(clear: str | None, **operations: Any) -> Target:
    service = OpenApiService(type="openapi", url="https://si.test/api/", clear_text_url=clear)
    return target(operations, services={"api": service}, objects={"note-a": note("clinic-a")})


def test_an_open_reading_is_asked_first_and_no_identifier_goes_in_clear() -> None:
    protected = reading(path="/notes/{object}?of={person}")
    (place,) = every_clear_text_address(declared("http://si.test:8080/api", note=protected))  # type: ignore[misc]
    assert isinstance(place, ClearText)
    assert place.secure == "https://si.test/api/notes/tgv-nothing?of=tgv-nothing"
    assert place.clear == "http://si.test:8080/api/notes/tgv-nothing?of=tgv-nothing"

    opened = reading(path="/notice", object=None, actors=(), public=True)
    (place,) = every_clear_text_address(declared("http://si.test/api", note=protected, open=opened))  # type: ignore[misc]
    assert isinstance(place, ClearText)
    assert place.clear == "http://si.test/api/notice"


def test_without_a_clear_address_or_a_reading_the_declaration_is_missing() -> None:
    for lacking in (declared(None, note=reading()), declared("http://si.test/api")):
        found = every_clear_text_address(lacking)
        assert isinstance(found, Undeclared)
        assert found.offered
