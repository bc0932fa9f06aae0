"""Input: what a request carries is taken only as what it is announced to be, and well formed."""

from __future__ import annotations

from tgv_suite.check import (
    Answer,
    Refusal,
    System,
    Text,
    Variant,
    Writing,
    every_json_writing,
    requirement,
)
from tgv_suite.model.response_headers import browser_sends

_OTHERWISE_ANNOUNCED = (
    Variant(name="as-plain-text", media_type="text/plain"),
    Variant(name="as-a-form", media_type="application/x-www-form-urlencoded"),
    Variant(name="without-a-type", media_type=""),
)


@requirement("ENT-07", writing=every_json_writing, alone=True)
def test_a_body_announced_as_something_else_changes_nothing(si: System, writing: Writing) -> None:
    """The permitted change, its body announced as what a foreign page may send unasked."""
    by_browser = browser_sends(writing.write.actor.authentication)
    permitted = si.perform(writing.write)
    si.control(permitted)
    si.control(si.perform(writing.reading), sees=[permitted.unique])

    for variant in _OTHERWISE_ANNOUNCED:
        attempt = si.perform(writing.write, variant=variant)
        after = si.perform(writing.reading)
        si.control(after)
        effective = after.mentions([attempt.unique])

        assert not (effective and by_browser), Text(
            fr=f"un corps qui n'est pas annoncé comme du JSON ({variant.name}) a modifié l'objet "
            f"(statut {attempt.status}), sous un authentifiant que le navigateur envoie de "
            "lui-même ; attendu : 415, et l'objet inchangé",
            en=f"a body that isn't announced as JSON ({variant.name}) changed the object (status "
            f"{attempt.status}), under a credential that a browser sends by itself; expected 415, "
            "and the object unchanged",
        )
        _told_or_denied(si, attempt, effective=effective)
    last = si.perform(writing.write)
    si.control(last)
    si.control(si.perform(writing.reading), sees=[last.unique])


def _told_or_denied(si: System, attempt: Answer, *, effective: bool) -> None:
    """Tell of an effect that no foreign page could have had; hold any other answer a refusal."""
    if effective:
        si.note(
            Text(
                fr="le SI prend un corps qui n'est pas annoncé comme du JSON ; aucun navigateur "
                "n'envoie cet authentifiant de lui-même",
                en="the system takes a body that isn't announced as JSON; no browser sends this "
                "credential by itself",
            )
        )
        return
    si.denied(attempt, Refusal.INPUT, Refusal.OBJECT, Refusal.CREDENTIAL)
