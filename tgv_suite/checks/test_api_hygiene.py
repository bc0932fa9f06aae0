"""API hygiene: what a system says of itself when something goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tgv_suite.check import (
    Access,
    Answer,
    CannotTell,
    Cause,
    System,
    Text,
    every_protected_reading,
    requirement,
)

_FAULTS = (
    "unknown-object",
    "quote-in-identifier",
    "oversized-identifier",
    "wrong-type",
    "truncated-body",
    "unknown-path",
    "unknown-media-type",
)
_ENOUGH = 3
_QUOTED = 60
_LEAKS = {
    Text(fr="trace d'exécution", en="stack frame"): re.compile(
        r'Traceback \(most recent call last\)|File "[^"\n]+", line \d+, in '
        r"|\n\s*at [\w.$<>]+\([\w.]+\.(?:java|kt|scala|cs|js|ts):\d+|System\.\w+Exception: "
        r"|goroutine \d+ \[running\]|\.php(?: on line |:)\d+"
    ),
    Text(fr="requête SQL", en="SQL query"): re.compile(
        r"\bSELECT\s.{1,200}?\sFROM\s|\bINSERT\s+INTO\s|\bUPDATE\s+\w+\s+SET\s|\bDELETE\s+FROM\s",
        re.DOTALL,
    ),
    Text(fr="message d'un pilote", en="driver message"): re.compile(
        r"ORA-\d{5}|SQLSTATE\[|psycopg2?\.|sqlite3\.\w*Error|SQLITE_ERROR|com\.mysql\.|System\.Data\.SqlClient"
        r"|near \"[^\"]*\": syntax error|unrecognized token: |org\.hibernate\.|PG::\w+Error"
    ),
    Text(fr="chemin absolu", en="absolute path"): re.compile(
        r"(?<![\w:/.])/(?:usr|var|home|opt|srv|etc|app|root|tmp)/[\w.-]+/[\w./-]+|\b[A-Z]:\\\\?[\w .-]+\\"
    ),
}


@requirement("API-04", access=every_protected_reading)
def test_errors_tell_nothing_of_the_inside(si: System, access: Access) -> None:
    """The same call with one fault at a time; what the errors say is searched, never their status."""
    si.control(si.perform(access), sees=access.object.canaries)

    answers = [si.malformed(access, fault) for fault in _FAULTS]

    errors = [answer for answer in answers if answer.status is not None and answer.status >= 400]
    leaks = _leaks(errors)
    assert not leaks, Text(
        fr="un message d'erreur révèle l'intérieur du SI : "
        + ", ".join(f"{what.fr} « {found} »" for what, found in leaks.items()),
        en="an error message reveals the inside of the system: "
        + ", ".join(f"{what.en} “{found}”" for what, found in leaks.items()),
    )
    refused = [answer for answer in errors if answer.status is not None and answer.status < 500]
    if len(refused) < _ENOUGH:
        raise CannotTell(
            Cause.NO_OBSERVATION,
            Text(
                fr=f"{len(refused)} erreur(s) obtenue(s) ; il en faut {_ENOUGH} pour conclure",
                en=f"{len(refused)} error(s) obtained; {_ENOUGH} are needed to conclude",
            ),
        )
    si.control(si.perform(access), sees=access.object.canaries)


def _leaks(answers: Iterable[Answer]) -> dict[Text, str]:
    """What was found, with the beginning of it as it stands in the answer."""
    return {
        what: found.group().strip()[:_QUOTED]
        for what, shape in _LEAKS.items()
        for answer in answers
        if (found := shape.search(answer.body)) is not None
    }
