"""Logins with a password, by a form, for a token or with HTTP Basic: who is in, and with what."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import quote_plus, urlsplit

from tgv_suite.model.credential import Credential
from tgv_suite.model.facts import Answer
from tgv_suite.model.sessions import Given, LoginBurst, SessionCookie, SessionFact
from tgv_suite.model.target import AuditService, SessionAuthentication, Target
from tgv_suite.probes import token_login
from tgv_suite.probes.cookies import Cookie, Cookies, header
from tgv_suite.probes.credentials import Credentials, Hidden, TokenLogin, basic
from tgv_suite.probes.http import Raw
from tgv_suite.probes.login import (
    Person,
    Send,
    attributes,
    by_script,
    form_of,
    from_page,
    location,
    submitted,
)
from tgv_suite.probes.oauth import answered
from tgv_suite.probes.recorder import Recorder

SHARED = "shared"
_REDIRECTS = 8
_COOKIES = 10
_TELLING = 16
_IDLE_S = 900.0  # how long a session is taken to last without activity, where nothing is declared
_TOO_MANY = (423, 429, 503)
_HOLDER = re.compile(r"<(?:input|meta)(?=[\s/>])([^<>]*)>", re.IGNORECASE)
_IN_FORM = "application/x-www-form-urlencoded"
Header = tuple[str, str]


@dataclass(slots=True)
class Session:
    """What a login left: the browser's cookies, as they are and as they were just before it.

    Parameters
    ----------
    url:
        Where the system is; the login page may be on another host.
    """

    url: str = ""
    cookies: Cookies = field(default_factory=Cookies)
    before: Cookies = field(default_factory=Cookies)
    header: Hidden | None = None
    used_at: float = 0.0


class Sessions:
    """Every actor's logins with a password, each under a name.

    Parameters
    ----------
    target, credentials, recorder:
        Who logs in where, with what, through which recorder.
    """

    def __init__(
        self, target: Target, credentials: Mapping[str, Credentials], recorder: Recorder
    ) -> None:
        self._target = target
        self._credentials = credentials
        self._recorder = recorder
        self._sessions: dict[tuple[str, str], Session] = {}
        self._carriers: dict[str, tuple[str, ...]] = {}
        self._entrances: dict[str, frozenset[tuple[str, str]]] = {}
        self._lock = threading.Lock()
        self._locks: dict[tuple[str, str], threading.Lock] = {}

    def presented(
        self, actor: str, name: str, credential: Credential
    ) -> tuple[Header | None, str | None]:
        """The header that an actor's request carries in a session, or why there is none."""
        declared = self._target.actors[actor].authentication
        if not isinstance(declared, SessionAuthentication):
            opened = self._sessions.get((actor, name))
            if opened is None:
                return self._credentials[actor].revealed(), None
            shown = opened.header
            return None if shown is None else ("Authorization", shown.reveal()), None
        session = self._session(actor, name)
        kept = dict(session.cookies.of(session.url))
        if credential is not Credential.OWN:
            carriers = self._carriers.get(actor, ())
            altering = credential is Credential.ALTERED_COOKIE
            shown_instead = kept if altering else session.before.of(session.url)
            if not carriers or not shown_instead.keys() >= set(carriers):
                return None, "no cookie is known to carry the session"
            for carrier in carriers:
                cookie = shown_instead[carrier]
                kept[carrier] = _altered(cookie) if altering else cookie
        return next(iter(header(kept)), None), None

    def from_own_page(
        self, actor: str, method: str, url: str, headers: Sequence[Header]
    ) -> Sequence[Header]:
        """What the browser of somebody in a session says of where a change comes from.

        It is a page of the system's own, unless the change says otherwise.
        """
        told = any(name.lower() in ("origin", "referer") for name, _ in headers)
        if told or method in ("GET", "HEAD") or not self.by_form(actor):
            return ()
        return from_page(url)

    def opened(self, actor: str, name: str) -> bool:
        """Whether what an actor presents under a name comes of a login that is kept here."""
        return self.by_form(actor) or (actor, name) in self._sessions

    def _session(self, actor: str, name: str) -> Session:
        """An actor's session under a name; logged in when it isn't there, or may have gone idle."""
        declared = self._declared(actor)
        with self._lock:
            one_at_a_time = self._locks.setdefault((actor, name), threading.Lock())
        with one_at_a_time:
            session = self._sessions.get((actor, name))
            unused_s = 0.0 if session is None else time.monotonic() - session.used_at
            idle = name == SHARED and unused_s > (declared.idle_s or _IDLE_S) / 2
            if session is None or idle:
                session, _ = self._logged_in(actor, Given.OWN, self._unkept(actor), ())
                self._sessions[actor, name] = session
            session.used_at = time.monotonic()
            return session

    def _declared(self, actor: str) -> SessionAuthentication:
        declared = self._target.actors[actor].authentication
        if not isinstance(declared, SessionAuthentication):
            raise TypeError(f"{actor} has no session")
        return declared

    def anti_forgery(self, actor: str, name: str, headers: Sequence[Header]) -> str | None:
        """What a change in a session carries besides, as its template's headers need it written."""
        declared = self._target.actors[actor].authentication
        if not isinstance(declared, SessionAuthentication) or declared.anti_forgery is None:
            return None
        wanted, session = declared.anti_forgery, self._session(actor, name)
        if wanted.page is None:
            kept = session.cookies.of(session.url).get(wanted.name)
            value = "" if kept is None else kept.value
        else:
            url = self._address(declared, wanted.page)
            raw = self._recorder.send_unrecorded("GET", url, session.cookies.header(url))
            session.cookies.keep(url, raw)
            value = hidden_value(raw.body, wanted.name)
        self._learn(value)
        in_form = any(k.lower() == "content-type" and v.startswith(_IN_FORM) for k, v in headers)
        return quote_plus(value) if in_form else value

    def _by_form(
        self, actor: str, name: str, given: Given, headers: Sequence[Header], *, planting: bool
    ) -> Answer:
        username = self.username(actor, given)
        last: list[Answer] = []
        unkept = self._unkept(actor)

        def send(method: str, url: str, headers: Sequence[Header], body: bytes | None) -> Raw:
            raw = unkept(method, url, headers, body)
            last.append(self._recorder.kept(raw, method, url, body, actor=actor, unique=username))
            return raw

        session, _ = self._logged_in(actor, given, send, headers, username, planting=planting)
        self._sessions[actor, name] = session
        return last[-1]

    def log_in(
        self, actor: str, name: str, given: Given, headers: Sequence[Header], *, planting: bool
    ) -> Answer | None:
        """Log in anew, and keep what came of it under a name: the last answer.

        With HTTP Basic nothing is sent: it goes with the next request.
        """
        if self.by_form(actor):
            return self._by_form(actor, name, given, headers, planting=planting)
        login = self._credentials[actor].login
        if login is not None:
            return self._for_token(actor, name, given, headers, login)
        self._with_basic(actor, name, given)
        return None

    def _for_token(
        self, actor: str, name: str, given: Given, headers: Sequence[Header], login: TokenLogin
    ) -> Answer:
        username, request = self._token_request(actor, given, headers, login)
        raw = self._recorder.send_unrecorded(*request)
        value = token_login.token_in(answered(raw), login.declared.token)
        self._learn(value)
        method, url, _, body = request
        answer = self._recorder.kept(raw, method, url, body, actor=actor, unique=username)
        shown = None if value is None else Hidden(f"Bearer {value}")
        self._sessions[actor, name] = Session(header=shown)
        return answer

    def _token_request(
        self, actor: str, given: Given, headers: Sequence[Header], login: TokenLogin
    ) -> tuple[str, tuple[str, str, Sequence[Header], bytes]]:
        """The name that is tried, and the request of it."""
        username = self.username(actor, given)
        other = Hidden(secrets.token_urlsafe(12))
        tried = replace(
            login,
            declared=replace(login.declared, username=username),
            password=login.password if given is Given.OWN else other,
        )
        address = token_login.address(self._target.services[login.declared.service], login)
        typed = [("Content-Type", "application/json"), *headers]
        return username, ("POST", address, typed, token_login.body(tried))

    def _with_basic(self, actor: str, name: str, given: Given) -> None:
        """Have an actor's requests under a name carry a name and a password."""
        account = self._credentials[actor].account
        if account is None:
            raise TypeError(f"{actor} has no password")
        username, password = self.username(actor, given), account.password.reveal()
        pair = basic(username, password if given is Given.OWN else secrets.token_urlsafe(12))
        self._recorder.redactor.learn(pair)
        self._sessions[actor, name] = Session(header=Hidden(f"Basic {pair}"))

    def username(self, actor: str, given: Given) -> str:
        """The name that is tried: the actor's own, or another of its form that nobody has."""
        account = self._credentials[actor].account
        own = "" if account is None else account.username
        if given is not Given.UNKNOWN_NAME:
            return own
        _, at, domain = own.partition("@")
        return f"zzt{secrets.token_hex(6)}{at}{domain}"

    def by_form(self, actor: str) -> bool:
        """Whether an actor logs in by a form."""
        return isinstance(self._target.actors[actor].authentication, SessionAuthentication)

    def with_basic(self, actor: str) -> bool:
        """Whether an actor logs in with each request."""
        return self._credentials[actor].login is None and not self.by_form(actor)

    def burst(self, attempt: Callable[[], Raw], most: int) -> LoginBurst:
        """Try logins until one is answered as one too many, or so many were tried.

        Parameters
        ----------
        attempt:
            One login by a name that nobody has.
        """
        statuses: list[int] = []
        took: list[float] = []
        limited, failure = False, None
        for _ in range(most):
            started = time.monotonic()
            raw = attempt()
            failure, limited = raw.failure, raw.status in _TOO_MANY
            if raw.status is not None:
                statuses.append(raw.status)
                took.append(time.monotonic() - started)
            if limited or failure is not None:
                break
        return LoginBurst(
            sent=len(statuses),
            statuses=tuple(statuses),
            limited=limited,
            first_s=round(took[0], 3) if took else 0.0,
            last_s=round(took[-1], 3) if took else 0.0,
            ended_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            failure=failure,
        )

    def fail(self, actor: str) -> Raw:
        """Log in by a name that nobody has, where a login is a request of its own."""
        login = self._credentials[actor].login
        if login is None:
            return self._logged_in(actor, Given.UNKNOWN_NAME, self._unkept(actor), ())[1]
        _, request = self._token_request(actor, Given.UNKNOWN_NAME, (), login)
        return self._recorder.send_unrecorded(*request)

    def look(self, actor: str, reads: Callable[[Header | None], Raw | None]) -> SessionFact:
        """Find which cookies carry a session.

        Parameters
        ----------
        reads:
            Whether the actor's reading shows its object under a header: its answer, else None.
        """
        session, raw = self._logged_in(actor, Given.OWN, self._unkept(actor), ())
        kept = dict(list(session.cookies.of(session.url).items())[:_COOKIES])

        def opens(cookies: Mapping[str, Cookie]) -> bool:
            shown = header(cookies)
            return reads(shown[0] if shown else None) is not None

        opened = raw.failure is None and opens(kept)
        carriers = []
        for name, cookie in kept.items() if opened else ():
            rest = {other: value for other, value in kept.items() if other != name}
            if not opens(rest) or (rest and opens({name: cookie})):
                carriers.append(cookie)
        names = {cookie.name for cookie in carriers}
        self._carriers[actor] = tuple(names)
        return SessionFact(
            actor=actor,
            opened=opened,
            cookies=tuple(map(_told, carriers)),
            others=tuple(name[:60] for name in kept if name not in names),
            failure=raw.failure,
            detail=raw.detail,
        )

    def _logged_in(
        self,
        actor: str,
        given: Given,
        send: Send,
        headers: Sequence[Header],
        username: str | None = None,
        *,
        planting: bool = False,
    ) -> tuple[Session, Raw]:
        """A login by the form or the script: the session that it left, and the last page."""
        declared, account = self._declared(actor), self._credentials[actor].account
        password = account.password if account is not None else Hidden("")
        person = Person(
            username=self.username(actor, given) if username is None else username,
            password=password if given is Given.OWN else Hidden(secrets.token_urlsafe(12)),
            username_field=declared.username_field,
            password_field=declared.password_field,
        )
        browser, url = _Browser(send, headers), self._address(declared, declared.login_path)
        session = Session(url=url, cookies=browser.cookies, used_at=time.monotonic())
        if declared.body is None:
            page, raw = browser.follow("GET", url)
            self._entrances[actor] = frozenset(map(_place, browser.visited))
            form = form_of(raw.body, page)
            if raw.failure is not None or form is None or not form.asks_password:
                return session, raw
            request = submitted(form, person)
        else:
            request = by_script(url, declared.body, person)
        if planting:
            self._plant(actor, browser.cookies, session.url)
        session.before = browser.cookies.copy()
        _, raw = browser.follow(*request)
        return session, raw

    def _plant(self, actor: str, cookies: Cookies, url: str) -> None:
        """Give a browser a cookie of the session's name, where it has none yet."""
        known = cookies.of(url)
        for name in self._carriers.get(actor, ()):
            if name not in known:
                cookies.put(url, Cookie(name=name, value=secrets.token_hex(16)))

    def _unkept(self, actor: str) -> Send:
        """Sends for the run itself, whose answers are kept nowhere."""
        declared = self._declared(actor)

        def send(method: str, url: str, headers: Sequence[Header], body: bytes | None) -> Raw:
            raw = self._recorder.send_unrecorded(method, url, headers, body)
            self._learn_page(declared, raw)
            return raw

        return send

    def _learn_page(self, declared: SessionAuthentication, raw: Raw) -> None:
        """Teach the redactor what a page brings that is secret: cookies, an anti-forgery token."""
        cookies = Cookies()
        cookies.keep("", raw)
        for cookie in cookies.of("").values():
            self._learn(cookie.value)
        if declared.anti_forgery is not None:
            self._learn(hidden_value(raw.body, declared.anti_forgery.name))

    def _learn(self, value: str | None) -> None:
        if value is not None and len(value) >= _TELLING:
            self._recorder.redactor.learn(value)

    def _address(self, declared: SessionAuthentication, path: str) -> str:
        service = self._target.services[declared.service]
        return "" if isinstance(service, AuditService) else service.url.rstrip("/") + path

    def told(self, actor: str, answer: Answer) -> Answer:
        """An answer, with whether it is the page where the actor would have to log in."""
        declared = self._target.actors[actor].authentication
        if not isinstance(declared, SessionAuthentication) or answer.status is None:
            return answer
        page = self._address(declared, declared.login_path)
        to = location(Raw(status=answer.status, headers=answer.headers), answer.request.url)
        entrances = self._entrances.get(actor, frozenset()) | {_place(page)}
        sent_there = to is not None and _place(to) in entrances
        form = form_of(answer.body.encode(), page) if "html" in _media_type(answer) else None
        shown_there = form is not None and form.asks_password
        return replace(answer, asks_to_log_in=sent_there or shown_there)


