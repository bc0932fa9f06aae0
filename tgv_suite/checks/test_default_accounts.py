"""Defaults: nothing that a product is delivered with opens the system."""

from __future__ import annotations

import base64

from tgv_suite.check import (
    Access,
    Answer,
    AskPerson,
    Cause,
    Credential,
    Defaults,
    Refusal,
    System,
    Text,
    Variant,
    every_default_account,
    requirement,
    settled,
)
from tgv_suite.model.default_accounts import DefaultAccount

_NOBODY = DefaultAccount(username="zzt-personne", password="zzt-inconnu")


@requirement("DEF-02", defaults=every_default_account)
def test_a_default_account_opens_nothing(si: System, defaults: Defaults) -> None:
    """A permitted reading, then by an account that nobody has, then by each default account, once."""
    access, product = defaults.access, defaults.product
    shown = access.object.canaries
    si.control(si.perform(access), sees=shown)
    nobody = _as_account(si, access, "account-of-nobody", _NOBODY)
    si.hold(
        not nobody.mentions(shown),
        Text(
            fr="la lecture montre l'objet à un compte qui n'existe pas",
            en="the reading shows the object to an account that doesn't exist",
        ),
        Cause.PRECONDITION,
    )
    settled(nobody, Refusal.CREDENTIAL, Refusal.OBJECT)

    answers = [
        (one.username, _as_account(si, access, f"default-account-{one.username}", one))
        for one in defaults.accounts
    ]

    si.control(si.perform(access), sees=shown)
    opened = ", ".join(username for username, answer in answers if answer.mentions(shown))
    assert not opened, Text(
        fr=f"un compte que « {product} » reçoit à la livraison, au mot de passe public, lit l'objet "
        f"({opened}) ; attendu : 401",
        en=f"an account that “{product}” is delivered with, whose password is public, reads the object "
        f"({opened}); expected 401",
    )
    for username, answer in answers:
        _refused_as_nobody(nobody, answer, username)


def _as_account(si: System, access: Access, name: str, account: DefaultAccount) -> Answer:
    """The same reading by another account, with HTTP Basic (RFC 7617)."""
    pair = base64.b64encode(f"{account.username}:{account.password}".encode()).decode("ascii")
    basic = Variant(name=name, headers=(("Authorization", f"Basic {pair}"),))
    return si.perform(access, credential=Credential.OTHER_ACCOUNT, variant=basic)


def _refused_as_nobody(nobody: Answer, answer: Answer, username: str) -> None:
    """Hold that a default account was refused just as an account that nobody has."""
    if answer.served or (answer.status == 403 != nobody.status):
        raise AskPerson(
            Text(
                fr=f"le compte par défaut « {username} » est répondu autrement ({answer.status}) "
                f"qu'un compte qui n'existe pas ({nobody.status}), sans montrer l'objet : une personne "
                "doit dire s'il existe",
                en=f"the default account “{username}” is answered otherwise ({answer.status}) than an "
                f"account that doesn't exist ({nobody.status}), without showing the object: a person "
                "has to say whether it exists",
            )
        )
    settled(answer, Refusal.CREDENTIAL, Refusal.OBJECT)
