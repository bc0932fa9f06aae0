"""Subjects of the checks of what a request carries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tgv_suite.model.response_headers import browser_sends
from tgv_suite.model.target import Operation, Target
from tgv_suite.subjects.declared import permitted_writings
from tgv_suite.subjects.subject import Subject, Undeclared, Writing, or_undeclared


def every_json_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each update in JSON whose effect a reading shows, once.

    By somebody whose credential a browser sends by itself where there is one: what a foreign page
    could have sent counts there.
    """
    first: dict[str, Writing] = {}
    for writing in sorted(_json_writings(target), key=_by_browser_first):
        first.setdefault(writing.write.operation_id, writing)
    return or_undeclared(
        list(first.values()),
        fr="aucune modification en JSON n'est déclarée, avec la lecture qui en montre l'effet",
        en="no update in JSON is declared, with the reading that shows its effect",
    )


def _json_writings(target: Target) -> Iterator[Writing]:
    for writing in permitted_writings(target):
        if _in_json(writing.write.operation) and not writing.write.actor.sacrificial:
            yield writing


def _in_json(operation: Operation) -> bool:
    """Whether a request's body is a JSON object, and is announced as JSON."""
    told = {name.lower(): value for name, value in operation.headers.items()}
    announced = told.get("content-type", "application/json").partition(";")[0].strip().lower()
    return isinstance(operation.body, dict) and announced.endswith(("/json", "+json"))


def _by_browser_first(writing: Writing) -> bool:
    return not browser_sends(writing.write.actor.authentication)
