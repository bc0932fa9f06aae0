"""Subjects of the authentication checks."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.model.target import (
    BearerAuthentication,
    OAuth2Authentication,
    OAuth2Service,
    Target,
)
from tgv_suite.subjects.declared import (
    READS,
    covering,
    first_of_each_operation,
    ordinary,
    permitted_accesses,
    permitted_writings,
)
from tgv_suite.subjects.subject import Subject, Undeclared, or_undeclared
from tgv_suite.text import Text


def every_protected_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected read or search, by its first permitted actor."""
    return or_undeclared(
        first_of_each_operation(ordinary(permitted_accesses(target, READS))),
        fr="aucune lecture protégée n'est déclarée, avec un acteur et un objet qui lui appartient",
        en="no protected reading is declared, with an actor and an object of theirs",
    )


def every_protected_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected update that has a reading to show its effect, by its first permitted actor."""
    first: dict[str, Subject] = {}
    for writing in permitted_writings(target):
        if not writing.write.actor.sacrificial:
            first.setdefault(writing.write.operation_id, writing)
    return or_undeclared(
        list(first.values()),
        fr="aucune modification protégée n'est déclarée avec la lecture qui en montre l'effet",
        en="no protected update is declared with the reading that shows its effect",
    )


def every_token_access(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading by a bearer of a token, and each bearer, at least once."""
    bearers = _token_actors(target)
    if not bearers:
        return _NO_TOKEN
    readings = ordinary(permitted_accesses(target, READS))
    return or_undeclared(
        covering([access for access in readings if access.actor_id in bearers]),
        fr="aucune lecture protégée n'est déclarée pour un acteur qui présente un jeton",
        en="no protected reading is declared for an actor who presents a token",
    )


def _token_actors(target: Target) -> set[str]:
    kinds = (OAuth2Authentication, BearerAuthentication)
    return {
        name for name, actor in target.actors.items() if isinstance(actor.authentication, kinds)
    }


_NO_TOKEN = Undeclared(
    missing=Text(
        fr="selon le manifeste, aucun acteur ne s'authentifie par un jeton",
        en="by the manifest, no actor authenticates with a token",
    ),
    offered=False,
)


def every_revocable_access(target: Target) -> Sequence[Subject] | Undeclared:
    """A reading by each sacrificial OAuth 2.0 client, whose token may be revoked."""
    if not any(isinstance(service, OAuth2Service) for service in target.services.values()):
        return _NO_TOKEN
    spenders = {name for quota in target.quotas for name in (quota.actor, quota.bystander)}
    accesses = [
        access
        for access in permitted_accesses(target, READS)
        if access.actor.sacrificial
        and isinstance(access.actor.authentication, OAuth2Authentication)
        and isinstance(target.services[access.actor.authentication.service], OAuth2Service)
        and access.actor_id not in spenders
    ]
    by_actor = {access.actor_id: access for access in reversed(accesses)}
    return or_undeclared(
        list(by_actor.values()),
        fr="aucun client OAuth 2.0 sacrifiable n'est déclaré, dont le jeton puisse être révoqué",
        en="no sacrificial OAuth 2.0 client is declared, whose token may be revoked",
    )
