"""The orientation's decision: every system that it names, with and without each condition."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date

import pytest

from tgv_suite import locations
from tgv_suite.load.orientation import load_orientation
from tgv_suite.model.orientation import BundleOnRecord, NamedSystem, Orientation, Status
from tgv_suite.model.results import Conclusion, Mode
from tgv_suite.model.target import Category, Environment, FirstCondition, SystemIdentity
from tgv_suite.orientation import decide, refusal

ORIENTATION: Orientation = load_orientation(locations.profiles())
BEFORE, RENEWALS, AFTER = date(2019, 2, 28), date(2019, 3, 15), date(2026, 11, 1)
APPROVAL = FirstCondition(basis="msss-approval", reference="2019-03")
TWO_CONDITIONS = (Category.RAMQ_PARTNER, Category.APPOINTMENT_BOOKING, Category.OTHER_PRIVATE)
CUT = (Category.INSURANCE, Category.DATA_VAULT)


def identity(category: Category) -> SystemIdentity:
    return SystemIdentity(
        name="Zzt", vendor="Zzt", version="2.0", category=category, environment=Environment.TEST
    )


def evidence(category: Category, **changes: object) -> BundleOnRecord:
    sound = BundleOnRecord(
        sound=True,
        trusted=True,
        role=Mode.CERTIFIER,
        system="Zzt",
        version="2.0",
        category=category,
        profile_category=category,
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


def expected(category: Category, on: date, *, renewal: bool, first: bool, second: bool) -> Status:
    """The orientation's table, told again by hand."""
    if category is Category.GOVERNMENT:
        return Status.APPROVED
    applies = on >= date(2019, 5, 1) or (renewal and on >= date(2019, 3, 1))
    if applies and category in CUT:
        return Status.TO_CUT
    return Status.AUTHORISED if applies and first and second else Status.NOT_AUTHORISED


@pytest.mark.parametrize("named", ORIENTATION.systems, ids=lambda named: named.name)
@pytest.mark.parametrize("on", [BEFORE, RENEWALS, AFTER], ids=str)
def test_each_named_system_gets_what_the_orientation_says(named: NamedSystem, on: date) -> None:
    for renewal, first, second in itertools.product((False, True), repeat=3):
        bundle = evidence(named.category, ended=min(on, date(2026, 1, 1))) if second else None
        decided = status(
            named.category,
            condition_1=APPROVAL if first else None,
            bundle=bundle,
            on=on,
            renewal=renewal,
        )
        told = expected(named.category, on, renewal=renewal, first=first, second=second)
        assert decided is told, (renewal, first, second)


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
        ({"role": Mode.VENDOR}, Status.NOT_AUTHORISED),
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
def test_an_insurer_or_a_vault_is_refused_any_profile(category: Category, mode: Mode) -> None:
    step = refusal(
        ORIENTATION, system=identity(category), condition_1=APPROVAL, mode=mode, rehearsal=True
    )
    assert step is not None
    assert step.passage == "cut"


@pytest.mark.parametrize("category", TWO_CONDITIONS)
def test_a_certifier_needs_the_first_condition_on_record_unless_it_is_a_rehearsal(
    category: Category,
) -> None:
    def refused(mode: Mode, condition_1: FirstCondition | None, *, rehearsal: bool) -> bool:
        step = refusal(
            ORIENTATION,
            system=identity(category),
            condition_1=condition_1,
            mode=mode,
            rehearsal=rehearsal,
        )
        return step is not None

    assert refused(Mode.CERTIFIER, None, rehearsal=False)
    assert not refused(Mode.CERTIFIER, None, rehearsal=True)
    assert not refused(Mode.CERTIFIER, APPROVAL, rehearsal=False)
    assert not refused(Mode.VENDOR, None, rehearsal=False)
