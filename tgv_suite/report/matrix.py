"""The authorization matrix: who may do what on whose object, and what was seen of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from tgv_suite.model.credential import Credential
from tgv_suite.model.facts import Answer, Refusal, Truncated
from tgv_suite.model.results import CheckResult, Results, Verdict
from tgv_suite.model.target import (
    Actor,
    OAuth2Authentication,
    Operation,
    OperationKind,
    Target,
)
from tgv_suite.noun import noun
from tgv_suite.report.exhibit import Exhibit, took_effect

ACTORS_DRAWN = 40
OBJECTS_DRAWN = 12
_READS = (OperationKind.READ, OperationKind.SEARCH)
_Place = tuple[str, str, str]


class State(StrEnum):
    """What may be said of one actor, operation and object; what outweighs the others first."""

    VIOLATED = "violated"
    DENIED = "denied"
    ALLOWED = "allowed"
    UNTESTED_DENIAL = "untested_denial"
    UNTESTED_ALLOWANCE = "untested_allowance"


@noun
class Cell:
    """One cell; a violated one names the requirement that tells of it."""

    state: State
    requirement: str | None = None


@noun
class Column:
    """An operation, over the objects that it could act on."""

    operation: str
    objects: tuple[str, ...]


@noun
class Row:
    """An actor, with the cells of every column.

    Parameters
    ----------
    standing:
        Their role, clinic and granted scopes.
    """

    actor: str
    standing: str
    cells: tuple[Cell, ...]


@noun
class Grid:
    """The part of the matrix about one kind of object.

    Parameters
    ----------
    idle:
        The actors to whom everything here is to be refused, and for whom nothing was tested.
    """

    kind: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    idle: tuple[str, ...]

    @property
    def told(self) -> int:
        """How many cells it draws or tells."""
        width = sum(len(column.objects) for column in self.columns)
        return width * (len(self.rows) + len(self.idle))


@noun
class Matrix:
    """The whole matrix.

    Parameters
    ----------
    grids:
        What is drawn.
    counts:
        How many cells are in each state, drawn or not.
    undrawn:
        How many cells are too many for a page.
    """

    grids: tuple[Grid, ...]
    counts: Mapping[State, int]
    undrawn: int

    @property
    def total(self) -> int:
        """Every cell."""
        return sum(self.counts.values())

    @property
    def untested(self) -> int:
        """The cells of which nothing was seen."""
        return self.counts[State.UNTESTED_DENIAL] + self.counts[State.UNTESTED_ALLOWANCE]


def matrix(*, target: Target, results: Results, exhibits: Mapping[str, Exhibit]) -> Matrix:
    """What the run saw of the access policy that the manifest declares.

    A cell is violated when a check failed over it, denied when a check that passed saw its refusal,
    allowed when its owner was seen to be served. Nothing else is called tested.

    Parameters
    ----------
    target:
        The declared policy: each protected operation, for each actor, over each object of its kind.
    results, exhibits:
        What was judged, and on which exchanges.
    """
    seen = _seen(target, results, exhibits)
    kinds = dict.fromkeys(o.object for o in target.operations.values() if _drawn(o.object, target))
    cells = {place: _cell(target, place, seen) for place in _places(target)}
    grids = tuple(_grid(target, kind, cells) for kind in kinds if kind is not None)
    return Matrix(
        grids=grids,
        counts=Counter(cell.state for cell in cells.values()),
        undrawn=len(cells) - sum(grid.told for grid in grids),
    )


def _drawn(kind: str | None, target: Target) -> bool:
    protected = any(o.object == kind and _policed(o) for o in target.operations.values())
    return kind is not None and protected and bool(_objects(target, kind))


def _policed(operation: Operation) -> bool:
    """Whether the policy of an operation is tried: not what is open, nor what changes the policy."""
    return not operation.public and operation.kind is not OperationKind.MANAGE


def _objects(target: Target, kind: str | None) -> tuple[str, ...]:
    return tuple(id for id, each in target.objects.items() if each.kind == kind)


def _places(target: Target) -> Iterator[_Place]:
    for operation_id, operation in target.operations.items():
        if _policed(operation):
            for actor in target.actors:
                for object_id in _objects(target, operation.object):
                    yield operation_id, actor, object_id


def _grid(target: Target, kind: str, cells: Mapping[_Place, Cell]) -> Grid:
    objects = _objects(target, kind)[:OBJECTS_DRAWN]
    columns = tuple(
        Column(operation=id, objects=objects)
        for id, each in target.operations.items()
        if each.object == kind and _policed(each)
    )
    rows = tuple(
        Row(
            actor=actor,
            standing=_standing(each),
            cells=tuple(
                cells[column.operation, actor, object_id]
                for column in columns
                for object_id in column.objects
            ),
        )
        for actor, each in list(target.actors.items())[:ACTORS_DRAWN]
    )
    idle = tuple(row.actor for row in rows if _idle(row))
    return Grid(
        kind=kind, columns=columns, rows=tuple(row for row in rows if not _idle(row)), idle=idle
    )


def _standing(actor: Actor) -> str:
    authentication = actor.authentication
    scope = authentication.scope if isinstance(authentication, OAuth2Authentication) else None
    return " ".join(one for one in (actor.role, actor.clinic, scope) if one)


def _idle(row: Row) -> bool:
    return all(cell.state is State.UNTESTED_DENIAL for cell in row.cells)


def _cell(target: Target, place: _Place, seen: Mapping[_Place, Cell]) -> Cell:
    if place in seen:
        return seen[place]
    allowed = _allowed(target, place)
    return Cell(state=State.UNTESTED_ALLOWANCE if allowed else State.UNTESTED_DENIAL)


def _allowed(target: Target, place: _Place) -> bool:
    operation, actor, object_id = place
    may_call = actor in target.operations[operation].actors
    return may_call and actor in target.objects[object_id].owners


def _seen(
    target: Target, results: Results, exhibits: Mapping[str, Exhibit]
) -> Mapping[_Place, Cell]:
    order = list(State)
    seen: dict[_Place, Cell] = {}
    for requirement in results.requirements:
        for check in requirement.checks:
            for place, state in _told(target, check, exhibits):
                if place not in seen or order.index(state) < order.index(seen[place].state):
                    named = requirement.id if state is State.VIOLATED else None
                    seen[place] = Cell(state=state, requirement=named)
    return seen


def _told(
    target: Target, check: CheckResult, exhibits: Mapping[str, Exhibit]
) -> Iterator[tuple[_Place, State]]:
    """What one check's exchanges say of the cells that they touch."""
    held = [exhibits[path] for path in check.observations if path in exhibits]
    for exhibit in held:
        place = _place(target, exhibit)
        if place is None or not isinstance(exhibit.fact, Answer):
            continue
        last = exhibit.path == check.observations[-1]
        broken = took_effect(exhibit, held) or (last and exhibit.fact.served)
        state = _state(target, place, check.verdict, exhibit.fact, broken=broken)
        if state is not None:
            yield place, state
        if check.verdict is Verdict.FAIL:
            yield from ((other, State.VIOLATED) for other in _leaks(target, place, exhibit.fact))


