"""Subjects of the transport checks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from tgv_suite.model.target import (
    AuditService,
    FhirService,
    OpenApiService,
    Service,
    Target,
)
from tgv_suite.subjects.declared import READS
from tgv_suite.subjects.subject import (
    ClearText,
    Endpoint,
    Front,
    Subject,
    Undeclared,
    or_undeclared,
)

_TEMPLATE = re.compile(r"\{[^{}]*\}")
_NOTHING = "tgv-nothing"


def every_clear_text_address(target: Target) -> Sequence[Subject] | Undeclared:
    """Each service with the address where it would answer in clear, and one reading to ask there.

    The reading names no object: nobody's identifier goes in clear over the network.
    """
    found = []
    for name, service in target.services.items():
        clear = getattr(service, "clear_text_url", None)
        path = _reading_of(target, name)
        if clear is not None and path is not None and not isinstance(service, AuditService):
            both = (service.url.rstrip("/") + path, clear.rstrip("/") + path)
            found.append(ClearText(service_id=name, secure=both[0], clear=both[1]))
    return or_undeclared(
        found,
        fr="aucun service n'est déclaré avec l'adresse où il répondrait en clair (clear_text_url) "
        "et une lecture",
        en="no service is declared with the address where it would answer in clear "
        "(clear_text_url) and a reading",
    )


def every_isolated_front(target: Target) -> Sequence[Subject] | Undeclared:
    """Each service that nobody else uses, with its first reading that names nobody."""
    found = []
    for name, service in target.services.items():
        if isinstance(service, FhirService | OpenApiService) and service.isolated:
            path = _reading_of(target, name) or ""
            found.append(Front(service_id=name, url=service.url.rstrip("/") + path))
    return or_undeclared(
        found,
        fr="aucun service n'est déclaré comme à l'usage du seul banc d'essai (isolated)",
        en="no service is declared as used by nobody but the harness (isolated)",
    )


def _reading_of(target: Target, service: str) -> str | None:
    """The path of a service's first open reading, else of its first protected one."""
    readings = [
        operation
        for operation in target.operations.values()
        if operation.service == service and operation.kind in READS and operation.method == "GET"
    ]
    chosen = sorted(readings, key=lambda operation: not operation.public)[:1]
    return _TEMPLATE.sub(_NOTHING, chosen[0].path) if chosen else None


def every_tls_endpoint(target: Target) -> Sequence[Subject] | Undeclared:
    """Each host and port at which a declared service speaks TLS."""
    found = dict.fromkeys(endpoint_of(service) for service in target.services.values())
    return or_undeclared(
        [endpoint for endpoint in found if endpoint is not None],
        fr="aucun service déclaré n'est en https",
        en="no declared service speaks https",
    )


def endpoint_of(service: Service) -> Endpoint | None:
    """Where a service speaks TLS; None when it doesn't."""
    if isinstance(service, AuditService) or not service.url.startswith("https:"):
        return None
    parts = urlsplit(service.url)
    return Endpoint(host=parts.hostname or "", port=parts.port or 443)
