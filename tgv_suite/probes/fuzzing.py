"""A campaign of generated requests against one service, each sent as any other and held to its scope."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema_rs
from pydantic import JsonValue

from tgv_suite import nam
from tgv_suite.model.facts import Answer, Failure, Refusal
from tgv_suite.model.fuzzing import (
    Because,
    FuzzedOperation,
    FuzzFact,
    GeneratedRequest,
    LeftOut,
)
from tgv_suite.model.inside import inside_told
from tgv_suite.model.json_tree import named, parsed
from tgv_suite.model.target import FhirService
from tgv_suite.noun import noun
from tgv_suite.probes.fhir_description import openapi_of
from tgv_suite.probes.generation import (
    Declared,
    Generated,
    Generation,
    Made,
    NotGenerated,
    Order,
    Wanted,
)
from tgv_suite.probes.http import Raw
from tgv_suite.probes.shapes import NAM
from tgv_suite.probes.template import Filled
from tgv_suite.subjects.fuzzing import free_fields
from tgv_suite.subjects.subject import Access, FuzzedService
from tgv_suite.system import Call

DESCRIPTION_LIMIT = 16 * 1024 * 1024
_SIDE_BY_SIDE = 8
_TOLD = 3
_PARAMETER = re.compile(r"\{([^{}/]*)\}")
_ELSEWHERE = re.compile(r"%2f|%5c|\\|//|(?:^|/)\.{1,2}(?:/|$)", re.IGNORECASE)
"""What could lead a request out of its own path."""
_BOUNDS = frozenset(
    {
        "const",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "maxLength",
        "maximum",
        "minLength",
        "minimum",
        "multipleOf",
        "pattern",
        "type",
    }
)


@noun
class Sent:
    """A generated request that is ready to leave, in whose name, and what is known of it."""

    call: Call
    filled: Filled
    generated: Generated


@noun
class Means:
    """How a campaign reads, generates and sends.

    Parameters
    ----------
    fetch:
        Reads a description, as nobody in particular.
    read:
        What one says that isn't in JSON.
    generate:
        Makes requests of one.
    fill:
        An access as the permitted request that it is.
    send:
        Sends a request in the name of a call's actor: its answer redacted, and as it came.
    """

    fetch: Callable[[str], Raw]
    read: Callable[[bytes], JsonValue]
    generate: Callable[[Order], Generation]
    fill: Callable[[Access], Filled]
    send: Callable[[Filled, Call], tuple[Answer, Raw]]


@noun
class _Tried:
    """A request that was sent, by its number, and its answer."""

    number: int
    sent: Sent
    raw: Raw
    answer: Answer


class Campaign:
    """Generated requests against one service.

    Parameters
    ----------
    service:
        The service, and who may call what there.
    means:
        How it reads, generates and sends.
    seed:
        From which the requests are generated.
    budget, budget_s:
        How many requests may be generated for one operation, and in how long all may be sent
        (seconds).
    """

    def __init__(
        self, service: FuzzedService, means: Means, *, seed: int, budget: int, budget_s: float
    ) -> None:
        self._service = service
        self._means = means
        self._seed = seed
        self._budget = budget
        self._budget_s = budget_s
        self._base = ""
        self._sent: dict[int, Sent] = {}
        self._started = time.monotonic()
        self._until = self._started

    def resend(self, number: int) -> Answer:
        """One of its requests again."""
        sent = self._sent[number]
        return self._means.send(sent.filled, sent.call)[0]

    def run(self) -> FuzzFact:
        """Read the description, generate, send, and say what is to be said of the answers."""
        self._started = time.monotonic()
        raw = self._means.fetch(self._service.url)
        document = None if raw.truncated else parsed(raw.body) or self._means.read(raw.body)
        fhir = isinstance(self._service.service, FhirService)
        description = openapi_of(document) if fhir else document
        if not isinstance(description, dict) or not isinstance(description.get("paths"), dict):
            return self._fact(unread=str(raw.failure or raw.status or ""))
        self._base = self._described_base(description)
        wanted, left_out = self._wanted(description)
        if not wanted:
            return self._fact(left_out=left_out)
        order = Order(
            description=description,
            seed=self._seed,
            limit=self._budget,
            wanted=tuple(wanted),
        )
        try:
            generation = self._means.generate(order)
        except NotGenerated as failed:
            return self._fact(left_out=left_out, unread=str(failed))
        return self._sending(generation, wanted, left_out)

    def _sending(
        self, generation: Generation, wanted: Sequence[Wanted], left_out: list[LeftOut]
    ) -> FuzzFact:
        self._until = time.monotonic()
        operations, found = [], _Found()
        every: list[_Tried] = []
        chosen = {access.operation_id for access in self._service.accesses}
        for made, want in zip(generation.made, wanted, strict=True):
            if made.name not in chosen:
                continue
            if made.declared is None:
                left_out.append(LeftOut(name=made.name, why=Because.UNREADABLE))
                continue
            ready = list(self._ready(made, want))
            self._until += self._budget_s / len(chosen)  # what is late takes no other's share
            tried = self._tried(ready)
            every += tried
            granted = [one for one in tried if one.answer.served and one.sent.generated.valid]
            for one in tried:
                found.take(one, made.declared)
            found.stored += self._stored(tried, made)[:1]
            operations.append(
                FuzzedOperation(
                    name=made.name,
                    generated=len(ready),
                    sent=len(tried),
                    served=sum(one.answer.served for one in tried),
                    refused=sum(_refused(one.answer) for one in tried),
                    limited=sum(one.answer.refused(Refusal.RATE) for one in tried),
                    judged=len(granted),
                )
            )
        return self._fact(
            engine=generation.engine,
            operations=tuple(operations),
            left_out=left_out,
            found=found,
            failure=_failure(every),
        )

    def _fact(
        self,
        *,
        engine: str = "",
        operations: tuple[FuzzedOperation, ...] = (),
        left_out: Sequence[LeftOut] = (),
        found: _Found | None = None,
        failure: Failure | None = None,
        unread: str = "",
    ) -> FuzzFact:
        found = found or _Found()
        return FuzzFact(
            service=self._service.name,
            engine=engine,
            seed=self._seed,
            budget=self._budget,
            budget_s=self._budget_s,
            elapsed_s=round(time.monotonic() - self._started, 3),
            operations=operations,
            left_out=(*self._service.left_out, *left_out),
            server_errors=tuple(found.server_errors.values()),
            telling=tuple(found.telling.values()),
            undeclared=tuple(found.undeclared.values()),
            departures=tuple(found.departures.values()),
            stored=tuple(found.stored),
            failure=failure,
            unread=unread,
        )

    def _wanted(self, description: Mapping[str, Any]) -> tuple[list[Wanted], list[LeftOut]]:
        """The operations that the description has, each once, and those that it hasn't."""
        wanted: dict[tuple[str, str], Wanted] = {}
        left_out = []
        for access in self._service.every:
            one = self._described(description, access)
            if one is None:
                left_out.append(LeftOut(name=access.operation_id, why=Because.UNDESCRIBED))
            else:
                wanted.setdefault((one.method, one.path), one)
        return list(wanted.values()), left_out

    def _described(self, description: Mapping[str, Any], access: Access) -> Wanted | None:
        """Where a description has an operation: the path with the fewest parameters that fits it."""
        filled = self._means.fill(access)
        path, _, query = filled.path.partition("?")
        whole = _base(self._service.service.url) + path
        for template in sorted(
            map(str, description["paths"]), key=lambda path: len(_PARAMETER.findall(path))
        ):
            item = description["paths"][template]
            found = _pattern(self._base + template).fullmatch(whole)
            if found is None or not isinstance(item, dict) or filled.method.lower() not in item:
                continue
            if any(value.startswith("$") for value in found.groups()):
                continue  # an operation of FHIR by its name, which no object has
            names = _PARAMETER.findall(template)
            body = parsed(_ever_the_same(filled))
            return Wanted(
                name=access.operation_id,
                method=filled.method,
                path=template,
                path_values=dict(zip(names, map(unquote, found.groups()), strict=True)),
                query_values=dict(parse_qsl(query)),
                body=body if isinstance(body, dict) else None,
                free=free_fields(access.operation),
            )
        return None

    def _described_base(self, description: Mapping[str, Any]) -> str:
        """The path of a description's server; the service's own where it doesn't say."""
        servers = description.get("servers")
        first = servers[0] if isinstance(servers, list) and servers else None
        if isinstance(first, dict):
            return _base(str(first.get("url", "")))
        stated = description.get("basePath")
        return _base(stated if isinstance(stated, str) else self._service.service.url)

    def _ready(self, made: Made, want: Wanted) -> Iterator[tuple[int, Sent]]:
        """The requests of an operation that stay within its own path, by number."""
        access = next(a for a in self._service.every if a.operation_id == made.name)
        permitted = self._means.fill(access)
        base = _base(self._service.service.url)
        call = Call.of(access)
        for generated in made.requests:
            path = generated.path.partition("?")[0]
            whole = self._base + generated.path
            if _pattern(want.path).fullmatch(path) is None or _ELSEWHERE.search(path):
                continue
            if _numbers(generated.path, generated.body) - _numbers(permitted.path, permitted.body):
                continue
            names = {name.lower() for name, _ in generated.headers}
            kept = tuple(pair for pair in permitted.headers if pair[0].lower() not in names)
            number = len(self._sent)
            self._sent[number] = Sent(
                call=call,
                generated=generated,
                filled=Filled(
                    method=want.method,
                    path=whole.removeprefix(base),
                    headers=(*kept, *generated.headers),
                    body=generated.body,
                    unique="",
                ),
            )
            yield number, self._sent[number]

    def _tried(self, ready: Sequence[tuple[int, Sent]]) -> list[_Tried]:
        """Send while the time lasts: readings side by side, writes one after another."""
        reading = all(sent.filled.method == "GET" for _, sent in ready)
        with ThreadPoolExecutor(_SIDE_BY_SIDE if reading else 1) as pool:
            done = list(pool.map(self._try, ready))
        return [one for one in done if one is not None]

    def _try(self, ready: tuple[int, Sent]) -> _Tried | None:
        if time.monotonic() > self._until:
            return None
        number, sent = ready
        answer, raw = self._means.send(sent.filled, sent.call)
        return _Tried(number=number, sent=sent, raw=raw, answer=answer)

    def _stored(self, tried: Sequence[_Tried], made: Made) -> list[GeneratedRequest]:
        """The invalid values that were taken, and that a reading gives back as they were sent.

        One of each type is sent again, read, mended and read: a value that was there anyhow accuses
        nobody.
        """
        writings = {w.write.operation_id: w for w in self._service.writings}
        writing = writings.get(made.name)
        if writing is None or made.declared is None or made.declared.body is None:
            return []
        stored, types = [], set()
        for one in tried:
            wrong = _out_of_bounds(one.sent.generated.body, made.declared)
            type_ = tuple((name, type(value)) for name, value in wrong.items())
            if not (one.answer.served and wrong) or type_ in types:
                continue
            types.add(type_)
            self._means.send(one.sent.filled, one.sent.call)
            kept = _given_back(wrong, self._read(writing.reading))
            self._read(writing.write)
            after = _given_back(wrong, self._read(writing.reading))
            names = tuple(sorted(kept - after))
            if names:
                stored.append(_request(one, found=names))
        return stored

    def _read(self, access: Access) -> JsonValue:
        """Perform a permitted access, and what it answers in JSON."""
        call = Call.of(access)
        read: JsonValue = parsed(self._means.send(self._means.fill(access), call)[1].body)
        return read


