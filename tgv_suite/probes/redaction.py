"""Redaction before disk: secrets, and personal values of anybody but the run's synthetic people.

A value is replaced by a mark derived with a key of this run (equal values, equal marks). The key
exists only in this object, and goes with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote, quote_plus

from pydantic import JsonValue

from tgv_suite import nam
from tgv_suite.probes.shapes import (
    HINTS,
    JSON_FIELD,
    JSON_VALUE,
    JWT,
    MARK_SHAPE,
    NAM,
    PERSONAL,
    PRIVATE_KEY,
    SECRET_HEADERS,
    SECRET_PAIR,
    XML_FIELD,
    is_mark,
    kind_of_field,
    kind_of_key,
    outside_marks,
)

_Mark = Callable[[str, str], str]
_SHORT = 200
_REMEMBERED = 20_000
_SHORTEST, _SHORTEST_NAME = 4, 3
_MEDIUM, _LONG = 8, 20


class Redactor:
    """Finds and replaces what must not be kept.

    Parameters
    ----------
    synthetic:
        Every value of the run's own synthetic people, which may stand in clear.
    """

    def __init__(self, synthetic: Iterable[str]) -> None:
        self._key = secrets.token_bytes(32)
        self._synthetic = frozenset(_foldings(synthetic))
        # Other threads look things up in these while one adds to them; none iterates over them.
        self._forms: dict[str, str] = {}
        self._starts: dict[str, list[str]] = {}
        self._headers = set(SECRET_HEADERS)
        self._lock = threading.Lock()
        self._remembered: dict[str, str] = {}
        self.real_nam_seen = False

    def learn(self, secret: str, *, digests: bool = False) -> None:
        """Remember a secret of the run, in every form in which it may come back.

        Parameters
        ----------
        secret:
            A password, a key or a token.
        digests:
            Whether its common digests are forms of it too, as a password's are in a leaked table.
        """
        if len(secret) < _SHORTEST:
            return
        known_as = [*_forms(_encodable(secret)), *(_digests(secret) if digests else ())]
        with self._lock:
            for form in known_as:
                if form not in self._forms:
                    self._forms[form] = secret
                    self._starts.setdefault(form[:_SHORTEST], []).append(form)
            self._remembered = {}

    def learn_header(self, name: str) -> None:
        """Remember that a header's value is a secret."""
        self._headers.add(name.lower())

    def admit(self, values: Iterable[str]) -> None:
        """Let values that this run made up stand in clear, wherever they come back.

        Parameters
        ----------
        values:
            What a request carried that nobody's record held before.
        """
        with self._lock:
            self._synthetic |= frozenset(_foldings(values))

    def mark(self, kind: str, value: str) -> str:
        """The mark that stands for a value in this run."""
        same = value if kind == "secret" else value.casefold()
        digest = hmac.new(self._key, _encodable(same).encode(), hashlib.sha256).hexdigest()
        return f"[{kind}:{digest[:12]}]"

    def marks(self) -> tuple[str, ...]:
        """The marks that stand for the secrets that were learnt, but for what may be a mere word."""
        with self._lock:
            known = {secret for secret in self._forms.values() if _telling(secret)}
        return tuple(sorted(self.mark("secret", secret) for secret in known))

    def header(self, name: str, value: str) -> str:
        """A header's value as it may be kept; an authentication scheme stays readable."""
        if name.lower() not in self._headers:
            return self.text(value)
        scheme, _, rest = value.partition(" ")
        if rest and name.lower().endswith("authorization"):
            return f"{self.text(scheme)} {self._hidden('secret', rest)}"
        return self._hidden("secret", value)

    def text(self, text: str) -> str:
        """A text as it may be kept; short ones come back so often that they are remembered."""
        kept = self._remembered.get(text)
        if kept is None:
            kept = self._replace(_encodable(text), self.mark)
            if len(text) <= _SHORT and len(self._remembered) < _REMEMBERED:
                self._remembered[text] = kept
        return kept

    def json(self, value: JsonValue) -> JsonValue:
        """A JSON value as it may be kept: what keys call secret or personal is, whatever its form.

        Raises
        ------
        RecursionError
            When it is nested deeper than Python follows.
        """
        return self._kept(value, None)

    def body(self, text: str) -> str:
        """A body as it may be kept: by its structure when it is JSON, else as text.

        JSON that is kept loses its needless escapes, so that a value is found as it was declared.
        """
        start = text.lstrip("\ufeff \t\r\n")
        structured = self._structured(start) if start[:1] in ("{", "[") else None
        return self.text(self._fields(text)) if structured is None else structured

    def _structured(self, text: str) -> str | None:
        """A body that is JSON, or None when it is as it was, cut, broken or too deep."""
        try:
            content = json.loads(text)
            kept = self.json(content)
            changed = kept != content or "\\" in text
            return _encodable(json.dumps(kept, ensure_ascii=False)) if changed else None
        except (ValueError, RecursionError):
            return None

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

    def _kept(self, value: JsonValue, kind: str | None) -> JsonValue:
        if isinstance(value, dict):
            return {
                self.text(key): self._kept(item, kind_of_field(key, item, value, kind))
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._kept(item, kind) for item in value]
        if isinstance(value, str):
            return self._hidden(kind, value)
        if kind is None or value is None or isinstance(value, bool):
            return value
        hidden = self._hidden(kind, str(value))
        return value if hidden == str(value) else hidden

    def _fields(self, text: str) -> str:
        """A text in which values are hidden that stand as JSON or XML writes a field."""
        if '"' in text:
            text = JSON_FIELD.sub(self._json_field, text)
        if "<" in text:
            text = XML_FIELD.sub(
                lambda m: m["before"] + self._hidden(kind_of_key(m["key"]), m["value"]), text
            )
        return text

    def _json_field(self, field: re.Match[str]) -> str:
        kind = kind_of_key(field["key"])

        def hidden(value: re.Match[str]) -> str:
            kept = self._hidden(kind, value["text"] or value["number"] or "")
            return value[0] if kept in (value["text"], value["number"], "") else f'"{kept}"'

        return field["before"] + JSON_VALUE.sub(hidden, field["value"])

    def _hidden(self, kind: str | None, value: str) -> str:
        """A value as it may be kept, when its key says of which kind it is."""
        if kind is None:
            return self.text(value)
        if not value or is_mark(value):
            return value
        if kind == "secret":
            ours = value.casefold() in self._synthetic
            return self.text(value) if ours else self.mark(kind, value)
        return self._of_strangers(value)

    def _of_strangers(self, value: str) -> str:
        """A personal value without what isn't the run's own people's."""
        self.text(value)  # a real NAM is noticed even where the key alone would hide it
        folded = value.casefold()
        if folded in self._synthetic:
            return _encodable(value)
        ours = [v for v in self._synthetic if len(v) >= _SHORTEST_NAME and v in folded]
        names = [rf"(?<!\w){re.escape(v)}(?!\w)" for v in sorted(ours, key=len, reverse=True)]
        pieces = re.split(f"({'|'.join([MARK_SHAPE, *names])})", value, flags=re.IGNORECASE)
        if len(pieces) == 1:
            return self.mark("personal", value)
        for index in range(0, len(pieces), 2):
            rest = pieces[index].strip()
            if any(character.isalnum() for character in rest):
                pieces[index] = pieces[index].replace(rest, self.mark("personal", rest))
        return _encodable("".join(pieces))

    def _replace(self, text: str, mark: _Mark) -> str:
        if len(text) < _SHORTEST:
            return text
        text = self._without_secrets(text, mark)
        text = _sub(NAM, text, lambda m: self._nam(m[0], mark))
        for kind, shape in PERSONAL.items():
            if HINTS[kind].search(text) is None:
                continue
            text = _sub(shape, text, lambda m, kind=kind: self._personal(kind, m[0], mark))  # type: ignore[misc]
        return text

    def _without_secrets(self, text: str, mark: _Mark) -> str:
        forms, starts = self._forms, self._starts
        # A run learns thousands of forms, and most texts are short: each place of the text is looked up.
        begun = {start for at in range(len(text)) if (start := text[at : at + _SHORTEST]) in starts}
        present = [form for start in begun for form in starts[start] if form in text]
        if present:
            longest_first = sorted(present, key=len, reverse=True)
            shape = outside_marks("|".join(re.escape(form) for form in longest_first))
            text = _sub(shape, text, lambda m: mark("secret", forms[m[0]]))
        if "eyJ" in text:
            text = _sub(JWT, text, lambda m: mark("secret", m[0]) if m["rest"] else m[0])
        if "PRIVATE KEY" in text:
            text = _sub(PRIVATE_KEY, text, lambda m: mark("secret", m[0]))
        if "=" in text:
            text = SECRET_PAIR.sub(lambda m: _pair(m, mark), text)
        return text

    def _nam(self, value: str, mark: _Mark) -> str:
        if nam.normal(value).casefold() in self._synthetic:
            return value
        if nam.could_be_real(value):
            self.real_nam_seen = True
        return mark("nam", nam.normal(value))

    def _personal(self, kind: str, value: str, mark: _Mark) -> str:
        if (kind == "nas" and not _luhn(value)) or self._is_ours(kind, value.casefold()):
            return value
        return mark(kind, value.replace("%40", "@"))

    def _is_ours(self, kind: str, value: str) -> bool:
        """Whether a value is one of the run's, beside a country's code or a sentence's next word."""
        value = value.replace("%40", "@")
        if value in self._synthetic:
            return True
        if kind == "email":
            return any("@" in ours and value.startswith(f"{ours}.") for ours in self._synthetic)
        return kind == "phone" and any(value.endswith(f" {ours}") for ours in self._synthetic)


