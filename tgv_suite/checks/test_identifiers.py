"""Identifiers: what a system calls somebody's record by tells nothing of them."""

from __future__ import annotations

from tgv_suite.check import (
    Access,
    CannotTell,
    Cause,
    Identified,
    System,
    Text,
    every_identified_reading,
    requirement,
)
from tgv_suite.model.identifiers import Told, identifiers, in_sequence, told_by

_ENOUGH = 20
_WORDS = {
    Told.NUMBER: Text(fr="le numéro d'assurance maladie", en="the health insurance number"),
    Told.BIRTH: Text(fr="la date de naissance", en="the date of birth"),
    Told.DIGEST: Text(
        fr="un condensé du numéro d'assurance maladie", en="a digest of the health insurance number"
    ),
    Told.MAIL: Text(fr="l'adresse courriel", en="the e-mail address"),
}


@requirement("AZN-09", identified=every_identified_reading)
def test_no_identifier_is_derived_from_a_person(si: System, identified: Identified) -> None:
    """Every identifier that permitted readings and searches show, beside what is known of the people."""
    found: dict[str, str] = {}
    for reading in identified.readings:
        answer = si.perform(reading)
        si.control(answer, sees=reading.object.canaries)
        found |= dict.fromkeys(_in_address(reading), reading.operation_id)
        found |= dict.fromkeys(identifiers(answer.json()), reading.operation_id)

    for name, person in si.target.people.items():
        for identifier, operation in found.items():
            told = told_by(identifier, person)

            assert told is None, Text(
                fr=f"un identifiant que montre « {operation} » contient {_said(told).fr} de « {name} » ; "
                "attendu : un identifiant tiré au hasard",
                en=f"an identifier that “{operation}” shows holds {_said(told).en} of “{name}”; expected "
                "an identifier drawn at random",
            )
    if len(found) < _ENOUGH:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr=f"seuls {len(found)} identifiants ont été vus, sur les {_ENOUGH} qu'il faut : semez "
                "davantage d'objets",
                en=f"only {len(found)} identifiers were seen, of the {_ENOUGH} needed: seed more objects",
            ),
        )
    _tell_of_sequences(si, found)


def _in_address(reading: Access) -> tuple[str, ...]:
    """The identifier that stands in a reading's path; one in its query may be what is sought by."""
    named = "{object}" in reading.operation.path.partition("?")[0]
    return (reading.object.locator,) if named else ()


def _said(told: Told | None) -> Text:
    return Text(fr="", en="") if told is None else _WORDS[told]


def _tell_of_sequences(si: System, found: dict[str, str]) -> None:
    """Tell of identifiers that are counted up: only access control then keeps the next one."""
    if in_sequence(found):
        si.note(
            Text(
                fr="des identifiants sont des numéros qui se suivent : seul le contrôle d'accès protège "
                "l'objet suivant",
                en="some identifiers are numbers that follow one another: only access control protects "
                "the next object",
            )
        )
