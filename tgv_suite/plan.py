"""What will be tried, of what, and what can't be and why: pure, and fixed before anything is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from tgv_suite.model.catalogue import (
    Catalogue,
    Level,
    Method,
    Profile,
    Requirement,
    SafetyClass,
    Selected,
    level_of,
)
from tgv_suite.model.results import Cause, CheckResult, Mode, Verdict
from tgv_suite.model.target import Environment, Target
from tgv_suite.noun import noun
from tgv_suite.registry import Check
from tgv_suite.subjects.subject import Subject, Undeclared
from tgv_suite.text import Text


@noun
class PlannedCase:
    """One check over one subject.

    Parameters
    ----------
    alone:
        Whether it runs while no other does.
    """

    requirement: str
    check: str
    subject: str
    alone: bool

    @property
    def id(self) -> str:
        """The case's name: the check and its subject."""
        return f"{self.check}[{self.subject}]"


@noun
class PlannedRequirement:
    """One requirement of the profile: what will be tried, and what is settled without trying."""

    id: str
    level: Level
    safety: SafetyClass
    cases: tuple[PlannedCase, ...]
    settled: tuple[CheckResult, ...]


@noun
class Plan:
    """``plan.json``: every requirement of the profile exactly once, in the profile's order."""

    schema: Literal["tgv-plan/1"] = "tgv-plan/1"
    profile: str
    mode: Mode
    requirements: tuple[PlannedRequirement, ...]

    @property
    def cases(self) -> tuple[PlannedCase, ...]:
        """Every case, those that run alone last."""
        cases = [case for requirement in self.requirements for case in requirement.cases]
        return tuple(sorted(cases, key=lambda case: case.alone))


def make_plan(
    *,
    target: Target,
    profile: Profile,
    catalogue: Catalogue,
    checks: Iterable[Check],
    mode: Mode = Mode.VENDOR,
    only: Collection[str] = (),
) -> Plan:
    """Pair a profile with a target.

    Parameters
    ----------
    target, profile, catalogue, checks:
        Of whom what is asked, by which checks.
    mode:
        Who runs.
    only:
        The requirements to try; all when empty.
    """
    known = tuple(checks)
    return Plan(
        profile=profile.id,
        mode=mode,
        requirements=tuple(
            _requirement(selected, catalogue.requirements[selected.id], target, known, only)
            for selected in profile.requirements
        ),
    )


def _requirement(
    selected: Selected,
    requirement: Requirement,
    target: Target,
    checks: Sequence[Check],
    only: Collection[str],
) -> PlannedRequirement:
    mine = [check for check in checks if check.binding.requirement == selected.id]
    obstacle = _obstacle(requirement, target, mine, only)
    cases: list[PlannedCase] = []
    settled = [] if obstacle is None else [obstacle]
    for check in mine if obstacle is None else []:
        subjects = check.binding.subjects(target)
        if isinstance(subjects, Undeclared):
            settled.append(_undeclared(check, subjects, selected))
        else:
            cases.extend(_case(check, subject) for subject in subjects)
    return PlannedRequirement(
        id=selected.id,
        level=level_of(selected, requirement),
        safety=requirement.safety,
        cases=tuple(cases),
        settled=tuple(settled),
    )


def _case(check: Check, subject: Subject) -> PlannedCase:
    return PlannedCase(
        requirement=check.binding.requirement,
        check=check.id,
        subject=subject.name,
        alone=check.binding.alone,
    )


def _obstacle(
    requirement: Requirement, target: Target, mine: Sequence[Check], only: Collection[str]
) -> CheckResult | None:
    """Why a requirement won't be tried at all, when that is so."""
    if only and requirement.id not in only:
        return _settled(
            Verdict.INCONCLUSIVE,
            Cause.NOT_RUN,
            fr="non demandée : l'essai était limité par --only",
            en="not asked for: the run was limited by --only",
        )
    if requirement.method is Method.ATTESTATION:
        return _settled(
            Verdict.ATTESTATION,
            None,
            fr="seule une personne peut l'attester",
            en="only a person can attest it",
        )
    if not mine:
        return _settled(
            Verdict.INCONCLUSIVE,
            Cause.NOT_RUN,
            fr="aucune vérification n'existe encore pour cette exigence",
            en="no check exists yet for this requirement",
        )
    if requirement.safety not in target.scope.safety:
        return _settled(
            Verdict.INCONCLUSIVE,
            Cause.NOT_RUN,
            fr=f"la portée n'autorise pas les vérifications de classe « {requirement.safety} »",
            en=f"the scope doesn't allow checks of class “{requirement.safety}”",
        )
    intrusive = requirement.safety is SafetyClass.INTRUSIVE
    if intrusive and target.system.environment is Environment.PRODUCTION:
        return _settled(
            Verdict.INCONCLUSIVE,
            Cause.NOT_RUN,
            fr="les vérifications intrusives ne se font jamais en production",
            en="intrusive checks are never run in production",
        )
    return None


def _undeclared(check: Check, undeclared: Undeclared, selected: Selected) -> CheckResult:
    missing = undeclared.missing
    if undeclared.offered and selected.mandatory_declaration:
        reason = Text(
            fr=f"le profil exige cette déclaration : {missing.fr}",
            en=f"the profile demands this declaration: {missing.en}",
        )
        verdict, cause = Verdict.INCONCLUSIVE, Cause.PRECONDITION
        return CheckResult(id=check.id, subject="", verdict=verdict, cause=cause, reason=reason)
    return CheckResult(
        id=check.id, subject="", verdict=Verdict.NOT_APPLICABLE, cause=None, reason=missing
    )


def _settled(verdict: Verdict, cause: Cause | None, *, fr: str, en: str) -> CheckResult:
    return CheckResult(
        id="plan", subject="", verdict=verdict, cause=cause, reason=Text(fr=fr, en=en)
    )
