"""Framing: where a request ends is the same for all that read it, so that none begins another's."""

from __future__ import annotations

from tgv_suite.check import (
    CannotTell,
    Cause,
    Framing,
    Front,
    System,
    Text,
    cause_of,
    every_isolated_front,
    requirement,
)
from tgv_suite.model.facts import Failure, LeftoverFact

_TWICE = 2
_TELLS_NOTHING = (400, 408, 429)
_HUNG_UP = (None, Failure.UNREACHABLE)


@requirement("ENT-09", front=every_isolated_front, alone=True)
def test_no_request_is_answered_what_another_one_began(si: System, front: Front) -> None:
    """Plain requests of ours, after others of ours that say in two ways where they end."""
    usual = _usual(si, front)

    tried = {framing: _tried(si, front, framing, usual) for framing in list(Framing)[1:]}

    last = _usual(si, front)
    si.hold(last == usual, _CHANGED)
    mixed = ", ".join(
        f"{framing} ({', '.join(map(str, _strayed(seen[-1], usual)))})"
        for framing, seen in tried.items()
        if len(seen) == _TWICE and all(_strayed(one, usual) for one in seen)
    )
    assert not mixed, Text(
        fr=f"après une requête qui dit de deux façons où elle finit, une autre n'a pas reçu sa propre "
        f"réponse, deux fois de suite : {mixed}, au lieu de {usual} ; attendu : une requête refusée, ou "
        "lue de même par tous",
        en="after a request that says in two ways where it ends, another one didn't get its own answer, "
        f"twice running: {mixed}, instead of {usual}; expected a request refused, or read alike by all",
    )
    for seen in tried.values():
        _settled(seen[-1])


_CHANGED = Text(
    fr="l'adresse n'est plus répondue comme au début", en="the address isn't answered as at first"
)


def _usual(si: System, front: Front) -> int:
    """The status that plain requests are answered with, when it is always the same and tells something."""
    seen = si.leftover(front, Framing.ABSENT)
    first = seen.next[0] or 0
    si.hold(
        set(seen.next) == {first} and 200 <= first < 500 and first not in _TELLS_NOTHING,
        Text(
            fr=f"une simple requête n'est pas toujours répondue de même ({seen.next})",
            en=f"a plain request isn't always answered alike ({seen.next})",
        ),
        cause_of(seen.next_failure),
    )
    return first


def _tried(si: System, front: Front, framing: Framing, usual: int) -> list[LeftoverFact]:
    """One framing, and once more where what follows it strayed."""
    seen = [si.leftover(front, framing)]
    if _strayed(seen[0], usual):
        si.hold(_usual(si, front) == usual, _CHANGED)
        seen.append(si.leftover(front, framing))
    return seen


def _strayed(seen: LeftoverFact, usual: int) -> list[int]:
    """What plain requests were answered instead of the usual; no outage and no limit counts."""
    return [
        status
        for status in seen.next
        if status is not None and status != usual and status < 500 and status not in (408, 429)
    ]


def _settled(seen: LeftoverFact) -> None:
    """Hold that the request was answered, or ended by the server, and all that followed answered."""
    late = seen.failure not in _HUNG_UP
    if late or seen.next_failure is not None:
        failure = seen.failure if late else seen.next_failure
        raise CannotTell(
            Cause.NO_OBSERVATION if failure is None else cause_of(failure),
            Text(
                fr=f"une requête n'a pas reçu de réponse à temps ({seen.framing})",
                en=f"a request wasn't answered in time ({seen.framing})",
            ),
        )
