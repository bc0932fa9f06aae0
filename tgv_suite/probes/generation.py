"""Requests made from an OpenAPI description by schemathesis: the one module that knows it.

Schemathesis runs in a process of its own, which has no network, little memory and little time: a
description is the work of the system under test, and may be made to exhaust whoever reads it. What
it makes depends on the description, the seed and its own version, on nothing else. The requests
leave later, through the recorder.
"""

from __future__ import annotations

import base64
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from pydantic import JsonValue, TypeAdapter

from tgv_suite.noun import noun
from tgv_suite.probes.scope import Guard, guarding

if TYPE_CHECKING:
    from schemathesis import Case

LIMIT_S = 120.0
_MEMORY = 4 * 1024**3
_NOWHERE = "http://tgv.invalid"
_IN_YAML = "--yaml"
_OURS = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "host",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-schemathesis-testcaseid",
    }
)
"""Headers that the sender decides, whatever a description says."""
_NOT_GENERATED = frozenset({"security", "securityDefinitions", "servers", "host", "basePath"})


@noun
class Wanted:
    """An operation to generate requests for.

    Parameters
    ----------
    name:
        By which it is known to the caller.
    method, path:
        Where the description has it.
    path_values, query_values:
        What the permitted request has in the path and the query, by the parameter's name.
    body:
        The permitted request's own body, when it is a JSON object.
    free:
        The fields of that body in whose place generated values may stand; nothing else is changed.
    """

    name: str
    method: str
    path: str
    path_values: Mapping[str, str]
    query_values: Mapping[str, str]
    body: Mapping[str, JsonValue] | None
    free: tuple[str, ...]


@noun
class Order:
    """What to generate: from which description and seed, at most how many for each operation."""

    description: Mapping[str, JsonValue]
    seed: int
    limit: int
    wanted: tuple[Wanted, ...]


@noun
class Generated:
    """A request, relative to the description's server.

    Parameters
    ----------
    valid:
        Whether it is what the description permits.
    what:
        What it is, in the engine's words.
    body_base64:
        Its body; None when it has none.
    """

    path: str
    headers: tuple[tuple[str, str], ...]
    body_base64: str | None
    valid: bool
    what: str

    @property
    def body(self) -> bytes | None:
        """Its body."""
        return None if self.body_base64 is None else base64.b64decode(self.body_base64)


@noun
class Declared:
    """What a description says of one operation's answers, and of what it takes.

    Parameters
    ----------
    responses:
        The schema of the JSON that comes with a status, by the status as it is declared (``200``,
        ``2XX``, ``default``); None where no schema of JSON is declared.
    body:
        The schema of a JSON body.
    draft:
        Of which draft of JSON Schema they are: ``4`` or ``2020-12``.
    """

    responses: Mapping[str, JsonValue]
    body: JsonValue
    draft: str


@noun
class Made:
    """What was generated for one operation; ``failure`` says why nothing could be."""

    name: str
    requests: tuple[Generated, ...] = ()
    declared: Declared | None = None
    failure: str = ""


@noun
class Generation:
    """What was generated, and by which engine."""

    engine: str
    made: tuple[Made, ...]


class NotGenerated(Exception):
    """The description can't be used: its reader ran out of time, memory or patience."""


_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
_ORDER = TypeAdapter(Order)
_GENERATION = TypeAdapter(Generation)


def generate(order: Order, permitted: Callable[[], Any]) -> Generation:
    """Generate requests; the same order brings the same ones.

    Parameters
    ----------
    order:
        What to generate.
    permitted:
        A context in which this process may start another.

    Raises
    ------
    NotGenerated
        When the description can't be used.
    """
    text = _ORDER.dump_json(order)
    with permitted():
        return _generated(text)


def described(text: bytes, permitted: Callable[[], Any]) -> JsonValue:
    """What a description in YAML says, as JSON; None when it can't be read.

    Parameters
    ----------
    text:
        The description.
    permitted:
        A context in which this process may start another.
    """
    with permitted():
        try:
            return _JSON.validate_json(_elsewhere(text, _IN_YAML))
        except (NotGenerated, ValueError):
            return None


