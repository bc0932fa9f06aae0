"""Each assert is needed: without it, a defect that its check catches goes unseen by that check."""

from __future__ import annotations

import importlib
import sys

import pytest

from tgv_suite import locations
from tgv_suite.claims import assertion_lines, left_out
from tgv_suite.judge import judge
from tgv_suite.load.catalogue import load_catalogue, load_profile
from tgv_suite.load.target import LoadedTarget
from tgv_suite.model.results import Verdict
from tgv_suite.prove import PROFILE
from tgv_suite.reference import Defect, ReferenceSystem, defects
from tgv_suite.registry import Check, checks_in, discover
from tgv_suite.session import Order, planned, probing
from tgv_suite.witness import LiveWitness

CHECKS = discover()


def _asserts() -> list[tuple[str, int]]:
    """Each assert of each check module, by module and line."""
    paths = {check.module: check.path for check in CHECKS}
    return [
        (module, line)
        for module, path in paths.items()
        for line in assertion_lines(path.read_text(encoding="utf-8"))
    ]


def _holder(module: str, line: int) -> str:
    """The check whose function holds a line."""
    starts = {c.id: c.function.__code__.co_firstlineno for c in CHECKS if c.module == module}
    return max((start, name) for name, start in starts.items() if start <= line)[1]


def _without(module: str, line: int, name: str) -> Check:
    """A check as it is without one of its asserts."""
    kept = sys.modules.pop(module)
    pack = next(check.pack for check in CHECKS if check.id == name)
    try:
        with left_out(module, line):
            fresh = importlib.import_module(module)
        return next(check for check in checks_in(fresh, pack) if check.id == name)
    finally:
        sys.modules[module] = kept


def _fails(check: Check, target: LoadedTarget) -> bool:
    """Whether a check fails on one of its subjects."""
    catalogue = load_catalogue(locations.profiles())
    profile = load_profile(PROFILE, locations.profiles(), catalogue)
    order = Order(target=target, profile=profile, catalogue=catalogue)
    cases = [case for case in planned(order)[0].cases if case.check == check.id]
    with probing(target, jobs=1) as open_:
        for case in cases:
            witness = LiveWitness(open_.probes, open_.recorder.redactor.strings)
            judged = judge(case, check, target.target, profile.parameters, witness)
            if judged.result.verdict is Verdict.FAIL:
                return True
    return False


def _survivors(
    check: Check, caught: list[Defect], system: ReferenceSystem, target: LoadedTarget
) -> list[str]:
    """The first of the defects that a check doesn't catch any more."""
    for defect in caught:
        system.plant([defect.id])
        if not _fails(check, target):
            return [defect.id]
    return []


@pytest.mark.parametrize(("module", "line"), _asserts())
def test_without_this_assert_a_defect_survives(
    module: str, line: int, system: ReferenceSystem, target: LoadedTarget
) -> None:
    name = _holder(module, line)
    caught = [defect for defect in defects() if name in defect.caught_by]
    check = _without(module, line, name)
    assert _survivors(check, caught, system, target), f"{name} line {line} proves nothing"
