"""What is asked: requirements, the families that hold them, and the profiles that select them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from tgv_suite.noun import noun
from tgv_suite.text import Text

RequirementId = Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{2}$")]


class Role(StrEnum):
    """On which side of the exchange the harness stands when it tests a requirement."""

    CLIENT = "client"
    SERVER = "server"
    WEB = "web"
    SEVERANCE = "severance"


class SafetyClass(StrEnum):
    """What a check may do to the system."""

    PASSIVE = "passive"
    ACTIVE = "active"
    INTRUSIVE = "intrusive"


class Severity(StrEnum):
    """How much harm a breach does."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Method(StrEnum):
    """How a requirement is settled: by a test, by a test that a person completes, or on paper."""

    TEST = "test"
    ASSISTED = "assisted"
    ATTESTATION = "attestation"


class Level(StrEnum):
    """Whether the conclusion depends on a requirement."""

    MUST = "must"
    SHOULD = "should"


@noun
class Source:
    """Where a requirement comes from.

    Parameters
    ----------
    name:
        The standard or the law, for example ``RFC 8996`` or ``R-22.1``.
    section:
        The section or the article.
    state:
        For a law, the state of the text as it was seen.
    seen:
        The date of the text that was read.
    """

    name: str
    section: str | None = None
    state: Text | None = None
    seen: date | None = None


@noun
class Criteria:
    """The public TGV criteria that a requirement serves, in one edition (numbers aren't stable)."""

    edition: str
    ids: tuple[str, ...]


@noun
class Requirement:
    """One thing that is asked of a system, with its reasons, its remedy and its sources."""

    id: RequirementId
    role: Role
    safety: SafetyClass
    severity: Severity
    method: Method = Method.TEST
    title: Text
    statement: Text
    why: Text
    remedy: Text
    limits: Text
    sources: tuple[Source, ...]
    criteria: tuple[Criteria, ...] = ()

    @property
    def family(self) -> str:
        """The family's prefix, for example ``TLS``."""
        return self.id.partition("-")[0]


@noun
class RequirementFile:
    """One family of requirements, as its file holds it."""

    schema: Literal["tgv-requirements/1"]
    family: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    title: Text
    requirements: tuple[Requirement, ...]


@noun
class Catalogue:
    """Every requirement that is known, by id, and the families' titles.

    It is also what a bundle keeps of the catalogue, in ``requirements.yaml``.
    """

    schema: Literal["tgv-catalogue/1"] = "tgv-catalogue/1"
    requirements: Mapping[str, Requirement]
    families: Mapping[str, Text]


@noun
class Parameters:
    """The thresholds that a profile decides.

    Durations are in seconds (``_s``) or days (``_days``). ``shared_client_secrets`` says whether a
    client may prove itself by a secret that the server knows too. ``fuzz_requests`` is how many
    requests are generated for one operation from its description, at most, and ``fuzz_budget_s`` how
    long those of a service may take. ``login_attempts_cap`` is how many wrong passwords an account may
    be tried with before it is locked, and ``login_burst_cap`` how many logins may fail from one address.
    """

    certificate_lifetime_days: int = 398
    certificate_lifetime_private_days: int = 825
    rsa_bits: int = 2048
    ec_bits: int = 256
    dh_bits: int = 2048
    expiry_margin_days: int = 14
    revocation_cap_s: int = 900
    expiry_wait_s: int = 120
    audit_delay_cap_s: int = 60
    token_lifetime_cap_s: int = 3600
    code_lifetime_cap_s: int = 600
    shared_client_secrets: bool = True
    fuzz_requests: Annotated[int, Field(ge=1, le=100_000)] = 40
    fuzz_budget_s: Annotated[int, Field(ge=1, le=3600)] = 120
    login_attempts_cap: int = 5
    login_burst_cap: int = 60


@noun
class Selected:
    """A requirement as a profile selects it.

    Parameters
    ----------
    id:
        The requirement.
    level:
        ``must`` by default for critical and high ones, else ``should``.
    mandatory_declaration:
        Whether a manifest that doesn't declare the subject leaves the requirement inconclusive
        rather than not applicable.
    """

    id: RequirementId
    level: Level | None = None
    mandatory_declaration: bool = True


@noun
class Profile:
    """What is asked of one category of systems."""

    schema: Literal["tgv-profile/1"]
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    version: str
    title: Text
    purpose: Text
    category: str
    orientation: str
    parameters: Parameters = field(default_factory=Parameters)
    requirements: tuple[Selected, ...]


def level_of(selected: Selected, requirement: Requirement) -> Level:
    """The level of a selected requirement: the profile's word, else by its severity."""
    if selected.level is not None:
        return selected.level
    binding = requirement.severity in (Severity.CRITICAL, Severity.HIGH)
    return Level.MUST if binding else Level.SHOULD
