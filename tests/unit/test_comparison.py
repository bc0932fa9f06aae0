"""What one answer tells more than others do, but for what varies by itself."""

from __future__ import annotations

import pytest

from tgv_suite.model.comparison import differences, stripped

EMPTY = ['{"total": 0, "id": "a", "at": 1}', '{"total": 0, "id": "b", "at": 2}']


@pytest.mark.parametrize(
    "body",
    [
        '{"total": 0, "id": "c", "at": 3}',
        '{"at": 2, "id": "a", "total": 0}',
    ],
)
def test_a_body_that_differences_only_where_the_others_do_is_alike(body: str) -> None:
    assert differences(body, EMPTY) == ()


@pytest.mark.parametrize(
    "body",
    [
        '{"total": 1, "id": "c", "at": 3}',
        '{"total": 0, "id": "c", "at": 3, "hidden": 1}',
        '{"total": 0, "id": "c"}',
        '{"total": [], "id": "c", "at": 3}',
        '{"total": 0, "id": ["c"], "at": 3}',
    ],
)
def test_another_value_another_field_or_one_less_tells_them_apart(body: str) -> None:
    assert differences(body, EMPTY)


def test_text_is_compared_whole_and_only_when_the_others_agree() -> None:
    assert differences("nothing", ["nothing", "nothing"]) == ()
    assert differences("forbidden", ["nothing", "nothing"]) == ("",)
    assert differences("nothing 3", ["nothing 1", "nothing 2"]) is None


def test_what_was_asked_for_is_left_out_however_it_is_written() -> None:
    assert stripped("no ZZTA 1 nor ZZTA%201", "ZZTA 1") == "no {asked} nor {asked}"


def test_the_places_that_differ_are_told() -> None:
    assert differences('{"total": 1, "id": "c", "at": 3, "x": {"y": []}}', EMPTY) == (
        "/total",
        "/x/y",
    )
    assert differences('{"id": "c", "at": 3}', EMPTY) == ("/total",)
