"""Traversal: a name that a request carries is never a path on the machine."""

from __future__ import annotations

from tgv_suite.check import (
    CannotTell,
    Cause,
    System,
    Text,
    Traversal,
    every_traversable_reading,
    requirement,
)
from tgv_suite.model.facts import Failure

_OVERLOADED = (408, 429, 503, 504)


@requirement("ENT-13", traversal=every_traversable_reading)
def test_no_reading_gives_a_file_of_the_machine(si: System, traversal: Traversal) -> None:
    """Paths of harmless files in place of each value, written in several ways."""
    access = traversal.access
    si.control(si.perform(access), sees=access.object.canaries)

    tried = si.traversal(traversal).paths

    si.control(si.perform(access), sees=access.object.canaries)
    given = [path for path in tried if path.content is not None]
    assert not given, Text(
        fr="un chemin à la place d'une valeur a donné un fichier de la machine : "
        + ", ".join(f"« {path.content} » ({path.name})" for path in given)
        + " ; attendu : une valeur inconnue, et rien",
        en="a path in place of a value gave a file of the machine: "
        + ", ".join(f"“{path.content}” ({path.name})" for path in given)
        + "; expected an unknown value, and nothing",
    )
    for path in tried:
        hung_up = path.failure is Failure.UNREACHABLE
        if path.status in _OVERLOADED or (path.status is None and not hung_up):
            raise CannotTell(
                Cause.NO_OBSERVATION,
                Text(
                    fr=f"un des chemins n'a pas reçu de réponse ({path.name})",
                    en=f"one of the paths got no answer ({path.name})",
                ),
            )
