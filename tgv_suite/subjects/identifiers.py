"""Subjects of the check of the identifiers that a system gives."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.model.target import OperationKind, Target
from tgv_suite.subjects.declared import (
    READS,
    access_of,
    first_of_each_operation,
    ordinary,
    permitted_accesses,
)
from tgv_suite.subjects.subject import Access, Identified, Subject, Undeclared, or_undeclared

_MOST = 40


def every_identified_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """One reading of each object, and one of each search, in one subject: ids are looked at together."""
    if not target.people:
        return or_undeclared(
            [], fr="aucune personne d'essai n'est déclarée", en="no synthetic person is declared"
        )
    marked = [a for a in ordinary(permitted_accesses(target, READS)) if a.object.canaries]
    readings: dict[str, Access] = {}
    for access in marked:
        if access.operation.kind is OperationKind.READ:
            for object_id in _readable(target, access):
                one = access_of(target, access.operation_id, access.actor_id, object_id)
                readings.setdefault(object_id, one)
    searches = [
        access
        for access in first_of_each_operation(iter(marked))
        if access.operation.kind is OperationKind.SEARCH
    ]
    chosen = (*readings.values(), *searches)[:_MOST]
    return or_undeclared(
        [Identified(readings=chosen)] if chosen else [],
        fr="aucune lecture n'est déclarée, sur un objet marqué (canaries)",
        en="no reading of a marked object is declared (canaries)",
    )


def _readable(target: Target, access: Access) -> list[str]:
    """The marked objects that an access's actor may read by its operation."""
    return [
        object_id
        for object_id, item in target.objects.items()
        if item.kind == access.object.kind and access.actor_id in item.owners and item.canaries
    ]
