"""Degenerate servers earn no pass that they don't deserve: they kill the controls."""

from __future__ import annotations

from collections import Counter

import pytest

from tgv_suite.load.target import LoadedTarget, load_target
from tgv_suite.model.results import Cause, CheckResult, Verdict
from tgv_suite.prove import judged, reference_order
from tgv_suite.reference import ReferenceSystem, running

_TLS = "tls."
_NOTHING_CLAIMED = {Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE}
"""A static token is opaque by the manifest, whatever the server does: checks of JWTs don't apply."""


def _of_the_application(results: tuple[CheckResult, ...]) -> list[CheckResult]:
    """The checks that need an application; TLS is really there, and may pass."""
    return [result for result in results if not result.id.startswith(_TLS)]


@pytest.mark.parametrize("behaviour", ["not-found", "empty"])
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
        if "token" in result.id and "revoked" not in result.id:
            assert result.verdict in (Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE), result
            if result.verdict is Verdict.INCONCLUSIVE:
                assert result.cause is Cause.PRECONDITION, result


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
