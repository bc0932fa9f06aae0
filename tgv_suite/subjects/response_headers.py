"""Subjects of the checks of an answer's headers."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.model.target import Target
from tgv_suite.subjects.declared import READS, covering, ordinary, permitted_accesses
from tgv_suite.subjects.subject import Access, Subject, Undeclared, or_undeclared

_MISSING = {
    "fr": "aucune lecture protégée n'est déclarée, avec un acteur et un objet qui lui appartient",
    "en": "no protected reading is declared, with an actor and an object of theirs",
}


def every_reading_by_each_actor(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading, and each actor who may do one, at least once."""
    readings = list(ordinary(permitted_accesses(target, READS)))
    return or_undeclared(covering(readings), **_MISSING)


def every_reading_of_each_service(target: Target) -> Sequence[Subject] | Undeclared:
    """The first protected reading of each service."""
    first: dict[str, Access] = {}
    for access in ordinary(permitted_accesses(target, READS)):
        first.setdefault(access.operation.service, access)
    return or_undeclared(list(first.values()), **_MISSING)
