"""What a manifest declares stays inside the authorised scope, and the scope still holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from tgv_suite.load.declared import Declared
from tgv_suite.load.shown import quoted, shown
from tgv_suite.load.yaml_tree import Address, Finding
from tgv_suite.model.catalogue import SafetyClass
from tgv_suite.model.target import AuditService, Environment
from tgv_suite.text import Text

_PORTS: Final = {"https": 443, "http": 80}
_HOST: Final = re.compile(
    r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*"
)


def outside_scope(declared: Declared) -> Iterator[Finding]:
    """Each declared address whose host, port and scheme the scope doesn't name."""
    if declared.hosts is None:
        return
    scope = {(host.scheme.value, host.host.lower(), host.port) for host in declared.hosts}
    for url, address in _urls(declared):
        origin = _origin(url)
        if origin is None:
            yield declared.fault(address, *_BAD_ADDRESS)
        elif origin not in scope:
            yield _outside(declared, address, origin)


def _outside(declared: Declared, address: Address, origin: tuple[str, str, int]) -> Finding:
    scheme, host, port = origin
    fr, en = quoted(shown(host))
    return declared.fault(
        address,
        Text(
            fr=f"l'hôte{fr} (port {port}, {scheme}) est hors de la portée autorisée",
            en=f"the host{en} (port {port}, {scheme}) is outside the authorised scope",
        ),
        Text(
            fr=f"si l'essai y est autorisé, ajoutez à scope.hosts cet hôte, "
            f"port: {port}, scheme: {scheme}",
            en=f"if the test is authorised there, add to scope.hosts this host, "
            f"port: {port}, scheme: {scheme}",
        ),
    )


def malformed_hosts(declared: Declared) -> Iterator[Finding]:
    """Each host of the scope that isn't a bare name or address."""
    for index, host in enumerate(declared.hosts or ()):
        if not _HOST.fullmatch(host.host):
            yield declared.fault(
                ("scope", "hosts", index, "host"),
                Text(
                    fr="un hôte est un nom ou une adresse IP seule",
                    en="a host is a name or an IP address alone",
                ),
                Text(
                    fr="retirez schéma, port, chemin et tout « * » : chaque hôte est nommé",
                    en="remove the scheme, the port, the path and any “*”: each host is named",
                ),
            )


def expired_scope(declared: Declared, today: date) -> Iterator[Finding]:
    """The authorisation, when it has run out."""
    if declared.until is not None and declared.until < today:
        yield declared.fault(
            ("scope", "until"),
            Text(
                fr=f"l'autorisation d'essai a pris fin le {declared.until}",
                en=f"the authorisation to test ended on {declared.until}",
            ),
            Text(
                fr="obtenez-en une nouvelle, puis corrigez authorised_by et until",
                en="obtain a new one, then mend authorised_by and until",
            ),
        )


def intrusion_in_production(declared: Declared) -> Iterator[Finding]:
    """The intrusive class, where the system is in production."""
    production = declared.environment is Environment.PRODUCTION
    if production and SafetyClass.INTRUSIVE in declared.safety:
        index = declared.safety.index(SafetyClass.INTRUSIVE)
        yield declared.fault(
            ("scope", "safety", index),
            Text(
                fr="les vérifications intrusives ne se font jamais en production",
                en="intrusive checks are never run in production",
            ),
            Text(
                fr="retirez « intrusive », ou visez un environnement d'essai",
                en="remove “intrusive”, or aim at a test environment",
            ),
        )


_BAD_ADDRESS: Final = (
    Text(
        fr="le port ou l'hôte de cette adresse est incorrect",
        en="this address's port or host is wrong",
    ),
    Text(fr="un port va de 1 à 65535", en="a port goes from 1 to 65535"),
)


def _origin(url: str) -> tuple[str, str, int] | None:
    """The scheme, host and port of a URL; None when it has none that makes sense."""
    try:
        parts = urlsplit(url)
        port = parts.port if parts.port is not None else _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None


def _urls(declared: Declared) -> Iterator[tuple[str, Address]]:
    """Every address at which the harness will call a declared service."""
    for name, service in declared.services.items():
        if isinstance(service, AuditService):
            continue
        for field in (
            "url",
            "clear_text_url",
            "token_endpoint",
            "revocation_endpoint",
            "description",
        ):
            url = getattr(service, field, None)
            if url is not None and not url.startswith("file:"):
                yield url, ("services", name, field)
