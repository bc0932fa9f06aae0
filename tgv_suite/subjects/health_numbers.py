"""Subjects of the checks of health insurance numbers that a system is given."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from tgv_suite import nam
from tgv_suite.model.target import NamMode, OperationKind, Target
from tgv_suite.subjects.declared import (
    access_of,
    first_of_each_operation,
    ordinary,
    permitted_accesses,
)
from tgv_suite.subjects.subject import NumberWriting, Subject, Undeclared
from tgv_suite.text import Text


def every_number_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each update that carries somebody's number, where the system says that it verifies numbers."""
    verifies = target.nam_mode is NamMode.RIGHT
    return (list(_writings(target)) if verifies else []) or Undeclared(
        missing=Text(
            fr="aucune modification qui porte « {nam} », avec la lecture qui en montre l'effet, n'est "
            "déclarée"
            if verifies
            else "selon le manifeste, le SI ne vérifie pas les numéros d'assurance maladie (nam_mode)",
            en="no update that carries “{nam}” is declared, with the reading that shows its effect"
            if verifies
            else "by the manifest, the system doesn't verify health insurance numbers (nam_mode)",
        ),
        offered=verifies,
    )


def invented_numbers(target: Target) -> Iterator[str]:
    """Every number that these checks make up."""
    found = every_number_writing(target)
    for writing in () if isinstance(found, Undeclared) else found:
        if isinstance(writing, NumberWriting):
            yield from (number for _, number in writing.impossible)
            yield writing.mistaken


def _writings(target: Target) -> Iterator[NumberWriting]:
    accesses = ordinary(permitted_accesses(target, [OperationKind.UPDATE]))
    for write in first_of_each_operation(accesses):
        shows, person = write.operation.read_back, target.people.get(write.object.person or "")
        carries = "{nam}" in write.operation.path + json.dumps(write.operation.body)
        if not carries or shows is None or person is None or person.nam is None:
            continue
        number = nam.normal(person.nam)
        if write.actor_id in target.operations[shows].actors and _of_the_right_shape(number):
            yield NumberWriting(
                write=write,
                reading=access_of(target, shows, write.actor_id, write.object_id),
                number=number,
                impossible=tuple(_impossible(number)),
                mistaken=_mistaken(number),
            )


def _of_the_right_shape(number: str) -> bool:
    return nam.PATTERN.fullmatch(number) is not None


def _impossible(number: str) -> Iterator[tuple[str, str]]:
    """Numbers of which only the date or the length is wrong: their check digit is right."""
    yield "february-31", nam.with_date(number, month=2, day=31)
    yield "month-13", nam.with_date(number, month=13, day=1)
    yield "day-0", nam.with_date(number, month=1, day=0)
    yield "too-short", f"{number[:10]}{number[11:]}"
    yield "too-long", f"{number[:11]}0{number[11:]}"


def _mistaken(number: str) -> str:
    wrong = (digit for digit in range(10) if digit not in nam.check_digits(number))
    return f"{number[:-1]}{next(wrong)}"
