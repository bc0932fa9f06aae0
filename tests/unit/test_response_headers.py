"""What the headers of an answer permit, however they are written."""

from __future__ import annotations

import pytest

from tests.unit import answers
from tgv_suite.model.facts import Answer
from tgv_suite.model.response_headers import kept_by, shared_with, versions_told


def answer(*headers: tuple[str, str]) -> Answer:
    return answers.answer(headers=headers)


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ([], None),
        ([("Cache-Control", "no-store")], None),
        (
            [("cache-control", 'private="x, public", No-Store'), ("Cache-Control", "max-age=9")],
            None,
        ),
        ([("Cache-Control", "max-age=0, private")], None),
        ([("Cache-Control", "private, max-age=60")], "max-age=60"),
        ([("Cache-Control", 'S-MaxAge="5"')], "s-maxage=5"),
        ([("Cache-Control", "PUBLIC")], "public"),
        ([("Cache-Control", 'private="public"')], None),
        ([("Expires", "Thu, 01 Jan 2026 01:00:00 GMT")], "Expires: Thu, 01 Jan 2026 01:00:00 GMT"),
        ([("Expires", "0")], None),
        ([("Expires", "Wed, 31 Dec 2025 23:00:00 GMT")], None),
    ],
)
def test_what_lets_a_cache_keep_an_answer(headers: list[tuple[str, str]], kept: str | None) -> None:
    assert kept_by(answer(*headers)) == kept


@pytest.mark.parametrize(
    ("allowed", "credentials", "shared"),
    [
        ("https://x.example.org", "true", True),
        ("https://x.example.org", "false", False),
        ("*", "true", False),
        ("https://y.example.org", "true", False),
    ],
)
def test_only_the_very_origin_with_credentials_is_shared_with(
    allowed: str, credentials: str, shared: bool
) -> None:
    told = answer(
        ("Access-Control-Allow-Origin", allowed), ("Access-Control-Allow-Credentials", credentials)
    )
    assert shared_with(told, "https://x.example.org") is shared


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("Server", "nginx", False),
        ("Server", "nginx/1.22.1", True),
        ("X-Powered-By", "FHIR 4.0.1", False),
        ("X-Powered-By", "HAPI FHIR 6.2.0 REST Server (FHIR Server; FHIR 4.0.1/R4)", True),
        ("X-AspNet-Version", "4.0.30319", True),
        ("X-Request-Id", "1.2.3", False),
    ],
)
def test_a_banner_tells_a_programs_version_and_not_that_of_fhir(
    name: str, value: str, told: bool
) -> None:
    assert bool(versions_told(answer((name, value)))) is told
