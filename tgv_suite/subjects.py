"""Over what a check is run: pure functions from the target to the subjects that it concerns.

A check names one of these for one of its arguments: ``@requirement("AUT-01", access=every_…)``. The
function returns the subjects, or :class:`Undeclared` with what the manifest would have to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from tgv_suite.model.target import (
    Actor,
    AuditService,
    BearerAuthentication,
    FhirService,
    NoAuthentication,
    OAuth2Authentication,
    OAuth2Service,
    Operation,
    OperationKind,
    Quota,
    SyntheticObject,
    Target,
)
from tgv_suite.noun import noun
from tgv_suite.text import Text

_READS = (OperationKind.READ, OperationKind.SEARCH)


@noun
class Endpoint:
    """A host and port of the system that speaks TLS."""

    host: str
    port: int

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.host}-{self.port}"


@noun
class Access:
    """An actor's permitted call of an operation, on an object of theirs.

    Parameters
    ----------
    operation_id, operation, actor_id, actor, object_id, object:
        Who calls what on what, by id and in full.
    """

    operation_id: str
    operation: Operation
    actor_id: str
    actor: Actor
    object_id: str
    object: SyntheticObject

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.operation_id}.{self.actor_id}"


@noun
class Writing:
    """A permitted write, and the reading that shows its effect."""

    write: Access
    reading: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.write.name


@noun
class Crossing:
    """An actor's permitted access, and the same operation on what they may not see.

    Parameters
    ----------
    own:
        What the actor may do.
    foreign:
        What the owner of the other object may do, by which it is known to exist.
    """

    own: Access
    foreign: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return f"{self.own.name}.{self.foreign.object_id}"


@noun
class Limit:
    """A declared quota, the access that spends it, and the bystander's."""

    quota: Quota
    spending: Access
    bystander: Access

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.spending.name


@noun
class AuditedReading:
    """A reading of a person's data, and the service that must have logged it."""

    access: Access
    service_id: str
    service: AuditService
    person: str

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.access.name


Subject = Endpoint | Access | Writing | Crossing | Limit | AuditedReading


@noun
class Undeclared:
    """The manifest declares nothing that the check could be run over.

    Parameters
    ----------
    missing:
        What it would have to declare.
    offered:
        Whether the system offers the thing at all; when its manifest says that it doesn't, the
        check isn't applicable, whatever the profile demands.
    """

    missing: Text
    offered: bool = True


Subjects = Callable[[Target], Sequence[Subject] | Undeclared]


def _or_undeclared(found: Sequence[Subject], *, fr: str, en: str) -> Sequence[Subject] | Undeclared:
    return found or Undeclared(missing=Text(fr=fr, en=en))


def every_tls_endpoint(target: Target) -> Sequence[Subject] | Undeclared:
    """Each host and port at which a declared service speaks TLS."""
    urls = [
        service.url for service in target.services.values() if not isinstance(service, AuditService)
    ]
    parts = [urlsplit(url) for url in urls if url.startswith("https:")]
    endpoints = dict.fromkeys((part.hostname or "", part.port or 443) for part in parts)
    return _or_undeclared(
        [Endpoint(host=host, port=port) for host, port in endpoints],
        fr="aucun service déclaré n'est en https",
        en="no declared service speaks https",
    )


def _accesses(target: Target, kinds: Sequence[OperationKind]) -> Iterator[Access]:
    """Each protected operation with each permitted actor, on the first object that they own."""
    for operation_id, operation in target.operations.items():
        if operation.public or operation.kind not in kinds or operation.object is None:
            continue
        for actor_id in operation.actors:
            if isinstance(target.actors[actor_id].authentication, NoAuthentication):
                continue
            owned = _owned(target, operation.object, actor_id)
            if owned is not None:
                yield _access(target, operation_id, actor_id, owned)


def _access(target: Target, operation_id: str, actor_id: str, object_id: str) -> Access:
    return Access(
        operation_id=operation_id,
        operation=target.operations[operation_id],
        actor_id=actor_id,
        actor=target.actors[actor_id],
        object_id=object_id,
        object=target.objects[object_id],
    )


def _owned(target: Target, kind: str, actor_id: str) -> str | None:
    objects = target.objects.items()
    return next((i for i, o in objects if o.kind == kind and actor_id in o.owners), None)


