"""What a failed login tells, without what varies by itself from one to the next."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import StrEnum
from html import escape
from urllib.parse import quote, quote_plus, urlsplit

from tgv_suite.model.facts import Answer
from tgv_suite.noun import noun

_HIDDEN = re.compile(r"<(?:input|meta)(?=[\s/>])[^<>]*>", re.IGNORECASE)
_MARK = re.compile(r"\[[a-z]+:[0-9a-f]{12}\]")
_LONG = re.compile(r"[A-Za-z0-9+/=_-]{16,}")
_NUMBER = re.compile(r"[0-9]+")
_GAP_S = 0.25
_GAP_FACTOR = 3


class Told(StrEnum):
    """Where a failed login may tell whether the name is somebody's."""

    STATUS = "status"
    ADDRESS = "address"
    COOKIES = "cookies"
    PAGE = "page"


@noun
class LoginFailure:
    """A failed login, in what doesn't vary by itself.

    Parameters
    ----------
    status, address:
        How the last page was answered, and its path and query.
    cookies:
        How many cookies came with it.
    page:
        Its text, without the name that was tried, the hidden fields, the numbers and the chance values.
    """

    status: int | None
    address: str
    cookies: int
    page: str


def failure_of(answer: Answer, names: Collection[str]) -> LoginFailure:
    """A failed login.

    Parameters
    ----------
    names:
        Every name that was tried: a word of the page may be one of them by chance.
    """
    parts = urlsplit(answer.request.url)
    return LoginFailure(
        status=answer.status,
        address=_settled(f"{parts.path}?{parts.query}", names),
        cookies=sum(name.lower() == "set-cookie" for name, _ in answer.headers),
        page=_settled(answer.body, names),
    )


def told_apart(
    known: Sequence[LoginFailure], unknown: Sequence[LoginFailure]
) -> tuple[tuple[Told, ...], tuple[Told, ...]]:
    """Where failed logins of a known name differ from those of unknown ones.

    Returns
    -------
    tuple of tuple
        Where each of both is always alike and the other's isn't the same; and where nothing can be
        told, since one of them varies by itself and never as the other.
    """
    apart: list[Told] = []
    unsure: list[Told] = []
    for place in Told:
        of_known = {_at(one, place) for one in known}
        of_unknown = {_at(one, place) for one in unknown}
        if of_known & of_unknown:
            continue
        alike = len(of_known) == 1 == len(of_unknown)
        (apart if alike else unsure).append(place)
    return tuple(apart), tuple(unsure)


def gap_s(known: Sequence[float], unknown: Sequence[float]) -> float:
    """By how long each failed login of one sort outlasted each of the other, in seconds.

    A gap that a busy network makes as well is none.
    """
    for longer, shorter in ((known, unknown), (unknown, known)):
        gap = min(longer) - max(shorter)
        if gap >= _GAP_S and min(longer) >= _GAP_FACTOR * max(shorter):
            return round(gap, 3)
    return 0.0


def _at(failure: LoginFailure, place: Told) -> object:
    return getattr(failure, place.value)


def _settled(text: str, names: Collection[str]) -> str:
    """A text without what varies by itself, or with the name that was tried."""
    forms = {
        form
        for name in names
        for form in (name, escape(name), quote(name, safe=""), quote_plus(name))
    }
    for form in sorted(forms - {""}, key=len, reverse=True):
        text = text.replace(form, "·")
    for varying in (_HIDDEN, _MARK):
        text = varying.sub("·", text)
    text = _LONG.sub(lambda m: "·" if any(c.isdigit() for c in m[0]) else m[0], text)
    return _NUMBER.sub("·", text)
