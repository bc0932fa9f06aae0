"""Input: what a request carries is taken only as what it is announced to be, and well formed."""

from __future__ import annotations

from collections.abc import Iterable

from tgv_suite.check import (
    Access,
    Answer,
    AskPerson,
    Cause,
    Malformed,
    Refusal,
    System,
    Text,
    Variant,
    Writing,
    every_json_writing,
    every_malformed_writing,
    every_protected_reading,
    requirement,
    unanswered,
    values_at,
)
from tgv_suite.model.inside import inside_told
from tgv_suite.model.json_tree import paths_to
from tgv_suite.model.response_headers import browser_sends
from tgv_suite.noun import noun

_OF_ANOTHER_TYPE = ("unknown-object", "quote-in-identifier", "wrong-type")

_OTHERWISE_ANNOUNCED = (
    Variant(name="as-plain-text", media_type="text/plain"),
    Variant(name="as-a-form", media_type="application/x-www-form-urlencoded"),
    Variant(name="without-a-type", media_type=""),
)


@requirement("ENT-01", malformed=every_malformed_writing, alone=True)
def test_a_malformed_body_is_refused_or_stored_in_the_right_type(
    si: System, malformed: Malformed
) -> None:
    """The permitted change with one thing wrong in its body at a time, and mended each time."""
    writing = malformed.writing
    permitted = si.perform(writing.write)
    si.control(permitted)
    before = si.perform(writing.reading)
    si.control(before, sees=[permitted.unique])
    fields = paths_to(before.json(), permitted.unique)
    si.hold(
        bool(fields),
        Text(
            fr="la lecture ne montre pas en JSON le champ que la modification change",
            en="the reading doesn't show in JSON the field that the change changes",
        ),
        Cause.NO_OBSERVATION,
    )

    tried = [_tried(si, writing, variant) for variant in (malformed.cut, *malformed.variants)]

    mended = si.perform(writing.write)
    si.control(mended)
    si.control(si.perform(writing.reading), sees=[mended.unique])
    told = inside_told(one.attempt for one in tried if not one.attempt.served)
    assert not told, Text(
        fr="une erreur révèle l'intérieur du SI : "
        + ", ".join(f"{what.fr} « {found} »" for what, found in told.items()),
        en="an error reveals the inside of the system: "
        + ", ".join(f"{what.en} “{found}”" for what, found in told.items()),
    )
    broken = ", ".join(one.name for one in tried if one.attempt.server_error)
    assert not broken, Text(
        fr=f"un corps mal formé provoque une erreur du serveur, deux fois de suite ({broken}) ; "
        "attendu : 400 ou 422",
        en=f"a malformed body brings a server error, twice running ({broken}); expected 400 or 422",
    )
    cut, *others = tried
    assert not cut.after.mentions([cut.attempt.unique]), Text(
        fr=f"un corps JSON coupé avant la fin a été enregistré (statut {cut.attempt.status}) ; "
        "attendu : 400 ou 422, et l'objet inchangé",
        en=f"a JSON body cut before its end was stored (status {cut.attempt.status}); expected 400 or "
        "422, and the object unchanged",
    )
    kinds = _kinds(before, fields)
    wrong = ", ".join(one.name for one in others if _kinds(one.after, fields) - kinds)
    assert not wrong, Text(
        fr="une valeur d'un autre type a été enregistrée, et la lecture la rend telle quelle "
        f"({wrong}) ; attendu : 400 ou 422, ou une valeur du type prévu",
        en=f"a value of another type was stored, and the reading gives it back as it is ({wrong}); "
        "expected 400 or 422, or a value of the right type",
    )
    for one in tried:
        si.control(one.after)
        _refused_or_taken(one.attempt)
    _said_to_be_refused(cut.attempt)


@requirement("ENT-01", access=every_protected_reading)
def test_a_value_of_the_wrong_type_brings_no_server_error(si: System, access: Access) -> None:
    """A permitted reading with an identifier, then parameters, that aren't of the right type."""
    si.control(si.perform(access), sees=access.object.canaries)

    answers = {fault: _asked(si, access, fault) for fault in _OF_ANOTHER_TYPE}

    si.control(si.perform(access), sees=access.object.canaries)
    broken = ", ".join(fault for fault, answer in answers.items() if answer.server_error)
    assert not broken, Text(
        fr="une valeur du mauvais type provoque une erreur du serveur, deux fois de suite "
        f"({broken}) ; attendu : 400 ou 404",
        en=f"a value of the wrong type brings a server error, twice running ({broken}); expected 400 "
        "or 404",
    )
    for answer in answers.values():
        _refused_or_taken(answer)


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


@noun
class _Tried:
    """One malformed write by its name, and what its object was then read as."""

    name: str
    attempt: Answer
    after: Answer


def _tried(si: System, writing: Writing, variant: Variant) -> _Tried:
    """Send a malformed write, read its object, and mend it; a server error has to happen twice."""
    attempt = si.perform(writing.write, variant=variant)
    if attempt.server_error:
        si.control(si.perform(writing.write))
        attempt = si.perform(writing.write, variant=variant)
    after = si.perform(writing.reading)
    si.perform(writing.write)
    return _Tried(name=variant.name, attempt=attempt, after=after)


def _asked(si: System, access: Access, fault: str) -> Answer:
    """Ask with a fault in the address; a server error has to happen twice."""
    answer = si.malformed(access, fault)
    if answer.server_error:
        si.control(si.perform(access), sees=access.object.canaries)
        answer = si.malformed(access, fault)
    return answer


def _kinds(answer: Answer, fields: Iterable[str]) -> set[type]:
    """The kinds of JSON values that a reading shows in some fields; null says that there is none."""
    content = answer.json()
    values = [value for field in fields for value in values_at(content, field)]
    return {type(value) for value in values if value is not None}


def _refused_or_taken(answer: Answer) -> None:
    """Hold that malformed input was answered by the system itself: any 4xx, or 2xx."""
    said = answer.status or 0
    if not (answer.served or said == 501 or (400 <= said < 500 and said not in (408, 429))):
        raise unanswered(answer, Text(fr="la requête mal formée", en="the malformed request"))


def _said_to_be_refused(cut: Answer) -> None:
    """Hold that a body cut before its end was refused in so many words, and not only ignored."""
    if cut.served:
        raise AskPerson(
            Text(
                fr=f"un corps coupé avant la fin reçoit le statut {cut.status}, sans effet : une "
                "personne doit dire si la réponse annonce l'erreur à qui appelle",
                en=f"a body cut before its end is answered {cut.status}, without effect: a person has "
                "to say whether the answer tells the caller of the error",
            )
        )
