"""Audit trail: whoever read a person's data, or tried to, can be named afterwards, by nobody's leave."""

from __future__ import annotations

from datetime import datetime

from tgv_suite.check import (
    Access,
    AskPerson,
    AuditedCrossing,
    AuditedEvent,
    AuditedReading,
    AuditFact,
    AuditRecord,
    CannotTell,
    Cause,
    Refusal,
    System,
    Text,
    alterations,
    cause_of,
    every_audited_denial,
    every_audited_event,
    every_audited_reading,
    every_trail_intruder,
    requirement,
    took_effect,
)

# Our altered event may lack what this system wants: such a refusal says nothing of the right to it.
_NOT_AS_WANTED = frozenset({400, 409, 412, 415, 422, 428})
_SHOWN_OR_REFUSED = frozenset({200, 401, 403, 404, 405})


@requirement("JRN-01", reading=every_audited_reading, alone=True)
def test_a_read_is_logged(si: System, reading: AuditedReading) -> None:
    """One reading by one actor; the audit trail must then say who, whom, when, what, how it ended."""
    person = si.target.people[reading.person]
    identity = _identity(reading.access)

    trail = si.audited(reading.access, by=reading.service)

    _answered(si, trail)
    of_the_person = [event for event in trail.new if event.about(person.locator)]
    assert of_the_person, Text(
        fr=f"aucun événement de cette personne n'est apparu au journal en {reading.service.delay_s} s",
        en=f"no event of this person appeared in the audit trail in {reading.service.delay_s} s",
    )
    event = next((e for e in of_the_person if e.by(identity)), of_the_person[0])
    assert event.by(identity), Text(
        fr=f"le journal ne nomme pas qui a lu ; attendu : {identity}",
        en=f"the audit trail doesn't name who read; expected {identity}",
    )
    assert _has_zone(event.when), Text(
        fr="l'heure de l'événement manque, ou n'a pas de fuseau",
        en="the event's time is missing, or has no time zone",
    )
    assert event.action, Text(
        fr="l'événement ne dit pas ce qui a été fait", en="the event doesn't say what was done"
    )
    assert event.outcome, Text(
        fr="l'événement ne dit pas l'issue de l'accès",
        en="the event doesn't say the access's outcome",
    )


@requirement("JRN-03", audited=every_audited_denial, alone=True)
def test_a_refused_read_is_logged(si: System, audited: AuditedCrossing) -> None:
    """Somebody else's record, asked for and refused; the audit trail must tell of the refusal."""
    own, foreign, service = audited.crossing.own, audited.crossing.foreign, audited.service
    si.control(si.perform(own), sees=own.object.canaries)
    si.control(si.perform(foreign), sees=foreign.object.canaries)

    trail = si.audited(own, by=service, on=foreign, search=service.actor_operation)

    si.hold(
        trail.performed in (403, 404, 410),
        Text(
            fr="la lecture du dossier d'autrui n'a pas été refusée comme elle le doit "
            f"({trail.performed or trail.performed_failure}) : voir AZN-01 et AZN-03",
            en="the reading of somebody else's record wasn't refused as it must be "
            f"({trail.performed or trail.performed_failure}): see AZN-01 and AZN-03",
        ),
        Cause.PRECONDITION,
    )
    _answered(si, trail)
    si.control(si.perform(own), sees=own.object.canaries)
    tried = _of(si, trail, own, foreign)
    if not tried and service.actor_operation is None:
        raise AskPerson(
            Text(
                fr="le refus n'apparaît pas parmi les événements de cette personne : une personne "
                "doit le chercher parmi ceux de qui a essayé (ou déclarez « actor_operation »)",
                en="the refusal doesn't appear among this person's events: a person has to look for "
                "it among those of whoever tried (or declare “actor_operation”)",
            )
        )
    outcomes = ", ".join(sorted({(event.outcome or "—")[:40] for event in tried}))
    assert any(event.outcome in service.refusals for event in tried), Text(
        fr=f"le journal ne dit pas que cet accès a été refusé : {len(tried)} événement(s) de cet "
        f"accès en {service.delay_s} s (issue : {outcomes or 'aucune'}) ; attendu : "
        f"{', '.join(service.refusals)}",
        en=f"the audit trail doesn't say that this access was refused: {len(tried)} event(s) of this "
        f"access in {service.delay_s} s (outcome: {outcomes or 'none'}); expected "
        f"{', '.join(service.refusals)}",
    )


