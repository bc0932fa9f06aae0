"""The login of a system that issues its own tokens: asked once, in its own words, and kept secret."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator, Mapping

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.unit.loopback import client_of, ok, request_of, scope
from tests.unit.tls_server import serving
from tgv_suite.model.target import OpenApiService, Target, TokenLoginAuthentication
from tgv_suite.probes.credentials import Credentials, Hidden, TokenLogin
from tgv_suite.probes.oauth import Tokens
from tgv_suite.probes.recorder import Recorder
from tgv_suite.probes.redaction import Redactor

PASSWORD = "motdepasse-de-zzt-71"


class Login:
    """A login that keeps what it is asked, and answers what it is told to."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked: list[tuple[str, object]] = []

    def handle(self, connection: socket.socket) -> None:
        while request := request_of(connection):
            start, body = request
            self.asked.append((start.split(" HTTP")[0], json.loads(body)))
            connection.sendall(ok(json.dumps(self.answer).encode()))


@contextlib.contextmanager
def tokens_of(login: Login, **declared: object) -> Iterator[tuple[Tokens, Recorder]]:
    """Tokens of one actor, ``a``, who logs in there."""
    with serving(login.handle) as port, client_of(scope(port)) as sender:
        service = OpenApiService(type="openapi", url=f"http://127.0.0.1:{port}/v1/")
        authentication = TokenLoginAuthentication(
            type="token-login",
            service="api",
            path="/login",
            username="zzt-a",
            password="env:X",
            **declared,  # type: ignore[arg-type]
        )
        recorder = Recorder(sender, Redactor([]))
        whose = TokenLogin(declared=authentication, password=Hidden(PASSWORD))
        target = Target.__new__(Target)
        object.__setattr__(target, "services", {"api": service})
        yield Tokens(target, {"a": Credentials(login=whose)}, recorder), recorder


def signed(claims: Mapping[str, object]) -> str:
    return jwt.encode({"alg": "HS256"}, dict(claims), OctKey.generate_key(256))


def test_a_login_is_asked_once_in_the_systems_own_words_and_its_token_is_presented() -> None:
    login = Login({"data": {"token": "opaque-4471-of-zzt"}})
    body = {"user": {"email": "{username}", "password": "{password}"}, "stay": False}
    with tokens_of(login, body=body, token="data/token") as (tokens, _):
        values = [tokens.get("a").value for _ in range(2)]

    assert [value and value.reveal() for value in values] == ["opaque-4471-of-zzt"] * 2
    sent = {"user": {"email": "zzt-a", "password": PASSWORD}, "stay": False}
    assert login.asked == [("POST /v1/login", sent)]


def test_a_token_that_is_over_is_asked_for_again() -> None:
    login = Login({"token": signed({"iat": 1000, "exp": 1001})})
    with tokens_of(login) as (tokens, _):
        first, second = tokens.get("a"), tokens.get("a")

    assert first.value is not None
    assert second.value is not None
    assert len(login.asked) == 2


def test_a_token_of_a_login_is_learnt_as_a_secret() -> None:
    with tokens_of(Login({"token": "opaque-4471-of-zzt"})) as (tokens, recorder):
        tokens.get("a")

    assert "opaque-4471" not in recorder.redactor.text("seen: opaque-4471-of-zzt")


@pytest.mark.parametrize("answer", [{}, {"token": None}, {"token": ""}, {"token": {"a": 1}}, []])
def test_a_login_that_gives_no_token_says_so(answer: object) -> None:
    with tokens_of(Login(answer)) as (tokens, _):
        token = tokens.get("a")

    assert token.value is None
    assert token.failure == "no token at the login (200)"
