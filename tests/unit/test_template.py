"""Templates: what is declared is filled in once, and no value writes a request of its own."""

from __future__ import annotations

import json
from urllib.parse import unquote, urlsplit

import pytest
from pydantic import JsonValue

from tgv_suite.model.target import Operation, OperationKind, Person, SyntheticObject, Target
from tgv_suite.model.variant import Variant
from tgv_suite.probes.template import Filled, fill

HOSTILE = [
    "a/../b",
    "a?x=1#f",
    "é à",
    "{person}",
    "{unique}",
    "a%2Fb",
    'x"y\\',
    "\r\nX: y",
    "{{object}}",
]


def filled(
    path: str,
    body: JsonValue = None,
    *,
    locator: str = "42",
    variant: Variant | None = None,
    **values: str,
) -> Filled:
    """An operation filled for an object of a person called p/1."""
    target = Target.__new__(Target)
    declared = SyntheticObject(
        kind="thing", locator=locator, owners=(), person="somebody", values=values
    )
    object.__setattr__(target, "objects", {"it": declared})
    object.__setattr__(target, "people", {"somebody": Person(locator="p/1")})
    operation = Operation(
        service="api", kind=OperationKind.READ, path=path, body=body, headers={"X-A": "1"}
    )
    return fill(target, operation, "it", variant)


def test_each_name_is_filled_from_where_it_is_declared() -> None:
    done = filled("/a/{object}?p={person}&k={kind}&u={unknown}", kind="v w")

    assert done.path == "/a/42?p=p%2F1&k=v%20w&u={unknown}"
    assert (done.method, done.body, done.unique) == ("GET", None, "")
    assert done.headers == (("X-A", "1"),)


def test_a_header_is_filled_and_nothing_filled_in_ends_its_line() -> None:
    marked = Variant(name="marked", headers=(("X-Mark", "{unique} {object}"),))
    done = filled("/a", locator="4\r\nX: 2é", variant=marked)

    assert done.unique
    assert dict(done.headers)["X-Mark"] == f"{done.unique} 4  X: 2 "


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_stays_one_segment_of_the_path_and_is_not_filled_again(value: str) -> None:
    done = filled("/a/{object}/end?x={object}", locator=value)

    parts = urlsplit(done.path)
    before, segment, end = parts.path.rsplit("/", 2)
    assert (before, unquote(segment), end) == ("/a", value, "end")
    assert unquote(parts.query.removeprefix("x=")) == value
    assert not set(done.path) & set(' "\\\r\n{}')


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_stays_one_string_of_the_body(value: str) -> None:
    body: JsonValue = {"a": ["{object}", 1, None], "b": {"c": "<{object}>"}}

    done = filled("/a", body, locator=value)

    assert done.body is not None
    assert json.loads(done.body) == {"a": [value, 1, None], "b": {"c": f"<{value}>"}}
    assert ("Content-Type", "application/json") in done.headers


def test_a_body_of_text_is_sent_as_it_is_written() -> None:
    assert filled("/a", "<id>{object}</id>").body == b"<id>42</id>"


def test_only_a_template_with_a_place_for_it_carries_a_string_of_its_own() -> None:
    body: JsonValue = {"comment": "suivi {unique}"}

    one, two = filled("/a", body), filled("/a", body)

    assert one.unique != two.unique
    assert json.loads(one.body or b"") == {"comment": f"suivi {one.unique}"}
    assert filled("/a?{unique}").unique
    assert filled("/a", locator="{unique}").unique == ""


def test_a_variant_changes_what_it_names_and_nothing_else() -> None:
    plain = filled("/a/{object}?n=1&k=2", {"comment": "{unique}"})
    varied = filled(
        "/a/{object}?n=1&k=2",
        {"comment": "{unique}"},
        variant=Variant(name="more", method="PUT", query=(("n", "9 9"),), fields=(("role", "x"),)),
    )

    assert (plain.method, varied.method) == ("GET", "PUT")
    assert varied.path == "/a/42?k=2&n=9%209"
    assert json.loads(varied.body or b"") == {"comment": varied.unique, "role": "x"}
    assert varied.headers == plain.headers


def test_a_variant_may_write_the_path_otherwise_and_name_a_parameter_twice() -> None:
    twice = (("n", "{object}"), ("n", "9"))
    varied = filled("/a/{object}?n={object}", variant=Variant(name="x", path="//a/{object}?n=1"))

    assert varied.path == "//a/42?n=1"
    assert filled("/a?n=1", variant=Variant(name="y", query=twice)).path == "/a?n=42&n=9"


def test_a_variant_may_replace_the_body_and_leave_the_media_type_out() -> None:
    varied = filled(
        "/a",
        {"comment": "x"},
        variant=Variant(name="raw", text='{"id": "{object}", ', media_type=""),
    )

    assert varied.body == b'{"id": "42", '
    assert varied.headers == (("X-A", "1"),)


def test_a_header_of_a_variant_takes_the_place_of_the_declared_one() -> None:
    varied = filled("/a", variant=Variant(name="h", headers=(("x-a", "2"), ("Origin", "null"))))

    assert varied.headers == (("x-a", "2"), ("Origin", "null"))
