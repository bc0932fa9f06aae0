"""Audit trail: whoever read a person's data can be named afterwards."""

from __future__ import annotations

from datetime import datetime

from tgv_suite.check import (
    AuditedReading,
    CannotTell,
    Cause,
    System,
    Text,
    cause_of,
    every_audited_reading,
    requirement,
)


@requirement("JRN-01", reading=every_audited_reading, alone=True)
def test_a_read_is_logged(si: System, reading: AuditedReading) -> None:
    """One reading by one actor; the audit trail must then say who, whom, when, what, how it ended."""
    person = si.target.people[reading.person]
    identity = reading.access.actor.audit_identity
    if identity is None:
        raise CannotTell(
            Cause.PRECONDITION,
            Text(
                fr="le manifeste ne dit pas comment le journal nomme cet acteur (« audit_identity »)",
                en="the manifest doesn't say how the audit trail names this actor (“audit_identity”)",
            ),
        )

    trail = si.audited(reading)

    si.hold(
        trail.status == 200 and trail.failure is None,
        Text(
            fr=f"la lecture ou le journal n'a pas répondu ({trail.status or trail.failure})",
            en=f"the reading or the audit trail didn't answer ({trail.status or trail.failure})",
        ),
        cause_of(trail.failure),
    )
    of_the_person = [event for event in trail.new if _names(event.patient, person.locator)]
    assert of_the_person, Text(
        fr=f"aucun événement de cette personne n'est apparu au journal en {reading.service.delay_s} s",
        en=f"no event of this person appeared in the audit trail in {reading.service.delay_s} s",
    )
    event = next((e for e in of_the_person if _names(e.who, identity)), of_the_person[0])
    assert _names(event.who, identity), Text(
        fr=f"le journal ne nomme pas qui a lu ; attendu : {identity}",
        en=f"the audit trail doesn't name who read; expected {identity}",
    )
    assert _has_zone(event.when), Text(
        fr=f"l'heure de l'événement n'a pas de fuseau : {event.when}",
        en=f"the event's time has no time zone: {event.when}",
    )
    assert event.action is not None, Text(
        fr="le journal ne dit pas ce qui a été fait", en="the audit trail doesn't say what was done"
    )
    assert event.outcome is not None, Text(
        fr="le journal ne dit pas comment l'accès s'est terminé",
        en="the audit trail doesn't say how the access ended",
    )


def _names(said: str | None, expected: str) -> bool:
    """Whether what the trail says names the expected one, as itself or as a reference's end."""
    return said is not None and expected in (said, said.rpartition("/")[2])


def _has_zone(when: str | None) -> bool:
    try:
        return when is not None and datetime.fromisoformat(when).tzinfo is not None
    except ValueError:
        return False
