"""OAuth 2.0 as a client: metadata, access tokens by every method of ours, revocation, renewal."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import math
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from pydantic import JsonValue

from tgv_suite.model.authorization import AuthorizationRequest, Challenge, Verifier
from tgv_suite.model.credential import ClientProof
from tgv_suite.model.facts import TokenFormat
from tgv_suite.model.json_tree import parsed
from tgv_suite.model.target import Login, OAuth2Authentication, OAuth2Service, Target
from tgv_suite.model.well_known import metadata_urls
from tgv_suite.noun import noun
from tgv_suite.probes import token_login
from tgv_suite.probes.credentials import Credentials, Hidden, OAuthClient, TokenLogin
from tgv_suite.probes.http import Identity, Impostor, Raw
from tgv_suite.probes.impostor import impostor_of
from tgv_suite.probes.login import Arrival, Person, Visitor
from tgv_suite.probes.recorder import Recorder

EARLY_S = 20.0
_LONGEST_S = 10**9


@noun
class Token:
    """An access token, or why there is none.

    Parameters
    ----------
    value, refresh, id_token:
        The tokens.
    spent:
        The refresh token that ``refresh`` took the place of.
    expires_at:
        On the monotonic clock, in seconds.
    failure:
        Why there is none.
    """

    value: Hidden | None = None
    refresh: Hidden | None = None
    id_token: Hidden | None = None
    spent: Hidden | None = None
    expires_at: float | None = None
    expires_in_s: int | None = None
    scopes: tuple[str, ...] | None = None
    failure: str | None = None

    @property
    def fresh(self) -> bool:
        """Whether it may still be presented."""
        return self.value is not None and (
            self.expires_at is None or time.monotonic() < self.expires_at - EARLY_S
        )

    @property
    def parts(self) -> tuple[dict[str, JsonValue], dict[str, JsonValue]] | None:
        """The header and the claims of a JWT (RFC 7519), or None when it isn't one."""
        pieces = self.value.reveal().split(".") if self.value else []
        if len(pieces) != 3:
            return None
        try:
            header, claims = (json.loads(_decode(piece)) for piece in pieces[:2])
        except (ValueError, RecursionError):
            return None
        return (header, claims) if isinstance(header, dict) and isinstance(claims, dict) else None

    @property
    def lifetime_s(self) -> int | None:
        """How long it lasts, in seconds; a JWT says so itself, whatever our clock."""
        claims = self.parts[1] if self.parts else {}
        first, last = claims.get("iat"), claims.get("exp")
        if isinstance(first, int | float) and isinstance(last, int | float):
            return max(0, math.ceil(last - first))
        return self.expires_in_s

    @property
    def audience(self) -> tuple[str, ...]:
        """For whom a JWT says that it is (RFC 7519 §4.1.3)."""
        named = self.parts[1].get("aud") if self.parts else None
        several = named if isinstance(named, list) else [named]
        return tuple(one[:200] for one in several[:10] if isinstance(one, str))

    @property
    def format(self) -> TokenFormat | None:
        """What it looks like."""
        if self.value is None:
            return None
        return TokenFormat.JWT if self.parts else TokenFormat.OPAQUE


@noun
class _Code:
    """A code that was granted, and what its redemption has to show."""

    value: Hidden
    verifier: Hidden
    redirect_uri: str


