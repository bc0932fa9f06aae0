"""What a manifest declares of spreadsheets, bulk exports and searches of people."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_subjects import actor, change, found, names, note, reading, target
from tgv_suite.model.target import Creation, Harvesting, OperationKind, Person, SyntheticObject
from tgv_suite.subjects.exports import (
    every_bulk_export,
    every_exported_writing,
    every_people_search,
)
from tgv_suite.subjects.subject import Bulk, Exported, Harvest, Undeclared


@pytest.mark.parametrize(
    "subjects", [every_exported_writing, every_bulk_export], ids=["spreadsheet", "bulk"]
)
def test_a_manifest_without_any_export_says_that_none_is_offered(subjects: Any) -> None:
    without = subjects(target({"note-read": reading(), "note-change": change()}))
    assert isinstance(without, Undeclared)
    assert not without.offered


def test_an_exported_update_is_tried_with_formulas_in_its_own_field() -> None:
    export = reading(path="/notes.csv", object=None, actors=("clinic-b",))
    write = change(body={"kind": "k", "text": "note {unique}"}, exported_by="notes-csv")
    told = target({"note-read": reading(), "notes-csv": export, "note-change": write})

    (each,) = found(every_exported_writing(told))

    assert isinstance(each, Exported)
    assert (each.name, each.export.object_id) == ("note-change.clinic-b", "note-b")
    fields = [dict(variant.fields) for variant in each.formulas]
    assert all(list(one) == ["text"] and "{unique}" in str(one["text"]) for one in fields)
    assert [str(one["text"])[0] for one in fields] == ["=", "+", "-", "@"]


def starting(**more: Any) -> dict[str, Any]:
    path = {"path": "/export/{created}", "object": None, "actors": ("boss",)}
    return {
        "note-read": reading(),
        "export": reading(
            kind=OperationKind.CREATE,
            path="/export",
            object="all",
            actors=("boss",),
            read_back="follow",
            creates=Creation(removed_by="remove"),
            bulk=True,
            **more,
        ),
        "follow": reading(**path),
        "remove": reading(kind=OperationKind.DELETE, method="DELETE", **path),
    }


def exporting(others: tuple[str, ...]) -> Any:
    actors = {"boss": actor("a", role="admin"), **{name: actor("a") for name in others}}
    actors["nurse"] = actor("a", role="nurse")
    objects = {
        "all": SyntheticObject(kind="all", locator="all", owners=("boss",)),
        "note-a": note("clinic-a"),
        "note-b": note("clinic-b"),
    }
    return target(starting(), actors=actors, objects=objects)


def test_a_bulk_export_is_tried_by_one_account_of_each_role_that_may_not_start_it() -> None:
    (each,) = found(every_bulk_export(exporting(("clinic-a", "clinic-b"))))
    assert isinstance(each, Bulk)
    assert each.name == "export.boss"
    assert [one.attempt.actor_id for one in each.intrusions] == ["clinic-a"]
    assert {one.attempt.object_id for one in each.intrusions} == {"all"}


def searching(**more: Any) -> Any:
    search = reading(
        kind=OperationKind.SEARCH,
        path="/people?active=true&nam={nam}",
        object="person",
        actors=("clinic-a",),
        **more,
    )
    people = {"one": Person(locator="p1", nam="ZZTA85031492"), "two": Person(locator="p2")}
    objects = {
        name: SyntheticObject(
            kind="person",
            locator=name,
            person=name,
            owners=("clinic-a",),
            canaries=(f"mark-{name}",),
        )
        for name in people
    }
    return target({"people": search}, people=people, objects=objects)


def test_a_search_of_people_is_tried_without_anybody_in_mind() -> None:
    told = searching(harvesting=Harvesting(parameters=("nam",), at_most=1))

    (each,) = found(every_people_search(told))

    assert isinstance(each, Harvest)
    assert (each.at_most, each.marks) == (1, ("mark-one", "mark-two"))
    asked = {variant.name: variant for variant in each.variants}
    values = {name: dict(variant.query).get("nam") for name, variant in asked.items()}
    assert values == {
        "star": "*",
        "percent": "%",
        "nothing": "",
        "one-letter": "Z",
        "without-criterion": None,
    }
    assert asked["without-criterion"].path == "/people?active=true"


def test_a_search_whose_cap_isn_t_declared_can_t_be_judged() -> None:
    without = every_people_search(searching())
    assert isinstance(without, Undeclared)
    assert without.offered
    assert names(every_people_search(searching(harvesting=Harvesting(parameters=("nam",))))) == [
        "people.clinic-a"
    ]
