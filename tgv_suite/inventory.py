"""What a service says it offers, and what its manifest declares of it, in the same words.

An operation of a REST service is called ``GET /appointments/{}``, with the whole path and its
parameters left empty; one of a FHIR service ``Appointment.read`` (FHIR R4, CapabilityStatement).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any
from urllib.parse import urlsplit

from tgv_suite.model.target import FhirService, OpenApiService, Operation, OperationKind, Target

_PARAMETER = re.compile(r"\{[^{}/]*\}")
_DEBUGGING = re.compile(
    r"/[_.-]?(?:debug|dump|heapdump|threaddump|trace|traces|env|environment|config|configuration"
    r"|internal|internals|diagnostics?|phpinfo|logs?)/?\Z",
    re.IGNORECASE,
)
_METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")
_INTERACTIONS = {
    OperationKind.READ: "read",
    OperationKind.SEARCH: "search-type",
    OperationKind.CREATE: "create",
    OperationKind.UPDATE: "update",
    OperationKind.DELETE: "delete",
}
_BY_METHOD = {"GET": "read", "POST": "create", "PUT": "update", "DELETE": "delete"}


def described(document: Any, service: FhirService | OpenApiService) -> frozenset[str] | None:
    """What a service's own description says that it offers; None when it is no description.

    Parameters
    ----------
    document:
        The description, as JSON.
    service:
        Whose it is.
    """
    if not isinstance(document, dict):
        return None
    if isinstance(service, FhirService):
        statement = document.get("resourceType") == "CapabilityStatement"
        return frozenset(_interactions(document)) if statement else None
    return frozenset(_paths(document, service)) if "paths" in document else None


def debugging(document: Any, service: OpenApiService) -> tuple[str, ...]:
    """The readings of a description that are named as whoever debugs a system names them.

    Only those without parameters, by their paths under the service: any other name may stand for
    something that a GET changes.
    """
    described_ = described(document, service) or frozenset()
    readings = (name.removeprefix("GET ") for name in described_ if name.startswith("GET "))
    base = f"{_base(service)}/"
    return tuple(
        f"/{path.removeprefix(base)}"
        for path in sorted(readings)
        if path.startswith(base) and _DEBUGGING.search(path)
    )


def declared(target: Target, service_id: str) -> frozenset[str]:
    """What a manifest says that a service offers, tested or not."""
    service = target.services[service_id]
    if not isinstance(service, FhirService | OpenApiService):
        return frozenset()
    tested = {
        _operation_name(operation, service)
        for operation in target.operations.values()
        if operation.service == service_id
    }
    untested = {_normal(one, service) for one in service.untested}
    return frozenset(tested | untested)


def beyond(offered: frozenset[str], target: Target, service_id: str) -> list[str]:
    """What a service offers and its manifest doesn't declare, in order.

    A manifest may fix what the description leaves open: ``/people/7`` is ``/people/{id}``.
    """
    known = declared(target, service_id)
    return sorted(one for one in offered - known if not any(_is_one_of(k, one) for k in known))


def _is_one_of(known: str, offered: str) -> bool:
    """Whether a declared path is the offered one with some of its parameters fixed."""
    pairs = list(zip_longest(known.split("/"), offered.split("/")))
    return all(fixed == open_ or (fixed and open_ == "{}") for fixed, open_ in pairs)


def _operation_name(operation: Operation, service: FhirService | OpenApiService) -> str:
    path = operation.path.partition("?")[0]
    if isinstance(service, OpenApiService):
        return _rest_name(operation.method, _base(service) + path)
    interaction = "patch" if operation.method == "PATCH" else _interaction(operation)
    return f"{path.strip('/').partition('/')[0]}.{interaction}"


def _interaction(operation: Operation) -> str:
    """The FHIR interaction that an operation is."""
    if operation.kind is OperationKind.MANAGE:
        return _BY_METHOD[operation.method]
    return _INTERACTIONS[operation.kind]


def _normal(name: str, service: FhirService | OpenApiService) -> str:
    """The name of an operation as a manifest gives it: ``POST /appointments`` or ``Patient.read``."""
    if isinstance(service, FhirService):
        return name
    method, _, path = name.partition(" ")
    return _rest_name(method, _base(service) + path)


def _base(service: OpenApiService) -> str:
    return urlsplit(service.url).path.rstrip("/")


def _rest_name(method: str, path: str) -> str:
    return f"{method.upper()} /{_PARAMETER.sub('{}', path).strip('/')}"


def _interactions(statement: dict[str, Any]) -> Iterator[str]:
    for rest in _objects(statement.get("rest")):
        for resource in _objects(rest.get("resource")):
            for interaction in _objects(resource.get("interaction")):
                yield f"{resource.get('type')}.{interaction.get('code')}"


def _paths(document: dict[str, Any], service: OpenApiService) -> Iterator[str]:
    """Each operation of an OpenAPI description, under its first server's path."""
    servers = list(_objects(document.get("servers")))
    base = urlsplit(str(servers[0].get("url", ""))).path if servers else _base(service)
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in _METHODS:
            if isinstance(item, dict) and method in item:
                yield _rest_name(method, f"{base.rstrip('/')}{path}")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (
        (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
    )
