"""A bundle read back: what later commands know of a run, and all that they know."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from tgv_suite.errors import UserError, VerificationFailed
from tgv_suite.load.catalogue import load_recorded_catalogue, load_recorded_profile
from tgv_suite.load.papers import load_recorded_attestations, load_recorded_waivers
from tgv_suite.load.target import load_recorded_target
from tgv_suite.model.catalogue import Catalogue, Profile
from tgv_suite.model.papers import DocumentSeen, Papers
from tgv_suite.model.results import Results
from tgv_suite.model.target import Target
from tgv_suite.noun import noun
from tgv_suite.plan import Plan
from tgv_suite.text import Text

RESULTS: TypeAdapter[Results] = TypeAdapter(Results)
PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)
DOCUMENTS: TypeAdapter[tuple[DocumentSeen, ...]] = TypeAdapter(tuple[DocumentSeen, ...])
ATTESTATIONS_FILE = "attestations/attestations.yaml"
DOCUMENTS_FILE = "attestations/documents.json"
WAIVERS_FILE = "waivers.yaml"
_Content = TypeVar("_Content")


@noun
class Bundle:
    """What was asked, of whom, with what, what people signed, and what may be claimed."""

    folder: Path
    results: Results
    plan: Plan
    target: Target
    profile: Profile
    catalogue: Catalogue
    papers: Papers


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle's folder.

    Raises
    ------
    VerificationFailed
        When one of its files is missing, or isn't in the form that a run writes.
    """
    try:
        return Bundle(
            folder=folder,
            results=_json(folder / "results.json", RESULTS),
            plan=_json(folder / "plan.json", PLAN),
            target=load_recorded_target(folder / "target.yaml"),
            profile=load_recorded_profile(folder / "profile.yaml"),
            catalogue=load_recorded_catalogue(folder / "requirements.yaml"),
            papers=_papers(folder),
        )
    except (OSError, ValidationError, UserError) as fault:
        place = fault.place if isinstance(fault, UserError) else str(folder)
        raise VerificationFailed(
            message=Text(
                fr="ce dossier de preuves ne peut être relu",
                en="this bundle can't be read back",
            ),
            remedy=Text(
                fr="« tgv verify » nomme les fichiers qui manquent ou ont changé",
                en="“tgv verify” names the files that are missing or changed",
            ),
            place=place,
        ) from None


def _papers(folder: Path) -> Papers:
    """What people signed, in a bundle that holds any of it."""
    attestations, waivers = folder / ATTESTATIONS_FILE, folder / WAIVERS_FILE
    attested = attestations.exists()
    return Papers(
        attestations=load_recorded_attestations(attestations) if attested else (),
        documents=_json(folder / DOCUMENTS_FILE, DOCUMENTS) if attested else (),
        waivers=load_recorded_waivers(waivers) if waivers.exists() else (),
    )


def _json(path: Path, adapter: TypeAdapter[_Content]) -> _Content:
    return adapter.validate_json(path.read_bytes())
