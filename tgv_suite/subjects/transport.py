"""Subjects of the transport checks."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from tgv_suite.model.target import AuditService, Target
from tgv_suite.subjects.subject import Endpoint, Subject, Undeclared, or_undeclared


def every_tls_endpoint(target: Target) -> Sequence[Subject] | Undeclared:
    """Each host and port at which a declared service speaks TLS."""
    urls = [
        service.url for service in target.services.values() if not isinstance(service, AuditService)
    ]
    parts = [urlsplit(url) for url in urls if url.startswith("https:")]
    endpoints = dict.fromkeys((part.hostname or "", part.port or 443) for part in parts)
    return or_undeclared(
        [Endpoint(host=host, port=port) for host, port in endpoints],
        fr="aucun service déclaré n'est en https",
        en="no declared service speaks https",
    )
