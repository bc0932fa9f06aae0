"""Subjects of the checks of accounts that are given up to the tests."""

from __future__ import annotations

from collections.abc import Sequence

from tgv_suite.model.accounts import Accounts
from tgv_suite.model.target import Target
from tgv_suite.subjects.subject import Change, Reset, Subject, Undeclared
from tgv_suite.text import Text


def every_password_reset(target: Target) -> Sequence[Subject] | Undeclared:
    """How a forgotten password is reset, on an account that is given up for it."""
    accounts = target.accounts or Accounts()
    if not accounts.offers_reset:
        return _NO_RESET
    reset = accounts.reset
    if reset is None or not _seen_signing_in(target, accounts, reset.account):
        return Undeclared(
            missing=Text(
                fr="la réinitialisation d'un mot de passe n'est pas déclarée (accounts, reset), avec "
                "un compte à y sacrifier dont la lecture montre une marque, et le manifeste ne dit pas "
                "que le SI n'en offre pas (offers_reset: false)",
                en="the reset of a password isn't declared (accounts, reset), with an account to spend "
                "on it whose reading shows a mark, and the manifest doesn't say that the system offers "
                "none (offers_reset: false)",
            )
        )
    return [Reset(reset=reset)]


def every_password_change(target: Target) -> Sequence[Subject] | Undeclared:
    """How somebody changes their own password, on accounts that are given up for it."""
    accounts = target.accounts or Accounts()
    if not accounts.offers_change:
        return _NO_CHANGE
    change = accounts.change
    named = () if change is None else (change.account, change.other)
    if change is None or not all(_seen_signing_in(target, accounts, name) for name in named):
        return Undeclared(
            missing=Text(
                fr="le changement de son mot de passe n'est pas déclaré (accounts, change), avec deux "
                "comptes à y sacrifier dont la lecture montre une marque, et le manifeste ne dit pas "
                "que le SI n'en offre pas (offers_change: false)",
                en="the change of one's password isn't declared (accounts, change), with two accounts "
                "to spend on it whose reading shows a mark, and the manifest doesn't say that the "
                "system offers none (offers_change: false)",
            )
        )
    return [Change(change=change)]


def every_proven_password_change(target: Target) -> Sequence[Subject] | Undeclared:
    """The same, unless each request shows the current password anyway (HTTP Basic)."""
    accounts = target.accounts or Accounts()
    change = accounts.change
    if accounts.offers_change and change is not None and change.account in accounts.held:
        operation = target.operations[change.operation]
        asked = "{current_password}" in f"{operation.path} {operation.headers} {operation.body}"
        if accounts.held[change.account].sign_in is None and not asked:
            return _SHOWN_EACH_TIME
    return every_password_change(target)


def _seen_signing_in(target: Target, accounts: Accounts, name: str) -> bool:
    """Whether a sign-in to an account shows something that nothing else does."""
    account = accounts.held.get(name)
    return account is not None and bool(target.objects[account.object].canaries)


_NO_RESET = Undeclared(
    missing=Text(
        fr="selon le manifeste, le SI ne réinitialise pas de mot de passe oublié",
        en="by the manifest, the system resets no forgotten password",
    ),
    offered=False,
)
_NO_CHANGE = Undeclared(
    missing=Text(
        fr="selon le manifeste, personne ne change son mot de passe dans le SI",
        en="by the manifest, nobody changes their password in the system",
    ),
    offered=False,
)
_SHOWN_EACH_TIME = Undeclared(
    missing=Text(
        fr="selon le manifeste, chaque requête montre le mot de passe actuel (HTTP Basic), et le "
        "changement ne le demande pas de nouveau",
        en="by the manifest, each request shows the current password (HTTP Basic), and the change "
        "doesn't ask for it again",
    ),
    offered=False,
)
