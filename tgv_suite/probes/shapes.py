"""What secrets and personal values look like: patterns, and what JSON keys say of their values."""

from __future__ import annotations

import re
from typing import Final

from pydantic import JsonValue

from tgv_suite import nam

MARK_SHAPE: Final = r"\[(?:secret|personal|nam|nas|email|phone):[0-9a-f]{12}\]"
MARK: Final = re.compile(MARK_SHAPE)
_ESCAPED_MARK: Final = r"%5B(?:secret|personal|nam|nas|email|phone)%3A[0-9a-f]{12}%5D"
ANY_MARK: Final = re.compile(f"{MARK_SHAPE}|{_ESCAPED_MARK}")


def outside_marks(shape: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """A pattern whose group ``kept`` takes the marks: what they are made of means nothing."""
    return re.compile(rf"(?P<kept>{MARK_SHAPE})|{shape}", flags)


# A run of letters is consumed whole, dot or not: trying again inside of it would be quadratic.
JWT: Final = outside_marks(
    r"eyJ[A-Za-z0-9_-]{5,}(?P<rest>\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*){0,3})?"
)
PRIVATE_KEY: Final = outside_marks(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
NAM: Final = outside_marks(nam.PATTERN.pattern)
PERSONAL: Final = {
    "email": outside_marks(
        r"[A-Za-z0-9][\w.+-]{0,63}(?:@|%40)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
    ),
    "phone": outside_marks(
        r"(?<![0-9-])(?:\+?1[ .-])?\(?[0-9]{3}\)?[ .-][0-9]{3}-[0-9]{4}(?![0-9-])"
    ),
    "nas": outside_marks(r"(?<![\w.-])[0-9]{3}[ -][0-9]{3}[ -][0-9]{3}(?![\w.-])"),
}
HINTS: Final = {
    "email": re.compile("@|%40"),
    "phone": re.compile("[0-9]{3}-[0-9]{4}"),
    "nas": re.compile("[0-9]{3}[ -][0-9]{3}[ -][0-9]{3}"),
}
"""What stands in every value of a kind and is found much faster than its whole shape."""

SECRET_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "dpop"}
)
_SECRET_KEYS: Final = frozenset(
    {
        "access_token",
        "refresh_token",
        "id_token",
        "client_secret",
        "client_assertion",
        "assertion",
        "password",
        "passwd",
        "secret",
        "api_key",
        "apikey",
        "code_verifier",
        "device_code",
        "private_key",
        "session_id",
    }
)
_PERSONAL_KEYS: Final = frozenset(
    {
        "family",
        "given",
        "birthdate",
        "birth_date",
        "date_naissance",
        "dob",
        "first_name",
        "last_name",
        "given_name",
        "family_name",
        "firstname",
        "lastname",
        "prenom",
        "nom",
        "nom_famille",
        "nam",
        "niu",
        "nas",
        "sin",
        "address",
        "adresse",
        "postalcode",
        "postal_code",
        "code_postal",
        "phone",
        "telecom",
        "telephone",
        "email",
        "courriel",
        "mobile",
    }
)
# Of a HumanName, an Address or a ContactPoint (FHIR R4 datatypes), what says nothing of a person.
_CODED_KEYS: Final = frozenset({"use", "system", "type", "rank", "period", "url", "country"})

_KEYS: Final = "|".join(sorted(_SECRET_KEYS | _PERSONAL_KEYS | {"line"}))
# A value ends at a backslash: evidence is JSON, where the quote or the end of line after it is escaped.
SECRET_PAIR: Final = re.compile(
    rf"(?i)(?<![\w])(?P<key>{'|'.join(sorted(_SECRET_KEYS))})=(?P<value>[^&\s\"'<>\\]+)"
)
JSON_FIELD: Final = re.compile(
    rf'(?i)(?P<before>"(?P<key>{_KEYS})"\s*:\s*)'
    r'(?P<value>\[(?:[^"\]{}]|"(?:[^"\\]|\\.)*"?)*|"(?:[^"\\]|\\.)*"?|-?[0-9][0-9.]*)'
)
JSON_VALUE: Final = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"?|(?P<number>-?[0-9][0-9.]*)')
XML_FIELD: Final = re.compile(
    rf'(?i)(?P<before><(?P<key>{_KEYS})(?:\s+value="|>))(?P<value>[^"<]+)'
)


def is_mark(text: str) -> bool:
    """Whether a text is one mark and nothing else, as it is or percent-encoded."""
    return ANY_MARK.fullmatch(text) is not None


def kind_of_key(key: str) -> str | None:
    """What a key says of its value: ``secret``, ``personal``, or nothing."""
    name = key.casefold()
    if name in _SECRET_KEYS:
        return "secret"
    return "personal" if name in _PERSONAL_KEYS or name == "line" else None


def kind_of_field(
    key: str, value: JsonValue, owner: dict[str, JsonValue], above: str | None
) -> str | None:
    """What a JSON object's field holds, from its key and from where it stands.

    Parameters
    ----------
    key, value, owner:
        The field, and the object that it belongs to.
    above:
        What the keys above said.
    """
    name = key.casefold()
    if above == "personal" and name in _CODED_KEYS:
        return None
    if name == "line" and above is None:
        return None
    if name == "name" and _is_human_name(value):
        return "personal"
    if name == "display" and "reference" in owner:
        return "personal"
    return kind_of_key(key) or above


def _is_human_name(value: JsonValue) -> bool:
    """Whether a value is a FHIR R4 HumanName, or a list of them; other things have names too."""
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, dict) and not item.keys().isdisjoint(_NAME) for item in items)


_NAME: Final = frozenset({"family", "given", "text"})
