"""Subjects of the checks of bodies in XML, and of bodies that grow or nest without end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from pydantic import JsonValue

from tgv_suite.model.target import Operation, Target
from tgv_suite.model.variant import Variant
from tgv_suite.noun import noun
from tgv_suite.subjects.declared import (
    READS,
    first_of_each_operation,
    ordinary,
    permitted_accesses,
    permitted_writings,
)
from tgv_suite.subjects.input import every_json_writing, every_malformed_writing
from tgv_suite.subjects.places import NAMED
from tgv_suite.subjects.subject import (
    Access,
    Malformed,
    Nested,
    Subject,
    Undeclared,
    Writing,
    XmlConsumer,
)
from tgv_suite.text import Text

_UNIQUE = "{unique}"
_URL = "{url}"
_FILES = {
    "issue": "file:///etc/issue",
    "passwd": "file:///etc/passwd",
    "win-ini": "file:///c:/windows/win.ini",
}
"""Harmless files that machines have, and that are known by their content."""
_FANOUT, _LEVELS = 10, 4
_DEPTH = 10_000
_FHIR = "http://hl7.org/fhir"
_NARRATIVE = "zzt</div>"
_XHTML = "http://www.w3.org/1999/xhtml"
_ROOT = re.compile(r"<(?![?!])\s*([^\s/>]+)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_Leaf = Callable[[str, str], str]
"""Writes a field of one value: its name, then the value."""


def every_xml_consumer(target: Target) -> Sequence[Subject] | Undeclared:
    """Each reading and each update in XML, and one update in JSON of each service, written in XML.

    A framework may take XML wherever it takes JSON, and nobody may know of it.
    """
    writings = any(True for _ in permitted_writings(target))
    found = [*_declared(target), *_rewritten(target)]
    return found or Undeclared(
        missing=Text(
            fr="selon le manifeste, rien n'est demandé en XML, et aucune modification dont une lecture "
            "montre l'effet ne se fait en XML ni en JSON",
            en="by the manifest, nothing is asked for in XML, and no update whose effect a reading shows "
            "is made in XML or in JSON",
        ),
        offered=not writings,
    )


def every_nestable_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """One update in JSON of each service, with a value nested deeper than any reader needs."""
    malformed = every_malformed_writing(target)
    if isinstance(malformed, Undeclared):
        return malformed
    first: dict[str, Nested] = {}
    for one in malformed:
        if isinstance(one, Malformed):
            operation = one.writing.write.operation
            first.setdefault(operation.service, Nested(writing=one.writing, deep=_deep(operation)))
    return list(first.values())


def _declared(target: Target) -> Iterator[XmlConsumer]:
    """Each operation that the manifest declares in XML, once."""
    for reading in first_of_each_operation(ordinary(permitted_accesses(target, READS))):
        body = reading.operation.body
        value = NAMED.search(body) if isinstance(body, str) and _in_xml(reading.operation) else None
        if value is not None and reading.object.canaries:
            document = _Document(text=str(body), value=value[0], media_type=None)
            yield _consumer(reading, reading, document, declared=True)
    done: set[str] = set()
    for writing in permitted_writings(target):
        write = writing.write
        if write.actor.sacrificial or write.operation_id in done or not _in_xml(write.operation):
            continue
        done.add(write.operation_id)
        document = _Document(text=str(write.operation.body), value=_UNIQUE, media_type=None)
        yield _consumer(write, writing.reading, document, declared=True)


def _rewritten(target: Target) -> Iterator[XmlConsumer]:
    """One update in JSON of each service, in XML."""
    in_json = every_json_writing(target)
    first: dict[str, Writing] = {}
    for one in () if isinstance(in_json, Undeclared) else in_json:
        if isinstance(one, Writing):
            first.setdefault(one.write.operation.service, one)
    for writing in first.values():
        body = writing.write.operation.body
        if isinstance(body, dict) and _UNIQUE in json.dumps(body):
            document = _written_in_xml(body)
            yield _consumer(writing.write, writing.reading, document, declared=False)


def _in_xml(operation: Operation) -> bool:
    """Whether a request's body is announced as XML."""
    told = {name.lower(): value for name, value in operation.headers.items()}
    announced = told.get("content-type", "").partition(";")[0].strip().lower()
    return isinstance(operation.body, str) and announced.endswith(("/xml", "+xml"))


