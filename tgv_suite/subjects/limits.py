"""Subjects of the checks of limits."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.model.target import OperationKind, Target
from tgv_suite.subjects.declared import (
    access_by,
    first_of_each_operation,
    permitted_accesses,
    permitted_writings,
)
from tgv_suite.subjects.subject import Limit, Paging, Subject, Undeclared, or_undeclared


def every_declared_quota(target: Target) -> Sequence[Subject] | Undeclared:
    """Each declared quota, with the access that spends it and a bystander's."""
    limits: list[Subject] = []
    for quota in target.quotas:
        spending = access_by(target, quota.operation, quota.actor)
        bystander = access_by(target, quota.operation, quota.bystander)
        if spending is not None and bystander is not None:
            limits.append(Limit(quota=quota, spending=spending, bystander=bystander))
    return or_undeclared(
        limits,
        fr="aucun quota n'est déclaré, avec un acteur sacrifiable et un témoin",
        en="no quota is declared, with an actor who may spend it and a bystander",
    )


def every_paged_search(target: Target) -> Sequence[Subject] | Undeclared:
    """Each search whose longest page is declared, by its first permitted actor."""
    searches = first_of_each_operation(permitted_accesses(target, [OperationKind.SEARCH]))
    return or_undeclared(
        [
            Paging(access=search, page=search.operation.page)
            for search in searches
            if search.operation.page is not None
        ],
        fr="aucune recherche n'est déclarée avec la longueur maximale de ses pages (« page »)",
        en="no search is declared with the maximum length of its pages (“page”)",
    )


def every_bounded_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each update in JSON whose longest body is declared, with the reading that shows its effect."""
    first: dict[str, Subject] = {}
    for writing in permitted_writings(target):
        operation = writing.write.operation
        if operation.largest_body is not None and isinstance(operation.body, dict):
            first.setdefault(writing.write.operation_id, writing)
    return or_undeclared(
        list(first.values()),
        fr="aucune modification en JSON n'est déclarée avec la longueur maximale de son corps "
        "(« largest_body »)",
        en="no update in JSON is declared with the maximum length of its body (“largest_body”)",
    )
