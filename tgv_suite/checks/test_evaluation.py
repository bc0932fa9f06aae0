"""Evaluation: a value is never a program, nor what a program spends its time on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tgv_suite.check import (
    DELAY_S,
    PRODUCTS,
    Access,
    Answer,
    CannotTell,
    Cause,
    Effort,
    Evaluation,
    System,
    Text,
    Trial,
    Variant,
    every_effort,
    every_evaluable_value,
    requirement,
    unanswered,
)
from tgv_suite.noun import noun

_TIMES = 3
_LATE_S = DELAY_S - 0.1
_SOONER_S = DELAY_S / 2
_SUSPECT_S, _LONG_S, _STOP_S = 0.8, 0.4, 2.0
_FACTOR = 10
_OVERLOADED = (408, 429)
_VALUE = Text(fr="la valeur essayée", en="the value that is tried")


@requirement("ENT-14", evaluation=every_evaluable_value, alone=True)
def test_no_value_is_evaluated_as_a_template_or_a_command(
    si: System, evaluation: Evaluation
) -> None:
    """Multiplications, then commands that wait, behind each value of a permitted request."""
    access = evaluation.access
    _plain(si, access, evaluation.shown_by)

    expressions = [_evaluated(si, evaluation, one) for one in evaluation.expressions]
    delays = list(_until_one_waits(si, access, evaluation.delays))

    _plain(si, access, evaluation.shown_by)
    evaluated = ", ".join(one.name for one in expressions if one.took)
    assert not evaluated, Text(
        fr="une multiplication écrite derrière une valeur est revenue faite, deux fois de suite "
        f"({evaluated}) ; attendu : la valeur telle quelle, ou refusée",
        en="a multiplication written behind a value came back done, twice running "
        f"({evaluated}); expected the value as it is, or refused",
    )
    waited = ", ".join(one.name for one in delays if one.took)
    assert not waited, Text(
        fr=f"une commande écrite derrière une valeur a retardé la réponse de {DELAY_S} s, {_TIMES} fois "
        f"sur {_TIMES}, et jamais celle qui n'attend pas ({waited}) ; attendu : aucun retard",
        en=f"a command written behind a value delayed the answer by {DELAY_S} s, {_TIMES} times of "
        f"{_TIMES}, and never the one that doesn't wait ({waited}); expected no delay",
    )
    for one in (*expressions, *delays):
        if (one.answer.status or 0) >= 500:
            raise unanswered(one.answer, _VALUE)


@requirement("ENT-15", effort=every_effort, alone=True)
def test_a_short_value_takes_no_long_time(si: System, effort: Effort) -> None:
    """Values of thirty characters at most, ever longer, until one takes its time."""
    access = effort.access
    _plain(si, access, effort.shown_by)

    steps = (_first_long(si, access, ladder) for ladder in effort.ladders)
    long = next((step.name for step in steps if step is not None), None)

    _plain(si, access, effort.shown_by)
    assert long is None, Text(
        fr=f"une valeur d'au plus trente caractères prend plus de {_FACTOR} fois le temps d'une autre de "
        f"même longueur, {_TIMES} fois sur {_TIMES} ({long}) ; attendu : des temps semblables",
        en=f"a value of at most thirty characters takes more than {_FACTOR} times as long as another of "
        f"the same length, {_TIMES} times of {_TIMES} ({long}); expected similar times",
    )


def _plain(si: System, access: Access, shown_by: Access) -> None:
    """The permitted request as it is: it is served, and shown; no product stands there by itself."""
    permitted = si.perform(access)
    si.control(permitted)
    mark = [permitted.unique] if permitted.unique else access.object.canaries
    shown = si.perform(shown_by)
    si.control(shown, sees=mark)
    si.hold(
        not shown.mentions(PRODUCTS),
        Text(
            fr="la lecture montre d'elle-même le produit cherché",
            en="the reading shows the product that is looked for by itself",
        ),
    )


@noun
class _Tried:
    """One value by its name, how it was answered at first, and whether it was taken for a program."""

    name: str
    answer: Answer
    took: bool


def _evaluated(si: System, evaluation: Evaluation, variant: Variant) -> _Tried:
    """An expression, and whether it comes back as its product each time, answered or stored."""
    answer = _answered(si.perform(evaluation.access, variant=variant))
    took = _product_shown(si, evaluation, answer)
    if took:
        si.control(si.perform(evaluation.access))
        again = _answered(si.perform(evaluation.access, variant=variant))
        took = _product_shown(si, evaluation, again)
        si.control(si.perform(evaluation.access))
    return _Tried(name=variant.name, answer=answer, took=took)


def _product_shown(si: System, evaluation: Evaluation, answer: Answer) -> bool:
    after = si.perform(evaluation.shown_by)
    return answer.mentions(PRODUCTS) or after.mentions(PRODUCTS)


def _until_one_waits(si: System, access: Access, delays: Iterable[Trial]) -> Iterator[_Tried]:
    """Each command, up to the first that delays the answer each time when the other never does."""
    for trial in delays:
        answer = _answered(si.perform(access, variant=trial.tried))
        took = answer.elapsed_s >= _LATE_S and _waits(si, access, trial)
        yield _Tried(name=trial.name, answer=answer, took=took)
        if took:
            return


def _waits(si: System, access: Access, trial: Trial) -> bool:
    """Whether a command that waits delays the answer each time, and the other one never does."""
    for _ in range(_TIMES):
        sooner = _answered(si.perform(access, variant=trial.neutral)).elapsed_s
        later = _answered(si.perform(access, variant=trial.tried)).elapsed_s
        if later < _LATE_S or later - sooner < _SOONER_S:
            return False
    return True


def _first_long(si: System, access: Access, ladder: tuple[Trial, ...]) -> Trial | None:
    """The first step that takes its time; no longer one is then sent."""
    for step in ladder:
        first = _answered(si.perform(access, variant=step.tried)).elapsed_s
        if first >= _SUSPECT_S and _takes_its_time(si, access, step):
            return step
    return None


def _takes_its_time(si: System, access: Access, step: Trial) -> bool:
    """Whether a value takes ten times as long as another of its length, each time."""
    for _ in range(_TIMES):
        usual = _answered(si.perform(access, variant=step.neutral)).elapsed_s
        taken = _answered(si.perform(access, variant=step.tried)).elapsed_s
        if taken < max(_LONG_S, _FACTOR * usual):
            _not_slow_anyway(taken)
            return False
    return True


def _not_slow_anyway(taken_s: float) -> None:
    """Hold that the system isn't so slow by itself that a longer value could be too much for it."""
    if taken_s >= _STOP_S:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr=f"une valeur a pris {taken_s:.1f} s, et une autre presque autant : rien de plus long "
                "n'est essayé",
                en=f"a value took {taken_s:.1f} s, and another nearly as long: nothing longer is tried",
            ),
        )


def _answered(answer: Answer) -> Answer:
    """Hold that the system itself answered: served, refused, or failed at the value."""
    if answer.status is None or answer.status in _OVERLOADED:
        raise unanswered(answer, _VALUE)
    return answer
