"""What came of requests that were generated from a service's own description."""

from __future__ import annotations

from enum import StrEnum

from tgv_suite.model.facts import Failure
from tgv_suite.noun import noun


class Because(StrEnum):
    """Why nothing is generated for an operation."""

    CREATES = "creates"
    DELETES = "deletes"
    CALLS_OUT = "calls_out"
    OPEN_TO_ALL = "open_to_all"
    EFFECT_UNSEEN = "effect_unseen"
    NOBODY = "nobody"
    BODY_UNTOLD = "body_untold"
    UNDESCRIBED = "undescribed"
    UNREADABLE = "unreadable"


@noun
class GeneratedRequest:
    """One of the generated requests, by its number, and what there is to say of its answer.

    Parameters
    ----------
    number:
        Its place in the campaign; the same seed and description give the same request.
    operation:
        The manifest's operation that it calls.
    sent:
        What was generated, in the generator's words.
    status:
        How it was answered.
    found:
        What is to be said of the answer: where it leaves its schema, or which field was stored.
    """

    number: int
    operation: str
    sent: str
    status: int | None
    found: tuple[str, ...] = ()


@noun
class FuzzedOperation:
    """How the generated requests of one operation were answered.

    Parameters
    ----------
    name:
        The manifest's operation.
    generated, sent:
        How many requests the description gave, and how many were sent.
    served, refused, limited:
        How many were granted, how many were answered with a 4xx, and how many were refused because
        there were too many.
    judged:
        How many granted answers were held against the description.
    """

    name: str
    generated: int
    sent: int
    served: int
    refused: int
    limited: int
    judged: int


@noun
class LeftOut:
    """An operation for which nothing was generated, and why."""

    name: str
    why: Because


@noun
class FuzzFact:
    """A campaign of generated requests against one service: the first case of each kind is told.

    Parameters
    ----------
    service:
        The service.
    engine, seed:
        What generated the requests, from which seed.
    budget, budget_s:
        How many requests could be generated for one operation, and in how long all could be sent
        (seconds).
    elapsed_s:
        How long it took, in seconds.
    operations, left_out:
        What was tried, and what wasn't.
    server_errors:
        Requests at which the server failed.
    telling:
        Errors that tell of the inside.
    undeclared:
        Valid requests granted with a status that the description doesn't declare.
    departures:
        Valid requests granted with an answer that isn't what the description says.
    stored:
        Invalid values that were taken, and are given back by a reading.
    failure:
        Why requests brought no answer, when that is so.
    unread:
        Why there is no description to generate from, when that is so.
    """

    service: str
    engine: str
    seed: int
    budget: int
    budget_s: float
    elapsed_s: float
    operations: tuple[FuzzedOperation, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    server_errors: tuple[GeneratedRequest, ...] = ()
    telling: tuple[GeneratedRequest, ...] = ()
    undeclared: tuple[GeneratedRequest, ...] = ()
    departures: tuple[GeneratedRequest, ...] = ()
    stored: tuple[GeneratedRequest, ...] = ()
    failure: Failure | None = None
    unread: str = ""

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return sum(operation.sent for operation in self.operations)

    @property
    def withheld(self) -> int:
        """How many generated requests the budget left no room for."""
        return sum(operation.generated - operation.sent for operation in self.operations)

    @property
    def judged(self) -> int:
        """How many granted answers were held against the description."""
        return sum(operation.judged for operation in self.operations)

    @property
    def limited(self) -> int:
        """How many were refused because there were too many."""
        return sum(operation.limited for operation in self.operations)

    @property
    def refused(self) -> int:
        """How many were answered with a 4xx."""
        return sum(operation.refused for operation in self.operations)
