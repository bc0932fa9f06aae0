"""Subjects of the checks of rights that are withdrawn for a moment, and given back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tgv_suite.model.rights import Hook, Restriction
from tgv_suite.model.target import AuditService, Target
from tgv_suite.subjects.declared import READS, access_of, permitted_accesses
from tgv_suite.subjects.subject import (
    Access,
    Removal,
    Restricted,
    Subject,
    Undeclared,
    or_undeclared,
)


def every_access_removal(target: Target) -> Sequence[Subject] | Undeclared:
    """Each actor whose access is withdrawn by a test, with a reading of theirs."""
    readings = list(permitted_accesses(target, READS))
    found = []
    for removal in target.access_removals:
        own = next((one for one in readings if one.actor_id == removal.actor), None)
        if own is not None:
            closing, reopening = _by_hook(target, removal.hook)
            delay_s = removal.hook.delay_s
            found.append(
                Removal(reading=own, closing=closing, reopening=reopening, delay_s=delay_s)
            )
    return or_undeclared(
        found,
        fr="aucun acteur n'est déclaré dont l'accès puisse être retiré par un essai "
        "(access_removals), avec une lecture qui lui est permise",
        en="no actor is declared whose access a test may withdraw (access_removals), with a reading "
        "that they may do",
    )


def every_restriction(target: Target) -> Sequence[Subject] | Undeclared:
    """Each restriction that a test may set, with the readings that it must stop and one it must not."""
    return or_undeclared(
        list(_restrictions(target)),
        fr="aucune restriction de l'accès d'un intervenant aux renseignements d'une personne n'est "
        "déclarée (restrictions), avec une lecture des mêmes par cet intervenant et par un autre",
        en="no restriction of a provider's access to a person's information is declared "
        "(restrictions), with a reading of the same by that provider and by another",
    )


def _restrictions(target: Target) -> Iterator[Restricted]:
    trails = [s for s in target.services.values() if isinstance(s, AuditService)]
    for declared in target.restrictions:
        readings = tuple(_of_the_person(target, declared, declared.provider))
        same = {(one.operation_id, one.object_id) for one in readings}
        spared = (
            one
            for one in _of_the_person(target, declared, declared.bystander)
            if (one.operation_id, one.object_id) in same
        )
        first = next(spared, None)
        if first is not None:
            setting, lifting = _by_hook(target, declared.hook)
            yield Restricted(
                person=target.people[first.object.person or ""].locator,
                readings=readings,
                spared=first,
                setting=setting,
                lifting=lifting,
                delay_s=declared.hook.delay_s,
                service=next(iter(trails), None),
            )


def _of_the_person(target: Target, declared: Restriction, actor: str) -> Iterator[Access]:
    """What an actor may read of the person whom a restriction protects, once an operation."""
    person = target.objects[declared.hook.object].person
    for operation_id, operation in target.operations.items():
        forbidden = target.scope.forbids(operation_id, operation.method, operation.path)
        if operation.public or operation.kind not in READS or forbidden:
            continue
        if actor not in operation.actors:
            continue
        for object_id, each in target.objects.items():
            marked = each.kind == operation.object and bool(each.canaries)
            if marked and actor in each.owners and each.person == person is not None:
                yield access_of(target, operation_id, actor, object_id)
                break


def _by_hook(target: Target, hook: Hook) -> tuple[Access, Access]:
    """What makes a change and what undoes it, in the name of who does it."""
    made = access_of(target, hook.operation, hook.actor, hook.object)
    return made, access_of(target, hook.undo, hook.actor, hook.object)
