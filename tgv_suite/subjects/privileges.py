"""Subjects of the checks of privileges: functions, scopes, fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tgv_suite.model.target import OAuth2Authentication, Operation, Target
from tgv_suite.model.variant import Variant
from tgv_suite.subjects.declared import (
    READS,
    access_of,
    ordinary,
    permitted_accesses,
    permitted_writings,
)
from tgv_suite.subjects.subject import (
    Access,
    Intrusion,
    OnlyReading,
    Reserved,
    Subject,
    Undeclared,
    Undescribed,
    Withheld,
    Writing,
    or_undeclared,
)
from tgv_suite.text import Text


def every_reserved_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """Each reserved reading, with an actor of every other role."""
    readings = [
        access
        for access in ordinary(permitted_accesses(target, READS))
        if access.operation.reserved and access.object.canaries
    ]
    return or_undeclared(
        _reserved(target, [(access, access) for access in readings]),
        fr="aucune lecture réservée (reserved) n'est déclarée, avec un objet marqué et un acteur "
        "d'un autre rôle",
        en="no reserved reading is declared, with a marked object and an actor of another role",
    )


def every_reserved_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each reserved update whose effect a reading shows, with an actor of every other role."""
    writings = [
        (writing.write, writing.reading)
        for writing in permitted_writings(target)
        if writing.write.operation.reserved and not writing.write.actor.sacrificial
    ]
    return or_undeclared(
        _reserved(target, writings),
        fr="aucune modification réservée (reserved) n'est déclarée, avec la lecture qui en montre "
        "l'effet et un acteur d'un autre rôle",
        en="no reserved update is declared, with the reading that shows its effect and an actor of "
        "another role",
    )


def _reserved(target: Target, pairs: Sequence[tuple[Access, Access]]) -> list[Subject]:
    """Each operation once, where somebody is there to whom it must be refused."""
    first: dict[str, Subject] = {}
    for permitted, reading in pairs:
        intrusions = tuple(_intrusions(target, permitted))
        if intrusions:
            reserved = Reserved(permitted=permitted, reading=reading, intrusions=intrusions)
            first.setdefault(permitted.operation_id, reserved)
    return list(first.values())


def _intrusions(target: Target, permitted: Access) -> Iterator[Intrusion]:
    """The first actor of each role that isn't the permitted actors', with what they may read."""
    seen = {target.actors[name].role for name in permitted.operation.actors}
    for own in ordinary(permitted_accesses(target, READS)):
        if own.actor.role not in seen and own.actor_id not in permitted.object.owners:
            seen.add(own.actor.role)
            attempt = access_of(target, permitted.operation_id, own.actor_id, permitted.object_id)
            yield Intrusion(own=own, attempt=attempt)


def every_scoped_reader(target: Target) -> Sequence[Subject] | Undeclared:
    """Each update that needs a scope, and a client that asked only for others."""
    clients = [
        actor.authentication
        for actor in target.actors.values()
        if isinstance(actor.authentication, OAuth2Authentication)
    ]
    if not any(client.scope for client in clients):
        return Undeclared(
            missing=Text(
                fr="selon le manifeste, aucun acteur ne demande de portée OAuth 2.0",
                en="by the manifest, no actor asks for an OAuth 2.0 scope",
            ),
            offered=False,
        )
    return or_undeclared(
        [only for only in _only_readers(target) if _lacks_the_scope(only)],
        fr="aucune modification n'est déclarée avec la portée qu'elle exige (scope) et un client "
        "OAuth 2.0 qui lit le même objet sans demander cette portée",
        en="no update is declared with the scope that it needs and an OAuth 2.0 client that reads "
        "the same object without asking for that scope",
    )


def _lacks_the_scope(only: OnlyReading) -> bool:
    needed = only.attempt.operation.scope
    reader, writer = only.reading.actor, only.writing.write.actor
    return (
        needed is not None
        and isinstance(writer.authentication, OAuth2Authentication)
        and isinstance(reader.authentication, OAuth2Authentication)
        and reader.authentication.scope is not None
        and needed not in reader.authentication.scope.split()
        and reader.role == writer.role
    )


def _only_readers(target: Target) -> list[OnlyReading]:
    """Each update once, with the first actor who may read its object and not change it."""
    first: dict[str, OnlyReading] = {}
    for writing in permitted_writings(target):
        reader = None if writing.write.actor.sacrificial else _reader(target, writing)
        if reader is not None:
            operation, object_id = writing.write.operation_id, writing.write.object_id
            only = OnlyReading(
                writing=writing,
                reading=reader,
                attempt=access_of(target, operation, reader.actor_id, object_id),
            )
            first.setdefault(operation, only)
    return list(first.values())


