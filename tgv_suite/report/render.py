"""The report as one self-contained HTML page, which loads nothing and runs nothing."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from tgv_suite import locations
from tgv_suite.model.results import Verdict
from tgv_suite.report import words
from tgv_suite.report.build import View
from tgv_suite.report.visible import inline, visible
from tgv_suite.text import Language, Text

_NO_BREAK = "\u00a0"
_THIN_NO_BREAK = "\u202f"
_BEFORE_A_WIDE_SIGN = re.compile(r" (?=[:»%])")
_BEFORE_A_TALL_SIGN = re.compile(r" (?=[;?!])")


def render(view: View, language: Language) -> str:
    """The page of ``view`` in ``language``: the same view gives the same bytes.

    Parameters
    ----------
    view:
        What there is to tell. Its strings may come from a hostile system: each one is escaped, and
        what is invisible in it is spelled out.
    language:
        The language of the page.
    """
    return _environment(language).get_template("report.html.j2").render(view=view)


@cache
def _environment(language: Language) -> Environment:
    def said(value: object) -> str:
        return _said(value, language)

    environment = Environment(
        loader=FileSystemLoader(locations.reports() / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        # Every expression of a template passes through here: nothing reaches the page otherwise.
        finalize=said,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["whole"] = _whole
    environment.globals.update(
        language=language, words=words, say=words.WORDS, verdicts=tuple(Verdict)
    )
    return environment


def _said(value: object, language: Language) -> str:
    if isinstance(value, Markup):
        return value
    if value is None:
        raise TypeError("a template printed an absent value")
    if isinstance(value, Text):
        text = value.in_(language)
        return inline(_spaced(text) if language == "fr" else text)
    return inline(str(value))


def _whole(text: str) -> Markup:
    """An excerpt, which was cut already, without the limit of a paragraph."""
    return escape(visible(text))


def _spaced(text: str) -> str:
    """French with its spaces unbreakable: before ``: ; ? ! » %`` and after ``«``."""
    text = _BEFORE_A_WIDE_SIGN.sub(_NO_BREAK, text.replace("« ", f"«{_NO_BREAK}"))
    return _BEFORE_A_TALL_SIGN.sub(_THIN_NO_BREAK, text)
