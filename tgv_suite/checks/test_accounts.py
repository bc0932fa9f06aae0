"""Accounts: a password is set by its owner alone, who proves it, and is worth setting."""

from __future__ import annotations

from tgv_suite.check import (
    CannotTell,
    Cause,
    Change,
    Password,
    PasswordAttempt,
    Reset,
    ResetFact,
    Shown,
    SignInFact,
    System,
    Text,
    cause_of,
    differences,
    every_password_change,
    every_password_reset,
    every_proven_password_change,
    requirement,
)

_PAIRS = 3


@requirement("AUT-34", reset=every_password_reset, alone=True)
def test_a_password_is_reset_by_the_mail_alone_and_once(si: System, reset: Reset) -> None:
    """A reset that is asked for, then proven by the code of the mail, then tried again with it."""
    account, declared = reset.reset.account, reset.reset
    own, wrong = si.sign_in(account, Password.OWN), si.sign_in(account, Password.WRONG)
    asked = si.ask_reset(declared)
    meanwhile = si.sign_in(account, Password.OWN)
    si.complete_reset(declared, Password.FIRST)
    proven, old = si.sign_in(account, Password.FIRST), si.sign_in(account, Password.OWN)
    si.complete_reset(declared, Password.SECOND)
    again, kept = si.sign_in(account, Password.SECOND), si.sign_in(account, Password.FIRST)
    back = _put_back_by_mail(si, reset)

    _told_apart(si, own, wrong)
    assert not asked.told, Text(
        fr="la réponse à la demande de réinitialisation montre le code que le courriel apporte : "
        "quiconque la demande prend le compte",
        en="the answer to the request for a reset shows the code that the mail brings: whoever asks "
        "for it takes the account",
    )
    _answered(asked)
    _mailed(si, asked)
    _opens(si, proven)
    assert not meanwhile.refused, Text(
        fr="l'ancien mot de passe n'ouvre plus dès qu'une réinitialisation est demandée : quiconque "
        "la demande ferme le compte",
        en="the old password no longer opens as soon as a reset is asked for: whoever asks for it "
        "shuts the account",
    )
    _opens(si, meanwhile)
    _stays_out(si, old)
    assert not again.opened, Text(
        fr="le code du courriel a servi deux fois à poser un mot de passe",
        en="the code of the mail served twice to set a password",
    )
    _stays_out(si, again)
    _opens(si, kept)
    _still_open(si, back)


@requirement("AUT-35", reset=every_password_reset, alone=True)
def test_a_reset_does_not_tell_who_has_an_account(si: System, reset: Reset) -> None:
    """Resets asked for in the account's name, each between two in names that nobody has."""
    account = reset.reset.account
    own, wrong = si.sign_in(account, Password.OWN), si.sign_in(account, Password.WRONG)
    nobodies, knowns = [si.ask_reset(reset.reset, known=False)], []
    for _ in range(_PAIRS):
        knowns.append(si.ask_reset(reset.reset))
        nobodies.append(si.ask_reset(reset.reset, known=False))
    back = _put_back_by_mail(si, reset)

    _told_apart(si, own, wrong)
    for answer in (*nobodies, *knowns):
        _answered(answer)
    told = {(one.status, one.cookies) for one in knowns}
    nothing = {(one.status, one.cookies) for one in nobodies}
    assert told <= nothing, Text(
        fr=f"un compte qui existe est répondu autrement ({_shown(told)}) qu'un nom inconnu "
        f"({_shown(nothing)}) ; attendu : les mêmes statut et témoins",
        en=f"an account that exists is answered otherwise ({_shown(told)}) than an unknown name "
        f"({_shown(nothing)}); expected the same status and cookies",
    )
    places = [differences(one.body, [nobody.body for nobody in nobodies]) for one in knowns]
    differing = sorted({place or "(tout)" for found in places for place in found or ()})
    assert not differing, Text(
        fr=f"le texte de la réponse dit si le compte existe (endroits : {', '.join(differing[:5])})",
        en=f"the answer's text says whether the account exists (places: {', '.join(differing[:5])})",
    )
    si.hold(
        all(found is not None for found in places),
        Text(
            fr="les réponses varient d'elles-mêmes, et ne se comparent pas",
            en="the answers vary by themselves, and can't be compared",
        ),
        Cause.NO_OBSERVATION,
    )
    _still_open(si, back)


