"""Changes in XML: what is sent of them, and what is made of the answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from xml.parsers import expat

import pytest
import requests
from pydantic import JsonValue

from tests.unit.test_subjects import change, found, names, reading, target
from tgv_suite.model.facts import EntityFact
from tgv_suite.model.target import Operation
from tgv_suite.model.variant import Variant
from tgv_suite.probes import entities
from tgv_suite.probes.http import Raw
from tgv_suite.probes.sink import Sink
from tgv_suite.probes.template import fill
from tgv_suite.subjects.subject import Nested, Undeclared, XmlConsumer
from tgv_suite.subjects.xml_bodies import every_nestable_writing, every_xml_consumer
from tgv_suite.system import Call

SOAP = '<?xml version="1.0"?>\n<e:Envelope xmlns:e="urn:e"><b k="1">{unique}</b></e:Envelope>'


def consumer(operation: Operation) -> XmlConsumer:
    (subject,) = found(
        every_xml_consumer(target({"note-change": operation, "note-read": reading()}))
    )
    assert isinstance(subject, XmlConsumer)
    return subject


def declared() -> XmlConsumer:
    return consumer(
        change(body=SOAP, headers={"Content-Type": "application/soap+xml; charset=utf-8"})
    )


def rewritten(body: JsonValue) -> XmlConsumer:
    return consumer(change(body=body))


def text(subject: XmlConsumer, variant: Variant) -> str:
    told = target({"note-change": subject.access.operation, "note-read": reading()})
    filled = fill(told, subject.access.operation, "note-a", variant)
    return (filled.body or b"").decode().replace(filled.unique or "{unique}", "UNIQUE")


def parsed(document: str) -> str:
    """The text and the attributes of a document, with its own entities expanded."""
    said: list[str] = []
    parser = expat.ParserCreate()
    parser.CharacterDataHandler = said.append
    parser.StartElementHandler = lambda name, attributes: said.extend(attributes.values())
    parser.ExternalEntityRefHandler = lambda context, base, system, public: 1
    parser.Parse(document, True)
    return "".join(said)


def test_a_change_declared_in_xml_is_sent_as_it_is_and_keeps_its_type() -> None:
    subject = declared()
    assert subject.declared
    assert text(subject, subject.plain) == SOAP.replace("{unique}", "UNIQUE")
    assert subject.plain.media_type is None


def test_a_reading_declared_in_xml_is_tried_by_the_value_that_it_asks_by() -> None:
    body = '<e:Envelope xmlns:e="urn:e"><of>{object}</of></e:Envelope>'
    asked = reading(method="POST", path="/soap", body=body, headers={"Content-Type": "text/xml"})
    told = target({"note-find": asked})
    (subject,) = found(every_xml_consumer(told))
    assert isinstance(subject, XmlConsumer)
    assert subject.reads
    filled = {
        variant.name: (fill(told, asked, "note-a", variant).body or b"").decode()
        for variant in (subject.plain, subject.internal, *subject.external)
    }
    assert filled["in-xml"] == body.replace("{object}", "id-clinic-a")
    assert filled["internal-entity"] == (
        '<!DOCTYPE e:Envelope [<!ENTITY zzt "id-clinic-a">]>'
        '<e:Envelope xmlns:e="urn:e"><of>&zzt;</of></e:Envelope>'
    )
    assert "<of>&zzt;</of>" in filled["general-entity"]
    unmarked = replace(told.objects["note-a"], canaries=())
    bare = target({"note-find": asked}, objects={"note-a": unmarked})
    assert isinstance(every_xml_consumer(bare), Undeclared)


def test_a_json_change_is_written_in_xml_an_element_a_field() -> None:
    subject = rewritten({"text": "a < {unique}", "more": [{"yes": True}, None]})
    assert not subject.declared
    assert subject.plain.media_type == "application/xml"
    assert text(subject, subject.plain) == (
        "<request><text>a &lt; UNIQUE</text><more><yes>true</yes></more><more></more></request>"
    )


def test_a_fhir_resource_is_written_by_the_rules_of_fhir() -> None:
    subject = rewritten(
        {
            "status": "booked",
            "resourceType": "Appointment",
            "id": "{object}",
            "comment": 'a "{unique}"',
            "participant": [{"actor": {"display": "x"}}],
        }
    )
    assert subject.plain.media_type == "application/fhir+xml"
    assert text(subject, subject.plain) == (
        '<Appointment xmlns="http://hl7.org/fhir"><id value="id-clinic-a"/>'
        '<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">zzt</div></text>'
        """<status value="booked"/><comment value='a "UNIQUE"'/>"""
        '<participant><actor><display value="x"/></actor></participant></Appointment>'
    )


@pytest.mark.parametrize(
    "subject",
    [
        declared,
        lambda: rewritten({"text": "{unique}"}),
        lambda: rewritten({"resourceType": "Basic", "id": "{object}", "code": "{unique}"}),
    ],
)
def test_each_document_is_well_formed_and_says_its_value_by_its_entities(
    subject: Callable[[], XmlConsumer],
) -> None:
    one = subject()
    told = parsed(text(one, one.plain))
    for variant in (one.internal, one.bomb):
        assert "UNIQUE" not in text(one, variant).partition("]>")[2]
        assert parsed(text(one, variant)) == told
    for variant in one.external:
        document = text(one, variant).replace("{url}", "http://zzt.invalid/")
        assert "SYSTEM" in document
        parsed(document)
    assert [v.name for v in one.external if "{url}" in (v.text or "")] == [
        "general-entity",
        "parameter-entity",
        "document-type",
    ]


def test_a_reference_to_another_document_never_stands_in_an_attribute() -> None:
    (general, *_) = rewritten({"resourceType": "Basic", "code": "{unique}"}).external
    assert ">&zzt;zzt</div>" in (general.text or "")
    assert "&zzt;" not in "".join(
        v.text or ""
        for v in consumer(
            change(body='<a b="{unique}"/>', headers={"Content-Type": "text/xml"})
        ).external
    )


def test_a_bomb_expands_ten_thousand_times_and_is_a_kilobyte_at_most() -> None:
    bomb = rewritten({"text": "{unique}"}).bomb.text or ""
    assert len(bomb) < 1024
    times = 1
    for level in range(1, 5):
        (line,) = [x for x in bomb.split("<!ENTITY ") if x.startswith(f"z{level} ")]
        times *= line.count(f"&z{level - 1};")
    assert times == 10_000


def test_each_service_is_tried_once_with_xml_and_once_with_a_nested_value() -> None:
    told = target(
        {
            "note-change": change(),
            "note-change-again": change(path="/again/{object}"),
            "note-in-xml": change(body=SOAP, headers={"Content-Type": "text/xml"}),
            "note-read": reading(),
        }
    )
    assert names(every_xml_consumer(told)) == ["note-in-xml.clinic-a", "note-change.clinic-a"]
    (nested,) = found(every_nestable_writing(told))
    assert isinstance(nested, Nested)
    assert nested.name == "note-change.clinic-a"
    filled = fill(told, nested.writing.write.operation, "note-a", nested.deep)
    assert filled.body == b'{"text": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"


def test_a_system_whose_changes_are_in_neither_is_not_concerned_by_xml() -> None:
    other = every_xml_consumer(
        target({"note-change": change(body="zzt {unique}"), "note-read": reading()})
    )
    assert isinstance(other, Undeclared)
    assert not other.offered
    nothing = every_xml_consumer(target({"note-read": reading()}))
    assert isinstance(nothing, Undeclared)
    assert nothing.offered


def test_a_system_without_a_change_in_either_has_nothing_to_try() -> None:
    for told in (
        target({"note-read": reading()}),
        target({"note-change": change(body="zzt"), "note-read": reading()}),
    ):
        assert isinstance(every_xml_consumer(told), Undeclared)
        assert isinstance(every_nestable_writing(told), Undeclared)


# --- What is seen of a parser ---------------------------------------------------------------

WRITE = Call(
    operation="w", actor="a", object="o", variant=Variant(name="general-entity", text="{url}")
)
READ = Call(operation="r", actor="a", object="o")


def seen(write: Callable[[str], bytes], read: list[bytes], sink: Sink | None) -> EntityFact:
    """What is seen of a system that writes and reads like this."""

    def ask(call: Call) -> Raw:
        body = write(dict(call.values)["url"]) if call.operation == "w" else read.pop(0)
        return Raw(status=200, body=body)

    return entities.look(WRITE, READ, ask, sink)


def called(address: str) -> bytes:
    requests.get(address, timeout=5)
    return b""


def test_a_parser_that_calls_the_listener_is_heard() -> None:
    sink = Sink("127.0.0.1", 0)
    try:
        heard = seen(called, [b"", b""], sink)
        assert (heard.called, heard.listening, heard.alive) == (True, True, True)
        assert not seen(lambda address: b"", [b"", b""], sink).called
    finally:
        sink.close()


def test_without_a_listener_nothing_is_claimed_to_be_heard() -> None:
    silent = seen(lambda address: address.encode(), [b"", b""], None)
    assert (silent.called, silent.listening, silent.alive) == (False, False, False)


@pytest.mark.parametrize(
    ("content", "file"),
    [
        (b'{"comment": "Debian GNU/Linux 12 \\\\n \\\\l\\n"}', "issue"),
        (b"Ubuntu 24.04 LTS \\n \\l\n", "issue"),
        (b"Welcome to Alpine\nKernel \\r on an \\m (\\l)", "issue"),
        (b"root:x:0:0:root:/root:/bin/sh", "passwd"),
        (b"; for 16-bit app support", "win.ini"),
        (b'{"comment": "new \\n line"}', None),
    ],
)
def test_a_file_is_told_by_what_is_read_and_wasnt_before(content: bytes, file: str | None) -> None:
    assert seen(lambda address: b"", [b"", content], None).content == file
    assert seen(lambda address: content, [b"", b""], None).content == file
    assert seen(lambda address: b"", [content, content], None).content is None
