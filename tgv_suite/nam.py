"""The Quebec health insurance number (numéro d'assurance maladie, NAM), to recognise and to check."""

from __future__ import annotations

import re

_CENTURIES = ("18", "19", "20")
_WEIGHTS = (1, 3, 7, 9, 1, 7, 1, 3, 4, 5, 7, 6, 9, 1)
# Digits are ASCII's, and a line's end separates nothing: two lines side by side aren't a number.
_SEPARATOR = r"(?:[ \t\u00a0\u202f_+-]|%20)"
_SEPARATORS = re.compile(_SEPARATOR)
PATTERN = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}))[A-Za-z]{4}"
    rf"{_SEPARATOR}?[0-9]{{2}}(?:0[1-9]|1[0-2]|5[1-9]|6[0-2]){_SEPARATOR}?"
    r"(?:0[1-9]|[12][0-9]|3[01])[0-9]{2}(?![A-Za-z0-9])"
)


def normal(nam: str) -> str:
    """A number without separators, in capitals."""
    return _SEPARATORS.sub("", nam).upper()


def check_digits(nam: str) -> frozenset[int]:
    """The check digits that a number could have, by the century of birth.

    The digit is a weighted sum of EBCDIC codes modulo 10, over the letters, the year of birth in
    four digits, the sex, the month, the day and the sequence character. No official specification
    was seen; several public implementations agree.

    Parameters
    ----------
    nam:
        A number of the shape that :data:`PATTERN` finds, normalised.
    """
    return frozenset(_digit(nam, century) for century in _CENTURIES)


def _digit(nam: str, century: str) -> int:
    month = int(nam[6:8])
    sex, month = ("F", month - 50) if month > 50 else ("M", month)
    text = f"{nam[:4]}{century}{nam[4:6]}{sex}{month:02d}{nam[8:11]}"
    codes = text.encode("cp037")
    return sum(code * weight for code, weight in zip(codes, _WEIGHTS, strict=True)) % 10


def with_date(nam: str, *, month: int, day: int) -> str:
    """The same number with another month and day, possible or not, and the digit that it then has.

    Parameters
    ----------
    nam:
        A normalised number of a right check digit.
    """
    century = next((c for c in _CENTURIES if _digit(nam, c) == int(nam[-1])), _CENTURIES[1])
    of_a_woman = 50 if int(nam[6:8]) > 50 else 0
    other = f"{nam[:6]}{month + of_a_woman:02d}{day:02d}{nam[10:]}"
    return f"{other[:-1]}{_digit(other, century)}"


def could_be_real(nam: str) -> bool:
    """Whether a number has a right check digit, and so may belong to somebody."""
    number = normal(nam)
    return int(number[-1]) in check_digits(number)


def neighbours(nam: str) -> tuple[str, ...]:
    """Numbers that differ from one by their last two digits only, and are as right or as wrong.

    Parameters
    ----------
    nam:
        A number of the shape that :data:`PATTERN` finds, however it is written.
    """
    found = []
    for sequence in range(10):
        stem = f"{nam[:-2]}{sequence}"
        for digit in range(10):
            other = f"{stem}{digit}"
            if other[:-1] != nam[:-1] and could_be_real(other) is could_be_real(nam):
                found.append(other)
                break
    return tuple(found)
