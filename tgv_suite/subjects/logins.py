"""Subjects of the checks of logins with a password, and of the sessions that they bring."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from pydantic import JsonValue

from tgv_suite.model.target import (
    Actor,
    AuditService,
    BasicAuthentication,
    OAuth2Authentication,
    OperationKind,
    PasswordLimits,
    SessionAuthentication,
    Target,
    TokenLoginAuthentication,
)
from tgv_suite.model.variant import Variant
from tgv_suite.subjects.declared import READS, permitted_accesses, permitted_writings
from tgv_suite.subjects.subject import (
    Access,
    ForgeableWriting,
    Leaving,
    PasswordPath,
    Subject,
    Undeclared,
    Writing,
    or_undeclared,
)
from tgv_suite.text import Text

ELSEWHERE = "https://ailleurs.example"
_BY_PASSWORD = (BasicAuthentication, SessionAuthentication, TokenLoginAuthentication)
_IN_FORM = "application/x-www-form-urlencoded"


def every_password_path(target: Target) -> Sequence[Subject] | Undeclared:
    """Each way to log in with a password: each login page, and HTTP Basic at each host."""
    readings: dict[str, list[Access]] = {}
    for access in permitted_accesses(target, READS):
        path = _path_of(target, access)
        if path is not None and access.object.canaries:
            readings.setdefault(path, []).append(access)
    if not readings:
        return _no_password(target)
    return [_password_path(path, found) for path, found in readings.items()]


def _path_of(target: Target, access: Access) -> str | None:
    declared = access.actor.authentication
    if isinstance(declared, SessionAuthentication):
        return f"form.{declared.service}{declared.login_path.replace('/', '-')}"
    if isinstance(declared, TokenLoginAuthentication):
        return f"token.{declared.service}{declared.path.replace('/', '-')}"
    if isinstance(declared, BasicAuthentication):
        service = target.services[access.operation.service]
        host = None if isinstance(service, AuditService) else urlsplit(service.url).hostname
        return f"basic.{host}"
    return None


def _password_path(path: str, readings: Sequence[Access]) -> PasswordPath:
    given_up = [access for access in readings if access.actor.sacrificial]
    lockable = [access for access in given_up if _limits_of(access.actor) is not None]
    chosen = next(iter(lockable), None)
    others = [a for a in readings if chosen is None or a.actor_id != chosen.actor_id]
    return PasswordPath(
        path=path,
        lockable=chosen,
        limits=None if chosen is None else _limits_of(chosen.actor),
        guessed=next((a for a in given_up if a is not chosen), chosen),
        bystander=next(iter(others), None),
    )


def _limits_of(actor: Actor) -> PasswordLimits | None:
    declared = actor.authentication
    return declared.limits if isinstance(declared, _BY_PASSWORD) else None


def _no_password(target: Target) -> Undeclared:
    actors = [actor.authentication for actor in target.actors.values()]
    by_page = any(isinstance(a, OAuth2Authentication) and a.login is not None for a in actors)
    if by_page or any(isinstance(a, _BY_PASSWORD) for a in actors):
        return Undeclared(
            missing=Text(
                fr="aucune lecture d'un objet marqué n'est déclarée pour un compte à mot de passe "
                "(HTTP Basic ou page de connexion), par laquelle voir s'il est entré",
                en="no reading of a marked object is declared for an account with a password (HTTP "
                "Basic or a login page), by which to see that it is in",
            )
        )
    return Undeclared(
        missing=Text(
            fr="selon le manifeste, personne ne se connecte par un mot de passe",
            en="by the manifest, nobody logs in with a password",
        ),
        offered=False,
    )


def every_session_holder(target: Target) -> Sequence[Subject] | Undeclared:
    """For each login page, a reading of a marked object in a session."""
    return _sessions(target, lambda access, declared: access)


def every_idle_session(target: Target) -> Sequence[Subject] | Undeclared:
    """For each login page, a reading in the session that ends soonest without a request."""
    return _sessions(
        target,
        lambda access, declared: access if declared.idle_s is not None else None,
        shortest=True,
        fr=" et qui s'éteint sans activité (idle_s)",
        en=" that ends without activity (idle_s)",
    )


def every_session_that_is_left(target: Target) -> Sequence[Subject] | Undeclared:
    """For each login page, a reading in a session, and the operation that ends it."""

    def leaving(access: Access, declared: SessionAuthentication) -> Subject | None:
        if declared.logout is None:
            return None
        operation = target.operations[declared.logout]
        leave = replace(access, operation_id=declared.logout, operation=operation)
        return Leaving(reading=access, leave=leave)

    return _sessions(
        target,
        leaving,
        fr=" et que ferme une opération (logout)",
        en=" that an operation ends (logout)",
    )


def _sessions(
    target: Target,
    subject: Callable[[Access, SessionAuthentication], Subject | None],
    *,
    shortest: bool = False,
    fr: str = "",
    en: str = "",
) -> Sequence[Subject] | Undeclared:
    """The first subject of each login page, by who is given up for it where anybody is."""
    if not _by_session(target):
        return _NO_SESSION
    readings = [
        (access, access.actor.authentication)
        for access in permitted_accesses(target, READS)
        if isinstance(access.actor.authentication, SessionAuthentication)
        and access.object.canaries
        and access.operation.method == "GET"
    ]
    readings.sort(
        key=lambda pair: (shortest and (pair[1].idle_s or 0), not pair[0].actor.sacrificial)
    )
    first: dict[str | None, Subject] = {}
    for access, declared in readings:
        found = subject(access, declared)
        if found is not None:
            first.setdefault(_path_of(target, access), found)
    return or_undeclared(
        list(first.values()),
        fr=f"aucune lecture d'un objet marqué n'est déclarée dans une session (session){fr}",
        en=f"no reading of a marked object is declared in a session (session){en}",
    )


def every_forgeable_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """For each login page, a change in a session that another site's page could have a browser send."""
    if not _by_session(target):
        return _NO_SESSION
    first: dict[str | None, Subject] = {}
    for writing in permitted_writings(target):
        forged = tuple(_forgeries(writing))
        if isinstance(writing.write.actor.authentication, SessionAuthentication) and forged:
            path = _path_of(target, writing.write)
            marked = _marked_reading(target, writing.write.actor_id) or writing.reading
            first.setdefault(path, ForgeableWriting(writing=writing, marked=marked, forged=forged))
    return or_undeclared(
        list(first.values()),
        fr="aucune modification par POST n'est déclarée dans une session, avec la lecture qui en "
        "montre l'effet",
        en="no change by POST is declared in a session, with the reading that shows its effect",
    )