class _Found:
    """What there is to say of a campaign's answers: of each kind, the first of each operation."""

    def __init__(self) -> None:
        self.server_errors: dict[str, GeneratedRequest] = {}
        self.telling: dict[str, GeneratedRequest] = {}
        self.undeclared: dict[str, GeneratedRequest] = {}
        self.departures: dict[str, GeneratedRequest] = {}
        self.stored: list[GeneratedRequest] = []

    def take(self, tried: _Tried, declared: Declared) -> None:
        """Look at one answer."""
        name, answer = tried.sent.call.operation, tried.answer
        if answer.server_error:
            self.server_errors.setdefault(name, _request(tried))
        if answer.status is not None and answer.status >= 400 and inside_told([answer]):
            self.telling.setdefault(name, _request(tried))
        if not (answer.served and tried.sent.generated.valid):
            return
        key = _declared_key(answer.status, declared)
        if key is None:
            self.undeclared.setdefault(name, _request(tried))
        elif departed := _departures(tried.raw, declared.responses[key], declared):
            self.departures.setdefault(name, _request(tried, found=departed))


def _request(tried: _Tried, *, found: tuple[str, ...] = ()) -> GeneratedRequest:
    return GeneratedRequest(
        number=tried.number,
        operation=tried.sent.call.operation,
        sent=tried.sent.generated.what,
        status=tried.answer.status,
        found=found,
    )


