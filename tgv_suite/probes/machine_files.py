"""Files of a machine that a reading must not give, each known by its content and never by its status."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from tgv_suite.model.facts import TraversalFact, TraversedPath
from tgv_suite.model.variant import Variant
from tgv_suite.probes.http import Raw

_READ = 64 * 1024
_SIGNATURES: Mapping[str, re.Pattern[str]] = {
    "issue": re.compile(r"\\{1,2}n \\{1,2}l\b|Kernel \\{1,2}r on an"),
    "passwd": re.compile(r"root:[x*!]?:0:0:|cm9vdDp4OjA6MD[o-r]"),
    "win.ini": re.compile(
        r"; for 16-bit app support|^\[fonts\]\s*$|OyBmb3IgMTYtYml0IGFwcCBzdXBwb3J0", re.M
    ),
}
"""What each file begins with, as it is or in Base64."""


def look(variants: Sequence[Variant], ask: Callable[[Variant | None], Raw]) -> TraversalFact:
    """Ask for each path, beside the permitted reading.

    Parameters
    ----------
    variants:
        The readings, with a path where they carry a value.
    ask:
        Sends the reading as it is, or varied; what it brings goes no further than this function.
    """
    known = contents(ask(None))
    return TraversalFact(
        paths=tuple(_seen(variant.name, ask(variant), known) for variant in variants)
    )


def _seen(name: str, raw: Raw, known: frozenset[str]) -> TraversedPath:
    content = next(iter(sorted(contents(raw) - known)), None)
    return TraversedPath(name=name, status=raw.status, failure=raw.failure, content=content)


def contents(raw: Raw) -> frozenset[str]:
    """The files whose content an answer shows."""
    text = raw.body[:_READ].decode("utf-8", "replace")
    return frozenset(name for name, shape in _SIGNATURES.items() if shape.search(text))
