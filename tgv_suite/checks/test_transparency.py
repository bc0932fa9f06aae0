"""Transparency: whoever finds a flaw, or asks about their data, knows whom to tell."""

from __future__ import annotations

import re
from datetime import datetime

from tgv_suite.check import Answer, Site, System, Text, every_host, requirement, unanswered

_URI = re.compile(r"(https://|mailto:|tel:)\S+")


@requirement("TRA-04", site=every_host)
def test_a_security_contact_is_published(si: System, site: Site) -> None:
    """``/.well-known/security.txt``: served as text, with a contact and a date that isn't past."""
    si.control(si.perform(site.access), sees=site.access.object.canaries)

    answer = si.fetch(f"{site.origin}/.well-known/security.txt")

    if answer.status is None or answer.status >= 500:
        raise unanswered(
            answer, Text(fr="la demande de security.txt", en="asking for security.txt")
        )
    media_type = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    published = answer.served and media_type == "text/plain"
    assert published, Text(
        fr=f"aucun security.txt n'est publié (statut {answer.status}, type « {media_type} »)",
        en=f"no security.txt is published (status {answer.status}, type “{media_type}”)",
    )
    contacts = [value for value in _fields(answer, "contact") if _URI.fullmatch(value)]
    assert contacts, Text(
        fr="security.txt ne donne aucun contact sous forme d'adresse https, mailto ou tel",
        en="security.txt gives no contact as an https, mailto or tel address",
    )
    expiry = _fields(answer, "expires")
    current = len(expiry) == 1 and _is_after(expiry[0], answer.sent_at)
    assert current, Text(
        fr=f"la date « Expires » de security.txt manque, est double, illisible ou passée : {expiry}",
        en=f"the “Expires” date of security.txt is missing, double, unreadable or past: {expiry}",
    )


def _fields(answer: Answer, name: str) -> list[str]:
    """The values of a field of security.txt (RFC 9116 §2)."""
    lines = (line.partition(":") for line in answer.body.splitlines())
    return [value.strip() for key, _, value in lines if key.strip().lower() == name]


def _is_after(moment: str, now: str) -> bool:
    """Whether a moment with its time zone (RFC 3339) is later than another."""
    try:
        return datetime.fromisoformat(moment) > datetime.fromisoformat(now)
    except (ValueError, TypeError):
        return False
