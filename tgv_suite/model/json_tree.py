"""Ways through what JSON holds, whatever a stranger put there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue


def parsed(text: str | bytes) -> Any:
    """What a JSON text holds; None where it isn't JSON, or is nested too deep to follow."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def fields(content: JsonValue) -> frozenset[str]:
    """The path of every field, through lists without their index, such as ``items/start``."""
    return frozenset(path for path, _ in _named(content))


def values_at(content: JsonValue, path: str) -> tuple[JsonValue, ...]:
    """What stands at a path of :func:`fields`, once for each list item that has it."""
    return tuple(value for found, value in _named(content) if found == path)


def paths_to(content: JsonValue, text: str) -> tuple[str, ...]:
    """The paths of :func:`fields` at which a string holds a text, each once."""
    found = (path for path, value in _named(content) if isinstance(value, str) and text in value)
    return tuple(dict.fromkeys(found))


def values_of_name(content: JsonValue, name: str) -> tuple[JsonValue, ...]:
    """What stands under a field's own name, wherever it stands."""
    return tuple(value for found, value in named(content) if found == name)


def named(content: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Every field by its own name, wherever it stands, and its value."""
    return ((path.rpartition("/")[2], value) for path, value in _named(content))


def texts(content: JsonValue) -> Iterator[str]:
    """Every string among the values."""
    return (value for _, value in _items([content]) if isinstance(value, str))


def undeclared(content: JsonValue, declared: tuple[str, ...]) -> tuple[str, ...]:
    """The fields that a closed list doesn't name, neither themselves nor what holds them."""

    def known(path: str) -> bool:
        return any(
            path == one or path.startswith(f"{one}/") or one.startswith(f"{path}/")
            for one in declared
        )

    return tuple(sorted(path for path in fields(content) if not known(path)))


def _named(content: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Every field with its path, and its value."""
    return ((path, value) for path, value in _items(content) if path)


def _items(content: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Everything that stands in an object or a list, with the path that leads to it."""
    pending: list[tuple[str, JsonValue]] = [("", content)]
    while pending:
        path, value = pending.pop()
        inside: list[tuple[str, JsonValue]] = []
        if isinstance(value, dict):
            inside = [(f"{path}/{name}" if path else name, item) for name, item in value.items()]
        elif isinstance(value, list):
            inside = [(path, item) for item in value]
        yield from inside
        pending += inside
