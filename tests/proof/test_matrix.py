"""The kill matrix: each planted defect is caught by exactly its checks, the conforming SI accused of nothing."""

from __future__ import annotations

import pytest

from tgv_suite.prove import Proof, prove
from tgv_suite.reference import defects
from tgv_suite.registry import discover

# One worker proves once.
pytestmark = pytest.mark.xdist_group("matrix")
# A defect of each layer, under which the checks that the matrix leaves out are judged all the same.
SAMPLE = ("certificate-expired", "anonymous-read", "log-late")


@pytest.fixture(scope="module")
def proof() -> Proof:
    return prove(
        [],
        jobs=4,
        on_row=_silent,
        on_case=_silent,
        every_check=lambda defect: defect.id in SAMPLE,
    )


def _silent(one: object, number: int, total: int) -> None:
    """Tell nobody."""


def test_every_defect_is_caught_by_exactly_its_checks(proof: Proof) -> None:
    assert [row for row in proof.matrix if not row.caught] == []
    assert len(proof.matrix) == len(defects())


def test_a_defect_disturbs_no_check_that_never_asks_about_its_switch(proof: Proof) -> None:
    sample = [row for row in proof.matrix if row.defect in SAMPLE]
    assert [row.caught for row in sample] == [True] * len(SAMPLE)


def test_the_conforming_system_is_accused_of_nothing(proof: Proof) -> None:
    assert proof.false_alarms == ()


def test_no_check_is_without_proof(proof: Proof) -> None:
    assert proof.unproven == ()


def test_every_check_has_a_defect_and_every_defect_names_checks_of_its_requirement() -> None:
    checks = {check.id: check.binding.requirement for check in discover()}
    caught = {name for defect in defects() for name in defect.caught_by}
    assert caught == set(checks)
    for defect in defects():
        assert defect.requirement in {checks[name] for name in defect.caught_by}
        assert set(defect.masks) <= set(checks)
