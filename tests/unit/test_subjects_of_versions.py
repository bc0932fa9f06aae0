"""Where the other versions of a service would stand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_subjects import found, reading, target
from tgv_suite.model.target import OpenApiService
from tgv_suite.subjects.subject import Versioned
from tgv_suite.subjects.versions import every_versioned_reading


def versioned(url: str, path: str) -> Versioned:
    services: Any = {"api": OpenApiService(type="openapi", url=url)}
    (each,) = found(
        every_versioned_reading(target({"note-read": reading(path=path)}, services=services))
    )
    assert isinstance(each, Versioned)
    return each


def addresses(url: str, path: str) -> list[str]:
    return [f"{variant.base}{variant.path}" for variant in versioned(url, path).versions]


def test_a_version_in_the_address_of_a_service_is_replaced_the_nearest_first() -> None:
    assert addresses("https://si/api/v2/", "/notes/{object}?all=1") == [
        "https://si/api/v1/notes/{object}?all=1",
        "https://si/api/v3/notes/{object}?all=1",
        "https://si/api/v0/notes/{object}?all=1",
        "https://si/api/v4/notes/{object}?all=1",
        "https://si/api/beta/notes/{object}?all=1",
    ]


def test_a_version_in_the_path_of_an_operation_is_replaced_there() -> None:
    assert "https://si/users/v2/{object}" in addresses("https://si", "/users/v1/{object}")


@pytest.mark.parametrize(
    ("segment", "others"),
    [
        ("R4", ["DSTU2", "STU3", "R3", "R4B", "R5"]),
        ("r5", ["dstu2", "stu3", "r3", "r4", "r4b"]),
        ("baseR4", ["baseDstu2", "baseDstu3", "baseR4B", "baseR5"]),
    ],
)
def test_a_release_of_fhir_is_replaced_by_the_others(segment: str, others: list[str]) -> None:
    seen = addresses(f"https://si/fhir/{segment}", "/Patient/{object}")
    assert seen == [f"https://si/fhir/{other}/Patient/{{object}}" for other in others]


def test_without_a_version_the_usual_ones_are_tried_before_and_behind() -> None:
    seen = addresses("https://si/api", "/notes/{object}")
    assert "https://si/api/v1/notes/{object}" in seen
    assert "https://si/v1/api/notes/{object}" in seen
    assert len(seen) == 8
    assert len(addresses("https://si", "/notes/{object}")) == 4


def test_an_unlikely_version_is_tried_in_the_same_places() -> None:
    seen = [v.base for v in versioned("https://si/api/v2", "/notes/{object}").unlikely]
    assert seen == ["https://si/api/v90817"]


def test_what_the_actor_may_not_see_is_tried_beside() -> None:
    each = versioned("https://si/api", "/notes/{object}")
    assert (each.own.object_id, [one.object_id for one in each.foreign]) == ("note-a", ["note-b"])