@noun
class _Document:
    """A body in XML, as a template.

    Parameters
    ----------
    value:
        What of it a reading asks by, or an update is known by.
    media_type:
        The Content-Type to send it under, where it isn't the declared one.
    """

    text: str
    value: str
    media_type: str | None

    def variant(self, name: str, text: str) -> Variant:
        """The request with another document in its body."""
        return Variant(name=name, text=text, media_type=self.media_type)

    def typed(self, subset: str, text: str | None = None) -> str:
        """A document with a document type before its root; ``subset`` is what follows the name."""
        content = self.text if text is None else text
        root = _ROOT.search(content)
        if root is None:
            return content
        return f"{content[: root.start()]}<!DOCTYPE {root[1]} {subset}>{content[root.start() :]}"

    def holding(self, reference: str) -> str:
        """The document with entities referred to in place of the value."""
        return self.text.replace(self.value, reference)

    def beside(self, reference: str) -> str:
        """The same where only an element's content may stand: an attribute can't (XML 1.0 §3.1)."""
        if _NARRATIVE in self.text:
            return self.text.replace(_NARRATIVE, f"{reference}{_NARRATIVE}", 1)
        return re.sub(
            rf"(>[^<]*?){re.escape(self.value)}", rf"\g<1>{reference}", self.text, count=1
        )


def _consumer(
    access: Access, shown_by: Access, document: _Document, *, declared: bool
) -> XmlConsumer:
    value = f'<!ENTITY zzt "{document.value}">'
    bomb = "".join(_bomb())
    return XmlConsumer(
        access=access,
        shown_by=shown_by,
        declared=declared,
        plain=document.variant("in-xml", document.text),
        internal=document.variant(
            "internal-entity", document.typed(f"[{value}]", document.holding("&zzt;"))
        ),
        external=tuple(_external(document)),
        bomb=document.variant(
            "bomb", document.typed(f"[{value}{bomb}]", document.holding(f"&zzt;&z{_LEVELS};"))
        ),
    )


def _external(document: _Document) -> Iterator[Variant]:
    """The document with what only another document holds: an entity, a part, the whole of its type."""
    places = {"general-entity": _URL, **_FILES}
    for name, address in places.items():
        subset = f'[<!ENTITY zzt SYSTEM "{address}">]'
        yield document.variant(name, document.typed(subset, document.beside("&zzt;")))
    yield document.variant(
        "parameter-entity", document.typed(f'[<!ENTITY % zzt SYSTEM "{_URL}"> %zzt;]')
    )
    yield document.variant("document-type", document.typed(f'SYSTEM "{_URL}"'))


def _bomb() -> Iterator[str]:
    """Entities that refer to one another ten times over: ten thousand expansions of nothing at all.

    They cost whoever expands them, and leave the value short enough to be taken.
    """
    yield '<!ENTITY z0 "">'
    for level in range(_LEVELS):
        yield f'<!ENTITY z{level + 1} "{f"&z{level};" * _FANOUT}">'


def _written_in_xml(body: dict[str, JsonValue]) -> _Document:
    """A JSON body in XML: by FHIR's rules when it is a resource, else an element a field."""
    kind = body.get("resourceType")
    if isinstance(kind, str) and _NAME.fullmatch(kind):
        return _Document(
            text=_resource(kind, body), value=_UNIQUE, media_type="application/fhir+xml"
        )
    inside = "".join(_elements(name, value, _holding) for name, value in body.items())
    return _Document(
        text=f"<request>{inside}</request>", value=_UNIQUE, media_type="application/xml"
    )


def _elements(name: str, value: JsonValue, leaf: _Leaf) -> str:
    """A field as an element, and what it holds as elements within."""
    if not _NAME.fullmatch(name):
        return ""
    if isinstance(value, list):
        return "".join(_elements(name, item, leaf) for item in value)
    if isinstance(value, dict):
        inside = "".join(_elements(key, item, leaf) for key, item in value.items())
        return f"<{name}>{inside}</{name}>"
    return leaf(name, _plain(value))


def _holding(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"


def _of_fhir(name: str, value: str) -> str:
    return f"<{name} value={quoteattr(value)}/>"


def _resource(kind: str, body: dict[str, JsonValue]) -> str:
    """A resource in XML (FHIR R4, xml.html), with a narrative: values are attributes elsewhere."""
    first = _elements("id", body["id"], _of_fhir) if "id" in body else ""
    told = {
        name: value for name, value in body.items() if name not in ("resourceType", "id", "text")
    }
    text = f'<text><status value="generated"/><div xmlns="{_XHTML}">{_NARRATIVE}</text>'
    inside = "".join(_elements(name, value, _of_fhir) for name, value in told.items())
    return f'<{kind} xmlns="{_FHIR}">{first}{text}{inside}</{kind}>'


def _plain(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _deep(operation: Operation) -> Variant:
    """The body whose telling field holds a list in a list in a list, ten thousand times."""
    text = json.dumps(operation.body, ensure_ascii=False)
    nested = "[" * _DEPTH + "]" * _DEPTH
    return Variant(
        name="lists-ten-thousand-deep",
        text=re.sub(rf'"[^"]*{re.escape(_UNIQUE)}[^"]*"', nested, text, count=1),
    )
