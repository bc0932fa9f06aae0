"""What a run creates in the system: kept from before it is sent until it is seen to be gone."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from urllib3 import encode_multipart_formdata

from tgv_suite.model.facts import Failure
from tgv_suite.model.files import SentFile
from tgv_suite.model.json_tree import parsed, values_at
from tgv_suite.model.results import CreatedObject, Fate
from tgv_suite.model.target import Creation, Upload
from tgv_suite.probes.http import Raw
from tgv_suite.probes.template import Filled

_NEVER_SENT = (Failure.HALTED, Failure.OUT_OF_SCOPE, Failure.NO_CREDENTIAL)
_CREATED = "created"
_LONGEST = 500
Values = tuple[tuple[str, str], ...]
_NAME = re.compile(r"\{[a-z_][a-z0-9_]*\}")


class Creations:
    """The register of what was created; whatever interrupts a check, it is still told of."""

    def __init__(self) -> None:
        self._known: dict[str, CreatedObject] = {}
        self._lock = threading.Lock()

    def begin(self, unique: str, *, operation: str, actor: str) -> None:
        """Keep a creation that is about to be sent."""
        with self._lock:
            self._known[unique] = CreatedObject(
                operation=operation, actor=actor, identifier="", fate=Fate.UNKNOWN
            )

    def answered(self, unique: str, raw: Raw, creation: Creation, shown_by: str) -> bool:
        """Learn what was created, and whether the answer says its identifier.

        Parameters
        ----------
        unique:
            Which creation.
        raw:
            The answer.
        creation, shown_by:
            How the identifier is known, and the path of the operation that shows what was created.
        """
        refused = raw.status is not None and 400 <= raw.status < 500
        if refused or raw.failure in _NEVER_SENT:
            with self._lock:
                del self._known[unique]
            return False
        taken = raw.status is not None and raw.status < 400
        identifier = identifier_in(raw, creation, shown_by) if taken else None
        if identifier is not None:
            self._settle(unique, identifier=identifier, fate=Fate.LEFT)
        return identifier is not None

    def identified(self, values: Values) -> Values:
        """What fills a template, with the identifier of a creation in place of its request's string."""
        with self._lock:
            return tuple(
                (name, self._known[value].identifier if name == _CREATED else value)
                for name, value in values
            )

    def gone(self, values: Values) -> None:
        """Note that what was created was seen to be gone."""
        for name, value in values:
            if name == _CREATED:
                self._settle(value, identifier=self._known[value].identifier, fate=Fate.REMOVED)

    def _settle(self, unique: str, *, identifier: str, fate: Fate) -> None:
        with self._lock:
            self._known[unique] = replace(self._known[unique], identifier=identifier, fate=fate)

    def told(self) -> tuple[CreatedObject, ...]:
        """All that was created, in order."""
        with self._lock:
            return tuple(self._known.values())


def identifier_in(raw: Raw, creation: Creation, shown_by: str) -> str | None:
    """The identifier that an answer gives to what it created; None when it gives none.

    Parameters
    ----------
    raw:
        The answer.
    creation, shown_by:
        Where it stands, and the path in which ``{created}`` stands for it.
    """
    content = parsed(raw.body)
    if creation.identifier is not None:
        return _first(values_at(content, creation.identifier))
    headers = {name.lower(): value for name, value in raw.headers}
    address = headers.get("location") or headers.get("content-location") or ""
    found = re.search(_pattern(shown_by), address)
    if found is not None:
        return unquote(found["created"])
    return (
        _first(values_at(content, "id")) or unquote(address.rstrip("/").rpartition("/")[2]) or None
    )


def _first(values: Sequence[Any]) -> str | None:
    """The first of some values that may be an identifier."""
    texts = (str(v) for v in values if isinstance(v, str | int) and not isinstance(v, bool))
    return next((text for text in texts if 0 < len(text) <= _LONGEST), None)


def _pattern(path: str) -> str:
    """An operation's path as the end of an address, with the new identifier in it."""
    pattern, end = "", 0
    for name in _NAME.finditer(path):
        created = name[0] == "{created}" and "(?P<created>" not in pattern
        pattern += re.escape(path[end : name.start()])
        pattern += r"(?P<created>[^/?#&]+)" if created else r"[^/?#&]+"
        end = name.end()
    rest = re.escape(path[end:])
    return rf"{pattern}{rest}(?:[/?#&]|$)" if "(?P<created>" in pattern else r"(?!)(?P<created>)"


def carrying(filled: Filled, file: SentFile, upload: Upload, unique: str) -> Filled:
    """A request that carries a file: in a form with the body's own fields, in the body, or by itself.

    Parameters
    ----------
    filled:
        The request without the file.
    file, upload, unique:
        The file, how it is carried, and the string that it alone carries.
    """
    content = file.bytes_of(unique)
    kept = [(name, value) for name, value in filled.headers if name.lower() != "content-type"]
    if upload.field is None and filled.body is not None:
        return replace(filled, body=_holding(filled.body, file, content), unique=unique)
    if upload.field is None:
        headers = (*kept, ("Content-Type", file.media_type))
        return replace(filled, headers=headers, body=content, unique=unique)
    fields = json.loads(filled.body) if filled.body is not None else {}
    form: list[tuple[str, Any]] = [(name, str(value)) for name, value in fields.items()]
    form.append((upload.field, (file.name, content, file.media_type)))
    body, media_type = encode_multipart_formdata(form)
    headers = (*kept, ("Content-Type", media_type))
    return replace(filled, headers=headers, body=body, unique=unique)


def _holding(body: bytes, file: SentFile, content: bytes) -> bytes:
    """A body in whose places for a file's name, type and content they stand."""
    for name, value in {
        "file_base64": base64.b64encode(content).decode(),
        "file_name": file.name,
        "file_type": file.media_type,
    }.items():
        body = body.replace(f"{{{name}}}".encode(), value.encode())
    return body
