"""OAuth 2.0 as a client: asked by the book, renewed in time, and silent about its secrets."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import OctKey, RSAKey, import_key

from tests.unit.loopback import client_of, ok, request_of, scope
from tests.unit.tls_server import serving
from tgv_suite.model.authorization import AuthorizationRequest, Challenge, Verifier
from tgv_suite.model.credential import ClientProof
from tgv_suite.model.facts import Failure, TokenFormat
from tgv_suite.model.target import Login, OAuth2Authentication, OAuth2Service, Target
from tgv_suite.model.well_known import metadata_urls, smart_configuration_url
from tgv_suite.probes import oauth
from tgv_suite.probes.credentials import Credentials, Hidden, OAuthClient
from tgv_suite.probes.login import Arrival
from tgv_suite.probes.oauth import Token, Tokens, arrived, client_assertion, signing_key
from tgv_suite.probes.recorder import Recorder
from tgv_suite.probes.redaction import Redactor

SECRET = "s3cret/of the client"
Form = Mapping[str, list[str]]


class Issuer:
    """A token endpoint that keeps what it is asked, and answers what it is told to."""

    def __init__(self) -> None:
        self.port = 0
        self.paths: list[str] = []
        self.heads: list[str] = []
        self.forms: list[Form] = []
        self.answer: object = {"access_token": "opaque-{n}", "expires_in": 60}
        self.metadata: dict[str, object] | None = None

    def handle(self, connection: socket.socket) -> None:
        while request := request_of(connection):
            start, body = request
            connection.sendall(self._respond(start, body))

    def _respond(self, start: str, body: bytes) -> bytes:
        self.heads.append(start)
        self.paths.append(start.split()[1])
        if start.startswith("GET"):
            if self.metadata is None:
                return ok().replace(b"200 OK", b"404 Not Found")
            return ok(json.dumps(self.metadata).encode())
        self.forms.append(parse_qs(body.decode()))
        said = self.answer if isinstance(self.answer, str) else json.dumps(self.answer)
        return ok(said.replace("{n}", str(len(self.forms))).encode())


@contextlib.contextmanager
def tokens_of(
    issuer: Issuer, *, declared_endpoint: bool = True, elsewhere: bool = False, **client: object
) -> Iterator[tuple[Tokens, Recorder]]:
    """Tokens of one actor, ``a``, whose issuer listens."""
    key = client.pop("key_pem", None)
    with serving(issuer.handle) as port, client_of(scope(port)) as sender:
        issuer.port = port
        url = f"http://127.0.0.1:{port}"
        endpoint = "https://tgv.invalid/token" if elsewhere else f"{url}/token"
        service = OAuth2Service(
            type="oauth2", url=url, token_endpoint=endpoint if declared_endpoint else None
        )
        settings = {"method": "client_secret_basic", "client_id": "me", **client}
        declared = OAuth2Authentication(type="oauth2", service="oauth", **settings)  # type: ignore[arg-type]
        redactor = Redactor([])
        redactor.learn(SECRET)
        recorder = Recorder(sender, redactor)
        credentials = Credentials(
            client=OAuthClient(
                declared=declared,
                key=Hidden(key) if isinstance(key, str) else None,
                secret=Hidden(SECRET),
                refresh_token=Hidden("first-refresh"),
                password=Hidden("the-persons-own"),
            )
        )
        target = Target.__new__(Target)
        object.__setattr__(target, "services", {"oauth": service})
        yield Tokens(target, {"a": credentials}, recorder), recorder


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@pytest.mark.parametrize(
    ("issuer", "first", "second"),
    [
        (
            "https://si.test",
            "https://si.test/.well-known/oauth-authorization-server",
            "https://si.test/.well-known/openid-configuration",
        ),
        (
            "https://si.test/a/b/",
            "https://si.test/.well-known/oauth-authorization-server/a/b",
            "https://si.test/a/b/.well-known/openid-configuration",
        ),
    ],
)
def test_metadata_stand_where_rfc_8414_and_openid_connect_say(
    issuer: str, first: str, second: str
) -> None:
    assert metadata_urls(issuer) == (first, second)


def test_a_smart_configuration_stands_under_the_fhir_server() -> None:
    expected = "https://si.test/r4/.well-known/smart-configuration"
    assert smart_configuration_url("https://si.test/r4/") == expected
    assert smart_configuration_url("https://si.test/r4") == expected


def test_the_endpoint_is_found_in_the_metadata_and_asked_of_them_once() -> None:
    issuer = Issuer()
    with tokens_of(issuer, declared_endpoint=False) as (tokens, _):
        issuer.metadata = {"token_endpoint": f"http://127.0.0.1:{issuer.port}/found"}
        tokens.get("a", "one")
        tokens.get("a", "two")

    assert issuer.paths == ["/.well-known/oauth-authorization-server", "/found", "/found"]


def test_metadata_that_were_missing_are_asked_for_again() -> None:
    issuer = Issuer()
    with tokens_of(issuer, declared_endpoint=False) as (tokens, _):
        assert tokens.get("a").value is None
        issuer.metadata = {"token_endpoint": f"http://127.0.0.1:{issuer.port}/found"}
        assert tokens.get("a").value is not None


def jwt_of(key: RSAKey, **header: str) -> str:
    return jwt.encode({"alg": "RS256", **header}, {"sub": "me"}, key)


def keys_of(*keys: RSAKey, **more: str) -> list[dict[str, object]]:
    return [{**key.as_dict(private=False), **more} for key in keys]


@pytest.mark.parametrize("named", [True, False])
def test_the_published_key_is_the_one_that_the_token_names_else_the_first_for_signatures(
    named: bool,
) -> None:
    other, mine = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("other", "mine"))
    issuer = Issuer()
    issuer.answer = {"access_token": jwt_of(mine, kid="mine") if named else jwt_of(mine)}
    encrypting = keys_of(RSAKey.generate_key(2048), use="enc")
    with tokens_of(issuer) as (tokens, _):
        issuer.metadata = {
            "token_endpoint": "unused",
            "jwks_uri": f"http://127.0.0.1:{issuer.port}/keys",
            "keys": [*encrypting, *keys_of(other, mine)],
        }
        found, again = tokens.published_key("a"), tokens.published_key("a")
    assert found == again == keys_of(mine if named else other)[0]
    assert issuer.paths.count("/keys") == 1


def token_of(claims: dict[str, object], **more: int) -> Token:
    value = jwt.encode({"alg": "HS256"}, claims, OctKey.generate_key(256))
    return Token(value=Hidden(value), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claims", "lifetime"),
    [
        ({"iat": 1000, "exp": 1002}, 2),
        ({"iat": 1000.5, "exp": 1002.6}, 3),
        ({"iat": 1002, "exp": 1000}, 0),
        ({"exp": 1002}, 60),
        ({"iat": "x", "exp": [1]}, 60),
    ],
)
def test_a_token_lasts_as_long_as_it_says_itself_else_as_the_server_said(
    claims: dict[str, object], lifetime: int
) -> None:
    assert token_of(claims, expires_in_s=60).lifetime_s == lifetime
    assert Token(value=Hidden("opaque"), expires_in_s=60).lifetime_s == 60


@pytest.mark.parametrize(
    ("claims", "audience"),
    [
        ({"aud": "api"}, ("api",)),
        ({"aud": ["api", 3, "other"]}, ("api", "other")),
        ({}, ()),
        ({"aud": {"x": 1}}, ()),
    ],
)
def test_a_token_says_for_whom_it_is(claims: dict[str, object], audience: tuple[str, ...]) -> None:
    assert token_of(claims).audience == audience
    assert Token(value=Hidden("opaque")).audience == ()


@pytest.mark.parametrize("keys", [None, [], "zzt", [3], [{"kty": "oct", "kid": "mine"}]])
def test_an_issuer_that_publishes_no_fitting_key_is_told_so(keys: object) -> None:
    issuer = Issuer()
    issuer.answer = {"access_token": jwt_of(RSAKey.generate_key(2048), kid="mine")}
    with tokens_of(issuer) as (tokens, _):
        address = f"http://127.0.0.1:{issuer.port}/keys"
        issuer.metadata = {"token_endpoint": "unused", "jwks_uri": address, "keys": keys}
        assert tokens.published_key("a") is None


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(65537, 2048), "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
    ],
    ids=["RSA", "P-256", "P-384", "P-521"],
)
def test_an_assertion_says_who_to_whom_and_for_how_long(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, algorithm: str
) -> None:
    declared = OAuth2Authentication(
        type="oauth2", service="oauth", client_id="me", method="private_key_jwt", key_id="k1"
    )
    pem = pem_of(key)
    before = int(time.time())

    one, two = (client_assertion(declared, Hidden(pem), "https://si.test/token") for _ in "ab")

    public = import_key(pem, "RSA" if algorithm == "RS256" else "EC")
    decoded = jwt.decode(one, public, algorithms=[algorithm])
    claims = decoded.claims
    assert decoded.header == {"alg": algorithm, "typ": "JWT", "kid": "k1"}
    assert (claims["iss"], claims["sub"]) == ("me", "me")
    assert claims["aud"] == "https://si.test/token"
    assert before <= claims["iat"] <= time.time()
    assert claims["exp"] - claims["iat"] == 60
    assert claims["jti"] != jwt.decode(two, public, algorithms=[algorithm]).claims["jti"]


def test_an_ed25519_key_signs_with_eddsa() -> None:
    assert signing_key(pem_of(ed25519.Ed25519PrivateKey.generate()))[1] == "EdDSA"


def test_each_method_proves_the_client_by_its_own_means() -> None:
    key = pem_of(ec.generate_private_key(ec.SECP256R1()))
    asked: dict[str, tuple[Form, str]] = {}
    for method in ("client_secret_basic", "client_secret_post", "private_key_jwt"):
        issuer = Issuer()
        with tokens_of(issuer, method=method, key_pem=key, scope="x y") as (tokens, recorder):
            assert tokens.get("a").format is TokenFormat.OPAQUE
        asked[method] = issuer.forms[0], issuer.heads[0]
        assert issuer.forms[0]["scope"] == ["x y"]
        written = repr(recorder.session_exchanges)
        assert "s3cret" not in written
        assert "opaque-1" not in written

    pair = base64.b64encode(b"me:s3cret%2Fof%20the%20client").decode()
    assert f"Authorization: Basic {pair}" in asked["client_secret_basic"][1]
    assert "client_id" not in asked["client_secret_basic"][0]
    assert asked["client_secret_post"][0]["client_secret"] == [SECRET]
    assert "client_secret" not in asked["private_key_jwt"][0]
    assert asked["private_key_jwt"][0]["client_assertion"][0].count(".") == 2


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


@pytest.mark.parametrize("lasts", [60, "60", 60.0])
def test_a_token_is_shared_until_it_nears_its_end(
    lasts: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, issuer = Clock(), Issuer()
    issuer.answer = {"access_token": "opaque-{n}", "expires_in": lasts}
    monkeypatch.setattr(oauth, "time", clock)
    with tokens_of(issuer) as (tokens, _):
        for at in (0, 10, 39, 41, 42):
            clock.now = 1000.0 + at
            tokens.get("a")

    assert len(issuer.forms) == 2


@pytest.mark.parametrize("lasts", [None, True, -1, 10**400, "soon", [], 1e308])
def test_a_lifetime_that_is_none_is_no_error(lasts: object) -> None:
    issuer = Issuer()
    issuer.answer = {"access_token": "opaque-{n}", "expires_in": lasts}
    with tokens_of(issuer) as (tokens, _):
        token = tokens.get("a")

    assert (token.expires_in_s, token.failure) == (None, None)
    assert token.fresh


def test_a_token_that_a_check_spends_is_its_own_and_is_not_replaced() -> None:
    issuer = Issuer()
    issuer.answer = {"access_token": "opaque-{n}", "expires_in": 1}
    with tokens_of(issuer) as (tokens, _):
        one, two, again = (tokens.get("a", name) for name in ("one", "two", "one"))

    assert one is again
    assert one is not two
    assert len(issuer.forms) == 2


def test_a_refresh_token_is_used_where_it_is_the_grant() -> None:
    issuer = Issuer()
    issuer.answer = {"access_token": "opaque-{n}", "refresh_token": "second-refresh"}
    with tokens_of(issuer, grant="refresh_token") as (tokens, recorder):
        tokens.get("a")
        tokens.renew("a", "shared")

    used = [form["refresh_token"] for form in issuer.forms]
    assert used == [["first-refresh"], ["second-refresh"]]
    assert "second-refresh" not in repr(recorder.session_exchanges)


@pytest.mark.parametrize(
    "answer",
    [
        {"error": f"no {SECRET}"},
        {"error": "invalid_client"},
        {"error": ["x"]},
        {"access_token": ""},
        {"access_token": 5},
        {"error": "\ud800"},
        [1],
        "not JSON",
        "[" * 100_000,
        '{"access_token": ' + "9" * 5000,
    ],
)
def test_no_token_is_a_reason_that_holds_no_secret(answer: object) -> None:
    issuer = Issuer()
    issuer.answer = answer
    with tokens_of(issuer) as (tokens, _):
        token = tokens.get("a")

    assert token.value is None
    assert token.failure is not None
    assert token.failure.encode()
    assert "s3cret" not in repr(token)


def test_a_token_endpoint_outside_the_scope_is_not_asked_and_is_reported() -> None:
    issuer = Issuer()
    with tokens_of(issuer, elsewhere=True) as (tokens, recorder):
        token = tokens.get("a")

    assert (token.value, token.failure) == (None, str(Failure.OUT_OF_SCOPE))
    assert issuer.paths == []
    assert recorder.session_exchanges[0].failure is Failure.OUT_OF_SCOPE
    assert recorder.session_exchanges[0].detail == "https://tgv.invalid:443"


@pytest.mark.parametrize(
    "value", ["a.b", "a.b.c", "....", "W10.W10.x", "é.é.é", f"{'W1t' * 90_000}.e30.x"]
)
def test_what_is_no_jwt_is_opaque(value: str) -> None:
    assert Token(value=Hidden(value)).format is TokenFormat.OPAQUE


def test_nothing_shows_a_token() -> None:
    token = Token(value=Hidden("hidden-value"), refresh=Hidden("hidden-value"))

    assert "hidden-value" not in f"{token!r} {token}"


def test_a_renewed_refresh_token_takes_the_place_of_the_old_one_for_the_actors_other_tokens() -> (
    None
):
    issuer = Issuer()
    issuer.answer = {"access_token": "opaque-{n}", "refresh_token": "refresh-{n}"}
    with tokens_of(issuer, grant="refresh_token") as (tokens, _):
        tokens.get("a", "one")
        tokens.renew("a", "one")
        tokens.get("a", "two")
        tokens.renew("a", "one")

    used = [form["refresh_token"] for form in issuer.forms]
    assert used == [["first-refresh"], ["refresh-1"], ["refresh-2"], ["refresh-2"]]


def test_a_revoked_refresh_token_is_not_used_for_the_actors_next_token() -> None:
    issuer = Issuer()
    issuer.answer = {"access_token": "opaque-{n}", "refresh_token": "refresh-{n}"}
    with tokens_of(issuer, grant="refresh_token") as (tokens, _):
        tokens.get("a", "one")
        tokens.revoke("a", "one", "refresh")
        tokens.get("a", "two")

    assert issuer.forms[-1]["refresh_token"] == ["first-refresh"]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_a_false_proof_is_none_at_all_or_one_by_a_key_of_ours(method: str) -> None:
    key = pem_of(ec.generate_private_key(ec.SECP256R1()))
    issuer = Issuer()
    with tokens_of(issuer, method=method, key_pem=key) as (tokens, _):
        for proof in (ClientProof.OWN, ClientProof.NONE, ClientProof.FOREIGN):
            tokens.ask("a", proof, None)

    own, none, foreign = zip(issuer.forms, issuer.heads, strict=True)
    assert none[0] == {"grant_type": ["client_credentials"], "client_id": ["me"]}
    assert "Authorization" not in none[1]
    assert SECRET not in str(foreign)
    assert own[0].keys() == foreign[0].keys()
    assert ("Authorization" in own[1]) == ("Authorization" in foreign[1])
    if method == "private_key_jwt":
        assertions = [one[0]["client_assertion"][0] for one in (own, foreign)]
        public = import_key(key, "EC")
        assert jwt.decode(assertions[0], public, algorithms=["ES256"]).claims["iss"] == "me"
        with pytest.raises(BadSignatureError):
            jwt.decode(assertions[1], public, algorithms=["ES256"])


def test_an_assertion_is_repeated_as_it_was() -> None:
    key = pem_of(ec.generate_private_key(ec.SECP256R1()))
    issuer = Issuer()
    with tokens_of(issuer, method="private_key_jwt", key_pem=key) as (tokens, recorder):
        for proof in (ClientProof.OWN, ClientProof.REPEATED, ClientProof.OWN):
            tokens.ask("a", proof, None)

    first, again, new = (form["client_assertion"][0] for form in issuer.forms)
    assert first == again != new
    assert first not in repr(recorder.session_exchanges)


def test_an_id_token_is_kept_beside_the_access_token_and_written_nowhere() -> None:
    issuer = Issuer()
    issuer.answer = {"access_token": "opaque-{n}", "id_token": "the-identity"}
    with tokens_of(issuer) as (tokens, recorder):
        token = tokens.get("a")

    assert token.id_token is not None
    assert token.id_token.reveal() == "the-identity"
    assert "the-identity" not in repr(recorder.session_exchanges) + repr(token)


@pytest.mark.parametrize(
    ("location", "to", "brought"),
    [
        (None, None, {}),
        ("https://c.test/back?code=x&state=y", "https://c.test/back", {"code": "x"}),
        ("https://c.test/back#access_token=x", "https://c.test/back", {"access_token": "x"}),
        (
            "https://c.test/back?error=access_denied",
            "https://c.test/back",
            {"error": "access_denied"},
        ),
        ("https://c@d.test/back", "https://c@d.test/back", {}),
        ("http://[", "http://[", {}),
    ],
)
def test_a_redirect_tells_where_it_leads_and_what_it_brings(
    location: str | None, to: str | None, brought: dict[str, str]
) -> None:
    assert arrived(Arrival(location=location)) == (to, brought)


BACK = "https://client.test/back"


class Portal(Issuer):
    """An issuer at whose authorization endpoint the person is logged in already."""

    def _respond(self, start: str, body: bytes) -> bytes:
        path = start.split()[1]
        if not path.startswith("/authorize"):
            return super()._respond(start, body)
        self.paths.append(path)
        headers = f"Location: {BACK}?code=code-{len(self.paths)}\r\nContent-Length: 0"
        return f"HTTP/1.1 302 Found\r\n{headers}\r\n\r\n".encode()

    @property
    def asked(self) -> list[Form]:
        """What each authorization request asked."""
        return [parse_qs(urlsplit(path).query) for path in self.paths if path.startswith("/auth")]


@contextlib.contextmanager
def granting(portal: Portal) -> Iterator[tuple[Tokens, Recorder]]:
    """Tokens of one actor to whom a person grants codes."""
    login = Login(username="zzt", password="env:ZZT")
    flow: dict[str, Any] = {"grant": "authorization_code", "login": login, "redirect_uri": BACK}
    with tokens_of(portal, declared_endpoint=False, **flow) as (tokens, recorder):
        here = f"http://127.0.0.1:{portal.port}"
        portal.metadata = {
            "token_endpoint": f"{here}/token",
            "authorization_endpoint": f"{here}/authorize?x=1",
        }
        yield tokens, recorder


def test_each_code_is_redeemed_with_the_verifier_of_its_own_request() -> None:
    portal = Portal()
    with granting(portal) as (tokens, recorder):
        (one, _), (two, _) = (tokens.authorize("a", AuthorizationRequest(name="x")) for _ in "ab")
        for serial in (two, one):
            tokens.redeem("a", serial, Verifier.OWN)

    redeemed = {form["code"][0]: form["code_verifier"][0] for form in portal.forms}
    assert len(redeemed) == 2
    for asked, verifier in zip(portal.asked, reversed(redeemed.values()), strict=True):
        digest = hashlib.sha256(verifier.encode()).digest()
        assert asked["code_challenge"] == [base64.urlsafe_b64encode(digest).decode().rstrip("=")]
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["redirect_uri"] == [BACK]
    assert not any(code in repr(recorder.session_exchanges) for code in redeemed)


@pytest.mark.parametrize(("verifier", "shown"), [(Verifier.NONE, False), (Verifier.WRONG, True)])
def test_a_code_asked_for_otherwise_says_so_and_nothing_else(
    verifier: Verifier, shown: bool
) -> None:
    portal = Portal()
    plain = AuthorizationRequest(name="plain", challenge=Challenge.PLAIN)
    none = AuthorizationRequest(name="none", challenge=Challenge.NONE, response_type="token")
    with granting(portal) as (tokens, _):
        serial, _ = tokens.authorize("a", plain)
        tokens.authorize("a", none)
        for one in (Verifier.OWN, verifier):
            tokens.redeem("a", serial, one)

    own, other = portal.forms
    assert portal.asked[0]["code_challenge"] == own["code_verifier"]
    assert "code_challenge" not in portal.asked[1]
    assert portal.asked[1]["response_type"] == ["token"]
    assert ("code_verifier" in other) is shown
    assert other.get("code_verifier") != own["code_verifier"]


def test_after_a_code_came_twice_the_persons_tokens_are_asked_for_anew() -> None:
    portal = Portal()
    with granting(portal) as (tokens, _):
        kept = tokens.get("a")
        serial, _ = tokens.authorize("a", AuthorizationRequest(name="x"))
        tokens.redeem("a", serial, Verifier.OWN)
        assert tokens.get("a") is kept
        tokens.redeem("a", serial, Verifier.OWN)
        assert tokens.get("a") is not kept


def test_a_persons_password_is_sent_to_the_token_endpoint_and_written_nowhere() -> None:
    portal = Portal()
    with granting(portal) as (tokens, recorder):
        recorder.redactor.learn("the-persons-own")
        tokens.by_password("a")

    assert portal.forms[0]["grant_type"] == ["password"]
    assert portal.forms[0]["password"] == ["the-persons-own"]
    assert "the-persons-own" not in repr(recorder.session_exchanges)
