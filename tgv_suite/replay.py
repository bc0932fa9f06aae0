"""A finding's check again, on the living system: the tape is never resent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from pydantic import JsonValue

from tgv_suite.bundle import Bundle
from tgv_suite.errors import UserError
from tgv_suite.evidence.observations import read_tape
from tgv_suite.judge import Judged
from tgv_suite.model.results import CheckResult, Verdict
from tgv_suite.noun import noun
from tgv_suite.plan import PlannedCase
from tgv_suite.report.visible import inline
from tgv_suite.session import Order, opened
from tgv_suite.text import Text
from tgv_suite.witness import Recorded

# What differs between any two exchanges, whatever the system does.
_CHANCE = frozenset(
    {"attempts", "elapsed_s", "known_before", "sent_at", "unique", "verified_at", "waited_s"}
)


class NoSuchFinding(UserError):
    """The bundle has no such finding, or the system no longer declares what it is about."""


@noun
class Seen:
    """Something that was observed then, and is otherwise now.

    Parameters
    ----------
    question:
        What was asked, by its label and how many times it had been.
    field:
        The field of the observed fact.
    before, now:
        Its values.
    """

    question: str
    field: str
    before: JsonValue
    now: JsonValue


@noun
class Replayed:
    """One case, then and now.

    Parameters
    ----------
    before, now:
        What the bundle says, and what the system does now.
    seen:
        What was observed otherwise, when the verdict or its reason changed.
    """

    before: CheckResult
    now: CheckResult
    seen: tuple[Seen, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the verdict is the same."""
        return self.before.verdict is self.now.verdict


def replay(order: Order, bundle: Bundle, finding: str) -> tuple[Replayed, ...]:
    """Run the cases of a finding again.

    Parameters
    ----------
    order:
        The system and the profile, with the manifest's own credentials; the seed is the bundle's.
    bundle:
        Where the finding stands.
    finding:
        A requirement, a check, or a check with its subject: ``AZN-03``, ``authorization.x``,
        ``authorization.x[subject]``.

    Raises
    ------
    NoSuchFinding
        When the bundle has none of that name, or the system no longer declares its subject.
    """
    tried = {case.id: case for case in bundle.plan.cases if finding in _names(case)}
    if not tried:
        raise _unknown(finding, bundle)
    sealed = {
        f"{check.id}[{check.subject}]": check
        for requirement in bundle.results.requirements
        for check in requirement.checks
    }
    with opened(replace(order, seed=bundle.results.run.seed)) as session:
        cases = [case for case in session.plan.cases if case.id in tried and case.id in sealed]
        if not cases:
            raise _undeclared(finding)
        session.begin(cases)
        return tuple(
            _compared(bundle, tried[case.id], sealed[case.id], session.result(case))
            for case in cases
        )


def _names(case: PlannedCase) -> tuple[str, str, str]:
    """By what a finding may be named."""
    return case.requirement, case.check, case.id


def _compared(bundle: Bundle, case: PlannedCase, before: CheckResult, judged: Judged) -> Replayed:
    now = judged.result
    if (before.verdict, before.reason) == (now.verdict, now.reason):
        return Replayed(before=before, now=now)
    tape = read_tape(bundle.folder, case)
    seen = _differences(tape.facts if tape is not None else (), judged.recorded)
    return Replayed(before=before, now=now, seen=tuple(seen))


def _differences(before: Sequence[Recorded], now: Sequence[Recorded]) -> Iterator[Seen]:
    """The plain fields that differ between the answers to the same question."""
    known = {(item.label, item.ordinal): _plain(item.fact) for item in before}
    for item in now:
        then = known.get((item.label, item.ordinal), {})
        question = item.label if item.ordinal == 1 else f"{item.label} #{item.ordinal}"
        for field, value in _plain(item.fact).items():
            if field in then and then[field] != value:
                yield Seen(question=question, field=field, before=then[field], now=value)


def _plain(fact: JsonValue) -> Mapping[str, JsonValue]:
    fields = fact if isinstance(fact, dict) else {}
    return {
        name: value
        for name, value in fields.items()
        if name not in _CHANCE and not isinstance(value, dict | list)
    }


def _unknown(finding: str, bundle: Bundle) -> NoSuchFinding:
    failed = [r.id for r in bundle.results.requirements if r.verdict is Verdict.FAIL]
    known = dict.fromkeys(name for case in bundle.plan.cases for name in _names(case))
    near = get_close_matches(finding, known, 1)
    named = inline(near[0]) if near else ", ".join(failed) or "—"
    return NoSuchFinding(
        message=Text(
            fr=f"« {inline(finding)} » n'est pas une constatation de ce dossier qui puisse être refaite",
            en=f"“{inline(finding)}” isn't a finding of this bundle that can be tried again",
        ),
        remedy=Text(fr=f"vouliez-vous dire « {named} » ?", en=f"did you mean “{named}”?")
        if near
        else Text(fr=f"non conformes : {named}", en=f"failed: {named}"),
    )


def _undeclared(finding: str) -> NoSuchFinding:
    return NoSuchFinding(
        message=Text(
            fr=f"le manifeste ne déclare plus ce que « {inline(finding)} » éprouvait",
            en=f"the manifest no longer declares what “{inline(finding)}” tried",
        ),
        remedy=Text(
            fr="donnez le manifeste du même SI, ou refaites l'essai entier",
            en="give the manifest of the same system, or run the whole again",
        ),
    )
