"""Subjects of the checks of values that try to become a part of a query."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import unquote

from tgv_suite.model.target import Operation, Target
from tgv_suite.subjects.authorization import crossings
from tgv_suite.subjects.declared import READS, ordinary, permitted_accesses
from tgv_suite.subjects.detours import put_in
from tgv_suite.subjects.places import NAMED, Place, after, instead, places, put
from tgv_suite.subjects.subject import (
    Access,
    Crossing,
    Injection,
    Predicates,
    Subject,
    Undeclared,
    or_undeclared,
)

TRUE, FALSE = "49131", "49137"
"""Numbers that stand in a predicate, and tell its echo from the rest of an answer."""
_TEXTS = {
    "sql-predicate": (f"' or '{TRUE}'='{TRUE}", f"' or '{TRUE}'='{FALSE}"),
    "quote": ("'", "''"),
}
_ASSEMBLED = {
    "concatenation": ("{a}'||'{b}", "{a}|''|{b}"),
    "addition": ("{a}'+'{b}", "{a}+''+{b}"),
    "adjacence": ("{a}' '{b}", "{a}'' {b}"),
}
"""A text in two pieces as a query puts them together, and the same signs as it leaves them apart."""
_NUMBERS = {"sql-number": (f" or {TRUE}={TRUE}", f" or {TRUE}={FALSE}")}
_BOUNDS = (f"0000{TRUE}", f"zzzz{FALSE}")
_MARKERS = re.compile(f"(?:0000)?{TRUE}|(?:zzzz)?{FALSE}")
_QUOTES = re.compile(r"(?:'|%27|%2527|&#0?39;|&#[xX]27;|&apos;|\\u0027)+")


def every_injectable_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """Each protected reading that carries a value, with the predicates to put after it."""
    return or_undeclared(
        list(_injections(target)),
        fr="aucune lecture protégée qui porte une valeur n'est déclarée",
        en="no protected reading is declared that carries a value",
    )


def beyond(target: Target, access: Access) -> tuple[str, ...]:
    """The marks of everything that an access's actor owns no object of, nor asks for the person of."""
    person = access.object.person
    known = {
        mark
        for other in target.objects.values()
        if access.actor_id in other.owners or (person is not None and other.person == person)
        for mark in other.canaries
    }
    marks = [mark for other in target.objects.values() for mark in other.canaries]
    return tuple(mark for mark in dict.fromkeys(marks) if mark not in known)


def echoless(body: str) -> str:
    """A body without what tells one predicate of a pair from the other, however it is written there."""
    return _QUOTES.sub("'", _MARKERS.sub("", body))


def _injections(target: Target) -> Iterator[Injection]:
    """Each operation once, by an actor who may not see everything where there is one."""
    foreign: dict[str, Crossing] = {}
    for clinics in (False, True):
        for crossing in crossings(target, READS, clinics=clinics):
            foreign.setdefault(crossing.own.operation_id, crossing)
    first = {i: crossing.own for i, crossing in foreign.items()}
    for access in ordinary(permitted_accesses(target, READS)):
        first.setdefault(access.operation_id, access)
    for operation_id, own in first.items():
        predicates = tuple(_predicates(target, own))
        crossed = foreign.get(operation_id)
        if predicates:
            yield Injection(
                own=own,
                foreign=() if crossed is None else (crossed.foreign,),
                hidden=() if crossed is None else beyond(target, own),
                predicates=predicates,
            )


def _predicates(target: Target, access: Access) -> Iterator[Predicates]:
    """The pairs for each place of a request that carries a value."""
    operation = access.operation
    for place in places(operation):
        declared = put_in(target, access, place.template.rpartition("=")[2])
        if NAMED.search(place.template) and access.object.canaries:
            value = json.loads(declared) if place.in_json else unquote(declared)
            yield from _assembled(operation, place, value)
        pairs = {**_TEXTS, **(_NUMBERS if declared.strip('"').isdigit() else {})}
        for kind, suffixes in pairs.items():
            true, false = (after(place, suffix) for suffix in suffixes)
            yield _pair(operation, place, kind, true, false)
        if place.in_json:
            true, false = (json.dumps({"$gte": bound}) for bound in _BOUNDS)
            yield _pair(operation, place, "operator", true, false)
        if place.parameter is not None:
            true, false = (f"{place.parameter}%5B%24gte%5D={bound}" for bound in _BOUNDS)
            yield _pair(operation, place, "operator", true, false)
            true, false = (f"{place.parameter}={start}%2A" for start in ("", _BOUNDS[1]))
            yield _pair(operation, place, "wildcard", true, false)


def _assembled(operation: Operation, place: Place, value: str) -> Iterator[Predicates]:
    """A value as an expression whose result it is, and as one whose result it isn't."""
    middle = len(value) // 2
    forms: dict[str, tuple[str, ...]] = {}
    if middle and "'" not in value:
        for kind, pair in _ASSEMBLED.items():
            forms[kind] = tuple(form.format(a=value[:middle], b=value[middle:]) for form in pair)
    if re.fullmatch(r"[1-9][0-9]{0,14}", value):
        forms["subtraction"] = (f"{int(value) + 7}-7", f"{int(value) + 7}+7")
    for kind, written in forms.items():
        true, false = (instead(place, text) for text in written)
        yield replace(_pair(operation, place, kind, true, false), assembled=True)


def _pair(operation: Operation, place: Place, kind: str, true: str, false: str) -> Predicates:
    name = f"{kind}-{re.sub(r'[^A-Za-z0-9_]+', '-', place.name)}"
    return Predicates(
        name=name,
        true=put(operation, place, f"{name}-true", true),
        false=put(operation, place, f"{name}-false", false),
    )
