"""What may be claimed: verdicts, their causes, and the results of a run."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from tgv_suite.model.catalogue import Level
from tgv_suite.model.papers import Attestation, Waiver
from tgv_suite.noun import noun
from tgv_suite.text import Text


class Verdict(StrEnum):
    """The verdicts, worst first; the order is the roll-up rule."""

    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ATTESTATION = "attestation"
    PASS = "pass"
    NOT_APPLICABLE = "not_applicable"

    @staticmethod
    def worst(verdicts: Iterable[Verdict]) -> Verdict:
        """The worst of ``verdicts``; inconclusive when there is none, since nothing was seen."""
        order = list(Verdict)
        return min(verdicts, key=order.index, default=Verdict.INCONCLUSIVE)


class Cause(StrEnum):
    """Why a verdict is inconclusive."""

    UNREACHABLE = "unreachable"
    PRECONDITION = "precondition"
    CONTROL_FAILED = "control_failed"
    NO_OBSERVATION = "no_observation"
    TIMEOUT = "timeout"
    NOT_RUN = "not_run"
    HARNESS_ERROR = "harness_error"
    UNPROVEN = "unproven"


class Conclusion(StrEnum):
    """What a whole run concludes over the requirements of level ``must``."""

    CONFORMANT = "conformant"
    CONFORMANT_WITH_WAIVERS = "conformant_with_waivers"
    NON_CONFORMANT = "non_conformant"
    UNDETERMINED = "undetermined"


class Mode(StrEnum):
    """Who runs, and so what the seal claims."""

    VENDOR = "vendor"
    CERTIFIER = "certifier"
    SURVEILLANCE = "surveillance"


@noun
class Judgement:
    """A verdict with its cause (when inconclusive) and its reason."""

    verdict: Verdict
    cause: Cause | None = None
    reason: Text


@noun
class CheckResult:
    """What one check concluded about one subject.

    Parameters
    ----------
    id:
        The check, ``module.name``.
    subject:
        What it was run over, for example an operation; empty when it was run over nothing
        particular.
    observations:
        Paths in the bundle of the exchanges that the verdict rests on.
    notes:
        What a person should know beside the verdict.
    elapsed_s:
        Seconds.
    """

    id: str
    subject: str
    verdict: Verdict
    cause: Cause | None
    reason: Text
    observations: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()
    elapsed_s: float = 0.0


@noun
class RequirementResult:
    """What may be claimed of one requirement, and the checks that it rests on.

    Parameters
    ----------
    attestation:
        The person's word on which an ``attestation`` verdict stops blocking the conclusion.
    waivers:
        Those that cover its failures; they change no verdict.
    """

    id: str
    level: Level
    verdict: Verdict
    cause: Cause | None
    reason: Text
    checks: tuple[CheckResult, ...] = ()
    attestation: Attestation | None = None
    waivers: tuple[Waiver, ...] = ()


@noun
class RunIdentity:
    """Which run this was; times are UTC, ISO 8601.

    Parameters
    ----------
    rehearsal:
        Whether it was asked for as a rehearsal, which certifies nothing.
    """

    id: str
    mode: Mode
    seed: int
    jobs: int
    started: str
    ended: str
    interrupted: bool
    exchanges: int
    halted: Text | None = None
    scope_violations: tuple[str, ...] = ()
    rehearsal: bool = False


class Fate(StrEnum):
    """What became of something that a check created in the system.

    ``unknown`` says that nothing tells whether it was created, or under which identifier.
    """

    REMOVED = "removed"
    LEFT = "left"
    UNKNOWN = "unknown"


@noun
class CreatedObject:
    """Something that a check created in the system.

    Parameters
    ----------
    operation, actor:
        By what, in whose name.
    identifier:
        Its identifier there; empty when the system said none.
    fate:
        Whether it was removed again, and seen to be gone.
    """

    operation: str
    actor: str
    identifier: str
    fate: Fate


@noun
class SystemUnderTest:
    """The system, as its manifest names it, and the digest of that manifest."""

    name: str
    vendor: str
    version: str
    category: str
    environment: str
    manifest_sha256: str


@noun
class ProfileIdentity:
    """The profile that was asked."""

    id: str
    version: str
    title: Text


@noun
class PackIdentity:
    """Another package whose checks judged: its version and the digest of each module's source."""

    name: str
    version: str
    checks: tuple[tuple[str, str], ...]


@noun
class HarnessIdentity:
    """The harness that asked: its version and the digest of each check module's source.

    Parameters
    ----------
    packs:
        The other packages whose checks the profile calls for.
    """

    version: str
    python: str
    checks: tuple[tuple[str, str], ...]
    packs: tuple[PackIdentity, ...] = ()


@noun
class Results:
    """``results.json``: every requirement of the profile exactly once.

    Parameters
    ----------
    unused_waivers:
        The waivers that cover no failure: with one of them, nothing is concluded conformant.
    created:
        What the checks created in the system, whether they concluded or not.
    """

    schema: Literal["tgv-results/1"] = "tgv-results/1"
    run: RunIdentity
    si: SystemUnderTest
    profile: ProfileIdentity
    harness: HarnessIdentity
    conclusion: Conclusion
    requirements: tuple[RequirementResult, ...]
    unused_waivers: tuple[Waiver, ...] = ()
    created: tuple[CreatedObject, ...] = ()
