"""Operations that give a system an address to call, and those that don't."""

from __future__ import annotations

from typing import Any

from tests.unit.test_subjects import change, names, reading, target
from tgv_suite.model.target import Creation, OperationKind, Outbound
from tgv_suite.probes.template import fill
from tgv_suite.subjects.outbound import every_address_taking_operation, every_subscription
from tgv_suite.subjects.subject import Undeclared


def asking(**more: Any) -> Any:
    taking = change(body={"url": "{url}"}, read_back=None, outbound=Outbound(delay_s=1), **more)
    return target({"note-read": reading(), "note-send": taking})


def test_an_operation_that_takes_an_address_is_tried_once_and_says_it_as_it_is() -> None:
    told = asking()
    assert names(every_address_taking_operation(told)) == ["note-send.clinic-a"]
    address = "http://one:1@two:2/x"
    sent = fill(told, told.operations["note-send"], "note-a", values=(("url", address),))
    assert sent.body == b'{"url": "http://one:1@two:2/x"}'


def test_a_system_without_one_is_not_concerned_and_one_whose_nobody_may_call_it_is() -> None:
    without = every_address_taking_operation(target({"note-read": reading()}))
    assert isinstance(without, Undeclared)
    assert not without.offered
    nobody = every_address_taking_operation(asking(actors=(), public=True))
    assert isinstance(nobody, Undeclared)
    assert nobody.offered


def test_an_address_that_is_kept_is_a_subscription_and_nothing_else() -> None:
    one = {"path": "/hooks/{created}", "object": None}
    told = target(
        {
            "hook-read": reading(**one),
            "hook-remove": change(kind=OperationKind.DELETE, body=None, read_back=None, **one),
            "hook-add": change(
                kind=OperationKind.CREATE,
                body={"url": "{url}"},
                read_back="hook-read",
                outbound=Outbound(https=True),
                creates=Creation(removed_by="hook-remove"),
            ),
        }
    )
    assert names(every_subscription(told)) == ["hook-add.clinic-a"]
    calls = every_address_taking_operation(told)
    assert isinstance(calls, Undeclared)
    assert not calls.offered
    without = every_subscription(asking())
    assert isinstance(without, Undeclared)
    assert not without.offered