def _foldings(values: Iterable[str]) -> Iterator[str]:
    """Each value, and as a health insurance number is written without spaces; in lower case."""
    for value in filter(None, values):
        yield from (value.casefold(), nam.normal(value).casefold())


def _forms(secret: str) -> Iterator[str]:
    """How a secret is written: plain, in a URL, in a form, in JSON, in HTML, in Base64."""
    yield secret
    for escaped in (quote(secret, safe=""), quote_plus(secret), quote(secret)):
        yield escaped
        yield re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(), escaped)
    for ascii_only in (True, False):
        in_json = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield in_json
        yield in_json.replace("/", "\\/")
    yield html.escape(secret)
    raw = secret.encode()
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        yield encoded.decode("ascii").rstrip("=")


def _telling(secret: str) -> bool:
    """Whether a secret can't be met by chance: a short password may be an ordinary word."""
    mixed = any(c.isdigit() for c in secret) and any(c.isalpha() for c in secret)
    return len(secret) >= _LONG or (len(secret) >= _MEDIUM and mixed)


def _digests(secret: str) -> Iterator[str]:
    """A secret's unsalted digests in hexadecimal, as careless systems keep them."""
    for name in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(name, secret.encode(), usedforsecurity=False).hexdigest()
        yield digest
        yield digest.upper()


def _sub(shape: re.Pattern[str], text: str, replaced: Callable[[re.Match[str]], str]) -> str:
    return shape.sub(lambda m: m[0] if m["kept"] else replaced(m), text)


def _pair(match: re.Match[str], mark: _Mark) -> str:
    value = match["value"]
    return match[0] if is_mark(value) else f"{match['key']}={mark('secret', value)}"


def _encodable(text: str) -> str:
    """A text without halves of characters, which JSON can name and no file can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _luhn(number: str) -> bool:
    digits = [int(c) for c in number if c.isdigit()]
    doubled = [sum(divmod(d * 2, 10)) if i % 2 else d for i, d in enumerate(digits)]
    return sum(doubled) % 10 == 0
