"""Subjects of the checks that generate requests from a service's own description."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pydantic import JsonValue

from tgv_suite.model.fuzzing import Because, LeftOut
from tgv_suite.model.target import (
    OpenApiService,
    Operation,
    OperationKind,
    SignatureAuthentication,
    Target,
)
from tgv_suite.noun import noun
from tgv_suite.subjects.declared import (
    READS,
    first_of_each_operation,
    ordinary,
    permitted_accesses,
    permitted_writings,
)
from tgv_suite.subjects.exposure import every_description
from tgv_suite.subjects.subject import (
    Access,
    Described,
    FuzzedService,
    Subject,
    Undeclared,
    Writing,
    or_undeclared,
)


def every_fuzzed_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """The readings of each service that publishes its description."""
    return _each(target, lambda permitted: [permitted.readings])


def every_fuzzed_service(target: Target) -> Sequence[Subject] | Undeclared:
    """Of each service that publishes its description, the readings, then what changes something."""
    return _each(target, lambda permitted: [permitted.readings, permitted.writings])


def _each(
    target: Target,
    chosen: Callable[[_Permitted], Sequence[tuple[Access, ...] | tuple[Writing, ...]]],
) -> Sequence[Subject] | Undeclared:
    described = every_description(target)
    if isinstance(described, Undeclared):
        return described
    found = [
        _fuzzed(target, one, permitted, some)
        for one in described
        if isinstance(one, Described)
        for permitted in [_permitted(target, one.service_id)]
        for some in chosen(permitted)
        if some
    ]
    return or_undeclared(
        found,
        fr="aucune opération protégée d'un service qui publie sa description n'est déclarée, avec un "
        "objet de qui l'appelle",
        en="no protected operation of a service that publishes its description is declared, with an "
        "object of whoever calls it",
    )


def free_fields(operation: Operation) -> tuple[str, ...]:
    """The fields of a write in whose place another value may stand: those that carry ``{unique}``.

    What the others hold may name somebody, or cancel something.
    """
    body = operation.body if isinstance(operation.body, dict) else {}
    return tuple(name for name, value in body.items() if _carries(value))


def _carries(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any(map(_carries, value.values()))
    if isinstance(value, list):
        return any(map(_carries, value))
    return isinstance(value, str) and "{unique}" in value


@noun
class _Permitted:
    """What may be called, once for each operation."""

    readings: tuple[Access, ...]
    writings: tuple[Writing, ...]


def _fuzzed(
    target: Target,
    described: Described,
    permitted: _Permitted,
    chosen: tuple[Access, ...] | tuple[Writing, ...],
) -> FuzzedService:
    writings = tuple(one for one in chosen if isinstance(one, Writing))
    readings = tuple(one for one in chosen if isinstance(one, Access))
    every = (*permitted.readings, *(writing.write for writing in permitted.writings))
    return FuzzedService(
        service_id=described.service_id,
        service=described.service,
        url=described.url,
        every=every,
        accesses=(*readings, *(writing.write for writing in writings)),
        writings=writings,
        left_out=tuple(_left_out(target, described.service_id, every)),
    )


def _permitted(target: Target, service_id: str) -> _Permitted:
    readings = (
        access
        for access in ordinary(permitted_accesses(target, READS))
        if access.operation.service == service_id and _free_to_send(access)
    )
    writings: dict[str, Writing] = {}
    for writing in permitted_writings(target):
        write, told = writing.write, isinstance(target.services[service_id], OpenApiService)
        free = told and not write.actor.sacrificial and _free_to_send(write)
        if write.operation.service == service_id and free and free_fields(write.operation):
            writings.setdefault(write.operation_id, writing)
    return _Permitted(
        readings=tuple(first_of_each_operation(readings)), writings=tuple(writings.values())
    )


def _free_to_send(access: Access) -> bool:
    """Whether anything may be sent there: no address to call, no signature to make anew."""
    signed = isinstance(access.actor.authentication, SignatureAuthentication)
    return access.operation.outbound is None and not signed


def _left_out(target: Target, service_id: str, chosen: Sequence[Access]) -> Iterator[LeftOut]:
    """The other operations of a service, and why they are left alone."""
    tried = {access.operation_id for access in chosen}
    for operation_id, operation in target.operations.items():
        if operation.service == service_id and operation_id not in tried:
            yield LeftOut(name=operation_id, why=_why(target, operation))


def _why(target: Target, operation: Operation) -> Because:
    by_kind = {OperationKind.CREATE: Because.CREATES, OperationKind.DELETE: Because.DELETES}
    if operation.kind in by_kind:
        return by_kind[operation.kind]
    if operation.outbound is not None:
        return Because.CALLS_OUT
    if operation.public:
        return Because.OPEN_TO_ALL
    if operation.kind is not OperationKind.UPDATE:
        return Because.NOBODY
    told = isinstance(target.services[operation.service], OpenApiService)
    return Because.EFFECT_UNSEEN if told else Because.BODY_UNTOLD