@requirement("JRN-05", event=every_audited_event, alone=True)
def test_nobody_alters_an_event(si: System, event: AuditedEvent) -> None:
    """An event that we caused, altered and erased in each role's name; what the auditor then reads."""
    logged = _logged(si, event)
    values = (("event", logged.id or ""),)
    seen = [logged.when or ""]
    si.control(si.perform(event.event, values=values), sees=seen)

    unsure: list[str] = []
    for alive in (*event.others, event.event):
        for variant in alterations(event.reading.service):
            attempt = si.perform(event.by(alive), values=values, variant=variant)
            after = si.perform(event.event, values=values)

            assert not took_effect(attempt, after), Text(
                fr=f"un événement du journal a été modifié ou effacé par « {alive.actor.role} » "
                f"({variant.method}, statut {attempt.status}) ; attendu : un refus, et l'événement "
                "inchangé",
                en=f"an event of the audit trail was altered or erased by “{alive.actor.role}” "
                f"({variant.method}, status {attempt.status}); expected a refusal, and the event "
                "unchanged",
            )
            si.control(after, sees=seen)
            if attempt.status in _NOT_AS_WANTED:
                unsure.append(f"{alive.actor.role} {variant.method} {attempt.status}")
            else:
                si.denied(attempt, Refusal.METHOD, Refusal.OBJECT, Refusal.CREDENTIAL)
        si.control(si.perform(alive, values=values))
    if unsure:
        said = ", ".join(unsure)
        raise AskPerson(
            Text(
                fr=f"la modification n'a pas été acceptée telle quelle ({said}) : une personne doit "
                "dire si une autre le serait",
                en=f"the alteration wasn't accepted as it was ({said}): a person has to say whether "
                "another would be",
            )
        )


@requirement("JRN-06", audited=every_trail_intruder, alone=True)
def test_the_trail_is_shown_to_none_but_auditors(si: System, audited: AuditedCrossing) -> None:
    """A reading that the auditor finds in the trail, looked for there by somebody of no concern."""
    own, foreign, service = audited.crossing.own, audited.crossing.foreign, audited.service
    si.control(si.perform(own), sees=own.object.canaries)
    for_the_auditor = si.audited(foreign, by=service)
    _answered(si, for_the_auditor)
    si.hold(
        bool(_of(si, for_the_auditor, foreign, foreign)),
        Text(
            fr="l'événement d'une lecture n'apparaît pas au journal : voir JRN-01",
            en="the event of a reading doesn't appear in the audit trail: see JRN-01",
        ),
        Cause.PRECONDITION,
    )

    trail = si.audited(foreign, by=service, reader=own)

    assert not _of(si, trail, foreign, foreign), Text(
        fr=f"le journal des accès au dossier d'autrui est montré au rôle « {own.actor.role} » ; "
        "attendu : un refus, ou rien de cette personne",
        en=f"the trail of accesses to somebody else's record is shown to the role “{own.actor.role}”; "
        "expected a refusal, or nothing of that person",
    )
    si.hold(
        trail.performed == 200 and trail.status in _SHOWN_OR_REFUSED,
        Text(
            fr="la lecture à retrouver, ou sa recherche au journal, n'a reçu ni refus ni résultat "
            f"({trail.performed or trail.performed_failure}, {trail.status or trail.failure})",
            en="the reading to be found, or its search in the trail, received neither refusal nor "
            f"result ({trail.performed or trail.performed_failure}, {trail.status or trail.failure})",
        ),
        cause_of(trail.performed_failure or trail.failure),
    )
    si.control(si.perform(own), sees=own.object.canaries)


def _identity(access: Access) -> str:
    """How the trail names an actor."""
    identity = access.actor.audit_identity
    if identity is None:
        raise CannotTell(
            Cause.PRECONDITION,
            Text(
                fr="le manifeste ne dit pas comment le journal nomme cet acteur (« audit_identity »)",
                en="the manifest doesn't say how the audit trail names this actor (“audit_identity”)",
            ),
        )
    return identity


def _answered(si: System, trail: AuditFact) -> None:
    """Hold that the access was answered, and that the trail could be read."""
    si.hold(
        trail.performed is not None and trail.status == 200,
        Text(
            fr="l'accès ou le journal n'a pas répondu "
            f"({trail.performed or trail.performed_failure}, {trail.status or trail.failure})",
            en="the access or the audit trail didn't answer "
            f"({trail.performed or trail.performed_failure}, {trail.status or trail.failure})",
        ),
        cause_of(trail.performed_failure or trail.failure),
    )


def _of(si: System, trail: AuditFact, by: Access, on: Access) -> list[AuditRecord]:
    """The new events of somebody's access to an object, or to the person whom it concerns."""
    identity, person = _identity(by), si.target.people[on.object.person or ""]
    locators = (on.object.locator, person.locator)
    return [event for event in trail.new if event.by(identity) and any(map(event.about, locators))]


def _logged(si: System, event: AuditedEvent) -> AuditRecord:
    """The event of a reading, to be read by its identifier."""
    read = event.reading.access
    trail = si.audited(read, by=event.reading.service)
    _answered(si, trail)
    found = [one for one in _of(si, trail, read, read) if one.id and one.when]
    if not found:
        raise CannotTell(
            Cause.PRECONDITION,
            Text(
                fr="l'événement de la lecture n'apparaît pas au journal avec un identifiant et une "
                "heure : voir JRN-01",
                en="the event of the reading doesn't appear in the audit trail with an identifier "
                "and a time: see JRN-01",
            ),
        )
    return found[0]


def _has_zone(when: str | None) -> bool:
    try:
        return when is not None and datetime.fromisoformat(when).tzinfo is not None
    except ValueError:
        return False
