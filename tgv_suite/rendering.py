"""A run's results rendered for its readers: the pages of a bundle, and the exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tgv_suite.model.catalogue import Catalogue
from tgv_suite.model.results import Results
from tgv_suite.model.target import Target
from tgv_suite.report import junit, markdown, sarif
from tgv_suite.report.build import Exhibit, View, build
from tgv_suite.report.render import render
from tgv_suite.text import Language

FORMATS: Mapping[str, Callable[[View, Language], str]] = {
    "html": render,
    "md": markdown.render,
    "junit": junit.render,
    "sarif": sarif.render,
}
"""Each format that a bundle can be rendered in; all of them tell the same verdicts."""


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
        exhibits=exhibits(folder, results),
        key_id=key_id,
    )


def exhibits(folder: Path, results: Results) -> Mapping[str, Exhibit]:
    """The readable exchanges that the results point to; one that is missing is left out."""
    paths = [p for r in results.requirements for check in r.checks for p in check.observations]
    return {
        path: Exhibit(path=path, title=Path(path).stem, text=(folder / path).read_text("utf-8"))
        for path in paths
        if (folder / path).is_file()
    }
