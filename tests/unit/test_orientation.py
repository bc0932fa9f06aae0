"""The orientation's decision: every system that it names, with and without each condition."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tgv_suite import locations
from tgv_suite.load.orientation import load_orientation
from tgv_suite.model.orientation import BundleOnRecord, Orientation, Paper, Status
from tgv_suite.model.results import Conclusion, Mode
from tgv_suite.model.target import Category, Environment, FirstCondition, SystemIdentity
from tgv_suite.orientation import decide, refusal

ORIENTATION: Orientation = load_orientation(locations.profiles())
BEFORE, RENEWALS, EVE = date(2019, 2, 28), date(2019, 3, 1), date(2019, 4, 30)
FIRST_DAY, AFTER = date(2019, 5, 1), date(2026, 11, 1)
APPROVAL = FirstCondition(basis="msss-approval", reference="2019-03")
RECOGNITION = FirstCondition(basis="ramq-recognition", reference="RAMQ-77")
TWO_CONDITIONS = (Category.RAMQ_PARTNER, Category.APPOINTMENT_BOOKING, Category.OTHER_PRIVATE)
CUT = (Category.INSURANCE, Category.DATA_VAULT)
ATTESTED = Paper(requirement="DOC-01", is_waiver=False, expiry=AFTER)
WAIVED = Paper(requirement="LIM-01", is_waiver=True, expiry=AFTER)


def identity(category: Category) -> SystemIdentity:
    return SystemIdentity(
        name="Zzt", vendor="Zzt", version="2.0", category=category, environment=Environment.TEST
    )


def evidence(category: Category, **changes: object) -> BundleOnRecord:
    sound = BundleOnRecord(
        sound=True,
        rederived=True,
        trusted=True,
        role=Mode.CERTIFIER,
        rehearsal=False,
        system="Zzt",
        version="2.0",
        category=category,
        profile="essai",
        profile_version="1",
        profile_category=category,
        papers=(),
        conclusion=Conclusion.CONFORMANT,
        ended=date(2026, 1, 1),
    )
    return replace(sound, **changes)  # type: ignore[arg-type]


def status(
    category: Category,
    *,
    condition_1: FirstCondition | None = APPROVAL,
    bundle: BundleOnRecord | None = None,
    on: date = AFTER,
    renewal: bool = False,
) -> Status:
    decision = decide(
        ORIENTATION,
        system=identity(category),
        condition_1=condition_1,
        bundle=bundle,
        on=on,
        renewal=renewal,
    )
    assert all(step.passage in ORIENTATION.passages for step in decision.steps)
    return decision.status


GOVERNMENT, CONDITIONS, SEVERED = "government", "two conditions", "cut"
NAMED = {
    "Dossier santé Québec (DSQ)": GOVERNMENT,
    "Rendez-vous santé Québec (RVSQ)": GOVERNMENT,
    "Accès priorisés aux services spécialisés (APSS)": GOVERNMENT,
    "Système d’information pour la protection en maladies infectieuses (SI-PMI)": GOVERNMENT,
    "Système de facturation de la RAMQ": GOVERNMENT,
    "Système de rapport d’accident / d’incident de la CNESST": GOVERNMENT,
    "Systèmes de facturation": CONDITIONS,
    "Systèmes de pharmacie communautaire": CONDITIONS,
    "Système de prise de rendez-vous": CONDITIONS,
    "Systèmes d’assurance": SEVERED,
    "Desjardins": SEVERED,
    "Banques de données (voûte)": SEVERED,
}
"""What the orientation asks of each system that it names, read in it by hand."""


def expected(rule: str, on: date, *, renewal: bool, first: bool, second: bool) -> Status:
    """The orientation's table, told again by hand."""
    if rule == GOVERNMENT:
        return Status.APPROVED
    applies = on >= date(2019, 5, 1) or (renewal and on >= date(2019, 3, 1))
    if applies and rule == SEVERED:
        return Status.TO_CUT
    return Status.AUTHORISED if applies and first and second else Status.NOT_AUTHORISED


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("on", [BEFORE, RENEWALS, EVE, FIRST_DAY, AFTER], ids=str)
def test_each_named_system_gets_what_the_orientation_says(name: str, on: date) -> None:
    category = next(named.category for named in ORIENTATION.systems if named.name == name)
    bases: tuple[FirstCondition | None, ...] = (None, APPROVAL, RECOGNITION)
    for renewal, first, second in itertools.product((False, True), bases, (False, True)):
        bundle = evidence(category, ended=min(on, date(2026, 1, 1))) if second else None
        decided = status(category, condition_1=first, bundle=bundle, on=on, renewal=renewal)
        told = expected(NAMED[name], on, renewal=renewal, first=first is not None, second=second)
        assert decided is told, (renewal, first, second)


