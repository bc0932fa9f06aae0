"""Logins: nobody finds a password by trying, nor learns by it who has an account."""

from __future__ import annotations

from datetime import datetime

from tgv_suite.check import (
    Access,
    Answer,
    AskPerson,
    CannotTell,
    Cause,
    Environment,
    Failure,
    Given,
    LoginBurst,
    PasswordLimits,
    PasswordPath,
    Refusal,
    System,
    Text,
    Told,
    Variant,
    cause_of,
    every_password_path,
    failure_of,
    gap_s,
    requirement,
    settled,
    told_apart,
    unanswered,
)

_PAIRS = 3
_CLAIMED = "203.0.113.77"
_ELSEWHERE = Variant(
    name="claimed-address",
    headers=(
        ("X-Forwarded-For", _CLAIMED),
        ("Forwarded", f"for={_CLAIMED}"),
        ("X-Real-IP", _CLAIMED),
        ("X-Client-IP", _CLAIMED),
        ("True-Client-IP", _CLAIMED),
    ),
)
_MARGIN = 1.1
_SLOW_S, _SLOW_FACTOR = 1.0, 5


@requirement("AUT-21", path=every_password_path, alone=True)
def test_an_account_is_locked_after_a_few_failures(si: System, path: PasswordPath) -> None:
    """The right password, then as many wrong ones as are declared, the right one, and after the lock."""
    access, limits = _lockable(si, path)
    shown = access.object.canaries
    attempts = min(limits.attempts, si.parameters.login_attempts_cap)
    _let_in(si, access, "before")

    failed_at = _fail(si, access, attempts)
    si.log_in(access, session="beyond")
    beyond = si.perform(access, token="beyond")

    opened = beyond.mentions(shown)
    if opened:
        _hold_that_it_came_in_time(beyond, failed_at, limits.unlock_s)
    assert not opened, Text(
        fr=f"après {attempts} mots de passe erronés, le bon ouvre encore le compte ; attendu : un "
        "compte verrouillé",
        en=f"after {attempts} wrong passwords, the right one still opens the account; expected a "
        "locked account",
    )
    settled(beyond, Refusal.CREDENTIAL, Refusal.RATE)
    _hold_of_the_account_alone(si, path)
    after = _after(si, access, limits.unlock_s)
    if after is None:
        _tell_that_the_end_was_not_awaited(si, path)
        return
    unlocked = after.mentions(shown)
    if not unlocked:
        _hold_of_the_account_alone(si, path)
    assert unlocked, Text(
        fr=f"le compte reste verrouillé au-delà des {limits.unlock_s:g} s annoncées (statut "
        f"{after.status}) : quiconque connaît un nom peut en priver son titulaire",
        en=f"the account stays locked beyond the declared {limits.unlock_s:g} s (status "
        f"{after.status}): whoever knows a name can keep its holder out",
    )


@requirement("AUT-22", path=every_password_path, alone=True)
def test_a_failed_login_tells_nobody_who_has_an_account(si: System, path: PasswordPath) -> None:
    """Wrong passwords of a name that exists and of names that nobody has, three pairs by turns."""
    access = path.guessed
    if access is None:
        raise _not_given_up(path)
    _let_in(si, access, "before")

    known, unknown = [], []
    for _ in range(_PAIRS):
        known.append(si.log_in(access, session="known", given=Given.WRONG_PASSWORD))
        unknown.append(si.log_in(access, session="unknown", given=Given.UNKNOWN_NAME))

    for answer in (*known, *unknown):
        if answer.failure is not None or answer.server_error:
            raise unanswered(answer, Text(fr="la connexion ratée", en="the failed login"))
    names = {answer.unique for answer in (*known, *unknown)}
    apart, unsure = told_apart(
        [failure_of(answer, names) for answer in known],
        [failure_of(answer, names) for answer in unknown],
    )
    assert not apart, Text(
        fr=f"une connexion ratée dit si le nom existe ({_places(apart)}) ; attendu : la même réponse",
        en=f"a failed login tells whether the name exists ({', '.join(apart)}); expected the same "
        "answer",
    )
    _let_in(si, access, "after")
    gap = gap_s([one.elapsed_s for one in known], [one.elapsed_s for one in unknown])
    if unsure or gap:
        raise AskPerson(
            Text(
                fr=f"les connexions ratées d'un nom qui existe et d'un nom inconnu diffèrent "
                f"({_places(unsure) or f'de {gap:g} s'}) d'une façon qui peut tenir au hasard : une "
                "personne doit dire si cela révèle qui a un compte",
                en=f"failed logins of a name that exists and of one that doesn't differ "
                f"({', '.join(unsure) or f'by {gap:g} s'}) in a way that may be chance: a person has "
                "to say whether that tells who has an account",
            )
        )