def _first_of_each_operation(accesses: Iterator[Access]) -> list[Access]:
    first: dict[str, Access] = {}
    for access in accesses:
        first.setdefault(access.operation_id, access)
    return list(first.values())


def _ordinary(accesses: Iterator[Access]) -> Iterator[Access]:
    return (access for access in accesses if not access.actor.sacrificial)


def every_protected_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected read or search, by its first permitted actor."""
    return _or_undeclared(
        _first_of_each_operation(_ordinary(_accesses(target, _READS))),
        fr="aucune lecture protégée n'est déclarée, avec un acteur et un objet qui lui appartient",
        en="no protected reading is declared, with an actor and an object of theirs",
    )


def every_protected_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected update that has a reading to show its effect, by its first permitted actor."""
    updates = _first_of_each_operation(_ordinary(_accesses(target, [OperationKind.UPDATE])))
    return _or_undeclared(
        [
            Writing(
                write=write,
                reading=_access(target, write.operation.read_back, write.actor_id, write.object_id),
            )
            for write in updates
            if write.operation.read_back is not None
        ],
        fr="aucune modification protégée n'est déclarée avec la lecture qui en montre l'effet",
        en="no protected update is declared with the reading that shows its effect",
    )


def every_token_access(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading by a bearer of a token, and each bearer, at least once."""
    bearers = _token_actors(target)
    if not bearers:
        return _NO_TOKEN
    readings = _ordinary(_accesses(target, _READS))
    return _or_undeclared(
        _covering([access for access in readings if access.actor_id in bearers]),
        fr="aucune lecture protégée n'est déclarée pour un acteur qui présente un jeton",
        en="no protected reading is declared for an actor who presents a token",
    )


def _covering(accesses: Sequence[Access]) -> list[Access]:
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
        for access in _accesses(target, _READS)
        if access.actor.sacrificial
        and isinstance(access.actor.authentication, OAuth2Authentication)
        and isinstance(target.services[access.actor.authentication.service], OAuth2Service)
        and access.actor_id not in spenders
    ]
    by_actor = {access.actor_id: access for access in reversed(accesses)}
    return _or_undeclared(
        list(by_actor.values()),
        fr="aucun client OAuth 2.0 sacrifiable n'est déclaré, dont le jeton puisse être révoqué",
        en="no sacrificial OAuth 2.0 client is declared, whose token may be revoked",
    )


def _crossings(target: Target, kinds: Sequence[OperationKind], *, clinics: bool) -> list[Crossing]:
    """Permitted accesses, each with the first object of the same kind that its actor may not see.

    Each operation and each actor stands at least once.
    """
    crossings = {
        own.name: Crossing(own=own, foreign=foreign)
        for own in _ordinary(_accesses(target, kinds))
        if (foreign := _forbidden(target, own, clinics=clinics)) is not None
    }
    chosen = _covering([crossing.own for crossing in crossings.values()])
    return [crossings[own.name] for own in chosen]


def _forbidden(target: Target, own: Access, *, clinics: bool) -> Access | None:
    for object_id, other in target.objects.items():
        if other.kind != own.object.kind or own.actor_id in other.owners:
            continue
        if own.object.person is not None and other.person == own.object.person:
            continue
        if _between_clinics(target, own.actor, other) is not clinics:
            continue
        holder = next((name for name in other.owners if _may_hold(target, own, name)), None)
        if holder is not None:
            return _access(target, own.operation_id, holder, object_id)
    return None


def _may_hold(target: Target, own: Access, name: str) -> bool:
    return name in own.operation.actors and not target.actors[name].sacrificial


def _between_clinics(target: Target, actor: Actor, other: SyntheticObject) -> bool:
    """Whether the actor acts for a clinic, and the object is only another clinic's."""
    owners = {target.actors[name].clinic for name in other.owners} - {None}
    return actor.clinic is not None and bool(owners) and actor.clinic not in owners


def every_foreign_record(target: Target) -> Sequence[Subject] | Undeclared:
    """Each pair of users of whom one may not read the other's record."""
    return _or_undeclared(
        _crossings(target, [OperationKind.READ], clinics=False),
        fr="aucun couple d'usagers dont l'un ne peut lire le dossier de l'autre n'est déclaré",
        en="no pair of users is declared, of whom one may not read the other's record",
    )


def every_foreign_search(target: Target) -> Sequence[Subject] | Undeclared:
    """Each pair of users of whom one may not find the other's records."""
    return _or_undeclared(
        _crossings(target, [OperationKind.SEARCH], clinics=False),
        fr="aucun couple d'usagers n'est déclaré pour une recherche",
        en="no pair of users is declared for a search",
    )


def every_foreign_fhir_record(target: Target) -> Sequence[Subject] | Undeclared:
    """The pairs of :func:`every_foreign_record` whose operation belongs to a FHIR service."""
    if not any(isinstance(service, FhirService) for service in target.services.values()):
        return Undeclared(
            missing=Text(
                fr="selon le manifeste, le SI n'offre pas de service FHIR",
                en="by the manifest, the system offers no FHIR service",
            ),
            offered=False,
        )
    crossings = _crossings(target, [OperationKind.READ], clinics=False)
    return _or_undeclared(
        [c for c in crossings if target.services[c.own.operation.service].type == "fhir-r4"],
        fr="aucun couple d'usagers n'est déclaré pour une lecture FHIR",
        en="no pair of users is declared for a FHIR reading",
    )


def every_cross_clinic_record(target: Target) -> Sequence[Subject] | Undeclared:
    """Each pair of a clinic's actor and another clinic's record."""
    return _or_undeclared(
        _crossings(target, [OperationKind.READ], clinics=True),
        fr="aucun dossier d'une autre clinique n'est déclaré",
        en="no record of another clinic is declared",
    )


def every_cross_clinic_search(target: Target) -> Sequence[Subject] | Undeclared:
    """Each pair of a clinic's actor and a search for another clinic's records."""
    return _or_undeclared(
        _crossings(target, [OperationKind.SEARCH], clinics=True),
        fr="aucune recherche sur les dossiers d'une autre clinique n'est déclarée",
        en="no search for another clinic's records is declared",
    )


def every_cross_clinic_search_by_person(target: Target) -> Sequence[Subject] | Undeclared:
    """The pairs of :func:`every_cross_clinic_search` whose search names a person or an object."""
    named = [
        crossing
        for crossing in _crossings(target, [OperationKind.SEARCH], clinics=True)
        if _names_somebody(crossing.own.operation)
    ]
    return _or_undeclared(
        named,
        fr="aucune recherche par personne sur les dossiers d'une autre clinique n'est déclarée",
        en="no search by person for another clinic's records is declared",
    )


def _names_somebody(operation: Operation) -> bool:
    """Whether a request names a person or an object, in its path or its body."""
    template = operation.path + json.dumps(operation.body)
    return "{person}" in template or "{object}" in template


def every_declared_quota(target: Target) -> Sequence[Subject] | Undeclared:
    """Each declared quota, with the access that spends it and a bystander's."""
    limits: list[Subject] = []
    for quota in target.quotas:
        spending = _by(target, quota.operation, quota.actor)
        bystander = _by(target, quota.operation, quota.bystander)
        if spending is not None and bystander is not None:
            limits.append(Limit(quota=quota, spending=spending, bystander=bystander))
    return _or_undeclared(
        limits,
        fr="aucun quota n'est déclaré, avec un acteur sacrifiable et un témoin",
        en="no quota is declared, with an actor who may spend it and a bystander",
    )


def _by(target: Target, operation_id: str, actor_id: str) -> Access | None:
    kind = target.operations[operation_id].object
    owned = None if kind is None else _owned(target, kind, actor_id)
    return None if owned is None else _access(target, operation_id, actor_id, owned)


def every_audited_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading of a person's data, where a service shows the audit trail."""
    services = [(i, s) for i, s in target.services.items() if isinstance(s, AuditService)]
    readings: list[Subject] = [
        AuditedReading(access=access, service_id=service_id, service=service, person=person)
        for service_id, service in services[:1]
        for access in _first_of_each_operation(_ordinary(_accesses(target, _READS)))
        if (person := access.object.person) is not None and access.operation_id != service.operation
    ]
    return _or_undeclared(
        readings,
        fr="aucune consultation du journal d'accès n'est déclarée, avec une lecture à y retrouver",
        en="no access to the audit trail is declared, with a reading to find in it",
    )