def test_every_system_that_the_orientation_names_is_in_the_data_and_no_other() -> None:
    assert {named.name for named in ORIENTATION.systems} == set(NAMED)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def test_every_passage_stands_word_for_word_in_the_orientation() -> None:
    path = Path(__file__).parent / "data" / "orientation-2019-05.txt"
    text = _one_line(path.read_text(encoding="utf-8"))
    assert "Nouvelle orientation" in text
    for name, passage in ORIENTATION.passages.items():
        assert _one_line(passage.fr) in text, name


def test_what_the_data_names_is_quoted() -> None:
    for rule in ORIENTATION.categories.values():
        assert rule.passage in ORIENTATION.passages
    for named in ORIENTATION.systems:
        assert named.passage in ORIENTATION.passages


def test_a_refusal_tells_why_and_what_follows_for_the_links() -> None:
    decision = decide(
        ORIENTATION,
        system=identity(Category.OTHER_PRIVATE),
        condition_1=APPROVAL,
        bundle=None,
        on=AFTER,
    )
    assert decision.because is not None
    assert decision.because.en == "condition 2: no evidence"
    passages = [step.passage for step in decision.steps]
    assert passages == [
        "in-force",
        "other-private",
        "condition-1",
        "condition-2",
        "otherwise",
        "links-to-cut",
    ]


def test_both_bases_of_the_first_condition_are_told_with_their_reference() -> None:
    for condition, word in ((APPROVAL, "approbation"), (RECOGNITION, "reconnaissance")):
        decision = decide(
            ORIENTATION,
            system=identity(Category.APPOINTMENT_BOOKING),
            condition_1=condition,
            bundle=None,
            on=AFTER,
        )
        (told,) = [s.text.fr for s in decision.steps if s.passage == "condition-1"]
        assert word in told
        assert condition.reference in told


@pytest.mark.parametrize("category", TWO_CONDITIONS)
def test_perfect_evidence_without_the_first_condition_authorises_nothing(
    category: Category,
) -> None:
    decision = decide(
        ORIENTATION,
        system=identity(category),
        condition_1=None,
        bundle=evidence(category),
        on=AFTER,
    )
    assert decision.status is Status.NOT_AUTHORISED
    assert "order" in [step.passage for step in decision.steps]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sound": False}, Status.NOT_AUTHORISED),
        ({"trusted": False}, Status.NOT_AUTHORISED),
        ({"trusted": None}, Status.UNDETERMINED),
        ({"rederived": False}, Status.UNDETERMINED),
        ({"role": Mode.VENDOR}, Status.NOT_AUTHORISED),
        ({"role": Mode.SURVEILLANCE}, Status.NOT_AUTHORISED),
        ({"rehearsal": True}, Status.NOT_AUTHORISED),
        ({"papers": (ATTESTED,)}, Status.AUTHORISED),
        ({"papers": (replace(ATTESTED, expiry=date(2026, 10, 31)),)}, Status.UNDETERMINED),
        ({"papers": (WAIVED,)}, Status.AUTHORISED),
        ({"papers": (replace(WAIVED, expiry=date(2026, 10, 31)),)}, Status.NOT_AUTHORISED),
        ({"version": "1.9"}, Status.NOT_AUTHORISED),
        ({"system": "Autre"}, Status.NOT_AUTHORISED),
        ({"profile_category": "insurance"}, Status.NOT_AUTHORISED),
        ({"ended": date(2026, 11, 2)}, Status.NOT_AUTHORISED),
        ({"ended": date(2020, 1, 1)}, Status.NOT_AUTHORISED),
        ({"conclusion": Conclusion.NON_CONFORMANT}, Status.NOT_AUTHORISED),
        ({"conclusion": Conclusion.UNDETERMINED}, Status.UNDETERMINED),
        ({"conclusion": Conclusion.CONFORMANT_WITH_WAIVERS}, Status.AUTHORISED),
        ({}, Status.AUTHORISED),
    ],
)
def test_only_sound_trusted_fresh_evidence_of_this_version_counts(
    changes: dict[str, object], told: Status
) -> None:
    category = Category.APPOINTMENT_BOOKING
    assert status(category, bundle=evidence(category, **changes)) is told


