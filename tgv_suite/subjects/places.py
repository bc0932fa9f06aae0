"""Where a request carries values, and the same request with something else there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote
from xml.sax.saxutils import escape

from tgv_suite.model.target import Operation
from tgv_suite.model.variant import Variant
from tgv_suite.noun import noun

NAMED = re.compile(r"\{(?:person|object|nam)\}")
"""What names somebody or something in a template."""
_UNIQUE = "{unique}"


@noun
class Place:
    """Where a request carries a value: a segment of its path, a parameter, a field of its body.

    Parameters
    ----------
    name:
        Its name on record.
    template:
        What stands there.
    parameter:
        The parameter's name, when it is one.
    in_body, in_json:
        Whether it stands in the body, and whether that is JSON.
    """

    name: str
    template: str
    parameter: str | None
    in_body: bool
    in_json: bool = False


def places(operation: Operation) -> Iterator[Place]:
    """The places of a request whose value names something, and every parameter that it declares."""
    path, _, query = operation.path.partition("?")
    for found in dict.fromkeys(NAMED.findall(path)):
        yield Place(name=found[1:-1], template=found, parameter=None, in_body=False)
    text = operation.body if isinstance(operation.body, str) else ""
    in_xml = text.lstrip().startswith("<")
    for found in dict.fromkeys(NAMED.findall(text) if in_xml else ()):
        yield Place(name=found[1:-1], template=found, parameter=None, in_body=True)
    form = "" if in_xml else text
    for pairs, in_body in ((query, False), (form, True)):
        for pair in pairs.split("&"):
            name, _, value = pair.partition("=")
            if value:
                yield Place(name=name, template=pair, parameter=name, in_body=in_body)
    fields = operation.body if isinstance(operation.body, dict) else {}
    for name, content in fields.items():
        if isinstance(content, str) and NAMED.search(content):
            written = json.dumps(content, ensure_ascii=False)
            yield Place(name=name, template=written, parameter=None, in_body=True, in_json=True)


def telling(operation: Operation) -> Place | None:
    """Where a write's body carries the string that tells it from every other; None where it doesn't."""
    body = operation.body
    if isinstance(body, str):
        if _UNIQUE not in body:
            return None
        pairs = (pair for pair in body.split("&") if _UNIQUE in pair and "=" in pair)
        pair = "" if body.startswith("<") else next(pairs, "")
        name = pair.partition("=")[0] or "body"
        return Place(name=name, template=pair or _UNIQUE, parameter=pair and name, in_body=True)
    found = re.search(rf'"[^"]*{re.escape(_UNIQUE)}[^"]*"', json.dumps(body, ensure_ascii=False))
    if found is None:
        return None
    return Place(name="body", template=found[0], parameter=None, in_body=True, in_json=True)


def written(place: Place, value: str) -> str:
    """A value as it is written in its place."""
    if place.in_json:
        return json.dumps(value, ensure_ascii=False)[1:-1]
    if place.in_body and not place.parameter:
        return escape(value)
    return quote(value, safe="")


def holding(place: Place, value: str) -> str:
    """A place's template with another value, already in writing."""
    if place.in_json:
        return f'"{value}"'
    return f"{place.parameter}={value}" if place.parameter else value


def after(place: Place, suffix: str) -> str:
    """A place's template with something after its value."""
    if place.in_json:
        return f'{place.template[:-1]}{written(place, suffix)}"'
    return place.template + written(place, suffix)


def instead(place: Place, value: str) -> str:
    """A place's template with another value in it."""
    return holding(place, written(place, value))


def put(operation: Operation, place: Place, name: str, text: str) -> Variant:
    """The request with something in place of a template."""
    if not place.in_body:
        return Variant(name=name, path=operation.path.replace(place.template, text, 1))
    body = operation.body
    whole: str = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return Variant(name=name, text=whole.replace(place.template, text, 1))
