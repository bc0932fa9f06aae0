"""The actors' credentials, resolved once; they stay inside the probes, and are taught to the redactor."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from tgv_suite.model.target import (
    ApiKeyAuthentication,
    BasicAuthentication,
    BearerAuthentication,
    CertificateAuthentication,
    OAuth2Authentication,
    SessionAuthentication,
    SignatureAuthentication,
    Target,
    TokenLoginAuthentication,
)
from tgv_suite.noun import noun
from tgv_suite.probes.http import Identity
from tgv_suite.probes.redaction import Redactor
from tgv_suite.probes.signature import Signer


class SecretSource(Protocol):
    """Reads what a manifest refers to."""

    def secret(self, reference: str) -> str:
        """The secret behind ``env:NAME`` or ``file:PATH``."""

    def path(self, reference: str) -> Path:
        """The file behind ``file:PATH``."""


class Hidden:
    """A secret in memory; it can't be printed, compared or serialised by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret, for the one place that must send it."""
        return self._value

    def __repr__(self) -> str:
        return "Hidden(…)"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a secret isn't serialised")


@noun
class OAuthClient:
    """An OAuth 2.0 client with what it proves itself by."""

    declared: OAuth2Authentication
    key: Hidden | None
    secret: Hidden | None
    refresh_token: Hidden | None
    password: Hidden | None = None


@noun
class TokenLogin:
    """A login that answers with a token, and the password that it takes."""

    declared: TokenLoginAuthentication
    password: Hidden


@noun
class PasswordAccount:
    """A name and a password, by HTTP Basic, a login page or a login that answers with a token."""

    username: str
    password: Hidden


@noun
class Credentials:
    """What one actor presents.

    Parameters
    ----------
    header:
        A fixed header, for static tokens, API keys and HTTP Basic.
    signer:
        What signs each request, for who shares a key with the system.
    account:
        The name and the password, for who logs in with them.
    bearer:
        The static bearer token, when the header carries one.
    login:
        The login that answers with a token, when the actor has a password for one.
    client:
        The OAuth 2.0 client, when the actor is one.
    identity:
        The client certificate, when the actor presents one.
    other_authority:
        A certificate of the same subject from another authority, when one was supplied.
    revoked, expired:
        The same subject's certificates that aren't good any more, when they were supplied.
    """

    header: tuple[str, Hidden] | None = None
    account: PasswordAccount | None = None
    signer: Signer | None = None
    bearer: Hidden | None = None
    login: TokenLogin | None = None
    client: OAuthClient | None = None
    identity: Identity | None = None
    other_authority: Identity | None = None
    revoked: Identity | None = None
    expired: Identity | None = None

    @property
    def by_token(self) -> bool:
        """Whether the actor presents a bearer token, whoever issues it."""
        return not (self.bearer is None and self.client is None and self.login is None)

    def revealed(self) -> tuple[str, str] | None:
        """The fixed header, for the one place that must send it."""
        return None if self.header is None else (self.header[0], self.header[1].reveal())


def basic(username: str, password: str) -> str:
    """What HTTP Basic carries of a name and a password (RFC 7617 §2)."""
    return base64.b64encode(f"{username}:{password}".encode()).decode("ascii")


def resolve_all(
    target: Target, source: SecretSource, redactor: Redactor
) -> Mapping[str, Credentials]:
    """Every actor's credentials; each secret is taught to the redactor before it is used.

    Raises
    ------
    SecretUnavailable
        When a secret can't be read.
    """

    def hidden(reference: str | None) -> Hidden | None:
        if reference is None:
            return None
        value = source.secret(reference)
        redactor.learn(value, digests=True)
        return Hidden(value)

    return {
        name: _resolve(actor.authentication, source, redactor, hidden)
        for name, actor in target.actors.items()
    }


def resolve_accounts(
    target: Target, source: SecretSource, redactor: Redactor
) -> Mapping[str, Hidden]:
    """The password of each account that is given up to the tests, taught to the redactor.

    Raises
    ------
    SecretUnavailable
        When one can't be read.
    """
    passwords = {}
    for name, account in (target.accounts.held if target.accounts else {}).items():
        value = source.secret(account.password)
        redactor.learn(value, digests=True)
        passwords[name] = Hidden(value)
    return passwords


def _resolve(
    declared: object,
    source: SecretSource,
    redactor: Redactor,
    hidden: Callable[[str | None], Hidden | None],
) -> Credentials:
    match declared:
        case CertificateAuthentication():
            other = (declared.other_authority_certificate, declared.other_authority_key)
            return Credentials(
                identity=_identity(declared.certificate, declared.key, source),
                other_authority=_identity(*other, source),
                revoked=_identity(declared.revoked_certificate, declared.revoked_key, source),
                expired=_identity(declared.expired_certificate, declared.expired_key, source),
            )
        case OAuth2Authentication():
            client = OAuthClient(
                declared=declared,
                key=hidden(declared.key),
                secret=hidden(declared.secret),
                refresh_token=hidden(declared.refresh_token),
                password=hidden(declared.login.password if declared.login else None),
            )
            identity = _identity(declared.certificate, declared.certificate_key, source)
            return Credentials(client=client, identity=identity)
    return _of_a_secret(declared, redactor, hidden)


def _of_a_secret(
    declared: object, redactor: Redactor, hidden: Callable[[str | None], Hidden | None]
) -> Credentials:
    """The credentials of whoever shares a secret with the system, or has none."""
    match declared:
        case BearerAuthentication(token=reference):
            token = hidden(reference) or Hidden("")
            return Credentials(
                header=("Authorization", Hidden(f"Bearer {token.reveal()}")), bearer=token
            )
        case ApiKeyAuthentication(header=header, key=reference):
            redactor.learn_header(header)
            return Credentials(header=(header, hidden(reference) or Hidden("")))
        case SignatureAuthentication(header=header, secret=reference):
            redactor.learn_header(header)
            return Credentials(signer=Signer(declared, (hidden(reference) or Hidden("")).reveal()))
    return _of_a_password(declared, redactor, hidden)


def _of_a_password(
    declared: object, redactor: Redactor, hidden: Callable[[str | None], Hidden | None]
) -> Credentials:
    """The credentials of whoever has a name and a password, or nothing."""
    match declared:
        case TokenLoginAuthentication(username=username, password=reference):
            password = hidden(reference) or Hidden("")
            return Credentials(
                login=TokenLogin(declared=declared, password=password),
                account=PasswordAccount(username=username, password=password),
            )
        case BasicAuthentication(username=username, password=reference):
            password = hidden(reference) or Hidden("")
            pair = basic(username, password.reveal())
            redactor.learn(pair)
            return Credentials(
                header=("Authorization", Hidden(f"Basic {pair}")),
                account=PasswordAccount(username=username, password=password),
            )
        case SessionAuthentication(username=username, password=reference):
            password = hidden(reference) or Hidden("")
            return Credentials(account=PasswordAccount(username=username, password=password))
    return Credentials()


def _identity(certificate: str | None, key: str | None, source: SecretSource) -> Identity | None:
    if certificate is None or key is None:
        return None
    return Identity(certificate=source.path(certificate), key=source.path(key))