def test_an_authorisation_under_waiver_names_what_is_waived_and_until_when() -> None:
    decision = decide(
        ORIENTATION,
        system=identity(Category.APPOINTMENT_BOOKING),
        condition_1=APPROVAL,
        bundle=evidence(
            Category.APPOINTMENT_BOOKING,
            conclusion=Conclusion.CONFORMANT_WITH_WAIVERS,
            papers=(WAIVED,),
        ),
        on=AFTER,
    )
    (told,) = [s.text.en for s in decision.steps if s.passage == "condition-2"]
    assert "LIM-01 → 2026-11-01" in told
    assert "for the MSSS to accept" in told


@pytest.mark.parametrize("category", CUT)
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, Status.CUT_VERIFIED),
        ({"sound": False}, Status.TO_CUT),
        ({"rederived": False}, Status.TO_CUT),
        ({"trusted": False}, Status.TO_CUT),
        ({"trusted": None}, Status.TO_CUT),
        ({"role": Mode.VENDOR}, Status.TO_CUT),
        ({"profile": "rendez-vous"}, Status.TO_CUT),
        ({"version": "1.9"}, Status.TO_CUT),
        ({"conclusion": Conclusion.UNDETERMINED}, Status.TO_CUT),
        ({"conclusion": Conclusion.CONFORMANT_WITH_WAIVERS}, Status.TO_CUT),
        ({"ended": date(2026, 11, 2)}, Status.TO_CUT),
    ],
)
def test_a_link_is_to_be_cut_until_trusted_evidence_shows_that_it_is(
    category: Category, changes: dict[str, object], told: Status
) -> None:
    shown = evidence(category, **{"profile": ORIENTATION.severance_profile, **changes})
    assert status(category, condition_1=None, bundle=shown) is told
    assert status(category, condition_1=APPROVAL, bundle=shown) is told


def test_evidence_counts_until_the_last_day_of_its_validity() -> None:
    category = Category.APPOINTMENT_BOOKING
    last = date.fromordinal(date(2026, 1, 1).toordinal() + ORIENTATION.validity_days)
    day_after = date.fromordinal(last.toordinal() + 1)
    assert status(category, bundle=evidence(category), on=last) is Status.AUTHORISED
    assert status(category, bundle=evidence(category), on=day_after) is Status.NOT_AUTHORISED


def test_every_category_has_a_rule_and_every_passage_is_quoted_in_both_languages() -> None:
    assert set(ORIENTATION.categories) == set(Category)
    for passage in ORIENTATION.passages.values():
        assert passage.fr.strip()
        assert passage.en.strip()
        assert passage.fr != passage.en
        assert not re.search(r"\s{2,}", passage.fr + passage.en)


@pytest.mark.parametrize("category", CUT)
@pytest.mark.parametrize("mode", list(Mode))
def test_an_insurer_or_a_vault_is_refused_any_profile_but_the_cuts(
    category: Category, mode: Mode
) -> None:
    def refused(profile: str) -> str | None:
        step = refusal(
            ORIENTATION,
            system=identity(category),
            condition_1=APPROVAL,
            profile=profile,
            mode=mode,
            rehearsal=True,
        )
        return None if step is None else step.passage

    assert refused("rendez-vous") == "cut"
    assert refused(ORIENTATION.severance_profile) is None


@pytest.mark.parametrize("category", TWO_CONDITIONS)
def test_a_certifier_needs_the_first_condition_on_record_unless_it_is_a_rehearsal(
    category: Category,
) -> None:
    def refused(mode: Mode, condition_1: FirstCondition | None, *, rehearsal: bool) -> bool:
        step = refusal(
            ORIENTATION,
            system=identity(category),
            condition_1=condition_1,
            profile="rendez-vous",
            mode=mode,
            rehearsal=rehearsal,
        )
        return step is not None

    assert refused(Mode.CERTIFIER, None, rehearsal=False)
    assert not refused(Mode.CERTIFIER, None, rehearsal=True)
    assert not refused(Mode.CERTIFIER, APPROVAL, rehearsal=False)
    assert not refused(Mode.VENDOR, None, rehearsal=False)
