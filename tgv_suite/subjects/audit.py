"""Subjects of the checks of the audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.model.target import AuditService, Target
from tgv_suite.subjects.declared import READS, first_of_each_operation, ordinary, permitted_accesses
from tgv_suite.subjects.subject import AuditedReading, Subject, Undeclared, or_undeclared


def every_audited_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading of a person's data, where a service shows the audit trail."""
    services = [(i, s) for i, s in target.services.items() if isinstance(s, AuditService)]
    readings: list[Subject] = [
        AuditedReading(access=access, service_id=service_id, service=service, person=person)
        for service_id, service in services[:1]
        for access in first_of_each_operation(ordinary(permitted_accesses(target, READS)))
        if (person := access.object.person) is not None and access.operation_id != service.operation
    ]
    return or_undeclared(
        readings,
        fr="aucune consultation du journal d'accès n'est déclarée, avec une lecture à y retrouver",
        en="no access to the audit trail is declared, with a reading to find in it",
    )