@requirement("AUT-36", change=every_proven_password_change, alone=True)
def test_a_password_is_changed_with_the_current_one_by_its_owner(
    si: System, change: Change
) -> None:
    """A change as it should be, then without the current password, with a wrong one, of another."""
    account, other = change.change.account, change.change.other
    own, wrong = si.sign_in(account, Password.OWN), si.sign_in(account, Password.WRONG)
    others = si.sign_in(other, Password.OWN)
    si.change_password(PasswordAttempt(account=account, password=Password.FIRST))
    changed, old = si.sign_in(account, Password.FIRST), si.sign_in(account, Password.OWN)
    si.change_password(PasswordAttempt(account=account, password=Password.SECOND, shown=Shown.NONE))
    bare = si.sign_in(account, Password.SECOND)
    si.change_password(PasswordAttempt(account=account, password=Password.THIRD, shown=Shown.WRONG))
    guessed, kept = si.sign_in(account, Password.THIRD), si.sign_in(account, Password.FIRST)
    si.change_password(PasswordAttempt(account=account, password=Password.FOURTH, other=other))
    taken, spared = si.sign_in(other, Password.FOURTH), si.sign_in(other, Password.OWN)
    si.sign_in(account, Password.FOURTH)  # some ignore the name, and change the caller's own
    backs = _put_back(si, account), _put_back(si, other)

    _told_apart(si, own, wrong)
    _opens(si, others)
    _opens(si, changed)
    _stays_out(si, old)
    assert not bare.opened, Text(
        fr="un mot de passe a été changé sans que l'actuel soit donné",
        en="a password was changed without the current one being given",
    )
    assert not guessed.opened, Text(
        fr="un mot de passe a été changé alors que l'actuel était faux",
        en="a password was changed although the current one was wrong",
    )
    assert not taken.opened, Text(
        fr="le mot de passe d'autrui a été changé par qui l'a seulement nommé",
        en="another's password was changed by somebody who merely named them",
    )
    for tried in (bare, guessed, taken):
        _stays_out(si, tried)
    for opened in (kept, spared):
        _opens(si, opened)
    _still_open(si, *backs)


@requirement("AUT-37", change=every_password_change, alone=True)
def test_a_weak_password_is_refused(si: System, change: Change) -> None:
    """A change to a strong password, then to one of three characters, then to a widespread one."""
    account = change.change.account
    own, wrong = si.sign_in(account, Password.OWN), si.sign_in(account, Password.WRONG)
    si.change_password(PasswordAttempt(account=account, password=Password.FIRST))
    strong = si.sign_in(account, Password.FIRST)
    si.change_password(PasswordAttempt(account=account, password=Password.SHORT))
    short = si.sign_in(account, Password.SHORT)
    si.change_password(PasswordAttempt(account=account, password=Password.COMMON))
    common = si.sign_in(account, Password.COMMON)
    si.change_password(PasswordAttempt(account=account, password=Password.SECOND))
    after = si.sign_in(account, Password.SECOND)
    back = _put_back(si, account)

    _told_apart(si, own, wrong)
    _opens(si, strong)
    assert not short.opened, Text(
        fr="un mot de passe de trois caractères a été accepté",
        en="a password of three characters was accepted",
    )
    assert not common.opened, Text(
        fr="un mot de passe qui est en tête de toutes les listes publiées a été accepté",
        en="a password that is at the top of every published list was accepted",
    )
    _stays_out(si, short)
    _stays_out(si, common)
    _opens(si, after)
    _still_open(si, back)


