"""What of a user's file a message may repeat: no secret, no person's number, no control."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from tgv_suite.nam import PATTERN as _NAM
from tgv_suite.text import Text

LONGEST: Final = 40
_SECRET: Final = re.compile(
    r"eyJ|BEGIN|(?=[\w+/=.-]*\d)(?=[\w+/=.-]*[A-Za-z])[\w+/=.]{20,}|(?i:secret|passw|bearer)\S*[=:]\S"
)
_NUMBER: Final = re.compile(r"\d[\d ._-]{7,}\d")


def shown(value: str) -> str | None:
    """``value`` when it may be printed, else None."""
    if len(value) > LONGEST or not value.isprintable():
        return None
    if _SECRET.search(value) or _NAM.search(value) or _NUMBER.search(value):
        return None
    return value


def quoted(value: str | None) -> tuple[str, str]:
    """A value in French and in English quotation marks, after a space; nothing when withheld."""
    return (f" « {value} »", f" “{value}”") if value is not None else ("", "")


def closest(value: str, known: Iterable[str]) -> str | None:
    """The known word that ``value`` was probably meant to be."""
    words = list(known)
    by_lower = {word.lower(): word for word in words}
    found = get_close_matches(value[:LONGEST].lower(), list(by_lower), n=1, cutoff=0.6)
    return shown(by_lower[found[0]]) if found else None


def suggestion(value: str, known: Iterable[str], *, kind: Text) -> Text:
    """The remedy for an unknown word: the closest known one, else the list of them.

    Parameters
    ----------
    value:
        What was written.
    known:
        What may be written.
    kind:
        What these words are, in the plural.
    """
    words = list(known)
    near = closest(value, words)
    if near is not None:
        return Text(fr=f"vouliez-vous dire « {near} » ?", en=f"did you mean “{near}”?")
    listed = [word for word in words if shown(word)][:12]
    if not listed:
        return Text(fr=f"{kind.fr} : aucun n'est déclaré", en=f"{kind.en}: none is declared")
    rest = "…" if len(words) > len(listed) else ""
    names = ", ".join(listed) + rest
    return Text(fr=f"{kind.fr} : {names}", en=f"{kind.en}: {names}")
