"""An exchange of the bundle as the report takes it: its text, and the fact that was judged."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.model.credential import Credential
from tgv_suite.model.facts import Answer
from tgv_suite.noun import noun
from tgv_suite.witness import AnyFact


@noun
class Aim:
    """What a request was about: who called what, on which object, with which credential.

    Parameters
    ----------
    variant:
        The name of what else was changed in it; empty when nothing was.
    """

    operation: str
    actor: str
    object: str
    credential: Credential
    variant: str = ""


@noun
class Exhibit:
    """One observation of the bundle.

    Parameters
    ----------
    path:
        Where it is in the bundle.
    title:
        Its label on record.
    text:
        The whole of it as a person reads it, already redacted.
    fact:
        What was judged; none when the bundle doesn't hold it.
    """

    path: str
    title: str
    text: str
    fact: AnyFact | None = None

    @property
    def aim(self) -> Aim | None:
        """What it was about, when its label names an operation, an actor, an object, a credential."""
        parts = self.title.split(".", 4)
        if not isinstance(self.fact, Answer) or len(parts) < 4 or parts[3] not in set(Credential):
            return None
        return Aim(
            operation=parts[0],
            actor=parts[1],
            object=parts[2],
            credential=Credential(parts[3]),
            variant="".join(parts[4:]),
        )


def took_effect(write: Exhibit, held: Sequence[Exhibit]) -> bool:
    """Whether another exchange shows the string that only this write carried.

    Parameters
    ----------
    write:
        The exchange in question; a reading has no effect.
    held:
        The exchanges of the same check.
    """
    fact = write.fact
    if not isinstance(fact, Answer) or fact.request.method in ("GET", "HEAD") or not fact.unique:
        return False
    others = (each.fact for each in held if each is not write and isinstance(each.fact, Answer))
    return any(fact.unique in other.body for other in others)
