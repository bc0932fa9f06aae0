"""The gate at sealing: the recorder's own detector looks at every file once more.

What it still finds is a fault of the harness. The file is withheld and its requirement becomes
``harness_error``; the rest is sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tgv_suite.model.results import Cause, CheckResult, Verdict
from tgv_suite.text import Text

Detector = Callable[[str], frozenset[str]]


def withhold(folder: Path, detect: Detector) -> tuple[str, ...]:
    """Delete every file in which something secret or personal still stands, and name them.

    Parameters
    ----------
    folder:
        A folder of evidence.
    detect:
        Says which kinds of things still stand in a text.
    """
    leaking = [path for path in _files(folder) if detect(path.read_text("utf-8", "replace"))]
    for path in leaking:
        path.unlink()
    return tuple(path.name for path in leaking)


def withheld_result(result: CheckResult, names: tuple[str, ...]) -> CheckResult:
    """The result of a check some of whose evidence was withheld."""
    listed = ", ".join(names)
    return replace(
        result,
        verdict=Verdict.INCONCLUSIVE,
        cause=Cause.HARNESS_ERROR,
        observations=(),
        reason=Text(
            fr=f"défaut du banc d'essai : des preuves retenues contenaient un secret ou un "
            f"renseignement personnel ({listed})",
            en=f"fault of the harness: evidence was withheld, since it held a secret or personal "
            f"information ({listed})",
        ),
    )


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
