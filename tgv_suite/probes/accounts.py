"""The accounts that are given up to the tests: signing in, and setting a password."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from tgv_suite.model.accounts import Account, Accounts, PasswordReset
from tgv_suite.model.comparison import stripped
from tgv_suite.model.facts import Failure
from tgv_suite.model.json_tree import parsed
from tgv_suite.model.passwords import (
    SHORT,
    Password,
    PasswordAttempt,
    PasswordFact,
    ResetFact,
    Shown,
    SignInFact,
    common,
)
from tgv_suite.model.target import Operation, Target
from tgv_suite.model.variant import Variant
from tgv_suite.noun import noun
from tgv_suite.probes import token_login
from tgv_suite.probes.credentials import Hidden
from tgv_suite.probes.http import Raw
from tgv_suite.probes.mailbox import Mailbox
from tgv_suite.probes.recorder import Recorder
from tgv_suite.probes.template import fill

NOBODY = "nobody"
_CURRENT = "{current_password}"
_PAIR = re.compile(r"(?:^|(?<=[?&]))[^?&=]+=\{current_password\}(?:&|$)")
_LONGEST_BODY, _LONGEST_TEXT = 20_000, 50_000
_Values = Sequence[tuple[str, str]]


@noun
class _Session:
    """What a request presents once somebody has signed in; how the sign-in was answered."""

    header: tuple[str, str] | None
    raw: Raw


class Holders:
    """The holders of the accounts, who sign in and set their passwords.

    Nothing of what they send or are answered is kept: it holds passwords and codes.

    Parameters
    ----------
    target, passwords, recorder:
        Whose accounts, their passwords, and what sends.
    mailbox:
        Where the system sends its mail, when the manifest says it.
    """

    def __init__(
        self,
        target: Target,
        passwords: Mapping[str, Hidden],
        recorder: Recorder,
        mailbox: Mailbox | None,
    ) -> None:
        self._target = target
        self._declared = target.accounts or Accounts()
        self._recorder = recorder
        self._mailbox = mailbox
        self._own = passwords
        self._made: dict[Password, Hidden] = {}
        self._held = dict(passwords)
        self._codes: dict[str, Hidden] = {}

    def sign_in(self, name: str, password: Password) -> SignInFact:
        """Sign in, and read what only the account's holder sees; a password that opens is theirs."""
        account, value = self._declared.held[name], self._value(name, password)
        session = self._session(account, value)
        raw = session.raw
        if session.header is not None:
            raw = self._send(account.reading, account, (), session.header)
        marks = self._target.objects[account.object].canaries
        shown = raw.body.decode("utf-8", "replace")
        opened = raw.status in range(200, 300) and any(mark in shown for mark in marks)
        if opened:
            self._held[name] = value
        return SignInFact(
            account=name,
            password=password,
            opened=opened,
            status=raw.status,
            failure=raw.failure,
            detail=raw.detail,
        )

    def ask_reset(self, reset: PasswordReset, *, known: bool) -> ResetFact:
        """Ask for a reset in the account's name or in a name that nobody has, and await the mail."""
        account = self._declared.held[reset.account]
        asked = account if known else _stranger_like(account)
        address = asked.address or ""
        listening = self._mailbox is not None and bool(address) and self._mailbox.listen(address)
        before = self._mailbox.count(address) if self._mailbox is not None else 0
        raw = self._send(reset.ask, asked, ())
        mail = None
        if known and listening and self._mailbox is not None and raw.status is not None:
            mail = self._mailbox.next(address, before, reset.delay_s)
        code = _code(reset, mail or "")
        if code is not None:
            self._recorder.redactor.learn(code)
            self._codes[reset.account] = Hidden(code)
        said = raw.body.decode("utf-8", "replace")
        everything = "\n".join([said, *(value for _, value in raw.headers)])
        for name in (asked.username, address):
            said = stripped(said, name) if name else said
        return ResetFact(
            account=reset.account if known else NOBODY,
            status=raw.status,
            failure=raw.failure,
            detail=raw.detail,
            cookies=_cookies(raw),
            body=self._recorder.redactor.body(said[:_LONGEST_BODY]),
            listening=listening,
            mailed=code is not None,
            told=code is not None and code in everything,
        )

    def complete_reset(self, reset: PasswordReset, password: Password) -> PasswordFact:
        """Set a password by the code that the last mail brought."""
        account, code = self._declared.held[reset.account], self._codes.get(reset.account)
        raw = Raw(failure=Failure.NO_CREDENTIAL, detail="no code came")
        if code is not None:
            new = self._value(reset.account, password).reveal()
            raw = self._send(
                reset.complete, account, (("code", code.reveal()), ("new_password", new))
            )
        return _set(reset.account, "code", password, raw)

    def change(self, attempt: PasswordAttempt) -> PasswordFact:
        """Set a password as somebody who has signed in."""
        name, shown, other = attempt.account, attempt.shown, attempt.other
        account, declared = self._declared.held[name], self._declared.change
        session = self._session(account, self._held[name])
        if declared is None or session.header is None:
            return _set(name, shown.value, attempt.password, session.raw)
        own = shown is Shown.CURRENT
        current = self._held[name] if own else self._value(name, Password.WRONG)
        values = (
            ("current_password", current.reveal()),
            ("new_password", self._value(name, attempt.password).reveal()),
        )
        operation = self._target.operations[declared.operation]
        if shown is Shown.NONE:
            operation = _without_current(operation)
        named, variant = account, None
        if other is not None:
            others = self._declared.held[other]
            named = replace(account, username=others.username, address=others.address)
            variant = _naming(operation, named)
        raw = self._send(
            declared.operation, named, values, session.header, operation=operation, variant=variant
        )
        return _set(name, shown.value, attempt.password, raw)

    def _session(self, account: Account, password: Hidden) -> _Session:
        """Sign in: a token where the manifest says how to obtain one, else HTTP Basic (RFC 7617)."""
        if account.sign_in is None:
            pair = f"{account.username}:{password.reveal()}"
            encoded = base64.b64encode(pair.encode()).decode("ascii")
            self._recorder.redactor.learn(encoded)
            return _Session(header=("Authorization", f"Basic {encoded}"), raw=Raw())
        raw = self._send(account.sign_in.operation, account, (("password", password.reveal()),))
        token = token_login.token_in(parsed(raw.body), account.sign_in.token)
        if token is None or raw.status not in range(200, 300):
            return _Session(header=None, raw=raw)
        self._recorder.redactor.learn(token)
        return _Session(header=("Authorization", f"Bearer {token}"), raw=raw)

    def _send(
        self,
        operation_id: str,
        account: Account,
        values: _Values,
        header: tuple[str, str] | None = None,
        *,
        operation: Operation | None = None,
        variant: Variant | None = None,
    ) -> Raw:
        """Send a request about an account, unless it is among those that are never sent."""
        filling = (("username", account.username), ("address", account.address or ""), *values)
        operation = operation or self._target.operations[operation_id]
        filled = fill(self._target, operation, account.object, variant, filling)
        if self._target.scope.forbids(operation_id, filled.method, filled.path):
            return Raw(failure=Failure.OUT_OF_SCOPE, detail="never_call")
        base = getattr(self._target.services[operation.service], "url", "").rstrip("/")
        headers = (*filled.headers, *((header,) if header else ()))
        return self._recorder.send_unrecorded(
            filled.method, base + filled.path, headers, filled.body
        )

    def _value(self, name: str, password: Password) -> Hidden:
        """A password of an account; those that aren't widespread are made once a run, and learnt."""
        if password is Password.OWN:
            return self._own[name]
        if password is Password.HELD:
            return self._held[name]
        if password is Password.SHORT:
            return Hidden(SHORT)
        if password is Password.COMMON:
            declared = self._declared.change
            return Hidden(common(declared.shortest if declared is not None else 0))
        if password not in self._made:
            value = f"Zz9!{secrets.token_urlsafe(12)}"
            self._recorder.redactor.learn(value)
            self._made[password] = Hidden(value)
        return self._made[password]


