"""What an identifier tells of a person, however it is written."""

from __future__ import annotations

import hashlib
import uuid

import pytest
from pydantic import JsonValue

from tgv_suite.model.identifiers import Told, identifiers, in_sequence, told_by
from tgv_suite.model.target import Person

NAM = "ZZTA85031492"
PERSON = Person(
    locator="p", nam=NAM, values=("Zzterre", "1985-03-14", "albert.zzterre@example.org")
)


@pytest.mark.parametrize(
    ("identifier", "told"),
    [
        (NAM, Told.NUMBER),
        ("pt-zzta-8503-1492", Told.NUMBER),
        ("ZZTA850314", Told.NUMBER),
        ("zzterre-1985-03-14", Told.BIRTH),
        ("p14031985-1", Told.BIRTH),
        (hashlib.md5(NAM.encode()).hexdigest(), Told.DIGEST),
        (hashlib.sha256(NAM.lower().encode()).hexdigest()[:24].upper(), Told.DIGEST),
        (f"pt_{hashlib.sha1(NAM.encode()).hexdigest()}", Told.DIGEST),
        (str(uuid.uuid5(uuid.NAMESPACE_OID, NAM)), Told.DIGEST),
        ("albert.zzterre@example.org", Told.MAIL),
        (hashlib.sha256(b"pepper" + NAM.encode()).hexdigest(), None),
        ("0b5b6a1e-7a32-4c0e-9d53-4fb0a6b9e1c7", None),
        ("1042", None),
        ("zzterre", None),
        ("20270115-0900", None),
        ("", None),
    ],
)
def test_a_number_a_date_and_their_digests_are_seen_in_an_identifier(
    identifier: str, told: Told | None
) -> None:
    assert told_by(identifier, PERSON) is told


def test_nothing_is_told_of_whom_nothing_is_declared() -> None:
    assert told_by("", Person(locator="p")) is None
    assert told_by("anything", Person(locator="p", values=("1985-03",))) is None


def test_identifiers_are_found_where_systems_put_them_and_data_is_left_alone() -> None:
    content: JsonValue = {
        "id": 7,
        "identifier": [{"value": NAM}],
        "healthCardId": NAM,
        "active": {"id": True},
        "cards": [{"system": "ramq", "id": NAM}],
        "subject": {"reference": "Patient/abc"},
        "entry": [{"fullUrl": "https://si/fhir/Patient/def/", "resource": {"_id": "x"}}],
    }
    assert sorted(identifiers(content)) == ["7", "abc", "def", "x"]
    assert list(identifiers("text")) == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["11", "9", "10"], True),
        (["9", "10", "12", "13"], False),
        (["a", "b", "c"], False),
        (["7", "7", "8"], False),
        ([], False),
    ],
)
def test_numbers_that_follow_one_another_are_seen(found: list[str], expected: bool) -> None:
    assert in_sequence(found) is expected