@requirement("AUT-32", path=every_password_path, alone=True)
def test_a_claimed_address_opens_no_locked_account(si: System, path: PasswordPath) -> None:
    """An account is locked, then the right password is sent as from another address."""
    access, limits = _lockable(si, path)
    _let_in(si, access, "before")
    _fail(si, access, min(limits.attempts, si.parameters.login_attempts_cap))
    si.log_in(access, session="locked")
    _hold_shut(si, access, "locked")

    si.log_in(access, session="claiming", variant=_ELSEWHERE)
    answer = si.perform(access, token="claiming", variant=_ELSEWHERE)

    opened = answer.mentions(access.object.canaries)
    if opened:
        _hold_that_it_is_still_shut(si, access)
    after = _after(si, access, limits.unlock_s)
    assert not opened, Text(
        fr="le compte verrouillé s'ouvre à qui prétend venir d'une autre adresse (X-Forwarded-For, "
        "Forwarded, X-Real-IP) ; attendu : un compte encore verrouillé",
        en="the locked account opens to whoever claims another address (X-Forwarded-For, Forwarded, "
        "X-Real-IP); expected an account that is still locked",
    )
    settled(answer, Refusal.CREDENTIAL, Refusal.RATE)
    _hold_open(si, access, after)


@requirement("AUT-32", path=every_password_path, alone=True)
def test_a_claimed_address_lifts_no_throttling(si: System, path: PasswordPath) -> None:
    """Logins are throttled, then the right password is sent as from another address."""
    access, limits = _lockable(si, path)
    _let_in(si, access, "before")
    si.login_burst(access, _attempts(si, limits))
    si.log_in(access, session="throttled")
    _hold_shut(si, access, "throttled")

    si.log_in(access, session="claiming", variant=_ELSEWHERE)
    answer = si.perform(access, token="claiming", variant=_ELSEWHERE)

    opened = answer.mentions(access.object.canaries)
    if opened:
        _hold_that_it_is_still_shut(si, access)
    after = _after(si, access, limits.source_recovers_s)
    assert not opened, Text(
        fr="les connexions, limitées pour l'adresse d'où elles viennent, reprennent dès qu'elles en "
        "prétendent une autre (X-Forwarded-For, Forwarded, X-Real-IP)",
        en="logins, throttled for the address that they come from, go on as soon as they claim another "
        "(X-Forwarded-For, Forwarded, X-Real-IP)",
    )
    settled(answer, Refusal.CREDENTIAL, Refusal.RATE)
    _hold_open(si, access, after)


