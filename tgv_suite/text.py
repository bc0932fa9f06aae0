"""Words for people: every text exists in French and in English, French first."""

from __future__ import annotations

from typing import Literal

from tgv_suite.noun import noun

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")


@noun
class Text:
    """One message in both languages.

    Parameters
    ----------
    fr, en:
        The same message in French (Quebec) and in English.
    """

    fr: str
    en: str

    def in_(self, language: Language) -> str:
        """The message in ``language``."""
        return self.fr if language == "fr" else self.en

    def __str__(self) -> str:
        return self.fr