class Tokens:
    """Every actor's tokens, obtained when first needed and shared by the checks.

    Parameters
    ----------
    target, credentials, recorder:
        Whose tokens, by what proof, through which recorder.
    """

    def __init__(
        self, target: Target, credentials: Mapping[str, Credentials], recorder: Recorder
    ) -> None:
        self._target = target
        self._credentials = credentials
        self._recorder = recorder
        self._tokens: dict[tuple[str, str], Token] = {}
        self._metadata: dict[str, Mapping[str, JsonValue]] = {}
        self._keys: dict[str, list[dict[str, JsonValue]]] = {}
        self._assertions: dict[str, str] = {}
        self._codes: dict[int, _Code] = {}
        self._serials = itertools.count(1)
        self._redeemed: set[int] = set()
        self._visitors: dict[str, Visitor] = {}
        self._newest: dict[str, Hidden] = {}
        self._lock = threading.Lock()
        self._locks: dict[tuple[str, str], threading.Lock] = {}

    def get(self, actor: str, name: str = "shared") -> Token:
        """An actor's token; ``name`` tells apart those that a check spends."""
        credentials = self._credentials[actor]
        if credentials.bearer is not None:
            return Token(value=credentials.bearer)
        if not credentials.by_token:
            return Token(failure="no token: the actor authenticates otherwise")
        with self._lock_of(actor, credentials.client, name):
            token = self._tokens.get((actor, name))
            if token is None or not (token.fresh or name != "shared"):
                token = self._obtain(actor, credentials)
                self._tokens[actor, name] = token
            return token

    def _lock_of(self, actor: str, client: OAuthClient | None, name: str) -> threading.Lock:
        """One at a time for each token; for each actor where tokens come of one another."""
        chained = client is not None and client.declared.grant == "refresh_token"
        whose = (actor, "" if chained else name)
        with self._lock:
            return self._locks.setdefault(whose, threading.Lock())

    def published_key(self, actor: str) -> Mapping[str, JsonValue] | None:
        """The public key by which an actor's JWT is verified, as its issuer publishes it.

        It is the one of the token's ``kid`` at the ``jwks_uri`` of the issuer's metadata (RFC 8414
        §2, RFC 7517 §5), or the first for signatures when the token names none.
        """
        parts, issuer = self.get(actor).parts, self._issuer_of(actor)
        if parts is None or issuer is None:
            return None
        named = parts[0].get("kid")
        for key in self._published(issuer):
            signs = key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC", "OKP")
            if signs and named in (None, key.get("kid")):
                return key
        return None

    def signing_keys(self, actor: str) -> list[dict[str, JsonValue]]:
        """Every key for signatures that the issuer of an actor's token publishes."""
        issuer = self._issuer_of(actor)
        published = [] if issuer is None else self._published(issuer)
        return [key for key in published if key.get("use", "sig") == "sig"]

    def _issuer_of(self, actor: str) -> OAuth2Service | None:
        """The declared service that issued an actor's token: its own, else the one that it names."""
        client = self._credentials[actor].client
        if client is not None:
            return self._service(client.declared)
        parts = self.get(actor).parts
        named = str(parts[1].get("iss")) if parts else ""
        services = (s for s in self._target.services.values() if isinstance(s, OAuth2Service))
        return next((s for s in services if s.url.rstrip("/") == named.rstrip("/")), None)

    def _published(self, issuer: OAuth2Service) -> list[dict[str, JsonValue]]:
        """The keys of an issuer, asked for once."""
        with self._lock:
            keys = self._keys.get(issuer.url)
        if keys is None:
            address = self._endpoint(issuer, "jwks_uri")
            sent = self._recorder.send_unjudged("GET", address) if address else Raw()
            listed = answered(sent).get("keys")
            keys = [k for k in listed if isinstance(k, dict)] if isinstance(listed, list) else []
            with self._lock:
                self._keys[issuer.url] = keys
        return keys

    def revoke(self, actor: str, name: str, kind: str) -> Raw:
        """Ask for an ``access`` or ``refresh`` token's revocation (RFC 7009)."""
        credentials, token = self._credentials[actor], self.get(actor, name)
        handle = token.refresh if kind == "refresh" else token.value
        if credentials.client is None or handle is None:
            return Raw(detail="no such token")
        service = self._service(credentials.client.declared)
        endpoint = service.revocation_endpoint or self._endpoint(service, "revocation_endpoint")
        form = {"token": handle.reveal(), "token_type_hint": f"{kind}_token"}
        if kind == "refresh":
            self._newest.pop(actor, None)
        return self._post(endpoint, form, credentials.client, credentials.identity)

    def renew(self, actor: str, name: str) -> Raw:
        """Use the refresh token that came with an actor's token (RFC 6749 §6)."""
        return self.ask(actor, ClientProof.OWN, name)

    def ask(
        self, actor: str, proof: ClientProof, renewing: str | None, *, spent: bool = False
    ) -> Raw:
        """Ask for a token that isn't kept: a renewal, or by client_credentials.

        What a renewal brings in place of the refresh token is kept, since the old one may be spent.
        """
        client, identity = self._credentials[actor].client, self._credentials[actor].identity
        if client is None:
            return Raw(detail="not an OAuth 2.0 client")
        if renewing is None:
            form = {"grant_type": "client_credentials"}
            if client.declared.scope:
                form["scope"] = client.declared.scope
            return self._post(self._token_endpoint(client.declared), form, client, identity, proof)
        token = self.get(actor, renewing)
        if token.refresh is None:
            return Raw(detail=token.failure or "no refresh token")
        used = (spent and token.spent) or token.refresh
        form = {"grant_type": "refresh_token", "refresh_token": used.reveal()}
        raw = self._post(self._token_endpoint(client.declared), form, client, identity, proof)
        renewed = self._issued(raw, client)
        if renewed.refresh is not None and renewed.refresh is not client.refresh_token:
            self._newest[actor] = renewed.refresh
            self._tokens[actor, renewing] = replace(token, refresh=renewed.refresh, spent=used)
        return raw

    def authorize(self, actor: str, request: AuthorizationRequest) -> tuple[int, Arrival]:
        """Send a person's browser to the authorization endpoint, and keep the code that it brings.

        Returns the request's number in the run, by which its code is redeemed, and where it led.
        """
        serial = next(self._serials)
        client = self._credentials[actor].client
        if client is None or client.declared.login is None or client.password is None:
            return serial, Arrival(detail="no login is declared")
        declared, login = client.declared, client.declared.login
        service = self._service(declared)
        named = "authorization_endpoint"
        endpoint = service.authorization_endpoint or self._endpoint(service, named)
        if endpoint is None:
            return serial, Arrival(detail="the endpoint is neither declared nor in the metadata")
        verifier, target = secrets.token_urlsafe(48), request.redirect_uri or declared.redirect_uri
        asked = {
            "response_type": request.response_type,
            "client_id": declared.client_id,
            "redirect_uri": target or "",
            "state": secrets.token_urlsafe(12),
            **({"scope": declared.scope} if declared.scope else {}),
            **_challenge(request.challenge, verifier),
        }
        url = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"
        with self._lock_of(actor, client, "login"):
            arrival = self._visitor(actor, login, client.password).walk(
                url, lambda to: to.startswith(target or "") or bool(_brought(to))
            )
        code = _brought(arrival.location or "").get("code")
        if code:
            self._recorder.redactor.learn(code)
            self._codes[serial] = _Code(
                value=Hidden(code), verifier=Hidden(verifier), redirect_uri=target or ""
            )
        return serial, arrival

    def _visitor(self, actor: str, login: Login, password: Hidden) -> Visitor:
        """An actor's browser, kept for the run so that they log in once where once is enough."""
        if actor not in self._visitors:
            person = Person(
                username=login.username,
                password=password,
                username_field=login.username_field,
                password_field=login.password_field,
            )
            self._visitors[actor] = Visitor(self._recorder.send_unrecorded, person)
        return self._visitors[actor]

    def redeem(self, actor: str, serial: int, verifier: Verifier) -> Raw:
        """Redeem the code that a request brought (RFC 6749 §4.1.3).

        A code that comes twice may cost the person every token of that client (RFC 6749 §4.1.2):
        those that are kept are asked for anew.
        """
        if serial in self._redeemed:
            self._forget(actor)
        self._redeemed.add(serial)
        client, code = self._credentials[actor].client, self._codes.get(serial)
        if client is None or code is None:
            return Raw(detail="no code")
        form = {
            "grant_type": "authorization_code",
            "code": code.value.reveal(),
            "redirect_uri": code.redirect_uri,
        }
        if verifier is not Verifier.NONE:
            own = verifier is Verifier.OWN
            form["code_verifier"] = code.verifier.reveal() if own else secrets.token_urlsafe(48)
        identity = self._credentials[actor].identity
        return self._post(self._token_endpoint(client.declared), form, client, identity)

    def _forget(self, actor: str) -> None:
        """Keep none of an actor's tokens."""
        with self._lock:
            self._tokens = {held: t for held, t in self._tokens.items() if held[0] != actor}

    def by_password(self, actor: str) -> Raw:
        """Ask for a token with a person's password (RFC 6749 §4.3)."""
        client = self._credentials[actor].client
        if client is None or client.declared.login is None or client.password is None:
            return Raw(detail="no login is declared")
        form = {
            "grant_type": "password",
            "username": client.declared.login.username,
            "password": client.password.reveal(),
        }
        if client.declared.scope:
            form["scope"] = client.declared.scope
        identity = self._credentials[actor].identity
        return self._post(self._token_endpoint(client.declared), form, client, identity)

    def _obtain(self, actor: str, credentials: Credentials) -> Token:
        if credentials.login is not None:
            return self._logged_in(credentials.login)
        client, identity = credentials.client, credentials.identity
        if client is None:
            raise TypeError(f"{actor} is not an OAuth 2.0 client")
        declared = client.declared
        if declared.grant == "authorization_code":
            serial, arrival = self.authorize(actor, AuthorizationRequest(name="token"))
            if serial not in self._codes:
                return Token(
                    failure=f"no code ({arrival.detail or arrival.failure or arrival.status})"
                )
            return self._issued(self.redeem(actor, serial, Verifier.OWN), client)
        form: dict[str, str] = {"grant_type": declared.grant}
        if declared.scope:
            form["scope"] = declared.scope
        if declared.grant == "refresh_token" and client.refresh_token is not None:
            form["refresh_token"] = self._newest.get(actor, client.refresh_token).reveal()
        raw = self._post(self._token_endpoint(declared), form, client, identity)
        token = self._issued(raw, client)
        if token.value is not None and token.refresh is not None:
            self._newest[actor] = token.refresh
        return token

    def _logged_in(self, login: TokenLogin) -> Token:
        """The token that the system's own login answers with."""
        service = self._target.services[login.declared.service]
        raw = self._recorder.send_unjudged(
            "POST",
            token_login.address(service, login),
            headers=[("Content-Type", "application/json")],
            body=token_login.body(login),
        )
        value = token_login.token_in(answered(raw), login.declared.token)
        if value is None:
            return Token(failure=f"no token at the login ({raw.failure or raw.status})")
        self._recorder.redactor.learn(value)
        token = Token(value=Hidden(value))
        lasts = token.lifetime_s or login.declared.token_lifetime_s
        return replace(token, expires_at=None if lasts is None else time.monotonic() + lasts)

    def _issued(self, raw: Raw, client: OAuthClient) -> Token:
        content = answered(raw)
        value = content.get("access_token")
        if not isinstance(value, str) or not value:
            error = content.get("error")
            said = f" ({error})" if isinstance(error, str) and len(error) < 60 else ""
            said = self._recorder.redactor.text(said)
            return Token(failure=f"{raw.failure or raw.status}{said}")
        self._recorder.redactor.learn(value)
        refresh = content.get("refresh_token")
        if isinstance(refresh, str):
            self._recorder.redactor.learn(refresh)
        identity = content.get("id_token")
        if isinstance(identity, str):
            self._recorder.redactor.learn(identity)
        seconds = _seconds(content.get("expires_in"))
        return Token(
            value=Hidden(value),
            refresh=Hidden(refresh) if isinstance(refresh, str) else client.refresh_token,
            id_token=Hidden(identity) if isinstance(identity, str) else None,
            expires_at=None if seconds is None else time.monotonic() + seconds,
            expires_in_s=seconds,
            scopes=_scopes(content.get("scope"), client.declared.scope),
        )

    def _post(
        self,
        endpoint: str | None,
        form: dict[str, str],
        client: OAuthClient,
        identity: Identity | None,
        proof: ClientProof = ClientProof.OWN,
    ) -> Raw:
        if endpoint is None:
            return Raw(detail="the endpoint is neither declared nor in the metadata")
        headers = [("Content-Type", "application/x-www-form-urlencoded")]
        shown: Identity | Impostor | None = identity
        if proof is ClientProof.FOREIGN:
            client = _forging(client)
            shown = impostor_of(identity.certificate.read_bytes()) if identity else None
        if proof is ClientProof.NONE:
            form, shown = {**form, "client_id": client.declared.client_id}, None
        else:
            form = {**form, **self._proof(endpoint, client, repeated=proof is ClientProof.REPEATED)}
            if client.declared.method == "client_secret_basic" and client.secret is not None:
                headers.append(("Authorization", f"Basic {self._basic(client)}"))
        body = urlencode(form).encode("ascii")
        return self._recorder.send_unjudged(
            "POST",
            endpoint,
            headers=headers,
            body=body,
            identity=shown,
            wrong_certificate=identity is not None and shown is not identity,
        )

    def _proof(self, endpoint: str, client: OAuthClient, *, repeated: bool) -> dict[str, str]:
        """The form fields by which the client proves itself, or proved itself before."""
        declared = client.declared
        match declared.method:
            case "private_key_jwt" if client.key is not None:
                fresh = client_assertion(declared, client.key, endpoint)
                assertion = self._assertions.get(declared.client_id, fresh) if repeated else fresh
                self._assertions[declared.client_id] = assertion
                self._recorder.redactor.learn(assertion)
                kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                return {"client_assertion_type": kind, "client_assertion": assertion}
            case "client_secret_post" if client.secret is not None:
                return {"client_id": declared.client_id, "client_secret": client.secret.reveal()}
            case "client_secret_basic":
                return {}
            case _:
                return {"client_id": declared.client_id}

    def _basic(self, client: OAuthClient) -> str:
        secret = client.secret.reveal() if client.secret else ""
        pair = f"{quote(client.declared.client_id, safe='')}:{quote(secret, safe='')}"
        encoded = base64.b64encode(pair.encode()).decode("ascii")
        self._recorder.redactor.learn(encoded)
        return encoded

    def _service(self, declared: OAuth2Authentication) -> OAuth2Service:
        service = self._target.services[declared.service]
        if not isinstance(service, OAuth2Service):
            raise TypeError(f"{declared.service} is not an OAuth 2.0 service")
        return service

    def _token_endpoint(self, declared: OAuth2Authentication) -> str | None:
        service = self._service(declared)
        return service.token_endpoint or self._endpoint(service, "token_endpoint")

    def _endpoint(self, service: OAuth2Service, name: str) -> str | None:
        with self._lock:
            metadata = self._metadata.get(service.url)
        if metadata is None:
            metadata = self._discover(service.url)
            if metadata:
                with self._lock:
                    self._metadata[service.url] = metadata
        value = metadata.get(name)
        return value if isinstance(value, str) else None

    def _discover(self, issuer: str) -> Mapping[str, JsonValue]:
        """The server's metadata (RFC 8414 §3, else OpenID Connect Discovery 1.0 §4)."""
        for url in metadata_urls(issuer):
            content = answered(self._recorder.send_unjudged("GET", url))
            if "token_endpoint" in content:
                return content
        return {}


