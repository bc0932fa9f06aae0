"""The cookies of one browser: kept for their host alone, with what each allows (RFC 6265)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from tgv_suite.noun import noun
from tgv_suite.probes.http import Raw


@noun
class Cookie:
    """A cookie as its server set it.

    Parameters
    ----------
    same_site:
        The attribute's value, in lower case; None when there is none.
    """

    name: str
    value: str
    secure: bool = False
    http_only: bool = False
    same_site: str | None = None


class Cookies:
    """What a browser keeps, and sends back to the host that set it."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Cookie] = {}

    def copy(self) -> Cookies:
        """The same cookies, apart."""
        other = Cookies()
        other._kept = dict(self._kept)
        return other

    def put(self, url: str, cookie: Cookie) -> None:
        """Keep a cookie for an address's host."""
        self._kept[_host(url), cookie.name] = cookie

    def of(self, url: str) -> Mapping[str, Cookie]:
        """Those of an address's host, by name."""
        host = _host(url)
        return {name: cookie for (at, name), cookie in self._kept.items() if at == host}

    def header(self, url: str) -> list[tuple[str, str]]:
        """The header that a request to an address carries; none without cookies."""
        return header(self.of(url))

    def keep(self, url: str, raw: Raw) -> None:
        """Keep the cookies that an answer set; one that is emptied or has expired is forgotten."""
        host = _host(url)
        for name, line in raw.headers:
            if name.lower() != "set-cookie":
                continue
            pair, *attributes = line.split(";")
            cookie, ended = _parsed(pair, attributes)
            if cookie is not None:
                self._kept[host, cookie.name] = cookie
                if ended or not cookie.value:
                    del self._kept[host, cookie.name]


def header(cookies: Mapping[str, Cookie]) -> list[tuple[str, str]]:
    """The header that carries cookies; none without any."""
    pairs = "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies.values())
    return [("Cookie", pairs)] if pairs else []


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _parsed(pair: str, attributes: list[str]) -> tuple[Cookie | None, bool]:
    """A cookie, and whether it has already ended (RFC 6265 §5.2)."""
    name, equals, value = (part.strip() for part in pair.partition("="))
    if not equals or not name:
        return None, False
    told = dict(_told(attributes))
    cookie = Cookie(
        name=name,
        value=value,
        secure="secure" in told,
        http_only="httponly" in told,
        same_site=told["samesite"].lower() if "samesite" in told else None,
    )
    return cookie, _ended(told)


def _told(attributes: list[str]) -> Iterator[tuple[str, str]]:
    for attribute in attributes:
        name, _, value = attribute.partition("=")
        yield name.strip().lower(), value.strip()


def _ended(told: Mapping[str, str]) -> bool:
    """Whether a cookie's time is over; ``Max-Age`` comes before ``Expires`` (RFC 6265 §5.3)."""
    lasts = told.get("max-age", "")
    if lasts.lstrip("-").isdigit():
        return int(lasts) <= 0
    try:
        until = parsedate_to_datetime(told["expires"])
    except (KeyError, ValueError):
        return False
    return until.replace(tzinfo=until.tzinfo or UTC) <= datetime.now(UTC)