def _marked_reading(target: Target, actor: str) -> Access | None:
    """A reading that shows an actor to be in their session, by a mark."""
    readings = permitted_accesses(target, READS)
    return next((r for r in readings if r.actor_id == actor and r.object.canaries), None)


def _forgeries(writing: Writing) -> Iterator[Variant]:
    """The change as another site's form sends it (HTML, form submission): without the token.

    A form has a simple method and body; what isn't a form's body is sent as one of plain text.
    """
    operation = writing.write.operation
    if operation.method not in ("GET", "POST") or operation.kind is OperationKind.DELETE:
        return
    without = {name: "" for name, value in operation.headers.items() if "{csrf}" in value}
    text, media_type = _without_token(operation.body), _media_type(operation.headers)
    for origin in (ELSEWHERE, "null"):
        told = {"Origin": origin, "Sec-Fetch-Site": "cross-site", **without}
        if origin != "null":
            told["Referer"] = f"{ELSEWHERE}/"
        yield Variant(
            name=f"from-{'elsewhere' if origin != 'null' else 'nowhere'}",
            path=_without_pairs(operation.path),
            headers=tuple(told.items()),
            text=text,
            media_type=media_type if media_type == _IN_FORM else "text/plain",
        )


def _media_type(headers: Mapping[str, str]) -> str:
    told = next((v for k, v in headers.items() if k.lower() == "content-type"), "")
    return told.partition(";")[0].strip().lower()


def _without_token(body: JsonValue) -> str | None:
    """A body as text, without what carries the anti-forgery token."""
    if body is None:
        return None
    if isinstance(body, str):
        return "&".join(pair for pair in body.split("&") if "{csrf}" not in pair)
    kept = (
        {name: value for name, value in body.items() if value != "{csrf}"}
        if isinstance(body, dict)
        else body
    )
    return json.dumps(kept, ensure_ascii=False)


def _without_pairs(path: str) -> str | None:
    """A path without the parameters that carry the token; None where none does."""
    if "{csrf}" not in path:
        return None
    base, _, query = path.partition("?")
    kept = "&".join(pair for pair in query.split("&") if "{csrf}" not in pair)
    return f"{base}?{kept}" if kept else base


def _by_session(target: Target) -> bool:
    return any(isinstance(a.authentication, SessionAuthentication) for a in target.actors.values())


_NO_SESSION = Undeclared(
    missing=Text(
        fr="selon le manifeste, aucun acteur ne s'authentifie par le témoin d'une session",
        en="by the manifest, no actor authenticates with a session's cookie",
    ),
    offered=False,
)
