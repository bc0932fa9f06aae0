"""The verdict rules: what a check's end, its observations and its controls may claim."""

from __future__ import annotations

import pytest

from tgv_suite import verdict
from tgv_suite.claims import AskPerson, CannotTell, NotApplicable, Violation
from tgv_suite.model.catalogue import Level
from tgv_suite.model.facts import Truncated
from tgv_suite.model.results import Cause, CheckResult, Conclusion, RequirementResult, Verdict
from tgv_suite.text import Text
from tgv_suite.verdict import Outcome

SAID = Text(fr="vu", en="seen")


def claimed(raised: BaseException | None, *, observations: int = 2, controls: int = 1) -> Verdict:
    outcome = Outcome(raised=raised, observations=observations, controls=controls)
    return verdict.of(outcome).verdict


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (None, Verdict.PASS),
        (Violation(SAID), Verdict.FAIL),
        (AskPerson(SAID), Verdict.ATTESTATION),
        (CannotTell(Cause.TIMEOUT, SAID), Verdict.INCONCLUSIVE),
        (NotApplicable(SAID), Verdict.NOT_APPLICABLE),
        (Truncated(), Verdict.INCONCLUSIVE),
        (ValueError("ours"), Verdict.INCONCLUSIVE),
        (AssertionError("ours too"), Verdict.INCONCLUSIVE),
    ],
)
def test_each_end_of_a_check_has_its_verdict(
    raised: BaseException | None, expected: Verdict
) -> None:
    assert claimed(raised) is expected


@pytest.mark.parametrize("raised", [None, Violation(SAID), AskPerson(SAID)])
@pytest.mark.parametrize(("observations", "controls"), [(0, 1), (2, 0), (0, 0)])
def test_nothing_is_claimed_without_an_observation_and_a_control(
    raised: BaseException | None, observations: int, controls: int
) -> None:
    assert claimed(raised, observations=observations, controls=controls) is Verdict.INCONCLUSIVE


def test_a_fault_of_ours_is_told_as_such_and_never_quotes_itself() -> None:
    outcome = Outcome(raised=ValueError("Bearer abc"), observations=3, controls=3)
    judgement = verdict.of(outcome)
    assert judgement.cause is Cause.HARNESS_ERROR
    assert "abc" not in judgement.reason.fr + judgement.reason.en
    assert verdict.is_fault(ValueError())
    assert not any(
        verdict.is_fault(end)
        for end in (None, Violation(SAID), AskPerson(SAID), NotApplicable(SAID), Truncated())
    )


def check(one: Verdict, reason: str = "") -> CheckResult:
    cause = Cause.TIMEOUT if one is Verdict.INCONCLUSIVE else None
    said = Text(fr=reason, en=reason)
    return CheckResult(id="a.b", subject=reason, verdict=one, cause=cause, reason=said)


def test_a_requirement_is_as_good_as_its_worst_check_and_says_why() -> None:
    rolled = verdict.roll_up(
        [check(Verdict.PASS, "1"), check(Verdict.FAIL, "2"), check(Verdict.FAIL, "3")]
    )
    assert (rolled.verdict, rolled.reason.fr) == (Verdict.FAIL, "2")
    assert verdict.roll_up([]).verdict is Verdict.INCONCLUSIVE


def required(one: Verdict, level: Level = Level.MUST) -> RequirementResult:
    return RequirementResult(id="AAA-01", level=level, verdict=one, cause=None, reason=SAID)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], Conclusion.UNDETERMINED),
        ([Verdict.PASS], Conclusion.CONFORMANT),
        ([Verdict.PASS, Verdict.NOT_APPLICABLE], Conclusion.CONFORMANT),
        ([Verdict.NOT_APPLICABLE], Conclusion.UNDETERMINED),
        ([Verdict.PASS, Verdict.ATTESTATION], Conclusion.UNDETERMINED),
        ([Verdict.PASS, Verdict.INCONCLUSIVE], Conclusion.UNDETERMINED),
        ([Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.PASS], Conclusion.NON_CONFORMANT),
    ],
)
def test_the_conclusion_is_that_of_the_binding_requirements(
    verdicts: list[Verdict], expected: Conclusion
) -> None:
    assert verdict.conclude([required(one) for one in verdicts]) is expected
    optional = required(Verdict.FAIL, Level.SHOULD)
    assert verdict.conclude([*map(required, verdicts), optional]) is expected
