"""Rights that a manifest lets a test withdraw, over which readings they are tried, and what it lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.unit.test_subjects import actor, found, note, reading, target
from tgv_suite.model.rights import AccessRemoval, Hook, Restriction
from tgv_suite.model.target import Operation, OperationKind, Person, Target
from tgv_suite.subjects.declared import permitted_accesses
from tgv_suite.subjects.rights import every_access_removal, every_restriction
from tgv_suite.subjects.subject import Removal, Restricted, Undeclared

HOOK = Hook(operation="close", undo="open", actor="admin", object="record", delay_s=3)


def managing(**more: Any) -> Operation:
    told: dict[str, Any] = {"kind": OperationKind.MANAGE, "method": "PUT", "actors": ("admin",)}
    return reading(**{**told, "path": "/rights/{object}", "object": "record", **more})


def declaring(**more: Any) -> Target:
    """Two providers who see the same note of a person, and an administrator of rights."""
    shared = replace(note("any"), owners=("clinic-a", "clinic-b"), person="alix")
    record = replace(note("record"), kind="record", owners=("admin",), person="alix")
    return target(
        {"note-read": reading(), "close": managing(), "open": managing(method="DELETE")},
        **{
            "actors": {"clinic-a": actor("a"), "clinic-b": actor("a"), "admin": actor("a")},
            "people": {"alix": Person(locator="p-1")},
            "objects": {"shared": shared, "record": record},
            **more,
        },
    )


def test_an_access_is_withdrawn_and_given_back_around_a_reading_of_whoever_loses_it() -> None:
    told = declaring(access_removals=(AccessRemoval(actor="clinic-b", hook=HOOK),))
    (removal,) = found(every_access_removal(told))
    assert isinstance(removal, Removal)
    assert removal.reading.name == "note-read.clinic-b"
    assert (removal.closing.name, removal.reopening.name) == ("close.admin", "open.admin")
    assert removal.delay_s == 3


def test_a_restriction_stops_each_reading_of_the_person_by_the_provider_alone() -> None:
    refused = Restriction(provider="clinic-a", bystander="clinic-b", hook=HOOK)
    (one,) = found(every_restriction(declaring(restrictions=(refused,))))
    assert isinstance(one, Restricted)
    assert [access.name for access in one.readings] == ["note-read.clinic-a"]
    assert one.spared.name == "note-read.clinic-b"
    assert one.person == "p-1"
    assert one.hidden == ("zzt-marque-any",)
    assert one.service is None


def test_a_restriction_over_records_that_the_other_provider_never_saw_proves_nothing() -> None:
    own = replace(note("any"), owners=("clinic-a",), person="alix")
    record = replace(note("record"), kind="record", owners=("admin",), person="alix")
    refused = Restriction(provider="clinic-a", bystander="clinic-b", hook=HOOK)
    told = declaring(restrictions=(refused,), objects={"shared": own, "record": record})
    assert isinstance(every_restriction(told), Undeclared)


def test_what_nobody_declares_is_missing_rather_than_not_offered() -> None:
    for subjects in (every_access_removal(declaring()), every_restriction(declaring())):
        assert isinstance(subjects, Undeclared)
        assert subjects.offered


def test_what_manages_rights_is_a_change_that_no_other_check_makes() -> None:
    told = declaring()
    updating = {
        name: replace(operation, kind=OperationKind.UPDATE, read_back="note-read")
        if operation.kind is OperationKind.MANAGE
        else operation
        for name, operation in told.operations.items()
    }
    update = [OperationKind.UPDATE]
    assert list(permitted_accesses(replace(told, operations=updating), update))
    assert not list(permitted_accesses(told, update))
