"""The login of a system that issues its own bearer tokens: what it is sent, and the token it answers with."""

from __future__ import annotations

import json

from pydantic import JsonValue

from tgv_suite.model.json_tree import values_at
from tgv_suite.model.target import AuditService, Service
from tgv_suite.probes.credentials import TokenLogin
from tgv_suite.probes.template import filled_in

_LONGEST = 16 * 1024


def address(service: Service, login: TokenLogin) -> str:
    """Where the login is."""
    base = "" if isinstance(service, AuditService) else service.url.rstrip("/")
    return base + login.declared.path


def body(login: TokenLogin) -> bytes:
    """What the login is sent."""
    values = {"username": login.declared.username, "password": login.password.reveal()}
    return json.dumps(filled_in(dict(login.declared.body), values), ensure_ascii=False).encode()


def token_in(answer: JsonValue, path: str) -> str | None:
    """The token that an answer holds where the manifest says, or None."""
    found = values_at(answer, path)
    return next((v for v in found if isinstance(v, str) and 0 < len(v) <= _LONGEST), None)
