"""Subjects of the checks of addresses that a system is given to call."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.model.target import OperationKind, Target
from tgv_suite.subjects.declared import first_of_each_operation, ordinary, permitted_accesses
from tgv_suite.subjects.subject import Subject, Undeclared
from tgv_suite.text import Text


def every_address_taking_operation(target: Target) -> Sequence[Subject] | Undeclared:
    """Each operation that gives the system an address to call, by its first permitted actor."""
    accesses = ordinary(permitted_accesses(target, list(OperationKind)))
    found = first_of_each_operation(
        access for access in accesses if access.operation.outbound is not None
    )
    offered = any(operation.outbound is not None for operation in target.operations.values())
    return found or Undeclared(
        missing=Text(
            fr="selon le manifeste, aucune opération ne donne au SI une adresse à appeler (outbound)",
            en="by the manifest, no operation gives the system an address to call (outbound)",
        ),
        offered=offered,
    )
