"""Subjects of the checks of addresses that a system is given to call."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.model.target import Operation, OperationKind, Target
from tgv_suite.subjects.creations import every_creation
from tgv_suite.subjects.declared import first_of_each_operation, ordinary, permitted_accesses
from tgv_suite.subjects.subject import Subject, Undeclared
from tgv_suite.text import Text


def every_address_taking_operation(target: Target) -> Sequence[Subject] | Undeclared:
    """Each operation that gives the system an address to call, by its first permitted actor.

    Subscriptions, which keep the address, are :func:`every_subscription`'s.
    """
    accesses = ordinary(permitted_accesses(target, list(OperationKind)))
    found = first_of_each_operation(access for access in accesses if _calls(access.operation))
    offered = any(map(_calls, target.operations.values()))
    return found or Undeclared(
        missing=Text(
            fr="selon le manifeste, aucune opération ne donne au SI une adresse à appeler (outbound)",
            en="by the manifest, no operation gives the system an address to call (outbound)",
        ),
        offered=offered,
    )


def _calls(operation: Operation) -> bool:
    """Whether an operation takes an address that the system calls, and keeps it nowhere."""
    return operation.outbound is not None and operation.creates is None


def every_subscription(target: Target) -> Sequence[Subject] | Undeclared:
    """Each operation that has the system notify an address, by the first actor who may."""
    found = [each for each in every_creation(target) if each.create.operation.outbound is not None]
    offered = any(
        operation.outbound is not None and operation.creates is not None
        for operation in target.operations.values()
    )
    return found or Undeclared(
        missing=Text(
            fr="selon le manifeste, aucune opération n'abonne une adresse à des notifications (outbound "
            "et creates)",
            en="by the manifest, no operation subscribes an address to notifications (outbound and "
            "creates)",
        ),
        offered=offered,
    )
