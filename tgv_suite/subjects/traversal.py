"""Subjects of the checks of names that try to become a path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from tgv_suite.model.target import Operation, Target
from tgv_suite.model.variant import Variant
from tgv_suite.subjects.declared import (
    READS,
    first_of_each_operation,
    ordinary,
    permitted_accesses,
)
from tgv_suite.subjects.places import Place, holding, instead, places, put, written
from tgv_suite.subjects.subject import Subject, Traversal, Undeclared, or_undeclared

_UP = 8
_FILE, _WINDOWS_FILE = "etc/passwd", "Windows\\win.ini"
_CLIMB = "../" * _UP + _FILE
_PATHS = {
    "segments": _CLIMB,
    "absolute": f"/{_FILE}",
    "segments-within-segments": "....//" * _UP + _FILE,
    "backslashes": "..\\" * _UP + _WINDOWS_FILE,
    "absolute-windows": f"C:\\{_WINDOWS_FILE}",
    "encoded": quote(_CLIMB, safe=""),
}
"""Harmless files that every machine of a kind has, and that are known by their content."""


def every_traversable_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading that carries a value, with paths in its place."""
    accesses = first_of_each_operation(ordinary(permitted_accesses(target, READS)))
    found = [
        Traversal(access=access, variants=variants)
        for access in accesses
        if (variants := tuple(_variants(access.operation)))
    ]
    return or_undeclared(
        found,
        fr="aucune lecture protégée qui porte une valeur n'est déclarée",
        en="no protected reading is declared that carries a value",
    )


def _variants(operation: Operation) -> Iterator[Variant]:
    for place in places(operation):
        for kind, path in _PATHS.items():
            yield put(operation, place, f"{kind}-{place.name}", instead(place, path))
        behind = f"{_value(place)}{written(place, f'/{_CLIMB}')}"
        yield put(operation, place, f"behind-a-name-{place.name}", holding(place, behind))
        if place.parameter is None and not place.in_body:
            yield put(operation, place, f"as-is-{place.name}", _CLIMB)


def _value(place: Place) -> str:
    """What stands in a place, without the parameter's name or the quotation marks."""
    if place.in_json:
        return place.template[1:-1]
    return place.template.partition("=")[2] if place.parameter else place.template
