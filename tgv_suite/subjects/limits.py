"""Subjects of the checks of limits."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.model.target import Target
from tgv_suite.subjects.declared import access_by
from tgv_suite.subjects.subject import Limit, Subject, Undeclared, or_undeclared


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
