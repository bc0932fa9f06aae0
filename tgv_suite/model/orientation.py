"""The orientation as data: which systems may exchange with an EMR, on which conditions, from when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from tgv_suite.model.names import Name
from tgv_suite.model.target import Category
from tgv_suite.noun import noun
from tgv_suite.text import Text


class Rule(StrEnum):
    """What the orientation asks of a category of systems."""

    APPROVED = "approved"
    TWO_CONDITIONS = "two-conditions"
    CUT = "cut"


@noun
class CategoryRule:
    """One category: what is asked of it, and the passage that says so."""

    rule: Rule
    passage: Name


@noun
class NamedSystem:
    """A system that the orientation names."""

    name: str
    category: Category
    passage: Name


@noun
class Orientation:
    """One edition of the orientation.

    Parameters
    ----------
    in_force:
        From when it applies to every link.
    renewals_from:
        From when it may be applied to the renewal of an EMR's certification.
    validity_days:
        How long a successful verification counts, in days.
    severance_profile:
        The only profile that applies to a category whose links are to be cut.
    passages:
        The sentences that the decision rests on: the original in French, our translation in English.
    """

    schema: Literal["tgv-orientation/1"]
    id: str
    in_force: date
    renewals_from: date
    validity_days: Annotated[int, Field(ge=1)]
    severance_profile: Name
    passages: Mapping[Name, Text]
    categories: Mapping[Category, CategoryRule]
    systems: tuple[NamedSystem, ...]


class Status(StrEnum):
    """What the orientation says of a link between a system and an EMR."""

    APPROVED = "approved"
    AUTHORISED = "authorised"
    NOT_AUTHORISED = "not_authorised"
    UNDETERMINED = "undetermined"
    TO_CUT = "to_cut"
    CUT_VERIFIED = "cut_verified"


@noun
class Paper:
    """What somebody signed and a conclusion rests on: an attestation, or a waiver."""

    requirement: str
    is_waiver: bool
    expiry: date


@noun
class BundleOnRecord:
    """What is known of a run's evidence when the decision is made.

    Parameters
    ----------
    sound:
        Whether nothing was altered, and no verdict contradicts the recorded facts.
    rederived:
        Whether every verdict follows again from them; not so without the code that judged.
    trusted:
        Whether a trusted key sealed it; None when no trust folder was given.
    role:
        Whose run it was: ``vendor``, ``certifier`` or ``surveillance``.
    rehearsal:
        Whether it was made without the first condition on record, or asked for as a rehearsal.
    system, version, category:
        Which system it is about.
    profile, profile_version, profile_category:
        Which profile was tried, and which category it is for.
    papers:
        What its conclusion rests on beside what was observed.
    conclusion:
        What it concluded.
    ended:
        When the run ended.
    """

    sound: bool
    rederived: bool
    trusted: bool | None
    role: str
    rehearsal: bool
    system: str
    version: str
    category: str
    profile: str
    profile_version: str
    profile_category: str
    papers: tuple[Paper, ...]
    conclusion: str
    ended: date


@noun
class Step:
    """One line of the reasoning, and the passage that it rests on."""

    text: Text
    passage: Name


@noun
class Decision:
    """What the orientation says of a system, and why.

    Parameters
    ----------
    because:
        What decides, when the exchange isn't authorised or nothing can be decided.
    """

    status: Status
    because: Text | None = None
    steps: tuple[Step, ...]
