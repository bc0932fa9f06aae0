"""What a manifest gives the checks of logins and sessions to run over, and what it lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.test_subjects import actor, change, found, names, note, reading, target
from tgv_suite.model.target import (
    Actor,
    AntiForgeryToken,
    BasicAuthentication,
    BearerAuthentication,
    PasswordLimits,
    SessionAuthentication,
    Target,
    TokenLoginAuthentication,
)
from tgv_suite.subjects.logins import (
    every_forgeable_writing,
    every_idle_session,
    every_password_path,
    every_session_holder,
    every_session_that_is_left,
)
from tgv_suite.subjects.subject import (
    Access,
    ForgeableWriting,
    Leaving,
    PasswordPath,
    Undeclared,
)

WHO: dict[str, Any] = {"username": "zzt", "password": "env:X"}
LIMITS = PasswordLimits(attempts=3)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def session(**more: Any) -> SessionAuthentication:
    told = {"type": "session", "service": "api", "login_path": "/login", **WHO, **more}
    return SessionAuthentication(**told)


def basic(**more: Any) -> BasicAuthentication:
    return BasicAuthentication(type="basic", **WHO, **more)


def token(**more: Any) -> TokenLoginAuthentication:
    return TokenLoginAuthentication(type="token-login", service="api", path="/in", **WHO, **more)


def given_up(authentication: Any) -> Actor:
    return actor("a", authentication=authentication, sacrificial=True)


def declaring(*operations: str, **actors: Any) -> Target:
    """Notes that each of the actors owns one of, and reads."""
    known = {
        name: one if isinstance(one, Actor) else actor("a", authentication=one)
        for name, one in actors.items()
    }
    every = {
        "note-read": reading(actors=tuple(known)),
        "note-change": change(
            actors=tuple(known), method="POST", headers=FORM, body="note={unique}&csrf={csrf}"
        ),
        "leave": change(object=None, read_back=None, actors=tuple(known), path="/leave"),
    }
    chosen = {name: every[name] for name in ("note-read", *operations)}
    return target(chosen, actors=known, objects={f"note-{name}": note(name) for name in known})


def test_each_way_to_log_in_is_a_path_with_the_account_given_up_for_it() -> None:
    declared = declaring(
        form=session(),
        lockable=given_up(session(limits=LIMITS)),
        spent=given_up(session()),
        api=token(),
        kiosk=given_up(basic(limits=LIMITS)),
    )
    paths = {path.name: path for path in found(every_password_path(declared))}
    assert list(paths) == ["form.api-login", "token.api-in", "basic.localhost"]
    form, api, kiosk = paths.values()
    assert isinstance(form, PasswordPath)
    assert (form.lockable, form.guessed, form.bystander) == tuple(
        next(a for a in (form.lockable, form.guessed, form.bystander) if a and a.actor_id == name)
        for name in ("lockable", "spent", "form")
    )
    assert form.limits == LIMITS
    assert isinstance(api, PasswordPath)
    assert (api.lockable, api.limits, api.guessed) == (None, None, None)
    assert isinstance(kiosk, PasswordPath)
    assert kiosk.guessed is kiosk.lockable is not None
    assert kiosk.bystander is None


def test_limits_of_an_account_that_is_not_given_up_are_not_tried() -> None:
    (path,) = found(every_password_path(declaring(form=session(limits=LIMITS))))
    assert isinstance(path, PasswordPath)
    assert path.lockable is None


def test_a_system_without_passwords_has_no_such_path() -> None:
    nobody = every_password_path(declaring(a=BearerAuthentication(type="bearer", token="env:X")))
    assert isinstance(nobody, Undeclared)
    assert not nobody.offered
    unseen = replace(declaring(form=session()), operations={})
    unread = every_password_path(unseen)
    assert isinstance(unread, Undeclared)
    assert unread.offered


def test_each_login_page_is_tried_once_by_who_is_given_up_where_anybody_is() -> None:
    declared = declaring(
        nurse=session(), spent=given_up(session()), other=session(login_path="/other")
    )
    assert names(every_session_holder(declared)) == ["note-read.spent", "note-read.other"]


def test_the_session_that_ends_soonest_is_the_one_that_rests() -> None:
    declared = declaring(long=session(idle_s=900), short=session(idle_s=2), none=session())
    (access,) = found(every_idle_session(declared))
    assert isinstance(access, Access)
    assert access.actor_id == "short"
    assert isinstance(every_idle_session(declaring(none=session())), Undeclared)


def test_a_session_is_left_by_the_operation_that_its_actor_declares() -> None:
    declared = declaring("leave", stays=session(), nurse=session(logout="leave"))
    (leaving,) = found(every_session_that_is_left(declared))
    assert isinstance(leaving, Leaving)
    assert leaving.name == "leave.nurse"
    assert leaving.reading.operation_id == "note-read"
    assert isinstance(every_session_that_is_left(declaring(stays=session())), Undeclared)


@pytest.mark.parametrize(
    "every",
    [
        every_session_holder,
        every_idle_session,
        every_session_that_is_left,
        every_forgeable_writing,
    ],
)
def test_without_sessions_their_checks_do_not_apply(every: Any) -> None:
    none = every(declaring(kiosk=basic()))
    assert isinstance(none, Undeclared)
    assert not none.offered


def test_a_forged_form_is_the_same_from_elsewhere_without_its_token() -> None:
    declared = declaring(
        "note-change", kiosk=basic(), nurse=session(anti_forgery=AntiForgeryToken(name="csrf"))
    )
    (forgeable,) = found(every_forgeable_writing(declared))
    assert isinstance(forgeable, ForgeableWriting)
    assert forgeable.name == "note-change.nurse"
    assert [variant.text for variant in forgeable.forged] == ["note={unique}"] * 2
    assert {variant.media_type for variant in forgeable.forged} == set(FORM.values())
    origins = [dict(variant.headers)["Origin"] for variant in forgeable.forged]
    assert origins == ["https://ailleurs.example", "null"]


def test_a_body_in_json_is_forged_as_plain_text_without_the_token_wherever_it_stood() -> None:
    declared = declaring("note-change", nurse=session())
    in_json = replace(
        declared.operations["note-change"],
        path="/notes/{object}?a=1&t={csrf}",
        headers={"X-Csrf": "{csrf}"},
        body={"text": "{unique}", "csrf": "{csrf}"},
    )
    told = replace(declared, operations={**declared.operations, "note-change": in_json})
    (forgeable,) = found(every_forgeable_writing(told))
    assert isinstance(forgeable, ForgeableWriting)
    first = forgeable.forged[0]
    assert first.text == '{"text": "{unique}"}'
    assert first.media_type == "text/plain"
    assert first.path == "/notes/{object}?a=1"
    assert dict(first.headers)["X-Csrf"] == ""


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_no_form_can_send_is_no_subject(method: str) -> None:
    declared = declaring("note-change", nurse=session())
    operation = replace(declared.operations["note-change"], method=method)  # type: ignore[arg-type]
    told = replace(declared, operations={**declared.operations, "note-change": operation})
    none = every_forgeable_writing(told)
    assert isinstance(none, Undeclared)
    assert none.offered
