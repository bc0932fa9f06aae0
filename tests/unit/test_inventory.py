"""What a description offers and what a manifest declares, in the same words."""

from __future__ import annotations

from typing import Any

import pytest

from tgv_suite import inventory
from tgv_suite.model.target import FhirService, OpenApiService, Operation, OperationKind, Target

FHIR = FhirService(type="fhir-r4", url="https://si.example.org/fhir", untested=("Slot.read",))
REST = OpenApiService(
    type="openapi", url="https://si.example.org/v1/api/", untested=("delete /people/{id}",)
)


def target(**operations: Operation) -> Target:
    declared = Target.__new__(Target)
    object.__setattr__(declared, "services", {"fhir": FHIR, "rest": REST})
    object.__setattr__(declared, "operations", operations)
    return declared


def operation(service: str, kind: OperationKind, path: str, method: Any = "GET") -> Operation:
    return Operation(service=service, kind=kind, path=path, method=method)


def test_an_openapi_path_is_the_same_whatever_its_parameters_and_servers_are_called() -> None:
    document = {
        "servers": [{"url": "https://si.example.org/v1/api"}],
        "paths": {
            "/people/{personId}": {"get": {}, "delete": {}, "parameters": []},
            "/people": {"post": {}},
        },
    }
    declared = inventory.declared(
        target(read=operation("rest", OperationKind.READ, "/people/{object}?view=full")), "rest"
    )
    described = inventory.described(document, REST)
    assert described is not None
    assert described - declared == {"POST /v1/api/people"}


def test_a_path_that_a_manifest_fixes_is_the_one_that_is_described_with_a_parameter() -> None:
    fixed = operation("rest", OperationKind.READ, "/people/{object}/restrictions/zzt", "PUT")
    offered = frozenset(
        f"{method} /v1/api/people/{path}"
        for method in ("PUT", "GET")
        for path in ("{}/restrictions/{}", "{}/{}/zzt", "{}/restrictions", "me/restrictions/{}")
    )
    assert inventory.beyond(offered, target(fix=fixed), "rest") == [
        "GET /v1/api/people/me/restrictions/{}",
        "GET /v1/api/people/{}/restrictions",
        "GET /v1/api/people/{}/restrictions/{}",
        "GET /v1/api/people/{}/{}/zzt",
        "PUT /v1/api/people/me/restrictions/{}",
        "PUT /v1/api/people/{}/restrictions",
    ]


def test_a_fhir_interaction_is_named_by_its_resource_and_code() -> None:
    resources = [
        {"type": "Slot", "interaction": [{"code": "read"}, {"code": "search-type"}]},
        {"type": "Appointment", "interaction": [{"code": "patch"}, {"code": "create"}]},
    ]
    statement = {"resourceType": "CapabilityStatement", "rest": [{"resource": resources}]}
    declared = inventory.declared(
        target(
            search=operation("fhir", OperationKind.SEARCH, "/Slot?_count=1"),
            change=operation("fhir", OperationKind.UPDATE, "/Appointment/{object}", "PATCH"),
        ),
        "fhir",
    )
    described = inventory.described(statement, FHIR)
    assert described is not None
    assert described - declared == {"Appointment.create"}


@pytest.mark.parametrize(
    "document",
    [None, [], "x", {}, {"resourceType": "OperationOutcome"}, {"openapi": "3.1.0"}],
)
def test_what_is_no_description_offers_nothing_that_could_be_held_against_anybody(
    document: Any,
) -> None:
    assert inventory.described(document, FHIR) is None
    assert inventory.described(document, REST) is None


@pytest.mark.parametrize(
    "document",
    [
        {"paths": []},
        {"paths": {"/a": None}},
        {"paths": {}, "servers": [3]},
        {"paths": {}, "servers": {"url": 4}},
    ],
)
def test_a_malformed_description_offers_nothing(document: Any) -> None:
    assert inventory.described(document, REST) == frozenset()


def test_only_readings_without_parameters_under_a_debuggers_name_are_debugging_ones() -> None:
    document = {
        "servers": [{"url": "https://si.example.org/v1/api"}],
        "paths": {
            "/users/_debug": {"get": {}},
            "/config": {"get": {}, "put": {}},
            "/createdb": {"get": {}},
            "/logs/{id}": {"get": {}},
            "/catalogs": {"get": {}},
            "/dump": {"post": {}},
        },
    }
    assert inventory.debugging(document, REST) == ("/config", "/users/_debug")


@pytest.mark.parametrize("document", [None, [], {}, {"paths": []}, {"paths": {"/_debug": 1}}])
def test_nothing_is_a_debugging_reading_where_nothing_is_described(document: object) -> None:
    assert inventory.debugging(document, REST) == ()
