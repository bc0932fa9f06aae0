"""Webhooks: what another system tells is believed only from that system, and once."""

from __future__ import annotations

from tgv_suite.check import (
    WRONG_SIGNATURE,
    Answer,
    Callback,
    Credential,
    Refusal,
    System,
    Text,
    every_signed_callback,
    requirement,
    unanswered,
)


@requirement("WHK-03", callback=every_signed_callback, alone=True)
def test_a_callback_without_its_signature_changes_nothing(si: System, callback: Callback) -> None:
    """The same callback signed, then without signature, by another key, with another body's."""
    _believed(si, callback)

    for credential in WRONG_SIGNATURE:
        attempt = si.perform(callback.write, credential=credential)
        after = _read(si, callback)

        assert not after.mentions([attempt.unique]), Text(
            fr=f"un rappel dont la signature n'est pas la bonne ({credential.value}) a pris effet "
            f"(statut {attempt.status}) ; attendu : un refus, et l'objet inchangé",
            en=f"a callback whose signature isn't the right one ({credential.value}) took effect "
            f"(status {attempt.status}); expected a refusal, and the object unchanged",
        )
        si.control(after)
        si.denied(attempt, Refusal.CREDENTIAL, Refusal.INPUT, Refusal.OBJECT)
    _believed(si, callback)


@requirement("WHK-04", callback=every_signed_callback, alone=True)
def test_a_callback_sent_again_changes_nothing_more(si: System, callback: Callback) -> None:
    """Two callbacks one after the other, then the first again, just as it was."""
    _believed(si, callback)
    _believed(si, callback)

    again = si.perform(callback.write, credential=Credential.REPLAYED)
    after = _read(si, callback)

    assert not after.mentions([again.unique]), Text(
        fr=f"un rappel déjà reçu, renvoyé tel quel, a défait le suivant (statut {again.status}) ; "
        "attendu : un refus, ou aucun effet de plus",
        en=f"a callback received before, sent again as it was, undid the next one (status "
        f"{again.status}); expected a refusal, or no further effect",
    )
    si.control(after)
    said = again.status or 0
    if not (again.served or (400 <= said < 500 and said not in (408, 429))):
        raise unanswered(again, Text(fr="le rappel renvoyé", en="the callback sent again"))
    _believed(si, callback)


def _believed(si: System, callback: Callback) -> None:
    """A callback signed as it should be, whose effect somebody sees."""
    permitted = si.perform(callback.write)
    si.control(permitted)
    si.control(_read(si, callback), sees=[permitted.unique])


def _read(si: System, callback: Callback) -> Answer:
    """The object as its reader sees it, once a callback has had the time to take effect."""
    return si.perform(callback.reading, after_s=callback.delay_s)
