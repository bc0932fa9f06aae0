"""Hostile text made harmless to a reader: nothing invisible, nothing reordered, nothing endless."""

from __future__ import annotations

import re
import unicodedata

from tgv_suite.noun import noun

INLINE_CHARACTERS = 4_000
EXCERPT_LINES = 200
EXCERPT_LINE_CHARACTERS = 2_000
EXCERPT_CHARACTERS = 12_000

# The pictures of U+2400 and on are missing from many fonts; a name never is.
_NAMES = {0: "NUL", 7: "BEL", 8: "BS", 13: "CR", 27: "ESC", 127: "DEL"}
_KEPT = frozenset("\n\t\u00a0\u202f")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# Letters and marks that draw nothing although Unicode doesn't class them as format characters.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for block in (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)) for code in block
}
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILED_MARKS = re.compile(f"(?<=[{_MARKS}]{{2}})[{_MARKS}]+")


@noun
class Excerpt:
    """The beginning of a long text.

    Parameters
    ----------
    text:
        What is shown.
    omitted:
        How many characters of the original aren't.
    """

    text: str
    omitted: int


def visible(text: str) -> str:
    """``text`` with each control, bidirectional, invisible or piled-up character spelled out.

    The best known are named (``⟦ESC⟧``), the others numbered (``⟦U+202E⟧``), accents piled
    on two others are counted (``⟦+38⟧``); line ends become ``\\n``. What is left can't move,
    hide or overlay the words around it (Unicode UAX 9, UTR 36).
    """
    lines = text.replace("\r\n", "\n")
    return _PILED_MARKS.sub(_count, lines.translate(_SPELLING))


def inline(text: str) -> str:
    """``text`` made visible, and cut when it is longer than a paragraph may be."""
    extra = len(text) - INLINE_CHARACTERS
    return visible(text) if extra <= 0 else visible(text[:INLINE_CHARACTERS]) + _cut(extra)


def cut_line(line: str, limit: int) -> str:
    """The first ``limit`` characters of a line, and how many more there are."""
    extra = len(line) - limit
    return line if extra <= 0 else line[:limit] + _cut(extra)


def excerpt(text: str) -> Excerpt:
    """The beginning of ``text``, with bounded lines and a bounded length; not made visible yet."""
    shown: list[str] = []
    omitted = max(0, len(text) - EXCERPT_CHARACTERS)
    lines = text[:EXCERPT_CHARACTERS].replace("\r\n", "\n").split("\n")
    for line in lines[:EXCERPT_LINES]:
        extra = max(0, len(line) - EXCERPT_LINE_CHARACTERS)
        shown.append(cut_line(line, EXCERPT_LINE_CHARACTERS))
        omitted += extra
    omitted += sum(len(line) + 1 for line in lines[EXCERPT_LINES:])
    return Excerpt(text="\n".join(shown), omitted=omitted)


def _cut(extra: int) -> str:
    return f" ⟦+{extra}⟧"


def _spell(character: str) -> str:
    code = ord(character)
    return f"⟦{_NAMES.get(code, f'U+{code:04X}')}⟧"


def _count(pile: re.Match[str]) -> str:
    return f"⟦+{len(pile.group())}⟧"


class _Spelling(dict[int, str]):
    """What each character becomes, worked out the first time that it is met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        hidden = unicodedata.category(character) in _HIDDEN_CATEGORIES or character in _BLANK
        self[code] = _spell(character) if hidden and character not in _KEPT else character
        return self[code]


_SPELLING = _Spelling()