@lru_cache(maxsize=8)
def _generated(order: bytes) -> Generation:
    return _GENERATION.validate_json(_elsewhere(order))


def _elsewhere(given: bytes, *arguments: str) -> bytes:
    """What this module's own process answers."""
    with tempfile.TemporaryDirectory(prefix="tgv-generation-") as folder:
        try:
            ended = subprocess.run(
                [sys.executable, "-P", "-m", __name__, *arguments],
                input=given,
                capture_output=True,
                cwd=folder,
                env={"PATH": "", "PYTHONHASHSEED": "0", "HYPOTHESIS_STORAGE_DIRECTORY": folder},
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotGenerated(f"{LIMIT_S:.0f} s") from None
    if ended.returncode:
        raise NotGenerated(f"exit {ended.returncode}")
    return ended.stdout


def main() -> None:
    """Answer on the standard output what the standard input holds: an order, or YAML to be read."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    few = _MEMORY if most == resource.RLIM_INFINITY else min(_MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (few, most))
    given = sys.stdin.buffer.read()
    with guarding(Guard(())):
        if _IN_YAML in sys.argv:
            sys.stdout.buffer.write(_read(given))
        else:
            generation = generated_here(_ORDER.validate_json(given))
            sys.stdout.buffer.write(_GENERATION.dump_json(generation))


def _read(text: bytes) -> bytes:
    """YAML as JSON, dates as the text that they are."""
    from schemathesis.core.deserialization import deserialize_yaml

    return json.dumps(deserialize_yaml(text), default=str).encode()


def generated_here(order: Order) -> Generation:
    """Generate requests in this very process, which has to be held to no host at all."""
    import schemathesis

    schema = schemathesis.openapi.from_dict(
        within(dict(order.description)), config=schemathesis.Config(seed=order.seed)
    )
    return Generation(
        engine=f"schemathesis {schemathesis.__version__}",
        made=tuple(_made(schema, wanted, order) for wanted in order.wanted),
    )


def within(description: Any) -> Any:
    """A description that leads nowhere else, and whose credentials aren't generated.

    A reference to another document could name a file of this machine, or another host.
    """
    told = {name: value for name, value in description.items() if name not in _NOT_GENERATED}
    components = told.get("components")
    if isinstance(components, dict):
        told["components"] = {k: v for k, v in components.items() if k != "securitySchemes"}
    paths = told.get("paths")
    told["paths"] = {
        path: {name: _unsecured(part) for name, part in item.items() if name != "servers"}
        for path, item in (paths.items() if isinstance(paths, dict) else ())
        if isinstance(item, dict)
    }
    return _closed(told)


def _unsecured(operation: Any) -> Any:
    """An operation, or another part of a path, without credentials, and in JSON where it takes JSON."""
    if not isinstance(operation, dict):
        return operation
    told = {k: v for k, v in operation.items() if k not in ("security", "servers", "callbacks")}
    body = told.get("requestBody")
    content = body.get("content") if isinstance(body, dict) else None
    in_json = {k: v for k, v in content.items() if "json" in k} if isinstance(content, dict) else {}
    return {**told, "requestBody": {**body, "content": in_json}} if body and in_json else told


def _closed(value: Any) -> Any:
    """JSON without references to other documents."""
    if isinstance(value, list):
        return [_closed(item) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        return {}
    return {name: _closed(item) for name, item in value.items()}


def _made(schema: Any, wanted: Wanted, order: Order) -> Made:
    """The requests of one operation; what its description does wrong is told, and stops no other."""
    try:
        operation = schema[wanted.path][wanted.method]
        cases = _cases(operation, order.seed, order.limit)
        requests: dict[tuple[object, ...], Generated] = {}
        for number, case in enumerate(cases):
            # What writes never goes to an object that nobody gave up for it.
            real = wanted.method != "GET" or number % 3 > 0
            made = _request(case, wanted, real=real)
            requests.setdefault((made.path, made.headers, made.body_base64), made)
            if len(requests) == order.limit:
                break
        return Made(
            name=wanted.name, requests=tuple(requests.values()), declared=_declared(operation)
        )
    except Exception as error:  # the engine raises whatever a stranger's description makes it raise
        return Made(name=wanted.name, failure=type(error).__name__)


def _cases(operation: Any, seed: int, limit: int) -> Iterator[Case[Any]]:
    """The limits of each value in an order that the seed decides, mixed with random cases."""
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi.coverage._operation import iter_coverage_cases

    limits = list(
        iter_coverage_cases(
            operation=operation,
            generation_modes=list(GenerationMode),
            generate_duplicate_query_parameters=True,
            unexpected_methods=set(),
            generation_config=operation.schema.config.generation_for(
                operation=operation, phase="coverage"
            ),
        )
    )
    random.Random(seed).shuffle(limits)
    modes = list(GenerationMode)
    each = -(-limit // len(modes))
    drawn = zip_longest(*(_drawn(operation, mode, seed, each) for mode in modes))
    turns = zip_longest(limits[::2], limits[1::2], chain.from_iterable(drawn))
    return (case for turn in turns for case in turn if case is not None)


def _drawn(operation: Any, mode: Any, seed: int, limit: int) -> Sequence[Case[Any]]:
    """Random cases, valid or not."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis.errors import Unsatisfiable

    drawn: list[Case[Any]] = []

    @seeded(seed)
    @settings(
        max_examples=limit,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: Case[Any]) -> None:
        drawn.append(case)

    try:
        draw()
    except Unsatisfiable:  # nothing invalid can be made of an operation that takes nothing
        return drawn
    return drawn


def _request(case: Case[Any], wanted: Wanted, *, real: bool) -> Generated:
    """A case as a request: where ``real``, on what the permitted request is about."""
    import requests
    from schemathesis.core import NotSet

    if real:
        for name, value in wanted.path_values.items():
            case.path_parameters[name] = quote(value, safe="")
    for name, value in wanted.query_values.items() if real else ():
        case.query[name] = value
    if wanted.body is not None and not isinstance(case.body, NotSet):
        case.body = _merged(wanted, case.body)
    sent = case.as_transport_kwargs(base_url=_NOWHERE)
    names = ("method", "url", "headers", "params", "data", "json", "files")
    prepared = requests.Request(**{n: sent[n] for n in names if n in sent}).prepare()
    url = urlsplit(prepared.url or "")
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
    described = getattr(case.meta.phase.data, "description", None) if case.meta else None
    return Generated(
        path=url.path + (f"?{url.query}" if url.query else ""),
        headers=tuple(_headers(prepared.headers)),
        body_base64=base64.b64encode(body).decode() if isinstance(body, bytes) else None,
        valid=bool(case.meta and case.meta.generation.mode.is_positive),
        what=" ".join(str(described or "").split())[:80],
    )


def _merged(wanted: Wanted, body: Any) -> Any:
    """The permitted body with generated values in its free fields; what is no object is as generated."""
    if not isinstance(body, dict) or wanted.body is None:
        return body
    return {**wanted.body, **{name: body[name] for name in wanted.free if name in body}}


def _headers(headers: Mapping[str, str | bytes]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if name.lower() not in _OURS and not (name.lower() == "accept" and text == "*/*"):
            yield name, text


def _declared(operation: Any) -> Declared:
    """The schemas of an operation, with nothing left to look up elsewhere."""
    draft = operation.schema.adapter.jsonschema_validator_cls.__name__
    bodies = [body for body in operation.body if "json" in body.media_type]
    return Declared(
        responses={
            status: _schema_of(response) for status, response in operation.responses.items()
        },
        body=_plain(bodies[0].validation_schema) if len(bodies) == 1 else None,
        draft="4" if "4" in draft else "2020-12",
    )


def _schema_of(response: Any) -> JsonValue:
    """The schema of the JSON of a response, where it declares one and nothing else."""
    content = response.definition.get("content")
    if isinstance(content, dict):
        if len(content) != 1 or "json" not in next(iter(content)):
            return None
        return _plain(response.get_schema(next(iter(content))).schema)
    return _plain(response.get_schema(None).schema)


def _plain(schema: Any) -> JsonValue:
    found: JsonValue = json.loads(json.dumps(schema))
    return found


if __name__ == "__main__":
    main()
