"""A run's results rendered for its readers: the pages of a bundle, and the exports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from tgv_suite.evidence.observations import FACTS_FILE, TAPE
from tgv_suite.model.catalogue import Catalogue
from tgv_suite.model.results import RequirementResult, Results
from tgv_suite.model.target import Target
from tgv_suite.report import allure, junit, markdown, sarif
from tgv_suite.report.build import View, build
from tgv_suite.report.exhibit import Exhibit
from tgv_suite.report.render import render
from tgv_suite.text import Language
from tgv_suite.witness import Recorded, reread

FORMATS: Mapping[str, Callable[[View, Language], str]] = {
    "html": render,
    "md": markdown.render,
    "junit": junit.render,
    "sarif": sarif.render,
}
"""Each format that a bundle can be rendered in as one text; all of them tell the same verdicts."""

FOLDERS = ("allure",)
"""The formats that are a folder of files: ``allure_files``."""


def view(
    folder: Path, *, results: Results, catalogue: Catalogue, target: Target, key_id: str | None
) -> View:
    """What every format is rendered from.

    Parameters
    ----------
    folder:
        The bundle, for its exchanges.
    results, catalogue, target:
        What was judged, and of whom.
    key_id:
        The key that seals it.
    """
    return build(
        results=results,
        catalogue=catalogue,
        target=target,
        exhibits=exhibits(folder, results.requirements),
        key_id=key_id,
    )


def exhibits(folder: Path, requirements: Iterable[RequirementResult]) -> Mapping[str, Exhibit]:
    """The exchanges that the results point to; one that is missing is left out."""
    paths = [p for r in requirements for check in r.checks for p in check.observations]
    tapes = {at: _facts(folder / at) for at in {p.rpartition("/")[0] for p in paths}}
    return {
        path: _exhibit(folder, path, tapes[path.rpartition("/")[0]])
        for path in paths
        if (folder / path).is_file()
    }


def _facts(folder: Path) -> Sequence[Recorded]:
    tape = folder / FACTS_FILE
    return TAPE.validate_json(tape.read_bytes()).facts if tape.is_file() else ()


def _exhibit(folder: Path, path: str, facts: Sequence[Recorded]) -> Exhibit:
    """A readable exchange, with the fact of the same number when the bundle holds it."""
    number, _, title = Path(path).stem.partition("-")
    at = int(number) - 1 if number.isdecimal() else len(facts)
    return Exhibit(
        path=path,
        title=facts[at].label if at < len(facts) else title or number,
        text=(folder / path).read_text("utf-8"),
        fact=reread(facts[at]) if at < len(facts) else None,
    )


def allure_files(
    folder: Path, *, results: Results, catalogue: Catalogue, language: Language
) -> Mapping[str, str]:
    """A run as a folder of Allure results, by file name.

    Parameters
    ----------
    folder:
        The bundle, for its exchanges.
    results, catalogue:
        What was judged.
    language:
        Of the messages.
    """
    run = allure.Run(
        id=results.run.id,
        mode=results.run.mode,
        started=results.run.started,
        si=results.si,
        profile=results.profile,
        conclusion=results.conclusion,
    )
    return allure.render(
        run, results.requirements, catalogue, exhibits(folder, results.requirements), language
    )
