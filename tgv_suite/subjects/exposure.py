"""Subjects of the checks of what a server shows to whoever asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from tgv_suite.model.target import (
    AuditService,
    FhirService,
    OpenApiService,
    Target,
)
from tgv_suite.subjects.declared import READS, ordinary, permitted_accesses, presents_certificate
from tgv_suite.subjects.injection import beyond
from tgv_suite.subjects.subject import (
    Described,
    DescribedSite,
    Site,
    Subject,
    Undeclared,
    or_undeclared,
)
from tgv_suite.text import Text


def _sites(target: Target) -> Iterator[Site]:
    """Each https origin, with a permitted reading there that shows it to be alive.

    An origin known only by a client certificate may speak to nobody without one, and is left out.
    """
    seen: set[str] = set()
    for access in ordinary(permitted_accesses(target, READS)):
        service = target.services[access.operation.service]
        if isinstance(service, AuditService) or presents_certificate(access.actor):
            continue
        parts = urlsplit(service.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme == "https" and origin not in seen:
            seen.add(origin)
            yield Site(origin=origin, base=service.url.rstrip("/"), access=access)


def every_site(target: Target) -> Sequence[Subject] | Undeclared:
    """Each https origin at which a protected reading is declared."""
    return or_undeclared(
        list(_sites(target)),
        fr="aucune lecture protégée n'est déclarée en https",
        en="no protected reading is declared over https",
    )


def every_host(target: Target) -> Sequence[Subject] | Undeclared:
    """The first site of each host."""
    first: dict[str, Site] = {}
    for site in _sites(target):
        first.setdefault(urlsplit(site.origin).hostname or "", site)
    return or_undeclared(
        list(first.values()),
        fr="aucune lecture protégée n'est déclarée en https",
        en="no protected reading is declared over https",
    )


def every_description(target: Target) -> Sequence[Subject] | Undeclared:
    """Each service that publishes what it offers: a CapabilityStatement, an OpenAPI description."""
    described = [
        Described(service_id=service_id, service=service, url=url)
        for service_id, service in target.services.items()
        if isinstance(service, FhirService | OpenApiService)
        and (url := _description(service)) is not None
    ]
    return described or Undeclared(
        missing=Text(
            fr="selon le manifeste, aucun service ne publie sa description",
            en="by the manifest, no service publishes its description",
        ),
        offered=False,
    )


def every_described_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """A permitted reading of each service that publishes an OpenAPI description."""
    first: dict[str, DescribedSite] = {}
    for access in ordinary(permitted_accesses(target, READS)):
        service = target.services[access.operation.service]
        if isinstance(service, OpenApiService) and access.operation.method == "GET":
            url = _description(service)
            if url is not None and access.operation.service not in first:
                first[access.operation.service] = DescribedSite(
                    service=service, url=url, access=access, hidden=beyond(target, access)
                )
    return list(first.values()) or Undeclared(
        missing=Text(
            fr="selon le manifeste, aucun service REST lu par un usager ne publie sa description",
            en="by the manifest, no REST service that a user reads publishes its description",
        ),
        offered=False,
    )


def _description(service: FhirService | OpenApiService) -> str | None:
    if isinstance(service, FhirService):
        return f"{service.url.rstrip('/')}/metadata"
    return service.description
