"""A FHIR server's CapabilityStatement, said in OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_ID = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
_DATE = r"^(eq|ne|gt|lt|ge|le)?[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?$"
_TYPES: dict[str, dict[str, Any]] = {
    "number": {"type": "number"},
    "date": {"type": "string", "pattern": _DATE},
    "string": {"type": "string", "minLength": 1},
    "token": {"type": "string", "minLength": 1},
    "reference": {"type": "string", "minLength": 1},
    "composite": {"type": "string", "minLength": 1},
    "quantity": {"type": "string", "pattern": r"^(eq|ne|gt|lt|ge|le)?-?[0-9]{1,9}(\.[0-9]{1,9})?$"},
    "uri": {"type": "string", "format": "uri"},
}
"""What a search parameter takes, by its type (FHIR R4 §3.1.1.4, search.html#ptypes)."""

_RESULT_SHAPING = ("_format", "_summary", "_elements", "_pretty", "_contained", "_containedType")
"""What changes the form of the answer, so that it would have to be judged otherwise."""


def openapi_of(statement: Any) -> dict[str, Any] | None:
    """A description of the readings and searches that a CapabilityStatement offers.

    The statement says nothing of the elements that a server takes, so that nothing which writes can
    be made from it.

    Parameters
    ----------
    statement:
        The CapabilityStatement, as JSON (FHIR R4, capabilitystatement.html).

    Returns
    -------
    dict or None
        An OpenAPI 3.1 description; None when it isn't a CapabilityStatement.
    """
    if not isinstance(statement, dict) or statement.get("resourceType") != "CapabilityStatement":
        return None
    paths = dict(_paths(statement))
    return {"openapi": "3.1.0", "info": {"title": "FHIR", "version": "4.0.1"}, "paths": paths}


def _paths(statement: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for rest in _objects(statement.get("rest")):
        for resource in _objects(rest.get("resource")):
            kind = resource.get("type")
            offered = {one.get("code") for one in _objects(resource.get("interaction"))}
            if not isinstance(kind, str):
                continue
            if "read" in offered:
                yield f"/{kind}/{{id}}", {"get": _read(kind)}
            if "search-type" in offered:
                yield f"/{kind}", {"get": _search(resource)}


def _read(kind: str) -> dict[str, Any]:
    parameter = {"name": "id", "in": "path", "required": True, "schema": _ID}
    return {"parameters": [parameter], "responses": _responses(kind)}


def _search(resource: dict[str, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = {"_count": {"type": "integer", "minimum": 0, "maximum": 1000}}
    for one in _objects(resource.get("searchParam")):
        name, kind = one.get("name"), one.get("type")
        if isinstance(name, str) and name not in _RESULT_SHAPING and kind in _TYPES:
            parameters.setdefault(name, _TYPES[kind])
    return {
        "parameters": [
            {"name": name, "in": "query", "schema": schema} for name, schema in parameters.items()
        ],
        "responses": _responses("Bundle"),
    }


def _responses(kind: str) -> dict[str, Any]:
    """A resource of that type, or an error; what else a resource holds is left to other checks."""
    schema = {
        "type": "object",
        "required": ["resourceType"],
        "properties": {"resourceType": {"const": kind}},
    }
    content = {"application/fhir+json": {"schema": schema}}
    return {"200": {"description": kind, "content": content}, "default": {"description": "error"}}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    items = value if isinstance(value, list) else []
    return (item for item in items if isinstance(item, dict))
