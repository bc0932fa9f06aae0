"""What people sign beside a run: attestations of what no machine can tell, and waivers."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field

from tgv_suite.model.catalogue import RequirementId
from tgv_suite.noun import noun

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@noun
class Signatory:
    """Who signs: a person, for an organisation."""

    name: str
    role: str | None = None
    organisation: str


@noun
class AttestedDocument:
    """A document by what identifies it; its content stays with whoever holds it.

    Parameters
    ----------
    name:
        Its file, from the folder of the attestations.
    sha256:
        The digest of its bytes, in hexadecimal.
    size:
        In bytes.
    """

    name: str
    sha256: Sha256
    size: Annotated[int, Field(ge=1)]


@noun
class Attestation:
    """A person's word that a requirement is met, on the strength of documents.

    Parameters
    ----------
    date, expiry:
        From which day and until which day, included, it counts.
    """

    requirement: RequirementId
    signatory: Signatory
    documents: Annotated[tuple[AttestedDocument, ...], Field(min_length=1)]
    date: datetime.date
    expiry: datetime.date
    note: str | None = None


@noun
class AttestationFile:
    """``attestations.yaml``."""

    schema: Literal["tgv-attestations/1"] = "tgv-attestations/1"
    attestations: Annotated[tuple[Attestation, ...], Field(min_length=1)]


@noun
class DocumentSeen:
    """What stood, at the time of the run, where an attestation says that its document is.

    Parameters
    ----------
    sha256:
        The digest of what was there; None when nothing was.
    """

    name: str
    sha256: Sha256 | None


@noun
class Waiver:
    """A failure that somebody asks to bear for a time, and that somebody else approves.

    Parameters
    ----------
    check:
        The only check that it covers; every check of the requirement when there is none.
    expiry:
        The last day on which it counts.
    """

    requirement: RequirementId
    check: str | None = None
    reason: str
    author: str
    approver: str
    expiry: datetime.date


@noun
class WaiverFile:
    """``waivers.yaml``."""

    schema: Literal["tgv-waivers/1"] = "tgv-waivers/1"
    waivers: Annotated[tuple[Waiver, ...], Field(min_length=1)]


@noun
class Papers:
    """All that people signed for a run.

    Parameters
    ----------
    documents:
        What was seen of the attested documents.
    """

    attestations: tuple[Attestation, ...] = ()
    documents: tuple[DocumentSeen, ...] = ()
    waivers: tuple[Waiver, ...] = ()
