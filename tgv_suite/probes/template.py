"""A declared operation, filled in for one object: the request that is sent."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from pydantic import JsonValue

from tgv_suite.model.target import Operation, Target
from tgv_suite.model.variant import Variant
from tgv_suite.noun import noun

_NAME = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@noun
class Filled:
    """A request to send.

    Parameters
    ----------
    path:
        The path with its query, relative to the service.
    unique:
        The string that only this request carries; empty when the template has no place for it.
    made:
        The values of the body that hold it, whole: this request made them up.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    unique: str
    made: tuple[str, ...] = ()


def fill(
    target: Target,
    operation: Operation,
    object_id: str,
    variant: Variant | None = None,
    values: Sequence[tuple[str, str]] = (),
) -> Filled:
    """Fill an operation's template for an object.

    Parameters
    ----------
    target:
        Where the object and its person are declared.
    operation, object_id:
        What is asked, of what.
    variant:
        How the request differs from the template.
    values:
        What fills names of the template in place of what the object gives.
    """
    if variant is not None:
        operation = varied(operation, variant)
    unique = f"zzt{secrets.token_hex(8)}"
    filling = {**values_of(target, object_id), **dict(values), "unique": unique}
    body = operation.body
    text = json.dumps(body, ensure_ascii=False) if body is not None else ""
    headers = dict(operation.headers)
    if body is not None and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    return Filled(
        method=operation.method if variant is None else variant.method or operation.method,
        path=_replaced(operation.path, filling, lambda value: quote(value, safe="")),
        headers=tuple(
            (name, _in_header(value, filling)) for name, value in headers.items() if value
        ),
        body=None if body is None else _encoded(body, filling),
        unique=unique if "{unique}" in "".join([operation.path, text, *headers.values()]) else "",
        made=tuple(_holding(unique, filled_in(body, filling))),
    )


def _holding(unique: str, value: JsonValue) -> Iterator[str]:
    """Each text of a JSON value that holds what only this request carries."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _holding(unique, item)
    elif isinstance(value, str) and unique in value:
        yield value


def varied(operation: Operation, variant: Variant) -> Operation:
    """An operation as a variant changes it; the method is left to the request."""
    replaced = {name.lower() for name, _ in variant.headers}
    headers = {k: v for k, v in operation.headers.items() if k.lower() not in replaced}
    headers |= dict(variant.headers)
    if variant.media_type is not None:
        headers = {k: v for k, v in headers.items() if k.lower() != "content-type"}
        headers["Content-Type"] = variant.media_type
    body = operation.body if variant.text is None else variant.text
    if variant.fields:
        body = {**(body if isinstance(body, dict) else {}), **dict(variant.fields)}
    return replace(
        operation,
        path=_with_query(variant.path or operation.path, variant.query),
        headers=headers,
        body=body,
    )


def _with_query(path: str, query: Sequence[tuple[str, str]]) -> str:
    """A path with parameters added, or put in place of those of the same name."""
    if not query:
        return path
    base, _, declared = path.partition("?")
    names = {name for name, _ in query}
    kept = [pair for pair in declared.split("&") if pair and pair.partition("=")[0] not in names]
    added = [f"{quote(name, safe='')}={quote(value, safe='{}')}" for name, value in query]
    return f"{base}?{'&'.join([*kept, *added])}"


def values_of(target: Target, object_id: str) -> Mapping[str, str]:
    """What an object gives to a template: its locator, its person's locator and NAM, and its own values."""
    declared = target.objects[object_id]
    person = target.people.get(declared.person) if declared.person else None
    values = {**declared.values, "object": declared.locator}
    if person is not None:
        values["person"] = person.locator
        if person.nam is not None:
            values["nam"] = person.nam
    return values


def _encoded(body: JsonValue, values: Mapping[str, str]) -> bytes:
    if isinstance(body, str):
        return _replaced(body, values, str).encode()
    return json.dumps(filled_in(body, values), ensure_ascii=False).encode()


def filled_in(value: JsonValue, values: Mapping[str, str]) -> JsonValue:
    """A JSON value with each name of its texts filled in."""
    if isinstance(value, dict):
        return {key: filled_in(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [filled_in(item, values) for item in value]
    return _replaced(value, values, str) if isinstance(value, str) else value


def _in_header(template: str, values: Mapping[str, str]) -> str:
    """A header's value, in which nothing that was filled in can end its line."""
    return _replaced(template, values, lambda value: re.sub(r"[^\x20-\x7e]", " ", value))


def _replaced(text: str, values: Mapping[str, str], form: Callable[[str], str]) -> str:
    return _NAME.sub(lambda m: form(values[m[1]]) if m[1] in values else m[0], text)
