"""Logins with a password, on real sockets: by a form, for a token, with HTTP Basic."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.unit.answers import answer
from tests.unit.loopback import client_of, request_of, scope
from tests.unit.tls_server import serving
from tgv_suite.model.credential import Credential
from tgv_suite.model.facts import Answer, Refusal
from tgv_suite.model.sessions import Given, SessionCookie
from tgv_suite.model.target import (
    Actor,
    AntiForgeryToken,
    BasicAuthentication,
    SessionAuthentication,
    Target,
    TokenLoginAuthentication,
    WebService,
)
from tgv_suite.probes.credentials import Credentials, Hidden, PasswordAccount, TokenLogin
from tgv_suite.probes.http import Raw
from tgv_suite.probes.recorder import Recorder
from tgv_suite.probes.redaction import Redactor
from tgv_suite.probes.sessions import Header, Sessions, hidden_value

PASSWORD = "motdepasse-de-zzt-71"
TOKEN = "zzt-jeton-opaque-de-session-1"
CSRF = "zzt-jeton-de-formulaire+/="
PAGE = (
    '<form action="/portal/login" method="post"><input type="hidden" name="csrf" value="{csrf}">'
    '<input name="username"><input type="password" name="password"></form>'
)


class Portal:
    """A small portal whose session is a cookie; it keeps what it is asked."""

    def __init__(self, *, adopts: bool = False, needs_pair: bool = False) -> None:
        self.adopts = adopts
        self.needs_pair = needs_pair
        self.base = ""
        self.idp = ""
        self.sessions = 0
        self.open: set[str] = set()
        self.asked: list[tuple[str, dict[str, str], str]] = []

    def handle(self, connection: socket.socket) -> None:
        while received := request_of(connection):
            start, body = received
            line, *lines = start.split("\r\n")
            headers = {k.lower(): v for k, _, v in (one.partition(": ") for one in lines)}
            request = line.rpartition(" ")[0]
            self.asked.append((request, headers, body.decode()))
            status, more, page = self.answer(request, headers, body.decode())
            told = "".join(f"{name}: {value}\r\n" for name, value in more)
            content = page.encode()
            connection.sendall(
                f"HTTP/1.1 {status} X\r\nContent-Type: text/html\r\n{told}"
                f"Content-Length: {len(content)}\r\n\r\n".encode()
                + content
            )

    def answer(
        self, request: str, headers: dict[str, str], body: str
    ) -> tuple[int, list[tuple[str, str]], str]:
        cookies = dict(re.findall(r"(\w+)=([^;]*)", headers.get("cookie", "")))
        if request == "GET /portal/login":
            return 200, [("Set-Cookie", "theme=clair")], PAGE.format(csrf=CSRF)
        if request == "POST /portal/login":
            told = {name: values[0] for name, values in parse_qs(body).items()}
            if (told.get("username"), told.get("password")) != ("zzt", PASSWORD):
                return 401, [], PAGE.format(csrf=CSRF)
            self.sessions += 1
            kept = cookies.get("sid") if self.adopts else None
            value = kept or f"zzt-session-0123456789-{self.sessions}"
            self.open.add(value)
            flags = "Secure; HttpOnly; SameSite=Lax"
            more = [("Set-Cookie", "pair=1")] if self.needs_pair else []
            return 303, [("Location", "home"), ("Set-Cookie", f"sid={value}; {flags}"), *more], ""
        if request == "POST /session":
            return self.by_script(json.loads(body) == {"u": "zzt", "p": PASSWORD})
        if request == "POST /token":
            told = json.loads(body)
            right = told == {"username": "zzt", "password": PASSWORD}
            return (200, [], json.dumps({"token": TOKEN})) if right else (401, [], "{}")
        there = self.elsewhere(request, cookies, body)
        opened = cookies.get("sid") in self.open and ("pair" in cookies or not self.needs_pair)
        shown = (200, [], "zzt-marque") if opened else (302, [("Location", "/portal/login")], "")
        return there or shown

    def by_script(self, right: bool) -> tuple[int, list[tuple[str, str]], str]:
        """What a login in JSON answers."""
        self.open |= {"zzt-session-0123456789-0"} if right else set()
        more = [("Set-Cookie", "sid=zzt-session-0123456789-0")] if right else []
        return (200 if right else 401), more, "{}"

    def elsewhere(
        self, request: str, cookies: dict[str, str], body: str
    ) -> tuple[int, list[tuple[str, str]], str] | None:
        """What the same person's login on another host answers."""
        if request == "GET /portal/elsewhere":
            return 302, [("Location", f"{self.idp}/idp/start"), ("Set-Cookie", "state=1")], ""
        if request == "GET /idp/start":
            return 302, [("Location", "/idp/page")], ""
        if request == "GET /idp/page":
            page = PAGE.replace("/portal/login", "/idp/page").format(csrf=CSRF)
            return 200, [("Set-Cookie", "sid=of-the-idp")], page
        if request == "POST /idp/page":
            right = parse_qs(body).get("password") == [PASSWORD] and cookies["sid"] == "of-the-idp"
            return (302, [("Location", f"{self.base}/portal/back")], "") if right else (401, [], "")
        if request == "GET /portal/back":
            self.open |= {"zzt-session-0123456789-0"} if "state" in cookies else set()
            return 302, [("Location", "home"), ("Set-Cookie", "sid=zzt-session-0123456789-0")], ""
        return None

    def reads(self, header: Header | None) -> Raw | None:
        """Whether a header opens the portal."""
        told = {} if header is None else {header[0].lower(): header[1]}
        status, _, body = self.answer("GET /portal/home", told, "")
        return Raw(status=status, body=body.encode()) if "zzt-marque" in body else None


