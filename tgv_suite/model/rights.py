"""What a manifest declares of rights that a test withdraws for a moment, and gives back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tgv_suite.model.names import Name
from tgv_suite.noun import noun


@noun
class Hook:
    """A change that a check asks for, and undoes.

    Parameters
    ----------
    operation, undo:
        The operation that makes it and the one that undoes it, both of kind ``manage``.
    actor:
        In whose name.
    object:
        The object that both act on.
    delay_s:
        How long it may take to have its effect, in seconds.
    """

    operation: Name
    undo: Name
    actor: Name
    object: Name
    delay_s: Annotated[int, Field(ge=0)] = 0


@noun
class AccessRemoval:
    """Somebody who loses their access, as an employee who leaves does.

    Parameters
    ----------
    actor:
        An actor set aside for it.
    hook:
        What withdraws their access, and gives it back.
    """

    actor: Name
    hook: Hook


@noun
class Restriction:
    """A person who refuses that a provider see their records (R-22.1, art. 7).

    Parameters
    ----------
    provider:
        The actor who is refused: they may see the person's objects otherwise.
    bystander:
        Another actor, who goes on seeing them.
    hook:
        What sets the restriction, and lifts it; its object is of the person.
    """

    provider: Name
    bystander: Name
    hook: Hook
