"""What an answer says of itself, however hostile it is."""

from __future__ import annotations

import pytest

from tests.unit import answers
from tgv_suite.model.facts import Answer, Refusal, TokenFact, Truncated


def answer(status: int, *, body: str = "", truncated: bool = False, **headers: str) -> Answer:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return answers.answer(status, body, headers=named, truncated=truncated)


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("https://ailleurs.example.org/x", "ailleurs.example.org"),
        ("/here", ""),
        ("http://[", ""),
        ("http://[::1", ""),
        ("\x00", ""),
    ],
)
def test_where_a_redirect_leads_is_told_whatever_it_says(location: str, host: str) -> None:
    assert answer(302, location=location).redirected_to == host


def test_only_a_redirect_leads_somewhere() -> None:
    assert answer(200, location="https://ailleurs.example.org/").redirected_to is None
    assert answer(302).redirected_to is None


def test_absence_is_not_claimed_of_an_answer_that_was_cut() -> None:
    cut = answer(200, body="zzt", truncated=True)
    assert cut.mentions(["zzt"])
    with pytest.raises(Truncated):
        cut.mentions(["ailleurs"])


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ('{"resourceType": "Bundle", "total": 3, "entry": []}', 3),
        ('{"total": 0, "entry": [{}, {}]}', 2),
        ("[1, 2, 3]", 3),
        ('{"items": [1]}', 1),
        ('{"total": true}', None),
        ('{"total": "3"}', None),
        ("not json", None),
        ('"text"', None),
    ],
)
def test_a_search_counts_what_it_says_or_shows_whichever_is_more(
    body: str, count: int | None
) -> None:
    assert answer(200, body=body).count == count


def test_a_server_error_is_no_refusal_of_any_kind() -> None:
    for status in (500, 502, 504):
        assert not any(answer(status).refused(kind) for kind in Refusal)


@pytest.mark.parametrize(
    ("status", "media_type", "body", "failed"),
    [
        (500, "application/json", "{}", True),
        (502, "text/html", "", True),
        (400, "application/json", "{}", False),
        (501, "application/json", "{}", False),
        (503, "text/html", "", False),
        (504, "text/html", "", False),
        (500, "text/xml; charset=utf-8", "<s:Envelope><s:Body><s:Fault>zzt</s:Fault>", False),
        (500, "application/xml", "<error>Fault</error>", True),
        (500, "text/html", "<Fault>zzt</Fault>", True),
    ],
)
def test_a_server_failed_unless_it_says_otherwise_or_answers_with_a_soap_fault(
    status: int, media_type: str, body: str, failed: bool
) -> None:
    assert answer(status, body=body, content_type=media_type).server_error is failed


@pytest.mark.parametrize(
    ("own", "said", "lasts"),
    [
        (300, 300, 300),
        (3900, 3600, 3600),
        (3901, 3600, 3901),
        (3600, 86_400, 86_400),
        (None, 60, 60),
        (60, None, 60),
        (None, None, None),
    ],
)
def test_a_token_lasts_as_long_as_the_longest_word_unless_its_start_was_antedated(
    own: int | None, said: int | None, lasts: int | None
) -> None:
    token = TokenFact(
        actor="a",
        format=None,
        algorithm=None,
        key_id=False,
        refreshable=False,
        expires_in_s=said,
        lifetime_s=own,
        scopes=None,
        failure=None,
    )
    assert token.lasts_s == lasts