def _failure(tried: Sequence[_Tried]) -> Failure | None:
    """Why nothing can be judged: the run stopped, or nothing at all was answered."""
    failures = [one.answer.failure for one in tried if one.answer.failure is not None]
    if Failure.HALTED in failures:
        return Failure.HALTED
    return failures[0] if failures and len(failures) == len(tried) else None


def _refused(answer: Answer) -> bool:
    """Whether the request was refused for what it is, and not because there were too many."""
    return (
        answer.status is not None
        and 400 <= answer.status < 500
        and not answer.refused(Refusal.RATE)
    )


def _declared_key(status: int | None, declared: Declared) -> str | None:
    """Under which key a description declares a status (OpenAPI 3.1 §4.8.16)."""
    keys = (str(status), f"{str(status)[:1]}XX", f"{str(status)[:1]}xx", "default")
    return next((key for key in keys if key in declared.responses), None)


def _departures(raw: Raw, schema: JsonValue, declared: Declared) -> tuple[str, ...]:
    """Where the JSON of an answer isn't what its schema says; nothing when none is declared."""
    if schema is None or raw.truncated:
        return ()
    if not raw.body and raw.status in (204, 205):
        return ()
    content = parsed(raw.body)
    if content is None and raw.body.strip() != b"null":
        return ("not JSON",)
    validator = _validator(schema, declared)
    errors = [] if validator is None else validator.iter_errors(content)
    told = (f"{_place(error.instance_path)}: {_keyword(error)}" for error in errors)
    return tuple(dict.fromkeys(told))[:_TOLD]


