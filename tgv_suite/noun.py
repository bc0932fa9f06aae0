"""The one way to declare a noun of the model: frozen, slotted, keyword-only, and strict when loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

_Class = TypeVar("_Class")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def noun(cls: type[_Class]) -> type[_Class]:
    """Make ``cls`` a frozen, slotted, keyword-only dataclass that refuses unknown keys when loaded.

    Parameters
    ----------
    cls:
        The class whose annotated attributes are the fields.
    """
    cls.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)
