"""Markdown: the conclusion and every requirement, to paste where people talk about a run."""

from __future__ import annotations

import re

from tgv_suite.model.results import CheckResult, Verdict
from tgv_suite.report.build import Entry, View
from tgv_suite.report.visible import inline
from tgv_suite.report.words import (
    CONCLUSION_SIGNS,
    CONCLUSIONS,
    FATES,
    LIMITS,
    MEANINGS,
    VERDICTS,
    WORDS,
)
from tgv_suite.text import Language

_SYNTAX = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")


def render(view: View, language: Language) -> str:
    """A run as Markdown.

    Parameters
    ----------
    view:
        The run.
    language:
        Of the page.
    """
    results = view.results
    concluded = CONCLUSIONS[results.conclusion].in_(language)
    lines = [
        f"# {_plain(results.si.name)} {_plain(results.si.version)}",
        "",
        f"**{CONCLUSION_SIGNS[results.conclusion]} {concluded}** — "
        f"{MEANINGS[results.conclusion].in_(language)}",
        "",
        *(f"- {limit.in_(language)}" for limit in LIMITS),
    ]
    for verdict in Verdict:
        if view.entries[verdict]:
            lines += ["", f"## {VERDICTS[verdict].heading.in_(language)}", ""]
            lines += [line for entry in view.entries[verdict] for line in _entry(entry, language)]
    if view.left:
        lines += ["", f"## {WORDS['left'].in_(language)}", ""]
        lines += [
            f"- {_plain(each.operation)} ({_plain(each.actor)}) {_plain(each.identifier)} – "
            f"{FATES[each.fate].in_(language)}"
            for each in view.left
        ]
    return "\n".join(lines) + "\n"


def _entry(entry: Entry, language: Language) -> list[str]:
    requirement, result = entry.requirement, entry.result
    sign = VERDICTS[result.verdict].sign
    lines = [f"- {sign} **{requirement.id}** {_plain(requirement.title.in_(language))}"]
    if result.verdict is Verdict.PASS:
        return lines
    told = dict.fromkeys(_told(c, language) for c in result.checks if c.verdict is result.verdict)
    lines += [f"  - {reason}" for reason in told]
    if result.verdict is Verdict.FAIL:
        lines.append(f"  - {_plain(requirement.remedy.in_(language))}")
    return lines


def _told(check: CheckResult, language: Language) -> str:
    return _plain(check.reason.in_(language))


def _plain(text: str) -> str:
    """A text that no Markdown reader takes for markup, on one line."""
    return _SYNTAX.sub(r"\\\1", " ".join(inline(text).split()))
