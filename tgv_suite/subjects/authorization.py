"""Subjects of the authorization checks."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tgv_suite.model.target import (
    FhirService,
    Operation,
    OperationKind,
    Target,
    Tenancy,
)
from tgv_suite.model.variant import Variant
from tgv_suite.subjects.declared import (
    READS,
    access_of,
    covering,
    ordinary,
    permitted_accesses,
    permitted_writings,
    writing_of,
)
from tgv_suite.subjects.subject import (
    Access,
    Crossing,
    ForeignWriting,
    Spoof,
    Subject,
    Undeclared,
    Writing,
    or_undeclared,
)
from tgv_suite.text import Text


def crossings(target: Target, kinds: Sequence[OperationKind], *, clinics: bool) -> list[Crossing]:
    """Permitted accesses, each with the first object of the same kind that its actor may not see.

    Each operation and each actor stands at least once.
    """
    crossings = {
        own.name: Crossing(own=own, foreign=foreign)
        for own in ordinary(permitted_accesses(target, kinds))
        if (foreign := _forbidden(target, own, clinics=clinics)) is not None
    }
    chosen = covering([crossing.own for crossing in crossings.values()])
    return [crossings[own.name] for own in chosen]


def _forbidden(target: Target, own: Access, *, clinics: bool) -> Access | None:
    for object_id, other in target.objects.items():
        if other.kind != own.object.kind or own.actor_id in other.owners:
            continue
        if own.object.person is not None and other.person == own.object.person:
            continue
        foreign = access_of(target, own.operation_id, own.actor_id, object_id)
        if between_clinics(target, foreign) is not clinics:
            continue
        holder = next((name for name in other.owners if _may_hold(target, own, name)), None)
        if holder is not None:
            return access_of(target, own.operation_id, holder, object_id)
    return None


def _may_hold(target: Target, own: Access, name: str) -> bool:
    return name in own.operation.actors and not target.actors[name].sacrificial


def between_clinics(target: Target, access: Access) -> bool:
    """Whether an access's actor acts for a clinic, and its object is only another clinic's."""
    owners = {target.actors[name].clinic for name in access.object.owners} - {None}
    return access.actor.clinic is not None and bool(owners) and access.actor.clinic not in owners


def every_foreign_record(target: Target) -> Sequence[Subject] | Undeclared:
    """Each pair of users of whom one may not read the other's record."""
    return or_undeclared(
        crossings(target, [OperationKind.READ], clinics=False),
        fr="aucun couple d'usagers dont l'un ne peut lire le dossier de l'autre n'est déclaré",
        en="no pair of users is declared, of whom one may not read the other's record",
    )


def every_foreign_search(target: Target) -> Sequence[Subject] | Undeclared:
    """Each pair of users of whom one may not find the other's records."""
    return or_undeclared(
        crossings(target, [OperationKind.SEARCH], clinics=False),
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
    found = crossings(target, [OperationKind.READ], clinics=False)
    return or_undeclared(
        [c for c in found if target.services[c.own.operation.service].type == "fhir-r4"],
        fr="aucun couple d'usagers n'est déclaré pour une lecture FHIR",
        en="no pair of users is declared for a FHIR reading",
    )


def every_cross_clinic_record(target: Target) -> Sequence[Subject] | Undeclared:
    """Each pair of a clinic's actor and another clinic's record."""
    return or_undeclared(
        crossings(target, [OperationKind.READ], clinics=True),
        fr="aucun dossier d'une autre clinique n'est déclaré",
        en="no record of another clinic is declared",
    )


def every_cross_clinic_search(target: Target) -> Sequence[Subject] | Undeclared:
    """Each pair of a clinic's actor and a search for another clinic's records."""
    return or_undeclared(
        crossings(target, [OperationKind.SEARCH], clinics=True),
        fr="aucune recherche sur les dossiers d'une autre clinique n'est déclarée",
        en="no search for another clinic's records is declared",
    )


def every_cross_clinic_search_by_person(target: Target) -> Sequence[Subject] | Undeclared:
    """The pairs of :func:`every_cross_clinic_search` whose search names a person or an object."""
    named = [
        crossing
        for crossing in crossings(target, [OperationKind.SEARCH], clinics=True)
        if _names_somebody(crossing.own.operation)
    ]
    return or_undeclared(
        named,
        fr="aucune recherche par personne sur les dossiers d'une autre clinique n'est déclarée",
        en="no search by person for another clinic's records is declared",
    )


def every_foreign_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each update, with an actor's own object and one that is only another's."""
    first: dict[str, Subject] = {}
    for own in permitted_writings(target):
        foreign = None if own.write.actor.sacrificial else _foreign_writing(target, own)
        if foreign is not None:
            first.setdefault(own.write.operation_id, ForeignWriting(own=own, foreign=foreign))
    return or_undeclared(
        list(first.values()),
        fr="aucune modification n'est déclarée, avec la lecture qui en montre l'effet et un objet "
        "pour chacun de deux acteurs",
        en="no update is declared, with the reading that shows its effect and an object for each "
        "of two actors",
    )


def _foreign_writing(target: Target, own: Writing) -> Writing | None:
    for clinics in (False, True):
        foreign = _forbidden(target, own.write, clinics=clinics)
        if foreign is not None:
            return writing_of(target, foreign)
    return None


_TENANT_HEADERS = ("X-Tenant", "X-Tenant-Id", "X-Organization-Id", "X-Clinic-Id")
_TENANT_PARAMETERS = ("tenant", "tenant_id", "organization", "clinic_id")


def every_tenant_spoof(target: Target) -> Sequence[Subject] | Undeclared:
    """Each reading between clinics, with the ways of claiming to act for the other clinic."""
    tenancy = target.tenancy or Tenancy()
    first: dict[str, Subject] = {}
    for crossing in crossings(target, READS, clinics=True):
        clinic = crossing.foreign.actor.clinic
        claimed = None if clinic is None else tenancy.identifiers.get(clinic)
        if claimed is not None:
            spoof = Spoof(crossing=crossing, variants=_claims(tenancy, claimed))
            first.setdefault(crossing.own.operation_id, spoof)
    return or_undeclared(
        list(first.values()),
        fr="aucune lecture entre deux cliniques n'est déclarée, avec l'identifiant de l'autre "
        "clinique dans le SI (tenancy.identifiers)",
        en="no reading between two clinics is declared, with the other clinic's identifier in the "
        "system (tenancy.identifiers)",
    )


def _claims(tenancy: Tenancy, clinic: str) -> tuple[Variant, ...]:
    """One variant for each header and parameter that could name a clinic."""
    headers = dict.fromkeys([*tenancy.headers, *_TENANT_HEADERS])
    parameters = dict.fromkeys([*tenancy.parameters, *_TENANT_PARAMETERS])
    return (
        *(Variant(name=f"header-{name}", headers=((name, clinic),)) for name in headers),
        *(Variant(name=f"parameter-{name}", query=((name, clinic),)) for name in parameters),
    )


def _names_somebody(operation: Operation) -> bool:
    """Whether a request names a person or an object, in its path or its body."""
    template = operation.path + json.dumps(operation.body)
    return any(name in template for name in ("{person}", "{object}", "{nam}"))