def _challenge(challenge: Challenge, verifier: str) -> dict[str, str]:
    """What an authorization request says of its verifier (RFC 7636 §4.2)."""
    if challenge is Challenge.NONE:
        return {}
    digest = hashlib.sha256(verifier.encode()).digest()
    hashed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    said = hashed if challenge is Challenge.S256 else verifier
    return {"code_challenge": said, "code_challenge_method": challenge.value}


def _brought(location: str) -> dict[str, str]:
    """What a redirect brings of an authorization response (RFC 6749 §4.1.2, §4.2.2)."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return {}
    told = dict([*parse_qsl(parts.query), *parse_qsl(parts.fragment)])
    return {name: told[name] for name in ("code", "access_token", "error") if name in told}


def arrived(arrival: Arrival) -> tuple[str | None, Mapping[str, str]]:
    """Where the browser was sent away to, without query and fragment, and what the redirect brought."""
    if arrival.location is None:
        return None, {}
    return re.split(r"[?#]", arrival.location)[0], _brought(arrival.location)


def _forging(client: OAuthClient) -> OAuthClient:
    """The same client with a key and a secret of ours, which the server never had."""
    return replace(
        client,
        key=None if client.key is None else Hidden(_another_key(client.key.reveal())),
        secret=None if client.secret is None else Hidden(secrets.token_urlsafe(24)),
    )


def _another_key(pem: str) -> str:
    """A new private key in PEM, of the same kind as another."""
    like = load_pem_private_key(pem.encode(), password=None)
    new: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    if isinstance(like, ec.EllipticCurvePrivateKey):
        new = ec.generate_private_key(like.curve)
    elif isinstance(like, ed25519.Ed25519PrivateKey):
        new = ed25519.Ed25519PrivateKey.generate()
    else:
        new = rsa.generate_private_key(65537, 2048)
    return new.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def client_assertion(declared: OAuth2Authentication, key: Hidden, audience: str) -> str:
    """A client's signed assertion (RFC 7523 §2.2), good for one minute."""
    now = int(time.time())
    jwk, algorithm = signing_key(key.reveal())
    header = {"alg": algorithm, "typ": "JWT"}
    if declared.key_id is not None:
        header["kid"] = declared.key_id
    claims = {
        "iss": declared.client_id,
        "sub": declared.client_id,
        "aud": audience,
        "iat": now,
        "exp": now + 60,
        "jti": secrets.token_urlsafe(16),
    }
    return jwt.encode(header, claims, jwk, algorithms=[algorithm])


