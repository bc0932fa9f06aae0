"""Sessions: a cookie is its owner's alone, ends when it should, and obeys no other site."""

from __future__ import annotations

from collections.abc import Iterable

from tgv_suite.check import (
    Access,
    Answer,
    CannotTell,
    Cause,
    Credential,
    ForgeableWriting,
    Leaving,
    Refusal,
    SessionAuthentication,
    SessionCookie,
    SessionFact,
    System,
    Text,
    cause_of,
    every_forgeable_writing,
    every_idle_session,
    every_session_holder,
    every_session_that_is_left,
    requirement,
    settled,
    unanswered,
)

_IDLE_MARGIN = 1.1


@requirement("AUT-03", access=every_session_holder, alone=True)
def test_an_altered_session_cookie_opens_nothing(si: System, access: Access) -> None:
    """The session's cookie, then the same with another character in its middle."""
    shown = access.object.canaries
    _carried(si, access)
    _logged_in(si, access, "altered")

    attempt = si.perform(access, token="altered", credential=Credential.ALTERED_COOKIE)

    opened = attempt.mentions(shown)
    assert not opened, Text(
        fr=f"un témoin de session altéré ouvre l'objet (statut {attempt.status}) ; attendu : 401",
        en=f"an altered session cookie opens the object (status {attempt.status}); expected 401",
    )
    settled(attempt, Refusal.CREDENTIAL, Refusal.OBJECT)
    si.control(si.perform(access, token="altered"), sees=shown)


@requirement("AUT-23", leaving=every_session_that_is_left, alone=True)
def test_a_session_that_was_left_opens_nothing(si: System, leaving: Leaving) -> None:
    """A session opens a reading, is left, and its cookie is presented again."""
    access, shown = leaving.reading, leaving.reading.object.canaries
    _logged_in(si, access, "left")

    left = si.perform(leaving.leave, token="left")
    if left.status is None or left.status >= 400:
        raise unanswered(left, Text(fr="la déconnexion", en="the logout"))
    replayed = si.perform(access, token="left")

    opened = replayed.mentions(shown)
    assert not opened, Text(
        fr=f"après la déconnexion, le témoin de la session ouvre encore l'objet (statut "
        f"{replayed.status}) ; attendu : 401",
        en=f"after the logout, the session's cookie still opens the object (status "
        f"{replayed.status}); expected 401",
    )
    settled(replayed, Refusal.CREDENTIAL, Refusal.OBJECT)
    _logged_in(si, access, "after-it")


@requirement("AUT-24", access=every_idle_session, alone=True)
def test_an_idle_session_opens_nothing(si: System, access: Access) -> None:
    """A session opens a reading, rests for the declared time and a tenth more, and asks again."""
    shown, idle_s = access.object.canaries, _session_of(access).idle_s or 0.0
    rest_s = idle_s * _IDLE_MARGIN
    if rest_s > si.parameters.expiry_wait_s:
        raise CannotTell(
            Cause.NOT_RUN,
            Text(
                fr=f"la session dure {idle_s:g} s sans activité, et l'essai n'attend pas plus de "
                f"{si.parameters.expiry_wait_s} s : réservez un compte dont la session est plus brève",
                en=f"the session lasts {idle_s:g} s without activity, and the run waits no longer than "
                f"{si.parameters.expiry_wait_s} s: set aside an account whose session is shorter",
            ),
        )
    _logged_in(si, access, "idle")

    late = si.perform(access, token="idle", after_s=rest_s)

    opened = late.mentions(shown)
    assert not opened, Text(
        fr=f"une session restée {rest_s:g} s sans activité ouvre encore l'objet (statut "
        f"{late.status}) ; elle devait s'éteindre après {idle_s:g} s",
        en=f"a session that rested for {rest_s:g} s still opens the object (status {late.status}); "
        f"it was to end after {idle_s:g} s",
    )
    settled(late, Refusal.CREDENTIAL, Refusal.OBJECT)
    _logged_in(si, access, "after-it")


@requirement("AUT-25", access=every_session_holder, alone=True)
def test_a_cookie_from_before_the_login_opens_nothing(si: System, access: Access) -> None:
    """A browser that already has a cookie logs in; whoever gave it that cookie then presents it."""
    shown = access.object.canaries
    _carried(si, access)
    si.log_in(access, session="fixed", planting=True)
    si.control(si.perform(access, token="fixed"), sees=shown)

    attempt = si.perform(access, token="fixed", credential=Credential.COOKIE_FROM_BEFORE_LOGIN)

    opened = attempt.mentions(shown)
    assert not opened, Text(
        fr=f"le témoin que le navigateur avait avant la connexion ouvre l'objet (statut "
        f"{attempt.status}) ; attendu : un nouvel identifiant de session à la connexion",
        en=f"the cookie that the browser had before the login opens the object (status "
        f"{attempt.status}); expected a new session identifier at the login",
    )
    settled(attempt, Refusal.CREDENTIAL, Refusal.OBJECT)
    si.control(si.perform(access, token="fixed"), sees=shown)