@contextlib.contextmanager
def logins(portal: Portal, **declared: object) -> Iterator[Sessions]:
    """The logins of three actors there: ``form``, ``token`` and ``basic``."""
    with (
        serving(portal.handle) as port,
        client_of([*scope(port), *scope(port, host="localhost")]) as sender,
    ):
        base = WebService(type="web", url=f"http://127.0.0.1:{port}")
        portal.base, portal.idp = base.url, f"http://localhost:{port}"
        who: dict[str, Any] = {"username": "zzt", "password": "env:X"}
        form = SessionAuthentication(
            type="session",
            service="web",
            **{"login_path": "/portal/login", **who, **declared},
        )
        token = TokenLoginAuthentication(type="token-login", service="web", path="/token", **who)
        known: dict[str, Any] = {
            "form": form,
            "token": token,
            "basic": BasicAuthentication(type="basic", **who),
        }
        target = Target.__new__(Target)
        object.__setattr__(target, "services", {"web": base})
        actors = {name: Actor(role="r", authentication=each) for name, each in known.items()}
        object.__setattr__(target, "actors", actors)
        account = PasswordAccount(username="zzt", password=Hidden(PASSWORD))
        of_token = TokenLogin(declared=token, password=Hidden(PASSWORD))
        credentials = {
            "form": Credentials(account=account),
            "token": Credentials(account=account, login=of_token),
            "basic": Credentials(account=account),
        }
        redactor = Redactor([])
        redactor.learn(PASSWORD)  # as each secret of a manifest is, before it is used
        yield Sessions(target, credentials, Recorder(sender, redactor))


def log_in(sessions: Sessions, actor: str = "form", **more: object) -> Answer | None:
    told = {"name": "s", "given": Given.OWN, "headers": (), "planting": False, **more}
    return sessions.log_in(actor, **told)  # type: ignore[arg-type]


def test_a_login_by_a_form_sends_what_it_hides_and_keeps_the_cookies_of_each_page() -> None:
    portal = Portal()
    with logins(portal) as sessions:
        last = log_in(sessions)
        shown, why = sessions.presented("form", "s", Credential.OWN)

    assert last is not None
    assert (last.status, last.unique) == (200, "zzt")
    assert why is None
    assert shown is not None
    assert portal.reads(shown)
    body = parse_qs(portal.asked[1][2])
    assert body == {"csrf": [CSRF], "username": ["zzt"], "password": [PASSWORD]}
    assert "theme=clair" in shown[1]


def test_a_login_by_a_script_sends_what_is_declared_and_keeps_its_cookies() -> None:
    portal = Portal()
    body = {"u": "{username}", "p": "{password}"}
    with logins(portal, login_path="/session", body=body) as sessions:
        for given, status in ((Given.WRONG_PASSWORD, 401), (Given.OWN, 200)):
            answer = log_in(sessions, given=given)
            shown, _ = sessions.presented("form", "s", Credential.OWN)
            assert answer is not None
            assert answer.status == status
            assert (portal.reads(shown) is not None) is (given is Given.OWN)
            assert PASSWORD not in str(answer)
    assert {request for request, _, _ in portal.asked} == {"POST /session"}