def signing_key(pem: str) -> tuple[RSAKey | ECKey | OKPKey, str]:
    """A private key in PEM as a JWK, and the algorithm that suits it (RFC 7518 §3.1)."""
    key = load_pem_private_key(pem.encode(), password=None)
    if isinstance(key, rsa.RSAPrivateKey):
        return RSAKey.import_key(pem), "RS256"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        algorithm = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
        return ECKey.import_key(pem), algorithm[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return OKPKey.import_key(pem), "EdDSA"
    raise TypeError("unsupported private key")


def answered(raw: Raw) -> dict[str, JsonValue]:
    """A JSON object that was answered, or an empty one."""
    content = parsed(raw.body)
    return content if isinstance(content, dict) else {}


def _seconds(lasts: JsonValue) -> int | None:
    """A token's lifetime (RFC 6749 §5.1): a number, which some servers write as a string."""
    if isinstance(lasts, str) and re.fullmatch(r"[0-9]{1,9}", lasts):
        return int(lasts)
    number = isinstance(lasts, int | float) and not isinstance(lasts, bool)
    return int(lasts) if number and 0 <= lasts <= _LONGEST_S else None  # type: ignore[operator,arg-type]


def _decode(piece: str) -> bytes:
    return base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))


def _scopes(granted: object, asked: str | None) -> tuple[str, ...] | None:
    """The granted scopes: those that the answer names, else those asked for (RFC 6749 §5.1)."""
    said = granted if isinstance(granted, str) else asked
    return None if said is None else tuple(name[:60] for name in said.split()[:50])
