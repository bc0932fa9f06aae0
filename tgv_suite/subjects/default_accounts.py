"""Subjects of the checks of the accounts that products are delivered with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tgv_suite.model.default_accounts import DEFAULT_ACCOUNTS, DefaultAccount
from tgv_suite.model.target import BasicAuthentication, Target
from tgv_suite.subjects.declared import READS, ordinary, permitted_accesses
from tgv_suite.subjects.subject import Access, Defaults, Subject, Undeclared, or_undeclared
from tgv_suite.text import Text


def every_default_account(target: Target) -> Sequence[Subject] | Undeclared:
    """Each declared product's default accounts, where each service signs an account in by password."""
    if not target.products:
        return Undeclared(
            missing=Text(
                fr="les produits dont le SI est fait (products) ne sont pas déclarés",
                en="the products that the system is made of (products) aren't declared",
            )
        )
    if not any(DEFAULT_ACCOUNTS[product] for product in target.products):
        return Undeclared(
            missing=Text(
                fr="selon le manifeste, le SI n'est fait que de produits livrés sans compte par défaut",
                en="by the manifest, the system is made only of products delivered without a default "
                "account",
            ),
            offered=False,
        )
    return or_undeclared(
        [each for access in _readings_by_password(target) for each in _to_try(target, access)],
        fr="aucune lecture n'est déclarée par un compte à mot de passe (HTTP Basic), sur un objet "
        "marqué, où essayer un compte par défaut qui ne soit pas un de ceux de l'essai",
        en="no reading is declared by an account with a password (HTTP Basic), of a marked object, "
        "where a default account that isn't one of the run's could be tried",
    )


def _readings_by_password(target: Target) -> list[Access]:
    """The first such reading of each service."""
    first: dict[str, Access] = {}
    for access in ordinary(permitted_accesses(target, READS)):
        by_password = isinstance(access.actor.authentication, BasicAuthentication)
        if by_password and access.object.canaries:
            first.setdefault(access.operation.service, access)
    return list(first.values())


def _to_try(target: Target, access: Access) -> Iterator[Defaults]:
    """Each product with the accounts that neither the run nor a product before it has."""
    ours = {
        actor.authentication.username.casefold()
        for actor in target.actors.values()
        if isinstance(actor.authentication, BasicAuthentication)
    }
    tried: set[DefaultAccount] = set()
    for product in dict.fromkeys(target.products):
        accounts = tuple(
            account
            for account in DEFAULT_ACCOUNTS[product]
            if account.username.casefold() not in ours and account not in tried
        )
        tried.update(accounts)
        if accounts:
            yield Defaults(product=product, access=access, accounts=accounts)
