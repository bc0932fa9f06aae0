"""Injection: what a request carries is a value to a system, and never a part of a query."""

from __future__ import annotations

from tgv_suite.check import (
    Access,
    Answer,
    AskPerson,
    CannotTell,
    Cause,
    Injection,
    Predicates,
    System,
    Text,
    Variant,
    differences,
    echoless,
    every_injectable_reading,
    requirement,
    unanswered,
)
from tgv_suite.model.inside import query_told
from tgv_suite.noun import noun

_TIMES = 3
_OVERLOADED = (408, 429, 503, 504)


@requirement("ENT-04", injection=every_injectable_reading)
def test_no_value_becomes_a_part_of_a_query(si: System, injection: Injection) -> None:
    """What a query would find true, or work out, between two that it wouldn't."""
    _plain(si, injection)
    hidden = _hidden(si, injection)

    pairs = injection.predicates
    followed = [one for pair in pairs if (one := _followed(si, injection.own, pair, hidden))]

    _plain(si, injection)
    showing = ", ".join(one.name for one in followed if one.shows(hidden))
    assert not showing, Text(
        fr=f"une condition ajoutée à une valeur a montré, {_TIMES} fois sur {_TIMES}, le dossier de "
        f"personnes que l'acteur ne peut voir ({showing}) ; attendu : une valeur inconnue, et rien",
        en="a condition added to a value showed, "
        f"{_TIMES} times of {_TIMES}, the record of people whom the actor may not see ({showing}); "
        "expected an unknown value, and nothing",
    )
    worked_out = ", ".join(one.name for one in followed if one.assembled)
    assert not worked_out, Text(
        fr="une expression que seule une requête calcule a valu, "
        f"{_TIMES} fois sur {_TIMES}, l'identifiant qu'elle donne ({worked_out}) ; attendu : une valeur "
        "inconnue, et rien",
        en="an expression that only a query works out was worth, "
        f"{_TIMES} times of {_TIMES}, the identifier that it gives ({worked_out}); expected an unknown "
        "value, and nothing",
    )
    telling = ", ".join(one.name for one in followed if one.tells())
    assert not telling, Text(
        fr="la base de données s'est plainte, "
        f"{_TIMES} fois sur {_TIMES}, de ce qu'une valeur contient ({telling}) ; attendu : une valeur "
        "inconnue, qu'aucune requête ne contient",
        en="the database complained, "
        f"{_TIMES} times of {_TIMES}, of what a value holds ({telling}); expected an unknown value, "
        "that no query holds",
    )
    _left_to_a_person(followed)


@noun
class _Followed:
    """A predicate that the answers follow each time, by its name."""

    name: str
    assembled: bool
    true: tuple[Answer, ...]
    false: tuple[Answer, ...]

    def shows(self, hidden: tuple[str, ...]) -> bool:
        """Whether what the actor may not see is shown each time."""
        return bool(hidden) and all(answer.mentions(hidden) for answer in self.true)

    def tells(self) -> bool:
        """Whether a query is told of each time, and never when the predicate is the other."""
        return all(map(query_told, self.true)) and not any(map(query_told, self.false))


def _plain(si: System, injection: Injection) -> None:
    """The permitted reading as it is: it shows its object, and nothing that its actor may not see."""
    answer = si.perform(injection.own)
    si.control(answer, sees=injection.own.object.canaries)
    si.hold(
        not answer.mentions(injection.hidden),
        Text(
            fr="la lecture permise montre déjà ce que l'acteur ne peut voir : voir AZN-01 et AZN-03",
            en="the permitted reading already shows what the actor may not see: see AZN-01 and AZN-03",
        ),
        Cause.PRECONDITION,
    )


def _hidden(si: System, injection: Injection) -> tuple[str, ...]:
    """The marks that the actor may not see, once they are known to exist; none that is open anyway."""
    for foreign in injection.foreign:
        si.control(si.perform(foreign), sees=foreign.object.canaries)
        if si.perform(injection.own, on=foreign).mentions(injection.hidden):
            return ()
    return injection.hidden


def _followed(
    si: System, own: Access, pair: Predicates, hidden: tuple[str, ...]
) -> _Followed | None:
    """Whether the answers follow a predicate: it is tried again for as long as they do."""
    false = [_asked(si, own, pair.false)]
    true: list[Answer] = []
    for _ in range(_TIMES):
        true.append(_asked(si, own, pair.true))
        false.append(_asked(si, own, pair.false))
        if pair.assembled:
            apart = _shown_by(true[-1], false[-2:], own.object.canaries)
        else:
            apart = _apart(true[-1], false[-2:], hidden)
        if not apart:
            return None
    return _Followed(name=pair.name, assembled=pair.assembled, true=tuple(true), false=tuple(false))


def _asked(si: System, own: Access, variant: Variant) -> Answer:
    """One request of a pair, answered by the system itself."""
    answer = si.perform(own, variant=variant)
    if answer.status is None or answer.status in _OVERLOADED:
        raise unanswered(answer, Text(fr="la requête modifiée", en="the altered request"))
    return answer


def _shown_by(true: Answer, false: list[Answer], canaries: tuple[str, ...]) -> bool:
    """Whether an answer shows an object that those before and after it don't."""
    return true.mentions(canaries) and not any(answer.mentions(canaries) for answer in false)


def _apart(true: Answer, false: list[Answer], hidden: tuple[str, ...]) -> bool:
    """Whether an answer is another than those before and after it."""
    if (hidden and true.mentions(hidden)) or any(answer.status != true.status for answer in false):
        return True
    body = differences(echoless(true.body), [echoless(answer.body) for answer in false])
    if body is None and true.served:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr="les réponses varient d'elles-mêmes : rien ne peut en être conclu",
                en="the answers vary by themselves: nothing can be concluded from them",
            ),
        )
    return bool(body)


def _left_to_a_person(followed: list[_Followed]) -> None:
    """Ask for a person where the answers follow a predicate, and nothing proves what it became."""
    if followed:
        names = ", ".join(one.name for one in followed)
        raise AskPerson(
            Text(
                fr=f"les réponses suivent une condition ajoutée à une valeur ({names}), sans que rien ne "
                "prouve qu'une requête l'a prise : une personne doit dire pourquoi",
                en=f"the answers follow a condition added to a value ({names}), and nothing proves that "
                "a query took it: a person has to say why",
            )
        )
