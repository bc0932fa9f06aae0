"""Subjects of the checks of what a system reveals of who has a record there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

from tgv_suite import nam
from tgv_suite.model.target import Operation, OperationKind, Target
from tgv_suite.subjects.declared import access_of, ordinary, people_known_to, permitted_accesses
from tgv_suite.subjects.subject import Access, Lookup, Subject, Undeclared, or_undeclared

PAIRS = 3


def every_lookup(target: Target) -> Sequence[Subject] | Undeclared:
    """Each search by health insurance number, with people whom its actor may not find."""
    return or_undeclared(
        list(_lookups(target)),
        fr="aucune recherche par numéro d'assurance maladie (« {nam} ») n'est déclarée, avec une "
        "personne que l'acteur ne peut trouver",
        en="no search by health insurance number (“{nam}”) is declared, with a person whom the actor "
        "may not find",
    )


def numbers_of_nobody(target: Target) -> Iterator[str]:
    """Numbers next to those of the synthetic people, that none of them has."""
    for person in target.people.values():
        if person.nam is not None:
            yield from _next_to(target, person.nam)


def _next_to(target: Target, number: str) -> Iterator[str]:
    known = {nam.normal(person.nam) for person in target.people.values() if person.nam}
    near = (one for one in nam.neighbours(number) if nam.normal(one) not in known)
    return islice(near, PAIRS + 1)


def _lookups(target: Target) -> Iterator[Lookup]:
    done: set[str] = set()
    for own in ordinary(permitted_accesses(target, [OperationKind.SEARCH])):
        if own.operation_id in done or not _by_number_only(own.operation):
            continue
        hidden = list(_hidden(target, own))
        if hidden and number_of(target, own) is not None:
            done.add(own.operation_id)
            yield Lookup(
                own=own,
                hidden=tuple(islice(cycle(hidden), PAIRS)),
                absent=tuple(_next_to(target, number_of(target, hidden[0]) or "")),
            )


def _by_number_only(operation: Operation) -> bool:
    template = operation.path + json.dumps(operation.body)
    return "{nam}" in template and "{person}" not in template and "{object}" not in template


def _hidden(target: Target, own: Access) -> Iterator[Access]:
    """The same search on everybody of whom its actor has no record, by somebody who has one."""
    known = people_known_to(target, own.actor_id)
    for object_id, other in target.objects.items():
        holders = [
            name
            for name in other.owners
            if name in own.operation.actors and not target.actors[name].sacrificial
        ]
        if other.kind == own.object.kind and holders and other.person not in known:
            access = access_of(target, own.operation_id, holders[0], object_id)
            if number_of(target, access) is not None:
                yield access


def number_of(target: Target, access: Access) -> str | None:
    """The health insurance number of whoever an access is about."""
    person = access.object.person
    return None if person is None else target.people[person].nam
