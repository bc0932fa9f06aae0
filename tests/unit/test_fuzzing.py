"""Requests made from a description: always the same from a seed, within their own path, and told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.answers import answer
from tgv_suite import nam
from tgv_suite.model.facts import Answer, Failure
from tgv_suite.model.fuzzing import Because, FuzzFact
from tgv_suite.model.target import (
    Actor,
    BearerAuthentication,
    OpenApiService,
    Operation,
    OperationKind,
    SyntheticObject,
)
from tgv_suite.probes import generation
from tgv_suite.probes.fhir_description import openapi_of
from tgv_suite.probes.fuzzing import Campaign, Means
from tgv_suite.probes.generation import (
    Generation,
    NotGenerated,
    Order,
    Wanted,
    described,
    generate,
    generated_here,
)
from tgv_suite.probes.http import Raw
from tgv_suite.probes.scope import Guard, ScopeViolation, guarding
from tgv_suite.probes.template import Filled
from tgv_suite.subjects.subject import Access, FuzzedService, Writing
from tgv_suite.system import Call

NOTE = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "maxLength": 5}, "kind": {"enum": ["a", "b"]}},
}
DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "servers": [{"url": "/v1"}],
    "security": [{"key": []}],
    "paths": {
        "/notes/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "get": {
                "responses": {
                    "200": {
                        "description": "a note",
                        "content": {"application/json": {"schema": NOTE}},
                    }
                }
            },
            "put": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": NOTE}},
                },
                "responses": {"200": {"description": "done"}},
            },
        },
    },
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
}
READ = Wanted(
    name="read",
    method="GET",
    path="/notes/{id}",
    path_values={"id": "n-1"},
    query_values={},
    body=None,
    free=(),
)
WRITE = Wanted(
    name="write",
    method="PUT",
    path="/notes/{id}",
    path_values={"id": "n-1"},
    query_values={},
    body={"text": "zzt", "kind": "a"},
    free=("text",),
)


def generated(seed: int = 0, limit: int = 12, **more: Any) -> Generation:
    order = Order(description={**DESCRIPTION, **more}, seed=seed, limit=limit, wanted=(READ, WRITE))
    return generated_here(order)


def bodies(made: Generation) -> list[Any]:
    """The JSON objects that would be written."""
    read = [json.loads(one.body or b"null") for one in made.made[1].requests if _in_json(one.body)]
    return [content for content in read if isinstance(content, dict)]


def _in_json(body: bytes | None) -> bool:
    try:
        json.loads(body or b"")
    except ValueError:
        return False
    return True


def test_a_seed_gives_the_same_requests_in_another_process_and_another_seed_others() -> None:
    order = Order(description=DESCRIPTION, seed=0, limit=12, wanted=(READ, WRITE))
    once = generate(order, nullcontext)
    generation._generated.cache_clear()
    assert generate(order, nullcontext) == once
    assert generate(replace(order, seed=1), nullcontext) != once
    assert once.engine.startswith("schemathesis 4.")
    assert {one.valid for one in once.made[1].requests} == {True, False}


def test_what_writes_goes_to_the_object_given_up_for_it_and_changes_only_what_is_free() -> None:
    made = generated()
    assert {one.path for one in made.made[1].requests} == {"/notes/n-1"}
    assert {content["kind"] for content in bodies(made)} == {"a"}
    assert {type(content["text"]) for content in bodies(made)} > {str}
    assert "/notes/n-1" in {one.path for one in made.made[0].requests}
    assert len({one.path for one in made.made[0].requests}) > 1


def test_no_credential_is_generated() -> None:
    headers = {
        name.lower() for made in generated().made for r in made.requests for name, _ in r.headers
    }
    assert headers <= {"content-type", "accept"}


def test_a_description_names_no_file_and_no_other_host(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"const": "zzt-secret"}')
    for elsewhere in (secret.as_uri(), str(secret), "https://127.0.0.1:9/x.json"):
        paths = json.loads(json.dumps(DESCRIPTION["paths"]))
        paths["/notes/{id}"]["put"]["requestBody"]["content"]["application/json"]["schema"] = {
            "type": "object",
            "properties": {"text": {"$ref": elsewhere}},
        }
        made = generated(paths=paths)
        assert "zzt-secret" not in repr([one.body for one in made.made[1].requests])
        assert made.made[0].requests


def test_an_operation_that_is_badly_described_stops_no_other() -> None:
    paths = json.loads(json.dumps(DESCRIPTION["paths"]))
    paths["/notes/{id}"]["put"]["requestBody"] = {"$ref": "#/components/none"}
    read, write = generated(paths=paths).made
    assert read.requests
    assert write.failure
    assert not write.requests


def test_a_description_that_exhausts_its_reader_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(generation, "LIMIT_S", 0.05)
    with pytest.raises(NotGenerated):
        generate(Order(description={}, seed=99, limit=1, wanted=()), nullcontext)


def test_a_description_in_yaml_is_read_and_what_is_neither_is_not() -> None:
    text = b"openapi: 3.1.0\ninfo: {version: 2026-01-01}\npaths: {}\n"
    read = described(text, nullcontext)
    assert read == {"openapi": "3.1.0", "info": {"version": "2026-01-01"}, "paths": {}}
    assert described(b"<html>: [", nullcontext) is None


def test_only_the_harness_may_start_a_process_and_only_where_it_says_so() -> None:
    guard = Guard(())
    order = Order(description=DESCRIPTION, seed=7, limit=2, wanted=(READ,))
    with guarding(guard):
        with pytest.raises(ScopeViolation):
            generate(order, nullcontext)
        assert generate(order, guard.own_process).made[0].requests
        with pytest.raises(ScopeViolation):
            generate(Order(description=DESCRIPTION, seed=8, limit=2, wanted=(READ,)), nullcontext)


# --- The campaign -----------------------------------------------------------------------------


def operation(kind: OperationKind, method: Any, **more: Any) -> Operation:
    return Operation(
        service="notes", kind=kind, method=method, path="/notes/{object}", actors=("a",), **more
    )


ACTOR = Actor(role="clerk", authentication=BearerAuthentication(type="bearer", token="env:X"))
OBJECT = SyntheticObject(kind="note", locator="n-1", owners=("a",))


def access(name: str, operation_: Operation) -> Access:
    return Access(
        operation_id=name,
        operation=operation_,
        actor_id="a",
        actor=ACTOR,
        object_id="n-1",
        object=OBJECT,
    )


READING = access("read", operation(OperationKind.READ, "GET"))
WRITING = Writing(
    write=access(
        "write",
        operation(OperationKind.UPDATE, "PUT", body={"text": "zzt {unique}", "kind": "a"}),
    ),
    reading=READING,
)


class Notes:
    """A service of one note, as well behaved as its description says; a test makes it otherwise."""

    def __init__(self, respond: Callable[[Filled, Notes], tuple[int, Any] | None]) -> None:
        self.note: Any = {"text": "zzt"}
        self.seen: list[str] = []
        self._respond = respond

    def send(self, filled: Filled, call: Call) -> tuple[Answer, Raw]:
        self.seen.append(f"{filled.method} {filled.path}")
        status, content = self._respond(filled, self) or self._ordinary(filled)
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        failure = None if status else Failure.TIMEOUT
        said = answer(
            status or None,
            body.decode(),
            method=filled.method,
            url=filled.path,
            failure=failure,
        )
        return said, Raw(status=status or None, body=body, failure=failure)

    def _ordinary(self, filled: Filled) -> tuple[int, Any]:
        if filled.path.partition("?")[0] != "/notes/n-1":
            return 404, {}
        if filled.method == "GET":
            return 200, self.note
        content = json.loads(filled.body or b"") if _in_json(filled.body) else None
        text = content.get("text") if isinstance(content, dict) else None
        if not isinstance(text, str) or len(text) > 5:
            return 422, {}
        self.note = content
        return 200, self.note


def campaign(
    respond: Callable[[Filled, Notes], tuple[int, Any] | None] = lambda filled, notes: None,
    *,
    writes: bool = False,
    description: Any = DESCRIPTION,
    **limits: Any,
) -> tuple[FuzzFact, Notes, Campaign]:
    notes = Notes(respond)

    def fill(one: Access) -> Filled:
        body = json.dumps({"text": "zzt", "kind": "a"}).encode()
        writing = one.operation.method == "PUT"
        return Filled(
            method=one.operation.method,
            path="/notes/n-1",
            headers=(),
            body=body if writing else None,
            unique="",
        )

    service = FuzzedService(
        service_id="notes",
        service=OpenApiService(type="openapi", url="https://si.test/v1"),
        url="https://si.test/v1/openapi.json",
        every=(READING, WRITING.write),
        accesses=(WRITING.write,) if writes else (READING,),
        writings=(WRITING,) if writes else (),
        left_out=(),
    )
    means = Means(
        fetch=lambda url: Raw(status=200, body=json.dumps(description).encode()),
        read=lambda text: None,
        generate=generated_here,
        fill=fill,
        send=notes.send,
    )
    run = Campaign(service, means, seed=0, **{"budget": 40, "budget_s": 600.0, **limits})
    return run.run(), notes, run


def kinds(fact: FuzzFact) -> Mapping[str, int]:
    """How many findings there are of each kind that has any."""
    names = ("server_errors", "telling", "undeclared", "departures", "stored")
    return {name: len(found) for name in names if (found := getattr(fact, name))}


@pytest.mark.parametrize("writes", [False, True])
def test_a_service_that_is_as_it_says_is_accused_of_nothing(writes: bool) -> None:
    fact, _, _ = campaign(writes=writes)
    assert kinds(fact) == {}
    assert fact.failure is None
    assert fact.operations[0].served
    assert fact.refused
    assert fact.withheld == 0


def test_every_request_stays_on_its_operation() -> None:
    _, notes, _ = campaign(budget=200)
    assert len(notes.seen) > 30
    for line in notes.seen:
        path = line.partition(" ")[2].partition("?")[0]
        assert path.startswith("/notes/")
        assert path.count("/") == 2
        assert "%2f" not in path.lower()


def test_no_health_insurance_number_is_made_up() -> None:
    paths = json.loads(json.dumps(DESCRIPTION["paths"]))
    every = [f"TREM710101{number:02}" for number in range(10, 20)]
    paths["/notes/{id}"]["parameters"][0]["schema"]["enum"] = every
    _, notes, _ = campaign(description={**DESCRIPTION, "paths": paths})
    made = {line.rpartition("/")[2] for line in notes.seen if "TREM7101" in line}
    assert any(map(nam.could_be_real, every))
    assert made
    assert not any(map(nam.could_be_real, made))


def test_a_server_error_is_found_and_the_same_request_is_sent_again() -> None:
    def broken(filled: Filled, notes: Notes) -> tuple[int, Any] | None:
        return (500, b"Traceback (most recent call last)") if b"[" in (filled.body or b"") else None

    fact, _, run = campaign(broken, writes=True)
    assert kinds(fact) == {"server_errors": 1, "telling": 1}
    assert run.resend(fact.server_errors[0].number).status == 500
    assert fact == campaign_again(fact, broken)


def campaign_again(fact: FuzzFact, respond: Any) -> FuzzFact:
    """The same campaign, from its beginning, with the time that it took left aside."""
    again, _, _ = campaign(respond, writes=True)
    return replace(again, elapsed_s=fact.elapsed_s)


def test_a_status_that_the_description_leaves_out_is_found_where_the_request_is_granted() -> None:
    granted, _, _ = campaign(lambda filled, notes: (203, notes.note))
    assert kinds(granted) == {"undeclared": 1}
    refused, _, _ = campaign(lambda filled, notes: (418, {}))
    assert kinds(refused) == {}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"text": 3}, "text: type"),
        ({}, "/: required"),
        (b"<html></html>", "not JSON"),
        ({"text": "z" * 6}, "text: maxLength"),
    ],
)
def test_an_answer_that_leaves_its_schema_is_told_by_its_place(content: Any, found: str) -> None:
    fact, _, _ = campaign(lambda filled, notes: (200, content))
    assert kinds(fact) == {"departures": 1}
    assert fact.departures[0].found == (found,)


def test_a_forbidden_value_is_found_where_a_reading_gives_it_back() -> None:
    def lax(filled: Filled, notes: Notes) -> tuple[int, Any] | None:
        if filled.method != "PUT" or not _in_json(filled.body):
            return None
        notes.note = json.loads(filled.body or b"")
        return 200, {}

    fact, _, _ = campaign(lax, writes=True)
    assert [one.found for one in fact.stored] == [("text",)]


def test_a_forbidden_value_that_is_ignored_or_made_right_accuses_nobody() -> None:
    def deaf(filled: Filled, notes: Notes) -> tuple[int, Any] | None:
        return (200, {}) if filled.method == "PUT" else None

    def tidy(filled: Filled, notes: Notes) -> tuple[int, Any] | None:
        if filled.method != "PUT" or not _in_json(filled.body):
            return None
        content = json.loads(filled.body or b"")
        notes.note = {"text": str(content)[:5]}
        return 200, {}

    for respond in (deaf, tidy):
        assert kinds(campaign(respond, writes=True)[0]) == {}


def test_the_budgets_of_requests_and_of_time_are_kept_and_told() -> None:
    few, notes, _ = campaign(budget=3)
    assert len(notes.seen) == few.sent == 3
    none, notes, _ = campaign(budget_s=0.0)
    assert notes.seen == []
    assert none.withheld
    assert none.sent == 0


def test_what_is_refused_because_there_is_too_much_of_it_is_no_refusal() -> None:
    fact, _, _ = campaign(lambda filled, notes: (429, {}))
    assert (fact.limited, fact.refused) == (fact.sent, 0)


def test_a_service_that_answers_nothing_is_told_as_such() -> None:
    fact, _, _ = campaign(lambda filled, notes: (0, b""))
    assert fact.failure is Failure.TIMEOUT


@pytest.mark.parametrize("description", [None, [], {"paths": 3}, "zzt"])
def test_what_is_no_description_generates_nothing(description: Any) -> None:
    fact, notes, _ = campaign(description=description)
    assert fact.operations == ()
    assert notes.seen == []


def test_an_operation_that_the_description_leaves_out_is_told() -> None:
    paths = {"/others": {"get": {"responses": {"200": {"description": "x"}}}}}
    fact, notes, _ = campaign(description={**DESCRIPTION, "paths": paths})
    assert notes.seen == []
    assert {one.why for one in fact.left_out} == {Because.UNDESCRIBED}


# --- FHIR -------------------------------------------------------------------------------------


def statement(interactions: Sequence[str], parameters: Mapping[str, str]) -> dict[str, Any]:
    resource = {
        "type": "Patient",
        "interaction": [{"code": code} for code in interactions],
        "searchParam": [{"name": name, "type": kind} for name, kind in parameters.items()],
    }
    return {"resourceType": "CapabilityStatement", "rest": [{"resource": [resource]}]}


def test_a_capability_statement_says_what_may_be_read_and_searched() -> None:
    described = openapi_of(
        statement(
            ["read", "search-type", "update", "create"],
            {"birthdate": "date", "_format": "token", "near": "special", "_count": "number"},
        )
    )
    assert described is not None
    assert set(described["paths"]) == {"/Patient/{id}", "/Patient"}
    assert set(described["paths"]["/Patient"]) == {"get"}
    names = [one["name"] for one in described["paths"]["/Patient"]["get"]["parameters"]]
    assert names == ["_count", "birthdate"]


@pytest.mark.parametrize("other", [None, [], {"resourceType": "Patient"}, {"rest": 3}])
def test_what_is_no_capability_statement_says_nothing(other: Any) -> None:
    assert openapi_of(other) is None


def test_requests_are_generated_from_a_capability_statement() -> None:
    described = openapi_of(statement(["search-type"], {"birthdate": "date"}))
    wanted = Wanted(
        name="search",
        method="GET",
        path="/Patient",
        path_values={},
        query_values={},
        body=None,
        free=(),
    )
    order = Order(description=described or {}, seed=0, limit=10, wanted=(wanted,))
    requests = generated_here(order).made[0].requests
    assert any("birthdate=" in one.path for one in requests)
    assert any(one.valid for one in requests)
    assert not all(one.valid for one in requests)