def _reader(target: Target, writing: Writing) -> Access | None:
    """Who may read what is written, and calls nothing that changes such an object."""
    kind, object_id = writing.write.object.kind, writing.write.object_id
    writers = {
        name
        for operation in target.operations.values()
        if operation.object == kind and operation.kind not in READS
        for name in operation.actors
    }
    readings = (
        access_of(target, writing.reading.operation_id, name, object_id)
        for name in writing.reading.operation.actors
        if name in writing.write.object.owners and name not in writers
    )
    return next(ordinary(readings), None)


def every_closed_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """Each reading whose fields are declared, by an actor of each role."""
    first: dict[tuple[str, str], Subject] = {}
    for access in ordinary(permitted_accesses(target, READS)):
        if access.operation.returns:
            first.setdefault((access.operation_id, access.actor.role), access)
    return or_undeclared(
        list(first.values()),
        fr="aucune lecture n'est déclarée avec les champs qu'elle rend (returns)",
        en="no reading is declared with the fields that it returns (returns)",
    )


def every_withheld_field(target: Target) -> Sequence[Subject] | Undeclared:
    """Each field that is withheld from a role, with somebody of that role and somebody who sees it."""
    found: dict[str, Subject] = {}
    for kept in ordinary(permitted_accesses(target, READS)):
        for path, roles in kept.operation.withheld.items():
            shown = _shown(target, kept, roles)
            if kept.actor.role in roles and shown is not None:
                withheld = Withheld(field=path, shown=shown, kept=kept)
                found.setdefault(f"{kept.operation_id} {kept.actor.role} {path}", withheld)
    return or_undeclared(
        list(found.values()),
        fr="aucun champ n'est déclaré comme caché à un rôle (withheld), sur un objet que quelqu'un "
        "d'un autre rôle lit aussi",
        en="no field is declared as withheld from a role, on an object that somebody of another "
        "role reads too",
    )


def _shown(target: Target, kept: Access, roles: Sequence[str]) -> Access | None:
    """The same reading by somebody from whom the field isn't withheld."""
    readings = (
        access_of(target, kept.operation_id, name, kept.object_id)
        for name in kept.operation.actors
        if name in kept.object.owners and target.actors[name].role not in roles
    )
    return next(ordinary(readings), None)


def every_privileged_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each update with the fields that it must not change, and the reading that shows them."""
    first: dict[str, Subject] = {}
    for writing in permitted_writings(target):
        operation = writing.write.operation
        composed = isinstance(operation.body, dict) and operation.privileged
        if composed and not writing.write.actor.sacrificial:
            first.setdefault(writing.write.operation_id, writing)
    return or_undeclared(
        list(first.values()),
        fr="aucune modification en JSON n'est déclarée avec les champs qu'elle ne doit pas changer "
        "(privileged) et la lecture qui les montre",
        en="no update in JSON is declared with the fields that it must not change (privileged) and "
        "the reading that shows them",
    )


_CHANGING = ("PUT", "PATCH", "DELETE")
_OVERRIDING = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


def every_undescribed_method(target: Target) -> Sequence[Subject] | Undeclared:
    """Each changed path with the methods that aren't declared there, by who may only read."""
    return or_undeclared(
        [
            Undescribed(only=only, variants=tuple(_undescribed(target, only.attempt.operation)))
            for only in _only_readers(target)
        ],
        fr="aucun objet modifiable n'est déclaré qu'un acteur puisse lire sans pouvoir le modifier",
        en="no changeable object is declared that some actor may read but not change",
    )


def _undescribed(target: Target, operation: Operation) -> Iterator[Variant]:
    """The request by each undeclared method, then by what would override a harmless one."""
    declared = {
        other.method
        for other in target.operations.values()
        if other.service == operation.service and _bare(other) == _bare(operation)
    }
    for method in _CHANGING:
        if method not in declared:
            yield Variant(name=method.lower(), method=method)
    for wanted in dict.fromkeys((operation.method, "DELETE")):
        headers = tuple((name, wanted) for name in _OVERRIDING)
        for carrier in ("GET",) if "POST" in declared else ("GET", "POST"):
            name = f"{carrier.lower()}-as-{wanted.lower()}"
            yield Variant(name=f"{name}-by-header", method=carrier, headers=headers)
            query = (("_method", wanted),)
            yield Variant(name=f"{name}-by-parameter", method=carrier, query=query)


def _bare(operation: Operation) -> str:
    """A path without its query and without the names of its templates."""
    return re.sub(r"\{[^}]*\}", "{}", operation.path.partition("?")[0])
