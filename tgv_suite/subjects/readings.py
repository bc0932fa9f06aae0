"""Subjects of the checks that any protected reading serves, however it is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tgv_suite.model.target import OperationKind, Target
from tgv_suite.subjects.declared import (
    READS,
    access_of,
    covering,
    first_of_each_operation,
    ordinary,
    permitted_accesses,
)
from tgv_suite.subjects.subject import Access, Effectless, Subject, Undeclared, or_undeclared


def every_protected_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected read or search, by its first permitted actor."""
    return _or_undeclared(first_of_each_operation(iter(_readings(target))))


def every_reading_by_each_actor(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading, and each actor who may do one, at least once."""
    return _or_undeclared(covering(_readings(target)))


def every_service_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """The first protected reading of each service."""
    first: dict[str, Access] = {}
    for access in _readings(target):
        first.setdefault(access.operation.service, access)
    return _or_undeclared(list(first.values()))


def every_reading_seen_otherwise(target: Target) -> Sequence[Subject] | Undeclared:
    """Each reading by GET, with other operations that show the same object to whoever owns it."""
    found: list[Subject] = []
    for reading in first_of_each_operation(iter(_readings(target))):
        views = tuple(_views(target, reading))
        if reading.operation.method == "GET" and views:
            found.append(Effectless(reading=reading, views=views))
    return or_undeclared(
        found,
        fr="aucun objet n'est lu par deux opérations déclarées : rien ne montrerait l'effet d'un GET",
        en="no object is read by two declared operations: nothing would show the effect of a GET",
    )


def _views(target: Target, reading: Access) -> Iterator[Access]:
    for name, operation in target.operations.items():
        if name == reading.operation_id or operation.kind is not OperationKind.READ:
            continue
        owners = [actor for actor in operation.actors if actor in reading.object.owners]
        if operation.object == reading.object.kind and owners:
            yield access_of(target, name, owners[0], reading.object_id)


def _readings(target: Target) -> list[Access]:
    return list(ordinary(permitted_accesses(target, READS)))


def _or_undeclared(found: Sequence[Subject]) -> Sequence[Subject] | Undeclared:
    return or_undeclared(
        found,
        fr="aucune lecture protégée n'est déclarée, avec un acteur et un objet qui lui appartient",
        en="no protected reading is declared, with an actor and an object of theirs",
    )
