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

DEBUG_PAGES: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "/actuator/env": EXPOSED_FILES["/actuator/env"],
    "/actuator/configprops": (
        "Spring Boot",
        re.compile(r'"contexts"\s*:\s*\{.*"beans"', re.DOTALL),
    ),
    "/actuator/heapdump": ("Java", re.compile(r"\AJAVA PROFILE 1\.0")),
    "/actuator/httpexchanges": ("Spring Boot", re.compile(r'"exchanges"\s*:\s*\[\s*\{')),
    "/debug/vars": ("Go expvar", re.compile(r'"memstats"\s*:\s*\{')),
    "/debug/pprof/": EXPOSED_FILES["/debug/pprof/"],
    "/trace.axd": ("ASP.NET", re.compile(r"<h1>Application Trace</h1>")),
    "/elmah.axd": ("ELMAH", re.compile(r"<title>Error log for ")),
    "/server-status": EXPOSED_FILES["/server-status"],
}
"""What shows an application's environment, memory or traffic to whoever debugs it."""


def look(
    origin: str,
    ask: Callable[[str, str], Raw],
    known: Mapping[str, tuple[str, re.Pattern[str]]] = EXPOSED_FILES,
) -> ExposureFact:
    """Ask an origin for each file, and for a path that can't exist.

    Parameters
    ----------
    origin:
        Scheme, host and port, and the path that the others follow, when there is one.
    ask:
        Sends a method to an address; what it brings goes no further than this function.
    known:
        What is looked for, and what its content looks like.
    """
    random = ask("GET", f"{origin}/{secrets.token_hex(12)}")
    answers = {path: ask("GET", origin + path) for path in known}
    failures = [raw.failure for raw in (random, *answers.values()) if raw.failure is not None]
    return ExposureFact(
        origin=origin,
        random_status=random.status,
        files=tuple(_seen(path, known[path], raw, random) for path, raw in answers.items()),
        failure=failures[0] if failures else None,
    )


def _seen(path: str, known: tuple[str, re.Pattern[str]], raw: Raw, random: Raw) -> ExposedFile:
    name, shape = known
    shown = raw.status == 200 and shape.search(_text(raw)) and not shape.search(_text(random))
    return ExposedFile(path=path, status=raw.status, content=name if shown else None)


def _text(raw: Raw) -> str:
    return raw.body[:_READ].decode("utf-8", "replace")
