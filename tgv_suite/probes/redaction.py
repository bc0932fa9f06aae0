"""Redaction before disk: secrets, and personal values of anybody but the run's synthetic people.

A value is replaced by a mark derived with a key of this run (equal values, equal marks). The key
exists only in this object, and goes with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import quote, quote_plus

from pydantic import JsonValue

from tgv_suite import nam

_JWT: Final = re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*)?")
_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_EMAIL: Final = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_PHONE: Final = re.compile(r"(?<![\d-])(?:\+?1[ .-])?\(?\d{3}\)?[ .-]\d{3}-\d{4}(?![\d-])")
_NAS: Final = re.compile(r"(?<![\w.-])\d{3}[ -]\d{3}[ -]\d{3}(?![\w.-])")
_SECRET_KEYS: Final = frozenset(
    "access_token refresh_token id_token client_secret client_assertion assertion password passwd "
    "secret api_key apikey code_verifier device_code private_key session_id".split()
)
_SECRET_PAIR: Final = re.compile(
    rf"(?i)(?<![\w])({'|'.join(sorted(_SECRET_KEYS))})=([^&\s\"'<>]+)"
)
_SECRET_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "dpop"}
)
_PERSONAL_KEYS: Final = frozenset(
    "family given birthdate birth_date date_naissance dob first_name last_name given_name "
    "family_name firstname lastname prenom nom nom_famille nam niu nas sin address adresse "
    "postalcode postal_code code_postal phone telephone email courriel mobile".split()
)
_MARK: Final = re.compile(r"\[(?:secret|personal|nam|nas|email|phone):[0-9a-f]{12}\]")


class Redactor:
    """Finds and replaces what must not be kept.

    Parameters
    ----------
    synthetic:
        Every value of the run's own synthetic people, which may stand in clear.
    """

    def __init__(self, synthetic: Iterable[str]) -> None:
        self._key = secrets.token_bytes(32)
        self._synthetic = {value.casefold() for value in synthetic if value}
        self._synthetic |= {nam.normal(value).casefold() for value in synthetic if value}
        self._secrets: tuple[str, ...] = ()
        self._headers = set(_SECRET_HEADERS)
        self._lock = threading.Lock()
        self.real_nam_seen = False

    def learn(self, secret: str) -> None:
        """Remember a secret of the run, in every form in which it may come back.

        A JSON Web Token is known by its shape, and needs no remembering.
        """
        if len(secret) < 4 or _JWT.fullmatch(secret):
            return
        forms = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
        forms.add(base64.b64encode(secret.encode()).decode().rstrip("="))
        forms.add(base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="))
        with self._lock:
            known = forms.union(self._secrets)
            self._secrets = tuple(sorted(known, key=len, reverse=True))

    def learn_header(self, name: str) -> None:
        """Remember that a header's value is a secret."""
        self._headers.add(name.lower())

    def mark(self, kind: str, value: str) -> str:
        """The mark that stands for a value in this run."""
        digest = hmac.new(self._key, value.casefold().encode(), hashlib.sha256).hexdigest()
        return f"[{kind}:{digest[:12]}]"

    def header(self, name: str, value: str) -> str:
        """A header's value as it may be kept; an authentication scheme stays readable."""
        if name.lower() not in self._headers:
            return self.text(value)
        scheme, _, rest = value.partition(" ")
        if rest and name.lower().endswith("authorization"):
            return f"{self.text(scheme)} {self.mark('secret', rest)}"
        return self.mark("secret", value)

    def text(self, text: str) -> str:
        """A text as it may be kept."""
        return self._replace(text, self.mark)

    def json(self, value: JsonValue) -> JsonValue:
        """A JSON value as it may be kept: what keys call secret or personal is, whatever its form."""
        if isinstance(value, dict):
            return {self.text(key): self._field(key, item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.json(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def body(self, text: str) -> str:
        """A body as it may be kept: by its structure when it is JSON, else as text."""
        if text.lstrip()[:1] in ("{", "["):
            try:
                content = json.loads(text)
            except (ValueError, RecursionError):
                return self.text(text)
            kept = self.json(content)
            if kept != content:
                return json.dumps(kept, ensure_ascii=False)
        return self.text(text)

    def strings(self, value: JsonValue) -> JsonValue:
        """A JSON value with each of its strings as it may be kept; keys mean nothing here."""
        if isinstance(value, dict):
            return {key: self.strings(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.strings(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def leaks(self, text: str) -> frozenset[str]:
        """The kinds of things that still stand in a text and must not; for the gate at sealing."""
        found: set[str] = set()

        def note(kind: str, value: str) -> str:
            found.add(kind)
            return value

        self._replace(text, note)
        return frozenset(found)

    def _field(self, key: str, value: JsonValue) -> JsonValue:
        name = key.casefold()
        if isinstance(value, str) and value and not _MARK.fullmatch(value):
            if name in _SECRET_KEYS:
                return self.mark("secret", value)
            if name in _PERSONAL_KEYS and value.casefold() not in self._synthetic:
                self.text(value)  # a real NAM is noticed even where the key alone would hide it
                return self.mark("personal", value)
        if isinstance(value, list) and name in _PERSONAL_KEYS:
            return [self._field(key, item) for item in value]
        return self.json(value)

    def _replace(self, text: str, mark: Callable[[str, str], str]) -> str:
        if len(text) < 4:
            return text
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, mark("secret", secret))
        if "eyJ" in text:
            text = _JWT.sub(lambda m: mark("secret", m[0]), text)
        if "PRIVATE KEY" in text:
            text = _PRIVATE_KEY.sub(lambda m: mark("secret", m[0]), text)
        if "=" in text:
            text = _SECRET_PAIR.sub(lambda m: self._pair(m, mark), text)
        text = nam.PATTERN.sub(lambda m: self._nam(m[0], mark), text)
        for kind, shape in (("email", _EMAIL), ("phone", _PHONE), ("nas", _NAS)):
            text = shape.sub(lambda m, kind=kind: self._personal(kind, m[0], mark), text)  # type: ignore[misc]
        return text

    def _pair(self, match: re.Match[str], mark: Callable[[str, str], str]) -> str:
        if _MARK.fullmatch(match[2]) or match[2].startswith("%5B"):
            return match[0]
        return f"{match[1]}={mark('secret', match[2])}"

    def _nam(self, value: str, mark: Callable[[str, str], str]) -> str:
        if nam.normal(value).casefold() in self._synthetic:
            return value
        if nam.could_be_real(value):
            self.real_nam_seen = True
        return mark("nam", nam.normal(value))

    def _personal(self, kind: str, value: str, mark: Callable[[str, str], str]) -> str:
        if value.casefold() in self._synthetic or (kind == "nas" and not _luhn(value)):
            return value
        return mark(kind, value)


def _luhn(number: str) -> bool:
    digits = [int(c) for c in number if c.isdigit()]
    doubled = [sum(divmod(d * 2, 10)) if i % 2 else d for i, d in enumerate(digits)]
    return sum(doubled) % 10 == 0
