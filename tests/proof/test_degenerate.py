"""Degenerate servers earn no pass that they don't deserve: they kill the controls."""

from __future__ import annotations

from collections import Counter

import pytest

from tgv_suite.load.target import LoadedTarget, load_target
from tgv_suite.model.results import Cause, CheckResult, Verdict
from tgv_suite.prove import judged, reference_order
from tgv_suite.reference import ReferenceSystem, running
from tgv_suite.registry import discover
from tgv_suite.session import Order, planned

_BELOW = ("tls.", "framing.")
_NOTHING_CLAIMED = {Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE}
"""A static token is opaque by the manifest, whatever the server does: checks of JWTs don't apply."""


def _of_the_application(results: tuple[CheckResult, ...]) -> list[CheckResult]:
    """The checks that need an application; TLS and HTTP are really there, and may pass."""
    return [result for result in results if not result.id.startswith(_BELOW)]


@pytest.mark.parametrize("behaviour", ["not-found", "forbidden", "empty", "page"])
def test_a_server_that_answers_everything_alike_passes_nothing(
    behaviour: str, system: ReferenceSystem, target: LoadedTarget
) -> None:
    system.plant([])
    system.degenerate(behaviour)
    results = _of_the_application(judged(reference_order(target, jobs=4)))
    assert results
    assert {result.verdict for result in results} <= _NOTHING_CLAIMED
    assert Verdict.INCONCLUSIVE in {result.verdict for result in results}


def test_a_server_that_requires_nothing_fails_and_is_not_accused_of_believing_forged_tokens(
    system: ReferenceSystem, target: LoadedTarget
) -> None:
    system.plant([])
    system.degenerate("open")
    results = _of_the_application(judged(reference_order(target, jobs=4)))
    verdicts = Counter((result.id, result.verdict) for result in results)
    assert verdicts["authentication.nobody_reads_without_credentials", Verdict.FAIL] > 0
    assert verdicts["authentication.nobody_writes_without_credentials", Verdict.FAIL] > 0
    assert verdicts["authorization.a_clinic_cannot_read_another_clinics_record", Verdict.FAIL] > 0
    for result in results:
        # The token endpoint still asks for what it must: only what opens a record is open.
        if "token" in result.id and "revoked" not in result.id and "renews" not in result.id:
            assert result.verdict in (Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE), result
            if result.verdict is Verdict.INCONCLUSIVE:
                assert result.cause is Cause.PRECONDITION, result


_FEW = 4
_LOCKED_OUT = {Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE, Verdict.ATTESTATION}


@pytest.mark.parametrize("check", [check.id for check in discover()])
def test_a_system_that_locks_our_actors_out_in_the_middle_of_a_check_is_neither_passed_nor_accused(
    check: str, system: ReferenceSystem, target: LoadedTarget
) -> None:
    order = reference_order(target, jobs=1)
    system.plant([])
    case = _first_passing_case(check, order)
    system.lock_after(None)
    judged(order, cases=[case])
    admitted = system.lock_after(None)
    for requests in range(admitted) if admitted < _FEW else (0, admitted // 2, admitted - 1):
        system.plant([])
        system.lock_after(requests)
        (locked_out,) = judged(order, cases=[case])
        assert locked_out.verdict in _LOCKED_OUT, f"{requests} of {admitted}: {locked_out}"


def _first_passing_case(check: str, order: Order) -> str:
    """The first of a check's cases that the conforming SI passes."""
    for case in planned(order)[0].cases:
        if case.check == check and judged(order, cases=[case.id])[0].verdict is Verdict.PASS:
            return case.id
    raise AssertionError(f"{check} passes nothing on the conforming SI")


def test_a_dead_server_passes_nothing_at_all(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(tmp_path_factory.mktemp("dead")) as system:
        target = load_target(system.manifest)
        system.stop()
        results = judged(reference_order(target, jobs=4))
    assert results
    assert {result.verdict for result in results} <= _NOTHING_CLAIMED
    assert Verdict.INCONCLUSIVE in {result.verdict for result in results}
    causes = {result.cause for result in results if result.cause}
    assert causes <= {Cause.UNREACHABLE, Cause.NOT_RUN, Cause.PRECONDITION}
