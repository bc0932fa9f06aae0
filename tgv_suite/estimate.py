"""About how many requests a run will send, and in whose names: each check followed on an imagined system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from tgv_suite.claims import AskPerson, NotApplicable
from tgv_suite.imagined import ImaginedProbes, Tally
from tgv_suite.judge import subject_of
from tgv_suite.model.catalogue import Parameters
from tgv_suite.model.facts import Answer
from tgv_suite.model.results import Cause
from tgv_suite.model.target import Target
from tgv_suite.noun import noun
from tgv_suite.plan import Plan, PlannedCase
from tgv_suite.probes.scope import Guard, guarding
from tgv_suite.registry import Check
from tgv_suite.subjects.subject import Endpoint, Undeclared
from tgv_suite.subjects.transport import every_tls_endpoint
from tgv_suite.system import Probes, System
from tgv_suite.text import Text

Fact = TypeVar("Fact")


@noun
class Cost:
    """About how much something sends.

    Parameters
    ----------
    requests:
        HTTP requests.
    tls_connections:
        Connections that are opened to look at TLS itself.
    actors:
        In whose names.
    whole:
        Whether the check was followed to its end; where it wasn't, it may send more.
    """

    requests: int
    tls_connections: int
    actors: tuple[str, ...] = ()
    whole: bool = True


@noun
class Estimate:
    """About how much a run sends.

    Parameters
    ----------
    cases:
        What each case sends, by its id.
    shared:
        What a run sends once for all of them: metadata, tokens, looks at the certificates.
    """

    cases: Mapping[str, Cost]
    shared: Cost

    @property
    def total(self) -> Cost:
        """The whole run."""
        return added([self.shared, *self.cases.values()])


def added(costs: Iterable[Cost]) -> Cost:
    """Several costs as one."""
    every = tuple(costs)
    return Cost(
        requests=sum(cost.requests for cost in every),
        tls_connections=sum(cost.tls_connections for cost in every),
        actors=tuple(dict.fromkeys(actor for cost in every for actor in cost.actors)),
        whole=all(cost.whole for cost in every),
    )


def estimate(
    plan: Plan, checks: Mapping[str, Check], target: Target, parameters: Parameters
) -> Estimate:
    """Follow each check of a plan on a system that is just what the manifest says; nothing is sent.

    Parameters
    ----------
    plan, checks:
        The cases, and the checks that they name.
    target, parameters:
        Of whom, by which thresholds.
    """
    probes = ImaginedProbes(target)
    with guarding(Guard(())):
        cases = {
            case.id: _followed(case, checks[case.check], target, parameters, probes)
            for case in plan.cases
        }
    endpoints = every_tls_endpoint(target)
    for endpoint in () if isinstance(endpoints, Undeclared) else endpoints:
        if isinstance(endpoint, Endpoint):
            probes.look()  # before the first case
            probes.look()  # after the last
    return Estimate(cases=cases, shared=_cost(probes.shared, whole=True))


class _Asking:
    """A witness that asks the imagined system."""

    def __init__(self, probes: ImaginedProbes) -> None:
        self._probes = probes

    def ask(self, label: str, kind: type[Fact], probe: Callable[[Probes], Fact]) -> Fact:
        """The imagined fact."""
        return probe(self._probes)


class _Confident(System):
    """A system whose positive controls hold: what would stop a check early isn't imagined."""

    def control(self, answer: Answer, *, sees: Iterable[str] = ()) -> None:
        """It holds."""

    def hold(self, condition: bool, otherwise: Text, cause: Cause = Cause.CONTROL_FAILED) -> None:
        """It holds."""


def _followed(
    case: PlannedCase,
    check: Check,
    target: Target,
    parameters: Parameters,
    probes: ImaginedProbes,
) -> Cost:
    """What one case would send."""
    probes.case = Tally()
    subject = subject_of(case, check, target)
    try:
        check.function(
            _Confident(target, parameters, _Asking(probes)), **{check.binding.argument: subject}
        )
    except (NotApplicable, AskPerson):
        return _cost(probes.case, whole=True)
    except Exception:  # whatever the check makes of what was imagined, it is no more than a count
        return _cost(probes.case, whole=False)
    return _cost(probes.case, whole=True)


def _cost(tally: Tally, *, whole: bool) -> Cost:
    return Cost(
        requests=tally.requests,
        tls_connections=tally.tls_connections,
        actors=tuple(tally.actors),
        whole=whole,
    )
