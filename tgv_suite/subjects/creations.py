"""Subjects of the checks that create something: it is always known how it is removed again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tgv_suite.model.target import OperationKind, Target
from tgv_suite.subjects.declared import access_of, ordinary, permitted_accesses
from tgv_suite.subjects.subject import Access, Creating, Subject, Undeclared
from tgv_suite.text import Text


def every_creation(target: Target) -> Iterator[Creating]:
    """Each operation that creates something, once, by the first ordinary actor who may."""
    seen: set[str] = set()
    for create in ordinary(permitted_accesses(target, list(OperationKind))):
        creation, shown_by = create.operation.creates, create.operation.read_back
        if create.operation_id in seen or creation is None or shown_by is None:
            continue
        seen.add(create.operation_id)
        yield Creating(
            create=create,
            reading=_by_the_same(target, shown_by, create),
            removal=_by_the_same(target, creation.removed_by, create),
        )


def _by_the_same(target: Target, operation_id: str, create: Access) -> Access:
    """Another operation on what was created, by whoever created it where they may."""
    actors = target.operations[operation_id].actors
    actor = create.actor_id if create.actor_id in actors else next(iter(actors), create.actor_id)
    return access_of(target, operation_id, actor, create.object_id)


def every_upload(target: Target) -> Sequence[Subject] | Undeclared:
    """Each operation that takes a file, by the first actor who may send one."""
    found = [each for each in every_creation(target) if each.create.operation.upload is not None]
    offered = any(operation.upload is not None for operation in target.operations.values())
    return found or Undeclared(
        missing=Text(
            fr="selon le manifeste, aucune opération ne prend de fichier (upload)",
            en="by the manifest, no operation takes a file (upload)",
        ),
        offered=offered,
    )


def every_bounded_upload(target: Target) -> Sequence[Subject] | Undeclared:
    """The same, where the longest file is declared."""
    uploads = every_upload(target)
    if isinstance(uploads, Undeclared):
        return uploads
    bounded = [
        each
        for each in every_creation(target)
        if each.create.operation.upload is not None
        and each.create.operation.upload.largest is not None
    ]
    return bounded or Undeclared(
        missing=Text(
            fr="aucune opération n'est déclarée avec la longueur maximale des fichiers qu'elle prend "
            "(upload, « largest »)",
            en="no operation is declared with the maximum length of the files that it takes (upload, "
            "“largest”)",
        )
    )
