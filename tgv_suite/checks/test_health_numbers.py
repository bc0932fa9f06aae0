"""Health insurance numbers: one that nobody can have is never stored."""

from __future__ import annotations

from tgv_suite.check import (
    Answer,
    AskPerson,
    NumberWriting,
    Refusal,
    System,
    Text,
    every_number_writing,
    requirement,
)
from tgv_suite.noun import noun


@requirement("ENT-10", writing=every_number_writing, alone=True)
def test_a_number_that_nobody_can_have_is_refused(si: System, writing: NumberWriting) -> None:
    """Somebody's own number, then numbers of an impossible date or length, then a wrong check digit."""
    _own(si, writing)

    tried = [_tried(si, writing, kind, number) for kind, number in writing.impossible]
    mistaken = _tried(si, writing, "check-digit", writing.mistaken)

    _own(si, writing)
    stored = ", ".join(one.kind for one in tried if one.stored)
    assert not stored, Text(
        fr=f"un numéro d'assurance maladie que personne ne peut avoir a été enregistré ({stored}) ; "
        "attendu : 400 ou 422, et le numéro inchangé",
        en=f"a health insurance number that nobody can have was stored ({stored}); expected 400 or 422, "
        "and the number unchanged",
    )
    echoed = ", ".join(one.kind for one in (*tried, mistaken) if one.echoed)
    assert not echoed, Text(
        fr=f"le refus répète le numéro d'assurance maladie en entier ({echoed}) ; attendu : un refus qui "
        "nomme le champ, sans le numéro",
        en=f"the refusal repeats the whole health insurance number ({echoed}); expected a refusal that "
        "names the field, without the number",
    )
    for one in tried:
        si.denied(one.attempt, Refusal.INPUT)
    if mistaken.stored:
        raise AskPerson(
            Text(
                fr="un numéro dont le chiffre de contrôle est faux a été enregistré : une personne doit "
                "dire si le SI le vérifie autrement, auprès de la RAMQ par exemple",
                en="a number of a wrong check digit was stored: a person has to say whether the system "
                "verifies it otherwise, with the RAMQ for instance",
            )
        )
    si.denied(mistaken.attempt, Refusal.INPUT)


@noun
class _Tried:
    """One number by what is wrong with it: how it was answered, and what came of it."""

    kind: str
    attempt: Answer
    stored: bool
    echoed: bool


def _tried(si: System, writing: NumberWriting, kind: str, number: str) -> _Tried:
    """Send a number, look for it, and put the own one back."""
    attempt = si.perform(writing.write, values=(("nam", number),))
    after = si.perform(writing.reading)
    si.perform(writing.write)
    forms = _written(number)
    return _Tried(
        kind=kind,
        attempt=attempt,
        stored=after.mentions(forms),
        echoed=not attempt.served and attempt.mentions(forms),
    )


def _own(si: System, writing: NumberWriting) -> None:
    """Somebody's own number: taken, and shown."""
    si.control(si.perform(writing.write))
    si.control(si.perform(writing.reading), sees=_written(writing.number))


def _written(number: str) -> tuple[str, ...]:
    """A number as systems write it."""
    parts = (number[:4], number[4:8], number[8:])
    return tuple(separator.join(parts) for separator in ("", " ", "-"))