def _set(name: str, shown: str, password: Password, raw: Raw) -> PasswordFact:
    return PasswordFact(
        account=name,
        shown=shown,
        password=password,
        status=raw.status,
        failure=raw.failure,
        detail=raw.detail,
    )


def _stranger_like(account: Account) -> Account:
    """An account that nobody has, whose name and address look like another's."""
    name = f"zzt{secrets.token_hex(4)}"
    domain = (account.address or "").partition("@")[2]
    address = f"{name}@{domain}" if domain else None
    by_address = account.username == account.address
    return replace(account, username=address or name if by_address else name, address=address)


def _code(reset: PasswordReset, text: str) -> str | None:
    """The code that a mail brings, when it does."""
    found = re.search(reset.code, text[:_LONGEST_TEXT])
    return found[1] if found is not None and found[1] else None


def _cookies(raw: Raw) -> tuple[str, ...]:
    """The names of the cookies that an answer sets."""
    names: set[str] = set()
    for name, value in raw.headers:
        if name.lower() == "set-cookie":
            names.add(value.partition("=")[0].strip()[:60])
    return tuple(sorted(names))


def _without_current(operation: Operation) -> Operation:
    """The request without the current password, nor the field that would carry it."""
    headers = {name: value for name, value in operation.headers.items() if _CURRENT not in value}
    path = _PAIR.sub("", operation.path).rstrip("?&")
    return replace(operation, path=path, headers=headers, body=_bare(operation.body))


def _bare(body: JsonValue) -> JsonValue:
    if isinstance(body, dict):
        return {key: _bare(value) for key, value in body.items() if value != _CURRENT}
    return _PAIR.sub("", body).rstrip("&") if isinstance(body, str) else body


def _naming(operation: Operation, named: Account) -> Variant | None:
    """How a request names an account where its template has no place for a name."""
    template = f"{operation.path} {json.dumps(operation.body)} {operation.headers}"
    if "{username}" in template or "{address}" in template:
        return None
    if isinstance(operation.body, dict):
        return Variant(name="another", fields=(("username", named.username),))
    return Variant(name="another", query=(("username", named.username),))
