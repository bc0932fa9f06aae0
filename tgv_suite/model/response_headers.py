"""What the headers of an answer permit: to other sites (CORS), to caches, to whoever reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tgv_suite.model.facts import Answer
from tgv_suite.model.target import (
    Authentication,
    BasicAuthentication,
    CertificateAuthentication,
    SessionAuthentication,
)

_DIRECTIVE = re.compile(r'([^\s,="]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?')
_BANNERS = frozenset(
    {"server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator"}
)
_FHIR_VERSION = re.compile(r"(?<!HAPI )\bFHIR[ /]\d+(?:\.\d+)*", re.IGNORECASE)
_VERSION = re.compile(r"\d+\.\d+")
_SHOWN = 60


def shared_with(answer: Answer, origin: str) -> bool:
    """Whether a browser lets an origin's pages read the answer with credentials (Fetch, CORS check).

    Parameters
    ----------
    answer:
        What was answered.
    origin:
        The ``Origin`` that was sent.
    """
    allowed = (answer.header("access-control-allow-origin") or "").strip()
    credentials = (answer.header("access-control-allow-credentials") or "").strip()
    return allowed == origin and credentials == "true"


def browser_sends(authentication: Authentication) -> bool:
    """Whether a browser sends such a credential by itself, whichever site asks it to."""
    return isinstance(
        authentication, BasicAuthentication | CertificateAuthentication | SessionAuthentication
    )


def cache_directives(answer: Answer) -> Mapping[str, str]:
    """The directives of ``Cache-Control``, by lower-case name (RFC 9111 §5.2)."""
    told = ", ".join(value for name, value in answer.headers if name.lower() == "cache-control")
    return {
        m[1].lower(): m[2] if m[2] is not None else m[3] or "" for m in _DIRECTIVE.finditer(told)
    }


def kept_by(answer: Answer) -> str | None:
    """What lets a cache keep the answer though it was asked for with authorization.

    ``no-store`` prevails over everything else (RFC 9111 §5.2.2.5); without it, ``public``,
    ``s-maxage``, ``max-age`` or a later ``Expires`` lets some cache keep it.

    Returns
    -------
    str | None
        The directive as it stands, or None.
    """
    told = cache_directives(answer)
    if "no-store" in told:
        return None
    if "public" in told:
        return "public"
    for name in ("s-maxage", "max-age"):
        if told.get(name, "").isdigit() and int(told[name]) > 0:
            return f"{name}={told[name]}"
    expires = answer.header("expires")
    if told or expires is None or not _later(expires, answer):
        return None
    return f"Expires: {expires[:_SHOWN]}"


def _later(expires: str, answer: Answer) -> bool:
    """Whether a date is after the answer's own; a date that isn't one has passed (RFC 9111 §5.3)."""
    try:
        until = parsedate_to_datetime(expires)
        since = parsedate_to_datetime(answer.header("date") or "")
    except ValueError:
        return _later_than_sent(expires, answer)
    return _aware(until) > _aware(since)


def _later_than_sent(expires: str, answer: Answer) -> bool:
    try:
        return _aware(parsedate_to_datetime(expires)) > datetime.fromisoformat(answer.sent_at)
    except ValueError:
        return False


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def versions_told(answer: Answer) -> list[str]:
    """The headers that name a program with its version; a FHIR version isn't a program's."""
    return [
        f"{name}: {value[:_SHOWN]}"
        for name, value in answer.headers
        if name.lower() in _BANNERS and _VERSION.search(_FHIR_VERSION.sub("", value))
    ]
