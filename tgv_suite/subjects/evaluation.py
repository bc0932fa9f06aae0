"""Subjects of the checks of values that try to be evaluated, or to take their time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tgv_suite.model.target import Target
from tgv_suite.model.variant import Variant
from tgv_suite.subjects.declared import (
    READS,
    first_of_each_operation,
    ordinary,
    permitted_accesses,
    permitted_writings,
)
from tgv_suite.subjects.places import Place, after, instead, places, put, telling
from tgv_suite.subjects.subject import (
    Access,
    Effort,
    Evaluation,
    Subject,
    Trial,
    Undeclared,
    or_undeclared,
)

_FACTORS = (31337, 41221)
PRODUCT = f"{_FACTORS[0] * _FACTORS[1]:,}"
PRODUCTS = tuple(
    PRODUCT.replace(",", separator) for separator in ("", ",", " ", "\u00a0", "\u202f")
)
"""What a multiplication comes to, as engines of templates write it."""
_SUM = "*".join(map(str, _FACTORS))
_EXPRESSIONS = {
    "double-braces": f"{{{{{_SUM}}}}}",
    "dollar": f"${{{_SUM}}}",
    "hash": f"#{{{_SUM}}}",
    "percent": f"%{{{_SUM}}}",
    "braces": f"{{{_SUM}}}",
    "at-sign": f"@({_SUM})",
    "tag": f"<%= {_SUM} %>",
}
"""Jinja2, Twig; FreeMarker, SpEL, Mako; Pug, Ruby; OGNL; Smarty; Razor; ERB, EJS."""
_COMMANDS = {
    "after-a-semicolon": ";sleep {};",
    "after-a-pipe": "|sleep {};",
    "substituted": "$(sleep {})",
    "out-of-double-quotes": '";sleep {};"',
    "out-of-single-quotes": "';sleep {};'",
    "powershell": "&powershell -Command Start-Sleep {}&",
}
DELAY_S = 2
_RUNGS = (16, 20, 22, 24, 26, 28, 30)
_REPEATED = {"letters": ("", "a"), "digits": ("", "1"), "e-mail": ("a@", "a")}
_LAST = "!"


def every_evaluable_value(target: Target) -> Sequence[Subject] | Undeclared:
    """Each operation that carries a value, with expressions and commands after it."""
    found = [
        Evaluation(access=access, shown_by=shown_by, expressions=expressions, delays=tuple(delays))
        for access, shown_by in _open_to_intrusion(target)
        if (expressions := tuple(_expressions(access)))
        for delays in (_delays(access),)
    ]
    return or_undeclared(found, fr=_NOTHING_FR, en=_NOTHING_EN)


def every_effort(target: Target) -> Sequence[Subject] | Undeclared:
    """Each operation that carries a value, with a ladder of values ever longer in its place."""
    found = [
        Effort(access=access, shown_by=shown_by, ladders=ladders)
        for access, shown_by in _open_to_intrusion(target)
        if (ladders := tuple(_ladders(access)))
    ]
    return or_undeclared(found, fr=_NOTHING_FR, en=_NOTHING_EN)


_NOTHING_FR = (
    "aucune opération protégée qui porte une valeur n'est ouverte aux vérifications intrusives"
)
_NOTHING_EN = "no protected operation that carries a value is open to intrusive checks"


def _open_to_intrusion(target: Target) -> Iterator[tuple[Access, Access]]:
    """Each reading, and each update with the reading that shows its effect, once."""
    permitted = target.scope.intrusive_on
    readings = first_of_each_operation(ordinary(permitted_accesses(target, READS)))
    updates: dict[str, tuple[Access, Access]] = {}
    for writing in permitted_writings(target):
        if not writing.write.actor.sacrificial:
            pair = (writing.write, writing.reading)
            updates.setdefault(writing.write.operation_id, pair)
    for access, shown_by in [*((reading, reading) for reading in readings), *updates.values()]:
        if not permitted or access.operation_id in permitted:
            yield access, shown_by


def _places(access: Access) -> Iterator[Place]:
    """Where a reading carries its values, and where an update carries what it writes."""
    if access.operation.kind in READS:
        yield from places(access.operation)
        return
    place = telling(access.operation)
    if place is not None:
        yield place


def _expressions(access: Access) -> Iterator[Variant]:
    for place in _places(access):
        for kind, expression in _EXPRESSIONS.items():
            yield _behind(access, place, f"{kind}-{place.name}", expression)


def _delays(access: Access) -> Iterator[Trial]:
    for place in _places(access):
        for kind, command in _COMMANDS.items():
            at_once, later = (
                _behind(access, place, f"{kind}-{place.name}-{delay}-s", command.format(delay))
                for delay in (0, DELAY_S)
            )
            yield Trial(name=f"{kind}-{place.name}", neutral=at_once, tried=later)


def _ladders(access: Access) -> Iterator[tuple[Trial, ...]]:
    for place in _places(access):
        for kind, (start, repeated) in _REPEATED.items():
            yield tuple(
                _trial(access, place, kind, start, repeated * (length - len(start) - 1))
                for length in _RUNGS
            )


def _trial(access: Access, place: Place, kind: str, start: str, run: str) -> Trial:
    """A run of one sign that ends with another, and the same the other way round."""
    name = f"{kind}-{place.name}-{len(start) + len(run) + 1}"
    tried, neutral = (
        _instead(access, place, f"{name}-{end}", value)
        for end, value in (("last", f"{start}{run}{_LAST}"), ("first", f"{_LAST}{start}{run}"))
    )
    return Trial(name=name, neutral=neutral, tried=tried)


def _behind(access: Access, place: Place, name: str, suffix: str) -> Variant:
    """The request with something after the value in a place."""
    return put(access.operation, place, name, after(place, suffix))


def _instead(access: Access, place: Place, name: str, value: str) -> Variant:
    return put(access.operation, place, name, instead(place, value))
