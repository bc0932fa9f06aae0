"""The accounts that are given up to the tests: what is sent in their holders' names, and kept of it."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.loopback import client_of, ok, request_of, scope
from tests.unit.test_subjects import names, note, reading, target
from tests.unit.tls_server import serving
from tgv_suite.model.accounts import (
    Account,
    Accounts,
    PasswordChange,
    PasswordReset,
    SignIn,
)
from tgv_suite.model.passwords import Password, PasswordAttempt, Shown
from tgv_suite.model.target import OpenApiService, Operation, OperationKind, Target
from tgv_suite.probes.accounts import Holders
from tgv_suite.probes.credentials import Hidden
from tgv_suite.probes.recorder import Recorder
from tgv_suite.probes.redaction import Redactor
from tgv_suite.subjects.accounts import (
    every_password_change,
    every_password_reset,
    every_proven_password_change,
)
from tgv_suite.subjects.subject import Undeclared

OWN = "zzt-mot-de-passe-du-manifeste"
HELD = Account(username="zzt-a", password="env:ZZT", reading="note-read", object="note-a")
CHANGE = PasswordChange(account="a", other="b", operation="change", shortest=12)
RESET = PasswordReset(account="a", ask="ask", complete="complete", code="code=(.+)", delay_s=0)


def managing(**more: Any) -> Operation:
    told: dict[str, Any] = {"kind": OperationKind.MANAGE, "method": "PUT", "object": None}
    return reading(**{**told, "path": "/password", "actors": (), **more})


def declaring(url: str = "https://localhost/api", **more: Any) -> Target:
    """Two accounts, who sign in by a login that answers with a token."""
    sign_in = SignIn(operation="sign-in", token="data/token")
    held = {
        "a": replace(HELD, sign_in=sign_in),
        "b": replace(HELD, sign_in=sign_in, username="zzt-b", object="note-b"),
    }
    pair = {"name": "{username}", "secret": "{password}"}
    body = {"current": "{current_password}", "password": "{new_password}"}
    return target(
        {
            "note-read": reading(),
            "sign-in": managing(method="POST", path="/login", body=pair),
            "change": managing(body=more.pop("body", body), path=more.pop("path", "/password")),
            "ask": managing(method="POST", path="/forgotten", body={"name": "{username}"}),
            "complete": managing(method="POST", path="/new", body={"code": "{code}"}),
        },
        services={"api": OpenApiService(type="openapi", url=url)},
        accounts=Accounts(**{"held": held, "change": CHANGE, "reset": RESET, **more}),
    )


class System:
    """A system of one account, whose password can be changed; it keeps what it is asked."""

    def __init__(self) -> None:
        self.password = OWN
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def handle(self, connection: socket.socket) -> None:
        while request := request_of(connection):
            start, body = request
            connection.sendall(self._answer(start, json.loads(body) if body else {}))

    def _answer(self, start: str, content: dict[str, Any]) -> bytes:
        method, path, _ = start.split(" ", 2)
        self.asked.append((method, path, content))
        refused = ok(b"{}").replace(b"200 OK", b"401 Unauthorized")
        if path == "/login":
            good = content == {"name": "zzt-a", "secret": self.password}
            return ok(json.dumps({"data": {"token": "zzt-jeton-1"}}).encode()) if good else refused
        if "Bearer zzt-jeton-1" not in start:
            return refused
        if method == "PUT":
            self.password = content["password"]
        return ok(b'{"text": "zzt-marque-clinic-a"}')


@contextlib.contextmanager
def holding(si: System, **more: Any) -> Iterator[tuple[Holders, Recorder]]:
    with serving(si.handle) as port, client_of(scope(port)) as sender:
        recorder = Recorder(sender, Redactor([]))
        told = declaring(f"http://127.0.0.1:{port}", **more)
        passwords = {"a": Hidden(OWN), "b": Hidden("zzt-autre-mot-de-passe")}
        yield Holders(told, passwords, recorder, None), recorder


def test_a_password_opens_when_what_is_its_holders_alone_is_then_read() -> None:
    si = System()
    with holding(si) as (holders, recorder):
        assert holders.sign_in("a", Password.OWN).opened
        wrong = holders.sign_in("a", Password.WRONG)
        assert (wrong.opened, wrong.refused, wrong.status) == (False, True, 401)
        holders.change(PasswordAttempt(account="a", password=Password.FIRST))
        assert holders.sign_in("a", Password.FIRST).opened
        assert holders.sign_in("a", Password.OWN).refused
        assert holders.sign_in("a", Password.HELD).opened
        assert recorder.session_exchanges == []
        for secret in (si.password, "zzt-jeton-1"):
            assert secret not in recorder.redactor.text(f"x {secret} x")


@pytest.mark.parametrize(
    ("shown", "other", "sent"),
    [
        (Shown.CURRENT, None, {"current": OWN}),
        (Shown.NONE, None, {}),
        (Shown.CURRENT, "b", {"current": OWN, "username": "zzt-b"}),
    ],
)
def test_a_change_differs_from_the_right_one_by_what_is_left_out_or_named(
    shown: Shown, other: str | None, sent: dict[str, str]
) -> None:
    si = System()
    with holding(si) as (holders, _):
        attempt = PasswordAttempt(account="a", password=Password.FIRST, shown=shown, other=other)
        assert holders.change(attempt).status == 200
    (content,) = [content for method, _, content in si.asked if method == "PUT"]
    assert {name: value for name, value in content.items() if name != "password"} == sent


def test_a_wrong_current_password_is_nobodys_and_a_name_in_the_address_is_the_others() -> None:
    si = System()
    with holding(si, path="/users/{username}/password?old={current_password}") as (holders, _):
        holders.change(PasswordAttempt(account="a", password=Password.FIRST, shown=Shown.WRONG))
        si.password = OWN
        named = PasswordAttempt(account="a", password=Password.FIRST, shown=Shown.NONE, other="b")
        holders.change(named)
    wrong, bare = [(path, content) for method, path, content in si.asked if method == "PUT"]
    assert wrong[0].startswith("/users/zzt-a/password?old=")
    assert wrong[1]["current"] != OWN
    assert OWN not in wrong[0]
    assert bare[0] == "/users/zzt-b/password"
    assert "current" not in bare[1]


def test_a_widespread_password_has_the_length_that_the_system_asks_for() -> None:
    si = System()
    with holding(si) as (holders, _):
        holders.change(PasswordAttempt(account="a", password=Password.COMMON))
        assert len(si.password) >= CHANGE.shortest
        assert holders.sign_in("a", Password.COMMON).opened


def test_a_reset_without_a_mailbox_brings_no_code_and_sends_none() -> None:
    si = System()
    with holding(si) as (holders, _):
        asked = holders.ask_reset(RESET, known=True)
        assert (asked.listening, asked.mailed, asked.told) == (False, False, False)
        assert holders.complete_reset(RESET, Password.FIRST).failure is not None
        nobody = holders.ask_reset(RESET, known=False)
    assert [path for _, path, _ in si.asked] == ["/forgotten", "/forgotten"]
    assert si.asked[0][2] == {"name": "zzt-a"}
    assert si.asked[1][2]["name"] not in ("zzt-a", "zzt-b")
    assert nobody.account == "nobody"


def test_what_a_manifest_gives_up_is_tried_once_and_what_it_says_is_not_offered_is_not() -> None:
    told = declaring()
    assert names(every_password_reset(told)) == ["ask.a"]
    assert names(every_password_change(told)) == ["change.a"]
    assert names(every_proven_password_change(told)) == ["change.a"]
    for subjects, flag in (
        (every_password_reset, "offers_reset"),
        (every_password_change, "offers_change"),
        (every_proven_password_change, "offers_change"),
    ):
        denied: dict[str, Any] = {flag: False}
        missing, absent = subjects(replace(told, accounts=None)), subjects(declaring(**denied))
        assert isinstance(missing, Undeclared)
        assert isinstance(absent, Undeclared)
        assert (missing.offered, absent.offered) == (True, False)


def test_an_account_whose_reading_shows_no_mark_proves_nothing() -> None:
    unmarked = replace(note("clinic-a"), canaries=())
    told = declaring()
    blind = replace(told, objects={**told.objects, "note-a": unmarked})
    assert isinstance(every_password_reset(blind), Undeclared)
    assert isinstance(every_password_change(blind), Undeclared)


def test_a_current_password_that_every_request_shows_is_not_asked_for_again() -> None:
    by_basic = {"a": HELD, "b": replace(HELD, object="note-b")}
    told = declaring(held=by_basic, body={"password": "{new_password}"})
    shown = every_proven_password_change(told)
    assert isinstance(shown, Undeclared)
    assert not shown.offered
    assert names(every_password_change(told)) == ["change.a"]
    assert names(every_proven_password_change(declaring(held=by_basic))) == ["change.a"]
