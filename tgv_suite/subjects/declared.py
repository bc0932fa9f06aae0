"""What a manifest permits: which actor calls which operation on an object of theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from tgv_suite.model.target import (
    Actor,
    CertificateAuthentication,
    NoAuthentication,
    OAuth2Authentication,
    OperationKind,
    Target,
)
from tgv_suite.subjects.subject import Access, Writing

READS = (OperationKind.READ, OperationKind.SEARCH)


def permitted_accesses(target: Target, kinds: Sequence[OperationKind]) -> Iterator[Access]:
    """Each protected operation with each permitted actor, on the first object that they own."""
    for operation_id, operation in target.operations.items():
        if operation.public or operation.kind not in kinds or operation.object is None:
            continue
        if target.scope.forbids(operation_id, operation.method, operation.path):
            continue
        for actor_id in operation.actors:
            if isinstance(target.actors[actor_id].authentication, NoAuthentication):
                continue
            owned = first_owned(target, operation.object, actor_id)
            if owned is not None:
                yield access_of(target, operation_id, actor_id, owned)


def permitted_writings(target: Target) -> Iterator[Writing]:
    """Each permitted update whose effect the same actor can see in a permitted reading."""
    for write in permitted_accesses(target, [OperationKind.UPDATE]):
        writing = writing_of(target, write)
        if writing is not None:
            yield writing


def writing_of(target: Target, write: Access) -> Writing | None:
    """An update with the reading that shows its effect to its actor, when there is one.

    An update that doesn't carry ``{unique}`` shows nothing that another wouldn't.
    """
    shows = write.operation.read_back
    if shows is None or write.actor_id not in target.operations[shows].actors:
        return None
    if "{unique}" not in write.operation.path + json.dumps(write.operation.body):
        return None
    reading = access_of(target, shows, write.actor_id, write.object_id)
    return Writing(write=write, reading=reading)


def access_of(target: Target, operation_id: str, actor_id: str, object_id: str) -> Access:
    """An actor's call of an operation on an object, by their ids."""
    return Access(
        operation_id=operation_id,
        operation=target.operations[operation_id],
        actor_id=actor_id,
        actor=target.actors[actor_id],
        object_id=object_id,
        object=target.objects[object_id],
    )


def people_known_to(target: Target, actor_id: str) -> set[str | None]:
    """The people of whom an actor owns an object; None beside them where one concerns nobody."""
    return {one.person for one in target.objects.values() if actor_id in one.owners}


def first_owned(target: Target, kind: str, actor_id: str) -> str | None:
    """The first object of a kind that an actor owns."""
    objects = target.objects.items()
    return next((i for i, o in objects if o.kind == kind and actor_id in o.owners), None)


def first_of_each_operation(accesses: Iterator[Access]) -> list[Access]:
    """The first access of each operation."""
    first: dict[str, Access] = {}
    for access in accesses:
        first.setdefault(access.operation_id, access)
    return list(first.values())


def first_of_each_actor(accesses: Iterator[Access]) -> dict[str, Access]:
    """The first access of each actor."""
    first: dict[str, Access] = {}
    for access in accesses:
        first.setdefault(access.actor_id, access)
    return first


def ordinary(accesses: Iterator[Access]) -> Iterator[Access]:
    """Those whose actor must not be spent."""
    return (access for access in accesses if not access.actor.sacrificial)


def covering(accesses: Sequence[Access]) -> list[Access]:
    """A choice in which each operation and each actor stands at least once."""
    operations: set[str] = set()
    actors: set[str] = set()
    chosen = []
    for access in accesses:
        if access.operation_id not in operations or access.actor_id not in actors:
            operations.add(access.operation_id)
            actors.add(access.actor_id)
            chosen.append(access)
    return chosen


def access_by(target: Target, operation_id: str, actor_id: str) -> Access | None:
    """An actor's call of an operation on the first object of theirs, when they own one."""
    kind = target.operations[operation_id].object
    owned = None if kind is None else first_owned(target, kind, actor_id)
    return None if owned is None else access_of(target, operation_id, actor_id, owned)


def presents_certificate(actor: Actor) -> bool:
    """Whether an actor presents a client certificate."""
    declared = actor.authentication
    bound = isinstance(declared, OAuth2Authentication) and declared.certificate is not None
    return bound or isinstance(declared, CertificateAuthentication)