def _out_of_bounds(body: bytes | None, declared: Declared) -> Mapping[str, JsonValue]:
    """The values of a body that are of the wrong type, or beyond their bounds, by their name.

    Null is left aside: many take it for a value that isn't given.
    """
    content, validator = parsed(body or b""), _validator(declared.body, declared)
    if not isinstance(content, dict) or validator is None:
        return {}
    wrong: dict[str, JsonValue] = {}
    for error in validator.iter_errors(content):
        path = list(error.instance_path)
        if len(path) == 1 and _keyword(error) in _BOUNDS:
            value = content.get(str(path[0]))
            if value is not None:
                wrong[str(path[0])] = value
    return wrong


def _given_back(wrong: Mapping[str, JsonValue], reading: JsonValue) -> set[str]:
    """Which values a reading gives back under their own name, of the same type."""
    return {
        name
        for name, value in named(reading)
        if name in wrong and value == wrong[name] and type(value) is type(wrong[name])
    }


def _validator(schema: JsonValue, declared: Declared) -> Any:
    """What holds a value against a schema; None when the schema itself can't be used."""
    fourth = declared.draft == "4"
    if not isinstance(schema, dict | bool):
        return None
    try:
        if fourth:
            return jsonschema_rs.Draft4Validator(schema, validate_formats=False)
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=False)
    except ValueError:
        return None


def _keyword(error: Any) -> str:
    """The keyword of a schema that a value doesn't keep."""
    return str(list(error.schema_path)[-1]) if list(error.schema_path) else "schema"


def _place(path: Sequence[str | int]) -> str:
    named = "/".join(str(part) for part in path if isinstance(part, str))
    return named[:80] or "/"


def _numbers(path: str, body: bytes | None) -> set[str]:
    """The health insurance numbers of a request that could be somebody's: none is ever made up."""
    text = f"{unquote(path)} {(body or b'').decode('utf-8', 'replace')}"
    return {found[0] for found in NAM.finditer(text) if nam.could_be_real(found[0])}


def _ever_the_same(filled: Filled) -> bytes:
    """A request's body without what only that request carries: the same seed gives the same cases."""
    body = filled.body or b""
    return body.replace(filled.unique.encode(), b"zzt") if filled.unique else body


def _base(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _pattern(template: str) -> re.Pattern[str]:
    """A path whose parameters stand for any one segment."""
    pieces = re.split(r"\{[^{}/]*\}", template)
    return re.compile("([^/]+)".join(re.escape(piece) for piece in pieces))
