"""Where a check's facts come from: live probes whose facts are recorded, or that record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar, get_args

from pydantic import JsonValue, TypeAdapter

from tgv_suite.model.facts import (
    Answer,
    AuditFact,
    AuthorizationFact,
    BurstFact,
    CallbackFact,
    EntityFact,
    ExposureFact,
    GrantFact,
    LeftoverFact,
    OutboundFact,
    PublishedKey,
    RemovalFact,
    RenewalFact,
    RevocationFact,
    SecretsFact,
    SigningKeyFact,
    TokenFact,
    TraversalFact,
)
from tgv_suite.model.fuzzing import FuzzFact
from tgv_suite.model.passwords import PasswordFact, ResetFact, SignInFact
from tgv_suite.model.revocation import ChainStatus, Staple
from tgv_suite.model.sessions import LoginBurst, SessionFact
from tgv_suite.model.tls import ChainFact, HelloAnswer, Renegotiation, WeakSuites
from tgv_suite.noun import noun
from tgv_suite.system import Probes

Fact = TypeVar("Fact")
AnyFact = (
    Answer
    | AuditFact
    | AuthorizationFact
    | BurstFact
    | CallbackFact
    | ChainFact
    | ChainStatus
    | EntityFact
    | ExposureFact
    | FuzzFact
    | GrantFact
    | HelloAnswer
    | LeftoverFact
    | LoginBurst
    | OutboundFact
    | PasswordFact
    | PublishedKey
    | RemovalFact
    | Renegotiation
    | RenewalFact
    | ResetFact
    | RevocationFact
    | SignInFact
    | SigningKeyFact
    | SecretsFact
    | SessionFact
    | Staple
    | TokenFact
    | TraversalFact
    | WeakSuites
)
FACTS: Mapping[str, TypeAdapter[AnyFact]] = {
    kind.__name__: TypeAdapter(kind) for kind in get_args(AnyFact)
}


class NotOnRecord(Exception):
    """The check asked something that the recorded run didn't."""


@noun
class Recorded:
    """One fact on record, under the question's label and its ordinal."""

    label: str
    ordinal: int
    kind: str
    fact: JsonValue


@noun
class Tape:
    """Every fact that one check looked at, in order."""

    schema: str = "tgv-facts/1"
    facts: tuple[Recorded, ...]


def reread(recorded: Recorded) -> AnyFact:
    """The fact that was recorded."""
    return FACTS[recorded.kind].validate_python(recorded.fact)


class LiveWitness:
    """Asks the probes, cleans what they bring, and records it before the check sees it.

    Parameters
    ----------
    probes:
        What answers on real sockets.
    clean:
        Redacts every string of a JSON value.
    """

    def __init__(self, probes: Probes, clean: Callable[[JsonValue], JsonValue]) -> None:
        self.recorded: list[Recorded] = []
        self._probes = probes
        self._clean = clean
        self._ordinals: Counter[str] = Counter()

    def ask(self, label: str, kind: type[Fact], probe: Callable[[Probes], Fact]) -> Fact:
        """The fact that a probe brings, as it was recorded."""
        self._ordinals[label] += 1
        adapter: TypeAdapter[Fact] = FACTS[kind.__name__]  # type: ignore[assignment]
        fact = self._clean(adapter.dump_python(probe(self._probes), mode="json"))
        ordinal = self._ordinals[label]
        self.recorded.append(Recorded(label=label, ordinal=ordinal, kind=kind.__name__, fact=fact))
        return adapter.validate_python(fact)


class RecordedWitness:
    """Answers from the record of an earlier run, and from nothing else.

    Parameters
    ----------
    facts:
        What was recorded for this check and subject.
    """

    def __init__(self, facts: Iterable[Recorded]) -> None:
        self._facts = {(fact.label, fact.ordinal): fact for fact in facts}
        self.recorded: list[Recorded] = []
        self._ordinals: Counter[str] = Counter()

    def ask(self, label: str, kind: type[Fact], probe: Callable[[Probes], Fact]) -> Fact:
        """The fact on record; ``probe`` is never called.

        Raises
        ------
        NotOnRecord
            When that question wasn't asked, or brought another kind of fact.
        """
        self._ordinals[label] += 1
        recorded = self._facts.get((label, self._ordinals[label]))
        if recorded is None or recorded.kind != kind.__name__:
            raise NotOnRecord(f"{label} #{self._ordinals[label]}")
        self.recorded.append(recorded)
        return reread(recorded)  # type: ignore[return-value]
