"""Audit trails: read as FHIR or as the manifest points, and never an error whatever they hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tgv_suite.model.facts import AuditRecord
from tgv_suite.model.target import AuditFields, AuditService
from tgv_suite.probes.audit_trail import records

FHIR = AuditService(type="audit", operation="trail", actor="auditor")
JSON = AuditService(
    type="audit",
    operation="trail",
    actor="auditor",
    format="json",
    fields=AuditFields(
        who="/user/id", patient="/subjects/0", when="/at", action="/a~1b", outcome="/ok"
    ),
)
EVENT: dict[str, Any] = {
    "resourceType": "AuditEvent",
    "recorded": "2026-01-02T03:04:05-05:00",
    "action": "R",
    "outcome": "0",
    "agent": [
        {"requestor": False, "who": {"identifier": {"value": "machine"}}},
        {"requestor": True, "who": {"identifier": {"value": "dre-a"}}},
    ],
    "entity": [{"what": {"reference": "Device/1"}}, {"what": {"reference": "http://x/Patient/p1"}}],
}
RECORD = AuditRecord(
    who="dre-a",
    patient="p1",
    when="2026-01-02T03:04:05-05:00",
    action="R",
    outcome="0",
    entities=("Device/1", "http://x/Patient/p1"),
)
NOTHING = AuditRecord(who=None, patient=None, when=None, action=None, outcome=None)


def bundle(*events: Any) -> str:
    return json.dumps({"entry": [{"resource": event} for event in events]})


def test_a_fhir_event_tells_its_requestor_and_its_patient() -> None:
    assert records(FHIR, bundle(EVENT, {"resourceType": "Patient"}, EVENT)) == (RECORD, RECORD)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ({"reference": "Practitioner/9"}, "Practitioner/9"),
        ({"display": "Dre A"}, "Dre A"),
        ({"identifier": {"value": ""}, "display": "Dre A"}, "Dre A"),
        ({}, None),
    ],
)
def test_whoever_is_named_in_some_way_is_told(who: dict[str, Any], said: str | None) -> None:
    (record,) = records(FHIR, bundle({**EVENT, "agent": [{"who": who}]}))

    assert record.who == said


def test_json_records_are_read_where_the_manifest_points() -> None:
    item = {"user": {"id": 7}, "subjects": ["p1"], "at": "now", "a/b": "read", "ok": 0}
    expected = AuditRecord(who="7", patient="p1", when="now", action="read", outcome="0")

    assert records(JSON, json.dumps([item])) == (expected,)
    assert records(JSON, json.dumps({"n": 1, "items": [item, item]})) == (expected, expected)


@pytest.mark.parametrize("service", [FHIR, JSON], ids=["fhir", "json"])
@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "null",
        "3",
        '"x"',
        "{}",
        "[" * 100_000,
        '{"entry": 5}',
        "[" + "9" * 5000 + "]",
        "\x00",
    ],
)
def test_what_is_no_trail_holds_no_event(service: AuditService, body: str) -> None:
    assert records(service, body) == ()


@pytest.mark.parametrize("junk", [None, 5, "x", [], {}, [[]], {"a": {}}, True, [None], ["x"]])
def test_an_event_of_any_shape_is_read_as_far_as_it_goes(junk: Any) -> None:
    for key in ("recorded", "action", "outcome", "agent", "entity"):
        (record,) = records(FHIR, bundle({**EVENT, key: junk}))
        assert isinstance(record, AuditRecord)
    assert records(FHIR, json.dumps({"entry": [junk, {"resource": junk}]})) == ()
    for key in ("user", "subjects", "at"):
        assert len(records(JSON, json.dumps([{key: junk}, junk]))) == 2
    assert records(JSON, json.dumps([junk])) == (NOTHING,)
