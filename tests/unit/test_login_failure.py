"""Whether a failed login tells who has an account: what varies by itself tells nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.answers import answer
from tgv_suite.model.login_failure import LoginFailure, Told, failure_of, gap_s, told_apart

PAGE = (
    '<meta name="csrf" content="{chance}"><p>{said}</p><input name="u" value="{name}">'
    "<script nonce='{chance}'></script> 12:0{turn}"
)


def failed(
    name: str, said: str = "inexact", *, turn: int = 1, status: int = 401, to: str = "/login"
) -> LoginFailure:
    body = PAGE.format(name=name, said=said, turn=turn, chance=f"kf93kdkf93kd{turn}9ffj3")
    return failure_of(
        answer(
            status,
            body,
            method="POST",
            url=f"https://si.test{to}",
            unique=name,
            headers=(("Set-Cookie", "[secret:0123456789ab]"),),
        ),
        ("ada", "zzt1", "zzt2", "zzt3"),
    )


def unknown(said: str = "inexact", **more: Any) -> list[LoginFailure]:
    return [failed(f"zzt{turn}", said, turn=turn, **more) for turn in (1, 2, 3)]


def known(said: str = "inexact", **more: Any) -> list[LoginFailure]:
    return [failed("ada", said, turn=turn, **more) for turn in (1, 2, 3)]


def test_the_name_the_time_and_chance_values_tell_nothing() -> None:
    assert told_apart(known(), unknown()) == ((), ())


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"said": "personne de ce nom"}, Told.PAGE),
        ({"status": 404}, Told.STATUS),
        ({"to": "/login?error=unknown"}, Told.ADDRESS),
    ],
)
def test_another_answer_for_an_unknown_name_tells(told: dict[str, Any], place: Told) -> None:
    assert told_apart(known(), unknown(**told)) == ((place,), ())


def test_a_word_of_the_page_that_is_a_name_too_tells_nothing() -> None:
    assert told_apart(known("ada est inexact"), unknown("ada est inexact")) == ((), ())


def test_a_long_page_is_compared_at_once() -> None:
    assert len(failed("ada", "a" * 1_000_000).page) > 1_000_000


def test_another_number_of_cookies_tells() -> None:
    without = LoginFailure(status=401, address="/login?", cookies=0, page="x")
    with_one = LoginFailure(status=401, address="/login?", cookies=1, page="x")
    assert told_apart([with_one], [without]) == ((Told.COOKIES,), ())


def test_an_answer_that_both_sorts_once_had_tells_nothing() -> None:
    assert told_apart([*known()[:2], failed("ada", "verrouillé")], unknown()) == ((), ())


def test_pages_that_vary_by_themselves_are_left_to_a_person() -> None:
    varying = [failed("ada", said) for said in ("conseil", "nouvelle", "météo")]
    assert told_apart(varying, unknown()) == ((), (Told.PAGE,))


@pytest.mark.parametrize(
    ("known_s", "unknown_s", "gap"),
    [
        ([0.5, 0.6, 0.55], [0.02, 0.03, 0.02], 0.47),
        ([0.02, 0.03, 0.02], [0.5, 0.6, 0.55], 0.47),
        ([0.5, 0.6, 0.03], [0.02, 0.03, 0.02], 0.0),
        ([0.12, 0.13, 0.12], [0.01, 0.02, 0.01], 0.0),
        ([1.3, 1.4, 1.5], [1.0, 0.9, 1.0], 0.0),
    ],
)
def test_only_a_gap_in_every_pair_that_no_busy_network_makes_is_one(
    known_s: list[float], unknown_s: list[float], gap: float
) -> None:
    assert gap_s(known_s, unknown_s) == gap
