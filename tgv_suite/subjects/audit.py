"""Subjects of the checks of the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from tgv_suite.model.target import AuditService, OperationKind, Target
from tgv_suite.model.variant import Variant
from tgv_suite.subjects.authorization import crossings
from tgv_suite.subjects.declared import (
    READS,
    access_of,
    first_of_each_operation,
    ordinary,
    people_known_to,
    permitted_accesses,
)
from tgv_suite.subjects.subject import (
    Access,
    AuditedCrossing,
    AuditedEvent,
    AuditedReading,
    Crossing,
    Subject,
    Undeclared,
    or_undeclared,
)


def every_audited_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading of a person's data, where a service shows the audit trail."""
    readings: list[Subject] = list(_readings(target))
    return or_undeclared(
        readings,
        fr="aucune consultation du journal d'accès n'est déclarée, avec une lecture à y retrouver",
        en="no access to the audit trail is declared, with a reading to find in it",
    )


def every_audited_denial(target: Target) -> Sequence[Subject] | Undeclared:
    """Each operation that reads what its actor may not see, where a service shows the audit trail."""
    first: dict[str, Subject] = {}
    for audited in _audited_crossings(target):
        first.setdefault(audited.crossing.own.operation_id, audited)
    return or_undeclared(
        list(first.values()),
        fr="aucune consultation du journal d'accès n'est déclarée, avec une lecture du dossier "
        "d'autrui à y retrouver",
        en="no access to the audit trail is declared, with a reading of somebody else's record to "
        "find in it",
    )


def every_trail_intruder(target: Target) -> Sequence[Subject] | Undeclared:
    """An actor of each role that isn't let into the trail, and a person of no concern to them."""
    first: dict[str, Subject] = {}
    for audited in _audited_crossings(target):
        intruder, permitted = audited.crossing.own, target.operations[audited.service.operation]
        if intruder.actor_id not in (audited.service.actor, *permitted.actors):
            first.setdefault(intruder.actor.role, audited)
    return or_undeclared(
        list(first.values()),
        fr="aucune consultation du journal d'accès n'est déclarée, avec un acteur qui n'y a pas droit "
        "et une lecture du dossier d'autrui",
        en="no access to the audit trail is declared, with an actor who has no right to it and a "
        "reading of somebody else's record",
    )


def every_audited_event(target: Target) -> Sequence[Subject] | Undeclared:
    """The first audited reading whose event can be read alone, and an actor of each role."""
    return or_undeclared(
        list(_events(target))[:1],
        fr="la consultation d'un seul événement du journal d'accès n'est pas déclarée "
        "(« event_operation ») : une personne doit vérifier que nul ne peut le modifier",
        en="the reading of one event of the audit trail isn't declared (“event_operation”): a person "
        "must verify that nobody can alter it",
    )


def alterations(service: AuditService) -> tuple[Variant, ...]:
    """Ways of altering and of erasing one event, in the trail's format; ``{unique}`` marks each.

    FHIR R4 §3.1.0.4 (update) and §3.1.0.5 (patch, as JSON Patch, RFC 6902); for other JSON, the
    record's own field that says who, and JSON Merge Patch (RFC 7396).
    """
    if service.fields is None:
        put, put_as = json.dumps(_ALTERED_EVENT), "application/fhir+json"
        patch, patch_as = json.dumps(_PATCHED_EVENT), "application/json-patch+json"
    else:
        put = patch = json.dumps(_placed(service.fields.who, "zzt {unique}"))
        put_as, patch_as = "application/json", "application/merge-patch+json"
    return (
        Variant(name="put", method="PUT", text=put, media_type=put_as),
        Variant(name="patch", method="PATCH", text=patch, media_type=patch_as),
        Variant(name="delete", method="DELETE"),
    )


_ALTERED_EVENT: JsonValue = {
    "resourceType": "AuditEvent",
    "id": "{event}",
    "type": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110110"},
    "recorded": "2000-01-01T00:00:00Z",
    "agent": [{"requestor": True, "who": {"display": "zzt {unique}"}}],
    "source": {"observer": {"display": "zzt"}},
}
_PATCHED_EVENT: JsonValue = [{"op": "add", "path": "/outcomeDesc", "value": "zzt {unique}"}]


def _placed(pointer: str, value: str) -> JsonValue:
    """A JSON object with a value where a pointer (RFC 6901) leads."""
    placed: JsonValue = value
    for name in reversed(pointer.split("/")[1:]):
        placed = {name.replace("~1", "/").replace("~0", "~"): placed}
    return placed


def _service(target: Target) -> tuple[str, AuditService] | None:
    services = target.services.items()
    return next(((i, s) for i, s in services if isinstance(s, AuditService)), None)


def _readings(target: Target) -> Iterator[AuditedReading]:
    declared = _service(target)
    if declared is None:
        return
    service_id, service = declared
    for access in first_of_each_operation(ordinary(permitted_accesses(target, READS))):
        person = access.object.person
        if person is not None and access.operation_id != service.operation:
            yield AuditedReading(
                access=access, service_id=service_id, service=service, person=person
            )


def _audited_crossings(target: Target) -> Iterator[AuditedCrossing]:
    declared = _service(target)
    if declared is not None:
        for crossing in _between_people(target):
            yield AuditedCrossing(crossing=crossing, service=declared[1])


def _between_people(target: Target) -> Iterator[Crossing]:
    """Crossings to a record of somebody who has none that the actor may see."""
    for clinics in (False, True):
        for crossing in crossings(target, [OperationKind.READ], clinics=clinics):
            person = crossing.foreign.object.person
            if person is not None and person not in people_known_to(target, crossing.own.actor_id):
                yield crossing


def _events(target: Target) -> Iterator[AuditedEvent]:
    roles: dict[str, Access] = {}
    for access in ordinary(permitted_accesses(target, READS)):
        roles.setdefault(access.actor.role, access)
    for reading in _readings(target):
        operation, object_id = reading.service.event_operation, reading.access.object_id
        if operation is not None:
            event = access_of(target, operation, reading.service.actor, object_id)
            yield AuditedEvent(reading=reading, event=event, others=tuple(roles.values()))
