"""Outbound calls: a system calls only where it is permitted to, whatever address it is given."""

from __future__ import annotations

from tgv_suite.check import (
    NOT_PERMITTED,
    NOT_SUBSCRIBABLE,
    Access,
    CannotTell,
    Cause,
    Creating,
    GivenAddress,
    System,
    Text,
    cause_of,
    every_address_taking_operation,
    every_subscription,
    requirement,
)
from tgv_suite.model.facts import OutboundFact

_OVERLOADED = (408, 429)


@requirement("ENT-06", access=every_address_taking_operation, alone=True)
def test_only_permitted_addresses_are_called(si: System, access: Access) -> None:
    """A permitted address of ours, then others of ours that lead to a host that isn't permitted."""
    _called(si, si.outbound(access, GivenAddress.PERMITTED))

    for given in NOT_PERMITTED:
        seen = si.outbound(access, given)

        assert not seen.strayed, Text(
            fr=f"le SI a appelé un hôte qui ne lui est pas permis ({given.value}, statut {seen.status}) "
            "; attendu : une adresse refusée, ou jamais appelée",
            en=f"the system called a host that isn't permitted to it ({given.value}, status "
            f"{seen.status}); expected an address refused, or never called",
        )
        _answered(seen)
    _called(si, si.outbound(access, GivenAddress.PERMITTED))


@requirement("WHK-05", subscribing=every_subscription, alone=True)
def test_only_permitted_addresses_are_notified(si: System, subscribing: Creating) -> None:
    """A subscription for a permitted address, then for others of ours; each is removed again."""
    _called(si, si.subscribe(subscribing, GivenAddress.PERMITTED))

    for given in NOT_SUBSCRIBABLE:
        seen = si.subscribe(subscribing, given)

        assert not seen.strayed, Text(
            fr=f"le SI a notifié une adresse qui ne lui est pas permise ({given.value}, statut "
            f"{seen.status}) ; attendu : un abonnement refusé, ou jamais notifié",
            en=f"the system notified an address that isn't permitted to it ({given.value}, status "
            f"{seen.status}); expected a subscription refused, or never notified",
        )
        _answered(seen)
    _called(si, si.subscribe(subscribing, GivenAddress.PERMITTED))


def _called(si: System, seen: OutboundFact) -> None:
    """Hold that the permitted address was called, and that the listener heard it."""
    si.hold(
        seen.listening,
        Text(
            fr="le banc d'essai n'a pas deux adresses que le SI puisse joindre (manifeste : "
            "« callback », avec « foreign_host », et un certificat là où le SI exige https)",
            en="the harness doesn't have two addresses that the system can reach (manifest: "
            "“callback”, with “foreign_host”, and a certificate where the system asks for https)",
        ),
        Cause.PRECONDITION,
    )
    _answered(seen)
    si.hold(
        seen.called,
        Text(
            fr=f"l'adresse permise n'a pas été appelée (statut {seen.status})",
            en=f"the permitted address wasn't called (status {seen.status})",
        ),
    )


def _answered(seen: OutboundFact) -> None:
    """Hold that the system took the address or refused it, and that the listener hears."""
    said = seen.status or 0
    if not (seen.alive and 200 <= said < 500 and said not in _OVERLOADED):
        cause = cause_of(seen.failure)
        raise CannotTell(
            cause,
            Text(
                fr=f"l'adresse donnée n'a pas reçu de réponse utile ({seen.failure or seen.status})",
                en=f"the address given got no useful answer ({seen.failure or seen.status})",
            ),
        )