def test_a_login_page_on_another_host_brings_a_session_here() -> None:
    portal = Portal()
    with logins(portal, login_path="/portal/elsewhere") as sessions:
        found = sessions.look("form", portal.reads)
        shown, _ = sessions.presented("form", "shared", Credential.OWN)
        assert portal.reads(shown)
        assert [cookie.name for cookie in found.cookies] == ["sid"]
        assert "of-the-idp" not in str(shown)
        assert asked_to_log_in(sessions, portal, f"{portal.idp}/idp/start?a=1")
        assert not asked_to_log_in(sessions, portal, f"{portal.idp}/portal/home")


def asked_to_log_in(sessions: Sessions, portal: Portal, to: str) -> bool:
    """Whether being sent somewhere is to be asked to log in."""
    said = answer(
        302,
        actor="form",
        credential="none",
        url=f"{portal.base}/home",
        headers=(("Location", to),),
    )
    return sessions.told("form", said).asks_to_log_in


def test_neither_the_password_nor_a_session_is_kept_on_record() -> None:
    portal = Portal()
    with logins(portal, anti_forgery=AntiForgeryToken(name="csrf", page="/portal/login")) as one:
        refused = log_in(one, given=Given.WRONG_PASSWORD)
        for answer in (log_in(one), log_in(one, "token"), refused):
            text = str(answer)
            assert PASSWORD not in text
            assert "zzt-session-0123456789" not in text
            assert TOKEN not in text
            assert CSRF not in text


@pytest.mark.parametrize("actor", ["form", "token"])
def test_a_wrong_password_opens_nothing(actor: str) -> None:
    portal = Portal()
    with logins(portal) as sessions:
        answer = log_in(sessions, actor, given=Given.WRONG_PASSWORD)
        shown, _ = sessions.presented(actor, "s", Credential.OWN)

    assert answer is not None
    assert answer.status == 401
    assert portal.reads(shown) is None


def test_a_login_for_a_token_presents_it_under_its_name_alone() -> None:
    with logins(Portal()) as sessions:
        assert not sessions.opened("token", "s")
        log_in(sessions, "token")
        bearer = ("Authorization", f"Bearer {TOKEN}")
        assert sessions.presented("token", "s", Credential.OWN) == (bearer, None)
        assert not sessions.opened("token", "shared")


def test_http_basic_carries_the_name_that_is_tried() -> None:
    with logins(Portal()) as sessions:
        assert log_in(sessions, "basic") is None
        shown, _ = sessions.presented("basic", "s", Credential.OWN)
        assert shown is not None
        pair = base64.b64decode(shown[1].removeprefix("Basic ")).decode()
        assert pair == f"zzt:{PASSWORD}"
        log_in(sessions, "basic", given=Given.UNKNOWN_NAME)
        other, _ = sessions.presented("basic", "s", Credential.OWN)
        assert other is not None
        name, _, password = (
            base64.b64decode(other[1].removeprefix("Basic ")).decode().partition(":")
        )
        assert name != "zzt"
        assert password != PASSWORD


def test_an_actor_logs_in_once_and_is_in_for_each_check() -> None:
    portal = Portal()
    with logins(portal) as sessions:
        first = sessions.presented("form", "shared", Credential.OWN)
        assert sessions.presented("form", "shared", Credential.OWN) == first
    assert portal.sessions == 1


def test_a_session_that_may_have_gone_idle_is_opened_anew() -> None:
    portal = Portal()
    with logins(portal, idle_s=1e-9) as sessions:
        sessions.presented("form", "shared", Credential.OWN)
        sessions.presented("form", "shared", Credential.OWN)
    assert portal.sessions == 2


def test_only_what_carries_the_session_is_judged() -> None:
    portal = Portal()
    with logins(portal) as sessions:
        found = sessions.look("form", portal.reads)
    carrier = SessionCookie(name="sid", secure=True, http_only=True, same_site="lax")
    assert (found.opened, found.cookies, found.others) == (True, (carrier,), ("theme",))


def test_each_of_several_cookies_that_are_all_needed_is_judged() -> None:
    portal = Portal(needs_pair=True)
    with logins(portal) as sessions:
        found = sessions.look("form", portal.reads)
    assert {cookie.name for cookie in found.cookies} == {"sid", "pair"}


def test_an_altered_cookie_differs_in_its_session_alone() -> None:
    portal = Portal()
    with logins(portal) as sessions:
        assert sessions.presented("form", "shared", Credential.ALTERED_COOKIE)[1] is not None
        sessions.look("form", portal.reads)
        own, _ = sessions.presented("form", "shared", Credential.OWN)
        altered, _ = sessions.presented("form", "shared", Credential.ALTERED_COOKIE)
    assert own is not None
    assert altered is not None
    assert "theme=clair" in altered[1]
    assert sum(a != b for a, b in zip(own[1], altered[1], strict=True)) == 1


