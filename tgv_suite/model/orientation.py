"""The orientation as data: which systems may exchange with an EMR, on which conditions, from when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from tgv_suite.model.target import Category, Name
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
    passages:
        The sentences that the decision rests on: the original in French, our translation in English.
    """

    schema: Literal["tgv-orientation/1"]
    id: str
    in_force: date
    renewals_from: date
    validity_days: Annotated[int, Field(ge=1)]
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


@noun
class BundleOnRecord:
    """What is known of a run's evidence when the decision is made.

    Parameters
    ----------
    sound:
        Whether nothing was altered, and every verdict follows again from the recorded facts.
    trusted:
        Whether a trusted key sealed it; None when no trust folder was given.
    role:
        Whose run it was: ``vendor``, ``certifier`` or ``surveillance``.
    system, version, category:
        Which system it is about.
    profile_category:
        Which category its profile is for.
    conclusion:
        What it concluded.
    ended:
        When the run ended.
    """

    sound: bool
    trusted: bool | None
    role: str
    system: str
    version: str
    category: str
    profile_category: str
    conclusion: str
    ended: date


@noun
class Step:
    """One line of the reasoning, and the passage that it rests on."""

    text: Text
    passage: Name


@noun
class Decision:
    """What the orientation says of a system, and why."""

    status: Status
    steps: tuple[Step, ...]
