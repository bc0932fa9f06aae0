"""Subjects of the checks that any protected reading serves, however it is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.model.target import Target
from tgv_suite.subjects.declared import (
    READS,
    covering,
    first_of_each_operation,
    ordinary,
    permitted_accesses,
)
from tgv_suite.subjects.subject import Access, Subject, Undeclared, or_undeclared


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


def _readings(target: Target) -> list[Access]:
    return list(ordinary(permitted_accesses(target, READS)))


def _or_undeclared(found: Sequence[Subject]) -> Sequence[Subject] | Undeclared:
    return or_undeclared(
        found,
        fr="aucune lecture protégée n'est déclarée, avec un acteur et un objet qui lui appartient",
        en="no protected reading is declared, with an actor and an object of theirs",
    )
