"""A login by the pages of an authorization server: on real sockets, once, and within the forms."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs

import pytest

from tests.unit.loopback import client_of, request_of, scope
from tests.unit.tls_server import serving
from tgv_suite.probes.credentials import Hidden
from tgv_suite.probes.login import Arrival, Form, Person, Visitor, form_of
from tgv_suite.probes.recorder import Recorder
from tgv_suite.probes.redaction import Redactor

AWAY = "https://client.test/back"
PAGE = (
    '<form action="/login?x=1" method="post"><input type="hidden" name="csrf" value="é&amp;1">'
    '<input name="user"><input type="password" name="pass"><button name="go" value="1">in</button>'
    "</form>"
)
Pages = dict[str, tuple[int, dict[str, str], str]]


class Site:
    """Pages by method and path; it keeps what it is asked."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.asked: list[tuple[str, str, str | None]] = []

    def handle(self, connection: socket.socket) -> None:
        while request := request_of(connection):
            start, body = request
            method, path = start.split()[:2]
            cookie = re.search(r"(?im)^cookie: (.*?)\r?$", start)
            self.asked.append((f"{method} {path}", body.decode(), cookie and cookie[1]))
            status, headers, page = self.pages.get(f"{method} {path}", (404, {}, ""))
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            content = page.encode()
            told = f"HTTP/1.1 {status} X\r\n{lines}Content-Length: {len(content)}\r\n\r\n"
            connection.sendall(told.encode() + content)


@contextlib.contextmanager
def visiting(site: Site) -> Iterator[tuple[Callable[[str], Arrival], Recorder]]:
    """Somebody's browser at a site."""
    with serving(site.handle) as port, client_of(scope(port)) as sender:
        recorder = Recorder(sender, Redactor([]))
        person = Person(
            username="zzt", password=Hidden("s3cret"), username_field="user", password_field="pass"
        )
        visitor = Visitor(recorder.send_unrecorded, person)

        def walk(path: str) -> Arrival:
            return visitor.walk(f"http://127.0.0.1:{port}{path}", lambda to: to.startswith(AWAY))

        yield walk, recorder


def test_a_person_logs_in_by_the_form_and_is_sent_away_with_what_the_server_says() -> None:
    site = Site(
        {
            "GET /authorize?a=1": (302, {"Location": "/page"}, ""),
            "GET /page": (200, {"Set-Cookie": "s=1; Path=/; Secure"}, PAGE),
            "POST /login?x=1": (303, {"Location": "/authorize?a=2", "Set-Cookie": "t=2"}, ""),
            "GET /authorize?a=2": (302, {"Location": f"{AWAY}?code=c"}, ""),
        }
    )
    with visiting(site) as (walk, recorder):
        arrival = walk("/authorize?a=1")

    assert arrival == Arrival(location=f"{AWAY}?code=c", status=302)
    body = site.asked[2][1]
    sent = {"csrf": ["é&1"], "user": ["zzt"], "pass": ["s3cret"], "go": ["1"]}
    assert parse_qs(body) == sent
    assert [cookie for *_, cookie in site.asked] == [None, None, "s=1", "s=1; t=2"]
    assert recorder.session_exchanges == []


def test_a_password_that_was_refused_is_not_tried_again_in_the_run() -> None:
    site = Site({"GET /": (200, {}, PAGE), "POST /login?x=1": (401, {}, PAGE)})
    with visiting(site) as (walk, _):
        first, second = walk("/"), walk("/")

    assert first.detail == second.detail == "the login was refused"
    assert [asked for asked, *_ in site.asked] == ["GET /", "POST /login?x=1", "GET /"]


def test_a_page_to_agree_to_is_agreed_to() -> None:
    consent = '<form method="post" action="agree"><button name="yes">oui</button></form>'
    site = Site(
        {
            "GET /a/page": (200, {}, consent),
            "POST /a/agree": (302, {"Location": f"{AWAY}?code=c"}, ""),
        }
    )
    with visiting(site) as (walk, _):
        assert walk("/a/page").location == f"{AWAY}?code=c"


@pytest.mark.parametrize("page", ["<h1>non</h1>", '<form action="/search"><input name="q"></form>'])
def test_an_error_page_is_where_the_walk_ends(page: str) -> None:
    site = Site({"GET /": (400, {}, page)})
    with visiting(site) as (walk, _):
        assert walk("/") == Arrival(status=400)
    assert len(site.asked) == 1


def test_a_site_that_turns_round_is_left() -> None:
    site = Site({"GET /": (302, {"Location": "/"}, "")})
    with visiting(site) as (walk, _):
        assert walk("/").detail == "too many pages"
    assert len(site.asked) == 8


def test_nobody_is_followed_outside_the_scope() -> None:
    site = Site({"GET /": (302, {"Location": "https://tgv.invalid/x"}, "")})
    with visiting(site) as (walk, _):
        assert walk("/").failure is not None
    assert len(site.asked) == 1


URL = "https://si.test/a/page?b=1"


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("", None),
        ("<form></form>", Form(page=URL, action=URL, method="get", fields={}, asks_password=False)),
        (
            "<form action=x><input name=q></form><form method=POST><input type=password name=p>",
            Form(page=URL, action=URL, method="post", fields={"p": ""}, asks_password=True),
        ),
        (
            "<form action='//[bad'><input type=checkbox name=c value=1>"
            "<input type=checkbox name=d value=2 checked><input type=submit name=no value=3>"
            "<input type=submit name=later value=4>",
            Form(
                page=URL,
                action=URL,
                method="get",
                fields={"d": "2", "no": "3"},
                asks_password=False,
            ),
        ),
    ],
)
def test_the_form_is_the_one_that_a_person_would_fill_in(page: str, form: Form | None) -> None:
    assert form_of(page.encode(), URL) == form


@pytest.mark.parametrize(
    "page",
    [
        b"<form " * 100_000,
        b"<form action='" * 50_000,
        b"<form a" + b" =" * 100_000 + b">",
        b"<form>" * 50_000,
        b"<!--" * 50_000,
        b"\xff<form action=\x00>",
    ],
    ids=range(6),
)
def test_a_strange_page_is_no_error(page: bytes) -> None:
    form_of(page, URL)
