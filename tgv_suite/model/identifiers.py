"""Identifiers that a system gives, and what of a person can be told from one."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator
from enum import StrEnum

from pydantic import JsonValue

from tgv_suite.model.target import Person

_NAMED = ("id", "_id", "uuid", "guid")
_OF_ANOTHER = frozenset({"system", "assigner", "issuer"})
"""What says, beside an identifier, that somebody else gave it."""
_ADDRESSED = ("reference", "fullurl")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NAMESPACES = (uuid.NAMESPACE_DNS, uuid.NAMESPACE_URL, uuid.NAMESPACE_OID, uuid.NAMESPACE_X500)
_DIGESTS = ("md5", "sha1", "sha256", "sha512")
_LETTERS_AND_DATE = 10
_SHORTEST_PIECE = 16
_IN_A_ROW = 3


class Told(StrEnum):
    """What of a person an identifier tells."""

    NUMBER = "health-insurance-number"
    BIRTH = "date-of-birth"
    DIGEST = "digest-of-the-number"
    MAIL = "e-mail-address"


def identifiers(content: JsonValue) -> Iterator[str]:
    """Every identifier in an answer: what is called so, and what a reference or an address ends with.

    An identifier that is a value of the record, as a FHIR ``identifier`` is, isn't one of the system's.
    """
    pending = [content]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending += value
        if not isinstance(value, dict):
            continue
        pending += value.values()
        for name, item in value.items():
            key = name.lower()
            if key in _NAMED and _OF_ANOTHER.intersection(value):
                continue
            if isinstance(item, bool) or not isinstance(item, str | int):
                continue
            if key in _NAMED:
                yield str(item)
            elif key in _ADDRESSED:
                yield str(item).rstrip("/").rpartition("/")[2]


def told_by(identifier: str, person: Person) -> Told | None:
    """What an identifier tells of a person, whatever its case and its separators; None for nothing."""
    bare = _bare(identifier)
    number = _bare(person.nam or "")
    if number and (number in bare or number[:_LETTERS_AND_DATE] in bare):
        return Told.NUMBER
    if number and _digested(bare, person.nam or ""):
        return Told.DIGEST
    if any(date in bare for value in person.values for date in _dates(value)):
        return Told.BIRTH
    if any("@" in value and _bare(value) in bare for value in person.values):
        return Told.MAIL
    return None


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _digested(bare: str, number: str) -> bool:
    """Whether an identifier is a digest of a number, or a piece of one that could be nothing else."""
    forms = {number, number.upper(), number.lower()}
    digests = {hashlib.new(name, form.encode()).hexdigest() for name in _DIGESTS for form in forms}
    digests |= {make(space, form).hex for make in _MADE for space in _NAMESPACES for form in forms}
    return any(
        digest in bare or (len(bare) >= _SHORTEST_PIECE and digest.startswith(bare))
        for digest in digests
    )


_MADE = (uuid.uuid3, uuid.uuid5)


def _dates(value: str) -> Iterable[str]:
    """A date of birth as digits in a row, in the orders that are in use."""
    date = _DATE.fullmatch(value)
    if date is None:
        return ()
    year, month, day = date.groups()
    return (f"{year}{month}{day}", f"{day}{month}{year}", f"{month}{day}{year}")


def in_sequence(found: Iterable[str]) -> bool:
    """Whether some identifiers are numbers that follow one another."""
    numbers = sorted({int(one) for one in found if one.isascii() and one.isdigit()})
    return any(
        numbers[start : start + _IN_A_ROW]
        == list(range(numbers[start], numbers[start] + _IN_A_ROW))
        for start in range(len(numbers))
    )
