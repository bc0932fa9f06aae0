"""The reference SI's staff portal as a browser sees it, and how each of its defects shows there."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import requests
from reference_si.login_attempts import ATTEMPTS, LOCKED_S, SOURCE_ATTEMPTS
from reference_si.staff_portal import COOKIE

if TYPE_CHECKING:
    from tests.unit.test_reference_si import Running

WRONG = "zzt-erroné"
CLAIMED = {"X-Forwarded-For": "203.0.113.9"}


class Browser:
    """Somebody's browser at the portal; it keeps cookies and follows no redirect."""

    def __init__(self, si: Running, **headers: str) -> None:
        self.si = si
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = si.session.verify
        self.session.headers.update(headers)

    def url(self, path: str) -> str:
        return self.si.url("portal", path)

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url(path), allow_redirects=False, timeout=10)

    def post(self, path: str, token_from: str | None, **fields: str) -> requests.Response:
        """What the page's form sends, with the token that it hides; None sends none."""
        if token_from is not None:
            found = re.search(r'name="csrf" value="([^"]*)"', self.get(token_from).text)
            assert found is not None
            fields["csrf"] = found[1]
        return self.session.post(self.url(path), data=fields, allow_redirects=False, timeout=10)

    def log_in(self, actor: str = "staff", password: str | None = None) -> requests.Response:
        known = self.si.manifest["actors"].get(actor)
        right = "" if known is None else self.si.secret(known["authentication"]["password"])
        return self.post("/login", "/login", username=actor, password=password or right or WRONG)

    def cookie(self) -> str:
        return str(self.session.cookies[COOKIE])

    def reads(self, cookie: str | None = None) -> bool:
        """Whether the roster opens, by the browser's own cookie or by another."""
        roster = self.si.object("roster")
        address = self.url(f"/rosters/{roster['locator']}")
        if cookie is None:
            answer = self.session.get(address, timeout=10)
        else:
            shown = {"Cookie": f"{COOKIE}={cookie}"}
            answer = self.si.session.get(address, headers=shown, timeout=10)
        return roster["canaries"][0] in answer.text

    def notes(self, token_from: str | None) -> bool:
        """Whether a note that is sent shows afterwards."""
        roster = self.si.object("roster")["locator"]
        self.post(f"/rosters/{roster}/note", token_from, note="zzt-noté")
        return "zzt-noté" in self.get(f"/rosters/{roster}").text


def in_(si: Running, actor: str = "staff") -> Browser:
    """A browser in which somebody has logged in."""
    browser = Browser(si)
    assert browser.log_in(actor).status_code == 303
    assert browser.reads()
    return browser


def opens(si: Running, actor: str = "staff", **headers: str) -> bool:
    """Whether the right password opens the portal."""
    browser = Browser(si, **headers)
    browser.log_in(actor)
    return browser.reads()


def fail(si: Running, times: int, actor: str = "staff") -> None:
    for _ in range(times):
        assert Browser(si).log_in(actor, WRONG).status_code in (401, 429)


def opens_after_failures(si: Running, **headers: str) -> bool:
    fail(si, ATTEMPTS)
    return opens(si, **headers)


def opens_after_a_burst(si: Running, **headers: str) -> bool:
    for number in range(SOURCE_ATTEMPTS):
        fail(si, 1, f"zzt-{number}")
    return opens(si, **headers)


def opens_after_the_lock(si: Running) -> bool:
    fail(si, ATTEMPTS)
    until = time.monotonic() + 2 * LOCKED_S
    while time.monotonic() < until:
        if opens(si):
            return True
        time.sleep(0.1)
    return False


def opens_once_left(si: Running) -> bool:
    browser = in_(si)
    cookie = browser.cookie()
    assert browser.post("/logout", "/").status_code == 303
    assert not browser.reads()
    return browser.reads(cookie)


def opens_once_idle(si: Running) -> bool:
    idle_s = si.authentication("staff-idle")["idle_s"]
    browser = in_(si, "staff-idle")
    time.sleep(idle_s + 0.1)
    return browser.reads()


def opens_by_the_cookie_from_before(si: Running) -> bool:
    browser = Browser(si)
    browser.get("/login")
    page = browser.get("/login").text
    before = browser.cookie()
    token = re.search(r'value="([^"]*)"', page)
    assert token is not None
    password = si.secret(si.authentication("staff")["password"])
    browser.post("/login", None, csrf=token[1], username="staff", password=password)
    assert browser.reads()
    return browser.reads(before)


def altered(cookie: str) -> str:
    middle = len(cookie) // 2
    return cookie[:middle] + ("A" if cookie[middle] != "A" else "B") + cookie[middle + 1 :]


def attributes(si: Running) -> str:
    return Browser(si).get("/login").headers["Set-Cookie"].lower()


VISIBLE: dict[str, Callable[[Running], bool]] = {
    "accounts-never-locked": opens_after_failures,
    "lock-never-ends": lambda si: not opens_after_the_lock(si),
    "unknown-name-told-at-login": lambda si: (
        len({Browser(si).log_in(name, WRONG).text.count("existe") for name in ("staff", "zzt")}) > 1
    ),
    "account-lock-lifted-by-a-claimed-address": lambda si: opens_after_failures(si, **CLAIMED),
    "throttling-lifted-by-a-claimed-address": lambda si: opens_after_a_burst(si, **CLAIMED),
    "logins-never-throttled": opens_after_a_burst,
    "session-cookie-compared-by-prefix": lambda si: (browser := in_(si)).reads(
        altered(browser.cookie())
    ),
    "session-survives-logout": opens_once_left,
    "session-never-idles": opens_once_idle,
    "session-kept-at-login": opens_by_the_cookie_from_before,
    "session-cookie-without-secure": lambda si: "secure" not in attributes(si),
    "session-cookie-without-httponly": lambda si: "httponly" not in attributes(si),
    "session-cookie-without-samesite": lambda si: "samesite" not in attributes(si),
    "forged-form-believed": lambda si: in_(si).notes(None),
}
"""How each of the portal's defects shows, as it never does otherwise."""
