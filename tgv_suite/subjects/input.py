"""Subjects of the checks of what a request carries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from tgv_suite.model.response_headers import browser_sends
from tgv_suite.model.target import Operation, Target
from tgv_suite.model.variant import Variant
from tgv_suite.noun import noun
from tgv_suite.subjects.declared import permitted_writings
from tgv_suite.subjects.subject import Malformed, Subject, Undeclared, Writing, or_undeclared

_DEPTH = 100


def every_json_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each update in JSON whose effect a reading shows, once.

    By somebody whose credential a browser sends by itself where there is one: what a foreign page
    could have sent counts there.
    """
    return or_undeclared(
        _json_writings(target),
        fr="aucune modification en JSON n'est déclarée, avec la lecture qui en montre l'effet",
        en="no update in JSON is declared, with the reading that shows its effect",
    )


def every_malformed_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each update in JSON that carries ``{unique}`` in a field, with what is spoilt in it."""
    return or_undeclared(
        [
            Malformed(writing=writing, cut=_cut(field), variants=tuple(_spoilt(field)))
            for writing in _json_writings(target)
            if (field := telling_field(writing.write.operation.body)) is not None
        ],
        fr="aucune modification en JSON n'est déclarée qui porte « {unique} » dans un champ, avec la "
        "lecture qui en montre l'effet",
        en="no update in JSON is declared that carries “{unique}” in a field, with the reading that "
        "shows its effect",
    )


def _json_writings(target: Target) -> list[Writing]:
    """Each update in JSON, by the first who may, browsers' credentials before the others."""
    first: dict[str, Writing] = {}
    for writing in sorted(_each_json_writing(target), key=_by_browser_first):
        first.setdefault(writing.write.operation_id, writing)
    return list(first.values())


def _each_json_writing(target: Target) -> Iterator[Writing]:
    for writing in permitted_writings(target):
        if _in_json(writing.write.operation) and not writing.write.actor.sacrificial:
            yield writing


def _in_json(operation: Operation) -> bool:
    """Whether a request's body is a JSON object, and is announced as JSON."""
    told = {name.lower(): value for name, value in operation.headers.items()}
    announced = told.get("content-type", "application/json").partition(";")[0].strip().lower()
    return isinstance(operation.body, dict) and announced.endswith(("/json", "+json"))


def _by_browser_first(writing: Writing) -> bool:
    return not browser_sends(writing.write.actor.authentication)


@noun
class _Field:
    """The field of a body by whose value a reading shows the write; it may hold others inside."""

    body: dict[str, JsonValue]
    name: str

    @property
    def value(self) -> JsonValue:
        """What the body has there."""
        return self.body[self.name]


def telling_field(body: JsonValue) -> _Field | None:
    """The first field that carries ``{unique}`` as a value."""
    content = body if isinstance(body, dict) else {}
    telling = (n for n, value in content.items() if in_place_of_unique(value, None) != value)
    name = next(telling, None)
    return None if name is None else _Field(body=content, name=name)


def in_place_of_unique(value: JsonValue, wrong: JsonValue) -> JsonValue:
    """A value in which each string that carries ``{unique}`` is replaced."""
    if isinstance(value, dict):
        return {name: in_place_of_unique(item, wrong) for name, item in value.items()}
    if isinstance(value, list):
        return [in_place_of_unique(item, wrong) for item in value]
    return wrong if isinstance(value, str) and "{unique}" in value else value


def _cut(field: _Field) -> Variant:
    return Variant(name="cut-body", text=json.dumps(field.body, ensure_ascii=False)[:-1])


def _spoilt(field: _Field) -> Iterator[Variant]:
    """The body with that field of another type, nested too deep, and named twice."""
    deep: JsonValue = "zzt"
    for _ in range(_DEPTH):
        deep = [deep]
    wrong: dict[str, JsonValue] = {
        "number-for-a-text": 12345,
        "object-for-a-text": {"zzt": 1},
        "lists-a-hundred-deep": deep,
    }
    for name, value in wrong.items():
        yield Variant(name=name, fields=((field.name, in_place_of_unique(field.value, value)),))
    once = json.dumps(field.body, ensure_ascii=False)
    again = json.dumps({field.name: field.value}, ensure_ascii=False)
    yield Variant(name="field-named-twice", text=f"{once[:-1]}, {again[1:]}")
