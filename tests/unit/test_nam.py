"""The health insurance number: recognised in every writing, and told from what only looks like it."""

from __future__ import annotations

import pytest

from tgv_suite import nam

# True check digits: a man's of 14 March 1985, a woman's of 14 May 1985... (DOMAIN's vectors).
TRUE = ["ZZTA85031495", "ZZTB85531498", "TEST54122816"]
FALSE = "ZZTA85031492"


@pytest.mark.parametrize("number", TRUE)
def test_a_number_with_its_true_digit_could_be_somebodys(number: str) -> None:
    assert nam.could_be_real(number)
    assert nam.could_be_real(number.lower())


def test_a_digit_that_no_century_gives_belongs_to_nobody() -> None:
    assert not nam.could_be_real(FALSE)


@pytest.mark.parametrize("number", TRUE)
def test_at_most_three_of_ten_digits_could_be_right(number: str) -> None:
    right = [digit for digit in range(10) if nam.could_be_real(number[:-1] + str(digit))]

    assert int(number[-1]) in right
    assert set(right) == nam.check_digits(number)
    assert len(right) <= 3


@pytest.mark.parametrize(
    "written",
    [
        "ZZTA85031495",
        "zzta85031495",
        "ZZTA 8503 1495",
        "ZZTA-8503-1495",
        "ZZTA_8503_1495",
        "ZZTA+8503+1495",
        "ZZTA\u00a08503\u00a01495",
        "ZZTA%208503%201495",
    ],
)
def test_every_writing_of_a_number_is_recognised_as_the_same(written: str) -> None:
    found = nam.PATTERN.search(f"({written})")

    assert found is not None
    assert nam.normal(found[0]) == "ZZTA85031495"


def test_a_number_is_recognised_after_a_percent_escape() -> None:
    assert nam.PATTERN.search("id%3AZZTA85031495") is not None


@pytest.mark.parametrize(
    "text",
    [
        "XZZTA85031495",
        "ZZTA850314950",
        "ZZTA85131495",
        "ZZTA85633195",
        "ZZTA85033295",
        "ZZTA85030095",
        "ZZT 85031495",
        "ZZTA\n85031495",
        "ZZTA8503\n1495",
        "ZZTA\u0660\u0661\u0660\u0661\u0660\u0661\u0661\u0662",
    ],
)
def test_what_is_no_number_is_left_alone(text: str) -> None:
    assert nam.PATTERN.search(text) is None


@pytest.mark.parametrize("number", ["ZZTA85031495", "ZZTB85531498", "ZZTD40620192"])
def test_another_date_has_the_check_digit_that_it_would_have(number: str) -> None:
    assert nam.with_date(number, month=int(number[6:8]) % 50, day=int(number[8:10])) == number
    leap = nam.with_date(number, month=2, day=31)
    assert nam.could_be_real(leap)
    assert leap[6:10] == ("5231" if int(number[6:8]) > 50 else "0231")
    assert nam.PATTERN.fullmatch(nam.with_date(number, month=13, day=1)) is None


@pytest.mark.parametrize("number", [*TRUE, FALSE, "ZZTA 8503 1492"])
def test_a_neighbour_is_another_number_as_right_or_as_wrong_written_alike(number: str) -> None:
    near = nam.neighbours(number)
    assert len(set(near)) == 9
    assert number not in near
    assert all(one[:-2] == number[:-2] for one in near)
    assert {nam.could_be_real(one) for one in near} == {nam.could_be_real(number)}
