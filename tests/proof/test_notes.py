"""What changes no verdict is told all the same."""

from __future__ import annotations

from tgv_suite.load.target import LoadedTarget
from tgv_suite.model.results import Verdict
from tgv_suite.prove import judged, reference_order
from tgv_suite.reference import ReferenceSystem
from tgv_suite.session import planned

_LAX = "plain-text-taken-for-json"


def test_a_body_taken_under_another_type_with_a_token_is_noted_and_accused_of_nothing(
    system: ReferenceSystem, target: LoadedTarget
) -> None:
    order = reference_order(target, jobs=1)
    (case,) = (
        case.id
        for case in planned(order)[0].cases
        if case.check == "input.a_body_announced_as_something_else_changes_nothing"
        and case.subject == "clinic-settings-change.admin"
    )
    for planted, notes in (((), 0), ((_LAX,), 1)):
        system.plant(planted)
        (result,) = judged(order, cases=[case])
        assert result.verdict is Verdict.PASS
        assert len(result.notes) == notes
