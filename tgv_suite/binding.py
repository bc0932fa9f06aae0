"""How a check is bound to its requirement and to what it is run over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tgv_suite.noun import noun
from tgv_suite.subjects.subject import Subjects

ATTRIBUTE = "__tgv_binding__"
_Function = TypeVar("_Function", bound=Callable[..., None])


@noun
class Binding:
    """What :func:`requirement` leaves on a check.

    Parameters
    ----------
    requirement:
        The requirement's id.
    argument, subjects:
        The check's argument that takes a subject, and the function that lists the subjects.
    alone:
        Whether the check spends a quota, locks, revokes or listens, and so runs by itself.
    """

    requirement: str
    argument: str
    subjects: Subjects
    alone: bool


def requirement(
    id_: str, *, alone: bool = False, **over: Subjects
) -> Callable[[_Function], _Function]:
    """Bind a check to a requirement.

    Parameters
    ----------
    id_:
        The requirement's id in the catalogue.
    alone:
        Whether the check must run while no other does.
    over:
        One argument of the check, and the function that lists what it is run over.

    Raises
    ------
    TypeError
        When ``over`` doesn't name exactly one argument.
    """
    if len(over) != 1:
        raise TypeError(f"{id_}: a check is run over exactly one argument, not {sorted(over)}")
    ((argument, subjects),) = over.items()

    def bind(function: _Function) -> _Function:
        binding = Binding(requirement=id_, argument=argument, subjects=subjects, alone=alone)
        setattr(function, ATTRIBUTE, binding)
        return function

    return bind