def _told_apart(si: System, own: SignInFact, wrong: SignInFact) -> None:
    """Hold that the account's password opens, and that a wrong one doesn't."""
    _opens(si, own)
    _stays_out(si, wrong)


def _opens(si: System, tried: SignInFact) -> None:
    """Hold that a password opened, whose account shows what only its holder sees."""
    si.hold(tried.opened, _of(tried, fr="n'a pas ouvert", en="didn't open"), _cause(tried))


def _stays_out(si: System, tried: SignInFact) -> None:
    """Hold that a password was turned down, and that the system didn't merely fail."""
    si.hold(tried.refused, _of(tried, fr="n'a pas été refusé", en="wasn't refused"), _cause(tried))


def _of(tried: SignInFact, *, fr: str, en: str) -> Text:
    said = tried.failure or tried.status
    return Text(
        fr=f"le mot de passe « {tried.password.value} » du compte « {tried.account} » {fr} ({said})",
        en=f"the password “{tried.password.value}” of the account “{tried.account}” {en} ({said})",
    )


def _cause(tried: SignInFact) -> Cause:
    return cause_of(tried.failure)


def _answered(asked: ResetFact) -> None:
    """Hold that a request for a reset was answered, and not put off."""
    if not asked.answered:
        said = asked.failure or asked.status
        raise CannotTell(
            cause_of(asked.failure),
            Text(
                fr=f"la demande de réinitialisation n'a pas reçu de réponse qui se juge ({said})",
                en=f"the request for a reset wasn't answered in a way to judge ({said})",
            ),
        )


def _mailed(si: System, asked: ResetFact) -> None:
    """Hold that the mail came, with its code."""
    si.hold(
        asked.listening,
        Text(
            fr="le banc d'essai n'a pas de boîte aux lettres où le SI puisse écrire (manifeste : "
            "accounts, mail, et l'adresse du compte)",
            en="the harness has no mailbox that the system can write to (manifest: accounts, mail, and "
            "the account's address)",
        ),
        Cause.PRECONDITION,
    )
    si.hold(
        asked.mailed,
        Text(
            fr="aucun courriel n'est venu dans le délai déclaré avec un code comme le dit le manifeste",
            en="no mail came within the declared delay with a code as the manifest says",
        ),
    )


def _put_back_by_mail(si: System, reset: Reset) -> SignInFact:
    """Reset the password to the manifest's, unless it opens: what signing in with it then says."""
    account = reset.reset.account
    own = si.sign_in(account, Password.OWN)
    if own.opened:
        return own
    si.ask_reset(reset.reset)
    si.complete_reset(reset.reset, Password.OWN)
    return _told_unless_back(si, account)


def _put_back(si: System, account: str) -> SignInFact:
    """Change the password to the manifest's, unless it opens: what signing in with it then says."""
    own = si.sign_in(account, Password.OWN)
    if own.opened:
        return own
    si.change_password(PasswordAttempt(account=account, password=Password.OWN))
    return _told_unless_back(si, account)


def _told_unless_back(si: System, account: str) -> SignInFact:
    """Sign in with the manifest's password, and tell the reader of an account that kept another."""
    back = si.sign_in(account, Password.OWN)
    if not back.opened:
        si.note(
            Text(
                fr=f"le mot de passe du manifeste n'a pu être rendu au compte « {account} » : posez-le "
                "de nouveau avant le prochain essai",
                en=f"the manifest's password couldn't be given back to the account “{account}”: set it "
                "again before the next run",
            )
        )
    return back


def _still_open(si: System, *backs: SignInFact) -> None:
    """Hold that each account opens in the end, by the manifest's password or the last that was set."""
    for back in backs:
        _opens(si, back if back.opened else si.sign_in(back.account, Password.HELD))


def _shown(seen: set[tuple[int | None, tuple[str, ...]]]) -> str:
    """Statuses and names of cookies, in words."""
    return ", ".join(sorted(" ".join(map(str, (status, *names))) for status, names in seen))