@requirement("LIM-07", path=every_password_path, alone=True)
def test_failed_logins_in_a_burst_are_throttled(si: System, path: PasswordPath) -> None:
    """A good login, a burst of failures of names that nobody has, and the good login again."""
    access, limits = _lockable(si, path)
    attempts = _attempts(si, limits)
    _let_in(si, access, "before")

    burst = si.login_burst(access, attempts)
    si.log_in(access, session="beyond")
    beyond = si.perform(access, token="beyond")

    if burst.failure is not None or (burst.sent < attempts and not burst.limited):
        raise _interrupted(burst, attempts)
    let_in = beyond.mentions(access.object.canaries) and not burst.limited
    if let_in:
        _hold_that_it_came_in_time(beyond, burst.ended_at, limits.source_recovers_s)
    _ask_about_delays(burst, let_in=let_in)
    assert not let_in, Text(
        fr=f"{burst.sent} connexions ratées de suite depuis une adresse n'en empêchent pas une de plus ; "
        f"attendu : une limite en {attempts} essais au plus",
        en=f"{burst.sent} failed logins in a row from one address don't keep one more from getting in; "
        f"expected a limit within {attempts} attempts",
    )
    if not burst.limited:
        settled(beyond, Refusal.CREDENTIAL, Refusal.RATE)
    _hold_open(si, access, _after(si, access, limits.source_recovers_s))


def _lockable(si: System, path: PasswordPath) -> tuple[Access, PasswordLimits]:
    """The account that may be locked, and its limits.

    Raises
    ------
    CannotTell
        When none may, or the system is the one that people use.
    """
    if si.target.system.environment is Environment.PRODUCTION:
        raise CannotTell(
            Cause.PRECONDITION,
            Text(
                fr="aucun compte n'est verrouillé en production",
                en="no account is locked in production",
            ),
        )
    if path.lockable is None or path.limits is None:
        raise _not_given_up(path)
    return path.lockable, path.limits


def _not_given_up(path: PasswordPath) -> CannotTell:
    return CannotTell(
        Cause.PRECONDITION,
        Text(
            fr=f"aucun compte sacrifiable n'est déclaré avec ses limites (limits) pour se connecter par "
            f"« {path.path} »",
            en=f"no sacrificial account is declared with its limits (limits) to log in by "
            f"“{path.path}”",
        ),
    )


def _attempts(si: System, limits: PasswordLimits) -> int:
    """How many failures are tried: as many as are declared, and no more than the profile permits."""
    cap = si.parameters.login_burst_cap
    return min(limits.source_attempts or cap, cap)


def _let_in(si: System, access: Access, session: str) -> None:
    """Hold that the right password opens the account; a lock met earlier concludes nothing."""
    si.log_in(access, session=session)
    si.control(si.perform(access, token=session), sees=access.object.canaries)


def _fail(si: System, access: Access, attempts: int) -> str:
    """Fail so many times: when the last was sent."""
    sent_at = ""
    for _ in range(attempts):
        answer = si.log_in(access, session="wrong", given=Given.WRONG_PASSWORD)
        if answer.failure is not None:
            raise unanswered(answer, Text(fr="la connexion ratée", en="the failed login"))
        sent_at = answer.sent_at
    return sent_at


def _hold_that_it_came_in_time(answer: Answer, since: str, ends_s: float | None) -> None:
    """Hold that a limit hadn't ended by itself when somebody got in."""
    gap = datetime.fromisoformat(answer.sent_at) - datetime.fromisoformat(since)
    if ends_s is not None and gap.total_seconds() + answer.elapsed_s >= ends_s:
        raise CannotTell(
            Cause.TIMEOUT,
            Text(
                fr=f"le bon mot de passe est arrivé après les {ends_s:g} s que dure la limite",
                en=f"the right password came after the {ends_s:g} s that the limit lasts",
            ),
        )


def _hold_that_it_is_still_shut(si: System, access: Access) -> None:
    """Hold that a limit still holds for whoever claims nothing: it hadn't ended by itself."""
    si.log_in(access, session="again")
    again = si.perform(access, token="again")
    if again.mentions(access.object.canaries):
        raise AskPerson(
            Text(
                fr="la limite ne tient plus, pour personne, après une connexion qui prétend venir "
                "d'ailleurs : une personne doit dire si cette connexion l'a levée, ou si elle avait fini",
                en="the limit doesn't hold any more, for anybody, after a login that claims another "
                "address: a person has to say whether that login lifted it, or it had ended",
            )
        )


