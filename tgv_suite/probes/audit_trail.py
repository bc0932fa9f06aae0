"""Reading an audit trail: FHIR AuditEvent, or JSON records whose fields the manifest points to."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from tgv_suite.model.facts import AuditRecord
from tgv_suite.model.json_tree import parsed
from tgv_suite.model.target import AuditFields, AuditService


def records(service: AuditService, body: str) -> tuple[AuditRecord, ...]:
    """The events in an answer; none when it can't be read."""
    content: JsonValue = parsed(body)
    if service.format == "json" and service.fields is not None:
        return tuple(_from_json(item, service.fields) for item in _items(content))
    return tuple(_from_fhir(item) for item in _resources(content))


def _items(content: JsonValue) -> list[JsonValue]:
    if isinstance(content, list):
        return content
    lists = (
        [v for v in content.values() if isinstance(v, list)] if isinstance(content, dict) else []
    )
    return lists[0] if lists else []


def _from_json(item: JsonValue, fields: AuditFields) -> AuditRecord:
    return AuditRecord(
        who=_text(_at(item, fields.who)),
        patient=_text(_at(item, fields.patient)),
        when=_text(_at(item, fields.when)),
        action=_text(_at(item, fields.action)),
        outcome=_text(_at(item, fields.outcome)),
        id=None if fields.id is None else _text(_at(item, fields.id)),
    )


def _at(value: JsonValue, pointer: str) -> JsonValue:
    """What a JSON pointer (RFC 6901) points to, or None."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _resources(content: JsonValue) -> list[JsonValue]:
    entries = content.get("entry") if isinstance(content, dict) else None
    found = (
        [entry.get("resource") for entry in entries if isinstance(entry, dict)]
        if isinstance(entries, list)
        else []
    )
    return [r for r in found if isinstance(r, dict) and r.get("resourceType") == "AuditEvent"]


def _from_fhir(event: JsonValue) -> AuditRecord:
    """One AuditEvent (FHIR R4): its requestor, the patient among its entities, and the rest."""
    agents = _list(event, "agent")
    requestors = [agent for agent in agents if _at(agent, "/requestor") is True] or agents
    entities = [_text(_at(entity, "/what/reference")) for entity in _list(event, "entity")]
    patients = [reference for reference in entities if reference and "Patient/" in reference]
    return AuditRecord(
        who=_first(
            requestors,
            ["/who/identifier/value", "/who/reference", "/who/display", "/altId", "/name"],
        ),
        patient=patients[0].rpartition("Patient/")[2] if patients else None,
        when=_text(_at(event, "/recorded")),
        action=_text(_at(event, "/action")),
        outcome=_text(_at(event, "/outcome")),
        id=_text(_at(event, "/id")),
        entities=tuple(reference for reference in entities if reference),
    )


def _list(value: JsonValue, key: str) -> list[JsonValue]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _first(values: Sequence[JsonValue], pointers: Sequence[str]) -> str | None:
    found = [_text(_at(value, pointer)) for value in values for pointer in pointers]
    return next((text for text in found if text), None)


def _text(value: JsonValue) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    return str(value) if isinstance(value, str | int | float) and str(value) else None
