"""Numbers that nobody can have, as they are made up for a system that verifies them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_subjects import change, found, names, note, reading, target
from tgv_suite import nam
from tgv_suite.model.target import NamMode, Person, SyntheticObject, Target
from tgv_suite.session import synthetic_values
from tgv_suite.subjects.health_numbers import every_number_writing
from tgv_suite.subjects.subject import NumberWriting, Undeclared

RIGHT = "ZZTB85531498"


def held(number: str = RIGHT, **more: Any) -> Target:
    patient = SyntheticObject(
        kind="note", locator="id-zzt", owners=("clinic-a",), person="zzt", canaries=("zzt-marque",)
    )
    operation = change(body={"nam": "{nam}"}, **more)
    return target(
        {"number-change": operation, "note-read": reading()},
        people={"zzt": Person(locator="id-zzt", nam=number)},
        objects={"zzt": patient, "note-b": note("clinic-b")},
        nam_mode=NamMode.RIGHT,
    )


def writing(told: Target) -> NumberWriting:
    (subject,) = found(every_number_writing(told))
    assert isinstance(subject, NumberWriting)
    return subject


def test_each_number_has_one_thing_wrong_and_the_check_digit_of_what_it_says() -> None:
    subject = writing(held())
    assert dict(subject.impossible) == {
        "february-31": nam.with_date(RIGHT, month=2, day=31),
        "month-13": nam.with_date(RIGHT, month=13, day=1),
        "day-0": nam.with_date(RIGHT, month=1, day=0),
        "too-short": "ZZTB8553148",
        "too-long": "ZZTB855314908",
    }
    assert subject.mistaken[:-1] == RIGHT[:-1]
    assert not nam.could_be_real(subject.mistaken)
    made_up = [subject.mistaken, *(number for _, number in subject.impossible)]
    assert not any(one in RIGHT or RIGHT in one for one in made_up)


def test_what_is_made_up_stands_in_clear_and_stops_no_run() -> None:
    told = held()
    assert {number for _, number in writing(told).impossible} <= set(synthetic_values(told))


def test_a_number_is_taken_however_it_is_written() -> None:
    assert writing(held("zztb 8553 1498")).number == RIGHT


@pytest.mark.parametrize("told", [held("zzt-numéro"), held(read_back=None)])
def test_a_number_of_another_shape_or_whose_change_nothing_shows_is_left_alone(
    told: Target,
) -> None:
    undeclared = every_number_writing(told)
    assert isinstance(undeclared, Undeclared)
    assert undeclared.offered


def test_a_system_that_verifies_no_number_is_not_concerned() -> None:
    told = target({"note-change": change(), "note-read": reading()})
    undeclared = every_number_writing(told)
    assert isinstance(undeclared, Undeclared)
    assert not undeclared.offered
    assert names(every_number_writing(held())) == ["number-change.clinic-a"]