class _Browser:
    """Follows redirects with cookies, and fills in nothing."""

    def __init__(self, send: Send, headers: Sequence[Header]) -> None:
        self.cookies = Cookies()
        self.visited: list[str] = []
        self._send = send
        self._headers = tuple(headers)

    def follow(
        self, method: str, url: str, headers: Sequence[Header] = (), body: bytes | None = None
    ) -> tuple[str, Raw]:
        """Send a request and follow where it leads: the last address, and its answer."""
        for _ in range(_REDIRECTS):
            carried = [*headers, *self._headers, *self.cookies.header(url)]
            raw = self._send(method, url, carried, body)
            self.visited.append(url)
            self.cookies.keep(url, raw)
            to = location(raw, url)
            if to is None:
                break
            method, url, headers, body = "GET", to, (), None
        return url, raw


def hidden_value(page: bytes, name: str) -> str:
    """What a page's hidden field or ``meta`` of a name holds; empty without any."""
    for tag in _HOLDER.findall(page.decode("utf-8", "replace")):
        told = attributes(tag)
        if name in (told.get("name"), told.get("id")):
            return told.get("value", told.get("content", ""))
    return ""


def _altered(cookie: Cookie) -> Cookie:
    """A cookie with another character in its middle."""
    middle = len(cookie.value) // 2
    other = "A" if cookie.value[middle : middle + 1] != "A" else "B"
    return replace(cookie, value=cookie.value[:middle] + other + cookie.value[middle + 1 :])


def _told(cookie: Cookie) -> SessionCookie:
    return SessionCookie(
        name=cookie.name[:60],
        secure=cookie.secure,
        http_only=cookie.http_only,
        same_site=None if cookie.same_site is None else cookie.same_site[:20],
    )


def _place(url: str) -> tuple[str, str]:
    """An address's host and port, and its path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, ""
    return parts.netloc, parts.path.rstrip("/")


def _media_type(answer: Answer) -> str:
    return (answer.header("content-type") or "").lower()
