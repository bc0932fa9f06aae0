"""Files that a server must not serve, each known by its content and never by its status."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping

from tgv_suite.model.facts import ExposedFile, ExposureFact
from tgv_suite.probes.http import Raw

_READ = 64 * 1024
EXPOSED_FILES: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "/.git/HEAD": ("git", re.compile(r"\Aref: refs/\S+\s*\Z|\A[0-9a-f]{40}\s*\Z")),
    "/.git/config": ("git", re.compile(r"^\[core\]\s*$", re.MULTILINE)),
    "/.env": (
        "dotenv",
        re.compile(
            r"^(?:export )?[A-Z][A-Z0-9_]*(?:KEY|SECRET|PASSWORD|PASS|TOKEN|DSN|URL)=\S",
            re.MULTILINE,
        ),
    ),
    "/.htpasswd": ("htpasswd", re.compile(r"^[\w.@-]+:(?:\$\w+\$|\{SHA\})\S+", re.MULTILINE)),
    "/web.config": ("web.config", re.compile(r"<configuration[\s>].*<system\.web", re.DOTALL)),
    "/WEB-INF/web.xml": ("web.xml", re.compile(r"<web-app[\s>]")),
    "/backup.sql": (
        "SQL",
        re.compile(r"^-- (?:MySQL dump|MariaDB dump|PostgreSQL database dump)", re.MULTILINE),
    ),
    "/server-status": ("Apache", re.compile(r"<h1>Apache Server Status for ", re.IGNORECASE)),
    "/phpinfo.php": ("phpinfo", re.compile(r"<title>[^<]*phpinfo\(\)", re.IGNORECASE)),
    "/actuator/env": ("Spring Boot", re.compile(r'"propertySources"\s*:\s*\[')),
    "/h2-console/": ("H2", re.compile(r"<title>H2 Console</title>")),
    "/debug/pprof/": ("Go pprof", re.compile(r"Types of profiles available")),
}
"""The path, the name of what it is, and what its content looks like; declared pages aren't here."""


def look(origin: str, ask: Callable[[str, str], Raw]) -> ExposureFact:
    """Ask an origin for each file, and for a path that can't exist.

    Parameters
    ----------
    origin:
        Scheme, host and port.
    ask:
        Sends a method to an address; what it brings goes no further than this function.
    """
    random = ask("GET", f"{origin}/{secrets.token_hex(12)}")
    answers = {path: ask("GET", origin + path) for path in EXPOSED_FILES}
    failures = [raw.failure for raw in (random, *answers.values()) if raw.failure is not None]
    return ExposureFact(
        origin=origin,
        random_status=random.status,
        files=tuple(_seen(path, raw, random) for path, raw in answers.items()),
        failure=failures[0] if failures else None,
    )


def _seen(path: str, raw: Raw, random: Raw) -> ExposedFile:
    name, shape = EXPOSED_FILES[path]
    shown = raw.status == 200 and shape.search(_text(raw)) and not shape.search(_text(random))
    return ExposedFile(path=path, status=raw.status, content=name if shown else None)


def _text(raw: Raw) -> str:
    return raw.body[:_READ].decode("utf-8", "replace")