def test_a_login_that_brought_no_session_has_no_cookie_to_spoil() -> None:
    portal = Portal()
    with logins(portal) as sessions:
        sessions.look("form", portal.reads)
        log_in(sessions, given=Given.WRONG_PASSWORD)
        for credential in (Credential.ALTERED_COOKIE, Credential.COOKIE_FROM_BEFORE_LOGIN):
            shown, why = sessions.presented("form", "s", credential)
            assert shown is None
            assert why is not None


@pytest.mark.parametrize("adopts", [True, False])
def test_a_planted_cookie_opens_a_session_only_where_it_is_adopted(adopts: bool) -> None:
    portal = Portal(adopts=adopts)
    with logins(portal) as sessions:
        sessions.look("form", portal.reads)
        log_in(sessions, planting=True)
        before, _ = sessions.presented("form", "s", Credential.COOKIE_FROM_BEFORE_LOGIN)
        own, _ = sessions.presented("form", "s", Credential.OWN)
    assert portal.reads(own)
    assert (portal.reads(before) is not None) is adopts


def test_the_anti_forgery_token_is_written_as_its_body_needs_it() -> None:
    token = AntiForgeryToken(name="csrf", page="/portal/login")
    typed = [("content-type", "application/x-www-form-urlencoded")]
    with logins(Portal(), anti_forgery=token) as sessions:
        assert sessions.anti_forgery("form", "shared", ()) == CSRF
        assert sessions.anti_forgery("form", "shared", typed) == "zzt-jeton-de-formulaire%2B%2F%3D"
        assert sessions.anti_forgery("basic", "shared", ()) is None
    with logins(Portal(), anti_forgery=AntiForgeryToken(name="theme")) as sessions:
        assert sessions.anti_forgery("form", "shared", ()) == "clair"


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("<input type=hidden name=csrf value=a>", "a"),
        ("<meta name='csrf' content='a&amp;b'>", "a&b"),
        ('<input value="" name="csrf">', ""),
        ('<input name="csrf2" value="a">', ""),
        ('<input name="x" data-name="csrf" value="a">', ""),
    ],
)
def test_a_hidden_value_is_read_however_it_is_written(tag: str, value: str) -> None:
    assert hidden_value(f"<p>{tag}</p>".encode(), "csrf") == value


@pytest.mark.parametrize("actor", ["form", "token"])
def test_a_burst_fails_each_time_by_another_name(actor: str) -> None:
    portal = Portal()
    with logins(portal) as sessions:
        burst = sessions.burst(lambda: sessions.fail(actor), 3)
    assert (burst.sent, burst.statuses, burst.limited) == (3, (401,) * 3, False)
    tried = [body for request, _, body in portal.asked if request.startswith("POST")]
    assert len(set(tried)) == 3
    assert "=zzt&" not in "".join(tried)


def test_a_burst_ends_when_it_is_one_too_many_or_nobody_answers() -> None:
    answers = iter([Raw(status=401), Raw(status=429), Raw(status=401)])
    with logins(Portal()) as sessions:
        assert sessions.burst(lambda: next(answers), 9).statuses == (401, 429)
        cut = sessions.burst(Raw, 9)
    assert (cut.sent, cut.limited) == (0, False)


@pytest.mark.parametrize(
    ("status", "headers", "body", "asks"),
    [
        (302, (("Location", "/portal/login?next=/home"),), "", True),
        (302, (("Location", "/elsewhere"),), "", False),
        (200, (("Content-Type", "text/html"),), PAGE, True),
        (200, (("Content-Type", "application/json"),), PAGE, False),
        (200, (("Content-Type", "text/html"),), "<p>zzt</p>", False),
    ],
)
def test_the_login_page_in_the_place_of_what_is_asked_for_is_a_refusal(
    status: int, headers: tuple[tuple[str, str], ...], body: str, asks: bool
) -> None:
    portal = Portal()
    with logins(portal) as sessions:
        said = answer(
            status,
            body,
            actor="form",
            credential="none",
            url=f"{portal.base}/home",
            headers=headers,
        )
        told = sessions.told("form", said)
        assert told.refused(Refusal.CREDENTIAL) is asks
        assert not sessions.told("basic", said).asks_to_log_in
