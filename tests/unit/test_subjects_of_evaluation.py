"""Values that try to be evaluated or to take their time, as they are sent."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import unquote

import pytest

from tests.unit.test_subjects import change, found, names, reading, target
from tgv_suite.model.target import Operation, OperationKind, Target
from tgv_suite.model.variant import Variant
from tgv_suite.probes.template import fill
from tgv_suite.subjects.evaluation import PRODUCTS, every_effort, every_evaluable_value
from tgv_suite.subjects.subject import Effort, Evaluation, Undeclared

READ = {"note-read": reading()}


def evaluation(told: Target) -> Evaluation:
    (subject,) = found(every_evaluable_value(told))
    assert isinstance(subject, Evaluation)
    return subject


def effort(told: Target) -> Effort:
    (subject,) = found(every_effort(told))
    assert isinstance(subject, Effort)
    return subject


def sent(told: Target, operation: Operation, variant: Variant) -> str:
    filled = fill(told, operation, "note-a", variant)
    return filled.path + (filled.body or b"").decode().replace(filled.unique or "-", "UNIQUE")


def only(told: Target, *operations: str) -> Target:
    return replace(told, scope=replace(told.scope, intrusive_on=operations))


def changing(**more: object) -> tuple[Target, Operation]:
    operation = change(**more)
    return only(target({"note-change": operation, **READ}), "note-change"), operation


def expressions(told: Target, operation: Operation) -> dict[str, str]:
    return {v.name: sent(told, operation, v) for v in evaluation(told).expressions}


def test_a_multiplication_stands_behind_a_segment_of_a_path() -> None:
    told = target(READ)
    paths = expressions(told, READ["note-read"])
    assert paths["double-braces-object"] == "/notes/id-clinic-a%7B%7B31337%2A41221%7D%7D"
    assert unquote(paths["dollar-object"]) == "/notes/id-clinic-a${31337*41221}"
    assert unquote(paths["tag-object"]) == "/notes/id-clinic-a<%= 31337*41221 %>"
    assert evaluation(told).shown_by == evaluation(told).access


def test_a_multiplication_stands_behind_a_parameter_and_leaves_the_others() -> None:
    search = reading(kind=OperationKind.SEARCH, path="/notes?of={object}&_sort=date")
    paths = expressions(target({"note-find": search}), search)
    assert unquote(paths["hash-of"]) == "/notes?of=id-clinic-a#{31337*41221}&_sort=date"
    assert unquote(paths["hash-_sort"]) == "/notes?of=id-clinic-a&_sort=date#{31337*41221}"


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        ({"text": "a {unique}"}, "json", '{"text": "a UNIQUE<%= 31337*41221 %>"}'),
        ({"in": [{"text": "{unique}"}]}, "json", '{"in": [{"text": "UNIQUE<%= 31337*41221 %>"}]}'),
        ("of=1&text={unique}", "form", "of=1&text=UNIQUE%3C%25%3D%2031337%2A41221%20%25%3E"),
        ('<a b="c">{unique}</a>', "xml", '<a b="c">UNIQUE&lt;%= 31337*41221 %&gt;</a>'),
    ],
)
def test_a_multiplication_stands_behind_what_an_update_writes_in_its_own_form(
    body: object, kind: str, expected: str
) -> None:
    types = {"form": "application/x-www-form-urlencoded", "xml": "text/xml"}
    told, operation = changing(
        body=body, headers={"Content-Type": types.get(kind, "application/json")}
    )
    (tag,) = [one for name, one in expressions(told, operation).items() if name.startswith("tag-")]
    assert tag == f"/notes/id-clinic-a{expected}"
    assert evaluation(told).shown_by.operation_id == "note-read"


def test_a_command_that_waits_differs_from_the_other_by_its_seconds_alone() -> None:
    told, operation = changing()
    for delay in evaluation(told).delays:
        at_once, later = (sent(told, operation, v) for v in (delay.neutral, delay.tried))
        assert at_once != later
        assert at_once.replace(" 0", " 2") == later
        assert json.loads(later.partition("clinic-a")[2])["text"].startswith("UNIQUE")


def test_the_product_is_known_however_its_thousands_are_separated() -> None:
    thousands = ("1", "291", "742", "477")
    signs = ("", ",", " ", "\u00a0", "\u202f")
    assert list(PRODUCTS) == [sign.join(thousands) for sign in signs]


def test_a_ladder_climbs_to_thirty_characters_and_turns_the_same_signs_round() -> None:
    told, operation = changing()
    letters, digits, mail = effort(told).ladders
    values = [
        [
            json.loads(sent(told, operation, one).partition("clinic-a")[2])["text"]
            for one in (step.tried, step.neutral)
        ]
        for step in (*letters, *digits, *mail)
    ]
    assert [len(tried) for tried, _ in values] == [16, 20, 22, 24, 26, 28, 30] * 3
    for tried, neutral in values:
        assert sorted(tried) == sorted(neutral)
        assert tried.endswith("!")
        assert neutral.startswith("!")
    assert values[6] == ["a" * 29 + "!", "!" + "a" * 29]
    assert values[-1][0] == "a@" + "a" * 27 + "!"


def test_only_the_operations_that_the_scope_names_are_tried_where_it_names_any() -> None:
    told = target({"note-change": change(), **READ})
    for every in (every_evaluable_value, every_effort):
        assert names(every(told)) == ["note-read.clinic-a", "note-change.clinic-a"]
        assert names(every(only(told, "note-change"))) == ["note-change.clinic-a"]
        assert isinstance(every(only(told, "another")), Undeclared)
