"""A login by the pages of an authorization server, as a person's browser would do it, without one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import unescape
from urllib.parse import urlencode, urljoin, urlsplit

from pydantic import JsonValue

from tgv_suite.model.facts import Failure
from tgv_suite.noun import noun
from tgv_suite.probes.cookies import Cookies
from tgv_suite.probes.credentials import Hidden
from tgv_suite.probes.http import Raw
from tgv_suite.probes.template import filled_in

_STEPS = 8
_FORM = ("Content-Type", "application/x-www-form-urlencoded")
_TAG = re.compile(r"<(/?form|input|button)(?=[\s/>])([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([a-z_:][-\w:.]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""", re.IGNORECASE
)
_SUBMITS, _UNSENT = ("submit", "image"), ("button", "reset", "file")
Send = Callable[[str, str, Sequence[tuple[str, str]], bytes | None], Raw]


@noun
class Person:
    """Who logs in, and in which fields of the form.

    Parameters
    ----------
    username, password:
        Of a synthetic person.
    username_field, password_field:
        The names of the form's fields.
    """

    username: str
    password: Hidden
    username_field: str
    password_field: str


@noun
class Arrival:
    """Where a walk through the pages ended.

    Parameters
    ----------
    location:
        The address that the server sent the browser away to, in whole; None when it didn't.
    status, failure, detail:
        How the last page was answered.
    """

    location: str | None = None
    status: int | None = None
    failure: Failure | None = None
    detail: str = ""


@noun
class Form:
    """A form of a page.

    Parameters
    ----------
    page:
        The address of its page.
    action, method:
        Where it goes, and how.
    fields:
        What it would send as it stands.
    asks_password:
        Whether one of its fields is a password.
    """

    page: str
    action: str
    method: str
    fields: Mapping[str, str]
    asks_password: bool


class Visitor:
    """Somebody's browser at one authorization server: it keeps cookies and fills in forms.

    Parameters
    ----------
    send:
        Sends one request, and follows nothing.
    person:
        Who logs in when a page asks.
    """

    def __init__(self, send: Send, person: Person) -> None:
        self._send = send
        self._person = person
        self._cookies = Cookies()
        self._refused = False

    def walk(self, url: str, leaves: Callable[[str], bool]) -> Arrival:
        """Follow redirects and fill in forms until the server sends the browser away.

        A password that was refused isn't tried again, in this walk or another: it would lock the
        person out.

        Parameters
        ----------
        url:
            Where the walk begins.
        leaves:
            Whether an address is where the server sends the browser away to.
        """
        method, body, entered = "GET", None, False
        headers: list[tuple[str, str]] = []
        for _ in range(_STEPS):
            raw = self._send(method, url, [*headers, *self._cookies.header(url)], body)
            self._cookies.keep(url, raw)
            if raw.failure is not None:
                return Arrival(failure=raw.failure, detail=raw.detail)
            to = location(raw, url)
            if to is not None:
                if leaves(to):
                    return Arrival(location=to, status=raw.status)
                method, url, headers, body = "GET", to, [], None
                continue
            form = form_of(raw.body, url)
            if form is None or not (form.asks_password or raw.status == 200):
                return Arrival(status=raw.status)
            if form.asks_password:
                self._refused = self._refused or entered
                if self._refused:
                    return Arrival(status=raw.status, detail="the login was refused")
                entered = True
            method, url, headers, body = self._submitted(form)
        return Arrival(detail="too many pages")

    def _submitted(self, form: Form) -> tuple[str, str, list[tuple[str, str]], bytes | None]:
        """The request that a form makes, with the person's name and password where it asks."""
        if form.asks_password:
            return submitted(form, self._person)
        sent = urlencode(form.fields)
        if form.method == "get":
            return "GET", f"{form.action.partition('?')[0]}?{sent}", [], None
        return "POST", form.action, [_FORM, *from_page(form.page)], sent.encode("ascii")


def submitted(form: Form, person: Person) -> tuple[str, str, list[tuple[str, str]], bytes | None]:
    """The request by which a person's name and password are submitted, with what the form hides."""
    fields = {
        **form.fields,
        person.username_field: person.username,
        person.password_field: person.password.reveal(),
    }
    return "POST", form.action, [_FORM, *from_page(form.page)], urlencode(fields).encode("ascii")


def by_script(
    url: str, body: Mapping[str, JsonValue], person: Person
) -> tuple[str, str, list[tuple[str, str]], bytes | None]:
    """The request by which a page's script submits a person's name and password, in JSON."""
    values = {"username": person.username, "password": person.password.reveal()}
    content = json.dumps(filled_in(dict(body), values), ensure_ascii=False).encode()
    return "POST", url, [("Content-Type", "application/json"), *from_page(url)], content


def from_page(url: str) -> list[tuple[str, str]]:
    """What a browser says of the page that a form is sent from (RFC 6454 §7, RFC 9110 §10.1.3).

    Systems that guard against forged requests may refuse a form that comes from nowhere.
    """
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return [("Origin", origin), ("Referer", f"{origin}{parts.path}")]


def location(raw: Raw, url: str) -> str | None:
    """Where a redirect leads, in whole."""
    said = next((value for name, value in raw.headers if name.lower() == "location"), None)
    if said is None or raw.status is None or not 300 <= raw.status < 400:
        return None
    try:
        return urljoin(url, said)
    except ValueError:
        return said


def form_of(page: bytes, url: str) -> Form | None:
    """The form that a person would fill in: the first that asks for a password, else the first.

    Parameters
    ----------
    page:
        The page, in HTML.
    url:
        Its address.
    """
    first, *rest = page.decode("utf-8", "replace").split("<!--")
    shown = first + "".join(piece.partition("-->")[2] for piece in rest)
    forms = list(_forms(shown, url))
    return next((form for form in forms if form.asks_password), next(iter(forms), None))


def _forms(page: str, url: str) -> Iterator[Form]:
    """The forms of a page; what encloses no form is passed over."""
    open_: tuple[dict[str, str], list[tuple[str, dict[str, str]]]] | None = None
    for tag, rest in _TAG.findall(page):
        kind, told = tag.lower(), attributes(rest)
        if kind in ("form", "/form"):
            if open_ is not None:
                yield _form(*open_, url)
            open_ = (told, []) if kind == "form" else None
        elif open_ is not None:
            open_[1].append((kind, told))
    if open_ is not None:
        yield _form(*open_, url)


def attributes(text: str) -> dict[str, str]:
    """A tag's attributes, the first of each name."""
    told: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text):
        told.setdefault(name.lower(), unescape(double or single or bare))
    return told


def _form(told: dict[str, str], controls: Sequence[tuple[str, dict[str, str]]], url: str) -> Form:
    """What a form would send as it stands, its first button pressed."""
    try:
        action = urljoin(url, told.get("action", ""))
    except ValueError:
        action = url
    fields: dict[str, str] = {}
    pressed = asks_password = False
    for tag, control in controls:
        kind = control.get("type", "submit" if tag == "button" else "text").lower()
        asks_password = asks_password or kind == "password"
        again, pressed = pressed and kind in _SUBMITS, pressed or kind in _SUBMITS
        ticked = kind not in ("checkbox", "radio") or "checked" in control
        if control.get("name") and ticked and not again and kind not in _UNSENT:
            fields[control["name"]] = control.get("value", "")
    method = told.get("method", "get").lower()
    return Form(page=url, action=action, method=method, fields=fields, asks_password=asks_password)