@requirement("AUT-26", access=every_session_holder, alone=True)
def test_the_session_cookie_is_kept_from_others(si: System, access: Access) -> None:
    """The attributes of each cookie that carries the session, found by removing each in turn."""
    cookies = _carried(si, access).cookies
    elsewhere = _session_of(access).cross_site

    open_ = _named(cookie for cookie in cookies if not cookie.secure)
    assert not open_, Text(
        fr=f"le témoin de la session n'a pas l'attribut « Secure » ({open_})",
        en=f"the session's cookie lacks the attribute “Secure” ({open_})",
    )
    shown = _named(cookie for cookie in cookies if not cookie.http_only)
    assert not shown, Text(
        fr=f"le témoin de la session n'a pas l'attribut « HttpOnly » ({shown})",
        en=f"the session's cookie lacks the attribute “HttpOnly” ({shown})",
    )
    strays = _named(
        cookie
        for cookie in cookies
        if not cookie.stays_home and not (elsewhere and cookie.same_site == "none")
    )
    assert not strays, Text(
        fr=f"le témoin de la session n'est ni « SameSite=Lax » ni « SameSite=Strict » ({strays})",
        en=f"the session's cookie is neither “SameSite=Lax” nor “SameSite=Strict” ({strays})",
    )


@requirement("API-15", forgeable=every_forgeable_writing, alone=True)
def test_another_site_changes_nothing(si: System, forgeable: ForgeableWriting) -> None:
    """The permitted change, then the same as another site's page has the browser send it."""
    write, reading = forgeable.writing.write, forgeable.writing.reading
    cookies = _carried(si, forgeable.marked).cookies
    permitted = si.perform(write)
    si.control(si.perform(reading), sees=[permitted.unique])

    for variant in forgeable.forged:
        attempt = si.perform(write, variant=variant)
        after = si.perform(reading)

        changed = after.mentions([attempt.unique])
        if changed and _kept_home(cookies, write):
            _note_of_same_site(si)
            changed = False
        assert not changed, Text(
            fr=f"la page d'un autre site fait modifier l'objet par le navigateur de l'usager (statut "
            f"{attempt.status}) ; attendu : aucun effet sans jeton du formulaire",
            en=f"another site's page has the user's browser change the object (status "
            f"{attempt.status}); expected no effect without the form's token",
        )
        _answered(si, attempt, after)
    again = si.perform(write)
    si.control(si.perform(reading), sees=[again.unique])


def _kept_home(cookies: tuple[SessionCookie, ...], write: Access) -> bool:
    """Whether no browser sends the session with another site's form."""
    if write.operation.method == "GET":
        return any(cookie.same_site == "strict" for cookie in cookies)
    return any(cookie.stays_home for cookie in cookies)


def _note_of_same_site(si: System) -> None:
    si.note(
        Text(
            fr="seul l'attribut SameSite du témoin empêche un autre site de faire modifier l'objet : "
            "un jeton dans le formulaire tiendrait aussi contre un sous-domaine",
            en="only the cookie's SameSite attribute keeps another site from changing the object: a "
            "token in the form would hold against a subdomain too",
        )
    )


def _answered(si: System, attempt: Answer, after: Answer) -> None:
    """Hold that a forged change was answered, and that the object can still be read."""
    si.control(after)
    if attempt.status is None or attempt.server_error:
        settled(attempt, Refusal.CREDENTIAL)


def _carried(si: System, access: Access) -> SessionFact:
    """What carries a session, when it is known."""
    found = si.session(access)
    if found.failure is not None:
        raise CannotTell(
            cause_of(found.failure),
            Text(
                fr=f"la page de connexion n'a pas répondu ({found.detail or found.failure})",
                en=f"the login page didn't answer ({found.detail or found.failure})",
            ),
        )
    si.hold(
        found.opened,
        Text(
            fr=f"la connexion de « {access.actor_id} » n'ouvre pas sa propre lecture",
            en=f"the login of “{access.actor_id}” doesn't open their own reading",
        ),
    )
    si.hold(
        bool(found.cookies),
        Text(
            fr="aucun témoin ne porte la session : la lecture s'ouvre sans chacun d'eux",
            en="no cookie carries the session: the reading opens without any of them",
        ),
        Cause.PRECONDITION,
    )
    return found


def _logged_in(si: System, access: Access, session: str) -> None:
    """Log in anew, and hold that the session opens its owner's reading."""
    si.log_in(access, session=session)
    si.control(si.perform(access, token=session), sees=access.object.canaries)


def _session_of(access: Access) -> SessionAuthentication:
    declared = access.actor.authentication
    if not isinstance(declared, SessionAuthentication):
        raise TypeError(f"{access.actor_id} has no session")
    return declared


def _named(cookies: Iterable[SessionCookie]) -> str:
    return ", ".join(cookie.name for cookie in cookies)