def _hold_shut(si: System, access: Access, session: str) -> None:
    """Hold that a limit was reached, so that there is something to get around."""
    answer = si.perform(access, token=session)
    si.hold(
        not answer.mentions(access.object.canaries),
        Text(
            fr="aucune limite n'a été vue : il n'y a rien à contourner",
            en="no limit was seen: there is nothing to get around",
        ),
        Cause.NO_OBSERVATION,
    )
    settled(answer, Refusal.CREDENTIAL, Refusal.RATE)


def _hold_of_the_account_alone(si: System, path: PasswordPath) -> None:
    """Hold that another account still logs in from here: the account was locked, not the address."""
    if path.bystander is None:
        si.note(
            Text(
                fr="aucun autre compte ne dit si c'est le compte ou l'adresse qui est verrouillé",
                en="no other account tells whether the account or the address is locked",
            )
        )
        return
    si.log_in(path.bystander, session="bystander")
    bystander = si.perform(path.bystander, token="bystander")
    if not bystander.mentions(path.bystander.object.canaries):
        settled(bystander, Refusal.CREDENTIAL, Refusal.RATE)
        raise AskPerson(
            Text(
                fr="après ces échecs, aucun compte n'ouvre plus d'ici : l'adresse est bloquée, et une "
                "personne doit dire si le compte le serait aussi, d'adresses qui changent",
                en="after these failures, no account opens from here any more: the address is blocked, "
                "and a person has to say whether the account would be too, from addresses that change",
            )
        )


_NOT_AWAITED = Text(
    fr="la fin de la limite n'a pas été attendue : elle n'est pas déclarée (unlock_s, "
    "source_recovers_s), ou vient après ce que l'essai attend",
    en="the end of the limit wasn't awaited: it isn't declared (unlock_s, source_recovers_s), or comes "
    "after what the run waits for",
)


def _tell_that_the_end_was_not_awaited(si: System, path: PasswordPath) -> None:
    """Note it, where another account has shown meanwhile that the system still lets people in."""
    if path.bystander is None:
        raise CannotTell(Cause.NO_OBSERVATION, _NOT_AWAITED)
    si.note(_NOT_AWAITED)


def _after(si: System, access: Access, ends_s: float | None) -> Answer | None:
    """What the right password opens once a limit has ended; None where that isn't awaited."""
    if ends_s is None or ends_s * _MARGIN > si.parameters.expiry_wait_s:
        return None
    si.log_in(access, session="after", after_s=ends_s * _MARGIN)
    return si.perform(access, token="after")


def _hold_open(si: System, access: Access, after: Answer | None) -> None:
    """Hold that the account opens once the limit has ended: it was the limit, and no outage."""
    if after is None:
        raise CannotTell(Cause.NO_OBSERVATION, _NOT_AWAITED)
    si.control(after, sees=access.object.canaries)


def _ask_about_delays(burst: LoginBurst, *, let_in: bool) -> None:
    """Leave to a person answers that come later and later, which slow an attack down too."""
    if let_in and burst.last_s >= max(_SLOW_S, _SLOW_FACTOR * burst.first_s):
        raise AskPerson(
            Text(
                fr=f"les réponses ont ralenti de {burst.first_s:g} s à {burst.last_s:g} s : une personne "
                "doit dire si ce délai suffit à limiter les essais",
                en=f"the answers slowed down from {burst.first_s:g} s to {burst.last_s:g} s: a person "
                "has to say whether that delay limits the attempts enough",
            )
        )


def _interrupted(burst: LoginBurst, attempts: int) -> CannotTell:
    return CannotTell(
        cause_of(burst.failure or Failure.MALFORMED),
        Text(
            fr=f"seules {burst.sent} des {attempts} connexions ont abouti",
            en=f"only {burst.sent} of the {attempts} logins were answered",
        ),
    )


_PLACES = {
    Told.STATUS: "le statut",
    Told.ADDRESS: "l'adresse de la page",
    Told.COOKIES: "les témoins",
    Told.PAGE: "le texte de la page",
}


def _places(told: tuple[Told, ...]) -> str:
    return ", ".join(_PLACES[place] for place in told)