def _state(
    target: Target, place: _Place, verdict: Verdict, answer: Answer, *, broken: bool
) -> State | None:
    """What an exchange says of its own cell; ``broken`` when a finding on it would rest on it."""
    if _allowed(target, place):
        return State.ALLOWED if _granted(target, place, answer) else None
    if verdict is Verdict.PASS and _refused(target, place, answer):
        return State.DENIED
    return State.VIOLATED if verdict is Verdict.FAIL and broken else None


def _place(target: Target, exhibit: Exhibit) -> _Place | None:
    aim = exhibit.aim
    if aim is None or aim.credential is not Credential.OWN:
        return None
    operation = target.operations.get(aim.operation)
    named = target.objects.get(aim.object)
    if operation is None or operation.public or named is None or named.kind != operation.object:
        return None
    return (aim.operation, aim.actor, aim.object) if aim.actor in target.actors else None


def _granted(target: Target, place: _Place, answer: Answer) -> bool:
    operation, named = target.operations[place[0]], target.objects[place[2]]
    shown = _mentions(answer, named.canaries) or operation.kind not in _READS or not named.canaries
    return answer.served and shown


def _refused(target: Target, place: _Place, answer: Answer) -> bool:
    """Whether it was refused, or a search left the object out; a cut answer shows no absence."""
    operation, named = target.operations[place[0]], target.objects[place[2]]
    empty = operation.kind is OperationKind.SEARCH and answer.served and bool(named.canaries)
    return (answer.refused(Refusal.OBJECT) or empty) and _mentions(answer, named.canaries) is False


def _leaks(target: Target, place: _Place, answer: Answer) -> Iterator[_Place]:
    """The forbidden objects of the operation's kind that the answer shows."""
    operation, actor, _ = place
    own = {c for each in target.objects.values() if actor in each.owners for c in each.canaries}
    for object_id in _objects(target, target.operations[operation].object):
        other, named = (operation, actor, object_id), target.objects[object_id]
        canaries = [canary for canary in named.canaries if canary not in own]
        if not _allowed(target, other) and _mentions(answer, canaries):
            yield other


def _mentions(answer: Answer, canaries: Sequence[str]) -> bool | None:
    """Whether one stands in the answer; None when the answer was cut and may have held it."""
    try:
        return answer.mentions(canaries)
    except Truncated:
        return None
