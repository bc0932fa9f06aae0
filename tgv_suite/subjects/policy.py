"""Subjects of the checks of the whole access policy: each reading, by everybody, of everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tgv_suite.model.target import Target
from tgv_suite.subjects.authorization import between_clinics
from tgv_suite.subjects.declared import (
    READS,
    access_of,
    first_of_each_actor,
    ordinary,
    permitted_accesses,
)
from tgv_suite.subjects.subject import (
    Access,
    Intrusion,
    Policy,
    Subject,
    Undeclared,
    or_undeclared,
)


def every_policy_between_users(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading: its owners, and those who don't act for another clinic than theirs."""
    return or_undeclared(
        list(_policies(target, clinics=False)),
        fr="aucune lecture protégée n'est déclarée, avec des objets marqués que tous les usagers ne "
        "voient pas",
        en="no protected reading is declared, with marked objects that not every user sees",
    )


def every_policy_between_clinics(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading: its owners, and those who act for another clinic than theirs."""
    return or_undeclared(
        list(_policies(target, clinics=True)),
        fr="aucune lecture protégée n'est déclarée, avec des objets marqués d'une autre clinique",
        en="no protected reading is declared, with marked objects of another clinic",
    )


def _policies(target: Target, *, clinics: bool) -> Iterator[Policy]:
    for operation_id, operation in target.operations.items():
        if operation.public or operation.kind not in READS or operation.object is None:
            continue
        if target.scope.forbids(operation_id, operation.method, operation.path):
            continue
        everything = tuple(_allowed(target, operation_id))
        shown = {one.object_id for one in everything}
        alive = _alive(target, operation.service)
        denied = tuple(
            intrusion
            for intrusion in _denied(target, operation_id, alive, shown)
            if between_clinics(target, intrusion.attempt) is clinics
        )
        tried = {intrusion.attempt.object_id for intrusion in denied}
        allowed = tuple(one for one in everything if one.object_id in tried)
        if denied:
            yield Policy(operation_id=operation_id, allowed=allowed, denied=denied)


def _allowed(target: Target, operation_id: str) -> Iterator[Access]:
    """Each object by each of its owners who may call the operation."""
    operation = target.operations[operation_id]
    for object_id, named in target.objects.items():
        if named.kind != operation.object or not named.canaries:
            continue
        for actor in operation.actors:
            if actor in named.owners and not target.actors[actor].sacrificial:
                yield access_of(target, operation_id, actor, object_id)


def _alive(target: Target, service: str) -> dict[str, Access]:
    """A permitted reading of each actor whom a service serves anything."""
    readings = ordinary(permitted_accesses(target, READS))
    return first_of_each_actor(one for one in readings if one.operation.service == service)


def _denied(
    target: Target, operation_id: str, alive: dict[str, Access], shown: set[str]
) -> Iterator[Intrusion]:
    """Each object that somebody was shown, by each actor to whom it is foreign.

    Whoever acts for an owner's clinic is left out: a manifest needn't name each of its accounts.
    """
    for actor, own in alive.items():
        for object_id in (one for one in target.objects if one in shown):
            owners = target.objects[object_id].owners
            clinics = {target.actors[owner].clinic for owner in owners} - {None}
            if actor not in owners and target.actors[actor].clinic not in clinics:
                attempt = access_of(target, operation_id, actor, object_id)
                yield Intrusion(own=own, attempt=attempt)
