"""What of a system's inside an answer tells: by the shape of what programs print, never by a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tgv_suite.model.facts import Answer
from tgv_suite.text import Text

_QUOTED = 60
_SQL = Text(fr="requête SQL", en="SQL query")
_DRIVER = Text(fr="message d'un pilote", en="driver message")
_LEAKS = {
    Text(fr="trace d'exécution", en="stack frame"): re.compile(
        r'Traceback \(most recent call last\)|File "[^"\n]+", line \d+, in '
        r"|\n\s*at [\w.$<>]+\([\w.]+\.(?:java|kt|scala|cs|js|ts):\d+|System\.\w+Exception: "
        r"|goroutine \d+ \[running\]|\.php(?: on line |:)\d+"
    ),
    _SQL: re.compile(
        r"\bSELECT\s.{1,200}?\sFROM\s|\bINSERT\s+INTO\s|\bUPDATE\s+\w+\s+SET\s|\bDELETE\s+FROM\s",
        re.DOTALL,
    ),
    _DRIVER: re.compile(
        r"ORA-\d{5}|SQLSTATE\[|psycopg2?\.|sqlite3\.\w*Error|SQLITE_ERROR|com\.mysql\.|System\.Data\.SqlClient"
        r"|near \"[^\"]*\": syntax error|unrecognized token: |org\.hibernate\.|PG::\w+Error"
        r"|You have an error in your SQL syntax|Unclosed quotation mark after the character string"
        r"|unterminated quoted string at or near|MongoServerError|javax\.naming\.\w+Exception"
    ),
    Text(fr="chemin absolu", en="absolute path"): re.compile(
        r"(?<![\w:/.])/(?:usr|var|home|opt|srv|etc|app|root|tmp)/[\w.-]+/[\w./-]+|\b[A-Z]:\\\\?[\w .-]+\\"
    ),
}


def inside_told(answers: Iterable[Answer]) -> Mapping[Text, str]:
    """What the answers tell of the inside, with the beginning of it as it stands there."""
    return {
        what: found.group().strip()[:_QUOTED]
        for what, shape in _LEAKS.items()
        for answer in answers
        if (found := shape.search(answer.body)) is not None
    }


def revealed(leaks: Mapping[Text, str]) -> Text:
    """That errors tell of the inside, and what."""
    return Text(
        fr="un message d'erreur révèle l'intérieur du SI : "
        + ", ".join(f"{what.fr} « {found} »" for what, found in leaks.items()),
        en="an error message reveals the inside of the system: "
        + ", ".join(f"{what.en} “{found}”" for what, found in leaks.items()),
    )


def query_told(answer: Answer) -> bool:
    """Whether an answer tells a query, or what a database's driver said of one."""
    return any(_LEAKS[what].search(answer.body) for what in (_SQL, _DRIVER))
