"""Ways through what JSON holds."""

from __future__ import annotations

from pydantic import JsonValue

from tgv_suite.model.json_tree import fields, paths_to, texts, undeclared, values_at

CONTENT: JsonValue = {
    "total": 1,
    "items": [{"id": "a", "who": {"name": "n"}}, {"id": "b", "more": ["t"]}],
}


def test_lists_are_transparent_in_a_fields_path() -> None:
    assert fields(CONTENT) == {
        "total",
        "items",
        "items/id",
        "items/who",
        "items/who/name",
        "items/more",
    }
    assert set(values_at(CONTENT, "items/id")) == {"a", "b"}
    assert values_at(CONTENT, "items/absent") == ()


def test_a_named_field_declares_what_holds_it_and_what_it_holds() -> None:
    assert undeclared(CONTENT, ("total", "items/id", "items/who")) == ("items/more",)
    assert undeclared(CONTENT, ("total", "items")) == ()
    assert undeclared({"ab": 1}, ("a",)) == ("ab",)


def test_every_string_is_found_wherever_it_stands() -> None:
    assert sorted(texts(CONTENT)) == ["a", "b", "n", "t"]
    assert list(texts("alone")) == ["alone"]
    assert list(texts(None)) == []


def test_a_deep_answer_exhausts_nothing() -> None:
    deep: JsonValue = "x"
    for _ in range(50_000):
        deep = [deep]
    assert list(texts(deep)) == ["x"]


def test_a_text_is_found_at_each_path_that_shows_it() -> None:
    content: JsonValue = {"a": ["zzt 1", {"b": "x zzt"}], "c": {"zzt": 1}, "d": "zzt", "e": ["zzt"]}
    assert set(paths_to(content, "zzt")) == {"a", "a/b", "d", "e"}
    assert paths_to(["zzt"], "zzt") == ()
    assert paths_to(None, "zzt") == ()
