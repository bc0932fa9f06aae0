"""The report as one self-contained HTML page, which loads nothing and runs nothing."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from tgv_suite import locations
from tgv_suite.model.catalogue import Level, Severity
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
    style = _style(view)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    template = _environment(language).get_template("report.html.j2")
    return template.render(view=view, style=Markup(style), style_digest=digest)


def _style(view: View) -> str:
    """The page's only style sheet, with a rule for each filter; its digest is the page's policy."""
    css = (locations.reports() / "templates" / "report.css").read_text(encoding="utf-8")
    names = (*Verdict, *Level, *Severity, *(family for family, _ in view.families))
    rules = "\n".join(
        f"  body:has(#show-{name}:not(:checked)) article.{name} {{ display: none; }}"
        for name in names
    )
    return f"{css}@media screen {{\n{rules}\n}}\n"


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
    environment.filters["sentence"] = _sentence
    environment.globals.update(
        language=language,
        words=words,
        say=words.WORDS,
        verdicts=tuple(Verdict),
        levels=tuple(Level),
        severities=tuple(Severity),
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


def _sentence(text: Text) -> Text:
    """A text with a capital, where it starts with a word in small letters."""
    return Text(fr=_capital(text.fr), en=_capital(text.en))


def _capital(text: str) -> str:
    word = text.split(" ", 1)[0].replace("'", "")
    return text[:1].upper() + text[1:] if word.isalpha() else text


def _spaced(text: str) -> str:
    """French with its spaces unbreakable: before ``: ; ? ! » %`` and after ``«``."""
    text = _BEFORE_A_WIDE_SIGN.sub(_NO_BREAK, text.replace("« ", f"«{_NO_BREAK}"))
    return _BEFORE_A_TALL_SIGN.sub(_THIN_NO_BREAK, text)
