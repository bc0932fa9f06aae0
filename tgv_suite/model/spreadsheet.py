"""What a spreadsheet makes of a file for it (RFC 4180)."""

from __future__ import annotations

import csv
import re
from io import StringIO

_SEPARATORS = ",;\t|"
_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_TEXT_BY_FORMULA = re.compile(r'="(?:[^"]|"")*"')


def cells(text: str) -> tuple[str, ...] | None:
    """Every cell of a file, in order; None when it can't be read as one.

    Parameters
    ----------
    text:
        The file; its first line says by what cells are separated.
    """
    content = text.removeprefix("\ufeff")
    first = content.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        rows = list(csv.reader(StringIO(content, newline=""), delimiter=separator))
    except csv.Error:
        return None
    return tuple(cell for row in rows for cell in row)


def computes(cell: str) -> bool:
    """Whether a spreadsheet takes a cell for a formula of a stranger's.

    A formula that is but a text between quotes shows that text and computes nothing.
    """
    return cell.startswith(_SIGNS) and _TEXT_BY_FORMULA.fullmatch(cell) is None
