"""A browser's cookies: kept for the host that set them, until they end, with what they allow."""

from __future__ import annotations

import pytest

from tgv_suite.probes.cookies import Cookie, Cookies
from tgv_suite.probes.http import Raw

HERE, ELSEWHERE = "https://si.test/a", "https://other.test/a"


def setting(*lines: str) -> Raw:
    return Raw(status=200, headers=tuple(("Set-Cookie", line) for line in lines))


def test_a_cookie_goes_back_to_its_host_and_to_no_other() -> None:
    cookies = Cookies()
    cookies.keep(HERE, setting("s=1; Path=/", "t=2"))
    assert cookies.header("https://si.test:8443/b") == [("Cookie", "s=1; t=2")]
    assert cookies.header(ELSEWHERE) == []


@pytest.mark.parametrize(
    ("line", "cookie"),
    [
        ("s=1", Cookie(name="s", value="1")),
        ('s="a=b"; Secure', Cookie(name="s", value='"a=b"', secure=True)),
        (
            "s=1; HTTPONLY ; samesite=Strict; Partitioned; Priority=High",
            Cookie(name="s", value="1", http_only=True, same_site="strict"),
        ),
        ("s=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", Cookie(name="s", value="1")),
        ("s=1; Expires=nonsense", Cookie(name="s", value="1")),
    ],
)
def test_what_a_cookie_allows_is_read_whatever_stands_beside_it(line: str, cookie: Cookie) -> None:
    cookies = Cookies()
    cookies.keep(HERE, setting(line))
    assert cookies.of(HERE) == {"s": cookie}


@pytest.mark.parametrize(
    "line",
    ["s=", "s=1; Max-Age=0", "s=1; Max-Age=-1", "s=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
)
def test_a_cookie_that_is_emptied_or_has_ended_is_forgotten(line: str) -> None:
    cookies = Cookies()
    cookies.keep(HERE, setting("s=1"))
    cookies.keep(HERE, setting(line))
    assert cookies.header(HERE) == []


def test_what_is_no_cookie_is_passed_over() -> None:
    cookies = Cookies()
    cookies.keep(HERE, setting("", "=1", "alone"))
    assert cookies.header(HERE) == []


def test_a_copy_keeps_what_the_original_then_forgets() -> None:
    cookies = Cookies()
    cookies.keep(HERE, setting("s=1"))
    before = cookies.copy()
    cookies.put(HERE, Cookie(name="s", value="2"))
    assert before.header(HERE) == [("Cookie", "s=1")]
    assert cookies.header(HERE) == [("Cookie", "s=2")]
