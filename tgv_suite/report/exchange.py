"""An exchange as the page shows it: request and answer apart, what is at fault marked, bounded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from tgv_suite.model.credential import Credential
from tgv_suite.model.facts import Answer, AuditFact, Truncated
from tgv_suite.model.results import CheckResult
from tgv_suite.model.target import Target
from tgv_suite.model.tls import HelloAnswer, HelloOutcome
from tgv_suite.noun import noun
from tgv_suite.report import words
from tgv_suite.report.exhibit import Exhibit, took_effect
from tgv_suite.report.visible import cut_line, excerpt
from tgv_suite.text import Text

LINES_UNFOLDED = 28
MARKS_SHOWN = 20
FACT_LINE_CHARACTERS = 160
REASON_CHARACTERS = 2_000
_UNSAID = tuple(f'"{name}": null' for name in ("who", "patient", "when", "action", "outcome"))
_EXPECTED = "attendu"  # a reason says what was seen, then what was expected
_PRECISE = re.compile(r"(?=[\w.+-]*(?:\d|_|:?/))[\w.:/+-]{5,}\w")
_NUMBERS = re.compile(r"\[\s*(-?\d+(?:,\s*-?\d+)*)\s*\]")
_QUOTED = re.compile(r"«\s*([^«»]{3,200}?)\s*»")


@noun
class Mark:
    """A string that a finding is about, with what it is when that is known."""

    text: str
    meaning: Text | None = None


@noun
class Segment:
    """A run of text; ``marked`` when it is what the finding is about."""

    text: str
    marked: bool = False


@noun
class Pane:
    """One side of an exchange.

    Parameters
    ----------
    head, rest:
        What is shown at once, and what is folded.
    omitted:
        What isn't shown at all, in words.
    """

    head: tuple[Segment, ...]
    rest: tuple[Segment, ...]
    omitted: Text | None

    @property
    def marked_below(self) -> bool:
        """Whether what is at fault is in the folded part."""
        return any(segment.marked for segment in self.rest)


@noun
class Shown:
    """One exchange; the answer alone when what was observed isn't HTTP.

    Parameters
    ----------
    at_fault:
        Whether the finding rests on it.
    meanings:
        What the marked passages are.
    """

    path: str
    title: Text
    at_fault: bool
    request: Pane | None
    answer: Pane
    meanings: tuple[Text, ...]


def shown(exhibit: Exhibit, *, marks: Sequence[Mark], at_fault: bool) -> Shown:
    """An exhibit, drawn.

    Parameters
    ----------
    exhibit:
        What to show.
    marks:
        The strings to mark in it.
    at_fault:
        Whether the finding rests on it.
    """
    fact = exhibit.fact
    if not isinstance(fact, Answer):
        request, answer = None, exhibit.text if fact is None else condensed(exhibit.text)
    else:
        request, answer = _request(fact), _answer(fact)
    return Shown(
        path=exhibit.path,
        title=title(exhibit),
        at_fault=at_fault,
        request=None if request is None else _pane(request, ()),
        answer=_pane(answer, [mark.text for mark in marks]),
        meanings=tuple(dict.fromkeys(mark.meaning for mark in marks if mark.meaning is not None)),
    )


def title(exhibit: Exhibit) -> Text:
    """What the exchange is, in one line."""
    aim, fact = exhibit.aim, exhibit.fact
    if not isinstance(fact, Answer):
        kind = words.FACTS.get(type(fact).__name__)
        return _same(exhibit.title) if kind is None else words.joined(kind, _same(exhibit.title))
    outcome = words.status(fact.status) if fact.failure is None else _same(fact.failure)
    if exhibit.title.startswith("fetch."):
        return words.fetched(f"{fact.request.method} {fact.request.url}", outcome)
    if aim is None:
        return words.request(actor=fact.actor, label=exhibit.title, outcome=outcome)
    return words.exchange(
        actor=aim.actor,
        operation=aim.operation,
        object=aim.object,
        presented=words.varied(words.credential(aim.credential), aim.variant),
        outcome=outcome,
    )


def _same(text: str) -> Text:
    return Text(fr=text, en=text)


def at_fault(held: Sequence[Exhibit], check: CheckResult, target: Target) -> Sequence[Exhibit]:
    """The exchanges that a finding rests on.

    They are those that show most of what it is about, after the forbidden write whose effect they
    show; the last one when nothing tells.
    """
    found = [len(marks(each, held, check, target)) for each in held]
    most = max(found, default=0)
    telling = [
        exhibit
        for exhibit, count in zip(held, found, strict=True)
        if (most and count == most) or _forbidden_write(exhibit, held, target)
    ]
    return telling or held[-1:]


def marks(
    exhibit: Exhibit, held: Sequence[Exhibit], check: CheckResult, target: Target
) -> tuple[Mark, ...]:
    """The strings of an exhibit that the finding is about, as far as they are known.

    They are what the reason quotes or names, what belongs to an object that the actor may not see
    or that a spoilt credential opened, what a forbidden write left, an old version of TLS that was
    accepted, and what an audit record leaves unsaid.

    Parameters
    ----------
    exhibit, held:
        One of a check's exchanges, and all of them.
    check, target:
        What was concluded, and the declared policy.
    """
    fact = exhibit.fact
    reason = check.reason.fr[:REASON_CHARACTERS]
    if isinstance(fact, HelloAnswer):
        spoken = fact.outcome is HelloOutcome.ACCEPTED and fact.offered in reason
        wanted = (f'"offered": "{fact.offered}"', '"outcome": "accepted"') if spoken else ()
        return tuple(Mark(text=each) for each in wanted)
    if isinstance(fact, AuditFact):
        return tuple(Mark(text=each) for each in _UNSAID if each in exhibit.text)
    if not isinstance(fact, Answer):
        return tuple(_named(reason, exhibit.text))
    found = dict.fromkeys(_in_answer(exhibit, held, reason, target))
    return _with_status(fact, reason, [each for each in found if each.text in _answer(fact)])


def _with_status(answer: Answer, reason: str, found: Sequence[Mark]) -> tuple[Mark, ...]:
    named = found and f"statut {answer.status}" in reason
    return (Mark(text=f"HTTP {answer.status}"), *found) if named else tuple(found)


def _in_answer(
    exhibit: Exhibit, held: Sequence[Exhibit], reason: str, target: Target
) -> Iterator[Mark]:
    if not isinstance(exhibit.fact, Answer):
        return
    yield from (Mark(text=each) for each in _QUOTED.findall(reason))
    yield from _named(reason, exhibit.fact.body)
    yield from _hidden_from(exhibit, exhibit.fact, target)
    for each in held:
        if isinstance(each.fact, Answer) and _forbidden_write(each, held, target):
            yield Mark(text=each.fact.unique, meaning=words.written(each.fact.actor))


def _forbidden_write(exhibit: Exhibit, held: Sequence[Exhibit], target: Target) -> bool:
    aim = exhibit.aim
    named = None if aim is None else target.objects.get(aim.object)
    if aim is None or named is None:
        return False
    forbidden = aim.credential is not Credential.OWN or aim.actor not in named.owners
    return forbidden and took_effect(exhibit, held)


def _named(reason: str, text: str) -> Iterator[Mark]:
    """What was seen, by the reason, as it stands in a fact: dates, suites, addresses …"""
    seen = reason.partition(_EXPECTED)[0]
    for word in dict.fromkeys(_PRECISE.findall(seen)):
        if f'"{word}"' in text and f'"address": "{word}"' not in text:
            yield Mark(text=f'"{word}"')


def _hidden_from(exhibit: Exhibit, answer: Answer, target: Target) -> Sequence[Mark]:
    """What belongs only to objects that the actor may not see; all of it for a spoilt credential."""
    objects = target.objects.items()
    aim = exhibit.aim
    spoilt = aim is not None and aim.credential is not Credential.OWN
    own = {c for _, each in objects if answer.actor in each.owners for c in each.canaries}
    marks: dict[str, Mark] = {}
    for name, each in sorted(objects, key=lambda item: aim is None or item[0] != aim.object):
        for canary in each.canaries:
            if (spoilt or canary not in own) and _mentions(answer, [canary]):
                marks.setdefault(
                    canary, Mark(text=canary, meaning=words.belongs(name, each.owners))
                )
    return tuple(marks.values())


def _mentions(answer: Answer, strings: Sequence[str]) -> bool:
    try:
        return answer.mentions(strings)
    except Truncated:
        return False


def _request(answer: Answer) -> str:
    request = answer.request
    return _message(f"{request.method} {request.url}", request.headers, request.body)


def _answer(answer: Answer) -> str:
    if answer.failure is not None:
        return f"! {answer.failure} {answer.detail}".rstrip()
    return _message(f"HTTP {answer.status}", answer.headers, answer.body)


def _message(first: str, headers: Sequence[tuple[str, str]], body: str) -> str:
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    return "\n".join([*lines, *(["", laid_out(body)] if body else [])])


def laid_out(body: str) -> str:
    """JSON with its lines and indents, when nothing else changes; else the body as it is."""
    try:
        pretty = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body
    return pretty if "".join(pretty.split()) == "".join(body.split()) else body


def condensed(text: str) -> str:
    """A fact's JSON with each list of numbers on one line, and no endless line."""
    flat = _NUMBERS.sub(lambda found: f"[{' '.join(found.group(1).split())}]", text)
    return "\n".join(cut_line(line, FACT_LINE_CHARACTERS) for line in flat.split("\n"))


def _pane(text: str, marks: Sequence[str]) -> Pane:
    cut = excerpt(text)
    lines = cut.text.split("\n")
    head, rest = "\n".join(lines[:LINES_UNFOLDED]), "\n".join(lines[LINES_UNFOLDED:])
    return Pane(
        head=tuple(_segments(head, marks)),
        rest=tuple(_segments(rest, marks)),
        omitted=words.OMITTED.of(cut.omitted) if cut.omitted else None,
    )


def _segments(text: str, marks: Sequence[str]) -> Iterator[Segment]:
    pieces = [text] if text else []
    if marks:
        shape = "|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True))
        pieces = re.split(f"({shape})", text, maxsplit=MARKS_SHOWN)
    for at, piece in enumerate(pieces):
        if piece:
            yield Segment(text=piece, marked=at % 2 == 1)
