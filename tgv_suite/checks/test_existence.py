"""Existence: a system doesn't tell whether somebody has a record there to whoever may not see it."""

from __future__ import annotations

from typing import NamedTuple

from tgv_suite.check import (
    Answer,
    CannotTell,
    Cause,
    Lookup,
    System,
    Text,
    differences,
    every_lookup,
    number_of,
    requirement,
    stripped,
    unanswered,
)

_OVERLOADED = 429


@requirement("API-05", lookup=every_lookup)
def test_a_hidden_person_is_answered_as_an_absent_one(si: System, lookup: Lookup) -> None:
    """Numbers that nobody has, and between them those of people whom the actor may not find."""
    own = lookup.own
    si.control(si.perform(own), sees=own.object.canaries)
    for hidden in lookup.hidden:
        si.control(si.perform(hidden), sees=hidden.object.canaries)

    absent = [_sought(si, lookup, lookup.absent[0])]
    found = []
    for hidden, number in zip(lookup.hidden, lookup.absent[1:], strict=True):
        found.append(_sought(si, lookup, number_of(si.target, hidden) or ""))
        si.hold(
            not found[-1].answer.mentions(hidden.object.canaries),
            Text(
                fr="la recherche montre la personne même : voir AZN-01 et AZN-03",
                en="the search shows the very person: see AZN-01 and AZN-03",
            ),
            Cause.PRECONDITION,
        )
        absent.append(_sought(si, lookup, number))
    si.control(si.perform(own), sees=own.object.canaries)

    apart = [_apart(one, absent) for one in found]
    if None in apart or len({bool(each) for each in apart}) > 1:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr="les réponses varient d'elles-mêmes : rien ne peut en être conclu",
                en="the answers vary by themselves: nothing can be concluded from them",
            ),
        )
    said = apart[0] or ""
    assert not said, Text(
        fr="chercher une personne que l'acteur ne peut voir ne donne pas la même réponse que chercher "
        f"un numéro que personne n'a : {said} ; attendu : le même statut et le même corps",
        en="searching for a person whom the actor may not see isn't answered as a number that nobody "
        f"has: {said}; expected the same status and body",
    )


class _Sought(NamedTuple):
    """An answer, and its body without the number that was sought."""

    answer: Answer
    body: str


def _sought(si: System, lookup: Lookup, number: str) -> _Sought:
    """The actor's search for a number, answered whole and by the system itself."""
    answer = si.perform(lookup.own, values=(("nam", number),))
    if answer.status is None or answer.status >= 500 or answer.status == _OVERLOADED:
        raise unanswered(answer, Text(fr="la recherche par numéro", en="the search by number"))
    return _Sought(answer, stripped(answer.body, number))


def _apart(found: _Sought, absent: list[_Sought]) -> str | None:
    """What tells an answer from those of absent people, if anything; None when nothing can."""
    status, hidden = absent[0].answer.status, found.answer.status
    if any(one.answer.status != status for one in absent):
        return None
    if hidden != status:
        return f"HTTP {hidden} ≠ HTTP {status}"
    places = differences(found.body, [one.body for one in absent])
    if places is None:
        return None
    return ", ".join(place or "HTTP body" for place in places[:3])
