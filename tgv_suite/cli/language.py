"""In which language the command line speaks: asked for, else the locale's, else French."""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tgv_suite.noun import noun
from tgv_suite.text import LANGUAGES, Language, Text


@noun
class Speaker:
    """Says every text in one language."""

    language: Language

    def __call__(self, *, fr: str, en: str) -> str:
        """The text in this language."""
        return Text(fr=fr, en=en).in_(self.language)

    def say(self, text: Text) -> str:
        """The text in this language."""
        return text.in_(self.language)


def choose(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language of a command line.

    Parameters
    ----------
    arguments:
        The words after ``tgv``; ``--lang`` decides when it is there.
    environment:
        Where the locale's variables stand.
    """
    for word, following in zip(arguments, [*arguments, ""][1:], strict=True):
        asked = following if word == "--lang" else word.removeprefix("--lang=")
        if word.startswith("--lang") and asked in LANGUAGES:
            return "en" if asked == "en" else "fr"
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    return "en" if locale.lower().startswith("en") else "fr"


def teach_click(language: Language) -> None:
    """Have click's own words (usage, options, errors) said in a language, by its gettext calls."""
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain("messages", str(Path(__file__).parent / "locale"))
    gettext.textdomain("messages")
