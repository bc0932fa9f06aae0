"""What an answer's headers let browsers, caches and strangers do."""

from __future__ import annotations

from urllib.parse import urlsplit

from tgv_suite.check import (
    Access,
    Answer,
    Credential,
    Refusal,
    System,
    Text,
    Variant,
    every_reading_by_each_actor,
    every_service_reading,
    requirement,
    settled,
    unanswered,
)
from tgv_suite.model.response_headers import (
    browser_sends,
    cache_directives,
    kept_by,
    shared_with,
)


@requirement("API-01", access=every_service_reading)
def test_no_foreign_site_may_read_with_the_users_credentials(si: System, access: Access) -> None:
    """The permitted reading as pages of foreign sites would send it, and a preflight of one."""
    si.control(si.perform(access), sees=access.object.canaries)

    for origin in _foreign_origins(si, access):
        readable = si.perform(access, variant=_from(origin))
        preflight = si.perform(access, variant=_preflight(origin), credential=Credential.NONE)

        shared = [answer.status for answer in (readable, preflight) if shared_with(answer, origin)]
        assert not shared, Text(
            fr=f"le SI permet aux pages de « {origin} » de lire avec les identifiants de l'usager "
            "(Access-Control-Allow-Origin et Allow-Credentials) ; attendu : aucune permission",
            en=f"the system lets the pages of “{origin}” read with the user's credentials "
            "(Access-Control-Allow-Origin and Allow-Credentials); expected no permission",
        )
        _answered(readable)
        if preflight.status is None and not preflight.refused(Refusal.CREDENTIAL):
            raise unanswered(preflight, Text(fr="la requête préalable", en="the preflight"))
    si.control(si.perform(access), sees=access.object.canaries)


@requirement("API-02", access=every_reading_by_each_actor)
def test_what_is_personal_stays_in_no_cache(si: System, access: Access) -> None:
    """What the answer that shows a record lets caches keep of it."""
    answer = si.perform(access)
    si.control(answer, sees=access.object.canaries)
    stored = "no-store" not in cache_directives(answer)
    by_browser = browser_sends(access.actor.authentication)

    assert not (stored and by_browser), Text(
        fr="le dossier, ouvert par des identifiants que le navigateur envoie de lui-même, peut "
        "rester dans son cache ; attendu : Cache-Control: no-store",
        en="the record, opened by credentials that the browser sends by itself, may stay in its "
        "cache; expected Cache-Control: no-store",
    )
    kept = kept_by(answer)
    assert kept is None, Text(
        fr=f"le dossier peut être gardé par un cache ({kept}) ; attendu : Cache-Control: no-store",
        en=f"the record may be kept by a cache ({kept}); expected Cache-Control: no-store",
    )
    if stored:
        si.note(
            Text(
                fr="la réponse ne dit pas « Cache-Control: no-store »",
                en="the answer doesn't say “Cache-Control: no-store”",
            )
        )


def _foreign_origins(si: System, access: Access) -> tuple[str, ...]:
    """Origins of nobody's: a foreign one, the opaque one, and two that resemble the system's."""
    url: str = getattr(si.target.services[access.operation.service], "url", "")
    host = urlsplit(url).hostname or ""
    domain = ".".join(host.split(".")[-2:])
    return (
        "https://tgv.invalid",
        "null",
        f"https://{host}.tgv.invalid",
        f"https://zzt{domain}",
    )


def _from(origin: str) -> Variant:
    return Variant(name=f"origin-{_named(origin)}", headers=(("Origin", origin),))


def _preflight(origin: str) -> Variant:
    asked = (("Origin", origin), ("Access-Control-Request-Method", "PUT"))
    return Variant(name=f"preflight-{_named(origin)}", method="OPTIONS", headers=asked)


def _named(origin: str) -> str:
    return origin.removeprefix("https://")


def _answered(answer: Answer) -> None:
    """Hold that a reading from a foreign page was served, or refused for its origin."""
    if not answer.served:
        settled(answer, Refusal.CREDENTIAL, Refusal.INPUT)
